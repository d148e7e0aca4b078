"""Many persons in one request: one a row, in the flat format of ``openfisca-cej simulate``.

Rows are independent: everyone is alone in their groups, a row that is wrong is told in its place
and the others are computed, all together.
"""

import csv
import datetime
import functools
import io
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
from flask import json
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej.explain.notes import disability, last_notice, not_used, sentences
from openfisca_cej.explain.situation import MOST_FAULTS, parse
from openfisca_cej.population import cells, csv_file, engine, stale
from openfisca_cej.population.history import kept_notices
from openfisca_cej.population.months import month_text
from openfisca_cej.population.other_names import (
    MUNICIPALITY,
    PLACES_BY_CODE,
    Note,
    is_married,
    names_of_openfisca_france,
    not_read,
    read_as_couple,
    read_as_place,
    set_aside,
)
from openfisca_cej.population.schema import BIRTH, WEIGHT, Column, Schema
from openfisca_cej.population.sheet import (
    Sheet,
    build,
    is_unknown,
    is_word,
    labelled,
    presumed_disabled,
    unused,
)
from openfisca_cej.population.spelling import Spelling, is_spelt
from openfisca_cej.population.table import Population
from openfisca_cej.reading import checked_value
from openfisca_cej.refusals import (
    POSITIONS,
    BadValue,
    Fault,
    Faults,
    InvalidSituation,
    cut,
    pointer,
    quoted,
)
from openfisca_cej.web.calculate import NO_NUMBER
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import Problem, inconsistent, member, over

NDJSON, CSV = "application/x-ndjson", "text/csv"

#: What a CSV answer adds to its columns: the faults of a row, in words.
FAULTS = "erreurs"

#: What stands beside the amounts of a row, where some row has a remark.
REMARKS = "remarques"

#: What it adds when an amount rests on a value that the law has moved since: which ones.
FROZEN = "valeurs_depassees"

IDENTIFIER = "individu_id"

#: How a cell begins that a spreadsheet would run.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


#: Why a value is refused whose type in JSON is not that of its variable.
WRONG_TYPE = BadValue("wrong-type")

#: Why a row is refused that gives one column under two names.
TWICE = BadValue("column-twice")

#: Times the faults that are told, after which a batch is refused whole.
BEYOND = 10

#: What is said of a row whose faults are not told: there are too many in the batch.
UNTOLD = [BadValue("untold").fault()]


@dataclass
class Rows:
    """The persons as they came: ``columns[header]`` has one value a row, ABSENT where none is.

    ``faults`` are those of rows (from 0), as many as may be told: a row that has others has UNTOLD
    instead; ``ignored`` the variables of OpenFisca-France; ``notes`` what is to be said beside the
    amounts of a row.
    """

    count: int = 0
    columns: dict[str, list[Any]] = field(default_factory=dict)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    limits: Limits = field(default_factory=Limits)
    count_of_faults: int = 0
    notes: dict[int, list[Note]] = field(default_factory=dict)
    spelling: Spelling | None = None
    unread: set[int] = field(default_factory=set)

    def fault(self, row: int, fault: Callable[[], Fault]) -> None:
        """Note a fault of a row; it is made only where it is told.

        Raises Problem when there are too many to go on: to find them takes time too.
        """
        if row in self.unread:
            return
        found = self.faults.get(row)
        self.count_of_faults += 1
        if self.count_of_faults > BEYOND * self.limits.faults:
            raise self.too_many()
        if self.count_of_faults <= self.limits.faults:
            if found is None:
                found = self.faults[row] = []
            found.append(fault())
        elif found is None:
            self.faults[row] = UNTOLD
        elif found[-1] is not UNTOLD[0]:
            self.faults[row] = [*found, *UNTOLD]

    def refuse(self, row: int, fault: Callable[[], Fault]) -> None:
        """Note the fault of a row that cannot be read: nothing more is said of it."""
        self.fault(row, fault)
        self.unread.add(row)

    def presume(self, header: str, texts: Sequence[str]) -> None:
        """Note what a column of OpenFisca-France lets presume of each row."""
        name, path = header.partition("@")[0], pointer(*keys_of(header))
        for row, text in enumerate(texts):
            if text and name == MUNICIPALITY:
                places = {
                    place: {"": text.startswith(start)} for start, place in PLACES_BY_CODE.items()
                }
                self.notes.setdefault(row, []).append(read_as_place(name, places, path))
            elif is_married(text):
                self.notes.setdefault(row, []).append(read_as_couple(name, path))
            elif text:
                self.notes.setdefault(row, []).append(not_read(path))

    def too_many(self) -> Problem:
        """The problem of a batch with too many faults: the first of them, and how to go on."""
        most = BEYOND * self.limits.faults
        found = over(
            "faults",
            f"plus de {most} fautes ; corrigez d'abord les premières, ou enlevez les lignes et "
            "les colonnes qui ne conviennent pas",
            f"more than {most} faults; mend the first ones before the others, or take out the "
            "rows and columns that do not suit",
            status=422,
        )
        first = [
            fault.below(str(row))
            for row, faults in itertools.islice(self.faults.items(), MOST_FAULTS)
            for fault in faults
        ]
        return Problem(found.status, found.fr, found.en, [*found.faults, *first[:MOST_FAULTS]])


@dataclass
class FaultsByRow(Faults):
    """The faults that the flat format finds, told in their rows."""

    rows: Rows = field(default_factory=Rows)

    def add(
        self,
        why: BadValue,
        line: int = 0,
        column: str = "",
        keys: tuple[str, ...] = (),
        source: str = "",
    ) -> None:
        """Record a fault of a row."""
        super().add(why, line, column)
        self.rows.fault(line, lambda: why.fault(*keys_of(column)))


class Absent:
    """What a row does not give."""


ABSENT = Absent()


@dataclass
class Results:
    """One row a person: values by column, the identifier, the faults where there are.

    ``frozen`` has, by row, a sentence for each value that the law has moved since the last one
    known, with the months whose amounts rest on it.
    """

    ids: Sequence[Any]
    columns: dict[str, list[Any]]
    rows: Rows
    frozen: dict[int, dict[str, list[str]]] = field(default_factory=dict)


def compute(
    rows: Rows, system: TaxBenefitSystem, months: range, variables: Sequence[str]
) -> Results:
    """Compute monthly variables of persons for each row without fault. Raises Problem."""
    sheet = Sheet(Schema(system), FaultsByRow("batch", POSITIONS, rows=rows))
    sheet.optional = True
    sheet.lines = numpy.arange(rows.count)
    canonical(rows, sheet.schema)
    columns = understood(rows, sheet.schema)
    spell(rows, columns)
    for header, column in columns.items():
        if column.variable is not None:
            sheet.values[column] = content(rows, header, column)
        elif column.kind in sheet.schema.presumed:
            texts = ["" if value is ABSENT else str(value) for value in rows.columns[header]]
            sheet.labels[header] = labelled(texts)
            rows.presume(header, texts)
    if len(rows.unread) == rows.count:
        return Results([ABSENT] * rows.count, {}, rows)
    if not any(column.variable.name in (BIRTH, "age") for column in sheet.values):
        raise inconsistent(
            f"il manque « {BIRTH} » : le droit dépend de l'âge",
            f"« {BIRTH} » is missing: the law depends on the age",
            code="no-birth",
        )
    population = build(sheet, months)
    note_all(rows, sheet, population, months)
    results: dict[str, list[Any]] = {}
    late: dict[int, dict[str, list[str]]] = {}
    watch = stale.Stale(system, months, stale.amounts(system, variables))
    for block in engine.simulate(system, population, months, variables, stale=watch):
        for one, where in block.stale.items():
            for person, rank in numpy.argwhere(where).tolist():
                told = late.setdefault(int(block.persons[person]), {})
                told.setdefault(one.sentence, []).append(month_text(months[rank]))
        for name in variables:
            for rank, month in enumerate(months):
                found = block.values[name][:, rank]
                if found.dtype.kind == "f":
                    for row in block.persons[~numpy.isfinite(found)].tolist():
                        rows.fault(row, NO_NUMBER.fault)
                texts = values(system.variables[name], found)
                results.setdefault(f"{name}@{month_text(month)}", []).extend(texts)
    ids = rows.columns.get(IDENTIFIER, [ABSENT] * rows.count)
    return Results(ids, results, rows, late)


def note_all(rows: Rows, sheet: Sheet, population: Population, months: range) -> None:
    """Note what is said of each row beside its amounts."""
    system = sheet.schema.system
    for header in sorted(rows.ignored):
        name, path = header.partition("@")[0], pointer(*keys_of(header))
        note = set_aside(name, path, system)
        for row, value in enumerate(rows.columns[header]):
            if value is not ABSENT and value != "":
                rows.notes.setdefault(row, []).append(note)
    for column, given in unused(sheet, months, population.groups).items():
        path = pointer(*keys_of(column.header))
        note = not_used(column.variable.name, path, [str(column.period)])
        for row in numpy.flatnonzero(given).tolist():
            rows.notes.setdefault(row, []).append(note)
    for _, year, before, kept in kept_notices(system, population, months, each=True):
        note = last_notice("", "", year, before)
        for row in numpy.flatnonzero(kept).tolist():
            rows.notes.setdefault(row, []).append(note)
    for column, presumed in presumed_disabled(sheet).items():
        note = disability(pointer(*keys_of(column.header)))
        for row in numpy.flatnonzero(presumed).tolist():
            rows.notes.setdefault(row, []).append(note)
    for header in (WEIGHT,) if WEIGHT in rows.columns else ():
        for row, value in enumerate(rows.columns[header]):
            if value is not ABSENT and value != "":
                rows.notes.setdefault(row, []).append(not_read(f"/{WEIGHT}"))


def canonical(rows: Rows, schema: Schema) -> None:
    """Put the values under the names that the model has for their columns.

    A row that gives the same column under two names is at fault.
    """
    for header in list(rows.columns):
        try:
            name = schema.column(header).header
        except BadValue:
            continue
        if name == header:
            continue
        spelt = rows.columns.pop(header)
        known = rows.columns.setdefault(name, [ABSENT] * rows.count)
        for row, value in enumerate(spelt):
            if value is ABSENT:
                continue
            if known[row] is not ABSENT:
                rows.fault(row, functools.partial(TWICE.fault, *keys_of(header)))
            known[row] = value


def understood(rows: Rows, schema: Schema) -> dict[str, Column]:
    """The columns by header; what cannot be read is a fault of the rows that have it.

    Raises Problem when there are too many.
    """
    most = rows.limits.columns
    if len(rows.columns) > most:
        raise over(
            "columns",
            f"{len(rows.columns)} colonnes, au lieu de {most} au plus : n'envoyez que celles que "
            "le calcul lit",
            f"{len(rows.columns)} columns, instead of {most} at most: send only those that the "
            "calculation reads",
            status=422,
        )
    columns = {}
    of_france = names_of_openfisca_france() - schema.system.variables.keys()
    for header in rows.columns:
        name = header.partition("@")[0]
        if name in of_france and name not in schema.presumed:
            rows.ignored.add(header)
            continue
        try:
            column = schema.column(header)
            if column.kind in ("group", "role"):
                raise BadValue("alone-in-groups")
        except BadValue as error:
            if not error.near and are_words(header, rows.columns[header], schema):
                rows.ignored.add(header)
                continue
            if error.code == "not-of-the-model":
                error = BadValue("unknown-variable", name=quoted(header))
            fault = functools.partial(error.fault, *keys_of(header))
            for row, value in enumerate(rows.columns[header]):
                if value is not ABSENT:
                    rows.fault(row, fault)
            continue
        columns[header] = column
    return columns


def spell(rows: Rows, columns: dict[str, Column]) -> None:
    """Write the numbers and dates of a CSV file as a machine does; what is guessed is noted."""
    if rows.spelling is None:
        return
    spelt = {header: column for header, column in columns.items() if is_spelt(column)}
    texts = {
        header: ["" if value is ABSENT else value for value in rows.columns[header]]
        for header in spelt
    }
    rows.spelling.learn(
        (column, texts[header]) for header, column in spelt.items() if rows.spelling.tells(column)
    )
    rows.spelling.decide()
    for header, column in spelt.items():
        why = rows.spelling.faults.get(column.header)
        if why is not None:
            for row, value in enumerate(texts[header]):
                if value:
                    rows.fault(row, functools.partial(why.fault, *keys_of(header)))
            continue
        told = rows.spelling.texts(column, texts[header])
        rows.columns[header] = [
            value if value is ABSENT or text == value else ReadText(text).of(value)
            for value, text in zip(rows.columns[header], told, strict=True)
        ]
    for fr, en in rows.spelling.guesses:
        rows.notes.setdefault(0, []).append(Note("guessed", "", fr, en))


def are_words(header: str, values: Iterable[Any], schema: Schema) -> bool:
    """Whether a column that no variable has the name of says nothing that an input may say."""
    if "@" in header or not is_unknown(header, schema):
        return False
    said = [value for value in values if value is not ABSENT]
    return all(isinstance(value, str) and is_word(value, schema) for value in said)


def keys_of(header: str) -> tuple[str, ...]:
    """What leads to a value in its row."""
    return (cut(header),) if header else ()


def content(rows: Rows, header: str, column: Column) -> cells.Cells:
    """The values of a column as an array; faults are told in their rows."""
    variable = column.variable
    given = rows.columns[header]
    texts = [text_of(value, variable) for value in given]
    read = cells.read([text or "" for text in texts], variable)
    of_another_type = [(row, WRONG_TYPE) for row, text in enumerate(texts) if text is None]
    told_already = rows.spelling is not None and column.header in rows.spelling.faults
    for row, why in [] if told_already else [*read.faults, *of_another_type]:
        rows.fault(row, functools.partial(of_value, header, variable, given[row], why))
    # What a row does not give is as in a situation: the default, unless it is given without date.
    absent = [row for row, value in enumerate(given) if value is ABSENT]
    wrong = [row for row, text in enumerate(texts) if text is None]
    wrong += [row for row, *_ in read.faults]
    if absent and variable.value_type is not datetime.date and not has_plain(rows, column):
        default = variable.default_value
        read.values[absent] = default.index if variable.value_type == Enum else default
    read.given[wrong] = True  # told already
    read.faults = []
    return read


def has_plain(rows: Rows, column: Column) -> bool:
    """Whether the variable of a dated column is also given for every period."""
    return column.period is not None and column.variable.name in rows.columns


def text_of(value: Any, variable: Variable) -> str | None:
    """A value as a CSV file writes it; None when its JSON type is not the variable's."""
    if value is ABSENT:
        return ""
    if isinstance(value, CellText):
        return value
    if isinstance(value, bool):
        return str(value).lower() if variable.value_type is bool else None
    if isinstance(value, int | float):
        return repr(value) if variable.value_type in (int, float, bool) else None
    textual = variable.value_type in (bool, Enum, datetime.date)
    return value if isinstance(value, str) and value and textual else None


class CellText(str):
    """The text of a cell of a CSV file: of no type yet."""

    __slots__ = ()


class ReadText(CellText):
    """What the text of a cell was read as: ``written`` is as the file has it."""

    __slots__ = ("written",)

    def of(self, written: str) -> "ReadText":
        """The same, read of what the file has."""
        self.written = written
        return self


def of_value(header: str, variable: Variable, value: Any, why: BadValue) -> Fault:
    """The fault of a value; one of JSON is quoted as JSON writes it."""
    if not isinstance(value, CellText):
        try:
            checked_value(variable, value)
        except BadValue as error:
            why = error
    elif isinstance(value, ReadText):
        why = why.quoting(value.written, str(value))
    return why.fault(*keys_of(header))


def values(variable: Variable, results: numpy.ndarray) -> list[Any]:
    """Results as JSON."""
    if variable.value_type == Enum:
        names = numpy.array([item.name for item in variable.possible_values], dtype=object)
        return names[numpy.asarray(results)].tolist()
    if variable.value_type is datetime.date:
        return results.astype(str).tolist()
    if results.dtype == numpy.float32:
        # The shortest text of a float32 has none of the digits that float64 would add.
        return [float(str(value)) for value in results]
    return results.tolist()


# Reading.


def decoded(body: bytes) -> str:
    """The text of the body. Raises Problem."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "le texte n'est pas en UTF-8", "the text is not in UTF-8") from None


def check_count(count: int, most: int) -> None:
    """There are rows, and not too many. Raises Problem."""
    if not count:
        raise inconsistent("il n'y a aucune ligne", "there is no row", code="no-row")
    if count > most:
        raise over(
            "rows",
            f"{count} lignes, au lieu de {most} au plus : envoyez-en moins à la fois",
            f"{count} rows, instead of {most} at most: send fewer at a time",
            status=422,
        )


def check_given(rows: int, columns: int, most: int) -> None:
    """The rows and columns are not too many values. Raises Problem."""
    if rows * columns > most:
        raise over(
            "given",
            f"{rows} lignes de {columns} colonnes, soit plus de {most} valeurs : envoyez moins de "
            "lignes à la fois",
            f"{rows} rows of {columns} columns, that is more than {most} values: send fewer rows "
            "at a time",
        )


def read_ndjson(body: bytes, limits: Limits) -> Rows:
    """Persons of an NDJSON body: one object a line. Raises Problem."""
    lines = [line for line in decoded(body).split("\n") if line.strip()]
    check_count(len(lines), limits.rows)
    rows = Rows(len(lines), limits=limits)
    for row, line in enumerate(lines):
        try:
            person = parse(line)
        except InvalidSituation as error:
            rows.refuse(row, functools.partial(error.faults.__getitem__, 0))
            continue
        if not isinstance(person, dict):
            rows.refuse(row, BadValue("not-an-object").fault)
            continue
        for name, value in person.items():
            column = rows.columns.get(name)
            if column is None:
                if len(rows.columns) > limits.columns:
                    break
                check_given(len(lines), len(rows.columns) + 1, limits.given)
                column = rows.columns[name] = [ABSENT] * len(lines)
            column[row] = ABSENT if value is None else value
    return rows


def read_csv(body: bytes, limits: Limits) -> Rows:
    """Persons of a CSV body, its columns named by the first line. Raises Problem."""
    text = decoded(body)
    try:
        layout = csv_file.read_layout(io.StringIO(text, newline=""))
        # Every cell ends with a separator or a line.
        cells_at_most = text.count(layout.separator) + text.count("\n") + 1
        check_given(1, cells_at_most, 2 * limits.given)
        file = io.StringIO(text, newline="")
        for _ in range(layout.header_line):
            file.readline()
        table: list[list[Any]] = [row for _, row in csv_file.rows_of(file, layout)]
    except csv.Error as error:
        raise Problem(400, "ce n'est pas du CSV", f"it is not CSV ({error})") from None
    headers = layout.headers
    if len(set(headers)) < len(headers) or not all(headers):
        raise inconsistent(
            "une colonne est sans nom, ou vient deux fois",
            "a column has no name, or comes twice",
            code="column-twice",
        )
    check_count(len(table), limits.rows)
    rows = Rows(len(table), limits=limits, spelling=Spelling(layout.separator))
    width = len(headers)
    check_given(len(table), width, limits.given)
    for rank, row in enumerate(table):
        if len(row) != width:
            rows.refuse(rank, BadValue("cells-of-a-row", cells=len(row), width=width).fault)
            table[rank] = [ABSENT] * width
    for header, column in zip(headers, zip(*table, strict=True), strict=True):
        rows.columns[header] = [
            value if value is ABSENT else CellText(value.strip()) for value in column
        ]
    return rows


# Writing.


def shown_faults(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """The faults of a row."""
    return [member(fault) for fault in list(faults)[:MOST_FAULTS]]


def write_ndjson(results: Results) -> str:
    """One object a person: values by ``variable@month``, or ``errors``."""
    names = list(results.columns)
    table = zip(results.ids, *results.columns.values(), strict=True)
    lines = []
    for row, (identifier, *found) in enumerate(table):
        person: dict[str, Any] = {"row": row + 1}
        if identifier is not ABSENT:
            person[IDENTIFIER] = identifier
        faults = results.rows.faults.get(row)
        if faults:
            person["errors"] = shown_faults(faults)
        else:
            person.update(zip(names, found, strict=True))
            if row in results.rows.notes:
                person["remarks"] = sentences(results.rows.notes[row])
            if row in results.frozen:
                told_late = results.frozen[row].items()
                person["frozen"] = [
                    {"sentence": sentence, "months": months} for sentence, months in told_late
                ]
        lines.append(json.dumps(person))
    return "\n".join(lines) + "\n"


def write_csv(results: Results) -> str:
    """One row a person, what is wrong in it, and what is said beside its amounts."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    # A column is there when a row needs it.
    beside = {
        REMARKS: {row: " ".join(sentences(notes)) for row, notes in results.rows.notes.items()},
        FROZEN: {
            row: " ".join(f"{', '.join(months)} — {told}" for told, months in late.items())
            for row, late in results.frozen.items()
        },
    }
    more = [name for name, found in beside.items() if found]
    rows.writerow([IDENTIFIER, *results.columns, FAULTS, *more])
    table = zip(results.ids, *results.columns.values(), strict=True)
    for row, (identifier, *found) in enumerate(table):
        name = "" if identifier is ABSENT else harmless(identifier)
        faults = results.rows.faults.get(row)
        if faults:
            told_faults = [f"{fault.path or '/'} : {fault.fr}" for fault in faults[:MOST_FAULTS]]
            said = [harmless(" ; ".join(told_faults)), *("" for _ in more)]
            rows.writerow([name, *("" for _ in found), *said])
        else:
            told_beside = [harmless(beside[column].get(row, "")) for column in more]
            rows.writerow([name, *map(cell, found), "", *told_beside])
    return file.getvalue()


def harmless(value: Any) -> Any:
    """A text that no spreadsheet runs: an apostrophe before what it would take for a formula."""
    if not isinstance(value, str) or not value.startswith(FORMULA) or is_number(value):
        return value
    return f"'{value}"


def is_number(text: str) -> bool:
    """Whether a text is a number, which a spreadsheet reads as such."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def cell(value: Any) -> Any:
    """A result as a CSV file writes it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value


READERS: dict[str, Callable[[bytes, Limits], Rows]] = {NDJSON: read_ndjson, CSV: read_csv}
WRITERS: dict[str, Callable[[Results], str]] = {NDJSON: write_ndjson, CSV: write_csv}
