"""What the data cannot show of a reform: the inputs that its provisions bear on, and who has some.

A nil effect is a result only where somebody could have been touched. Each provision of a reform
needs persons of some kind; where there is none, it is said, and by which input they would be known.
"""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy
from numpy.typing import NDArray
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis.comparison import Change
from openfisca_cej.declarations import SEULS
from openfisca_cej.names import BIRTH, COEFFICIENT, DISABLED
from openfisca_cej.population.history import inputs_of, listed
from openfisca_cej.population.months import first_day, month_number
from openfisca_cej.population.schema import NO_DATE, SIGNATURE
from openfisca_cej.population.synthetic import age_at
from openfisca_cej.population.table import Input, Population
from openfisca_cej.reforms import Provision

LAW = "contrat_engagement_jeune"
AGE_LIMITS = {f"{LAW}.public.age_maximum": False, f"{LAW}.public.age_maximum_rqth": True}

#: Lists of resources that a provision bears on: any of their variables will do.
LISTS = {
    f"{LAW}.ressources.nombre_mois": ("deductibles", "partiellement_deductibles"),
    f"{LAW}.ressources.degressivite.abattement": ("partiellement_deductibles",),
    f"{LAW}.ressources.degressivite.part_smic": ("partiellement_deductibles",),
    COEFFICIENT: ("partiellement_deductibles",),
}

Dated = TypeVar("Dated", Provision, Change)

#: Inputs that a sentence names.
MOST_INPUTS = 4


@dataclass(frozen=True)
class Need:
    """Whom a provision bears on, from ``start`` to ``stop`` (months, both included).

    ``who`` ends « aucune de ces personnes … »; ``limit`` is the age limit before (years), for those
    who are beyond it; ``disabled``: the limit of disabled workers.
    """

    inputs: tuple[str, ...]
    who: str
    start: int
    stop: int
    limit: int | None = None
    disabled: bool = False

    @property
    def sentence(self) -> str:
        """What the data cannot show, when nobody is such."""
        return (
            f"Aucune de ces personnes {self.who} ({self.known_by}) : ces données ne montrent pas "
            "ce que la réforme y change."
        )

    @property
    def known_by(self) -> str:
        """The inputs that would tell, or the first of many."""
        more = ["…"] if len(self.inputs) > MOST_INPUTS else []
        return ", ".join([*self.inputs[:MOST_INPUTS], *more])


def active(provisions: Sequence[Dated], months: range) -> list[Dated]:
    """The provisions, or the changes that they make, in force in some of the months."""
    first, last = str(first_day(months[0])), str(first_day(months[-1]))
    return [one for one in provisions if one.start <= last and (one.end or last) >= first]


def needs(
    provisions: Sequence[Provision], law: TaxBenefitSystem, months: range
) -> tuple[Need, ...]:
    """Whom the provisions of a reform bear on."""
    found: dict[tuple[str, ...], Need] = {}
    for one in active(provisions, months):
        for need in of_provision(one, law, months):
            # Several values of the same kind: the widest span.
            last = found.get((*need.inputs, need.who), need)
            found[(*need.inputs, need.who)] = dataclasses.replace(
                need, start=min(last.start, need.start), stop=max(last.stop, need.stop)
            )
    return tuple(found.values())


def of_provision(one: Provision, law: TaxBenefitSystem, months: range) -> Iterator[Need]:
    """Whom a provision bears on, when it is not everybody."""
    # What happened in the month before the first still counts.
    start = max(month_number(one.start[:7]), months[0]) - 1
    stop = months[-1] if one.end is None else min(month_number(one.end[:7]), months[-1])
    for prefix, (who, given) in sorted(SEULS.items(), reverse=True):
        if f"{one.path}.".startswith(f"{prefix}."):
            # As OpenFisca-France has them, then those of the CEJ.
            ordered = sorted(given, key=lambda name: (name.startswith("cej_"), name))
            yield Need(tuple(ordered), who, start, stop)
    if one.path in LISTS:
        moment: Any = law.get_parameters_at_instant(one.start)
        resources = moment.contrat_engagement_jeune.ressources
        names = [name for lists in LISTS[one.path] for name in inputs_of(resources[lists])]
        inputs = tuple(dict.fromkeys(names))
        yield Need(inputs, "n'a de ressource que la disposition regarde", start - 12, stop)
    if isinstance(one.before, list | tuple) and isinstance(one.after, list | tuple):
        inputs = tuple(sorted(set(one.before) ^ set(one.after)))
        yield Need(inputs, "n'a de ce que la liste gagne ou perd", start, stop)
    if one.path in AGE_LIMITS and one.after > one.before:
        who = "n'avait dépassé l'ancienne limite d'âge avant de signer"
        yield Need((BIRTH,), who, start + 1, stop, int(one.before), AGE_LIMITS[one.path])


# In a population.


def concerned(need: Need, system: TaxBenefitSystem, population: Population) -> NDArray[numpy.bool_]:
    """Which persons are such."""
    if need.limit is not None:
        return beyond(need, population)
    found = numpy.zeros(population.count, dtype=bool)
    for item in population.inputs:
        if item.variable in need.inputs and in_time(item, need, system):
            found |= of_persons(item, system, population)
    return found


def in_time(item: Input, need: Need, system: TaxBenefitSystem) -> bool:
    """Whether a value counts: those of months only while the provision does."""
    variable: Any = system.get_variable(item.variable, check_existence=True)
    if item.period is None or variable.definition_period != DateUnit.MONTH:
        return True
    return need.start <= month_number(item.period) <= need.stop


def of_persons(
    item: Input, system: TaxBenefitSystem, population: Population
) -> NDArray[numpy.bool_]:
    """The persons whose value, or that of their group, is another than the default."""
    variable: Any = system.get_variable(item.variable, check_existence=True)
    default = variable.default_value
    if variable.value_type == Enum:
        default = default.index
    if variable.value_type == datetime.date:
        default = numpy.datetime64(default)
    other: NDArray[numpy.bool_] = item.values != default
    group = population.groups.get(variable.entity.key)
    return other if group is None or group.membership is None else other[group.membership]


def beyond(need: Need, population: Population) -> NDArray[numpy.bool_]:
    """The persons older than a limit before they sign, or before the provision applies."""
    eternal = {item.variable: item.values for item in population.inputs if item.period is None}
    if BIRTH not in eternal:
        # Ages are given by themselves: they cannot tell when they were reached.
        return numpy.ones(population.count, dtype=bool)
    dates = numpy.full(population.count, first_day(need.start))
    if SIGNATURE in eternal:
        signed = eternal[SIGNATURE].astype("datetime64[M]").astype("datetime64[D]")
        dates = numpy.where(eternal[SIGNATURE] > NO_DATE, signed, dates)
    births = eternal[BIRTH]
    older = (births > NO_DATE) & (age_at(births, dates) > (need.limit or 0))
    disabled = eternal.get(DISABLED, numpy.zeros(population.count, dtype=bool)).astype(bool)
    return older & (disabled == need.disabled)


# In words.

UNSEEN = "ces données ne permettent pas de voir l'effet de la réforme"


def unseen(wanted: Sequence[Need], counts: Mapping[Need, int]) -> list[str]:
    """What the data cannot show, one sentence a kind of persons that they lack."""
    return [need.sentence for need in wanted if not counts.get(need)]


def lacking(missing: dict[str, set[str]]) -> list[str]:
    """The resources of months that one of the laws reads and that the data lack."""
    if not missing:
        return []
    told = "Ressources absentes de mois que le droit ou la réforme lit, comptées pour 0"
    return [f"{told} : {listed(missing)}. Le résultat en est faussé : donnez ces mois."]
