"""A table of years: what it compares, what it writes, how it refuses."""

import csv
import json

import numpy
import pytest
from click.testing import CliRunner

from openfisca_cej.analysis import years
from openfisca_cej.analysis.years import Asked, Side
from openfisca_cej.cli import main
from openfisca_cej.population import scenario
from openfisca_cej.population.assumptions import calibrated
from openfisca_cej.reforms import reform

MINORS = {
    "contrat_engagement_jeune.montant_forfaitaire.general.mineur": {"2027-01-01": 0},
}


def invoke(*arguments):
    """Run the command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def side(present, payees, spending=0.0):
    """What a law gives, the same every month."""
    return Side(numpy.array(12 * [present]), numpy.array(12 * [payees]), {"depense": spending})


def test_values_and_intervals_are_of_the_draws():
    central = side(100.0, 60.0, 5.0), side(100.0, 50.0, 4.0)
    others = [
        (side(0, 0, level), side(0, 0, level - gap)) for level, gap in ((1, 2), (3, 4), (5, 6))
    ]
    found = years.value("depense", central, others)
    assert (found.baseline, found.reform, found.difference) == (5, 4, -1)
    # Quantiles at 2,5 and 97,5 % of three draws, interpolated.
    assert found.baseline_interval == pytest.approx((1.1, 4.9))
    assert found.interval == pytest.approx((-5.9, -2.1))
    assert years.value("depense", central, []).interval is None


def test_what_is_published_stands_beside_its_months():
    found = list(years.beside(2024, side(100.0, 60.0), []))
    assert [(one.measure, one.months, one.use) for one in found] == [
        ("presents", "2024-06", "étape"),
        ("presents", "2024-09", "tenu à l'écart"),
        ("allocataires", "2024-01:2024-05", "tenu à l'écart"),
    ]
    assert [one.found for one in found] == [100, 100, 60]
    assert [one.use for one in years.beside(2026, side(1.0, 1.0, 2.0), [])] == ["plan"]


def test_both_laws_have_the_values_of_the_scenario():
    law, after = years.laws_of(reform(MINORS), scenario.read())
    amounts = [
        system.get_parameters_at_instant(
            "2027-05"
        ).contrat_engagement_jeune.montant_forfaitaire.general
        for system in (law, after)
    ]
    assert [one.majeur_non_imposable for one in amounts] == [571.83, 571.83]
    assert [one.mineur for one in amounts] == [228.74, 0]


def test_a_year_counts_everybody_and_the_reform_only_what_it_changes():
    asked = Asked("France", 1200, 2, 400, 0, calibrated(), scenario.read())
    steps = []
    (found,) = years.table(reform(MINORS), [2027], asked, lambda: steps.append(1))
    assert len(steps) == 3
    values = {item.measure: item for item in found.values}
    assert values["entrees"].baseline == pytest.approx(268_840)
    assert values["entrees"].difference == 0
    assert values["depense"].difference < 0
    # Minors are 9 % of the entrants, and paid four tenths of the others.
    assert values["depense"].difference > -0.09 * values["depense"].baseline
    assert values["presents"].baseline > values["allocataires"].baseline
    assert found.status == "supposé"


def test_the_command_writes_the_table_and_its_scenario(tmp_path):
    out = tmp_path / "annees"
    common = ("age_29", "--years", "2026", "--size", 600, "--draws", 0, "--out", out)
    result = invoke("compare", *common)
    assert result.exit_code == 0, result.output
    with (out / "annees.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["mesure"]: row for row in csv.DictReader(file)}
    assert float(rows["presents"]["difference"]) > 10_000
    assert rows["depense"]["avant_bas"] == ""
    told = json.loads((out / "annees.json").read_text(encoding="utf-8"))
    assert {figure["statut"] for figure in told["scenario"]} >= {"publié", "projeté", "supposé"}
    assert "plan" in result.output
    same = invoke("verify", out / "annees.json")
    assert same.exit_code == 0, same.output
    # Another table than that which was written, and another number of persons.
    (out / "annees.json").write_text(
        json.dumps({**told, "personnes": told["personnes"] + 100}), encoding="utf-8"
    )
    assert invoke("verify", out / "annees.json").exit_code == 1
    again = invoke("compare", *common)
    assert again.exit_code == 2
    assert "is there already" in again.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--years", "2020:2021"), "--years: write 2022:2027"),
        (("--years", "2026", "--universe", "neet"), "--years goes with"),
        (("--scenario", __file__), "--scenario goes with --years"),
        (("--years", "2026", "--scenario", __file__), "Nothing was written"),
        (("--universe", "stock"), "--universe stock goes with --date"),
        (("--universe", "stock", "--date", "2026-13-01"), "date: give a day from 2022"),
        (("--universe", "presents", "--year", "2031"), "year: choose one from 2022 to 2027"),
        (("--margins", __file__, "--region", "PACA"), "--margins goes without --region"),
    ],
)
def test_what_cannot_be_asked_is_told(tmp_path, options, told):
    result = invoke("compare", "age_29", *options, "--out", tmp_path / "x")
    assert result.exit_code == 2
    assert told in result.output
    assert not (tmp_path / "x").exists()


def test_a_stock_is_written_and_read_back(tmp_path):
    path = tmp_path / "stock.csv"
    where = ("--region", "PACA", "--date", "2026-11-30", "--size", 400, "--out", path)
    result = invoke("population", "--universe", "stock", *where)
    assert result.exit_code == 0, result.output
    assert "--months 2026-11:2026-11" in result.output
    assert "Entrées de ces mois" in result.output
    header = path.read_text(encoding="utf-8").splitlines()[0]
    assert "cej_date_fin_precedent" in header
    again = ("--months", "2026-11:2026-11", "--out", tmp_path / "run")
    assert invoke("simulate", path, *again).exit_code == 0


def test_what_is_published_of_the_country_stands_beside_no_region():
    asked = Asked("PACA", 200, 0, 200, 0, calibrated(), scenario.read())
    (found,) = years.table(None, [2023], asked)
    assert not found.published
    # The months of the year itself: those before, of a file that has no such year, are supposed.
    place = {"titre": "Ailleurs", "entrees": {2026: 9000}}
    asked = Asked("France", 200, 0, 200, 0, calibrated(), scenario.read(), place)
    (found,) = years.table(None, [2026], asked)
    assert (found.status, found.published) == ("remplacé", ())
