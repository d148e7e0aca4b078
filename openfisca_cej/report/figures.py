"""The charts of a comparison, and the tables that hold their figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from openfisca_cej import charts, french
from openfisca_cej.analysis import touched
from openfisca_cej.analysis.comparison import (
    MONTH,
    Breakdown,
    CaseCurve,
    Comparison,
    Driver,
    GroupEffect,
)
from openfisca_cej.charts import Chart, Series
from openfisca_cej.explain.curve_picture import curve_lines
from openfisca_cej.explain.curve_text import sentences
from openfisca_cej.report import words

BEFORE, AFTER = "Avant la réforme", "Après la réforme"

#: Winners, unchanged and losers: colours of the chart, and words of the legend.
KINDS = (("gagnant", "Gagnants"), ("inchange", "Inchangés"), ("perdant", "Perdants"))


@dataclass(frozen=True)
class CurveRow:
    """A resource (€) where something happens, and on either side of the reform what is due."""

    resource: str
    before: str
    before_rate: str
    after: str
    after_rate: str
    difference: str


@dataclass(frozen=True)
class CurveFigure:
    """A curve before and after: its chart, what happens in sentences, and its table."""

    case: str
    note: str
    resource: str
    chart: Chart | None
    sentences: tuple[tuple[str, tuple[str, ...]], ...]
    rows: tuple[CurveRow, ...]


@dataclass(frozen=True)
class BreakdownFigure:
    """Winners and losers by group."""

    breakdown: Breakdown
    chart: Chart
    secret: int


def curve_figure(rank: int, case: str, one: CaseCurve) -> CurveFigure:
    """The figure of a case."""
    drawn = [
        (kind, label, curve)
        for kind, label, curve in (("avant", BEFORE, one.baseline), ("apres", AFTER, one.reform))
        if curve is not None
    ]
    if not drawn:
        return CurveFigure(case, one.note, one.variable, None, (), ())
    label = drawn[0][2].label
    maximum = min(curve.maximum for _, _, curve in drawn)
    described = (
        f"L'allocation du mois en euros, avant et après la réforme, selon : {label.lower()}, de 0 "
        f"à {french.number(maximum, 0)} €. Le tableau qui suit en donne les points de rupture."
    )
    words_of = (f"courbe-{rank}", f"Allocation selon la ressource : {case}", described)
    chart = curve_lines(drawn, words_of, "euros par mois", "ressource, € par mois")
    told = [(told, tuple(sentences(curve))) for _, told, curve in drawn]
    if len(told) == 2 and told[0][1] == told[1][1]:
        told = [("Avant comme après la réforme", told[0][1])]
    return CurveFigure(case, one.note, label, chart, tuple(told), tuple(curve_rows(one, maximum)))


def curve_rows(one: CaseCurve, maximum: float) -> list[CurveRow]:
    """The figures at both ends, at every break of either curve, and on both sides of a jump."""
    curves = [one.baseline, one.reform]
    found = {0, round(100 * maximum)}
    for curve in curves:
        for item in curve.breaks if curve else ():
            at = round(100 * item.resource)
            found |= {at - 1, at} if item.is_cliff else {at}
    rows = []
    for at in sorted(found):
        amounts = [None if curve is None else float(curve.allowance([at])[0]) for curve in curves]
        rates = [None if curve is None else curve.rate(at) for curve in curves]
        before, after = amounts
        gap = None if before is None or after is None else round(after - before, 2)
        rows.append(
            CurveRow(
                french.euros(at / 100),
                *in_words(before, rates[0]),
                *in_words(after, rates[1]),
                words.signed(gap, "€", "montant_moyen"),
            )
        )
    return rows


def in_words(amount: float | None, rate: float | None) -> tuple[str, str]:
    """An allowance and its marginal rate."""
    return words.quantity(amount, "€", "montant_moyen"), words.rate(rate)


def month_lines(comparison: Comparison, name: str, title: str, unit: str) -> Chart:
    """A measure month by month, before and after."""
    months = comparison.of_kind(MONTH)
    series = []
    for kind, label, field in (("avant", BEFORE, "baseline"), ("apres", AFTER, "reform")):
        values = [getattr(one.measure(name), field) for one in months]
        found = tuple((rank, value) for rank, value in enumerate(values) if value is not None)
        series.append(Series(kind, label, (tuple((float(x), y) for x, y in found),)))
    return charts.Lines(
        f"mois-{name}",
        title,
        f"Mois par mois, de {months[0].label} à {months[-1].label}, avant et après la réforme ; "
        "les valeurs sont dans le tableau des mois.",
        series,
        [(float(rank), words.short_month(one.period)) for rank, one in enumerate(months)],
        unit,
    )


def month_bars(comparison: Comparison) -> Chart | None:
    """What the reform costs or saves month by month; nothing where every month is masked."""
    months = comparison.of_kind(MONTH)
    found = [(one.period, one.measure("total")) for one in months]
    if all(measure.difference is None for _, measure in found):
        return None
    intervals = comparison.sampling.over
    return charts.Bars(
        "budget",
        "Effet de la réforme sur le total dû, par mois",
        "Une barre par mois : au-dessus de zéro, la réforme coûte ; au-dessous, elle économise. "
        f"Les traits verticaux sont les intervalles à 95 % ({intervals}) ; les valeurs sont dans "
        "le tableau du budget.",
        [
            (words.short_month(period), measure.difference, measure.interval)
            for period, measure in found
            if measure.difference is not None
        ],
        "euros",
    )


def driver_bars(comparison: Comparison) -> list[tuple[Driver, float, float, float]]:
    """Each assumption with the start, the width and the middle of its bar, in a picture of 100."""
    ends = [end for one in comparison.drivers for end in (one.at_low, one.at_high, one.middle)]
    if not ends:
        return []
    low, scale = min(ends), 100 / (max(ends) - min(ends))
    found = []
    for one in comparison.drivers:
        start, end = sorted((one.at_low, one.at_high))
        places = [(value - low) * scale for value in (start, end, one.middle)]
        found.append(
            (one, round(places[0], 1), round(places[1] - places[0], 1), round(places[2], 1))
        )
    return found


def decile_bars(deciles: Breakdown) -> Chart | None:
    """What each decile gains or loses; nothing where every decile is masked."""
    found = [
        (str(rank), group.measure("niveau_de_vie_moyen").difference)
        for rank, group in enumerate(deciles.groups, start=1)
    ]
    values = [(name, change, None) for name, change in found if change is not None]
    if not values:
        return None
    return charts.Bars(
        "deciles",
        "Effet de la réforme sur le niveau de vie moyen, par décile",
        "Une barre par décile de niveau de vie, du premier au dixième ; les valeurs sont dans le "
        "tableau qui suit.",
        values,
        "euros par an",
    )


def breakdown_figure(breakdown: Breakdown) -> BreakdownFigure:
    """Winners, unchanged and losers of each group."""
    groups = [(group.label, shares(group)) for group in breakdown.groups]
    title = f"Gagnants, inchangés et perdants : {breakdown.label.lower()}"
    chart = outcomes(f"groupes-{breakdown.name}", title, groups)
    return BreakdownFigure(breakdown, chart, sum(found is None for _, found in groups))


def main_groups(whole: GroupEffect, breakdown: Breakdown | None) -> Chart:
    """Winners, unchanged and losers of all, and of the groups of a breakdown that are touched."""
    groups, title = [whole], "Qui gagne, qui perd"
    if breakdown is not None:
        moved = [one for one in breakdown.groups if is_touched(one)]
        groups += moved
        title += f" : ensemble, puis {french.lower(breakdown.label)}"
        if len(moved) < len(breakdown.groups):
            title += " (les groupes où quelqu'un gagne ou perd)"
    return outcomes("qui", title, [(group.label, shares(group)) for group in groups])


def is_touched(group: GroupEffect) -> bool:
    """Whether some of a group gain or lose, or it is secret."""
    found = shares(group)
    return found is None or any(share for kind, share in found if kind != "inchange")


def outcomes(
    ident: str, title: str, groups: Sequence[tuple[str, Sequence[tuple[str, float]] | None]]
) -> Chart:
    """A bar of winners, unchanged and losers for each group."""
    return charts.Stacked(
        ident,
        title,
        "Une barre par groupe, de gauche à droite : gagnants, inchangés, perdants, en part des "
        "personnes. Les valeurs sont dans le tableau des groupes.",
        groups,
        shares_text,
        KINDS,
    )


def shares(group: GroupEffect) -> list[tuple[str, float]] | None:
    """The share of each outcome among the persons of a group; None: secret, or nobody."""
    found = touched.shares(group)
    kinds = [kind for kind, _ in KINDS]
    return None if found is None else list(zip(kinds, found.values(), strict=False))


def shares_text(found: Sequence[tuple[str, float]]) -> str:
    """« gagnants 12,0 %, perdants 3,0 % »."""
    share = dict(found)
    if not share:
        return "personne"
    gain, loss = (words.quantity(share[kind], "part") for kind in ("gagnant", "perdant"))
    return f"gagnants {gain}, perdants {loss}"
