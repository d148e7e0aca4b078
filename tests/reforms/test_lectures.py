"""Readings of the law that a parameter changes: what another reading would pay, worked by hand."""

import pytest
from openfisca_core.simulations import SimulationBuilder

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.reforms import reform

LAW = "contrat_engagement_jeune"


def paid(change: dict, month: str, person: dict, foyer: dict | None = None) -> float:
    """The allowance of a person alone, under the law as it is changed."""
    system = CountryTaxBenefitSystem()
    if change:
        system = reform(change)(system)
    document = {
        "individus": {"x": {"date_naissance": {"ETERNITY": "2004-05-10"}, **person}},
        "foyers_fiscaux": {"f": {"declarants": ["x"], **(foyer or {})}},
    }
    simulation = SimulationBuilder().build_from_entities(system, document)
    return float(simulation.calculate("cej_allocation", month)[0])


@pytest.mark.parametrize(
    ("months_later", "amounts"),
    [
        # Received in June 2025: June itself, or the month after.
        (None, {"2025-05": 561.68, "2025-06": 0, "2025-07": 561.68}),
        (1, {"2025-05": 561.68, "2025-06": 561.68, "2025-07": 0, "2025-08": 561.68}),
    ],
)
def test_suspensive_resources_of_the_month_or_of_the_month_before(months_later, amounts):
    path = f"{LAW}.non_cumul.recul_ressources_suspensives"
    change = {} if months_later is None else {path: {"2022-03-01": months_later}}
    civic = {"indemnites_volontariat": {"2025-06": 620}}
    for month, amount in amounts.items():
        assert paid(change, month, civic) == amount, month


@pytest.mark.parametrize(
    ("credits_impot", "after", "before"),
    [
        (0, 337, 337),
        # 20 000 € in 2024: 469.57 € of tax; 457.58 of credits leave 11.99, less than 12.
        (457.56, 337, 337),
        (457.58, 561.68, 337),
    ],
)
def test_not_taxed_before_or_after_the_tax_credits(credits_impot, after, before):
    path = f"{LAW}.montant_forfaitaire.apres_credits_impot"
    foyer = {"rni": {"2024": 20_000}, "credits_impot": {"2024": credits_impot}}
    assert paid({}, "2026-01", {}, foyer) == after
    assert paid({path: {"2022-03-01": False}}, "2026-01", {}, foyer) == before


@pytest.mark.parametrize(("first", "amounts"), [(4, (0, 337, 337)), (5, (0, 0, 337))])
def test_the_month_in_which_the_limit_of_the_first_bracket_moves(first, amounts):
    """29 000 € in 2023: over 28 797 (incomes of 2023), under 29 315 (incomes of 2024)."""
    path = f"{LAW}.montant_forfaitaire.premier_mois_nouvelle_limite"
    foyer = {"rni": {"2023": 29_000}}
    for month, amount in zip(("2025-03", "2025-04", "2025-05"), amounts, strict=True):
        assert paid({path: {"2022-03-01": first}}, month, {}, foyer) == amount, month


def test_the_flat_rate_of_a_turnover():
    """Half of 1 200 € counts; without flat rate all of it does, and 2025-07 pays less.

    561.68 − 561.68 × 900 / 1 141.44 = 118.81.
    """
    path = f"{LAW}.ressources.abattement_micro_entreprise.bic"
    person = {"rpns_auto_entrepreneur_CA_bic": {"2025-06": 1200}}
    assert paid({}, "2025-07", person) == 414.06
    assert paid({path: {"2020-01-01": 0}}, "2025-07", person) == 118.81
