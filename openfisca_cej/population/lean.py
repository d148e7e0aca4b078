"""OpenFisca's simulation with less ceremony: what a chunk repeats at each call costs less.

OpenFisca-Core parses periods, looks variables up and checks entities at every access, about a
millisecond a month: nothing for a million persons, five times the arithmetic for ten thousand.
Here values that are known are read from a dictionary; a formula runs under the checks of the
core (period, cycles, spirals, type of the result), once for each variable and month. Traces,
storage on disk and values that are dropped at once are not offered: a chunk needs none of them.
"""

import functools
from collections.abc import Callable

import numpy
from openfisca_core.errors import SpiralError
from openfisca_core.holders import Holder
from openfisca_core.periods import DateUnit, Period, period
from openfisca_core.populations import GroupPopulation, Population
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

ETERNITY = period(DateUnit.ETERNITY)


class LeanHolder(Holder):
    """Values of a variable in memory, by period."""

    def __init__(self, variable, population) -> None:
        self.variable = variable
        self.population = population
        self.simulation = population.simulation
        self.eternal = variable.definition_period == DateUnit.ETERNITY
        self.arrays: dict[Period, numpy.ndarray] = {}

    def get_array(self, period: Period) -> numpy.ndarray | None:
        """The values of the period, None where they are not known."""
        if self.variable.is_neutralized:
            return self.default_array()
        return self.arrays.get(ETERNITY if self.eternal else period)

    def keep(self, values: numpy.ndarray, period: Period) -> None:
        """Store values that have the length and the type of the variable."""
        self.arrays[ETERNITY if self.eternal else period] = values

    def _set(self, period: Period, values: numpy.ndarray) -> None:
        """Store a month's part of a value given for longer (``set_input`` of the core)."""
        self.keep(self._to_array(values), period)

    def get_known_periods(self) -> list[Period]:
        """The periods that have values."""
        return list(self.arrays)

    def delete_arrays(self, period: Period | None = None) -> None:
        """Forget the values of the period, or all of them."""
        if period is None:
            self.arrays.clear()
        else:
            self.arrays.pop(ETERNITY if self.eternal else period, None)


class LeanAccess:
    """How formulas ask persons and groups for values."""

    def __call__(self, variable_name, period, options=None):
        """Values of the variable, as in OpenFisca-Core."""
        if options is not None or type(period) is not Period:
            return super().__call__(variable_name, period, options)
        holder = self._holders.get(variable_name) or self.get_holder(variable_name)
        values = holder.get_array(period)
        return self.simulation.compute(holder, period) if values is None else values

    def get_holder(self, variable_name: str) -> LeanHolder:
        """The holder of the variable, made at the first call."""
        holder = self._holders.get(variable_name)
        if holder is None:
            variable = self.simulation.tax_benefit_system.variables.get(variable_name)
            if variable is None or variable.entity.key != self.entity.key:
                # Raises the error that the core has for it.
                self.entity.check_variable_defined_for_entity(variable_name)
            self._holders[variable_name] = holder = LeanHolder(variable, self)
        return holder


class LeanPersons(LeanAccess, Population):
    """The persons of a chunk."""


class LeanGroups(LeanAccess, GroupPopulation):
    """The groups of one entity in a chunk."""


class LeanSimulation(Simulation):
    """A simulation of persons and groups whose members are set by the caller."""

    def __init__(self, system: TaxBenefitSystem) -> None:
        persons = LeanPersons(system.person_entity)
        groups = {entity.key: LeanGroups(entity, persons) for entity in system.group_entities}
        super().__init__(system, {system.person_entity.key: persons, **groups})
        #: What was computed and kept since the list was last emptied.
        self.computed: list[tuple[LeanHolder, Period]] = []

    def calculate(self, variable_name: str, period: Period) -> numpy.ndarray:
        """Values of the variable for the period."""
        return self.get_variable_population(variable_name)(variable_name, period)

    def compute(self, holder: LeanHolder, period: Period) -> numpy.ndarray:
        """Run the formula of the period, or take the default; keep the result."""
        variable = holder.variable
        formula = formula_of(variable, period)
        self.tracer.record_calculation_start(variable.name, period)
        try:
            self._check_for_cycle(variable.name, period)
            values = None
            if formula is not None:
                given = holder.population, period, self.tax_benefit_system.get_parameters_at_instant
                values = formula(*given[: formula.__code__.co_argcount])
            if values is None:
                values = holder.default_array()
            values = self._cast_formula_result(values, variable)
            holder.keep(values, period)
            self.computed.append((holder, period))
        except SpiralError:
            values = holder.default_array()
        finally:
            self.tracer.record_calculation_end()
            self.purge_cache_of_invalid_values()
        return values


@functools.lru_cache(maxsize=4096)
def formula_of(variable: Variable, period: Period) -> Callable | None:
    """The formula in force, None where there is none.

    Raises ValueError when the variable has no value for such a period, as the core does.
    """
    Simulation._check_period_consistency(None, period, variable)
    return variable.get_formula(period)
