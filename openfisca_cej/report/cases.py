"""Cases that a workbook computes: what enters the formula of the allowance, and what comes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from openfisca_core.indexed_enums import EnumArray
from openfisca_core.periods import period
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french, names
from openfisca_cej.explain.situation import read

#: Partially deductible resources (€) of the typical cases: none, at the disregard, then part time
#: and full time at about the SMIC.
RESOURCES = (0.0, 300.0, 600.0, 900.0, 1_200.0, 1_500.0)

#: Keys of the tax situations, as people say them.
TAXES = {
    "non_imposable": "Non imposable",
    "premiere_tranche": "Première tranche",
    "au_dela": "Au-delà",
}


@dataclass(frozen=True)
class Case:
    """What enters the formula for one person and one month (YYYY-MM).

    ``deductible`` (R5131-21) and ``partial`` (R5131-22) are in euros of the month; ``withheld`` is
    the fraction (0–1) that a sanction keeps; ``payable`` tells whether nothing prevents payment.
    """

    label: str
    month: str
    mayotte: bool = False
    minor: bool = False
    tax: str = "non_imposable"
    deductible: float = 0.0
    partial: float = 0.0
    withheld: float = 0.0
    payable: bool = True


@dataclass(frozen=True)
class Amounts:
    """What the model computes of a case (€/month, but the coefficient).

    ``share`` (of the SMIC) and ``disregard`` are the parameters of the month (D5131-23).
    """

    share: float
    disregard: float
    lump_sum: float
    smic: float
    interval: float
    coefficient: float
    before: float
    allowance: float


#: Variables of the model, in the order of ``Amounts`` after the two parameters.
COMPUTED = (
    names.LUMP_SUM,
    names.SMIC,
    names.INTERVAL,
    names.COEFFICIENT,
    names.BEFORE,
    names.RESULT,
)


def typical(month: str) -> list[Case]:
    """The cases that a workbook opens with, for a month (YYYY-MM).

    Each says what enters the formula, and nothing that a reform could make of a situation: what is
    withheld or not paid is told by situations (``of_situation``).
    """
    people: tuple[tuple[str, dict[str, Any]], ...] = (
        ("Majeur, foyer non imposable", {}),
        ("Majeur, foyer dans la première tranche", {"tax": "premiere_tranche"}),
        ("Mineur", {"minor": True}),
        ("Majeur à Mayotte, foyer non imposable", {"mayotte": True}),
    )
    found = [
        Case(f"{label}, {resource_text(partial)}", month, partial=partial, **fields)
        for label, fields in people
        for partial in RESOURCES
    ]
    return [*found, Case("Majeur, foyer au-delà de la première tranche", month, tax="au_dela")]


def resource_text(partial: float) -> str:
    """A partially deductible resource in words."""
    if not partial:
        return "sans ressource"
    return f"{french.euros(partial)} partiellement déductibles"


def of_situation(
    system: TaxBenefitSystem, label: str, month: str, situation: dict[str, Any]
) -> Case:
    """What enters the formula for the main person of a situation, as the model finds it.

    Raises InvalidSituation.
    """
    told = read(situation, system)
    simulation = told.simulation()
    rank = told.persons.index(told.main_person())

    def value(name: str) -> Any:
        variable = system.get_variable(name)
        values = simulation.calculate(name, period(month))
        if not variable.entity.is_person:
            values = simulation.populations[variable.entity.key].project(values)
        return values[rank]

    taxes = system.get_variable(names.TIER).possible_values
    return Case(
        label,
        month,
        mayotte=bool(value(names.MAYOTTE)),
        minor=bool(value(names.MINOR)),
        tax=list(taxes)[int(value(names.TIER))].name,
        deductible=float(value(names.DEDUCTIBLE)),
        partial=float(value(names.PARTIAL)),
        withheld=float(value(names.WITHHELD)),
        payable=bool(value(names.PAYABLE)),
    )


def amounts(system: TaxBenefitSystem, cases: Sequence[Case]) -> list[Amounts]:
    """What the model says of the cases, in their order."""
    found: dict[int, Amounts] = {}
    for month in dict.fromkeys(case.month for case in cases):
        ranks = [rank for rank, case in enumerate(cases) if case.month == month]
        computed = of_a_month(system, month, [cases[rank] for rank in ranks])
        found.update(zip(ranks, computed, strict=True))
    return [found[rank] for rank in range(len(cases))]


def of_a_month(system: TaxBenefitSystem, month: str, cases: Sequence[Case]) -> Iterable[Amounts]:
    """What the model says of cases of one month."""
    simulation = SimulationBuilder().build_default_simulation(system, len(cases))
    taxes = system.get_variable(names.TIER).possible_values
    indices = numpy.array([taxes[case.tax].index for case in cases], dtype=numpy.int16)
    inputs = {
        names.MAYOTTE: numpy.array([case.mayotte for case in cases]),
        names.MINOR: numpy.array([case.minor for case in cases]),
        names.TIER: EnumArray(indices, taxes),
        names.DEDUCTIBLE: numpy.array([case.deductible for case in cases]),
        names.PARTIAL: numpy.array([c.partial for c in cases]),
        names.WITHHELD: numpy.array([case.withheld for case in cases]),
        names.PAYABLE: numpy.array([case.payable for case in cases]),
    }
    for name, values in inputs.items():
        simulation.set_input(name, period(month), values)
    columns = [simulation.calculate(name, period(month)).tolist() for name in COMPUTED]
    taper = system.get_parameters_at_instant(period(month))
    taper = taper.contrat_engagement_jeune.ressources.degressivite
    return (Amounts(taper.part_smic, taper.abattement, *row) for row in zip(*columns, strict=True))
