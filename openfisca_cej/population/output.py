"""Write results: one line per person and month, and nothing at all unless it is complete."""

import csv
import io
import os
import tempfile
from collections.abc import Sequence
from itertools import chain, cycle, repeat
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population.engine import Block
from openfisca_cej.population.months import month_text
from openfisca_cej.population.table import Population

#: Lines made at once: enough to be quick, few enough to take little memory.
LINES = 100_000


class AllocationFile:
    """A CSV file of results, written under a temporary name and renamed when complete.

    Used as a context manager: leaving it with an error removes the temporary file, and what was
    there before stays. Raises OSError when the directory cannot be written.
    """

    def __init__(
        self,
        path: Path,
        system: TaxBenefitSystem,
        population: Population,
        months: range,
        variables: Sequence[str],
    ) -> None:
        self.path = path
        self.population = population
        self.months = [month_text(month) for month in months]
        self.variables = [system.get_variable(name, check_existence=True) for name in variables]

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        self.temporary = Path(name)
        self.file = os.fdopen(number, "w", encoding="utf-8", newline="")
        weight = ["poids"] if self.population.weights is not None else []
        names = [variable.name for variable in self.variables]
        self.file.write(",".join(["individu_id", "mois", *weight, *names]) + "\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.file.close()
            if kind is None:
                # mkstemp makes a private file: give it the usual rights of a new file.
                mask = os.umask(0)
                os.umask(mask)
                self.temporary.chmod(0o666 & ~mask)
                self.temporary.replace(self.path)
        finally:
            self.temporary.unlink(missing_ok=True)

    def add(self, block: Block) -> None:
        """Write the lines of a block: all the months of a person, then the next person."""
        step = max(1, LINES // len(self.months))
        for first in range(0, len(block.persons), step):
            self.file.write(self._lines(block, slice(first, first + step)))

    def _lines(self, block: Block, rows: slice) -> str:
        persons = block.persons[rows]
        width = len(self.months)
        columns = [
            chain.from_iterable(
                repeat(quoted(self.population.ids[person]), width) for person in persons.tolist()
            ),
            cycle(self.months),
        ]
        if self.population.weights is not None:
            weights = texts(self.population.weights[persons])
            columns.append(chain.from_iterable(repeat(weight, width) for weight in weights))
        for variable in self.variables:
            columns.append(texts(block.values[variable.name][rows].ravel(), variable))
        # The months go round for ever: the other columns say when to stop.
        return "".join(f"{line}\n" for line in map(",".join, zip(*columns, strict=False)))


def quoted(text: str) -> str:
    """The text as a cell of a CSV file."""
    if not any(sign in text for sign in ',"\r\n'):
        return text
    cell = io.StringIO()
    csv.writer(cell, lineterminator="").writerow([text])
    return cell.getvalue()


def texts(values: numpy.ndarray, variable=None) -> list[str]:
    """Values as texts: decimals after a point, whole centimes with two of them, 1 or 0, names."""
    distinct, ranks = numpy.unique(values, return_inverse=True)
    if variable is not None and variable.value_type == Enum:
        names = [item.name for item in variable.possible_values]
        written = [names[rank] for rank in distinct.tolist()]
    elif values.dtype == bool:
        written = [str(int(value)) for value in distinct]
    elif values.dtype.kind == "f":
        written = [decimal(value) for value in distinct.tolist()]
    else:
        written = [str(value) for value in distinct]
    return numpy.array(written, dtype=object)[ranks].tolist()


def decimal(value: float) -> str:
    """A number with two decimals if it is a whole number of centimes, else all of them."""
    text = f"{value:.2f}"
    return text if float(text) == value else repr(value)
