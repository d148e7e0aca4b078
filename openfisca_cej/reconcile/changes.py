"""What could be otherwise in a case, one thing at a time: values to set, and how each is told.

What was not supplied takes the values by which its questions are tried (``explain.unknowns``);
what was supplied takes others. Each is told in a clause, after « si » and after "if".
"""

import operator
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import french, names
from openfisca_cej.base import ecart_degressivite
from openfisca_cej.declarations import question_de
from openfisca_cej.explain.lines import Reading, written
from openfisca_cej.explain.origins import Origins
from openfisca_cej.explain.resources import Effect, Treatment, is_resource, resources
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.sources import articles_on
from openfisca_cej.explain.unknowns import (
    AGES,
    TREATED_APART,
    Candidates,
    Unknown,
    born,
    default_of,
    in_arrays,
    other_values,
)
from openfisca_cej.names import RESULT
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import month_period
from openfisca_cej.systems import remembered

#: Kinds of changes, the likeliest first.
FAMILIES = (
    *("tier", "resources", "sanction", "benefit", "revaluation", "age", "place", "shift"),
    *("contract", "other"),
)

#: Values of one unknown that are tried: the first ones are the nearest to the month.
MOST_TRIALS = 6

#: Months on either side whose resources may have been counted instead.
NEAR = 3

#: What a suspension withholds, beside the least of the law: tenths.
RATES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

#: The tiers, after « si » and after "if".
TIERS = (
    ("le foyer fiscal n'était pas imposable", "the tax household paid no income tax"),
    (
        "le foyer fiscal était imposable, chaque part dans la première tranche du barème",
        "the tax household paid income tax, with every part within the first bracket",
    ),
    (
        "le foyer fiscal était imposable au-delà de la première tranche du barème",
        "the tax household paid income tax beyond the first bracket",
    ),
)

#: Where the amounts of a lump sum are, below the law.
LUMP_SUMS = tuple(
    f"contrat_engagement_jeune.montant_forfaitaire.{place}.{who}"
    for place in ("general", "mayotte")
    for who in ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
)
#: Months in which a revaluation may not have been applied yet.
RECENT = 12


Setting = tuple[str, tuple[Period, ...], Any]


@dataclass(frozen=True)
class Supposition:
    """Something of a case that would be otherwise.

    ``about`` is the variable whose articles say what it does; ``settings`` are inputs, periods and
    the value of each; ``moved`` are amounts (€) of ``about`` and what each would be; ``paid`` are
    the months that the payment is for, counted from the month asked.
    """

    family: str
    about: str
    fr: str
    en: str
    settings: tuple[Setting, ...] = ()
    moved: tuple[tuple[float, float], ...] = ()
    paid: tuple[int, ...] = (0,)

    @property
    def rank(self) -> tuple[int, float]:
        """The likelier, the lower."""
        # A suspension is one of the decisions that the question on them asks of.
        asked = self.settings[0][0] if self.family == "sanction" else self.about
        return FAMILIES.index(self.family), question_de(asked).rang

    def sets(self) -> set[tuple[str, Period]]:
        """What it sets, in which periods."""
        return {(name, moment) for name, moments, _ in self.settings for moment in moments}

    def goes_with(self, other: "Supposition") -> bool:
        """Whether both can be true together."""
        same_kind = self.family == other.family and (
            self.about == other.about or self.family == "shift"
        )
        return not (same_kind or self.sets() & other.sets())


@dataclass(frozen=True)
class Citation:
    """An article as it is cited, and the link to its version."""

    number: str
    href: str


@remembered
def treatments(system: TaxBenefitSystem, day: str) -> dict[str, Treatment]:
    """What each resource does to the allowance on a day."""
    return {one.name: one.at(day) for one in resources(system)}


def articles_of(system: TaxBenefitSystem, about: str, moment: Period) -> list[Citation]:
    """The articles that say what a variable does in a month."""
    treatment = treatments(system, str(moment.start)).get(about)
    if treatment is not None and treatment.article:
        return [Citation(treatment.article, treatment.link)]
    variable = system.get_variable(about, check_existence=True)
    return [Citation(one.cited, one.href) for one in articles_on(variable, moment.start.date)]


def changes(case: "CaseRead") -> list[Supposition]:
    """All that could be otherwise in a case, each once, the likeliest first."""
    found: dict[Hashable, Supposition] = {}
    for change in sorted(case.all(), key=lambda change: change.rank):
        found.setdefault((change.settings, change.moved, change.paid), change)
    return list(found.values())


class CaseRead:
    """A person of a situation in a month: what was read of it, supplied or not."""

    def __init__(self, situation: Situation, person: str, moment: Period) -> None:
        self.situation, self.person, self.moment = situation, person, moment
        self.system = situation.system
        simulation = situation.simulation(trace=True)
        simulation.calculate(RESULT, moment)
        self.reading = Reading(situation, simulation, person)
        origins = Origins(self.reading, moment)
        origins.visit(simulation.tracer.trees[0])
        self.periods: dict[str, tuple[Period, ...]] = {}
        for name, period in origins.found:
            self.periods[name] = (*self.periods.get(name, ()), period)
        self.candidates = Candidates(situation, person, moment)
        self.unknowns = self.candidates.all(origins.unsupplied())
        self.treated = treatments(self.system, str(moment.start))
        #: The months around: what lasts is changed in all of them.
        first = month_period(first_month(self.system)).start
        self.around = tuple(
            month for month in map(moment.offset, (-1, 0, 1)) if month.start >= first
        )

    def all(self) -> Iterator[Supposition]:
        """Every change, in no order."""
        yield from self.tiers()
        yield from self.resources()
        yield from self.suspensions()
        yield from self.revaluations(names.LUMP_SUM, names.LUMP_SUM, lump_sums)
        # The SMIC counts through what one divides by.
        yield from self.revaluations(names.INTERVAL, names.SMIC, intervals)
        yield from self.ages()
        yield from self.places()
        yield from self.shifts()
        for unknown in self.unknowns:
            yield from self.unknown(unknown)
        for name, moments in self.periods.items():
            for month in moments:
                yield from self.supplied(self.candidates.variable(name), month)

    def lasting(self, name: str) -> tuple[Period, ...]:
        """The periods of what lasts: those read, and the months around."""
        return tuple(dict.fromkeys([*self.periods.get(name, ()), *self.around]))

    def effect(self, name: str) -> Effect | None:
        """What a resource does, None for what is none."""
        treatment = self.treated.get(name)
        return None if treatment is None else treatment.effect

    # What most amounts depend on.

    def tiers(self) -> Iterator[Supposition]:
        """The other tiers of the foyer fiscal (D5131-19)."""
        items = self.candidates.variable(names.TIER).possible_values
        when = self.lasting(names.TIER)
        for item, (fr, en) in zip(items, TIERS, strict=True):
            setting = (names.TIER, when, item.name)
            yield Supposition("tier", names.LUMP_SUM, fr, en, (setting,))

    def ages(self) -> Iterator[Supposition]:
        """Other ages: a minor, an adult, beyond the limits."""
        for age in AGES[1:]:  # under sixteen, nobody signs
            fr = f"la personne avait {age} ans au 1er {french.month(self.moment)}"
            en = f"the person were {age} on the first of {self.moment}"
            setting = (names.BIRTH, (self.moment,), born(age, self.moment))
            yield Supposition("age", names.MINOR, fr, en, (setting,))

    def places(self) -> Iterator[Supposition]:
        """A home in Mayotte, or not there."""
        there = self.candidates.given(names.MAYOTTE)
        fr, en = "le logement était à Mayotte", "the home were in Mayotte"
        if there:
            fr, en = "le logement n'était pas à Mayotte", "the home were not in Mayotte"
        setting = (names.MAYOTTE, self.lasting(names.MAYOTTE), not there)
        yield Supposition("place", names.LUMP_SUM, fr, en, (setting,))

    def shifts(self) -> Iterator[Supposition]:
        """The payment of another month, or of two."""
        months = [self.moment.offset(shift) for shift in (-1, 1)]
        for shift, month in zip((-1, 1), months, strict=True):
            if month not in self.around:
                continue
            fr = f"le versement était celui {french.of(french.month(month))}"
            yield Supposition(
                "shift", names.LATE, fr, f"the payment were that of {month}", paid=(shift,)
            )
        if months[0] in self.around:
            both = " et ".join(french.month(month) for month in (months[0], self.moment))
            en = f"the payment were of {months[0]} and {self.moment} together"
            fr = f"le versement réunissait {both}"
            yield Supposition("shift", names.LATE, fr, en, paid=(-1, 0))

    def revaluations(
        self, about: str, told: str, amounts: Callable[[Any], list[float]]
    ) -> Iterator[Supposition]:
        """The amounts of before the last revaluation, when it is recent."""
        law = self.system.get_parameters_at_instant
        now = amounts(law(self.moment.start))
        for back in range(RECENT):
            month = self.moment.offset(-back)
            if month.offset(-1).start < month_period(first_month(self.system)).start:
                return
            before = amounts(law(month.offset(-1).start))
            if before != now:
                label = self.candidates.variable(told).label
                day = french.day(month.start.date)
                fr = f"« {label} » était encore celui d'avant le {day}"
                en = f"« {label} » were still that of before {month.start}"
                moved = tuple(zip(now, before, strict=True))
                yield Supposition("revaluation", about, fr, en, moved=moved)
                return

    # Resources.

    def resources(self) -> Iterator[Supposition]:
        """The resources that count, otherwise: of another month, of another kind, not counted."""
        counted = [
            name for name in self.periods if self.effect(name) in (Effect.PARTLY, Effect.DEDUCTED)
        ]
        for name in counted:
            yield from self.resource(self.candidates.variable(name), self.periods[name])
        for shift in (-1, 1):
            settings = tuple(
                (name, (month,), self.candidates.given(name, month.offset(shift)) or 0.0)
                for name in counted
                for month in self.periods[name]
                if self.given_ever(name)
            )
            if len(settings) > 1:
                whose = french.of(french.month(settings[0][1][0].offset(shift)))
                fr = f"les ressources comptées étaient celles {whose}"
                en = f"the resources counted were those of {settings[0][1][0].offset(shift)}"
                yield Supposition("resources", settings[0][0], fr, en, settings)

    def given_ever(self, name: str) -> bool:
        """Whether an amount was given for some month."""
        return self.candidates.ever_given(name)

    def resource(self, variable: Variable, counted: tuple[Period, ...]) -> Iterator[Supposition]:
        """One resource, otherwise."""
        last, name, label = counted[-1], variable.name, f"« {variable.label} »"
        now = self.candidates.given(name, last) or 0.0
        for month, value in self.months_of(variable, last):
            if value and value != now:
                whose = french.of(french.month(month))
                fr = f"{label} compté était celui {whose} ({french.euros(value)})"
                en = f"{label} counted were that of {month} ({value:.2f} €)"
                yield Supposition("resources", name, fr, en, ((name, counted, value),))
            if value and now and abs(months_between(last, month)) == 1:
                both = round(value + now, 2)
                whose = french.listed([french.of(french.month(one)) for one in (last, month)], "et")
                fr = f"{label} compté était celui {whose} ensemble ({french.euros(both)})"
                en = f"{label} counted were that of {last} and {month} together ({both:.2f} €)"
                yield Supposition("resources", name, fr, en, ((name, counted, both),))
        if not now:
            return
        when = french.of(french.month(last))
        fr = f"{label} {when} ({french.euros(now)}) n'était pas compté"
        en = f"{label} of {last} ({now:.2f} €) were not counted"
        yield Supposition("resources", name, fr, en, ((name, counted, 0.0),))
        whole = self.effect(name) is Effect.PARTLY
        other = names.UNEMPLOYMENT if whole else names.WAGE
        more = (self.candidates.given(other, last) or 0.0) + now
        how = "entièrement déduit" if whole else "compté comme un salaire"
        fr = f"{label} {when} ({french.euros(now)}) était {how}"
        en = f"{label} of {last} ({now:.2f} €) were "
        en += "deducted in whole" if whole else "counted as a wage"
        settings = ((name, counted, 0.0), (other, counted, more))
        yield Supposition("resources", other, fr, en, settings)

    def months_of(self, variable: Variable, near: Period) -> list[tuple[Period, float]]:
        """The amounts of the person for the months around one, the nearest month first."""
        instance = self.situation.group_of(self.person, variable.entity)
        found = [
            (month, value)
            for name, _, whose, month, value in self.situation.values
            if name == variable.name and whose == instance and month.unit == DateUnit.MONTH
            if 0 < abs(months_between(near, month)) <= NEAR
        ]
        return sorted(found, key=lambda one: abs(months_between(near, one[0])))

    # Decisions.

    def suspensions(self) -> Iterator[Supposition]:
        """A suspension for failings, decided in the month (since June 2025)."""
        scale = self.candidates.law.sanctions.bareme_2025
        if not scale.en_vigueur or self.candidates.given(names.DECISION):
            return
        for rate in (scale.manquement.premier.taux_min, *RATES):
            fr = f"une suspension de {french.trimmed(100 * rate, 1)} % avait effet ce mois-ci"
            en = f"a suspension of {100 * rate:.0f} % were in effect in the month"
            yield Supposition("sanction", names.LIFTED, fr, en, suspension(rate, self.moment))

    # All the rest.

    def unknown(self, unknown: Unknown) -> Iterator[Supposition]:
        """What was not supplied, at the values by which its question is tried."""
        name = unknown.variable
        effect = self.effect(name)
        if name in APART or effect in (Effect.PARTLY, Effect.DEDUCTED):
            return
        for trial in unknown.trials[:MOST_TRIALS]:
            _, moments, value = trial.settings[0]
            if value == FAILINGS:
                continue
            told = f"reçu {trial.told}" if effect else trial.told
            if unknown.is_resource:
                told = f"reçu en {french.month(moments[0])}"
            yield self.other(self.candidates.variable(name), told, tuple(trial.settings))

    def supplied(self, variable: Variable, month: Period) -> Iterator[Supposition]:
        """What was supplied, at other values; amounts and dates, not given."""
        name = variable.name
        now = self.candidates.given(name, month)
        counts = self.effect(name) in (Effect.PARTLY, Effect.DEDUCTED)
        if now is None or name in APART or counts or variable.definition_period == DateUnit.YEAR:
            return
        default = default_of(variable)
        values = [default]
        if not is_resource(variable) and variable.value_type in (bool, int, Enum):
            values += other_values(variable)
        for value in dict.fromkeys(values):
            if value != now:
                told = "non reçu" if is_resource(variable) else written(value, variable)
                yield self.other(variable, told, ((name, (month,), in_arrays(value)),))

    def other(self, variable: Variable, told: str, settings: tuple[Setting, ...]) -> Supposition:
        """A change told by the label of its variable; in English, by what it sets."""
        name, family = variable.name, self.family(variable.name)
        values = (f"{one} = {shown(value)} ({span(moments)})" for one, moments, value in settings)
        fr = f"« {variable.label} » : {told}"
        if name in SENTENCES:
            fr = SENTENCES[name].format(told)
        if name in NOT_GIVEN and settings[0][2] == in_arrays(default_of(variable)):
            fr = NOT_GIVEN[name]
        return Supposition(family, name, fr, f"« {name} »: {', '.join(values)}", settings)

    def family(self, name: str) -> str:
        """The kind of a change of this variable."""
        if name.startswith(SANCTIONS):
            return "sanction"
        if name == names.DISABLED:
            return "age"
        # What the article on benefits names: they, and what keeps the allowance with them.
        references = (self.candidates.variable(one).reference for one in (name, names.NO_RSA))
        if self.effect(name) in (Effect.EXCLUDES, Effect.SUSPENDS) or operator.eq(*references):
            return "benefit"
        return "contract" if name.startswith("cej_") else "other"


#: How a decision names failings.
FAILINGS = "manquement"

#: Clauses of their own, in French.
SENTENCES = {
    names.FAILING: "un manquement était notifié ({})",
    names.DECISION: "une sanction avait effet ({})",
}

#: Clauses of dates that would not be given, in French.
NOT_GIVEN = {
    names.SIGNATURE: "un autre contrat avait été signé ce mois-ci",
    names.END: "le contrat n'avait pas pris fin avant son terme",
    names.WRITTEN_END: "le contrat était écrit pour douze mois",
}

#: How the inputs of sanctions begin.
SANCTIONS = (names.FAILING, "cej_sanction_")

#: Inputs that are told by another change: the tier, the age and the home.
APART = frozenset(
    {
        *(names.TIER, names.FOYER_TIER, names.BIRTH, names.AGE, names.MAYOTTE),
        *(TREATED_APART - {names.FAILING, names.DECISION, names.LIFTED}),
    }
)


def suspension(rate: float, moment: Period) -> tuple[Setting, ...]:
    """A suspension for failings that takes effect in a month."""
    when = (moment,)
    return ((names.DECISION, when, FAILINGS), (names.WITHHELD_BY_DECISION, when, rate))


def lump_sums(law: Any) -> list[float]:
    """The lump sums of a law in force (€)."""
    return [float(operator.attrgetter(path)(law)) for path in LUMP_SUMS]


def intervals(law: Any) -> list[float]:
    """What one divides a lump sum by (€), with the SMIC and with that of Mayotte."""
    scale = law.contrat_engagement_jeune.ressources.degressivite
    smics = law.marche_travail.salaire_minimum.smic.smic_b_mensuel, scale.smic_mayotte
    return [float(ecart_degressivite(scale.part_smic, smic, scale.abattement)) for smic in smics]


def months_between(first: Period, last: Period) -> int:
    """Months from one to another."""
    years = last.start.year - first.start.year
    return int(12 * years + last.start.month - first.start.month)


def shown(value: Any) -> str:
    """A value as it is written in a situation."""
    if isinstance(value, bool | numpy.bool_):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def span(moments: Sequence[Period]) -> str:
    """The periods of a setting: one, or the first and the last."""
    starts = sorted(str(moment).lower() for moment in moments)
    return "…".join(dict.fromkeys([starts[0], starts[-1]]))
