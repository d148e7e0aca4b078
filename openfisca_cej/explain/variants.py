"""Copies of one situation in one vectorised simulation, that differ by chosen inputs."""

from collections.abc import Iterable

import numpy
from openfisca_core.holders import Holder
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej.explain.situation import Situation
from openfisca_cej.population.lean import LeanAccess, LeanHolder, LeanSimulation


def tiled(variable: Variable, values: numpy.ndarray, count: int) -> numpy.ndarray:
    """The values, so many times one after the other."""
    repeated = numpy.tile(numpy.asarray(values), count)
    if variable.value_type is Enum:
        return EnumArray(repeated, variable.possible_values)
    return repeated


class TiledHolder(LeanHolder):
    """The values of one copy, repeated for all of them when they are asked for."""

    def __init__(self, model: Holder, population: LeanAccess, count: int) -> None:
        super().__init__(model.variable, population)
        self.model = model
        self.count = count

    def get_array(self, period: Period) -> numpy.ndarray | None:
        """The values of the period, None where they are not known."""
        values = super().get_array(period)
        if values is None:
            known = self.model.get_array(period)
            if known is not None:
                values = tiled(self.variable, known, self.count)
                self.keep(values, period)
        return values

    def get_known_periods(self) -> list[Period]:
        """The periods that have values, in one copy or here."""
        return list(dict.fromkeys([*self.model.get_known_periods(), *self.arrays]))


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
                copy._holders[name] = TiledHolder(holder, copy, count)

    def under(self, law: TaxBenefitSystem) -> "Variants":
        """The same copies under another law: what was computed under the last one is dropped."""
        for holder, moment in self.simulation.computed:
            holder.delete_arrays(moment)
        self.simulation.computed.clear()
        self.simulation.tax_benefit_system = law
        return self

    @property
    def persons(self) -> int:
        """Persons in one copy."""
        return int(self.sizes[self.situation.system.person_entity.key])

    def _copied(self, variable: Variable, moment: Period) -> numpy.ndarray:
        """The values that stand, to be changed: those of a formula are those of the situation."""
        holder: TiledHolder = self.simulation.get_holder(variable.name)
        known = holder.get_array(moment)
        if known is not None:
            return known.copy()
        if variable.get_formula(moment) is not None:
            # Asked of a simulation apart: here it would keep values that inputs still to come
            # may change.
            values = self.situation.simulation().calculate(variable.name, moment)
            return tiled(variable, values, self.count)
        default: numpy.ndarray = holder.default_array()
        return default

    def rows(self, variable: Variable, person: str) -> numpy.ndarray:
        """Rows of the person (or of the person's group) in each of the copies."""
        rank = self.situation.persons.index(person)
        population = self.model.populations[variable.entity.key]
        if not variable.entity.is_person:
            rank = int(population.members_entity_id[rank])
        copies: numpy.ndarray = numpy.arange(self.count) * population.count
        return rank + copies

    def set(self, name: str, person: str, moments: Iterable[Period], values: numpy.ndarray) -> None:
        """Give the person (or the person's group) one value a copy, in each of the periods.

        Enumerations are given by the ranks of their items.
        """
        variable = self.situation.system.get_variable(name, check_existence=True)
        self._write(variable, self.rows(variable, person), moments, values)

    def _write(
        self, variable: Variable, rows: numpy.ndarray, moments: Iterable[Period], values: object
    ) -> None:
        holder = self.simulation.get_holder(variable.name)
        for moment in moments:
            array = self._copied(variable, moment)
            array[rows] = values
            holder.keep(array, moment)

    def calculate(self, name: str, moment: Period, person: str) -> numpy.ndarray:
        """The variable of the person (or of the person's group) in each copy."""
        values = numpy.asarray(self.simulation.calculate(name, moment))
        variable = self.situation.system.get_variable(name, check_existence=True)
        rows = self.rows(variable, person)
        found: numpy.ndarray = values[rows]
        return found

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
        self._write(variable, self.rows(variable, person)[copies], moments, value)
