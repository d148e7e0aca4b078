"""Read a dict of arrays without PyArrow, by the texts of their values: slower, the same answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej.population.cells import text_of
from openfisca_cej.population.parts import short
from openfisca_cej.population.schema import Schema
from openfisca_cej.population.sheet import Sheet, content_of, fill
from openfisca_cej.refusals import BadValue, Faults

#: How the values that say nothing are written.
NOTHING = ("None", "NaT", "nan", "<NA>")


def sheet_of(data: Mapping[str, Any], schema: Schema, faults: Faults) -> Sheet:
    """The columns of a dict, with their faults. Raises InvalidInput when they are not columns."""
    texts = dict(converted(data.items(), texts_of, (ValueError,), faults))
    sheet = Sheet(schema, faults, range(len(next(iter(texts.values()), []))))
    columns = list(texts.values())
    fill(
        sheet,
        list(texts),
        lambda rank, column: content_of(columns[rank], column),
        lambda rank: set(columns[rank]),
    )
    return sheet


def converted(
    columns: Iterable[tuple[Any, Any]],
    convert: Callable[[Any], Any],
    errors: tuple[type[Exception], ...],
    faults: Faults,
) -> list[tuple[str, Any]]:
    """The columns of some data with their names, as something else; those that cannot are faults.

    Raises InvalidInput when they are not of one length.
    """
    made = []
    for name, values in columns:
        try:
            made.append((str(name), convert(values)))
        except errors as error:
            faults.add_header(str(name), BadValue("column-unreadable", why=short(error)))
    if len({len(column) for _, column in made}) > 1:
        told = ", ".join(f"{name}: {len(column)}" for name, column in made)
        faults.add_whole(BadValue("lengths-differ", lengths=told))
        faults.raise_if_any()
    return made


def texts_of(values: Any) -> list[str]:
    """The values of a column as a file writes them. Raises ValueError."""
    hidden = numpy.ma.getmaskarray(values) if isinstance(values, numpy.ma.MaskedArray) else None
    array: NDArray[Any] = numpy.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"it has {array.ndim} dimensions, not 1")
    if array.dtype.kind == "M":
        days = array.astype("datetime64[D]")
        array = numpy.where(days == array, days.astype(str), array.astype(str))
    texts = ["" if str(value) in NOTHING else text_of(value) for value in array.tolist()]
    if hidden is not None:
        texts = ["" if mask else text for mask, text in zip(hidden.tolist(), texts, strict=True)]
    return texts
