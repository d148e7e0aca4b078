"""Month by month as one by one; and a case written as a test that passes."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml_cases
from click.testing import CliRunner

from openfisca_cej import situation_examples
from openfisca_cej.cli import main
from openfisca_cej.explain import situation as situations
from openfisca_cej.explain.case import case
from openfisca_cej.explain.overpaid import overpaid
from openfisca_cej.explain.timeline import timeline


def changes(document, first, months, **options):
    """What changed, by month."""
    rows = timeline(document, first, months, **options)
    return {str(row.month): row.changes for row in rows if row.changes}


def test_the_timeline_gives_the_amounts_of_separate_months(system):
    tried = 0
    for found in yaml_cases.cases(system)[::15]:
        try:
            whole = situations.read(found.document, system)
        except situations.InvalidSituation:
            continue
        if not found.months or found.months[0] < "2022-03":
            continue
        rank = whole.persons.index(found.person)
        for row in timeline(whole, found.months[0], 6, found.person):
            alone = whole.simulation().calculate("cej_allocation", row.month)[rank]
            assert row.amount == alone, (found.name, row.month)
            tried += 1
    assert tried > 150


def test_what_changed_is_told():
    told = changes(situation_examples.exemple("sanction_bareme_2022"), "2023-01", 15)
    assert told["2023-01"] == ("signature du contrat le 16 janvier 2023",)
    assert told["2023-04"] == (
        "montant forfaitaire revalorisé : 520,00\u00a0€ → 528,00\u00a0€",
        "sanction : 25 % de l'allocation retenus",
    )
    assert told["2023-05"] == ("fin de la sanction",)
    ended = "fin du contrat : signé le 16 janvier 2023, fin le 15 janvier 2024, mois entier"
    assert told["2024-02"] == (ended,)
    assert set(told) == {"2023-01", "2023-04", "2023-05", "2023-06", "2023-07", "2024-02"}


@pytest.mark.parametrize(("first", "early"), [("2022-02", True), ("2022-03", False)])
def test_months_before_the_law_are_said_to_owe_nothing(first, early):
    alone = situation_examples.DOSSIER / "jeune_seul.json"
    said = "avant le 1er mars 2022"
    rows = timeline(alone, first, 2)
    assert [said in " ".join(row.changes) for row in rows] == [early, False]
    assert (said in overpaid(alone, alone, first, 2).sentence) == early


def test_birthdays_jobs_training_suspensions_and_exclusions_are_told():
    document = {
        "individus": {
            "Ana": {
                "date_naissance": {"ETERNITY": "2007-02-15"},
                "cej_date_signature": {"ETERNITY": "2024-12-02"},
                "salaire_net": {"2025-03": 600},
                "revenus_stage_formation_pro": {"2025-05": 100},
                "indemnites_volontariat": {"2025-07": 620},
            }
        },
        "familles": {"f": {"parents": ["Ana"], "rsa": {"2025-09": 300}}},
    }
    told = changes(document, "2025-02", 9)
    assert told["2025-03"] == ("majorité atteinte au premier du mois",)
    assert any("ressources en partie déduites : 0,00" in text for text in told["2025-04"])
    training = "ressources déduites : 0,00\u00a0€ → 100,00\u00a0€ (revenus de stage de formation"
    assert told["2025-06"] == (f"{training} professionnelle)",)
    assert any(text.startswith("allocation suspendue") for text in told["2025-07"])
    assert told["2025-08"] == ("fin de la suspension",)
    assert told["2025-09"][0].startswith("le RSA exclut l'allocation")
    assert told["2025-10"] == ("fin de l'exclusion (RSA)",)


def test_the_age_limit_ends_the_contract():
    document = {
        "individus": {
            "Ali": {
                "date_naissance": {"ETERNITY": "1999-05-20"},
                "cej_date_signature": {"ETERNITY": "2025-02-03"},
            }
        }
    }
    rows = {str(row.month): row for row in timeline(document, "2025-04", 4)}
    # The month of the 26th birthday is still due (R5131-25, I).
    assert rows["2025-05"].amount == 561.68
    assert not rows["2025-06"].running
    assert "limite d'âge atteinte" in rows["2025-06"].changes[0]


@pytest.mark.parametrize("months", [0, 121])
def test_a_timeline_has_a_reasonable_length(months):
    with pytest.raises(ValueError, match="give from 1 to 120"):
        timeline({"individus": {"a": {}}}, "2025-01", months)


def test_a_case_is_a_test_that_passes(tmp_path):
    for name in situation_examples.noms():
        document = situation_examples.exemple(name)
        person = next(iter(document["individus"]))
        month = sorted(document["individus"][person]["cej_allocation"])[-1]
        (tmp_path / f"{name}.yaml").write_text(case(document, month, person), encoding="utf-8")
    # A failing of July 2025 under the scale of 2022, which is still the law of this reform.
    example = Path(situation_examples.__file__).parent / "sanction_bareme_2025.json"
    arguments = ["case", str(example), "--month", "2025-08", "--reform", "sanctions_2022"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "reform.yaml")])
    assert done.exit_code == 0, done.output
    assert "openfisca_cej.reforms.sanctions_2022" in (tmp_path / "reform.yaml").read_text()
    command = [sys.executable, "-c", "from openfisca_core.scripts.openfisca_command import main;"]
    command[-1] += "import sys; sys.exit(main())"
    ran = subprocess.run(
        [*command, "test", "--country-package", "openfisca_cej", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert f"{len(situation_examples.noms()) + 1} passed" in ran.stdout


def test_a_name_of_several_lines_is_refused():
    person = {"date_naissance": {"ETERNITY": "2004-03-01"}}
    with pytest.raises(situations.InvalidSituation):
        case({"individus": {"Ada\nLovelace: # x": person}}, "2026-11")


def test_a_case_holds_its_articles_and_a_wrong_value_would_fail(tmp_path):
    text = case(situation_examples.exemple("premiere_tranche_avec_salaire"), "2024-11", "Karim")
    assert "# Montant de l'allocation avant" in text
    assert "LEGIARTI000045202291" in text
    assert "cej_allocation: 244.28" in text
