"""Changes of a valid document, of the kinds that people, spreadsheets and attackers make."""

import copy
import io
import json

import pyarrow
import pyarrow.parquet
from hypothesis import strategies as st

#: Values that programs misread.
NASTY = (
    *(None, True, False, 0, -1, 1e308, -1e308, 5e-324, 10**30, -(10**400), 2**63, 0.1 + 0.2),
    *("", " ", "NaN", "nan", "-inf", "1e999", "0x10", "1_000", "１", "12,5", "null", "None", "~"),
    *("2025-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2025-13", "2025-1", "ETERNITY"),
    *("month:2025-01:999", "2025-01:2024-01", "year:2025:-1", "\x00", "\ud800", "\ufeff", "\u2028"),
    *(
        "é" * 300,
        "=1+1",
        "../../x",
        "{{x}}",
        "%s%n",
        "[",
        "salaire_net",
        "a",
        "b",
        "date_naissance",
    ),
    *([], {}, [[]], {"a": None}, ["a"], [0, "a"], {"2025-01": {}}),
)
NAMES = [str(value) for value in NASTY if isinstance(value, str)]

#: Pieces of text that mean something to one parser or another.
PIECES = (
    *(b'"', b"'", b",", b";", b"\n", b"\r", b"\r\n", b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf"),
    *(
        b":",
        b"- ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"!!int ",
        b"!!timestamp ",
        b"&a ",
        b"*a",
        b"<<: ",
        b"? ",
    ),
    *(
        b"---\n",
        b"...\n",
        b"#",
        b"|",
        b">",
        b"@2025-01",
        b"@2023",
        b"-",
        b"e9",
        b"9" * 5000,
        b"[" * 3000,
    ),
    *(
        b"%",
        b"\\u0000",
        b"\\ud800",
        b"\xe2\x80\xa8",
        b"1e999",
        b"2025-02-30",
        b"NaN",
        b"null",
        b"~",
    ),
)


@st.composite
def texts(draw, documents: list[bytes]) -> bytes:
    """A document with a few pieces put in, taken out, repeated, or swapped."""
    content = bytearray(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 20)))
        what = draw(st.integers(0, 3))
        if what == 0:
            content[start:start] = draw(st.sampled_from(PIECES))
        elif what == 1:
            del content[start:end]
        elif what == 2:
            content[start:end] = draw(st.binary(max_size=4))
        else:
            content[start:start] = content[start:end] * draw(st.integers(1, 3))
    return bytes(content)


@st.composite
def cells(draw, documents: list[bytes]) -> bytes:
    """A table of text of which some cells, or whole rows and columns, are others."""
    rows = [line.split(",") for line in draw(st.sampled_from(documents)).decode().splitlines()]
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.sampled_from(rows))
        place = draw(st.integers(0, max(len(row) - 1, 0)))
        what = draw(st.integers(0, 3))
        if what < 2 and row:
            row[place] = draw(st.sampled_from([str(value) for value in NASTY]))
        elif what == 2:
            row.insert(place, draw(st.sampled_from(rows[0] or [""])))
        else:
            rows.append(list(row))
    text = "\n".join(",".join(row) for row in rows) + "\n"
    return text.encode("utf-8", errors="surrogatepass")


@st.composite
def trees(draw, documents: list[bytes]) -> bytes:
    """A JSON document of which some values and keys are others, or come from elsewhere in it."""
    document = json.loads(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 4))):
        places = list(places_of(document))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        what = draw(st.integers(0, 3))
        if what < 2:
            holder[key] = copy.deepcopy(draw(st.sampled_from(NASTY)))
        elif what == 2:
            other, name = draw(st.sampled_from(places))
            # Copied, for a document that holds itself is no JSON.
            holder[key] = copy.deepcopy(other[name])
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(NAMES))] = holder.pop(key)
        else:
            holder.pop(key)
    return json.dumps(document).encode()


def places_of(node):
    """Every place of a document: what holds it, and its key or rank."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places_of(node[key])


TYPES = (
    *(pyarrow.string(), pyarrow.large_string(), pyarrow.bool_(), pyarrow.int8(), pyarrow.uint64()),
    *(pyarrow.float32(), pyarrow.float64(), pyarrow.date32(), pyarrow.timestamp("ns", "UTC")),
    *(pyarrow.decimal128(30, 5), pyarrow.list_(pyarrow.int8()), pyarrow.binary(), pyarrow.null()),
    *(pyarrow.struct([("x", pyarrow.int8())]), pyarrow.time32("s"), pyarrow.duration("s")),
    *(
        pyarrow.dictionary(pyarrow.int8(), pyarrow.string()),
        pyarrow.timestamp("s"),
        pyarrow.float16(),
    ),
)


@st.composite
def tables(draw, documents: list[bytes]) -> bytes:
    """A Parquet file of which some columns have another type, other values or another name."""
    table = pyarrow.parquet.read_table(io.BytesIO(draw(st.sampled_from(documents))))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, table.num_columns - 1))
        name, column = table.column_names[place], table.column(place).combine_chunks()
        what = draw(st.integers(0, 3))
        if what == 0:
            try:
                column = column.cast(draw(st.sampled_from(TYPES)), safe=False)
            except (pyarrow.ArrowException, ValueError):
                column = pyarrow.nulls(len(table), draw(st.sampled_from(TYPES)))
        elif what == 1:
            values = draw(
                st.lists(st.sampled_from(NASTY), min_size=len(table), max_size=len(table))
            )
            column = texts_or_numbers(values)
        elif what == 2:
            name = draw(st.sampled_from([*NAMES, *table.column_names, "salaire_net@2025-01"]))
            name = name.encode(errors="ignore").decode()
        else:
            table = table.slice(draw(st.integers(0, len(table))))
            continue
        table = table.set_column(place, name, column)
    file = io.BytesIO()
    try:
        pyarrow.parquet.write_table(table, file, row_group_size=draw(st.integers(1, 4)))
    except (pyarrow.ArrowException, ValueError):  # A type that Parquet has not.
        return draw(st.sampled_from(documents))
    return file.getvalue()


def texts_or_numbers(values: list) -> pyarrow.Array:
    """A column of these values: as numbers if they all are, else as texts."""
    if all(isinstance(value, float | bool | None) for value in values):
        return pyarrow.array([None if value is None else float(value) for value in values])
    return pyarrow.array([str(value).encode(errors="ignore").decode() for value in values])


KINDS = {
    "text": texts,
    "table": lambda documents: cells(documents) | texts(documents),
    "json": lambda documents: trees(documents) | texts(documents),
    "parquet": lambda documents: tables(documents) | texts(documents),
}


def of(reader) -> st.SearchStrategy[bytes]:
    """Changes of the documents of a reader."""
    return KINDS[reader.kind](reader.documents())
