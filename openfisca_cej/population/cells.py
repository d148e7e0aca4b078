"""From the texts of a column to an array: quick when all is well, precise when it is not."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.variables import Variable

from openfisca_cej import reading
from openfisca_cej.bounds import FIRST_YEAR, LAST_YEAR, Bound
from openfisca_cej.refusals import BadValue

#: Characters of numbers and dates: texts made of them only go through the quick path.
NUMERIC = b"0123456789.+-eE"
DIGITS = b"0123456789-"

#: From this number on, a float is not told from the next whole number.
EXACT = 2**53

#: Of the weights; those that are not more than zero are told together.
WEIGHTS = Bound("poids", -1_000_000_000, 1_000_000_000)


def default_value(variable: Variable) -> Any:
    """The default of a variable, as inputs hold it."""
    if variable.value_type == Enum:
        return variable.default_value.index
    return variable.default_value


def text_of(value: Any) -> str:
    """A value as a file writes it: the shortest text that reads back as a number."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return str(value.date())
    return str(value)


@dataclass
class Cells:
    """Values read, which cells were not empty, and the faults by rank."""

    values: numpy.ndarray
    given: numpy.ndarray
    faults: list[tuple[int, BadValue]] = field(default_factory=list)


def read(texts: Sequence[str], variable: Variable) -> Cells:
    """Read the cells of a variable, of any type; empty cells are not given."""
    if variable.value_type == Enum:
        ranks = {item.name: item.index for item in variable.possible_values}
        return one_by_one(texts, lambda text: ranks[reading.item_in(text, ranks)], 0, numpy.int16)
    if variable.value_type is bool:
        return one_by_one(texts, reading.boolean_in, variable.default_value, bool)
    if variable.value_type is datetime.date:
        return read_dates(texts, variable.default_value)
    if variable.value_type in (int, float):
        return read_numbers(texts, reading.bound_of(variable), variable.value_type is int)
    return one_by_one(texts, str, variable.default_value, object)


def one_by_one(
    texts: Sequence[str], reader: Callable[[str], object], empty: object, dtype: Any
) -> Cells:
    """Read each text, noting the faults; identical texts are read once."""
    known: dict[str, object] = {}
    bad: dict[str, BadValue] = {}
    for text in set(texts):
        stripped = text.strip()
        try:
            known[text] = reader(stripped) if stripped else empty
        except BadValue as error:
            known[text] = empty
            bad[text] = error
    values = numpy.array([known[text] for text in texts], dtype=dtype)
    blank = {text for text in known if not text.strip()}
    given = numpy.array([text not in blank for text in texts]) if blank else ones(texts)
    faults = [(rank, bad[text]) for rank, text in enumerate(texts) if text in bad]
    return Cells(values, given, faults if bad else [])


def ones(texts: Sequence[str]) -> numpy.ndarray:
    """All the cells are given."""
    return numpy.ones(len(texts), dtype=bool)


def made_of(texts: Sequence[str], characters: bytes) -> bool:
    """Whether the texts hold nothing but these (ASCII) characters."""
    return not "".join(texts).encode().translate(None, characters)


def read_numbers(texts: Sequence[str], bound: Bound, whole: bool = False) -> Cells:
    """Read numbers within a bound, whole ones only if asked; float64 or int64."""
    if made_of(texts, NUMERIC):
        try:
            values = numpy.array(texts, dtype=float)
        except ValueError:
            values = numpy.array([numpy.nan])
        within = ((values >= bound.least) & (values <= bound.most)).all()
        if within and not (whole and (values % 1).any()):
            return Cells(values.astype(int) if whole else values, ones(texts))
    dtype = int if whole else float
    return one_by_one(texts, lambda text: reading.number_in(text, bound, whole), 0, dtype)


def read_dates(texts: Sequence[str], empty: datetime.date) -> Cells:
    """Read dates as YYYY-MM-DD."""
    if set(map(len, texts)) == {10} and made_of(texts, DIGITS):
        try:
            values = numpy.array(texts, dtype="datetime64[D]")
        except ValueError:
            values = numpy.array(["0001-01-01"], dtype="datetime64[D]")
        years = values.astype("datetime64[Y]").astype(int) + 1970
        if ((years >= FIRST_YEAR) & (years <= LAST_YEAR)).all():
            return Cells(values, ones(texts))
    return one_by_one(texts, reading.date_in, empty, "datetime64[D]")
