"""The same comparison on populations of other assumptions: what the result owes to them.

Each draw takes every assumption from the calibrated draws, or from its stated range, and a
population of its own. Draws are smaller than the population compared: the part of their spread
that is only sampling is known from the replicates, and brought back to its size (``Samples``).
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy

from openfisca_cej import french
from openfisca_cej.analysis import groups, work
from openfisca_cej.analysis.comparison import Driver
from openfisca_cej.analysis.sources import Asked, Redrawing
from openfisca_cej.analysis.tally import (
    WINDOW,
    Codes,
    EffectTally,
    Floats,
    Place,
    TallyLayout,
)
from openfisca_cej.names import RUNNING
from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import scenario, universes, validation
from openfisca_cej.population.assumptions import CALIBRATED, Factor
from openfisca_cej.population.remembered import once
from openfisca_cej.population.stream import Advance
from openfisca_cej.population.synthetic import load

#: Draws by default, and persons in each.
DRAWS, SIZE = 50, 1_000

#: Draws computed at once: the law has a fixed cost, which they share.
TOGETHER = 25

#: Assumptions tried one by one: those that go most with the cost of the draws.
TRIED = 6

#: Part of the calibrated draws between the two values that are tried.
COVERAGE = 0.95

#: Where the whole population stands beside the groups.
WHOLE: Place = ("", "")

#: Sums of a draw by place: baseline and difference in rows, columns as a tally has them.
DrawSums = dict[Place, Floats]


@dataclass(frozen=True)
class Spread:
    """The draws: their sums, the numbers of their factors, persons in each, what they are from."""

    sums: tuple[DrawSums, ...]
    factors: tuple[dict[str, float], ...]
    size: int
    source: str


def drawn(
    request: work.Request, redrawing: Redrawing, count: int, threads: int, advance: Advance
) -> Spread:
    """The comparison on so many draws of a universe. Raises CannotRake."""
    given, seed = redrawing.assumptions, redrawing.seed
    source = named_assumptions.of_source(given)
    draws = named_assumptions.draws(source, given, count, seed)
    supposed = scenario.supposed(of_reforms(), count, seed)
    asked = [
        ({**taken, **own}, universes.stream(seed, 1 + rank))
        for rank, ((taken, _), own) in enumerate(zip(draws, supposed, strict=True))
    ]
    sums = tuple(computed(request, redrawing, asked, threads, advance))
    factors = tuple(
        {**numbers, **{name: entry["valeur"] for name, entry in own.items()}}
        for (_, numbers), own in zip(draws, supposed, strict=True)
    )
    return Spread(sums, factors, SIZE, source)


def of_reforms() -> dict[str, dict[str, Any]]:
    """What a reform supposes of the public and of the term, beside the assumptions of people."""
    found: dict[str, dict[str, Any]] = load(scenario.FILE)[scenario.ASSUMED]
    return found


def factors() -> dict[str, Factor]:
    """All that the draws move, by label."""
    found = {one.label: one for one in named_assumptions.factors(named_assumptions.read())}
    for name, entry in of_reforms().items():
        found[name] = Factor(name, None, entry["valeur"], tuple(entry["plage"]))
    return found


def computed(
    request: work.Request, redrawing: Redrawing, asked: Asked, threads: int, advance: Advance
) -> Iterator[DrawSums]:
    """The sums on the populations of these assumptions and seeds. Raises CannotRake."""
    batches = [asked[first : first + TOGETHER] for first in range(0, len(asked), TOGETHER)]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        for part in pool.map(lambda some: list(batch(request, redrawing, some, advance)), batches):
            yield from part


def batch(
    request: work.Request, redrawing: Redrawing, asked: Asked, advance: Advance
) -> Iterator[DrawSums]:
    """The sums on some populations, computed as one."""
    population, sizes = redrawing.together(request.law, asked, SIZE, request.history)
    started, replayed, present = work.under_the_reform(request, population)
    every = slice(None)
    before = once(
        started,
        ("results", request.start, request.months, request.characteristics),
        lambda: work.results(request, True, request.start, started, every, None, advance),
    )
    after = work.results(request, False, request.reformed, replayed, every, None, advance)
    month = work.first_month_of_contract(before[RUNNING] | after[RUNNING])
    tiers = work.tiers(request.law)
    gains = functools.partial(work.gains, before, after)
    chosen = request.characteristics
    codes = groups.codes(chosen, before, population.attributes, tiers, month, gains)
    rows = work.rows_of(request, before, after, present)
    ends = numpy.cumsum(sizes).tolist()
    for size, end in zip(sizes, ends, strict=True):
        here = slice(end - size, end)
        yield summed(rows[here], population.weights[here], here, codes)


def summed(rows: Floats, weights: Floats, here: slice, codes: Codes) -> DrawSums:
    """The sums of a draw, by place."""
    found: DrawSums = {WHOLE: numpy.tensordot(weights, rows, 1)}
    window = rows[:, :, -len(WINDOW) :]
    for name, (keys, ranks) in codes.items():
        for rank, key in enumerate(keys):
            who = ranks[here] == rank
            if who.any():
                found[name, key] = numpy.tensordot(weights * who, window, 1)
    return found


def spread_over(tally: EffectTally, found: Spread) -> None:
    """Put the draws beside the replicates, place by place; nobody of a place counts for nil."""
    for place, sums in [(WHOLE, tally.whole), *tally.groups.items()]:
        size = len(sums.baseline)
        none = numpy.zeros((2, size))
        sums.draws = numpy.stack([one.get(place, none) for one in found.sums], axis=1)


# One assumption at a time.


def drivers(
    request: work.Request,
    redrawing: Redrawing,
    found: Spread,
    cost: Callable[[Floats], float],
    middle: float,
    threads: int,
    advance: Advance,
) -> tuple[Driver, ...]:
    """The assumptions that weigh most on the cost of the reform, the heaviest first.

    ``cost`` reads it (€) in the sums of a draw, ``middle`` is that of the population compared.
    Those that go most with the cost of the draws are tried alone, on the same persons, as far as
    the same draws give them. Raises CannotRake.
    """
    costs = numpy.array([cost(sums[WHOLE]) for sums in found.sums])
    ranked = validation.drivers(costs, found.factors) if costs.any() else []
    names = [name for name, _ in ranked[:TRIED]]
    known = factors()
    heaviest = [known[name] for name in names]
    ends = [ends_of(factor, found.source) for factor in heaviest]
    taken = [redrawing.assumptions]
    for factor, pair in zip(heaviest, ends, strict=True):
        for number in pair:
            moved = {**of_reforms(), **redrawing.assumptions}
            named_assumptions.take(moved, factor, factor.of(number))
            taken.append(moved)
    seed = universes.stream(redrawing.seed, 0)
    asked = [(one, seed) for one in taken]
    base, *told = [
        cost(sums[WHOLE]) for sums in computed(request, redrawing, asked, threads, advance)
    ]
    moved_by = [middle + one - base for one in told]
    tried = [
        driver(factor, pair, moved_by[2 * rank : 2 * rank + 2], middle)
        for rank, (factor, pair) in enumerate(zip(heaviest, ends, strict=True))
    ]
    return tuple(sorted((one for one in tried if one.span), key=lambda one: -one.span))


def cost_of(layout: TallyLayout, year: int | None, sums: Floats) -> float:
    """The cost (€) of a year, or of the window, in the sums of a draw."""
    months = [month for month in layout.months if year is None or month // 12 == year]
    columns = [layout.month("centimes", month) for month in months]
    return float(sums[1, columns].sum()) / 100


def ends_of(factor: Factor, source: str) -> tuple[float, float]:
    """The two numbers of a factor that are tried: ends of its range, or of the calibrated draws."""
    if factor.bounds is None:
        return 0.0, float(len(factor.choices) - 1)
    if source != CALIBRATED or factor.name in of_reforms():
        return factor.bounds
    values = numpy.array([row[factor.label] for row in named_assumptions.kept()])
    low, high = numpy.quantile(values, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2]).tolist()
    return low, high


def written(factor: Factor, end: float) -> str:
    """A number of a factor as French writes what it stands for; what is within one is a share."""
    if factor.bounds is None:
        choice = factor.of(end)
        return ("oui" if choice else "non") if isinstance(choice, bool) else str(choice)
    if factor.bounds[1] <= 1:
        return f"{french.trimmed(100 * end, 1)}{french.BEFORE_UNIT}%"
    return french.trimmed(end, 2)


def driver(
    factor: Factor, ends: tuple[float, float], costs: Sequence[float], middle: float
) -> Driver:
    """What an assumption does to the cost."""
    label = {**named_assumptions.read(), **of_reforms()}[factor.name]["libelle"]
    # What follows tells where the value is from.
    label = label.partition(". ")[0]
    if factor.key is not None:
        label = f"{label} ({factor.key.replace('_', ' ')})"
    low, high = (written(factor, end) for end in ends)
    at_low, at_high = (round(cost, 2) for cost in costs)
    return Driver(factor.label, label, low, high, at_low, at_high, middle)
