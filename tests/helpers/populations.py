"""What the tests of populations share: files to write, and one person at a time as a reference."""

import csv
from pathlib import Path

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder

from openfisca_cej.population.months import month_text
from openfisca_cej.population.table import Population


def write(path: Path, *lines: str) -> Path:
    """A text file of these lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def written(system, variable: str, value) -> str:
    """The value as a file of persons writes it."""
    kind = system.get_variable(variable).value_type
    if kind == Enum:
        return list(system.get_variable(variable).possible_values)[value].name
    if kind is bool:
        return "oui" if value else "non"
    return str(value)


def flat_file(path: Path, system, population: Population, persons) -> Path:
    """The file that describes some persons of a population in which everyone is alone."""
    headers = [f"{i.variable}@{i.period}" if i.period else i.variable for i in population.inputs]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["individu_id", *headers])
        for person in persons:
            cells = [written(system, i.variable, i.values[person]) for i in population.inputs]
            rows.writerow([population.ids[person], *cells])
    return path


def situation(system, population: Population, persons, months: range) -> dict:
    """The JSON situation of some persons, who must make whole groups."""
    names = {person: f"p{person}" for person in persons}
    situation = {"individus": {name: {} for name in names.values()}}
    places = {"individu": {person: [situation["individus"][names[person]]] for person in persons}}
    for entity in system.group_entities:
        group = population.groups.get(entity.key)
        situation[entity.plural], places[entity.key] = {}, {}
        for person in persons:
            alone = group is None or group.membership is None
            number = person if alone else int(group.membership[person])
            rank = 0 if group is None or group.roles is None else int(group.roles[person])
            members = situation[entity.plural].setdefault(f"g{number}", {})
            role = entity.flattened_roles[rank]
            members.setdefault(role_name(entity, role), []).append(names[person])
            places[entity.key].setdefault(number, []).append(members)
    for item in sorted(population.inputs, key=lambda item: item.period or ""):
        variable = system.get_variable(item.variable)
        for number, members in places[variable.entity.key].items():
            value = written(system, item.variable, item.values[number])
            if variable.value_type in (float, int):
                value = float(value) if variable.value_type is float else int(value)
            elif variable.value_type is bool:
                value = value == "oui"
            for moment in periods(variable, item.period, months):
                members[0].setdefault(item.variable, {})[moment] = value
    return situation


def role_name(entity, role) -> str:
    """The key of a role in a situation: that of the role it divides, in the plural if any."""
    wholes = (whole for whole in entity.roles if role in (whole.subroles or ()))
    whole = next(wholes, role)
    return whole.plural or whole.key


def periods(variable, written: str | None, months: range) -> list[str]:
    """Periods of an input: the one written, or all those around the months simulated."""
    if variable.definition_period == DateUnit.ETERNITY:
        return ["ETERNITY"]
    if written:
        return [written]
    if variable.definition_period == DateUnit.YEAR:
        return [str(year) for year in range(months[0] // 12 - 3, months[-1] // 12 + 1)]
    first = months[0] - 40 if variable.set_input or variable.formulas else months[0]
    return [month_text(month) for month in range(first, months[-1] + 1)]


def one_by_one(system, population: Population, persons, months: range, names) -> dict:
    """Variables of some persons (whole groups) in an OpenFisca simulation of their own."""
    builder = SimulationBuilder()
    alone = builder.build_from_entities(system, situation(system, population, persons, months))
    return {
        name: numpy.array([alone.calculate(name, month_text(month)) for month in months]).T
        for name in names
    }
