"""Read a dict of arrays without PyArrow, by the texts of their values: slower, the same answers."""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej.population.schema import Schema
from openfisca_cej.population.sheet import (
    Sheet,
    content_of,
    finish,
    look_at_unknown,
    read_header,
)
from openfisca_cej.refusals import BadValue, Faults

#: How the values that say nothing are written.
NOTHING = ("None", "NaT", "nan", "<NA>")


def sheet_of(data: Mapping[str, Any], schema: Schema, faults: Faults) -> Sheet:
    """The columns of a dict, with their faults. Raises InvalidInput when they are not columns."""
    texts = {}
    for name, values in data.items():
        try:
            texts[str(name)] = texts_of(values)
        except ValueError as error:
            faults.add_header(str(name), BadValue("column-unreadable", why=str(error)))
    if len({len(column) for column in texts.values()}) > 1:
        told = ", ".join(f"{name}: {len(column)}" for name, column in texts.items())
        faults.add_whole(BadValue("lengths-differ", lengths=told))
        faults.raise_if_any()
    sheet = Sheet(schema, faults, range(len(next(iter(texts.values()), []))))
    for name, column in zip(texts, read_header(list(texts), sheet), strict=True):
        if column is not None:
            sheet.put(column, content_of(texts[name], column))
    for header in list(sheet.unknown):
        look_at_unknown(header, set(texts[header]), sheet)
    finish(sheet)
    if not sheet.lines and not faults.count:
        faults.add_whole(BadValue("no-row"))
    if not sheet.lines:
        faults.raise_if_any()
    return sheet


def texts_of(values: Any) -> list[str]:
    """The values of a column as a file writes them. Raises ValueError."""
    hidden = numpy.ma.getmaskarray(values) if isinstance(values, numpy.ma.MaskedArray) else None
    array: NDArray[Any] = numpy.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"it has {array.ndim} dimensions, not 1")
    if array.dtype.kind == "M":
        days = array.astype("datetime64[D]")
        array = numpy.where(days == array, days.astype(str), array.astype(str))
    texts = [text_of(value) for value in array.tolist()]
    if hidden is not None:
        texts = ["" if mask else text for mask, text in zip(hidden.tolist(), texts, strict=True)]
    return texts


def text_of(value: Any) -> str:
    """A value as a file writes it; nothing for none."""
    if str(value) in NOTHING:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return str(value.date())
    return str(value)
