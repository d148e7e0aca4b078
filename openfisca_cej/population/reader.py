"""Read what a source is cut into, whatever it is written in: columns, then persons."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import csv_arrow, parts
from openfisca_cej.population.arrow import library, read_table
from openfisca_cej.population.csv_reader import csv_sheet
from openfisca_cej.population.parts import Unit
from openfisca_cej.population.schema import REFUSED, Others, Schema
from openfisca_cej.population.sheet import Sheet, build
from openfisca_cej.population.sources import is_parquet
from openfisca_cej.population.table import Population
from openfisca_cej.refusals import KEPT, ROWS, Faults, InvalidInput, refusal


def schema_of(unit: Unit, system: TaxBenefitSystem, others: Others = REFUSED) -> Schema:
    """The columns that a unit may have, with what its folders say of all its rows."""
    return Schema(system, others, parts.hive_of(unit.path, unit.name))


def persons(unit: Unit, schema: Schema, months: range, limit: int = KEPT) -> Population:
    """The persons of a unit, for a simulation of these months.

    Raises InvalidInput with all the faults, of which ``limit`` are kept, in the rows or lines of
    the whole file; MissingLibrary, OSError.
    """
    sheet = sheet_of(unit, schema, limit, quick=True)
    population = build(sheet, months)
    if sheet.faults.count and sheet.rough:
        sheet = sheet_of(unit, schema, limit)
        population = build(sheet, months)
    sheet.faults.raise_if_any()
    if unit.first:
        population.ids = ranks_from(unit.first, population.count)
    return population


def ranks_from(first: int, count: int) -> list[str]:
    """What persons without identifiers are called, those before them being so many."""
    return [str(rank) for rank in range(first + 1, first + count + 1)]


def sheet_of(unit: Unit, schema: Schema, limit: int = KEPT, quick: bool = False) -> Sheet:
    """The columns of a unit, with its faults; ``quick``: their lines need not be right.

    Raises InvalidInput when it cannot be read or has no row, MissingLibrary, OSError.
    """
    try:
        if unit.format == "parquet":
            with readable(unit.name):
                table = parts.read_rows(unit)
            return read_table(table, schema, Faults(unit.name, ROWS, limit), unit.place + 1)
        found = csv_arrow.sheet_of(unit.path, schema) if quick else None
        sheet = found or csv_sheet(unit.path, schema, limit)
    except InvalidInput as error:
        for faults in error.sources:  # A part is named within its folder.
            faults.source = unit.name
        raise InvalidInput(*error.sources) from None
    sheet.faults.source = unit.name
    return sheet


def read(
    path: Path,
    system: TaxBenefitSystem,
    months: range,
    limit: int = KEPT,
    others: Others = REFUSED,
) -> Population:
    """The persons of one file. Raises as ``persons`` does."""
    return persons(file_of(path, path.name), Schema(system, others), months, limit)


def file_of(path: Path, name: str) -> Unit:
    """A whole file, as a unit of this name."""
    return Unit(0, path, name, "parquet" if is_parquet(path) else "csv", "")


@contextmanager
def readable(source: str) -> Iterator[None]:
    """Raise InvalidInput for what Arrow cannot make sense of; errors of the system go through."""
    try:
        yield
    except (OSError, UnicodeDecodeError, library().ArrowException) as error:
        if getattr(error, "errno", None):
            raise
        raise refusal(source, "not-parquet", why=parts.short(error)) from None
