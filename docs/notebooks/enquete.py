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
# # Sa propre enquête
#
# Un cadre pandas suffit : une ligne par jeune, des colonnes du modèle (`salaire_net` vaut pour tous
# les mois), un poids, et les colonnes que l'on veut pour couper les résultats. Ici, 600 jeunes
# inventés ; mettez le vôtre à la place.

# %%
import numpy
import pandas

from openfisca_cej import report
from openfisca_cej.analysis.compare import compare

hasard = numpy.random.default_rng(1)
jours = hasard.integers(0, 1_400, 600).astype("timedelta64[D]")
tranches = ["non_imposable", "premiere_tranche", "au_dela"]
salaires = numpy.where(hasard.random(600) < 0.4, hasard.integers(100, 1_500, 600), 0)
enquete = pandas.DataFrame(
    {
        "date_naissance": numpy.datetime64("2002-01-01") + jours,
        "cej_date_signature": numpy.datetime64("2026-01-12"),
        "cej_situation_fiscale": hasard.choice(tranches, 600, p=[0.7, 0.2, 0.1]),
        "salaire_net": salaires.astype(float),
        "poids": 25.0,
        "quartier": hasard.choice(["prioritaire", "autre"], 600, p=[0.2, 0.8]),
        "revenu_du_foyer": hasard.gamma(3, 8_000, 600).round(),
    }
)

# %% [markdown]
# L'abattement sur les salaires passe de 300 à 400 €. `revenu_du_foyer/4` coupe en quatre groupes de
# même poids ; `gain` range par taille de gain. Un fichier n'a que l'intervalle d'échantillonnage :
# ses hypothèses sont les vôtres.

# %%
abattement = {
    "title": "Abattement de 400 €",
    "parameters": {
        "contrat_engagement_jeune.ressources.degressivite.abattement": {"2026-01-01": 400}
    },
}
coupes = ["quartier", "revenu_du_foyer/4", "gain"]
comparaison = compare(abattement, enquete, "2026-02:2026-07", by=coupes)
comparaison

# %%
tailles = comparaison.breakdown("gain").groups
jeunes = {taille.label: taille.measure("personnes").baseline for taille in tailles}
pandas.Series(jeunes, name="jeunes").to_frame()

# %%
_ = report.plot(comparaison, "groupes-revenu_du_foyer/4")
# %% [markdown]
# Tous les résultats, une ligne par mesure, comme dans `resultats.csv` :

# %%
lignes = comparaison.to_frame()
lignes[lignes.table == "quartier"].head()
