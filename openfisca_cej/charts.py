"""Charts in SVG: one engine for the curve of a case, for the page and for a report.

A chart draws itself in a frame of any size; it has a title and a description for who does not see
it. Colours and strokes are those of the style sheet of the page, by class; words are in French.
"""

import abc
import dataclasses
import itertools
import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from openfisca_cej import french

#: Heights of a row of stacked bars, of the bar in it, and of one more line of its name.
ROW, BAR, LINE = 56, 16, 16

#: Width of a letter of the name of a row, at most on average.
LETTER = 7.8

#: Marks on an axis at most.
MARKS = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The size of a picture, its margins, and the names under its horizontal axis at most."""

    width: float
    height: float
    left: float
    most: int
    right: float = 16
    top: float = 34
    bottom: float = 44


#: For a wide page, and for a telephone: a picture that shrinks would take its words with it.
FRAMES = {"large": Frame(720, 340, 62, 13), "etroit": Frame(320, 280, 62, 4)}


@dataclass(frozen=True)
class Series:
    """A named line in pieces, between which it jumps, and its points that are marked.

    ``kind`` (« avant », « apres ») gives its colour and its dashes.
    """

    kind: str
    label: str
    pieces: tuple[tuple[Point, ...], ...]
    dots: tuple[Point, ...] = ()

    @property
    def points(self) -> tuple[Point, ...]:
        """All its points, in order."""
        return tuple(itertools.chain(*self.pieces))


class Axes:
    """From values to places in a frame: abscissas between two ends, ordinates from zero."""

    def __init__(self, frame: Frame, xs: Sequence[float], ys: Sequence[float]) -> None:
        self.frame, self.start = frame, min(xs)
        self.wide = (max(xs) - self.start) or 1
        lowest, highest = min(0, *ys), max(0, *ys)
        self.step = step(((highest - lowest) or 100) * 1.3)
        self.low = self.step * math.floor(lowest / self.step + 1e-9)
        self.high = max(self.step * math.ceil(highest / self.step - 1e-9), self.low + self.step)

    def x(self, value: float) -> float:
        """Abscissa of a value."""
        within = self.frame.width - self.frame.left - self.frame.right
        return self.frame.left + (value - self.start) / self.wide * within

    def y(self, value: float) -> float:
        """Ordinate of a value."""
        within = self.frame.height - self.frame.top - self.frame.bottom
        share = (value - self.low) / (self.high - self.low)
        return self.frame.height - self.frame.bottom - share * within

    def line(self, kind: str, points: Sequence[Point]) -> str:
        """A line through these points."""
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        return tag("polyline", kind, points=places)

    def dot(self, kind: str, point: Point) -> str:
        """A marked point."""
        return tag("circle", f"point {kind}", cx=self.x(point[0]), cy=self.y(point[1]), r=4)

    def grid(self, unit: str, values: Sequence[float]) -> Iterator[str]:
        """The vertical axis: its numbers, in a unit that suits the values, and a line for each."""
        counted, told = unit_of(values, unit)
        yield tag("text", "", told, x=0, y=14)
        right = self.frame.width - self.frame.right
        for rank in range(round((self.high - self.low) / self.step) + 1):
            value = self.low + rank * self.step
            y, kind = self.y(value), "grille" if round(value / self.step) else "axe"
            yield tag("line", kind, x1=self.frame.left, y1=y, x2=right, y2=y)
            number = french.number(value / counted, decimals(self.step / counted))
            yield tag("text", "", number, x=self.frame.left - 8, y=y + 4, text_anchor="end")

    def names(self, marks: Sequence[tuple[float, str]], label: str = "") -> Iterator[str]:
        """The horizontal axis: at most so many names, evenly taken, and what it is."""
        bottom = self.frame.height - self.frame.bottom
        for value, name in marks[:: max(math.ceil(len(marks) / self.frame.most), 1)]:
            x = self.x(value)
            if label:
                yield tag("line", "axe", x1=x, y1=bottom, x2=x, y2=bottom + 5)
            yield tag("text", "", name, x=x, y=bottom + 20, text_anchor="middle")
        right, low = self.frame.width - self.frame.right, self.frame.height - 6
        yield tag("text", "", label, x=right, y=low, text_anchor="end") if label else ""


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

    def height(self, frame: Frame) -> float:
        """The height of its picture."""
        return frame.height

    @abc.abstractmethod
    def drawn(self, frame: Frame) -> Iterator[str]:
        """The elements of its picture."""

    @property
    def pictures(self) -> Iterator[str]:
        """Its drawings for a page: a wide one and a narrow one, of which the page shows one."""
        for size, frame in FRAMES.items():
            whole = dataclasses.replace(frame, height=self.height(frame))
            yield svg(self, self.drawn(frame), size, whole, f"-{size}")


@dataclass(frozen=True)
class Lines(Chart):
    """Lines over one another, from zero up; ``x_marks`` are abscissas and their names."""

    series: Sequence[Series]
    x_marks: Sequence[tuple[float, str]]
    unit: str
    x_label: str = ""

    @property
    def legend(self) -> Sequence[tuple[str, str]]:
        """What each line is."""
        return [(one.kind, one.label) for one in self.series]

    def axes(self, frame: Frame) -> Axes:
        """Its axes in a frame."""
        points = [point for one in self.series for point in one.points]
        return Axes(frame, *zip(*points, strict=True))

    def drawn(self, frame: Frame) -> Iterator[str]:
        """The elements of its picture: the first line, which may be dashed, over the others."""
        axes = self.axes(frame)
        yield from axes.grid(self.unit, [y for one in self.series for _, y in one.points])
        yield from axes.names(self.x_marks, self.x_label)
        for one in reversed(self.series):
            yield from (axes.line(f"trait {one.kind}", piece) for piece in one.pieces)
            for before, after in itertools.pairwise(one.pieces):
                yield axes.line(f"trait saut {one.kind}", (before[-1], after[0]))
            yield from (axes.dot(one.kind, point) for point in one.dots)


@dataclass(frozen=True)
class Bars(Chart):
    """One bar a name, up or down from zero, with an interval where there is one."""

    values: Sequence[tuple[str, float, tuple[float, float] | None]]
    unit: str

    def drawn(self, frame: Frame) -> Iterator[str]:
        """The elements of its picture."""
        ends = [end for _, value, interval in self.values for end in (value, *(interval or ()))]
        axes = Axes(frame, (0, len(self.values)), ends)
        thick = min((axes.x(1) - axes.x(0)) * 0.62, 56)
        yield from axes.grid(self.unit, ends)
        yield from axes.names([(rank + 0.5, one[0]) for rank, one in enumerate(self.values)])
        for rank, (_, value, interval) in enumerate(self.values):
            middle = axes.x(rank + 0.5)
            top, bottom = sorted((axes.y(value), axes.y(0)))
            kind, high = "hausse" if value >= 0 else "baisse", max(bottom - top, 1)
            yield tag("rect", kind, x=middle - thick / 2, y=top, width=thick, height=high)
            if interval:
                low, high = map(axes.y, interval)
                ways = f"M{middle:.1f} {low:.1f}V{high:.1f}M{middle - 4:.1f} "
                yield tag("path", "moustache", d=f"{ways}{low:.1f}h8m-8 {high - low:.1f}h8")


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

    def height(self, frame: Frame) -> float:
        """The height of its picture: names may take several lines."""
        return sum(ROW + LINE * (len(wrapped(label, frame)) - 1) for label, _ in self.groups)

    def drawn(self, frame: Frame) -> Iterator[str]:
        """The elements of its picture."""
        top = -LINE
        for label, shares in self.groups:
            for line in wrapped(label, frame):
                top += LINE
                yield tag("text", "fort", line, x=0, y=top + 14)
            yield tag(
                "text", "", "secret" if shares is None else self.told(shares), x=0, y=top + 29
            )
            start, y = 0.0, top + 34
            for kind, share in shares or ():
                x, wide = start * frame.width, max(share * frame.width - 1.5, 0.5)
                start += share
                if share > 0:
                    yield tag("rect", kind, x=x, y=y, width=wide, height=BAR)
            if not start:
                wide = frame.width - 1
                yield tag("rect", "secret", x=0.5, y=y + 0.5, width=wide, height=BAR - 1)
            top += ROW - LINE


def svg(chart: Chart, content: Iterable[str], kind: str, frame: Frame, suffix: str = "") -> str:
    """A picture of a chart, as an SVG document; ``suffix`` makes its identifiers its own."""
    ident = f"{escape(chart.ident)}{suffix}"
    width, height = f"{frame.width:g}", f"{frame.height:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" role="img" lang="fr" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{ident}-titre {ident}-description">\n'
        f'<title id="{ident}-titre">{escape(chart.title)}</title>\n'
        f'<desc id="{ident}-description">{escape(chart.description)}</desc>\n'
        f'<g aria-hidden="true">\n{chr(10).join(filter(None, content))}\n</g>\n</svg>'
    )


def tag(name: str, kind: str, text: str = "", **attributes: str | float) -> str:
    """An element of a picture, in a class of the style sheet; places are kept to a tenth."""
    told = "".join(
        f' {key.replace("_", "-")}="{value if isinstance(value, str) else round(value, 1)}"'
        for key, value in {**({"class": kind} if kind else {}), **attributes}.items()
    )
    return f"<{name}{told}>{escape(text)}</{name}>" if text else f"<{name}{told}/>"


def wrapped(label: str, frame: Frame) -> list[str]:
    """The name of a row, in lines that are no wider than the picture."""
    return textwrap.wrap(label, int(frame.width / LETTER))


def unit_of(values: Sequence[float], name: str) -> tuple[float, str]:
    """What the numbers of an axis are counted in, and its name."""
    largest = max((abs(value) for value in values), default=0)
    if largest >= 2e6:
        return 1e6, f"millions {french.of(name, '’')}"
    if largest >= 2e4:
        return 1e3, f"milliers {french.of(name, '’')}"
    return 1, name


def step(largest: float) -> float:
    """A round distance between marks, for at most so many marks."""
    power = 10.0 ** math.floor(math.log10(largest / MARKS))
    return next(power * many for many in (1, 2, 5, 10) if largest / (power * many) <= MARKS)


def decimals(distance: float) -> int:
    """Decimals that marks at such a distance need."""
    return max(0, -math.floor(math.log10(distance)))


def numbers(largest: float) -> list[tuple[float, str]]:
    """The marks of an axis of numbers, from nil on."""
    distance = step(largest)
    count = math.floor(largest / distance + 1e-9) + 1
    return [
        (rank * distance, french.number(rank * distance, decimals(distance)))
        for rank in range(count)
    ]
