"""Read one value of a variable, whatever the door: a text of a file, or a value of JSON.

Numbers have the bounds of their unit (``bounds``), dates the years that make sense, items the
names of their list. What cannot be taken raises BadValue, with the same sentences everywhere.
"""

import contextlib
import datetime
import functools
import json
import math
import re
import unicodedata
from collections.abc import Collection
from typing import Any

from openfisca_core.indexed_enums import Enum
from openfisca_core.variables import Variable

from openfisca_cej import base, bounds, names
from openfisca_cej.bounds import FIRST_YEAR, LAST_YEAR
from openfisca_cej.refusals import BadValue, cut, nearest, quoted

BOOLEANS = {
    **dict.fromkeys(("true", "1", "1.0", "vrai", "oui", "yes"), True),
    **dict.fromkeys(("false", "0", "0.0", "faux", "non", "no"), False),
}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: Spaces of any kind, and the sign of an amount, at one of its ends.
SPACE = r"[\s\u00a0\u202f\u2009]"
ENDS = re.compile(f"^{SPACE}*(€{SPACE}*)?|{SPACE}*(€{SPACE}*)?$")

#: Thousands parted by spaces.
SPACED = re.compile(f"[+-]?\\d{{1,3}}({SPACE}\\d{{3}})+([.,]\\d+)?", re.ASCII)

DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: The midnight that follows a date.
MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00(\.0+)?)?Z?$")
FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)

#: A number that is not negative, as people write it in French.
WRITTEN = re.compile(r"\d{1,9}([.,]\d{1,6})?", re.ASCII)

#: What a rule divides by is never nil: four fifths of the SMIC exceed the disregard of 300 €.
SMALLEST_OF = {names.INTERVAL: 0.01, names.SMIC: 375.01}


def smallest(variable: Variable) -> float:
    """The smallest value that a variable takes."""
    return SMALLEST_OF.get(variable.name, bounds.of_input(variable.unit).least)


def largest(variable: Variable) -> float:
    """The largest value that a variable takes: every door has the same."""
    return bounds.of_input(variable.unit).most


@functools.lru_cache(maxsize=4096)
def bound_of(variable: Variable) -> bounds.Bound:
    """The bound of the values of a variable."""
    return bounds.Bound(bounds.of_input(variable.unit).name, smallest(variable), largest(variable))


def may_be_empty(variable: Variable) -> bool:
    """Whether an empty cell leaves the value to the model: computed, or known as not given.

    A fact that the model only presumes is an answer to give: empty, it would be none.
    """
    if variable.formulas:
        return variable.name not in base.PRESUMEES
    if variable.value_type not in (int, float):
        return False
    return not smallest(variable) <= variable.default_value <= largest(variable)


def normal(name: str) -> str:
    """A name in small letters, without accents, its words parted by « _ »."""
    bare = name
    if not name.isascii():
        letters = unicodedata.normalize("NFKD", name)
        bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\s\-_]+", "_", bare.strip().lower())


# Texts.


def plain(text: str) -> str:
    """A number without the sign of an amount around it, nor spaces by thousands in it."""
    text = ENDS.sub("", text)
    return re.sub(SPACE, "", text) if SPACED.fullmatch(text) else text


def number_in(text: str, bound: bounds.Bound, whole: bool = False) -> float:
    """The number that a text writes. Raises BadValue."""
    digits = plain(text)
    comma = DECIMAL_COMMA.fullmatch(digits)
    if comma:
        raise BadValue("decimal-comma", value=quoted(text), right=f"{comma[1]}.{comma[2]}")
    if not NUMBER.fullmatch(digits):
        raise BadValue("not-a-number", value=quoted(text))
    return within(float(digits), text, bound, whole)


def number_of(text: str) -> float | None:
    """The number that a French text writes, None when it writes none."""
    digits = re.sub(r"[\s\u202f\u00a0]", "", text)
    return float(digits.replace(",", ".")) if WRITTEN.fullmatch(digits) else None


def euros_in(text: str, bound: bounds.Bound) -> float:
    """The amount that a text writes, within a bound. Raises BadValue."""
    amount = number_of(text.removesuffix("€"))
    if amount is None:
        raise BadValue("not-an-amount", value=quoted(text))
    if round(amount, 2) != amount:
        raise BadValue("fractions-of-a-centime", value=quoted(text))
    return within(amount, text, bound)


def boolean_in(text: str) -> bool:
    """The truth value in a text. Raises BadValue."""
    value = BOOLEANS.get(normal(text))
    if value is None:
        raise BadValue("not-a-boolean", value=quoted(text), yes="oui", no="non")
    return value


def date_in(text: str, shown: str = "") -> datetime.date:
    """The date in a text, written YYYY-MM-DD. Raises BadValue."""
    shown = shown or quoted(text)
    text = MIDNIGHT.sub("", text)
    right = ""
    if french := FRENCH_DATE.fullmatch(text):
        with contextlib.suppress(ValueError):  # There is no such day.
            right = datetime.date(*map(int, reversed(french.groups()))).isoformat()
    try:
        if not DATE.fullmatch(text):
            raise ValueError
        date = datetime.date.fromisoformat(text)
    except ValueError:
        ways = {"right_fr": right or "AAAA-MM-JJ", "right": right or "YYYY-MM-DD"}
        raise BadValue("not-a-date", value=shown, **ways) from None
    return reachable(date, shown)


def item_in(text: str, items: Collection[str], written: str = "") -> str:
    """The name of an item, in any case, with spaces or accents. Raises BadValue."""
    if text in items:
        return text
    found = spelt(tuple(items)).get(normal(text))
    if found is None:
        raise not_an_item(written or quoted(text), text, items)
    return found


@functools.lru_cache(maxsize=256)
def spelt(items: tuple[str, ...]) -> dict[str, str]:
    """The names of items by their normal spelling."""
    return {normal(name): name for name in items}


# Values of JSON.


def checked_value(variable: Variable, value: Any) -> Any:
    """The value, as the variable takes it. Raises BadValue."""
    if variable.value_type is Enum:
        return checked_item(variable, value)
    if variable.value_type is datetime.date:
        return checked_date(value)
    if variable.value_type is bool:
        return checked_boolean(value)
    return checked_number(variable, value)


def shown(value: Any) -> str:
    """A value of a document between quotation marks, cut if it is long."""
    return quoted(json.dumps(value, ensure_ascii=False, default=str))


def checked_item(variable: Variable, value: Any) -> str:
    """Name of an item of the enumeration, never its rank: ranks move. Raises BadValue."""
    items = variable.possible_values.__members__
    if isinstance(value, str):
        return item_in(value, items, shown(value))
    raise not_an_item(shown(value), "", items)


def checked_boolean(value: Any) -> bool:
    """A truth value, as JSON or as people write it. Raises BadValue."""
    known = BOOLEANS.get(normal(value)) if isinstance(value, str) else None
    if known is None and isinstance(value, bool | int | float) and value in (0, 1):
        known = bool(value)
    if known is None:
        raise BadValue("not-a-boolean", value=shown(value), yes="true", no="false")
    return known


def checked_date(value: Any) -> str:
    """A date YYYY-MM-DD. Raises BadValue."""
    return date_in(value if isinstance(value, str) else "", shown(value)).isoformat()


def checked_number(variable: Variable, value: Any) -> float | int:
    """A finite number within the bound of its unit. Raises BadValue."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(value, float) and not math.isfinite(value)):
        code = "number-as-text" if isinstance(value, str) else "not-a-number"
        raise BadValue(code, value=shown(value))
    whole = variable.value_type is int
    within(value, value, bound_of(variable), whole)
    return int(value) if whole else value


# Both.


def within(value: float, written: Any, bound: bounds.Bound, whole: bool = False) -> float:
    """The number, which must be within a bound, and whole if asked. Raises BadValue."""
    if bound.least <= value <= bound.most and not (whole and value != int(value)):
        return value
    said = quoted(written) if isinstance(written, str) else shown(written)
    words: dict[str, Any] = {"value": said}
    words |= {"least": bound.least, "most": bound.most, "limit": bound.name}
    if value < 0 <= bound.least:
        raise BadValue("negative", **words)
    if value < bound.least:
        raise BadValue("too-small", **words)
    raise BadValue("too-large" if value > bound.most else "not-whole", **words)


def reachable(date: datetime.date, shown: str) -> datetime.date:
    """The date, in a year that makes sense. Raises BadValue."""
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise BadValue("date-out-of-reach", value=shown, first=FIRST_YEAR, last=LAST_YEAR)
    return date


def not_an_item(shown: str, text: str, items: Collection[str]) -> BadValue:
    """The refusal of what is not an item, with the nearest one."""
    return BadValue("not-an-item", nearest(cut(text), items), value=shown, items=", ".join(items))
