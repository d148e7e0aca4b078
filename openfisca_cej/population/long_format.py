"""Read the long format: persons, and one row a person and month, in files or folders, in frames.

The persons file is a flat one. The months file has ``individu_id``, ``mois`` (YYYY-MM) and
monthly variables. A person who has no row in a month has the default of these variables there;
a variable that the model computes has no default: its rows must all be there, and an empty cell
leaves it to the model.
"""

import itertools
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.bounds import ages_agree
from openfisca_cej.names import BIRTH, DISABLED
from openfisca_cej.population.cells import Cells, default_value
from openfisca_cej.population.csv_reader import joined as end_to_end
from openfisca_cej.population.engine import MONTHS_BEFORE
from openfisca_cej.population.history import is_long_ago, months_read
from openfisca_cej.population.months import month_text
from openfisca_cej.population.parts import Source, open_source
from openfisca_cej.population.reader import schema_of, sheet_of
from openfisca_cej.population.schema import AGE, MOMENT, REFUSED, RESULT, Column, Others, Schema
from openfisca_cej.population.sheet import (
    Labels,
    Sheet,
    ages_off,
    build,
    by_group,
    check_homes,
    disabilities,
    group_name,
    shown,
    tell_ages,
    tell_empty,
)
from openfisca_cej.population.table import Group, Input, Population
from openfisca_cej.reading import may_be_empty
from openfisca_cej.refusals import KEPT, BadValue, Faults, quoted, raise_all

MONTH = "mois"

#: How a month is written: 2025-03, 202503, 03/2025, or any day of it, as frames and sheets do.
WRITTEN = re.compile(r"(\d{4})-?(\d\d)(-\d\d([ T][\d:.]+)?)?|(\d{1,2})/(\d{4})", re.ASCII)


class MonthsSchema(Schema):
    """The columns of a months file: a person, a month, and monthly variables.

    None of them is carried to the results; ``ignore`` sets aside those of no variable.
    """

    def __init__(
        self,
        system: TaxBenefitSystem,
        told: Mapping[str, str] | None = None,
        ignore: bool = False,
    ) -> None:
        super().__init__(system, Others(ignore=ignore), told)
        self.elsewhere = set(self.reserved) - {self.identifier}
        self.reserved = {
            self.identifier: self.reserved[self.identifier],
            MONTH: Column(MONTH, MOMENT),
        }

    def column(self, header: str) -> Column:
        """The column of this header.

        Raises BadValue for what is not monthly: it belongs in the persons file.
        """
        name, at, _ = header.partition("@")
        variable = self.system.variables.get(name)
        if header in self.elsewhere or name in self.presumed:
            raise BadValue("not-monthly")
        if variable is None or name == RESULT:
            return super().column(header)
        if variable.definition_period == DateUnit.YEAR:
            raise BadValue("yearly", name=name)
        if variable.definition_period != DateUnit.MONTH:
            raise BadValue("constant", name=name)
        if at:
            raise BadValue("month-apart", month=MONTH, name=name)
        return super().column(header)


def read_long(
    persons: Path | Source,
    monthly: Path | Source,
    system: TaxBenefitSystem,
    months: range,
    limit: int = KEPT,
    others: Others = REFUSED,
) -> Population:
    """Read persons and their months, each a file or a folder, for a simulation of these months.

    Raises InvalidInput with all the faults of both, MissingLibrary, OSError.
    """
    persons, monthly = whole(persons), whole(monthly)

    def read(quick: bool) -> tuple[Population, Sheet, Sheet]:
        people = [
            sheet_of(unit, schema_of(unit, system, others), limit, quick) for unit in persons.units
        ]
        tolds = [schema_of(unit, system).told for unit in monthly.units]
        rows = [
            sheet_of(unit, MonthsSchema(system, told, others.ignore), limit, quick)
            for unit, told in zip(monthly.units, tolds, strict=True)
        ]
        both = joined(people, persons), joined(rows, monthly)
        return panel(*both, months), *both

    population, people, rows = read(quick=True)
    if people.faults.count or rows.faults.count:  # This time with the lines of the faults.
        population, people, rows = read(quick=False)
    raise_all(people.faults, rows.faults)
    return population


def whole(source: Path | Source) -> Source:
    """The files of a source, each in one piece. Raises InvalidInput, MissingLibrary, OSError."""
    return open_source(source, sys.maxsize, False) if isinstance(source, Path) else source


def panel(persons: Sheet, sheet: Sheet, months: range) -> Population:
    """The persons of a sheet, with the months of another; faults are added to both."""
    persons.aged = aged(persons, sheet)
    population = build(persons, months)
    population.remarks += sheet.remarks
    Panel(population, persons, sheet, months).read()
    if not any(item.variable == DISABLED for item in population.inputs):
        population.remarks += disabilities(sheet)
    return population


def joined(sheets: Sequence[Sheet], source: Source) -> Sheet:
    """Sheets of the same columns as one, whose rows are named with their files.

    Raises InvalidInput when some could not be read.
    """
    first = sheets[0]
    if len(sheets) == 1:
        first.remarks[:0] = source.remarks
        return first
    columns = {frozenset([*one.labels, *one.values, one.weights is None]) for one in sheets}
    if len(columns) > 1:
        raise_all(*(one.faults for one in sheets))
    made = Sheet(first.schema, Faults(source.path.name, first.faults.place, sys.maxsize))
    for one in sheets:
        made.faults.kept += one.faults.placed()
        made.faults.count += one.faults.count
    sizes = [len(one.lines) for one in sheets]
    starts = numpy.cumsum([0, *sizes]).tolist()
    made.lines = numpy.concatenate([numpy.asarray(one.lines) for one in sheets])
    made.files = numpy.repeat(numpy.array([one.faults.source for one in sheets], object), sizes)
    made.remarks = list(
        dict.fromkeys(itertools.chain(source.remarks, *(one.remarks for one in sheets)))
    )
    for header in first.labels:
        made.labels[header] = as_one([one.labels[header] for one in sheets])
    for column in first.values:
        made.values[column] = end_to_end([one.values[column] for one in sheets], starts)
    weights = [one.weights for one in sheets if one.weights is not None]
    made.weights = end_to_end(weights, starts) if weights else None
    return made


def as_one(several: Sequence[Labels]) -> Labels:
    """Texts of several sheets, end to end."""
    ranks: dict[str, int] = {}
    codes = []
    for labels in several:
        place = [ranks.setdefault(name, len(ranks)) for name in labels.names]
        codes.append(numpy.array([*place, -1])[labels.codes])
    return Labels(numpy.concatenate(codes), list(ranks))


def aged(persons: Sheet, sheet: Sheet) -> numpy.ndarray | None:
    """Who has an age in the months file, by row of the persons file; None where nobody has."""
    header = persons.schema.identifier
    content = sheet.given(AGE)
    people, owners = persons.labels.get(header), sheet.labels.get(header)
    if content is None or people is None or owners is None:
        return None
    given = set(numpy.array([*owners.names, ""])[owners.codes[content.given]].tolist())
    return numpy.array([*(name in given for name in people.names), False])[people.codes]


class Panel:
    """The rows of a months file, put month by month at the ranks of the persons."""

    def __init__(self, population: Population, persons: Sheet, sheet: Sheet, months: range) -> None:
        self.population = population
        self.persons = persons
        self.sheet = sheet
        self.months = months
        #: What the persons file gives for every month.
        self.flat = [item for item in population.inputs if item.period is None]

    def read(self) -> None:
        """Add the inputs of the months file to the population, and faults to its sheet."""
        if not self._complete():
            return
        people, moments = self._people(), self._moments()
        good = (people >= 0) & (moments >= 0)
        self._refuse_duplicates(people, moments, good)
        self._refuse_both_files()
        late = good & (moments > self.months[-1])
        if late.any():
            last = month_text(int(moments[late].max()))
            self.population.remarks.append(
                f"{self.sheet.faults.source}: {late.sum()} rows are not used, after the months "
                f"simulated (up to {last})."
            )
        self._remark_long_ago(moments, good)
        good &= ~late
        self._compare_ages(people, moments, good)
        self._remark_absent(people[good], moments[good])
        order = numpy.flatnonzero(good)
        order = order[numpy.argsort(moments[order], kind="stable")]
        for rows in numpy.split(order, numpy.flatnonzero(numpy.diff(moments[order])) + 1):
            if len(rows):
                self._read_month(int(moments[rows[0]]), people[rows], rows)
        self._refuse_absent(people[good], moments[good])

    def _complete(self) -> bool:
        """Whether the columns that make sense of the rows are there."""
        header = self.sheet.schema.identifier
        for sheet, needed in ((self.persons, header), (self.sheet, header), (self.sheet, MONTH)):
            if needed not in sheet.labels:
                if not any(fault.column == needed for fault in sheet.faults.kept):
                    sheet.faults.add_header("", BadValue("no-column", name=needed))
                return False
        return True

    def _people(self) -> numpy.ndarray:
        """Rank of the person of each row, -1 for those who are not in the persons file."""
        header = self.sheet.schema.identifier
        labels: Labels = self.sheet.labels[header]
        known = {name: rank for rank, name in enumerate(self.population.ids)}
        ranks = numpy.array([*(known.get(name, -1) for name in labels.names), -1])[labels.codes]
        for row in numpy.flatnonzero(ranks < 0).tolist():
            if labels.codes[row] < 0:
                self.sheet.fault(row, header, "empty-person")
            else:
                name = quoted(labels.names[labels.codes[row]])
                file = self.persons.faults.source
                self.sheet.fault(row, header, "not-in-persons", name=name, file=file)
        return ranks

    def _moments(self) -> numpy.ndarray:
        """Number of the month of each row, -1 for what is not a month."""
        labels: Labels = self.sheet.labels[MONTH]
        numbers = numpy.array([*map(month_or_none, labels.names), -1])[labels.codes]
        for row in numpy.flatnonzero(numbers < 0).tolist():
            if labels.codes[row] < 0:
                self.sheet.fault(row, MONTH, "empty-month")
                continue
            value, right = quoted(labels.names[labels.codes[row]]), ("AAAA-MM", "YYYY-MM")
            words = {"value": value, "right_fr": right[0], "right": right[1]}
            self.sheet.fault(row, MONTH, "not-a-month", **words)
        return numbers

    def _refuse_duplicates(
        self, people: numpy.ndarray, moments: numpy.ndarray, good: numpy.ndarray
    ) -> None:
        """Note the rows of a person and month that already have one."""
        rows = numpy.flatnonzero(good)
        keys = people[rows] * (int(moments.max()) + 1) + moments[rows]
        order = numpy.argsort(keys, kind="stable")
        same = numpy.flatnonzero(numpy.diff(keys[order]) == 0)
        for rank in same.tolist():
            row, other = int(rows[order[rank + 1]]), int(rows[order[rank]])
            who, when = self.population.ids[people[row]], month_text(int(moments[row]))
            words = {"name": quoted(who), "month": when, "where": self.sheet.where(other)}
            self.sheet.fault(row, MONTH, "same-month", **words)

    def _compare_ages(
        self, people: numpy.ndarray, moments: numpy.ndarray, good: numpy.ndarray
    ) -> None:
        """Note the ages that do not go with each other, or with the birth dates."""
        content = self.sheet.given(AGE)
        if content is None:
            return
        known = good & content.given
        known[[rank for rank, _ in content.faults]] = False
        rows = numpy.flatnonzero(known)
        rows = rows[numpy.lexsort((moments[rows], people[rows]))]
        for one, other in itertools.pairwise(rows.tolist()):
            said, before = ((int(content.values[row]), int(moments[row])) for row in (other, one))
            same = people[one] == people[other]
            if same and not ages_agree(before[0], said[0], said[1] - before[1]):
                tell_ages(self.sheet, other, AGE, said, before)
        births = self.persons.given(BIRTH)
        if births is not None and len(rows):
            who, when = people[rows], moments[rows]
            own = Cells(births.values[who], births.given[who])
            for rank in ages_off(own, content.values[rows], when, when).tolist():
                words = {"age": int(content.values[rows[rank]]), "birth": own.values[rank]}
                month = month_text(int(when[rank]))
                self.sheet.fault(int(rows[rank]), AGE, "age-and-birth", month=month, **words)

    def _refuse_both_files(self) -> None:
        """Note the variables that both files have."""
        given = (one for one in self.persons.values if one.header not in self.persons.origins)
        flat = {column.variable.name for column in given}
        for column in self.sheet.values:
            if column.variable.name in flat:
                why = BadValue("in-both-files", file=self.persons.faults.source)
                self.sheet.faults.add_header(column.header, why)

    def _remark_long_ago(self, moments: numpy.ndarray, good: numpy.ndarray) -> None:
        """Say how many cells are of long before the months simulated."""
        system, first = self.sheet.schema.system, self.months[0]
        oldest = int(moments[good].min(initial=first))
        for column, content in self.sheet.values.items():
            if is_long_ago(system, column.header, oldest, first):
                cells = good & content.given & (moments < first - MONTHS_BEFORE)
                self.population.remarks.append(
                    f"{self.sheet.faults.source}: {cells.sum()} cells of {column.header} are not "
                    f"used, long before the months simulated (from {month_text(oldest)})."
                )

    def _remark_absent(self, people: numpy.ndarray, moments: numpy.ndarray) -> None:
        """Say how many person-months that the law reads have no row, and what is read there."""
        spans: dict[tuple[int, ...], list[str]] = {}
        for column in self.sheet.values:
            if not column.variable.formulas:
                name, system = column.variable.name, self.sheet.schema.system
                read = months_read(system, name, self.population, self.months)
                told = f"{column.header} = {shown(default_value(column.variable), column)}"
                spans.setdefault(tuple(sorted(read)), []).append(told)
        for span, defaults in spans.items():
            rows = numpy.count_nonzero(numpy.isin(moments, span))
            absent = self.population.count * len(span) - rows
            if absent:
                self.population.remarks.append(
                    f"{self.sheet.faults.source}: {absent} person-months have no row from "
                    f"{month_text(span[0])} to {month_text(span[-1])}: {', '.join(defaults)} there."
                )

    def _refuse_absent(self, people: numpy.ndarray, moments: numpy.ndarray) -> None:
        """Note the persons (or groups) without a row in a month for what has no default."""
        columns = [column for column in self.sheet.values if column.variable.formulas]
        if not columns or self.sheet.faults.count:
            return  # Rows that are wrong would seem to be absent.
        for month in sorted({*self.months, *numpy.unique(moments).tolist()}):
            seen = numpy.zeros(self.population.count, dtype=bool)
            seen[people[moments == month]] = True
            for column in columns:
                self._refuse_absent_from(column, seen, month_text(month))

    def _refuse_absent_from(self, column: Column, seen: numpy.ndarray, month: str) -> None:
        group = self._group(column)
        if group is not None:
            seen = group.with_any(seen)
        for number in numpy.flatnonzero(~seen).tolist():
            if group is None:
                who = quoted(self.population.ids[number])
            else:
                who = group_name(column, number, self.persons)
            why = BadValue("no-row-in-month", who=who, month=month)
            self.sheet.faults.add_header(column.header, why)

    def _group(self, column: Column) -> Group | None:
        """The groups of the entity of a column; None when each person has a value."""
        group = self.population.groups.get(column.entity)
        return group if group is not None and group.membership is not None else None

    def _read_month(self, month: int, people: numpy.ndarray, rows: numpy.ndarray) -> None:
        """Add the inputs of one month."""
        count = self.population.count
        lines = numpy.zeros(count, dtype=int)
        lines[people] = numpy.asarray(self.sheet.lines)[rows]
        place = Sheet(self.sheet.schema, self.sheet.faults, lines, names=self.persons.names)
        place.origins = self.persons.origins
        if self.sheet.files is not None:
            place.files = numpy.full(count, "", dtype=object)
            place.files[people] = self.sheet.files[rows]
        seen = numpy.zeros(count, dtype=bool)
        seen[people] = True
        inputs = []
        for column, content in self.sheet.values.items():
            cells = spread(content, people, rows, count)
            group = self._group(column)
            if group is not None:
                cells = by_group(column, cells, group, place)
            if not may_be_empty(column.variable):
                self._refuse_empty(column, cells, group, seen, place)
            default = default_value(column.variable)
            values = numpy.where(cells.given, cells.values, default).astype(content.values.dtype)
            given = cells.given if column.variable.formulas and not cells.given.all() else None
            inputs.append(Input(column.header, month_text(month), values, given))
        check_homes([*self.flat, *inputs], self.population.groups, place)
        self.population.inputs += inputs

    def _refuse_empty(
        self, column: Column, cells: Cells, group: Group | None, seen: numpy.ndarray, place: Sheet
    ) -> None:
        """Note the rows that are there and say nothing."""
        owners = numpy.arange(len(seen)) if group is None else group.membership
        unreadable = {rank for rank, *_ in cells.faults}
        people = numpy.flatnonzero(seen & ~cells.given[owners])
        told: set[int] = set()
        for person in people.tolist():
            owner = int(owners[person])
            if owner in unreadable or owner in told:
                continue
            told.add(owner)
            name = group_name(column, owner, place) if group is not None else ""
            tell_empty(person, column, name, place)


def month_or_none(text: str) -> int:
    """Number of the month, -1 if the text is not one."""
    match = WRITTEN.fullmatch(text.strip())
    if match is None:
        return -1
    year, month = (match[1], match[2]) if match[1] else (match[6], match[5])
    return 12 * int(year) + int(month) - 1 if int(year) and 1 <= int(month) <= 12 else -1


def spread(content: Cells, people: numpy.ndarray, rows: numpy.ndarray, count: int) -> Cells:
    """The cells of some rows, at the ranks of their persons."""
    values = numpy.zeros(count, dtype=content.values.dtype)
    values[people] = content.values[rows]
    given = numpy.zeros(count, dtype=bool)
    given[people] = content.given[rows]
    bad = dict(content.faults)
    faults = []
    if bad:
        faults = [
            (person, bad[row])
            for person, row in zip(people.tolist(), rows.tolist(), strict=True)
            if row in bad
        ]
    return Cells(values, given, faults)
