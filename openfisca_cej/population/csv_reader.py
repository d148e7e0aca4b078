"""Read a file of persons, strictly: one row a person, every fault named, nothing guessed.

Empty cells. A date may be left empty (not given), and so may a value of a group that another
member gives. Anything else must be written: an empty amount is not a zero.
"""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import cells
from openfisca_cej.population.faults import Faults, InvalidInput, quoted
from openfisca_cej.population.months import first_day, month_number
from openfisca_cej.population.schema import (
    AGE,
    BIRTH,
    ROLES_THAT_COUNT,
    SIGNATURE,
    Column,
    ColumnError,
    Schema,
)
from openfisca_cej.population.table import Group, Input, Population

#: Rows converted at once: texts take ten times the room of the arrays made of them.
BLOCK = 50_000

OLDEST = 130


@dataclass
class Sheet:
    """A file being read: its columns as arrays, the line of each row, the faults found."""

    schema: Schema
    faults: Faults
    lines: numpy.ndarray = field(default_factory=lambda: numpy.array([], dtype=int))
    texts: dict[str, list[str]] = field(default_factory=dict)
    values: dict[Column, cells.Cells] = field(default_factory=dict)
    weights: cells.Cells | None = None

    def fault(self, row: int, column: str, problem: str, remedy: str = "") -> None:
        """Record a fault of a row (from 0)."""
        self.faults.add(int(self.lines[row]), column, problem, remedy)


def read_csv(path: Path, system: TaxBenefitSystem, months: range) -> Population:
    """Read the persons of a file, for a simulation of these months.

    Raises InvalidInput with all the faults of the file.
    """
    sheet = Sheet(Schema(system), Faults(path.name))
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            read_sheet(file, sheet)
    except UnicodeDecodeError:
        sheet.faults.add(0, "", "it is not in UTF-8", "Save it as « CSV UTF-8 »")
    if sheet.faults.count and not len(sheet.lines):
        raise InvalidInput(sheet.faults)
    population = build(sheet, months)
    sheet.faults.raise_if_any()
    return population


# From the text to columns.


def read_sheet(file, sheet: Sheet) -> None:
    """Read the header and the rows; bad rows are noted and left out."""
    first = file.readline()
    if not first.strip():
        sheet.faults.add(0, "", "it is empty", "Its first line names the columns")
        return
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        headers = [header.strip() for header in next(csv.reader([first], delimiter=separator))]
        columns = read_header(headers, sheet)
        parts = [
            read_block(block, columns, sheet)
            for block in blocks(file, separator, len(headers), sheet)
        ]
    except csv.Error as error:
        sheet.faults.add(0, "", f"it is not a CSV file ({error})", "Check the quotation marks")
        return
    if not parts and not sheet.faults.count:
        sheet.faults.add(0, "", "it has no row below its header", "Write one row a person")
    assemble(parts, columns, sheet)


def read_header(headers: list[str], sheet: Sheet) -> list[Column | None]:
    """The column of each header, None where it cannot be understood."""
    columns: list[Column | None] = []
    for rank, header in enumerate(headers):
        column = None
        if header and header in headers[:rank]:
            sheet.faults.add(1, header, "it comes twice", "Keep one of the two")
        else:
            try:
                column = sheet.schema.column(header)
            except ColumnError as error:
                sheet.faults.add(1, header or f"n° {rank + 1}", str(error), error.remedy)
        columns.append(column)
    return columns


def blocks(file, separator: str, width: int, sheet: Sheet) -> Iterator[list[tuple[int, list]]]:
    """Rows of the expected width with their lines, by blocks; blank lines are skipped."""
    reader = csv.reader(file, delimiter=separator, strict=True)
    rows = numbered(reader, separator, width, sheet)
    while block := list(itertools.islice(rows, BLOCK)):
        yield block


def numbered(reader, separator: str, width: int, sheet: Sheet) -> Iterator[tuple[int, list]]:
    """Each well-formed row with the line where it starts (the header is line 1)."""
    line = 2
    for row in reader:
        if len(row) == width:
            yield line, row
        elif row:
            remedy = "Separate the cells with the same sign as in the header"
            problem = f"the row has {len(row)} cells separated by « {separator} », not {width}"
            sheet.faults.add(line, "", problem, remedy)
        line = reader.line_num + 2


def read_block(block: list[tuple[int, list]], columns: list[Column | None], sheet: Sheet) -> dict:
    """Arrays (or texts, for identifiers and roles) of a block of rows, by header."""
    lines = [line for line, _ in block]
    part = {"": numpy.array(lines)}
    for column, texts in zip(columns, zip(*(row for _, row in block), strict=True), strict=True):
        if column is None:
            continue
        if column.kind == "variable":
            content = cells.read(texts, column.variable)
        elif column.kind == "weight":
            content = cells.read_numbers(texts, cells.LARGEST)
        else:
            content = [text.strip() for text in texts]
        if isinstance(content, cells.Cells):
            for rank, problem, remedy in content.faults:
                sheet.faults.add(lines[rank], column.header, problem, remedy)
        part[column.header] = content
    return part


def assemble(parts: list[dict], columns: list[Column | None], sheet: Sheet) -> None:
    """Put the blocks end to end."""
    if not parts:
        return
    sheet.lines = numpy.concatenate([part[""] for part in parts])
    starts = numpy.cumsum([0, *(len(part[""]) for part in parts)]).tolist()
    for column in filter(None, columns):
        contents = [part.pop(column.header) for part in parts]
        if column.kind not in ("variable", "weight"):
            sheet.texts[column.header] = list(itertools.chain.from_iterable(contents))
            continue
        joined = cells.Cells(
            numpy.concatenate([content.values for content in contents]),
            numpy.concatenate([content.given for content in contents]),
            [
                (start + rank, problem, remedy)
                for start, content in zip(starts, contents, strict=False)
                for rank, problem, remedy in content.faults
            ],
        )
        if column.kind == "weight":
            sheet.weights = joined
        else:
            sheet.values[column] = joined


# From columns to a population.


def build(sheet: Sheet, months: range) -> Population:
    """The population of a sheet; what is wrong is added to its faults."""
    count = len(sheet.lines)
    population = Population(count, read_ids(sheet), [])
    check_weights(sheet)
    population.weights = sheet.weights.values if sheet.weights else None
    names: dict[str, list[str]] = {}
    for entity in sheet.schema.system.group_entities:
        group, names[entity.key] = read_group(entity, sheet, population.remarks)
        population.groups[entity.key] = group
    check_ages(sheet, months)
    for variable in {column.variable.name: column.variable for column in sheet.values}.values():
        group = population.groups.get(variable.entity.key)
        population.inputs += read_inputs(variable, group, names.get(variable.entity.key), sheet)
    population.remarks += [*unused_months(sheet, months), *unsigned(population)]
    return population


def read_ids(sheet: Sheet) -> list[str]:
    """Identifiers of the persons: those of the file, or the ranks of the rows."""
    header = sheet.schema.identifier
    texts = sheet.texts.get(header)
    if texts is None:
        return [str(rank) for rank in range(1, len(sheet.lines) + 1)]
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        if not text:
            sheet.fault(row, header, "it is empty", "Give each person an identifier")
        elif text in first:
            line = sheet.lines[first[text]]
            sheet.fault(
                row, header, f"{quoted(text)} is already on line {line}", "One row a person"
            )
        else:
            first[text] = row
    return texts


def check_weights(sheet: Sheet) -> None:
    """Weights are more than zero, and none is missing."""
    if sheet.weights is None:
        return
    bad = {rank for rank, *_ in sheet.weights.faults}
    header = "poids"
    for row in numpy.flatnonzero(sheet.weights.values <= 0).tolist():
        if not sheet.weights.given[row]:
            sheet.fault(row, header, "it is empty", "Write the weight of the person")
        elif sheet.weights.values[row] == 0 and row not in bad:
            sheet.fault(
                row, header, "« 0 » is not a weight", "Write more than 0, or remove the row"
            )


def read_group(entity, sheet: Sheet, remarks: list[str]) -> tuple[Group, list[str]]:
    """Groups of an entity and their names; persons without a group column are alone."""
    count = len(sheet.lines)
    header, role_header = f"{entity.key}_id", f"{entity.key}_role"
    texts, roles = sheet.texts.get(header), sheet.texts.get(role_header)
    if texts is None and roles is None:
        return Group(count), []
    if texts is None:
        texts = [str(rank) for rank in range(count)]
    for row, text in enumerate(texts):
        if not text:
            sheet.fault(row, header, "it is empty", f"Give each person a {header}")
    numbers: dict[str, int] = {}
    keys = (text or f"\0{row}" for row, text in enumerate(texts))
    membership = numpy.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=int)
    group = Group(len(numbers), membership)
    group.roles = read_roles(entity, roles, group, sheet, remarks)
    return group, list(numbers)


def read_roles(
    entity, texts: list[str] | None, group: Group, sheet: Sheet, remarks: list[str]
) -> numpy.ndarray:
    """Ranks of the roles; not given: the first member has the first role, others the last."""
    header = f"{entity.key}_role"
    ranks = {role.key: rank for rank, role in enumerate(entity.flattened_roles)}
    roles = numpy.full(len(group.membership), -1, dtype=numpy.int8)
    for row, text in enumerate(texts or ()):
        if text in ranks:
            roles[row] = ranks[text]
        elif text:
            problem = f"{quoted(text)} is not a role"
            sheet.fault(row, header, problem, f"Write one of: {', '.join(ranks)}")
    guessed = fill_roles(roles, group, len(ranks))
    if guessed and entity.key in ROLES_THAT_COUNT:
        first, last = next(iter(ranks)), list(ranks)[-1]
        remarks.append(
            f"{header} is not given for {guessed} persons who are not alone in their "
            f"{entity.key}: the first of each {entity.key} counts as {first}, the others as {last}."
        )
    check_roles(entity, roles, group, sheet)
    return roles


def fill_roles(roles: numpy.ndarray, group: Group, number: int) -> int:
    """Complete the roles in place; how many were guessed among persons who are not alone."""
    missing = numpy.flatnonzero(roles < 0)
    headed = numpy.zeros(group.count, dtype=bool)
    headed[group.membership[roles == 0]] = True
    groups, first = numpy.unique(group.membership[missing], return_index=True)
    roles[missing] = number - 1
    roles[missing[first[~headed[groups]]]] = 0
    sizes = numpy.bincount(group.membership, minlength=group.count)
    return int((sizes[group.membership[missing]] > 1).sum())


def check_roles(entity, roles: numpy.ndarray, group: Group, sheet: Sheet) -> None:
    """No group has more holders of a role than the entity allows."""
    for rank, role in enumerate(entity.flattened_roles):
        if not role.max:
            continue
        rows = numpy.flatnonzero(roles == rank)
        rows = rows[numpy.argsort(group.membership[rows], kind="stable")]
        groups = group.membership[rows]
        for again in numpy.flatnonzero(groups[role.max :] == groups[: -role.max]).tolist():
            row, other = rows[again + role.max], sheet.lines[rows[again]]
            problem = f"a {entity.key} has one {role.key}, and line {other} is already that of this"
            sheet.fault(row, f"{entity.key}_role", problem, "Give one of them another role")


def check_ages(sheet: Sheet, months: range) -> None:
    """Everyone has a birth date or an age, and the birth dates make ages from 0 to 130."""
    births = [(column, content) for column, content in sheet.values.items() if is_birth(column)]
    aged = any(column.variable.name == AGE for column in sheet.values)
    if not births:
        if not aged:
            problem = f"there is no column {BIRTH} (nor {AGE})"
            sheet.faults.add(1, "", problem, f"Add {BIRTH}: the law depends on the age")
        return
    content = births[0][1]
    unreadable = {rank for rank, *_ in content.faults}
    oldest = first_day(months[0] - 12 * OLDEST)
    late = content.given & (content.values > first_day(months[-1] + 1))
    early = content.given & (content.values < oldest)
    missing = ~content.given if not aged else numpy.zeros_like(late)
    for row in numpy.flatnonzero(late | early | missing).tolist():
        if row in unreadable:
            continue
        if missing[row]:
            sheet.fault(row, BIRTH, "it is empty", "Write YYYY-MM-DD")
        else:
            text = quoted(str(content.values[row]))
            when = "after the months simulated" if late[row] else f"more than {OLDEST} years before"
            sheet.fault(row, BIRTH, f"{text} is {when}", "Check the year")


def is_birth(column: Column) -> bool:
    """Whether the column is that of birth dates."""
    return column.variable.name == BIRTH


def read_inputs(
    variable, group: Group | None, names: list[str] | None, sheet: Sheet
) -> list[Input]:
    """Inputs of one variable: its plain column, then its dated ones, which prevail."""
    columns = sorted(
        (column for column in sheet.values if column.variable.name == variable.name),
        key=lambda column: column.period or "",
    )
    inputs = []
    plain = None
    for column in columns:
        content = sheet.values[column]
        if group is not None:
            content = by_group(column, content, group, names, sheet)
        if column.period is None:
            plain = content
        elif plain is not None:
            content = cells.Cells(
                numpy.where(content.given, content.values, plain.values),
                content.given | plain.given,
                content.faults,
            )
        check_empty(column, content, group, names, sheet)
        inputs.append(Input(variable.name, column.period, content.values))
    return inputs


def by_group(
    column: Column, content: cells.Cells, group: Group, names: list[str], sheet: Sheet
) -> cells.Cells:
    """Values of the groups: those of the members who give one, who must agree."""
    if group.membership is None:
        return content
    rows = numpy.flatnonzero(content.given)
    found, first = numpy.unique(group.membership[rows], return_index=True)
    values = numpy.zeros(group.count, dtype=content.values.dtype)
    values[found] = content.values[rows[first]]
    origins = numpy.zeros(group.count, dtype=int)
    origins[found] = rows[first]
    given = numpy.zeros(group.count, dtype=bool)
    given[found] = True
    unreadable = {rank for rank, *_ in content.faults}
    differ = rows[content.values[rows] != values[group.membership[rows]]]
    for row in differ.tolist():
        number = group.membership[row]
        if row not in unreadable and origins[number] not in unreadable:
            name = f"{column.entity} {quoted(names[number])}" if names else column.entity
            problem = (
                f"{quoted(shown(content.values[row], column))} is not "
                f"{quoted(shown(values[number], column))} of line {sheet.lines[origins[number]]}, "
                f"same {name}"
            )
            sheet.fault(row, column.header, problem, "Write one value, or leave the others empty")
    faults = [(int(group.membership[rank]), "", "") for rank in sorted(unreadable)]
    return cells.Cells(values, given, faults)


def shown(value, column: Column) -> str:
    """A value as the file would write it."""
    if column.variable.value_type == Enum:
        return list(column.variable.possible_values)[value].name
    if column.variable.value_type is bool:
        return "oui" if value else "non"
    return f"{value:.15g}" if isinstance(value, (float, int, numpy.number)) else str(value)


def check_empty(
    column: Column, content: cells.Cells, group: Group | None, names: list[str] | None, sheet: Sheet
) -> None:
    """Note the values that nobody gave, unless the variable has a way to say « not given »."""
    if content.values.dtype.kind == "M" or content.given.all():
        return
    unreadable = {rank for rank, *_ in content.faults}
    rows = numpy.arange(len(sheet.lines))
    if group is not None and group.membership is not None:
        rows = numpy.unique(group.membership, return_index=True)[1]
    remedy = "Write 0 if there is none" if content.values.dtype.kind in "if" else "Write a value"
    for number in numpy.flatnonzero(~content.given).tolist():
        if number not in unreadable:
            shared = f" for all of {column.entity} {quoted(names[number])}" if names else ""
            sheet.fault(rows[number], column.header, f"it is empty{shared}", remedy)


def unused_months(sheet: Sheet, months: range) -> list[str]:
    """Remarks on the columns of months that come after the simulation."""
    late = [
        column.header
        for column in sheet.values
        if column.period
        and column.variable.definition_period == DateUnit.MONTH
        and month_number(column.period) > months[-1]
    ]
    return [f"Not used, after the months simulated: {', '.join(late)}."] if late else []


def unsigned(population: Population) -> list[str]:
    """A remark on the persons of whom no signature is given."""
    signed = [item.values for item in population.inputs if item.variable == SIGNATURE]
    number = population.count
    if signed:
        number = int((signed[0] == numpy.datetime64("1970-01-01")).sum())
    if not number:
        return []
    who = f"{number} of {population.count} persons"
    return [f"{SIGNATURE} is not given for {who}: each month is computed as if signed in it."]
