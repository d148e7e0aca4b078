"""What holds for anyone is not computed again for each person, and is what is computed."""

import json

import pytest
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import period

from openfisca_cej import reforms, systems
from openfisca_cej.explain import read, render, situation, tree
from openfisca_cej.explain.anyone import alike, anyone
from openfisca_cej.explain.resources import is_resource
from openfisca_cej.explain.unknowns import other_values
from openfisca_cej.systems import model

MONTH = "2026-05"


@pytest.fixture
def system():
    """The law itself: of another nothing is known."""
    return model()


def alone(given=None, role="parents"):
    """Someone who is alone, with inputs by entity."""
    given = given or {}
    return {
        "individus": {"Lina": given.get("individu", {})},
        "familles": {"f": {role: ["Lina"], **given.get("famille", {})}},
        "foyers_fiscaux": {"ff": {"declarants": ["Lina"], **given.get("foyer_fiscal", {})}},
        "menages": {"m": {"personne_de_reference": ["Lina"], **given.get("menage", {})}},
    }


def written(variable):
    """A value of an input that is not its default, as a situation writes it."""
    if is_resource(variable):
        return 700
    value = other_values(variable)[-1]
    return value if variable.value_type in (bool, float, int, Enum) else str(value)


def inputs(system):
    """The inputs, each with the periods for which it is given and a value."""
    periods = {"month": (MONTH, "2026-04", "2025-12"), "year": ("2024",), "eternity": ("ETERNITY",)}
    for variable in system.variables.values():
        if not variable.formulas and (is_resource(variable) or other_values(variable)):
            when = periods[str(variable.definition_period)]
            yield variable, dict.fromkeys(when, written(variable))


def common(document, system, month=MONTH):
    """What a case has in common with anyone."""
    case = read(document, system)
    return alike(case, case.built.simulation, period(month))


def told(system, document, month=MONTH):
    """All that is told of a case, as JSON and as Markdown."""
    explanation = tree.explain(read(document, system), month, "Lina")
    return json.dumps(render.to_json(explanation)), render.to_markdown(explanation)


def test_whatever_is_given_is_told_as_if_nothing_was_known(system, monkeypatch):
    documents = [alone()]
    for variable, values in inputs(system):
        documents.append(alone({variable.entity.key: {variable.name: values}}))
        birth = {"date_naissance": {"ETERNITY": "2004-05-17"}}
        if variable.entity.is_person:
            documents.append(alone({"individu": {**birth, variable.name: values}}))
    valid = []
    for document in documents:
        try:
            read(document, system)
        except situation.InvalidSituation:
            continue
        valid.append(document)
    assert len(valid) > 100
    known = [told(system, document) for document in valid]
    monkeypatch.setattr(tree, "alike", lambda *case: None)
    for document, expected in zip(valid, known, strict=True):
        assert told(system, document) == expected


def test_what_rests_on_what_is_given_is_not_taken(system):
    born = alone({"individu": {"date_naissance": {"ETERNITY": "2004-05-17"}}})
    simulation = read(born, system).simulation(trace=True)
    shared = common(born, system)
    for name in ("cej_condition_age", "cej_eligibilite", "cej_allocation"):
        assert shared.take(simulation, name, period(MONTH)) is None
    ((tier,), behind) = shared.take(simulation, "cej_situation_fiscale", period(MONTH))
    assert tier == 0
    assert ("cej_impot_du", period(MONTH)) in behind


@pytest.mark.parametrize(
    ("document", "month"),
    [
        (alone(role="enfants"), MONTH),
        ({"individus": {"Lina": {}, "Tom": {}}}, MONTH),
        (alone(), "2022-02"),
        # The lump sum of April 2027 is not known: each case tells it.
        (alone(), "2027-05"),
    ],
)
def test_nothing_is_known_of_those_who_are_not_just_anyone(system, document, month):
    assert common(document, system, month) is None


def test_nothing_is_known_under_another_law(system):
    reformed = reforms.load("age_29")(system)
    assert common(alone(), reformed) is None


def test_what_a_value_is_made_of_is_told_wherever_it_was_computed_first(system):
    """The rank of a decision is read for its length, then for its rate, which is told before."""
    decision = {
        "cej_sanction_motif": {"2025-07": "manquement"},
        "cej_sanction_taux": {"2025-07": 1},
    }
    document = alone({"individu": {"age": {"2025-07": 20}, **decision}})
    explanation = tree.explain(read(document, system), "2025-07", "Lina")
    ranks = [one for one in explanation.root.all() if one.variable == "cej_sanction_rang_retenu"]
    assert [step.variable for step in ranks[0].steps] == [
        "cej_sanction_rang",
        "cej_sanction_motif",
    ]
    assert all(step.repeated for step in ranks[1:])


def test_the_months_of_two_years_asked_for_in_turn_are_worked_out_once():
    months = [period("2024-01").offset(rank) for rank in range(24)]
    known = [anyone(moment) for moment in months]
    assert [anyone(moment) for moment in months] == known


def test_what_is_remembered_of_a_system_does_not_grow_without_end(system, monkeypatch):
    monkeypatch.setattr(systems, "MOST", 3)
    worked_out = []
    double = systems.remembered(lambda system, rank: worked_out.append(rank) or 2 * rank)
    assert [double(system, rank) for rank in (0, 1, 2, 0, 3, 0)] == [0, 2, 4, 0, 6, 0]
    assert worked_out == [0, 1, 2, 3, 0]
