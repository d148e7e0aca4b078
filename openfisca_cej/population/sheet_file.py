"""The first sheet of a workbook (xlsx, ods) as rows of texts, as a CSV file would have them."""

import datetime
from pathlib import Path
from typing import Any

from openfisca_cej.population.arrow import library
from openfisca_cej.refusals import refusal


def rows_of(path: Path) -> tuple[list[list[str]], list[str]]:
    """The rows of the first sheet, and the names of all of them.

    Raises InvalidInput when the workbook cannot be read, MissingLibrary.
    """
    calamine = library("python_calamine", "sheets")
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (calamine.CalamineError, OSError) as error:
        raise refusal(path.name, "not-a-workbook", why=error) from None
    return [[text_of(cell) for cell in row] for row in rows], names


def text_of(cell: Any) -> str:
    """What a cell holds, as a machine writes it."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.datetime):
        return str(cell) if cell.time() != datetime.time() else str(cell.date())
    return str(cell)
