"""Copies of one situation in one vectorised simulation, that differ by chosen inputs."""

from collections.abc import Iterable

import numpy
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.periods import Period
from openfisca_core.variables import Variable

from openfisca_cej.explain.situation import Situation
from openfisca_cej.population.lean import LeanSimulation


class Variants:
    """``count`` copies of a situation: set inputs, one value a copy, then calculate once."""

    def __init__(self, situation: Situation, count: int) -> None:
        self.situation = situation
        self.count = count
        self.model = situation.simulation()
        self.simulation = LeanSimulation(situation.system)
        self.sizes = {key: pop.count for key, pop in self.model.populations.items()}
        for key, population in self.model.populations.items():
            copy = self.simulation.populations[key]
            copy.count = population.count * count
            copy.ids = range(copy.count)
            if not population.entity.is_person:
                shift = numpy.repeat(numpy.arange(count) * population.count, self.persons)
                copy.members_entity_id = numpy.tile(population.members_entity_id, count) + shift
                copy.members_role = numpy.tile(population.members_role, count)
            for name, holder in population._holders.items():
                for moment in holder.get_known_periods():
                    values = self._tiled(holder.variable, holder.get_array(moment))
                    copy.get_holder(name).keep(values, moment)

    @property
    def persons(self) -> int:
        """Persons in one copy."""
        return self.sizes[self.situation.system.person_entity.key]

    def _tiled(self, variable: Variable, values: numpy.ndarray) -> numpy.ndarray:
        tiled = numpy.tile(numpy.asarray(values), self.count)
        return EnumArray(tiled, variable.possible_values) if variable.value_type is Enum else tiled

    def _copied(self, variable: Variable, moment: Period) -> numpy.ndarray:
        """The values that stand, to be changed: those of a formula are those of the situation."""
        holder = self.simulation.get_holder(variable.name)
        known = holder.get_array(moment)
        if known is not None:
            return known.copy()
        if variable.get_formula(moment) is not None:
            # Asked of a simulation apart: here it would keep values that inputs still to come
            # may change.
            return self._tiled(
                variable, self.situation.simulation().calculate(variable.name, moment)
            )
        return holder.default_array()

    def rows(self, variable: Variable, person: str) -> numpy.ndarray:
        """Rows of the person (or of the person's group) in each of the copies."""
        rank = self.situation.persons.index(person)
        population = self.model.populations[variable.entity.key]
        if not variable.entity.is_person:
            rank = int(population.members_entity_id[rank])
        return rank + numpy.arange(self.count) * population.count

    def set(self, name: str, person: str, moments: Iterable[Period], values: numpy.ndarray) -> None:
        """Give the person (or the person's group) one value a copy, in each of the periods.

        Enumerations are given by the ranks of their items.
        """
        variable = self.situation.system.get_variable(name, check_existence=True)
        rows = self.rows(variable, person)
        holder = self.simulation.get_holder(name)
        for moment in moments:
            array = self._copied(variable, moment)
            array[rows] = values
            holder.keep(array, moment)

    def calculate(self, name: str, moment: Period, person: str) -> numpy.ndarray:
        """The variable of the person (or of the person's group) in each copy."""
        values = self.simulation.calculate(name, moment)
        variable = self.situation.system.get_variable(name, check_existence=True)
        return numpy.asarray(values)[self.rows(variable, person)]

    def put(
        self,
        name: str,
        person: str,
        moments: Iterable[Period],
        copies: numpy.ndarray,
        value: object,
    ) -> None:
        """Give the person (or the person's group) one value in some of the copies only."""
        variable = self.situation.system.get_variable(name, check_existence=True)
        if variable.value_type is Enum:
            value = variable.possible_values[value].index
        rows = self.rows(variable, person)[copies]
        holder = self.simulation.get_holder(name)
        for moment in moments:
            array = self._copied(variable, moment)
            array[rows] = value
            holder.keep(array, moment)
