"""The geometry of the charts: what the template draws, in the units of the picture.

Each chart has two pictures, one for a wide page and one for a telephone: a picture that shrinks
would take its words with it. Colours and strokes are the page's; words are in French.
"""

import itertools
import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from openfisca_cej import french
from openfisca_cej.explain.curve_picture import decimals, step

#: Width, height and marks on the horizontal axis at most, of the wide picture and of the narrow.
SIZES = {"large": (720, 340, 13), "etroit": (320, 280, 4)}

#: Margins of a picture with axes.
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 34, 44

#: Heights of a row of stacked bars, of the bar in it, and of one more line of its name.
ROW, BAR, LINE = 56, 16, 16

#: Width of a letter of the name of a row, at most on average.
LETTER = 7.8

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """A named line: ``kind`` (« avant », « apres ») gives its colour and its dashes."""

    kind: str
    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Mark:
    """A text at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """A drawn line: the points of a polyline, and those that bear a dot."""

    kind: str
    label: str
    points: str
    dots: tuple[Point, ...]


@dataclass(frozen=True)
class Bar:
    """A rectangle; ``whisker`` is the ordinates of an interval."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    whisker: tuple[float, float] | None = None


@dataclass(frozen=True)
class Row:
    """A group of a stacked picture: lines of its name, shares in words, bars (none: secret)."""

    y: float
    label: tuple[str, ...]
    shares: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Picture:
    """One drawing of a chart."""

    size: str
    width: float
    height: float
    left: float
    right: float
    zero: float
    unit: str = ""
    x_label: str = ""
    x_marks: tuple[Mark, ...] = ()
    y_marks: tuple[Mark, ...] = ()
    lines: tuple[Line, ...] = ()
    bars: tuple[Bar, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart: what it shows, in a title and a sentence, and its pictures."""

    ident: str
    title: str
    description: str
    pictures: tuple[Picture, ...]
    legend: tuple[tuple[str, str], ...] = ()


class Scale:
    """From values to places, and the marks of the vertical axis."""

    def __init__(self, lowest: float, highest: float, height: float) -> None:
        span = (highest - lowest) or 1
        self.step = step(span * 1.3)
        self.low = self.step * math.floor(lowest / self.step + 1e-9)
        self.high = max(self.step * math.ceil(highest / self.step - 1e-9), self.low + self.step)
        self.height = height

    def y(self, value: float) -> float:
        """Ordinate of a value."""
        share = (value - self.low) / (self.high - self.low)
        return self.height - BOTTOM - share * (self.height - TOP - BOTTOM)

    def marks(self, unit: float) -> Iterator[Mark]:
        """The numbers of the axis, in this unit."""
        count = round((self.high - self.low) / self.step)
        for rank in range(count + 1):
            value = self.low + rank * self.step
            text = french.number(value / unit, decimals(self.step / unit))
            yield Mark(LEFT - 8, self.y(value), text)


def unit_of(values: Sequence[float], name: str) -> tuple[float, str]:
    """What the numbers of an axis are counted in, and its name."""
    largest = max((abs(value) for value in values), default=0)
    if largest >= 2e6:
        return 1e6, f"millions {french.of(name, '’')}"
    if largest >= 2e4:
        return 1e3, f"milliers {french.of(name, '’')}"
    return 1, name


def lines(
    ident: str,
    title: str,
    description: str,
    series: Sequence[Series],
    x_marks: Sequence[tuple[float, str]],
    unit: str,
    x_label: str = "",
    dots: Callable[[Series], Sequence[Point]] = lambda one: (),
) -> Chart:
    """Lines over one another, from zero up; ``x_marks`` are abscissas and their names."""
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points]
    counted, told = unit_of(ys, unit)
    pictures = []
    for size, (width, height, most) in SIZES.items():
        scale = Scale(min(0, *ys), max(ys), height)
        x = along(min(xs), max(xs), width)
        drawn = tuple(
            Line(
                one.kind,
                one.label,
                " ".join(f"{x(a):.1f},{scale.y(b):.1f}" for a, b in one.points),
                tuple((x(a), scale.y(b)) for a, b in dots(one)),
            )
            for one in series
        )
        pictures.append(
            Picture(
                size,
                width,
                height,
                LEFT,
                width - RIGHT,
                scale.y(0),
                told,
                x_label,
                tuple(Mark(x(a), height - BOTTOM + 20, b) for a, b in thinned(x_marks, most)),
                tuple(scale.marks(counted)),
                drawn,
            )
        )
    legend = tuple((one.kind, one.label) for one in series)
    return Chart(ident, title, description, tuple(pictures), legend)


def bars(
    ident: str,
    title: str,
    description: str,
    values: Sequence[tuple[str, float, tuple[float, float] | None]],
    unit: str,
) -> Chart:
    """One bar a name, up or down from zero, with an interval where there is one."""
    ends = [end for _, value, interval in values for end in (value, *(interval or ()))]
    counted, told = unit_of(ends, unit)
    pictures = []
    for size, (width, height, most) in SIZES.items():
        scale = Scale(min(0, *ends), max(0, *ends), height)
        pitch = (width - LEFT - RIGHT) / len(values)
        thick = min(pitch * 0.62, 56)
        drawn, names = [], []
        for rank, (name, value, interval) in enumerate(values):
            middle = LEFT + (rank + 0.5) * pitch
            top, bottom = sorted((scale.y(value), scale.y(0)))
            whisker = (scale.y(interval[0]), scale.y(interval[1])) if interval else None
            kind = "hausse" if value >= 0 else "baisse"
            drawn.append(Bar(kind, middle - thick / 2, top, thick, bottom - top, whisker))
            names.append((middle, name))
        pictures.append(
            Picture(
                size,
                width,
                height,
                LEFT,
                width - RIGHT,
                scale.y(0),
                told,
                "",
                tuple(Mark(a, height - BOTTOM + 20, b) for a, b in thinned(names, most)),
                tuple(scale.marks(counted)),
                (),
                tuple(drawn),
            )
        )
    return Chart(ident, title, description, tuple(pictures))


def stacked(
    ident: str,
    title: str,
    description: str,
    groups: Sequence[tuple[str, Sequence[tuple[str, float]] | None]],
    told: Callable[[Sequence[tuple[str, float]]], str],
    legend: Sequence[tuple[str, str]],
) -> Chart:
    """Shares of each group, side by side on one bar; a group without shares is secret."""
    pictures = []
    for size, (width, _, _) in SIZES.items():
        rows, y = [], 0
        for label, shares in groups:
            name = tuple(textwrap.wrap(label, int(width / LETTER)))
            y += LINE * (len(name) - 1)
            top, y = y, y + ROW
            if shares is None:
                rows.append(Row(top, name, "secret", ()))
                continue
            starts = itertools.accumulate((share for _, share in shares), initial=0.0)
            drawn = tuple(
                Bar(kind, start * width, top + 34, share * width, BAR)
                for (kind, share), start in zip(shares, starts, strict=False)
                if share > 0
            )
            rows.append(Row(top, name, told(shares), drawn))
        pictures.append(Picture(size, width, y, 0, width, 0, rows=tuple(rows)))
    return Chart(ident, title, description, tuple(pictures), tuple(legend))


def along(lowest: float, highest: float, width: float) -> Callable[[float], float]:
    """From values to abscissas."""
    span = (highest - lowest) or 1
    return lambda value: LEFT + (value - lowest) / span * (width - LEFT - RIGHT)


def thinned(marks: Sequence[tuple[float, str]], most: int) -> Sequence[tuple[float, str]]:
    """At most so many marks, evenly taken, the first among them."""
    return marks[:: max(math.ceil(len(marks) / most), 1)]
