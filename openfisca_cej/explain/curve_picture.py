"""Curves as charts, and one curve alone as an accessible picture in SVG.

Colours of the picture are CSS custom properties (``--cej-fond``, ``--cej-encre``,
``--cej-grille``, ``--cej-trait``), that a page may set; each has a value of its own for light and
for dark, and plain attributes serve the viewers that read no style sheet.
"""

import math
import textwrap
from collections.abc import Iterator, Sequence

from openfisca_cej.charts import Axes, Frame, Lines, Point, Series, numbers, svg, tag
from openfisca_cej.explain.curve import Curve
from openfisca_cej.explain.curve_text import heading, sentence, sentences, title
from openfisca_cej.french import held

#: The frame of the curve, inside margins; where it starts, under the title.
FRAME = Frame(728, 320, 56, 9, top=54)
WIDTH, LEFT, TOP = 760, 16, 40

#: Height of a line of the key, radius of a marker.
LINE, RADIUS = 22, 10

#: Breaks that are numbered and told under the picture; a staircase has dots only.
NUMBERED = 6

#: Characters of the title and of the name of an axis, and of a line of the key.
LONGEST_TITLE, LONGEST_LINE = 70, 95

#: Plain attributes of each class, for viewers that read no style sheet.
PLAIN = {
    "fond": 'fill="#ffffff"',
    "fort": 'font-size="16" font-weight="bold"',
    "grille": 'stroke="#d5d5dc"',
    "axe": 'stroke="#1b1b1f"',
    "trait seule": 'fill="none" stroke="#00509d" stroke-width="3" stroke-linecap="round"',
    "trait saut seule": 'fill="none" stroke="#00509d" stroke-width="2" stroke-dasharray="5 5"',
    "point seule": 'fill="#00509d"',
    "rang": 'fill="#ffffff" font-size="12"',
}

STYLE = """
.cej-courbe { --f: var(--cej-fond, #ffffff); --e: var(--cej-encre, #1b1b1f);
  --g: var(--cej-grille, #d5d5dc); --t: var(--cej-trait, #00509d);
  font: 14px system-ui, "DejaVu Sans", sans-serif; max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) {
  .cej-courbe { --f: var(--cej-fond, #16161d); --e: var(--cej-encre, #ececf1);
    --g: var(--cej-grille, #44444f); --t: var(--cej-trait, #7cc0ff); } }
.cej-courbe .fond, .cej-courbe .rang { fill: var(--f); } .cej-courbe text { fill: var(--e); }
.cej-courbe .grille { stroke: var(--g); } .cej-courbe .axe { stroke: var(--e); }
.cej-courbe .trait { stroke: var(--t); } .cej-courbe .point { fill: var(--t); }
"""


def curve_lines(
    curves: Sequence[tuple[str, str, Curve]],
    words: tuple[str, str, str],
    unit: str = "Allocation du mois (€)",
    label: str = "Salaire net à payer (€ par mois)",
) -> Lines:
    """The chart of curves, each with its kind and its name.

    ``words`` are the identifier of the chart, its title and its description; ``unit`` and
    ``label`` those of its axes.
    """
    farthest = max(one.maximum for _, _, one in curves)
    drawn = [series(*one, farthest) for one in curves]
    return Lines(*words, drawn, numbers(farthest), unit, label)


def series(kind: str, name: str, curve: Curve, farthest: float) -> Series:
    """A curve as a line, flat from its end on where another goes on; its breaks are marked."""
    pieces: list[list[Point]] = [[]]
    jumps = {one.resource for one in curve.cliffs}
    for one in curve.segments:
        if one.start in jumps:
            pieces.append([])
        pieces[-1] += [(one.start, one.start_amount), (one.end, one.end_amount)]
    pieces[-1].append((farthest, pieces[-1][-1][1]))
    dots = [(one.solution, max(one.before, one.after)) for one in curve.breaks]
    return Series(kind, name, tuple(tuple(dict.fromkeys(one)) for one in pieces), tuple(dots))


def curve_svg(curve: Curve, ident: str = "cej-courbe") -> str:
    """The curve as an SVG document; ``ident`` prefixes its identifiers, to be unique in a page."""
    chart = curve_lines(
        [("seule", "", curve)],
        (ident, title(curve), " ".join(sentences(curve))),
        "Allocation du mois, avant arrondi (€)",
        f"{shortened(curve.label)} (€ par mois)",
    )
    numbered = len(curve.breaks) <= NUMBERED
    lines = list(key_lines(curve)) if numbered else []
    height = TOP + FRAME.height + LINE * len(lines) + 16
    content = [
        f'<style>{STYLE}</style><g font-family="DejaVu Sans, sans-serif" font-size="14">',
        tag("rect", "fond", width=WIDTH, height=height),
        tag("text", "fort", shortened(heading(curve)), x=LEFT, y=28),
        f'<g transform="translate({LEFT} {TOP})">',
        *chart.drawn(FRAME),
        *(badges(curve, chart.axes(FRAME)) if numbered else ()),
        *key(lines),
        "</g></g>",
    ]
    picture = svg(chart, content, "cej-courbe", Frame(WIDTH, height, LEFT, 0))
    for kind, plain in PLAIN.items():
        picture = picture.replace(f'class="{kind}"', f'class="{kind}" {plain}')
    return picture


def badges(curve: Curve, axes: Axes) -> Iterator[str]:
    """A number over each break; those that are close to each other are put side by side."""
    placed: list[Point] = []
    for rank, one in enumerate(curve.breaks, start=1):
        x, y = axes.x(one.solution), axes.y(max(one.before, one.after))
        # A badge never hides the numbers of the axis.
        place = max(x, FRAME.left + RADIUS + 6), y - RADIUS - 8
        while any(math.dist(place, other) < 2 * RADIUS + 2 for other in placed):
            place = place[0] + 2, place[1]
        placed.append(place)
        yield from badge(place, rank)


def badge(place: Point, rank: int | str) -> Iterator[str]:
    """A number in a disc of the colour of the curve."""
    yield tag("circle", "point seule", cx=place[0], cy=place[1], r=RADIUS)
    yield tag("text", "rang", str(rank), x=place[0], y=place[1] + 4, text_anchor="middle")


def key_lines(curve: Curve) -> Iterator[tuple[str, str]]:
    """The sentences of the breaks cut in lines: the number on the first one, and the text."""
    for rank in range(len(curve.breaks)):
        lines = textwrap.wrap(held(sentence(curve, rank)), LONGEST_LINE)
        yield from zip([str(rank + 1), *[""] * len(lines)], lines, strict=False)


def key(lines: list[tuple[str, str]]) -> Iterator[str]:
    """The numbered breaks, in words, under the picture."""
    for rank, (mark, told) in enumerate(lines):
        y = FRAME.height + LINE * rank + 12
        yield from badge((12, y), mark) if mark else ()
        yield tag("text", "", told, x=30, y=y + 5, font_size="13")


def shortened(label: str) -> str:
    """A title, cut where it would not fit."""
    return label if len(label) <= LONGEST_TITLE else label[: LONGEST_TITLE - 1] + "…"
