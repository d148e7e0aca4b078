"""How a file of texts spells its numbers and dates: as the law of a machine, or as a French does.

One file has one spelling of numbers. A column that could be read in two ways is read in one only
where one of its rows tells which; else it is refused, with both readings.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from openfisca_cej.population.schema import Column
from openfisca_cej.refusals import BadValue, quoted

#: Spaces of any kind, and what stands after an amount.
AROUND = re.compile(r"[\s\u00a0\u202f\u2009]|€")

#: A number with a decimal comma; one with points by thousands, or with a decimal point.
COMMA = re.compile(r"[+-]?\d[\d.]*,\d+|[+-]?,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)

#: Days, months and years in some order, and the midnight that a spreadsheet writes after a date.
DAYS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")

#: What separates the cells of a file in which a comma may be in a number.
ROOM_FOR_COMMAS = (";", "\t")


@dataclass
class Spelling:
    """How the numbers and dates of a file are written, column by column.

    ``comma``: decimals come after a comma; ``grouped``: headers of the columns whose points part
    thousands; ``day_first``: whether the day comes before the month, by header.
    """

    separator: str = ","
    comma: bool = False
    grouped: set[str] = field(default_factory=set)
    day_first: dict[str, bool] = field(default_factory=dict)
    faults: dict[str, BadValue] = field(default_factory=dict)

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
        """Find how the file is written from its first rows, column by column."""
        found = list(columns)
        numbers = [(column, plain(texts)) for column, texts in found if is_number(column)]
        if self.separator in ROOM_FOR_COMMAS:
            self.comma = any(COMMA.fullmatch(text) for _, texts in numbers for text in texts)
            for column, texts in numbers:
                self._learn_thousands(column.header, texts)
        for column, texts in found:
            if is_date(column):
                self._learn_dates(column.header, texts)

    def _learn_thousands(self, header: str, texts: Sequence[str]) -> None:
        """Whether points part thousands in a column, or decimals."""
        dotted = [text for text in texts if "." in text and "," not in text]
        parted = [text for text in dotted if THOUSANDS.fullmatch(text)]
        if not parted:
            return
        decided = any("." in text and "," in text for text in texts) or any(
            text.count(".") > 1 for text in parted
        )
        if decided:
            self.grouped.add(header)
        elif len(parted) == len(dotted):
            text = parted[0]
            words = {"one": text.replace(".", ""), "two": text.replace(".", ",")}
            self.faults[header] = BadValue("two-numbers", value=quoted(text), **words)

    def _learn_dates(self, header: str, texts: Sequence[str]) -> None:
        """Whether the day comes first in a column of dates."""
        found = (DAYS.fullmatch(bare(text)) for text in dict.fromkeys(texts))
        written = {match[0]: match for match in found if match}
        if not written:
            return
        pairs = [(int(match[1]), int(match[3])) for match in written.values()]
        day_first = self.comma or any(first > 12 for first, _ in pairs)
        month_first = not self.comma and any(second > 12 for _, second in pairs)
        if day_first and month_first:
            return  # The dates that cannot be are told one by one.
        if not day_first and not month_first and any(first != second for first, second in pairs):
            text = next(text for text, match in written.items() if match[1] != match[3])
            one, two = (as_iso(written[text], first) for first in (True, False))
            self.faults[header] = BadValue("two-dates", value=quoted(text), one=one, two=two)
            return
        self.day_first[header] = not month_first

    def texts(self, column: Column, texts: Sequence[str]) -> Sequence[str]:
        """The cells of a column, as a machine would have written them."""
        if is_number(column):
            return self._numbers(column.header, texts)
        if is_date(column):
            day_first = self.day_first.get(column.header)
            return [dated(text, day_first) for text in texts]
        return texts

    def _numbers(self, header: str, texts: Sequence[str]) -> Sequence[str]:
        if not self.comma and header not in self.grouped:
            whole = "".join(texts)
            return [AROUND.sub("", text) for text in texts] if AROUND.search(whole) else texts
        grouped = header in self.grouped
        return [self._number(AROUND.sub("", text), grouped) for text in texts]

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


def plain(texts: Sequence[str]) -> list[str]:
    """Numbers without what stands in them and around them, each once."""
    return [AROUND.sub("", text) for text in dict.fromkeys(texts)]


def bare(text: str) -> str:
    """A date without the midnight that follows it."""
    return MIDNIGHT.sub("", text.strip())


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
