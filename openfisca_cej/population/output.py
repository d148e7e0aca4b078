"""Write results in CSV or Parquet: nothing at all unless it is complete."""

import base64
import contextlib
import functools
import hashlib
import inspect
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from gettext import gettext as _
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import atomic
from openfisca_cej.population.arrow import (
    CODEC,
    Texts,
    as_arrow,
    as_numpy,
    library,
    texts_as_arrow,
)
from openfisca_cej.population.engine import Block
from openfisca_cej.population.months import month_text
from openfisca_cej.population.schema import WEIGHT
from openfisca_cej.population.table import Population

if TYPE_CHECKING:
    import pyarrow

#: Lines made at once: enough to be quick, few enough to take little memory.
LINES = 100_000

#: Lines under which importing PyArrow takes longer than it saves.
WORTH_IT = 20_000

#: Amounts of money whose texts are made once (in centimes).
AMOUNTS = 1_500 * 100

#: Rows of a row group of a Parquet file at most, whatever the blocks that come.
ROW_GROUP = 1_000_000

#: Values that a Parquet file takes at once: its statistics and its pages are looked at as often.
BATCH = 1 << 16

#: Bytes that are hashed and written at once.
BUFFER = 1 << 20

#: Columns of which a Parquet file says the least and the greatest in each row group.
SOUGHT = ("individu_id", "mois")

#: One row a person and month (``variable``), or one row a person (``variable@YYYY-MM``).
LAYOUTS = ("person_month", "person")


def result_file(path: Path, *asked: Any) -> "ResultFile":
    """The file of results of this name: Parquet if it ends with .parquet or .pq, CSV otherwise.

    ``asked`` is what ``ResultFile`` takes. Raises MissingLibrary for Parquet without PyArrow.
    """
    kind = ParquetFile if path.suffix.lower() in (".parquet", ".pq") else AllocationFile
    return kind(path, *asked)


class Hashed(io.FileIO):
    """A file that knows the hash of what is written to it, from the first byte to the last."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "wb")
        self.digest = hashlib.sha256()

    def write(self, data: Any) -> int:
        """Write some bytes more; tell how many there was room for."""
        count = super().write(data)
        self.digest.update(memoryview(data)[:count])
        return count


class ResultFile(ABC):
    """A file of results, written under a temporary name and renamed when complete.

    Used as a context manager: leaving it with an error removes the temporary file, and what was
    there before stays. ``keep`` are attributes of the persons that stand beside their identifiers.
    Raises OSError when the directory cannot be written, or is full.
    """

    def __init__(
        self,
        path: Path,
        system: TaxBenefitSystem,
        population: Population,
        months: range,
        variables: Sequence[str],
        layout: str = LAYOUTS[0],
        keep: Sequence[str] = (),
    ) -> None:
        self.keep = keep
        self.path = path
        self.months = [month_text(month) for month in months]
        self.variables = [system.get_variable(name, check_existence=True) for name in variables]
        self.long = checked_layout(layout) == LAYOUTS[0]
        #: Blocks whose persons come after some that did not come yet; what came, and its last one.
        self.waiting: list[Block] = []
        self.follow(population)

    def follow(self, population: Population) -> None:
        """Write from now on the persons of a population, whose inputs are not held."""
        self.population = replace(population, inputs=[], groups={})
        self.seen, self.last = 0, -1

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.manager = self.opened()
        self.manager.__enter__()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self.manager.__exit__(*error)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """The file from its first byte to its last, whose hash is then known."""
        with atomic.whole(self.path) as temporary:
            hashed = Hashed(temporary)
            self.file = io.BufferedWriter(hashed, BUFFER)
            try:
                self.start()
                yield
                self.finish()
                self.file.flush()
                os.fsync(self.file.fileno())
                self.sha256 = hashed.digest.hexdigest()
            finally:
                # After an error, what closing finds wrong is of no interest.
                with contextlib.suppress(Exception):
                    self.abandon()
                with contextlib.suppress(OSError):
                    self.file.close()

    @abstractmethod
    def start(self) -> None:
        """Write what comes before the first block."""

    def add(self, block: Block) -> None:
        """Write a block as soon as the persons before its own are: in the order of the input."""
        self.waiting.append(block)
        self.seen += len(block.persons)
        self.last = max(self.last, int(block.persons.max(initial=-1)))
        if self.last + 1 == self.seen:
            self.write(in_order(self.waiting))
            self.waiting = []

    @abstractmethod
    def write(self, block: Block) -> None:
        """Write a block: all the months of a person, then the next person."""

    def finish(self) -> None:  # noqa: B027 (nothing to do, for most)
        """Write what comes after the last block."""

    def abandon(self) -> None:  # noqa: B027
        """Let go of what the file holds open, complete or not."""

    @property
    def weighted(self) -> bool:
        """Whether the persons have weights."""
        return self.population.weights is not None

    @property
    def headers(self) -> list[str]:
        """The columns."""
        names = [variable.name for variable in self.variables]
        if self.long:
            return [*SOUGHT, *self.told, *names]
        dated = [f"{name}@{month}" for name in names for month in self.months]
        return [SOUGHT[0], *self.told, *dated]

    @property
    def told(self) -> list[str]:
        """The columns of each person, beside the identifier and the months."""
        return [*self.keep, *([WEIGHT] if self.weighted else [])]


def in_order(blocks: Sequence[Block]) -> Block:
    """Blocks as one, its persons in the order of the population: each has its own in it."""
    if len(blocks) == 1:
        return blocks[0]
    persons = numpy.concatenate([block.persons for block in blocks])
    order = numpy.argsort(persons)
    values = {
        name: numpy.concatenate([block.values[name] for block in blocks])[order]
        for name in blocks[0].values
    }
    return Block(persons[order], values)


def checked_layout(layout: str) -> str:
    """The layout, spelt with a dash or an underscore; raises ValueError on another one."""
    if (spelt := layout.replace("-", "_")) not in LAYOUTS:
        raise ValueError(
            _("« {layout} » is not a layout (expected one of: {layouts})").format(
                layout=layout, layouts=", ".join(LAYOUTS)
            )
        )
    return spelt


class AllocationFile(ResultFile):
    """A CSV file of results."""

    def start(self) -> None:
        """Write the header."""
        self.file.write(f"{','.join(self.headers)}\n".encode())

    def write(self, block: Block) -> None:
        """Write the lines of a block."""
        step = max(1, LINES // len(self.months))
        quick = len(block.persons) * len(self.months) >= WORTH_IT and bool(find_spec("pyarrow"))
        for first in range(0, len(block.persons), step):
            rows = slice(first, first + step)
            some = Block(block.persons[rows], {n: v[rows] for n, v in block.values.items()})
            self.file.write(lines_of(self._columns(some, quick), quick))

    def _columns(self, block: Block, quick: bool) -> list[tuple[numpy.ndarray, Any]]:
        """The columns of a block, each as the ranks of its cells among some texts, and these."""
        population, rows = self.population, block.rows
        each, months = ranks_of(len(block.persons), len(self.months) if self.long else 1)
        columns = [(each, cells_of(names(population, rows), quick))]
        if self.long:
            columns.append((months, as_array(self.months)))
        for name in self.keep:
            columns.append((each, cells_of(population.attributes[name][rows], quick)))
        if self.weighted:
            ranks, written = coded(population.weights[rows])
            columns.append((ranks[each], written))
        for variable in self.variables:
            values = block.values[variable.name]
            columns += [
                coded(column, variable) for column in ([values.ravel()] if self.long else values.T)
            ]
        return columns


def lines_of(columns: Sequence[tuple[numpy.ndarray, Any]], quick: bool) -> Any:
    """The bytes of the rows of some columns, joined by Arrow if that is quicker."""
    if quick:
        *first, last = (taken(ranks, written) for ranks, written in columns)
        join = library("pyarrow.compute").binary_join_element_wise
        comma, line, nothing = as_texts([",", "\n", ""])
        return join(*first, join(last, line, nothing), comma).buffers()[2]
    rows = zip(*(written[ranks] for ranks, written in columns), strict=True)
    return "".join(f"{','.join(row)}\n" for row in rows).encode()


class ParquetFile(ResultFile):
    """A Parquet file of results, in row groups of a size that does not depend on the blocks."""

    def start(self) -> None:
        """Get ready; the schema is that of the first rows."""
        self.arrow, self.parquet = library(), library("pyarrow.parquet")
        nothing = {v.name: numpy.empty((0, len(self.months)), v.dtype) for v in self.variables}
        self.pending = [(persons_table(self, Block(numpy.arange(0), nothing)), nothing)]
        self.schema = self._rows().schema
        names = self.schema.names
        # Each row group holds amounts of all sizes: only where its persons are is worth knowing.
        self.writer = self.parquet.ParquetWriter(
            self.file,
            self.schema,
            # Identifiers that differ from row to row have no use for a dictionary.
            use_dictionary=names if self.long else names[1:],
            write_statistics=[name for name in names if name in SOUGHT],
            write_batch_size=BATCH,
            store_schema=False,
            **self._pages(),
            **CODEC,
        )
        self.writer.add_key_value_metadata({"ARROW:schema": self._told()})

    def _pages(self) -> dict[str, int]:
        """No limit of rows to a page, as before PyArrow had one: nobody looks for a page."""
        known = inspect.signature(self.parquet.ParquetWriter).parameters
        return {name: ROW_GROUP for name in known if name == "max_rows_per_page"}

    def _told(self) -> str:
        """The schema that readers are told: texts, were they written by ranks of any size."""
        text = self.arrow.string()
        kinds = {"mois": self.arrow.dictionary(self.arrow.int32(), text)}
        kinds |= dict.fromkeys(["individu_id", *self.keep], text)
        told = self.arrow.schema(
            field.with_type(kinds.get(field.name, field.type)) for field in self.schema
        )
        return base64.b64encode(told.serialize()).decode()

    def write(self, block: Block) -> None:
        """Write the persons of a block, once there are enough for a row group."""
        persons, values = persons_table(self, block), block.values
        size = max(1, ROW_GROUP // len(self.months)) if self.long else ROW_GROUP
        while self.held + persons.num_rows >= size:
            cut = size - self.held
            self.pending.append((persons.slice(0, cut), {n: v[:cut] for n, v in values.items()}))
            self._write()
            persons, values = persons.slice(cut), {n: v[cut:] for n, v in values.items()}
        self.pending.append((persons, values))

    @property
    def held(self) -> int:
        """Persons that are not written yet."""
        return sum(persons.num_rows for persons, _ in self.pending)

    def _write(self) -> None:
        rows = self._rows()
        self.writer.write_table(rows, row_group_size=max(1, rows.num_rows))
        self.pending = []

    def _rows(self) -> Any:
        """What is held as a table in one piece: what is written must not depend on the blocks."""
        persons = self.arrow.concat_tables(table for table, _ in self.pending)
        columns = [column.combine_chunks() for column in persons.columns]
        values = {v.name: [some[v.name] for _, some in self.pending] for v in self.variables}
        return (by_month if self.long else by_person)(self, columns, values)

    def finish(self) -> None:
        """Write the last rows and the end of the file."""
        if self.held:
            self._write()
        self.writer.close()

    def abandon(self) -> None:
        """Keep the writer from ending the file by itself."""
        self.pending = []
        self.writer.is_open = False


def persons_table(file: ResultFile, block: Block) -> Any:
    """What stands beside the results of a block, as an Arrow table of one row a person."""
    population, rows = file.population, block.rows
    beside = [population.attributes[name][rows] for name in file.keep]
    columns = [*map(as_texts, [names(population, rows), *beside])]
    if file.weighted:
        columns.append(as_arrow(population.weights[rows]))
    return library().table(columns, names=[SOUGHT[0], *file.told])


#: Results of some persons, piece by piece, by variable.
Pieces = dict[str, list[numpy.ndarray]]


def by_person(file: ResultFile, columns: list[Any], values: Pieces) -> Any:
    """One row a person: what stands beside, then a column for each variable and month."""
    for variable in file.variables:
        whole = numpy.concatenate(values[variable.name])
        columns += [arrow_values(numpy.ascontiguousarray(one), variable) for one in whole.T]
    return library().table(columns, names=file.headers)


def by_month(file: ResultFile, columns: list[Any], values: Pieces) -> Any:
    """One row a person and month; what stands beside is given once a person.

    Texts are repeated by their ranks among those of the persons, which takes no room.
    """
    (ids, *beside), width = columns, len(file.months)
    each, months = ranks_of(len(ids), width)
    made = [by_ranks(each, ids), by_ranks(months, file.months)]
    made += [column.dictionary_encode().take(as_arrow(each)) for column in beside[: len(file.keep)]]
    if file.weighted:
        made.append(as_arrow(numpy.repeat(as_numpy(beside[-1]), width)))
    for variable in file.variables:
        whole = numpy.empty((len(ids), width), variable.dtype)
        numpy.concatenate(values[variable.name], out=whole)
        made.append(arrow_values(whole.ravel(), variable))
    return library().table(made, names=file.headers)


@functools.lru_cache(maxsize=2)
def ranks_of(persons: int, width: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The rank of the person and that of the month of each row: the same in each row group."""
    each = numpy.repeat(numpy.arange(persons, dtype=numpy.int32), width)
    months = numpy.arange(width, dtype=numpy.min_scalar_type(-width))
    return each, numpy.tile(months, persons)


def by_ranks(ranks: Any, texts: Any) -> Any:
    """Texts by their ranks, which are all there: Arrow does not look at them again."""
    if isinstance(ranks, numpy.ndarray):
        ranks = as_arrow(ranks)
    return library().DictionaryArray.from_arrays(ranks, as_texts(texts), safe=False)


def arrow_values(values: numpy.ndarray, variable: Any = None) -> Any:
    """Results of a variable as an Arrow array; items of enumerations by their names."""
    if variable is not None and variable.value_type == Enum:
        items = [item.name for item in variable.possible_values]
        return by_ranks(numpy.asarray(values).astype(numpy.int32), items)
    return as_arrow(values)


def names(population: Population, rows: slice | numpy.ndarray) -> Sequence[str]:
    """Identifiers of some persons."""
    if isinstance(rows, slice):
        return population.ids[rows]
    if isinstance(population.ids, Texts):
        return population.ids.take(rows)
    return [population.ids[person] for person in rows.tolist()]


def special(text: str) -> bool:
    """Whether a text must stand between quotation marks."""
    return any(sign in text for sign in ',"\r\n')


def quoted(text: str) -> str:
    """The text as a cell of a CSV file."""
    # The csv module of Python 3.11 and 3.12 leaves breaks of lines bare.
    return '"' + text.replace('"', '""') + '"' if special(text) else text


def coded(values: numpy.ndarray, variable: Any = None) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The rank of the text of each value among some texts, and these.

    Decimals are after a point, whole centimes with two of them; truth values are 1 or 0.
    """
    if variable is not None and variable.value_type == Enum:
        return numpy.asarray(values), as_array(item.name for item in variable.possible_values)
    if values.dtype == bool:
        return values.astype(numpy.int8), as_array(["0", "1"])
    if values.dtype.kind == "f":
        centimes = numpy.rint(values * 100)
        small = centimes.max(initial=0) < AMOUNTS and not numpy.signbit(values).any()
        if small and (centimes / 100 == values).all():
            return centimes.astype(numpy.int32), amounts()
    distinct, ranks = numpy.unique(values, return_inverse=True)
    write = decimal if values.dtype.kind == "f" else str
    return ranks, as_array(map(write, distinct.tolist()))


def taken(ranks: numpy.ndarray, written: Any) -> "pyarrow.Array":
    """Texts by their ranks, as Arrow has them."""
    table = amounts_of_arrow() if written is amounts() else as_texts(written)
    return table.take(as_arrow(ranks))


def as_texts(texts: Any) -> "pyarrow.Array":
    """Texts as Arrow has them."""
    if isinstance(texts, Texts):
        texts = texts.array
    if not isinstance(texts, Sequence | numpy.ndarray):
        return texts.cast(library().string())
    return texts_as_arrow(texts)


def cells_of(texts: Any, quick: bool) -> Any:
    """Texts as cells of a CSV file, as Arrow has them if ``quick``."""
    if not quick:
        return as_array(map(quoted, texts))
    column = as_texts(texts)
    special = library("pyarrow.compute").match_substring_regex(column, '[",\r\n]')
    if not special.true_count:
        return column
    return as_texts([quoted(text) for text in column.to_pylist()])


@functools.cache
def amounts_of_arrow() -> "pyarrow.Array":
    """The texts of the first amounts, as Arrow has them."""
    return as_texts(amounts())


def as_array(written: Iterable[str]) -> numpy.ndarray:
    """Some texts as an array."""
    return numpy.array(list(written), dtype=object)


@functools.cache
def amounts() -> numpy.ndarray:
    """The texts of the first amounts, by their centimes."""
    return as_array(
        f"{euros}.{cents:02d}" for euros in range(AMOUNTS // 100) for cents in range(100)
    )


def decimal(value: float) -> str:
    """A number with two decimals if it is a whole number of centimes, else all of them."""
    text = f"{value:.2f}"
    return text if float(text) == value else repr(value)
