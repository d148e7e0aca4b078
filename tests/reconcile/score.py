"""How often a reconciliation finds a fact that was hidden: ``make reconcile``.

Persons of the embedded population, in a month of their contract, are told but for one fact (or
two); what they are really due is what was paid. Where the hidden fact changes nothing, there is
nothing to find. A fact is found when it is in the first group: the smallest changes that give the
amount to the centime, which nothing in the amount tells apart.
"""

import argparse
import datetime
import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy
from openfisca_core.periods import period

from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.names import BIRTH, RESULT
from openfisca_cej.population import synthetic
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.schema import NO_DATE
from openfisca_cej.reconcile import Reconciliation, reconcile
from openfisca_cej.systems import model

#: The seed of the population is its own; that of what is drawn of it.
SEED = 20

#: Facts that settle the tier of the foyer fiscal: any of them is found by naming the tier.
TAXES = ("rni", "nbptr", "maries_ou_pacses", "cej_autonomie_fiscale", "cej_rni_autonome")

#: The date from which a month lost is computed, where it is not said.
LATE = {"cej_forclusion": "cej_date_dossier_complet"}

#: Facts whose amount moves the allowance euro by euro, and by which resource each is solved for:
#: only an exact amount that is known for another month could be found.
AMOUNTS = {
    "salaire_net": "salaire_net",
    **dict.fromkeys(("chomage_net", "revenus_stage_formation_pro"), "chomage_net"),
}

#: Months of resources that are told before the month asked.
BEFORE = 4

PERSON, ELSEWHERE = "individus", {"rsa": "familles", "ppa": "familles"}
ELSEWHERE |= dict.fromkeys(("rni", "nbptr", "maries_ou_pacses"), "foyers_fiscaux")


@dataclass
class Case:
    """A person in a month: the facts by name, each with the periods that it is told for."""

    month: str
    facts: dict[str, dict[str, Any]]

    def document(self, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
        """The situation without some facts."""
        groups = {
            "familles": {"f": {"parents": ["x"]}},
            "foyers_fiscaux": {"ff": {"declarants": ["x"]}},
            "menages": {"m": {"personne_de_reference": ["x"]}},
        }
        document: dict[str, Any] = {PERSON: {"x": {}}, **groups}
        for name, values in self.facts.items():
            if name not in hidden:
                plural = ELSEWHERE.get(name, PERSON)
                document[plural][next(iter(document[plural]))][name] = values
        return document

    def due(self, hidden: tuple[str, ...] = ()) -> float:
        """What is due in the month without some facts (€)."""
        return due(read(self.document(hidden), model()), self.month)


def due(situation: Situation, month: str) -> float:
    """What is due in a month (€)."""
    return round(float(situation.simulation().calculate(RESULT, period(month))[0]), 2)


@functools.cache
def entrants() -> Any:
    """The embedded population, by fact: periods and values."""
    found: dict[str, list[Any]] = {}
    for item in synthetic.entrants(model()).inputs:
        found.setdefault(item.variable, []).append(item)
    return found


def case(rank: int, draw: numpy.random.Generator) -> Case:
    """A person of the population, in a month from the signature to the month after the end."""
    inputs = entrants()
    signed = str(inputs["cej_date_signature"][0].values[rank])
    ended = str(inputs["cej_date_fin"][0].values[rank])
    first = month_number(signed[:7])
    # A contract that runs to its term has no real end.
    last = first + 12 if ended == str(NO_DATE) else month_number(ended[:7])
    number = int(draw.integers(first, last + 2))
    month = month_text(number)
    years = [str(int(month[:4]) - back) for back in range(3)]
    told = [month_text(number - back) for back in range(BEFORE + 1)]
    facts: dict[str, dict[str, Any]] = {}
    for name, items in inputs.items():
        variable = model().variables[name]
        unit = str(variable.definition_period)
        for item in items:
            value = item.values[rank].item()
            if unit == "month" and item.period not in (None, *told):
                continue
            if value == variable.default_value:
                continue
            always = {"month": [month], "year": years, "eternity": ["ETERNITY"]}[unit]
            for when in always if item.period is None else [item.period]:
                dated = variable.value_type is datetime.date
                facts.setdefault(name, {})[when] = str(value) if dated else value
    return Case(month, facts)


@dataclass
class Score:
    """What was hidden, and how often it was found."""

    asked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    first: Counter[str] = field(default_factory=Counter)
    sizes: list[int] = field(default_factory=list)

    def add(self, name: str, answer: Reconciliation, hidden: tuple[str, ...]) -> None:
        """Count a case."""
        self.asked[name] += 1
        told = [all(told_by(fact, one.changes) for fact in hidden) for one in answer.solutions]
        self.found[name] += any(told)
        self.first[name] += told[:1] == [True]
        self.sizes.append(answer.count)

    def share(self, but: str = "") -> float:
        """Share of the facts, but for one, that are in the first group."""
        asked = {name: count for name, count in self.asked.items() if name != but}
        return sum(self.found[name] for name in asked) / max(sum(asked.values()), 1)

    def lines(self) -> Iterator[str]:
        """The score as lines of a table."""
        yield "| hidden | cases | in the first group | first of it |\n|---|---|---|---|"
        for name, asked in sorted(self.asked.items()):
            yield f"| {name} | {asked} | {self.found[name]} | {self.first[name]} |"
        totals = (sum(counts.values()) for counts in (self.asked, self.found, self.first))
        yield f"| all | {' | '.join(map(str, totals))} |"
        sizes = numpy.percentile(self.sizes or [0], (50, 90, 100)).astype(int).tolist()
        yield f"\nSizes of the groups: {sizes} (median, nine in ten, largest)"


def told_by(fact: str, changes: Any) -> bool:
    """Whether one of the changes says that a fact is otherwise."""
    if fact in TAXES:
        return any(change.family == "tier" for change in changes)
    known = (fact, LATE.get(fact))
    return any(name in known for change in changes for name, _, _ in change.settings)


def held(fact: str, case: Case, answer: Reconciliation) -> bool:
    """Whether the amount that was hidden is among those that were solved for."""
    before = month_text(month_number(case.month) - 1)
    amount = case.facts[fact].get(before, 0)
    return any(
        one.about == AMOUNTS[fact] and one.low <= amount <= (one.high or amount)
        for one in answer.free
    )


def cases(count: int, facts: int, amounts: bool, seed: int = SEED) -> Iterator[Any]:
    """So many cases in which some hidden facts change what is due, with what is found.

    ``amounts``: facts that are amounts, or facts that are none.
    """
    draw = numpy.random.default_rng([seed, facts, amounts])
    total = len(entrants()["date_naissance"][0].values)
    while count:
        person = case(int(draw.integers(total)), draw)
        choices = sorted(name for name in person.facts if (name in AMOUNTS) is amounts)
        if len(choices) < facts:
            continue
        hidden = tuple(draw.choice(choices, facts, replace=False).tolist())
        paid = person.due()
        if any(person.due((fact,)) == paid for fact in hidden) or person.due(hidden) == paid:
            continue
        yield person, hidden, reconcile(person.document(hidden), person.month, paid)
        count -= 1


def main() -> None:
    """Print the scores of single facts, of amounts, and of two facts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=400)
    size = parser.parse_args().size
    for facts in (1, 2):
        score = Score()
        for _, hidden, answer in cases(size // facts, facts, amounts=False):
            score.add(" + ".join(sorted(hidden)), answer, hidden)
        print(f"\n{facts} hidden: {score.share():.1%} in the first group,", end=" ")
        print(f"{score.share(BIRTH):.1%} without the birth date\n")
        print("\n".join(score.lines()))
    found = [held(hidden[0], person, told) for person, hidden, told in cases(size // 4, 1, True)]
    print(f"\nAmounts: the hidden one is among those solved for in {numpy.mean(found):.1%}")


if __name__ == "__main__":
    main()
