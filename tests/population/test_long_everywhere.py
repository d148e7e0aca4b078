"""The long format in folders, from Python, in ``compare``, ``verify``: what the flat one gives."""

import json

import forms
import numpy
import pandas
import polars
import pyarrow
import pytest
from click.testing import CliRunner
from populations import write

from openfisca_cej.analysis import compare, verify, writing
from openfisca_cej.cli import main
from openfisca_cej.population import csv_arrow, frames, simulate
from openfisca_cej.population.long_format import month_or_none, read_long
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.population.schema import Others
from openfisca_cej.refusals import InvalidInput
from openfisca_cej.report import fill

pytestmark = pytest.mark.filterwarnings("ignore::openfisca_cej.population.frames.Remark")

MONTHS = month_range("2025-01:2025-02")
PERSONS = "individu_id,date_naissance,qpv"
ROWS = "individu_id,mois,salaire_net"


def in_parts(folder, table, size, suffix):
    """A folder of part files of so many rows."""
    folder.mkdir()
    for first in range(0, table.num_rows, size):
        forms.save(folder / f"part-{first:04d}.{suffix}", table.slice(first, size))
    return folder


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("least", [0, 1 << 20])
def test_folders_give_what_the_flat_file_gives(system, tmp_path, monkeypatch, suffix, least):
    monkeypatch.setattr(csv_arrow, "WORTH_IT", least)
    flat = read_csv(forms.save(tmp_path / "flat.csv", forms.flat()), system, forms.MONTHS)
    persons = in_parts(tmp_path / "jeunes", pyarrow.table(forms.persons()), 25, suffix)
    rows = in_parts(tmp_path / "mois", forms.months_table(), 70, suffix)
    population = read_long(persons, rows, system, forms.MONTHS)
    assert forms.results(system, population) == forms.results(system, flat)
    # Patterns too.
    some = read_long(persons, rows / f"*.{suffix}", system, forms.MONTHS)
    assert forms.results(system, some) == forms.results(system, flat)


def test_faults_have_the_names_of_their_parts(system, tmp_path):
    people, rows = tmp_path / "jeunes", tmp_path / "mois"
    people.mkdir()
    rows.mkdir()
    write(people / "1.csv", PERSONS, "a,2004-01-01,oui")
    write(people / "2.csv", PERSONS, "", "a,2004-01-01,oui", "b,2004-01-32,oui")
    write(rows / "1.csv", ROWS, "a,2025-01,5", "a,2025-13,5")
    write(rows / "2.csv", ROWS, "z,2025-01,5", "a,2025-01,6", "b,2025-01,-1")
    with pytest.raises(InvalidInput) as caught:
        read_long(people, rows, system, MONTHS)
    told = str(caught.value)
    assert (
        "jeunes/2.csv, line 3, column individu_id: « a » is already on jeunes/1.csv, line 2" in told
    )
    assert "jeunes/2.csv, line 4, column date_naissance" in told
    assert "mois/1.csv, line 3, column mois: « 2025-13 »" in told
    assert "mois/2.csv, line 2, column individu_id: « z » is not in jeunes" in told
    assert (
        "mois/2.csv, line 3, column mois: « a » in 2025-01 is already on mois/1.csv, line 2" in told
    )
    assert "mois/2.csv, line 4, column salaire_net" in told


def test_parts_of_months_have_the_same_columns(system, tmp_path):
    people, rows = write(tmp_path / "p.csv", PERSONS, "a,2004-01-01,oui"), tmp_path / "mois"
    rows.mkdir()
    write(rows / "1.csv", ROWS, "a,2025-01,5")
    write(rows / "2.csv", ROWS + ",rsa", "a,2025-02,5,0")
    with pytest.raises(InvalidInput, match="column rsa"):
        read_long(people, rows, system, MONTHS)
    write(rows / "2.csv", ROWS)
    others = Others(("qpv",))
    population = read_long(people, rows, system, MONTHS, others=others)
    assert "mois/2.csv has no row: skipped." in population.remarks
    assert population.attributes["qpv"].tolist() == ["oui"]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2025-03", 2),
        ("202503", 2),
        ("2025-03-31", 2),
        ("2025-03-01 00:00:00.000000", 2),
        ("3/2025", 2),
        ("03/2025", 2),
        ("2025-3", None),
        ("2025-13", None),
        ("0000-01", None),
        ("13/2025", None),
        ("mars 2025", None),
    ],
)
def test_a_month_is_written_in_many_ways(text, month):
    assert month_or_none(text) == (-1 if month is None else 12 * 2025 + month)


# From Python.

PEOPLE = {
    "individu_id": numpy.array(["a", "b"]),
    "date_naissance": numpy.array(["2003-01-01", "2004-02-01"], "datetime64[D]"),
    "cej_date_signature": numpy.array(["2024-11-05", "2024-12-09"], "datetime64[D]"),
}
WAGES = numpy.array([600, 900.5])


@pytest.fixture
def expected():
    """What the flat format gives: the wage of December of a, that of January of b."""
    wages = {"salaire_net@2024-12": [600, 0.0], "salaire_net@2025-01": [0, 900.5]}
    flat = pandas.DataFrame(PEOPLE).assign(**wages)
    return simulate(flat, MONTHS)["cej_allocation"].tolist()


@pytest.mark.parametrize(
    "months",
    [
        ["2024-12", "2025-01"],
        [202412, 202501],
        [202412.0, 202501.0],
        pandas.period_range("2024-12", periods=2, freq="M"),
        pandas.to_datetime(["2024-12-31", "2025-01-01"]),
        pandas.Categorical(["2024-12", "2025-01"]),
        numpy.array(["2024-12", "2025-01"], "datetime64[D]"),
    ],
)
def test_months_of_a_frame(expected, months):
    rows = pandas.DataFrame({"individu_id": ["a", "b"], "mois": months, "salaire_net": WAGES})
    people = pandas.DataFrame(PEOPLE)
    assert simulate(people, MONTHS, monthly=rows)["cej_allocation"].tolist() == expected


def test_months_of_other_kinds(expected, monkeypatch):
    months = numpy.array(["2024-12-01", "2025-01-01"], "datetime64[D]")
    rows = {"individu_id": PEOPLE["individu_id"], "mois": months, "salaire_net": WAGES}
    for people, beside in (
        (PEOPLE, rows),
        (polars.DataFrame(PEOPLE).lazy(), polars.DataFrame(rows)),
        (pyarrow.table(PEOPLE), pyarrow.table(rows).to_reader()),
        (pyarrow.table(PEOPLE), rows),
    ):
        found = simulate(people, MONTHS, monthly=beside)
        found = found.collect() if isinstance(people, polars.LazyFrame) else found
        assert [float(str(one)) for one in found["cej_allocation"]] == expected
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    assert simulate(PEOPLE, MONTHS, monthly=rows)["cej_allocation"].tolist() == expected


def test_faults_of_months_in_memory_are_told_apart():
    rows = {"individu_id": ["a", "z"], "mois": ["2025-13", "2025-01"], "salaire_net": [1, -1]}
    with pytest.raises(InvalidInput) as caught:
        simulate(PEOPLE, MONTHS, monthly={name: numpy.array(one) for name, one in rows.items()})
    told = str(caught.value)
    assert "monthly, position 0, column mois: « 2025-13 »" in told
    assert "monthly, position 1, column individu_id: « z » is not in data" in told
    bare = {name: values for name, values in PEOPLE.items() if name != "individu_id"}
    with pytest.raises(InvalidInput, match="data: there is no column individu_id"):
        simulate(bare, MONTHS, monthly={"individu_id": PEOPLE["individu_id"], "mois": WAGES})


# Commands.


@pytest.fixture
def files(tmp_path):
    """Forty persons, flat, and in two folders of two parts."""
    flat = [f"{PERSONS},salaire_net@2024-12,salaire_net@2025-01"]
    people, rows = tmp_path / "jeunes", tmp_path / "mois"
    people.mkdir()
    rows.mkdir()
    for part in range(2):
        names = [f"p{rank:02d}" for rank in range(20 * part, 20 * part + 20)]
        wages = [[30 * int(name[1:]), 25 * int(name[1:])] for name in names]
        births = [f"{name},2003-05-01,{'oui' if name < 'p10' else 'non'}" for name in names]
        write(people / f"{part}.csv", PERSONS, *births)
        told = zip(names, wages, strict=True)
        lines = [
            f"{name},{month},{wage}"
            for name, both in told
            for month, wage in zip(("2024-12", "2025-01"), both, strict=True)
        ]
        write(rows / f"{part}.csv", ROWS, *lines)
        flat += [f"{b},{w[0]},{w[1]}" for b, w in zip(births, wages, strict=True)]
    return people, rows, write(tmp_path / "flat.csv", *flat)


def run(*arguments):
    result = CliRunner().invoke(main, [*map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def test_commands_take_folders_of_months(tmp_path, files):
    people, rows, flat = files
    window = ("--months", "2025-01:2025-02")
    assert "40 persons" in run("check", people, "--monthly", rows, *window, "--keep", "qpv").stdout
    out = tmp_path / "long"
    run("simulate", people, "--monthly", rows, *window, "--keep", "qpv", "--out", out)
    run("simulate", flat, *window, "--keep", "qpv", "--out", tmp_path / "flat")
    found = (out / "allocations.csv").read_bytes()
    assert found == (tmp_path / "flat" / "allocations.csv").read_bytes()
    told = json.loads((out / "run.json").read_text())["input"]
    assert [(file["file"], file.get("monthly", False)) for file in told] == [
        *((f"jeunes/{part}.csv", False) for part in range(2)),
        *((f"mois/{part}.csv", True) for part in range(2)),
    ]
    again = tmp_path / "again"
    run("simulate", people, "--monthly", rows, *window, "--out", again, "--keep", "qpv")
    path = again / "run.json"
    assert verify.verify(path, people, monthly=rows).verified
    assert not verify.verify(path, people).verified  # A run does not say where its files were.


def test_a_comparison_takes_the_long_format(tmp_path, files):
    people, rows, flat = files
    window = ("montants_rsa", "--months", "2025-01:2025-02", "--replicates", 0)
    run("compare", *window, "--population", people, "--monthly", rows, "--out", tmp_path / "long")
    run("compare", *window, "--population", flat, "--out", tmp_path / "flat")
    found = [(tmp_path / name / writing.CSV).read_text() for name in ("long", "flat")]
    assert found[0] == found[1]
    assert "\nqpv," in found[0]
    path = tmp_path / "long" / "run.json"
    assert verify.verify(path, report=fill).verified
    assert compare.compare(
        "montants_rsa", people, MONTHS, monthly=rows, replicates=0
    ).people.persons
    (tmp_path / "ailleurs").mkdir()
    moved = rows.rename(tmp_path / "ailleurs" / "mois")
    found = verify.verify(path, report=fill)
    assert not found.verified
    assert "the months are no longer where they were" in found.why
    assert verify.verify(path, report=fill, monthly=moved).verified
    refused = CliRunner().invoke(main, ["compare", "age_29", "--monthly", str(moved)])
    assert "--monthly goes with --population." in refused.stderr


def test_a_comparison_takes_months_in_memory(tmp_path, files):
    people, rows, _ = files
    tables = [
        pandas.concat([pandas.read_csv(path) for path in sorted(one.iterdir())])
        for one in (people, rows)
    ]
    asked = {"months": MONTHS, "replicates": 0}
    one = compare.compare("montants_rsa", tables[0], monthly=tables[1], **asked)
    two = compare.compare("montants_rsa", people, monthly=rows, **asked)
    assert one.window.measure("total") == two.window.measure("total")
    assert one.window.measure("total").baseline
