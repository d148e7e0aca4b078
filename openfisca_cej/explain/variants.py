"""Copies of one situation in one vectorised simulation, that differ by chosen inputs."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.periods import DateUnit, Period
from openfisca_core.variables import Variable

from openfisca_cej import core
from openfisca_cej.dependencies import reached
from openfisca_cej.explain.building import first_role
from openfisca_cej.explain.situation import Situation
from openfisca_cej.population.lean import (
    ETERNITY,
    NOTICES,
    LeanAccess,
    LeanHolder,
    LeanSimulation,
    Read,
    TracedSimulation,
)


def tiled(variable: Variable, values: numpy.ndarray, count: int) -> numpy.ndarray:
    """The values, so many times one after the other."""
    return held(variable, numpy.asarray(values)[numpy.newaxis].repeat(count, axis=0).ravel())


def of_copies(
    variable: Variable, values: numpy.ndarray, count: int, copies: numpy.ndarray
) -> numpy.ndarray:
    """Of the values of so many copies, those of some of them, one copy after the other."""
    return held(variable, numpy.asarray(values).reshape(count, -1).take(copies, axis=0).ravel())


def held(variable: Variable, values: numpy.ndarray) -> numpy.ndarray:
    """The values as arrays of the variable hold them."""
    if variable.value_type is Enum:
        return EnumArray(values, variable.possible_values)
    return values


class TiledHolder(LeanHolder):
    """The values of one copy, repeated for all of them when they are asked for."""

    def __init__(self, model: LeanHolder, population: LeanAccess, count: int) -> None:
        super().__init__(model.variable, population)
        self.model = model
        self.count = count
        self.given = {
            moment: (tiled(self.variable, known, count), numpy.tile(givers, count))
            for moment, (known, givers) in model.given.items()
        }
        if model.presumed is not None:
            self.presumed = tiled(self.variable, model.presumed, count)

    def get_array(self, period: Period) -> numpy.ndarray | None:
        """The values of the period, None where they are not known."""
        when = ETERNITY if self.eternal else period
        if when not in self.arrays and when in self.model.arrays:
            self.arrays[when] = tiled(self.variable, self.model.arrays[when], self.count)
        return super().get_array(period)

    def give(self, period: Period, rows: numpy.ndarray | int, values: object) -> None:
        """Give some a value, in some copies: the arrays of the model stay as they are."""
        self.get_array(period)
        super().give(period, rows, values)

    def get_known_periods(self) -> list[Period]:
        """The periods that have values, in one copy or here."""
        return list(dict.fromkeys([*self.model.get_known_periods(), *super().get_known_periods()]))


def behind(run: TracedSimulation, name: str, period: Period) -> frozenset[str] | None:
    """All the variables that a value of a traced case rests on, None where it was not computed.

    It rests on what the trace read, and on what the formulas are written with: another case may
    take another way through them.
    """
    node = run.tracer.computed.get((name, period))
    return None if node is None else rests_on(run, node)


def rests_on(run: TracedSimulation, node: Read) -> frozenset[str]:
    """The same of a value that was read."""
    computed = run.tracer.computed.get((node.name, node.period))
    node = computed or node
    if node.rests_on is None:
        read = {node.name, *node.looked_at}
        read.update(*(rests_on(run, child) for child in node.children))
        if computed is not None:
            read |= reached(run.tax_benefit_system, node.name)
        node.rests_on = frozenset(read)
    return node.rests_on


class Apart:
    """Which computed values of a case that was traced rest on none of some variables."""

    def __init__(self, run: TracedSimulation, names: set[str]) -> None:
        self.run, self.names = run, names

    def holds(self, name: str, period: Period) -> bool:
        """Whether a value was computed, and rests on none of them."""
        read = behind(self.run, name, period)
        return read is not None and self.names.isdisjoint(read)


class Copies(LeanSimulation):
    """Copies of a case that was traced: what rests on nothing that they change is not done again.

    Everything that they change is given before anything is computed.
    """

    def __init__(self, run: TracedSimulation, count: int) -> None:
        super().__init__(run.tax_benefit_system)
        self.run, self.count = run, count
        self.changed: set[str] = set()
        self.apart = Apart(run, self.changed)
        #: What gives the values of a variable for the copies, where they are known already.
        self.known: Callable[[LeanHolder, Period], numpy.ndarray | None] | None = None

    def worked_out(
        self, holder: LeanHolder, period: Period, formula: Callable[..., Any] | None
    ) -> numpy.ndarray:
        """What the formula gives: for each copy, or for the case."""
        variable = holder.variable
        if self.apart.holds(variable.name, period):
            return tiled(variable, self.run.calculate(variable.name, period), self.count)
        known = self.known(holder, period) if self.known else None
        return super().worked_out(holder, period, formula) if known is None else known


#: Periods, copies, and the value to put there.
Put = tuple[Iterable[Period], numpy.ndarray, object]


class Awaiting:
    """In the place of a holder until it is first asked for something."""

    def __init__(self, settled: Callable[[], LeanHolder]) -> None:
        self._settled = settled

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settled(), name)


class Variants:
    """``count`` copies of a situation: set inputs, one value a copy, then calculate once.

    They are under the law of the situation, or in a simulation of one's own; ``run``, where there
    is one, is the situation as it was traced.
    """

    def __init__(
        self,
        situation: Situation,
        count: int,
        simulation: LeanSimulation | None = None,
        run: TracedSimulation | None = None,
    ) -> None:
        self.situation = situation
        self.count = count
        self.model = situation.built.simulation
        if simulation is None:
            simulation = LeanSimulation(situation.system) if run is None else Copies(run, count)
        self.simulation = simulation
        self._rows: dict[tuple[str, str], numpy.ndarray] = {}
        self.sizes = {key: pop.count for key, pop in self.model.populations.items()}
        for key, population in self.model.populations.items():
            copy = self.simulation.populations[key]
            copy.count = population.count * count
            copy.ids = range(copy.count)
            if not population.entity.is_person:
                copy.are_alone = population.count == self.persons == 1
                first = numpy.arange(count)[:, numpy.newaxis] * population.count
                copy.members_entity_id = (first + population.members_entity_id).ravel()
                if population.members_role[0] != first_role(population.entity) or self.persons > 1:
                    copy.members_role = numpy.tile(population.members_role, count)
            for name, holder in core.holders(population).items():
                core.holders(copy)[name] = TiledHolder(holder, copy, count)
        self.simulation.notices = {
            last: notices.tiled(count) for last, notices in self.model.notices.items()
        }

    @property
    def persons(self) -> int:
        """Persons in one copy."""
        return int(self.sizes[self.situation.system.person_entity.key])

    def rows(self, variable: Variable, person: str) -> numpy.ndarray:
        """Rows of the person (or of the person's group) in each of the copies."""
        key = variable.entity.key
        if (key, person) not in self._rows:
            rank = self.situation.persons.index(person)
            population = self.model.populations[key]
            if not variable.entity.is_person:
                rank = int(population.members_entity_id[rank])
            self._rows[key, person] = rank + numpy.arange(self.count) * population.count
        return self._rows[key, person]

    def set(self, name: str, person: str, moments: Iterable[Period], values: numpy.ndarray) -> None:
        """Give the person (or the person's group) one value a copy, in each of the periods.

        Enumerations are given by the ranks of their items.
        """
        variable = self.situation.system.variables[name]
        self._write(variable, self.rows(variable, person), moments, values)

    def _write(
        self, variable: Variable, rows: numpy.ndarray, moments: Iterable[Period], values: object
    ) -> None:
        holder = self.simulation.get_holder(variable.name)
        if isinstance(self.simulation, Copies):
            self.simulation.changed |= {variable.name, NOTICES.get(variable.name, variable.name)}
        for moment in moments:
            holder.give(moment, rows, values)
            if variable.definition_period == DateUnit.YEAR:
                self.simulation.give_notice(variable, moment.start.year, rows)

    def put_all(self, name: str, person: str, puts: Sequence[Put]) -> None:
        """The same as each ``put``; those of an input are made when it is first read, if ever."""
        variable = self.situation.system.variables[name]
        if variable.formulas or name in NOTICES or not isinstance(self.simulation, Copies):
            for moments, copies, value in puts:
                self.put(name, person, moments, copies, value)
            return
        self.simulation.changed.add(name)
        known = core.holders(self.simulation.populations[variable.entity.key])
        before = known.pop(name, None)

        def settled() -> LeanHolder:
            del known[name]
            if before is not None:
                known[name] = before
            for moments, copies, value in puts:
                self.put(name, person, moments, copies, value)
            return known[name]

        known[name] = Awaiting(settled)

    def calculate(self, name: str, moment: Period, person: str) -> numpy.ndarray:
        """The variable of the person (or of the person's group) in each copy."""
        values = numpy.asarray(self.simulation.calculate(name, moment))
        if len(values) == self.count:
            return values
        return values[self.rows(self.situation.system.variables[name], person)]

    def put(
        self,
        name: str,
        person: str,
        moments: Iterable[Period],
        copies: numpy.ndarray,
        value: object,
    ) -> None:
        """Give the person (or the person's group) one value in some of the copies only."""
        variable = self.situation.system.variables[name]
        if variable.value_type is Enum:
            value = variable.possible_values[value].index
        self._write(variable, self.rows(variable, person)[copies], moments, value)
