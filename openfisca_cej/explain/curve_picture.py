"""A curve as an accessible picture in SVG.

Colours are CSS custom properties (``--cej-fond``, ``--cej-encre``, ``--cej-grille``,
``--cej-trait``), that a page may set; each has a value of its own for light and for dark, and
plain attributes serve the viewers that read no style sheet.
"""

import itertools
import math
import textwrap
from collections.abc import Iterator
from html import escape
from string import Template

from openfisca_cej.explain.curve import Curve
from openfisca_cej.explain.curve_text import end, heading, sentence, sentences, title
from openfisca_cej.french import held
from openfisca_cej.french import plain_number as number

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 84, 28, 84, 60

#: Height of a line of the key, radius of a marker, and marks on an axis at most.
LINE, RADIUS, MARKS = 22, 10, 8

#: Breaks that are numbered and told under the picture; a staircase has dots only.
NUMBERED = 6

#: Characters of the title and of the name of an axis, and of a line of the key.
LONGEST_TITLE, LONGEST_LINE = 70, 95

STYLE = """
.cej-courbe { --f: var(--cej-fond, #ffffff); --e: var(--cej-encre, #1b1b1f);
  --g: var(--cej-grille, #d5d5dc); --t: var(--cej-trait, #00509d);
  font-family: system-ui, "DejaVu Sans", sans-serif; font-size: 14px;
  max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) {
  .cej-courbe { --f: var(--cej-fond, #16161d); --e: var(--cej-encre, #ececf1);
    --g: var(--cej-grille, #44444f); --t: var(--cej-trait, #7cc0ff); } }
.cej-courbe .fond { fill: var(--f); } .cej-courbe text { fill: var(--e); }
.cej-courbe .grille { stroke: var(--g); } .cej-courbe .axe { stroke: var(--e); }
.cej-courbe .trait { stroke: var(--t); } .cej-courbe .repere { fill: var(--t); }
.cej-courbe .repere + text { fill: var(--f); }
.cej-tableau { overflow-x: auto; }
"""

SVG = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" class="cej-courbe" role="img" lang="fr"
 aria-labelledby="$ident-titre $ident-description" viewBox="0 0 $width $height"
 width="$width" height="$height" font-family="DejaVu Sans, sans-serif" font-size="14">
<title id="$ident-titre">$title</title>
<desc id="$ident-description">$description</desc>
<style>$style</style>
<rect class="fond" width="$width" height="$height" fill="#ffffff"/>
<text x="16" y="28" font-size="16" font-weight="bold" fill="#1b1b1f">$shown</text>
<g aria-hidden="true">
$content
</g>
</svg>
""")


def curve_svg(curve: Curve, ident: str = "cej-courbe") -> str:
    """The curve as an SVG document; ``ident`` prefixes its identifiers, to be unique in a page."""
    plot = CurvePlot(curve)
    numbered = len(curve.breaks) <= NUMBERED
    lines = list(key_lines(curve)) if numbered else []
    height = HEIGHT + LINE * len(lines) + (10 if lines else 0)
    content = [*plot.grid(), *plot.line(), *plot.markers(numbered), *key(lines)]
    return SVG.substitute(
        ident=escape(ident),
        width=WIDTH,
        height=height,
        style=STYLE,
        title=escape(title(curve)),
        shown=escape(shortened(heading(curve))),
        description=escape(" ".join(sentences(curve))),
        content="\n".join(content),
    )


class CurvePlot:
    """Scales of the picture, and what is drawn on them."""

    def __init__(self, curve: Curve) -> None:
        self.curve = curve
        highest = max(max(one.start_amount, one.end_amount) for one in curve.segments)
        self.y_step = step(highest or 100)
        self.y_end = self.y_step * max(math.ceil(highest / self.y_step), 1)
        self.x_end = end(curve)[0] / 100
        self.x_step = step(self.x_end)

    def x(self, resource: float) -> float:
        """Abscissa of a resource (€)."""
        return LEFT + resource / self.x_end * (WIDTH - LEFT - RIGHT)

    def y(self, amount: float) -> float:
        """Ordinate of an allowance (€)."""
        return HEIGHT - BOTTOM - amount / self.y_end * (HEIGHT - TOP - BOTTOM)

    def grid(self) -> Iterator[str]:
        """Axes, marks and their numbers."""
        bottom, right = self.y(0), self.x(self.x_end)
        for amount in marks(self.y_end, self.y_step):
            y = self.y(amount)
            kind = "grille" if amount else "axe"
            yield straight(kind, LEFT, y, right, y)
            yield text(LEFT - 8, y + 5, held(number(amount, decimals(self.y_step))), "end")
        for resource in marks(self.x_end, self.x_step):
            x = self.x(resource)
            yield straight("axe", x, bottom, x, bottom + 6)
            yield text(x, bottom + 22, held(number(resource, decimals(self.x_step))), "middle")
        yield text(16, TOP - 24, "Allocation du mois, avant arrondi (€)", "start")
        yield text(right, bottom + 46, f"{shortened(self.curve.label)} (€ par mois)", "end")

    def line(self) -> Iterator[str]:
        """The segments; a jump is a dashed line."""
        for one in self.curve.segments:
            yield straight(
                "trait",
                self.x(one.start),
                self.y(one.start_amount),
                self.x(one.end),
                self.y(one.end_amount),
                ' stroke-width="3" stroke-linecap="round"',
            )
        for cliff in self.curve.cliffs:
            x = self.x(cliff.resource)
            dashed = ' stroke-width="2" stroke-dasharray="5 5"'
            yield straight("trait", x, self.y(cliff.before), x, self.y(cliff.after), dashed)

    def markers(self, numbered: bool) -> Iterator[str]:
        """A mark on each break; numbered ones that are close to each other are put side by side."""
        placed: list[tuple[float, float]] = []
        for rank, one in enumerate(self.curve.breaks, start=1):
            x, y = self.x(one.solution), self.y(max(one.before, one.after))
            yield dot(x, y, 4)
            if not numbered:
                continue
            # A badge never hides the numbers of the axis.
            badge = max(x, LEFT + RADIUS + 6), y - RADIUS - 8
            while any(math.dist(badge, other) < 2 * RADIUS + 2 for other in placed):
                badge = badge[0] + 2, badge[1]
            placed.append(badge)
            yield dot(*badge, RADIUS)
            yield text(badge[0], badge[1] + 4, str(rank), "middle", "#ffffff", 12)


def key_lines(curve: Curve) -> Iterator[tuple[str, str]]:
    """The sentences of the breaks cut in lines: the number on the first one, and the text."""
    for rank in range(len(curve.breaks)):
        lines = textwrap.wrap(held(sentence(curve, rank)), LONGEST_LINE)
        yield from zip([str(rank + 1), *[""] * len(lines)], lines, strict=False)


def key(lines: list[tuple[str, str]]) -> Iterator[str]:
    """The numbered breaks, in words, under the picture."""
    for rank, (mark, told) in enumerate(lines):
        y = HEIGHT + LINE * rank + 8
        if mark:
            yield dot(28, y, RADIUS)
            yield text(28, y + 4, mark, "middle", "#ffffff", 12)
        yield text(46, y + 5, told, "start", size=13)


def step(largest: float) -> float:
    """A round distance between marks, for at most so many marks."""
    power = 10.0 ** math.floor(math.log10(largest / MARKS))
    return next(power * many for many in (1, 2, 5, 10) if largest / (power * many) <= MARKS)


def marks(largest: float, distance: float) -> list[float]:
    """The marks of an axis from nil on."""
    counted = itertools.takewhile(
        lambda mark: mark <= largest * (1 + 1e-9), (distance * rank for rank in itertools.count())
    )
    return list(counted)


def decimals(distance: float) -> int:
    """Decimals that the marks need."""
    return max(0, -math.floor(math.log10(distance)))


def shortened(label: str) -> str:
    """A title, cut where it would not fit."""
    return label if len(label) <= LONGEST_TITLE else label[: LONGEST_TITLE - 1] + "…"


def straight(kind: str, x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
    """A line of the picture."""
    colour = {"grille": "#d5d5dc", "axe": "#1b1b1f", "trait": "#00509d"}[kind]
    return (
        f'<line class="{kind}" x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
        f' stroke="{colour}"{more}/>'
    )


def dot(x: float, y: float, radius: float) -> str:
    """A disc of the colour of the curve."""
    return f'<circle class="repere" cx="{x:.2f}" cy="{y:.2f}" r="{radius}" fill="#00509d"/>'


def text(
    x: float, y: float, content: str, anchor: str, fill: str = "#1b1b1f", size: int = 14
) -> str:
    """A text of the picture."""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}">'
        f"{escape(content)}</text>"
    )
