"""Simulate a population held in memory: NumPy arrays, an Arrow table, a pandas or Polars frame."""

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from gettext import gettext as _
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import reforms, systems
from openfisca_cej.bounds import FIRST_YEAR
from openfisca_cej.population import engine, jobs, plain, stale
from openfisca_cej.population.arrow import as_numpy, library, read_table
from openfisca_cej.population.history import defaults_read
from openfisca_cej.population.long_format import MonthsSchema, panel
from openfisca_cej.population.months import LONGEST, month_number, month_range, month_text
from openfisca_cej.population.output import LAYOUTS, arrow_values, checked_layout
from openfisca_cej.population.remembered import system_of
from openfisca_cej.population.schema import RESULT, WEIGHT, Schema
from openfisca_cej.population.sheet import Sheet, build
from openfisca_cej.population.table import Population
from openfisca_cej.reading import normal
from openfisca_cej.refusals import (
    POSITIONS,
    BadValue,
    Faults,
    InvalidInput,
    raise_all,
)

#: How faults name the data, and the months beside them.
SOURCE, MONTHLY = "data", "monthly"

#: Numbers from this one on are written YYYYMM: no month of four digits of year counts so many.
FIRST_YYYYMM = 12 * 10_000

#: The column, or the name of the index of a pandas frame, that names persons.
IDENTIFIER = "individu_id"

#: A class of reform, or its description.
Reform = Callable[[TaxBenefitSystem], TaxBenefitSystem] | Mapping[str, Any] | str | Path

KINDS = "a dict of NumPy arrays, a pandas or Polars frame, or anything that streams Arrow"

#: What is done with data of these modules and names.
KNOWN = {
    ("pyarrow", "Table"): "pyarrow",
    ("pandas", "DataFrame"): "pandas",
    ("polars", "DataFrame"): "polars",
    ("polars", "LazyFrame"): "lazy",
    ("duckdb", "DuckDBPyRelation"): "duckdb",
}

#: Data of any library: the result is of the same kind.
Frame = TypeVar("Frame")


class Remark(UserWarning):
    """What a simulation took for granted."""


@overload
def simulate(
    data: Mapping[str, Any],
    months: Any,
    reform: Reform | None = None,
    variables: Sequence[str] = (RESULT,),
    layout: str = LAYOUTS[0],
    monthly: Any = None,
) -> dict[str, numpy.ndarray]: ...


@overload
def simulate(
    data: Frame,
    months: Any,
    reform: Reform | None = None,
    variables: Sequence[str] = (RESULT,),
    layout: str = LAYOUTS[0],
    monthly: Any = None,
) -> Frame: ...


def simulate(
    data: Any,
    months: Any,
    reform: Reform | None = None,
    variables: Sequence[str] = (RESULT,),
    layout: str = LAYOUTS[0],
    monthly: Any = None,
) -> Any:
    """Compute monthly individual variables for persons held in memory.

    ``data`` has one row a person and the columns of the flat format (``salaire_net``,
    ``salaire_net@2025-03``, ``rni@2023``, ``individu_id``, ``famille_id``, ``famille_role``,
    ``poids``…): a dict of NumPy arrays (which needs no PyArrow), an Arrow table, batch or dataset,
    a pandas frame, a Polars frame, lazy or not, a DuckDB relation, or anything that gives a stream
    of Arrow (``__arrow_c_stream__``). The result is of the same kind, a ``RecordBatchReader`` for
    other streams, persons in the same order: one row a person and month
    (``person_month``), or one row a person and columns ``variable@YYYY-MM`` (``person``). A pandas
    frame keeps its index, repeated where a person has several rows; an index named
    ``individu_id`` is the identifier. Persons without one are called by their positions, from 0.

    ``months`` is ``"2025-01:2025-12"``, a month or several (``"2025-01"``, ``202501``, a date, a
    Timestamp, a Period) or a range of month numbers; ``reform`` an OpenFisca reform class, or what
    ``openfisca_cej.reforms.reform`` takes (a dictionary of parameters, a file, a name).

    ``monthly`` is the long format: data of any of these kinds too, with one row a person and month
    (``individu_id``, ``mois``, monthly variables).

    Raises InvalidInput with all the faults of the data, rows named by position, InvalidReform
    with those of the reform; ValueError when what is asked makes no sense; TypeError for another
    kind of data. What was taken for granted is told by warnings (Remark).
    """
    layout = checked_layout(layout)
    asked = asked_months(months)
    window = range(min(asked), max(asked) + 1)
    kind = kind_of(data)
    system = system_of(as_class(reform))
    check_variables(system, variables)
    if kind == "numpy":
        data = with_index(data, SOURCE)
    sheet, table = sheet_of(data, kind, Schema(system), SOURCE)
    population = population_of(sheet, monthly, window)
    report = engine.Report()
    late = stale.Counts()
    months_kept = [month - window[0] for month in asked]
    results = computed(system, population, window, months_kept, variables, report, late)
    results = {name: values[:, months_kept] for name, values in results.items()}
    moved = stale.sentences(late, population.count * len(asked))
    for remark in [*population.remarks, *defaults_read(system, report.defaults, SOURCE), *moved]:
        warnings.warn(remark, Remark, stacklevel=2)
    columns = laid_out(data, table, population, system, asked, results, layout)
    if table is None:
        return columns
    return from_columns(columns, kind, data, repeated=len(asked) if long_layout(layout) else 1)


def long_layout(layout: str) -> bool:
    """Whether results have one row a person and month."""
    return layout == LAYOUTS[0]


def asked_months(months: Any) -> list[int]:
    """Numbers of the months asked for. Raises ValueError."""
    if isinstance(months, str):
        return list(month_range(months))
    numbers = [as_number(month) for month in (months if isinstance(months, Iterable) else [months])]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(_("months: give at least one month, and each of them once"))
    if min(numbers) < 12 * FIRST_YEAR or max(numbers) - min(numbers) >= LONGEST:
        raise ValueError(
            _("months: they span more than {longest} years, or are not months").format(
                longest=LONGEST // 12
            )
        )
    return numbers


def as_number(month: Any) -> int:
    """The number of a month: one already, YYYYMM, or a text, a date, a Timestamp, a Period."""
    if isinstance(month, (int, numpy.integer)):
        year, rank = divmod(int(month), 100)
        return int(month) if month < FIRST_YYYYMM else month_number(f"{year:04d}-{rank:02d}")
    return month_number(str(month)[: len("YYYY-MM")] if not isinstance(month, str) else month)


def kind_of(data: Any) -> str:
    """The library whose kind of data this is. Raises TypeError."""
    if isinstance(data, Mapping):
        return "numpy"
    module = module_of(data)
    name = type(data).__name__
    if (module, name) in KNOWN:
        return KNOWN[module, name]
    if module == "pyarrow" and hasattr(data, "to_table"):
        return "dataset"
    if hasattr(data, "__arrow_c_stream__"):
        return "stream"
    raise not_columns(data)


def not_columns(data: Any) -> TypeError:
    """The refusal of what has no columns."""
    return TypeError(f"data is a {module_of(data)}.{type(data).__name__}: give {KINDS}")


def as_class(reform: Reform | None) -> Callable[[TaxBenefitSystem], TaxBenefitSystem] | None:
    """The class of a reform, however it was given. Raises InvalidReform, TypeError."""
    return reform if reform is None or callable(reform) else reforms.reform(reform)


def check_variables(system: TaxBenefitSystem, names: Sequence[str]) -> None:
    """The variables are monthly and of persons. Raises ValueError."""
    if isinstance(names, str) or not names:
        raise ValueError(_('variables: give a list of names, for instance ["cej_allocation"]'))
    jobs.check_variables(system, names)


# From the data to a population.


def sheet_of(data: Any, kind: str, schema: Schema, source: str) -> tuple[Sheet, Any]:
    """The columns of the data, and the Arrow table that they are in; None for arrays without it.

    Raises InvalidInput when there are no columns or no rows.
    """
    faults = Faults(source, POSITIONS)
    if kind == "numpy" and find_spec("pyarrow") is None:
        return plain.sheet_of(data, schema, faults), None
    table = to_table(data, kind, faults)
    return read_table(table, schema, faults), table


def population_of(sheet: Sheet, monthly: Any, months: range) -> Population:
    """The persons of a sheet, and their months if they are beside it. Raises InvalidInput."""
    if monthly is None:
        population = build(sheet, months)
        sheet.faults.raise_if_any()
        return population
    schema = MonthsSchema(sheet.schema.system)
    if isinstance(monthly, Mapping):
        monthly = with_index(monthly, MONTHLY)
    rows, _ = sheet_of(monthly, kind_of(monthly), schema, MONTHLY)
    population = panel(sheet, rows, months)
    raise_all(sheet.faults, rows.faults)
    return population


def to_table(data: Any, kind: str, faults: Faults) -> Any:
    """The data as an Arrow table; columns that cannot be one are faults."""
    arrow = library()
    if kind == "pyarrow":
        return data
    if kind == "polars":
        return data.to_arrow()
    if kind == "lazy":
        return data.collect().to_arrow()
    if kind == "dataset":
        return data.to_table()
    if kind in ("stream", "duckdb"):
        try:
            stream = arrow.RecordBatchReader.from_stream(data)
        except arrow.ArrowInvalid:  # It has values, as a Series, and no columns.
            raise not_columns(data) from None
        table = stream.read_all()
        if kind == "stream" and not table.num_rows:
            faults.add_whole(BadValue("stream-empty"))
        return table
    errors = (arrow.ArrowException, TypeError, ValueError)
    convert = functools.partial(to_array, kind=kind)
    made = plain.converted(columns_of(data, kind), convert, errors, faults)
    return arrow.Table.from_arrays([array for _, array in made], names=[name for name, _ in made])


def columns_of(data: Any, kind: str) -> Iterator[tuple[Any, Any]]:
    """The columns of the data; an index named as the identifier is one of them."""
    if kind == "pandas":
        yield from levels(data.index, data.columns)
    yield from data.items()


def levels(index: Any, names: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """The levels of an index that are columns, unless a column has the name."""
    known = {normal(str(name)) for name in names}
    for level in index.names:
        if level is not None and normal(str(level)) not in known and is_column(str(level)):
            yield level, index.get_level_values(level)


def with_index(data: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    """The columns of a dict, with those of the index that its pandas Series share.

    Series of unlike indexes are a fault: the order of rows would not be that of the persons. Raises
    InvalidInput.
    """
    series = {name: values for name, values in data.items() if module_of(values) == "pandas"}
    indexed = [(name, values.index) for name, values in series.items() if hasattr(values, "index")]
    if not indexed:
        return data
    first, index = indexed[0]
    for name, other in indexed[1:]:
        if len(other) == len(index) and not other.equals(index):
            faults = Faults(source, POSITIONS)
            faults.add_whole(BadValue("indexes-differ", one=first, two=name))
            raise InvalidInput(faults)
    return {**dict(levels(index, data)), **data}


def module_of(value: Any) -> str:
    """The library that a value is of."""
    return type(value).__module__.partition(".")[0].lstrip("_")


def is_column(header: str) -> bool:
    """Whether the law in force has such a column: the name of an index may be one."""
    try:
        Schema(systems.model()).column(header)
    except BadValue:
        return False
    return True


def to_array(values: Any, kind: str) -> Any:
    """One column as an Arrow array; raises one of Arrow's errors, TypeError or ValueError."""
    arrow = library()
    if kind == "pandas" or module_of(values) == "pandas":
        periods = str(values.dtype).startswith("period")  # Arrow has no such type.
        array = arrow.array(values.astype(str) if periods else values, from_pandas=True)
    elif hasattr(values, "to_arrow"):
        array = values.to_arrow()
    elif isinstance(values, arrow.Array | arrow.ChunkedArray):
        array = values
    else:
        masked = numpy.ma.getmaskarray(values) if isinstance(values, numpy.ma.MaskedArray) else None
        values = numpy.asarray(values)
        if masked is not None and values.ndim == 1:
            return arrow.array(values, mask=masked)
        if values.ndim != 1:
            raise ValueError(_("it has {ndim} dimensions, not 1").format(ndim=values.ndim))
        array = arrow.array(values, from_pandas=False)
    return array.combine_chunks() if isinstance(array, arrow.ChunkedArray) else array


# From results to the kind of the data.


def computed(
    system: TaxBenefitSystem,
    population: Population,
    months: range,
    kept: Sequence[int],
    variables: Sequence[str],
    report: engine.Report,
    late: stale.Counts,
) -> dict[str, numpy.ndarray]:
    """Results of all the persons, in the order of the population: persons × months.

    ``late`` counts the person-months that rest on values that the law has moved since, in the
    columns ``kept``.
    """
    results: dict[str, numpy.ndarray] = {}
    watch = stale.Stale(system, months, stale.amounts(system, variables))
    for block in engine.simulate(system, population, months, variables, report=report, stale=watch):
        stale.add(late, block.stale, kept)
        for name, values in block.values.items():
            shape = (population.count, len(months))
            whole = results.setdefault(name, numpy.empty(shape, values.dtype))
            whole[block.persons] = values
    return results


def laid_out(
    data: Any,
    table: Any,
    population: Population,
    system: TaxBenefitSystem,
    months: Sequence[int],
    results: dict[str, numpy.ndarray],
    layout: str,
) -> dict[str, Any]:
    """The columns of the result: Arrow arrays where there is a table, else NumPy arrays."""
    identifier = f"{system.person_entity.key}_id"
    texts = [month_text(month) for month in months]
    long = long_layout(layout)
    rows = numpy.repeat(numpy.arange(population.count), len(months) if long else 1)
    as_column = as_array if table is None else arrow_values
    named = data if table is None else dict(zip(table.column_names, table.columns, strict=True))
    names = [name for name in named if normal(str(name)) == identifier]
    columns: dict[str, Any] = {identifier: as_column(rows)}
    if names:
        known = named[names[-1]]
        columns[identifier] = numpy.asarray(known)[rows] if table is None else known.take(rows)
    if long:
        ranks = numpy.tile(numpy.arange(len(months), dtype=numpy.int32), population.count)
        columns["mois"] = numpy.array(texts)[ranks]
        if table is not None:
            columns["mois"] = library().DictionaryArray.from_arrays(ranks, texts)
    if population.weights is not None:
        columns[WEIGHT] = as_column(population.weights[rows])
    for name, values in results.items():
        variable = system.get_variable(name, check_existence=True)
        if long:
            columns[name] = as_column(values.ravel(), variable)
            continue
        for text, column in zip(texts, values.T, strict=True):
            columns[f"{name}@{text}"] = as_column(numpy.ascontiguousarray(column), variable)
    return columns


def as_array(values: numpy.ndarray, variable: Any = None) -> numpy.ndarray:
    """Results of a variable as an array; items of enumerations by their names."""
    if variable is not None and variable.value_type == Enum:
        return numpy.array([item.name for item in variable.possible_values])[values]
    return numpy.asarray(values)


def from_columns(columns: dict[str, Any], kind: str, data: Any, repeated: int) -> Any:
    """The columns as data of this kind; a pandas frame keeps its index, each row ``repeated``."""
    arrow = library()
    if kind == "numpy":
        return {name: to_numpy(values) for name, values in columns.items()}
    table = arrow.table(columns)
    if kind == "pyarrow":
        return table
    if kind == "pandas":
        return table.to_pandas().set_axis(data.index.repeat(repeated), axis="index")
    if kind == "dataset":
        return library("pyarrow.dataset").dataset(table)
    if kind == "duckdb":
        return library("duckdb", "duckdb").from_arrow(table)
    if kind == "stream":
        return table.to_reader()
    frame = library("polars", "polars").from_arrow(table)
    return frame.lazy() if kind == "lazy" else frame


def to_numpy(values: Any) -> numpy.ndarray:
    """An Arrow column as a NumPy array; texts as NumPy texts."""
    arrow = library()
    if arrow.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if isinstance(values, arrow.ChunkedArray):
        values = values.combine_chunks()
    if arrow.types.is_string(values.type) or arrow.types.is_large_string(values.type):
        coded = values.dictionary_encode("encode")
        return numpy.array(coded.dictionary.to_pylist(), dtype=str)[as_numpy(coded.indices)]
    array = values.to_numpy(zero_copy_only=False) if values.null_count else as_numpy(values)
    return array.astype(str) if array.dtype == object else array
