"""Where the persons are: a CSV or Parquet file, or a folder of part files of one kind."""

from collections.abc import Sequence
from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population.csv_reader import csv_sheet, read_csv
from openfisca_cej.population.parquet_reader import parquet_sheet, read_parquet
from openfisca_cej.population.schema import REFUSED, Others, Schema
from openfisca_cej.population.sheet import Sheet
from openfisca_cej.population.table import Population
from openfisca_cej.refusals import KEPT, refusal

PARQUET = (".parquet", ".pq")
CSV = (".csv",)

#: Beginnings and ends of the names that are not those of parts: hidden, marks of other tools,
#: files being written, and the manifest of a run.
HIDDEN = (".", "_", "~")
TEMPORARY = (".tmp", ".temp", ".part", ".crc", "~")
MANIFEST = "run.json"


def is_parquet(path: Path) -> bool:
    """Whether the name is that of a Parquet file; other files are read as CSV."""
    return path.suffix.lower() in PARQUET


def find_parts(path: Path) -> list[Path]:
    """The file itself, or the part files of a folder, sorted by name.

    Raises InvalidInput when the folder has none, or has several kinds of files.
    """
    if not path.is_dir():
        return [path]
    parts = sorted((part for part in path.iterdir() if not ignored(part)), key=lambda p: p.name)
    for part in parts:
        if part.is_dir():
            raise refusal(path.name, "folder-inside", name=part.name)
        if part.suffix.lower() not in (*CSV, *PARQUET):
            raise refusal(path.name, "not-a-part", name=part.name)
    if not parts:
        raise refusal(path.name, "no-part")
    if len({is_parquet(part) for part in parts}) > 1:
        raise refusal(path.name, "two-kinds")
    return parts


def ignored(path: Path) -> bool:
    """Whether the name is not that of a part: hidden, temporary, or the manifest of a run."""
    name = path.name.lower()
    return name.startswith(HIDDEN) or name.endswith(TEMPORARY) or name == MANIFEST


def read(
    path: Path,
    system: TaxBenefitSystem,
    months: range,
    row_groups: Sequence[int] | None = None,
    limit: int = KEPT,
    others: Others = REFUSED,
) -> Population:
    """Read the persons of one file, or of some row groups of a Parquet file.

    Raises InvalidInput with all the faults, of which ``limit`` are kept.
    """
    if is_parquet(path):
        return read_parquet(path, system, months, row_groups, limit, others)
    return read_csv(path, system, months, limit, others)


def read_sheet(path: Path, schema: Schema, limit: int = KEPT) -> Sheet:
    """The columns of one file, with its faults; raises InvalidInput when it has no row."""
    reader = parquet_sheet if is_parquet(path) else csv_sheet
    return reader(path, schema, limit=limit)
