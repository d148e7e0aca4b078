"""Situations as a simulator of social benefits sends them to OpenFisca-France are read unchanged.

The documents (tests/france/situations) have their shape: the person « demandeur », groups called
« _ », the parents who declare the taxes, the same values for the month and three months back,
twelve months of resources, dozens of variables that the CEJ does not read, outputs left null.
"""

import copy
import json
from pathlib import Path

import pytest

from openfisca_cej.explain.situation import InvalidSituation, read
from openfisca_cej.explain.tree import explain

FOLDER = Path(__file__).resolve().parents[1] / "france" / "situations"
MONTH = "2024-11"

#: Worked out from the articles: 552.29 € not taxed, 331.37 € in the first bracket, a coefficient
#: of F ÷ (0.8 × 1 801.80 − 300).
AMOUNTS = {
    # RSA received by the couple (R5131-24, I).
    "couple_au_rsa": 0,
    # Parents at 20 800 € by part: 331.37 − (612.40 − 300) × 331.37 ÷ 1 141.44.
    "rattache_aux_parents": 240.68,
    # 552.29 − 150.50 − (700 − 300) × 552.29 ÷ 1 141.44.
    "seul_avec_salaire": 208.25,
}


def document(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", AMOUNTS)
def test_it_is_read_unchanged_and_explained(system, name):
    situation = read(FOLDER / f"{name}.json", system)
    assert situation.main_person() == "demandeur"
    explanation = explain(situation, MONTH)
    assert explanation.person == "demandeur"
    assert explanation.amount == AMOUNTS[name]


def test_the_notice_of_two_years_ago_holds_and_is_told(system):
    told = explain(read(FOLDER / "rattache_aux_parents.json", system), MONTH)
    assert any("dernier avis donné, sur les revenus de 2022" in text for text in told.remarks)
    assert told.answer is not None
    assert told.answer.status != "certain"


def test_there_is_a_document_for_each_amount():
    assert {file.stem for file in FOLDER.glob("*.json")} == AMOUNTS.keys()


@pytest.mark.parametrize("name", AMOUNTS)
def test_what_is_not_read_is_set_aside_and_told(system, name):
    situation = read(document(name), system)
    ignored = {path.rsplit("/", 1)[1] for path in situation.ignored}
    assert {"loyer", "rfr", "sous_contrat_engagement_jeune"} <= ignored
    assert not ignored & system.variables.keys()
    [told] = [text for text in explain(situation, MONTH).remarks if text.startswith("Non lu")]
    assert "loyer" in told
    remarks = " ".join(explain(situation, MONTH).remarks)
    assert "statut_marital" in remarks  # set aside, or read as a couple


@pytest.mark.parametrize(("code", "amount"), [("97611", 314.80), ("76540", 552.29)])
def test_the_municipality_tells_mayotte(system, code, amount):
    changed = document("seul_avec_salaire")
    del changed["individus"]["demandeur"]["salaire_net"]
    del changed["individus"]["demandeur"]["chomage_net"]
    changed["menages"]["_"]["depcom"] = {MONTH: code}
    situation = read(changed, system)
    assert "/menages/_/depcom" not in situation.ignored
    assert explain(situation, MONTH).amount == amount


def test_mayotte_given_prevails_over_the_municipality(system):
    changed = document("seul_avec_salaire")
    changed["menages"]["_"] |= {"depcom": {MONTH: "97611"}, "residence_mayotte": {MONTH: False}}
    situation = read(changed, system)
    home = situation.document["menages"]["_"]
    assert home["residence_mayotte"] == {MONTH: False}
    assert home["residence_guyane"] == home["residence_reunion"] == {MONTH: False}
    assert "/menages/_/depcom" not in situation.ignored
    for place in ("guadeloupe", "martinique", "reunion", "guyane"):
        changed["menages"]["_"][f"residence_{place}"] = {MONTH: False}
    assert "/menages/_/depcom" in read(changed, system).ignored


@pytest.mark.parametrize(
    ("code", "place"),
    [
        *(("97105", "guadeloupe"), ("97209", "martinique"), ("97302", "guyane")),
        *(("97411", "reunion"), ("97611", "mayotte"), ("75114", None), ("2A004", None)),
    ],
)
def test_the_municipality_tells_the_place_that_the_tax_depends_on(system, code, place):
    changed = document("seul_avec_salaire")
    changed["menages"]["_"]["depcom"] = {MONTH: code}
    home = read(changed, system).document["menages"]["_"]
    places = {name: value for name, value in home.items() if name.startswith("residence_")}
    assert places == {
        f"residence_{name}": {MONTH: name == place}
        for name in ("guadeloupe", "martinique", "guyane", "reunion", "mayotte")
    }


def test_a_fault_of_the_municipality_is_told_once(system):
    changed = document("seul_avec_salaire")
    changed["menages"]["_"]["depcom"] = {"2024-13": "97411"}
    with pytest.raises(InvalidSituation) as refused:
        read(changed, system)
    assert len(refused.value.faults) == 1


@pytest.mark.parametrize("value", ["976", {MONTH: 97611}, {MONTH: None}])
def test_a_municipality_that_is_no_code_is_set_aside(system, value):
    changed = document("seul_avec_salaire")
    changed["menages"]["_"]["depcom"] = value
    assert "/menages/_/depcom" in read(changed, system).ignored


def test_a_misspelt_name_is_still_refused(system):
    changed = document("seul_avec_salaire")
    changed["individus"]["demandeur"]["salaire_nett"] = {MONTH: 1}
    with pytest.raises(InvalidSituation, match="did you mean « salaire_net »"):
        read(changed, system)


@pytest.mark.parametrize("activity", ["actif", "chomeur", "etudiant", "retraite", "inactif"])
def test_the_activities_of_openfisca_france_are_read(system, activity):
    changed = document("seul_avec_salaire")
    changed["individus"]["demandeur"]["activite"] = {MONTH: activity}
    assert (explain(changed, MONTH).amount == 0) is (activity == "etudiant")


@pytest.mark.parametrize(
    "written",
    ["2024", "year:2024", "month:2024-01:12", "month:2023-11:12", "month:2024-10", "2024-10"],
)
def test_the_periods_of_openfisca_france_are_read(system, written):
    months = 1 if written.endswith("2024-10") else 12
    changed = document("seul_avec_salaire")
    changed["individus"]["demandeur"]["salaire_net"] = {written: 700 * months}
    assert explain(changed, MONTH).amount == AMOUNTS["seul_avec_salaire"]


def test_the_birth_date_prevails_over_the_age_of_the_day(system):
    """Eighteen on the 15th: on the day of the request, not on the first of the month."""
    changed = document("seul_avec_salaire")
    person = changed["individus"]["demandeur"]
    del person["salaire_net"], person["chomage_net"]
    born = copy.deepcopy(changed)
    born["individus"]["demandeur"]["date_naissance"] = {MONTH: "2006-11-15"}
    born["individus"]["demandeur"]["age"] = {MONTH: 18}
    assert explain(born, MONTH).amount == 220.92


def test_a_turnover_of_the_year_is_not_read_and_what_to_give_is_told(system):
    changed = document("seul_avec_salaire")
    changed["individus"]["demandeur"]["rpns_micro_entreprise_CA_bnc_imp"] = {"2024": 12_000}
    situation = read(changed, system)
    assert "/individus/demandeur/rpns_micro_entreprise_CA_bnc_imp" in situation.ignored
    [told] = [note.fr for note in situation.notes if "micro_entreprise" in note.path]
    assert "rpns_auto_entrepreneur_CA_bnc" in told
    del changed["individus"]["demandeur"]["rpns_micro_entreprise_CA_bnc_imp"]
    assert not [note for note in read(changed, system).notes if "micro" in note.path]
