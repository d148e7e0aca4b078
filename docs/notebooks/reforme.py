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
# # Une réforme en dix lignes
#
# Et si le premier montant était de 600 € en 2026 ? Trois jeunes : l'une n'a rien, les deux autres
# ont un salaire, petit ou presque entier.

# %%
import numpy
import pandas

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.population import simulate
from openfisca_cej.reforms import reform

jeunes = {
    "individu_id": numpy.array(["Inès", "Karim", "Léa"]),
    "date_naissance": numpy.array(["2004-05-17", "2003-02-11", "2005-09-30"], "datetime64[D]"),
    "cej_date_signature": numpy.full(3, "2026-01-12", "datetime64[D]"),
    "cej_situation_fiscale": numpy.full(3, "non_imposable"),
    "salaire_net": numpy.array([0.0, 700.0, 1450.0]),
}
montant = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
reforme = reform({montant: {"2026-01-01..2026-12-31": 600}})

# %% [markdown]
# Le droit et la réforme, sur les mêmes personnes :

# %%
avant = simulate(jeunes, "2026-06")["cej_allocation"]
apres = simulate(jeunes, "2026-06", reform=reforme)["cej_allocation"]
resultat = {"droit": avant, "réforme": apres, "différence": apres - avant}
pandas.DataFrame(resultat, jeunes["individu_id"]).round(2)

# %% [markdown]
# Le coefficient de dégressivité se déduit du montant forfaitaire (D5131-23, 2°) : la réforme relève
# l'allocation de Karim moins que celle d'Inès, et celle de Léa presque pas. Le salaire à partir
# duquel plus rien n'est dû, 80 % du SMIC, reste le même.
#
# Ce que la réforme change dans le texte :

# %%
for disposition in reforme.provisions(CountryTaxBenefitSystem()):
    print(f"Du {disposition.start} au {disposition.end} :")
    print(f"    {disposition.before} € → {disposition.after} €")
    print(f"    {disposition.reference['title']}")
