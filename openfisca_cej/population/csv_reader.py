"""Read a CSV file of persons: one row a person, every fault named, what was guessed told."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy

from openfisca_cej.population import cells, csv_file
from openfisca_cej.population.schema import MOMENT, Column, Schema
from openfisca_cej.population.sheet import (
    Sheet,
    finish,
    labelled,
    look_at_unknown,
    read_cells,
    read_header,
)
from openfisca_cej.population.spelling import Spelling
from openfisca_cej.refusals import KEPT, BadValue, Faults, InvalidInput

#: Rows converted at once: texts take ten times the room of the arrays made of them.
BLOCK = 50_000


def csv_sheet(path: Path, schema: Schema, limit: int = KEPT) -> Sheet:
    """The columns of a file, with its faults, read row by row.

    Raises InvalidInput when it has no row that can be read.
    """
    sheet = Sheet(schema, Faults(path.name, limit=limit), blanks=True)
    try:
        read_sheet(path, sheet)
    except UnicodeDecodeError:
        sheet.faults.add_whole(BadValue("file-not-utf-8"))
    except csv.Error as error:
        why, line = (*error.args, 1)[:2]
        sheet.faults.add(BadValue("not-csv", why=why), line)
    if sheet.faults.count and not len(sheet.lines):
        raise InvalidInput(sheet.faults)
    return sheet


def read_sheet(path: Path, sheet: Sheet) -> None:
    """Read the header and the rows; bad rows are noted and left out. Raises csv.Error."""
    layout = csv_file.layout_of(path)
    if not layout.headers:
        sheet.faults.add_whole(BadValue("file-empty"))
        return
    columns = read_header(layout.headers, sheet)
    if not any(columns) and not sheet.faults.count:
        sheet.faults.add(BadValue("no-name-known"), layout.header_line)
        return
    every = blocks(path, layout, sheet)
    first = next(every, [])
    spelling = learned(first, path, layout, columns)
    # A column of months that cannot be read has one fault, and no rows.
    untold = [
        one is not None and one.kind == MOMENT and one.header in spelling.faults for one in columns
    ]
    columns = [None if bad else one for one, bad in zip(columns, untold, strict=True)]
    parts = []
    unnamed = {rank for rank, header in enumerate(layout.headers) if not header}
    for block in itertools.chain([first] if first else [], every):
        filled = {rank for rank in unnamed if any(row[rank].strip() for _, row in block)}
        for rank in sorted(filled):
            sheet.faults.add_header(f"n° {rank + 1}", BadValue("no-name"))
        unnamed -= filled
        for header in list(sheet.unknown):
            rank = layout.headers.index(header)
            look_at_unknown(header, {row[rank] for _, row in block}, sheet)
        parts.append(read_block(block, columns, spelling))
    if not parts and not sheet.faults.count:
        sheet.faults.add_whole(BadValue("only-a-header"))
    for header, why in spelling.faults.items():
        sheet.faults.add(why, layout.header_line, header)
    assemble(parts, columns, sheet)
    finish(sheet)
    told = [*layout.guessed, *(en for _, en in spelling.guesses)]
    sheet.remarks += [f"Guessed: {'; '.join(told)}."] if told else []


def learned(
    first: list[tuple[int, list[str]]],
    path: Path,
    layout: csv_file.Layout,
    columns: list[Column | None],
) -> Spelling:
    """How a file spells its numbers and dates: its first rows tell, or all of them."""
    spelling = Spelling(layout.separator)
    telling = [
        (rank, column)
        for rank, column in enumerate(columns)
        if column is not None and spelling.tells(column)
    ]

    others = {*range(len(columns))} - {rank for rank, _ in telling}

    def learn(block: list[tuple[int, list[str]]]) -> None:
        if spelling.room_for_commas and not spelling.elsewhere:
            spelling.look_elsewhere({row[rank] for _, row in block for rank in others})
        spelling.learn((column, [row[rank] for _, row in block]) for rank, column in telling)

    learn(first)
    if len(first) == BLOCK and spelling.needs_all:
        width = len(layout.headers)
        wide = (pair for pair in csv_file.rows_in(path, layout) if len(pair[1]) == width)
        rows = itertools.islice(wide, BLOCK, None)
        while block := list(itertools.islice(rows, BLOCK)):
            learn(block)
    spelling.decide()
    return spelling


def blocks(
    path: Path, layout: csv_file.Layout, sheet: Sheet
) -> Iterator[list[tuple[int, list[str]]]]:
    """Rows of the expected width with their lines, by blocks; others are faults."""
    rows = of_width(csv_file.rows_in(path, layout), layout, sheet)
    while block := list(itertools.islice(rows, BLOCK)):
        yield block


def of_width(
    rows: Iterator[tuple[int, list[str]]], layout: csv_file.Layout, sheet: Sheet
) -> Iterator[tuple[int, list[str]]]:
    """The rows that have as many cells as the header has names."""
    width = len(layout.headers)
    for line, row in rows:
        if len(row) == width:
            yield line, row
            continue
        words: dict[str, Any] = {"cells": len(row), "separator": layout.separator, "width": width}
        why = BadValue("cells-of-a-line", **words)
        if not "".join(row).strip("\0"):
            why = BadValue("nothing-but-nuls", count=len("".join(row)))
        if layout.unnamed >= len(row) - width > 0:
            why = BadValue("beyond-names", value=next(filter(None, map(str.strip, row[width:]))))
        sheet.faults.add(why, line)


def read_block(
    block: list[tuple[int, list[str]]], columns: list[Column | None], spelling: Spelling
) -> dict[str, Any]:
    """Arrays (or texts, for identifiers and roles) of a block of rows, by header."""
    part: dict[str, Any] = {"": numpy.array([line for line, _ in block])}
    for column, written in zip(columns, zip(*(row for _, row in block), strict=True), strict=True):
        if column is None:
            continue
        refused = column.header in spelling.faults
        texts = [""] * len(written) if refused else spelling.texts(column, written)
        if column.kind not in ("variable", "weight"):
            part[column.header] = [text.strip() for text in texts]
            continue
        part[column.header] = read = read_cells(texts, column)
        if refused:
            read.given[:] = True  # told already
        read.faults = [
            (rank, why.quoting(written[rank].strip(), texts[rank].strip()))
            for rank, why in read.faults
        ]
    return part


def assemble(parts: list[dict[str, Any]], columns: list[Column | None], sheet: Sheet) -> None:
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
