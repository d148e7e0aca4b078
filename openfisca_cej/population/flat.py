"""Write a population as files: the flat one that ``simulate`` reads, and what describes persons.

The flat file has the columns of the strict schema and no others. What the model does not read
(operator, diploma, region…) goes to a second file beside it, ``…_attributs``, joined by
``individu_id``. Both are CSV or Parquet, as their names say; neither appears unless complete.
"""

import errno
import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import atomic, lock
from openfisca_cej.population.arrow import CODEC, library
from openfisca_cej.population.output import quoted, special
from openfisca_cej.population.table import Population

SUFFIXES = (".csv", ".parquet")
SUFFIX = "_attributs"

#: Rows of a row group of a Parquet file; rows of a CSV file that are made at once.
ROWS = 100_000
LINES = 10_000

#: Whole euros under which amounts are written from tables; the text of each number of centimes.
KNOWN = 100_000
CENTIMES = numpy.array([f".{cents:02d}".rstrip("0") for cents in range(100)], "S3")
CENTIMES[0] = b""

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
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        temporaries = [stack.enter_context(atomic.whole(target)) for target in targets]
        with kind(temporaries[0]) as first, kind(temporaries[1]) as second:
            for population in populations:
                first.add(inputs(system, population))
                second.add(attributes(population))
        # Both files take their places at once, as far as another command can see.
        stack.enter_context(lock.held(path.with_name(f".{path.name}.lock"), wait=True))
        spare(targets, overwrite)
        for temporary, target in zip(temporaries, targets, strict=True):
            temporary.replace(target)
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
        header = item.variable if item.period is None else f"{item.variable}@{item.period}"
        values = item.values
        if variable.value_type == Enum:
            names = numpy.array([choice.name for choice in variable.possible_values])
            values = names[values]
        columns[header] = values
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
            some = (values[first : first + LINES] for values in columns.values())
            self.file.write("\n".join([*lines(some), ""]))


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


def lines(columns: Iterable[Sequence[str] | numpy.ndarray]) -> list[str]:
    """The rows of columns as texts."""
    parts: list[list[str]] = []
    for kind, run in itertools.groupby(columns, kind_of):
        if kind == "b":
            parts.append(sparse(list(run), b"non,", yeses))
        elif kind in "fiu":
            parts.append(sparse(list(run), b"0,", numbers))
        else:
            parts += map(texts, run)
    return list(map(",".join, zip(*parts, strict=True)))


def kind_of(values: Sequence[str] | numpy.ndarray) -> str:
    """What a column holds: b for truth values, f, i or u for numbers…"""
    return values.dtype.kind if isinstance(values, numpy.ndarray) else "O"


def texts(values: Sequence[str] | numpy.ndarray) -> list[str]:
    """Dates and texts as cells."""
    if not isinstance(values, numpy.ndarray):
        return [quoted(value) for value in values] if special("".join(values)) else list(values)
    distinct, ranks = numpy.unique(values, return_inverse=True)
    cells = [quoted(str(value)) for value in distinct]
    return numpy.array(cells, dtype=object)[ranks].tolist()


def sparse(
    columns: Sequence[Any], nil: bytes, write: Callable[[numpy.ndarray], numpy.ndarray]
) -> list[str]:
    """The cells of columns that are nil for most, as one text a row.

    Months in which nobody has anything are most of a file: only the other cells are made, and
    put among as many nil ones as there are between them. One more column ends the row.
    """
    cells = numpy.array([*columns, numpy.ones(len(columns[0]))])
    told = numpy.flatnonzero((cells != 0).T)
    rows, places = numpy.divmod(told, len(cells))
    made = write(cells[places, rows])
    made[places == len(columns)] = [*b"\n", *bytes(made.shape[1] - 1)]
    between = numpy.diff(told, prepend=-1) - 1
    sizes = numpy.column_stack([len(nil) * between, (made > 0).sum(axis=1)])
    is_told = numpy.repeat(numpy.tile([False, True], len(told)), sizes.ravel())
    text = numpy.empty(len(is_told), numpy.uint8)
    text[is_told] = made[made > 0]
    text[~is_told] = numpy.tile(numpy.frombuffer(nil, numpy.uint8), between.sum())
    return text.tobytes().decode().split(",\n")[:-1]


def yeses(values: numpy.ndarray) -> numpy.ndarray:
    """« oui » and a comma for each value, as a row of bytes."""
    return characters(numpy.full(len(values), b"oui,"))


def numbers(values: numpy.ndarray) -> numpy.ndarray:
    """The shortest text that reads back as each number, then a comma: a row of bytes each.

    Bytes that fill a row are nil. Amounts to the centime are made of what is in tables.
    """
    centimes = numpy.rint(values * 100)
    known = (centimes >= 0) & (centimes < 100 * KNOWN) & (centimes / 100 == values)
    euros, cents = numpy.divmod(numpy.where(known, centimes, 0).astype(int), 100)
    parts = [euros_known()[euros], CENTIMES[cents], numpy.full(len(values), b",")]
    if not known.all():
        distinct, ranks = numpy.unique(values[~known], return_inverse=True)
        written = [repr(value).removesuffix(".0").encode() for value in distinct.tolist()]
        parts[0] = parts[0].astype(f"S{max(5, *map(len, written))}")
        parts[0][~known] = numpy.array(written)[ranks]
    return numpy.hstack([characters(part) for part in parts])


def characters(cells: numpy.ndarray) -> numpy.ndarray:
    """Each text as a row of bytes, those that fill it at nil."""
    return cells.view(numpy.uint8).reshape(len(cells), cells.dtype.itemsize)


@cache
def euros_known() -> numpy.ndarray:
    """The text of each number of whole euros."""
    return numpy.arange(KNOWN).astype("S5")
