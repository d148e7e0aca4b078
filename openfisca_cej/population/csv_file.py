"""A CSV file as people have it: its encoding, its separator, its header, its rows.

Spreadsheets write a mark before UTF-8, or the alphabet of Windows, or UTF-16; « sep=; » or a blank
line before the header; empty columns and rows after the others. All of it is found here, once.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

#: In a file whose header has as many of each, the first one separates.
SEPARATORS = (",", ";", "\t")

#: A first line by which a spreadsheet tells another one what separates the cells.
SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

#: A cell between quotation marks: what it holds separates nothing.
QUOTED = re.compile(r'"[^"]*"')

#: Marks at the beginning of a file, and what they say of it.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: What Excel saves in when it is not asked for UTF-8, in Western Europe.
WINDOWS = "cp1252"

#: Bytes read at once to find the encoding.
BLOCK = 1 << 20


@dataclass
class Layout:
    """Where the cells of a file are: ``header_line`` is the line of the names (from 1).

    ``headers`` has no empty name at its end: ``unnamed`` is how many there were. ``guessed`` are
    sentences on what was not written.
    """

    headers: list[str] = field(default_factory=list)
    separator: str = ","
    header_line: int = 0
    unnamed: int = 0
    encoding: str = "utf-8"
    guessed: list[str] = field(default_factory=list)


def encoding_of(path: Path) -> str:
    """The encoding of a file: its mark's, else UTF-8 if all of it is, else that of Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        block = file.read(BLOCK)
        for mark, encoding in MARKS:
            if block.startswith(mark):
                return encoding
        try:
            while block:
                decoder.decode(block)
                block = file.read(BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return WINDOWS
    return "utf-8"


def layout_of(path: Path) -> Layout:
    """The layout of a file. Raises UnicodeDecodeError, csv.Error, OSError."""
    encoding = encoding_of(path)
    with path.open(newline="", encoding=encoding) as file:
        found = read_layout(file)
    found.encoding = encoding
    if encoding == WINDOWS:
        found.guessed.append("it is not in UTF-8: read as Windows-1252, as Excel saves it")
    return found


def read_layout(file: TextIO) -> Layout:
    """The layout of an open text, which is left after its header. Raises csv.Error."""
    separator = ""
    for number, line in enumerate(file, 1):
        told = SEP.fullmatch(line.strip(" \r\n"))
        if told and not separator:
            separator = told[1]
        elif line.strip(f" \r\n{separator}{''.join(SEPARATORS)}"):
            bare = QUOTED.sub("", line)
            separator = separator or max(SEPARATORS, key=bare.count)
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
            named = max(rank for rank, cell in enumerate(cells, 1) if cell)
            return Layout(cells[:named], separator, number, len(cells) - named)
    return Layout()


def rows_of(file: TextIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header, each with the line where it starts; blank ones are left out.

    Empty cells beyond the last name are left out too. Raises csv.Error.
    """
    width = len(layout.headers)
    reader = csv.reader(file, delimiter=layout.separator, strict=True)
    line = layout.header_line + 1
    for row in reader:
        if len(row) > width and not any(map(str.strip, row[width:])):
            row = row[:width]
        if any(map(str.strip, row)):
            yield line, row
        line = layout.header_line + reader.line_num + 1


def rows_in(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file. Raises UnicodeDecodeError, csv.Error, OSError."""
    with path.open(newline="", encoding=layout.encoding) as file:
        for _ in range(layout.header_line):
            file.readline()
        yield from rows_of(file, layout)
