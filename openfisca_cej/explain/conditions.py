"""The conditions of the allowance, one by one, and when each would change with time alone."""

import dataclasses
import datetime
import functools
from dataclasses import dataclass

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import declarations, french, names
from openfisca_cej.declarations import CONTRAT, SIGNATURE, VERSEMENT
from openfisca_cej.explain.anyone import NOBODY, nobody
from openfisca_cej.explain.lines import NOT_GIVEN, Reading, in_words
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.variants import Apart
from openfisca_cej.names import BIRTH
from openfisca_cej.population.months import months_after
from openfisca_cej.systems import remembered

MET, NOT_MET, UNKNOWN = "met", "not met", "unknown"
STATES = {MET: "remplie", NOT_MET: "non remplie", UNKNOWN: "inconnue"}

#: How far time is followed to see a condition change (months): past the longest contract.
HORIZON = 24


@dataclass(frozen=True)
class Condition:
    """A condition of the allowance in the month.

    ``state`` is met, not met, or unknown when inputs that were not supplied (``depends_on``,
    labels) may change it: ``assumed_met`` is then what it is as assumed. ``changes_on`` is the
    first day (ISO) on which it would change if nothing but time passed, empty if none is known.
    """

    variable: str
    label: str
    state: str
    assumed_met: bool
    depends_on: tuple[str, ...]
    detail: str
    changes_on: str

    @property
    def sentence(self) -> str:
        """The condition in French."""
        told = STATES[self.state]
        if self.state == UNKNOWN:
            told = f"supposée {STATES[MET if self.assumed_met else NOT_MET]}, à confirmer"
        text = f"{self.label} : {told}"
        if self.detail:
            text += f" ({self.detail})"
        if self.changes_on:
            text += f" ; change le {french.day(datetime.date.fromisoformat(self.changes_on))}"
        return text


def conditions(
    reading: Reading, month: Period, uncertain: dict[str, list[str]], ahead: Reading | None = None
) -> list[Condition]:
    """The conditions of the allowance for the person in the month.

    ``uncertain`` are the variables that inputs not supplied may change, with their labels;
    ``ahead`` reads the case in the months to come: that of the month, held, by default.
    """
    signed = reading.value(names.SIGNATURE, month) != NOT_GIVEN
    time = Time(reading, month, ahead)
    return [
        condition(reading, time, month, name, tuple(uncertain.get(name, ())))
        for who in (CONTRAT if signed else SIGNATURE, VERSEMENT)
        for name in declarations.conditions_de(who)
    ]


def held(situation: Situation, month: Period, months: int = HORIZON) -> Situation:
    """The case, its monthly facts held in the months to come where none is given.

    An answer about one month that is followed by none does not end with it; a decision does.
    """
    given = {(name, instance, moment) for name, _, instance, moment, _ in situation.values}
    facts = [
        (name, entity, instance, value)
        for name, entity, instance, moment, value in situation.values
        if moment == month and not declarations.question_de(name).ponctuel
    ]
    to_come = [months_after(month, ahead) for ahead in range(1, months + 1)]
    values = [
        (name, entity, instance, later, value)
        for name, entity, instance, value in facts
        for later in to_come
        if (name, instance, later) not in given
    ]
    return dataclasses.replace(situation, values=[*situation.values, *values])


def condition(
    reading: Reading, time: "Time", month: Period, name: str, depends_on: tuple[str, ...]
) -> Condition:
    """One condition; ``time`` says when it would change."""
    rule = declarations.CONDITIONS[name]
    met = rule.est_remplie(reading.value(name, month))
    state = UNKNOWN if depends_on else MET if met else NOT_MET
    detail = in_words(reading, name, month)
    changes = time.first_change(name) if rule.temps else ""
    return Condition(name, rule.libelle, state, met, depends_on, detail, changes)


class Time:
    """When conditions would change: the rules are asked month after month."""

    def __init__(self, reading: Reading, month: Period, ahead: Reading | None) -> None:
        self.reading, self.month = reading, month
        if ahead is not None:
            self.ahead = ahead
        situation = reading.situation if ahead is None else ahead.situation
        self.alone = len(situation.persons) == 1 and not situation.couples
        given = {name for name, *_ in (*situation.values, *reading.situation.values)}
        self.apart = Apart(reading.simulation, given)

    @functools.cached_property
    def ahead(self) -> Reading:
        """The case in the months to come, held."""
        to_come = held(self.reading.situation, self.month)
        return Reading(to_come, to_come.simulation(), self.reading.person)

    def first_change(self, name: str) -> str:
        """First day on which the condition would change, empty if it would not within reach.

        For ages the birthday itself is told. What rests on nothing that was given is the same for
        everyone.
        """
        if declarations.CONDITIONS[name].anniversaire:
            return birthday(self.reading, self.month)
        if self.alone and self.apart.holds(name, self.month):
            return change_for_anyone(self.reading.situation.system, name, self.month)
        return first_change(self.ahead, self.month, name)


@remembered
def change_for_anyone(system: TaxBenefitSystem, name: str, month: Period) -> str:
    """The same for someone of whom nothing is known."""
    situation = nobody(system)
    return first_change(Reading(situation, situation.simulation(), NOBODY), month, name)


def first_change(reading: Reading, month: Period, name: str) -> str:
    """The first day on which the condition is not what it is in the month."""
    rule = declarations.CONDITIONS[name]
    now = rule.est_remplie(reading.value(name, month))
    for ahead in range(1, HORIZON + 1):
        later = months_after(month, ahead)
        if rule.est_remplie(reading.value(name, later)) != now:
            return str(later.start)
    return ""


def birthday(reading: Reading, month: Period) -> str:
    """The birthday on which the condition of age changes, if the birth date is known."""
    birth = reading.value(BIRTH, month)
    if birth == NOT_GIVEN:
        return ""
    law = reading.situation.system.get_parameters_at_instant(month)
    public = law.contrat_engagement_jeune.public
    recognised = reading.value(names.DISABLED, month)
    limit = (public.age_maximum_rqth if recognised else public.age_maximum) + 1
    for age in (public.age_minimum, limit):
        day = anniversary(birth, age)
        if day > month.start.date:
            return day.isoformat()
    return ""


def anniversary(birth: datetime.date, age: int) -> datetime.date:
    """The day on which the person reaches the age (1 March for 29 February)."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return datetime.date(birth.year + age, 3, 1)
