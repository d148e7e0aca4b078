"""A Parquet file gives what the same CSV file gives, or is refused with all its faults."""

import datetime
import decimal
import errno

import forms
import numpy
import pyarrow
import pyarrow.parquet
import pytest

from openfisca_cej.population import arrow, parts, reader, run
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_parquet
from openfisca_cej.population.schema import Schema
from openfisca_cej.population.sources import find_parts
from openfisca_cej.refusals import Faults, InvalidInput

VERSION = int(pyarrow.__version__.partition(".")[0])

MONTHS = month_range("2025-01:2025-12")
BIRTHS = [datetime.date(2004, 1, 1), datetime.date(2004, 1, 2)]


@pytest.fixture
def load(system, tmp_path):
    """Read these columns (two persons) from a Parquet file."""

    def from_columns(months=MONTHS, **columns):
        columns = {"individu_id": ["a", "b"], "date_naissance": BIRTHS, **columns}
        table = pyarrow.table({name: v for name, v in columns.items() if v is not None})
        return read_parquet(forms.save(tmp_path / "jeunes.parquet", table), system, months)

    return from_columns


def values(population, name, period=None):
    (found,) = (i.values for i in population.inputs if (i.variable, i.period) == (name, period))
    return found.tolist()


def array(values, kind):
    return pyarrow.array(values, kind)


def test_every_form_gives_the_same_results(system, tmp_path):
    csv = forms.results(
        system, read_parquet(forms.save(tmp_path / "a.csv", forms.flat()), system, forms.MONTHS)
    )
    for size in (1000, 7):
        path = forms.save(tmp_path / "a.parquet", forms.flat(), row_group_size=size)
        assert forms.results(system, read_parquet(path, system, forms.MONTHS)) == csv
    paid = [amount for row in csv["cej_allocation"] for amount in row]
    assert 20 < sum(amount > 0 for amount in paid) < len(paid)
    assert csv["poids"] != [1] * len(csv["ids"])


def announcing_another_row(content: bytes) -> bytes:
    """The file with one row more in the description of its only row group."""
    rows = pyarrow.parquet.read_metadata(pyarrow.BufferReader(content)).num_rows
    for place in range(len(content) - 1, 0, -1):
        # Thrift writes a small number n as the byte 2 n.
        if content[place] == 2 * rows:
            changed = content[:place] + bytes([2 * rows + 2]) + content[place + 1 :]
            try:
                known = pyarrow.parquet.read_metadata(pyarrow.BufferReader(changed))
            except (OSError, pyarrow.ArrowException):
                continue
            if (known.num_rows, known.row_group(0).num_rows) == (rows, rows + 1):
                return changed
    raise AssertionError("no such byte was found")


def test_a_file_that_announces_other_rows_than_it_holds_is_refused(system, tmp_path):
    table = pyarrow.table({"individu_id": list("abcdef"), "date_naissance": [BIRTHS[0]] * 6})
    path = forms.save(tmp_path / "jeunes.parquet", table)
    path.write_bytes(announcing_another_row(path.read_bytes()))
    with pytest.raises(InvalidInput, match=r"jeunes\.parquet: .*damaged.* Write it again"):
        read_parquet(path, system, MONTHS)
    with pytest.raises(run.Incomplete, match=r"jeunes\.parquet: it announces 7 rows and holds 6"):
        run.run(path, MONTHS, tmp_path / "out")


def in_pieces(path, system, rows):
    """The persons of each unit of about so many rows."""
    for unit in parts.open_source(path, rows).units:
        yield reader.persons(unit, reader.schema_of(unit, system), MONTHS)


def test_row_groups_are_read_alone(system, tmp_path):
    table = forms.flat().select(["individu_id", "date_naissance", "salaire_net@2025-01"])
    path = forms.save(tmp_path / "a.parquet", table, row_group_size=25)
    unnamed = forms.save(tmp_path / "b.parquet", table.drop(["individu_id"]), row_group_size=25)
    whole = read_parquet(path, system, MONTHS)
    pieces = list(in_pieces(path, system, 25))
    assert [piece.count for piece in pieces] == [25, 25, 10]
    assert [name for piece in pieces for name in piece.ids] == list(whole.ids)
    wages = [wage for piece in pieces for wage in values(piece, "salaire_net", "2025-01")]
    assert wages == values(whole, "salaire_net", "2025-01")
    ranks = [name for piece in in_pieces(unnamed, system, 25) for name in piece.ids]
    assert ranks == [str(row + 1) for row in range(60)]


def test_rows_at_fault_are_those_of_the_file(system, tmp_path):
    column = [1.0] * 5 + [-1.0]
    table = pyarrow.table({"date_naissance": BIRTHS * 3, "salaire_net": column})
    path = forms.save(tmp_path / "a.parquet", table, row_group_size=2)
    told = r"^a.parquet, row 6, column salaire_net: « -1.0 »"
    with pytest.raises(InvalidInput, match=told):
        read_parquet(path, system, MONTHS)
    pieces = in_pieces(path, system, 2)
    assert [next(pieces).count, next(pieces).count] == [2, 2]
    with pytest.raises(InvalidInput, match=told):
        next(pieces)


def test_numbers_without_nulls_are_not_copied(load):
    numbers = pyarrow.chunked_array([array([1.5, 2.5], pyarrow.float64())])
    cells = arrow.ColumnArray(numbers).numbers()
    assert cells.values.__array_interface__["data"][0] == numbers.chunk(0).buffers()[1].address


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("salaire_net", array([1, 2], pyarrow.int8()), [1, 2]),
        ("salaire_net", array([1, 2], pyarrow.uint64()), [1, 2]),
        ("salaire_net", array([0.5, 2], pyarrow.float32()), [0.5, 2]),
        ("salaire_net", array([decimal.Decimal("331.37"), 0], pyarrow.decimal128(12, 2)), 0),
        ("salaire_net", array([decimal.Decimal("331.37"), 0], pyarrow.decimal256(60, 4)), 0),
        ("cej_mois_prolongation", array([1, 2], pyarrow.int16()), [1, 2]),
        ("cej_mois_prolongation", array([1.0, 2.0], pyarrow.float64()), [1, 2]),
        ("rqth", array([True, False], pyarrow.bool_()), [True, False]),
        ("rqth", array([1, 0], pyarrow.uint8()), [True, False]),
        ("activite", array(["chomeur", " actif"], pyarrow.string()), [1, 0]),
        ("activite", array(["chomeur", "actif"], pyarrow.large_string()), [1, 0]),
        pytest.param(
            "activite",
            array(["chomeur", "actif"], pyarrow.string_view()),
            [1, 0],
            marks=pytest.mark.skipif(VERSION < 21, reason="this PyArrow cannot write it"),
        ),
        ("activite", array(["chomeur", "actif"], pyarrow.string()).dictionary_encode(), [1, 0]),
        *(
            (
                "cej_date_fin",
                array([BIRTHS[0], None], pyarrow.date32()).cast(kind),
                ["2004-01-01", "1970-01-01"],
            )
            for kind in (
                pyarrow.date32(),
                pyarrow.date64(),
                *(pyarrow.timestamp(unit) for unit in ("s", "ms", "us", "ns")),
            )
        ),
        ("cej_date_fin", pyarrow.nulls(2), ["1970-01-01"] * 2),
        ("cej_date_fin", array([None, None], pyarrow.string()), ["1970-01-01"] * 2),
    ],
    ids=str,
)
def test_types_are_read(load, name, column, expected):
    if name == "cej_date_fin":
        expected = numpy.array(expected, "datetime64[D]").tolist()
    assert values(load(**{name: column}), name) == (expected or [331.37, 0])


def test_every_centime_of_a_decimal_is_exact():
    amounts = [decimal.Decimal(rank) / 100 for rank in range(0, 200_000, 7)]
    column = pyarrow.chunked_array([array(amounts, pyarrow.decimal128(12, 2))])
    assert arrow.ColumnArray(column).numbers().values.tolist() == [float(a) for a in amounts]


@pytest.mark.parametrize("kind", [pyarrow.int64(), pyarrow.string(), "dictionary"])
def test_identifiers_may_be_texts_or_integers(load, kind):
    texts = array(["12", "7"], pyarrow.string())
    column = texts.dictionary_encode() if kind == "dictionary" else texts.cast(kind)
    population = load(individu_id=column, famille_id=column)
    assert list(population.ids) == ["12", "7"]
    assert population.ids[1] == "7"
    assert population.ids == ["12", "7"]
    assert list(population.ids[1:]) == ["7"]
    assert population.groups["famille"].membership.tolist() == [0, 1]


def test_chunks_with_other_dictionaries_are_put_together(system, tmp_path):
    tables = [
        pyarrow.table(
            {
                "date_naissance": [BIRTHS[0]] * 2,
                "activite": array(names, pyarrow.string()).dictionary_encode(),
            }
        )
        for names in (["actif", "chomeur"], ["retraite", "chomeur"])
    ]
    table = pyarrow.concat_tables(tables)
    sheet = arrow.read_table(table, Schema(system), Faults("data"))
    (cells,) = [cells for column, cells in sheet.values.items() if column.header == "activite"]
    assert cells.values.tolist() == [0, 1, 3, 1]


def test_a_float32_that_loses_centimes_is_told(load):
    kind = pyarrow.float32()
    assert not any("float32" in text for text in load(salaire_net=array([0, 9e4], kind)).remarks)
    remarks = load(salaire_net=array([0, 2e5], kind)).remarks
    assert any("salaire_net is of type float32" in remark for remark in remarks)


AT_NOON = datetime.datetime(2004, 1, 1, 12)

# One fault each: columns (two persons), row at fault (0: none), column, words of the sentence.
FAULTS = {
    "unknown column": ({"salair_net": [1, 2]}, 0, "salair_net", ["not a variable", "salaire_net"]),
    "result as a column": ({"cej_allocation": [1, 2]}, 0, "cej_allocation", ["Remove"]),
    "no birth date": ({"date_naissance": None}, 0, "", ["no column date_naissance"]),
    "number for a birth date": (
        {"date_naissance": [20040101, 20040102]},
        *(0, "date_naissance", ["of type int64, not a date"]),
    ),
    "text that is no birth date": (
        {"date_naissance": ["2004-01-01", "hier"]},
        *(2, "date_naissance", ["« hier » is not a date", "YYYY-MM-DD"]),
    ),
    "null birth date": (
        {"date_naissance": [BIRTHS[0], None]},
        *(2, "date_naissance", ["it is empty", "Write YYYY-MM-DD"]),
    ),
    "text for a number": (
        {"salaire_net": ["1", "2"]},
        *(0, "salaire_net", ["of type string, not a number", "float64"]),
    ),
    "truth values for a number": (
        {"salaire_net": [True, False]},
        *(0, "salaire_net", ["of type bool, not a number"]),
    ),
    "list for a number": (
        {"salaire_net": [[1], [2]]},
        *(0, "salaire_net", ["not a number"]),
    ),
    "text for an integer": (
        {"cej_mois_prolongation": ["1", "2"]},
        *(0, "cej_mois_prolongation", ["Write it as int64"]),
    ),
    "NaN": (
        {"salaire_net": [1.0, float("nan")]},
        *(2, "salaire_net", ["is empty", "Write 0"]),
    ),
    "infinity": (
        {"salaire_net": [float("inf"), 1.0]},
        *(1, "salaire_net", ["« inf » is not a number"]),
    ),
    "infinite integer": (
        {"cej_mois_prolongation": [float("inf"), 1.0]},
        *(1, "cej_mois_prolongation", ["« inf » is not a number"]),
    ),
    "null amount": ({"salaire_net": [None, 1.0]}, 1, "salaire_net", ["is empty", "Write 0"]),
    "nothing but nulls": (
        {"salaire_net": [None, None], "individu_id": ["a", "b"]},
        *(1, "salaire_net", ["is empty"]),
    ),
    "negative amount": ({"salaire_net": [0, -2]}, 2, "salaire_net", ["« -2 » is negative"]),
    "amount that is too large": (
        {"salaire_net": array([0, 2**63], pyarrow.uint64())},
        *(2, "salaire_net", ["is too large", "at most 200000"]),
    ),
    "rate in percent": (
        {"cej_sanction_taux@2025-07": array([0, 30], pyarrow.int8())},
        *(2, "cej_sanction_taux@2025-07", ["« 30 » is too large", "at most 1"]),
    ),
    "integer with decimals": (
        {"cej_mois_prolongation": [1.0, 1.5]},
        *(2, "cej_mois_prolongation", ["« 1.5 » is not a whole number"]),
    ),
    "two for a truth value": ({"rqth": [1, 2]}, 2, "rqth", ["« 2 » is neither true nor false"]),
    "real for a truth value": ({"rqth": [1.5, 0.0]}, 1, "rqth", ["« 1.5 » is neither"]),
    "text for a truth value": ({"rqth": ["oui", "sans"]}, 2, "rqth", ["« sans » is neither"]),
    "date for a truth value": (
        {"rqth": [datetime.date(2025, 1, 1)] * 2},
        *(0, "rqth", ["of type date32", "Write it as bool"]),
    ),
    "null truth value": ({"rqth": [True, None]}, 2, "rqth", ["is empty"]),
    "null truth value as an integer": ({"rqth": [None, 1]}, 1, "rqth", ["is empty"]),
    "unknown item": (
        {"activite": ["actif", "etudient"]},
        *(2, "activite", ["« etudient »", "« etudiant »"]),
    ),
    "unknown item in a dictionary": (
        {"activite": array(["actif", "etudient"], pyarrow.string()).dictionary_encode()},
        *(2, "activite", ["« etudient »"]),
    ),
    "codes for items": (
        {"activite": [0, 1]},
        *(0, "activite", ["of type int64, not the names", "actif, chomeur"]),
    ),
    "codes in a dictionary": (
        {"activite": array([0, 1], pyarrow.int64()).dictionary_encode()},
        *(0, "activite", ["not the names"]),
    ),
    "null item": ({"activite": ["actif", None]}, 2, "activite", ["is empty"]),
    "blank item": ({"activite": ["actif", " "]}, 2, "activite", ["is empty"]),
    "text for a date": (
        {"cej_date_fin": ["2025-01-01", "2025-13-01"]},
        *(2, "cej_date_fin", ["« 2025-13-01 » is not a date"]),
    ),
    "instant of the day": (
        {"cej_date_fin": [None, AT_NOON]},
        *(2, "cej_date_fin", ["2004-01-01T12", "has a time of the day", "Write the date alone"]),
    ),
    "instant with a zone": (
        {"cej_date_fin": array([None, AT_NOON], pyarrow.timestamp("us", "UTC"))},
        *(0, "cej_date_fin", ["not a date"]),
    ),
    "date far away": (
        {"cej_date_fin": [datetime.date(205, 5, 5), None]},
        *(1, "cej_date_fin", ["« 0205-05-05 » is a date out of reach", "1900 to 2100"]),
    ),
    "birth after the months simulated": (
        {"date_naissance": [BIRTHS[0], datetime.date(2026, 2, 1)]},
        *(2, "date_naissance", ["after the months simulated"]),
    ),
    "identifier that comes twice": (
        {"individu_id": ["a", "a"]},
        *(2, "individu_id", ["« a » is already on row 1"]),
    ),
    "identifiers that are the same but for spaces": (
        {"individu_id": ["b", "b "]},
        *(2, "individu_id", ["« b » is already on row 1"]),
    ),
    "null identifier": ({"individu_id": [None, "b"]}, 1, "individu_id", ["is empty"]),
    "blank identifier": ({"individu_id": ["b", " "]}, 2, "individu_id", ["is empty"]),
    "identifiers that a float may have rounded": (
        {"individu_id": [1.0, 2.0**53]},
        *(0, "individu_id", ["of type double, not an identifier", "text or as integers"]),
    ),
    "identifiers that a small float may have rounded": (
        {"individu_id": numpy.array([1, 2**24], dtype="float32")},
        *(0, "individu_id", ["of type float, not an identifier", "text or as integers"]),
    ),
    "real identifier": (
        {"individu_id": [1.5, 2.0]},
        *(0, "individu_id", ["of type double, not an identifier", "text or as integers"]),
    ),
    "null group": ({"famille_id": [None, 3]}, 1, "famille_id", ["is empty"]),
    "null weight": ({"poids": [None, 3.0]}, 1, "poids", ["is empty"]),
    "weight of zero": ({"poids": [0, 3]}, 1, "poids", ["is not a weight"]),
    "unknown role": (
        {"famille_role": ["demandeur", "cousin"]},
        *(2, "famille_role", ["« cousin » is not a role", "demandeur, conjoint, enfant"]),
    ),
    "two heads of a family": (
        {"famille_id": [4, 4], "famille_role": ["demandeur", "demandeur"]},
        *(2, "famille_role", ["one demandeur", "row 1 is already"]),
    ),
    "members who disagree": (
        {"foyer_fiscal_id": [4, 4], "rni": [1.5, 2.5]},
        *(2, "rni", ["« 2.5 » is not « 1.5 » of row 1, same foyer_fiscal « 4 »"]),
    ),
    "group of which nothing is given": (
        {"foyer_fiscal_id": [4, 3], "rni": [1.5, None]},
        *(2, "rni", ["is empty for all of foyer_fiscal « 3 »"]),
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_its_place(load, case):
    columns, row, column, words = FAULTS[case]
    with pytest.raises(InvalidInput) as caught:
        load(**columns)
    (fault,) = [f for f in caught.value.faults.kept if not skipped(case, f)]
    assert (fault.line, fault.column) == (row, column)
    sentence = str(caught.value).splitlines()[0]
    places = [f"row {row}"] * (row > 0) + [f"column {column}"] * (column != "")
    assert sentence.startswith(", ".join(["jeunes.parquet", *places]) + ": ")
    for word in words:
        assert word in sentence
    assert str(caught.value).endswith("Nothing was written.")


def skipped(case, fault):
    """Two nulls make two faults: the first is looked at."""
    return case == "nothing but nulls" and fault.line == 2


def test_all_the_faults_are_reported(load):
    with pytest.raises(InvalidInput) as caught:
        load(salaire_net=[-1.0, float("nan")], taille=[170, 180], rqth=["oui", "?"])
    faults = [(fault.line, fault.column) for fault in sorted(caught.value.faults.kept)]
    assert faults == [(0, "taille"), (1, "salaire_net"), (2, "rqth"), (2, "salaire_net")]


def test_a_column_that_comes_twice_is_refused(system, tmp_path):
    table = pyarrow.Table.from_arrays(
        [array(BIRTHS, pyarrow.date32()), *[array([1, 2], pyarrow.int64())] * 2],
        names=["date_naissance", "salaire_net", "salaire_net"],
    )
    path = forms.save(tmp_path / "a.parquet", table)
    with pytest.raises(InvalidInput, match=r"a.parquet, column salaire_net: it comes twice"):
        read_parquet(path, system, MONTHS)


def test_a_file_without_a_row_is_refused(system, tmp_path):
    table = pyarrow.table({"date_naissance": array([], pyarrow.date32())})
    with pytest.raises(InvalidInput, match=r"a\.parquet: it has no row"):
        read_parquet(forms.save(tmp_path / "a.parquet", table), system, MONTHS)


@pytest.mark.parametrize("harm", ["empty", "text", "cut", "scribbled"])
def test_a_damaged_file_is_refused(system, tmp_path, harm):
    path = forms.save(tmp_path / "a.parquet", forms.flat())
    content = path.read_bytes()
    middle = content[4 : len(content) // 3]
    path.write_bytes(
        {
            "empty": b"",
            "text": b"individu_id,age\na,20\n",
            "cut": content[:-100],
            "scribbled": content.replace(middle, b"\xff" * len(middle)),
        }[harm]
    )
    with pytest.raises(
        InvalidInput, match=r"a\.parquet: it is not a Parquet file, or it is damaged"
    ):
        read_parquet(path, system, MONTHS)


def test_errors_of_the_system_are_not_faults_of_the_file(system, tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        read_parquet(tmp_path / "absent.parquet", system, MONTHS)
    assert caught.value.errno == errno.ENOENT


def test_without_pyarrow_the_remedy_is_told(system, tmp_path, monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(arrow.importlib, "import_module", absent)
    with pytest.raises(arrow.MissingLibrary, match=r"pip install 'openfisca-cej\[parquet\]'"):
        read_parquet(tmp_path / "a.parquet", system, MONTHS)


def test_a_pyarrow_that_does_not_go_with_numpy_says_so(system, tmp_path, monkeypatch):
    def unsuited(name):
        raise ImportError("pyarrow requires NumPy 2.0 or newer, found 1.26.4")

    monkeypatch.setattr(arrow.importlib, "import_module", unsuited)
    with pytest.raises(arrow.MissingLibrary, match=r"found 1\.26\.4; install another version"):
        read_parquet(tmp_path / "a.parquet", system, MONTHS)


# A folder of part files.


def test_parts_are_those_of_a_folder_by_name(tmp_path):
    names = ("part-2.csv", "part-10.csv", ".hidden.csv", "_SUCCESS", "run.json", "x.csv.tmp", "~b")
    names += ("README.md", "readme.txt", "Thumbs.db", "desktop.ini", ".DS_Store", "notes.md")
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in find_parts(tmp_path)] == ["part-10.csv", "part-2.csv"]
    assert find_parts(tmp_path / "part-2.csv") == [tmp_path / "part-2.csv"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([".hidden.csv"], "it has no part file. Put .csv or .parquet files in it"),
        (["a.csv", "b.parquet"], "it has both CSV and Parquet files. Keep one kind"),
        (["a.csv", "b.docx"], "« b.docx » is neither a .csv nor a .parquet file"),
        (["a.csv", "b.csv.bz2"], "« b.csv.bz2 » is neither"),
        (["a.csv", "sub/"], "it has the folder « sub » in it"),
    ],
)
def test_a_folder_that_makes_no_sense_is_refused(tmp_path, names, sentence):
    folder = tmp_path / "jeunes"
    folder.mkdir()
    for name in names:
        (folder / name).mkdir() if name.endswith("/") else (folder / name).touch()
    with pytest.raises(InvalidInput) as caught:
        find_parts(folder)
    assert str(caught.value).startswith(f"jeunes: {sentence}")
