"""What the unknowns of a case may change, and the bounds of the answer.

An input that was not supplied is not zero: it is unknown. Its values are tried alone, two by two,
then all together.
"""

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
from openfisca_core.periods import Period

from openfisca_cej import declarations, french, names
from openfisca_cej.dependencies import reached
from openfisca_cej.explain import frozen
from openfisca_cej.explain.lines import scalar
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.unknowns import Candidates, Trial, Unknown
from openfisca_cej.explain.variants import Variants
from openfisca_cej.names import RESULT
from openfisca_cej.population.lean import TracedSimulation

#: Situations tried together at most.
MOST = 20_000

#: Two amounts that differ by less are the same: half a centime.
SAME = 0.005


@dataclass
class Answer:
    """What can be said of the amount (€): ``certain``, ``bounded`` or ``undetermined``.

    ``assumed`` is the amount when every unknown has its default; ``low`` and ``high`` bound what
    is possible; ``unknowns`` are those that matter, the most useful question first; ``uncertain``
    the conditions that vary, with the labels of what each depends on; ``tried`` how many
    situations were tried, ``capped`` whether some were left out that could exceed the bounds;
    ``copies`` what was changed to give each of the amounts that are told; ``raising`` the names of
    those that, answered otherwise together, give the highest amount, where it is more than assumed.
    """

    status: str
    assumed: float
    low: float
    high: float
    unknowns: list[Unknown]
    uncertain: dict[str, list[str]]
    tried: int
    capped: bool
    copies: list[tuple[Trial, ...]] = field(default_factory=list)
    raising: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON."""
        return {
            "status": self.status,
            "assumed": self.assumed,
            "low": self.low,
            "high": self.high,
            "tried": self.tried,
            "capped": self.capped,
            "missing": [unknown.to_json(self.assumed) for unknown in self.unknowns],
        }

    def sentence(self) -> str:
        """The answer in French; never one figure when it is not certain."""
        if self.status == "certain":
            return f"{french.euros(self.assumed)} : aucune réponse manquante ne le changerait."
        first = self.unknowns[0]
        if first.is_resource or first.spread(self.assumed) <= SAME:
            why = f"selon la réponse à : {first.question}"
        else:
            amounts = dict.fromkeys(sorted([self.assumed, *first.amounts], reverse=True))
            values = [french.number(value) if value else "rien" for value in amounts]
            why = f"selon {determined(first)} : {french.listed(values, 'ou')}"
        others = len(self.unknowns) - 1
        if others:
            s = french.plural(others)
            why += f" (et {others} autre{s} réponse{s})"
        why += "" if why.endswith("?") else "."
        bounds = f"entre {french.number(self.low)} et {french.euros(self.high)}"
        if self.status == "undetermined":
            return f"Indéterminé : {bounds} au moins, {why}"
        return f"E{bounds[1:]}, {why}"


def determined(unknown: Unknown) -> str:
    """What the answer depends on, to stand after « selon »."""
    return unknown.short or f"« {unknown.label[0].lower()}{unknown.label[1:]} »"


def answer(case: "PersonMonth", read: Iterable[tuple[str, Period]]) -> Answer:
    """What can be said of the allowance of the person in the month.

    ``read`` are the inputs that the traced calculation reads without their being supplied.
    """
    unknowns = Candidates(case.situation, case.person, case.moment).all(read)
    amounts, uncertain, withheld, extremes, lifted = try_alone(case, unknowns)
    assumed = float(amounts[0])
    mattering = [unknown for unknown in unknowns if unknown.matters or unknown.is_untried]
    tried, highest, capped = amounts, math.inf, False
    # What the lump sum depends on first: its combinations are few, and bound the amount.
    for chosen in (filter(case.in_lump_sum, mattering), mattering):
        together, bound, capped, found = try_together(case, list(chosen))
        extremes += found
        tried = numpy.concatenate([tried, together])
        highest = min(highest, bound * (1 - withheld))
        low, high = float(tried.min()), float(tried.max())
        if low == 0 and high >= highest - SAME:
            capped = False
            break
    if high <= SAME and lifted:
        together, _, capped, found = try_together(case, lifted)
        if together.max() > SAME:
            extremes += found
            tried = numpy.concatenate([tried, together])
            high = float(together.max())
            mattering = list({id(one): one for one in [*mattering, *lifted]}.values())
    mattering.sort(key=lambda item: (-item.spread(assumed), item.rank))
    status = "certain" if high - low <= SAME else "undetermined" if capped else "bounded"
    if any(unknown.is_untried for unknown in unknowns):
        status = "undetermined"
    told = [(), *((trial,) for unknown in mattering for trial in unknown.trials)]
    told += [copy for amount, copy in extremes if amount in (low, high)]
    best = {
        id(trial) for amount, copy in extremes if assumed + SAME < amount == high for trial in copy
    }
    raising = frozenset(
        unknown.variable for unknown in mattering if not best.isdisjoint(map(id, unknown.trials))
    )
    return Answer(
        status, assumed, low, high, mattering, uncertain, len(tried), capped, told, raising
    )


def frozen_behind(
    late: frozen.Found, situation: Situation, person: str, moment: Period, told: Answer
) -> frozen.Found:
    """Of values that the law has moved since, those that one of the amounts of an answer rests on.

    The amount as assumed may be nil where another one that is told is not.
    """
    if not late:
        return ()
    watch = frozen.Watch(situation.system, late)
    simulation = watch.simulation()
    variants = Variants(situation, len(told.copies), simulation)
    trials = [trial for copy in told.copies for trial in copy]
    ranks = iter(range(len(trials)))
    copies = [[next(ranks) for _ in copy] for copy in told.copies]
    put_trials(variants, person, trials, places_of(copies, len(trials)))

    def amounts() -> numpy.ndarray:
        return variants.calculate(RESULT, moment, person)

    return tuple(watch.matter(simulation, [amounts]))


@dataclass(frozen=True)
class PersonMonth:
    """A person of a situation, in a month, and the calculation that was traced."""

    situation: Situation
    person: str
    moment: Period
    run: TracedSimulation

    def in_lump_sum(self, unknown: Unknown) -> bool:
        """Whether the lump sum depends on it: combined first, so that its maximum is known."""
        return unknown.variable in reached(self.situation.system, names.LUMP_SUM)

    def variants(self, count: int) -> Variants:
        """Copies of the situation."""
        return Variants(self.situation, count, run=self.run)

    def calculate(self, variants: Variants, name: str) -> numpy.ndarray:
        """A variable of the person in the month, in each copy."""
        return variants.calculate(name, self.moment, self.person)


#: The smallest and the largest of some amounts (€), each with what was changed to give it.
Extremes = list[tuple[float, tuple[Trial, ...]]]


def extremes_of(
    amounts: numpy.ndarray, trials: Sequence[Trial], held: Callable[[int], Sequence[int]]
) -> Extremes:
    """The extremes of the amounts of copies; ``held`` gives the ranks of the trials of one."""
    places = int(amounts.argmin()), int(amounts.argmax())
    return [
        (float(amounts[place]), tuple(trials[rank] for rank in held(place))) for place in places
    ]


def try_alone(
    case: PersonMonth, unknowns: list[Unknown]
) -> tuple[numpy.ndarray, dict[str, list[str]], float, Extremes, list[Unknown]]:
    """Try each value alone, then with each value of another unknown (resources: alone).

    Marks the unknowns that matter, with their amounts. Gives all the amounts, the first of them
    with nothing tried, the conditions that vary with the labels of what they depend on, and the
    smallest fraction that a sanction withholds (a decision and what lifts it are two unknowns),
    the extremes, and those that lift together what leaves nothing due.
    """
    trials = [(unknown, trial) for unknown in unknowns for trial in unknown.trials]
    ranks = pairs(trials)
    variants = case.variants(1 + len(trials) + len(ranks))
    put_trials(
        variants, case.person, [trial for _, trial in trials], copies_holding(ranks, len(trials))
    )
    amounts = case.calculate(variants, RESULT)
    alone = amounts[: len(trials) + 1]
    for (unknown, _), amount in zip(trials, alone[1:].tolist(), strict=True):
        unknown.amounts.append(amount)
        unknown.matters |= abs(amount - alone[0]) > SAME
    together = amounts[len(alone) :]
    for one, other in ((0, 1), (1, 0)):
        changes = numpy.abs(together - alone[ranks[:, other] + 1]) > SAME
        for rank in numpy.unique(ranks[changes, one]).tolist():
            trials[rank][0].matters = True
    uncertain: dict[str, list[str]] = {}
    for name in declarations.CONDITIONS:
        values = case.calculate(variants, name)[: len(alone)]
        varying = numpy.flatnonzero(values[1:] != values[0]).tolist()
        if varying:
            labels = dict.fromkeys(trials[rank][0].label for rank in varying)
            uncertain[name] = list(labels)
    withheld = float(case.calculate(variants, names.WITHHELD).min())
    held = functools.partial(alone_or_by_two, ranks, len(trials))
    extremes = extremes_of(amounts, [trial for _, trial in trials], held)
    owners = [unknown for unknown, _ in trials]
    return amounts, uncertain, withheld, extremes, lifting(case, variants, owners, ranks)


def lifting(
    case: PersonMonth, variants: Variants, owners: list[Unknown], ranks: numpy.ndarray
) -> list[Unknown]:
    """The unknowns that lift what leaves nothing due, alone or by two, in what ``try_alone`` tried.

    None where a single thing leaves nothing due, or where one of them cannot be lifted.
    """
    rules = {
        name: rule
        for name, rule in declarations.CONDITIONS.items()
        # The tier acts by the lump sum, which may be that of the signature.
        if rule.qui != declarations.SIGNATURE and name != names.TIER
    }
    found: dict[int, Unknown] = {}
    several = 0
    for name in (names.LUMP_SUM, *rules):
        values = case.calculate(variants, name)
        now = scalar(values[0], case.situation.system.variables[name])
        if rules[name].est_remplie(now) if name in rules else now:
            continue
        alone, together = numpy.split(values[1:] != values[0], [len(owners)])
        together = together & ~alone[ranks].any(axis=1)
        lifted = [*numpy.flatnonzero(alone), *ranks[together].ravel()]
        if not lifted:
            return []
        found |= {id(owners[rank]): owners[rank] for rank in lifted}
        several += 1
    return list(found.values()) if several > 1 else []


def pairs(trials: Sequence[tuple[Unknown, Trial]]) -> numpy.ndarray:
    """Ranks of the trials that are made two by two: not of one unknown, nor both resources."""
    owners = numpy.array([id(unknown) for unknown, _ in trials], dtype=numpy.int64)
    money = numpy.array([unknown.is_resource for unknown, _ in trials], dtype=bool)
    first, second = numpy.triu_indices(len(trials), 1)
    kept = (owners[first] != owners[second]) & ~(money[first] & money[second])
    return numpy.column_stack([first[kept], second[kept]])


def alone_or_by_two(ranks: numpy.ndarray, count: int, place: int) -> list[int]:
    """The trials of a copy, as ``try_alone`` has them: none, each of so many alone, the pairs."""
    if place <= count:
        return [place - 1] if place else []
    return [int(rank) for rank in ranks[place - count - 1]]


def copies_holding(ranks: numpy.ndarray, count: int) -> list[numpy.ndarray]:
    """The copies of ``try_alone`` that hold each of so many trials."""
    holding = numpy.concatenate([numpy.arange(count), *ranks.T]).astype(numpy.int16)
    pair = 1 + count + numpy.arange(len(ranks))
    copies = numpy.concatenate([1 + numpy.arange(count), pair, pair])
    order = numpy.argsort(holding, kind="stable")
    ends = numpy.cumsum(numpy.bincount(holding, minlength=count))[:-1]
    return numpy.split(copies[order], ends)


def places_of(copies: Sequence[Sequence[int]], count: int) -> list[numpy.ndarray]:
    """The copies that hold each of so many ranks."""
    holding: list[list[int]] = [[] for _ in range(count)]
    for place, copy in enumerate(copies):
        for rank in copy:
            holding[rank].append(place)
    return [numpy.array(places, dtype=int) for places in holding]


def put_trials(
    variants: Variants, person: str, trials: Sequence[Trial], places: Sequence[numpy.ndarray]
) -> None:
    """Set each trial in its copies."""
    for trial, chosen in zip(trials, places, strict=True):
        for name, moments, value in trial.settings:
            variants.put(name, person, moments, chosen, value)


def try_together(
    case: PersonMonth, unknowns: list[Unknown]
) -> tuple[numpy.ndarray, float, bool, Extremes]:
    """Try all the combinations of these unknowns; resources are all nil or all large.

    Gives the amounts, one that none of them can exceed (before what excludes, suspends or
    withholds: the highest is with no resource), whether combinations were left out, and the
    extremes.
    """
    axes: list[list[Trial]] = []
    resources = [unknown.trials[0] for unknown in unknowns if unknown.is_resource]
    if resources:
        settings = tuple(setting for trial in resources for setting in trial.settings)
        axes.append([Trial("toutes les ressources", settings)])
    ordered = sorted(
        (unknown for unknown in unknowns if not unknown.is_resource),
        key=lambda unknown: (not case.in_lump_sum(unknown), len(unknown.trials)),
    )
    size = 1 + len(axes)
    capped = False
    for unknown in ordered:
        if size * (len(unknown.trials) + 1) > MOST:
            capped = True
            continue
        size *= len(unknown.trials) + 1
        axes.append(unknown.trials)
    trials = [trial for axis in axes for trial in axis]
    taken = combinations([len(axis) for axis in axes])
    variants = case.variants(size)
    put_trials(variants, case.person, trials, list(map(numpy.flatnonzero, taken)))
    amounts = case.calculate(variants, RESULT)
    before = case.calculate(variants, names.BEFORE)
    held = extremes_of(amounts, trials, lambda place: numpy.flatnonzero(taken[:, place]).tolist())
    return amounts, float(before.max()), capped, held


def combinations(sizes: Sequence[int]) -> numpy.ndarray:
    """Which trials (rows) each combination takes (columns): of each unknown none or one.

    ``sizes`` are how many trials each unknown has; the last one changes from a column to the next.
    """
    count = math.prod(size + 1 for size in sizes)
    rows = [numpy.zeros((0, count), dtype=bool)]
    step = count
    for size in sizes:
        step //= size + 1
        chosen = numpy.arange(count) // step % (size + 1)
        rows.append(chosen == numpy.arange(1, size + 1)[:, None])
    return numpy.concatenate(rows)
