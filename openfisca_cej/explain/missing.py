"""What the unknowns of a case may change, and the bounds of the answer.

An input that was not supplied is not zero: it is unknown. Its values are tried alone, two by two,
then all together.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
from openfisca_core.periods import Period

from openfisca_cej import declarations, french, names
from openfisca_cej.explain import frozen
from openfisca_cej.explain.lines import scalar
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.trying import (
    PersonMonth,
    Ranks,
    Tried,
    alone_and_by_two,
    put_trials,
)
from openfisca_cej.explain.unknowns import Candidates, Trial, Unknown
from openfisca_cej.explain.variants import Variants
from openfisca_cej.names import RESULT

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


def answer(case: PersonMonth, read: Iterable[tuple[str, Period]]) -> Answer:
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
    sizes = numpy.array([len(copy) for copy in told.copies])
    held = numpy.zeros((len(sizes), sizes.max()), dtype=int)
    held[numpy.arange(sizes.max()) < sizes[:, None]] = numpy.arange(1, len(trials) + 1)
    put_trials(variants, person, trials, held)

    def amounts() -> numpy.ndarray:
        return variants.calculate(RESULT, moment, person)

    return tuple(watch.matter(simulation, [amounts]))


#: The smallest and the largest of some amounts (€), each with what was changed to give it.
Extremes = list[tuple[float, tuple[Trial, ...]]]


def extremes_of(amounts: numpy.ndarray, tried: Tried) -> Extremes:
    """The extremes of the amounts of copies."""
    places = int(amounts.argmin()), int(amounts.argmax())
    return [(float(amounts[place]), tried.held_by(place)) for place in places]


def try_alone(
    case: PersonMonth, unknowns: list[Unknown]
) -> tuple[numpy.ndarray, dict[str, list[str]], float, Extremes, list[Unknown]]:
    """Try each value alone, then with each value of another unknown (resources: alone).

    Marks the unknowns that matter, with their amounts. Gives all the amounts, the first of them
    with nothing tried, the conditions that vary with the labels of what they depend on, and the
    smallest fraction that a sanction withholds (a decision and what lifts it are two unknowns),
    the extremes, and those that lift together what leaves nothing due.
    """
    owners = [unknown for unknown in unknowns for _ in unknown.trials]
    tried = alone_and_by_two(case, unknowns)
    amounts = tried.calculate(RESULT)
    alone = amounts[: len(owners) + 1]
    for unknown, amount in zip(owners, alone[1:].tolist(), strict=True):
        unknown.amounts.append(amount)
        unknown.matters |= abs(amount - alone[0]) > SAME
    together, ranks = amounts[len(alone) :], tried.held[len(alone) :]
    for one, other in ((0, 1), (1, 0)):
        changes = numpy.abs(together - alone[ranks[:, other]]) > SAME
        # Ranks are few: to count them is quicker than to sort them.
        for rank in numpy.flatnonzero(numpy.bincount(ranks[changes, one])).tolist():
            owners[rank - 1].matters = True
    uncertain: dict[str, list[str]] = {}
    for name in declarations.CONDITIONS:
        values = tried.calculate(name)[: len(alone)]
        varying = numpy.flatnonzero(values[1:] != values[0]).tolist()
        if varying:
            labels = dict.fromkeys(owners[rank].label for rank in varying)
            uncertain[name] = list(labels)
    withheld = float(tried.calculate(names.WITHHELD).min())
    lifted = lifting(tried, owners)
    tried.forget()
    return amounts, uncertain, withheld, extremes_of(amounts, tried), lifted


def lifting(tried: Tried, owners: list[Unknown]) -> list[Unknown]:
    """The unknowns that lift what leaves nothing due, alone or by two, in what ``try_alone`` tried.

    None where a single thing leaves nothing due, or where one of them cannot be lifted.
    """
    rules = {
        name: rule
        for name, rule in declarations.CONDITIONS.items()
        # The tier acts by the lump sum, which may be that of the signature.
        if rule.qui != declarations.SIGNATURE and name != names.TIER
    }
    ranks = tried.held[len(owners) + 1 :] - 1
    found: dict[int, Unknown] = {}
    several = 0
    for name in (names.LUMP_SUM, *rules):
        values = tried.calculate(name)
        now = scalar(values[0], tried.case.situation.system.variables[name])
        if rules[name].est_remplie(now) if name in rules else now:
            continue
        alone, together = numpy.split(values[1:] != values[0], [len(owners)])
        together = together & ~(alone[ranks[:, 0]] | alone[ranks[:, 1]])
        lifted = [*numpy.flatnonzero(alone), *ranks[together].ravel()]
        if not lifted:
            return []
        found |= {id(owners[rank]): owners[rank] for rank in lifted}
        several += 1
    return list(found.values()) if several > 1 else []


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
    tried = Tried(case, [trial for axis in axes for trial in axis], *combinations(axes))
    amounts = tried.calculate(RESULT)
    highest = float(tried.calculate(names.BEFORE).max())
    tried.forget()
    return amounts, highest, capped, extremes_of(amounts, tried)


def combinations(axes: Sequence[Sequence[Trial]]) -> tuple[Ranks, Ranks]:
    """Of each axis none or one of its trials, in each combination, and the weights of the trials.

    The last axis changes from a combination to the next: weights add up to the rank of one.
    """
    step = count = math.prod(len(axis) + 1 for axis in axes)
    held, weights, before = [], [numpy.zeros(1, dtype=int)], 0
    for axis in axes:
        step //= len(axis) + 1
        chosen = numpy.arange(count) // step % (len(axis) + 1)
        held.append(numpy.where(chosen, chosen + before, 0))
        weights.append(step * numpy.arange(1, len(axis) + 1))
        before += len(axis)
    return numpy.array(held, dtype=int).reshape(len(axes), count).T, numpy.concatenate(weights)
