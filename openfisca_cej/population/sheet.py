"""Columns of a flat input, whatever it was read from, and the population that they make.

Empty cells. A date may be left empty (not given), and so may a value of a group that another
member gives, or what the model computes for whoever does not give it. Anything else must be
written: an empty amount is not a zero.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from gettext import gettext as _
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import names, reading
from openfisca_cej.bounds import OLDEST, YEARS_OF_AGE, ages_agree
from openfisca_cej.population import cells, other_names
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.history import (
    KEEPING_NOTICES,
    is_long_ago,
    kept_remarks,
    listed,
    missing_months,
    notice_year,
)
from openfisca_cej.population.lean import COUPLE, NOTICES, Notices
from openfisca_cej.population.months import first_day, month_number, month_text
from openfisca_cej.population.other_names import (
    MARITAL,
    PLACES_BY_CODE,
    is_married,
    names_of_openfisca_france,
    read_as_couple,
)
from openfisca_cej.population.schema import (
    AGE,
    BIRTH,
    NO_DATE,
    ROLES_THAT_COUNT,
    SIGNATURE,
    WEIGHT,
    Column,
    Schema,
)
from openfisca_cej.population.table import Counted, Group, Input, Population
from openfisca_cej.refusals import ROWS, BadValue, Faults, quoted

#: What a cell that says no fact has: three letters in a row; and what an amount may be written as.
WORD = re.compile(r"[^\W\d_]{3}")
AMOUNT = re.compile(r"[\s\d.,+-]*(€|eur|euros?|%|k€)?", re.IGNORECASE)


#: What spreadsheets and other tools write in place of what is missing.
MISSING = (
    *("NA", "N/A", "NaN", "nan", "NULL", "null", "None", "none", "<NA>", "NaT", "."),
    *("#N/A", "#REF!", "#VALEUR!", "#VALUE!", "#NOM?", "#NAME?", "########"),
)


#: How they write a long number of which they keep the first digits only.
CUT = re.compile(r"\d+([.,]\d+)?[eE]\+\d+", re.ASCII)


@dataclass
class Labels:
    """Texts as numbers: ``codes[row]`` is the rank of the text in ``names``, -1 if it is empty.

    Names come in the order of their first row.
    """

    codes: numpy.ndarray
    names: Sequence[str]


@dataclass
class Sheet:
    """An input being read: its columns as arrays, the place of each row, the faults found.

    ``labels`` has the identifiers, groups and roles by header, ``values`` the variables;
    ``names`` the names of the groups by entity, once ``build`` has made them.
    """

    schema: Schema
    faults: Faults
    lines: Any = ()
    labels: dict[str, Labels] = field(default_factory=dict)
    values: dict[Column, cells.Cells] = field(default_factory=dict)
    weights: cells.Cells | None = None
    names: dict[str, Sequence[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    #: Columns that are of no variable, nor look like one: why each may not be read.
    unknown: dict[str, BadValue] = field(default_factory=dict)
    #: The columns of OpenFisca-France from which others are presumed, by header of these.
    origins: dict[str, str] = field(default_factory=dict)
    #: Whether columns without a name may be blank ones.
    blanks: bool = False
    #: Whether the lines of its faults need not be right: it was read quickly.
    rough: bool = False
    #: Whose age another file gives, by row.
    aged: numpy.ndarray | None = None
    #: The file of each row, where they are of several.
    files: Any = None
    #: Whether a row may leave out what its person does not give, as a situation may.
    optional: bool = False

    def fault(self, row: int, column: str, code: str, **words: Any) -> None:
        """Record a fault of a row (from 0), by its code in ``sentences``."""
        self.tell(BadValue(code, **words), row, column)

    def tell(self, why: BadValue, row: int, column: str) -> None:
        """Record a fault of a row (from 0)."""
        source = "" if self.files is None else self.files[row]
        self.faults.add(why, int(self.lines[row]), column, source=source)

    def given(self, header: str) -> cells.Cells | None:
        """What a column of a variable holds; None where there is no such column."""
        return next(
            (found for column, found in self.values.items() if column.header == header), None
        )

    def where(self, row: int) -> str:
        """How to name a row (from 0) in a sentence."""
        place = _(self.faults.place.word).format(number=self.lines[row])
        return place if self.files is None else f"{self.files[row]}, {place}"

    def put(self, column: Column, content: cells.Cells | Labels) -> None:
        """Keep what a column holds; the faults of its cells are those of the sheet."""
        if isinstance(content, Labels):
            self.labels[column.header] = content
            return
        for row, why in content.faults:
            self.tell(why, row, column.header)
        if column.kind == "weight":
            self.weights = content
        else:
            self.values[column] = content


def labelled(texts: Iterable[str]) -> Labels:
    """Texts as numbers."""
    ranks: dict[str, int] = {}
    codes = [ranks.setdefault(text, len(ranks)) if text else -1 for text in texts]
    return Labels(numpy.array(codes, dtype=int), list(ranks))


def read_cells(texts: Sequence[str], column: Column) -> cells.Cells:
    """What the texts of a column of a variable, or of the weights, say."""
    if column.kind == "weight":
        return cells.read_numbers(texts, cells.WEIGHTS)
    return cells.read(texts, column.variable)


def content_of(texts: Sequence[str], column: Column) -> cells.Cells | Labels:
    """What the texts of a column say."""
    if column.kind in ("variable", "weight"):
        return read_cells(texts, column)
    return labelled(text.strip() for text in texts)


def repeated(content: cells.Cells | Labels, rows: int) -> cells.Cells | Labels:
    """What one cell says, of as many rows."""
    if isinstance(content, Labels):
        return Labels(content.codes.repeat(rows), content.names)
    return cells.Cells(content.values.repeat(rows), content.given.repeat(rows), content.faults)


def read_header(headers: Sequence[str], sheet: Sheet) -> list[Column | None]:
    """The column of each header, None where it cannot be understood."""
    columns: list[Column | None] = []
    seen: set[str] = set()
    for rank, header in enumerate(headers):
        columns.append(None)
        if not header and sheet.blanks:
            continue  # Refused later on, unless nothing is in it.
        if reading.normal(header) not in sheet.schema.kept and set_aside(header, sheet):
            continue
        try:
            column = sheet.schema.column(header)
        except BadValue as error:
            name = header.partition("@")[0]
            if name and sheet.schema.others.ignore and is_unknown(name, sheet.schema):
                sheet.remarks.append(f"{header} is of no variable of the model: set aside.")
            elif header and header in headers[:rank]:
                sheet.faults.add_header(header, BadValue("column-twice"))
            elif (
                header and not error.near and "@" not in header and is_unknown(header, sheet.schema)
            ):
                sheet.unknown[header] = error
            else:
                sheet.faults.add_header(header or f"n° {rank + 1}", error)
            continue
        if column.header in seen:
            sheet.faults.add_header(header, BadValue("column-twice"))
            continue
        seen.add(column.header)
        columns[-1] = column
        if column.header != header:
            sheet.remarks.append(f"« {header} » is read as {column.header}.")
    return columns


def fill(
    sheet: Sheet,
    headers: Sequence[str],
    content: Callable[[int, Column], cells.Cells | Labels],
    texts: Callable[[int], Iterable[str]],
) -> None:
    """Read columns into a sheet that has the places of its rows.

    ``content`` is what a column holds, by its rank (it raises BadValue where nothing of it can be
    read), ``texts`` its distinct values. Raises InvalidInput when there is no row.
    """
    for rank, column in enumerate(read_header(headers, sheet)):
        if column is not None:
            try:
                sheet.put(column, content(rank, column))
            except BadValue as error:
                sheet.faults.add_header(column.header, error)
    for header in list(sheet.unknown):
        look_at_unknown(header, texts(headers.index(header)), sheet)
    finish(sheet)
    if not len(sheet.lines):
        if not sheet.faults.count:
            sheet.faults.add_whole(BadValue("no-row"))
        sheet.faults.raise_if_any()


def is_unknown(header: str, schema: Schema) -> bool:
    """Whether no variable, and nothing that a file may have, bears this name."""
    return header not in schema.system.variables and header not in schema.reserved


def look_at_unknown(header: str, texts: Iterable[str], sheet: Sheet) -> None:
    """Refuse a column that the model does not know, if some cells may say a fact.

    A number, a date, a yes or the name of an item may be a fact under another name.
    """
    if not all(is_word(text, sheet.schema) for text in texts):
        sheet.faults.add_header(header, sheet.unknown.pop(header))


def finish(sheet: Sheet) -> None:
    """Read what folders say of all the rows, and tell the columns of words that are set aside."""
    told = sheet.schema.told
    before = {*sheet.labels, *(column.header for column in sheet.values), *sheet.unknown}
    for header, column in zip(told, read_header(list(told), sheet), strict=True):
        if header in before:
            sheet.faults.add_header(header, BadValue("column-twice"))
        elif column is not None and len(sheet.lines):
            sheet.put(column, repeated(content_of([told[header]], column), len(sheet.lines)))
        elif header in sheet.unknown:
            look_at_unknown(header, [told[header]], sheet)
    for header in sheet.unknown:
        sheet.remarks.append(f"{header} is of no variable of the model: set aside.")
    sheet.unknown.clear()


def is_word(text: str, schema: Schema) -> bool:
    """Whether a text, if it says something, says nothing that an input may say."""
    text = text.strip().lower()
    if not text:
        return True
    if reading.normal(text) in schema.items or text in reading.BOOLEANS or AMOUNT.fullmatch(text):
        return False
    return bool(WORD.search(text))


def set_aside(header: str, sheet: Sheet) -> bool:
    """Whether a column is of OpenFisca-France and not read here: it is told."""
    name = header.partition("@")[0]
    system = sheet.schema.system
    if name in system.variables or name in sheet.schema.presumed:
        return False
    if name not in names_of_openfisca_france():
        return False
    note = other_names.set_aside(name, f"/{name}", system)
    told = f"{header} is of OpenFisca-France and not read here: set aside."
    sheet.remarks.append(told if note.code == "not-read" else f"{note.en}.")
    return True


def build(sheet: Sheet, months: range) -> Population:
    """The population of a sheet; what is wrong is added to its faults."""
    count = len(sheet.lines)
    population = Population(count, read_ids(sheet), [], remarks=sheet.remarks)
    check_weights(sheet)
    population.weights = sheet.weights.values if sheet.weights else None
    population.attributes = kept(sheet)
    for entity in sheet.schema.system.group_entities:
        population.groups[entity.key] = read_group(entity, sheet, population.remarks)
    check_ages(sheet, months)
    presume(sheet, population.groups)
    for variable in {column.variable.name: column.variable for column in sheet.values}.values():
        group = population.groups.get(variable.entity.key)
        population.inputs += read_inputs(variable, group, sheet)
    check_homes(population.inputs, population.groups, sheet)
    population.remarks += unused_remarks(sheet, months, population.groups)
    population.remarks += unsigned(population)
    population.remarks += before_the_law(sheet.schema.system, months)
    population.remarks += short_history(sheet.schema.system, population, months)
    population.remarks += disabilities(sheet)
    population.remarks += kept_remarks(sheet.schema.system, population, months)
    return population


def presume(sheet: Sheet, groups: dict[str, Group]) -> None:
    """Read what columns of OpenFisca-France let presume of those who do not say it; tell it."""
    given = {column: content.given for column, content in sheet.values.items()}
    for header, labels in list(sheet.labels.items()):
        name, _, suffix = header.partition("@")
        if name not in sheet.schema.presumed:
            continue
        texts = [*labels.names, ""]
        if name == MARITAL:
            married = numpy.array([*map(is_married, texts)])[labels.codes]
            put_presumed(sheet, (COUPLE, None), cells.Cells(married, married), groups, given)
            sheet.remarks.append(f"{read_as_couple(name, '').en}.")
            continue
        said = labels.codes >= 0
        for start, place in PLACES_BY_CODE.items():
            there = numpy.array([text.startswith(start) for text in texts])[labels.codes]
            at = (place, suffix or None)
            presumed = put_presumed(sheet, at, cells.Cells(there, said), groups, given)
            sheet.origins[presumed] = header
        sheet.remarks.append(f"{name} is read as the places overseas that it tells.")


def put_presumed(
    sheet: Sheet,
    at: tuple[str, str | None],
    content: cells.Cells,
    groups: dict[str, Group],
    given: dict[Column, numpy.ndarray],
) -> str:
    """Put what is presumed of an input, in a period, where nobody of the group says it itself.

    Of a couple, what is said of one year says nothing of the others. Gives the header.
    """
    name, period = at
    variable = sheet.schema.system.variables[name]
    header = f"{name}@{period}" if period else name
    column = Column(header, "variable", variable.entity.key, variable, period)
    said = numpy.zeros(len(sheet.lines), dtype=bool)
    for one, rows in given.items():
        if one.variable.name == name and (name != COUPLE or one.period is None):
            said |= rows
    said = of_group(said, groups[variable.entity.key])
    rows = content.given & ~said
    known = sheet.values.get(column)
    if known is None:
        if rows.any() or not said.any():
            sheet.values[column] = cells.Cells(content.values & rows, rows)
        return header
    sheet.values[column] = cells.Cells(
        numpy.where(rows, content.values, known.values), known.given | rows, known.faults
    )
    return header


def check_homes(inputs: list[Input], groups: dict[str, Group], sheet: Sheet) -> None:
    """A home is in one of the places that the law names at most."""
    told = [item for item in inputs if item.variable in PLACES_BY_CODE.values()]
    if len(told) < 2:
        return
    entity = sheet.schema.system.variables[told[0].variable].entity.key
    membership = groups[entity].membership
    for period in dict.fromkeys(item.period for item in told):
        holding = {item.variable: item for item in told if item.period is None}
        holding |= {item.variable: item for item in told if item.period == period}
        found = list(holding.values())
        for one, other in itertools.combinations(found, 2):
            if period in (one.period, other.period):
                both = numpy.flatnonzero(one.values & other.values)
                rows = both if membership is None else first_rows(membership, both)
                first, second = (
                    sheet.origins.get(item.header, item.header) for item in (one, other)
                )
                for row in rows.tolist():
                    sheet.fault(row, second, "two-homes", other=first)


def first_rows(membership: numpy.ndarray, numbers: numpy.ndarray) -> numpy.ndarray:
    """The row of the first member of each of these groups."""
    known, rows = numpy.unique(membership, return_index=True)
    return rows[numpy.isin(known, numbers)]


def kept(sheet: Sheet) -> dict[str, numpy.ndarray]:
    """The columns that are carried to the results; those that are not there are faults."""
    found = {}
    for header in sheet.schema.others.keep:
        labels = sheet.labels.get(header)
        if labels is not None:
            found[header] = numpy.array([*labels.names, ""], dtype=object)[labels.codes]
        elif not any(fault.column == header for fault in sheet.faults.kept):
            sheet.faults.add_header("", BadValue("no-column-to-keep", name=header))
    return found


def read_ids(sheet: Sheet) -> Sequence[str]:
    """Identifiers of the persons: those of the input, or the ranks of the rows."""
    header = sheet.schema.identifier
    labels = sheet.labels.get(header)
    if labels is None:
        count = len(sheet.lines)
        ranks = sheet.lines if sheet.faults.place is ROWS else range(1, count + 1)
        return [str(rank) for rank in ranks]
    if len(labels.names) == len(labels.codes):
        return labels.names
    first: dict[int, int] = {}
    for row, code in enumerate(labels.codes.tolist()):
        if code < 0:
            sheet.fault(row, header, "empty-identifier")
        elif code in first:
            words = {"name": quoted(labels.names[code]), "where": sheet.where(first[code])}
            sheet.fault(row, header, "same-person", **words)
        else:
            first[code] = row
    return [labels.names[code] if code >= 0 else "" for code in labels.codes.tolist()]


def check_weights(sheet: Sheet) -> None:
    """Weights are more than zero, and none is missing."""
    if sheet.weights is None:
        return
    bad = {rank for rank, *_ in sheet.weights.faults}
    for row in numpy.flatnonzero(sheet.weights.values <= 0).tolist():
        if not sheet.weights.given[row]:
            sheet.fault(row, WEIGHT, "empty-weight")
        elif row not in bad:
            value = quoted(f"{sheet.weights.values[row]:g}")
            sheet.fault(row, WEIGHT, "no-weight", value=value)


def read_group(entity: Any, sheet: Sheet, remarks: list[str]) -> Group:
    """Groups of an entity; persons without a group column are alone."""
    count = len(sheet.lines)
    header, role_header = f"{entity.key}_id", f"{entity.key}_role"
    labels, roles = sheet.labels.get(header), sheet.labels.get(role_header)
    if labels is None and roles is None:
        return Group(count)
    if labels is None:
        group = Group(count, numpy.arange(count))
    else:
        empty = numpy.flatnonzero(labels.codes < 0)
        for row in empty.tolist():
            sheet.fault(row, header, "empty-group", name=header)
        group = Group(len(labels.names) + len(empty), labels.codes)
        sheet.names[entity.key] = labels.names
        for code, name in named_missing(labels.names):
            rows = numpy.flatnonzero(labels.codes == code).tolist()
            for row in rows if len(rows) > 1 else ():
                sheet.fault(row, header, "missing-group", value=quoted(name), name=header)
        if len(empty):
            group.membership = labels.codes.copy()
            group.membership[empty] = len(labels.names) + numpy.arange(len(empty))
            sheet.names[entity.key] = [*labels.names, *("" for _ in empty)]
    group.roles = read_roles(entity, roles, group, sheet, remarks)
    return group


def named_missing(names: Sequence[str]) -> list[tuple[int, str]]:
    """The ranks and the names, among those of groups, that tools write where there is none.

    Or where they have cut a long number: 1.23457E+16.
    """
    find = getattr(names, "among", None)
    ranks = find(MISSING) if find else range(len(names))
    found = ((rank, names[rank]) for rank in ranks)
    return [one for one in found if one[1] in MISSING or ("+" in one[1] and CUT.fullmatch(one[1]))]


def read_roles(
    entity: Any, labels: Labels | None, group: Group, sheet: Sheet, remarks: list[str]
) -> numpy.ndarray:
    """Ranks of the roles; not given: the first member has the first role, others the last."""
    header = f"{entity.key}_role"
    ranks = {role.key: rank for rank, role in enumerate(entity.flattened_roles)}
    roles = numpy.full(len(group.membership), -1, dtype=numpy.int8)
    if labels is not None:
        # The code of an empty cell, -1, falls on the last rank of the table.
        table = numpy.array([*(ranks.get(name, -1) for name in labels.names), -1], numpy.int8)
        roles = table[labels.codes]
        for row in numpy.flatnonzero((roles < 0) & (labels.codes >= 0)).tolist():
            value = quoted(labels.names[labels.codes[row]])
            sheet.fault(row, header, "not-a-role", value=value, roles=", ".join(ranks))
    guessed = fill_roles(roles, group, len(ranks))
    if guessed and entity.key in ROLES_THAT_COUNT:
        first, last = next(iter(ranks)), list(ranks)[-1]
        told = f"{header} is not given for {{}} persons who are not alone in their {entity.key}: "
        told += f"the first of each {entity.key} counts as {first}, the others as {last}."
        remarks.append(Counted(told, guessed))
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


def check_roles(entity: Any, roles: numpy.ndarray, group: Group, sheet: Sheet) -> None:
    """No group has more holders of a role than the entity allows."""
    for rank, role in enumerate(entity.flattened_roles):
        if not role.max:
            continue
        rows = numpy.flatnonzero(roles == rank)
        rows = rows[numpy.argsort(group.membership[rows], kind="stable")]
        groups = group.membership[rows]
        for again in numpy.flatnonzero(groups[role.max :] == groups[: -role.max]).tolist():
            row, other = rows[again + role.max], sheet.where(rows[again])
            words = {"entity": entity.key, "role": role.key, "other": other}
            sheet.fault(row, f"{entity.key}_role", "role-is-taken", **words)


def check_ages(sheet: Sheet, months: range) -> None:
    """Everyone has a birth date or an age, and the birth dates make ages from 0 to 130."""
    compare_with_each_other(sheet)
    content = sheet.given(BIRTH)
    aged = any(column.variable.name == AGE for column in sheet.values) or sheet.aged is not None
    if content is None:
        refused = any(BIRTH in (fault.column, fault.near) for fault in sheet.faults.kept)
        if not aged and not refused:
            sheet.faults.add_header("", BadValue("no-birth", birth=BIRTH, age=AGE))
        tell_ageless(sheet)
        return
    unreadable = {rank for rank, *_ in content.faults}
    oldest = first_day(months[0] - 12 * OLDEST)
    late = content.given & (content.values >= first_day(months[-1] + 1))
    early = content.given & (content.values < oldest)
    missing = ~content.given if sheet.aged is None else ~content.given & ~sheet.aged
    for column, ages in sheet.values.items():
        if column.variable.name == AGE:
            missing &= ~ages.given
    for row in numpy.flatnonzero(late | early | missing).tolist():
        if row in unreadable:
            continue
        if missing[row]:
            sheet.fault(row, BIRTH, "empty-date")
        else:
            text = quoted(str(content.values[row]))
            code = "born-later" if late[row] else "born-long-ago"
            sheet.fault(row, BIRTH, code, value=text, years=OLDEST)
    compare_ages(sheet, content, months)


def compare_ages(sheet: Sheet, births: cells.Cells, months: range) -> None:
    """Ages that are given beside birth dates go with them, for some year around."""
    for column, ages in sheet.values.items():
        if column.variable.name != AGE:
            continue
        month = month_number(column.period) if column.period else None
        first, last = (month, month) if month is not None else (months[0], months[-1])
        off = ages_off(births, ages.values, first, last)
        for row in off[ages.given[off]].tolist():
            words = {"age": int(ages.values[row]), "birth": births.values[row]}
            when = column.period or month_text(months[0])
            sheet.fault(row, column.header, "age-and-birth", month=when, **words)


def ages_off(births: cells.Cells, ages: numpy.ndarray, first: Any, last: Any) -> numpy.ndarray:
    """The rows of the ages that no year around makes those of births, in these months."""
    month_born = births.values.astype("datetime64[M]")
    # Whoever is born after the first of a month has one year more from the next one on.
    after_the_first = births.values.astype("datetime64[D]") > month_born.astype("datetime64[D]")
    born = month_born.astype(int) + 12 * 1970 + after_the_first
    known = births.given & (births.values != NO_DATE)
    known[[rank for rank, _ in births.faults]] = False
    fewest = (first - born) // 12 - YEARS_OF_AGE
    most = (last - born) // 12 + YEARS_OF_AGE
    return numpy.flatnonzero(known & ((ages < fewest) | (ages > most)))


def compare_with_each_other(sheet: Sheet) -> None:
    """Ages of one person in several months go together."""
    aged = (item for item in sheet.values.items() if item[0].variable.name == AGE)
    found = sorted((item for item in aged if item[0].period), key=period_of)
    for (first, one), (second, other) in itertools.pairwise(found):
        month, later = (month_number(str(one_of.period)) for one_of in (first, second))
        wrong = one.given & other.given
        wrong[[rank for rank, why in [*one.faults, *other.faults]]] = False
        wrong &= ~ages_agree(one.values, other.values, later - month)
        for row in numpy.flatnonzero(wrong).tolist():
            ages = (other.values[row], later), (one.values[row], month)
            tell_ages(sheet, row, second.header, *ages)


def period_of(item: tuple[Column, cells.Cells]) -> str:
    """The period of a column, which orders those of one variable."""
    return item[0].period or ""


def tell_ages(
    sheet: Sheet, row: int, header: str, said: tuple[int, int], before: tuple[int, int]
) -> None:
    """Record that the age said for a month does not go with that of another month."""
    words = {"age": said[0], "month": month_text(said[1])}
    words |= {"other_age": before[0], "other_month": month_text(before[1])}
    other = f"{AGE}@{words['other_month']}"
    sheet.fault(row, header, "ages-differ", other=other, **words)


def tell_ageless(sheet: Sheet) -> None:
    """Record who has neither birth date nor age, where ages are given."""
    contents = [content for column, content in sheet.values.items() if column.variable.name == AGE]
    known = numpy.zeros(len(sheet.lines), dtype=bool) if sheet.aged is None else sheet.aged
    for content in contents:
        unreadable = [rank for rank, _ in content.faults]
        known = known | content.given
        known[unreadable] = True
    for row in numpy.flatnonzero(~known).tolist() if contents else ():
        sheet.fault(row, AGE, "empty-age", birth=BIRTH)


def read_inputs(variable: Any, group: Group | None, sheet: Sheet) -> list[Input]:
    """Inputs of one variable: its plain column, then its dated ones, which prevail."""
    columns = sorted(
        (column for column in sheet.values if column.variable.name == variable.name),
        key=lambda column: column.period or "",
    )
    inputs = []
    plain = None
    ever = ever_given(columns, group, sheet) if variable.name in NOTICES else None
    for column in columns:
        content = sheet.values[column]
        if group is not None:
            content = by_group(column, content, group, sheet)
        if column.period is None:
            plain = content
        elif plain is not None:
            content = cells.Cells(
                numpy.where(content.given, content.values, plain.values),
                content.given | plain.given,
                content.faults,
            )
        check_empty(column, content, group, sheet, ever)
        given = None if content.given.all() else content.given
        if content.values.dtype.kind == "M":
            given = None  # the date that stands for none is there already
        values = content.values
        if given is not None and cells.default_value(variable):
            values = numpy.where(given, values, cells.default_value(variable)).astype(values.dtype)
        inputs.append(Input(variable.name, column.period, values, given))
    return inputs


def ever_given(columns: list[Column], group: Group | None, sheet: Sheet) -> numpy.ndarray:
    """Who gave a value in one of these columns, be it for another year."""
    contents = [sheet.values[column] for column in columns]
    rows = numpy.logical_or.reduce([content.given for content in contents])
    return rows if group is None else group.with_any(rows)


def by_group(column: Column, content: cells.Cells, group: Group, sheet: Sheet) -> cells.Cells:
    """Values of the groups: those of the members who give one, who must agree."""
    if group.membership is None:
        return content
    rows = numpy.flatnonzero(content.given)
    # The row that gives the value is the first one: the last one written when going backwards.
    origins = numpy.full(group.count, -1)
    origins[group.membership[rows[::-1]]] = rows[::-1]
    given = origins >= 0
    values = numpy.zeros(group.count, dtype=content.values.dtype)
    values[given] = content.values[origins[given]]
    unreadable = {rank for rank, *_ in content.faults}
    differ = rows[content.values[rows] != values[group.membership[rows]]]
    for row in differ.tolist():
        number = group.membership[row]
        if row not in unreadable and origins[number] not in unreadable:
            words = {
                "value": quoted(shown(content.values[row], column)),
                "other": quoted(shown(values[number], column)),
                "where": sheet.where(origins[number]),
                "group": group_name(column, number, sheet),
            }
            sheet.fault(row, column.header, "members-differ", **words)
    faults = [(int(group.membership[rank]), why) for rank, why in content.faults]
    return cells.Cells(values, given, faults)


def group_name(column: Column, number: int, sheet: Sheet) -> str:
    """How to name a group in a sentence."""
    names = sheet.names.get(column.entity)
    return f"{column.entity} {quoted(names[number])}" if names else column.entity


def shown(value: Any, column: Column) -> str:
    """A value as the file would write it."""
    if column.variable.value_type == Enum:
        return list(column.variable.possible_values)[value].name
    if column.variable.value_type is bool:
        return "oui" if value else "non"
    return f"{value:.15g}" if isinstance(value, (float, int, numpy.number)) else str(value)


def tell_empty(row: int, column: Column, group: str, sheet: Sheet) -> None:
    """Record that a value is not there, of a person or of all the members of a group."""
    variable = column.variable
    words = {"whose_fr": "", "whose": ""}
    if group:
        words = {"whose_fr": f" pour tout ce groupe : {group}", "whose": f" for all of {group}"}
    code = "empty-number" if variable.value_type in (int, float) else "empty-value"
    if variable.value_type == Enum:
        code = "empty-item"
        words["items"] = ", ".join(item.name for item in variable.possible_values)
    sheet.fault(row, column.header, code, **words)


def check_empty(
    column: Column,
    content: cells.Cells,
    group: Group | None,
    sheet: Sheet,
    ever: numpy.ndarray | None = None,
) -> None:
    """Note the values that nobody gave, unless the variable has a way to say « not given ».

    ``ever``: who gave that of another year, of what is kept from one to the next.
    """
    if content.values.dtype.kind == "M" or content.given.all():
        return
    if sheet.optional or column.variable.name in presumed_by(sheet):
        return
    if reading.may_be_empty(column.variable):
        return  # What nobody gave is at its default, or computed.
    unreadable = {rank for rank, *_ in content.faults}
    rows = numpy.arange(len(sheet.lines))
    membership = None if group is None else group.membership
    if membership is not None:
        rows = numpy.unique(numpy.asarray(membership), return_index=True)[1]
    given = content.given if ever is None else content.given | ever
    for number in numpy.flatnonzero(~given).tolist():
        if number not in unreadable:
            name = "" if membership is None else group_name(column, number, sheet)
            tell_empty(rows[number], column, name, sheet)


def presumed_by(sheet: Sheet) -> set[str]:
    """The inputs that a column of OpenFisca-France may tell: nobody has to say them."""
    names = {header.partition("@")[0] for header in sheet.labels} & sheet.schema.presumed.keys()
    return {*PLACES_BY_CODE.values(), COUPLE} if names else set()


def unused_remarks(sheet: Sheet, months: range, groups: dict[str, Group]) -> list[str]:
    """Remarks on the columns that no month simulated reads, or not for all who fill them."""
    unread: dict[str, list[str]] = {}
    remarks: list[str] = []
    for column, rows in unused(sheet, months, groups).items():
        if (rows == sheet.values[column].given).all():
            unread.setdefault(column.variable.name, []).append(str(column.period))
        elif rows.any():
            some = f"Not used, a later tax notice is given: {column.header} of {{}} persons."
            remarks.append(Counted(some, int(rows.sum())))
    told = [
        name + "@" + (periods[0] if len(periods) == 1 else f"{min(periods)}…{max(periods)}")
        for name, periods in unread.items()
    ]
    if told:
        remarks.insert(0, f"Not used, no month simulated reads them: {', '.join(told)}.")
    return remarks


def unused(sheet: Sheet, months: range, groups: dict[str, Group]) -> dict[Column, numpy.ndarray]:
    """Who gave, by column of a period, what none of the months reads."""
    system = sheet.schema.system
    found = {}
    read: dict[str, list[numpy.ndarray]] = {}
    for column, content in sheet.values.items():
        if column.period is None or column.variable.name == AGE:
            continue  # an age of later tells that of before
        if column.variable.definition_period == DateUnit.MONTH:
            month = month_number(column.period)
            if month > months[-1] or is_long_ago(system, column.variable.name, month, months[0]):
                found[column] = content.given
        elif months[0] < first_month(system):
            found[column] = content.given & (int(column.period) > months[-1] // 12)
        else:
            entity = column.variable.entity.key
            if entity not in read:
                read[entity] = notices_read(entity, sheet, months, groups.get(entity))
            used = kept_by(sheet, groups.get(entity))
            for years in read[entity]:
                used |= years == int(column.period)
            found[column] = content.given & ~used
    return {column: rows for column, rows in found.items() if rows.any()}


def of_group(rows: numpy.ndarray, group: Group | None) -> numpy.ndarray:
    """Some persons, and those who are in a group with one of them."""
    if group is None or group.membership is None:
        return rows
    return numpy.isin(group.membership, group.membership[rows])


def kept_by(sheet: Sheet, group: Group | None) -> numpy.ndarray:
    """Whose tax notices of before may be read: that of the signature, or one that is named."""
    rows = numpy.zeros(len(sheet.lines), dtype=bool)
    for column, content in sheet.values.items():
        if column.variable.name in KEEPING_NOTICES:
            rows |= content.given
    return of_group(rows, group)


def notices_read(
    entity: str, sheet: Sheet, months: range, group: Group | None
) -> list[numpy.ndarray]:
    """The years of the tax notices that these months read, person by person."""
    years = sorted({notice_year(sheet.schema.system, month) for month in months})
    notices = Notices(len(sheet.lines))
    for column, content in sheet.values.items():
        name = column.variable.name
        if name in NOTICES and column.variable.entity.key == entity:
            rows = of_group(content.given, group)
            for year in years if column.period is None else [int(column.period)]:
                notices.give(year, rows)
    return [notices.last(year) for year in years]


def presumed_disabled(sheet: Sheet) -> dict[Column, numpy.ndarray]:
    """Whose disability, by column that says it, stands for a status that they do not give."""
    recognised = numpy.zeros(len(sheet.lines), dtype=bool)
    for column, content in sheet.values.items():
        if column.variable.name == names.DISABLED:
            recognised |= content.given
    return {
        column: content.given & content.values & ~recognised
        for column, content in sheet.values.items()
        if column.variable.name == names.PRESUMED_DISABLED
    }


def disabilities(sheet: Sheet) -> list[str]:
    """A remark on disabilities that stand for the status of disabled worker."""
    if not any(rows.any() for rows in presumed_disabled(sheet).values()):
        return []
    return ["handicap is read as rqth, the status of disabled worker that the law asks for."]


def before_the_law(system: TaxBenefitSystem, months: range) -> list[str]:
    """A remark on months in which there was no CEJ."""
    start = first_month(system)
    if months[0] >= start:
        return []
    return [f"There is no CEJ before {month_text(start)}: earlier months have no allowance."]


def short_history(system: TaxBenefitSystem, population: Population, months: range) -> list[str]:
    """A remark on the months of resources that the law reads and that the data lack."""
    missing = missing_months(system, population, months)
    if not missing:
        return []
    return [f"Not given, and counted as 0 although the law reads them: {listed(missing)}."]


def unsigned(population: Population) -> list[str]:
    """A remark on the persons of whom no signature is given."""
    signed = [item.values for item in population.inputs if item.variable == SIGNATURE]
    number = population.count
    if signed:
        number = int((signed[0] == NO_DATE).sum())
    if not number:
        return []
    told = f"{SIGNATURE} is not given for {{}} of {{}} persons: each month is computed as if "
    return [Counted(f"{told}signed in it.", number, population.count)]
