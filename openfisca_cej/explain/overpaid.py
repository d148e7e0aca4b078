"""« Combien dois-je rendre ? »: what was declared against what was real, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french
from openfisca_cej.explain.missing import SAME
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.timeline import MonthDue, timeline
from openfisca_cej.explain.tree import NOT_YET

#: What is said of who decides.
NOT_DECIDED = (
    "Ce que l'organisme réclame ou rappelle, quand et comment, relève d'une procédure que ce "
    "calcul ne connaît pas : demandez la décision écrite."
)


@dataclass(frozen=True)
class MonthOwed:
    """A month (€): what was declared gives ``paid``, what was real gives what was due."""

    month: Period
    paid: float
    due: float

    @property
    def back(self) -> float:
        """What is to be given back; negative, what is still to be received."""
        return round(self.paid - self.due, 2)

    def to_json(self) -> dict[str, Any]:
        """The month as JSON."""
        return {"month": str(self.month), "paid": self.paid, "due": self.due, "back": self.back}


@dataclass(frozen=True)
class Overpayment:
    """The months, and the values that the law has moved since (sentences)."""

    months: Sequence[MonthOwed]
    frozen: Sequence[str] = ()
    begins_before_law: bool = False

    @property
    def back(self) -> float:
        """What is to be given back in all (€); negative, what is still to be received."""
        return round(sum(one.back for one in self.months), 2)

    @property
    def sentence(self) -> str:
        """The whole in a sentence."""
        paid = french.euros(sum(one.paid for one in self.months))
        due = french.euros(sum(one.due for one in self.months))
        early = f"{NOT_YET} " if self.begins_before_law else ""
        told = f"{early}{paid} d'après ce qui a été déclaré, {due} d'après ce qui est vrai"
        if abs(self.back) < SAME:
            apart = any(abs(one.back) >= SAME for one in self.months)
            return f"{told} : rien à rendre en tout{', les mois se compensent' if apart else ''}."
        asked = "à rendre" if self.back > 0 else "à recevoir"
        return f"{told} : {french.euros(abs(self.back))} {asked}."

    def to_json(self) -> dict[str, Any]:
        """The whole as JSON."""
        return {
            "back": self.back,
            "sentence": self.sentence,
            "months": [one.to_json() for one in self.months],
            "frozen": list(self.frozen),
            "notice": NOT_DECIDED,
        }


def overpaid(
    declared: Situation | dict[str, Any] | str | Path,
    real: Situation | dict[str, Any] | str | Path,
    first: str | Period,
    months: int,
    person: str | None = None,
    system: TaxBenefitSystem | None = None,
) -> Overpayment:
    """What was paid to a person as declared, and what was due in each month, from the first.

    What neither situation gives is nil. Raises InvalidSituation, ValueError.
    """
    paid, due = (timeline(one, first, months, person, system) for one in (declared, real))
    return compared(paid, due)


def compared(paid: Sequence[MonthDue], due: Sequence[MonthDue]) -> Overpayment:
    """The same months as declared and as they were."""
    rows = [
        MonthOwed(one.month, one.amount, other.amount) for one, other in zip(paid, due, strict=True)
    ]
    told = (sentence for row in [*paid, *due] for sentence in row.frozen)
    early = any(NOT_YET in row.changes for row in paid)
    return Overpayment(rows, tuple(dict.fromkeys(told)), early)
