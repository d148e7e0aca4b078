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
# # Le budget et ses intervalles
#
# Que coûterait en 2023 de ne plus regarder la situation fiscale du foyer ? 5 000 jeunes tirés et
# calés sur les entrants de France de 2022 **et** de 2023 : ce sont tous les jeunes en contrat en
# 2023. Les seuls entrants de 2023 laisseraient de côté les contrats signés l'année d'avant. Puis
# deux cents tirages de l'échantillon : l'intervalle dit ce que l'échantillon laisse d'incertain,
# rien de plus.

# %%
import pandas

from openfisca_cej.analysis.compare import compare
from openfisca_cej.analysis.sources import of_universe

entrants = of_universe("entrants", "France", "2022-2023", size=5_000, seed=1)
reforme, annee = "sans_condition_fiscale", "2023-01:2023-12"
comparaison = compare(reforme, entrants, annee, replicates=200)
print(comparaison.title)
print(comparaison.people.title)
print(round(comparaison.people.weight), "personnes représentées")

# %% [markdown]
# La dépense de l'année est publiée : la voici à côté de ce que le modèle en donne.


# %%
def nombre(valeur):
    """A whole number, with spaces between thousands."""
    return f"{valeur:,.0f}".replace(",", "\u202f")


for chiffre in comparaison.published:
    if not chiffre.month:
        publie, simule = nombre(chiffre.published[0]), nombre(chiffre.baseline)
        print(f"{chiffre.label} : {publie} publié, {simule} simulé ({chiffre.unit})")

# %% [markdown]
# L'année, avec l'intervalle de la **différence** (le droit et la réforme jouent sur les mêmes
# personnes : il est bien plus étroit que ceux des niveaux).


# %%
def ligne(mesure):
    """A measure, and the ends of the interval of its difference."""
    bas, haut = mesure.interval or (None, None)
    niveaux = {"droit": mesure.baseline, "réforme": mesure.reform}
    return niveaux | {"différence": mesure.difference, "de": bas, "à": haut}


mesures = comparaison.window.measures
noms = [mesure.label for mesure in mesures]
pandas.DataFrame(map(ligne, mesures), noms).map(nombre)

# %% [markdown]
# Mois par mois, en millions d'euros :

# %%
mois = comparaison.of_kind("mois")
totaux = [ligne(periode.measure("total")) for periode in mois]
(pandas.DataFrame(totaux, [periode.label for periode in mois]) / 1e6).round(1)

# %% [markdown]
# Ce que ces données ne peuvent pas dire, et que le rapport dit aussi :

# %%
for limite in comparaison.limits:
    print("-", limite)
