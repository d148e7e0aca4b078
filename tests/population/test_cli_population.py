"""The commands population and validate: what they print, what they write, how they fail."""

import json
import re
import sys

import pytest
from click.testing import CliRunner
from simulations import systeme

import openfisca_cej
from openfisca_cej.commands.population import population
from openfisca_cej.commands.validate import validate
from openfisca_cej.population import assumptions, validation
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv


@pytest.fixture
def run(monkeypatch):
    """Run a command on the tax and benefit system of the other tests."""
    system = systeme()
    monkeypatch.setattr(openfisca_cej, "CountryTaxBenefitSystem", lambda: system)
    return lambda command, *arguments: CliRunner().invoke(command, [str(a) for a in arguments])


def rows(output):
    """The rows of the tables, as lists of cells."""
    return [re.split(r"\s{2,}", line.strip()) for line in output.splitlines() if line.strip()]


FRANCE = ("--universe", "entrants", "--region", "France", "--year", "2023", "--size", "1000")


@pytest.mark.parametrize(
    ("universe", "region", "year", "total"),
    [
        ("entrants", "France", "2023", "313 497"),
        ("entrants", "PACA", "2022", "24 197"),
        ("neet", "France", "2023", "1 039 371"),
    ],
)
def test_target_and_achieved_are_printed(run, tmp_path, universe, region, year, total):
    path = tmp_path / "made.csv"
    options = ("--universe", universe, "--region", region, "--year", year, "--size", 1000)
    stated = ("--seed", 1, "--out", path, "--assumptions", "stated")
    result = run(population, *options, *stated)
    assert result.exit_code == 0, result.output
    table = rows(result.stdout)
    assert [row[:3] for row in table if row[0] == "Effectif"] == [["Effectif", total, total]]
    margins = [row for row in table if len(row) == 7 and row[4] in ("oui", "non")]
    assert len(margins) > 12
    for row in margins:
        assert row[4] == "oui", row
        assert row[5] in ("lu", "relayé", "calculé"), row
        assert re.fullmatch(r"\[\d+\]", row[6]), row
        assert f"\n{row[6]} " in result.stdout
    for name in ("part_rqth", "part_foyers_imposes", "part_are_plus_de_500"):
        assert name in result.stdout
    months = month_range("2023-01:2023-02")
    assert read_csv(path, systeme(), months).count == 1000
    assert str(path) in result.stdout.replace("\n", "")
    assert (tmp_path / "made_attributs.csv").exists()


def test_a_replaced_assumption_is_shown(run, tmp_path):
    path = tmp_path / "fixe.yaml"
    path.write_text("part_rqth: 0.125\n", encoding="utf-8")
    result = run(population, *FRANCE, "--out", tmp_path / "x.csv", "--assumptions", path)
    (row,) = [row for row in rows(result.stdout) if row[0] == "part_rqth"]
    assert row[1] == "0,125"
    assert "remplacée" in row


@pytest.mark.parametrize("year", [2022, 2023])
def test_the_file_has_a_name_of_its_own(run, tmp_path, monkeypatch, year):
    monkeypatch.chdir(tmp_path)
    result = run(
        population, "--universe", "neet", "--region", "PACA", "--year", year, "--size", 500
    )
    assert result.exit_code == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"neet_paca_{year}.csv", f"neet_paca_{year}_attributs.csv"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "x.xlsx"], "« x.xlsx » ends neither in .csv nor in .parquet"),
        (["--assumptions", "bad.yaml"], "Did you mean « part_rqth »?"),
        (["--assumptions", "long.yaml"], "--assumptions: "),
        (["--assumptions", "missing.yaml"], "missing.yaml"),
        (["--out", "bad.yaml/x.csv"], "Nothing was written"),
        (["--size", "5"], "Ask for more"),
        (["--size", "0"], "0 is not in the range"),
        (["--year", "2031"], "choose one from 2022 to 2027"),
        (["--region", "Corse"], "Corse"),
        (["--universe", "tous"], "tous"),
        (["--seed", "-1"], "-1"),
    ],
)
def test_a_bad_command_is_refused(run, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text("part_rqt: 0.1\n", encoding="utf-8")
    (tmp_path / "long.yaml").write_text("part_duree_12_mois: 0.8\n", encoding="utf-8")
    result = run(population, *FRANCE, *arguments)
    assert result.exit_code == 2, result.output
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.yaml", "long.yaml"]


def test_parquet_without_its_extra_says_what_to_install(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run(population, *FRANCE, "--out", tmp_path / "x.parquet")
    assert result.exit_code == 2
    assert "pip install 'openfisca-cej[parquet]'" in result.stderr
    assert not list(tmp_path.iterdir())


def test_validate_prints_a_verdict_for_each_result(run):
    result = run(validate, "--draws", 4, "--size", 400, "--seed", 2)
    assert result.exit_code == 0, result.output
    text = result.stdout
    verdicts = re.findall(r"\s(dedans|dehors de [+−][\d ,]+)", text)
    published = validation.load("validation")
    assert len(re.findall(r"(?m)\s{2}(?:dedans|dehors de \S+)", text)) == len(published) - 2
    assert verdicts
    for phrase in ("64,2 %", "740 à 790 M€", "440 à 474 €", "> 80,0 %", "345 000 à 380 000"):
        assert phrase in text
    assert "Simulating 14 populations" in result.stderr
    assert "décembre 2023" in text
    for name, _ in assumptions.named(assumptions.read()):
        assert name in text


def test_validate_in_json(run):
    result = run(validate, "--draws", 3, "--size", 400, "--format", "json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content["tirages"] == 3
    assert content["personnes_par_tirage"] == 400
    names = [item["nom"] for item in content["resultats"]]
    assert names[:3] == ["payes_ml", "payes_ft", "payes"]
    assert len(content["allocataires_mensuels"]) == 27
    assert set(content["hypotheses"]) == {n for n, _ in assumptions.named(assumptions.read())}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--draws", "1"], "1 is not in the range"),
        (["--size", "10"], "10 is not in the range"),
        (["--format", "xml"], "xml"),
        (["--assumptions", "bad.yaml"], "is not an assumption"),
    ],
)
def test_a_bad_validation_is_refused(run, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text("zzz: 0.1\n", encoding="utf-8")
    result = run(validate, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_help_answers(run):
    for command in (population, validate):
        assert run(command, "--help").exit_code == 0


def test_few_draws_are_said_to_be_indicative(run):
    result = run(validate, "--draws", "2", "--size", "200", "--format", "json")
    assert "--draws 2: under 200, intervals and verdicts are only indicative." in result.stderr
