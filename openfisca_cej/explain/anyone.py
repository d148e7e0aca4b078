"""What holds for anyone of whom nothing is said: worked out once a month, not for each person.

A value that rests on nothing that a case gives is what it is for someone of whom nothing is known:
so is what it was made of, and what trials make of it.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy
from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import core, declarations
from openfisca_cej.dependencies import reached
from openfisca_cej.explain.building import first_role
from openfisca_cej.explain.frozen import Watch, known_no_more
from openfisca_cej.explain.lines import Reading, worded
from openfisca_cej.explain.origins import Origins, moment_of
from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.explain.spans import Supplied
from openfisca_cej.explain.trying import PersonMonth, Tried, alone_and_by_two
from openfisca_cej.explain.unknowns import Candidates
from openfisca_cej.explain.variants import behind, of_copies, rests_on
from openfisca_cej.names import RESULT
from openfisca_cej.population.lean import (
    ETERNITY,
    NOTICES,
    LeanAccess,
    LeanHolder,
    Read,
    TracedSimulation,
)
from openfisca_cej.systems import model, remembered

#: Someone of whom nothing is known.
NOBODY = "personne"

#: Months that are remembered, two megabytes each: those of two years, which are asked for in turn.
MONTHS = 24

#: A value: of which variable, for which period.
Key = tuple[str, Period]


@remembered
def nobody(system: TaxBenefitSystem) -> Situation:
    """The situation of someone of whom nothing is known."""
    return read({system.person_entity.plural: {NOBODY: {}}}, system)


@dataclasses.dataclass
class Known:
    """What a value is made of: what was computed, the values, the arrays of inputs looked at.

    ``looked_at`` are inputs of which something looked at for which months they had values.
    """

    computed: dict[Key, Read]
    values: dict[Key, Any] = dataclasses.field(default_factory=dict)
    kept: dict[Key, numpy.ndarray] = dataclasses.field(default_factory=dict)
    looked_at: set[str] = dataclasses.field(default_factory=set)

    def add(self, other: "Known") -> None:
        """Add what one of its values is made of."""
        self.computed |= other.computed
        self.values |= other.values
        self.kept |= other.kept
        self.looked_at |= other.looked_at


class Noting(Reading):
    """A reading that notes what the words of a line are made from."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading.situation, reading.simulation, reading.person)
        self.noted: set[Key] = set()

    def value(self, name: str, moment: Period) -> Any:
        """The value, noted."""
        self.noted.add((name, moment))
        return super().value(name, moment)

    def given(self, name: str) -> list[Supplied]:
        """What is given of a variable: noted."""
        self.noted.add((name, ETERNITY))
        return super().given(name)


class Before:
    """For which months inputs had values before each value was computed."""

    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.found: dict[Key, dict[str, set[Period]]] = {}

    def take(self, simulation: TracedSimulation, name: str, period: Period) -> None:
        """Note it, and let the value be computed."""
        self.found[name, period] = {one: months_of(simulation, one) for one in self.names}


def months_of(simulation: TracedSimulation, name: str) -> set[Period]:
    """The periods for which a variable has values, without its being told that it was asked."""
    holder = core.holders(simulation.get_variable_population(name)).get(name)
    return set(holder.get_known_periods()) if holder else set()


class Anyone:
    """A month of someone of whom nothing is known: what was traced, and what was tried."""

    def __init__(self, moment: Period) -> None:
        self.moment = moment
        situation = nobody(model())
        system = situation.system
        self.watch = Watch(system, known_no_more(system, moment, RESULT))
        watched = dataclasses.replace(situation, system=self.watch.law)
        first = watched.simulation(trace=True)
        first.calculate(RESULT, moment)
        #: The inputs of which it is looked at for which months they have values: reading them
        #: gives them one, and changes what is read after.
        self.looked_at = {
            name
            for node in first.tracer.computed.values()
            for name in node.looked_at
            if not system.variables[name].formulas
        }
        before = Before(self.looked_at)
        self.run: TracedSimulation = watched.simulation(trace=True)
        self.run.alike = before
        self.run.calculate(RESULT, moment)
        self.run.alike = None
        self.computed: dict[Key, Read] = dict(self.run.tracer.computed)
        self.reading = Reading(situation, self.run, NOBODY)
        self.known = {key: self.made_of(key) for key in self.computed}
        self.before = {
            key: {name: before.found[key][name] for name in known.looked_at}
            for key, known in self.known.items()
        }
        self.tried = self.tries(watched, moment)
        self.ranks = {trial: rank for rank, trial in enumerate(self.tried.trials, 1)}
        keys = self.tried.weights[self.tried.held].sum(axis=1)
        self.order = keys.argsort()
        self.keys = keys[self.order]

    def tries(self, watched: Situation, moment: Period) -> Tried:
        """The trials of all that is not known, made."""
        origins = Origins(self.reading, moment)
        origins.visit(self.run.tracer.trees[0])
        unknowns = Candidates(watched, NOBODY, moment).all(origins.unsupplied())
        tried = alone_and_by_two(PersonMonth(watched, NOBODY, moment, self.run), unknowns)
        for name in (RESULT, *declarations.CONDITIONS):
            tried.calculate(name)
        tried.forget(but=lambda name: bool(watched.system.variables[name].formulas))
        return tried

    def made_of(self, key: Key) -> Known:
        """What a value is made of, at all depths."""
        node = self.computed[key]
        found = Known({key: node}, looked_at=self.looked_at & node.looked_at)
        for child in node.children:
            below = (child.name, child.period)
            if below in self.computed:
                found.add(self.made_of(below))
            else:
                self.read(child, found)
        self.read(node, found)
        return found

    def read(self, node: Read, found: Known) -> None:
        """Note a value that was read."""
        moment = moment_of(self.reading.variable(node.name), node)
        found.values[node.name, moment] = self.reading.value(node.name, moment)
        if node.name in self.looked_at:
            found.kept[node.name, moment] = self.run.get_holder(node.name).get_array(moment)

    def rests_on(self, name: str, period: Period) -> frozenset[str] | None:
        """The variables that a value rests on in any case; None where that is not known.

        Of another period than was traced, those that the formulas are written with, where they are
        all: what is on a list of the parameters is not.
        """
        found = behind(self.run, name, period)
        return self.static.get(name) if found is None else found

    def told_from(self, name: str, moment: Period) -> frozenset[str] | None:
        """All that a value and its line rest on; None where that is not known."""
        noting = Noting(self.reading)
        worded(noting, name, moment)
        found = set(self.rests_on(name, moment) or {name})
        for one, when in noting.noted:
            read = self.rests_on(one, when)
            if read is None and self.reading.variable(one).formulas:
                return None
            found |= read or {one}
        return frozenset(found)

    @functools.cached_property
    def static(self) -> dict[str, frozenset[str]]:
        """What is written in the formulas, of the variables for which nothing else was read."""
        system = self.run.tax_benefit_system
        written = {name: reached(system, name) for name, _ in self.computed}
        dynamic = {
            name
            for (name, _), node in self.computed.items()
            if not rests_on(self.run, node) <= written[name]
        }
        return {name: read for name, read in written.items() if name not in dynamic}


@functools.lru_cache(maxsize=MONTHS)
def anyone(moment: Period) -> Anyone | None:
    """What is known of a month, None where each case must tell which values the law has moved."""
    known = Anyone(moment)
    return None if known.watch.noted else known


class Alike:
    """What a case has in common with someone of whom nothing is known."""

    def __init__(self, known: Anyone, given: set[str]) -> None:
        self.anyone, self.given = known, given
        #: What was computed of what was taken, and the values behind it.
        self.taken: dict[Key, Read] = {}
        self.values: dict[Key, Any] = {}

    def take(
        self, simulation: TracedSimulation, name: str, period: Period
    ) -> tuple[numpy.ndarray, dict[Key, Read]] | None:
        """A value for a simulation, and what was computed for it; None if it is to be computed."""
        key = (name, period)
        if key not in self.taken:
            known = self.anyone.known.get(key)
            if known is None or not self.has(simulation, key):
                return None
            self.taken.update(known.computed)
            self.values.update(known.values)
            for (one, moment), values in known.kept.items():
                population = simulation.get_variable_population(one)
                LeanAccess.get_holder(population, one).keep(values, moment)
        return self.anyone.run.get_holder(name).get_array(period), self.taken

    def has(self, simulation: TracedSimulation, key: Key) -> bool:
        """Whether a value rests on nothing that is given, nor on what was read before it."""
        if not rests_on(self.anyone.run, self.anyone.computed[key]).isdisjoint(self.given):
            return False
        before = self.anyone.before[key]
        return all(months_of(simulation, one) == months for one, months in before.items())

    def shares(self, node: Read, rests: frozenset[str]) -> bool:
        """Whether what is told of a value that was read is what is told of nobody."""
        computed = (node.name, node.period) in self.anyone.computed
        taken = (node.name, node.period) in self.taken
        return taken == computed and rests.isdisjoint(self.given)

    def copies_of(self, tried: Tried) -> Callable[[LeanHolder, Period], numpy.ndarray | None]:
        """How copies take what the same trials make of a value that the case has in common."""
        there = self.anyone.tried
        ranks = numpy.array([0, *(self.anyone.ranks.get(trial, 0) for trial in tried.trials)])
        #: What trials change that are not made there.
        own = {
            name
            for trial, rank in zip(tried.trials, ranks[1:].tolist(), strict=True)
            if not rank
            for name in trial.sets
        }

        weights = there.weights[ranks]
        keys = weights[tried.held[:, 0]] + weights[tried.held[:, 1]]
        places = numpy.minimum(self.anyone.keys.searchsorted(keys), len(self.anyone.keys) - 1)
        if (self.anyone.keys[places] != keys).any():
            return lambda holder, period: None
        rows = self.anyone.order[places]

        def take(holder: LeanHolder, period: Period) -> numpy.ndarray | None:
            variable = holder.variable
            read = self.anyone.rests_on(variable.name, period)
            if read is None or not (own.isdisjoint(read) and read.isdisjoint(self.given)):
                return None
            known = there.variants.simulation.get_holder(variable.name).arrays.get(period)
            return None if known is None else of_copies(variable, known, len(there.held), rows)

        return take


def alike(situation: Situation, simulation: TracedSimulation, moment: Period) -> Alike | None:
    """What a case being computed has in common with someone of whom nothing is known, who is alone.

    None under another law, before the law, and where values that the law has moved since are read.
    """
    system = situation.system
    if system is not model() or len(situation.persons) > 1 or situation.couples:
        return None
    if system.variables[RESULT].get_formula(moment) is None:
        return None
    populations = simulation.populations
    if any(
        populations[one.key].members_role[0] != first_role(one) for one in system.group_entities
    ):
        return None
    known = anyone(moment)
    if known is None:
        return None
    given = {name for name, *_ in situation.values}
    given |= {NOTICES[name] for name in given & NOTICES.keys()}
    return Alike(known, given)
