"""The commands about one case: what they print, and how they refuse."""

import json

import dated_values
import pytest
from click.testing import CliRunner
from openfisca_core.periods import period

from openfisca_cej import situation_examples
from openfisca_cej.cli import main

LINA = str(situation_examples.DOSSIER / "jeune_seul.json")


def run(*arguments, **options):
    """Run the command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)


def test_explain_prints_the_reasons():
    ran = run("explain", LINA, "--month", "2026-11")
    assert ran.exit_code == 0
    assert "Entre 0,00 et 566,17" in ran.output
    assert "article D5131-19 du code du travail, version du 1er mars 2022" in ran.output
    assert "À demander" in ran.output


def test_a_complete_situation_has_one_amount():
    ran = run("explain", LINA, "--month", "2026-11", "--complete")
    assert "566,17\u00a0€/mois." in ran.output
    assert "à votre demande" in " ".join(ran.output.split())
    assert "À demander" not in ran.output


@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
def test_every_form_can_be_written(tmp_path, form):
    out = tmp_path / "why"
    ran = run("explain", LINA, "--month", "2026-11", "--format", form, "--out", out)
    assert ran.exit_code == 0, ran.output
    assert "566,17" in out.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["why"]


def test_the_standard_input_is_read():
    text = json.dumps(situation_examples.exemple("jeune_seul"))
    ran = run("missing", "-", "--month", "2026-11", "--format", "json", input=text)
    assert ran.exit_code == 0, (ran.output, ran.exception)
    assert json.loads(ran.stdout)["status"] == "bounded"


def test_missing_lists_the_questions():
    ran = run("missing", LINA, "--month", "2026-11")
    assert "1. " in ran.output
    assert "(cej_situation_fiscale_rattachement)" in ran.output
    assert "situations essayées ensemble" in ran.output


def test_timeline_in_three_forms():
    text = run("timeline", LINA, "--from", "2026-03", "--months", "3").output
    assert "mars 2026" in text
    assert "Selon les réponses qui manquent, en mars 2026 : Entre 0,00 et 561,68" in " ".join(
        text.split()
    )
    rows = run("timeline", LINA, "--from", "2026-03", "--months", "3", "--format", "csv").output
    assert rows.splitlines()[1].startswith("2026-03,561.68,oui")
    told = run("timeline", LINA, "--from", "2026-03", "--months", "3", "--format", "json").output
    assert [row["amount"] for row in json.loads(told)["months"]] == [561.68, 566.17, 566.17]


#: The first month whose amounts are not known, and the month before.
LATE = dated_values.next_move(
    "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
)[:7]
BEFORE = str(period(LATE).last_month)


@pytest.mark.parametrize("command", ["explain", "missing", "curve"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_amounts_whose_value_has_moved_since_say_so(command, form):
    for month, told in ((BEFORE, False), (LATE, True)):
        output = run(command, LINA, "--month", month, "--format", form).output
        assert ("Majeur, foyer non imposable : la dernière valeur connue" in words(output)) is told


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_months_whose_value_has_moved_since_say_so(form):
    def told(months):
        ran = run("timeline", LINA, "--from", BEFORE, "--months", months, "--format", form)
        return words(ran.output).count("Majeur, foyer non imposable : la dernière valeur connue")

    assert [told(1), told(2)] == [0, 1]


def words(text):
    """Text on one line."""
    return " ".join(text.split())


def test_case_writes_a_yaml_test():
    ran = run("case", LINA, "--month", "2026-11")
    assert "cej_allocation: 566.17" in ran.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--month", "2026-13"], "is not a month"),
        (["--month", "2026-11", "--person", "Léa"], "is not one of"),
        (["--month", "2026-11", "--variable", "rsa"], "not a monthly variable of persons"),
    ],
)
def test_bad_questions_are_refused(arguments, words):
    ran = run("explain", LINA, *arguments)
    assert ran.exit_code == 2
    assert words in ran.output
    assert "Traceback" not in ran.output


def test_a_bad_situation_is_refused_in_either_language(tmp_path):
    file = tmp_path / "bad.json"
    file.write_text('{"individus": {"a": {"salaire_nett": {"2025-05": 1}}}}')
    out = tmp_path / "out.html"
    for lang, sentences in (
        ("fr", ("« salaire_nett » n'est pas une variable", "vouliez-vous dire « salaire_net »")),
        ("en", ("« salaire_nett » is not a variable", "did you mean « salaire_net »")),
    ):
        asked = ("--month", "2026-11", "--format", "html", "--out", out, "--lang", lang)
        ran = run("explain", file, *asked)
        assert ran.exit_code == 2
        assert "/individus/a/salaire_nett" in ran.output
        assert all(sentence in ran.output for sentence in sentences), ran.output
        assert not out.exists()


def test_before_the_law_nothing_is_asked():
    ran = run("missing", LINA, "--month", "2020-01")
    assert ran.exit_code == 2
    assert "« 2020-01 » is before the law: the first month is 2022-03" in ran.output


def test_what_is_missing_under_a_reform_is_what_its_law_asks():
    tier = "cej_situation_fiscale_rattachement"
    asked = run("missing", LINA, "--month", "2026-11")
    under = run("missing", LINA, "--month", "2026-11", "--reform", "sans_condition_fiscale")
    assert tier in asked.output
    assert under.exit_code == 0, under.output
    assert tier not in under.output
