"""Read a CSV file by PyArrow, as long as nothing in it is wrong or in doubt.

Cells are read by the types of their columns or, where a column may be spelt in several ways, each
distinct text once. Whatever is not plain is left to ``csv_reader``, which reads row by row and
names lines: both make the same population of the same file.
"""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from openfisca_cej.population import cells, csv_file, kinds
from openfisca_cej.population.arrow import as_numpy, library, read_content, texts_of
from openfisca_cej.population.schema import Column, Schema
from openfisca_cej.population.sheet import Labels, Sheet, fill, read_cells, read_header
from openfisca_cej.population.spelling import Spelling, is_date, is_number, is_spelt
from openfisca_cej.refusals import Faults

if TYPE_CHECKING:
    import pyarrow

#: Bytes under which importing PyArrow takes longer than it saves.
WORTH_IT = 1 << 19

#: Bytes parsed at once, of which Arrow reads up to 32 times as many ahead: a row is never longer.
BLOCK = 1 << 20

#: The name of a column without one: nothing may be in it.
UNNAMED = "\0"

#: Rows that may be moved to the next block to keep a group together.
MOVED = 10_000


class InDoubt(Exception):
    """Something in the file is not plain: the other reader says what."""


def sheet_of(path: Path, schema: Schema) -> Sheet | None:
    """All the rows of a file without a fault; None when it is in doubt, or not worth it."""
    for quick in attempts(path, schema):
        try:
            (sheet,) = quick.sheets(None)
        except InDoubt:
            continue
        return sheet
    return None


def attempts(path: Path, schema: Schema) -> Iterator["QuickFile"]:
    """The ways to read a file that may do, quickest first."""
    if path.stat().st_size < WORTH_IT or find_spec("pyarrow") is None:
        return
    try:
        layout = csv_file.layout_of(path)
        facts = csv_file.facts_of(path)
    except ValueError:  # It cannot be read as text, or not as CSV.
        return
    if facts.odd or not layout.headers or "" in layout.headers:
        return
    if not Spelling(layout.separator).room_for_commas:
        yield QuickFile(path, layout, facts.breaks, schema, spelt=False)
    yield QuickFile(path, layout, facts.breaks, schema, spelt=True)


class QuickFile:
    """A CSV file that seems to be plain; ``spelt``: numbers and dates may be written in many ways.

    ``sheets`` raises InDoubt when it is not.
    """

    def __init__(
        self, path: Path, layout: csv_file.Layout, breaks: bool, schema: Schema, spelt: bool
    ) -> None:
        self.path = path
        self.layout = layout
        self.breaks = breaks
        self.schema = schema
        self.spelling = Spelling(layout.separator)
        named = zip(layout.headers, self._columns(self._sheet()), strict=True)
        self.named = {header: column for header, column in named if column is not None}
        self.spelt = {
            header: column for header, column in self.named.items() if spelt and is_spelt(column)
        }
        self.groups = [
            header for header, column in self.named.items() if column.kind in ("group", "role")
        ]

    def _sheet(self) -> Sheet:
        return Sheet(self.schema, Faults(self.path.name), blanks=True, rough=True)

    def _columns(self, sheet: Sheet) -> list[Column | None]:
        columns = read_header(self.layout.headers, sheet)
        return [] if sheet.faults.count else columns

    def sheets(self, rows: int | None) -> Iterator[Sheet]:
        """The rows by blocks of about so many (None: all at once), groups of contiguous rows whole.

        Raises InDoubt.
        """
        if not self.named:
            raise InDoubt
        if rows is not None and self.spelt:
            for table in self._tables(rows, list(self.spelt)):
                self._learn(table)
            self._decide()
        started = 0
        for table in self._tables(rows):
            if rows is None and self.spelt:
                self._learn(table)
                self._decide()
            sheet = self._read(table, started)
            started += table.num_rows
            del table  # while what was read of it is simulated
            yield sheet
            del sheet
        if not started:
            raise InDoubt

    def _tables(
        self, rows: int | None, only: Sequence[str] | None = None
    ) -> Iterator["pyarrow.Table"]:
        arrow = library()
        held: list[Any] = []
        for batch in self._batches(only):
            held.append(batch)
            count = sum(one.num_rows for one in held)
            while rows is not None and count >= rows + MOVED:
                whole = arrow.Table.from_batches(held)
                cut = rows if only else self._cut(whole, rows)
                ready, held = [whole.slice(0, cut)], whole.slice(cut).to_batches()
                count -= cut
                del whole
                yield ready.pop()  # which is not held here any more
        if held:
            yield arrow.Table.from_batches(held)

    def _batches(self, only: Sequence[str] | None) -> Iterator["pyarrow.RecordBatch"]:
        arrow, csv = library(), library("pyarrow.csv")
        text = arrow.string()
        types = dict.fromkeys(self.layout.headers, text)
        for header, column in self.named.items():
            if header in self.spelt:
                types[header] = arrow.dictionary(arrow.int32(), text)
            elif is_number(column):
                types[header] = arrow.float64()
            elif is_date(column):
                types[header] = arrow.date32()
        unnamed = [f"{UNNAMED}{rank}" for rank in range(self.layout.unnamed)]
        reading = csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK,
            skip_rows=self.layout.header_line,
            column_names=[*self.layout.headers, *unnamed],
            encoding=self.layout.encoding.removesuffix("-sig"),
        )
        parsing = csv.ParseOptions(delimiter=self.layout.separator, newlines_in_values=self.breaks)
        converting = csv.ConvertOptions(
            column_types={**types, **dict.fromkeys(unnamed, arrow.null())},
            null_values=[""],
            strings_can_be_null=False,
            include_columns=[*(only or self.layout.headers), *unnamed],
        )
        try:
            # A path is opened by Arrow, which is quicker.
            source = kinds.opened(self.path) if kinds.is_packed(self.path) else self.path
            with csv.open_csv(source, reading, parsing, converting) as file:
                yield from file
        except (ValueError, arrow.ArrowException) as error:
            raise InDoubt from error

    def _cut(self, table: "pyarrow.Table", rows: int) -> int:
        """The first place from a row on that is in the middle of no group. Raises InDoubt."""
        apart = numpy.ones(MOVED, dtype=bool)
        for header in self.groups:
            if self.named[header].kind == "group":
                near = table.column(header).slice(rows - 1, MOVED + 1).combine_chunks()
                compute = library("pyarrow.compute")
                apart &= as_numpy(compute.not_equal(near[1:], near[:-1]))
        places = numpy.flatnonzero(apart)
        if not len(places):
            raise InDoubt
        return rows + int(places[0])

    # Spelling.

    def _learn(self, table: "pyarrow.Table") -> None:
        self.spelling.learn(
            (column, distinct(table.column(header))[1])
            for header, column in self.spelt.items()
            if self.spelling.tells(column)
        )

    def _decide(self) -> None:
        self.spelling.decide()
        if self.spelling.faults:
            raise InDoubt

    # Columns.

    def _read(self, table: "pyarrow.Table", started: int) -> Sheet:
        """A block of rows, of which so many came before. Raises InDoubt."""
        sheet = self._sheet()
        first = self.layout.header_line + 1 + started
        sheet.lines = range(first, first + table.num_rows)

        def content(rank: int, column: Column) -> cells.Cells | Labels:
            chunks = table.column(rank)
            if self.layout.headers[rank] in self.spelt:
                return self._by_texts(chunks, column)
            return read_content(chunks, column, sheet)

        fill(sheet, self.layout.headers, content, lambda rank: texts_of(table.column(rank)))
        told = [*self.layout.guessed, *(en for _, en in self.spelling.guesses)]
        sheet.remarks += [f"Guessed: {'; '.join(told)}."] if told else []
        if sheet.faults.count:
            raise InDoubt
        return sheet

    def _by_texts(self, chunks: "pyarrow.ChunkedArray", column: Column) -> cells.Cells:
        codes, names = distinct(chunks)
        known = read_cells(self.spelling.texts(column, names), column)
        if known.faults:
            raise InDoubt
        return cells.Cells(known.values[codes], known.given[codes])


def distinct(chunks: "pyarrow.ChunkedArray") -> tuple[numpy.ndarray, list[str]]:
    """The rank of each text of a column among the distinct ones, and these."""
    array = chunks.unify_dictionaries().combine_chunks()
    return as_numpy(array.indices), array.dictionary.to_pylist()
