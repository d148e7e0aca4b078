"""Relative values: amounts worked out by hand from the dated values of the law."""

import re

import pytest

from openfisca_cej.analysis import wording
from openfisca_cej.explain import explain
from openfisca_cej.population.months import month_number
from openfisca_cej.reforms import reform
from openfisca_cej.refusals import InvalidReform
from openfisca_cej.systems import model

PATH = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
SHARE = "contrat_engagement_jeune.ressources.degressivite.part_smic"
DISREGARD = "contrat_engagement_jeune.ressources.degressivite.abattement"
LISTED = "contrat_engagement_jeune.ressources.deductibles.travailleurs_prives_emploi"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 552.29 € from 2024-10-01 on at the latest, 561.68 € from 2025-04-01 on.
        ("+10%", (607.52, 617.85)),
        ("-10 %", (497.06, 505.51)),
        ("×1.1", (607.52, 617.85)),
        ("x 1,1", (607.52, 617.85)),
        ("+50", (602.29, 611.68)),
        # 600 × 561.68 / 552.29.
        ("600 indexé", (600, 610.2)),
    ],
)
def test_a_relative_value_follows_those_of_the_law(text: str, expected) -> None:
    found = reform({PATH: {"2025-01-01..2025-12-31": text}}).content["parameters"][PATH]
    assert found == {
        "2025-01-01..2025-03-31": expected[0],
        "2025-04-01..2025-12-31": expected[1],
    }


def test_it_stops_where_the_next_value_starts(tmp_path) -> None:
    file = tmp_path / "essai.yaml"
    file.write_text(f"parameters:\n  {PATH}:\n    2025-01-01: +50\n    2025-03-01: 700\n")
    found = reform(file).content["parameters"][PATH]
    assert found == {"2025-01-01..2025-02-28": 602.29, "2025-03-01": 700}


def test_shares_are_multiplied_and_lists_are_not() -> None:
    assert reform({SHARE: {"2023-01-01": "×1.1"}}).content["parameters"][SHARE] == {
        "2023-01-01": 0.88
    }
    with pytest.raises(InvalidReform, match="not a list"):
        reform({LISTED: {"2023-01-01": "+10%"}})


def test_what_it_comes_to_is_checked_as_any_value() -> None:
    with pytest.raises(InvalidReform, match="more than 1"):
        reform({SHARE: {"2023-01-01": "+50%"}})


def test_what_it_comes_to_is_told_with_what_was_written() -> None:
    # 552.29 − 150 % of it, half up: −276.145 is −276.14.
    with pytest.raises(InvalidReform, match=re.escape("« -150% = -276.14 » is negative")):
        reform({PATH: {"2025-01-01": "-150%"}})


def test_an_amount_that_stays_while_that_of_the_article_moves_is_told() -> None:
    system = model()
    frozen, followed = (
        wording.changes(reform({PATH: {"2025-01-01": value}}).provisions(system), system.parameters)
        for value in (600, "600 indexé")
    )
    months = range(month_number("2025-01"), month_number("2026-01"))
    assert "la réforme le fige" in wording.summary("", frozen, months)
    assert "la réforme le fige" not in wording.summary("", followed, months)


@pytest.mark.parametrize("smic", [450, 500])
def test_a_smic_that_is_given_leaves_nothing_above_a_disregard_that_is_more_than_its_share(smic):
    # 80 % of 450 and of 500 € are no more than 400 €: nothing was divided by −40, nor by 0.
    system = reform({DISREGARD: {"2022-03-01": 400}})(model())
    for wage, expected in ((390, 561.68), (410, 0), (2000, 0)):
        person = {
            "date_naissance": {"ETERNITY": "2004-05-17"},
            "salaire_net": {"2025-06": wage, "2025-07": wage},
            "cej_smic_mensuel": {"2025-07": smic, "2025-08": smic},
        }
        told = explain({"individus": {"Lina": person}}, "2025-08", system=system)
        assert told.amount == expected
