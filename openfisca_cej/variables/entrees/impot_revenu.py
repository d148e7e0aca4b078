"""Income tax of the foyer fiscal: inputs that OpenFisca-France has too."""

from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_cej.base import Montant
from openfisca_cej.entities import FoyerFiscal

CGI_197 = [
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000042907517",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000046860759",
]


class rni(Montant):
    value_type = float
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Revenu net imposable du foyer fiscal"
    documentation = "Celui de l'avis d'impôt sur les revenus de l'année."
    reference = CGI_197


class nbptr(Montant):
    value_type = float
    default_value = 1.0
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "parts"
    label = "Nombre de parts du foyer fiscal"
    documentation = "Celui de l'avis d'impôt ; zéro ou moins compte pour une part."
    reference = "https://www.service-public.fr/particuliers/vosdroits/F2705"


class maries_ou_pacses(Variable):
    value_type = bool
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    label = "Déclarants mariés ou pacsés, imposés ensemble"
    documentation = "Choisit le plafond de la décote (article 197, I, 4, a, du CGI)."
    reference = CGI_197


class reductions(Montant):
    value_type = float
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Réductions d'impôt"
    documentation = (
        "Retranchées de l'impôt après la décote, avant le seuil de recouvrement de 61 €."
    )
    reference = CGI_197


class credits_impot(Montant):
    value_type = float
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Crédits d'impôt"
    documentation = "Retranchés ensuite ; le seuil de recouvrement est alors de 12 €."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000006312659"
