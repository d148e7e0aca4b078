"""What a comparison of the law with a reform found: plain data, fit for JSON and for a report.

Amounts are in euros and exact to the centime, numbers of persons to the hundredth. Parts add up to
their whole, hundredth for hundredth: months to years, years to the window, groups to the whole
population; so do their differences. What is hidden (groups too small to publish) is ``masked`` and
its values are None.

Labels, sentences and units are in French: they are shown as they are.
"""

import dataclasses
import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from openfisca_cej import french
from openfisca_cej.explain.curve import Curve
from openfisca_cej.population.arrow import library

Interval = tuple[float, float]

#: Columns of a difference: the value, what its interval is over, both intervals, whether masked.
OF_A_DIFFERENCE = (
    "difference",
    "interval",
    "low",
    "high",
    "sampling_low",
    "sampling_high",
    "masked",
)

#: Columns of the tidy results, in order.
COLUMNS = (
    "table",
    "month",
    "group",
    "measure",
    "baseline",
    "reform",
    *OF_A_DIFFERENCE,
)

#: Kinds of periods.
MONTH, YEAR, WINDOW = "mois", "annee", "fenetre"


@dataclass(frozen=True)
class Measure:
    """One quantity under the law in force, under the reform, and their difference.

    ``name`` is a short key (``contrats``, ``mois_payes``, ``montant_moyen``, ``total``,
    ``personnes``, ``gagnants``, ``perdants``, ``inchanges``…), ``label`` the words to show,
    ``unit`` « € », « personnes », « part » or « indice ». ``interval`` is that of the difference,
    ``baseline_interval`` and ``reform_interval`` those of the levels (None: none): over assumptions
    and sampling where assumptions were drawn, over sampling alone where not (``Sampling.kind``).
    ``sampling`` is that of the difference over sampling alone.

    A measure that only compares (winners, losers) has no baseline: ``baseline`` and
    ``reform`` are None and ``difference`` is the number; ``persons`` of a group are in all three
    but the difference is nil. Masked: all the values are None, or (too few
    persons change) all but those of the baseline.
    """

    name: str
    label: str
    unit: str
    baseline: float | None
    reform: float | None
    difference: float | None
    interval: Interval | None = None
    baseline_interval: Interval | None = None
    reform_interval: Interval | None = None
    sampling: Interval | None = None
    masked: bool = False


@dataclass(frozen=True)
class Period:
    """A month (``2025-03``), a year (``2025``) or the whole window, and its measures.

    ``kind`` is MONTH, YEAR or WINDOW; ``label`` in words (« mars 2025 », « 2025, 12 mois »).
    Measures: contrats (months of contract), mois_payes (months paid), montant_moyen (€ a month
    paid), total (€); and, over a year or the window, personnes_payees (paid at least once); of a
    year, personnes (with a contract in it), and of them gagnants and perdants.
    """

    kind: str
    period: str
    label: str
    measures: tuple[Measure, ...]

    def measure(self, name: str) -> Measure:
        """The measure of this name. Raises KeyError."""
        return named(self.measures, name)


@dataclass(frozen=True)
class GroupEffect:
    """Some persons: who they are and their measures over the window.

    Measures: personnes, gagnants, perdants, inchanges, gain_moyen (€ a month, of the winners),
    perte_moyenne (€ a month, of the losers, negative), personnes_payees, montant_moyen, total; of
    the group that is touched most, the months of contract of its ``inchanges`` by reason
    (``analysis.unchanged``).
    """

    key: str
    label: str
    measures: tuple[Measure, ...]

    def measure(self, name: str) -> Measure:
        """The measure of this name. Raises KeyError."""
        return named(self.measures, name)


@dataclass(frozen=True)
class Breakdown:
    """The population cut by one characteristic (``name``: tier, age, operator, wages, sex…)."""

    name: str
    label: str
    groups: tuple[GroupEffect, ...]
    note: str = ""


@dataclass(frozen=True)
class Published:
    """A published figure beside the baseline (and, for what it is worth, the reform).

    ``published`` is the lowest and highest published values; ``month`` is empty for a figure that
    is not of one month. ``source`` has ``titre`` and ``href``. ``tolerance``: the gap (share, or
    points of a share) under which nobody speaks of a disagreement.
    """

    name: str
    label: str
    month: str
    definition: str
    unit: str
    published: Interval
    status: str
    source: dict[str, str]
    baseline: float
    reform: float
    tolerance: float = 0.0

    @property
    def gap(self) -> float:
        """By how much the baseline leaves what is published, as a share of it (points of a share).

        Signed; 0 within the published range.
        """
        low, high = self.published
        end = min(max(self.baseline, low), high)
        return (self.baseline - end) / (1 if self.unit == "part" or not end else end)

    @property
    def verdict(self) -> str:
        """« dedans », « proche » (within the tolerance) or « manqué »."""
        if not self.gap:
            return "dedans"
        return "proche" if abs(self.gap) <= self.tolerance else "manqué"


@dataclass(frozen=True)
class CaseCurve:
    """The allowance of a typical case against a resource, before and after.

    Break points and marginal rates are in the curves. A curve that cannot be drawn is None, and
    ``note`` says why.
    """

    case: str
    variable: str
    baseline: Curve | None
    reform: Curve | None
    note: str = ""


@dataclass(frozen=True)
class TypicalCase:
    """A named situation in one month: the allowance (€) before and after.

    ``situation`` is the JSON situation (the one of the web API). ``baseline_rate`` and
    ``reform_rate`` are the € of allowance that one more euro of net wage, in the months where one
    is paid, brings (negative: takes away); None where no curve could be drawn. ``frozen``: the
    values that the law has moved since the last one known, and on which one of the amounts rests,
    in sentences.
    """

    key: str
    label: str
    month: str
    situation: dict[str, Any]
    baseline: float
    reform: float
    difference: float
    baseline_rate: float | None = None
    reform_rate: float | None = None
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A provision of the reform: a value or a rule that changes, and the sentence that says it."""

    path: str
    label: str
    start: str
    end: str | None
    before: Any
    after: Any
    reference: dict[str, str] | None
    sentence: str


@dataclass(frozen=True)
class Assumption:
    """An assumption that the results rest on.

    ``kind`` is « population » (of a synthetic universe) or « convention » (where the law is
    silent, or of the comparison). ``value`` and ``span`` (its plausible range) are texts to show,
    empty for a sentence.
    """

    kind: str
    name: str
    label: str
    value: str = ""
    span: str = ""
    status: str = ""
    evidence: str = ""
    source: dict[str, str] | None = None


#: What an interval is over.
OF_ALL, OF_SAMPLING = "hypotheses_et_echantillonnage", "echantillonnage"

#: The same in words.
INTERVALS = {
    OF_ALL: "hypothèses et échantillonnage",
    OF_SAMPLING: "échantillonnage seul",
    "": "aucun",
}


@dataclass(frozen=True)
class Sampling:
    """How intervals were made: Poisson bootstrap by bunch of linked persons, and draws.

    ``draws`` is the number of populations of other assumptions, of ``size`` persons each, drawn
    from ``source`` (« calibrated » or « stated »); 0: none, intervals are of sampling alone.
    """

    replicates: int
    coverage: float
    seed: int
    method: str
    draws: int = 0
    size: int = 0
    source: str = ""

    @property
    def kind(self) -> str:
        """What the main intervals are over: OF_ALL or OF_SAMPLING; empty: there are none."""
        if self.draws:
            return OF_ALL
        return OF_SAMPLING if self.replicates else ""

    @property
    def over(self) -> str:
        """The same in words."""
        return INTERVALS[self.kind]


@dataclass(frozen=True)
class Driver:
    """An assumption that the cost of the reform hangs on.

    ``low`` and ``high`` are two of its values (the ends of its range or of the calibrated draws,
    or two choices), as texts; ``at_low`` and ``at_high`` the cost (€) with each of them and nothing
    else changed; ``middle`` with neither.
    """

    name: str
    label: str
    low: str
    high: str
    at_low: float
    at_high: float
    middle: float

    @property
    def span(self) -> float:
        """By how much the cost moves (€)."""
        return max(self.at_low, self.at_high, self.middle) - min(
            self.at_low, self.at_high, self.middle
        )


@dataclass(frozen=True)
class People:
    """Who was compared.

    ``origin`` is « fichier », « synthetique » or « donnees » (held in memory); ``files`` have
    ``file``, ``size``, ``sha256``; ``parameters`` are those of a synthetic universe (universe,
    region, year, size, seed). ``persons`` is the unweighted number of rows.
    """

    title: str
    origin: str
    persons: int
    weight: float
    weighted: bool
    files: tuple[dict[str, Any], ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Households:
    """Living standards before and after, when the data hold them.

    ``deciles`` is a breakdown by decile of the baseline living standard; ``indices`` are the Gini
    index, the poverty rate and the poverty gap (baseline line: 60 % of the median).
    """

    deciles: Breakdown
    indices: tuple[Measure, ...]
    poverty_line: float
    note: str


@dataclass(frozen=True)
class Comparison:
    """All that a comparison found.

    ``reform`` is ``{"name", "content"}`` as manifests keep it; ``verifiable`` is False for a
    reform made of arbitrary Python. ``description`` is what its author wrote of it,
    ``summary`` what it changes, in French sentences. ``threshold`` (€ a month) separates winners
    and losers from the unchanged; groups of fewer than ``min_group`` persons are masked.
    ``limits`` says what the data cannot support, ``warnings`` those of them that bear on this
    reform; ``drivers`` are the assumptions that weigh most on its cost; ``bias`` says by how much
    the synthetic population is known to miss what is published, and what that does to this
    reform; ``outside`` that nothing of it is in force in these months, and which to ask for;
    ``unseen``: nobody is touched, so that nil is not a result. ``scope`` says of a
    cohort, or of a potential, that it is not a year's budget; ``headline`` is the year of the
    window that is one (empty: none); ``rates`` are the marginal rates of whoever has a wage, by
    band, where they were asked for. ``versions`` and ``law`` are those of a manifest.
    """

    title: str
    reform: dict[str, Any] | None
    verifiable: bool
    summary: str
    changes: tuple[Change, ...]
    months: tuple[str, ...]
    people: People
    threshold: float
    min_group: int
    sampling: Sampling
    periods: tuple[Period, ...]
    whole: GroupEffect
    breakdowns: tuple[Breakdown, ...]
    published: tuple[Published, ...]
    cases: tuple[TypicalCase, ...]
    curves: tuple[CaseCurve, ...]
    assumptions: tuple[Assumption, ...]
    limits: tuple[str, ...]
    remarks: tuple[str, ...]
    versions: dict[str, str]
    law: dict[str, str]
    households: Households | None = None
    description: str = ""
    scope: str = ""
    headline: str = ""
    unseen: bool = False
    warnings: tuple[str, ...] = ()
    drivers: tuple[Driver, ...] = ()
    bias: tuple[str, ...] = ()
    outside: str = ""
    rates: Breakdown | None = None

    def of_kind(self, kind: str) -> list[Period]:
        """The months, the years or the window."""
        return [period for period in self.periods if period.kind == kind]

    @property
    def window(self) -> Period:
        """The whole window."""
        (period,) = self.of_kind(WINDOW)
        return period

    @property
    def main(self) -> Period:
        """The period to state first: the year that is a year's budget, or the whole window."""
        (period,) = [one for one in self.of_kind(YEAR) if one.period == self.headline] or [
            self.window
        ]
        return period

    def breakdown(self, name: str) -> Breakdown:
        """The breakdown of this name. Raises KeyError."""
        for breakdown in self.breakdowns:
            if breakdown.name == name:
                return breakdown
        raise KeyError(name)

    @property
    def cautions(self) -> list[str]:
        """What must be read with the result: not in force, no budget of a year, partial, biased."""
        told = (self.outside, self.scope, *self.warnings, *self.bias)
        return [one for one in told if one]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The tidy results: one row a measure, with the keys COLUMNS.

        ``table`` is « mois », « annee », « fenetre », « ensemble », the name of a breakdown,
        « cas_types », « publie », « sensibilite », « taux_marginaux », « deciles » or
        « niveaux_de_vie »; ``month`` a month, a year, or the window as ``first:last``;
        ``interval`` says what ``low`` and ``high``, the bounds of the difference, are over (OF_ALL,
        OF_SAMPLING, « publie »: the lowest and highest published values; « hypothese »: the cost at
        two values of one assumption);
        ``sampling_low`` and ``sampling_high`` are those of sampling alone.
        """
        window, kind = self.window.period, self.sampling.kind
        for period in self.periods:
            for measure in period.measures:
                yield row(period.kind, period.period, "ensemble", measure, kind)
        for measure in self.whole.measures:
            yield row("ensemble", window, "ensemble", measure, kind)
        for breakdown in self.breakdowns:
            for group in breakdown.groups:
                for measure in group.measures:
                    yield row(breakdown.name, window, group.key, measure, kind)
        for case in self.cases:
            amounts = (case.baseline, case.reform, case.difference, *NO_INTERVAL)
            yield line("cas_types", case.month, case.key, "allocation", *amounts, False)
        for figure in self.published:
            values = (figure.baseline, figure.reform, figure.reform - figure.baseline)
            told = ("publie", *figure.published, None, None, False)
            yield line("publie", figure.month or window, "ensemble", figure.name, *values, *told)
        for driver in self.drivers:
            told = ("hypothese", driver.at_low, driver.at_high, None, None, False)
            cell = (self.main.period, driver.name, "total", None, None, driver.middle)
            yield line("sensibilite", *cell, *told)
        cuts = [self.rates] if self.rates is not None else []
        if self.households is not None:
            cuts.append(self.households.deciles)
        for cut in cuts:
            for group in cut.groups:
                for measure in group.measures:
                    yield row(cut.name, window, group.key, measure, kind)
        if self.households is not None:
            for measure in self.households.indices:
                yield row("niveaux_de_vie", window, "ensemble", measure, kind)

    def to_frame(self) -> Any:
        """The tidy results as a pandas frame, with the columns COLUMNS. Raises MissingLibrary."""
        return library("pandas").DataFrame(list(self.rows()), columns=list(COLUMNS))

    def _repr_html_(self) -> str:
        """What a notebook shows: the reform, its cost by period with intervals, who wins."""
        return html_of(self)

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON can hold it; curves as ``Curve.to_json`` tells them."""
        return plain(self)


def html_of(found: Comparison) -> str:
    """A comparison in a few lines of HTML: the budget of years and window, winners and losers."""
    lines = []
    kinds = (
        dict.fromkeys((found.sampling.over, INTERVALS[OF_SAMPLING])) if found.sampling.kind else ()
    )
    for period in [*found.of_kind(YEAR), found.window]:
        total = period.measure("total")
        spans = (total.baseline_interval, total.reform_interval, total.interval)
        values = (total.baseline, total.reform, total.difference)
        cells = [told(value, ends) for value, ends in zip(values, spans, strict=True)]
        both = [total.interval, total.sampling][: len(kinds)]
        cells += [" à ".join(told(end, ends) for end in ends or ()) for ends in both]
        lines.append([period.label, *cells])
    heads = ["", "Total dû, avant", "après", "Écart"]
    heads += [f"Intervalle à 95 % : {kind}" for kind in kinds]
    rows = ["".join(f"<td>{html.escape(cell)}</td>" for cell in line) for line in lines]
    counts = {
        one.label: "secret" if one.masked else french.number(one.difference or 0, 0)
        for one in map(found.whole.measure, ("gagnants", "perdants", "inchanges"))
    }
    told_counts = " ; ".join(f"{label} : {count}" for label, count in counts.items())
    return (
        f"<h3>{html.escape(found.title)}</h3><p>{html.escape(found.summary)}</p>"
        f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>"
        f"<tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
        f"<p>{html.escape(told_counts)}.</p>"
        f"{''.join(f'<p>{html.escape(one)}</p>' for one in found.cautions)}"
    )


def told(value: float | None, ends: Interval | None) -> str:
    """Euros, rounded to what their interval allows; « secret » where they are hidden."""
    if value is None:
        return "secret"
    if ends is None or ends[0] == ends[1]:
        return f"{french.number(value, 0)}{french.BEFORE_UNIT}€"
    return french.about(value, "€", ends)


def named(measures: tuple[Measure, ...], name: str) -> Measure:
    """The measure of this name. Raises KeyError."""
    for measure in measures:
        if measure.name == name:
            return measure
    raise KeyError(name)


#: What a row without an interval has in its place.
NO_INTERVAL = ("", None, None, None, None)


def row(table: str, month: str, group: str, measure: Measure, kind: str) -> dict[str, Any]:
    """The tidy row of a measure, whose interval is of this kind."""
    values = (measure.baseline, measure.reform, measure.difference)
    bounds: tuple[Any, ...] = NO_INTERVAL
    if measure.interval is not None:
        bounds = (kind, *measure.interval, *(measure.sampling or (None, None)))
    return line(table, month, group, measure.name, *values, *bounds, measure.masked)


def line(*values: Any) -> dict[str, Any]:
    """A tidy row of these values, in the order of COLUMNS."""
    return dict(zip(COLUMNS, values, strict=True))


def plain(value: Any) -> Any:
    """A result as JSON can hold it."""
    if isinstance(value, Curve):
        return value.to_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {item.name: plain(getattr(value, item.name)) for item in fields}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item"):  # A scalar of NumPy.
        return value.item()
    return value
