"""Benefits of the family: inputs that OpenFisca-France has too."""

from openfisca_core.holders import set_input_divide_by_period
from openfisca_core.periods import DateUnit

from openfisca_cej.base import Montant
from openfisca_cej.entities import Famille


class rsa(Montant):
    value_type = float
    entity = Famille
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Revenu de solidarité active de la famille"
    documentation = (
        "Exclut l'allocation du demandeur et de son conjoint, non celle des personnes à "
        "charge (R5131-24, I)."
    )
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207427"


class ppa(Montant):
    value_type = float
    entity = Famille
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Prime d'activité de la famille"
    documentation = (
        "Exclut l'allocation du demandeur et de son conjoint, non celle des personnes à "
        "charge (R5131-24, II)."
    )
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207427"


class aide_logement(Montant):
    value_type = float
    entity = Famille
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Aide au logement de la famille"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291"


class af(Montant):
    value_type = float
    entity = Famille
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Allocations familiales"
    documentation = "Intégralement cumulables (R5131-20, II)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291"
