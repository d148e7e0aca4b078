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
# # La courbe et ses marches
#
# Comment l'allocation baisse-t-elle quand le salaire du mois d'avant monte ? Les points où la pente
# change ne sont pas relevés sur une grille : ils sont résolus, au centime.

# %%
from IPython.display import HTML

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.explain import read
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.curve_picture import curve_svg
from openfisca_cej.situation_examples import exemple

systeme = CountryTaxBenefitSystem()
ines = read(exemple("jeune_seul"), systeme)
salaire = curve(ines, "2026-11")
HTML(curve_svg(salaire, "salaire"))

# %% [markdown]
# Les segments, en nombres : ce que retire un euro de plus.

# %%
for segment in salaire.segments:
    print(
        f"de {segment.start:8.2f} € à {segment.end:8.2f} € : "
        f"{segment.start_amount:6.2f} € → {segment.end_amount:6.2f} €, "
        f"{segment.rate:+.4f} € par euro"
    )

# %% [markdown]
# ## Une marche
#
# Le salaire n'en fait pas. L'indemnité de service civique, si : un seul centime suspend
# l'allocation du mois (R5131-24, III).

# %%
service_civique = curve(ines, "2026-11", variable="indemnites_volontariat", maximum=700)
for marche in service_civique.cliffs:
    print(f"à {marche.resource:.2f} € : {marche.before:.2f} € → {marche.after:.2f} €")
HTML(curve_svg(service_civique, "service-civique"))
