"""Whom a reform touches most: the group where the most lose (or gain, where nobody loses)."""

from collections.abc import Sequence
from typing import NamedTuple

from openfisca_cej.analysis.comparison import Breakdown, GroupEffect
from openfisca_cej.analysis.groups import GAINS

#: What may happen to a person, as measures of a group.
OUTCOMES = ("gagnants", "inchanges", "perdants")


class Touched(NamedTuple):
    """The breakdown whose groups differ most, and its groups that are the least and the most
    touched, each with the share of its persons that are.
    """

    breakdown: Breakdown
    least: tuple[float, GroupEffect]
    most: tuple[float, GroupEffect]


def losing(whole: GroupEffect) -> bool:
    """Whether some lose."""
    return whole.measure("perdants").difference != 0


def shares(group: GroupEffect) -> dict[str, float] | None:
    """The share of each outcome among the persons of a group; None: secret; empty: nobody."""
    numbers = {name: group.measure(name) for name in OUTCOMES}
    if any(measure.masked for measure in numbers.values()):
        return None
    found = {name: measure.difference or 0.0 for name, measure in numbers.items()}
    total = sum(found.values())
    return {name: number / total for name, number in found.items()} if total else {}


def most_touched(whole: GroupEffect, breakdowns: Sequence[Breakdown]) -> Touched | None:
    """Whom a reform touches most; None where all groups are alike, or secret."""
    outcome = "perdants" if losing(whole) else "gagnants"
    found = None
    for breakdown in breakdowns:
        if breakdown.name == GAINS:
            continue
        shared = [(shares(group), group) for group in breakdown.groups]
        rates = [(one[outcome], group) for one, group in shared if one]
        if len(rates) < 2:
            continue
        least, most = (pick(rates, key=lambda rate: rate[0]) for pick in (min, max))
        if found is None or most[0] - least[0] > found.most[0] - found.least[0]:
            found = Touched(breakdown, least, most)
    return found if found and found.most[0] > found.least[0] else None
