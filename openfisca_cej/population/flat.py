"""Write a population as files: the flat one that ``simulate`` reads, and what describes persons.

The flat file has the columns of the strict schema and no others. What the model does not read
(operator, diploma, region…) goes to a second file beside it, ``…_attributs``, joined by
``individu_id``. Both are CSV or Parquet, as their names say; neither appears unless complete.
"""

import csv
import errno
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import atomic, lock
from openfisca_cej.population.arrow import library
from openfisca_cej.population.table import Population

SUFFIXES = (".csv", ".parquet")
SUFFIX = "_attributs"

#: Rows written at once.
ROWS = 100_000

#: Columns joined together first.
BUNCH = 16

#: Amounts under so many centimes have a text made once.
KNOWN = 500_000

ANSWERS = numpy.array(["non", "oui"], dtype=object)

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
            csv.writer(self.file, lineterminator="\n").writerow(self.headers)
        if self.headers != list(columns):
            raise ValueError("All the blocks must have the same columns")
        for first in range(0, len(columns[IDENTIFIER]), ROWS):
            some = (values[first : first + ROWS] for values in columns.values())
            self.file.write("\n".join([*joined(bunches(some)), ""]))


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
            self.writer = self.parquet.ParquetWriter(self.path, table.schema)
        self.writer.write_table(table, row_group_size=ROWS)


def bunches(columns: Iterable[Sequence[str] | numpy.ndarray]) -> Iterator[list[str]]:
    """The cells of a few columns at a time, joined while they are at hand.

    Months in which nobody has anything are most of a file: the rows of a bunch whose amounts are
    all nil have one text, made once.
    """
    left = iter(columns)
    while bunch := list(itertools.islice(left, BUNCH)):
        amounts = [
            one for one in bunch if isinstance(one, numpy.ndarray) and one.dtype.kind in "fi"
        ]
        if len(amounts) < len(bunch):
            yield joined(map(texts, bunch))
            continue
        some = numpy.logical_or.reduce([values != 0 for values in amounts])
        rows = numpy.full(len(some), ",".join(["0"] * len(bunch)), dtype=object)
        rows[some] = joined(texts(values[some]) for values in amounts)
        yield rows.tolist()


def joined(columns: Iterable[Sequence[str]]) -> list[str]:
    """Cells of columns as one text a row; none without columns."""
    return list(map(",".join, zip(*columns, strict=True)))


def texts(values: Sequence[str] | numpy.ndarray) -> list[str]:
    """Values as cells, column by column; numbers keep all their digits.

    Amounts to the centime are looked up among texts made once; most are nil.
    """
    if not isinstance(values, numpy.ndarray):
        return [cell(value) for value in values] if special("".join(values)) else list(values)
    if values.dtype == bool:
        return ANSWERS[values.astype(int)].tolist()
    if values.dtype.kind in "fiu":
        return numbers(values)
    distinct, ranks = numpy.unique(values, return_inverse=True)
    cells = [cell(str(value)) for value in distinct]
    return numpy.array(cells, dtype=object)[ranks].tolist()


def numbers(values: numpy.ndarray) -> list[str]:
    """Numbers as the shortest texts that read back as the same ones."""
    centimes = numpy.rint(values * 100)
    within = centimes.min(initial=0) >= 0 and centimes.max(initial=0) < KNOWN
    if within and (centimes / 100 == values).all():
        return amounts()[centimes.astype(int)].tolist()
    return [repr(value).removesuffix(".0") for value in values.tolist()]


@cache
def amounts() -> numpy.ndarray:
    """The text of each number of centimes, in euros."""
    made = [repr(centimes / 100).removesuffix(".0") for centimes in range(KNOWN)]
    return numpy.array(made, dtype=object)


def special(text: str) -> bool:
    """Whether a text must stand between quotation marks."""
    return any(mark in text for mark in ',"\r\n')


def cell(text: str) -> str:
    """A text as a cell: between quotation marks if it must be."""
    return '"' + text.replace('"', '""') + '"' if special(text) else text
