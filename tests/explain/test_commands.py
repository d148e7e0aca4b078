"""The commands ``curve`` and ``resources``: their formats, their refusals, their statuses."""

import json

import pytest
from click.testing import CliRunner

from openfisca_cej.cli import main
from openfisca_cej.situation_examples import exemple


@pytest.fixture
def run():
    """Run the command; standard output and standard error apart."""
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def situation(tmp_path):
    """A file that holds an example."""
    file = tmp_path / "situation.json"
    file.write_text(json.dumps(exemple("jeune_seul")), encoding="utf-8")
    return file


def test_the_curve_is_a_table_and_sentences(run, situation):
    result = run("curve", situation, "--month", "2026-11")
    assert result.exit_code == 0, result.output
    assert "Allocation de Inès, novembre 2026" in result.stdout
    assert "1 493,62 €" in result.stdout
    assert "Au-delà de 300,00 €, chaque euro de plus retire 0,47 € d'allocation" in result.stdout


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("csv", "ressource,allocation,total"), ("svg", "<svg "), ("json", "{")],
)
def test_the_curve_is_written_to_a_file(run, situation, tmp_path, form, beginning):
    out = tmp_path / "courbe"
    words = ("curve", situation, "--month", "2026-11", "--format", form)
    screen = run(*words)
    assert screen.exit_code == 0, screen.output
    result = run(*words, "--out", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_text(encoding="utf-8") == screen.stdout
    assert screen.stdout.startswith(beginning)


def test_the_maximum_and_the_variable_are_read(run, situation):
    words = ("--max", "600", "--variable", "chomage_net", "--format", "json")
    told = json.loads(run("curve", situation, "--month", "2026-11", *words).stdout)
    assert (told["maximum"], told["variable"]) == (600, "chomage_net")
    assert [one["resource"] for one in told["breaks"]] == [566.17]


def test_each_fault_of_the_situation_is_told_with_its_path(run, tmp_path):
    file = tmp_path / "bad.json"
    file.write_text('{"individus": {"a": {"salaire_nt": {"2026-01": 3}}}, "x": {}}')
    result = run("curve", file, "--month", "2026-11")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        f"{file}, /individus/a/salaire_nt",
        f"{file}, /x",
        "Nothing was written.",
    ]
    assert "did you mean « salaire_net »?" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--month", "2021-01"), "before the law"),
        (("--month", "2026-11", "--variable", "rni"), "not an input of euros per month"),
        (("--month", "2026-11", "--person", "Ines"), "« Ines » is not one of: Inès"),
        (("--month", "2026-11", "--out", "nowhere/all.svg"), "Nothing was written."),
    ],
)
def test_a_wrong_option_is_refused_in_a_sentence(run, situation, words, told):
    result = run("curve", situation, *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    result = run("curve", tmp_path / "none.json", "--month", "2026-11")
    assert result.exit_code == 2
    assert "none.json" in result.stderr


def test_resources_are_listed_and_searched(run):
    everything = run("resources")
    assert everything.exit_code == 0
    assert "remuneration_service_militaire_volontaire" in everything.stdout
    found = run("resources", "service", "civique")
    assert "R5131-24, III, 4°" in found.stdout
    assert "salaire_net" not in found.stdout


def test_resources_in_json_are_those_of_the_month(run):
    words = ("resources", "congé", "supplémentaire", "naissance", "--format", "json")
    (whole,) = json.loads(run(*words).stdout)
    assert [one["since"] for one in whole["treatments"]] == ["2022-03-01", "2026-07-01"]
    (one,) = json.loads(run(*words, "--month", "2026-07").stdout)
    (treatment,) = one["treatments"]
    assert treatment["effect"] == "partiellement déductible"
    assert treatment["counted"] == "le mois suivant"
    assert treatment["confidence"] == "déduit"


def test_resources_in_markdown_have_links(run):
    lines = run("resources", "ARE", "--format", "md").stdout.splitlines()
    assert lines[0].startswith("| Ressource | Nom | Effet | Article |")
    assert "[R5131-21, 1°](https://www.legifrance.gouv.fr/" in lines[2]
    assert len(lines) == 3


def test_nothing_found_is_status_2_with_a_hint(run):
    result = run("resources", "chomge")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean « chomage »?" in result.stderr


@pytest.mark.parametrize("month", ["2022-02", "novembre"])
def test_a_month_without_law_is_refused(run, month):
    result = run("resources", "--month", month)
    assert result.exit_code == 2
    assert "--month" in result.stderr
