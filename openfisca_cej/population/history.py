"""The months of resources that the law looks back at, and those that the data lack."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import names
from openfisca_cej.base import annee_de_l_avis, donnees_de, variables_de
from openfisca_cej.dependencies import reached
from openfisca_cej.population.engine import MONTHS_BEFORE, Chunk, Report, first_month
from openfisca_cej.population.lean import NOTICES, Notices
from openfisca_cej.population.months import month_number, month_period, month_text
from openfisca_cej.population.schema import NO_DATE, RESULT, SIGNATURE
from openfisca_cej.population.table import Counted, Group, Population

#: Years of inputs, by name.
Defaults = dict[str, set[str]]

#: The tiers of a person, which may be given instead of a notice.
TIERS = (names.TIER, names.FOYER_TIER)


def resources_read(system: TaxBenefitSystem, month: int) -> tuple[set[str], int]:
    """The inputs that the resources of a month are made of, and how many months they span."""
    law = system.get_parameters_at_instant(month_period(month)).contrat_engagement_jeune.ressources
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


def months_read(
    system: TaxBenefitSystem, name: str, population: Population, months: range
) -> set[int]:
    """The months of a monthly input that the law reads for these months, as far as is known.

    A resource is that of the months before; months before the first signature are not read.
    """
    first = max(months[0], first_contract(population), first_month(system))
    found: set[int] = set()
    for month in range(first, months.stop):
        names, length = resources_read(system, month)
        found |= set(range(month - length, month)) if name in names else {month}
    return found


def defaults_of(system: TaxBenefitSystem, population: Population, months: range) -> Defaults:
    """The yearly inputs that these months read and that are not given, with their years.

    One person of each kind is computed: those who gave the same inputs read the same ones.
    """
    gave = [numpy.zeros(population.count, dtype=bool)]
    for item in population.inputs:
        if item.given is not None:
            entity = system.get_variable(item.variable, check_existence=True).entity
            group = population.groups.get(entity.key)
            membership = None if group is None else group.membership
            gave.append(item.given if membership is None else item.given[membership])
    kinds = numpy.packbits(numpy.column_stack(gave), axis=1)
    rows = numpy.sort(numpy.unique(kinds, axis=0, return_index=True)[1])
    report = Report()
    chunk = Chunk(system, population, rows, months)
    chunk.run(months, [RESULT], lambda person_months: None)
    chunk.tell(report)
    chunk.release()
    return report.defaults


def defaults_read(
    system: TaxBenefitSystem, defaults: Mapping[str, Iterable[str]], source: str = "file"
) -> list[str]:
    """A remark on the yearly inputs that the law read and that were not given."""
    told = [
        f"{name} = {float(system.get_variable(name).default_value):g} ({', '.join(sorted(years))})"
        for name, years in sorted(defaults.items())
        if years
    ]
    return [f"Not in the {source}, read as their default: {'; '.join(told)}."] if told else []


def kept_notices(
    system: TaxBenefitSystem, population: Population, months: range, each: bool = False
) -> Iterator[tuple[str, int, int, numpy.ndarray]]:
    """Tax notices that were not given, where one of before was: it is kept.

    Gives the entity, the year of incomes that the law reads, the year kept (0 where no notice of
    before was given either), and for whom (one truth value a person, or a group). Unless the
    answer is to ``each``, nothing is told where nobody gave any.
    """
    years = sorted({notice_year(system, month) for month in months if month >= first_month(system)})
    for last in dict.fromkeys(NOTICES.values()):
        entity = system.get_variable(last, check_existence=True).entity
        group = population.groups.get(entity.key)
        notices = Notices(population.count if group is None else group.count)
        for item in population.inputs:
            if NOTICES.get(item.variable) == last:
                rows = slice(None) if item.given is None else item.given
                for year in years if item.period is None else [int(item.period)]:
                    notices.give(year, rows)
        for year in years if notices.givers or each else ():
            kept = notices.last(year)
            lacking = (kept == year) & ~notices.gave(year) & ~tells_tier(population, group)
            for before in numpy.unique(kept[kept != year]).tolist():
                yield entity.key, year, before, kept == before
            if lacking.any() and not entity.is_person:
                yield entity.key, year, 0, lacking


def tells_tier(population: Population, group: Group | None) -> numpy.ndarray:
    """Who gave a tier, which the notice would only give again: persons, or their groups."""
    persons = numpy.zeros(population.count, dtype=bool)
    for item in population.inputs:
        if item.variable in TIERS:
            persons[slice(None) if item.given is None else item.given] = True
    return persons if group is None else group.with_any(persons)


def is_long_ago(system: TaxBenefitSystem, name: str, month: int, first: int) -> bool:
    """Whether the allowance of a month never reads an input of a month so long before.

    Resources are those of a few months; decisions, and what a contract began with, hold for long.
    """
    return month < first - MONTHS_BEFORE and name not in reached(system, RESULT)


def of_notices(system: TaxBenefitSystem) -> dict[str, str]:
    """The variable that says which tax notice is the last one, by entity."""
    return {system.variables[name].entity.key: last for name, last in NOTICES.items()}


#: Those of whom one of these is given may have notices of before read.
KEEPING_NOTICES = frozenset((names.NOT_REVISED, *NOTICES.values()))


def notice_year(system: TaxBenefitSystem, month: int) -> int:
    """The year of the incomes of the tax notice that counts in a month."""
    avis = annee_de_l_avis(month_period(month), system.get_parameters_at_instant)
    return int(avis.start.year)


def kept_remarks(system: TaxBenefitSystem, population: Population, months: range) -> list[str]:
    """Remarks on the tax notices that are kept."""
    return [
        Counted(
            f"The tax notice on the incomes of {year} is not given for {{}} {key}: "
            + (
                f"the last notice given, on those of {before}, is kept."
                if before
                else "none of before is either, and it counts as no income."
            ),
            rows.sum(),
        )
        for key, year, before, rows in kept_notices(system, population, months)
    ]


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
