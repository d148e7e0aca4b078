"""What the page tells of a case: all of it comes from ``explain``, nothing is computed here."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import declarations, french, names
from openfisca_cej.declarations import CONTRAT, VERSEMENT, question_de
from openfisca_cej.explain import render
from openfisca_cej.explain.conditions import HORIZON, UNKNOWN, Condition, held
from openfisca_cej.explain.curve import Curve, NoCurve, curve
from openfisca_cej.explain.curve_text import centime, end, rows
from openfisca_cej.explain.lines import Reading, in_words
from openfisca_cej.explain.missing import SAME, Answer
from openfisca_cej.explain.notes import notes_of, sentences
from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.explain.timeline import MonthDue, Timeline, told_once
from openfisca_cej.explain.tree import (
    Answered,
    Explanation,
    TracedRun,
    answered,
    explained,
    reform_sentences,
)
from openfisca_cej.explain.unknowns import PLACES, Unknown
from openfisca_cej.explain.variants import Apart
from openfisca_cej.names import (
    END,
    FOYER_TIER,
    PATH_END,
    WAGE,
    WRITTEN_END,
)
from openfisca_cej.population.months import month_number
from openfisca_cej.web import answers as given
from openfisca_cej.web import questions
from openfisca_cej.web.answers import Answers
from openfisca_cej.web.vouching import is_of_signature, is_probable, is_unsaid, is_usual, vouched

#: Questions asked at a time.
ASKED = 3

#: Euros between two rows of the table of a curve.
ROWS = 100

#: What stands for the list of one's own resources, and its help.
OTHER_RESOURCES = (
    "D'autres ressources : chômage, formation rémunérée, indemnités journalières, service civique, "
    "travail à votre compte…"
)

#: What stands between the amount and the reason in the sentence of an answer.
AFTER_THE_AMOUNT = re.compile("€(?:, | : )")

#: What a remark quotes.
QUOTED = re.compile("« ([^«»]*) »")

#: What an address says of the amount that it was shared with: a figure, or both bounds.
SHARED = re.compile(r"\d{1,5}\.\d{2}(-\d{1,5}\.\d{2})?")


@dataclass(frozen=True)
class Doubt:
    """A fact that may lower a probable amount: what ticking it answers, and how it is told."""

    name: str
    value: str
    text: str


@dataclass
class Result:
    """What is told of a case in a month.

    ``next`` are the questions to ask now, the most useful first, and ``left`` how many others
    there are; ``skipped`` were asked, and count still. ``detail`` is the calculation with nothing
    more to tell than what was answered; ``explanation`` says how sure the amount is. ``signed`` is
    the month in which the months told suppose that the contract is signed, None where they suppose
    nothing. ``presumed`` are the usual answers that were vouched for; ``doubts``, where only such
    answers are missing, the facts that may still lower the amount. ``remarks`` are about what was
    answered, in the months told: never about what is supplied for want of an answer; ``first`` is
    what lacks in the first of them; ``unsaid``, whether there are resources that were not told;
    ``never``, whether nothing is due whatever the wage: there is no curve then.
    """

    explanation: Answered
    conditions: list[Condition]
    detail: Explanation
    months: list[MonthDue]
    signed: Period | None
    curve: Curve | None
    next: list[str]
    left: int
    skipped: list[str]
    presumed: list[Unknown]
    doubts: list[Doubt]
    remarks: list[str]
    first: str
    unsaid: bool
    never: bool
    changed: str = ""

    @property
    def answer(self) -> Answer | None:
        """What can be said of the amount; None before the law."""
        return self.explanation.answer

    @property
    def probable(self) -> bool:
        """Whether only usual answers lie between the amount and certainty."""
        return bool(self.doubts)

    @property
    def sure(self) -> bool:
        """Whether one figure may be told."""
        return self.answer is None or self.answer.status == "certain"

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest amount (€)."""
        if self.answer is None:
            return self.explanation.amount, self.explanation.amount
        return self.answer.low, self.answer.high

    @property
    def figure(self) -> str:
        """The amount in large: one figure only when it is sure."""
        low, high = self.bounds
        if self.sure:
            return french.euros(self.explanation.amount)
        if self.probable:
            return f"Sans doute {french.euros(self.explanation.amount)}"
        known = self.answer is not None and self.answer.status != "undetermined"
        start = "Entre" if known else "Au moins entre"
        return f"{start} {french.number(low)} et {french.euros(high)}"

    @property
    def why(self) -> str:
        """What the amount depends on: the sentence of the answer without the amount itself."""
        if self.sure and self.presumed:
            return "Si rien de ce que vous avez écarté ne vous concerne (la liste est plus bas)."
        if self.answer is None:
            return ""
        if self.unsaid:
            return "Il dépend de vos autres ressources, que vous n'avez pas encore dites."
        if self.probable:
            return "Ce montant ne peut qu'être plus bas, si l'un de ces faits vous concerne."
        why = AFTER_THE_AMOUNT.split(self.answer.sentence(), maxsplit=1)[-1]
        return f"{why[0].upper()}{why[1:]}"

    @property
    def arithmetic(self) -> str:
        """The amount in one plain sentence, with what was taken away, or why there is none."""
        return self.detail.reason if self.sure or self.probable else ""

    @property
    def telling(self) -> list[Condition]:
        """The conditions, but for those that are not known and would not change a sure amount."""
        return [one for one in self.conditions if not (self.sure and one.state == UNKNOWN)]

    @property
    def idle(self) -> str:
        """The other conditions, by their names."""
        return " ; ".join(one.label for one in self.conditions if one not in self.telling)

    def why_nothing(self, due: MonthDue) -> str:
        """Why nothing is due in the first month told and in the one asked: no change says it."""
        if due.amount or not due.running:
            return ""
        if due.month == self.explanation.month:
            return self.detail.reason
        return self.first if due == self.months[0] else ""

    @property
    def shared(self) -> str:
        """The amount as an address holds it."""
        return "-".join(f"{bound:.2f}" for bound in dict.fromkeys(self.bounds))

    @property
    def checked(self) -> str:
        """Until when the law was checked."""
        return next(render.freshness_lines(self.detail), "")

    @property
    def late(self) -> list[str]:
        """The values that the law has moved since, with the months told that rest on them."""
        return told_once(self.months)

    @property
    def deduced(self) -> str:
        """The values that nobody saw in print; a list of resources by its name only."""
        return " ; ".join(
            used.label if isinstance(used.value, list) else f"{used.label} ({used.written})"
            for used in self.detail.freshness.deduced
        )


def doubts(system: TaxBenefitSystem, answer: Answer | None, answers: Answers) -> list[Doubt]:
    """The facts that may lower a probable amount, those on the person's resources as one."""
    if answer is None or not is_probable(system, answer, answers):
        return []
    told = {one.variable: question_de(one.variable).a_cocher for one in answer.unknowns}
    facts = [
        Doubt(given.CONCERNED, one.variable, told[one.variable] or one.question)
        for one in answer.unknowns
        if not given.is_own_resource(system, one.variable, answers.month)
        # What counts with another answer only is asked with it.
        and (told[one.variable] or one.spread(answer.assumed) > SAME)
    ]
    own = any(given.is_own_resource(system, name, answers.month) for name in told)
    if own and answers.others != given.YES:
        return [Doubt("autres_ressources", given.YES, OTHER_RESOURCES), *facts]
    return facts


def result(system: TaxBenefitSystem, answers: Answers) -> Result:
    """What is told of a case. Raises InvalidSituation when the answers do not go together."""
    plain, whole = (given.situation(system, answers, nothing=nil) for nil in (False, True))
    case = read(plain, system)
    explanation = answered(case if whole == plain else read(whole, system), answers.month)
    later, signed = to_come(explanation, answers)
    told = given.months_told(answers)
    beyond = HORIZON - month_number(str(told[-1])) + month_number(str(answers.month))
    months = Timeline(held(later, told[-1], beyond), given.PERSON, told)
    ahead = months.reading
    run = explanation.run
    if run.situation is not case:
        # What is supplied as nil has rules look further back: the detail has a trace of its own.
        run = TracedRun(case, given.PERSON, answers.month)
    presumed: list[Unknown] = []
    if answers.complete and not answers.notices:
        explanation, presumed = vouched(system, system, answers, first=explanation)
    # Without a birth date, months and a curve would be those of nobody.
    whose = names.BIRTH in answers.values
    never = is_refused(run)
    drawn = curve_of(run) if whose and not never else None
    not_sure = explanation.answer is not None and explanation.answer.status != "certain"
    facts = doubts(system, explanation.answer, answers)
    if explanation.answer is not None:
        # The amount is told by what is asked: what has no usual answer.
        told_by = functools.partial(is_usual, system, answer=explanation.answer, answers=answers)
        explanation.answer.unknowns.sort(key=told_by)
    left = open_questions(system, answers, explanation.answer)
    asked = [name for name in left if name not in answers.skipped]
    found = Result(
        explanation=explanation,
        conditions=explanation.conditions(ahead),
        detail=explained(run, complete=True, ahead=ahead, more_pay=bool(facts) or not not_sure),
        months=months.due() if whose else [],
        signed=signed,
        curve=None if drawn and drawn.is_nil else drawn,
        next=asked[:ASKED],
        left=max(len(asked) - ASKED, 0),
        skipped=[name for name in left if name in answers.skipped],
        presumed=presumed,
        doubts=facts,
        remarks=remarks(later, answers),
        first=lacking(ahead, told[0]),
        unsaid=not_sure and is_unsaid(system, answers),
        never=never or (drawn is not None and drawn.is_nil),
    )
    if SHARED.fullmatch(answers.shared) and answers.shared != found.shared:
        found.changed = changed(answers.shared)
    return found


def remarks(case: Situation, answers: Answers) -> list[str]:
    """What is to be said of the answers beside the months told, by the labels of what they are."""
    about = notes_of(case, given.months_told(answers), [given.PERSON])
    # Who gives no birth date is asked for it.
    told = sentences(note for note in about if note.code != "no-birth")
    variables = case.system.variables

    def labelled(quoted: re.Match[str]) -> str:
        return f"« {variables[quoted[1]].label} »" if quoted[1] in variables else quoted[0]

    return [*reform_sentences(case.system), *(QUOTED.sub(labelled, text) for text in told)]


def lacking(reading: Reading, month: Period) -> str:
    """The conditions of a month that are not met, in words."""
    names = [*declarations.conditions_de(CONTRAT), *declarations.conditions_de(VERSEMENT)]
    rules = ((name, declarations.CONDITIONS[name]) for name in names)
    return " ; ".join(
        f"{rule.libelle} : non remplie ({in_words(reading, name, month)})"
        for name, rule in rules
        if not rule.est_remplie(reading.value(name, month))
    )


def open_questions(system: TaxBenefitSystem, answers: Answers, answer: Answer | None) -> list[str]:
    """The questions whose answer would count, the most useful first."""
    if answer is None:
        return []
    usual = [one for one in answer.unknowns if is_usual(system, one, answer, answers)]
    # What has no usual answer first: with it, the amount is probable.
    unknowns = [one for one in answer.unknowns if one not in usual] or usual
    names = [name for unknown in unknowns for name in names_of(answers, unknown, answer)]
    received = {**answers.values, **{one.name: one.value for one in answers.lasting}}
    if any(received.get(name) for name in questions.suspending(system, answers.month)):
        # What suspends the allowance is a path of the list, that the contract runs on with.
        names.append(PATH_END)
    if is_unsaid(system, answers):
        # The list is there to say which: they are not asked for one by one.
        names = [
            name
            for name in names
            if name != questions.AT_SIGNATURE
            and not given.is_own_resource(system, name, answers.month)
        ]
    return [name for name in dict.fromkeys(names) if name not in answers.values]


def names_of(answers: Answers, unknown: Unknown, answer: Answer) -> Sequence[str]:
    """The questions of the page that tell of an unknown.

    The tier is told by the lines of the notice where some were given; that of the month of the
    signature is a question of its own; the places are the answers to one. A contract that may run
    on is one whose written end is not known.
    """
    if unknown.variable in PLACES:
        return [questions.HOME]
    raises = END in answer.raising or max(unknown.amounts, default=0) > answer.assumed + SAME
    if unknown.variable == END and raises and WRITTEN_END not in answers.values:
        return [WRITTEN_END]
    if unknown.variable != FOYER_TIER:
        return [unknown.variable]
    if is_of_signature(unknown, answers.month):
        return [questions.AT_SIGNATURE]
    taxes = given.taxes()
    return taxes if set(taxes) & set(answers.values) else [names.TIER]


def case_of(system: TaxBenefitSystem, answers: Answers, averaged: int | None = None) -> Situation:
    """The situation of the month asked. Raises InvalidSituation."""
    return read(given.situation(system, answers, averaged=averaged), system)


def changed(before: str) -> str:
    """What is said when an address tells another amount than when it was shared."""
    told = " à ".join(french.euros(float(bound)) for bound in before.split("-"))
    return (
        f"Quand ce lien a été partagé, la page disait {told}. Elle dit aujourd'hui autre chose : "
        "le droit, le calcul ou une réponse a changé depuis."
    )


def to_come(said: Answered, answers: Answers) -> tuple[Situation, Period | None]:
    """The case in the months told, the answers held in each; and the signature that they suppose.

    A contract that is not signed yet, and may be, is taken to be signed in the month asked, of
    which ``said`` tells.
    """
    reading, signed = said.run.reading, None
    system = reading.situation.system
    document = given.situation(system, answers, given.months_told(answers))
    if names.SIGNATURE not in answers.values and reading.value(names.RUNNING, answers.month):
        signed = answers.month
        document["individus"][given.PERSON][names.SIGNATURE] = {"ETERNITY": str(signed.start)}
    return read(document, system), signed


def is_refused(run: TracedRun) -> bool:
    """Whether the month is refused by what does not look at the wage."""
    apart = Apart(run.simulation, {WAGE})
    return not run.reading.value(names.PAYABLE, run.moment) and apart.holds(
        names.PAYABLE, run.moment
    )


def curve_of(run: TracedRun) -> Curve | None:
    """The allowance against the wage, None where it cannot be drawn."""
    try:
        return curve(run.situation, run.moment, run.person, WAGE, run=run)
    except NoCurve:
        return None


def curve_rows(drawn: Curve) -> list[tuple[float, float, float, float]]:
    """Rows of the table of a curve: round numbers, the breaks and the end."""
    kept = {*end(drawn), *(centime(point) for point in drawn.breaks)}
    kept |= {centime(point) - 1 for point in drawn.cliffs}
    return [
        row for row in rows(drawn) if round(100 * row[0]) in kept or round(row[0], 2) % ROWS == 0
    ]


def document(system: TaxBenefitSystem, answers: Answers) -> dict[str, Any]:
    """The situation to download: ``/calculate`` fills in the allowance of the month."""
    whole = given.situation(system, answers, nothing=True)
    whole["individus"][given.PERSON][names.RESULT] = {str(answers.month): None}
    return whole


# The analyst's tab.


@dataclass(frozen=True)
class AmountShown:
    """A case under one law: the amount or its bounds (€), and the curve."""

    amount: float
    low: float
    high: float
    sure: bool
    curve: Curve | None

    @property
    def figure(self) -> str:
        """The amount: one figure only when it is sure."""
        if self.sure:
            return french.euros(self.amount)
        return f"Entre {french.number(self.low)} et {french.euros(self.high)}"


def side(
    system: TaxBenefitSystem, law: TaxBenefitSystem, answers: Answers, averaged: int
) -> AmountShown:
    """A case under a law that may be reformed. Raises InvalidSituation.

    The answers are read with the law in force, and held in each of the months that are averaged.
    """
    document = given.situation(law, answers, nothing=True, averaged=averaged)
    explanation = first = answered(read(document, system), answers.month)
    if answers.complete and not answers.notices:
        explanation, _ = vouched(system, law, answers, averaged, first)
    answer = explanation.answer
    amount = explanation.amount
    low, high = (answer.low, answer.high) if answer else (amount, amount)
    sure = answer is None or answer.status == "certain"
    return AmountShown(amount, low, high, sure, curve_of(first.run))


def compared_rows(sides: Sequence[AmountShown]) -> list[tuple[float, float, float]]:
    """Resource, allowance before and after (€), at round resources up to the longest curve."""
    curves = [one.curve for one in sides if one.curve is not None]
    if len(curves) < len(sides):
        return []
    longest = max(one.maximum for one in curves)
    centimes = [100 * resource for resource in range(0, int(longest) + 1, ROWS)]
    columns = [paid(one, centimes) for one in curves]
    return [(at / 100, *amounts) for at, *amounts in zip(centimes, *columns, strict=True)]


def paid(drawn: Curve, centimes: Sequence[int]) -> list[float]:
    """The allowance at these resources; beyond its end a curve is flat."""
    last = end(drawn)[0]
    return [float(amount) for amount in drawn.allowance([min(at, last) for at in centimes])]
