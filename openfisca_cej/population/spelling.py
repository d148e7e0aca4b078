"""How a file of texts spells its numbers and dates: as the law of a machine, or as a French does.

One file has one spelling of numbers. A column that could be read in two ways is read in one only
where one of its rows tells which; else it is refused, with both readings.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from openfisca_cej import reading
from openfisca_cej.population.schema import MOMENT, Column
from openfisca_cej.refusals import BadValue, quoted

#: A number with a decimal comma; one with points by thousands, or with a decimal point.
COMMA = re.compile(r"[+-]?(\d[\d.]*)?,\d+([eE][+-]?\d+)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)

#: Days, months and years in some order.
DAYS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)


@dataclass
class ColumnStyle:
    """What the cells of a column tell of how they are written.

    ``comma``: one has a decimal comma; ``grouped``: in one, points part thousands; ``decimal``: one
    has a decimal point; ``either``: one that could be both. ``dates``: some have a day, a month and
    a year; ``day_first``, ``month_first``: one that cannot be read otherwise; ``example``: one that
    could.
    """

    comma: bool = False
    grouped: bool = False
    decimal: bool = False
    either: str = ""
    dates: bool = False
    day_first: bool = False
    month_first: bool = False
    example: re.Match[str] | None = None


@dataclass
class Spelling:
    """How the numbers and dates of a file are written, column by column: see ``learn``, ``decide``.

    ``comma``: decimals come after a comma; ``elsewhere``: they do in columns of no variable, which
    tells the order of dates that nothing else tells; ``grouped``: headers of the columns whose
    points part thousands; ``day_first``: whether the day comes before the month, by header.
    """

    separator: str = ","
    comma: bool = False
    elsewhere: bool = False
    grouped: set[str] = field(default_factory=set)
    day_first: dict[str, bool] = field(default_factory=dict)
    faults: dict[str, BadValue] = field(default_factory=dict)
    styles: dict[str, ColumnStyle] = field(default_factory=dict)

    @property
    def guesses(self) -> list[tuple[str, str]]:
        """What was taken for granted, in French and in English."""
        told = []
        if self.comma:
            told.append(
                (
                    "les nombres sont lus avec une virgule décimale",
                    "numbers are read with a decimal comma",
                )
            )
        for first, fr, en in (
            (True, "jour/mois/année", "day/month/year"),
            (False, "mois/jour/année", "month/day/year"),
        ):
            names = [header for header, is_first in self.day_first.items() if is_first is first]
            if names:
                which = ", ".join(names)
                told.append(
                    (
                        f"les dates de {which} sont lues comme {fr}",
                        f"dates of {which} are read as {en}",
                    )
                )
        return told

    def learn(self, columns: Iterable[tuple[Column, Sequence[str]]]) -> None:
        """See how some rows are written; ``decide`` says what all of them tell."""
        for column, texts in columns:
            see = self._see_dates if has_days(column) else self._see_numbers
            see(self.styles.setdefault(column.header, ColumnStyle()), texts)

    @property
    def room_for_commas(self) -> bool:
        """Whether a comma may be in a number: it separates no cells."""
        return self.separator != ","

    def look_elsewhere(self, texts: Iterable[str]) -> None:
        """See how the cells of the columns of no variable are written."""
        self.elsewhere |= any(
            "," in text and COMMA.fullmatch(reading.plain(text)) for text in texts
        )

    def tells(self, column: Column) -> bool:
        """Whether the cells of a column tell how the file is written: those to ``learn`` from."""
        return has_days(column) or (self.room_for_commas and is_number(column))

    @property
    def needs_all(self) -> bool:
        """Whether rows that were not seen yet may tell how to read those that were."""
        return self.room_for_commas or any(one.dates for one in self.styles.values())

    def _see_numbers(self, style: "ColumnStyle", texts: Sequence[str]) -> None:
        for text in map(reading.plain, dict.fromkeys(texts)):
            style.comma |= bool(COMMA.fullmatch(text))
            if "." not in text:
                continue
            parted = "," not in text and bool(THOUSANDS.fullmatch(text))
            style.grouped |= "," in text or (parted and text.count(".") > 1)
            style.decimal |= "," not in text and not parted
            style.either = style.either or (text if parted else "")

    def _see_dates(self, style: "ColumnStyle", texts: Sequence[str]) -> None:
        for text in dict.fromkeys(texts):
            match = None if text[4:5] == "-" else DAYS.fullmatch(bare(text))
            if match:
                first, second = int(match[1]), int(match[3])
                style.dates = True
                style.day_first |= first > 12
                style.month_first |= second > 12
                if first != second and not style.example:
                    style.example = match

    def decide(self) -> None:
        """Say how each column is read, or that nothing tells."""
        self.comma = any(style.comma for style in self.styles.values())
        for header, style in self.styles.items():
            if style.grouped:
                self.grouped.add(header)
            elif style.either and not style.decimal:
                text = style.either
                words = {"one": text.replace(".", ""), "two": text.replace(".", ",")}
                self.faults[header] = BadValue("two-numbers", value=quoted(text), **words)
            if style.dates:
                self._decide_dates(header, style)

    def _decide_dates(self, header: str, style: "ColumnStyle") -> None:
        day_first, month_first = style.day_first or self.comma, style.month_first
        if day_first and month_first and not self.comma:
            return  # The dates that cannot be are told one by one.
        if not (day_first or month_first or self.elsewhere) and style.example:
            one, two = (as_iso(style.example, first) for first in (True, False))
            words = {"value": quoted(style.example[0]), "one": one, "two": two}
            self.faults[header] = BadValue("two-dates", **words)
            return
        self.day_first[header] = day_first or not month_first

    def texts(self, column: Column, texts: Sequence[str]) -> Sequence[str]:
        """The cells of a column, as a machine would have written them."""
        if is_number(column):
            return self._numbers(column.header, texts)
        if has_days(column):
            day_first = self.day_first.get(column.header)
            return [dated(text, day_first) for text in texts]
        return texts

    def _numbers(self, header: str, texts: Sequence[str]) -> Sequence[str]:
        grouped = header in self.grouped
        if not self.comma and not grouped:
            return texts
        return [self._number(reading.plain(text), grouped) for text in texts]

    def _number(self, text: str, grouped: bool) -> str:
        """A number with a decimal point and no other."""
        if self.comma and COMMA.fullmatch(text):
            return text.replace(".", "").replace(",", ".")
        return text.replace(".", "") if grouped and THOUSANDS.fullmatch(text) else text


def is_number(column: Column) -> bool:
    """Whether a column holds numbers."""
    of_a_number = column.variable is not None and column.variable.value_type in (int, float)
    return column.kind == "weight" or of_a_number


def is_date(column: Column) -> bool:
    """Whether a column holds dates."""
    return column.variable is not None and column.variable.value_type is datetime.date


def has_days(column: Column) -> bool:
    """Whether a column holds dates, or months that a day of them may tell."""
    return is_date(column) or column.kind == MOMENT


def is_spelt(column: Column) -> bool:
    """Whether there are several ways to write what a column holds."""
    return is_number(column) or is_date(column)


def bare(text: str) -> str:
    """A date without the midnight that follows it."""
    return reading.MIDNIGHT.sub("", text.strip())


def as_iso(match: re.Match[str], day_first: bool) -> str:
    """A date, year first."""
    day, month = (match[1], match[3]) if day_first else (match[3], match[1])
    return f"{match[4]}-{month.zfill(2)}-{day.zfill(2)}"


def dated(text: str, day_first: bool | None) -> str:
    """A date as a machine writes it, where it is known which part is the day."""
    if len(text) == 10 and text[4] == "-":
        return text
    text = bare(text)
    match = DAYS.fullmatch(text) if day_first is not None else None
    return as_iso(match, bool(day_first)) if match else text
