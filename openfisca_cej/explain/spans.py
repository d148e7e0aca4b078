"""One value a month or a year, from what was given for spans of any length, person by person.

OpenFisca-Core shares out whole arrays: a year that one person gives takes the months that another
gave. Here each person's (or group's) values are shared out by themselves, and must agree.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.periods import DateUnit, Period
from openfisca_core.variables import Variable

from openfisca_cej.population.lean import ETERNITY
from openfisca_cej.population.months import months_between, years_between

#: Amounts are euros and centimes: totals that differ by less are the same.
HALF_A_CENTIME = 0.005


@dataclass(frozen=True)
class Supplied:
    """A value of the document: of which instance, for which period, written how."""

    variable: str
    entity: str
    instance: str
    period: Period
    written: str
    value: Any


class Contradiction(ValueError):
    """Two values of one document that cannot both be true, and why: a code of ``sentences``."""

    def __init__(self, first: Supplied, second: Supplied, code: str) -> None:
        super().__init__(code)
        self.first, self.second, self.code = first, second, code


def length(item: Supplied) -> int:
    """Months of the period for which a value is given, to find the most precise one."""
    months = {DateUnit.MONTH: 1, DateUnit.YEAR: 12}.get(item.period.unit, 0)
    return months * item.period.size


@functools.lru_cache(maxsize=4096)
def parts(moment: Period, unit: DateUnit) -> tuple[Period, ...]:
    """The months (or years) of a period."""
    if unit == DateUnit.YEAR:
        return years_between(moment.start.year, moment.start.year)
    first = 12 * moment.start.year + moment.start.month - 1
    return months_between(first, first + moment.size_in_months - 1)


def shared_out(variable: Variable, items: Sequence[Supplied]) -> dict[Period, Any]:
    """The value of each month (or year, or of all time). Raises Contradiction.

    What is given for several months holds in each of them, or is shared out among those that are
    not given more precisely.
    """
    if variable.definition_period == DateUnit.ETERNITY:
        for other in items[1:]:
            if other.value != items[0].value:
                raise differ(items[0], other)
        return {ETERNITY: items[0].value}
    if len(items) == 1 and length(items[0]) <= 1:
        return {items[0].period: items[0].value}
    shares = Shares(variable)
    for item in sorted(items, key=length):
        shares.add(item)
    return shares.values


class Shares:
    """The months of a variable of one person: values, and what gave each."""

    def __init__(self, variable: Variable) -> None:
        self.unit = variable.definition_period
        self.same = variable.set_input is set_input_dispatch_by_period
        self.values: dict[Period, Any] = {}
        self.owners: dict[Period, Supplied] = {}

    def add(self, item: Supplied) -> None:
        """Add a value, after those that are given for less long. Raises Contradiction."""
        moments = parts(item.period, self.unit)
        if self.same or len(moments) == 1:
            for moment in moments:
                if self.values.setdefault(moment, item.value) != item.value:
                    raise differ(self.owners[moment], item)
                self.owners.setdefault(moment, item)
            return
        known = [moment for moment in moments if moment in self.values]
        for moment in known:
            if not item.period.contains(self.owners[moment].period):
                raise Contradiction(self.owners[moment], item, "spans-overlap")
        self.share(item, [moment for moment in moments if moment not in self.values], known)

    def share(self, item: Supplied, left: list[Period], known: list[Period]) -> None:
        """Share out what is left of a total. Raises Contradiction."""
        rest = item.value - sum(self.values[moment] for moment in known)
        if rest < -HALF_A_CENTIME or (not left and rest > HALF_A_CENTIME):
            raise Contradiction(self.owners[known[0]], item, "not-the-sum")
        for moment in left:
            self.values[moment] = max(rest, 0) / len(left)
            self.owners[moment] = item


def differ(first: Supplied, second: Supplied) -> Contradiction:
    """The contradiction of two values for one moment."""
    return Contradiction(first, second, "said-twice")
