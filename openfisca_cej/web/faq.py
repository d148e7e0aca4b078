"""The questions that people really ask: answers whose amounts are computed and articles dated.

``faq.yaml`` is the only place where they are written: the page ``/questions``, the documents and
the command ``openfisca-cej questions`` are made from it.
"""

import datetime
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import droit, french
from openfisca_cej.explain.lines import Reading
from openfisca_cej.explain.resources import words
from openfisca_cej.explain.situation import read
from openfisca_cej.names import RESULT
from openfisca_cej.population.months import month_number, month_period
from openfisca_cej.systems import remembered
from openfisca_cej.web import answers as given

FILE = Path(__file__).with_name("faq.yaml")

CODE = "code du travail"

#: Letters by which words of one family begin, and questions that are proposed at most.
FAMILY, MOST_NEAR = 5, 3


@dataclass(frozen=True)
class Example:
    """A case of an answer: what the page asks about it, and the amount worked out by hand (€)."""

    name: str
    answers: dict[str, str]
    by_hand: float

    @property
    def month(self) -> Period:
        """The month that it is about."""
        return month_period(month_number(self.answers["mois"]))

    @property
    def address(self) -> str:
        """The page, filled in."""
        return self.read(None).address()

    def read(self, system: TaxBenefitSystem | None) -> given.Answers:
        """The answers, as the page reads them."""
        from openfisca_cej.systems import model

        law = system or model()
        day = self.month.start.date
        found = given.read(given.from_pairs({"v": given.VERSION, **self.answers}), law, day)
        if found.faults or found.notices:
            raise ValueError(f"faq.yaml, {self.name}: {found.faults or found.notices}")
        return found

    def amount(self, system: TaxBenefitSystem) -> float:
        """The allowance (€/month) that the model computes."""
        answers = self.read(system)
        situation = read(given.situation(system, answers, nothing=True), system)
        reading = Reading(situation, situation.simulation(), given.PERSON)
        return float(reading.value(RESULT, self.month))


@dataclass(frozen=True)
class FrequentQuestion:
    """A question that people ask, and its answer.

    ``text`` has the amounts of the examples in it; ``articles`` are those of the labour code, with
    their links of the month, ``others`` texts without one; ``link`` is the page filled in, if any.
    """

    name: str
    question: str
    text: str
    also: str
    articles: tuple[tuple[str, str], ...]
    others: tuple[str, ...]
    link: str

    @property
    def sought(self) -> set[str]:
        """The words that find it."""
        return set(words(f"{self.question} {self.also} {self.text}"))

    @property
    def texts(self) -> list[str]:
        """The articles and the other texts, by their names."""
        return [*(number for number, _href in self.articles), *self.others]

    def markdown(self, level: int) -> list[str]:
        """The question in lines of Markdown, its title of a level."""
        linked = [f"[{number}]({href})" for number, href in self.articles]
        return [
            f"{'#' * level} {self.question}",
            "",
            self.text,
            "",
            f"({', '.join([*linked, *self.others])})",
        ]

    def to_json(self) -> dict[str, Any]:
        """The question as JSON."""
        return {
            "id": self.name,
            "question": self.question,
            "answer": self.text,
            "articles": [{"number": number, "href": href} for number, href in self.articles],
            "others": list(self.others),
            "page": self.link or None,
        }


@functools.cache
def document() -> dict[str, Any]:
    """The file."""
    told: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return told


def checked() -> datetime.date:
    """The day on which the answers were last read again."""
    day: datetime.date = document()["verifie"]
    return day


def month() -> Period:
    """The month of the amounts, where an answer says no other."""
    return month_period(month_number(document()["base"]["mois"]))


def examples(entry: dict[str, Any]) -> list[Example]:
    """The cases of an answer: what each changes of the one that all start from."""
    found = []
    for name, case in entry.get("cas", {}).items():
        whole = {**document()["base"], **case.get("donne", {})}
        answers = {key: as_text(value) for key, value in whole.items() if value is not None}
        found.append(Example(name, answers, float(case["montant"])))
    return found


def as_text(value: Any) -> str:
    """A value as the page takes it."""
    return ("non", "oui")[value] if isinstance(value, bool) else str(value)


@remembered
def questions(system: TaxBenefitSystem) -> tuple[FrequentQuestion, ...]:
    """All the questions, their amounts computed under the law."""
    return tuple(asked(entry, system) for entry in document()["questions"])


def asked(entry: dict[str, Any], system: TaxBenefitSystem) -> FrequentQuestion:
    """A question of the file."""
    cases = {one.name: one for one in examples(entry)}
    amounts = {name: french.euros(one.amount(system)) for name, one in cases.items()}
    day = month().start.date
    links = ((number, droit.in_force(number, CODE, day)) for number in entry["articles"])
    return FrequentQuestion(
        entry["id"],
        entry["question"],
        entry["reponse"].format(**amounts),
        entry.get("mots", ""),
        tuple((number, version.link) for number, version in links if version),
        tuple(entry.get("autres", ())),
        cases[entry["lien"]].address if "lien" in entry else "",
    )


def found(system: TaxBenefitSystem, text: str) -> list[FrequentQuestion]:
    """The questions that have all the words of a text, the whole list for none."""
    sought = words(text)
    return [
        one
        for one in questions(system)
        if all(any(known.startswith(word) for known in one.sought) for word in sought)
    ]


def near(system: TaxBenefitSystem, text: str) -> list[FrequentQuestion]:
    """The questions that tell most of a text whose words none has together.

    A word tells the more, the fewer questions have it; words of one family begin alike.
    """
    every = questions(system)
    begun = [{known[:FAMILY] for known in one.sought} for one in every]
    sought = dict.fromkeys(word[:FAMILY] for word in words(text))
    having = {word: sum(word in known for known in begun) for word in sought}
    told = [sum(1 / having[word] for word in sought if word in known) for known in begun]
    best = max(told)
    ranked = sorted(zip(told, every, strict=True), key=lambda one: -one[0])
    return [one for score, one in ranked[:MOST_NEAR] if score and score >= best / 2]
