"""The answers of ``/calculate`` and ``/trace``, for situations that were checked.

``/calculate`` gives what OpenFisca's own gives where that loses nothing of what was said, sooner:
the values of a checked situation go straight into arrays, and each null is replaced in its place.
"""

import datetime
import math
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.tracers import FullTracer
from openfisca_core.variables import Variable

from openfisca_cej.explain.building import Built
from openfisca_cej.explain.notes import has_birth, notes_of
from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.population.lean import ETERNITY
from openfisca_cej.population.months import written_period
from openfisca_cej.population.other_names import Note
from openfisca_cej.population.schema import AGE
from openfisca_cej.refusals import BadValue, InvalidSituation
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import over

#: Computed variables that depend on the age start so.
OF_THE_CEJ = ("cej_", "contrat_engagement_jeune")

#: Why values that were given make a calculation impossible.
NO_NUMBER = BadValue("no-result")


def checked(document: Any, system: TaxBenefitSystem, limits: Limits, persons: int) -> Situation:
    """The situation, within the limits. Raises InvalidSituation, Problem."""
    situation = read(document, system, persons)
    periods = {period for _, _, period in situation.asked}
    if len(periods) > limits.periods:
        raise over(
            "periods",
            f"{len(periods)} périodes demandées, au lieu de {limits.periods} au plus : demandez-en "
            "moins à la fois",
            f"{len(periods)} periods asked for, instead of {limits.periods} at most: ask for fewer "
            "at a time",
            status=422,
        )
    check_births(situation)
    given = {(item.variable, item.period) for item in situation.supplied}
    values = sum(
        1 if is_eternal_variable(system.variables[name]) else when.size_in_months
        for name, when in given
    )
    if values > limits.values:
        raise over(
            "values",
            f"{values} mois de variables donnés, au lieu de {limits.values} au plus : donnez-en "
            "moins à la fois",
            f"{values} months of variables given, instead of {limits.values} at most: give fewer "
            "at a time",
            status=422,
        )
    return situation


def check_births(situation: Situation) -> None:
    """Whoever's allowance is asked is born by then. Raises InvalidSituation."""
    months: dict[str, list[str]] = {}
    for instance, name, written in situation.asked:
        if name.startswith(OF_THE_CEJ) and len(written) == len("YYYY-MM"):
            months.setdefault(instance, []).append(written)
    for instance in months.keys() & set(situation.persons):
        situation.check_birth(instance, min(months[instance]), max(months[instance]))


def calculate(situation: Situation, document: dict[str, Any]) -> dict[str, Any]:
    """The document, its nulls replaced in place by what they ask for. Raises InvalidSituation.

    What nobody can know stays null: the age of one whose birth is not given.
    """
    # What divides by a nil that was given is told below, where it was asked.
    with numpy.errstate(all="ignore"):
        built = Calculated(situation)
        for asked, keys in zip(situation.asked, situation.asked_at, strict=True):
            place = document
            for key in keys[:-1]:
                place = place[key]
            if asked[1] != AGE or has_birth(situation, asked[0]):
                place[keys[-1]] = checked_result(built.value(*asked), keys)
    return document


def checked_result(value: Any, keys: tuple[str, ...]) -> Any:
    """The value, which is a number if it is a float. Raises InvalidSituation."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidSituation([NO_NUMBER.fault(*keys)])
    return value


class Calculated:
    """What a situation asks for, each variable and period computed once."""

    def __init__(self, situation: Situation) -> None:
        self.system = situation.system
        self.built = Built(situation)
        #: Results by variable and period as they were written.
        self.arrays: dict[tuple[str, str], numpy.ndarray] = {}

    def value(self, instance: str, name: str, written: str) -> Any:
        """The variable of the instance in the period, as JSON."""
        variable = self.system.variables[name]
        result = self.arrays.get((name, written))
        if result is None:
            moment = asked_period(variable, written)
            result = self.built.simulation.calculate(name, moment)
            self.arrays[name, written] = result
        return as_json(variable, result[self.built.ranks[variable.entity.key][instance]])


def is_eternal_variable(variable: Variable) -> bool:
    """Whether the variable has one value for all time."""
    return bool(variable.definition_period == DateUnit.ETERNITY)


def asked_period(variable: Variable, written: str) -> Period:
    """The period written."""
    return ETERNITY if is_eternal_variable(variable) else written_period(written)


def as_json(variable: Variable, value: Any) -> Any:
    """A value of an array, as JSON: dates as they are given."""
    if variable.value_type == Enum:
        return list(variable.possible_values)[int(value)].name
    if variable.value_type is datetime.date:
        return str(value)
    if variable.value_type is float:
        # The shortest text of a float32 has none of the digits that float64 would add.
        return float(str(value))
    return value.item() if isinstance(value, numpy.generic) else value


class FullTrace(FullTracer):
    """The tracer of OpenFisca-Core, told of the values that were known too."""

    def record_known(self, variable: str, period: Any, values: Any) -> None:
        """A value that was known is read."""
        self.record_calculation_start(variable, period)
        self.record_calculation_result(values)
        self.record_calculation_end()

    def record_look(self, variable: str) -> None:
        """It is looked at who gave a variable: not told."""


def trace(situation: Situation) -> dict[str, Any]:
    """What OpenFisca tells of a calculation: each step with its value."""
    simulation = situation.simulation(trace=True)
    simulation.tracer = FullTrace()
    with numpy.errstate(all="ignore"):
        for _, name, written in situation.asked:
            simulation.calculate(name, written)
    return {
        "trace": simulation.tracer.get_serialized_flat_trace(),
        "entitiesDescription": simulation.describe_entities(),
        "requestedCalculations": [f"{name}<{written}>" for _, name, written in situation.asked],
    }


def notes(situation: Situation) -> list[Note]:
    """What is to be said beside what a situation asked for."""
    moments, persons = [], []
    for instance, name, written in situation.asked:
        variable = situation.system.variables[name]
        if variable.definition_period == DateUnit.MONTH:
            moments.append(written_period(written))
        if variable.entity.is_person and variable.formulas and name.startswith(OF_THE_CEJ):
            persons.append(instance)
    return notes_of(situation, dict.fromkeys(moments), dict.fromkeys(persons))
