"""Several reforms on the same people: costs and interactions are worked out by hand."""

import csv
from functools import partial

import numpy
import pytest
from click.testing import CliRunner

from openfisca_cej import french
from openfisca_cej.analysis import sources
from openfisca_cej.analysis.several import INTERACTION, LAW, compare_several
from openfisca_cej.cli import main
from openfisca_cej.refusals import BadRequest
from openfisca_cej.report import several as report

AMOUNT = {
    "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable": {"2025-01-01": 600}
}
ABATEMENT = {"contrat_engagement_jeune.ressources.degressivite.abattement": {"2025-01-01": 400}}
REFORMS = {"a": AMOUNT, "b": ABATEMENT, "a+b": AMOUNT | ABATEMENT}
COUNT = 40


def people():
    """Forty adults of the first tier with a net wage of 600 €."""
    return {
        "date_naissance": numpy.full(COUNT, numpy.datetime64("2004-03-05")),
        "cej_date_signature": numpy.full(COUNT, numpy.datetime64("2024-10-10")),
        "salaire_net": numpy.full(COUNT, 600.0),
    }


# A wage of 600 € in January and February 2025, 0.8 × 1801.80 = 1441.44:
# law 552.29 × (1 − 300 / 1141.44) = 407.13; 600 €: 442.30; abatement of 400 €:
# 552.29 × (1 − 200 / 1041.44) = 446.23; both: 484.77.
LAWFUL, A, B, BOTH = (2 * COUNT * cents for cents in (40713, 44230, 44623, 48477))


def test_costs_are_those_of_each_reform_and_the_interaction_what_is_left() -> None:
    found = compare_several(REFORMS, people(), "2025-01:2025-02", replicates=20)
    assert found.against == LAW
    costs = [round(100 * one.difference) for one in found.costs]
    assert costs == [A - LAWFUL, B - LAWFUL, BOTH - LAWFUL, BOTH - A - B + LAWFUL]
    *_, last = found.costs
    assert (last.kind, last.title) == (INTERACTION, "a × b")
    # Everybody is alike: no sample moves it.
    assert last.interval == (last.difference, last.difference)
    assert [row["name"] for row in found.rows()] == ["a", "b", "a+b", "a+b"]
    assert found.to_frame()["difference"].tolist() == [one.difference for one in found.costs]


def test_costs_are_told_beside_one_of_them() -> None:
    found = compare_several(REFORMS, people(), "2025-01:2025-02", against="a", replicates=0)
    costs = {one.name: one for one in found.costs if one.kind != INTERACTION}
    assert {name: round(100 * one.difference) for name, one in costs.items()} == {
        "b": B - A,
        "a+b": BOTH - A,
    }
    assert round(100 * costs["b"].reference) == A
    with pytest.raises(BadRequest, match="« c » is none of the reforms compared: a, b"):
        compare_several(REFORMS, people(), "2025-01", against="c")


def test_winners_and_losers_are_those_beside_the_reference() -> None:
    # The forty gain 3.93 € from the abatement rather than the amount; twenty without a wage lose
    # 47.71 €, who do not see the abatement beside the law.
    data = {name: numpy.append(values, values[:20]) for name, values in people().items()}
    data["salaire_net"][COUNT:] = 0
    run = partial(compare_several, REFORMS, data, "2025-01:2025-02", replicates=0)
    counts = {one.name: (one.winners, one.losers) for one in run().costs if one.kind != INTERACTION}
    assert counts == {"a": (60, 0), "b": (40, 0), "a+b": (60, 0)}
    found = run(against="a")
    counts = {one.name: (one.winners, one.losers) for one in found.costs if one.kind != INTERACTION}
    assert counts == {"b": (40, 20), "a+b": (40, 0)}
    whole = found.beside["b"].whole
    assert whole.measure("gain_moyen").difference == 3.93
    assert whole.measure("perte_moyenne").difference == -47.71
    text = report.to_html(found, report.folders(found.comparisons))
    assert "Par rapport à « a », de janvier 2025 à février 2025, 40 personnes" in french.plain(text)


def test_a_reform_that_lets_others_sign_is_a_reference_like_any() -> None:
    origin = sources.of_universe("entrants", "France", "2022", 600, 0)
    names = ["sans_condition_fiscale", "montants_rsa"]
    how = {"replicates": 0, "draws": 0, "by": []}
    found = compare_several(names, origin, "2022-06:2022-08", against=names[0], **how)
    first, other = found.comparisons.values()
    beside = found.beside[names[1]].main.measure("total")
    assert beside.baseline == first.main.measure("total").reform
    assert beside.reform == other.main.measure("total").reform
    assert beside.baseline != first.main.measure("total").baseline


def test_too_few_persons_mask_costs_and_interactions() -> None:
    few = {name: values[:5] for name, values in people().items()}
    found = compare_several(REFORMS, few, "2025-01:2025-02", replicates=0)
    assert [(one.difference, one.masked) for one in found.costs] == [(None, True)] * 4
    assert "trop peu de personnes" in report.sentence(found.costs[-1])


def test_draws_are_paired_so_that_an_interaction_is_surer_than_costs() -> None:
    origin = sources.of_universe("entrants", "France", "2022", 600, 0)
    given = dict.fromkeys(("montants_rsa", "sans_condition_fiscale"))
    names = [*given, "+".join(given)]
    found = compare_several(names, origin, "2022-06:2022-08", replicates=50, draws=20)
    widths = [one.interval[1] - one.interval[0] for one in found.costs]
    assert widths[-1] < min(widths[:-1])


def test_the_command_writes_one_report_and_each_of_its_own(tmp_path) -> None:
    reforms = ["bareme_lineaire(0.4)", "montants_rsa", "bareme_lineaire(0.4)+montants_rsa"]
    how = ["--universe", "entrants", "--year", "2022", "--size", "300", "--draws", "0"]
    out = tmp_path / "out"
    arguments = ["--lang", "fr", "compare", *reforms, *how, "--out", str(out)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "Interaction : " in done.output
    with (out / "couts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    alone, amount, both, left = (float(row["difference"]) for row in rows)
    assert left == pytest.approx(both - alone - amount, abs=0.011)
    text = (out / "rapport.html").read_text(encoding="utf-8")
    folders = [path.name for path in sorted(out.iterdir()) if path.is_dir()]
    assert folders == [
        "1_bareme_lineaire_0_4",
        "2_montants_rsa",
        "3_bareme_lineaire_0_4_montants_rsa",
    ]
    for folder in folders:
        assert f'href="{folder}/rapport.html"' in text
        assert (out / folder / "run.json").is_file()
    again = CliRunner().invoke(main, arguments)
    assert again.exit_code == 2
    assert "--overwrite" in again.output
    against = CliRunner().invoke(main, [*arguments, "--against", "autre", "--overwrite"])
    assert against.exit_code == 2
    assert "autre" in against.output
