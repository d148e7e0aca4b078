"""The charts: what each shows, which notebooks draw too, and what a page draws of it.

Each has two pictures, one for a wide page and one for a telephone, in their own units: a picture
that shrinks would take its words with it. Colours and strokes are the page's; words are in French.
"""

import abc
import dataclasses
import itertools
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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
class Chart(abc.ABC):
    """A chart: what it shows, in a title and a sentence."""

    ident: str
    title: str
    description: str

    @property
    def legend(self) -> Sequence[tuple[str, str]]:
        """What each colour is, where there are several."""
        return ()

    @property
    @abc.abstractmethod
    def pictures(self) -> Sequence[Picture]:
        """Its drawings for a page."""


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


@dataclass(frozen=True)
class Lines(Chart):
    """Lines over one another, from zero up; ``x_marks`` are abscissas and their names, ``dots``
    the points of each kind of line that are marked.
    """

    series: Sequence[Series]
    x_marks: Sequence[tuple[float, str]]
    unit: str
    x_label: str = ""
    dots: Mapping[str, Sequence[Point]] = field(default_factory=dict)

    @property
    def legend(self) -> Sequence[tuple[str, str]]:
        """What each line is."""
        return [(one.kind, one.label) for one in self.series]

    @property
    def pictures(self) -> Sequence[Picture]:
        """Its drawings for a page."""
        xs = [x for one in self.series for x, _ in one.points]
        ys = [y for one in self.series for _, y in one.points]
        counted, told = unit_of(ys, self.unit)
        pictures = []
        for size, (width, height, most) in SIZES.items():
            scale = Scale(min(0, *ys), max(ys), height)
            x = along(min(xs), max(xs), width)
            drawn = tuple(
                Line(
                    one.kind,
                    one.label,
                    " ".join(f"{x(a):.1f},{scale.y(b):.1f}" for a, b in one.points),
                    tuple((x(a), scale.y(b)) for a, b in self.dots.get(one.kind, ())),
                )
                for one in self.series
            )
            marks = thinned(self.x_marks, most)
            picture = picture_of(size, scale, counted, told, [(x(a), b) for a, b in marks])
            pictures.append(dataclasses.replace(picture, x_label=self.x_label, lines=drawn))
        return pictures


@dataclass(frozen=True)
class Bars(Chart):
    """One bar a name, up or down from zero, with an interval where there is one."""

    values: Sequence[tuple[str, float, tuple[float, float] | None]]
    unit: str

    @property
    def pictures(self) -> Sequence[Picture]:
        """Its drawings for a page."""
        ends = [end for _, value, interval in self.values for end in (value, *(interval or ()))]
        counted, told = unit_of(ends, self.unit)
        pictures = []
        for size, (width, height, most) in SIZES.items():
            scale = Scale(min(0, *ends), max(0, *ends), height)
            pitch = (width - LEFT - RIGHT) / len(self.values)
            thick = min(pitch * 0.62, 56)
            drawn, names = [], []
            for rank, (name, value, interval) in enumerate(self.values):
                middle = LEFT + (rank + 0.5) * pitch
                top, bottom = sorted((scale.y(value), scale.y(0)))
                whisker = (scale.y(interval[0]), scale.y(interval[1])) if interval else None
                kind = "hausse" if value >= 0 else "baisse"
                drawn.append(Bar(kind, middle - thick / 2, top, thick, bottom - top, whisker))
                names.append((middle, name))
            picture = picture_of(size, scale, counted, told, thinned(names, most))
            pictures.append(dataclasses.replace(picture, bars=tuple(drawn)))
        return pictures


@dataclass(frozen=True)
class Stacked(Chart):
    """Shares of each group, side by side on one bar; a group without shares is secret.

    ``told`` says the shares in words, ``kinds`` what each is.
    """

    groups: Sequence[tuple[str, Sequence[tuple[str, float]] | None]]
    told: Callable[[Sequence[tuple[str, float]]], str]
    kinds: Sequence[tuple[str, str]]

    @property
    def legend(self) -> Sequence[tuple[str, str]]:
        """What each share is."""
        return self.kinds

    @property
    def pictures(self) -> Sequence[Picture]:
        """Its drawings for a page."""
        pictures = []
        for size, (width, _, _) in SIZES.items():
            rows, y = [], 0
            for label, shares in self.groups:
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
                rows.append(Row(top, name, self.told(shares), drawn))
            pictures.append(Picture(size, width, y, 0, width, 0, rows=tuple(rows)))
        return pictures


def picture_of(
    size: str, scale: Scale, counted: float, told: str, marks: Sequence[tuple[float, str]]
) -> Picture:
    """A picture with axes: places and names of the horizontal one, numbers of the vertical one."""
    width, height, _ = SIZES[size]
    named = tuple(Mark(x, height - BOTTOM + 20, text) for x, text in marks)
    up = tuple(scale.marks(counted))
    edges = (LEFT, width - RIGHT, scale.y(0))
    return Picture(size, width, height, *edges, told, x_marks=named, y_marks=up)


def along(lowest: float, highest: float, width: float) -> Callable[[float], float]:
    """From values to abscissas."""
    span = (highest - lowest) or 1
    return lambda value: LEFT + (value - lowest) / span * (width - LEFT - RIGHT)


def thinned(marks: Sequence[tuple[float, str]], most: int) -> Sequence[tuple[float, str]]:
    """At most so many marks, evenly taken, the first among them."""
    return marks[:: max(math.ceil(len(marks) / most), 1)]
