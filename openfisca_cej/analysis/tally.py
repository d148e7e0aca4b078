"""Weighted sums of what a reform changes, exact, with the replicates that give their intervals.

Each person has a row of whole numbers (centimes, months, 0 or 1) under the law in force, and a row
of differences under the reform. Sums are exact: weights are read to 2 ** -40 and multiplied as
integers, so that they depend neither on the order of the persons nor on how they are cut.

Replicates are a Poisson bootstrap: in each, a bunch of linked persons (most often one person)
counts 0, 1, 2… times, on average once. Weights are cut there to as many binary digits as keep every
sum of a block exact in float64: the same data give the same replicates on any machine.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej.analysis import rates as marginal_rates
from openfisca_cej.analysis.blind_spots import Need
from openfisca_cej.population import engine
from openfisca_cej.population.stale import Counts

Floats = NDArray[numpy.float64]

#: Binary digits of a weight after the point, and by limb of a product.
DIGITS, LIMB = 40, 20

#: Persons whose replicates are drawn at once: 200 replicates of them take 7 MB.
BLOCK = 4096

#: No replicate counts a bunch more often.
MOST = 10

#: What is counted each month, in columns; the last one for those who compare with Dares.
MONTHLY = ("contrats", "allocataires", "centimes", "presents")

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
        return len(MONTHLY) * len(self.months) + len(self.years)

    def month(self, quantity: str, month: int) -> int:
        """Column of a month."""
        return MONTHLY.index(quantity) * len(self.months) + month - self.months[0]

    def year(self, year: int) -> int:
        """Column of those paid at least once in a year."""
        return len(MONTHLY) * len(self.months) + self.years.index(year)


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
        rows: "PersonRows",
        weights: Floats | None,
        codes: Codes,
        bunches: NDArray[numpy.int64] | None,
        random: numpy.random.Generator,
    ) -> None:
        """Count persons.

        ``codes`` has the keys of the groups of each breakdown and the rank of that of each person;
        ``bunches`` the rows where a bunch of linked persons starts (None: all are alone).
        """
        count = len(rows.baseline)
        self.persons += count
        self.weighted |= weights is not None
        given = numpy.ones(count) if weights is None else weights
        limbs = limbs_of(given)
        self.whole.add(summed(rows, limbs, self.replicates))
        members = {
            (name, key): numpy.flatnonzero(ranks == rank)
            for name, (keys, ranks) in codes.items()
            for rank, key in enumerate(keys)
        }
        window = rows.columns(slice(self.layout.start, None))
        for place, who in members.items():
            if len(who):
                sums = summed(window.of(who), limbs[:, who], self.replicates)
                self.group(place).add(sums)
        if self.replicates:
            self._replicate(rows, given, codes, bunches, random)

    def _replicate(
        self,
        rows: "PersonRows",
        weights: Floats,
        codes: Codes,
        bunches: NDArray[numpy.int64] | None,
        random: numpy.random.Generator,
    ) -> None:
        size = rows.baseline.shape[1]
        of_groups = numpy.arange(2 * size) % size >= self.layout.start
        for first, last in engine.cuts(bunches, len(weights), BLOCK):
            here = slice(first, last)
            both = numpy.concatenate([rows.baseline[here], rows.difference[here]], axis=1)
            scale = exact_scale(weights[here], both)
            times = drawn(random, first, last, bunches, self.replicates)
            times *= numpy.rint(weights[here, None] * scale)
            # Most differences are nil everywhere.
            live = numpy.flatnonzero(both.any(axis=0))
            flat = self.whole.replicates
            flat[live // size, :, live % size] += (both[:, live].T @ times) / scale
            live = live[of_groups[live]]
            window = both[:, live]
            places = (live // size, slice(None), live % size - self.layout.start)
            for name, (keys, ranks) in codes.items():
                for rank, key in enumerate(keys):
                    who = numpy.flatnonzero(ranks[here] == rank)
                    if len(who):
                        part = window[who].T @ times[who]
                        self.group((name, key)).replicates[places] += part / scale


@dataclass
class PersonRows:
    """Whole numbers, persons in rows: of the baseline, and by how much the reform differs."""

    baseline: Floats
    difference: Floats

    def columns(self, which: slice) -> "PersonRows":
        """Some of the columns."""
        return PersonRows(self.baseline[:, which], self.difference[:, which])

    def of(self, persons: NDArray[Any] | slice) -> "PersonRows":
        """Some of the persons."""
        return PersonRows(self.baseline[persons], self.difference[persons])


def limbs_of(weights: Floats) -> Floats:
    """Whole part, then digits after the binary point by LIMB, of each weight: rows of integers."""
    whole = numpy.floor(weights)
    digits = numpy.rint((weights - whole) * 2.0**DIGITS)
    high = numpy.floor(digits / 2.0**LIMB)
    return numpy.stack([whole, high, digits - high * 2.0**LIMB])


def summed(rows: PersonRows, limbs: Floats, replicates: int) -> Sums:
    """The exact sums of some persons; their replicates are still nil."""
    size = rows.baseline.shape[1]
    sums = Sums.empty(size, replicates)
    needed = [rank for rank in range(len(limbs)) if limbs[rank].any()]
    largest = max(float(abs(values).max()) for values in (rows.baseline, rows.difference))
    # The sums of a block are under 2 ** 53, so that float64 holds them exactly.
    block = max(1, int(2.0**53 / (max(largest, 1.0) * max(float(limbs.max()), 1.0))))
    for first in range(0, len(rows.baseline), block):
        here = slice(first, first + block)
        for rank in needed:
            shift = DIGITS - LIMB * rank
            for name in ("baseline", "difference"):
                found = limbs[rank, here] @ getattr(rows, name)[here]
                total = getattr(sums, name)
                for column, value in enumerate(found.tolist()):
                    total[column] += int(value) << shift
    reformed = rows.baseline + rows.difference
    for rank, values in enumerate((rows.baseline, reformed, rows.difference)):
        sums.supports[rank] = numpy.count_nonzero(values, axis=0)
    return sums


def drawn(
    random: numpy.random.Generator,
    first: int,
    last: int,
    bunches: NDArray[numpy.int64] | None,
    replicates: int,
) -> Floats:
    """How many times each person counts in each replicate, the same in a bunch."""
    if bunches is None:
        return poisson(random, (last - first, replicates))
    starts = bunches[(bunches >= first) & (bunches < last)]
    lengths = numpy.diff(numpy.append(starts, last))
    return poisson(random, (len(starts), replicates)).repeat(lengths, axis=0)


def poisson(random: numpy.random.Generator, shape: tuple[int, int]) -> Floats:
    """Draws of a Poisson law of mean 1, to 2 ** -16: ten times faster than NumPy's."""
    return TIMES[random.integers(0, 2**16, shape, dtype=numpy.uint16)]


def poisson_table() -> Floats:
    """A value for each 16-bit number, as often as a Poisson law of mean 1 gives it."""
    shares = numpy.cumsum([math.exp(-1) / math.factorial(times) for times in range(MOST)])
    ranks = (numpy.arange(2**16) + 0.5) / 2**16
    return numpy.searchsorted(shares, ranks).astype(numpy.float64)


TIMES = poisson_table()


def exact_scale(weights: Floats, rows: Floats) -> float:
    """The power of two by which weights are read so that no sum of the block exceeds 2 ** 53."""
    largest = float(weights.sum() + len(weights)) * MOST * max(float(abs(rows).max()), 1.0)
    return float(2.0 ** numpy.floor(52 - numpy.log2(largest)))
