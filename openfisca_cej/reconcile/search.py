"""The changes of a case that give an amount to the centime: one, else two, all tried at once."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from openfisca_core.periods import Period

from openfisca_cej import french, names
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.variants import Variants
from openfisca_cej.names import RESULT
from openfisca_cej.reconcile.changes import CaseRead, Supposition, suspension

#: Changes whose pairs are tried, the likeliest ones, and persons of all the copies of a case.
MOST_PAIRED, MOST_PERSONS = 200, 40_000

#: Amounts tried at once in the search for a free one: three times reach a centime of 10 000 €.
STEPS = 101

#: The resources whose amount is solved for: one that is partly deducted, one that is in whole.
SOLVED = (names.WAGE, names.UNEMPLOYMENT)

#: A wage so many times as large as the net one that was given is of the order of its gross: what
#: is withheld of a gross wage is about a fifth of it.
GROSS = (1.2, 1.35)


@dataclass(frozen=True)
class Solution:
    """Changes that are true together, and the amount (€) that they give."""

    changes: tuple[Supposition, ...]
    amount: float


@dataclass(frozen=True)
class Free:
    """An amount (€) that would give what was paid, from ``low`` to ``high``; None: no end.

    Almost any payment has one: it proves nothing. ``about`` is the variable that it is of.
    """

    about: str
    low: float
    high: float | None
    fr: str
    en: str


class Search:
    """The case, its changes, and what each gives."""

    def __init__(
        self, situation: Situation, person: str, moment: Period, found: Sequence[Supposition]
    ) -> None:
        self.situation, self.person, self.moment = situation, person, moment
        self.changes = found

    def amounts(self, copies: Sequence[Sequence[int]]) -> numpy.ndarray:
        """What is due (€) with the changes of these ranks, in each copy."""
        variants = Variants(self.situation, len(copies))
        holding: list[list[int]] = [[] for _ in self.changes]
        for place, copy in enumerate(copies):
            for rank in copy:
                holding[rank].append(place)
        moved = []
        paid: dict[tuple[int, ...], list[int]] = {}
        for change, places in zip(self.changes, holding, strict=True):
            if not places:
                continue
            chosen = numpy.array(places, dtype=int)
            for name, moments, value in change.settings:
                variants.put(name, self.person, moments, chosen, value)
            if change.moved:
                moved.append((change, chosen))
            if change.paid != (0,):
                paid.setdefault(change.paid, []).extend(places)
        for change, chosen in moved:
            self.move(variants, change, chosen)
        due = functools.cache(lambda shift: self.due(variants, shift))
        total = due(0).copy()
        for shifts, places in paid.items():
            total[places] = numpy.sum([due(shift)[places] for shift in shifts], axis=0)
        rounded: numpy.ndarray = total.round(2)
        return rounded

    def due(self, variants: Variants, shift: int) -> numpy.ndarray:
        """What is due for a month, counted from the one asked."""
        return variants.calculate(RESULT, self.moment.offset(shift), self.person)

    def move(self, variants: Variants, change: Supposition, chosen: numpy.ndarray) -> None:
        """Give the amounts of a computed variable their values of before, in some copies."""
        values = variants.calculate(change.about, self.moment, self.person)[chosen].copy()
        known = values.copy()
        for now, before in change.moved:
            values[known == now] = before
        for value in numpy.unique(values):
            variants.put(change.about, self.person, (self.moment,), chosen[values == value], value)

    def alone(self) -> list[Solution]:
        """What each change gives by itself."""
        amounts = self.amounts([(rank,) for rank in range(len(self.changes))]).tolist()
        return [
            Solution((change,), amount)
            for change, amount in zip(self.changes, amounts, strict=True)
        ]

    def two_by_two(self) -> tuple[list[Solution], bool]:
        """What two changes give together, and whether some pairs were left out."""
        likeliest = self.changes[:MOST_PAIRED]
        copies = [
            (first, second)
            for first, second in itertools.combinations(range(len(likeliest)), 2)
            if likeliest[first].goes_with(likeliest[second])
        ]
        kept = copies[: MOST_PERSONS // len(self.situation.persons)]
        capped = len(kept) < len(copies) or len(likeliest) < len(self.changes)
        amounts = self.amounts(kept).tolist() if kept else []
        found = [
            Solution((likeliest[first], likeliest[second]), amount)
            for (first, second), amount in zip(kept, amounts, strict=True)
        ]
        return found, capped


# Amounts that are solved for.


class Solver:
    """The amounts of a case that would give what was paid."""

    def __init__(self, case: CaseRead, due: float, paid: float) -> None:
        self.case, self.due, self.paid = case, due, paid
        self.person, self.moment = case.person, case.moment
        law = case.candidates.law
        self.window = tuple(
            case.moment.offset(-back) for back in range(1, int(law.ressources.nombre_mois) + 1)
        )

    def all(self) -> list[Free]:
        """The wage, the benefit, the suspension and the sum withheld or added."""
        found = [self.resource(*one) for one in self.thresholds()]
        return [one for one in (*found, self.rate(), self.difference()) if one is not None]

    def resource(self, name: str, low: int | None, end: int | None) -> Free | None:
        """The amounts of a resource that count, from one to before the other (centimes)."""
        if low is None or low == end:
            return None
        least, most = low / 100, None if end is None else (end - 1) / 100
        fr, en = between(least, most)
        given = self.given(name)
        if name == names.WAGE and given and GROSS[0] <= least / given <= GROSS[1]:
            fr += f", de l'ordre du brut des {french.euros(given)} nets donnés"
            en += f", about the gross wage of the net {given:.2f} € that was given"
        label = self.case.candidates.variable(name).label
        month = french.of(french.month(self.window[0]))
        fr, en = f"« {label} » {month} {fr}", f"« {label} » of {self.window[0]} {en}"
        return Free(name, least, most, fr, en)

    def given(self, name: str) -> float:
        """The amount that was given of a resource for the last month that counts."""
        return float(self.case.candidates.given(name, self.window[0]) or 0)

    def thresholds(self) -> list[tuple[str, int | None, int | None]]:
        """The smallest amounts (centimes) of each resource with no more due, and with less.

        None where there is none. All are looked for together: a hundred steps, three times.
        """
        strict = numpy.array([[False], [True]] * len(SOLVED))
        lows = numpy.zeros((2 * len(SOLVED), 1), dtype=int)
        exists = numpy.ones(len(lows), dtype=bool)
        for step in ((STEPS - 1) ** 2, STEPS - 1, 1):
            tried = lows + step * numpy.arange(STEPS)
            due = self.with_resources(tried / 100)
            reached = numpy.where(strict, due < self.paid, due <= self.paid)
            exists &= reached.any(axis=1)
            first = reached.argmax(axis=1)
            found = numpy.take_along_axis(tried, first[:, None], axis=1)
            lows = numpy.maximum(found - step, lows)
        ends = [
            int(end) if there else None
            for end, there in zip(found[:, 0].tolist(), exists.tolist(), strict=True)
        ]
        return list(zip(SOLVED, ends[::2], ends[1::2], strict=True))

    def with_resources(self, values: numpy.ndarray) -> numpy.ndarray:
        """What is due with the values of each resource, two rows of them a resource."""
        variants = Variants(self.case.situation, values.size)
        for rank, name in enumerate(SOLVED):
            rows = slice(2 * rank, 2 * rank + 2)
            given = numpy.full(values.shape, self.given(name))
            given[rows] = values[rows]
            variants.set(name, self.person, self.window, given.ravel())
        due = variants.calculate(RESULT, self.moment, self.person).round(2)
        found: numpy.ndarray = due.reshape(values.shape)
        return found

    def rate(self) -> Free | None:
        """The part withheld by a suspension for failings (since June 2025)."""
        scale = self.case.candidates.law.sanctions.bareme_2025
        if not scale.en_vigueur or not 0 < self.paid < self.due:
            return None
        rate = round(1 - self.paid / self.due, 3)
        if round(10 * rate, 6).is_integer():
            return None  # tenths are tried with the other changes
        variants = Variants(self.case.situation, 1)
        for name, moments, value in suspension(rate, self.moment):
            variants.put(name, self.person, moments, numpy.array([0]), value)
        if variants.calculate(RESULT, self.moment, self.person).round(2)[0] != self.paid:
            return None
        share = french.trimmed(100 * rate, 1)
        return Free(
            names.LIFTED,
            rate,
            rate,
            f"une suspension de {share} % avait effet ce mois-ci",
            f"a suspension of {100 * rate:g} % were in effect in the month",
        )

    def difference(self) -> Free:
        """A sum withheld from the payment, or added to it."""
        more = round(self.paid - self.due, 2)
        amount = abs(more)
        fr = "un rappel de {} était compris dans le versement"
        en = "arrears of {:.2f} € were in the payment"
        if more < 0:
            fr = "un trop-perçu de {} était retenu sur le versement"
            en = "an overpayment of {:.2f} € were withheld from the payment"
        about = names.PAID_BACK if more < 0 else names.LATE
        return Free(about, amount, amount, fr.format(french.euros(amount)), en.format(amount))


def between(low: float, high: float | None) -> tuple[str, str]:
    """« était de … », in both languages."""
    if high is None:
        return f"était d'au moins {french.euros(low)}", f"were at least {low:.2f} €"
    if low == high:
        return f"était de {french.euros(low)}", f"were {low:.2f} €"
    return (
        f"était de {french.number(low)} à {french.euros(high)}",
        f"were from {low:.2f} to {high:.2f} €",
    )
