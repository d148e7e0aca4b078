"""Numbers, dates and months as they are written in French."""

import datetime
import re

from openfisca_core.periods import DateUnit, Period

from openfisca_cej.declarations import MOIS

#: Between thousands and before a unit: a space where no line breaks.
SPACE = "\u202f"
BEFORE_UNIT = "\u00a0"

#: Unit of the number of a year, which is written as it is.
YEAR = "année"

#: Decimals shown at most, by unit; euros have two, or four when they are not whole centimes.
DECIMALS = {"fraction": 6, "mois": 0, "rang": 0, "années": 0, "parts": 2, "heures/semaine": 2}


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


def day(date: datetime.date) -> str:
    """« 1er mars 2026 »."""
    rank = "1er" if date.day == 1 else str(date.day)
    return f"{rank} {MOIS[date.month - 1]} {date.year}"


def month(moment: Period) -> str:
    """« novembre 2026 » or « 2024 »; nothing for eternity."""
    if moment.unit == DateUnit.ETERNITY:
        return ""
    if moment.unit == DateUnit.YEAR:
        return str(moment.start.year)
    return f"{MOIS[moment.start.month - 1]} {moment.start.year}"


def unbroken(text: str) -> str:
    """French text in which no line begins with « ; : ? ! % » », or ends with « « »."""
    text = re.sub(r" (?=[;:?!%»])", BEFORE_UNIT, text)
    return text.replace("« ", f"«{BEFORE_UNIT}")


def tied(text: str) -> str:
    """The text, whose high punctuation never begins a line."""
    return re.sub(" (?=[?:;!»])", BEFORE_UNIT, text).replace("« ", f"«{BEFORE_UNIT}")


def held(text: str) -> str:
    """The text, in which no line breaks inside a number, nor between it and its unit."""
    return re.sub(r"(?<=\d) (?=\d|€|%)", BEFORE_UNIT, text)
