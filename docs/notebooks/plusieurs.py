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
# # Plusieurs réformes, et leur interaction
#
# Deux réformes, seules puis ensemble, sur les mêmes jeunes : ce que coûte chacune, et ce que leur
# réunion coûte de plus ou de moins que leur somme.

# %%
import pandas

from openfisca_cej import report
from openfisca_cej.analysis.several import compare_several
from openfisca_cej.analysis.sources import of_universe

entrants = of_universe("entrants", "France", "2022-2023", 2_000, seed=1)
noms = ["montants_rsa", "sans_condition_fiscale", "montants_rsa+sans_condition_fiscale"]
trouve = compare_several(noms, entrants, "2023-01:2023-12", draws=20)


# %% [markdown]
# En millions d'euros de 2023. Les tirages sont les mêmes pour les trois : l'intervalle d'une
# différence est plus étroit que ceux des coûts.


# %%
def ligne(cout):
    """A cost in millions, with its interval and the persons who gain and lose."""
    bas, haut = cout.interval
    millions = {"coût": cout.difference, "de": bas, "à": haut}
    return {nom: round(valeur / 1e6, 1) for nom, valeur in millions.items()}


pandas.DataFrame(map(ligne, trouve.costs), [f"{un.kind} : {un.title}" for un in trouve.costs])

# %% [markdown]
# Chaque comparaison est là, entière :

# %%
_ = report.plot(trouve.comparisons["montants_rsa"], "budget")
