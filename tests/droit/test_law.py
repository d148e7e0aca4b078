"""The command ``openfisca-cej law``."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_revalorisations import AMOUNTS, PARAMETERS, read_values

from openfisca_cej.cli import main
from openfisca_cej.commands import law as command
from openfisca_cej.droit import registre

CASES = Path(__file__).resolve().parent.parent / "contrat_engagement_jeune"


def run(*arguments: str):
    return CliRunner().invoke(main, ["law", *map(str, arguments)])


def section(text: str, title: str) -> list[str]:
    """The lines of a section of an article."""
    after = text.split(f"\n{title}\n")[1]
    return [line.strip() for line in after.split("\n\n")[0].splitlines()]


def test_the_register_is_a_table_with_counts() -> None:
    result = run()
    assert result.exit_code == 0
    found = registre.counts(registre.entries())
    assert all(entry.name in result.output for entry in registre.entries())
    assert (
        f"{found['calculé']} calculés, {found['en partie']} en partie, "
        f"{found['non calculé']} non calculés." in result.output
    )
    dated = len(registre.dated(registre.entries()))
    assert f"{len(registre.entries())} textes, dont {dated} aux versions datées" in result.output
    line = next(line for line in result.output.splitlines() if line.strip().startswith("L5131-7 "))
    assert line.split()[-2:] == ["calculé", "procédure"]


def test_the_register_in_json_is_whole() -> None:
    told = json.loads(run("--format", "json").output)
    assert [one["article"] for one in told["articles"]] == [
        entry.title for entry in registre.entries()
    ]
    assert told["counts"] == registre.counts(registre.entries())
    (parental,) = [one for one in told["articles"] if one["article"] == "L5131-6-1"]
    assert parental["paragraphs"][0]["variables"] == [
        "cej_caution_publique_permis",
        "caution_parentale_ou_tiers",
    ]


def test_an_article_shows_paragraphs_versions_numbers_rules_and_tests() -> None:
    result = run("D5131-19", "--tests", CASES)
    assert result.exit_code == 0
    text = result.output
    assert "I, 1°, b — calculé" in section(text, "Paragraphes")
    assert "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207447" in section(
        text, "Versions"
    )
    numbers = section(text, "Paramètres")
    for name in AMOUNTS:
        for date, amount in read_values(PARAMETERS, name).items():
            told = f"{date} : {amount.normalize():f}".replace(".", ",")
            assert any(line.startswith(f"{told} (ligne ") for line in numbers)
    assert any(
        line.startswith("cej_forfait_non_revise (entrée)")
        for line in numbers + section(text, "Règles et entrées")
    )
    assert any(
        re.match(r"\S*/montant_forfaitaire\.yaml:\d+ : D5131-19", line)
        for line in section(text, "Tests")
    )


def test_each_number_rule_and_case_is_at_the_line_that_is_told(monkeypatch) -> None:
    """What stands at each « path:line » is what it was told for."""
    monkeypatch.chdir(CASES.parent)  # cases are below the current folder, the law is not
    (told, _) = json.loads(run("D5131-19", "--format", "json", "--tests", CASES).output)

    def at(place: str) -> str:
        path, line = place.rsplit(":", 1)
        return Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]

    assert told["parameters"]
    for parameter in told["parameters"]:
        path, first = parameter["place"].rsplit(":", 1)
        assert parameter["lines"].keys() == parameter["values"].keys()
        assert int(first) == min(parameter["lines"].values())
        for day, line in parameter["lines"].items():
            assert at(f"{path}:{line}").strip().startswith(f"{day}:")
    assert told["variables"]
    for variable in told["variables"]:
        path, line = variable["place"].rsplit(":", 1)
        below = Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1 :]
        assert re.match(r"@|class ", below[0])
        declared = next(text for text in below if text.startswith("class "))
        assert declared.startswith(f"class {variable['name']}(")
    assert told["tests"]
    for test in told["tests"]:
        assert test["place"].startswith("contrat_engagement_jeune/")
        assert test["name"] in at(test["place"])


def test_a_bracket_of_a_scale_has_the_line_of_its_day() -> None:
    (told,) = json.loads(run("CGI 197", "--format", "json").output)
    (scale,) = [one for one in told["parameters"] if one["path"].endswith(".bareme")]
    path, first = scale["place"].rsplit(":", 1)
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    for day, line in scale["lines"].items():
        assert lines[line - 1].strip() == f"{day}:"
    assert int(first) == 4 + [text.strip() for text in lines[3:]].index("2020-01-01:")


def test_both_wordings_of_an_article_are_shown() -> None:
    told = json.loads(run("R5131-22", "--format", "json", "--tests", CASES).output)
    assert [one["article"] for one in told] == ["R5131-22", "R5131-22 (garantie jeunes)"]
    assert [version["id"] for version in told[0]["versions"]] == [
        "LEGIARTI000045207433",
        "LEGIARTI000054167633",
    ]
    assert told[1]["versions"][0]["maintained_until"] == "2023-08-31"


def test_a_name_of_several_words_and_options_before_it() -> None:
    result = run("--format", "json", "--tests", CASES, "CGI", "1657")
    assert result.exit_code == 0, result.output
    (told,) = json.loads(result.output)
    assert told["article"] == "CGI 1657"
    assert any(test["file"] == "situation_fiscale.yaml" for test in told["tests"])


@pytest.mark.parametrize("asked", ["D5131-19 III", "d. 5131-19 iii"])
def test_a_mark_after_the_article_keeps_its_paragraph(asked: str) -> None:
    (told,) = json.loads(run(asked, "--format", "json", "--tests", CASES).output)
    assert [part["paragraph"] for part in told["paragraphs"]] == ["III"]
    assert {one["name"] for one in told["variables"]} == {
        "cej_montant_forfaitaire",
        "residence_mayotte",
    }
    assert all(".mayotte." in one["path"] for one in told["parameters"])
    assert len(told["parameters"]) == 3
    names = [test["name"] for test in told["tests"]]
    assert names
    assert all(name.startswith("D5131-19 III — ") for name in names)


def test_a_mark_may_be_the_start_of_several() -> None:
    text = run("R5131-24 I", "--tests", CASES).output
    lines = section(text, "Paragraphes")
    assert [line for line in lines if " — " in line] == [
        "I, al. 1 — calculé",
        "I, al. 2 — calculé",
    ]
    named = section(run("L5412-1", "III", "--tests", CASES).output, "Tests")
    assert named
    assert all("R5412-3 — deux refus d'offre raisonnable" in line for line in named)


def test_a_mark_that_the_article_lacks_is_refused_with_those_it_has() -> None:
    result = run("D5131-23 3°")
    assert result.exit_code == 2
    assert result.stderr.startswith("D5131-23 has no paragraph « 3° » in the register.")
    assert "It has: 1°; 2°." in result.stderr


@pytest.mark.parametrize("asked", ["", " ", "."])
def test_nothing_is_no_article(asked: str) -> None:
    result = run(asked)
    assert result.exit_code == 2
    assert "is not in the register" in result.stderr
    assert result.stdout == ""


def test_a_scale_a_list_and_a_yes_are_written_in_french() -> None:
    text = run("CGI 197").output
    assert "2024-01-01 : 0 % à partir de 0 ; 11 % à partir de 11\u202f497 ;" in text
    assert "2022-03-01 : chomage_net, ass" in run("R5131-21").output
    assert "2025-01-01 : oui" in run("L5411-1").output


def test_tests_that_are_not_at_hand_are_said_to_be_absent(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(command, "TESTS", tmp_path / "absents")
    result = run("R5131-15")
    assert result.exit_code == 0
    assert "--tests DOSSIER" in "".join(section(result.output, "Tests"))
    assert json.loads(run("R5131-15", "--format", "json").output)[0]["tests"] is None


def test_an_article_without_test_or_version_says_none() -> None:
    text = run("R5131-26", "--tests", CASES).output
    assert section(text, "Tests") == ["aucun"]
    assert section(run("L5411-1").output, "Versions") == ["aucun"]


@pytest.mark.parametrize(
    ("asked", "near"), [("D5131-91", "D5131-19"), ("R5131-220", "R5131-22"), ("CGI 198", "CGI 197")]
)
def test_an_unknown_article_suggests_the_nearest(asked: str, near: str) -> None:
    result = run(asked)
    assert result.exit_code == 2
    assert f"« {asked} » is not in the register. Did you mean" in result.stderr
    assert near in result.stderr
    assert result.stdout == ""


def test_an_unknown_text_suggests_nothing() -> None:
    result = run("zzzz")
    assert result.exit_code == 2
    assert result.stderr.startswith("« zzzz » is not in the register. « openfisca-cej law » lists")


def test_a_wrong_option_is_refused() -> None:
    assert run("--format", "xml").exit_code == 2
    assert run("D5131-19", "--tests", "/nulle/part").exit_code == 2
