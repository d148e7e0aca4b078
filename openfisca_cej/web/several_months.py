"""The page ``/mois``: resources of several months at once, as they were, and as declared.

Each month of each has its own figure, beside what lasted some months; the text to keep says what
is due, and what is to be given back where something else was declared.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request
from openfisca_core.periods import Period

from openfisca_cej import french, names
from openfisca_cej.declarations import question_de
from openfisca_cej.explain import resources
from openfisca_cej.explain.lines import Reading
from openfisca_cej.explain.overpaid import NOT_DECIDED, Overpayment, compared
from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.explain.timeline import MonthDue, timeline, told_once
from openfisca_cej.population.months import month_number, month_period
from openfisca_cej.refusals import BadValue, InvalidSituation, cut
from openfisca_cej.web import answers as given
from openfisca_cej.web import page, questions
from openfisca_cej.web.answers import Answers
from openfisca_cej.web.lasting import LASTING, Lasting
from openfisca_cej.web.results import lacking

#: Months of one page, and resources at most.
COUNT, MOST = 12, 5

#: What the form asks besides the case: the resources, the first month, the figures.
RESOURCE, FIRST, REAL, DECLARED = "ressource", "debut", "reel", "declare"
COLUMNS = {REAL: "En vrai", DECLARED: "Déclaré"}

#: Figures (€) by resource and month of receipt.
Figures = dict[tuple[str, Period], float]


@dataclass
class MonthsSaid:
    """What is said of some months of allowance.

    Texts and faults are by field. ``received_in`` are the real figures, with what lasted some
    months.
    """

    resources: list[str]
    months: list[Period]
    texts: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    real: Figures = field(default_factory=dict)
    declared: Figures = field(default_factory=dict)
    received_in: Figures = field(default_factory=dict)

    def received(self, name: str, month: Period) -> Period:
        """The month whose resource counts for one of the allowance."""
        return questions.periods_of(page.law(), name, month)[0]

    def fields(self, kind: str) -> Iterator[tuple[str, str, Period]]:
        """The fields of a column, each with its resource and its month of receipt."""
        for name in self.resources:
            for month in self.months:
                received = self.received(name, month)
                yield f"{kind}_{name}_{received}", name, received

    def tables(self) -> Iterator[tuple[str, list[tuple[Period, str, str]]]]:
        """For each resource, the months of receipt, each with its two fields."""
        rows = list(zip(self.fields(REAL), self.fields(DECLARED), strict=True))
        for name in self.resources:
            yield name, [(month, real, said[0]) for (real, of, month), said in rows if of == name]

    def lasting(self, answers: Answers) -> None:
        """Keep what lasted some months, where they have no figure of their own."""
        for one in answers.lasting:
            if one.name in self.resources:
                self.received_in |= {(one.name, month): one.value for month in one.months}
        self.received_in |= self.real

    def query(self) -> list[tuple[str, str]]:
        """What the address holds of it: figures of one month each."""
        found = [(RESOURCE, name) for name in self.resources] + [(FIRST, str(self.months[0]))]
        for kind, figures in ((REAL, self.real), (DECLARED, self.declared)):
            found += [
                (text, questions.written(figures[name, month]))
                for text, name, month in self.fields(kind)
                if (name, month) in figures
            ]
        return found


def install(app: Flask) -> None:
    """Serve the page."""
    app.add_url_rule("/mois", "page.several", several, methods=["GET", "POST"])


def several() -> Response:
    """The form, and the months where they are given."""
    sent = page.sent_arguments()
    fields = [name for name in sent if name.startswith((f"{REAL}_", f"{DECLARED}_"))]
    answers = given.read(sent, page.law(), page.today(), elsewhere=(RESOURCE, FIRST, *fields))
    asked = read_months(sent, answers)
    answers.notices += not_shown(sent, fields, asked)
    case = dataclasses.replace(answers, values=dict(answers.values))
    for name in asked.resources:
        case.values.pop(name, None)
    asked.lasting(answers)
    for text, *which in asked.fields(REAL):
        if tuple(which) in asked.declared.keys() - asked.received_in.keys():
            asked.faults[text] = "donnez aussi ce qui était vrai (0 si rien)"
    due: list[MonthDue] = []
    nothing: list[str] = []
    owed: Overpayment | None = None
    ready = is_ready(answers)
    said = asked.real or asked.declared or answers.lasting
    if ready and said and not (answers.faults or asked.faults):
        try:
            real = situation_of(case, asked, {})
            due = told(real, asked)
            nothing = list(why_nothing(real, due))
            if asked.declared:
                owed = compared(told(situation_of(case, asked, asked.declared), asked), due)
        except InvalidSituation as error:
            page.keep_faults(answers, error)
    address = given.address_of("/mois", [*case.query(), *asked.query()])
    link = page.public(address)
    return page.shown(
        "mois.html",
        method="post" if request.method == "POST" else "get",
        answers=answers,
        case=answers.address(),
        kept=[one for one in case.query() if one[0] != LASTING],
        **page.facts(answers),
        asked=asked,
        label=law_label,
        more=[name for name in offered(answers) if name not in asked.resources],
        offered=given.months_offered(page.law(), page.today()),
        ready=ready,
        due=due,
        nothing=nothing,
        owed=owed,
        note=NOT_DECIDED,
        late=told_once(due),
        text="\n".join([*kept(asked, due, owed, nothing), *page.case_told(case), link])
        if due
        else "",
        share=address,
        faults=page.summary(answers) + [(f"q-{name}", *two) for name, two in fault_lines(asked)],
    )


def is_ready(answers: Answers) -> bool:
    """Whether what makes any amount is known: the birth, the signature, the tax, the home."""
    known = answers.values.keys()
    taxed = names.TIER in known or set(given.taxes()[:2]) <= known
    return taxed and {names.BIRTH, names.SIGNATURE, questions.HOME} <= known


def offered(answers: Answers) -> list[str]:
    """The resources that may be given by month: the wage first."""
    own = questions.own_resources(page.law(), answers.month)
    return [names.WAGE, *(name for name in own if name != names.WAGE)]


def law_label(name: str) -> str:
    """The label of a variable."""
    return str(page.law().variables[name].label)


def fault_lines(asked: MonthsSaid) -> Iterator[tuple[str, tuple[str, str]]]:
    """The faults of the months: the field, its label, the message."""
    labels = {
        text: f"{told}, {french.month(month)}"
        for kind, told in COLUMNS.items()
        for text, _, month in asked.fields(kind)
    }
    for name, fault in asked.faults.items():
        yield name, (labels.get(name, "Quelles ressources ?"), fault)


def not_shown(sent: Any, fields: list[str], asked: MonthsSaid) -> Iterator[str]:
    """What is said of the figures that the page does not show."""
    left = [name for name in fields if name not in asked.texts and sent[name].strip()]
    if left:
        told = ", ".join(dict.fromkeys(cut(name.partition("_")[2]) for name in left))
        yield f"Non pris en compte, car la page ne les affiche pas : {told}."


def read_months(sent: Any, answers: Answers) -> MonthsSaid:
    """What the form says of the months."""
    chosen = [name for name in dict.fromkeys(sent.getlist(RESOURCE)) if name]
    known = [name for name in chosen if name in offered(answers)]
    asked = MonthsSaid(known[:MOST] or [names.WAGE], months_of(sent, answers))
    if len(known) < len(chosen):
        asked.faults[RESOURCE] = "ce n'est pas une des ressources proposées"
    elif len(known) > MOST:
        asked.faults[RESOURCE] = f"{MOST} ressources au plus"
    for kind, figures in ((REAL, asked.real), (DECLARED, asked.declared)):
        for name, resource, month in asked.fields(kind):
            text = asked.texts[name] = sent.get(name, "").strip()
            if not text:
                continue
            try:
                reader = questions.question(page.law(), resource, answers.month)
                figures[resource, month] = reader.read(text)
            except BadValue as error:
                asked.faults[name] = error.fr
    return asked


def months_of(sent: Any, answers: Answers) -> list[Period]:
    """The months of the allowance, twelve at most: from the one chosen, or the signature.

    None is to come, unless one is asked for.
    """
    numbers = given.months_offered(page.law(), page.today())
    last = max(month_number(str(answers.month)), month_number(page.today().isoformat()[:7]))
    signed = answers.values.get(names.SIGNATURE)
    usual = max(last - COUNT + 1, month_number(signed[:7]) if signed else 0, numbers[0])
    try:
        number = month_number(sent.get(FIRST, ""))
    except ValueError:
        number = min(usual, last)
    first = number if number in numbers else min(usual, last)
    count = last - first + 1 if first <= last else COUNT
    return [month_period(first + rank) for rank in range(min(count, COUNT))]


def situation_of(case: Answers, asked: MonthsSaid, declared: Figures) -> Situation:
    """The case in the months, with what was declared where something was."""
    figures = {**asked.received_in, **declared}
    said = [Lasting(name, figure, month, month, "") for (name, month), figure in figures.items()]
    values = {**case.values, **dict.fromkeys(asked.resources, 0.0)}
    whole = dataclasses.replace(case, lasting=(*said, *case.lasting), values=values)
    return read(given.situation(page.law(), whole, asked.months, nothing=True), page.law())


def told(case: Situation, asked: MonthsSaid) -> list[MonthDue]:
    """What is due in each month."""
    return timeline(case, asked.months[0], len(asked.months))


def why_nothing(case: Situation, due: list[MonthDue]) -> Iterator[str]:
    """The conditions that are not met where nothing is due, each time that they change."""
    if all(row.amount for row in due):
        return
    reading, before = Reading(case, case.simulation(), given.PERSON), ""
    for row in due:
        reason = "" if row.amount else lacking(reading, row.month)
        if reason and reason != before:
            yield f"Rien n'est dû à partir {french.of(french.month(row.month))}. {reason}."
        before = reason


def received_for(asked: MonthsSaid, month: Period) -> Iterator[str]:
    """What was received that counts for a month, and what was declared where something was."""
    for name in asked.resources:
        which = name, asked.received(name, month)
        said = f"{french.euros(asked.received_in.get(which, 0.0))} en {french.month(which[1])}"
        if which in asked.declared:
            said += f", {french.euros(asked.declared[which])} déclarés"
        short = question_de(name).bref or law_label(name)
        yield f"{short} : {said}" if asked.resources[1:] else said


def kept(
    asked: MonthsSaid, due: list[MonthDue], owed: Overpayment | None, nothing: list[str]
) -> Iterator[str]:
    """What a text to keep for the file says of the months."""
    law, first = page.law(), str(asked.months[0].start)
    told = (
        f"{law_label(one)} ({resources.at(law, one, first).article})" for one in asked.resources
    )
    yield (
        f"Allocation du contrat d'engagement jeune (D5131-19, D5131-23), selon : {' ; '.join(told)}"
    )
    for rank, row in enumerate(due):
        line = f"- {french.month(row.month)} : {french.euros(row.amount)} dus"
        if owed:
            line += f", {french.euros(owed.months[rank].paid)} versés"
        yield f"{line} ({' ; '.join(received_for(asked, row.month))})"
    yield from nothing
    yield owed.sentence if owed else f"En tout : {french.euros(sum(row.amount for row in due))}"
