"""Income tax of the foyer fiscal: inputs that OpenFisca-France has too."""

from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_cej.base import Montant, MontantDeLAvis
from openfisca_cej.declarations import question, seuls
from openfisca_cej.entities import FoyerFiscal
from openfisca_cej.texts import CGI_197, CGI_1657


@question(
    "Quel est le revenu imposable de votre foyer fiscal pour {annee} ?",
    aide=(
        "La ligne du revenu imposable de l'avis d'impôt du foyer fiscal, c'est-à-dire des "
        "personnes d'une même déclaration : souvent vos parents et vous."
    ),
    avec="cej_situation_fiscale_rattachement",
    bref="le revenu imposable du foyer",
)
@seuls(
    "n'a de revenu du foyer fiscal",
    "impot_revenu",
    "contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvelle_limite",
)
class rni(MontantDeLAvis):
    label = "Revenu net imposable du foyer fiscal"
    documentation = "Celui de l'avis d'impôt sur les revenus de l'année."
    reference = CGI_197


@question(
    "Combien de parts votre foyer fiscal compte-t-il pour {annee} ?",
    aide="Il est écrit sur l'avis d'impôt sur les revenus de cette année-là.",
    avec="cej_situation_fiscale_rattachement",
    bref="le nombre de parts du foyer",
)
class nbptr(Montant):
    default_value = 1.0
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "parts"
    label = "Nombre de parts du foyer fiscal"
    documentation = "Celui de l'avis d'impôt : une part au moins."
    reference = "https://www.service-public.fr/particuliers/vosdroits/F2705"


@question(
    (
        "Les personnes qui ont déclaré les revenus de {annee} du foyer fiscal étaient-elles "
        "mariées ou pacsées, et imposées ensemble ?"
    ),
    aide="La situation de famille est écrite au début de l'avis d'impôt.",
    avec="cej_situation_fiscale_rattachement",
    bref="le mariage ou le pacs des déclarants",
)
class maries_ou_pacses(Variable):
    value_type = bool
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    label = "Déclarants mariés ou pacsés, imposés ensemble"
    documentation = "Choisit le plafond de la décote (article 197, I, 4, a, du CGI)."
    reference = CGI_197


@question(
    "Quel est le total des réductions d'impôt du foyer fiscal pour {annee} ?",
    aide=(
        "Elles sont détaillées dans l'avis d'impôt, après la décote (la baisse d'impôt des "
        "revenus modestes) ; zéro s'il n'en porte pas."
    ),
    avec="cej_situation_fiscale_rattachement",
)
class reductions(MontantDeLAvis):
    label = "Réductions d'impôt"
    documentation = (
        "Retranchées de l'impôt après la décote, avant le seuil de recouvrement de 61 €."
    )
    reference = CGI_197


@question(
    "Quel est le total des crédits d'impôt du foyer fiscal pour {annee} ?",
    aide=(
        "Ils sont détaillés dans l'avis d'impôt, après les réductions (garde d'enfant, emploi à "
        "domicile, par exemple) ; zéro s'il n'en porte pas."
    ),
    avec="cej_situation_fiscale_rattachement",
)
@seuls("n'a de crédits d'impôt", "contrat_engagement_jeune.montant_forfaitaire.apres_credits_impot")
class credits_impot(MontantDeLAvis):
    label = "Crédits d'impôt"
    documentation = "Retranchés ensuite ; le seuil de recouvrement est alors de 12 €."
    reference = CGI_1657
