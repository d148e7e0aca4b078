"""From the texts of a column to an array: quick when all is well, precise when it is not."""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.variables import Variable

from openfisca_cej import base, bounds
from openfisca_cej.bounds import FIRST_YEAR, LAST_YEAR
from openfisca_cej.population.faults import quoted
from openfisca_cej.population.schema import nearest_item

BOOLEANS = {
    **dict.fromkeys(("true", "1", "vrai", "oui"), True),
    **dict.fromkeys(("false", "0", "faux", "non"), False),
}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)

#: Characters of numbers and dates: texts made of them only go through the quick path.
NUMERIC = b"0123456789.+-eE"
DIGITS = b"0123456789-"

#: Largest weight.
LARGEST = 1_000_000_000


#: What a rule divides by, or takes from what it divides by, is never nil.
SMALLEST_OF = {"cej_ecart_degressivite": 0.01, "cej_smic_mensuel": 0.01}


def smallest(variable: Variable) -> float:
    """The smallest value that a variable takes."""
    return SMALLEST_OF.get(variable.name, bounds.of_input(variable.unit).least)


def largest(variable: Variable) -> float:
    """The largest value that a variable takes: every door has the same."""
    return bounds.of_input(variable.unit).most


def may_be_empty(variable: Variable) -> bool:
    """Whether an empty cell leaves the value to the model: computed, or known as not given.

    A fact that the model only presumes is an answer to give: empty, it would be none.
    """
    if variable.formulas:
        return variable.name not in base.PRESUMEES
    if variable.value_type not in (int, float):
        return False
    return not smallest(variable) <= variable.default_value <= largest(variable)


def default_value(variable: Variable):
    """The default of a variable, as inputs hold it."""
    if variable.value_type == Enum:
        return variable.default_value.index
    return variable.default_value


@dataclass
class Cells:
    """Values read, which cells were not empty, and the faults as (rank, problem, remedy)."""

    values: numpy.ndarray
    given: numpy.ndarray
    faults: list[tuple[int, str, str]] = field(default_factory=list)


class BadCell(ValueError):
    """A text that cannot be read: what it is, and what to write instead."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def read(texts: Sequence[str], variable: Variable) -> Cells:
    """Read the cells of a variable, of any type; empty cells are not given."""
    if variable.value_type == Enum:
        ranks = {item.name: item.index for item in variable.possible_values}
        return one_by_one(texts, lambda text: read_item(text, ranks), 0, numpy.int16)
    if variable.value_type is bool:
        return one_by_one(texts, read_boolean, variable.default_value, bool)
    if variable.value_type is datetime.date:
        return read_dates(texts, variable.default_value)
    if variable.value_type in (int, float):
        ends = smallest(variable), largest(variable)
        return read_numbers(texts, *ends, whole=variable.value_type is int)
    return one_by_one(texts, str, variable.default_value, object)


def one_by_one(
    texts: Sequence[str], reader: Callable[[str], object], empty: object, dtype: object
) -> Cells:
    """Read each text, noting the faults; identical texts are read once."""
    known: dict[str, object] = {}
    bad: dict[str, BadCell] = {}
    for text in set(texts):
        stripped = text.strip()
        try:
            known[text] = reader(stripped) if stripped else empty
        except BadCell as error:
            known[text] = empty
            bad[text] = error
    values = numpy.array([known[text] for text in texts], dtype=dtype)
    blank = {text for text in known if not text.strip()}
    given = numpy.array([text not in blank for text in texts]) if blank else ones(texts)
    faults = [(i, bad[t].problem, bad[t].remedy) for i, t in enumerate(texts) if t in bad]
    return Cells(values, given, faults if bad else [])


def ones(texts: Sequence[str]) -> numpy.ndarray:
    """All the cells are given."""
    return numpy.ones(len(texts), dtype=bool)


def made_of(texts: Sequence[str], characters: bytes) -> bool:
    """Whether the texts hold nothing but these (ASCII) characters."""
    return not "".join(texts).encode().translate(None, characters)


def read_numbers(
    texts: Sequence[str], minimum: float, maximum: float, whole: bool = False
) -> Cells:
    """Read numbers from ``minimum`` to ``maximum``, whole ones only if asked; float64 or int64."""
    if made_of(texts, NUMERIC):
        try:
            values = numpy.array(texts, dtype=float)
        except ValueError:
            values = numpy.array([numpy.nan])
        if ((values >= minimum) & (values <= maximum)).all() and not (whole and (values % 1).any()):
            return Cells(values.astype(int) if whole else values, ones(texts))
    dtype = int if whole else float
    return one_by_one(texts, lambda text: read_number(text, minimum, maximum, whole), 0, dtype)


def read_number(text: str, minimum: float, maximum: float, whole: bool) -> float:
    """The number in a text; raises BadCell."""
    comma = DECIMAL_COMMA.fullmatch(text)
    if comma:
        raise BadCell(f"{quoted(text)} has a decimal comma", f"Write {comma[1]}.{comma[2]}")
    if not NUMBER.fullmatch(text):
        raise BadCell(f"{quoted(text)} is not a number", "Write digits, with a point for decimals")
    value = float(text)
    if value < 0 <= minimum:
        raise BadCell(f"{quoted(text)} is negative", f"Write {minimum} or more")
    if value < minimum:
        raise BadCell(f"{quoted(text)} is too small", f"Write at least {minimum}")
    if value > maximum:
        raise BadCell(f"{quoted(text)} is too large", f"Write at most {maximum}")
    if whole and value % 1:
        raise BadCell(f"{quoted(text)} is not a whole number", "Write it without decimals")
    return value


def read_boolean(text: str) -> bool:
    """The truth value in a text; raises BadCell."""
    value = BOOLEANS.get(text.lower())
    if value is None:
        raise BadCell(f"{quoted(text)} is neither true nor false", "Write oui or non")
    return value


def read_item(text: str, ranks: dict[str, int]) -> int:
    """Rank of the item of an enumeration; raises BadCell."""
    if text in ranks:
        return ranks[text]
    near = nearest_item(text, ranks)
    remedy = f"Did you mean « {near} »? " if near else ""
    remedy += f"Write one of: {', '.join(ranks)}"
    raise BadCell(f"{quoted(text)} is not one of its values", remedy)


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
    return one_by_one(texts, read_date, empty, "datetime64[D]")


def read_date(text: str) -> datetime.date:
    """The date in a text; raises BadCell."""
    french = FRENCH_DATE.fullmatch(text)
    if french:
        day, month, year = french.groups()
        remedy = f"Write {year}-{month.zfill(2)}-{day.zfill(2)}"
    else:
        remedy = "Write YYYY-MM-DD"
    try:
        if not DATE.fullmatch(text):
            raise ValueError
        date = datetime.date.fromisoformat(text)
    except ValueError:
        raise BadCell(f"{quoted(text)} is not a date", remedy) from None
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise BadCell(
            f"{quoted(text)} is a date out of reach", f"Years go from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return date
