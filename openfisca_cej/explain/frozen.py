"""Values that the law has moved since the last one known: which ones an amount depends on."""

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.parameters import Parameter, ParameterNode, ParameterNodeAtInstant
from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import core
from openfisca_cej.dependencies import may_read
from openfisca_cej.explain.sources import KEY, Frozen, parameter_used
from openfisca_cej.population.lean import WatchedSimulation
from openfisca_cej.systems import remembered

#: An amount depends on a value when another one, twice or half as large, changes it.
TRIED = (2.0, 0.5)


Found = tuple[Frozen, ...]


@functools.lru_cache(maxsize=128)
def with_moved(system: TaxBenefitSystem, found: Found, factor: float) -> TaxBenefitSystem:
    """The law in which values become so many times as large on the day on which they moved.

    The last ones are kept, with their systems: who makes systems forgets them (``cache_clear``).
    """
    law = copy.copy(system)
    for one in found:
        law.parameters = moved(law.parameters, one.path.split("."), one.due, factor)
    law.get_parameters_at_instant = functools.cache(functools.partial(at, law, system, found))
    return law


def at(law: TaxBenefitSystem, system: TaxBenefitSystem, found: Found, instant: Any) -> Any:
    """The parameters of a law at an instant: those of the system, but for the values found.

    The core would build them all again, for each law and each month.
    """
    node = system.get_parameters_at_instant(instant)
    day = core.day_of(node)
    for one in found:
        if one.due <= day:
            leaf = law.parameters
            keys = one.path.split(".")
            for key in keys:
                leaf = leaf.children[key]
            node = replaced(node, keys, leaf.get_at_instant(day))
    return node


def replaced(node: Any, keys: list[str], value: Any) -> Any:
    """The node at an instant with another value where the keys lead; the rest is shared."""
    if not keys:
        return value
    below = replaced(getattr(node, keys[0]), keys[1:], value)
    return core.with_child(node, keys[0], below)


def moved(node: Any, keys: list[str], due: str, factor: float) -> Any:
    """The node with what the keys lead to multiplied from a day on; the rest is shared."""
    if not keys:
        return multiplied(node, due, factor)
    changed: ParameterNode = copy.copy(node)
    child = moved(node.children[keys[0]], keys[1:], due, factor)
    changed.children = {**node.children, keys[0]: child}
    setattr(changed, keys[0], child)
    return changed


def multiplied(leaf: Any, due: str, factor: float) -> Any:
    """A parameter, or the thresholds of a scale, so many times as large from a day on."""
    changed = leaf.clone()
    brackets = getattr(changed, "brackets", None)
    for parameter in [bracket.threshold for bracket in brackets] if brackets else [changed]:
        parameter.update(start=due, value=parameter(due) * factor)
    return changed


@remembered
def moving(system: TaxBenefitSystem) -> tuple[Any, ...]:
    """The parameters that the law moves each year."""
    return tuple(
        node
        for node in system.parameters.get_descendants()
        if (getattr(node, "metadata", None) or {}).get(KEY)
    )


@remembered
def known_no_more(system: TaxBenefitSystem, moment: Period, *amounts: str) -> Found:
    """The values that the law has moved before a month without the model knowing the new one.

    Those that one of the variables may read. The incomes that a month may read are at the latest
    those of the year before.
    """
    found = []
    for node in moving(system):
        if not may_read(system, node.name, *amounts):
            continue
        incomes = node.metadata[KEY].get("annee_des_revenus")
        day = f"{moment.start.year - 1}-12-31" if incomes else moment
        if isinstance(node, Parameter) and node(day) is None:
            continue  # not in force yet, or no more
        used = parameter_used(system, node.name, day)
        if used is not None and used.frozen is not None:
            found.append(used.frozen)
    return tuple(found)


class Watch:
    """A law that notes which of the values found its formulas read.

    ``law`` computes what the system computes. A value that nothing has read changes nothing: most
    months and most people need no trial.
    """

    def __init__(self, system: TaxBenefitSystem, found: Iterable[Frozen]) -> None:
        self.system = system
        self.found = tuple(dict.fromkeys(found))
        self.noted: set[str] = set()
        #: The parameters at each instant that was asked for, watched.
        self.roots: dict[Any, Any] = {}
        self.law = system
        if self.found:
            self.law = copy.copy(system)
            self.law.same_as = system
            self.law.get_parameters_at_instant = self.at

    @property
    def read(self) -> Found:
        """The values that were read."""
        return tuple(item for item in self.found if item.path in self.noted)

    def simulation(self) -> WatchedSimulation:
        """A simulation under the law, that knows which of the values each result rests on."""
        return WatchedSimulation(self)

    def of(self, situation: Any) -> WatchedSimulation:
        """Such a simulation of a situation."""
        from openfisca_cej.explain.building import Built

        simulation = self.simulation()
        Built(situation, simulation)
        return simulation

    def matter(
        self, simulation: WatchedSimulation, rows: Sequence[Callable[[], NDArray[Any]]]
    ) -> "dict[Frozen, Mask]":
        """Where what is computed in a simulation rests on each of the values, of those it reads.

        A value moved is tried on the rows that rest on it and where it may still matter, and on
        those only.
        """
        results, resting = zip(*map(self.resting, rows), strict=True)
        known = numpy.stack(results)

        def differs(some: Found, among: Mask) -> Mask:
            paths = {one.path for one in some}
            among = among & numpy.array([[not paths.isdisjoint(read)] for read in resting])
            where = numpy.zeros_like(among)
            for factor in TRIED:
                left = numpy.flatnonzero((among & ~where).any(axis=1))
                if left.size:
                    law = with_moved(self.system, some, factor)
                    moved = simulation.moved(law, paths, [rows[row] for row in left.tolist()])
                    where[left] |= among[left] & (moved != known[left])
            return where

        return that_matter(self.read, differs, numpy.ones_like(known, dtype=bool))

    def resting(self, row: Callable[[], NDArray[Any]]) -> tuple[NDArray[Any], set[str]]:
        """What is computed, and which of the values it rests on."""
        before, self.noted = self.noted, set()
        values = row()
        read, self.noted = self.noted, before | self.noted
        return values, read

    def at(self, instant: Any) -> Any:
        """The parameters at an instant, watched."""
        if instant not in self.roots:
            node = self.system.get_parameters_at_instant(instant)
            self.roots[instant] = self.watched(node, "", core.day_of(node))
        return self.roots[instant]

    @functools.cached_property
    def above(self) -> dict[str, list[Frozen]]:
        """The values, by each of the paths that lead to them."""
        found: dict[str, list[Frozen]] = {"": list(self.found)}
        for one in self.found:
            keys = one.path.split(".")
            for last in range(1, len(keys) + 1):
                found.setdefault(".".join(keys[:last]), []).append(one)
        return found

    def below(self, path: str, day: str) -> list[str]:
        """The values that are there, or below, of those that have moved by a day."""
        return [one.path for one in self.above.get(path, ()) if one.due <= day]

    def watched(self, child: Any, path: str, day: str) -> Any:
        """What is at a path on a day, watched if some of the values are below."""
        here = self.below(path, day)
        if not here:
            return child
        if isinstance(child, ParameterNodeAtInstant):
            return WatchedReading(child, path, self)
        self.noted.update(here)
        return child


class WatchedReading(ParameterNodeAtInstant):
    """A node of parameters that tells a watch what is read below."""

    def __init__(self, node: ParameterNodeAtInstant, path: str, watch: Watch) -> None:
        self._name, self._instant_str = node._name, core.day_of(node)
        self._node, self._path, self._watch = node, path, watch

    def _read(self, key: str, child: Any) -> Any:
        path = f"{self._path}.{key}" if self._path else key
        found = self._watch.watched(child, path, self._instant_str)
        if isinstance(found, WatchedReading) or not self._watch.below(path, self._instant_str):
            setattr(self, key, found)  # there is nothing to note: it is read as it is from now on
        return found

    def __getattr__(self, key: str) -> Any:
        return self._read(key, getattr(self._node, key))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._read(key, self._node[key])
        # One value a person: any below may be among them.
        self._watch.noted.update(self._watch.below(self._path, self._instant_str))
        return self._node[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._node)

    def __repr__(self) -> str:
        return repr(self._node)


Mask = NDArray[numpy.bool_]


def that_matter(
    found: Found, differs: Callable[[Found, Mask], Mask], among: Mask
) -> dict[Frozen, Mask]:
    """Where each of the values matters, of those that matter somewhere.

    ``differs`` tells where moving some of them together changes something, of the places given.
    They are tried by halves: those that matter nowhere are set aside together, and the others
    are tried where their half matters.
    """
    where = differs(found, among) if found else among[:0]
    if not where.any():
        return {}
    if len(found) == 1:
        return {found[0]: where}
    middle = len(found) // 2
    halves = [that_matter(half, differs, where) for half in (found[:middle], found[middle:])]
    return halves[0] | halves[1]


def of_both(law: Iterable[Frozen], reformed: Iterable[Frozen]) -> Found:
    """The values behind an amount of the law or that of its reform, told as the law has them."""
    found = tuple(law)
    return found + tuple(
        one for one in reformed if not any(known.is_moved_with(one) for known in found)
    )


def behind(
    found: Iterable[Frozen],
    situation: Any,
    person: str,
    variable: str,
    moments: Sequence[Period],
) -> dict[Period, Found]:
    """Month by month, which of the values found a variable of a person depends on."""
    everyone = behind_all(found, situation, variable, moments)
    return {moment: names.get(person, ()) for moment, names in everyone.items()}


def behind_all(
    found: Iterable[Frozen], situation: Any, variable: str, moments: Sequence[Period]
) -> dict[Period, dict[str, Found]]:
    """The same for each person that some of the values matter to."""
    watch = Watch(situation.system, found)
    if not watch.found:
        return {}
    return behind_each(watch, watch.of(situation), situation.persons, variable, moments)


def behind_each(
    watch: Watch,
    simulation: WatchedSimulation,
    persons: Sequence[str],
    variable: str,
    moments: Sequence[Period],
) -> dict[Period, dict[str, Found]]:
    """The same in a simulation of the persons, that may have computed the variable already."""
    rows = [functools.partial(simulation.calculate, variable, moment) for moment in moments]
    matters = watch.matter(simulation, rows)
    return {
        moment: {
            name: told
            for column, name in enumerate(persons)
            if (told := tuple(one for one, mask in matters.items() if mask[row, column]))
        }
        for row, moment in enumerate(moments)
    }
