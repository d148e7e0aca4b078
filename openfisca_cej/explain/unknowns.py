"""What is not known of a case: the inputs that were not supplied, and what each may be.

Each is given the values that show all that it can do: both answers of a question, every item of
an enumeration, no resource or a very large one, since the amount never rises with a resource.
"""

import datetime
import functools
import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period, period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import base, declarations, french
from openfisca_cej.dependencies import reached, words
from openfisca_cej.explain.asking import NO_DATE, asking
from openfisca_cej.explain.lines import written
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.variants import Variants
from openfisca_cej.names import AGE, BIRTH, FOYER_TIER, SIGNATURE, TIER
from openfisca_cej.population.lean import COUPLE, NOTICES
from openfisca_cej.population.months import months_after
from openfisca_cej.systems import remembered

#: A resource that leaves nothing of any allowance (€/month), an income beyond the first bracket.
LARGE = 10_000.0
LARGE_INCOME = 1_000_000.0

#: Where the home may be: at most one of these is true.
PLACES = (
    *("residence_mayotte", "residence_guadeloupe", "residence_guyane"),
    *("residence_martinique", "residence_reunion"),
)

#: The place whose reduction of the income tax is the largest: no other frees more foyers of it.
LEAST_TAXED = "residence_guyane"

#: Numbers of parts tried when it is not known.
PARTS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0)

#: Ages tried when the birth date is not known: under 16, minor, of age, past 26 and past 30.
AGES = (15, 17, 20, 27, 31)

#: Both answers to a question whose own is deduced.
YES_NO = {"oui": True, "non": False}

#: Foyers whose tiers are remembered at most.
MOST_KNOWN = 1_000

#: Length of a sanction, in months.
DURATION = "cej_sanction_duree"

#: Inputs whose unknown is told by another question, or read only where an event was supplied.
TREATED_APART = frozenset(
    {
        *(BIRTH, AGE, TIER, FOYER_TIER, "cej_rni_autonome"),
        *("rni", "nbptr", "maries_ou_pacses", "reductions", "credits_impot"),
        "cej_impot_restant_a_payer",
        *("cej_rang_manquement", "cej_sanction_motif", "cej_sanction_levee"),
        *base.PRESUMEES.values(),
    }
)


@dataclass(frozen=True)
class Trial:
    """A value that an unknown may take: what to set where, and how it is told."""

    told: str
    settings: tuple[tuple[str, tuple[Period, ...], Any], ...]

    def __hash__(self) -> int:
        return self.code

    @functools.cached_property
    def code(self) -> int:
        """Its hash: nobody changes it."""
        return hash((self.told, self.settings))

    @functools.cached_property
    def sets(self) -> frozenset[str]:
        """The variables that it changes by itself."""
        given = {name for name, _, _ in self.settings}
        return frozenset(given | {NOTICES[name] for name in given & NOTICES.keys()})


@dataclass
class Unknown:
    """An input that was not supplied. ``trials`` are values other than ``assumed``.

    ``is_untried``: nothing tells which values would show what it can do, so that no answer is
    certain. ``amounts`` (€) are what the allowance would be at each trial, everything else as
    assumed.
    """

    input: Variable
    instance: str
    question: str
    help: str
    assumed: str
    trials: list[Trial]
    is_resource: bool = False
    is_untried: bool = False
    amounts: list[float] = field(default_factory=list)
    matters: bool = False

    @property
    def variable(self) -> str:
        """Name of the input."""
        return str(self.input.name)

    @property
    def label(self) -> str:
        """Label of the input."""
        return str(self.input.label)

    @property
    def short(self) -> str:
        """The input in a few words, empty where none are declared."""
        return declarations.question_de(self.variable).bref

    @property
    def rank(self) -> float:
        """Which question comes first of those that would tell as much."""
        return declarations.question_de(self.variable).rang

    @property
    def periods(self) -> list[Period]:
        """The periods in which its trials set something."""
        settings = (setting for trial in self.trials for setting in trial.settings)
        return [period for _, periods, _ in settings for period in periods]

    def why(self, assumed: float) -> str:
        """Why it matters: what the amount may be with its answer alone."""
        amounts = sorted({assumed, *self.amounts})
        if len(amounts) == 1:
            return "Elle compte avec une autre réponse qui manque."
        ends = " à ".join(french.euros(amount) for amount in (amounts[0], amounts[-1]))
        return f"Selon la réponse, l'allocation va de {ends}."

    def spread(self, assumed: float) -> float:
        """How much the answer varies with this input alone (€)."""
        amounts = [assumed, *self.amounts]
        return max(amounts) - min(amounts)

    def to_json(self, assumed: float) -> dict[str, Any]:
        """The unknown as JSON."""
        effects = [{"value": self.assumed, "amount": assumed, "assumed": True}]
        effects += [
            {"value": trial.told, "amount": amount, "assumed": False}
            for trial, amount in zip(self.trials, self.amounts, strict=True)
        ]
        return {
            "variable": self.variable,
            "label": self.label,
            "question": self.question,
            "help": self.help,
            "why": self.why(assumed),
            **asking(self.input, self.instance, self.periods),
            "monotone": self.is_resource,
            "values": effects,
        }


#: The last month in which somebody entered the garantie jeunes: the contract came after it.
LAST_ENTRY = numpy.datetime64("2022-02-01", "D")


class Candidates:
    """The unknowns of a case, and the values at which each is tried."""

    def __init__(self, situation: Situation, person: str, moment: Period) -> None:
        self.situation = situation
        self.system = situation.system
        self.person = person
        self.moment = moment
        self.law = self.system.get_parameters_at_instant(moment).contrat_engagement_jeune
        self.before = [months_after(moment, -back) for back in range(1, 25)]

    def variable(self, name: str) -> Variable:
        """The variable of this name."""
        return self.system.variables[name]

    def given(self, name: str, moment: Period | None = None) -> Any:
        """The value supplied for the period, None where there is none."""
        variable = self.variable(name)
        found = self.situation.given_for(variable, self.person, moment or self.moment)
        if found is None and name == COUPLE:
            instance = self.situation.group_of(self.person, variable.entity)
            return True if instance in self.situation.couples else None
        return None if found is None else found.value

    def not_given(self, name: str, months: Sequence[Period]) -> list[Period]:
        """The months for which no value was supplied."""
        if not self.ever_given(name):
            return list(months)
        return [moment for moment in months if self.given(name, moment) is None]

    def ever_given(self, name: str) -> bool:
        """Whether a value was supplied for any period."""
        return bool(self.situation.given(self.variable(name), self.person))

    def all(self, read: Iterable[tuple[str, Period]]) -> list[Unknown]:
        """The unknowns: what was read without being supplied, and what could have happened."""
        moments: dict[str, list[Period]] = {}
        for name, moment in read:
            if not (name in PLACES and self._lives_overseas(moment)):
                moments.setdefault(name, []).append(moment)
        unknowns = [self._birth(), *self._taxes(), *self._contract(moments), *self._events()]
        treated = {unknown.variable for unknown in unknowns if unknown} | TREATED_APART
        unknowns += [
            self._plain(self.variable(name), tuple(read_in))
            for name, read_in in moments.items()
            if name not in treated
        ]
        unknowns += self._counted({unknown.variable for unknown in unknowns if unknown})
        return [
            unknown for unknown in unknowns if unknown and (unknown.trials or unknown.is_untried)
        ]

    def _counted(self, asked: set[str]) -> list[Unknown]:
        """The incomes given under a name that is not read, where the net amount was not given."""
        names = {
            name
            for name, instance, moment in self.situation.counted
            if instance == self.person and self._may_count(name, moment)
        }
        window = (self.moment, *self.before[: int(self.law.ressources.nombre_mois)])
        return [
            Unknown(
                self.variable(name),
                self.person,
                *question_of(self.variable(name), window[-1]),
                "0 €",
                [Trial(f"{french.number(LARGE, 0)} €", ((name, window, LARGE),))],
                is_resource=True,
            )
            for name in sorted(names - asked)
        ]

    def _may_count(self, name: str, moment: Period) -> bool:
        """Whether an income of a period may be one of a month that counts, and its net is not."""
        window = (self.moment, *self.before[: int(self.law.ressources.nombre_mois)])
        return any(
            (moment.contains(month) or month.contains(moment)) and not self.given(name, month)
            for month in window
        )

    def _unknown(
        self,
        name: str,
        assumed: str,
        trials: Sequence[Trial],
        about: Period | None = None,
    ) -> Unknown:
        variable = self.variable(name)
        if about is None:
            about = trials[0].settings[0][1][0] if trials else self.moment
        if about.unit != variable.definition_period:
            about = self.moment
        question, help_ = question_of(variable, about)
        instance = self.situation.group_of(self.person, variable.entity)
        return Unknown(variable, instance, question, help_, assumed, list(trials))

    def _plain(self, variable: Variable, moments: tuple[Period, ...]) -> Unknown:
        """An input read by the rules: its other values."""
        known = plain(self.system, variable.name, moments, self.moment)
        instance = self.situation.group_of(self.person, variable.entity)
        return Unknown(**{**vars(known), "instance": instance, "amounts": []})

    def _lives_overseas(self, moment: Period) -> bool:
        """Whether a place was given in the month: the home is in no other."""
        return any(self.given(place, moment) for place in PLACES)

    def _birth(self) -> Unknown | None:
        """The birth date, unless it or the age of the month is known."""
        if self.ever_given(BIRTH) or self.given(AGE) is not None:
            return None
        if self.ever_given(AGE):
            return self._age()
        trials = [
            Trial(f"{age} ans", ((BIRTH, (self.moment,), born(age, self.moment)),)) for age in AGES
        ]
        return self._unknown(BIRTH, "non donnée", trials)

    def _age(self) -> Unknown:
        """The age in the month, when it was given for another one: a birthday may lie between."""
        variable = self.variable(AGE)
        possible = {
            item.value + years
            for item in self.situation.given(variable, self.person)
            for years in years_between(item.period, self.moment)
        }
        trials = [Trial(f"{age} ans", ((AGE, (self.moment,), age),)) for age in sorted(possible)]
        return self._unknown(AGE, "d'après l'âge donné", trials)

    def _taxes(self) -> list[Unknown]:
        """The tier of the foyer fiscal, where what is known leaves it open; that of the youth.

        In the month, and in the one of the signature, whose tier a lump sum not revised keeps.
        """
        unknowns: list[Unknown] = []
        autonomy = self.given("cej_autonomie_fiscale")
        for year, months in self._notices(self._months_of(TIER, FOYER_TIER)).items():
            unknowns.append(self._tier(year, months))
        for year, months in self._notices(self._months_of(TIER)).items():
            if self.given("cej_rni_autonome", year) is None and autonomy is not False:
                variable = self.variable("cej_rni_autonome")
                trials = [
                    Trial(f"{french.number(rni, 0)} €", ((variable.name, (year,), rni),))
                    for rni in (*self._limits(months), LARGE_INCOME)
                ]
                unknowns.append(self._unknown(variable.name, "0 €", trials))
        return unknowns

    def _limits(self, months: list[Period]) -> list[float]:
        """Upper limits (€ per part) of the first bracket in these months, each once."""
        return sorted({first_bracket_limit(self.system, month) for month in months})

    def _months_of(self, *names: str) -> list[Period]:
        """The months whose tier counts, except those in which one of these is given."""
        months = [self.moment]
        signed = self.given(SIGNATURE)
        if signed is not None and self.given("cej_forfait_non_revise") is not False:
            month = period(signed[:7])
            if period("2022-03").start <= month.start < self.moment.start:
                months.append(month)
        return [month for month in months if all(self.given(name, month) is None for name in names)]

    def _notices(self, months: list[Period]) -> dict[Period, list[Period]]:
        """Years of the tax notices that count in these months, with the months of each."""
        notices: dict[Period, list[Period]] = {}
        for month in months:
            notices.setdefault(notice_year(self.system, month), []).append(month)
        return notices

    def _tier(self, year: Period, months: list[Period]) -> Unknown:
        """The tiers that the tax inputs which are not known allow, besides the assumed ones.

        One tier for each of the months that the notice counts in: a limit or a home may differ.
        """
        assumed, others = self._tiers_allowed(year, months)
        trials = [
            Trial(
                self._tiers_told(tiers),
                tuple(
                    (FOYER_TIER, (month,), self._tier_item(tier).name)
                    for month, tier in zip(months, tiers, strict=True)
                ),
            )
            for tiers in others
        ]
        return self._unknown(FOYER_TIER, self._tiers_told(assumed), trials, about=months[0])

    def _tiers_allowed(
        self, year: Period, months: list[Period]
    ) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
        """The tiers of the foyer in these months as assumed, and the others that may be.

        They are remembered of someone alone of whom nothing else is said than yes or no.
        """
        read_by_tier = reached(self.system, FOYER_TIER)
        said = [item for item in self.situation.supplied if item.variable in read_by_tier]
        alone = len(self.situation.persons) == 1 and not self.situation.couples
        if said and not (alone and all(isinstance(item.value, bool) for item in said)):
            return self._tiers_tried(year, months)
        known = tiers_known(self.system)
        key = (*months, frozenset((item.variable, item.period, item.value) for item in said))
        if key not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[key] = self._tiers_tried(year, months)
        return known[key]

    def _tiers_tried(
        self, year: Period, months: list[Period]
    ) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
        """The same, each combination of the tax inputs that are not known being tried."""
        parts = max(self.given("nbptr", year) or 1, 1)
        values: dict[str, tuple[Any, ...]] = {
            "rni": (0.0, *(limit * parts for limit in self._limits(months)), LARGE_INCOME),
            "nbptr": PARTS,
            "maries_ou_pacses": (False, True),
            "reductions": (0.0, LARGE_INCOME),
            "credits_impot": (0.0, LARGE_INCOME),
        }
        axes: list[list[tuple[str, tuple[Period, ...], Any]]] = [
            [(name, (year,), value) for value in tried]
            for name, tried in values.items()
            if self.given(name, year) is None
        ]
        homes = tuple(month for month in months if not self._home_is_known(month))
        if axes and homes:
            axes.append([(LEAST_TAXED, homes, value) for value in (False, True)])
        copies = list(itertools.product(*axes))
        variants = Variants(self.situation, len(copies))
        for rank, axis in enumerate(axes):
            for name, when, value in axis:
                chosen = numpy.array([copy[rank][2] == value for copy in copies])
                variants.put(name, self.person, when, chosen, value)
        assumed = self._tiers(Variants(self.situation, 1), months)[0]
        return assumed, sorted(set(self._tiers(variants, months)) - {assumed})

    def _home_is_known(self, month: Period) -> bool:
        """Whether it is known if the home is where the income tax is the most reduced."""
        return self._lives_overseas(month) or self.given(LEAST_TAXED, month) is not None

    def _tiers(self, variants: Variants, months: list[Period]) -> list[tuple[int, ...]]:
        """The tiers of the foyer in each of these months, by copy."""
        found = [variants.calculate(FOYER_TIER, month, self.person).tolist() for month in months]
        return list(zip(*found, strict=True))

    def _tier_item(self, tier: int) -> Any:
        return list(self.variable(TIER).possible_values)[tier]

    def _tiers_told(self, tiers: tuple[int, ...]) -> str:
        """The tier of the month, and that of the signature where it is another."""
        first, *others = [str(self._tier_item(tier).value) for tier in tiers]
        other = [f"{label[0].lower()}{label[1:]}" for label in others if label != first]
        return f"{first} ({other[0]} à la signature)" if other else first

    def _contract(self, read: dict[str, list[Period]]) -> list[Unknown]:
        """Dates of the contract and of what came before it."""
        unknowns = []
        now, ever = (self.moment,), self.moment
        if not self.ever_given(SIGNATURE):
            tried = {
                "au début du mois": self._first_day(0),
                "le mois d'avant": self._first_day(-1),
                "il y a onze mois": self._first_day(-11),
                "il y a trente mois": self._first_day(-30),
                "plus tard": self._first_day(2),
            }
            trials = [Trial(told, ((SIGNATURE, now, day),)) for told, day in tried.items()]
            unknowns.append(self._unknown(SIGNATURE, "signature supposée ce mois-ci", trials))
        # A contract that really ended on a day had run until then, whatever was planned.
        planned = {} if self.ever_given("cej_date_fin") else {"le mois d'avant": -1}
        for name, months in (
            ("cej_date_fin_prevue", planned),
            ("cej_date_fin", {"le mois d'avant": -1, "dans six mois": 6}),
            ("cej_date_dossier_complet", {"dans six mois": 6}),
            ("cej_parcours_date_fin", {"ce mois-ci": 0}),
        ):
            if not self.ever_given(name):
                trials = [
                    Trial(told, ((name, now, self._first_day(shift)),))
                    for told, shift in months.items()
                ]
                unknowns.append(self._unknown(name, "non donnée", trials))
        unknowns += self._previous_contract()
        if not self.ever_given("cej_garantie_jeunes_beneficiaire"):
            trial = Trial("oui", (("cej_garantie_jeunes_beneficiaire", now, True),))
            unknowns.append(self._unknown(trial.settings[0][0], "non", [trial]))
        for name, day in (
            ("cej_garantie_jeunes_date_entree", min(self._first_day(-3), LAST_ENTRY)),
            ("cej_garantie_jeunes_date_fin", self._first_day(1)),
            ("cej_garantie_jeunes_date_fin", self._first_day(-1)),
            ("cej_parcours_date_debut", self._first_day(1)),
        ):
            if name in read and not self.ever_given(name):
                trial = Trial("donnée", ((name, (ever,), day),))
                unknowns.append(self._unknown(name, "non donnée", [trial]))
        return unknowns

    def _previous_contract(self) -> list[Unknown]:
        """When a previous contract may have ended: last month, and not after the signature."""
        name = "cej_date_fin_precedent"
        if self.ever_given(name):
            return []
        told, ended = "le mois d'avant", self._first_day(-1)
        signed = self.given(SIGNATURE)
        if signed not in (None, NO_DATE) and numpy.datetime64(signed, "D") < ended:
            told, ended = "le jour de la signature", numpy.datetime64(signed, "D")
        trials = [Trial(told, ((name, (self.moment,), ended),))]
        return [self._unknown(name, "non donnée", trials)]

    def _first_day(self, shift: int) -> numpy.datetime64:
        return numpy.datetime64(str(months_after(self.moment, shift).start), "D")

    def _events(self) -> list[Unknown]:
        """What may have happened in this month or before: sanctions, premiums, payments."""
        unknowns = [self._sanctions_2022(), self._sanctions_2025(), self._lifted()]
        since = [moment for moment in self.before if self._in_contract(moment)]
        unknowns += self._activity_bonus(since)
        name = "cej_versement_conservatoire"
        paid = tuple(m for m in since if self.given(name, m) is None)
        if self.ever_given("cej_date_dossier_complet"):
            trials = [Trial("trois mois plus tôt", ((name, paid[-3:], True),))] if paid else []
            if self.given(name) is None:
                trials.append(Trial("ce mois-ci", ((name, (self.moment,), True),)))
            unknowns.append(self._unknown(name, "non", trials))
        return [unknown for unknown in unknowns if unknown]

    def _activity_bonus(self, since: list[Period]) -> Iterator[Unknown]:
        """A prime d'activité in this month or in those of the contract, and what it was due for.

        Each opening is tried apart: one that ran already before the contract may be cumulated.
        """
        earlier = self.not_given("ppa", since)
        tried = {"plus tôt dans le contrat": tuple(earlier), "le mois d'avant": tuple(earlier[:1])}
        if self.given("ppa") is None:
            tried = {"ce mois-ci": (self.moment,), **tried}
        trials = [
            Trial(told, (("ppa", months, LARGE),)) for told, months in tried.items() if months
        ]
        yield self._unknown("ppa", "aucune", trials)
        name = "ppa_activite_anterieure"
        paid = tuple(
            moment
            for moment in [self.moment, *since]
            if base.positif(self.given("ppa", moment) or 0) and self.given(name, moment) is None
        )
        if paid:
            trials = [Trial(told, ((name, paid, value),)) for told, value in YES_NO.items()]
            yield self._unknown(name, "d'après les mois où elle courait", trials)

    def _lifted(self) -> Unknown | None:
        """Whether a suspension that was decided has been lifted since."""
        name = "cej_sanction_levee"
        decided = [
            moment
            for moment in [self.moment, *self.before]
            if self.given("cej_sanction_motif", moment) == "manquement"
        ]
        if not decided:
            return None
        first = min(decided, key=lambda moment: moment.start)
        open_months = [
            moment
            for moment in [self.moment, *self.before]
            if moment.start > first.start and self.given(name, moment) is None
        ]
        trials = [Trial(f"en {french.month(m)}", ((name, (m,), True),)) for m in open_months]
        return self._unknown(name, "non", trials)

    def _in_contract(self, moment: Period) -> bool:
        signed = self.given(SIGNATURE)
        # A signature answered « not yet » (the date that stands for none) opens no contract.
        return signed not in (None, NO_DATE) and str(moment.start)[:7] >= signed[:7]

    def _may_break(self, moment: Period) -> bool:
        """Whether a failing of the month may be one of the contract, dated or not."""
        if self.given(SIGNATURE) not in (None, NO_DATE):
            return self._in_contract(moment)
        longest: int = self.law.contrat.duree_maximale
        return bool(moment.start >= months_after(self.moment, -longest).start)

    def _sanctions_2022(self) -> Unknown | None:
        """A failing notified before, under the scale of 2022."""
        name = "cej_rang_manquement"
        months = self.not_given(name, self.before)
        months = [moment for moment in months if in_force(self.system, "bareme_2022", moment)]
        last = [moment for moment in months if moment == self.before[0]]
        trials = [
            Trial(f"rang {rank}, notifié le mois d'avant", ((name, tuple(last), rank),))
            for rank in (1, 2, 3)
            if last
        ]
        trials += [
            Trial(f"rang 3, notifié en {french.month(moment)}", ((name, (moment,), 3),))
            for moment in months
            if moment not in last and self._may_break(moment)
        ]
        previous = self.given("cej_date_fin_precedent")
        if previous:
            trials += [
                Trial(f"rang 3, notifié en {french.month(moment)}", ((name, (moment,), 3),))
                for moment in months
                if str(moment.start)[:7] <= previous[:7]
            ][:1]
        return self._unknown(name, "aucun", trials) if trials else None

    def _sanctions_2025(self) -> Unknown | None:
        """A decision under the scale of 2025, acting in the month or counting for another."""
        if not in_force(self.system, "bareme_2025", self.moment):
            return None
        name = "cej_sanction_motif"
        motifs = [item.name for item in self.variable(name).possible_values][1:]
        trials = []
        if self.given(name) is None:
            trials += [
                Trial(
                    f"{self.motif(motif)}, ce mois-ci",
                    ((name, (self.moment,), motif),),
                )
                for motif in motifs
            ]
        # Whether a decision is the first depends on those before, and so does theirs.
        delay = self.law.sanctions.bareme_2025.delai_reiteration
        earlier = [months_after(self.moment, -back) for back in range(1, 2 * delay + 1)]
        open_months = self.not_given(name, earlier)
        open_months = [m for m in open_months if in_force(self.system, "bareme_2025", m)]
        year_before = months_after(self.moment, -12)
        longest = [m for m in open_months if m.start > year_before.start]
        trials += [
            Trial(
                f"{self.motif('fraude')}, en {french.month(m)}",
                ((name, (m,), "fraude"), (DURATION, (m,), 12)),
            )
            for m in longest[:1]
        ]
        known = {self.given(name, m) for m in [self.moment, *earlier] if self.given(name, m)} - {
            "aucun"
        }
        trials += [
            Trial(f"{self.motif(motif)}, en {french.month(m)}", ((name, (m,), motif),))
            for motif in sorted(known)
            for m in open_months
        ]
        return self._unknown(name, "aucune", trials) if trials else None

    def motif(self, name: str) -> str:
        """Label of the motif of a sanction."""
        return str(self.variable("cej_sanction_motif").possible_values[name].value)


@remembered
def in_force(system: TaxBenefitSystem, scale: str, moment: Period) -> bool:
    """Whether a scale of sanctions applies to the decisions of a month."""
    if str(moment.start) < "2022-03-01":
        return False
    law = system.get_parameters_at_instant(moment).contrat_engagement_jeune
    return bool(law.sanctions[scale].en_vigueur)


def born(age: int, moment: Period) -> numpy.datetime64:
    """The birth date of someone of this age on the first day of a month, far from a birthday."""
    birthday = moment.start.date.replace(year=moment.start.year - age)
    return numpy.datetime64(birthday - datetime.timedelta(days=180), "D")


@remembered
def plain(
    system: TaxBenefitSystem, name: str, moments: tuple[Period, ...], moment: Period
) -> Unknown:
    """An input read in some periods, of nobody in particular, that matters to a month."""
    variable = system.variables[name]
    if variable.definition_period == DateUnit.ETERNITY:
        moments = moments[:1]
    assumed, resource = written(default_of(variable), variable), is_amount(variable)
    if resource:
        assumed += " €"
        trials = [Trial(f"{french.number(LARGE, 0)} €", ((name, moments, LARGE),))]
    else:
        trials = [
            Trial(written(value, variable), ((name, moments, in_arrays(value)),))
            for value in other_values(variable)
        ]
    about = moments[0] if trials and moments[0].unit == variable.definition_period else moment
    question, help_ = question_of(variable, about)
    return Unknown(variable, "", question, help_, assumed, trials, resource, not trials)


#: Tiers as assumed, and the others that may be, by what is known.
TiersKnown = dict[Hashable, tuple[tuple[int, ...], list[tuple[int, ...]]]]


@remembered
def tiers_known(system: TaxBenefitSystem) -> TiersKnown:
    """The tiers that a foyer may have, by the months that count and what is said of it."""
    return {}


def notice_year(system: TaxBenefitSystem, moment: Period) -> Period:
    """The year of the incomes of the tax notice that counts in the month."""
    return base.annee_de_l_avis(moment, system.get_parameters_at_instant)


def first_bracket_limit(system: TaxBenefitSystem, moment: Period) -> float:
    """Upper limit (€ per part) of the first taxed bracket, in the month."""
    return float(base.limite_premiere_tranche(moment, system.get_parameters_at_instant))


def years_between(given: Period, moment: Period) -> tuple[int, int]:
    """Birthdays between the month of a given age and another one: fewest and most."""
    months = 12 * (moment.start.year - given.start.year) + moment.start.month - given.start.month
    return months // 12, -(-months // 12)


def question_of(variable: Variable, moment: Period, to_come: bool = False) -> tuple[str, str]:
    """The question that asks for the variable in the period, and its help."""
    asked = declarations.question_sur(variable.name, moment, to_come)
    return asked.texte or f"{variable.label} ?", asked.aide


def default_of(variable: Variable) -> Any:
    """The default of a variable, items by name."""
    default = variable.default_value
    return default.name if variable.value_type is Enum else default


def in_arrays(value: Any) -> Any:
    """A value as arrays hold it."""
    return numpy.datetime64(value, "D") if isinstance(value, datetime.date) else value


def other_values(variable: Variable) -> list[Any]:
    """Values that show what an input of this kind can do, besides its default."""
    if variable.value_type is Enum:
        return [item.name for item in variable.possible_values if item != variable.default_value]
    if variable.value_type is bool:
        return [not variable.default_value]
    asked = declarations.question_de(variable.name)
    if asked.essais:
        of_dates = variable.value_type is datetime.date
        return [datetime.date.fromisoformat(f"{one}") if of_dates else one for one in asked.essais]
    if variable.unit == "fraction":
        return [1.0]
    return {"mois": [12, 6, 1], "rang": [1, 2, 3]}.get(variable.unit or "", [])


def amounts(variable: Variable, amount: float) -> list[float]:
    """An amount, for an input of euros: those have no value that shows all that they can do."""
    return [amount] if is_amount(variable) else []


def is_amount(variable: Variable) -> bool:
    """Whether the variable is in euros: the allowance never rises with it."""
    return variable.value_type is float and (variable.unit or "").startswith("€")


#: Inputs whose unknown is worked out from the rest of the case, by name.
BY_HAND = TREATED_APART | {
    *(BIRTH, AGE, SIGNATURE, *PLACES),
    *(text for one in vars(Candidates).values() if callable(one) for text in words(one.__code__)),
}
