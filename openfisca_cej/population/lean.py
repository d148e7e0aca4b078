"""OpenFisca's simulation with less ceremony: what a chunk repeats at each call costs less.

OpenFisca-Core parses periods, looks variables up and checks entities at every access, about a
millisecond a month: nothing for a million persons, five times the arithmetic for ten thousand.
Here values that are known are read from a dictionary; a formula runs under the checks of the
core (period, cycles, spirals, type of the result), once for each variable and month. Storage on
disk and values that are dropped at once are not offered: nothing here needs them.

The core has one array a variable and period: a value that one person gives for what the model
computes takes the place of the formula for all. Here it does so for that person alone.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy
from openfisca_core.errors import SpiralError
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.periods import DateUnit, Period, period
from openfisca_core.populations import GroupPopulation, Population
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import base, bounds, core
from openfisca_cej.population.months import written_period

ETERNITY = period(DateUnit.ETERNITY)

#: The tax inputs that two declarants answer by being two.
COUPLE, FOYER = "maries_ou_pacses", "foyer_fiscal"

#: What makes a tax notice known, and the variable that says which one is the last.
NOTICES = {
    "rni": "cej_annee_avis",
    "cej_impot_restant_a_payer": "cej_annee_avis",
    "cej_rni_autonome": "cej_annee_avis_autonome",
}


#: The first year of incomes whose notice the CEJ reads: the scales of before are not here.
FIRST_NOTICE = int(bounds.of_input("année").least)


class LeanHolder(core.KeptHolder):
    """Values of a variable in memory, by period."""

    def __init__(self, variable: Variable, population: Any) -> None:
        self.variable = variable
        self.population = population
        self.simulation = population.simulation
        self.eternal = variable.definition_period == DateUnit.ETERNITY
        self.arrays: dict[Period, numpy.ndarray] = {}
        #: What some gave of a computed variable: values (the default elsewhere) and who gave them.
        self.given: dict[Period, tuple[numpy.ndarray, numpy.ndarray]] = {}
        #: What an input is where nobody gave it, when that is not its default.
        self.presumed: numpy.ndarray | None = None
        #: How many periods of it are being computed now.
        self.running = 0

    def get_array(self, period: Period) -> numpy.ndarray | None:
        """The values of the period, None where they are not known of all."""
        if self.variable.is_neutralized:
            return self.default_array()
        values = self.arrays.get(ETERNITY if self.eternal else period)
        return self.presumed if values is None else values

    def give(self, period: Period, rows: numpy.ndarray | int, values: object) -> None:
        """Give some a value: the formula, or else what is presumed, holds for the others."""
        when = ETERNITY if self.eternal else period
        if not self.variable.formulas or when in self.arrays:
            if when not in self.arrays:
                base = self.default_array() if self.presumed is None else self.presumed.copy()
                self.arrays[when] = base
            self.arrays[when][rows] = values
            return
        if when not in self.given:
            self.given[when] = self.default_array(), numpy.zeros(self.population.count, dtype=bool)
        known, givers = self.given[when]
        known[rows] = values
        givers[rows] = True
        if givers.all():
            self.arrays[when] = known
            del self.given[when]

    def values_given(self, period: Period) -> numpy.ndarray:
        """The values known of a period that someone gave: the default for those who did not."""
        values = self.get_array(period)
        return self.given[period][0] if values is None else values

    def keep(self, values: numpy.ndarray, period: Period) -> None:
        """Store values that have the length and the type of the variable."""
        self.arrays[ETERNITY if self.eternal else period] = values

    def default_array(self) -> numpy.ndarray:
        """The default of the variable for each person or group."""
        return base.valeurs_par_defaut(self.variable, self.population.count)

    def get_known_periods(self) -> list[Period]:
        """The periods that have values, for all or for some."""
        return [*self.arrays, *self.given]

    def delete_arrays(self, period: Period | None = None) -> None:
        """Forget the values of the period, or all of them."""
        if period is None:
            self.arrays.clear()
        else:
            self.arrays.pop(ETERNITY if self.eternal else period, None)


class LeanAccess:
    """How formulas ask persons and groups for values."""

    entity: Any
    simulation: Any

    def __init__(self, *of_the_core: Any) -> None:
        super().__init__(*of_the_core)
        #: The holders by variable: the dictionary of the core, at hand.
        self.known = core.holders(self)
        #: The inputs that were found to be lacking.
        self.absent: set[str] = set()

    def __call__(self, variable_name: str, period: Any, options: Any = None) -> Any:
        """Values of the variable, as in OpenFisca-Core."""
        if options is not None or type(period) is not Period:
            return super().__call__(variable_name, period, options)  # type: ignore[misc]
        holder = self.known.get(variable_name) or self.get_holder(variable_name)
        values = holder.get_array(period)
        return self.simulation.compute(holder, period) if values is None else values

    def has_value(self, variable_name: str, period: Period) -> bool:
        """Whether a variable was given for the period, or is computed."""
        holder = self.known.get(variable_name)
        if holder is not None:
            return bool(holder.variable.formulas) or holder.get_array(period) is not None
        if variable_name in self.absent:
            return False
        variable = self.simulation.tax_benefit_system.variables[variable_name]
        if variable.entity.key != self.entity.key:
            self.get_holder(variable_name)  # raises the error of the core
        if not variable.formulas:
            self.simulation.lacked.add(variable_name)
            self.absent.add(variable_name)
            return False
        return True

    def get_holder(self, variable_name: str) -> LeanHolder:
        """The holder of the variable, made at the first call."""
        holder = self.known.get(variable_name)
        if holder is None:
            variable = self.simulation.tax_benefit_system.variables.get(variable_name)
            if variable is None or variable.entity.key != self.entity.key:
                # Raises the error that the core has for it.
                self.entity.check_variable_defined_for_entity(variable_name)
            self.known[variable_name] = holder = LeanHolder(variable, self)
        return holder


class Notices:
    """The years of incomes for which each instance of an entity gave its tax notice."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.givers: dict[int, numpy.ndarray] = {}
        #: The last ones that were asked for, by year: the months of a year ask for the same.
        self.known: dict[int, numpy.ndarray] = {}

    def give(self, year: int, rows: Any) -> None:
        """Note that these rows gave the notice of a year."""
        if year < FIRST_NOTICE:
            return
        if year not in self.givers:
            self.givers[year] = numpy.zeros(self.count, dtype=bool)
        self.givers[year][rows] = True
        self.known.clear()

    def tiled(self, count: int) -> "Notices":
        """The same, for so many copies of the instances."""
        copies = Notices(self.count * count)
        copies.givers = {year: numpy.tile(rows, count) for year, rows in self.givers.items()}
        return copies

    def gave(self, year: int) -> numpy.ndarray:
        """Who gave the notice of a year."""
        givers = self.givers.get(year)
        return numpy.zeros(self.count, dtype=bool) if givers is None else givers

    def last(self, year: int) -> numpy.ndarray:
        """The year of the last notice of each: of this year, or before where it was not given."""
        if year not in self.known:
            self.known[year] = self._last(year)
        return self.known[year]

    def _last(self, year: int) -> numpy.ndarray:
        last = numpy.full(self.count, year)
        left = ~self.gave(year)
        if not left.any():
            return last
        for earlier in sorted((known for known in self.givers if known < year), reverse=True):
            rows = left & self.givers[earlier]
            last[rows] = earlier
            left &= ~rows
        return last


class LeanPersons(LeanAccess, Population):
    """The persons of a chunk."""

    def __getattr__(self, name: str) -> Any:
        """The way to a group (``individu.famille``), looked up once."""
        found = super().__getattr__(name)
        self.__dict__[name] = found
        return found

    def has_role(self, role: Any) -> numpy.ndarray:
        """Who has a role: ranks are compared, where the roles came by their ranks."""
        groups = self.simulation.get_population(role.entity.plural)
        if groups.are_made:
            return super().has_role(role)
        roles = groups.entity.flattened_roles
        ranks = [roles.index(one) for one in role.subroles or [role]]
        if groups.role_ranks is None:  # Everyone has the first one.
            return numpy.full(self.count, 0 in ranks)
        return functools.reduce(numpy.logical_or, [groups.role_ranks == rank for rank in ranks])


class LeanGroups(LeanAccess, GroupPopulation):
    """The groups of one entity in a chunk; roles come by their ranks, and are made when asked."""

    role_ranks: numpy.ndarray | None = None
    _members_role: numpy.ndarray | None

    #: Whether each person is in the group of the same rank, with nobody else.
    are_alone = False

    @property
    def are_made(self) -> bool:
        """Whether the roles were given as such, or are made already."""
        return self._members_role is not None

    def project(self, array: numpy.ndarray, role: Any = None) -> numpy.ndarray:
        """Values of the groups, for each of their members."""
        return array if self.are_alone and role is None else super().project(array, role)

    @property
    def members_role(self) -> numpy.ndarray:
        """The role of each person."""
        if self._members_role is None and self.role_ranks is not None:
            roles = numpy.empty(len(self.entity.flattened_roles), dtype=object)
            roles[:] = self.entity.flattened_roles
            self._members_role = roles[self.role_ranks]
        return super().members_role

    @members_role.setter
    def members_role(self, roles: numpy.ndarray) -> None:
        # The core makes a list of them, and another array.
        self._members_role = numpy.asarray(roles, dtype=object)


class LeanSimulation(Simulation):
    """A simulation of persons and groups whose members are set by the caller."""

    tax_benefit_system: TaxBenefitSystem
    persons_class, groups_class = LeanPersons, LeanGroups

    def __init__(self, system: TaxBenefitSystem) -> None:
        persons = self.persons_class(system.person_entity)
        groups = {
            entity.key: self.groups_class(entity, persons) for entity in system.group_entities
        }
        super().__init__(system, {system.person_entity.key: persons, **groups})
        #: What was computed and kept since the list was last emptied.
        self.computed: list[tuple[LeanHolder, Period]] = []
        #: The inputs that formulas asked for and nobody gave.
        self.lacked: set[str] = set()
        #: Who gave which tax notices, by the variable that says which one is the last.
        self.notices: dict[str, Notices] = {}

    @property
    def parameters_at(self) -> Callable[..., Any]:
        """How formulas read parameters."""
        return self.tax_benefit_system.get_parameters_at_instant

    def calculate(self, variable_name: str, period: Period | str) -> numpy.ndarray:
        """Values of the variable for the period."""
        if type(period) is not Period:
            period = written_period(str(period))
        return self.get_variable_population(variable_name)(variable_name, period)

    def get_variable_population(self, variable_name: str) -> Any:
        """The population of the entity of a variable."""
        variable = self.tax_benefit_system.variables.get(variable_name)
        if variable is None:
            return super().get_variable_population(variable_name)  # raises the error of the core
        return self.populations[variable.entity.key]

    def compute(self, holder: LeanHolder, period: Period) -> numpy.ndarray:
        """Run the formula of the period, or take the default; keep the result."""
        variable = holder.variable
        formula = formula_of(variable, period)
        self.tracer.record_calculation_start(variable.name, period)
        holder.running += 1
        try:
            if holder.running > 1:
                core.check_for_cycle(self, variable.name, period)
            values = self.worked_out(holder, period, formula)
            if holder.given and period in holder.given:
                known, givers = holder.given[period]
                values = values.copy()  # it may be the array of another variable
                values[givers] = known[givers]
            holder.keep(values, period)
            self.computed.append((holder, period))
            self.tracer.record_calculation_result(values)
        except SpiralError:
            values = holder.default_array()
        finally:
            holder.running -= 1
            self.tracer.record_calculation_end()
            if self.invalidated_caches:
                self.purge_cache_of_invalid_values()
        return values

    def worked_out(
        self, holder: LeanHolder, period: Period, formula: Callable[..., Any] | None
    ) -> numpy.ndarray:
        """What the formula of the period gives, or the default."""
        variable = holder.variable
        values = None
        if formula is not None:
            given = holder.population, period, self.parameters_at
            values = formula(*given[: formula.__code__.co_argcount])
        if values is None:
            values = holder.default_array()
        values = of_type(values, variable, holder.population)
        if variable.name in self.notices:
            values = self.notices[variable.name].last(int(values[0]))
        return values

    def give_notice(self, variable: Variable, year: int, rows: object) -> None:
        """Note who gave an input of a year, if it makes the tax notice of that year known."""
        last = NOTICES.get(variable.name)
        if last is not None:
            if last not in self.notices:
                self.notices[last] = Notices(self.populations[variable.entity.key].count)
            self.notices[last].give(year, rows)

    def presume_couples(self, rows: object) -> None:
        """Two who declare their incomes together are married or PACSed, unless they say not."""
        holder = self.get_holder(COUPLE)
        holder.presumed = holder.default_array()
        holder.presumed[rows] = True


class Read:
    """A value that was read in a period: what it was made of, and the parameters read for it."""

    __slots__ = ("children", "looked_at", "name", "parameters", "period", "rests_on")

    def __init__(self, name: str, period: Any) -> None:
        self.name, self.period = name, period
        self.children: list[Read] = []
        self.parameters: list[tuple[str, Any]] = []
        #: The variables that it was looked at who gave.
        self.looked_at: set[str] = set()
        #: All the variables behind it, once they have been looked for.
        self.rests_on: frozenset[str] | None = None


class Reads:
    """What calculations read: a tracer of the core, that keeps neither times nor values."""

    def __init__(self) -> None:
        self.path = [Read("", ETERNITY)]
        #: What formulas computed.
        self.computed: dict[tuple[str, Any], Read] = {}

    @property
    def trees(self) -> list[Read]:
        """What was asked for."""
        return self.path[0].children

    @property
    def stack(self) -> list[dict[str, Any]]:
        """What is being computed, as the core looks for cycles in it."""
        return [{"name": node.name, "period": node.period} for node in self.path[1:]]

    def record_calculation_start(self, variable: str, period: Any) -> None:
        """A value is computed."""
        self.computed[variable, period] = node = Read(variable, period)
        self.path[-1].children.append(node)
        self.path.append(node)

    def record_known(self, variable: str, period: Any, _: Any) -> None:
        """A value that was known is read."""
        self.path[-1].children.append(Read(variable, period))

    def record_taken(
        self, variable: str, period: Any, computed: dict[tuple[str, Any], Read]
    ) -> None:
        """A value is taken with all that was computed for it."""
        self.computed.update(computed)
        self.path[-1].children.append(computed[variable, period])

    def record_look(self, variable: str) -> None:
        """It is looked at who gave a variable."""
        self.path[-1].looked_at.add(variable)

    def record_parameter_access(self, parameter: str, period: Any, _: Any) -> None:
        """A parameter is read."""
        self.path[-1].parameters.append((parameter, period))

    def record_calculation_result(self, _: Any) -> None:
        """The simulation keeps the values."""

    def record_calculation_end(self) -> None:
        """What was asked for is known."""
        self.path.pop()


class TracedAccess(LeanAccess):
    """The same, each reading told to the tracer."""

    def __call__(self, variable_name: str, period: Any, options: Any = None) -> Any:
        """Values of the variable, as in OpenFisca-Core."""
        if options is not None or type(period) is not Period:
            return super().__call__(variable_name, period, options)
        holder = self.known.get(variable_name) or super().get_holder(variable_name)
        values = holder.get_array(period)
        if values is None and holder.variable.formulas:
            return self.simulation.compute(holder, period)
        if values is None:
            formula_of(holder.variable, period)  # refuses a period that does not suit
            values = holder.default_array()
            holder.keep(values, period)
        self.simulation.tracer.record_known(variable_name, period, values)
        return values

    def has_value(self, variable_name: str, period: Period) -> bool:
        """All have one: a trace shows what was assumed."""
        return True

    def get_holder(self, variable_name: str) -> LeanHolder:
        """The holder of the variable: who gave it may be looked at."""
        self.simulation.tracer.record_look(variable_name)
        return super().get_holder(variable_name)


class TracedPersons(TracedAccess, Population):
    """Persons whose calculations are traced."""


class TracedGroups(TracedAccess, LeanGroups):
    """Groups whose calculations are traced."""


class TracedSimulation(LeanSimulation):
    """A simulation that tells what it reads and computes (``Reads``)."""

    persons_class, groups_class = TracedPersons, TracedGroups

    def __init__(self, system: TaxBenefitSystem) -> None:
        super().__init__(system)
        self.trace = True
        self.tracer = Reads()
        #: What is known already, where something is: see ``explain.anyone``.
        self.alike: Any = None

    def compute(self, holder: LeanHolder, period: Period) -> numpy.ndarray:
        """Run the formula of the period, unless its result and what it read are known."""
        known = self.alike.take(self, holder.variable.name, period) if self.alike else None
        if known is None:
            return super().compute(holder, period)
        values, computed = known
        self.tracer.record_taken(holder.variable.name, period, computed)
        holder.keep(values, period)
        return values

    @property
    def parameters_at(self) -> Callable[..., Any]:
        """How formulas read parameters: what they read is traced."""
        return self.trace_parameters_at_instant


class WatchedAccess(LeanAccess):
    """The same, each reading adding what the value rests on to what is being computed."""

    def __call__(self, variable_name: str, period: Any, options: Any = None) -> Any:
        """Values of the variable, as in OpenFisca-Core."""
        values = super().__call__(variable_name, period, options)
        if variable_name in self.simulation.resting:
            self.simulation.rest_on(variable_name, period)
        return values


class WatchedPersons(WatchedAccess, LeanPersons):
    """Persons of whom it is noted what each value rests on."""


class WatchedGroups(WatchedAccess, LeanGroups):
    """Groups of which it is noted what each value rests on."""


class WatchedSimulation(LeanSimulation):
    """A simulation that knows which of the watched values each result rests on.

    ``watch.noted`` is what was read of them so far; formulas read ``watch.law``, that adds to it.
    """

    persons_class, groups_class = WatchedPersons, WatchedGroups

    def __init__(self, watch: Any) -> None:
        super().__init__(watch.law)
        self.watch = watch
        #: What each computed value rests on, if anything, and the variables of such values.
        self.rests: dict[tuple[str, Period], set[str]] = {}
        self.resting: set[str] = set()

    def compute(self, holder: LeanHolder, period: Period) -> numpy.ndarray:
        """Run the formula of the period, and note what it read."""
        before, self.watch.noted = self.watch.noted, set()
        try:
            return super().compute(holder, period)
        finally:
            if self.watch.noted:
                when = ETERNITY if holder.eternal else period
                self.rests[holder.variable.name, when] = self.watch.noted
                self.resting.add(holder.variable.name)
            self.watch.noted = before

    def rest_on(self, name: str, period: Period) -> None:
        """Note that what is being computed rests on what this value does."""
        for when in (period, ETERNITY):
            self.watch.noted |= self.rests.get((name, when), set())

    def moved(
        self, law: TaxBenefitSystem, paths: set[str], rows: Sequence[Callable[[], numpy.ndarray]]
    ) -> numpy.ndarray:
        """What is calculated, row by row, under a law where the values of these paths have moved.

        Only what rests on them is computed again; everything is as before afterwards.
        """
        kept = []
        for (name, when), read in self.rests.items():
            if read & paths:
                holder = self.get_holder(name)
                kept.append((holder, when, holder.get_array(when)))
                holder.delete_arrays(when)
        self.tax_benefit_system = law
        rests, self.rests = self.rests, {}
        self.computed.clear()
        values = numpy.stack([row() for row in rows])
        for holder, when in self.computed:
            holder.delete_arrays(when)
        for holder, when, known in kept:
            holder.keep(known, when)
        self.tax_benefit_system, self.rests = self.watch.law, rests
        return values


def of_type(values: Any, variable: Variable, population: Population) -> numpy.ndarray:
    """What a formula returned, as an array of the type of its variable (as the core casts it)."""
    if variable.value_type is Enum and not isinstance(values, EnumArray):
        return variable.possible_values.encode(values)
    if not isinstance(values, numpy.ndarray):
        return population.filled_array(values, variable.dtype)
    return values if values.dtype == variable.dtype else values.astype(variable.dtype)


@functools.lru_cache(maxsize=4096)
def formula_of(variable: Variable, period: Period) -> Callable[..., Any] | None:
    """The formula in force, None where there is none.

    Raises ValueError when the variable has no value for such a period, as the core does.
    """
    core.check_period(variable, period)
    return variable.get_formula(period)
