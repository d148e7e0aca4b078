"""Every value given is read, refused or told: none is dropped without a word, at any door."""

import random
from collections.abc import Iterator
from typing import Any

import numpy
import pyarrow
import pytest
from doors.company import values_of
from openfisca_core.periods import DateUnit
from simulations import systeme

from openfisca_cej.explain.building import Built, stored
from openfisca_cej.explain.notes import notes_of
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.spans import parts
from openfisca_cej.population.arrow import read_table
from openfisca_cej.population.lean import ETERNITY
from openfisca_cej.population.months import month_number, month_period
from openfisca_cej.population.other_names import names_of_openfisca_france
from openfisca_cej.population.schema import Schema
from openfisca_cej.population.sheet import build
from openfisca_cej.refusals import ROWS, Faults, InvalidSituation, pointer

MONTH = "2026-11"
BIRTH = "date_naissance"

#: Ways to write a period for each unit of variable: right, late, longer, wrong.
WRITTEN = {
    DateUnit.MONTH: [
        *("2026-10", "month:2026-09", "2027-03", "2026-11", "2026", "month:2026-03:6"),
        *("2026-13", "year:2026-05", "2026-10-15", "1850-01"),
    ],
    DateUnit.YEAR: [
        *("2025", "2024", "2026", "year:2023", "2031", "2025-03", "year:2025-03", "year:2024:2"),
    ],
    DateUnit.ETERNITY: ["ETERNITY", "ETERNITY", "ETERNITY", "2026-11", "hier"],
}

#: The same for the columns of a flat file.
SUFFIXES = {
    DateUnit.MONTH: ["", "@2026-10", "@2026-11", "@2027-03", "@2026", "@2026-13"],
    DateUnit.YEAR: ["", "@2025", "@2024", "@2026", "@2031", "@2025-03"],
    DateUnit.ETERNITY: ["", "@2026-11"],
}

#: Names that the model has not: of OpenFisca-France, and of nobody.
OTHERS = [*sorted(names_of_openfisca_france() - set(systeme().variables))[::40], "inconnue"]


def some_value(variable: Any, draw: random.Random) -> Any:
    """A value of the variable, or, one time in twenty, one that it does not take."""
    if draw.random() < 1 / 20:
        return draw.choice(["zzz", -1e12])
    if variable.definition_period == DateUnit.ETERNITY and variable.name.startswith("date"):
        return draw.choice(["2003-05-05", "1999-12-31"])
    try:
        return draw.choice(values_of(variable))
    except TypeError:  # a date, which has no bounds
        return draw.choice(["2026-03-02", "2025-12-31"])


def document_of(draw: random.Random) -> dict[str, Any]:
    """A situation of two persons in which some variables have some values in some periods."""
    system = systeme()
    born = {BIRTH: {"ETERNITY": "2003-05-05"}}
    document: dict[str, Any] = {"individus": {"a": {**born}, "b": {**born}}}
    for entity in system.group_entities:
        first, last = (entity.roles[rank].plural or entity.roles[rank].key for rank in (0, -1))
        members = draw.choice([["a"], ["a"], ["a", "b"], []])
        group = {first: members[:1], **({last: members[1:]} if members[1:] else {})}
        document[entity.plural] = {"g": group} if members or draw.random() < 0.02 else {}
    for variable in draw.sample(list(system.variables.values()), draw.randint(1, 4)):
        instances = document[variable.entity.plural]
        if instances and variable.name != "age":
            ways = WRITTEN[variable.definition_period]
            # The last ones are wrong or late: one time in three.
            ways = ways if draw.random() < 1 / 3 else ways[:3]
            periods = draw.sample(ways, min(len(ways), draw.randint(1, 2)))
            place = instances[draw.choice(list(instances))]
            place[variable.name] = {written: some_value(variable, draw) for written in periods}
    if draw.random() < 0.3:
        document["individus"]["b"][draw.choice(OTHERS)] = {"2026-10": draw.choice([0, 12.5])}
    return document


def leaves(document: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """What leads to each value: entity, instance, variable, period."""
    for plural, instances in document.items():
        for name, instance in instances.items():
            for key, content in instance.items():
                if isinstance(content, dict):
                    yield from ((plural, name, key, written) for written in content)


def is_read(built: Built, keys: tuple[str, ...]) -> bool:
    """Whether the simulation holds the value at its place, in each of its months."""
    _, instance, name, written = keys
    situation = built.situation
    given = [
        item
        for item in situation.supplied
        if (item.variable, item.instance, item.written) == (name, instance, written)
    ]
    if not given:
        return False
    variable = built.system.variables[name]
    eternal = variable.definition_period == DateUnit.ETERNITY
    moments = [ETERNITY] if eternal else parts(given[0].period, variable.definition_period)
    kept = {one[3]: one[4] for one in situation.values if one[0] == name and one[2] == instance}
    holder = built.simulation.get_holder(name)
    rank = built.ranks[variable.entity.key][instance]
    return all(
        holder.values_given(moment)[rank] == numpy.asarray(stored(variable, kept[moment]))
        for moment in moments
    )


@pytest.mark.parametrize("block", range(4))
def test_each_value_of_a_situation_is_read_refused_or_told(block: int) -> None:
    draw = random.Random(f"situations {block}")
    outcomes = {"read": 0, "refused": 0, "told": 0}
    for _ in range(250):
        document = document_of(draw)
        try:
            situation = read(document, systeme())
        except InvalidSituation as error:
            refused = error.faults
        else:
            refused = []
        if refused:
            assert all(fault.fr and fault.en for fault in refused)
            outcomes["refused"] += 1
            continue
        told = [note.path for note in notes_of(situation, [month_period(month_number(MONTH))])]
        built = Built(situation)
        for keys in leaves(document):
            beside = pointer(*keys[:3]) in told
            outcomes["told" if beside else "read"] += 1
            assert beside or is_read(built, keys), (keys, document)
            late = keys[3] in ("2027-03", "2031") or (keys[3] == "2026" and is_yearly(keys[2]))
            assert beside or not late, (keys, document)
    assert min(outcomes.values()) > 20, outcomes


def is_yearly(name: str) -> bool:
    """Whether a variable has one value a year."""
    return systeme().variables[name].definition_period == DateUnit.YEAR


@pytest.mark.parametrize("block", range(4))
def test_each_column_of_a_table_is_read_refused_or_told(block: int) -> None:
    draw = random.Random(f"columns {block}")
    system = systeme()
    variables = [one for one in system.variables.values() if one.name not in (BIRTH, "age")]
    outcomes = {"read": 0, "refused": 0, "told": 0}
    for _ in range(250):
        variable = draw.choice(variables)
        header = variable.name + draw.choice(SUFFIXES[variable.definition_period])
        if draw.random() < 0.1:
            header = draw.choice(OTHERS)
        value = some_value(variable, draw)
        value = numpy.datetime64(value) if isinstance(value, str) and "-" in value else value
        births = numpy.array(["2003-05-05", "2001-01-01"], dtype="datetime64[D]")
        columns = {BIRTH: births, header: numpy.array([value, value])}
        table = pyarrow.table(columns)
        sheet = read_table(table, Schema(system), Faults("data", ROWS), 1)
        month = month_number(MONTH)
        population = build(sheet, range(month, month + 1))
        name, _, suffix = header.partition("@")
        refused = any(fault.column == header for fault in sheet.faults.kept)
        told = any(name in remark for remark in population.remarks)
        held = any((one.variable, one.period or "") == (name, suffix) for one in population.inputs)
        outcome = "refused" if refused else "told" if told else "read"
        outcomes[outcome] += 1
        assert refused or told or held, header
        late = suffix in ("2027-03", "2031") or (suffix == "2026" and is_yearly(name))
        assert refused or told or not late, header
    assert min(outcomes.values()) > 20, outcomes
