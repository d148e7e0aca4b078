"""A CSV file as people have it: its encoding, its separator, its header, its rows.

Spreadsheets write a mark before UTF-8, or the alphabet of Windows, or UTF-16; « sep=; » or a blank
line before the header; empty columns and rows after the others. All of it is found here, once.
"""

import codecs
import csv
import functools
import io
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy

from openfisca_cej.population import kinds, sheet_file
from openfisca_cej.refusals import BadValue, Faults, InvalidInput

#: In a file whose header has as many of each, the first one separates.
SEPARATORS = (",", ";", "\t", "|")

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

#: What stands for a letter that cannot be read.
UNREADABLE = "\ufffd"

#: What Excel saves in when it is not asked for UTF-8, in Western Europe.
WINDOWS = "cp1252"

#: In place of an encoding, for the sheet of a workbook.
SHEET = "sheet"

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
    with kinds.opened(path) as file:
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


def check_undamaged(path: Path) -> None:
    """Raise InvalidInput when a file that is not in UTF-8 has more letters in it than others."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    faults, lines, letters = Faults(path.name), 1, 0
    with kinds.opened(path) as file:
        while block := file.read(BLOCK):
            text = decoder.decode(block)
            bad = text.count(UNREADABLE)
            if bad and not faults.count:
                faults.add(
                    BadValue("not-utf-8-here"), lines + text.partition(UNREADABLE)[0].count("\n")
                )
            lines += text.count("\n")
            letters += len(text) - len(text.encode("ascii", "ignore")) - 2 * bad
    if letters > 0:
        raise InvalidInput(faults)


def layout_of(path: Path) -> Layout:
    """The layout of a file. Raises UnicodeDecodeError, csv.Error, InvalidInput, OSError."""
    if kinds.kind_of(path) == "sheet":
        return layout_of_sheet(path)
    kinds.check_packed(path)
    encoding = encoding_of(path)
    with text_of(path, encoding) as file:
        found = read_layout(file)
    found.encoding = encoding
    if encoding == WINDOWS:
        check_undamaged(path)
        found.guessed.append("it is not in UTF-8: read as Windows-1252, as Excel saves it")
    return found


def text_of(path: Path, encoding: str) -> TextIO:
    """The text of a file, compressed or not."""
    return io.TextIOWrapper(kinds.opened(path), encoding, newline="")


def layout_of_sheet(path: Path) -> Layout:
    """The layout of the first sheet of a workbook that is shown."""
    rows, names = sheet_of(path)
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if any(cells):
            named = max(rank for rank, cell in enumerate(cells, 1) if cell)
            found = Layout(cells[:named], ",", number, len(cells) - named, SHEET)
            if len(names) > 1:
                told = f"its first sheet, {names[0]}, is read, and not {', '.join(names[1:])}"
                found.guessed.append(told)
            return found
    return Layout()


@dataclass(frozen=True)
class Facts:
    """What the bytes of a file tell: the number of its rows, where no cell has breaks of lines.

    Odd: a quotation mark within a cell, a lone carriage return, two bytes a letter.
    """

    rows: int | None = None
    odd: bool = False

    @property
    def breaks(self) -> bool:
        """Whether some cells have breaks of lines."""
        return self.rows is None


def facts_of(path: Path) -> Facts:
    """What can be told of a file without parsing it. Raises as ``layout_of`` does."""
    layout = layout_of(path)
    if layout.encoding in ("utf-16", SHEET):
        return Facts(odd=True)
    separator = re.escape(layout.separator.encode())
    blank = re.compile(rb"\n[ \t\r%b]*(?=\n)" % separator)
    rows, breaks, rest = 0, False, b""
    with kinds.opened(path) as file:
        head = b"".join(file.readline() for _ in range(layout.header_line))
        head = b"\n%b\n" % head.removeprefix(codecs.BOM_UTF8)
        if is_odd(numpy.frombuffer(head, numpy.uint8), ord(layout.separator)):
            return Facts(odd=True)
        while True:
            block = file.read(BLOCK)
            # The break before the first line is there to be found, and one after the last.
            lines, _, rest = (b"\n" + rest + (block or b"\n")).rpartition(b"\n")
            letters = numpy.frombuffer(lines + b"\n", numpy.uint8)
            if is_odd(letters, ord(layout.separator)):
                return Facts(odd=True)
            breaks |= breaks_in(letters)
            rows += lines.count(b"\n") - len(blank.findall(lines + b"\n"))
            if not block:
                return Facts(None if breaks else rows)


def is_odd(letters: numpy.ndarray, separator: int) -> bool:
    """Whether a quotation mark is within a cell, or a carriage return ends no line."""
    mark, end, back = b'"\n\r'
    limits = numpy.zeros(256, dtype=bool)
    limits[[mark, end, back, separator]] = True
    marks = numpy.flatnonzero(letters == mark)
    odd = ~(limits[letters[marks - 1]] | limits[letters[marks + 1]])
    lone = letters[numpy.flatnonzero(letters == back) + 1] != end
    return bool(odd.any() or lone.any())


def breaks_in(letters: numpy.ndarray) -> bool:
    """Whether some lines end within quotation marks."""
    marks, ends = (numpy.flatnonzero(letters == ord(sign)) for sign in '"\n')
    return bool((numpy.searchsorted(marks, ends) % 2).any())


def remembered(function: Callable[[Path], Any], files: int = 256) -> Any:
    """The same function, which looks once at each state of a file."""

    @functools.lru_cache(files)
    def known(path: Path, *state: int) -> Any:
        return function(path)

    def looked_at(path: Path) -> Any:
        told = path.stat()
        return known(path.absolute(), told.st_size, told.st_mtime_ns, told.st_ino)

    return looked_at


layout_of, facts_of = remembered(layout_of), remembered(facts_of)

#: The rows of a workbook, which is read several times.
sheet_of = remembered(sheet_file.rows_of, 1)


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
            reader = csv.reader(itertools.chain([line], file), delimiter=separator, strict=True)
            cells = [cell.strip() for cell in next(reader)]
            named = max(rank for rank, cell in enumerate(cells, 1) if cell)
            last = number + reader.line_num - 1  # A name may have a break of lines in it.
            return Layout(cells[:named], separator, last, len(cells) - named)
    return Layout()


def rows_of(file: TextIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header, each with the line where it starts; blank ones are left out.

    Empty cells beyond the last name are left out too. Raises csv.Error, with the line.
    """
    width = len(layout.headers)
    reader = csv.reader(file, delimiter=layout.separator, strict=True)
    line = layout.header_line + 1
    try:
        for row in reader:
            if len(row) > width and not any(map(str.strip, row[width:])):
                row = row[:width]
            if any(map(str.strip, row)):
                yield line, row
            line = layout.header_line + reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(str(error), line) from None


def rows_in(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file. Raises UnicodeDecodeError, csv.Error, OSError."""
    if layout.encoding == SHEET:
        width = len(layout.headers)
        for line, row in enumerate(sheet_of(path)[0][layout.header_line :], layout.header_line + 1):
            if any(map(str.strip, row)):
                yield line, row if any(map(str.strip, row[width:])) else row[:width]
        return
    with text_of(path, layout.encoding) as file:
        for _ in range(layout.header_line):
            file.readline()
        yield from rows_of(file, layout)
