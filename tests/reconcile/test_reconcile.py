"""What would have to be true for another amount: values worked out by hand from the articles."""

import copy
import json

import pytest
from click.testing import CliRunner
from openfisca_core.periods import period

from openfisca_cej.cli import main
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.tree import explain
from openfisca_cej.reconcile import reconcile
from openfisca_cej.systems import model

#: The case told to the State's simulator: 552 € shown, 331.37 € paid (betagouv/aides-jeunes, 4731).
ATTACHED = {
    "individus": {
        "Zoé": {
            "date_naissance": {"ETERNITY": "2003-05-10"},
            "cej_date_signature": {"ETERNITY": "2024-09-10"},
        },
        "Mère": {"date_naissance": {"ETERNITY": "1975-01-01"}},
    },
    "familles": {"f": {"parents": ["Mère"], "enfants": ["Zoé"]}},
    "foyers_fiscaux": {"ff": {"declarants": ["Mère"], "personnes_a_charge": ["Zoé"]}},
    "menages": {"m": {"personne_de_reference": ["Mère"], "enfants": ["Zoé"]}},
}


def kinds(answer):
    """The families of each solution."""
    return [tuple(change.family for change in one.changes) for one in answer.solutions]


def test_the_first_answer_to_552_said_and_331_37_paid_is_the_first_bracket():
    answer = reconcile(ATTACHED, "2024-11", 331.37, "Zoé")
    assert (answer.due, answer.status, answer.count) == (552.29, "one", 1)
    (change,) = answer.solutions[0].changes
    assert change.settings[0][0] == "cej_situation_fiscale"
    assert change.settings[0][2] == "premiere_tranche"
    assert "première tranche" in change.fr
    assert "first bracket" in change.en
    assert [one.number for one in answer.articles(change)] == ["D5131-19"]


@pytest.mark.parametrize(
    ("signed", "month", "due", "paid", "family"),
    [
        # D5131-19, I: the amounts of the tier below and of a minor; III: of Mayotte.
        ("2025-03-10", "2025-04", 561.68, 337.00, "tier"),
        ("2025-03-10", "2025-04", 561.68, 224.68, "age"),
        ("2025-03-10", "2025-04", 561.68, 320.15, "place"),
        # R5131-18: a quarter less: 528 × 3/4. R5412-1: 30 % less: 561.68 × 0.7 = 393.176.
        ("2023-01-10", "2023-04", 528.00, 396.00, "sanction"),
        ("2025-03-10", "2025-07", 561.68, 393.18, "sanction"),
        # The amount of March 2025, before the revaluation of April.
        ("2025-03-10", "2025-04", 561.68, 552.29, "revaluation"),
        # The SMIC of before June: 566.17 ÷ (0.8 × 1823.03 − 300) = 0.488742; 566.17 − 300 of it.
        ("2026-03-10", "2026-06", 423.87, 419.55, "revaluation"),
        # Two months at once: 2 × 552.29.
        ("2024-06-10", "2024-11", 552.29, 1104.58, "shift"),
        # R5131-24, I: no allowance with the RSA.
        ("2024-06-10", "2024-11", 552.29, 0.00, "benefit"),
    ],
)
def test_one_change_gives_the_amount_to_the_centime(young, signed, month, due, paid, family):
    document = young(signed, salaire_net={"2026-05": 600})
    answer = reconcile(document, month, paid)
    assert (answer.due, answer.status) == (due, "one")
    assert (family,) in kinds(answer)
    assert all(one.amount == paid for one in answer.solutions)
    assert answer.count == len(answer.solutions)


def test_the_likeliest_comes_first(young):
    answer = reconcile(young("2025-03-10"), "2025-04", 552.29)
    # The old amount and the payment of March are the same euros.
    assert kinds(answer) == [("revaluation",), ("shift",)]


def test_the_wage_of_another_month_is_found(young):
    # 552.29 − 0.483854 × (600 − 300) = 407.13 (D5131-23, 2°: 552.29 ÷ (0.8 × 1801.80 − 300)).
    document = young("2024-06-10", salaire_net={"2024-10": 0, "2024-09": 600, "2024-08": 450})
    answer = reconcile(document, "2024-11", 407.13)
    (change,) = answer.solutions[0].changes
    assert change.settings == (("salaire_net", (period("2024-10"),), 600),)
    assert "septembre 2024" in change.fr
    assert [one.number for one in answer.articles(change)] == ["R5131-22, 1°"]


def test_the_wages_of_two_months_may_have_been_counted_together(young):
    # 552.29 − 0.483854 × (900 − 300) = 261.98.
    document = young("2024-06-10", salaire_net={"2024-10": 500, "2024-09": 400})
    (change,) = reconcile(document, "2024-11", 261.98).solutions[0].changes
    assert change.settings == (("salaire_net", (period("2024-10"),), 900),)
    assert "d'octobre 2024 et de septembre 2024 ensemble" in change.fr


@pytest.mark.parametrize(
    ("paid", "families"),
    [
        # D5131-19, III, in force since April 2026; I, in force until then.
        (193.64, ("tier", "place")),
        (337.00, ("tier", "revaluation")),
        (320.15, ("revaluation", "place")),
    ],
)
def test_two_changes_of_the_lump_sum_go_together(young, paid, families):
    answer = reconcile(young("2026-05-10"), "2026-11", paid)
    assert (answer.status, kinds(answer)[0]) == ("two", families)


def test_what_keeps_an_allowance_comes_before_the_payment_of_another_month(young):
    disabled = young("2024-06-10", date_naissance={"ETERNITY": "1996-05-10"})
    disabled = reconcile(disabled, "2024-11", 552.29)
    assert disabled.solutions[0].changes[0].about == "rqth"
    document = young("2024-06-10")
    document["familles"] = {"f": {"parents": ["Inès"], "rsa": {"2024-11": 600}}}
    about = [one.changes[0].about for one in reconcile(document, "2024-11", 552.29).solutions]
    assert about[:3] == ["rsa", "cej_personne_a_charge", "cej_forclusion"]


def test_a_wage_that_was_given_may_not_have_been_counted_or_whole(young):
    document = young("2024-06-10", salaire_net={"2024-10": 400})
    # 552.29 − 0.483854 × 100 = 503.90 as given; 552.29 − 400 = 152.29 in whole (R5131-21).
    assert reconcile(document, "2024-11", 503.90).status == "same"
    whole = reconcile(document, "2024-11", 152.29)
    assert kinds(whole) == [("resources",)]
    settings = whole.solutions[0].changes[0].settings
    assert {name: value for name, _, value in settings} == {"salaire_net": 0, "chomage_net": 400}
    assert ("resources",) in kinds(reconcile(document, "2024-11", 552.29))


def test_what_was_given_and_closes_the_allowance_may_not_have_been_counted(young):
    document = young("2024-06-10", cej_rang_manquement={"2024-10": 1})
    answer = reconcile(document, "2024-11", 552.29)  # 414.22 with the failing: 552.29 × 3/4
    assert answer.due == 414.22
    assert ("sanction",) in kinds(answer)


def test_two_changes_are_looked_for_when_no_single_one_will_do(young):
    # The first bracket and a first failing: 316.80 × 3/4 = 237.60.
    answer = reconcile(young("2023-01-10"), "2023-04", 237.60)
    assert answer.status == "two"
    assert ("tier", "sanction") in kinds(answer)
    assert "Aucun changement" in answer.sentence()
    assert answer.tried > 500


def test_nothing_found_is_said_with_the_nearest_amounts_and_those_that_are_free(young):
    answer = reconcile(young("2024-06-10"), "2024-11", 407.13)
    assert (answer.status, answer.solutions, answer.count) == ("none", [], 0)
    # 414.22 (a first failing) is the nearest of the single changes.
    assert 414.22 in [one.amount for one in answer.nearest]
    assert 552.29 not in [one.amount for one in answer.nearest], "what changes nothing is no change"
    gaps = [abs(one.amount - 407.13) for one in answer.nearest]
    assert gaps == sorted(gaps)
    free = {one.about: (one.low, one.high) for one in answer.free}
    # From 407.125 to 407.135: wages from 300 + 145.155 ÷ 0.483854 to 300 + 145.165 ÷ 0.483854.
    assert free["salaire_net"] == (600.00, 600.01)
    # 552.29 − 407.13, deducted in whole, or withheld.
    assert free["chomage_net"] == free["cej_trop_percu_autonomie"] == (145.16, 145.16)


def test_the_gross_of_the_wage_that_was_given_is_recognised(young):
    # A net wage of 500 €; 632 € counted: 552.29 − 0.483854 × 332 = 391.65.
    document = young("2024-06-10", salaire_net={"2024-10": 500})
    told = reconcile(document, "2024-11", 391.65).free[0]
    assert told.low <= 632 <= told.high
    assert "de l'ordre du brut des 500,00\u00a0€ nets" in told.fr
    assert "gross" in told.en


def test_a_suspension_that_is_no_tenth_is_solved_for(young):
    # 561.68 × (1 − 0.35) = 365.092.
    free = reconcile(young("2025-03-10"), "2025-07", 365.09).free
    assert [one.low for one in free if one.about == "cej_sanction_levee"] == [0.35]


def test_each_change_gives_the_amount_when_it_is_written_in_the_situation(young):
    document = young("2024-06-10")
    plurals = {entity.key: entity.plural for entity in model().entities}
    checked = 0
    for one in reconcile(document, "2024-11", 0).solutions:
        written = copy.deepcopy(document)
        for group, role in (("familles", "parents"), ("foyers_fiscaux", "declarants")):
            written[group] = {"g": {role: ["Inès"]}}
        written["menages"] = {"g": {"personne_de_reference": ["Inès"]}}
        for name, moments, value in one.changes[0].settings:
            variable = model().variables[name]
            instances = written[plurals[variable.entity.key]]
            eternal = str(variable.definition_period) == "eternity"
            plain = value if isinstance(value, bool | int | float) else str(value)
            instance = next(iter(instances.values()))
            instance[name] = {"ETERNITY" if eternal else str(when): plain for when in moments}
        simulation = read(written, model()).simulation()
        assert simulation.calculate("cej_allocation", period("2024-11"))[0] == 0, one
        checked += 1
    assert checked > 10


def test_no_sentence_says_who_is_wrong(young):
    answers = [reconcile(young("2024-06-10"), "2024-11", paid) for paid in (0, 331.37, 407.13)]
    for answer in answers:
        for language in ("fr", "en"):
            text = " ".join(answer.lines(language)).lower()
            for word in ("erreur", "à tort", "aurait dû", "wrong", "mistake", "should have"):
                assert word not in text
    assert "ni qui a raison" in " ".join(answers[0].lines())


def test_what_is_asked_is_checked(young):
    document = young("2024-06-10")
    for words, why in (
        (("2022-02", 10), "the first month is 2022-03"),
        (("2024-11", -1), "0 € or more"),
        (("2024-11", float("nan")), "0 € or more"),
        (("2024-11", 10, "Léo"), "Léo"),
    ):
        with pytest.raises(ValueError, match=why):
            reconcile(document, *words)


def test_an_unknown_age_is_tried_on_both_sides_of_eighteen_all_year_round(young):
    document = young("2024-02-10")
    del document["individus"]["Inès"]["date_naissance"]
    for month in ("2024-03", "2024-11"):
        (unknown,) = (
            one
            for one in explain(document, month).answer.unknowns
            if one.variable == "date_naissance"
        )
        amounts = {"2024-03": (211.20, 528.00), "2024-11": (220.92, 552.29)}[month]
        assert set(amounts) <= set(unknown.amounts)


def test_the_command_tells_the_changes_and_their_articles(tmp_path):
    file = tmp_path / "situation.json"
    file.write_text(json.dumps(ATTACHED), encoding="utf-8")
    words = ["reconcile", str(file), "--month", "2024-11", "--person", "Zoé"]
    told = CliRunner().invoke(main, ["--lang", "fr", *words, "--paid", "331.37"])
    assert told.exit_code == 0, told.output
    assert "1. le foyer fiscal était imposable, chaque part dans la première tranche" in told.stdout
    told = CliRunner().invoke(main, ["--lang", "en", *words, "--paid", "331.37"])
    assert "1. the tax household paid income tax, with every part within the first" in told.stdout
    told = CliRunner().invoke(main, [*words, "--paid", "331.37", "--format", "json"])
    answer = json.loads(told.stdout)
    assert answer == reconcile(ATTACHED, "2024-11", 331.37, "Zoé").to_json()
    assert answer["solutions"][0]["changes"][0]["articles"][0]["number"] == "D5131-19"
    assert answer["fr"] != answer["en"]
    told = CliRunner().invoke(main, ["--lang", "fr", *words, "--paid", "331,37 €"])
    assert "première tranche" in told.stdout, "read as the page reads it"
    for wrong in ("-1", "nan", "abc", "20000", "331.375"):
        told = CliRunner().invoke(main, [*words, "--paid", wrong])
        assert told.exit_code == 2, told.output
    told = CliRunner().invoke(main, [*words[:3], "2022-01", "--person", "Zoé", "--paid", "1"])
    assert told.exit_code == 2
    assert "the first month is 2022-03" in told.output
