"""The figures of a comparison as a page writes them, in French."""

import ast
import datetime
import re
from typing import Any

from openfisca_cej import french
from openfisca_cej.analysis.comparison import Driver, GroupEffect, Interval, Measure, Published
from openfisca_cej.analysis.wording import NUMBER
from openfisca_cej.population.months import month_number

#: What stands for a value that is hidden, and for one that does not exist.
SECRET, NOTHING = "secret", "—"

#: Measures of amounts to the centime; the other amounts are totals, to the euro.
TO_THE_CENTIME = ("montant_moyen", "gain_moyen", "perte_moyenne", "niveau_de_vie_moyen")

#: Units that a sentence or a value already says.
SAID = ("personnes", "part", "indice", "mois")


#: Units whose values are rounded to what their interval allows.
ROUNDED = ("€", "personnes")


def quantity(value: float | None, unit: str, name: str = "", ends: Interval | None = None) -> str:
    """A value in its unit: totals to the euro, amounts a month to the centime.

    ``ends`` is its interval: the value is then rounded to what it allows.
    """
    if value is None:
        return NOTHING
    if ends is not None and ends[1] > ends[0] and unit in ROUNDED:
        return french.about(value, unit, ends)
    if unit == "part":
        return f"{french.trimmed(100 * value, 1)}{french.BEFORE_UNIT}%"
    if unit == "indice":
        return french.number(value, 4)
    decimals = 2 if unit.startswith("€") and name in TO_THE_CENTIME else 0
    if unit in SAID:
        return french.number(value, decimals)
    return f"{french.number(value, decimals)}{french.BEFORE_UNIT}{unit}"


def signed(value: float | None, unit: str, name: str = "", ends: Interval | None = None) -> str:
    """A difference, with its sign."""
    text = quantity(value, unit, name, ends)
    is_gain = value is not None and value > 0 and any(digit in text for digit in "123456789")
    return f"+{text}" if is_gain else text


def costs(one: Driver) -> tuple[str, str]:
    """What the reform costs at two values of an assumption, as finely as it moves between them."""
    middle, *ends = one.middle, one.at_low, one.at_high
    both = min(middle, *ends), max(middle, *ends)
    low, high = (signed(end, "€", "total", both) for end in ends)
    return low, high


def interval(ends: Interval | None, unit: str, name: str = "") -> str:
    """« de … à … », or nothing: what never moves needs none."""
    if ends is None or ends[0] == ends[1]:
        return ""
    low, high = (quantity(end, unit, name, ends) for end in ends)
    number, _, mark = low.rpartition(french.BEFORE_UNIT)
    shared = number and high.endswith(f"{french.BEFORE_UNIT}{mark}")
    return f"de {number if shared else low} à {high}"


def before(measure: Measure) -> str:
    """The value under the law in force."""
    return shown_or_secret(measure, measure.baseline, measure.baseline_interval)


def after(measure: Measure) -> str:
    """The value under the reform."""
    return shown_or_secret(measure, measure.reform, measure.reform_interval)


def shown_or_secret(measure: Measure, value: float | None, ends: Interval | None) -> str:
    """A value of a measure; a masked one may still have that of the law in force."""
    if measure.masked and value is None:
        return SECRET
    return quantity(value, measure.unit, measure.name, ends)


def change(measure: Measure) -> str:
    """The difference; that of two shares is in points."""
    if measure.masked:
        return SECRET
    text = signed(measure.difference, measure.unit, measure.name, measure.interval)
    return text.replace("%", "point") if measure.unit == "part" else text


def counted(measure: Measure) -> str:
    """The number of a measure that only compares."""
    if measure.masked:
        return SECRET
    if measure.baseline is None:
        return quantity(measure.difference, measure.unit, measure.name, measure.interval)
    return quantity(measure.baseline, measure.unit, measure.name, measure.baseline_interval)


def share(group: GroupEffect, name: str) -> str:
    """The part of a group that a number of persons is."""
    measure, people = group.measure(name), group.measure("personnes").baseline
    if measure.masked:
        return SECRET
    if not people or measure.difference is None:
        return NOTHING
    return quantity(measure.difference / people, "part")


def range_of(measure: Measure, ends: Interval | None) -> str:
    """An interval of a measure; nothing where the measure is hidden."""
    return "" if measure.masked else interval(ends, measure.unit, measure.name)


def figure(value: float, unit: str) -> str:
    """A figure beside a published one, with two decimals at most and its unit in words."""
    if unit == "part":
        return quantity(value, unit)
    decimals = 2 if abs(value) < 1_000 else 0
    return f"{french.trimmed(value, decimals)} {unit}"


def gap(one: Published) -> str:
    """By how much the model leaves what is published: points of a share, or a share of it."""
    if not one.gap:
        return NOTHING
    text = signed(one.gap, "part")
    return text.replace("%", "points") if one.unit == "part" else text


def published(ends: Interval, unit: str) -> str:
    """A published figure: one value, or the lowest and the highest."""
    low, high = (figure(end, unit) for end in ends)
    if low == high:
        return low
    return f"{low.partition(' ')[0]} à {high}"


def value(content: Any) -> str:
    """The value of a parameter."""
    if content is None:
        return NOTHING
    if isinstance(content, bool):
        return "oui" if content else "non"
    if isinstance(content, int | float):
        return shown(content)
    if isinstance(content, list | tuple):
        return ", ".join(map(str, content)) or "aucun"
    return shown(float(content)) if NUMBER.fullmatch(str(content)) else str(content)


def shown(number: float) -> str:
    """A number; two decimals at least when it is not whole."""
    text = french.trimmed(number, 6)
    return french.number(number, 2) if len(text.partition(",")[2]) == 1 else text


def day(date: str | None) -> str:
    """A day (YYYY-MM-DD) in words."""
    return french.day(datetime.date.fromisoformat(date)) if date else ""


def assumed(text: str) -> str:
    """The value of an assumption, or its range, as French writes them."""
    try:
        content = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    if isinstance(content, dict):
        return " ; ".join(f"{key} : {assumed(repr(item))}" for key, item in content.items())
    if not isinstance(content, list):
        return value(content)
    numbers = len(content) == 2 and all(type(item) in (int, float) for item in content)
    return (" à " if numbers else " ; ").join(assumed(repr(item)) for item in content)


def dates(start: str, end: str | None) -> str:
    """« à partir du … » or « du … au … »."""
    return f"du {day(start)} au {day(end)}" if end else f"à partir du {day(start)}"


def month(written: str) -> str:
    """A month (YYYY-MM) in words."""
    return french.month_name(month_number(written[:7]))


def short_month(written: str) -> str:
    """A month (YYYY-MM) for the axis of a chart: « 03/25 »."""
    return f"{written[5:7]}/{written[2:4]}"


def rate(value: float | None) -> str:
    """A marginal rate: euros of allowance for one more euro."""
    return NOTHING if value is None else french.trimmed(value + 0.0, 4)


#: What is not text in a page.
NOT_TEXT = re.compile(r"(<style.*?</style>|<pre.*?</pre>|<[^>]*>)", re.DOTALL)


def typeset(page: str) -> str:
    """The page, its text without a line that starts with a mark, or breaks inside a number."""
    parts = NOT_TEXT.split(page)
    parts[::2] = [french.held(french.unbroken(text, f"{french.SIGNS}€")) for text in parts[::2]]
    return "".join(parts)
