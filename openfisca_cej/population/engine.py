"""Simulate a population month by month, by chunks in which no group is split."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy
from openfisca_core.entities import GroupEntity
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.periods import DateUnit, Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import core
from openfisca_cej.population.lean import ETERNITY, FOYER, LeanSimulation
from openfisca_cej.population.months import (
    month_number,
    month_period,
    months_between,
    written_period,
    years_between,
)
from openfisca_cej.population.schema import RESULT
from openfisca_cej.population.table import Group, Input, Population
from openfisca_cej.reading import may_be_empty
from openfisca_cej.systems import model

if TYPE_CHECKING:
    from openfisca_cej.explain.sources import Frozen
    from openfisca_cej.population.stale import Stale

#: Persons simulated together: enough to hide the fixed cost of a simulation (about 0.3 ms a
#: month), few enough for most of its arrays to stay in the cache of the processor.
CHUNK = 100_000

#: A value given for every period also holds for this many months and years before the first
#: month that the law or the simulation looks at: resources look one month back, taxes two years.
MONTHS_BEFORE = 12
YEARS_BEFORE = 3


@dataclass
class Block:
    """Results of some persons: ``values[variable]`` has one row a person, one column a month.

    ``persons`` are ranks in the population. Enumerations hold the ranks of their items. ``stale``
    has, for each value that the law has moved since, where the amounts rest on it (see ``Stale``).
    """

    persons: numpy.ndarray
    values: dict[str, numpy.ndarray]
    stale: dict["Frozen", numpy.ndarray] = field(default_factory=dict)

    @property
    def rows(self) -> slice | numpy.ndarray:
        """The persons as a slice where they follow each other: it copies nothing."""
        first, count = (int(self.persons[0]), len(self.persons)) if len(self.persons) else (0, 0)
        follow = not count or (numpy.diff(self.persons) == 1).all()
        return slice(first, first + count) if follow else self.persons


@dataclass
class Report:
    """What a simulation did of its own accord: yearly inputs read without being given, by name."""

    defaults: dict[str, set[str]] = field(default_factory=dict)


def simulate(
    system: TaxBenefitSystem,
    population: Population,
    months: range,
    variables: Sequence[str],
    chunk_size: int = CHUNK,
    advance: Callable[[int], None] = lambda person_months: None,
    report: Report | None = None,
    stale: "Stale | None" = None,
) -> Iterator[Block]:
    """Compute monthly individual variables, one block a chunk of persons.

    A chunk has its persons in the order of the population; the members of a group are in that of
    the first of them. ``advance`` is called with the number of person-months done since the last
    call; ``report`` is filled; ``stale`` is asked where the amounts of the blocks rest on values
    that the law has moved since.
    """
    bunches = bunches_of(population)
    for rows in chunks(bunches, population.count, chunk_size):
        chunk = Chunk(stale.law if stale else system, population, rows, months)
        persons = numpy.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
        block = Block(persons, chunk.run(months, variables, advance))
        if report is not None:
            chunk.tell(report)
        chunk.release()
        if stale is not None:
            linked = None if bunches is None else bunches[rows]
            block.stale = stale.where(population, rows, block.values, linked)
        yield block


def bunches_of(population: Population) -> numpy.ndarray | None:
    """The rank of the first of the persons whom groups link to each; None: everyone is alone.

    Groups of the same members have one array from then on.
    """
    memberships: list[numpy.ndarray] = []
    for group in population.groups.values():
        if group.membership is not None:
            same = [one for one in memberships if numpy.array_equal(one, group.membership)]
            memberships += [] if same else [group.membership]
            group.membership = (same or memberships)[-1]
    if not memberships:
        return None
    firsts = numpy.arange(population.count)
    while True:
        before = firsts
        for membership in memberships:
            smallest = numpy.full(membership.max() + 1, population.count)
            numpy.minimum.at(smallest, membership, firsts)
            firsts = numpy.minimum(firsts, smallest.take(membership))
        if len(memberships) == 1:
            return firsts
        firsts = firsts[firsts]
        if (firsts == before).all():
            return firsts


def chunks(bunches: numpy.ndarray | None, count: int, size: int) -> Iterator[slice | numpy.ndarray]:
    """The ranks, in order, of the persons of each chunk: about so many, no bunch being split."""
    if bunches is None:
        yield from (slice(start, min(start + size, count)) for start in range(0, count, size))
        return
    sizes = numpy.bincount(bunches)
    numbers = ((sizes.cumsum() - sizes) // size).take(bunches)
    # NumPy sorts numbers of 8 or 16 bits by counting.
    order = numbers.astype(numpy.min_scalar_type(count // size)).argsort(kind="stable")
    for rows in numpy.split(order, numpy.bincount(numbers).cumsum()):
        if len(rows):
            whole = slice(int(rows[0]), int(rows[-1]) + 1)
            yield whole if whole.stop - whole.start == len(rows) else rows


def by_bunch(
    bunches: numpy.ndarray | None,
) -> tuple[numpy.ndarray | None, numpy.ndarray | None]:
    """An order of the persons that keeps bunches together, and where each of these starts.

    (None, None) when everyone is alone.
    """
    if bunches is None:
        return None, None
    order = bunches.argsort(kind="stable")
    return order, numpy.flatnonzero(numpy.diff(bunches[order], prepend=-1))


def cuts(starts: numpy.ndarray | None, count: int, size: int) -> Iterator[tuple[int, int]]:
    """Bounds of pieces of at most ``size`` persons, cut only where a bunch starts.

    A bunch that is larger makes a piece of its own.
    """
    first = 0
    while first < count:
        last = min(first + size, count)
        if starts is not None and last < count:
            rank = numpy.searchsorted(starts, last, side="right") - 1
            if starts[rank] <= first:
                rank += 1
            last = int(starts[rank]) if rank < len(starts) else count
        yield first, last
        first = last


def within(starts: numpy.ndarray | None, first: int, last: int) -> numpy.ndarray | None:
    """Where bunches start in a piece, from its first person."""
    return None if starts is None else starts[(starts >= first) & (starts < last)] - first


def renumbered(membership: numpy.ndarray, count: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The numbers of the groups that some persons are in, of so many, and each person's among them.

    Sorting is for where the table of all the groups would be too long.
    """
    if count > 4 * len(membership):
        kept, ranks = numpy.unique(membership, return_inverse=True)
        return kept, ranks
    there = numpy.zeros(count, dtype=bool)
    there[membership] = True
    return numpy.flatnonzero(there), (numpy.cumsum(there) - 1).take(membership)


def picked(values: numpy.ndarray, rows: slice | numpy.ndarray) -> numpy.ndarray:
    """These rows of values: ``take`` picks scattered ones twice as quickly as an index does."""
    return values[rows] if isinstance(rows, slice) else values.take(rows)


class Chunk:
    """One OpenFisca simulation: some persons of a population, their groups and their inputs."""

    def __init__(
        self,
        system: TaxBenefitSystem,
        population: Population,
        rows: slice | numpy.ndarray,
        months: range,
    ) -> None:
        self.system = system
        self.simulation = LeanSimulation(system)
        self.kept: dict[str, slice | numpy.ndarray] = {}
        self.given: dict[str, set[Period]] = {}
        self.looked_back: set[str] = set()
        #: Ranks of the roles of the members, by entity, where they are given.
        self.roles: dict[str, numpy.ndarray] = {}
        #: Memberships that were renumbered, and how: those of several entities are often the same.
        self.renumbered: list[tuple[numpy.ndarray, tuple[numpy.ndarray, numpy.ndarray]]] = []
        self._set_persons(population, rows)
        for entity in system.group_entities:
            group = population.groups.get(entity.key) or Group(population.count)
            self._set_group(entity, group, rows)
        self._presume_couples()
        self._set_inputs(population.inputs, months)

    def _set_persons(self, population: Population, rows: slice | numpy.ndarray) -> None:
        persons = self.simulation.persons
        persons.count = (
            len(range(*rows.indices(population.count))) if isinstance(rows, slice) else len(rows)
        )
        persons.ids = range(persons.count)
        #: Groups of one: each person in the group of the same rank.
        self.alone = numpy.arange(persons.count)
        self.kept[persons.entity.key] = rows

    def _set_group(self, entity: GroupEntity, group: Group, rows: slice | numpy.ndarray) -> None:
        target = self.simulation.populations[entity.key]
        if group.membership is None:
            target.count = self.simulation.persons.count
            target.members_entity_id = self.alone
            target.are_alone = True
            self.kept[entity.key] = rows
        else:
            kept, membership = self._members(group, rows)
            target.count = len(kept)
            target.members_entity_id = membership
            self.kept[entity.key] = kept
        target.ids = range(target.count)
        if group.roles is not None:
            target.role_ranks = self.roles[entity.key] = picked(group.roles, rows)

    def _members(
        self, group: Group, rows: slice | numpy.ndarray
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The groups that these persons are in, and their members: once for groups of the same."""
        for known, answer in self.renumbered:
            if known is group.membership:
                return answer
        answer = renumbered(picked(group.membership, rows), group.count)
        self.renumbered.append((group.membership, answer))
        return answer

    def _set_inputs(self, inputs: list[Input], months: range) -> None:
        dated = {(item.variable, item.period) for item in inputs if item.period is not None}
        with_dates = {name for name, _ in dated}
        for item in inputs:
            variable = self.system.get_variable(item.variable, check_existence=True)
            # Cast once: a value given for every period is one array, shared by all of them.
            values = picked(item.values, self.kept[variable.entity.key])
            values = values.astype(variable.dtype, copy=False)
            if variable.value_type == Enum:
                values = EnumArray(values, variable.possible_values)
            moments = self._periods(variable, item.period, months)
            if item.period is None and item.variable in with_dates:
                moments = [
                    moment for moment in moments if (item.variable, str(moment)) not in dated
                ]
            self._give(variable, moments, values, item.given)
            self.given.setdefault(item.variable, set()).update(moments)

    def _give(
        self,
        variable: Variable,
        moments: Sequence[Period],
        values: numpy.ndarray,
        given: numpy.ndarray | None,
    ) -> None:
        """Give the values of an input, to those who have one."""
        holder = self.simulation.get_holder(variable.name)
        rows = slice(None) if given is None else given[self.kept[variable.entity.key]]
        if given is not None and (variable.formulas or holder.presumed is not None):
            for moment in moments:
                holder.give(moment, rows, values[rows])
        else:
            holder.arrays.update(dict.fromkeys(moments, values))
        if variable.definition_period == DateUnit.YEAR:
            for moment in moments:
                self.simulation.give_notice(variable, moment.start.year, rows)

    def _presume_couples(self) -> None:
        """Two who declare together are a couple, where the roles of the foyers were given."""
        if FOYER not in self.roles:
            return
        seconds = self.simulation.populations[FOYER].members_entity_id[self.roles[FOYER] == 1]
        if len(seconds):
            self.simulation.presume_couples(seconds)

    def _periods(self, variable: Variable, written: str | None, months: range) -> Sequence[Period]:
        """Periods for which an input holds."""
        if variable.definition_period == DateUnit.ETERNITY:
            return (ETERNITY,)
        if written is not None:
            return (written_period(written),)
        first = min(months[0], first_month(self.system)) - MONTHS_BEFORE
        if variable.definition_period == DateUnit.YEAR:
            return years_between(first // 12 - YEARS_BEFORE, months[-1] // 12)
        if not (variable.set_input or variable.formulas):
            # An event (a sanction, for instance): none is made up before the first month.
            first = months[0]
        return months_between(first, months[-1])

    def run(
        self, months: range, variables: Sequence[str], advance: Callable[[int], None]
    ) -> dict[str, numpy.ndarray]:
        """Compute the variables, month by month: arrays of persons × months."""
        count = self.simulation.persons.count
        results = {
            name: numpy.empty(
                (count, len(months)),
                dtype=self.system.get_variable(name, True).dtype,
                order="F",  # one month after the other
            )
            for name in variables
        }
        for rank, month in enumerate(months):
            now = month_period(month)
            for name in variables:
                results[name][:, rank] = self.simulation.calculate(name, now)
            self._forget(now)
            advance(count)
        return results

    def _forget(self, now: Period) -> None:
        """Drop what was computed for the month, unless later months look back at it.

        A variable that was asked this month for an earlier month will be again: from then on its
        values are kept. Inputs stay (they are the population's arrays, not copies).
        """
        for holder, moment in self.simulation.computed:
            if holder.variable.definition_period != DateUnit.MONTH:
                continue
            if moment.start < now.start:
                self.looked_back.add(holder.variable.name)
            elif holder.variable.name not in self.looked_back:
                del holder.arrays[moment]
        self.simulation.computed.clear()

    def tell(self, report: Report) -> None:
        """Add to the report the yearly inputs that were not given for a year that the law read.

        The years read are those of the yearly variables computed for the same entity.
        """
        for population in self.simulation.populations.values():
            for name in self.simulation.lacked:
                if self.system.variables[name].entity.key == population.entity.key:
                    population.get_holder(name)
            yearly = {
                name: holder
                for name, holder in core.holders(population).items()
                if holder.variable.definition_period == DateUnit.YEAR
            }
            read = {
                year
                for name, holder in yearly.items()
                for year in holder.get_known_periods()
                if holder.variable.formulas and year not in self.given.get(name, ())
            }
            for name, holder in yearly.items():
                if not may_be_empty(holder.variable):
                    missing = {str(year) for year in read if year not in self.given.get(name, ())}
                    report.defaults.setdefault(name, set()).update(missing)

    def release(self) -> None:
        """Break the cycles of a simulation, so that its arrays are freed at once."""
        for population in self.simulation.populations.values():
            core.holders(population).clear()
            population.simulation = None


def first_month(system: TaxBenefitSystem) -> int:
    """First month for which the law computes the allowance.

    A reform may have replaced its formula by one without a date, or by none: that of the law then.
    """
    for known in (system, model()):
        day = next(iter(known.get_variable(RESULT, True).formulas), core.UNDATED)
        if day > core.UNDATED:
            return month_number(day[:7])
    raise ValueError(RESULT)
