"""Weighted sums of what a reform changes, exact, with the replicates that give their intervals.

Each person has a row of whole numbers (centimes, months, 0 or 1) under the law in force, and a row
of differences under the reform. Sums are exact: weights are read to 2 ** -DIGITS and cut into limbs
short enough for every sum of a block to be exact in float64, so that they depend neither on the
order of the persons nor on how they are cut.

Replicates are a Poisson bootstrap: in each, a bunch of linked persons (most often one person)
counts 0, 1, 2… times, on average once. Weights are cut there to as many binary digits as keep every
sum of a block exact: the same data give the same replicates on any machine.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy
from numpy.typing import NDArray

from openfisca_cej.analysis import rates as marginal_rates
from openfisca_cej.analysis import unchanged
from openfisca_cej.analysis.blind_spots import Need
from openfisca_cej.population.stale import Counts

Floats = NDArray[numpy.float64]

#: Binary digits of a weight after the point, and those that float64 holds.
DIGITS, HELD = 40, 53

#: Persons counted at once: 200 replicates of them take 7 MB.
BLOCK = 4096

#: Breakdowns are crossed, and their groups summed at once, as long as that makes no more cells.
CELLS = 256

#: No replicate counts a bunch more often.
MOST = 10

#: What is counted each month, in columns; the last one for those who compare with Dares.
MONTHLY = ("contrats", "allocataires", "centimes", "presents")

#: What is counted of each person in a year: paid, with a contract, by what the reform does.
YEARLY = ("personnes_payees", "personnes", "gagnants", "perdants")

#: What is counted of each person over the window.
WINDOW = (
    "personnes",
    "gagnants",
    "perdants",
    "inchanges",
    "gain",
    "perte",
    "mois_gagnants",
    "mois_perdants",
    "personnes_payees",
    "contrats",
    "allocataires",
    "centimes",
    "modifies",
    *unchanged.TOLD,
)


@dataclass(frozen=True)
class TallyLayout:
    """Where each quantity is among the columns: by month, by year, then over the window."""

    months: range

    @property
    def years(self) -> list[int]:
        """The years of the window."""
        return sorted({month // 12 for month in self.months})

    @property
    def size(self) -> int:
        """Number of columns."""
        return self.start + len(WINDOW)

    @property
    def start(self) -> int:
        """First of the columns over the window."""
        return len(MONTHLY) * len(self.months) + len(YEARLY) * len(self.years)

    def month(self, quantity: str, month: int) -> int:
        """Column of a month."""
        return MONTHLY.index(quantity) * len(self.months) + month - self.months[0]

    def year(self, quantity: str, year: int) -> int:
        """Column of a year."""
        first = len(MONTHLY) * len(self.months)
        return first + YEARLY.index(quantity) * len(self.years) + self.years.index(year)


@dataclass
class Sums:
    """Sums over some persons, a column each: baseline, difference, counts of persons, replicates.

    ``baseline`` and ``difference`` are whole numbers of 2 ** -DIGITS; ``supports`` the numbers of
    rows (unweighted) that are not nil under the baseline, under the reform, and that differ;
    ``replicates`` has baseline and difference, replicates in rows; ``draws`` the same on
    populations of other assumptions, which are put there when everybody is counted.
    """

    baseline: list[int]
    difference: list[int]
    supports: NDArray[numpy.int64]
    replicates: Floats
    draws: Floats

    @classmethod
    def empty(cls, size: int, replicates: int) -> "Sums":
        """Sums over nobody."""
        return cls(
            [0] * size,
            [0] * size,
            numpy.zeros((3, size), dtype=numpy.int64),
            numpy.zeros((2, replicates, size)),
            numpy.zeros((2, 0, size)),
        )

    def add(self, other: "Sums") -> None:
        """Add the sums over other persons."""
        self.baseline = [a + b for a, b in zip(self.baseline, other.baseline, strict=True)]
        self.difference = [a + b for a, b in zip(self.difference, other.difference, strict=True)]
        self.supports = self.supports + other.supports
        self.replicates = self.replicates + other.replicates

    def take(self, live: NDArray[numpy.int64], found: "BlockSums") -> None:
        """Add the sums of a block, of which these columns alone are not nil."""
        size, count = len(self.baseline), self.replicates.shape[1]
        self.replicates[live // size, :, live % size] += found.products[:, :count] / found.scale
        for column, limbs in zip(live.tolist(), found.products[:, count:].tolist(), strict=True):
            total = self.baseline if column < size else self.difference
            for limb, shift in zip(limbs, found.shifts, strict=True):
                total[column % size] += int(limb) << shift
        self.supports = self.supports + found.supports


@dataclass(frozen=True)
class BlockSums:
    """What is counted of some persons of a block, all of it exact.

    ``products``: columns that are not nil (baseline, then difference) × (replicates times
    ``scale``, then limbs of the sums, of which ``shifts`` says by how much each is shifted).
    """

    products: Floats
    scale: float
    shifts: list[int]
    supports: NDArray[numpy.int64]


#: Keys of the groups of each breakdown, and the rank of that of each person.
Codes = Mapping[str, tuple[list[str], NDArray[numpy.int64]]]

#: Groups are known by their breakdown and their key.
Place = tuple[str, str]


@dataclass
class EffectTally:
    """The sums of a population, or of a part of it: the whole and its groups."""

    layout: TallyLayout
    whole: Sums
    groups: dict[Place, Sums] = field(default_factory=dict)
    persons: int = 0
    weighted: bool = False
    living: list[Floats] = field(default_factory=list)
    negative: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    defaults: dict[str, set[str]] = field(default_factory=dict)
    missing: dict[str, set[str]] = field(default_factory=dict)
    concerned: dict[Need, int] = field(default_factory=dict)
    frozen: Counts = field(default_factory=dict)
    rates: Floats = field(default_factory=marginal_rates.empty)

    @classmethod
    def empty(cls, months: range, replicates: int) -> "EffectTally":
        """The tally of nobody."""
        layout = TallyLayout(months)
        return cls(layout, Sums.empty(layout.size, replicates))

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return int(self.whole.replicates.shape[1])

    def add(self, other: "EffectTally") -> None:
        """Add the tally of other persons. Replicates are floats: keep the same order of parts."""
        self.whole.add(other.whole)
        for place, sums in other.groups.items():
            self.group(place).add(sums)
        self.persons += other.persons
        self.weighted |= other.weighted
        self.living += other.living
        self.negative += other.negative
        self.remarks += other.remarks
        for name, years in other.defaults.items():
            self.defaults.setdefault(name, set()).update(years)
        self.rates = self.rates + other.rates
        self.add_missing(other.missing)
        for need, count in other.concerned.items():
            self.concerned[need] = self.concerned.get(need, 0) + count
        for one, count in other.frozen.items():
            self.frozen[one] = self.frozen.get(one, 0) + count

    def add_missing(self, missing: Mapping[str, set[str]]) -> None:
        """Add months of resources that the laws read and that the data lack, by variable."""
        for name, months in missing.items():
            self.missing.setdefault(name, set()).update(months)

    def group(self, place: Place) -> Sums:
        """The sums of a group."""
        return self.groups.setdefault(place, Sums.empty(len(WINDOW), self.replicates))

    def count(
        self,
        rows: Floats,
        weights: Floats | None,
        codes: Codes,
        bunches: NDArray[numpy.int64] | None,
        random: numpy.random.Generator,
    ) -> None:
        """Count a block of persons.

        ``rows``: persons × (baseline, difference) × columns, whole numbers. ``codes`` has the keys
        of the groups of each breakdown and the rank of that of each person; ``bunches`` the rows
        where a bunch of linked persons starts (None: all are alone).
        """
        count, _, size = rows.shape
        self.persons += count
        self.weighted |= weights is not None
        times = drawn(random, count, bunches, self.replicates)
        weights = numpy.ones(count) if weights is None else weights
        cuts = list(crossed(codes)) or [(numpy.zeros(count, dtype=numpy.int64), [])]
        # Persons in the order of the first cells: moving small numbers is quicker than large ones.
        first = numpy.argsort(cuts[0][0], kind="stable")
        rows, weights = rows[first], weights[first]
        flat = rows.reshape(count, 2 * size)
        # Most differences are nil everywhere.
        live = numpy.flatnonzero(flat.any(axis=0))
        factors, scale, shifts = self._factors(flat, weights, times[first])
        before, change = rows[:, 0], rows[:, 1]
        present = numpy.stack([before != 0, before != -change, change != 0], axis=1)
        start = self.layout.start
        monthly, live = live[live % size < start], live[live % size >= start]
        window, there = flat[:, live], present[:, :, start:].astype(numpy.int32)
        places_of = live // size * len(WINDOW) + live % size - start
        for rank, (cells, places) in enumerate(cuts):
            cells = cells[first]
            order = numpy.argsort(cells, kind="stable") if rank else slice(None)
            known, products, supports = sums_of_cells(
                cells[order], window[order], factors[order], there[order]
            )
            for place, stride, number, own in places:
                inside = known // stride % number == own
                if inside.any():
                    sums = (some[inside].sum(axis=0) for some in (products, supports))
                    found = BlockSums(next(sums), scale, shifts, next(sums))
                    self.group(place).take(places_of, found)
        # Those of any cells add up to those of the whole.
        every = numpy.concatenate([flat[:, monthly].T @ factors, products.sum(axis=0)])
        supports = numpy.count_nonzero(present, axis=0)
        found = BlockSums(every, scale, shifts, supports)
        self.whole.take(numpy.concatenate([monthly, live]), found)

    def _factors(
        self,
        values: Floats,
        weights: Floats,
        times: NDArray[numpy.uint8],
    ) -> tuple[Floats, float, list[int]]:
        """What the values of each person are multiplied by: the weight as many times as each of the
        replicates counts it (times the scale that is given), then limbs of it (with their shifts).
        """
        count = len(weights)
        largest = max(float(values.max()), -float(values.min()), 1.0)
        limbs, shifts = limbs_of(weights, HELD - math.ceil(math.log2(largest * count)))
        scale = exact_scale(weights, largest)
        factors = numpy.empty((count, self.replicates + len(limbs)))
        cut = numpy.rint(weights[:, None] * scale)
        numpy.multiply(times, cut, out=factors[:, : self.replicates])
        for rank, limb in enumerate(limbs):
            factors[:, self.replicates + rank] = limb
        return factors, scale, shifts


def sums_of_cells(
    cells: NDArray[numpy.int64], values: Floats, factors: Floats, there: NDArray[numpy.int32]
) -> tuple[NDArray[numpy.int64], Floats, NDArray[numpy.int32]]:
    """The cells, in the order of which persons come, and the products and counts of each."""
    known, starts = numpy.unique(cells, return_index=True)
    ends = zip(starts.tolist(), [*starts[1:].tolist(), len(cells)], strict=True)
    products = numpy.stack([values[first:last].T @ factors[first:last] for first, last in ends])
    return known, products, numpy.add.reduceat(there, starts)


#: A group: its place, and how its rank (the last) is read in the number of a cell.
Inside = tuple[Place, int, int, int]


def crossed(codes: Codes) -> Iterator[tuple[NDArray[numpy.int64], list[Inside]]]:
    """Some breakdowns at a time, the cell of each person and the groups that cells add up to."""
    left = list(codes.items())
    while left:
        cells: NDArray[numpy.int64] = numpy.zeros_like(left[0][1][1])
        size, places = 1, []
        while left and (size == 1 or size * len(left[0][1][0]) <= CELLS):
            name, (keys, ranks) = left.pop(0)
            cells = cells + size * ranks
            places += [((name, key), size, len(keys), rank) for rank, key in enumerate(keys)]
            size *= len(keys)
        yield cells, places


def limbs_of(weights: Floats, digits: int) -> tuple[list[Floats], list[int]]:
    """Weights in whole limbs of so many binary digits, those that are not nil for everybody, and
    by how many digits each is shifted.
    """
    limbs, shifts, shift = [], [], 0
    rest = numpy.rint(weights * 2.0**DIGITS)
    while rest.any():
        high = numpy.floor(rest / 2.0**digits)
        low = rest - high * 2.0**digits
        if low.any():
            limbs.append(low)
            shifts.append(shift)
        rest, shift = high, shift + digits
    return limbs, shifts


def drawn(
    random: numpy.random.Generator,
    count: int,
    bunches: NDArray[numpy.int64] | None,
    replicates: int,
) -> NDArray[numpy.uint8]:
    """How many times each person counts in each replicate, the same in a bunch."""
    if bunches is None:
        return poisson(random, (count, replicates))
    lengths = numpy.diff(numpy.append(bunches, count))
    return poisson(random, (len(bunches), replicates)).repeat(lengths, axis=0)


def poisson(random: numpy.random.Generator, shape: tuple[int, int]) -> NDArray[numpy.uint8]:
    """Draws of a Poisson law of mean 1, to 2 ** -16: twenty times faster than NumPy's."""
    ranks = random.integers(0, 2**16, shape, dtype=numpy.uint16)
    times, more = numpy.zeros(shape, dtype=numpy.uint8), numpy.empty(shape, dtype=bool)
    for first in FIRSTS:
        times += numpy.greater_equal(ranks, first, out=more).view(numpy.uint8)
    return times


def firsts() -> list[int]:
    """The first of 2 ** 16 ranks that counts once, twice…, as often as a Poisson law gives it."""
    shares = itertools.accumulate(math.exp(-1) / math.factorial(times) for times in range(MOST))
    found = [math.ceil(share * 2**16 - 0.5) for share in shares]
    return [first for first in found if first < 2**16]


FIRSTS = firsts()


def exact_scale(weights: Floats, largest: float) -> float:
    """The power of two by which weights are read so that no sum of the block exceeds 2 ** 53."""
    most = float(weights.sum() + len(weights)) * MOST * largest
    return float(2.0 ** numpy.floor(HELD - 1 - numpy.log2(most)))
