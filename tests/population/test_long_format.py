"""Persons and their months in two files give what the flat file gives, or are refused."""

import datetime
import itertools

import forms
import pyarrow
import pytest
from populations import write

from openfisca_cej.population.long_format import read_long
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.population.schema import Others
from openfisca_cej.refusals import InvalidInput

MONTHS = month_range("2025-01:2025-02")
PERSONS = ["individu_id,date_naissance", "a,2004-01-01", "b,2004-01-02"]
HEADER = "individu_id,mois,salaire_net"


@pytest.fixture
def read(system, tmp_path):
    """Read these lines as a months file, and these others as its persons file."""

    def from_lines(lines, persons=PERSONS, months=MONTHS):
        return read_long(
            write(tmp_path / "jeunes.csv", *persons),
            write(tmp_path / "mois.csv", *lines),
            system,
            months,
        )

    return from_lines


def values(population, name):
    return {i.period: i.values.tolist() for i in population.inputs if i.variable == name}


@pytest.mark.parametrize(("one", "two"), list(itertools.product(["csv", "parquet"], repeat=2)))
def test_it_gives_what_the_flat_file_gives(system, tmp_path, one, two):
    flat = read_csv(forms.save(tmp_path / "flat.csv", forms.flat()), system, forms.MONTHS)
    persons = forms.save(tmp_path / f"jeunes.{one}", pyarrow.table(forms.persons()))
    months = forms.save(tmp_path / f"mois.{two}", forms.months_table())
    population = read_long(persons, months, system, forms.MONTHS)
    assert forms.results(system, population) == forms.results(system, flat)


def test_absent_rows_are_defaults_and_are_told_once(read):
    population = read(
        [HEADER + ",difficultes_acces_emploi_durable,activite", "b,2025-01,5,non,actif"]
    )
    assert values(population, "salaire_net") == {"2025-01": [0, 5]}
    assert values(population, "difficultes_acces_emploi_durable") == {"2025-01": [True, False]}
    assert values(population, "activite") == {"2025-01": [4, 0]}
    # Two persons and two months: those simulated, or for wages those before; one has its row.
    absent = "mois.csv: 3 person-months have no row from"
    others = "difficultes_acces_emploi_durable = oui, activite = inactif"
    assert [text for text in population.remarks if "no row" in text] == [
        f"{absent} 2024-12 to 2025-01: salaire_net = 0 there.",
        f"{absent} 2025-01 to 2025-02: {others} there.",
    ]


def test_without_an_absent_row_nothing_is_told(read):
    # The wages of the last month are not read.
    rows = [f"{who},{month},1" for who in "ab" for month in ("2024-12", "2025-01")]
    assert not any("no row" in text for text in read([HEADER, *rows]).remarks)


def test_rows_of_later_months_are_told(read):
    population = read([HEADER, "a,2025-02,1", "b,2025-03,2", "a,2026-03,2"])
    assert values(population, "salaire_net") == {"2025-02": [1, 0]}
    assert any("2 rows are not used" in text and "2026-03" in text for text in population.remarks)


def test_one_member_speaks_for_the_family(read):
    persons = [
        "individu_id,date_naissance,famille_id,famille_role",
        *("a,2004-01-01,X,enfant", "b,1975-01-02,X,demandeur", "c,2004-01-02,Y,demandeur"),
    ]
    population = read(["individu_id,mois,rsa", "a,2025-01,", "b,2025-01,500.5"], persons)
    assert values(population, "rsa") == {"2025-01": [500.5, 0]}


FAMILY = ["individu_id,date_naissance,famille_id", "a,2004-01-01,X", "b,2004-01-02,X"]
ALL_ROWS = [f"{who},{month},au_dela" for who in "ab" for month in ("2025-01", "2025-02")]

# One fault each: persons, lines of months, line at fault (0: none), column, words.
FAULTS = {
    "no column of persons": (PERSONS, ["mois,salaire_net", "2025-01,5"], 1, "", ["individu_id"]),
    "no column of months": (
        PERSONS,
        ["individu_id,salaire_net", "a,5"],
        *(1, "", ["there is no column mois", "one row a person and month"]),
    ),
    "unknown person": (
        PERSONS,
        [HEADER, "a,2025-01,5", "z,2025-01,5"],
        *(3, "individu_id", ["« z » is not in jeunes.csv", "Add this person there"]),
    ),
    "empty person": (PERSONS, [HEADER, ",2025-01,5"], 2, "individu_id", ["is empty"]),
    "unknown month": (
        PERSONS,
        [HEADER, "a,2025-13,5"],
        *(2, "mois", ["« 2025-13 » is not a month", "Write YYYY-MM"]),
    ),
    "empty month": (PERSONS, [HEADER, "a,,5"], 2, "mois", ["is empty"]),
    "duplicate": (
        PERSONS,
        [HEADER, "a,2025-01,5", "b,2025-01,5", "a,2025-01,5"],
        *(4, "mois", ["« a » in 2025-01 is already on line 2", "One row a person and month"]),
    ),
    "yearly variable": (
        PERSONS,
        ["individu_id,mois,rni", "a,2025-01,5"],
        *(1, "rni", ["it is yearly", "Put rni@YYYY in the persons file"]),
    ),
    "variable that never changes": (
        PERSONS,
        ["individu_id,mois,cej_date_fin", "a,2025-01,2025-01-01"],
        *(1, "cej_date_fin", ["it never changes", "Put cej_date_fin in the persons file"]),
    ),
    "weight": (
        PERSONS,
        ["individu_id,mois,poids", "a,2025-01,1"],
        *(1, "poids", ["Put it in the persons file"]),
    ),
    "group": (
        PERSONS,
        ["individu_id,mois,famille_id", "a,2025-01,1"],
        *(1, "famille_id", ["Put it in the persons file"]),
    ),
    "dated column": (
        PERSONS,
        ["individu_id,mois,salaire_net@2025-01", "a,2025-01,1"],
        *(1, "salaire_net@2025-01", ["the month is in the column mois", "Write salaire_net"]),
    ),
    "unknown column": (
        PERSONS,
        ["individu_id,mois,salair_net", "a,2025-01,1"],
        *(1, "salair_net", ["« salaire_net »"]),
    ),
    "result": (
        PERSONS,
        ["individu_id,mois,cej_allocation", "a,2025-01,1"],
        *(1, "cej_allocation", ["what the simulation computes"]),
    ),
    "variable in both files": (
        ["individu_id,date_naissance,salaire_net", "a,2004-01-01,5", "b,2004-01-01,5"],
        [HEADER, "a,2025-01,5"],
        *(1, "salaire_net", ["jeunes.csv has it too", "Keep it in one file"]),
    ),
    "bad cell": (PERSONS, [HEADER, "a,2025-01,x"], 2, "salaire_net", ["« x » is not a number"]),
    "empty cell": (
        PERSONS,
        [HEADER, "a,2025-01,"],
        *(2, "salaire_net", ["it is empty", "Write 0 if there is none"]),
    ),
    "empty truth value": (
        PERSONS,
        ["individu_id,mois,rqth", "a,2025-01,"],
        *(2, "rqth", ["it is empty", "Write a value"]),
    ),
    "empty cells of a family": (
        FAMILY,
        ["individu_id,mois,rsa", "a,2025-01,", "b,2025-01,"],
        *(2, "rsa", ["it is empty for all of famille « X »"]),
    ),
    "members who disagree": (
        FAMILY,
        ["individu_id,mois,rsa", "b,2025-01,5", "a,2025-01,6"],
        *(2, "rsa", ["« 5 » is not « 6 » of line 3", "famille « X »"]),
    ),
    "month missing without a default": (
        PERSONS,
        ["individu_id,mois,cej_situation_fiscale", *ALL_ROWS[:-1]],
        *(1, "cej_situation_fiscale", ["« b » has no row in 2025-02", "no default", "Add the row"]),
    ),
    "nothing below the header": (PERSONS, [HEADER], 0, "", ["no row"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_its_place(read, case):
    persons, lines, line, column, words = FAULTS[case]
    with pytest.raises(InvalidInput) as caught:
        read(lines, persons)
    (source,) = caught.value.sources
    (fault,) = source.kept
    assert (fault.line, fault.column) == (line, column)
    sentence = str(caught.value).splitlines()[0]
    assert sentence.startswith("mois.csv" + (f", line {line}" if line else ""))
    for word in words:
        assert word in sentence


def test_complete_rows_need_no_default(read):
    population = read(["individu_id,mois,cej_situation_fiscale", *ALL_ROWS])
    assert values(population, "cej_situation_fiscale") == {"2025-01": [2, 2], "2025-02": [2, 2]}


def test_the_faults_of_both_files_are_reported(read):
    persons = ["individu_id,date_naissance", "a,2004-13-01", "b,2004-01-02"]
    with pytest.raises(InvalidInput) as caught:
        read([HEADER, "z,2025-01,5", "a,2025-01,-5"], persons)
    assert str(caught.value).splitlines() == [
        (
            "jeunes.csv, line 2, column date_naissance: « 2004-13-01 » is not a date. "
            "Write YYYY-MM-DD."
        ),
        (
            "mois.csv, line 2, column individu_id: « z » is not in jeunes.csv. "
            "Add this person there, or remove the row."
        ),
        "mois.csv, line 3, column salaire_net: « -5 » is negative. Write 0 or more.",
        "Nothing was written.",
    ]


def test_rows_of_parquet_files_are_named(system, tmp_path):
    persons = pyarrow.table({"individu_id": ["a"], "date_naissance": [datetime.date(2004, 1, 1)]})
    months = {"individu_id": ["a", "a"], "mois": ["2025-01", "2025-01"], "salaire_net": [1, -1]}
    with pytest.raises(InvalidInput) as caught:
        read_long(
            forms.save(tmp_path / "jeunes.parquet", persons),
            forms.save(tmp_path / "mois.parquet", pyarrow.table(months)),
            system,
            MONTHS,
        )
    assert str(caught.value).splitlines()[:2] == [
        (
            "mois.parquet, row 2, column mois: « a » in 2025-01 is already on row 1. "
            "One row a person and month."
        ),
        "mois.parquet, row 2, column salaire_net: « -1 » is negative. Write 0 or more.",
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        # A comma in an amount, or a day after the twelfth, tells that the day comes first.
        (["individu_id;mois;salaire_net", "a;01/12/2024;5,50", "b;01/01/2025;7"], "day/month/year"),
        ([HEADER, "a,31/12/2024,5.5", "b,01/01/2025,7"], "day/month/year"),
        ([HEADER, "a,12/31/2024,5.5", "b,01/01/2025,7"], "month/day/year"),
    ],
)
def test_a_month_may_be_a_day_of_it_as_a_sheet_writes_it(read, rows, told):
    population = read(rows)
    assert values(population, "salaire_net") == {"2024-12": [5.5, 0], "2025-01": [0, 7]}
    assert f"dates of mois are read as {told}" in " ".join(population.remarks)


def test_months_that_may_be_days_are_refused_once(read):
    with pytest.raises(InvalidInput) as caught:
        read([HEADER, "a,01/12/2024,5", "b,02/01/2025,7"])
    assert (
        str(caught.value)
        .splitlines()[0]
        .startswith(
            "mois.csv, line 1, column mois: « 01/12/2024 » may be read in two ways: 2024-12-01 or "
        )
    )
    assert sum(faults.count for faults in caught.value.sources) == 1


def test_columns_of_no_variable_are_set_aside_when_asked_in_both_files(system, tmp_path):
    people = write(tmp_path / "p.csv", "individu_id,date_naissance,un", "a,2004-01-01,1")
    rows = write(tmp_path / "m.csv", f"{HEADER},deux", "a,2024-12,5,2")
    population = read_long(people, rows, system, MONTHS, others=Others(ignore=True))
    for name in ("un", "deux"):
        assert f"{name} is of no variable of the model: set aside." in population.remarks
