"""A curve in words and figures: sentences in French, a table for the eye, CSV."""

import csv
import io

from rich.table import Table

from openfisca_cej.explain.curve import Break, Curve
from openfisca_cej.french import month_name
from openfisca_cej.french import plain_euros as euros
from openfisca_cej.french import plain_number as number
from openfisca_cej.population.display import plain_table
from openfisca_cej.population.months import month_number

#: Centimes between two rows of figures.
STEP = 5_000


def title(curve: Curve) -> str:
    """What the curve shows, in a line."""
    return f"{heading(curve)}, selon : {curve.label[:1].lower()}{curve.label[1:]}"


def heading(curve: Curve) -> str:
    """Whose allowance, and of which month."""
    return f"Allocation de {curve.person}, {month_name(month_number(curve.month))}"


def sentences(curve: Curve) -> list[str]:
    """A sentence for each break point; one for all where there is none."""
    if not curve.breaks:
        amount = euros(float(curve.allowance([0])[0]))
        if all(segment.rate == 0 for segment in curve.segments):
            return [f"L'allocation est de {amount} quelle que soit cette ressource."]
        return [f"L'allocation va de {amount} à {euros(float(curve.allowance(end(curve))[0]))}."]
    return [sentence(curve, rank) for rank in range(len(curve.breaks))]


def sentence(curve: Curve, rank: int) -> str:
    """What happens at a break point."""
    point = curve.breaks[rank]
    where = euros(point.resource)
    if point.kind == "saut":
        left, right = curve.allowance([centime(point) - 1, centime(point)])
        text = f"À {where}, l'allocation passe de {euros(left)} à {euros(right)}"
    elif point.kind == "sortie":
        text = f"À partir de {where}, plus rien n'est dû"
    elif point.kind == "abattement":
        lost = euros(-curve.segments[rank + 1].rate)
        text = f"Au-delà de {where}, chaque euro de plus retire {lost} d'allocation"
    else:
        before, after = (curve.segments[rank + more].rate for more in (0, 1))
        text = f"À {where}, le taux marginal passe de {rate(before)} à {rate(after)}"
    return f"{text} ({point.label})."


def rate(value: float) -> str:
    """A marginal rate: euros of allowance per euro of the resource."""
    return number(value + 0.0, 4).replace("-", "−")


def centime(point: Break) -> int:
    """The break point in centimes."""
    return round(100 * point.resource)


def end(curve: Curve) -> list[int]:
    """The last resource of the curve, in centimes."""
    return [round(100 * curve.maximum)]


def segments_table(curve: Curve) -> Table:
    """The segments: where, how much is due at both ends, marginal rate."""
    table = plain_table(
        title(curve), ["De", "À", "Allocation au début", "à la fin", "Par euro de plus"]
    )
    for segment in curve.segments:
        table.add_row(
            euros(segment.start),
            euros(segment.end),
            euros(segment.start_amount),
            euros(segment.end_amount),
            rate(segment.rate),
        )
    return table


def points(curve: Curve) -> list[int]:
    """Resources (centimes) of the rows of figures: every 50 €, the breaks, both sides of a jump."""
    found = {*range(0, end(curve)[0], STEP), *end(curve)}
    for point in curve.breaks:
        found.add(centime(point))
        if point.is_cliff:
            found.add(centime(point) - 1)
    return sorted(found)


def rows(curve: Curve) -> list[tuple[float, float, float, float]]:
    """Resource, allowance paid, their total (€) and the marginal rate just above."""
    at = points(curve)
    amounts = curve.allowance(at)
    return [
        (
            centimes / 100,
            float(amount),
            round(centimes / 100 + float(amount), 2),
            curve.rate(centimes),
        )
        for centimes, amount in zip(at, amounts, strict=True)
    ]


def curve_csv(curve: Curve) -> str:
    """The figures as CSV: ``ressource,allocation,total,taux_marginal`` (€, € per €)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["ressource", "allocation", "total", "taux_marginal"])
    for resource, allowance, total, marginal in rows(curve):
        writer.writerow(
            [f"{resource:.2f}", f"{allowance:.2f}", f"{total:.2f}", f"{marginal + 0.0:.6f}"]
        )
    return out.getvalue()
