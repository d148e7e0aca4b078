"""Each amount of the allowance follows from the one before it and from the coefficient.

D5131-19 IV: every revaluation multiplies the amount *published before* (hence already rounded)
by the coefficient, and rounds to the nearest centime, half up. The published figures prove it:
for Mayotte in 2024 and 2025, an unrounded chain gives one centime less.
"""

import itertools
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

import openfisca_cej

PARAMETERS = Path(openfisca_cej.__file__).parent / "parameters" / "contrat_engagement_jeune"
LUMP_SUMS = PARAMETERS / "montant_forfaitaire"

COEFFICIENTS = {
    "2022-07-01": Fraction("1.04"),
    # The exact quotient of the yearly coefficient by the advance of July 2022 (law 2022-1158,
    # article 9, second paragraph), not the « 1.6 % » of the press.
    "2023-04-01": Fraction("1.056") / Fraction("1.04"),
    "2024-04-01": Fraction("1.046"),
    "2025-04-01": Fraction("1.017"),
    "2026-04-01": Fraction("1.008"),
}
DATES = ["2022-03-01", *COEFFICIENTS]
AMOUNTS = [
    f"{place}/{status}"
    for place in ("general", "mayotte")
    for status in ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
]


def read_values(path: Path) -> dict[str, Decimal]:
    """The dated values of a parameter file, as they are written."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {date: Decimal(value["value"]) for date, value in content["values"].items()}


def round_half_up(amount: Fraction) -> Decimal:
    """To the centime, exactly."""
    cents = Decimal((2 * 100 * amount + 1) // 2)
    return (cents / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize(("before", "date"), list(itertools.pairwise(DATES)))
def test_amount_follows_from_the_one_before(amount: str, before: str, date: str) -> None:
    values = read_values(LUMP_SUMS / f"{amount}.yaml")
    expected = round_half_up(Fraction(values[before]) * COEFFICIENTS[date])
    assert values[date] == expected


@pytest.mark.parametrize("amount", AMOUNTS)
def test_amount_changes_on_the_dates_of_revaluation_only(amount: str) -> None:
    assert list(read_values(LUMP_SUMS / f"{amount}.yaml")) == DATES


def test_coefficient_parameter_holds_the_coefficients() -> None:
    values = read_values(LUMP_SUMS / "revalorisation.yaml")
    assert list(values) == list(COEFFICIENTS)
    for date, coefficient in COEFFICIENTS.items():
        # A repeating decimal can only be written to the precision of a float.
        assert abs(Fraction(values[date]) - coefficient) < Fraction(1, 10**15), date


def test_first_tier_is_six_tenths_and_minors_four_tenths_at_creation() -> None:
    """D5131-19 I and III: 500, 300, 200 € and, in Mayotte, 285, 171, 114 €."""
    for place in ("general", "mayotte"):
        adult, first_bracket, minor = (
            read_values(LUMP_SUMS / place / f"{name}.yaml")["2022-03-01"]
            for name in ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
        )
        assert (first_bracket, minor) == (adult * 6 / 10, adult * 4 / 10)


@pytest.mark.parametrize(
    ("date", "rsa"),
    [
        ("2021-04-01", "565.34"),
        ("2022-04-01", "575.52"),
        ("2022-07-01", "598.54"),
        ("2023-04-01", "607.75"),
    ],
)
def test_garantie_jeunes_is_the_rsa_less_the_housing_flat_rate(date: str, rsa: str) -> None:
    """RSA of a single person less the flat rate for housing, which is 12 % of it."""
    values = read_values(PARAMETERS / "garantie_jeunes" / "montant.yaml")
    assert values[date] == round_half_up(Fraction(rsa) * Fraction("0.88"))
