"""The charts of a report drawn with Matplotlib, for notebooks and slides."""

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from openfisca_cej import french
from openfisca_cej.analysis.comparison import MONTH, Comparison
from openfisca_cej.charts import Bars, Chart, Lines, Stacked, unit_of
from openfisca_cej.population.arrow import library
from openfisca_cej.report import figures, page

#: Colours of the page, which tell apart without hue.
BEFORE, AFTER = "#6a5a8c", "#14594f"
COLOURS = {
    "avant": BEFORE,
    "apres": AFTER,
    "hausse": AFTER,
    "baisse": BEFORE,
    "gagnant": "#1b6ca8",
    "inchange": "#7d8696",
    "perdant": "#a8520a",
}

#: Letters of a line of the name of a row.
LONGEST = 36

#: The chart of the assumptions that weigh most on the cost, which the page holds in a table.
DRIVERS = "sensibilite"


def plot(comparison: Comparison, name: str = "qui", axes: Any = None) -> Any:
    """Draw a chart of the report with Matplotlib; returns the axes, to change or to save.

    ``name``: « qui » (who gains, who loses), « budget » (€ by month, with intervals),
    « mois-total », « mois-mois_payes » and « mois-montant_moyen » (before and after),
    « groupes-NAME » (a breakdown), « courbe-0 »… (the allowance of a typical case against a wage),
    « deciles », « sensibilite » (€, the assumptions that weigh most on the cost). ``axes``:
    those of a figure of yours, else one is made. Raises MissingLibrary (the extra ``charts``),
    ValueError when the comparison has no such chart, with the names of those it has.
    """
    known = drawings(comparison)
    if name not in known:
        raise ValueError(f"« {name} »: this comparison has {', '.join(known)}.")
    if axes is None:
        axes = library("matplotlib.pyplot", "charts").subplots(layout="constrained")[1]
    known[name](axes)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def drawings(comparison: Comparison) -> Mapping[str, Callable[[Any], None]]:
    """What draws each chart that a comparison has, by name."""
    charts: list[Chart | None] = [page.main_chart(comparison)]
    if len(comparison.of_kind(MONTH)) > 1:
        charts += [figures.month_bars(comparison), *page.monthly(comparison)]
    charts += [figures.breakdown_figure(one).chart for one in comparison.breakdowns]
    labels = {one.key: one.label for one in comparison.cases}
    for rank, one in enumerate(comparison.curves):
        charts.append(figures.curve_figure(rank, labels[one.case], one).chart)
    if comparison.households is not None:
        charts.append(figures.decile_bars(comparison.households.deciles))
    found = {one.ident: drawer(one) for one in charts if one is not None}
    if comparison.drivers:
        found[DRIVERS] = lambda axes: tornado(comparison, axes)
    return found


def drawer(chart: Chart) -> Callable[[Any], None]:
    """What draws a chart on axes."""

    def draw(axes: Any) -> None:
        axes.set_title(chart.title, loc="left", wrap=True)
        if isinstance(chart, Lines):
            lines(chart, axes)
        elif isinstance(chart, Bars):
            bars(chart, axes)
        elif isinstance(chart, Stacked):
            stacked(chart, axes)

    return draw


def lines(chart: Lines, axes: Any) -> None:
    """Lines over one another: the dashes of the first stand over the second."""
    for rank, one in enumerate(chart.series):
        xs, ys = zip(*one.points, strict=True)
        style = {"color": COLOURS[one.kind], "linestyle": "-" if rank else "--"}
        axes.plot(xs, ys, label=one.label, zorder=3 - rank, **style)
        for x, y in one.dots:
            axes.plot(x, y, marker="o", color=COLOURS[one.kind])
    values = [y for one in chart.series for _, y in one.points]
    upright(axes, chart.unit, values)
    axes.set_ylim(bottom=min(0, *values))
    step = -(-len(chart.x_marks) // 12)
    axes.set_xticks(*zip(*chart.x_marks[::step], strict=True))
    axes.set_xlabel(chart.x_label)
    axes.legend(frameon=False)


def bars(chart: Bars, axes: Any) -> None:
    """One bar a name, with its interval."""
    ends = []
    for rank, (_, value, interval) in enumerate(chart.values):
        axes.bar(rank, value, color=COLOURS["hausse" if value >= 0 else "baisse"])
        ends += [value, *(interval or ())]
        if interval:
            axes.vlines(rank, *interval, color="black")
    axes.axhline(0, color="black", linewidth=0.8)
    upright(axes, chart.unit, ends)
    step = -(-len(chart.values) // 12)
    ranks = range(0, len(chart.values), step)
    axes.set_xticks(ranks, [chart.values[rank][0] for rank in ranks])


def upright(axes: Any, unit: str, values: list[float]) -> None:
    """The numbers of the vertical axis, in French and in a unit that suits them."""
    counted, told = unit_of(values, unit)
    axes.yaxis.set_major_formatter(lambda value, _: french.trimmed(value / counted, 6))
    axes.set_ylabel(told)


def stacked(chart: Stacked, axes: Any) -> None:
    """Shares of each group, the first group on top; one without shares is secret."""
    labels = dict(chart.legend)
    for rank, (_, shares) in enumerate(chart.groups):
        start = 0.0
        for kind, share in shares or ():
            axes.barh(rank, share, left=start, color=COLOURS[kind], label=labels.pop(kind, None))
            start += share
        if shares is None:
            axes.text(0, rank, " secret", va="center")
    named(axes, [label for label, _ in chart.groups])
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda share, _: french.trimmed(100 * share, 1))
    axes.set_xlabel("% des personnes")
    axes.figure.legend(loc="outside lower center", ncols=len(chart.legend), frameon=False)


def named(axes: Any, names: list[str]) -> None:
    """The names of rows, the first on top, in lines that leave room for the bars."""
    axes.set_yticks(range(len(names)), [textwrap.fill(name, LONGEST) for name in names])
    axes.tick_params("y", length=0, labelsize="small")
    axes.invert_yaxis()


def tornado(comparison: Comparison, axes: Any) -> None:
    """The cost with each of two values of an assumption, the heaviest on top."""
    axes.set_title("Ce qui pèse le plus sur le coût", loc="left")
    axes.use_sticky_edges = False
    names = []
    for rank, one in enumerate(comparison.drivers):
        low, high = sorted((one.at_low, one.at_high))
        axes.barh(rank, high - low, left=low, color=AFTER)
        names.append(f"{one.label} : de {one.low} à {one.high}")
    axes.axvline(comparison.drivers[0].middle, color="black", linewidth=0.8)
    named(axes, names)
    ends = [end for one in comparison.drivers for end in (one.at_low, one.at_high)]
    counted, told = unit_of(ends, "euros")
    axes.xaxis.set_major_formatter(lambda value, _: french.trimmed(value / counted, 6))
    axes.set_xlabel(told)
