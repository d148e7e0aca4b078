"""Numbers, dates, lists and plurals as they are written in French: once, for every room."""

import datetime
import functools
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openfisca_core.periods import Period

#: Names of the months.
MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

#: Between thousands and before a unit: a space where no line breaks.
SPACE = "\u202f"
BEFORE_UNIT = "\u00a0"

#: Unit of the number of a year, which is written as it is.
YEAR = "année"

#: Decimals shown at most, by unit; euros have two, or four when they are not whole centimes.
DECIMALS = {"fraction": 6, "mois": 0, "rang": 0, "années": 0, "parts": 2, "heures/semaine": 2}


#: From this many euros on, an amount that is not exact is told in millions.
MILLION = 1_000_000


@functools.lru_cache(maxsize=4096)
def number(value: float, decimals: int = 2) -> str:
    """A number with these decimals, a comma and spaces between thousands."""
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace(",", SPACE).replace(".", ",").replace("-", "−")


def trimmed(value: float, decimals: int) -> str:
    """The same without the zeros that end the decimals."""
    text = number(value, decimals)
    return text.rstrip("0").rstrip(",") if "," in text else text


def amount(value: float) -> str:
    """Euros: two decimals, four when they are not whole centimes."""
    whole = abs(value * 100 - round(value * 100)) < 1e-7
    return number(value, 2 if whole else 4)


def euros(value: float) -> str:
    """Euros with their sign, to the centime."""
    return f"{number(value)}{BEFORE_UNIT}€"


def quantity(value: float, unit: str | None) -> str:
    """A value in the unit of its variable, without the unit."""
    if unit and unit.startswith("€"):
        return amount(value)
    if unit == YEAR:
        return str(int(value))
    return trimmed(value, DECIMALS.get(unit or "", 6))


def about(value: float, unit: str, ends: tuple[float, float]) -> str:
    """A value rounded to the power of ten under half the width of its interval, in its unit.

    33.4 M€ between 31.9 and 35.2 is « 33 M€ »: the centimes are in the CSV.
    """
    power = math.floor(math.log10((ends[1] - ends[0]) / 2))
    size = max(abs(one) for one in (value, *ends))
    # Persons are whole, euros have centimes.
    power = max(power, -2 if unit == "€" else 0)
    if unit == "€" and size >= MILLION and power >= 3:
        text = number(round(value, -power) / MILLION, max(6 - power, 0))
        return f"{text}{BEFORE_UNIT}M€"
    text = number(round(value, -power), 2 if power < 0 else 0)
    return f"{text}{BEFORE_UNIT}{unit}" if unit == "€" else text


def day(date: datetime.date) -> str:
    """« 1er mars 2026 »."""
    rank = "1er" if date.day == 1 else str(date.day)
    return f"{rank} {MOIS[date.month - 1]} {date.year}"


def month(moment: "Period") -> str:
    """« novembre 2026 » or « 2024 »; nothing for eternity."""
    if moment.unit == "eternity":
        return ""
    if moment.unit == "year":
        return str(moment.start.year)
    return f"{MOIS[moment.start.month - 1]} {moment.start.year}"


def month_name(number: int) -> str:
    """The same, of a month counted from that of year 0."""
    return f"{MOIS[number % 12]} {number // 12}"


def short_day(date: datetime.date) -> str:
    """« 01/03/2026 »."""
    return f"{date:%d/%m/%Y}"


def plural(count: float, mark: str = "s") -> str:
    """The mark of the plural, from two on."""
    return mark if count > 1 else ""


def listed(items: Sequence[str], last: str) -> str:
    """« a, b ou c », where ``last`` is « ou »."""
    return f" {last} ".join([*filter(None, [", ".join(items[:-1])]), *items[-1:]])


def of(name: str, apostrophe: str = "'") -> str:
    """« de janvier », « d'avril »."""
    return f"d{apostrophe}{name}" if name[0].lower() in "aeiouéèê" else f"de {name}"


def lower(text: str) -> str:
    """The text inside a sentence: without the capital of its first word, unless an acronym."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


#: Signs that begin no line.
SIGNS = ";:?!%»"


def unbroken(text: str, marks: str = SIGNS) -> str:
    """French text in which no line begins with one of these marks, or ends with « « »."""
    return re.sub(f" (?=[{marks}])", BEFORE_UNIT, text).replace("« ", f"«{BEFORE_UNIT}")


def held(text: str) -> str:
    """The text, in which no line breaks inside a number, nor between it and its unit."""
    return re.sub(r"(?<=\d) (?=\d|€|%)", BEFORE_UNIT, text)


# On a terminal and in plain files, where every space is an ordinary one.


def plain(text: str) -> str:
    """The text with ordinary spaces and hyphens."""
    return text.replace(SPACE, " ").replace(BEFORE_UNIT, " ").replace("−", "-")


def plain_number(value: float, decimals: int = 0) -> str:
    """A number with a decimal comma and spaces between thousands."""
    return plain(number(value, decimals))


def plain_euros(value: float, decimals: int = 2) -> str:
    """An amount in euros."""
    return f"{plain_number(value, decimals)} €"


def percent(share: float) -> str:
    """A share, with one decimal."""
    return f"{plain_number(100 * share, 1)} %"
