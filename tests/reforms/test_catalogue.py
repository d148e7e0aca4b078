"""The ready-made reforms: their values are derived again, and OpenFisca's tools take them."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from openfisca_core.simulations import SimulationBuilder
from openfisca_web_api.app import create_app

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem, reforms

PACKAGE = Path(openfisca_cej.__file__).parent
PARAMETERS = PACKAGE / "parameters"
RSA = PARAMETERS / "prestations_sociales/solidarite_insertion/minima_sociaux/rsa"


def dated(path: Path) -> dict[str, Fraction]:
    """The values of a parameter file, exactly as they are written."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {day: Fraction(value["value"]) for day, value in content["values"].items()}


def written(name: str, end: str) -> dict[str, Fraction]:
    """The values that a ready-made reform gives to the parameter whose path has this end."""
    text = (PACKAGE / "reforms" / f"{name}.yaml").read_text(encoding="utf-8")
    content = yaml.load(text, Loader=yaml.BaseLoader)["parameters"]
    (values,) = (values for path, values in content.items() if path.endswith(end))
    return {day: Fraction(value) for day, value in values.items()}


def astray(name: str, end: str, expected: dict[str, Fraction]) -> list[str]:
    """What to write, and where, for the reform to have these values."""
    file, found = PACKAGE / "reforms" / f"{name}.yaml", written(name, end)
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(rank for rank, line in enumerate(lines, 1) if line.endswith(f"{end}:"))
    return [
        f"openfisca_cej/reforms/{name}.yaml:{at}: {end} on {day}: write "
        f"{'nothing' if value is None else float(value)}"
        for day in sorted(expected | found)
        if (value := expected.get(day)) != found.get(day)
    ]


def to_the_centime(amount: Fraction) -> Fraction:
    cents = Decimal(amount.numerator) * 100 / Decimal(amount.denominator)
    return Fraction(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP)) / 100


def test_the_amounts_follow_from_the_rsa():
    """RSA of one person less 12 %, then 0.6 and 0.4 of it, as 300 and 200 are of 500."""
    (flat_rate,) = dated(RSA / "rsa_fl/taux_1_personne.yaml").values()
    rsa = dated(RSA / "rsa_m/montant_de_base_du_rsa.yaml")
    rsa = {day: value for day, value in rsa.items() if day >= "2022-03-01"}
    first = {day: to_the_centime(value * (1 - flat_rate)) for day, value in rsa.items()}
    parts = {".majeur_non_imposable": "1", ".majeur_premiere_tranche": "0.6", ".mineur": "0.4"}
    wrong = []
    for end, ratio in parts.items():
        expected = {day: to_the_centime(value * Fraction(ratio)) for day, value in first.items()}
        wrong += astray("montants_rsa", end, expected)
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_amounts_of_the_rsa_are_never_less_than_those_of_the_law():
    """What « raised » means, and why the reform starts in April 2022: 0.88 × 565.34 < 500."""
    law = dated(
        PARAMETERS
        / "contrat_engagement_jeune/montant_forfaitaire/general/majeur_non_imposable.yaml"
    )
    for day, amount in written("montants_rsa", ".majeur_non_imposable").items():
        assert amount > law[max(date for date in law if date <= day)]
    before = dated(RSA / "rsa_m/montant_de_base_du_rsa.yaml")["2021-04-01"]
    assert before * Fraction("0.88") < law["2022-03-01"]


def test_the_disregard_follows_the_smic():
    smic = dated(PARAMETERS / "marche_travail/salaire_minimum/smic/smic_b_mensuel.yaml")
    march_2022 = smic["2022-01-01"]
    expected = {
        day: to_the_centime(300 * value / march_2022)
        for day, value in smic.items()
        if day > "2022-03-01"
    }
    wrong = astray("abattement_indexe", ".abattement", expected)
    assert not wrong, "\n" + "\n".join(wrong)


def test_each_reform_has_its_cases():
    """What it does is shown by cases that bear its name."""
    folder = Path(__file__).parent / "cas"
    missing = [
        f"openfisca_cej/reforms/{name}.yaml: write its cases in tests/reforms/cas/{name}.yaml"
        for name in reforms.catalogue()
        if not (folder / f"{name}.yaml").exists()
    ]
    assert not missing, "\n" + "\n".join(missing)


def test_each_reform_is_told():
    untold = [line for entry in reforms.catalogue().values() for line in missing_of(entry)]
    assert not untold, "\n" + "\n".join(untold)
    for name, entry in reforms.catalogue().items():
        made = reforms.reform(name)
        assert made.title == entry.title
        assert " ".join(made.description.split()) == entry.description
    description, *others = missing_of(reforms.Entry("essai", "Essai", "", "Trop court.", []))
    assert description == "openfisca_cej/reforms/essai.yaml: write « description: »"
    assert len(others) == 2


def missing_of(entry: reforms.Entry) -> list[str]:
    """What the file of a ready-made reform does not tell."""
    links = [item["href"] for item in entry.references]
    told = {
        "title:": entry.title,
        "description:": entry.description,
        "rationale:": len(entry.rationale.split()) > 20,
        "references:": links and all(link.startswith("https://") for link in links),
    }
    file, more = f"openfisca_cej/reforms/{entry.name}.yaml", {"rationale:": " (21 words or more)"}
    return [f"{file}: write « {key} »{more.get(key, '')}" for key in told if not told[key]]


@pytest.mark.parametrize("name", reforms.catalogue())
def test_the_web_api_serves_each_reform(name):
    """By its path, as « openfisca serve --reforms » does."""
    system = CountryTaxBenefitSystem().apply_reform(f"openfisca_cej.reforms.{name}")
    client = create_app(system).test_client()
    assert client.get("/spec").status_code == 200
    assert client.get("/variables").status_code == 200
    body = {
        "individus": {
            "a": {
                "date_naissance": {"ETERNITY": "2003-01-01"},
                "cej_allocation": {"2025-06": None},
            }
        }
    }
    answer = client.post("/calculate", json=body).get_json()
    here = SimulationBuilder().build_from_entities(system, body)
    (amount,) = here.calculate("cej_allocation", "2025-06")
    assert answer["individus"]["a"]["cej_allocation"]["2025-06"] == amount
    assert name != "montants_rsa" or amount == 568.94


def test_what_is_not_ready_made_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'age_92'"):
        reforms.age_92  # noqa: B018
