"""The rules of the CEJ on OpenFisca-France: its own three variables make way for ours.

``openfisca serve --country-package openfisca_france --reforms
openfisca_cej.reforms.openfisca_france.ContratEngagementJeune`` answers ``contrat_engagement_jeune``
by our rules, while taxes, RSA and prime d'activité stay computed by OpenFisca-France. This module
does not need OpenFisca-France to be imported: the reform receives its system.

Each variable of ours has one of three fates, told by ``fates``:

- « remplacée »: the three CEJ variables of OpenFisca-France become our views (``VIEWS``);
- « de France »: an input that OpenFisca-France has too keeps its definition (``FROM_FRANCE``);
- « ajoutée »: everything else, bound to the entity of the same key of OpenFisca-France. Two of
  them are computed from what OpenFisca-France knows (``BRIDGES``): the tax that a foyer owes, which
  decides of its tier, and the income of the self-employed.

The parameters come as one more child of the root, ``contrat_engagement_jeune``; the SMIC and the
income tax schedule that our rules read have the same paths in OpenFisca-France.
"""

from collections.abc import Iterator

import numpy
from openfisca_core.holders import set_input_divide_by_period
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.base import Montant
from openfisca_cej.entities import FoyerFiscal, Individu

#: The three CEJ variables of OpenFisca-France, which ours replace.
VIEWS = (
    "contrat_engagement_jeune",
    "contrat_engagement_jeune_eligibilite",
    "contrat_engagement_jeune_montant_forfaitaire",
)

#: Inputs of ours that OpenFisca-France has, by entity: same name, type, period and sign.
FROM_FRANCE = {
    "individu": (
        *("date_naissance", "age", "activite", "handicap"),
        *("salaire_net", "remuneration_apprenti", "indemnites_chomage_partiel"),
        *("rpns_auto_entrepreneur_CA_achat_revente", "rpns_auto_entrepreneur_CA_bic"),
        "rpns_auto_entrepreneur_CA_bnc",
        *("chomage_net", "ass", "allocation_securisation_professionnelle"),
        *("revenus_stage_formation_pro", "indemnites_stage", "indemnites_volontariat"),
        *("indemnites_journalieres", "indemnites_journalieres_maternite"),
        *("indemnites_journalieres_paternite", "indemnites_journalieres_adoption"),
        *("indemnites_journalieres_maladie", "indemnites_journalieres_accident_travail"),
        "indemnites_journalieres_maladie_professionnelle",
        *("aah", "bourse_enseignement_sup", "pensions_alimentaires_percues"),
        "pensions_invalidite",
    ),
    "famille": ("rsa", "ppa", "aide_logement", "af"),
    "foyer_fiscal": ("rni", "nbptr", "maries_ou_pacses", "reductions", "credits_impot"),
    "menage": (
        *("residence_mayotte", "residence_guadeloupe", "residence_martinique"),
        *("residence_reunion", "residence_guyane"),
    ),
}

#: The only child of the root of our parameters that OpenFisca-France lacks.
TOPIC = "contrat_engagement_jeune"


class cej_impot_restant_a_payer(Montant):
    value_type = float
    entity = FoyerFiscal
    definition_period = DateUnit.YEAR
    unit = "€/an"
    label = "Impôt sur le revenu dû, après décote, réductions, crédits et seuils de recouvrement"
    documentation = (
        "Calculé par OpenFisca-France : l'opposé d'impot_revenu_restant_a_payer (négatif quand il "
        "reste à payer), augmenté des acomptes déjà versés, qui n'ôtent rien à l'impôt dû. Peut "
        "être donné tel que l'avis d'impôt le porte. OpenFisca-France arrondit l'impôt à l'euro "
        "et tient 61 € et 12 € tout juste pour non recouvrés."
    )
    reference = [
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207447",
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000006312659",
    ]

    def formula_2020_01_01(foyer_fiscal, period):
        du = foyer_fiscal("acomptes_ir", period) - foyer_fiscal(
            "impot_revenu_restant_a_payer", period
        )
        return numpy.maximum(du, 0)


class revenus_activite_non_salariee(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_divide_by_period
    unit = "€/mois"
    label = "Revenus d'activité non salariée"
    documentation = (
        "Revenus du mois, partiellement déductibles (R5131-22, 1°). À défaut d'être donnés : le "
        "douzième des revenus non salariés nets de l'année civile selon OpenFisca-France. Le "
        "chiffre d'affaires d'un micro-entrepreneur compte à part, à qui le fait "
        "(cej_revenus_micro_entreprise)."
    )
    reference = [
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433",
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000054167633",
    ]

    def formula(individu, period):
        annee = period.this_year
        nets = individu("rpns_imposables", annee)
        nets = nets + individu("csg_imposable_non_salarie", annee)
        nets = nets + individu("crds_non_salarie", annee)
        return numpy.maximum(nets, 0) / 12


#: Variables of ours that are computed from others of OpenFisca-France once plugged into it.
BRIDGES = {
    bridge.__name__: bridge for bridge in (cej_impot_restant_a_payer, revenus_activite_non_salariee)
}


class ContratEngagementJeune(Reform):
    """OpenFisca-France with our rules of the Contrat d'engagement jeune in place of its own."""

    name = "Contrat d'engagement jeune : règles d'openfisca_cej"

    def apply(self) -> None:
        """Add or replace the variables, add the parameters.

        Raises ValueError when the system is not OpenFisca-France, or no longer fits.
        """
        ours = CountryTaxBenefitSystem()
        check(ours, self.baseline)
        entities = {entity.key: entity for entity in self.entities}
        for name, variable, fate in fates(ours):
            if fate == "de France":
                continue
            added = BRIDGES.get(name, type(variable))
            self.variables.pop(name, None)
            self.add_variable(added).entity = entities[variable.entity.key]
        self.modify_parameters(lambda parameters: with_topic(parameters, ours.parameters))


def fates(ours: TaxBenefitSystem) -> Iterator[tuple[str, Variable, str]]:
    """What becomes of each variable of ours: its name, itself, and one word in French."""
    kept = {name for names in FROM_FRANCE.values() for name in names}
    for name, variable in ours.variables.items():
        if name in VIEWS:
            yield name, variable, "remplacée"
        else:
            yield name, variable, "de France" if name in kept else "ajoutée"


def check(ours: TaxBenefitSystem, france: TaxBenefitSystem) -> None:
    """Raise ValueError unless the system has the inputs and the entities that the rules expect."""
    missing = [
        f"{entity}.{name}"
        for entity, names in FROM_FRANCE.items()
        for name in (*names, *(VIEWS if entity == "individu" else ()))
        if not same(ours.variables[name], france.variables.get(name))
    ]
    taken = [
        name for name, _, fate in fates(ours) if fate == "ajoutée" and name in france.variables
    ]
    if missing or taken:
        raise ValueError(
            "this reform is written for OpenFisca-France 176: the system it is applied to "
            + "; ".join(
                [
                    *([f"lacks or defines otherwise {', '.join(missing)}"] if missing else []),
                    *([f"already has {', '.join(taken)}"] if taken else []),
                ]
            )
        )


def same(mine: Variable, theirs: Variable | None) -> bool:
    """Whether a variable of theirs may stand for mine: entity, period, type, enumeration."""
    if theirs is None or mine.entity.key != theirs.entity.key:
        return False
    if (mine.definition_period, mine.value_type) != (theirs.definition_period, theirs.value_type):
        return False
    return items(mine) == items(theirs)


def items(variable: Variable) -> list[str]:
    """Names of the items of its enumeration, in order; none for the other types."""
    return [item.name for item in getattr(variable, "possible_values", None) or ()]


def with_topic(parameters: ParameterNode, ours: ParameterNode) -> ParameterNode:
    """The parameters of OpenFisca-France, ours beside the others at the root."""
    parameters.add_child(TOPIC, ours.children[TOPIC])
    return parameters
