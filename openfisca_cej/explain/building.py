"""From a checked situation to a simulation: the only way there is, for every route and command."""

import datetime
import itertools
import operator
from typing import TYPE_CHECKING, Any

import numpy
from openfisca_core.entities import GroupEntity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_cej.population.lean import FOYER, LeanSimulation

if TYPE_CHECKING:
    from openfisca_cej.explain.situation import Situation


class Built:
    """The simulation of a checked situation, and where its instances are in the arrays."""

    def __init__(self, situation: "Situation", simulation: LeanSimulation | None = None) -> None:
        self.situation = situation
        self.system = situation.system
        self.simulation = simulation or LeanSimulation(self.system)
        #: Ranks of the instances by name, by key of entity.
        self.ranks: dict[str, dict[str, int]] = {}
        self._set_persons(situation.persons)
        for entity in self.system.group_entities:
            self._set_groups(entity, situation.document.get(entity.plural, {}))
        couples = (
            [self.ranks[FOYER][name] for name in situation.couples] if situation.couples else []
        )
        if couples:
            self.simulation.presume_couples(couples)
        self._set_inputs()

    def _set_persons(self, names: list[str]) -> None:
        persons = self.simulation.persons
        persons.count, persons.ids = len(names), names
        self.ranks[persons.entity.key] = {name: rank for rank, name in enumerate(names)}

    def _set_groups(self, entity: GroupEntity, groups: dict[str, dict[str, Any]]) -> None:
        """The groups as written, then one for each person who is in none."""
        persons = self.ranks[self.system.person_entity.key]
        ids = list(groups)
        membership = numpy.full(len(persons), -1)
        known: Any = entity.roles
        roles = numpy.full(len(persons), first_role(entity), dtype=object)
        for rank, group in enumerate(groups.values()):
            for role in known:
                for place, name in enumerate(group.get(role.plural or role.key, ())):
                    membership[persons[name]] = rank
                    roles[persons[name]] = role.subroles[place] if role.subroles else role
        alone = numpy.flatnonzero(membership < 0)
        membership[alone] = len(ids) + numpy.arange(len(alone))
        for rank in alone.tolist():
            ids.append(self.situation.alone(self.situation.persons[rank], entity))
        population = self.simulation.populations[entity.key]
        population.count = len(ids)
        population.ids = ids
        population.members_entity_id = membership
        population.members_role = roles
        self.ranks[entity.key] = {name: rank for rank, name in enumerate(ids)}

    def _set_inputs(self) -> None:
        """Each value where it belongs: those who gave none keep the formula, or the default."""
        for name, values in itertools.groupby(self.situation.values, operator.itemgetter(0)):
            variable = self.system.variables[name]
            if variable.is_neutralized:
                continue
            holder = self.simulation.get_holder(name)
            for _, entity, instance, moment, value in values:
                if variable.end and not holder.eternal and moment.start.date > variable.end:
                    continue
                rank = self.ranks[entity][instance]
                holder.give(moment, rank, stored(variable, value))
                if variable.definition_period == DateUnit.YEAR:
                    self.simulation.give_notice(variable, moment.start.year, rank)


def first_role(entity: Any) -> Any:
    """The role of a person who is alone in a group."""
    return entity.flattened_roles[0]


def stored(variable: Variable, value: Any) -> Any:
    """A checked value, as arrays hold it."""
    if variable.value_type == Enum:
        return variable.possible_values[value].index
    if variable.value_type is datetime.date:
        return numpy.datetime64(value, "D")
    return value
