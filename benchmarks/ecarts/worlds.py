"""One table of cases given to both models: OpenFisca-France's own rules, and ours.

Ours are run by OpenFisca-Core with any set of departures put in force (``departures``): by
changing the cases, the parameters, or what is compared.
"""

import functools
from dataclasses import dataclass

import numpy
from openfisca_core.parameters import ParameterNode
from openfisca_core.reforms import Reform
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from benchmarks.ecarts.cases import BACK, Table, births
from openfisca_cej import CountryTaxBenefitSystem

#: A parameter changed from a date on: path, date, value.
Change = tuple[str, str, float]

#: Names of the monthly resources: the same in both models.
RESOURCES = {
    "salaire": "salaire_net",
    "chomage": "chomage_net",
    "formation": "revenus_stage_formation_pro",
    "apprenti": "remuneration_apprenti",
    "partiel": "indemnites_chomage_partiel",
    "ij": "indemnites_journalieres",
}

#: Resources of the month before that only our model reads.
OURS_BEFORE = {
    "tns_mois": "revenus_activite_non_salariee",
    "ass": "ass",
    "csp": "allocation_securisation_professionnelle",
    "e2c": "remuneration_ecole_deuxieme_chance",
    "esat": "remuneration_garantie_esat",
    "ij_complementaires": "indemnites_journalieres_complementaires",
    "conge_naissance": "indemnites_conge_supplementaire_naissance",
}

#: Inputs of the month itself that only our model reads.
OURS_NOW = {
    "autonomie": "cej_autonomie_fiscale",
    "cddi": "remuneration_insertion_cddi",
    "epide": "allocation_epide",
    "a_charge": "cej_personne_a_charge",
    "ppa_anterieure": "ppa_activite_anterieure",
    "en_formation": "en_formation",
    "rqth": "rqth",
}

STUDENT, OTHER = 2, 4  # places in the enumeration of activities, the same in both models

#: Half a centime, and what single precision adds to it: OpenFisca-France does not round.
TOLERANCE = 0.006


@dataclass(frozen=True)
class Answers:
    """The three variables of OpenFisca-France for each case."""

    eligibilite: numpy.ndarray
    forfait: numpy.ndarray
    montant: numpy.ndarray

    def differ(self, other: "Answers") -> numpy.ndarray:
        """For which cases any of the three is not the same."""
        return (
            (self.eligibilite != other.eligibilite)
            | (numpy.abs(self.forfait - other.forfait) > TOLERANCE)
            | (numpy.abs(self.montant - other.montant) > TOLERANCE)
        )


@dataclass(frozen=True)
class Theirs:
    """What OpenFisca-France answers, the ages that it counts, and whose parts it caps.

    ``capped`` has, for the incomes of one and of two years before, the foyers whose advantage by
    the quotient familial is capped.
    """

    answers: Answers
    ages: numpy.ndarray
    capped: dict[int, numpy.ndarray]


def before(month: str, back: int) -> str:
    """The month ``back`` months earlier."""
    return str(numpy.datetime64(month, "M") - numpy.timedelta64(back, "M"))


def count(columns: Table) -> int:
    """Number of cases."""
    return len(columns["annees"])


def start(system: TaxBenefitSystem, columns: Table, month: str) -> Simulation:
    """A simulation of each case in a family, a foyer and a dwelling of its own: common inputs."""
    simulation = SimulationBuilder().build_default_simulation(system, count(columns))
    simulation.set_input("activite", month, numpy.where(columns["etudiant"], STUDENT, OTHER))
    simulation.set_input("residence_mayotte", month, columns["mayotte"])
    simulation.set_input("indemnites_volontariat", month, columns["volontariat"])
    year = int(month[:4])
    for back in (1, 2):
        simulation.set_input("rni", year - back, columns[f"rni_{back}"])
        simulation.set_input("nbptr", year - back, columns["nbptr"])
    for column, name in RESOURCES.items():
        for back in BACK:
            simulation.set_input(name, before(month, back), columns[f"{column}_{back}"])
    return simulation


def theirs(system: TaxBenefitSystem, columns: Table, month: str) -> Theirs:
    """What OpenFisca-France answers; the wages of insertion contracts are wages to it."""
    columns = as_wages(columns)
    simulation = start(system, columns, month)
    simulation.set_input("date_naissance", "ETERNITY", births(columns, month))
    simulation.set_input("handicap", month, columns["handicap"])
    simulation.set_input("revenus_non_salarie_nets", month[:4], columns["tns_annee"])
    for name in ("rsa", "ppa"):
        for back in BACK:
            given = columns[f"{name}_avant"] * (back == 1)
            simulation.set_input(name, before(month, back), given)
    return Theirs(
        Answers(
            simulation.calculate("contrat_engagement_jeune_eligibilite", month),
            simulation.calculate("contrat_engagement_jeune_montant_forfaitaire", month),
            simulation.calculate("contrat_engagement_jeune", month),
        ),
        simulation.calculate("age", month),
        {back: is_capped(simulation, int(month[:4]) - back) for back in (1, 2)},
    )


def is_capped(simulation: Simulation, year: int) -> numpy.ndarray:
    """Foyers whose advantage by the quotient familial OpenFisca-France caps."""
    capped = simulation.calculate("ir_plaf_qf", year)
    return capped > simulation.calculate("ir_brut", year)


def as_wages(columns: Table) -> Table:
    """The cases, the pay of insertion contracts added to the wages of the three months before."""
    wages = {f"salaire_{back}": columns[f"salaire_{back}"] + columns["cddi"] for back in BACK}
    return columns | wages


@functools.cache
def system_with(parameters: tuple[Change, ...]) -> TaxBenefitSystem:
    """Our system with some parameters changed, in the order of their dates."""

    def changed(root: ParameterNode) -> ParameterNode:
        for path, date, value in parameters:
            functools.reduce(getattr, path.split("."), root).update(start=date, value=value)
        return root

    class Changed(Reform):
        def apply(self) -> None:
            self.modify_parameters(changed)

    # Not one of our reforms, which refuse fractions of a centime: OpenFisca-France's SMIC has some.
    system = CountryTaxBenefitSystem()
    return Changed(system) if parameters else system


def ours(
    columns: Table,
    month: str,
    parameters: tuple[Change, ...] = (),
    tiers: numpy.ndarray | None = None,
    ages: numpy.ndarray | None = None,
    mixed: bool = False,
) -> Answers:
    """What our rules answer.

    ``tiers`` and ``ages`` replace what our rules make of the tax notice and of the birth date;
    ``mixed`` asks of the eligibility all that OpenFisca-France puts in it.
    """
    simulation = start(system_with(parameters), columns, month)
    if ages is None:
        simulation.set_input("date_naissance", "ETERNITY", births(columns, month))
    else:
        simulation.set_input("age", month, ages)
    give_ours(simulation, columns, month)
    if tiers is not None:
        simulation.set_input("cej_situation_fiscale", month, tiers)
    eligible = simulation.calculate("cej_eligibilite", month)
    if mixed:
        tier = simulation.calculate("cej_situation_fiscale", month)
        eligible = eligible & (tier != tier.possible_values.au_dela)
        eligible &= ~simulation.calculate("cej_non_cumul_rsa", month)
        eligible &= ~simulation.calculate("cej_non_cumul_ppa", month)
        eligible &= columns["volontariat"] <= 0
    return Answers(
        eligible,
        simulation.calculate("cej_montant_forfaitaire", month),
        simulation.calculate("cej_allocation", month),
    )


def give_ours(simulation: Simulation, columns: Table, month: str) -> None:
    """The inputs that only our model reads."""
    for column, name in OURS_NOW.items():
        simulation.set_input(name, month, columns[column])
    for column, name in OURS_BEFORE.items():
        for back in BACK:
            simulation.set_input(name, before(month, back), columns[column])
    for back in (1, 2):
        simulation.set_input("cej_rni_autonome", int(month[:4]) - back, columns["rni_autonome"])
    for name in ("rsa", "ppa"):
        simulation.set_input(name, month, columns[name])
        simulation.set_input(name, before(month, 1), columns[f"{name}_avant"])
    simulation.set_input("difficultes_acces_emploi_durable", month, ~columns["sans_difficulte"])
    simulation.set_input("inscrit_demandeur_emploi", month, ~columns["non_inscrit"])
    dates = {"signe": "cej_date_signature", "precedent": "cej_date_fin_precedent"}
    for column, name in dates.items():
        ago = numpy.datetime64(month, "M") - columns[column].astype("timedelta64[M]")
        day = ago.astype("datetime64[D]") + numpy.timedelta64(9, "D")
        given = numpy.where(columns[column] >= 0, day, numpy.datetime64(0, "D"))
        simulation.set_input(name, "ETERNITY", given)
    simulation.set_input("cej_rang_manquement", before(month, 1), columns["manquement"])
    if month >= "2025-06":
        simulation.set_input("cej_sanction_motif", month, columns["sanction"].astype(numpy.int16))


def law_tiers(columns: Table, month: str, back: int) -> numpy.ndarray:
    """Tiers by our rules from the tax notice on the incomes of ``back`` years before."""
    year = int(month[:4]) - back
    notice = "contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvel_avis"
    # The month from which the notice of the year before counts: always, or never.
    system = system_with(((notice, "2022-03-01", 1 if back == 1 else 13),))
    simulation = start(system, columns, month)
    simulation.set_input("cej_rni_autonome", year, columns["rni_autonome"])
    return numpy.where(
        columns["autonomie"],
        simulation.calculate("cej_situation_fiscale_autonome", month),
        simulation.calculate("cej_situation_fiscale_rattachement", month),
    )


def bracket_tiers(columns: Table, month: str, back: int) -> numpy.ndarray:
    """Tiers by the bracket of the schedule alone: no décote, no credit, no collection floor."""
    schedule = system_with(()).get_parameters_at_instant(f"{int(month[:4]) - back}-01-01")
    thresholds = schedule.impot_revenu.bareme_ir_depuis_1945.bareme.thresholds
    income = columns[f"rni_{back}"] / columns["nbptr"]
    income = numpy.where(columns["autonomie"], columns["rni_autonome"], income)
    return numpy.clip(numpy.searchsorted(thresholds, income, side="right") - 1, 0, 2)
