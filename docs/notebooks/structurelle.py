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
# # Une réforme structurelle
#
# Ce qu'aucun paramètre ne dit s'écrit en Python, comme toute réforme d'OpenFisca : ici une variable
# nouvelle, une prime de 50 € par mois de contrat, et un montant unique de 500 € auquel elle
# s'ajoute.

# %%
from openfisca_core.periods import MONTH
from openfisca_core.reforms import Reform
from openfisca_core.variables import Variable

from openfisca_cej import report
from openfisca_cej.analysis.compare import compare
from openfisca_cej.analysis.sources import of_universe
from openfisca_cej.entities import Individu


class cej_prime_assiduite(Variable):
    value_type = float
    entity = Individu
    definition_period = MONTH
    label = "Prime d'assiduité"

    def formula_2026_01(individu, period):
        return 50.0 * individu("cej_en_cours", period)


class cej_montant_forfaitaire(Variable):
    def formula_2026_01(individu, period):
        return 500.0 + individu("cej_prime_assiduite", period)


class PrimeAssiduite(Reform):
    """Un montant unique de 500 €, et une prime de 50 € par mois de contrat."""

    name = "Prime d'assiduité"

    def apply(self):
        self.add_variable(cej_prime_assiduite)
        self.update_variable(cej_montant_forfaitaire)


# %% [markdown]
# Elle se compare comme les autres : aux jeunes présents en 2026, 2 000 tirés, avec vingt tirages
# des hypothèses.

# %%
presents = of_universe("presents", "France", 2026, 2_000, seed=1)
comparaison = compare(PrimeAssiduite, presents, "2026-01:2026-12", draws=20)
comparaison

# %% [markdown]
# Ce qui change est nommé, et ce qui ne peut être énuméré est dit :

# %%
for changement in comparaison.changes:
    print("-", changement.sentence)
print(comparaison.summary.rpartition(". ")[2])

# %%
_ = report.plot(comparaison, "groupes-tier")
