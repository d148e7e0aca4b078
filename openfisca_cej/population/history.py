"""The months of resources that the law looks back at, and those that the data lack."""

from typing import Any

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.base import donnees_de, variables_de
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.schema import NO_DATE, SIGNATURE
from openfisca_cej.population.table import Population


def resources_read(system: TaxBenefitSystem, month: int) -> tuple[set[str], int]:
    """The inputs that the resources of a month are made of, and how many months they span."""
    law = system.get_parameters_at_instant(month_text(month)).contrat_engagement_jeune.ressources
    names = {*inputs_of(law.deductibles), *inputs_of(law.partiellement_deductibles)}
    return names, int(law.nombre_mois)


def inputs_of(lists: Any) -> list[str]:
    """The inputs that the lists of resources of a parameter node are made of."""
    return [given for name in variables_de(lists) for given in donnees_de(name)]


def looked_back(system: TaxBenefitSystem, months: range) -> int:
    """The most months of resources that the allowance of one of these months looks back at."""
    known = [month for month in months if month >= first_month(system)]
    return max((resources_read(system, month)[1] for month in known), default=1)


def missing_months(
    system: TaxBenefitSystem, population: Population, months: range
) -> dict[str, set[str]]:
    """The months that the law reads, of the resources given by month, and that are not given.

    They count for nothing. A resource given for every month lacks none, and neither does one that
    is not given at all: nobody has it. Months before the first signature are not read.
    """
    given: dict[str, set[int]] = {}
    every = {item.variable for item in population.inputs if item.period is None}
    for item in population.inputs:
        if item.period is not None and len(item.period) == len("YYYY-MM"):
            given.setdefault(item.variable, set()).add(month_number(item.period))
    dated = given.keys() - every
    missing: dict[str, set[str]] = {}
    if not dated:
        return missing
    for month in range(
        max(months[0], first_contract(population), first_month(system)), months.stop
    ):
        names, length = resources_read(system, month)
        for name in dated & names:
            lacking = set(range(month - length, month)) - given[name]
            if lacking:
                missing.setdefault(name, set()).update(map(month_text, lacking))
    return missing


def first_contract(population: Population) -> int:
    """The month of the first signature; 0 when it is not given for all."""
    for item in population.inputs:
        if item.variable == SIGNATURE and (item.values > NO_DATE).all():
            return month_number(str(item.values.min())[:7])
    return 0


def listed(missing: dict[str, set[str]]) -> str:
    """The missing months of each resource, in one line."""
    return " ; ".join(f"{name} {spans(found)}" for name, found in sorted(missing.items()))


def spans(months: set[str]) -> str:
    """Months as the ranges that they make: « 2025-10…2025-11, 2026-03 »."""
    ranges: list[list[int]] = []
    for month in sorted(map(month_number, months)):
        if ranges and month == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], month]
        else:
            ranges.append([month])
    return ", ".join("…".join(map(month_text, ends)) for ends in ranges)
