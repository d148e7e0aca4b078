"""The first sheet of a workbook (xlsx, ods) as rows of texts, as a CSV file would have them."""

import functools
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from openfisca_cej.population.arrow import library
from openfisca_cej.population.cells import text_of
from openfisca_cej.refusals import refusal

#: A cell of the XML of a sheet that is not empty; an error in it, a formula without a result.
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
ERROR = re.compile(rb"<(?:\w+:)?v>(.*?)<")
FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)(?!.*<(?:\w+:)?v>[^<])", re.DOTALL)

#: Bytes of XML read at once.
BLOCK = 1 << 20


def rows_of(path: Path) -> tuple[list[list[str]], list[str]]:
    """The rows of the first sheet that is shown, its name and those of the others.

    Raises InvalidInput when the workbook cannot be read, MissingLibrary.
    """
    calamine = library("python_calamine", "sheets")
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            shown = (calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible)
            kinds = [(sheet.typ, sheet.visible) for sheet in book.sheets_metadata]
            rank = kinds.index(shown) if shown in kinds else 0
            names = book.sheet_names
            rows = book.get_sheet_by_index(rank).to_python(skip_empty_area=False)
    except (calamine.CalamineError, OSError) as error:
        raise refusal(path.name, "not-a-workbook", why=error) from None
    texts = [[*map(text_of, row)] for row in rows]
    for row, column, text in unread(path, rank):
        if row < len(texts) and column < len(texts[row]):
            texts[row][column] = text
    return texts, [names.pop(rank), *names]


def unread(path: Path, rank: int) -> Iterator[tuple[int, int, str]]:
    """The cells of a sheet of an xlsx file that the library leaves empty: row, column, text.

    They hold an error, or a formula that nothing has computed.
    """
    with zipfile.ZipFile(path) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return
        sheets = re.findall(rb'<(?:\w+:)?sheet\b[^>]*:id="(.*?)"', archive.read("xl/workbook.xml"))
        link = rb'<(?:\w+:)?Relationship\b(?=[^>]* Id="%b")[^>]* Target="(.*?)"' % sheets[rank]
        target = re.findall(link, archive.read("xl/_rels/workbook.xml.rels"))[0].decode()
        with archive.open(posixpath.join("/xl", target)[1:]) as file:
            rest = b""
            while block := file.read(BLOCK):
                cells, end, rest = (rest + block).rpartition(b"c>")
                if b't="e"' in cells or b"f>" in cells:
                    for attributes, content in CELL.findall(cells + end):
                        yield from lost(attributes, content)


def lost(attributes: bytes, content: bytes) -> Iterator[tuple[int, int, str]]:
    """The place and the text of a cell, if it is an error or a formula without a result."""
    of_an_error = b't="e"' in attributes
    found = (ERROR if of_an_error else FORMULA).search(content)
    place = re.search(rb'\br="([A-Z]+)(\d+)"', attributes)
    if found and place and b't="str"' not in attributes:
        column = functools.reduce(lambda left, letter: 26 * left + letter - 64, place[1], 0)
        text = (found[1] or b"").decode()
        yield int(place[2]) - 1, column - 1, text if of_an_error else f"={text}"
