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
# # 2026 et 2027
#
# `compare --years 2026:2027` en Python : entrées, allocataires et dépense de chaque année, avec ce
# qui est supposé au-delà de la loi connue. Deux petites années de peu de tirages, pour aller vite.

# %%
import pandas

from openfisca_cej.analysis import years
from openfisca_cej.population import assumptions, scenario
from openfisca_cej.reforms import reform

montant = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
reforme = reform({montant: {"2026-04-01": 600}})
central = scenario.read()
asked = years.Asked("France", 2_000, 6, 1_000, 1, assumptions.read("calibrated"), central)
annees = list(years.table(reforme, range(2026, 2028), asked))
print(central["titre"])

# %%
lignes = [
    [annee.year, annee.status, valeur.measure, valeur.baseline, valeur.reform]
    for annee in annees
    for valeur in annee.values
]
pandas.DataFrame(lignes, columns=["année", "statut", "mesure", "droit", "réforme"]).round()

# %% [markdown]
# Une autre trajectoire (entrées, durées, revalorisations) s'écrit dans un fichier de `--scenario` :
# voir {doc}`les années <../annees>`.
