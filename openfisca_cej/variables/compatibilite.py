"""The three CEJ variables of OpenFisca-France, for its clients: views on ours."""

from openfisca_core.holders import set_input_dispatch_by_period

from openfisca_cej.base import Fait, MontantDuMois, Ressource
from openfisca_cej.declarations import calcul
from openfisca_cej.texts import D5131_19, L5131_6, R5131_15, R5131_20

SERVICE_PUBLIC = "https://www.service-public.fr/particuliers/vosdroits/F32700"


class contrat_engagement_jeune(Ressource):
    label = "Montant du contrat d'engagement jeune"
    documentation = "Vue sur cej_allocation, sous le nom d'OpenFisca-France."
    reference = [*L5131_6, R5131_20, SERVICE_PUBLIC]

    def formula_2022_03_01(individu, period):
        return individu("cej_allocation", period)


class contrat_engagement_jeune_eligibilite(Fait):
    label = "Éligibilité au contrat d'engagement jeune"
    documentation = (
        "Vue sur cej_eligibilite, sous le nom d'OpenFisca-France ; ni ressources ni impôt."
    )
    reference = [*L5131_6, *R5131_15, SERVICE_PUBLIC]

    def formula_2022_03_01(individu, period):
        return individu("cej_eligibilite", period)


class contrat_engagement_jeune_montant_forfaitaire(MontantDuMois):
    set_input = set_input_dispatch_by_period
    label = "Montant maximal de l'allocation du contrat d'engagement jeune"
    documentation = "Vue sur cej_montant_forfaitaire, sous le nom d'OpenFisca-France."
    reference = [D5131_19, SERVICE_PUBLIC]

    def formula_2022_03_01(individu, period):
        return individu("cej_montant_forfaitaire", period)


# Comment chaque valeur se dit.


def ligne_vue(nom):
    """The value of our variable."""
    return lambda cas: cas.ecrit(nom)


calcul(contrat_engagement_jeune)(ligne_vue("cej_allocation"))
calcul(contrat_engagement_jeune_eligibilite)(ligne_vue("cej_eligibilite"))
calcul(contrat_engagement_jeune_montant_forfaitaire)(ligne_vue("cej_montant_forfaitaire"))
