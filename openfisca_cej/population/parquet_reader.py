"""Read a Parquet file of persons: the columns of the CSV file, typed, by row groups if asked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population.arrow import library, read_table
from openfisca_cej.population.schema import REFUSED, Others, Schema
from openfisca_cej.population.sheet import Sheet, build
from openfisca_cej.population.table import Population
from openfisca_cej.refusals import KEPT, ROWS, Faults, InvalidInput, refusal


def read_parquet(
    path: Path,
    system: TaxBenefitSystem,
    months: range,
    row_groups: Sequence[int] | None = None,
    limit: int = KEPT,
    others: Others = REFUSED,
) -> Population:
    """Read the persons of a file, or of some of its row groups, for a simulation of these months.

    Raises InvalidInput with all the faults, of which ``limit`` are kept; rows are numbered from
    1, over the whole file. Raises MissingLibrary without PyArrow.
    """
    sheet = parquet_sheet(path, Schema(system, others), row_groups, limit)
    population = build(sheet, months)
    sheet.faults.raise_if_any()
    return population


def parquet_sheet(
    path: Path, schema: Schema, row_groups: Sequence[int] | None = None, limit: int = KEPT
) -> Sheet:
    """The columns of a file, or of some of its row groups, with its faults.

    Raises InvalidInput when it cannot be read or has no row.
    """
    sheet = Sheet(schema, Faults(path.name, ROWS, limit))
    with readable(path.name), opened(path) as file:
        sizes = [file.metadata.row_group(rank).num_rows for rank in range(file.num_row_groups)]
        groups = list(range(len(sizes)) if row_groups is None else row_groups)
        table = file.read_row_groups(groups)
        table.validate(full=True)  # Texts that are not in UTF-8, above all.
    ends = numpy.cumsum([0, *sizes])
    lines = [numpy.arange(ends[rank] + 1, ends[rank + 1] + 1) for rank in groups]
    sheet.lines = numpy.concatenate([numpy.arange(0), *lines])
    if len(sheet.lines) != table.num_rows:
        words = {"announced": len(sheet.lines), "held": table.num_rows}
        raise refusal(path.name, "rows-announced", **words)
    read_table(table, sheet)
    if sheet.faults.count and not len(sheet.lines):
        raise InvalidInput(sheet.faults)
    return sheet


def opened(path: Path) -> Any:
    """A Parquet file, whose pages are checked where they carry checksums."""
    return library("pyarrow.parquet").ParquetFile(path, page_checksum_verification=True)


@contextmanager
def readable(source: str) -> Iterator[None]:
    """Raise InvalidInput for what Arrow cannot make sense of; errors of the system go through."""
    try:
        yield
    except (OSError, UnicodeDecodeError, library().ArrowException) as error:
        if getattr(error, "errno", None):
            raise
        raise refusal(source, "not-parquet", why=first_line(error)) from None


def first_line(error: Exception) -> str:
    """The first sentence of an error, without its final stop."""
    return str(error).strip().partition("\n")[0].rstrip(".")
