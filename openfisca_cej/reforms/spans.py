"""When a value holds: from a date on, or between two dates."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openfisca_core.periods import Instant, instant

from openfisca_cej.bounds import FIRST_YEAR, LAST_YEAR
from openfisca_cej.refusals import BadValue

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DAY = datetime.timedelta(days=1)

#: End of what has no end.
FOREVER = datetime.date.max


@dataclass(frozen=True)
class Span:
    """A value from ``start`` to ``end``, both included; ``open``: until another date says more."""

    start: datetime.date
    end: datetime.date
    value: Any
    line: int = 0
    open: bool = False

    @property
    def key(self) -> str:
        """Its dates, as a reform file writes them."""
        return str(self.start) if self.end == FOREVER else f"{self.start}..{self.end}"

    @property
    def stop(self) -> Instant | None:
        """Its last day, as OpenFisca-Core wants it to change a parameter; None without end."""
        return None if self.end == FOREVER else instant(str(self.end))

    @property
    def is_read(self) -> bool:
        """Whether it holds on the first day of some month: the law of a month is read then."""
        return self.start.day == 1 or first_of_next(self.start) <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether both hold on some day."""
        return self.start <= other.end and other.start <= self.end

    def touches(self, later: "Span") -> bool:
        """Whether one that starts later starts at the latest on the day after its end."""
        return self.end == FOREVER or later.start <= self.end + DAY


def first_of_next(day: datetime.date) -> datetime.date:
    """The first day of the month after."""
    return (day.replace(day=1) + 31 * DAY).replace(day=1)


class BadDates(BadValue):
    """Dates that cannot be read: they are keys of a reform, not values."""


def read_dates(text: str) -> tuple[datetime.date, datetime.date | None]:
    """Start and end of ``2026-01-01`` (no end) or ``2026-01-01..2026-12-31``. Raises BadDates."""
    first, dots, last = (part.strip() for part in text.partition(".."))
    start = read_date(first, text)
    if not dots:
        return start, None
    end = read_date(last, text)
    if end < start:
        raise BadDates.said(
            f"« {text} » ends before it starts",
            f"Write {last}..{first}",
            f"« {text} » finit avant de commencer : écrivez {last}..{first}",
        )
    return start, end


def read_date(text: str, whole: str) -> datetime.date:
    """A date written YYYY-MM-DD, in a year that the law may reach. Raises BadDates."""
    shown = f"« {text} »" if text == whole else f"« {text} » in « {whole} »"
    try:
        found = datetime.date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise BadDates.said(
            f"{shown} is not a date",
            "Write 2026-01-01, or 2026-01-01..2026-12-31",
            f"« {text} » n'est pas une date : écrivez 2026-01-01, ou 2026-01-01..2026-12-31",
        )
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadDates.said(
            f"{shown} is a date out of reach",
            f"Years go from {FIRST_YEAR} to {LAST_YEAR}; without an end, a value holds for ever",
            f"« {text} » est hors de portée : les années vont de {FIRST_YEAR} à {LAST_YEAR}, et "
            "sans date de fin une valeur vaut pour toujours",
        )
    return found


def chained(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; one that has no end stops where the next one without end starts."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        before = result[-1] if result else None
        if before and before.open and span.open and before.start < span.start:
            result[-1] = Span(before.start, span.start - DAY, before.value, before.line, True)
        result.append(span)
    return result


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same values at the same dates, in as few spans as possible; no conflict is expected."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        before = result[-1] if result else None
        if before and before.touches(span) and same(before.value, span.value):
            end = max(before.end, span.end)
            result[-1] = Span(before.start, end, before.value, before.line)
        else:
            result.append(span)
    return result


def same(first: Any, second: Any) -> bool:
    """Whether two values are the same: true is not 1."""
    return isinstance(first, bool) == isinstance(second, bool) and first == second
