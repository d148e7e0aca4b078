"""From sums to tables: periods, groups, intervals, masks."""

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy

from openfisca_cej.analysis import unchanged
from openfisca_cej.analysis.comparison import (
    MONTH,
    WINDOW,
    YEAR,
    Breakdown,
    GroupEffect,
    Interval,
    Measure,
    Period,
)
from openfisca_cej.analysis.disclosure import hidden
from openfisca_cej.analysis.rounding import apportioned, nearest
from openfisca_cej.analysis.tally import DIGITS, YEARLY, EffectTally, Floats, Sums, TallyLayout
from openfisca_cej.analysis.tally import WINDOW as QUANTITIES
from openfisca_cej.analysis.touched import most_touched
from openfisca_cej.french import month_name
from openfisca_cej.population.months import month_text

#: Share of the replicates inside an interval.
COVERAGE = 0.95

#: Sums of a draw and a replicate in an interval, at most: beyond, some replicates stand for all.
PAIRS = 1_000_000

LABELS = {
    "contrats": "Mois de contrat",
    "mois_payes": "Mois payés",
    "montant_moyen": "Montant moyen d'un mois payé",
    "total": "Total dû",
    "personnes_payees": "Personnes payées au moins une fois",
    "personnes": "Personnes",
    "gagnants": "Gagnants",
    "perdants": "Perdants",
    "inchanges": "Inchangés",
    "gain_moyen": "Gain moyen par mois de contrat des gagnants",
    "perte_moyenne": "Perte moyenne par mois de contrat des perdants",
    **{name: f"Mois de contrat des inchangés {told}" for name, told in unchanged.TOLD.items()},
}
MONTH_LABELS = {"contrats": "Contrats en cours", "mois_payes": "Allocataires"}

#: Quantities of which groups are the parts.
ADDED = (
    *("gagnants", "perdants", "inchanges"),
    *("personnes_payees", "contrats", "allocataires", "centimes"),
)

#: Counts that only the comparison has: the last three add up to the first.
OF_PERSONS = ("personnes", "gagnants", "perdants", "inchanges")

#: What only compares: its number is in the baseline, and so are its samples.
COMPARED = ("gagnants", "perdants", "inchanges", "gain_moyen", "perte_moyenne", *unchanged.TOLD)

#: Counts of a year that both sides have.
IN_LEVELS = ("personnes_payees", "personnes")

#: Amounts: known from one another, so masked together.
AMOUNTS = ("allocataires", "centimes")

#: Where the whole population stands beside the groups.
WHOLE = ("", "")

Place = tuple[str, str]
Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Samples:
    """A quantity in the replicates (sampling), and on populations of other assumptions.

    ``noise``: how many times the variance of sampling is larger in one of these populations than
    in the one that is compared, for they are smaller.
    """

    replicates: Floats
    draws: Floats
    noise: float = 1.0

    def minus(self, other: "Samples") -> "Samples":
        """The difference of two quantities, sample by sample."""
        return Samples(self.replicates - other.replicates, self.draws - other.draws, self.noise)

    def over(self, other: "Samples") -> "Samples":
        """The quotient of two quantities, sample by sample."""
        return Samples(
            quotients(self.replicates, other.replicates),
            quotients(self.draws, other.draws),
            self.noise,
        )

    @property
    def of_sampling(self) -> Interval | None:
        """The interval of sampling alone; None: not sampled."""
        return interval(known(self.replicates))

    @property
    def of_all(self) -> Interval | None:
        """The interval of assumptions and sampling; that of sampling where nothing was drawn.

        What assumptions alone move, the spread of the draws less the sampling that is in it, is
        added to each replicate. The mean of the draws leaves that of the replicates as far as it
        differs by more than chance alone would have it (shrunk as James and Stein do).
        """
        draws, sampled = known(self.draws), known(self.replicates)
        spread = float(draws.var(ddof=1)) if len(draws) > 1 else 0.0
        if not spread:
            return self.of_sampling
        if len(sampled) < 2:
            return interval(draws)
        own = float(sampled.var(ddof=1))
        middle, mean = float(sampled.mean()), float(draws.mean())
        chance = own + spread / len(draws)
        kept = max(0.0, 1 - chance / (mean - middle) ** 2) if mean != middle else 0.0
        moved = (draws - mean) * (max(spread - self.noise * own, 0.0) / spread) ** 0.5
        if len(draws) * len(sampled) > PAIRS:
            places = (numpy.arange(PAIRS // len(draws)) + 0.5) * len(draws) * len(sampled) / PAIRS
            sampled = numpy.sort(sampled)[places.astype(int)]
        return interval(numpy.add.outer(moved, sampled).ravel() + kept * (mean - middle))


@dataclass(frozen=True)
class LawTotals:
    """A quantity of one place, exact (in hundredths), published, and in samples."""

    exact: Fraction
    published: int
    samples: Samples


@dataclass(frozen=True)
class Pair:
    """A quantity under the baseline and under the reform; ``change``: samples of the change."""

    baseline: LawTotals
    reform: LawTotals
    change: Samples


class Tables:
    """The tables of a tally. ``smallest``: persons under which a cell is masked."""

    def __init__(
        self,
        tally: EffectTally,
        smallest: int,
        names: Mapping[str, tuple[str, str]],
        label: Callable[[str, str], str],
        order: Callable[[str], Callable[[str], tuple[bool, int, str]]],
        noise: float = 1.0,
    ) -> None:
        self.tally = tally
        self.smallest = smallest
        self.noise = noise
        self.layout: TallyLayout = tally.layout
        self.names = names
        self.label = label
        self.keys = {
            name: sorted((key for place, key in tally.groups if place == name), key=order(name))
            for name in names
        }
        # Replicates are scaled so that the population keeps its size.
        column = self.layout.start + QUANTITIES.index("personnes")
        drawn = tally.whole.replicates[0][:, column]
        size = tally.whole.baseline[column] / 2**DIGITS
        self.factor = numpy.divide(size, drawn, out=numpy.ones_like(drawn), where=drawn > 0)
        self.pairs: dict[Cell, Pair] = {}
        self._window()
        self._years()
        self.masked = self._masks()

    # Sums to published numbers.

    def _sides(self, sums: Sums, column: int, scale: int) -> list[tuple[Fraction, Samples]]:
        baseline, change = (values[:, column] * self.factor * scale for values in sums.replicates)
        drawn, moved = (values[:, column] * scale for values in sums.draws)
        unit = Fraction(scale, 2**DIGITS)
        after = sums.baseline[column] + sums.difference[column]
        return [
            (sums.baseline[column] * unit, Samples(baseline, drawn, self.noise)),
            (after * unit, Samples(baseline + change, drawn + moved, self.noise)),
            (Fraction(0), Samples(change, moved, self.noise)),
        ]

    def _put(
        self,
        whole: Cell,
        parts: Sequence[Cell],
        places: Mapping[Cell, tuple[Sums, int]],
        scale: int,
    ) -> None:
        """Round some cells so that they add up to one that is rounded already, or now.

        Changes are shared among the cells that change: the others do not move by a hundredth.
        """
        sides = {cell: self._sides(*places[cell], scale) for cell in [whole, *parts]}
        changes = {cell: after[0] - before[0] for cell, (before, after, _) in sides.items()}
        totals = [nearest(side[0]) for side in sides[whole][:2]]
        if whole in self.pairs:
            pair = self.pairs[whole]
            totals = [pair.baseline.published, pair.reform.published]
        rounded = apportioned([sides[cell][0][0] for cell in parts], totals[0])
        published = {cell: [value, value] for cell, value in zip(parts, rounded, strict=True)}
        moved = [cell for cell in parts if changes[cell]]
        shared = apportioned([changes[cell] for cell in moved], totals[1] - totals[0])
        for cell, value in zip(moved, shared, strict=True):
            published[cell][1] += value
        published[whole] = totals
        for cell in sides:
            before, after, change = sides[cell]
            self.pairs.setdefault(
                cell,
                Pair(
                    LawTotals(before[0], published[cell][0], before[1]),
                    LawTotals(after[0], published[cell][1], after[1]),
                    change[1],
                ),
            )

    def _sums(self, place: Place) -> tuple[Sums, int]:
        if place == WHOLE:
            return self.tally.whole, self.layout.start
        return self.tally.groups[place], 0

    def _window(self) -> None:
        for quantity in QUANTITIES:
            rank = QUANTITIES.index(quantity)
            scale = 1 if quantity in ("centimes", "gain", "perte") else 100
            whole = (*WHOLE, quantity)
            for name in self.names or [""]:
                cells = [(name, key, quantity) for key in self.keys.get(name, [])]
                places: dict[Cell, tuple[Sums, int]] = {}
                for cell in [whole, *cells]:
                    sums, start = self._sums(cell[:2])
                    places[cell] = (sums, start + rank)
                self._put(whole, cells, places, scale)
        for place in self.places:
            self.pairs[(*place, "personnes")] = self._persons(place)

    @property
    def places(self) -> list[Place]:
        """The whole, then the groups."""
        groups = [(name, key) for name, keys in self.keys.items() for key in keys]
        return [WHOLE, *groups]

    def _persons(self, place: Place) -> Pair:
        """Persons, as the sum of the published winners, losers and unchanged."""
        pair = self.pairs[(*place, "personnes")]
        three = [self.pairs[(*place, name)] for name in ("gagnants", "perdants", "inchanges")]
        count = sum(item.baseline.published for item in three)
        side = LawTotals(pair.baseline.exact, count, pair.baseline.samples)
        return Pair(side, side, pair.change)

    def _years(self) -> None:
        layout, whole = self.layout, self.tally.whole
        for quantity in ("contrats", *AMOUNTS):
            scale = 1 if quantity == "centimes" else 100
            every: Cell = (*WHOLE, quantity)
            yearly: dict[Cell, tuple[Sums, int]] = {}
            monthly: dict[Cell, tuple[Sums, int]] = {}
            by_year: dict[int, list[Cell]] = {year: [] for year in layout.years}
            for month in layout.months:
                cell = (MONTH, month_text(month), quantity)
                monthly[cell] = (whole, layout.month(quantity, month))
                by_year[month // 12].append(cell)
            for year, cells in by_year.items():
                columns = [monthly[cell][1] for cell in cells]
                yearly[YEAR, str(year), quantity] = (total(whole, columns), 0)
            start = layout.start + QUANTITIES.index(quantity)
            self._put(every, list(yearly), {every: (whole, start), **yearly}, scale)
            for year, cells in by_year.items():
                one = (YEAR, str(year), quantity)
                self._put(one, cells, {one: yearly[one], **monthly}, scale)
        for year, name in itertools.product(layout.years, YEARLY):
            cell = (YEAR, str(year), name)
            self._put(cell, [], {cell: (whole, layout.year(name, year))}, 100)

    # Masks.

    def _masks(self) -> set[Cell]:
        supports: dict[Cell, Sequence[int]] = {}
        relations: list[list[Cell]] = []
        for place in self.places:
            sums, start = self._sums(place)
            for name in (*OF_PERSONS, *unchanged.TOLD):
                supports[*place, name] = support(sums, start + QUANTITIES.index(name))[:1]
            for name in ("personnes_payees", "contrats"):
                self._both(supports, (*place, name), sums, start + QUANTITIES.index(name))
            column = start + QUANTITIES.index("personnes_payees")
            self._both(supports, (*place, "centimes"), sums, column)
            changed = int(sums.supports[0][start + QUANTITIES.index("modifies")])
            cell = change_of((*place, "centimes"))
            supports[cell] = [*supports[cell][:2], changed]
            relations.append([(*place, name) for name in (*OF_PERSONS[1:], OF_PERSONS[0])])
        for name, keys in self.keys.items():
            for quantity in (*ADDED, "personnes"):
                if quantity != "allocataires":
                    groups = [(name, key, quantity) for key in keys]
                    relations.append([*groups, (*WHOLE, quantity)])
        self._mask_periods(supports, relations)
        followers = {cell: change_of(cell) for cell in supports if change_of(cell) in supports}
        for relation in list(relations):
            if relation[0] in followers:
                relations.append([followers[cell] for cell in relation])
        return hidden(supports, relations, self.smallest, followers)

    def _both(
        self, supports: dict[Cell, Sequence[int]], cell: Cell, sums: Sums, column: int
    ) -> None:
        """The persons that a baseline rests on, and those of what the reform makes of it."""
        supports[cell] = support(sums, column)[:1]
        supports[change_of(cell)] = support(sums, column)

    def _mask_periods(
        self, supports: dict[Cell, Sequence[int]], relations: list[list[Cell]]
    ) -> None:
        layout, whole = self.layout, self.tally.whole
        for year in layout.years:
            cell = (YEAR, str(year), "personnes_payees")
            self._both(supports, cell, whole, layout.year("personnes_payees", year))
            self._mask_outcomes(supports, relations, year)
        for quantity in ("contrats", "centimes"):
            for year in layout.years:
                cells = []
                for month in (month for month in layout.months if month // 12 == year):
                    cell = (MONTH, month_text(month), quantity)
                    self._both(supports, cell, whole, layout.month(quantity, month))
                    cells.append(cell)
                # The persons of a year are at least those of its largest month.
                one: Cell = (YEAR, str(year), quantity)
                for target, parts in (
                    (one, cells),
                    (change_of(one), [change_of(cell) for cell in cells]),
                ):
                    largest = numpy.max([supports[cell] for cell in parts], axis=0)
                    supports[target] = [int(number) for number in largest]
                relations.append([*cells, one])
            years: list[Cell] = [(YEAR, str(year), quantity) for year in layout.years]
            relations.append([*years, (*WHOLE, quantity)])

    def _mask_outcomes(
        self, supports: dict[Cell, Sequence[int]], relations: list[list[Cell]], year: int
    ) -> None:
        """Who wins, loses or neither among those with a contract in a year, and the others."""
        every, won, lost, same, others = (
            (YEAR, str(year), name)
            for name in ("personnes", "gagnants", "perdants", "inchanges", "sans_contrat")
        )
        for cell in (every, won, lost):
            column = self.layout.year(cell[2], year)
            supports[cell] = support(self.tally.whole, column)[:1]
        supports[same] = [supports[every][0] - supports[won][0] - supports[lost][0]]
        supports[others] = [self.tally.persons - supports[every][0]]
        relations += [[won, lost, same, every], [every, others, (*WHOLE, "personnes")]]
        if len(self.layout.years) == 1:
            relations += [[cell, (*WHOLE, cell[2])] for cell in (won, lost)]

    # Tables.

    def periods(self) -> tuple[Period, ...]:
        """The months, the years, the window."""
        months = self.layout.months
        lines = []
        for month in months:
            measures = self._period(MONTH, month_text(month), MONTH_LABELS)
            lines.append(Period(MONTH, month_text(month), month_name(month), measures))
        for year in self.layout.years:
            count = sum(month // 12 == year for month in months)
            place = (YEAR, str(year))
            counts = [self._measure((*place, name), name) for name in YEARLY]
            told = [one if one.name in IN_LEVELS else compared(one) for one in counts]
            measures = (*self._period(*place, {}), *told)
            lines.append(Period(YEAR, str(year), f"{year} ({count} mois)", measures))
        measures = (*self._period(*WHOLE, {}), self._count(*WHOLE))
        label = " à ".join(dict.fromkeys(month_name(month) for month in (months[0], months[-1])))
        lines.append(Period(WINDOW, window_text(months), label, measures))
        return tuple(lines)

    def _period(self, kind: str, key: str, labels: Mapping[str, str]) -> tuple[Measure, ...]:
        names = {**LABELS, **labels}
        return (
            self._measure((kind, key, "contrats"), "contrats", names["contrats"]),
            *self._amounts((kind, key), names),
        )

    def cost(self, year: str) -> Samples:
        """What the reform costs (centimes) in a year, or over the window, in all the samples."""
        place = (YEAR, year) if year else WHOLE
        return self.pairs[(*place, "centimes")].change

    def _count(self, kind: str, key: str) -> Measure:
        return self._measure((kind, key, "personnes_payees"), "personnes_payees")

    def _amounts(self, place: Place, names: Mapping[str, str]) -> tuple[Measure, ...]:
        cell, payees = (*place, "centimes"), (*place, "allocataires")
        return (
            self._measure(payees, "mois_payes", names["mois_payes"], mask=cell),
            self._ratio(cell, payees, "montant_moyen", cell),
            self._measure(cell, "total", unit="€"),
        )

    def effects(self) -> tuple[GroupEffect, tuple[Breakdown, ...]]:
        """The whole population and its breakdowns, over the window.

        Of one group alone, the one that is touched most, it is told why nothing changes for the
        others: of more, what is hidden could be deduced.
        """
        whole = GroupEffect("ensemble", "Ensemble", self._group(WHOLE))
        breakdowns = self._breakdowns()
        found = most_touched(whole, breakdowns)
        if found is None:
            return self._explained(whole, WHOLE), breakdowns
        cut, most = found.breakdown, found.most[1]
        told = self._explained(most, (cut.name, most.key))
        groups = tuple(told if one is most else one for one in cut.groups)
        return whole, tuple(
            dataclasses.replace(one, groups=groups) if one is cut else one for one in breakdowns
        )

    def _breakdowns(self) -> tuple[Breakdown, ...]:
        """The breakdowns asked for, groups in the order of their keys."""
        return tuple(
            Breakdown(
                name,
                label,
                tuple(
                    GroupEffect(key, self.label(name, key), self._group((name, key)))
                    for key in self.keys[name]
                ),
                note,
            )
            for name, (label, note) in self.names.items()
        )

    def _group(self, place: Place) -> tuple[Measure, ...]:
        counts = []
        for name in ("gagnants", "perdants", "inchanges"):
            found = self._measure((*place, name), name)
            counts.append(compared(found))
        gains = (
            compared(
                self._ratio(
                    (*place, quantity),
                    (*place, f"mois_{who}"),
                    name,
                    (*place, who),
                )
            )
            for quantity, who, name in (
                ("gain", "gagnants", "gain_moyen"),
                ("perte", "perdants", "perte_moyenne"),
            )
        )
        return (
            self._measure((*place, "personnes"), "personnes"),
            *counts,
            *gains,
            self._measure((*place, "personnes_payees"), "personnes_payees"),
            *self._amounts(place, LABELS),
        )

    def _explained(self, group: GroupEffect, place: Place) -> GroupEffect:
        """A group, with the reasons of the months of those for whom nothing changes."""
        reasons = (compared(self._measure((*place, name), name)) for name in unchanged.TOLD)
        return dataclasses.replace(group, measures=(*group.measures, *reasons))

    def _measure(
        self,
        cell: Cell,
        name: str,
        label: str = "",
        unit: str = "personnes",
        mask: Cell | None = None,
    ) -> Measure:
        pair = self.pairs[cell]
        before, after = pair.baseline.published, pair.reform.published
        levels = pair.baseline.samples, pair.reform.samples
        found = Measure(
            name,
            label or LABELS[name],
            unit,
            before / 100,
            after / 100,
            (after - before) / 100,
        )
        return self._sampled(found, levels, pair.change, mask or cell)

    def _ratio(self, top: Cell, bottom: Cell, name: str, mask: Cell) -> Measure:
        """Euros (centimes over hundredths of persons) per person; None where there is nobody."""
        pair, among = self.pairs[top], self.pairs[bottom]
        sides = (pair.baseline, among.baseline), (pair.reform, among.reform)
        before, after = (divided(*side) for side in sides)
        found = Measure(
            name,
            LABELS[name],
            "€",
            None if before is None else before / 100,
            None if after is None else after / 100,
            None if before is None or after is None else (after - before) / 100,
        )
        levels = [over.samples.over(under.samples) for over, under in sides]
        return self._sampled(found, levels, levels[1].minus(levels[0]), mask)

    def _sampled(
        self, found: Measure, levels: Sequence[Samples], change: Samples, cell: Cell
    ) -> Measure:
        """The measure with its intervals, less what rests on too few to be published."""
        if cell in self.masked:
            return Measure(found.name, found.label, found.unit, None, None, None, masked=True)
        before, after = (side.of_all for side in levels)
        if change_of(cell) in self.masked:
            alone = dataclasses.replace(found, reform=None, difference=None, masked=True)
            return dataclasses.replace(alone, baseline_interval=before)
        found = dataclasses.replace(found, baseline_interval=before, reform_interval=after)
        if found.difference is None:
            return found
        sampling = (levels[0] if found.name in COMPARED else change).of_sampling
        return dataclasses.replace(found, interval=change.of_all, sampling=sampling)


def total(sums: Sums, columns: Sequence[int]) -> Sums:
    """The sum of some columns, in one."""
    return Sums(
        [sum(sums.baseline[column] for column in columns)],
        [sum(sums.difference[column] for column in columns)],
        sums.supports[:, list(columns)].max(axis=1, keepdims=True),
        sums.replicates[:, :, list(columns)].sum(axis=2, keepdims=True),
        sums.draws[:, :, list(columns)].sum(axis=2, keepdims=True),
    )


def support(sums: Sums, column: int) -> list[int]:
    """Persons that a column rests on: under the baseline, the reform, and of the difference."""
    return [int(number) for number in sums.supports[:, column]]


def divided(top: LawTotals, bottom: LawTotals) -> int | None:
    """A mean in centimes; None where there is nobody."""
    return nearest(100 * top.exact / bottom.exact) if bottom.exact else None


def quotients(top: Floats, bottom: Floats) -> Floats:
    """Means in centimes, replicate by replicate; NaN where there is nobody."""
    return numpy.divide(100 * top, bottom, out=numpy.full_like(top, numpy.nan), where=bottom > 0)


def known(samples: Floats) -> Floats:
    """The samples in which a quantity is one."""
    return samples[~numpy.isnan(samples)]


def interval(samples: Floats) -> Interval | None:
    """Bounds of the middle of the samples (hundredths), to the hundredth; None: not sampled."""
    if len(samples) < 2:
        return None
    tail = (1 - COVERAGE) / 2
    ordered = numpy.sort(samples)
    low, high = (quantile(ordered, share) for share in (tail, 1 - tail))
    return float(numpy.rint(low)) / 100 + 0.0, float(numpy.rint(high)) / 100 + 0.0


def quantile(ordered: Floats, share: float) -> float:
    """As ``numpy.quantile``, whose checks take ten times longer than the few samples."""
    place = (len(ordered) - 1) * share
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    part = place - below
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part


def change_of(cell: Cell) -> Cell:
    """The cell of what the reform makes of a baseline."""
    return (*cell[:2], f"{cell[2]} après")


def compared(found: Measure) -> Measure:
    """What only the comparison has: its number is the difference. No count is below nil."""
    ends = found.baseline_interval
    if ends and found.unit == "personnes":
        ends = max(ends[0], 0.0), max(ends[1], 0.0)
    return Measure(
        found.name,
        found.label,
        found.unit,
        None,
        None,
        found.baseline,
        ends,
        sampling=found.sampling,
        masked=found.masked,
    )


def window_text(months: range) -> str:
    """The window as ``first:last``."""
    return f"{month_text(months[0])}:{month_text(months[-1])}"
