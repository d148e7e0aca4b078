"""What would have to be true for the amount that was paid to be the one due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french
from openfisca_cej.explain.situation import Situation, asked
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import before_law, month_number
from openfisca_cej.reconcile.changes import CaseRead, Citation, Supposition, articles_of, changes
from openfisca_cej.reconcile.search import Free, Search, Solution, Solver

#: Version of the JSON of a reconciliation.
VERSION = "1"

#: The amount that was given, or one change of the case, or two; nothing but free amounts.
SAME, ONE, TWO, NONE = "same", "one", "two", "none"

#: Solutions told at most, and amounts that are the nearest.
MOST_TOLD, NEAREST = 50, 3


@dataclass
class Reconciliation:
    """What would have to be true for ``paid`` (€) to be due to the person for the month.

    ``due`` is what the situation gives as it is. ``status`` is « same », « one » or « two » (so
    many changes give the amount to the centime) or « none »; ``solutions`` are the smallest sets
    of changes that do, the likeliest first, and nothing in the amount tells them apart; ``count``
    is how many there are, told or not. ``nearest`` are given when there is none; ``free`` are the
    amounts that would do, which almost any payment has: they are never counted as found.
    ``tried`` is how many situations were computed, ``capped`` whether some pairs were left out.
    """

    person: str
    month: Period
    paid: float
    due: float
    status: str
    solutions: list[Solution]
    count: int
    nearest: list[Solution]
    free: list[Free]
    tried: int
    system: TaxBenefitSystem = field(repr=False)
    capped: bool = False

    def articles(self, one: Supposition | Free) -> list[Citation]:
        """The articles that say what a change does."""
        return articles_of(self.system, one.about, self.month)

    def to_json(self) -> dict[str, Any]:
        """The reconciliation as JSON."""
        return {
            "version": VERSION,
            "person": self.person,
            "month": str(self.month),
            "paid": self.paid,
            "due": self.due,
            "status": self.status,
            "fr": self.sentence(),
            "en": self.sentence("en"),
            "count": self.count,
            "solutions": [self.solution_told(one) for one in self.solutions],
            "nearest": [self.solution_told(one) for one in self.nearest],
            "free": [
                {"variable": one.about, "low": one.low, "high": one.high, **self.clause(one)}
                for one in self.free
            ],
            "tried": self.tried,
            "capped": self.capped,
        }

    def clause(self, one: Supposition | Free) -> dict[str, Any]:
        """What would have to be true, in both languages, and its articles."""
        return {
            "fr": one.fr,
            "en": one.en,
            "articles": [vars(article) for article in self.articles(one)],
        }

    def solution_told(self, solution: Solution) -> dict[str, Any]:
        """A set of changes as JSON."""
        told = [
            {
                "family": change.family,
                "variable": change.about,
                "settings": [
                    {"variable": name, "periods": [str(one) for one in moments], "value": plain}
                    for name, moments, value in change.settings
                    for plain in [value if isinstance(value, bool | int | float) else str(value)]
                ],
                **self.clause(change),
            }
            for change in solution.changes
        ]
        return {"amount": solution.amount, "changes": told}

    def sentence(self, language: str = "fr") -> str:
        """What was found, in a sentence that says nothing of who is right."""
        paid, due = (french.euros(value) for value in (self.paid, self.due))
        month, start = french.month(self.month), "La situation donnée fait"
        if language == "en":
            paid, due = (f"{value:.2f} €" for value in (self.paid, self.due))
            return {
                SAME: f"The situation as given makes {due} due for {self.month}.",
                ONE: f"The situation as given makes {due} due for {self.month}. "
                f"Exactly {paid} would be due if one of these were true:",
                TWO: f"The situation as given makes {due} due for {self.month}. No single change "
                f"makes {paid} due; two together do:",
                NONE: f"The situation as given makes {due} due for {self.month}. No change, nor "
                f"two together, of those that were tried makes exactly {paid} due.",
            }[self.status]
        return {
            SAME: f"{start} {due} pour {month} : c'est ce montant.",
            ONE: f"{start} {due} pour {month}. {paid} seraient dus, au centime, si une seule de "
            "ces choses était vraie :",
            TWO: f"{start} {due} pour {month}. Aucun changement ne donne {paid} à lui seul ; deux "
            "ensemble les donnent, au centime :",
            NONE: f"{start} {due} pour {month}. Aucun des changements essayés, ni deux ensemble, "
            f"ne donne exactement {paid}.",
        }[self.status]

    def lines(self, language: str = "fr") -> Iterator[str]:
        """The whole answer as lines of text."""
        yield self.sentence(language)
        yield from self.listed(self.solutions, language)
        if self.count > len(self.solutions):
            yield OTHERS[language].format(self.count - len(self.solutions))
        if self.nearest:
            yield NEAR[language]
            yield from self.listed(self.nearest, language, amounts=True)
        if self.capped:
            yield CAPPED[language]
        if self.free:
            yield FREE[language]
            yield from (f"— {self.cited(one, language)}" for one in self.free)
        if self.status != SAME:
            yield CAVEAT[language]

    def listed(
        self, solutions: Sequence[Solution], language: str, amounts: bool = False
    ) -> Iterator[str]:
        """Solutions, by rank."""
        together = {"fr": " et ", "en": " and "}[language]
        for rank, one in enumerate(solutions, 1):
            told = together.join(self.cited(change, language) for change in one.changes)
            amount = french.euros(one.amount) if language == "fr" else f"{one.amount:.2f} €"
            yield f"{rank}. {f'{amount} : ' * amounts}{told}"

    def cited(self, one: Supposition | Free, language: str) -> str:
        """What would have to be true, and its articles."""
        numbers = ", ".join(dict.fromkeys(article.number for article in self.articles(one)))
        return f"{one.fr if language == 'fr' else one.en} ({numbers})"


OTHERS = {"fr": "… et {} autres possibilités.", "en": "… and {} more."}
CAPPED = {
    "fr": "Toutes les paires de changements n'ont pas été essayées.",
    "en": "Not all pairs of changes were tried.",
}
NEAR = {"fr": "Les montants les plus proches :", "en": "The nearest amounts:"}
FREE = {
    "fr": "Un montant libre le donnerait aussi, mais presque tout versement en a un ; il ne prouve "
    "rien :",
    "en": "A free amount would do too, but almost any payment has one; it proves nothing:",
}
CAVEAT = {
    "fr": "Le montant ne dit pas laquelle est vraie, ni qui a raison : c'est à vérifier sur la "
    "lettre de décision, l'avis d'impôt et la déclaration du mois.",
    "en": "The amount does not tell which one is true, nor who is right: check the letter of "
    "decision, the tax notice and the declaration of the month.",
}


def reconcile(
    situation: Situation | dict[str, Any] | str | Path,
    month: str | Period,
    paid: float,
    person: str | None = None,
    system: TaxBenefitSystem | None = None,
) -> Reconciliation:
    """What would have to be true for ``paid`` (€) to be due to a person for a month.

    ``situation`` is a document, a file, or read already; ``system`` the law as reformed. One
    change is looked for, then two when no single one does. Raises InvalidSituation, and ValueError
    when the person does not exist, the month is before the law or the amount is negative.
    """
    situation, moment, person = asked(situation, month, person, system)
    number, first = month_number(str(moment)), first_month(situation.system)
    if number < first:
        raise before_law(number, first)
    if not paid >= 0:
        told = _("paid: give an amount of 0 € or more, not {paid}")
        raise ValueError(told.format(paid=paid))
    paid = round(paid, 2)
    case = CaseRead(situation, person, moment)
    found = changes(case)
    search = Search(situation, person, moment, found)
    due = float(search.amounts([()])[0])
    answer = Reconciliation(person, moment, paid, due, SAME, [], 0, [], [], 1, situation.system)
    if paid == due:
        return answer
    tried = search.alone()
    kept = [one for one in tried if one.amount == paid]
    answer.status = ONE
    if not kept:
        together, answer.capped = search.two_by_two()
        tried += together
        kept = [one for one in tried if one.amount == paid]
        answer.status = TWO if kept else NONE
    answer.solutions, answer.count = kept[:MOST_TOLD], len(kept)
    answer.free = Solver(case, due, paid).all()
    answer.tried += len(tried)
    if not kept:
        answer.nearest = nearest([one for one in tried if one.amount != due], paid)
    return answer


def nearest(tried: Sequence[Solution], paid: float) -> list[Solution]:
    """The solutions of the nearest amounts, one for each, those of fewer changes first."""
    found: dict[float, Solution] = {}
    for one in sorted(tried, key=lambda one: (abs(one.amount - paid), len(one.changes))):
        found.setdefault(one.amount, one)
        if len(found) == NEAREST:
            break
    return list(found.values())
