"""Data in memory give what the same file gives, in the kind that they came in."""

import datetime
import decimal
import pickle
import subprocess
import sys

import duckdb
import forms
import numpy
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyarrow.dataset
import pytest

import openfisca_cej
from openfisca_cej.population import frames, remembered, simulate
from openfisca_cej.population.months import month_number, month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.reforms import InvalidReform
from openfisca_cej.refusals import InvalidInput

BIRTHS = numpy.array(["2004-01-01", "2003-05-06"], "datetime64[D]")


@pytest.fixture(autouse=True)
def one_system(monkeypatch, system):
    """Simulate on the tax and benefit system of the other tests."""
    monkeypatch.setattr(openfisca_cej, "CountryTaxBenefitSystem", lambda: system)
    remembered.built.cache_clear()
    yield
    remembered.built.cache_clear()


pytestmark = pytest.mark.filterwarnings("ignore::openfisca_cej.population.frames.Remark")


def arrays(table):
    """A table as a dict of NumPy arrays: dates and texts with nulls are objects."""
    return {
        name: numpy.array(column.to_pylist())
        if not column.null_count
        else numpy.array(column.to_pylist(), dtype=object)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


KINDS = {
    "numpy": arrays,
    "pyarrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pandas with objects": lambda table: pandas.DataFrame(arrays(table)),
    "polars": polars.from_arrow,
    "lazy": lambda table: polars.from_arrow(table).lazy(),
    "reader": lambda table: table.to_reader(7),
    "dataset": pyarrow.dataset.dataset,
    "duckdb": duckdb.from_arrow,
}


def columns_of(result):
    """The columns of a result of any kind, as lists."""
    if isinstance(result, pandas.DataFrame):
        return {name: result[name].tolist() for name in result.columns}
    if isinstance(result, pyarrow.Table):
        return result.to_pydict()
    if isinstance(result, pyarrow.RecordBatchReader):
        return result.read_all().to_pydict()
    if isinstance(result, pyarrow.dataset.Dataset):
        return result.to_table().to_pydict()
    if isinstance(result, duckdb.DuckDBPyRelation):
        return result.to_arrow_table().to_pydict()
    if isinstance(result, polars.LazyFrame):
        result = result.collect()
    if isinstance(result, polars.DataFrame):
        return result.to_dict(as_series=False)
    return {name: values.tolist() for name, values in result.items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", ["person_month", "person"])
def test_every_kind_gives_what_the_file_gives(system, tmp_path, kind, layout):
    table = forms.flat()
    csv = read_csv(forms.save(tmp_path / "a.csv", table), system, forms.MONTHS)
    expected = forms.results(system, csv)
    data = KINDS[kind](table)
    result = simulate(data, forms.WINDOW, variables=forms.VARIABLES, layout=layout)
    assert type(result) is type(data)
    found = columns_of(result)
    tiers = [
        item.name for item in system.get_variable("cej_situation_fiscale", True).possible_values
    ]
    expected["cej_situation_fiscale"] = [
        [tiers[rank] for rank in row] for row in expected["cej_situation_fiscale"]
    ]
    months = forms.TOLD[1:]
    if layout == "person":
        assert found.pop("individu_id") == expected["ids"]
        assert found.pop("poids") == expected["poids"]
        assert found == {
            f"{name}@{month}": [row[rank] for row in expected[name]]
            for name in forms.VARIABLES
            for rank, month in enumerate(months)
        }
        return
    width = len(months)
    assert found == {
        "individu_id": [who for who in expected["ids"] for _ in months],
        "mois": months * len(expected["ids"]),
        "poids": numpy.repeat(expected["poids"], width).tolist(),
        **{name: [value for row in expected[name] for value in row] for name in forms.VARIABLES},
    }


def test_arrays_keep_their_types():
    data = {"individu_id": numpy.array([12, 7]), "date_naissance": BIRTHS}
    result = simulate(data, "2025-01", variables=["cej_allocation", "cej_situation_fiscale"])
    assert result["individu_id"].tolist() == [12, 7]
    assert result["cej_allocation"].dtype == numpy.float64
    assert result["cej_situation_fiscale"].tolist() == ["non_imposable"] * 2
    assert result["mois"].dtype.kind == result["cej_situation_fiscale"].dtype.kind == "U"


def test_without_identifiers_persons_are_positions():
    result = simulate({"date_naissance": BIRTHS}, "2025-01:2025-02")
    assert result["individu_id"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ("2025-03", ["2025-03"]),
        ("2025-03:2025-04", ["2025-03", "2025-04"]),
        (month_range("2025-03:2025-04"), ["2025-03", "2025-04"]),
        (["2025-06", "2025-03"], ["2025-06", "2025-03"]),
        ([month_number("2025-03")], ["2025-03"]),
    ],
    ids=str,
)
def test_months_are_asked_in_many_ways(months, expected):
    data = {"date_naissance": BIRTHS[:1], "salaire_net@2025-02": numpy.array([900.0])}
    result = simulate(data, months)
    assert result["mois"].tolist() == expected
    whole = simulate(data, "2025-01:2025-06")
    ranks = [whole["mois"].tolist().index(month) for month in expected]
    assert result["cej_allocation"].tolist() == whole["cej_allocation"][ranks].tolist()


def test_a_reform_is_applied(system):
    from openfisca_core.periods import DateUnit
    from openfisca_core.reforms import Reform
    from openfisca_core.variables import Variable

    class cej_montant_forfaitaire(Variable):
        value_type = float
        entity = system.person_entity
        definition_period = DateUnit.MONTH
        label = "Cent euros"

        def formula(individu, period):
            return individu.empty_array() + 100

    class cent_euros(Reform):
        name = "Cent euros"

        def apply(self):
            self.replace_variable(cej_montant_forfaitaire)

    data = {"date_naissance": BIRTHS}
    variables = ["cej_montant_forfaitaire"]
    reformed = simulate(data, "2025-01", reform=cent_euros, variables=variables)
    assert reformed["cej_montant_forfaitaire"].tolist() == [100, 100]
    baseline = simulate(data, "2025-01", variables=variables)
    assert baseline["cej_montant_forfaitaire"].tolist() != [100, 100]


def test_a_reform_that_changes_the_system_it_is_given_does_not_leak(monkeypatch):
    monkeypatch.undo()  # not on the system of the other tests
    data = {"date_naissance": BIRTHS}

    def nothing_is_due(given):
        given.neutralize_variable("cej_allocation")
        return given

    before = simulate(data, "2025-01")["cej_allocation"].tolist()
    assert max(before) > 0
    assert max(simulate(data, "2025-01", reform=nothing_is_due)["cej_allocation"]) == 0
    assert simulate(data, "2025-01")["cej_allocation"].tolist() == before


@pytest.mark.filterwarnings("always::openfisca_cej.population.frames.Remark")
def test_what_was_taken_for_granted_is_told():
    with pytest.warns(frames.Remark) as caught:
        simulate({"date_naissance": BIRTHS}, "2025-01")
    told = [str(warning.message) for warning in caught]
    assert any("cej_date_signature is not given for 2 of 2 persons" in text for text in told)
    assert any(text.startswith("Not in the data, read as their default: ") for text in told)
    assert all(warning.filename == __file__ for warning in caught)


FAULTS = {
    "negative": ({"salaire_net": numpy.array([0, -1])}, "position 1, column salaire_net: « -1 »"),
    "first person": (
        {"salaire_net": numpy.array([-1.5, 0])},
        "position 0, column salaire_net: « -1.5 » is negative",
    ),
    "NaN": (
        {"salaire_net": numpy.array([0, numpy.nan])},
        "position 1, column salaire_net: it is empty",
    ),
    "codes": ({"activite": numpy.array([0, 1])}, "column activite: it is of type int64"),
    "unknown": ({"salair_net": numpy.array([0, 1])}, "column salair_net: « salair_net » is not"),
    "missing": ({"rqth": numpy.array([True, None])}, "position 1, column rqth: it is empty"),
    "matrix": ({"rni": numpy.zeros((2, 2))}, "column rni: it cannot be read (it has 2 dimensions"),
    "mixed": (
        {"salaire_net": numpy.array([1, "x"], dtype=object)},
        "column salaire_net: it cannot be read (",
    ),
    "lengths": (
        {"salaire_net": numpy.zeros(3)},
        "its columns have not the same length (date_naissance: 2, salaire_net: 3)",
    ),
    "duplicate": (
        {"individu_id": numpy.array(["a", "a"])},
        "position 1, column individu_id: « a » is already on position 0",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_by_its_position(case):
    columns, sentence = FAULTS[case]
    with pytest.raises(InvalidInput) as caught:
        simulate({"date_naissance": BIRTHS, **columns}, "2025-01")
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    # The comma comes before a place, the colon before what is wrong with the whole.
    assert lines[0].startswith((f"data, {sentence}", f"data: {sentence}"))
    assert lines[1] == "Nothing was computed."


def test_all_the_faults_are_reported():
    data = {
        "date_naissance": BIRTHS,
        "salaire_net": numpy.array([-1, -2]),
        "activite": numpy.array(["actif", "x"]),
        "rni": numpy.array([object(), object()]),
    }
    with pytest.raises(InvalidInput) as caught:
        simulate(data, "2025-01")
    faults = [(fault.line, fault.column) for fault in sorted(caught.value.faults.kept)]
    assert faults == [(-1, "rni"), (0, "salaire_net"), (1, "activite"), (1, "salaire_net")]
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        {"date_naissance": numpy.array([], "datetime64[D]")},
        pandas.DataFrame({"date_naissance": pandas.to_datetime([])}),
        pyarrow.table({"date_naissance": pyarrow.array([], pyarrow.date32())}),
    ],
    ids=lambda data: type(data).__name__,
)
def test_nobody_is_refused(data):
    with pytest.raises(InvalidInput, match="data: it has no row"):
        simulate(data, "2025-01")


def test_a_pandas_column_that_comes_twice_is_refused():
    frame = pandas.DataFrame(
        [[datetime.date(2004, 1, 1), 1, 2]], columns=["date_naissance", "rni", "rni"]
    )
    with pytest.raises(InvalidInput, match="data, column rni: it comes twice"):
        simulate(frame, "2025-01")


def test_pandas_frames_have_their_ways():
    frame = pandas.DataFrame(
        {
            "date_naissance": pandas.to_datetime(["2004-01-01", "2003-05-06"]),
            "cej_date_signature": pandas.to_datetime(["2025-01-10", None]),
            "activite": pandas.Categorical(["inactif", "etudiant"]),
            "salaire_net": [decimal.Decimal("600.10"), decimal.Decimal(0)],
            "foyer_fiscal_id": [1, 1],
            "rni": [12000.5, None],
        },
        index=[10, 10],
    )
    result = simulate(frame, "2025-02")
    other = simulate(pyarrow.Table.from_pandas(frame, preserve_index=False), "2025-02")
    assert result["cej_allocation"].tolist() == other["cej_allocation"].to_pylist()
    assert result["cej_allocation"].iloc[0] > 0
    assert result.index.tolist() == [10, 10]


def test_a_frame_keeps_its_index():
    frame = pandas.DataFrame(
        {"date_naissance": ["2003-05-05", "2010-05-05", "2008-01-15"]}, index=["x", "y", "z"]
    )
    frame["date_naissance"] = pandas.to_datetime(frame["date_naissance"])
    some = frame[frame["date_naissance"] < "2009-01-01"].sort_index(ascending=False)
    some["allocation"] = simulate(some, "2025-06")["cej_allocation"]
    assert some["allocation"].to_dict() == {"z": 224.68, "x": 561.68}
    assert simulate(some.drop(columns="allocation"), "2025-05:2025-06").index.tolist() == [
        *("z", "z", "x", "x")
    ]
    named = some.drop(columns="allocation").rename_axis("individu_id")
    assert simulate(named, "2025-06")["individu_id"].tolist() == ["z", "x"]


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"months": "2025-13"}, ValueError, "« 2025-13 » is not a month"),
        ({"months": []}, ValueError, "at least one month"),
        ({"months": ["2025-01", "2025-01"]}, ValueError, "each of them once"),
        ({"months": range(1, 3)}, ValueError, "are not months"),
        ({"months": 2025}, ValueError, "are not months"),
        ({"months": ["1925-01", "2025-01"]}, ValueError, "more than 50 years"),
        ({"layout": "wide"}, ValueError, "« wide » is not a layout"),
        ({"variables": []}, ValueError, "give a list of names"),
        ({"variables": "cej_allocation"}, ValueError, "give a list of names"),
        ({"variables": ["cej_alocation"]}, ValueError, "did you mean « cej_allocation »"),
        ({"variables": ["zzz"]}, ValueError, "« zzz » is not a variable"),
        ({"variables": ["rni"]}, ValueError, "rni is not a monthly variable of individu"),
        ({"data": [1, 2]}, TypeError, "data is a builtins.list: give a dict"),
    ],
    # Not `str`: that of a lazy frame holds its address, which no two processes share.
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_makes_no_sense_is_refused(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        simulate(**{"data": {"date_naissance": BIRTHS}, "months": "2025-01", **arguments})


class Stream:
    """Something of a library that nobody knows, which streams Arrow."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, schema=None):
        return self.table.__arrow_c_stream__(schema)


def test_anything_that_streams_arrow_is_read():
    table = forms.flat()
    result = simulate(Stream(table), forms.WINDOW)
    assert isinstance(result, pyarrow.RecordBatchReader)
    assert result.read_all().equals(simulate(table, forms.WINDOW))


def test_a_stream_that_was_read_and_one_of_values_are_named():
    reader = forms.flat().to_reader()
    simulate(reader, forms.WINDOW)
    with pytest.raises(InvalidInput, match=r"it has no row\. Give a stream that nothing has read"):
        simulate(reader, forms.WINDOW)
    with pytest.raises(TypeError, match=r"data is a pandas\.Series: give a dict"):
        simulate(pandas.Series([1, 2]), forms.WINDOW)


@pytest.mark.parametrize("layout", ["person_month", "person"])
def test_plain_arrays_need_no_pyarrow(monkeypatch, layout):
    data = arrays(forms.flat())
    how = {"variables": forms.VARIABLES, "layout": layout}
    expected = simulate(data, forms.WINDOW, **how)
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    monkeypatch.setattr(frames, "library", None)
    found = simulate(data, forms.WINDOW, **how)
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert found[name].tolist() == values.tolist()
        assert found[name].dtype.kind == values.dtype.kind
    with pytest.raises(InvalidInput) as caught:
        simulate({"date_naissance": ["2003-01-32", "2003-01-01"], "ppa": [1.0]}, "2025-01")
    assert "lengths" in str(caught.value) or "date_naissance: 2, ppa: 1" in str(caught.value)
    bad = {"date_naissance": ["2003-01-01", "2003-01-32"], "ppa": [-1.0, 2.0]}
    with pytest.raises(InvalidInput) as caught:
        simulate(bad, "2025-01")
    assert "position 1, column date_naissance" in str(caught.value)
    assert "position 0, column ppa" in str(caught.value)


#: What the reforms of a test were built with, in order.
BUILT = []


def noted(amount):
    """A reform that changes nothing, and notes that it is built."""

    def reform(system):
        BUILT.append(amount)
        return system

    return reform


def test_a_reform_is_remembered_by_what_it_says():
    BUILT.clear()
    for amount in (1, 1, 2, 1):  # Four functions, of which three say the same.
        simulate({"date_naissance": BIRTHS}, "2025-01", noted(amount))
    assert BUILT == [1, 2]


def test_libraries_are_loaded_only_when_needed():
    code = (
        "import sys\n"
        "import openfisca_cej.population\n"
        "print([name for name in ('pyarrow', 'pandas', 'polars') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("layout", ["person_month", "person"])
def test_a_run_never_loads_pandas(tmp_path, layout):
    table = pyarrow.table(
        {
            "individu_id": [f"p{rank}" for rank in range(25_000)],
            "date_naissance": [datetime.date(2004, 3, 1)] * 25_000,
            "poids": [1.5] * 25_000,
            "commune": ["Aix, Bouches-du-Rhône"] * 25_000,
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "persons.parquet")
    pyarrow.csv.write_csv(table, tmp_path / "persons.csv")
    code = (
        "import pathlib, sys\n"
        "from openfisca_cej.population import run, schema\n"
        f"folder, months = pathlib.Path({str(tmp_path)!r}), range(2025 * 12, 2025 * 12 + 1)\n"
        f"told = {{'layout': {layout!r}, 'others': schema.Others(keep=('commune',))}}\n"
        "for kind in ('csv', 'parquet'):\n"
        "    run.run(folder / f'persons.{kind}', months, folder / kind, format=kind, **told)\n"
        "print([name for name in ('pyarrow', 'pandas') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pyarrow']"


def test_a_reform_may_be_a_dictionary_or_a_name():
    data = {"date_naissance": numpy.array(["2004-03-01"], dtype="datetime64[D]")}
    lump_sum = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
    changed = simulate(data, "2026-11", reform={lump_sum: {"2026-01-01": 600}})
    assert changed["cej_allocation"].tolist() == [600]
    # RSA of one person less its housing flat rate of 12 %: 651.69 × 0.88 = 573.4872.
    assert simulate(data, "2026-11", reform="montants_rsa")["cej_allocation"].tolist() == [573.49]
    with pytest.raises(InvalidReform, match="majeur_non_imposable"):
        simulate(data, "2026-11", reform={f"{lump_sum}s": {"2026-01-01": 600}})


@pytest.mark.parametrize(
    "written",
    [
        "2025-02",
        202502,
        [numpy.int64(202502)],
        12 * 2025 + 1,
        datetime.date(2025, 2, 1),
        [datetime.datetime(2025, 2, 15, 12)],
        numpy.datetime64("2025-02"),
        numpy.array(["2025-02-01"], "datetime64[D]"),
        pandas.Timestamp("2025-02-01"),
        pandas.Period("2025-02", "M"),
        pandas.period_range("2025-02", "2025-02", freq="M"),
        pandas.Series(["2025-02"]),
    ],
)
def test_a_month_is_written_in_many_ways(written):
    assert frames.asked_months(written) == [12 * 2025 + 1]


@pytest.mark.parametrize("written", [202513, 202500, [1.0], ["2025"], []])
def test_what_is_no_month_is_refused(written):
    with pytest.raises(ValueError, match="month"):
        frames.asked_months(written)
