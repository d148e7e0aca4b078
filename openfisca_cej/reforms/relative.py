"""Values said of those of the law: ``+10%``, ``×1.1``, ``+50``, ``600 indexé``.

They become dated amounts, one for each value that the law has in their dates.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from openfisca_core.parameters import Parameter

from openfisca_cej.reforms.spans import DAY, FOREVER, Span
from openfisca_cej.reforms.written import Written

DIGITS = r"([0-9]+(?:[.,][0-9]+)?)"
PERCENT = re.compile(rf"([-+−]) ?{DIGITS} ?%")
TIMES = re.compile(rf"[×x*] ?{DIGITS}")
MORE = re.compile(rf"\+ ?{DIGITS}")
INDEXED = re.compile(rf"{DIGITS} index[ée]")

#: Decimals of what is computed: amounts to the centime.
CENTIMES, OTHERS = 2, 6


@dataclass(frozen=True)
class Relative:
    """What becomes of a value of the law, given that of the first day."""

    of: Callable[[Fraction, Fraction], Fraction]
    text: str


def relative(given: Written) -> Relative | None:
    """What a text says of the values of the law; None for anything else."""
    text = given.value.strip() if isinstance(given.value, str) else ""
    if found := PERCENT.fullmatch(text):
        share = number(found[2]) / 100 * (1 if found[1] == "+" else -1)
        return Relative(lambda value, first: value * (1 + share), text)
    if found := TIMES.fullmatch(text):
        factor = number(found[1])
        return Relative(lambda value, first: value * factor, text)
    if found := MORE.fullmatch(text):
        more = number(found[1])
        return Relative(lambda value, first: value + more, text)
    if found := INDEXED.fullmatch(text):
        start = number(found[1])
        return Relative(lambda value, first: value * start / first if first else start, text)
    return None


def number(text: str) -> Fraction:
    """A number, its decimal mark a point or a comma."""
    return Fraction(text.replace(",", "."))


def dated(span: Span, parameter: Parameter, unit: str | None) -> Iterator[Span]:
    """The amounts of a relative value, from each value of the law to the next."""
    first = parameter(str(span.start))
    days = {datetime.date.fromisoformat(item.instant_str) for item in parameter.values_list}
    starts = [span.start, *sorted(day for day in days if span.start < day <= span.end)]
    parts = 10 ** (CENTIMES if unit == "currency" else OTHERS)
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        end = span.end if following is None else following - DAY
        value = span.value.of(Fraction(str(parameter(str(start)))), Fraction(str(first)))
        last = following is None and span.open and span.end == FOREVER
        rounded = math.floor(value * parts + Fraction(1, 2)) / parts  # Half up, as amounts are.
        yield Span(start, end, rounded, span.line, last)
