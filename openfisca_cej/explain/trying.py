"""Trials in copies of a case: what each unknown may change, alone, by two, or all together."""

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray
from openfisca_core.periods import Period

from openfisca_cej import core, names
from openfisca_cej.dependencies import reached
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.unknowns import Trial, Unknown
from openfisca_cej.explain.variants import Put, Variants
from openfisca_cej.population.lean import TracedSimulation

if TYPE_CHECKING:
    from openfisca_cej.explain.anyone import Alike

#: Ranks of trials, or of copies.
Ranks = NDArray[numpy.int64]


@dataclass(frozen=True)
class PersonMonth:
    """A person of a situation, in a month, and the calculation that was traced.

    ``alike`` is what is known of the case already, where something is.
    """

    situation: Situation
    person: str
    moment: Period
    run: TracedSimulation
    alike: "Alike | None" = None

    def in_lump_sum(self, unknown: Unknown) -> bool:
        """Whether the lump sum depends on it: combined first, so that its maximum is known."""
        return unknown.variable in reached(self.situation.system, names.LUMP_SUM)


class Tried:
    """Copies of a case, each with some of the trials.

    ``held`` are the trials of each copy (a row), by their ranks from 1 on: 0 for none. The
    ``weights`` of the trials of a copy, by rank, add up to a number that no other copy has.
    """

    def __init__(
        self, case: PersonMonth, trials: Sequence[Trial], held: Ranks, weights: Ranks
    ) -> None:
        self.case, self.trials, self.held, self.weights = case, trials, held, weights
        self.variants = Variants(case.situation, len(held), run=case.run)
        put_trials(self.variants, case.person, trials, held)

    def calculate(self, name: str) -> numpy.ndarray:
        """A variable of the person in the month, in each copy."""
        return self.variants.calculate(name, self.case.moment, self.case.person)

    def forget(self, but: Callable[[str], bool] = lambda name: False) -> None:
        """Let go of the arrays at once: what a simulation is made of refers to it in rings.

        ``but`` those of some variables.
        """
        for population in self.variants.simulation.populations.values():
            known = core.holders(population)
            for name in [one for one in known if not but(one)]:
                del known[name]

    def held_by(self, copy: int) -> tuple[Trial, ...]:
        """The trials of a copy."""
        return tuple(self.trials[rank - 1] for rank in self.held[copy].tolist() if rank)


def alone_and_by_two(case: PersonMonth, unknowns: Sequence[Unknown]) -> Tried:
    """A copy with no trial, one with each, one with each two: of two unknowns, not both resources.

    The trials are in the order of the unknowns.
    """
    trials = [trial for unknown in unknowns for trial in unknown.trials]
    owners = [unknown for unknown in unknowns for _ in unknown.trials]
    count = len(trials)
    owner = numpy.array([id(unknown) for unknown in owners], dtype=numpy.int64)
    money = numpy.array([unknown.is_resource for unknown in owners], dtype=bool)
    first, second = pairs(count)
    kept = (owner[first] != owner[second]) & ~(money[first] & money[second])
    alone = numpy.arange(count + 1)
    held = numpy.zeros((len(alone) + kept.sum(), 2), dtype=int)
    held[: len(alone), 0] = alone
    held[len(alone) :, 0], held[len(alone) :, 1] = first[kept] + 1, second[kept] + 1
    # Two numbers are known by their sum and by that of their squares.
    tried = Tried(case, trials, held, alone * 2 * (count + 1) ** 2 + alone**2)
    if case.alike is not None:
        tried.variants.simulation.known = case.alike.copies_of(tried)
    return tried


@functools.lru_cache(maxsize=128)
def pairs(count: int) -> tuple[Ranks, Ranks]:
    """The pairs of so many things, by their ranks: nobody changes them."""
    first, second = numpy.triu_indices(count, 1)
    return first, second


def put_trials(variants: Variants, person: str, trials: Sequence[Trial], held: Ranks) -> None:
    """Set each trial in the copies that hold it."""
    holding = held.T.ravel()
    # Small integers are sorted without being compared.
    order = holding.astype(numpy.int16).argsort(kind="stable")
    ends = numpy.cumsum(numpy.bincount(holding, minlength=len(trials) + 1)).tolist()
    copies = order % len(held)
    puts: dict[str, list[Put]] = {}
    for trial, (start, end) in zip(trials, itertools.pairwise(ends), strict=True):
        for name, moments, value in trial.settings:
            puts.setdefault(name, []).append((moments, copies[start:end], value))
    for name, of_name in puts.items():
        variants.put_all(name, person, of_name)
