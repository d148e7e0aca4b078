"""Monthly resources of the young person: inputs that OpenFisca-France has too."""

from openfisca_core.holders import set_input_divide_by_period
from openfisca_core.periods import DateUnit

from openfisca_cej.base import Montant
from openfisca_cej.entities import Individu


class chomage_net(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Allocations de chômage nettes (ARE)"
    documentation = "Intégralement déductible (R5131-21, 1°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207445"


class ass(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Allocation de solidarité spécifique"
    documentation = "Intégralement déductible (R5131-21, 1°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207445"


class allocation_securisation_professionnelle(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Allocation de sécurisation professionnelle"
    documentation = "Article L1233-68 ; intégralement déductible (R5131-21, 1°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207445"


class revenus_stage_formation_pro(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Revenus de stage de formation professionnelle"
    documentation = "Intégralement déductible (R5131-21, 2°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207445"


class salaire_net(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Salaire net à payer"
    documentation = (
        "Le « net à payer » du bulletin, acomptes déjà versés ajoutés ; partiellement "
        "déductible (R5131-22, 1°)."
    )
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class remuneration_apprenti(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Rémunération de l'apprenti"
    documentation = "Partiellement déductible (R5131-22, 1°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_chomage_partiel(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnités d'activité partielle"
    documentation = "Partiellement déductible (R5131-22, 2°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_journalieres_maternite(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnités journalières de maternité"
    documentation = "Partiellement déductible (R5131-22, 3°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_journalieres_paternite(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnités journalières de paternité"
    documentation = "Partiellement déductible (R5131-22, 3°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_journalieres_adoption(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnités journalières d'adoption"
    documentation = "Partiellement déductible (R5131-22, 3°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_journalieres_maladie(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnités journalières de maladie"
    documentation = "Partiellement déductible (R5131-22, 4°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_journalieres_accident_travail(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnités journalières d'accident du travail"
    documentation = "Partiellement déductible (R5131-22, 4°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_journalieres_maladie_professionnelle(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnités journalières de maladie professionnelle"
    documentation = "Partiellement déductible (R5131-22, 4°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_journalieres(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Total des indemnités journalières de base"
    documentation = (
        "À donner quand le détail par risque n'est pas connu : seul ce qui dépasse la somme "
        "des détails est ajouté (R5131-22, 3° et 4°)."
    )
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"


class indemnites_volontariat(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Indemnité de service civique"
    documentation = "Suspend l'allocation (R5131-24, III, 4°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207427"


class aah(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Allocation aux adultes handicapés"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291"


class indemnites_stage(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Gratification de stage en entreprise"
    documentation = (
        "Article L124-1 du code de l'éducation ; intégralement cumulable (R5131-20, II)."
    )
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291"


class bourse_enseignement_sup(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Bourse de l'enseignement supérieur"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291"


class pensions_alimentaires_percues(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Pensions alimentaires perçues"
    documentation = "Intégralement cumulables (R5131-20, II)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291"


class pensions_invalidite(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Pension d'invalidité"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291"
