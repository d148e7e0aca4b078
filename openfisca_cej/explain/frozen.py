"""Values that the law has moved since the last one known: which ones an amount depends on."""

import copy
import dataclasses
import datetime
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openfisca_core.parameters import Parameter, ParameterNode
from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.explain import french

#: Where a parameter says on which day of each year the law moves it.
KEY = "revalorisation"

#: An amount depends on a value when another one, twice or half as large, changes it.
TRIED = (2.0, 0.5)


@dataclass(frozen=True)
class Frozen:
    """A value that stands in for the one that the law has put in its place since.

    ``since`` is the day of the last value known, ``due`` the day on which the law moved it;
    ``incomes`` says that both are years of incomes, as in the tax scale.
    """

    path: str
    label: str
    written: str
    since: str
    due: str
    incomes: bool

    @property
    def sentence(self) -> str:
        """What is said beside the amount, in French."""
        if self.incomes:
            return (
                f"{self.label} : la valeur des revenus de {self.due[:4]} n'est pas connue, celle "
                f"des revenus de {self.since[:4]} sert à sa place ; le montant peut changer."
            )
        since, due = (
            french.day(datetime.date.fromisoformat(day)) for day in (self.since, self.due)
        )
        return (
            f"{self.label} : la dernière valeur connue, {self.written}, date du {since} ; la loi "
            f"la fait changer le {due}, donc le montant changera."
        )


def due_since(metadata: dict[str, Any], since: str, day: str, last: str) -> str:
    """The day on which the law moved a value that a day still reads; empty when it did not.

    ``since`` is the date of the value read and ``last`` that of the last one known: an older
    value was replaced when the law said so. A value that was checked on the day of the move, or
    later, has not moved; the tax scale is dated by the incomes, and has no such check.
    """
    rule = metadata.get(KEY)
    if not rule or not since or since != last:
        return ""
    known = since
    if not rule.get("annee_des_revenus"):
        known = max(known, str(metadata.get("last_value_still_valid_on", "")))
    year = int(known[:4])
    days = (f"{one}-{rule['jour']}" for one in (year, year + 1))
    due = next(move for move in days if move > known)
    return due if due <= day else ""


#: Laws in which values were moved, by law.
MOVED: weakref.WeakKeyDictionary[TaxBenefitSystem, dict[Any, TaxBenefitSystem]] = (
    weakref.WeakKeyDictionary()
)

Found = tuple[Frozen, ...]


def with_moved(system: TaxBenefitSystem, found: Found, factor: float) -> TaxBenefitSystem:
    """The law in which values become so many times as large on the day on which they moved."""
    made = MOVED.setdefault(system, {})
    if (found, factor) not in made:
        law = copy.copy(system)
        for one in found:
            law.parameters = moved(law.parameters, one.path.split("."), one.due, factor)
        law._parameters_at_instant_cache = {}
        made[found, factor] = law
    return made[found, factor]


def moved(node: Any, keys: list[str], due: str, factor: float) -> Any:
    """The node with what the keys lead to multiplied from a day on; the rest is shared."""
    if not keys:
        return multiplied(node, due, factor)
    changed: ParameterNode = copy.copy(node)
    child = moved(node.children[keys[0]], keys[1:], due, factor)
    changed.children = {**node.children, keys[0]: child}
    setattr(changed, keys[0], child)
    return changed


def multiplied(leaf: Any, due: str, factor: float) -> Any:
    """A parameter, or the thresholds of a scale, so many times as large from a day on."""
    changed = leaf.clone()
    brackets = getattr(changed, "brackets", None)
    for parameter in [bracket.threshold for bracket in brackets] if brackets else [changed]:
        parameter.update(start=due, value=parameter(due) * factor)
    return changed


def known_no_more(system: TaxBenefitSystem, moment: Period) -> Found:
    """The values that the law has moved before a month without the model knowing the new one.

    The incomes that a month may read are at the latest those of the year before.
    """
    from openfisca_cej.explain.sources import parameter_used

    found = []
    for node in system.parameters.get_descendants():
        rule = (getattr(node, "metadata", None) or {}).get(KEY)
        if rule:
            incomes = rule.get("annee_des_revenus")
            day = f"{moment.start.year - 1}-12-31" if incomes else str(moment.start)
            if isinstance(node, Parameter) and node(day) is None:
                continue  # not in force yet, or no more
            used = parameter_used(system, node.name, day)
            if used is not None and used.frozen is not None:
                found.append(used.frozen)
    return tuple(found)


def behind(
    found: Iterable[Frozen],
    situation: Any,
    person: str,
    variable: str,
    moments: Sequence[Period],
) -> dict[Period, Found]:
    """Month by month, which of the values found a variable of a person depends on."""
    candidates = tuple(dict.fromkeys(found))
    if not candidates:
        return {}
    rank = situation.persons.index(person)

    def values(system: TaxBenefitSystem) -> list[Any]:
        simulation = dataclasses.replace(situation, system=system).simulation()
        return [simulation.calculate(variable, moment)[rank] for moment in moments]

    known = values(situation.system)

    def differs(some: Found) -> list[bool]:
        tried = [values(with_moved(situation.system, some, factor)) for factor in TRIED]
        return [any(new != old for new in row) for old, *row in zip(known, *tried, strict=True)]

    if not any(differs(candidates)):
        return {}
    matters = {one: differs((one,)) for one in candidates}
    return {
        moment: tuple(one for one in candidates if matters[one][rank])
        for rank, moment in enumerate(moments)
    }
