"""One or two curves as a small picture, legible on a phone; its colours are in the stylesheet."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from openfisca_cej.explain.curve import Curve
from openfisca_cej.explain.curve_picture import decimals, marks, step
from openfisca_cej.french import number

WIDTH, HEIGHT = 400, 280
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 30, 46

#: Numbers under the axis at most: on a phone, more would touch each other.
MOST_NUMBERS = 6

#: Classes of the curves, in order: one alone, or before and after.
ALONE, BEFORE, AFTER = "seule", "avant", "apres"


@dataclass(frozen=True)
class PlottedLine:
    """A curve and the class that the stylesheet draws it with."""

    kind: str
    curve: Curve


def svg(
    lines: Sequence[PlottedLine],
    ident: str,
    title: str,
    description: str,
    here: tuple[float, float] | None = None,
) -> str:
    """The picture; ``here`` (€ of resource, € of allowance) is marked."""
    plot = Plot([line.curve for line in lines])
    content = [*plot.axes()]
    for line in lines:
        content += plot.line(line)
    if here is not None and here[0] <= plot.x_end:
        content.append(
            f'<circle class="ici" cx="{plot.x(here[0]):.1f}" cy="{plot.y(here[1]):.1f}" r="6"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="courbe" role="img" lang="fr" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" aria-labelledby="{ident}-titre {ident}-description">\n'
        f'<title id="{ident}-titre">{escape(title)}</title>\n'
        f'<desc id="{ident}-description">{escape(description)}</desc>\n'
        f'<g aria-hidden="true">\n{chr(10).join(content)}\n</g>\n</svg>'
    )


class Plot:
    """Scales that hold all the curves."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        pieces = [piece for curve in curves for piece in curve.segments]
        highest = max(max(piece.start_amount, piece.end_amount) for piece in pieces)
        self.y_step = step(highest or 100)
        self.y_end = self.y_step * max(math.ceil(highest / self.y_step), 1)
        self.x_end = max(curve.maximum for curve in curves)
        every = step(self.x_end)
        self.x_step = every if self.x_end / every < MOST_NUMBERS else 2 * every

    def x(self, resource: float) -> float:
        """Abscissa of a resource (€)."""
        return LEFT + resource / self.x_end * (WIDTH - LEFT - RIGHT)

    def y(self, amount: float) -> float:
        """Ordinate of an allowance (€)."""
        return HEIGHT - BOTTOM - amount / self.y_end * (HEIGHT - TOP - BOTTOM)

    def axes(self) -> Iterator[str]:
        """Axes, marks and their numbers."""
        left, right, bottom = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
        for amount in marks(self.y_end, self.y_step):
            y = self.y(amount)
            yield straight("grille" if amount else "axe", left, y, right, y)
            yield text(left - 6, y + 4, number(amount, decimals(self.y_step)), "fin")
        for resource in marks(self.x_end, self.x_step):
            x = self.x(resource)
            yield straight("axe", x, bottom, x, bottom + 5)
            yield text(x, bottom + 19, number(resource, decimals(self.x_step)), "milieu")
        yield text(4, 14, "Allocation du mois (€)", "debut")
        yield text(right, HEIGHT - 6, "Salaire net à payer (€ par mois)", "fin")

    def line(self, line: PlottedLine) -> Iterator[str]:
        """The segments, and the jumps between them."""
        for piece in line.curve.segments:
            yield straight(
                f"trait {line.kind}",
                self.x(piece.start),
                self.y(piece.start_amount),
                self.x(piece.end),
                self.y(piece.end_amount),
            )
        last = line.curve.segments[-1]
        if last.end < self.x_end:  # flat beyond its end, where another curve goes on
            y = self.y(last.end_amount)
            yield straight(f"trait {line.kind}", self.x(last.end), y, self.x(self.x_end), y)
        for jump in line.curve.cliffs:
            x = self.x(jump.resource)
            yield straight(f"trait saut {line.kind}", x, self.y(jump.before), x, self.y(jump.after))


def straight(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A line of the picture."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x: float, y: float, content: str, anchor: str) -> str:
    """A text of the picture; the stylesheet anchors it."""
    return f'<text class="{anchor}" x="{x:.1f}" y="{y:.1f}">{escape(content)}</text>'
