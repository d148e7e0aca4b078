"""Months as integers (12 × year + month − 1): easy to count, to shift and to put in a range."""

import functools
import re
from gettext import gettext as _

import numpy
from openfisca_core.periods import DateUnit, Instant, Period

from openfisca_cej import base
from openfisca_cej.refusals import BadValue, quoted

#: The period that a text says, and the month so many months after, as the rules have them.
written_period, months_after = base.periode, base.mois_apres

#: The longest window that can be asked for, in months: fifty years.
LONGEST = 600

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


def month_number(text: str) -> int:
    """Number of the month written ``YYYY-MM``.

    Raises ValueError, with a sentence for the user, on anything else.
    """
    match = MONTH.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(
            _("« {text} » is not a month (expected YYYY-MM, for instance 2025-03)").format(
                text=text
            )
        )
    return 12 * int(match[1]) + int(match[2]) - 1


def month_range(text: str) -> range:
    """Months of ``YYYY-MM:YYYY-MM`` (both ends included) or of a single ``YYYY-MM``.

    Raises ValueError, with a sentence for the user.
    """
    first, colon, last = text.partition(":")
    start = month_number(first)
    stop = month_number(last) if colon else start
    if stop < start:
        raise ValueError(
            _("« {text} » ends before it starts (expected first:last)").format(text=text)
        )
    if stop - start >= LONGEST:
        raise ValueError(
            _("« {text} » is longer than {longest} years").format(text=text, longest=LONGEST // 12)
        )
    return range(start, stop + 1)


def month_text(month: int) -> str:
    """The month as ``YYYY-MM``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


@functools.cache
def month_period(month: int) -> Period:
    """The month as an OpenFisca period."""
    return Period((DateUnit.MONTH, Instant((month // 12, month % 12 + 1, 1)), 1))


@functools.cache
def months_between(first: int, last: int) -> tuple[Period, ...]:
    """The months from the first to the last, as OpenFisca periods."""
    return tuple(month_period(month) for month in range(first, last + 1))


@functools.cache
def years_between(first: int, last: int) -> tuple[Period, ...]:
    """The years from the first to the last, as OpenFisca periods."""
    return tuple(
        Period((DateUnit.YEAR, Instant((year, 1, 1)), 1)) for year in range(first, last + 1)
    )


def first_day(month: int) -> numpy.datetime64:
    """First day of the month."""
    return numpy.datetime64(month_text(month), "D")


@functools.lru_cache(maxsize=65_536)
def period_text(moment: Period) -> str:
    """The period as it is written: the core asks a calendar, and YAML does not write its text."""
    return "".join(str(moment))


def before_law(month: int, first: int) -> BadValue:
    """The refusal of a month when no rule is in force."""
    return BadValue("before-the-law", value=quoted(month_text(month)), first=month_text(first))
