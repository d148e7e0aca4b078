"""Cut a source (a file or a folder of part files) into units of work.

A unit is a CSV file, or some consecutive row groups of a Parquet file: about ``TARGET`` rows.
The cut depends on the input alone, never on the number of workers.

Persons of a famille, a foyer fiscal or a ménage must be in the same unit. When a group lies
across two units that follow each other in a Parquet file, its last rows are moved to the first
one; a group that is found in two units all the same is refused, and so is a person who comes
twice. The check is exact: identifiers are compared by a 64-bit key, then those whose keys meet by
their text. It keeps at most ``HELD`` keys (256 MB), whatever the size of the source.
"""

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy

from openfisca_cej.population import csv_file
from openfisca_cej.population.arrow import as_arrow, as_numpy, filled, library
from openfisca_cej.population.manifest import file_hash
from openfisca_cej.population.schema import SMALL_WORDS
from openfisca_cej.population.sources import HIVE, HIVE_NULL, find_parts, is_parquet
from openfisca_cej.reading import normal
from openfisca_cej.refusals import BadValue, Faults, InvalidInput, quoted, refusal

#: Rows of a unit: enough to hide its fixed cost, few enough for two of them to fit in memory.
TARGET = 250_000

#: Rows that may be moved from a unit to the one before it to keep groups together.
MOVED = 10_000

#: Keys of identifiers compared at once; beyond, the columns are read again.
HELD = 32_000_000

#: Turns in which those of the blocks of a CSV file are compared, to hold few of them twice.
PASSES = 16

PERSON = "individu_id"
GROUPS = ("famille_id", "foyer_fiscal_id", "menage_id")

#: An odd number: multiplying by it, modulo 2 ** 64, never sends two numbers on the same one.
FACTOR = numpy.uint64(0x9E3779B97F4A7C15)

#: Rows of a CSV file whose identifiers are compared together.
LINES = 100_000


@dataclass(frozen=True)
class File:
    """A part file of the source: its name in the source, size, content, columns and rows.

    ``rows`` is None when it is not known without reading the file. ``broken`` tells why the file
    cannot be read at all.
    """

    path: Path
    name: str
    format: str
    size: int
    sha256: str
    columns: tuple[str, ...] = ()
    rows: int | None = None
    broken: str = ""


@dataclass(frozen=True)
class Unit:
    """Rows simulated and written together.

    ``groups`` are the first row group and the one after the last (None: the whole file). The
    first ``skip`` rows belong to the unit before, and ``extra`` rows of the one after to this
    one (``follower``: its row groups). The first row read is the one of rank ``start`` in the file;
    persons without identifiers are called by their ranks in the whole source, ``first`` that of
    the first one.
    """

    number: int
    path: Path
    name: str
    format: str
    sha256: str
    groups: tuple[int, int] | None = None
    rows: int = 0
    skip: int = 0
    extra: int = 0
    first: int = 0
    start: int = 0
    follower: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """The unit as messages name it."""
        if self.groups is None:
            return self.name
        first, last = self.groups
        if last == first + 1:
            return f"{self.name} (row group {first})"
        return f"{self.name} (row groups {first} to {last - 1})"

    @property
    def count(self) -> int:
        """Rows that the unit really has."""
        return self.rows - self.skip + self.extra

    @property
    def held(self) -> int:
        """Rows held at once: a CSV file is read by blocks, where that can be."""
        return min(self.count, TARGET) if self.format == "csv" else self.count

    @property
    def place(self) -> int:
        """Rank in the file of the first row of the unit (from 0)."""
        return self.start + self.skip

    def identity(self) -> dict[str, Any]:
        """What the results of the unit depend on, but for the parameters of the run."""
        told = asdict(self)
        for name in ("path", "follower"):
            told.pop(name)
        return told


@dataclass(frozen=True)
class Source:
    """A population in files, and the units that it is cut into; ``remarks`` tell of the files."""

    path: Path
    files: tuple[File, ...]
    units: tuple[Unit, ...]
    remarks: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the source, but for those of files that cannot be read."""
        return sum(unit.count for unit in self.units)


def open_source(path: Path, target: int = TARGET, together: bool = True) -> Source:
    """Cut a file or a folder into units, and check that none splits a group (if ``together``).

    Raises InvalidInput with all that is wrong, MissingLibrary, or OSError.
    """
    files = tuple(read_file(part, name) for part, name in part_files(path))
    check_columns(path, files)
    units = tuple(cut(files, target))
    if files[0].format == "csv":
        units = tuple(count_lines(units))
    full = [unit for unit in units if not is_empty(unit)]
    remarks: tuple[str, ...] = ()
    if full and len(full) < len(units):
        remarks = tuple(f"{unit.name} has no row: skipped." for unit in units if is_empty(unit))
        units = tuple(replace(unit, number=number) for number, unit in enumerate(full))
    if together and len(units) > 1:
        units = keep_together(path, files, units)
    if any(PERSON in file.columns for file in files):
        units = tuple(replace(unit, first=0) for unit in units)
    return Source(path, files, units, remarks)


def is_empty(unit: Unit) -> bool:
    """Whether a file has columns, and no row."""
    if unit.rows:
        return False
    if unit.format == "csv":
        layout = csv_layout(unit.path)
        if layout.encoding == csv_file.SHEET or not layout.headers:
            return bool(layout.headers)
        facts = csv_file.facts_of(unit.path)
        return facts.rows == 0 and not facts.odd
    try:
        return not parquet().read_metadata(unit.path).num_rows
    except (OSError, ValueError):
        return False


# Files.


def part_files(path: Path) -> list[tuple[Path, str]]:
    """The part files of a source, in the order of their names, with these names.

    Raises InvalidInput.
    """
    if path.is_dir():
        names = [f"{path.name}/{part.relative_to(path).as_posix()}" for part in find_parts(path)]
        return [(part.absolute(), name) for part, name in zip(find_parts(path), names, strict=True)]
    found = find_parts(path)
    single = len({part.parent for part in found}) == 1
    return [(part.absolute(), part.name if single else part.as_posix()) for part in found]


def read_file(path: Path, name: str) -> File:
    """What must be known of a part file to cut it. Raises OSError when it cannot be opened."""
    digest = file_hash(path)
    known = File(path, name, "parquet" if is_parquet(path) else "csv", path.stat().st_size, digest)
    if known.format == "csv":
        columns = [*well_spelt(csv_layout(path).headers), *hive_of(path, name)]
        return replace(known, columns=tuple(columns))
    try:
        metadata = parquet().read_metadata(path)
        columns = [*well_spelt(metadata.schema.to_arrow_schema().names), *hive_of(path, name)]
    except (OSError, ValueError) as error:
        return replace(known, broken=short(error))
    return replace(known, columns=tuple(columns), rows=metadata.num_rows)


def hive_of(path: Path, name: str) -> dict[str, str]:
    """The columns that the folders of a part say of all its rows: « region=PACA »."""
    folders = path.parts[-name.count("/") - 1 : -1][1:] if "/" in name else ()
    matches = [HIVE.fullmatch(folder) for folder in folders]
    told = {match[1]: unquote(match[2]) for match in matches if match}
    texts = ("" if text == HIVE_NULL else text for text in told.values())
    return dict(zip(well_spelt(told), texts, strict=True))


def parquet() -> Any:
    """PyArrow's Parquet module. Raises MissingLibrary."""
    return library("pyarrow.parquet")


def short(error: Exception) -> str:
    """The first sentence of an error of a library."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")[:200]


def csv_layout(path: Path) -> csv_file.Layout:
    """Where the cells of a CSV file are; without a name when it cannot be read as one."""
    try:
        return csv_file.layout_of(path)
    except (UnicodeDecodeError, csv.Error):
        return csv_file.Layout()


def well_spelt(names: Iterable[str]) -> list[str]:
    """The names of columns; those of persons and groups are known however they are spelt."""
    spelt = {normal(name): name for name in (PERSON, *GROUPS)}
    return [spelt.get(plain(name), name) for name in names]


def plain(name: str) -> str:
    """The name of a column as all that are read as it are spelt."""
    return SMALL_WORDS.sub("_", normal(name))


def written(path: Path, column: str) -> str:
    """The name in a Parquet file of a column of persons or groups. Raises KeyError."""
    names = parquet().read_schema(path).names
    return dict(zip(well_spelt(names), names, strict=True))[column]


def check_columns(path: Path, files: Sequence[File]) -> None:
    """All the parts have the same columns. Raises InvalidInput."""
    faults = Faults(path.name)
    readable = [file for file in files if file.columns]
    for file in readable[1:]:
        reference = readable[0]
        one, two = ({plain(name): name for name in some.columns} for some in (reference, file))
        for missing, there, here in (
            ([one[name] for name in one.keys() - two.keys()], reference, file),
            ([two[name] for name in two.keys() - one.keys()], file, reference),
        ):
            for column in sorted(missing):
                why = BadValue("other-columns", there=there.name, here=here.name)
                faults.add(why, column=column)
    faults.raise_if_any()


# Units.


def cut(files: Sequence[File], target: int) -> Iterator[Unit]:
    """The units of the files, in order, before any row is moved."""
    numbers = itertools.count()
    first = 0
    for file in files:
        known = (file.path, file.name, file.format, file.sha256)
        if file.format == "csv" or file.broken or not file.rows:
            yield Unit(next(numbers), *known, rows=file.rows or 0, first=first)
            continue
        ranges = list(row_group_ranges(file.path, target))
        start = 0
        for rank, (groups, rows) in enumerate(ranges):
            follower = ranges[rank + 1][0] if rank + 1 < len(ranges) else None
            yield Unit(
                next(numbers),
                *known,
                groups,
                rows,
                first=first,
                follower=follower,
                start=start,
            )
            start += rows
            first += rows


def row_group_ranges(path: Path, target: int) -> Iterator[tuple[tuple[int, int], int]]:
    """Consecutive row groups put together up to about ``target`` rows, with their rows."""
    metadata = parquet().read_metadata(path)
    start, rows = 0, 0
    for rank in range(metadata.num_row_groups):
        size = metadata.row_group(rank).num_rows
        if rows and rows + size > target:
            yield (start, rank), rows
            start, rows = rank, 0
        rows += size
    yield (start, metadata.num_row_groups), rows


def read_rows(unit: Unit, columns: Sequence[str] | None = None) -> Any:
    """The rows of a unit of a Parquet file, as a PyArrow table.

    Raises OSError or ValueError (PyArrow's errors are both) when the file cannot be read,
    InvalidInput when it has other rows than it announces.
    """
    with parquet().ParquetFile(unit.path, page_checksum_verification=True) as file:
        announced = unit.count
        if unit.groups is None:
            every = range(file.num_row_groups)
            announced = sum(file.metadata.row_group(rank).num_rows for rank in every)
            table = file.read(columns=columns, use_threads=False)
        else:
            table = file.read_row_groups(range(*unit.groups), columns=columns, use_threads=False)
            table = table.slice(unit.skip)
        if unit.extra:
            table = library().concat_tables([table, head(file, unit, columns)])
    table.validate(full=True)  # Texts that are not in UTF-8, above all.
    if table.num_rows != announced:
        words = {"announced": announced, "held": table.num_rows}
        raise refusal(unit.name, "rows-announced", **words)
    return table


def head(file: Any, unit: Any, columns: Sequence[str] | None) -> Any:
    """The rows that a unit takes from the one after it."""
    batches, missing = [], unit.extra
    wanted = file.iter_batches(
        batch_size=unit.extra,
        row_groups=range(*unit.follower),
        columns=columns,
        use_threads=False,
    )
    while missing:
        batch = next(wanted)
        batches.append(batch.slice(0, missing))
        missing -= len(batches[-1])
    return library().Table.from_batches(batches)


# Identifiers.


def keep_together(path: Path, files: Sequence[File], units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The units with their cuts moved so that none splits a group. Raises InvalidInput."""
    present = set().union(*(file.columns for file in files))
    groups = [column for column in GROUPS if column in present]
    if groups and not all(apart(units, column) for column in groups):
        units = tuple(move_cuts(units, groups))
    faults = Faults(path.name)
    for column in [*groups, *([PERSON] if PERSON in present else [])]:
        if not apart(units, column):
            report_spans(units, column, faults)
    faults.raise_if_any()
    return units


def count_lines(units: Sequence[Unit]) -> Iterator[Unit]:
    """The units of CSV files with their rows counted."""
    first = 0
    for unit in units:
        rows = csv_rows(unit)
        yield replace(unit, rows=rows, first=first)
        first += rows


def csv_rows(unit: Unit) -> int:
    """The rows of a CSV file, counted without reading their cells where that is enough."""
    try:
        rows = csv_file.facts_of(unit.path).rows
    except (UnicodeDecodeError, csv.Error):
        rows = None
    return sum(len(block) for block in csv_cells(unit, None)) if rows is None else rows


def apart(units: Sequence[Unit], column: str) -> bool:
    """Whether the statistics of the Parquet files prove that units share no whole number.

    Texts are not settled that way: the limits that files give for them may be cut.
    """
    limits = []
    for unit in units:
        if unit.groups is None or unit.skip or unit.extra:
            return False
        metadata = parquet().read_metadata(unit.path)
        names = metadata.schema.to_arrow_schema().names
        if column not in names:
            return False  # A folder says it, or it is spelt otherwise.
        rank = names.index(column)
        for number in range(*unit.groups):
            chunk = metadata.row_group(number).column(rank)
            found = chunk.statistics if chunk.path_in_schema == column else None
            if found is None or not found.has_min_max or not isinstance(found.min, int):
                return False
            limits.append((found.min, found.max, unit.number))
    limits.sort()
    return disjoint(limits)


def disjoint(limits: list[tuple[int, int, int]]) -> bool:
    """Whether intervals (low, high, unit), sorted, overlap only within a unit."""
    highest, owner = limits[0][1], limits[0][2]
    for low, high, number in limits[1:]:
        if number != owner and low <= highest:
            return False
        if high >= highest:
            highest, owner = high, number
    return True


def csv_cells(unit: Unit, column: str | None) -> Iterator[list[str]]:
    """Cells of a column of a CSV file, by blocks (empty texts if ``column`` is None)."""
    layout = csv_layout(unit.path)
    columns = well_spelt(layout.headers)
    rank = columns.index(column) if column in columns else None
    told = hive_of(unit.path, unit.name).get(column or "", "")
    rows = csv_file.rows_in(unit.path, layout)
    try:
        while block := list(itertools.islice(rows, LINES)):
            yield [
                row[rank].strip() if rank is not None and rank < len(row) else told
                for _, row in block
            ]
    except (UnicodeDecodeError, csv.Error):
        return  # The reader names what is wrong.


def identifiers(unit: Unit, column: str) -> Any:
    """A column of identifiers of a Parquet unit; None when it cannot be read."""
    if (text := hive_of(unit.path, unit.name).get(column)) is not None:
        return library().repeat(text, unit.count)
    try:
        name = written(unit.path, column)
        values = read_rows(unit, [name]).column(name).combine_chunks()
    except (InvalidInput, OSError, ValueError, KeyError):
        return None  # Simulating the unit tells what is wrong.
    return values.dictionary_decode() if hasattr(values, "dictionary_decode") else values


def texts_at(unit: Unit, column: str, rows: numpy.ndarray) -> list[str]:
    """Identifiers of some rows (in order) of a unit, as texts."""
    if unit.format == "parquet":
        values = identifiers(unit, column).take(as_arrow(rows)).to_pylist()
        return [str(value).strip() for value in values]
    wanted = set(rows.tolist())
    cells = itertools.chain.from_iterable(csv_cells(unit, column))
    return [cell for row, cell in enumerate(cells) if row in wanted]


def keys(unit: Unit, column: str, whole: bool) -> numpy.ndarray:
    """A 64-bit key for each row of a unit, the same for the same identifier; 0: none.

    ``whole``: identifiers are whole numbers in all the units.
    """
    nothing = numpy.zeros(0, dtype=numpy.uint64)
    if unit.format == "csv":
        blocks = [numpy.array([text_key(text) for text in b]) for b in csv_cells(unit, column)]
        return numpy.concatenate([nothing, *blocks]).astype(numpy.uint64)
    values = identifiers(unit, column)
    if values is None:
        return nothing
    if not whole:
        return text_keys(values)
    given = as_numpy(values.is_valid())
    numbers = filled(values, 0).astype(numpy.uint64)
    return numpy.where(given, numpy.maximum(scattered(numbers), 1), 0).astype(numpy.uint64)


def text_key(text: str) -> numpy.uint64:
    """Key of an identifier of a CSV file."""
    return numpy.uint64(max(hash(text) % 2**64, 1) if text else 0)


def scattered(numbers: numpy.ndarray) -> numpy.ndarray:
    """Numbers sent on others, far from them; never two on the same one."""
    return (numbers + numpy.uint64(1)) * FACTOR


def text_keys(values: Any) -> numpy.ndarray:
    """Keys of an Arrow array of identifiers, eight bytes of each at a time."""
    arrow = library()
    array = values.cast(arrow.large_string()).fill_null("")
    array = library("pyarrow.compute").utf8_trim_whitespace(array)
    _, offsets, data = array.buffers()
    starts = numpy.frombuffer(offsets, numpy.int64)[array.offset :][: len(array) + 1]
    # Eight bytes more than there are: the last word of a text may reach beyond its end.
    content = numpy.frombuffer(data or b"", numpy.uint8)
    content = numpy.append(content, numpy.zeros(8, numpy.uint8))
    lengths = numpy.diff(starts)
    result = lengths.astype(numpy.uint64) * FACTOR
    places = numpy.arange(8)
    for first in range(0, int(lengths.max(initial=0)), 8):
        rows = numpy.flatnonzero(lengths > first)
        letters = content[(starts[rows] + first)[:, None] + places]
        letters[first + places >= lengths[rows, None]] = 0
        words = numpy.ascontiguousarray(letters).view(numpy.uint64).ravel()
        words = (result[rows] ^ words) * FACTOR
        result[rows] = words ^ (words >> numpy.uint64(32))
    result = numpy.maximum(result, numpy.uint64(1))
    return numpy.where(lengths > 0, result, numpy.uint64(0))


def are_whole(units: Sequence[Unit], column: str) -> bool:
    """Whether the identifiers of a column are whole numbers in all the files."""
    types = library().types if units[0].format == "parquet" else None
    paths = {unit.path: None for unit in units if unit.groups is not None}
    try:
        return types is not None and all(
            types.is_integer(parquet().read_schema(path).field(written(path, column)).type)
            for path in paths
        )
    except KeyError:
        return False


def move_cuts(units: Sequence[Unit], columns: Sequence[str]) -> Iterator[Unit]:
    """The units, the first rows of each given to the one before as long as a group needs it."""
    whole = {column: are_whole(units, column) for column in columns}
    before: Any = None
    held: dict[str, numpy.ndarray] = {}
    for unit in units:
        rows = {column: keys(unit, column, whole[column]) for column in columns}
        moved = 0
        if before is not None and before.follower is not None:
            moved = rows_to_move(held, rows)
        if before is not None:
            yield replace(before, extra=moved)
        before = replace(unit, skip=moved, first=unit.first + moved)
        held = {column: found[moved:] for column, found in rows.items()}
    yield before


def rows_to_move(held: dict[str, numpy.ndarray], rows: dict[str, numpy.ndarray]) -> int:
    """How many of the first rows belong with the unit before: 0 if it would be too many."""
    count = max((len(found) for found in rows.values()), default=0)
    limit = min(MOVED, count - 1)
    if limit < 1 or any(len(found) < count for found in rows.values()):
        return 0
    moved = 0
    while moved < limit:
        needed = moved
        for column, found in rows.items():
            mine = numpy.concatenate([held[column], found[:moved]])
            met = numpy.flatnonzero(numpy.isin(found[: limit + 1], mine[mine > 0]))
            needed = max(needed, int(met[-1]) + 1 if len(met) else 0)
        if needed == moved:
            return moved
        moved = needed
    return 0


def report_spans(units: Sequence[Unit], column: str, faults: Faults) -> None:
    """Record the identifiers of a column that several units have."""
    whole = are_whole(units, column)
    passes = 1 + sum(unit.count for unit in units) // HELD
    for turn in range(passes):
        shared = met((keys(unit, column, whole) for unit in units), turn, passes)
        if (shared := shared[shared > 0]).size:
            name_spans(units, column, whole, shared, faults)


def met(blocks: Iterable[numpy.ndarray], turn: int, passes: int) -> numpy.ndarray:
    """The keys that several blocks have, among those of one turn of so many."""
    found = []
    for some in blocks:
        mine = some if passes == 1 else some[some % numpy.uint64(passes) == turn]
        found.append(numpy.unique(mine))
    everything = numpy.concatenate(found)
    del found
    everything.sort()
    return numpy.unique(everything[1:][everything[1:] == everything[:-1]])


def name_spans(
    units: Sequence[Unit], column: str, whole: bool, shared: numpy.ndarray, faults: Faults
) -> None:
    """Record as faults the identifiers behind the keys that units share, with both places."""
    first: dict[str, tuple[Unit, int]] = {}
    told: set[str] = set()
    members: Counter[str] = Counter()
    if column != PERSON:
        for unit in units:
            rows = numpy.flatnonzero(numpy.isin(keys(unit, column, whole), shared))
            members.update(texts_at(unit, column, rows))
    for text, count in members.items():
        if count > MOVED:
            told.add(text)
            words: dict[str, Any] = {"name": quoted(text), "count": count, "column": column}
            entity = column.removesuffix("_id")
            faults.add(BadValue("group-too-large", entity=entity, **words), column=column)
    for unit in units:
        rows = numpy.flatnonzero(numpy.isin(keys(unit, column, whole), shared))
        for row, text in zip(rows.tolist(), texts_at(unit, column, rows), strict=True):
            other, place = first.setdefault(text, (unit, row))
            if other.number != unit.number and text not in told:
                told.add(text)
                tell_span(column, text, (other, place), (unit, row), faults)


def tell_span(
    column: str, text: str, one: tuple[Unit, int], two: tuple[Unit, int], faults: Faults
) -> None:
    """Record one identifier that two units have."""
    # A CSV file has its header on line 1; its blank lines and cells of several lines, which are
    # rare, are not counted here.
    places = [
        f"{unit.name}, line {row + 2}"
        if unit.format == "csv"
        else f"{unit.name}, row {unit.place + row + 1}"
        for unit, row in (one, two)
    ]
    words = {"name": quoted(text), "one": places[0], "two": places[1], "column": column}
    if column == PERSON:
        faults.add(BadValue("person-in-two", **words), column=column)
        return
    code = "group-in-two-pieces" if one[0].path == two[0].path else "group-in-two-files"
    why = BadValue(code, entity=column.removesuffix("_id"), **words)
    faults.add(why, column=column)
