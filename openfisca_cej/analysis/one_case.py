"""One situation under the law and under a reform: what is due before and after, month by month."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis import wording
from openfisca_cej.analysis.comparison import Change
from openfisca_cej.explain import frozen
from openfisca_cej.explain.curve import Curve, curve
from openfisca_cej.explain.frozen import Found
from openfisca_cej.explain.situation import Situation
from openfisca_cej.population.schema import RESULT
from openfisca_cej.reforms import WrittenReform


@dataclass(frozen=True)
class Due:
    """What a person is due in a month (€), before and after.

    ``frozen`` tells the values that the law has moved since the last one known, and on which one
    of the amounts rests.
    """

    person: str
    month: str
    before: float
    after: float
    frozen: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The amounts as JSON, with their difference."""
        change = round(self.after - self.before, 2)
        return {**dataclasses.asdict(self), "change": change, "frozen": list(self.frozen)}


@dataclass(frozen=True)
class OneCase:
    """A situation before and after a reform: amounts, what the reform changes.

    ``curves``: before and after, or none when they were not asked for.
    """

    title: str
    description: str
    changes: tuple[Change, ...]
    dues: tuple[Due, ...]
    curves: tuple[Curve, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON; texts are in French."""
        curves = {
            side: one.to_json() for side, one in zip(("before", "after"), self.curves, strict=False)
        }
        return {
            "title": self.title,
            "description": self.description,
            "changes": [dataclasses.asdict(change) for change in self.changes],
            "amounts": [due.to_json() for due in self.dues],
            "curve": curves or None,
        }


def compared(
    situation: Situation,
    reform: type[WrittenReform],
    first: Period,
    months: int,
    person: str | None = None,
    draw: bool = False,
) -> OneCase:
    """What is due in some months to a person, or to each, under the law and under a reform of it.

    What is not supplied is taken at its default. ``draw``: the allowance of the first month
    against the wage too. Raises NoCurve, and InvalidSituation when it is not clear whose.
    """
    law = situation.system
    # A reform has the variables of the law: the situation that was read holds for it.
    sides = (situation, dataclasses.replace(situation, system=reform(law)))
    moments = [first.offset(rank) for rank in range(months)]
    names = situation.persons if person is None else [person]
    if person is not None:
        situation.check_birth(person, str(first), str(moments[-1]))
    try:
        amounts = [by_person(side, moments) for side in sides]
        late = [frozen_of(side, moments) for side in sides]
        drawn = sides if draw else ()
        curves = tuple(curve(side, first, person or side.main_person()) for side in drawn)
    finally:
        # Core keeps the last systems alive through what it remembers of their parameters.
        TaxBenefitSystem.get_parameters_at_instant.cache_clear()
        frozen.with_moved.cache_clear()
    before, after = amounts
    return OneCase(
        title=reform.title,
        description=reform.description,
        changes=wording.changes(reform.provisions(law), law.parameters),
        dues=tuple(
            Due(
                name,
                str(moment),
                before[moment][name],
                after[moment][name],
                told_of(name, *(side.get(moment, {}) for side in late)),
            )
            for name in names
            for moment in moments
        ),
        curves=curves,
    )


def frozen_of(situation: Situation, moments: list[Period]) -> dict[Period, dict[str, Found]]:
    """The values that the law has moved since, and on which the amounts rest."""
    late = [
        one for moment in moments for one in frozen.known_no_more(situation.system, moment, RESULT)
    ]
    return frozen.behind_all(late, situation, RESULT, moments)


def told_of(person: str, *sides: dict[str, Found]) -> tuple[str, ...]:
    """The sentences about the values behind one of the amounts of a person."""
    before, after = (side.get(person, ()) for side in sides)
    return tuple(one.sentence for one in frozen.of_both(before, after))


def by_person(situation: Situation, moments: list[Period]) -> dict[Period, dict[str, float]]:
    """The allowance (€) of each person in each month."""
    simulation = situation.simulation()
    return {
        moment: dict(
            zip(situation.persons, simulation.calculate(RESULT, moment).tolist(), strict=True)
        )
        for moment in moments
    }
