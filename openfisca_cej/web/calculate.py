"""The answers of ``/calculate`` and ``/trace``, for situations that were checked.

``/calculate`` gives what OpenFisca's own gives, sooner: the values of a checked situation go
straight into arrays, and each null is replaced where it was found.
"""

import datetime
import math
from typing import Any

import numpy
from openfisca_core.entities import GroupEntity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period, key_period_size
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej.explain.situation import (
    NOT_THE_SUM,
    Fault,
    InvalidSituation,
    Situation,
    pointer,
    read,
)
from openfisca_cej.population.lean import ETERNITY, LeanSimulation
from openfisca_cej.population.months import written_period
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import over

#: What is said when values that were given make a calculation impossible.
NO_NUMBER = (
    "le résultat n'est pas un nombre : des valeurs données le rendent incalculable",
    "the result is not a number: values that were given make it impossible to compute",
)


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


def is_eternal(period: Period) -> bool:
    """Whether the period has no end."""
    return period.unit == DateUnit.ETERNITY


def calculate(situation: Situation, document: dict[str, Any]) -> dict[str, Any]:
    """The document, its nulls replaced in place by what they ask for. Raises InvalidSituation."""
    # What divides by a nil that was given is told below, where it was asked.
    with numpy.errstate(all="ignore"):
        built = Built(situation)
        for asked, keys in zip(situation.asked, situation.asked_at, strict=True):
            place = document
            for key in keys[:-1]:
                place = place[key]
            place[keys[-1]] = checked_result(built.value(*asked), keys)
    return document


def checked_result(value: Any, keys: tuple[str, ...]) -> Any:
    """The value, which is a number if it is a float. Raises InvalidSituation."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidSituation([Fault(pointer(*keys), *NO_NUMBER)])
    return value


class Built:
    """The simulation of a checked situation, and where its instances are in the arrays."""

    def __init__(self, situation: Situation) -> None:
        self.system = situation.system
        self.simulation = LeanSimulation(self.system)
        #: Ranks of the instances by name, by key of entity.
        self.ranks: dict[str, dict[str, int]] = {}
        #: Results by variable and period as they were written.
        self.results: dict[tuple[str, str], numpy.ndarray] = {}
        self._set_persons(situation.persons)
        for entity in self.system.group_entities:
            self._set_groups(entity, situation.document.get(entity.plural, {}))
        self._set_inputs(situation)

    def _set_persons(self, names: list[str]) -> None:
        persons = self.simulation.persons
        persons.count, persons.ids = len(names), names
        self.ranks[persons.entity.key] = {name: rank for rank, name in enumerate(names)}

    def _set_groups(self, entity: GroupEntity, groups: dict[str, dict[str, Any]]) -> None:
        """The groups as written, then one for each person who is in none."""
        persons = self.ranks[self.system.person_entity.key]
        ids = list(groups)
        membership = numpy.full(len(persons), -1)
        roles = numpy.full(len(persons), entity.flattened_roles[0], dtype=object)
        for rank, group in enumerate(groups.values()):
            for role in entity.roles:
                for place, name in enumerate(group.get(role.plural or role.key, ())):
                    membership[persons[name]] = rank
                    roles[persons[name]] = role.subroles[place] if role.subroles else role
        alone = numpy.flatnonzero(membership < 0)
        membership[alone] = len(ids) + numpy.arange(len(alone))
        population = self.simulation.populations[entity.key]
        population.count = len(ids) + len(alone)
        population.ids = range(population.count)
        population.members_entity_id = membership
        population.members_role = roles
        self.ranks[entity.key] = {name: rank for rank, name in enumerate(ids)}

    def _set_inputs(self, situation: Situation) -> None:
        """The values by array; months before years, as what is left of a year is shared out."""
        arrays: dict[tuple[str, Period], numpy.ndarray] = {}
        for item in situation.supplied:
            variable = self.system.variables[item.variable]
            key = (item.variable, ETERNITY if is_eternal_variable(variable) else item.period)
            if key not in arrays:
                count = self.simulation.populations[item.entity].count
                arrays[key] = variable.default_array(count)
            arrays[key][self.ranks[item.entity][item.instance]] = stored(variable, item.value)
        for (name, period), values in sorted(
            arrays.items(), key=lambda item: key_period_size(item[0][1])
        ):
            self._set(self.system.variables[name], period, values)

    def _set(self, variable: Variable, period: Period, values: numpy.ndarray) -> None:
        if variable.is_neutralized or (variable.end and period.start.date > variable.end):
            return
        holder = self.simulation.get_holder(variable.name)
        if is_eternal(period) or (period.unit == variable.definition_period and period.size == 1):
            holder.keep(values, period)
            return
        try:
            variable.set_input(holder, period, values)
        except ValueError:
            raise InvalidSituation([Fault(pointer(variable.entity.plural), *NOT_THE_SUM)]) from None

    def value(self, instance: str, name: str, written: str) -> Any:
        """The variable of the instance in the period, as JSON."""
        variable = self.system.variables[name]
        result = self.results.get((name, written))
        if result is None:
            result = self.simulation.calculate(name, asked_period(variable, written))
            self.results[name, written] = result
        return as_json(variable, result[self.ranks[variable.entity.key][instance]])


def is_eternal_variable(variable: Variable) -> bool:
    """Whether the variable has one value for all time."""
    return variable.definition_period == DateUnit.ETERNITY


def asked_period(variable: Variable, written: str) -> Period:
    """The period written."""
    return ETERNITY if is_eternal_variable(variable) else written_period(written)


def stored(variable: Variable, value: Any) -> Any:
    """A checked value, as arrays hold it."""
    if variable.value_type == Enum:
        return variable.possible_values[value].index
    if variable.value_type is datetime.date:
        return numpy.datetime64(value, "D")
    return value


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


def trace(situation: Situation) -> dict[str, Any]:
    """What OpenFisca tells of a calculation: each step with its value."""
    simulation = situation.simulation()
    simulation.trace = True
    with numpy.errstate(all="ignore"):
        for _, name, written in situation.asked:
            simulation.calculate(name, written)
    return {
        "trace": simulation.tracer.get_serialized_flat_trace(),
        "entitiesDescription": simulation.describe_entities(),
        "requestedCalculations": [f"{name}<{written}>" for _, name, written in situation.asked],
    }
