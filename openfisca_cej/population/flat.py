"""Write a population as files: the flat one that ``simulate`` reads, and what describes persons.

The flat file has the columns of the strict schema and no others. What the model does not read
(operator, diploma, region…) goes to a second file beside it, ``…_attributs``, joined by
``individu_id``. Both are CSV or Parquet, as their names say; neither appears unless complete.
"""

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import atomic
from openfisca_cej.population.arrow import CODEC, library
from openfisca_cej.population.cells import text_of
from openfisca_cej.population.output import quoted
from openfisca_cej.population.table import Population

SUFFIXES = (".csv", ".parquet")
SUFFIX = "_attributs"

#: Rows of a row group of a Parquet file; rows of a CSV file that are made at once.
ROWS = 100_000
LINES = 10_000

IDENTIFIER = "individu_id"
Columns = Mapping[str, Sequence[str] | numpy.ndarray]


def attributes_path(path: Path) -> Path:
    """Where the attributes of the persons of this file are written."""
    return path.with_name(f"{path.stem}{SUFFIX}{path.suffix}")


def write(
    path: Path,
    system: TaxBenefitSystem,
    populations: Iterable[Population],
    overwrite: bool = False,
) -> list[Path]:
    """Write populations in which everyone is alone, one after the other; the files written.

    They have the same columns. Raises MissingLibrary without PyArrow, FileExistsError when one of
    the files is there already (unless ``overwrite``), and OSError when the directory cannot be
    written.
    """
    kind = ParquetSheet if path.suffix == ".parquet" else CsvSheet
    targets = [path, attributes_path(path)]
    spare(targets, overwrite)
    names = [target.name for target in targets]
    with (
        atomic.together(path.parent, names, lambda: spare(targets, overwrite)) as folder,
        kind(folder / names[0]) as first,
        kind(folder / names[1]) as second,
    ):
        for population in populations:
            first.add(inputs(system, population))
            second.add(attributes(population))
    return targets


def spare(targets: Iterable[Path], overwrite: bool) -> None:
    """Refuse to replace what is there, unless asked to. Raises FileExistsError."""
    for target in targets:
        if target.exists() and not overwrite:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


def inputs(system: TaxBenefitSystem, population: Population) -> dict[str, Any]:
    """Columns of the flat file."""
    columns: dict[str, Any] = {IDENTIFIER: population.ids}
    if population.weights is not None:
        columns["poids"] = population.weights
    for item in population.inputs:
        variable = system.get_variable(item.variable, check_existence=True)
        values = item.values
        if variable.value_type == Enum:
            names = numpy.array([choice.name for choice in variable.possible_values])
            values = names[values]
        columns[item.header] = values
    return columns


def attributes(population: Population) -> dict[str, Any]:
    """Columns of the file of attributes."""
    return {IDENTIFIER: population.ids, **population.attributes}


class CsvSheet:
    """A CSV file, written by blocks of columns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.headers: list[str] = []

    def __enter__(self) -> Self:
        self.file = self.path.open("w", encoding="utf-8", newline="")
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def add(self, columns: Columns) -> None:
        """Write rows."""
        if not self.headers:
            self.headers = list(columns)
            self.file.write(",".join(map(quoted, self.headers)) + "\n")
        if self.headers != list(columns):
            raise ValueError("All the blocks must have the same columns")
        for first in range(0, len(columns[IDENTIFIER]), LINES):
            some = (texts(values[first : first + LINES]) for values in columns.values())
            self.file.writelines(f"{','.join(row)}\n" for row in zip(*some, strict=True))


class ParquetSheet:
    """A Parquet file, one row group a block of columns at least."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.arrow, self.parquet = library(), library("pyarrow.parquet")
        self.writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.writer is not None:
            self.writer.close()

    def add(self, columns: Columns) -> None:
        """Write rows."""
        table = self.arrow.table(
            {name: self.arrow.array(values) for name, values in columns.items()}
        )
        if self.writer is None:
            self.writer = self.parquet.ParquetWriter(self.path, table.schema, **CODEC)
        self.writer.write_table(table, row_group_size=ROWS)


def texts(values: Sequence[str] | numpy.ndarray) -> list[str]:
    """Values as cells."""
    if not isinstance(values, numpy.ndarray):
        return list(map(quoted, values))
    # What most have not is the same for them: only the other values are sorted.
    told = numpy.flatnonzero(values != values[0])
    distinct, ranks = numpy.unique(values[told], return_inverse=True)
    found = numpy.zeros(len(values), dtype=int)
    found[told] = ranks + 1
    write = quoted if values.dtype.kind == "U" else text_of
    cells = [write(value) for value in [values[0].item(), *distinct.tolist()]]
    return numpy.array(cells, dtype=object)[found].tolist()
