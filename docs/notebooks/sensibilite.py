# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Ce dont dépend le coût
#
# Les jeunes d'un univers sont tirés avec des hypothèses que rien de publié ne fixe. L'intervalle
# d'un coût les fait varier toutes ensemble ; voici lesquelles pèsent, une à une, sur celui d'un
# abattement de 400 €.

# %%
import pandas

from openfisca_cej import report
from openfisca_cej.analysis.compare import compare
from openfisca_cej.analysis.sources import of_universe
from openfisca_cej.population import assumptions

abattement = {"contrat_engagement_jeune.ressources.degressivite.abattement": {"2022-03-01": 400}}
entrants = of_universe("entrants", "France", "2022-2023", 5_000, seed=1)
comparaison = compare(abattement, entrants, "2023-01:2023-12", draws=30)
total = comparaison.main.measure("total")
for nom, bornes in (("hypothèses et échantillonnage", total.interval), ("seul", total.sampling)):
    print(nom, [round(borne / 1e6, 1) for borne in bornes], "M€")

# %% [markdown]
# Chaque hypothèse est essayée seule, à deux valeurs, les autres restant à la leur :

# %%
lignes = [[un.label, un.low, un.high, un.at_low, un.at_high] for un in comparaison.drivers]
pandas.DataFrame(lignes, columns=["hypothèse", "de", "à", "coût", "puis"]).round(-4)

# %%
_ = report.plot(comparaison, "sensibilite")
# %% [markdown]
# Les hypothèses se lisent, et se remplacent par celles que l'on connaît mieux (`--assumptions` de
# la commande). Celles-ci sont les calées, données telles quelles : le coût est le même.

# %%
hypotheses = assumptions.read("calibrated")
autres = of_universe("entrants", "France", "2022-2023", 5_000, 1, hypotheses)
print(compare(abattement, autres, "2023-01:2023-12", draws=0).main.measure("total").difference)
