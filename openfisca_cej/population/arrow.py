"""Read the columns of an Arrow table (a Parquet file, a frame) as those of a sheet.

Columns are typed: a text is not a number, whatever it says. A null is an empty cell. Arrays of
numbers without nulls are not copied; rows are looked at one by one only where a fault is.
"""

import datetime
import importlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from gettext import gettext as _
from typing import TYPE_CHECKING, Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.variables import Variable

from openfisca_cej import bounds, reading
from openfisca_cej.population import cells
from openfisca_cej.population.cells import Cells
from openfisca_cej.population.other_names import MARITAL, MUNICIPALITY
from openfisca_cej.population.schema import KEPT, MOMENT, Column, Schema
from openfisca_cej.population.sheet import Labels, Sheet, fill
from openfisca_cej.refusals import BadValue, Faults, quoted

if TYPE_CHECKING:
    import pyarrow

#: From this amount on, a 32-bit number cannot tell one centime from the next.
FLOAT32_CENTIMES = 2**17

#: Whole numbers whose texts, end to end, are of less than 2 GB.
FEW = 2**26

#: How Parquet files are written: half the disk that PyArrow's usual codec takes, as quickly.
CODEC = {"compression": "zstd", "compression_level": 1}


class MissingLibrary(ImportError):
    """An optional library that is absent or cannot be used; its text says what to do."""


def library(name: str = "pyarrow", extra: str = "parquet") -> Any:
    """An optional library; raises MissingLibrary when it is absent, or refuses to work here."""
    top = name.partition(".")[0]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        command = f"pip install 'openfisca-cej[{extra}]'"
        raise MissingLibrary(
            _("{top} is needed: {command}").format(top=top, command=command)
        ) from None
    except ImportError as error:  # PyArrow 26 beside the NumPy 1.26 of OpenFisca-Core 44
        remedy = _("install another version of {top}").format(top=top)
        raise MissingLibrary(
            _("{top} cannot be used: {error}; {remedy}").format(top=top, error=error, remedy=remedy)
        ) from None


def as_numpy(array: "pyarrow.Array") -> numpy.ndarray:
    """The values of an array without nulls (where there are some, anything).

    As ``to_numpy``, which imports pandas where it is installed: half a second for nothing.
    """
    types, kind, count = library().types, array.type, len(array)
    if types.is_boolean(kind):
        bits = numpy.frombuffer(array.buffers()[1] or b"", numpy.uint8)
        bits = numpy.unpackbits(bits, count=array.offset + count, bitorder="little")
        return bits[array.offset :].view(bool)
    if types.is_timestamp(kind):
        stored = numpy.dtype(f"datetime64[{kind.unit}]")
    elif types.is_date32(kind):
        stored = numpy.dtype(numpy.int32)
    elif types.is_integer(kind) or types.is_floating(kind):
        stored = numpy.dtype(kind.to_pandas_dtype())
    else:
        return array.to_numpy(zero_copy_only=False)
    values = numpy.frombuffer(array.buffers()[1] or b"", stored)[array.offset :][:count]
    return values.astype("datetime64[D]") if types.is_date32(kind) else values


def filled(array: "pyarrow.Array", empty: int) -> numpy.ndarray:
    """The values of an array, another one in the place of nulls; not copied where there is none."""
    values = as_numpy(array)
    return numpy.where(as_numpy(array.is_valid()), values, empty) if array.null_count else values


def as_arrow(values: numpy.ndarray) -> "pyarrow.Array":
    """An array of truth values or numbers as Arrow has it; numbers are not copied.

    From its buffer: to make an array of anything else, Arrow imports pandas where it is installed.
    """
    arrow = library()
    if values.dtype.kind not in "biuf":
        return arrow.array(values)
    kind = arrow.from_numpy_dtype(values.dtype)
    bits = numpy.packbits(values, bitorder="little") if values.dtype == bool else values
    held = [None, arrow.py_buffer(numpy.ascontiguousarray(bits))]
    return arrow.Array.from_buffers(kind, len(values), held)


def texts_as_arrow(texts: Sequence[str] | numpy.ndarray) -> "pyarrow.Array":
    """Texts as Arrow has them, from their bytes for the same reason."""
    arrow, written = library(), [text.encode() for text in texts]
    ends = numpy.zeros(len(written) + 1, numpy.int32)
    numpy.cumsum([len(one) for one in written], out=ends[1:])
    return arrow.StringArray.from_buffers(
        len(written), arrow.py_buffer(ends), arrow.py_buffer(b"".join(written))
    )


@lru_cache(maxsize=1)
def everyone(count: int) -> numpy.ndarray:
    """So many rows, all there: one array for the columns without a hole."""
    rows = numpy.ones(count, dtype=bool)
    rows.flags.writeable = False
    return rows


class Texts(Sequence[str]):
    """Texts in an Arrow array: made into Python texts only when they are looked at."""

    def __init__(self, array: "pyarrow.Array") -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, rank: Any) -> Any:
        if isinstance(rank, slice):
            return Texts(self.array[rank])
        return self.array[int(rank)].as_py()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __iter__(self) -> Iterator[str]:
        return iter(self.array.to_pylist())

    def take(self, ranks: numpy.ndarray) -> "Texts":
        """The texts of these ranks."""
        return Texts(self.array.take(as_arrow(ranks)))

    def among(self, words: Sequence[str]) -> list[int]:
        """The ranks of those that are among these words, or hold a plus sign."""
        compute = library("pyarrow.compute")
        wanted = texts_as_arrow(words).cast(self.array.type)
        found = compute.or_(
            compute.is_in(self.array, wanted), compute.match_substring(self.array, "+")
        )
        return numpy.flatnonzero(as_numpy(found)).tolist()

    __hash__ = None  # type: ignore[assignment]


def read_table(table: "pyarrow.Table", schema: Schema, faults: Faults, first: int = 0) -> Sheet:
    """All the columns of a table, whose first row has this place. Raises InvalidInput: no row."""
    sheet = Sheet(schema, faults, range(first, first + table.num_rows))
    fill(
        sheet,
        table.schema.names,
        lambda rank, column: read_content(table.column(rank), column, sheet),
        lambda rank: texts_of(table.column(rank)),
    )
    return sheet


def texts_of(chunks: "pyarrow.ChunkedArray") -> list[str]:
    """The distinct values of a column as texts; « 0 » for one that holds no text."""
    array = ColumnArray(chunks)
    if not array.is_text:
        return [] if array.blank else ["0"]
    return [text or "" for text in chunks.unique().to_pylist()]


def read_content(chunks: Any, column: Column, sheet: Sheet) -> Cells | Labels:
    """What a column holds; raises BadValue when its type does not suit it."""
    if column.kind in (KEPT, MOMENT, MUNICIPALITY, MARITAL):
        chunks = as_texts(chunks)
    array = ColumnArray(chunks)
    if column.kind not in ("variable", "weight"):
        return array.labels()
    if column.kind == "variable" and column.variable.value_type not in (int, float):
        return array.content(column.variable)
    if array.is_type("is_float32") and not array.below(FLOAT32_CENTIMES):
        sheet.remarks.append(
            f"{column.header} is of type float32, which loses the centimes of amounts over "
            f"{FLOAT32_CENTIMES} €: write it as float64."
        )
    return array.numbers() if column.kind == "weight" else array.content(column.variable)


def as_texts(chunks: Any) -> Any:
    """The values of a column as texts, whatever they are; raises BadValue where they are none."""
    arrow, compute = library(), library("pyarrow.compute")
    if arrow.types.is_floating(chunks.type):
        chunks = compute.if_else(compute.is_nan(chunks), None, chunks)
    try:
        return chunks.cast(arrow.large_string())
    except arrow.ArrowException:
        raise ColumnArray(chunks).refused(("un texte", "a text"), "text") from None


class ColumnArray:
    """One column of a table, read as what it has to be."""

    def __init__(self, chunks: "pyarrow.ChunkedArray") -> None:
        self.arrow = library()
        self.compute = library("pyarrow.compute")
        self.written = chunks.type
        types = self.arrow.types
        if types.is_dictionary(chunks.type) and not self.is_of_texts(chunks.type.value_type):
            chunks = chunks.cast(chunks.type.value_type)
        if types.is_string(chunks.type) or types.is_string_view(chunks.type):
            # Texts of more than 2 GB, end to end, need large offsets.
            chunks = chunks.cast(self.arrow.large_string())
        # Combining copies, even a single chunk.
        self.array = chunks.chunk(0) if chunks.num_chunks == 1 else chunks.combine_chunks()

    def is_type(self, *tests: str) -> bool:
        """Whether the type is one of these, named as in ``pyarrow.types``."""
        return any(getattr(self.arrow.types, test)(self.array.type) for test in tests)

    @property
    def is_text(self) -> bool:
        """Whether the column holds texts, as they are or by their ranks in a dictionary."""
        kind = self.array.type
        return self.is_of_texts(kind.value_type if self.is_type("is_dictionary") else kind)

    def is_of_texts(self, kind: "pyarrow.DataType") -> bool:
        """Whether a type is one of texts."""
        types = self.arrow.types
        return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)

    @cached_property
    def blank(self) -> bool:
        """Whether nothing at all is given: the type then says nothing.

        A column is empty by its nulls, by NaN (as pandas has them) or by empty texts.
        """
        array = self.array
        if array.null_count == len(array):
            return True
        if self.is_type("is_dictionary"):
            return not any(text.as_py() for text in array.dictionary)
        first = next(one for one in array if one.is_valid).as_py()
        if first == "":
            nothing = texts_as_arrow([""])[0]
            return bool(self.compute.all(self.compute.equal(array, nothing)).as_py())
        return first != first and bool(self.compute.all(self.compute.is_nan(array)).as_py())

    @cached_property
    def given(self) -> numpy.ndarray:
        """Which cells are not empty."""
        if not self.array.null_count:
            return everyone(len(self.array))
        return as_numpy(self.array.is_valid())

    def refused(self, expected: tuple[str, str], kind: str) -> BadValue:
        """The refusal of a type; what is expected is said in French and in English."""
        words = {"type": self.written, "expected_fr": expected[0], "expected": expected[1]}
        return BadValue("of-another-type", kind=kind, **words)

    def values(self, array: Any = None, empty: int = 0) -> numpy.ndarray:
        """A NumPy array, without a copy where there is no null."""
        return filled(self.array if array is None else array, empty)

    def faults(
        self, rows: numpy.ndarray, describe: Callable[[int], BadValue]
    ) -> list[tuple[int, BadValue]]:
        """Faults of these rows."""
        return [(row, describe(row)) for row in rows.tolist()]

    def content(self, variable: Variable) -> Cells:
        """The cells of a variable; raises BadValue when the type does not suit it."""
        if self.blank:
            return cells.read([""] * len(self.array), variable)
        if variable.value_type == Enum:
            return self.items(variable)
        if self.is_text and variable.value_type in (bool, datetime.date):
            return self.by_texts(variable)
        if variable.value_type is bool:
            return self.booleans(variable.default_value)
        if variable.value_type is datetime.date:
            return self.dates(numpy.datetime64(variable.default_value, "D"))
        if variable.value_type in (int, float):
            return self.numbers(reading.bound_of(variable), variable.value_type is int)
        if not self.is_text:
            raise self.refused(("un texte", "text"), "text")
        return cells.read(
            ["" if text is None else text for text in self.array.to_pylist()], variable
        )

    # Numbers.

    def below(self, limit: float) -> bool:
        """Whether all the numbers are under a limit."""
        largest = self.compute.max(self.array).as_py()
        return largest is None or largest < limit

    def numbers(self, bound: bounds.Bound = cells.WEIGHTS, whole: bool = False) -> Cells:
        """Numbers within a bound, whole ones only if asked."""
        if self.blank:
            nothing = numpy.zeros(len(self.array), dtype=bool)
            return Cells(nothing.astype(int if whole else float), nothing)
        values, dtype = self.plain_numbers(whole), int if whole else float
        decimals = whole and values.dtype.kind == "f"
        with numpy.errstate(invalid="ignore"):  # of the remainder of an infinity
            # A NaN is neither at least 0 nor at most the maximum, nor may the fill of a null be.
            if are_within(values, bound) and not (decimals and (values % 1).any()):
                return Cells(values.astype(dtype, copy=False), self.given)
            bad = ~((values >= bound.least) & (values <= bound.most))
            if decimals:
                bad |= values % 1 != 0
        given = self.given & ~numpy.isnan(values)
        bad &= given
        faults = self.faults(
            numpy.flatnonzero(bad), lambda row: bad_number(values[row], bound, whole)
        )
        return Cells(numpy.where(bad | ~given, 0, values).astype(dtype), given, faults)

    def plain_numbers(self, whole: bool) -> numpy.ndarray:
        """Numbers of any type as a NumPy array; raises BadValue."""
        if self.is_type("is_decimal"):
            # Through texts, which is exact: Arrow divides with a table of inverses.
            array = self.array.cast(self.arrow.string()).cast(self.arrow.float64())
            return self.values(array)
        if self.is_type("is_integer", "is_float32", "is_float64"):
            return self.values()
        kind = "int64" if whole else "float64"
        raise self.refused(("un nombre", "a number"), kind)

    # Truth values, dates, items.

    def booleans(self, empty: bool) -> Cells:
        """Truth values, or integers that are 0 or 1."""
        if self.is_type("is_boolean"):
            return Cells(self.values(empty=empty), self.given)
        if not self.is_type("is_integer", "is_float32", "is_float64"):
            raise self.refused(("vrai ou faux", "true or false"), "bool")
        values = self.values(empty=int(empty))
        given = self.given & ~numpy.isnan(values)
        rows = numpy.flatnonzero(given & (values != 0) & (values != 1))
        faults = self.faults(
            rows,
            lambda row: BadValue(
                "not-a-boolean", value=quoted(str(values[row])), yes="true", no="false"
            ),
        )
        return Cells(numpy.where(given, values == 1, empty), given, faults)

    def dates(self, empty: numpy.datetime64) -> Cells:
        """Dates, or instants that are all at midnight."""
        zone = getattr(self.array.type, "tz", None)
        if zone or not self.is_type("is_date", "is_timestamp"):
            raise self.refused(("une date", "a date"), "date32, without time nor zone")
        array = self.array
        if self.is_type("is_date64"):
            array = array.cast(self.arrow.timestamp("ms"))
        instants = as_numpy(array)
        if array.null_count:
            instants = numpy.where(self.given, instants, empty)
        values = instants.astype("datetime64[D]", copy=False)
        first, last = (
            numpy.datetime64(f"{year}-01-01") for year in (bounds.FIRST_YEAR, bounds.LAST_YEAR + 1)
        )
        timed = values is not instants and (values != instants).any()
        if not timed and values.min() >= first and values.max() < last:
            return Cells(values, self.given)
        bad = (values != instants) | (values < first) | (values >= last)
        faults = self.faults(
            numpy.flatnonzero(bad), lambda row: bad_date(instants[row], values[row])
        )
        return Cells(numpy.where(bad, empty, values), self.given, faults)

    def items(self, variable: Variable) -> Cells:
        """Ranks of the items of an enumeration, by their names."""
        if not self.is_text:
            names = ", ".join(item.name for item in variable.possible_values)
            raise BadValue("not-names-of-items", type=self.written, items=names)
        return self.by_texts(variable)

    def by_texts(self, variable: Variable) -> Cells:
        """Values written as texts: each is read once."""
        codes, names = self.encoded()
        known = cells.read(names, variable)
        bad = dict(known.faults)
        given = codes >= 0
        if not known.given.all():
            given &= known.given[codes]
        nothing = numpy.asarray(cells.default_value(variable)).astype(known.values.dtype)
        values = numpy.where(given, known.values[codes], nothing)
        rows = numpy.flatnonzero(numpy.isin(codes, list(bad))) if bad else numpy.arange(0)
        return Cells(values, given, self.faults(rows, lambda row: bad[int(codes[row])]))

    # Identifiers.

    def is_whole(self, array: "pyarrow.Array") -> bool:
        """Whether numbers have no fraction, as identifiers read as floats for want of a null.

        Above what a float tells one by one, two identifiers may have become the same.
        """
        values = as_numpy(array.drop_null())
        told = 2.0 ** (numpy.finfo(values.dtype).nmant + 1)
        return bool((numpy.abs(values) < told).all() and (values % 1 == 0).all())

    def encoded(self) -> tuple[numpy.ndarray, list[str]]:
        """Rank of each text among the distinct ones (-1: null), and these."""
        array = self.array
        if not self.is_type("is_dictionary"):
            array = array.dictionary_encode()
        codes = self.values(array.indices, -1)
        names = array.dictionary.to_pylist()
        return codes, ["" if name is None else name for name in names]

    def labels(self) -> Labels:
        """Identifiers, groups or roles: texts or integers; raises BadValue."""
        array = self.array
        if self.blank:
            return Labels(numpy.full(len(array), -1), [])
        if self.is_type("is_dictionary"):
            array = array.cast(array.type.value_type)
        if self.is_type("is_floating"):
            array = self.compute.if_else(self.compute.is_nan(array), None, array)
        if self.is_text:
            array = self.compute.utf8_trim_whitespace(array.cast(self.arrow.large_string()))
        elif self.is_type("is_float32", "is_float64") and self.is_whole(array):
            array = array.cast(self.arrow.int64())
        elif not self.is_type("is_integer"):
            raise self.refused(("un identifiant", "an identifier"), "text or as integers")
        codes, distinct = ranked(array, self.arrow, self.compute)
        short = not self.is_text and len(distinct) < FEW
        names = distinct.cast(self.arrow.string() if short else self.arrow.large_string())
        # Arrow imports pandas to look for a text of Python's.
        told = as_numpy(self.compute.binary_length(names)) > 0
        if not told.all():
            blank = told.argmin()
            codes = numpy.where(codes == blank, -1, codes - (codes > blank))
            names = names.filter(as_arrow(told))
        return Labels(codes, Texts(names))


def are_within(values: numpy.ndarray, bound: bounds.Bound) -> bool:
    """Whether all the numbers are within a bound, which no NaN is."""
    if bound.least == 0 and values.dtype == float:
        # By their bits, in one pass: those of what has a sign, and of NaN, are above all others.
        return bool(values.view(numpy.uint64).max() <= numpy.float64(bound.most).view(numpy.uint64))
    return bool(values.min() >= bound.least and values.max() <= bound.most)


def ranked(array: Any, arrow: Any, compute: Any) -> tuple[numpy.ndarray, "pyarrow.Array"]:
    """Rank of each value among the distinct ones (-1: null), and these, by first row.

    Values that never decrease need no hashing: their ranks are counted.
    """
    if not array.null_count and len(array) > 1:
        left, right = array[:-1], array[1:]
        if compute.all(compute.less_equal(left, right)).as_py():
            fresh = as_numpy(compute.not_equal(left, right))
            fresh = numpy.append(True, fresh)
            distinct = array if fresh.all() else array.filter(as_arrow(fresh))
            return numpy.cumsum(fresh) - 1, distinct
    encoded = array.dictionary_encode()
    codes = filled(encoded.indices, -1).astype(int)
    return codes, encoded.dictionary


def bad_number(value: Any, bound: bounds.Bound, whole: bool) -> BadValue:
    """What is wrong with a number."""
    try:
        value = reading.number_in(repr(value.item()), bound, whole)
    except BadValue as error:
        return error
    raise AssertionError(value)


def bad_date(instant: numpy.datetime64, day: numpy.datetime64) -> BadValue:
    """What is wrong with a date."""
    if instant != day:
        return BadValue("time-of-day", value=quoted(str(instant)))
    reach: dict[str, Any] = {"first": bounds.FIRST_YEAR, "last": bounds.LAST_YEAR}
    return BadValue("date-out-of-reach", value=quoted(str(day)), **reach)
