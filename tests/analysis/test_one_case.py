"""One situation under the law and under a reform."""

import pytest

from openfisca_cej.analysis.one_case import compared
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.situation import InvalidSituation, read
from openfisca_cej.population.months import month_number, month_period
from openfisca_cej.reforms import load, reform
from openfisca_cej.situation_examples import exemple
from openfisca_cej.systems import model

JANUARY = month_period(month_number("2026-01"))


def situation(*births: str):
    persons = {"ab"[rank]: {"date_naissance": {"ETERNITY": b}} for rank, b in enumerate(births)}
    return read({"individus": persons}, model())


def test_the_amounts_are_those_of_the_law_and_of_the_reform():
    """561.68 € for an adult without tax since April 2025 (D5131-19); none at 27, unless till 29."""
    found = compared(situation("2005-05-05", "1998-05-05"), load("age_29"), JANUARY, 2)
    assert [(due.person, due.month, due.before, due.after) for due in found.dues] == [
        ("a", "2026-01", 561.68, 561.68),
        ("a", "2026-02", 561.68, 561.68),
        ("b", "2026-01", 0, 561.68),
        ("b", "2026-02", 0, 561.68),
    ]
    assert found.curves == ()
    assert "contrat_engagement_jeune.public.age_maximum" in {one.path for one in found.changes}


def test_the_curves_are_those_of_each_law():
    raised = reform(
        {
            "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable": {
                "2026-01-01": 600
            }
        }
    )
    case = situation("2005-05-05")
    before, after = compared(case, raised, JANUARY, 1, "a", draw=True).curves
    assert before == curve(case, JANUARY, "a")
    assert float(after.allowance([0])[0]) == 600


def test_a_curve_is_of_one_person():
    with pytest.raises(InvalidSituation):
        compared(situation("2005-05-05", "1998-05-05"), load("age_29"), JANUARY, 1, draw=True)


def test_what_a_reform_does_to_others_is_nothing():
    whole = read(exemple("jeune_seul"), model())
    twice = [compared(whole, load("montants_rsa"), JANUARY, 1).dues for _ in range(2)]
    assert twice[0] == twice[1]
    assert compared(whole, load("age_29"), JANUARY, 1).dues[0].before == twice[0][0].before
