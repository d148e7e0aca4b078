"""Read a CSV file of persons, strictly: one row a person, every fault named, nothing guessed."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import cells
from openfisca_cej.population.schema import Column, Schema
from openfisca_cej.population.sheet import Sheet, build, labelled, read_header
from openfisca_cej.population.table import Population
from openfisca_cej.refusals import KEPT, BadValue, Faults, InvalidInput

#: Rows converted at once: texts take ten times the room of the arrays made of them.
BLOCK = 50_000


def read_csv(path: Path, system: TaxBenefitSystem, months: range, limit: int = KEPT) -> Population:
    """Read the persons of a file, for a simulation of these months.

    Raises InvalidInput with all the faults of the file, of which ``limit`` are kept.
    """
    sheet = csv_sheet(path, Schema(system), limit)
    population = build(sheet, months)
    sheet.faults.raise_if_any()
    return population


def csv_sheet(path: Path, schema: Schema, limit: int = KEPT) -> Sheet:
    """The columns of a file, with its faults.

    Raises InvalidInput when it has no row that can be read.
    """
    sheet = Sheet(schema, Faults(path.name, limit=limit))
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            read_sheet(file, sheet)
    except UnicodeDecodeError:
        sheet.faults.add_whole(BadValue("file-not-utf-8"))
    if sheet.faults.count and not len(sheet.lines):
        raise InvalidInput(sheet.faults)
    return sheet


def read_sheet(file, sheet: Sheet) -> None:
    """Read the header and the rows; bad rows are noted and left out."""
    first = file.readline()
    if not first.strip():
        sheet.faults.add_whole(BadValue("file-empty"))
        return
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        headers = [header.strip() for header in next(csv.reader([first], delimiter=separator))]
        columns = read_header(headers, sheet)
        parts = [
            read_block(block, columns) for block in blocks(file, separator, len(headers), sheet)
        ]
    except csv.Error as error:
        sheet.faults.add_whole(BadValue("not-csv", why=error))
        return
    if not parts and not sheet.faults.count:
        sheet.faults.add_whole(BadValue("only-a-header"))
    assemble(parts, columns, sheet)


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
            words = {"cells": len(row), "separator": separator, "width": width}
            sheet.faults.add(BadValue("cells-of-a-line", **words), line)
        line = reader.line_num + 2


def read_block(block: list[tuple[int, list]], columns: list[Column | None]) -> dict:
    """Arrays (or texts, for identifiers and roles) of a block of rows, by header."""
    part = {"": numpy.array([line for line, _ in block])}
    for column, texts in zip(columns, zip(*(row for _, row in block), strict=True), strict=True):
        if column is None:
            continue
        if column.kind == "variable":
            part[column.header] = cells.read(texts, column.variable)
        elif column.kind == "weight":
            part[column.header] = cells.read_numbers(texts, cells.WEIGHTS)
        else:
            part[column.header] = [text.strip() for text in texts]
    return part


def assemble(parts: list[dict], columns: list[Column | None], sheet: Sheet) -> None:
    """Put the blocks end to end."""
    if not parts:
        return
    sheet.lines = numpy.concatenate([part[""] for part in parts])
    starts = numpy.cumsum([0, *(len(part[""]) for part in parts)]).tolist()
    for column in filter(None, columns):
        contents = [part.pop(column.header) for part in parts]
        if column.kind in ("variable", "weight"):
            sheet.put(column, joined(contents, starts))
        else:
            sheet.put(column, labelled(itertools.chain.from_iterable(contents)))


def joined(contents: list[cells.Cells], starts: list[int]) -> cells.Cells:
    """The cells of blocks of rows, end to end."""
    return cells.Cells(
        numpy.concatenate([content.values for content in contents]),
        numpy.concatenate([content.given for content in contents]),
        [
            (start + rank, why)
            for start, content in zip(starts, contents, strict=False)
            for rank, why in content.faults
        ],
    )
