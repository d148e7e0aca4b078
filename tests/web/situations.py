"""Situations drawn at random, as `/calculate` takes them."""

import datetime
import random
from typing import Any

from dated_values import last_month
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

YEARS = range(2021, int(last_month()[:4]) + 1)


def value(variable: Variable, chance: random.Random) -> Any:
    """A value that the variable may take."""
    if variable.value_type is bool:
        return chance.random() < 0.5
    if variable.value_type is Enum:
        return chance.choice([item.name for item in variable.possible_values])
    if variable.value_type is datetime.date:
        year = chance.choice([1990, 1999, 2003, 2006, 2022, 2024])
        return f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    if variable.value_type is int:
        return chance.randint(0, 3)
    if variable.unit == "fraction":
        return round(chance.random(), 3)
    if variable.unit == "parts":
        return chance.randint(2, 12) / 2
    if variable.unit == "heures/semaine":
        return chance.randint(0, 40)
    return chance.choice([0, chance.randint(1, 2000), round(chance.random() * 1500, 2)])


def period(variable: Variable, chance: random.Random, asked: bool) -> str:
    """A period that the variable may be given or asked for."""
    year = chance.choice(YEARS)
    if variable.definition_period == DateUnit.ETERNITY:
        return "ETERNITY"
    if variable.definition_period == DateUnit.YEAR:
        return str(year)
    if variable.set_input and not asked and chance.random() < 0.2:
        return chance.choice([str(year), f"month:{year}-03:4", f"year:{year}-02"])
    return f"{year}-{chance.randint(1, 12):02d}"


def groups(entity: Any, persons: list[str], chance: random.Random, whole: bool) -> dict[str, Any]:
    """Two groups of an entity; everyone is in one of them if ``whole``."""
    found: dict[str, Any] = {f"{entity.key} {rank}": {} for rank in range(2)}
    last = entity.roles[-1]
    for person in persons:
        if not whole and chance.random() < 0.2:
            continue
        group = chance.choice(list(found.values()))
        role = chance.choice(entity.roles)
        if entity.key == "foyer_fiscal" and group.get("declarants"):
            role = last  # two declarants are a couple: the core does not know
        members = group.setdefault(role.plural or role.key, [])
        if role.max is not None and len(members) >= role.max:
            members = group.setdefault(last.plural or last.key, [])
        members.append(person)
    return {name: group for name, group in found.items() if group}


def situation(system: TaxBenefitSystem, seed: int, whole: bool = True) -> dict[str, Any]:
    """A situation of one to four persons that asks for some values.

    Nothing that the core loses: all give a variable for the same span, and every tax notice.
    """
    chance = random.Random(seed)
    persons = [f"personne {rank}" for rank in range(chance.randint(1, 4))]
    document: dict[str, Any] = {"individus": {person: {} for person in persons}}
    for entity in system.group_entities:
        if chance.random() < 0.7:
            document[entity.plural] = groups(entity, persons, chance, whole)
    variables = list(system.variables.values())
    for variable in variables:
        when = period(variable, chance, asked=False)
        for instance in document.get(variable.entity.plural, {}).values():
            lives = any(name.startswith("residence_") for name in instance)
            if variable.formulas or (lives and variable.name.startswith("residence_")):
                continue  # A home is in one place.
            if variable.definition_period == DateUnit.YEAR:
                instance[variable.name] = {str(year): value(variable, chance) for year in YEARS}
            elif chance.random() < 0.25:
                instance[variable.name] = {when: value(variable, chance)}
    for variable in chance.sample(variables, 12):
        for instance in document.get(variable.entity.plural, {}).values():
            when = period(variable, chance, asked=True)
            instance.setdefault(variable.name, {}).setdefault(when, None)
    return document
