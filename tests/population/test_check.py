"""``openfisca-cej check``: all the faults, for the eye or for a machine, and nothing written."""

import datetime
import json

import forms
import pyarrow
import pytest
from click.testing import CliRunner
from populations import write

import openfisca_cej
from openfisca_cej.commands.check import check
from openfisca_cej.population import arrow

HEADER = "individu_id,date_naissance,salaire_net"


@pytest.fixture
def run(monkeypatch, system):
    """Run the command on the tax and benefit system of the other tests."""
    monkeypatch.setattr(openfisca_cej, "CountryTaxBenefitSystem", lambda: system)
    return lambda *arguments: CliRunner().invoke(check, [str(item) for item in arguments])


def machine(result):
    """The faults of the machine form."""
    return [(f["file"], f["row"], f["column"]) for f in json.loads(result.stdout)]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_clean_file_is_told_to_be(run, tmp_path, suffix):
    path = forms.save(tmp_path / f"jeunes.{suffix}", forms.flat())
    result = run(path, "--months", forms.WINDOW)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"jeunes.{suffix}: Not used, no month simulated reads them: rni@2024.",
        (
            f"jeunes.{suffix}: cej_date_signature is not given for 9 of 60 persons: "
            "each month is computed as if signed in it."
        ),
        f"{path.name}: 60 persons, no fault.",
    ]
    result = run(path, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert list(tmp_path.iterdir()) == [path]


def test_all_the_faults_are_listed(run, tmp_path):
    rows = [f"p{rank},2004-01-01,-1" for rank in range(1500)]
    path = write(tmp_path / "jeunes.csv", HEADER + ",taille", *(f"{row},170" for row in rows))
    result = run(path)
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert lines[0] == (
        "jeunes.csv, line 1, column taille: « taille » is not a variable of the model. "
        "Columns are named after the variables of the model; characteristics of persons (sex, "
        "region, living standard) go in a file of their own: compare --attributes; in a "
        "command, --keep carries it to the results and --ignore-unknown sets it aside."
    )
    assert lines[-2].startswith("jeunes.csv, line 1501, column salaire_net: « -1 » is negative.")
    assert lines[-1] == "1501 faults."
    assert len(lines) == 1502


def test_a_machine_can_read_them(run, tmp_path):
    path = write(tmp_path / "jeunes.csv", HEADER, "a,2004-13-01,5", "b,2004-01-01")
    result = run(path, "--format", "json")
    assert result.exit_code == 2
    assert json.loads(result.stdout) == [
        {
            "file": "jeunes.csv",
            "row": 2,
            "column": "date_naissance",
            "problem": "« 2004-13-01 » is not a date",
            "remedy": "Write YYYY-MM-DD",
        },
        {
            "file": "jeunes.csv",
            "row": 3,
            "column": None,
            "problem": "the row has 2 cells separated by « , », not 3",
            "remedy": "Separate the cells with the same sign as in the header",
        },
    ]
    write(path, "")
    assert json.loads(run(path, "--format", "json").stdout)[0]["row"] is None


def test_a_folder_is_checked_whole(run, tmp_path):
    write(tmp_path / "b.csv", HEADER, "a,2004-01-01,5", "c,2004-01-01,x")
    write(tmp_path / "a.csv", HEADER, "a,2004-01-01,-5")
    result = run(tmp_path, "--format", "json")
    assert result.exit_code == 2
    assert machine(result) == [
        (tmp_path.name, None, "individu_id"),
        (f"{tmp_path.name}/a.csv", 2, "salaire_net"),
        (f"{tmp_path.name}/b.csv", 3, "salaire_net"),
    ]
    text = run(tmp_path).stdout.splitlines()[0]
    for words in ("« a » is both in", "/a.csv, ", " and in ", "/b.csv, ", "One row a person"):
        assert words in text


def test_a_clean_folder_is_counted(run, tmp_path):
    table = forms.flat().select(["individu_id", "date_naissance", "famille_id"])
    for rank, name in enumerate(["a.parquet", "b.parquet"]):
        forms.save(tmp_path / name, table.slice(rank, 1))
    assert "2 persons, no fault." in run(tmp_path, "--months", forms.WINDOW).stdout


def test_a_folder_of_several_kinds_is_refused(run, tmp_path):
    (tmp_path / "a.csv").touch()
    (tmp_path / "b.parquet").touch()
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "both CSV and Parquet" in result.stdout


def test_faults_of_a_large_parquet_file_have_its_rows(run, tmp_path, monkeypatch):
    from openfisca_cej.population import parts

    monkeypatch.setattr(parts.open_source, "__defaults__", (10, True))
    amounts = [1.0] * 60
    amounts[37] = amounts[59] = -1.0
    table = forms.flat().select(["individu_id", "date_naissance"])
    table = table.append_column("salaire_net", pyarrow.array(amounts))
    table = table.append_column("taille", pyarrow.array([170] * 60))
    path = forms.save(tmp_path / "a.parquet", table, row_group_size=10)
    assert machine(run(path, "--format", "json")) == [
        # The column is named once, however many parts are read.
        ("a.parquet", None, "taille"),
        ("a.parquet", 38, "salaire_net"),
        ("a.parquet", 60, "salaire_net"),
    ]


def test_the_months_of_resources_that_are_missing_are_told(run, tmp_path):
    rows = ("date_naissance,cej_date_signature,{}", "2004-01-01,2025-02-10,{}")

    def told(columns: str, values: str) -> str:
        path = write(tmp_path / "a.csv", rows[0].format(columns), rows[1].format(values))
        return run(path, "--months", "2024-06:2025-04").stdout

    # February reads January, March reads February, April reads March; nothing before the signature.
    assert "salaire_net 2025-01, 2025-03." in told("salaire_net@2025-02", "5")
    assert "counted as 0" not in told("salaire_net@2025-02,salaire_net", "5,6")
    every = ",".join(f"salaire_net@2025-0{month}" for month in (1, 2, 3))
    assert "counted as 0" not in told(every, "1,2,3")


def test_the_long_format_is_checked(run, tmp_path):
    persons = write(tmp_path / "jeunes.csv", "individu_id,date_naissance", "a,2004-01-01")
    months = write(tmp_path / "mois.csv", "individu_id,mois,salaire_net", "a,2025-01,5")
    arguments = (persons, "--monthly", months, "--months", "2025-01")
    result = run(*arguments)
    assert result.exit_code == 0
    assert "1 person-months have no row" in result.stdout
    write(months, "individu_id,mois,salaire_net", "z,2025-01,5", "a,2025-1,-5")
    write(persons, "individu_id,date_naissance", "a,2004-01-32")
    assert machine(run(*arguments, "--format", "json")) == [
        ("jeunes.csv", 2, "date_naissance"),
        ("mois.csv", 2, "individu_id"),
        ("mois.csv", 3, "mois"),
        ("mois.csv", 3, "salaire_net"),
    ]


def test_months_change_what_is_at_fault(run, tmp_path):
    table = pyarrow.table({"date_naissance": [datetime.date(2024, 6, 1)]})
    path = forms.save(tmp_path / "a.parquet", table)
    assert run(path).exit_code == 0
    result = run(path, "--months", "2024-01:2024-05")
    assert result.exit_code == 2
    assert "a.parquet, row 1, column date_naissance: « 2024-06-01 » is after" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.csv"], "absent.csv"),
        (["a.csv", "--months", "janvier"], "--months: « janvier » is not a month"),
        (["a.csv", "--format", "xml"], "xml"),
    ],
)
def test_a_bad_command_is_refused(run, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.csv", HEADER, "a,2004-01-01,5")
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_cannot_be_opened_is_told(run, tmp_path, monkeypatch):
    path = write(tmp_path / "a.csv", HEADER, "a,2004-01-01,5")

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("openfisca_cej.population.parts.open_source", refuse)
    result = run(path)
    assert result.exit_code == 2
    assert result.stderr == f"{path}: Permission denied.\n"


def test_without_pyarrow_the_remedy_is_told(run, tmp_path, monkeypatch):
    path = forms.save(tmp_path / "a.parquet", forms.flat())

    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(arrow.importlib, "import_module", absent)
    result = run(path)
    assert result.exit_code == 2
    assert "pip install 'openfisca-cej[parquet]'" in result.stderr
