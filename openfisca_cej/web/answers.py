"""The answers that an address of the page holds: read strictly, written in one form only.

Nothing is kept anywhere else: whoever has the address has the case.
"""

import datetime
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from werkzeug.datastructures import MultiDict

from openfisca_cej import french
from openfisca_cej.declarations import demandees_avec, question_de
from openfisca_cej.explain.asking import NO_DATE
from openfisca_cej.explain.resources import Effect
from openfisca_cej.explain.unknowns import PLACES
from openfisca_cej.names import (
    BIRTH,
    DECISION,
    FAILING,
    FORMER_END,
    FOYER_TIER,
    SIGNATURE,
    TIER,
    WAGE,
    WRITTEN_END,
)
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import (
    month_number,
    month_period,
    month_text,
    months_after,
    period_text,
)
from openfisca_cej.refusals import BadValue, cut, nearest_of
from openfisca_cej.web import lasting, questions
from openfisca_cej.web.lasting import LASTING, Lasting
from openfisca_cej.web.questions import AT_SIGNATURE, HOME, periods_of

#: Version of the addresses. A link of another version is read as far as it can be, and says so.
VERSION = "1"

#: How far ahead a month may be asked for, and how many months the page tells.
AHEAD, TOLD = 24, 12

#: The place that is none of those that the law names.
MAINLAND = "residence_metropole"

#: How far back what did not happen is known not to have happened (months): past any contract.
BEFORE = 24

PERSON = "la personne"
GROUPS = {"familles": "famille", "foyers_fiscaux": "foyer fiscal", "menages": "logement"}
ROLES = {
    "familles": "parents",
    "foyers_fiscaux": "declarants",
    "menages": "personne_de_reference",
}

#: The button that only changes the month.
CHANGE = "changer"

#: The facts that were ticked.
CONCERNED = "concerne"

YES, NO, NOT_YET, SAME, NOTHING = "oui", "non", "pas_encore", "memes", "rien"

#: Answers that are not variables of the model, and the values that they take.
CHOICES = {
    "contrat": (YES, NOT_YET),
    "autres_ressources": (YES, NO),
    "rien_d_autre": (YES,),
    "suite": (SAME, NOTHING),
}


def taxes() -> tuple[str, ...]:
    """Lines of the tax notice, that stand for the answer on the tier."""
    return demandees_avec(FOYER_TIER)


def first() -> tuple[str, ...]:
    """The questions of the first form, in its order: of the tax, the three lines of any notice."""
    return (BIRTH, HOME, SIGNATURE, TIER, *taxes()[:3], WAGE)


def of_the_decision() -> tuple[str, ...]:
    """What tells of a decision, besides its motive."""
    return demandees_avec(DECISION)


@dataclass
class Answers:
    """What is known of a case. ``values`` are by variable; ``skipped`` were asked and left open.

    ``faults`` are messages by question: with any, nothing may be computed. ``notices`` say what
    of the address was not understood: the amount is then never told as certain. ``shared`` is the
    amount that the address was shared with. ``texts`` are the answers as they were given.
    ``concerned`` are the facts that were ticked, each to be asked about; ``lasting`` what held in
    some months only, whatever is said of the others.
    """

    month: Period
    values: dict[str, Any] = field(default_factory=dict)
    contract: str = ""
    others: str = ""
    complete: bool = False
    after: str = SAME
    decided: dict[str, Period] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    concerned: tuple[str, ...] = ()
    lasting: tuple[Lasting, ...] = ()
    shared: str = ""
    version: str = VERSION
    faults: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def none(self) -> bool:
        """Whether nothing was answered: at most a month was chosen."""
        said = self.values or self.contract or self.others or self.complete or self.lasting
        return not (said or self.skipped)

    def query(self) -> list[tuple[str, str]]:
        """The address in its one form: what was answered, in a fixed order."""
        found = [("v", VERSION), ("mois", str(self.month))]
        known = dict.fromkeys([*first(), *sorted(self.values)])
        for name in known:
            if name == SIGNATURE and self.contract == NOT_YET:
                found.append(("contrat", NOT_YET))
            if name in self.values:
                found.append((name, questions.written(self.values[name])))
            if name in self.decided:
                found.append((question_de(name).mois, str(self.decided[name])))
        found += [(LASTING, one.written) for one in self.lasting]
        found += [("autres_ressources", self.others)] if self.others else []
        found += [("rien_d_autre", YES)] if self.complete else []
        found += [("suite", self.after)] if self.after != SAME else []
        found += [("sans_reponse", ",".join(self.skipped))] if self.skipped else []
        found += [(CONCERNED, ",".join(self.concerned))] if self.concerned else []
        return found

    def address(self, path: str = "/", **more: str) -> str:
        """The address of these answers."""
        return address_of(path, [*self.query(), *more.items()])


def address_of(path: str, query: Sequence[tuple[str, str]]) -> str:
    """An address."""
    return f"{path}?{urlencode(query, safe=',:')}"


def months_offered(system: TaxBenefitSystem, today: datetime.date) -> range:
    """Numbers of the months that may be asked for."""
    return range(first_month(system), month_number(today.isoformat()[:7]) + AHEAD + 1)


def read(
    arguments: MultiDict[str, str],
    system: TaxBenefitSystem,
    today: datetime.date,
    elsewhere: Iterable[str] = (),
) -> Answers:
    """The answers of an address; ``elsewhere`` are names that someone else reads."""
    return AnswersReader(arguments, system, today).read(frozenset(elsewhere))


class AnswersReader:
    """Read one address; every fault is kept, with the question that it is about."""

    def __init__(
        self, arguments: MultiDict[str, str], system: TaxBenefitSystem, today: datetime.date
    ) -> None:
        self.system = system
        self.months = months_offered(system, today)
        self.answers = Answers(month_period(month_number(today.isoformat()[:7])))
        self.arguments = arguments
        self.askable = [*questions.askable(system), AT_SIGNATURE, HOME]

    def text(self, name: str) -> str:
        """What the address says for a name; nothing when it says it twice."""
        given = {text.strip() for text in self.arguments.getlist(name)} - {""}
        if len(given) > 1:
            self.answers.faults[name] = "deux réponses différentes : n'en gardez qu'une"
            return ""
        return next(iter(given), "")

    def read(self, elsewhere: frozenset[str]) -> Answers:
        """All the answers."""
        answers = self.answers
        self.read_month("mois", lambda month: setattr(answers, "month", month))
        for name in self.arguments:
            if name in self.askable:
                self.read_value(name)
            elif name not in elsewhere and name not in others():
                self.unknown(name)
        for name, attribute in (("contrat", "contract"), ("autres_ressources", "others")):
            setattr(answers, attribute, self.choice(name))
        answers.complete = self.choice("rien_d_autre") == YES
        answers.after = self.choice("suite") or SAME
        for name, none in questions.never(self.system, decided=True).items():
            if answers.values.get(name, none) != none:
                answers.decided[name] = periods_of(self.system, name, answers.month)[0]
                of = question_de(name).mois
                self.read_month(of, functools.partial(answers.decided.__setitem__, name))
        held, faults = lasting.read(self.system, self.arguments, self.months)
        answers.lasting = tuple(held)
        answers.faults |= faults
        self.read_skipped()
        ticked = ",".join(self.arguments.getlist(CONCERNED)).split(",")
        answers.concerned = tuple(name for name in dict.fromkeys(ticked) if name in self.askable)
        self.check()
        self.read_version()
        answers.shared = self.text("resultat")
        return answers

    def read_month(self, name: str, keep: Callable[[Period], None]) -> None:
        """A month, kept when it is one that the page offers."""
        text = self.text(name)
        if not text:
            return
        self.answers.texts[name] = text
        try:
            number = lasting.month_in(text)
        except ValueError as error:
            self.answers.faults[name] = str(error)
            return
        if number in self.months:
            keep(month_period(number))
            return
        first, last = (french.month(month_period(self.months[rank])) for rank in (0, -1))
        self.answers.faults[name] = f"choisissez un mois de {first} à {last}"

    def read_value(self, name: str) -> None:
        """The answer to a question about a variable: nothing means that it is not known."""
        text = self.text(name)
        self.answers.texts[name] = text
        if not text:
            self.answers.skipped += (name,)
            return
        try:
            asked = questions.question(self.system, name, self.answers.month)
            self.answers.values[name] = asked.read(text)
        except BadValue as error:
            self.answers.faults[name] = error.fr

    def choice(self, name: str) -> str:
        """One of the values of an answer that is no variable, empty when it is not known."""
        text = self.text(name)
        self.answers.texts[name] = text
        if text and text not in CHOICES[name]:
            self.answers.faults[name] = f"« {cut(text)} » n'est pas un des choix proposés"
            return ""
        return text

    def unknown(self, name: str) -> None:
        """A name that is no question: said, never passed over in silence."""
        near = nearest_of(name, [*self.askable, *others()])
        meant = f" (peut-être « {near} »)" if near else ""
        self.answers.notices.append(
            f"« {cut(name)} » n'est pas une question de cette page{meant} : "
            "ce que le lien en dit n'est pas pris en compte."
        )

    def read_skipped(self) -> None:
        """The questions that were asked before and left open."""
        before = [name for name in self.text("sans_reponse").split(",") if name in self.askable]
        # Who only changes the month leaves nothing open on purpose.
        left = () if self.text(CHANGE) else self.answers.skipped
        if self.answers.others != YES:
            # The list of resources is left empty by those who do not open it.
            listed = questions.effects(self.system, str(self.answers.month.start))
            left = tuple(name for name in left if name not in listed or name in first())
        known = {*self.answers.values, *self.answers.faults}
        if not known & set(taxes()):
            known |= set(taxes())  # folded beside the question on the tier: asked with one another
        if self.answers.contract == NOT_YET:
            known.add(SIGNATURE)
        every = dict.fromkeys([*before, *left])
        self.answers.skipped = tuple(name for name in every if name not in known)

    def read_version(self) -> None:
        """Say when the address was made for another version of the page."""
        given = self.text("v")
        if given and given != VERSION:
            self.answers.version = given
            self.answers.notices.append(
                f"Ce lien a été fait pour une autre version de cette page (« {cut(given)} », et "
                f"non « {VERSION} ») : vérifiez les réponses avant de vous fier au montant."
            )

    def check(self) -> None:
        """What the answers say together."""
        answers, values = self.answers, self.answers.values
        born, signed = values.get(BIRTH), values.get(SIGNATURE)
        if born and born > str(answers.month.stop):
            answers.faults[BIRTH] = "cette date est après le mois demandé"
        if born and signed and signed <= born:
            answers.faults[SIGNATURE] = "cette date est avant la naissance"
        if signed and answers.contract == NOT_YET:
            answers.faults[SIGNATURE] = (
                "vous avez répondu « pas encore » : effacez cette date, ou répondez « oui »"
            )
        if answers.contract == YES and not signed:
            answers.faults.setdefault(
                SIGNATURE, "donnez la date de signature, ou répondez « je ne sais pas »"
            )
        if signed and not answers.contract:
            answers.contract = YES
        if signed and values.get(WRITTEN_END, "") >= f"{int(signed[:4]) + 1}{signed[4:]}":
            answers.faults[WRITTEN_END] = (
                "un contrat est écrit pour douze mois au plus : donnez la fin d'avant sa "
                "prolongation, demandée à part"
            )
        before = values.get(FORMER_END, NO_DATE)
        if answers.contract == NOT_YET and values.get(FAILING) and before == NO_DATE:
            answers.faults[FAILING] = (
                "un manquement est celui d'un contrat signé : donnez la fin du contrat précédent"
            )
        if HOME in values and set(PLACES) & set(values):
            answers.faults[HOME] = "ce lien le dit déjà autrement : gardez une seule réponse"
        if TIER in values:
            for name in taxes():
                if name in values:
                    answers.faults[name] = (
                        "laissez vide : vous avez déjà répondu à la question précédente"
                    )


def others() -> list[str]:
    """Names of an address that are no variables."""
    of_decisions = questions.months_of_decisions()
    said = ["v", "mois", *CHOICES, *of_decisions, *lasting.NAMES]
    return [*said, "sans_reponse", "resultat", CHANGE, CONCERNED]


# From answers to situations.


def situation(
    system: TaxBenefitSystem,
    answers: Answers,
    moments: Sequence[Period] = (),
    nothing: bool = False,
    averaged: int | None = None,
) -> dict[str, Any]:
    """The situation, in the form of ``/calculate``; ``moments``: the month asked by default.

    With several months, the answers are taken to hold in each, but for what held in some of them
    only. ``nothing`` also writes what is
    known to be nil (other resources, earlier months), which changes how sure the amount is and
    never the amount; ``averaged`` is how many months of resources a reform looks at.
    """
    document = empty()
    # Answers that are not simply those of the month.
    apart = {DECISION, FAILING, *of_the_decision(), AT_SIGNATURE}
    for one in answers.lasting:
        put(document, system, one.name, one.months, one.value)
    for moment in moments or [answers.month]:
        later = moment.start > answers.month.start
        for name, value in answers.values.items():
            if later and answers.after == NOTHING and is_own_resource(system, name, moment):
                continue
            if moments and name == HOME:
                # Of many months, only where the home is: it is nowhere else.
                name, value = f"residence_{value}", True
            if name not in (*apart, MAINLAND):
                put(document, system, name, periods_of(system, name, moment, averaged), value)
        if nothing and answers.others == NO:
            for name in questions.own_resources(system, moment):
                if name not in answers.values and name not in first():
                    put(document, system, name, periods_of(system, name, moment), 0)
    put_decisions(document, system, answers)
    if AT_SIGNATURE in answers.values and SIGNATURE in answers.values:
        signed = month_period(month_number(answers.values[SIGNATURE][:7]))
        put(document, system, TIER, [signed], answers.values[AT_SIGNATURE])
    if nothing:
        put_past(document, system, answers)
    if answers.contract == NOT_YET:
        put(document, system, SIGNATURE, [answers.month], NO_DATE)
    return document


def empty() -> dict[str, Any]:
    """A situation of one person, alone in each group."""
    groups = {plural: {name: {ROLES[plural]: [PERSON]}} for plural, name in GROUPS.items()}
    return {"individus": {PERSON: {}}, **groups}


def put(
    document: dict[str, Any],
    system: TaxBenefitSystem,
    name: str,
    periods: Sequence[Period],
    value: Any,
) -> None:
    """Write a value for periods where there is none yet."""
    if name == HOME:
        for place in PLACES:
            put(document, system, place, periods, place == f"residence_{value}")
        return
    variable = system.get_variable(name, check_existence=True)
    plural = variable.entity.plural
    values = document[plural][GROUPS.get(plural, PERSON)].setdefault(name, {})
    for period in periods:
        eternal = str(variable.definition_period) == "eternity"
        values.setdefault("ETERNITY" if eternal else period_text(period), value)


def put_decisions(document: dict[str, Any], system: TaxBenefitSystem, answers: Answers) -> None:
    """Write a decision in the month in which it was taken."""
    for name, moment in answers.decided.items():
        put(document, system, name, [moment], answers.values[name])
    taken = answers.decided.get(DECISION, answers.month)
    for name in sorted(set(of_the_decision()) & set(answers.values)):
        put(document, system, name, [taken], answers.values[name])


def put_past(document: dict[str, Any], system: TaxBenefitSystem, answers: Answers) -> None:
    """Write what did not happen in the month and in earlier ones."""
    before = [months_after(answers.month, -back) for back in range(1, BEFORE + 1)]
    for name, never in questions.never(system, decided=False).items():
        if name in answers.values and answers.values[name] == never:
            put(document, system, name, before, answers.values[name])
    if answers.contract == NOT_YET:
        # No failing is of a contract to be signed.
        put(document, system, FAILING, [answers.month, *before], 0)
    for name, nothing in questions.never(system, decided=True).items():
        if name in answers.values:
            put(document, system, name, [answers.month, *before], nothing)


def is_own_resource(system: TaxBenefitSystem, name: str, moment: Period) -> bool:
    """Whether the input is a resource of the person that counts."""
    if name == HOME:
        return False
    found = questions.effects(system, str(moment.start)).get(name)
    return found not in (None, Effect.IGNORED) and system.variables[name].entity.is_person


def months_told(answers: Answers) -> list[Period]:
    """The months that the page tells one by one: those to come, and those past of the contract in
    which something is said to have held.
    """
    first = last = month_number(str(answers.month))
    if answers.lasting and SIGNATURE in answers.values:
        signed = month_number(answers.values[SIGNATURE][:7])
        # The month before shows what changes.
        before = min(month_number(str(one.since)) for one in answers.lasting) - 1
        first = min(max(before, signed, last - TOLD), last)
    return [month_period(number) for number in range(first, last + TOLD)]


def by_year(months: range) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """The months to choose from, by year, the latest year first."""
    by_year: dict[int, list[tuple[str, str]]] = {}
    for number in months:
        moment = month_period(number)
        by_year.setdefault(moment.start.year, []).append((month_text(number), french.month(moment)))
    yield from sorted(by_year.items(), reverse=True)


def from_pairs(pairs: Mapping[str, str]) -> MultiDict[str, str]:
    """Arguments of an address, from names and texts."""
    return MultiDict(pairs)
