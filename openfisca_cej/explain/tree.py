"""Why this amount: the steps from the articles to the euro, for one person and one month."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_core.periods import DateUnit, Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french, names
from openfisca_cej.explain import conditions, frozen, missing, reasons
from openfisca_cej.explain.anyone import MONTHS, Alike, Anyone, alike
from openfisca_cej.explain.lines import Reading, line, written
from openfisca_cej.explain.notes import notes_of, sentences, told_to
from openfisca_cej.explain.origins import (
    ASSUMED,
    CARRIED,
    COMPUTED,
    LASTS,
    SUPPLIED,
    Origins,
    is_followed,
    moment_of,
)
from openfisca_cej.explain.situation import Situation, asked
from openfisca_cej.explain.sources import (
    ArticleUsed,
    Freshness,
    ParameterUsed,
    articles,
    freshness,
    parameter_used,
)
from openfisca_cej.explain.trying import PersonMonth
from openfisca_cej.explain.variants import Variants
from openfisca_cej.names import RESULT, WAGE
from openfisca_cej.population.lean import Read
from openfisca_cej.population.months import months_after
from openfisca_cej.refusals import nearest

#: Version of the JSON of an explanation: see ``schema.json``.
VERSION = "2"

ORIGINS = {
    SUPPLIED: "fourni",
    ASSUMED: "supposé",
    COMPUTED: "calculé",
    CARRIED: "reporté d'un autre mois",
}

#: What is said when the user vouches that nothing is missing.
COMPLETE = "Tout ce qui n'a pas été donné est pris à sa valeur par défaut, à votre demande."

#: What is said of a month before the law.
NOT_YET = "Il n'y a pas de contrat d'engagement jeune avant le 1er mars 2022 : rien n'est dû."

#: What is tried to see what a hundred euros more of pay would change.
MORE = 100.0


@dataclass
class Step:
    """One variable of the person in one period.

    ``origin`` is supplied, assumed, computed or carried; ``line`` what the formula did, with
    the numbers in it; ``repeated`` marks a step whose own steps are told elsewhere in the tree;
    ``rests_on_assumed`` one that was computed from nothing that was supplied.
    """

    variable: str
    label: str
    entity: str
    instance: str
    period: Period
    value: Any
    written: str
    unit: str
    origin: str
    origin_detail: str = ""
    line: str = ""
    comment: str = ""
    articles: list[ArticleUsed] = field(default_factory=list)
    parameters: list[ParameterUsed] = field(default_factory=list)
    steps: list["Step"] = field(default_factory=list)
    repeated: bool = False
    rests_on_assumed: bool = False

    def all(self) -> Iterator["Step"]:
        """The step and those below it."""
        left = [self]
        while left:
            step = left.pop()
            yield step
            left += reversed(step.steps)

    @property
    def result(self) -> str:
        """The value with its unit, in French."""
        if self.unit.startswith("€"):
            return f"{french.number(self.value)}{french.BEFORE_UNIT}{self.unit}"
        if self.unit and self.unit not in ("date", "fraction", "rang"):
            return f"{self.written}{french.BEFORE_UNIT}{self.unit}"
        return self.written

    @property
    def arithmetic(self) -> str:
        """The line of a number with its result: « 566,17 − 142,30 = 423,87 € »."""
        if not self.line or isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return self.line
        if self.line in (self.written, "0"):
            return self.result
        return f"{self.line} = {self.result}"


@dataclass
class Explanation:
    """Why a person is owed this amount (€) in this month, and how sure it is.

    ``answer`` is None when what was not supplied was taken at its default on purpose
    (``complete``), or when another variable than the allowance is explained. ``resources`` are
    those that count; ``reason`` is how the amount comes about, in one plain sentence.
    """

    person: str
    month: Period
    root: Step
    answer: missing.Answer | None
    conditions: list[conditions.Condition]
    counterfactual: str
    freshness: Freshness
    remarks: list[str]
    resources: list[reasons.CountedResource]
    reason: str

    @property
    def amount(self) -> float:
        """The amount if everything that was not supplied is as assumed."""
        return float(self.root.value)


def explain(
    situation: Situation | dict[str, Any] | str | Path,
    month: str | Period,
    person: str | None = None,
    variable: str = RESULT,
    system: TaxBenefitSystem | None = None,
    complete: bool = False,
    ahead: Reading | None = None,
) -> Explanation:
    """Explain a monthly variable of a person of a situation (a document, a file, or read already).

    ``system`` is the law as reformed; the law itself by default. ``complete`` says that nothing
    is missing: what is not supplied is nil, and is not questioned. ``ahead`` reads the case in the
    months to come, that say when a condition changes: the month's, held, by default. Raises
    InvalidSituation, and ValueError when the month, the person or the variable does not exist.
    """
    situation, moment, person = asked(situation, month, person, system)
    check_variable(variable, situation.system)
    return explained(TracedRun(situation, person, moment, variable), complete, ahead)


def explained(
    run: "TracedRun",
    complete: bool = False,
    ahead: Reading | None = None,
    more_pay: bool = True,
) -> Explanation:
    """The same, of a calculation that was traced; ``more_pay``: with what more pay would change."""
    situation, moment, person = run.situation, run.moment, run.person
    found = worked_out(run, complete, ahead, more_pay)
    steps = list(found.root.all())
    fresh = freshness(
        [item for step in steps for item in step.parameters],
        in_mayotte=run.reading.value(names.MAYOTTE, moment),
    )
    behind_it = {used.path for step in steps for used in reasons.relied_on(step)}
    counted = reasons.counted(situation.system, found.root, moment) if run.in_force else []
    return Explanation(
        person=person,
        month=moment,
        root=found.root,
        answer=found.answer,
        conditions=found.conditions,
        counterfactual=counterfactual(*found.with_more_pay) if found.with_more_pay else "",
        freshness=replace(
            fresh,
            deduced=tuple(used for used in fresh.deduced if used.path in behind_it),
            frozen=found.frozen,
        ),
        remarks=[
            *reform_sentences(situation.system),
            *remarks_of(situation, [moment], person),
            *([COMPLETE] if complete else []),
            *([] if run.in_force else [NOT_YET]),
        ],
        resources=counted,
        reason=(
            reasons.reason(found.root, moment, found.conditions, counted)
            if run.variable == RESULT
            else ""
        ),
    )


class TracedRun:
    """A traced calculation of a variable of a person in a month, before a word of it is written."""

    def __init__(
        self, situation: Situation, person: str, moment: Period, variable: str = RESULT
    ) -> None:
        self.situation, self.person, self.moment = situation, person, moment
        self.variable = variable
        self.watch = frozen.Watch(
            situation.system, frozen.known_no_more(situation.system, moment, variable)
        )
        self.watched = situation
        if self.watch.found:
            self.watched = replace(situation, system=self.watch.law)
        self.simulation = self.watched.simulation(trace=True)
        self.alike = alike(situation, self.simulation, moment)
        self.simulation.alike = self.alike
        self.simulation.calculate(variable, moment)
        self.trace: Read = self.simulation.tracer.trees[0]
        self.reading = Reading(situation, self.simulation, person)
        if self.alike is not None:
            self.reading.known.update(self.alike.values)

    @property
    def in_force(self) -> bool:
        """Whether a rule computes the variable in the month."""
        variable = self.situation.system.get_variable(self.variable, check_existence=True)
        return variable.get_formula(self.moment) is not None

    @functools.cached_property
    def behind(self) -> frozen.Found:
        """The values that the law has moved since, and that the result rests on."""
        read, moments = self.watch.read, [self.moment]
        found = frozen.behind(read, self.situation, self.person, self.variable, moments)
        return found.get(self.moment, ())

    def answered(self, unsupplied: list[tuple[str, Period]]) -> tuple[missing.Answer, frozen.Found]:
        """What can be said of the allowance, and the values moved since that it rests on."""
        case = PersonMonth(self.watched, self.person, self.moment, self.simulation, self.alike)
        answer = missing.answer(case, unsupplied)
        told = missing.frozen_behind(
            self.watch.read, self.situation, self.person, self.moment, answer
        )
        return answer, tuple(dict.fromkeys([*self.behind, *told]))


@dataclass
class WorkedOut:
    """What is computed for an explanation, before a word of it is written.

    ``with_more_pay``: the months in which the pay is raised, the amount before and after, for the
    allowance alone. ``frozen``: the values that the law has moved since, and that an amount rests
    on.
    """

    root: Step
    frozen: frozen.Found
    answer: missing.Answer | None = None
    conditions: "list[conditions.Condition]" = field(default_factory=list)
    with_more_pay: "tuple[list[Period], float, float] | None" = None


def worked_out(run: TracedRun, complete: bool, ahead: Reading | None, more_pay: bool) -> WorkedOut:
    """Compute all that is told of a run."""
    allowance = run.in_force and run.variable == RESULT
    raised = with_more_pay(run) if allowance and more_pay else None
    builder = Builder(run.reading, run.moment, run.alike)
    found = WorkedOut(builder.build(run.trace), run.behind, with_more_pay=raised)
    if not run.in_force:
        return found
    if allowance and not complete:
        found.answer, found.frozen = run.answered(builder.unsupplied())
    uncertain = found.answer.uncertain if found.answer else {}
    found.conditions = conditions.conditions(run.reading, run.moment, uncertain, ahead)
    return found


@dataclass
class Answered:
    """What can be said of an allowance (€), with none of its steps.

    ``answer`` is None before the law, or where nothing is missing.
    """

    person: str
    month: Period
    amount: float
    answer: missing.Answer | None
    frozen: frozen.Found
    remarks: list[str]
    run: TracedRun

    @property
    def headline(self) -> str:
        """The answer in a sentence: one figure only when nothing missing could change it."""
        if self.answer is not None:
            return self.answer.sentence()
        unit = self.run.reading.variable(RESULT).unit
        return f"{french.number(self.amount)}{french.BEFORE_UNIT}{unit}."

    def conditions(self, ahead: Reading) -> list[conditions.Condition]:
        """The conditions of the allowance; ``ahead`` reads the months to come."""
        uncertain = self.answer.uncertain if self.answer else {}
        return conditions.conditions(self.run.reading, self.month, uncertain, ahead)

    def with_nothing_missing(self) -> "Answered":
        """The same, when what was not supplied is nil."""
        return replace(self, answer=None, frozen=self.run.behind)


def answered(
    situation: Situation | dict[str, Any] | str | Path,
    month: str | Period,
    person: str | None = None,
    system: TaxBenefitSystem | None = None,
) -> Answered:
    """What can be said of the allowance of a person in a month.

    Raises InvalidSituation, and ValueError when the month or the person does not exist.
    """
    situation, moment, person = asked(situation, month, person, system)
    run = TracedRun(situation, person, moment)
    said = [*reform_sentences(situation.system), *remarks_of(situation, [moment], person)]
    amount = float(run.reading.value(RESULT, moment))
    if not run.in_force:
        return Answered(person, moment, amount, None, run.behind, [*said, NOT_YET], run)
    origins = Origins(run.reading, moment)
    origins.visit(run.trace)
    answer, behind = run.answered(origins.unsupplied())
    return Answered(person, moment, amount, answer, behind, said, run)


def remarks_of(situation: Situation, moments: Sequence[Period], person: str) -> list[str]:
    """What is to be said to a person of what was given, beside amounts of these months."""
    return sentences(told_to(situation, notes_of(situation, moments, [person]), person))


def caveats(
    situation: Situation, moment: Period, person: str, moments: Sequence[Period] = ()
) -> list[str]:
    """What to say beside amounts that take for nil what was not supplied: what they may be instead.

    ``moments``: all the months that are told, where they are several. Amounts tell by themselves
    which of the values behind them the law has moved since.
    """
    told = answered(situation, moment, person)
    said = [
        *reform_sentences(situation.system),
        *remarks_of(situation, moments or [moment], person),
    ]
    if told.answer is not None and told.answer.status != "certain":
        said.append(
            "Ce qui n'a pas été donné est pris à sa valeur par défaut. Selon les réponses qui "
            f"manquent, en {french.month(moment)} : {told.answer.sentence()}"
        )
    return said


def reform_sentences(system: TaxBenefitSystem) -> list[str]:
    """Under which reform the amount is, if any."""
    title = getattr(system, "title", "") or getattr(system, "name", "")
    return [f"Sous la réforme « {title} »."] if system.baseline is not None else []


def check_variable(name: str, system: TaxBenefitSystem) -> None:
    """The variable is monthly and of persons. Raises ValueError."""
    variable = system.variables.get(name)
    if variable is None:
        near = nearest(name, system.variables)
        meant = _(" (did you mean « {near} »?)").format(near=near) if near else ""
        raise ValueError(
            _("« {name} » is not a variable of the model{meant}").format(name=name, meant=meant)
        )
    if not variable.entity.is_person or variable.definition_period != DateUnit.MONTH:
        raise ValueError(_("« {name} » is not a monthly variable of persons").format(name=name))


class Builder(Origins):
    """From the trace of a simulation to the steps of one person.

    ``common``: what the case has in common with someone of whom nothing is known, if anything.
    """

    def __init__(self, reading: Reading, month: Period, common: Alike | None = None) -> None:
        super().__init__(reading, month)
        self.done: dict[tuple[str, Period], Step] = {}
        self.common = common
        self.steps = steps_of(common.anyone) if common else {}

    def build(self, node: Read) -> Step:
        """The step of a node of the trace, with the steps below."""
        variable = self.reading.variable(node.name)
        moment = moment_of(variable, node)
        first = self.done.get((node.name, moment))
        if first is not None:
            return Step(**{**vars(first), "steps": [], "repeated": bool(first.steps)})
        instance = self.situation.group_of(self.reading.person, variable.entity)
        known = self.steps.get((node.name, moment))
        if known is not None and self.common is not None and self.common.shares(node, known.rests):
            step = Step(**{**vars(known.step), "instance": instance})
            self.done[node.name, moment] = step
            self.found[node.name, moment] = step.origin
            step.steps = [self.build(child) for child in known.below]
            return step
        node = self.made_of(node)
        value = self.reading.value(node.name, moment)
        origin, detail = self.origin(variable, moment)
        step = Step(
            variable=node.name,
            label=variable.label,
            entity=variable.entity.key,
            instance=instance,
            period=moment,
            value=value,
            written=written(value, variable),
            unit="" if variable.unit == french.YEAR else variable.unit or "",
            origin=origin,
            origin_detail=detail,
        )
        self.done[node.name, moment] = step
        self.found[node.name, moment] = origin
        if is_followed(variable, origin):
            self.tell(step, variable, node)
        return step

    def tell(self, step: Step, variable: Any, node: Read) -> None:
        """Add what a computed step was made of."""
        step.line, step.comment = line(self.reading, step.variable, step.period)
        others = self.of_another_notice(node)
        instants = {str(year.start) for year in others}
        expected = [child for child in node.children if self.is_expected_notice(child)]
        known = [node, *expected]
        step.parameters = [
            used
            for name, instant in dict.fromkeys(read for n in known for read in n.parameters)
            if str(instant) not in instants
            if (used := parameter_used(self.system, name, instant)) is not None
        ]
        step.steps = [self.build(child) for child in self.below(node)]
        step.articles = articles(variable, step.period, events(step))
        step.rests_on_assumed = step.variable not in LASTS and all(
            below.origin == ASSUMED or below.rests_on_assumed
            for below in step.steps
            if below.variable not in LASTS
        )


@dataclass(frozen=True)
class KnownStep:
    """A step of someone of whom nothing is known: what is told of it rests on some variables."""

    step: Step
    below: list[Read]
    rests: frozenset[str]


@functools.lru_cache(maxsize=MONTHS)
def steps_of(known: Anyone) -> dict[tuple[str, Period], KnownStep]:
    """The steps of someone of whom nothing is known, where it is known what they rest on."""
    builder = Builder(known.reading, known.moment)
    builder.build(known.run.tracer.trees[0])
    found = {}
    for (name, moment), step in builder.done.items():
        node = builder.made_of(Read(name, moment))
        below = builder.below(node) if step.steps else []
        rests = known.told_from(name, moment)
        if rests is not None and len(below) == len(step.steps):
            found[name, moment] = KnownStep(step, below, rests)
    return found


#: Decisions whose effect outlives the articles that they applied.
NOTIFIED = names.FAILING


def events(step: Step) -> list[Period]:
    """Months of the decisions below a step: they follow the law of their own day (R5131-17)."""
    return [below.period for below in step.steps if below.variable == NOTIFIED and below.value]


def with_more_pay(run: TracedRun) -> tuple[list[Period], float, float]:
    """The months that count, the allowance, and that of a hundred euros more of pay in them."""
    law = run.situation.system.get_parameters_at_instant(run.moment).contrat_engagement_jeune
    months = [months_after(run.moment, -back) for back in range(1, law.ressources.nombre_mois + 1)]
    variants = Variants(run.watched, 1, run=run.simulation)
    for month in months:
        wages = variants.calculate(WAGE, month, run.person) + MORE
        variants.set(WAGE, run.person, [month], wages)
    after = float(variants.calculate(RESULT, run.moment, run.person)[0])
    return months, float(run.reading.value(RESULT, run.moment)), after


def counterfactual(months: list[Period], before: float, after: float) -> str:
    """What a hundred euros more of pay in the months that count would change."""
    when = f"en {french.month(months[0])}"
    if len(months) > 1:
        when = f"dans chacun des {len(months)} mois d'avant"
    more = french.number(MORE, 0)
    start = f"Avec {more}{french.BEFORE_UNIT}€ de salaire de plus {when}"
    if before == after:
        return f"{start}, l'allocation serait la même : {french.euros(after)}."
    return (
        f"{start}, l'allocation serait de {french.euros(after)} "
        f"({french.number(after - before)}{french.BEFORE_UNIT}€)."
    )
