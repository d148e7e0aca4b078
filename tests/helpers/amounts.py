"""The amounts that a yearly revaluation changes: where they are written, how they are rounded."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import yaml

import openfisca_cej

PARAMETERS = Path(openfisca_cej.__file__).resolve().parent / "parameters"
LUMP_SUMS = "contrat_engagement_jeune/montant_forfaitaire"
COEFFICIENT = f"{LUMP_SUMS}/revalorisation"
GARANTIE_JEUNES = "contrat_engagement_jeune/garantie_jeunes/montant"
MINIMA = "prestations_sociales/solidarite_insertion/minima_sociaux/rsa"
RSA = f"{MINIMA}/rsa_m/montant_de_base_du_rsa"
HOUSING = f"{MINIMA}/rsa_fl/taux_1_personne"
AMOUNTS = [
    f"{LUMP_SUMS}/{place}/{status}"
    for place in ("general", "mayotte")
    for status in ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
]


def read_values(parameters: Path, name: str) -> dict[str, Decimal]:
    """The dated values of a parameter file, as they are written."""
    text = (parameters / f"{name}.yaml").read_text(encoding="utf-8")
    content = yaml.load(text, Loader=yaml.BaseLoader)
    return {date: Decimal(value["value"]) for date, value in content["values"].items()}


def round_half_up(amount: Fraction) -> Decimal:
    """To the centime, exactly."""
    return Decimal((2 * 100 * amount + 1) // 2) / 100


def in_force(values: dict[str, Decimal], date: str) -> Fraction:
    """The value on a day."""
    return Fraction(values[max(one for one in values if one <= date)])


def path(name: str) -> str:
    """Where a parameter is written."""
    return f"openfisca_cej/parameters/{name}.yaml"
