"""The routes of OpenFisca answer as OpenFisca does."""

import copy
import json
from typing import Any

import pytest
from samples import sample
from web.situations import situation

from openfisca_cej import situation_examples
from openfisca_cej.situation_examples import exemple

#: How long a step took is nobody's business, and never the same.
TIMES = ("calculation_time", "formula_time")


def post(client, route: str, document: dict):
    """Send the same bytes to both: OpenFisca's own client sorts keys."""
    return client.post(route, data=json.dumps(document), content_type="application/json")


@pytest.fixture(params=situation_examples.noms())
def example(request) -> dict:
    return exemple(request.param)


def test_calculate_answers_as_openfisca_on_the_examples(client, stock, example) -> None:
    ours = post(client, "/calculate", example)
    assert ours.status_code == 200, ours.get_data(as_text=True)
    assert ours.get_json() == post(stock, "/calculate", example).get_json()


def test_trace_answers_as_openfisca_on_the_examples(client, stock, example) -> None:
    ours = post(client, "/trace", example)
    assert ours.status_code == 200, ours.get_data(as_text=True)
    assert timeless(ours.get_json()) == timeless(post(stock, "/trace", example).get_json())


def timeless(answer: dict) -> dict:
    for step in answer["trace"].values():
        for key in TIMES:
            step.pop(key, None)
    return answer


@pytest.mark.parametrize("seed", sample(range(150), 5))
def test_calculate_answers_as_openfisca_on_drawn_situations(client, stock, system, seed) -> None:
    document = situation(system, seed)
    ours = post(client, "/calculate", document)
    assert ours.status_code == 200, ours.get_data(as_text=True)
    theirs = post(stock, "/calculate", document)
    assert theirs.status_code == 200, theirs.get_data(as_text=True)
    assert list(differences(ours.get_json(), theirs.get_json())) == []


def differences(ours: Any, theirs: Any):
    """Values that differ; a date is YYYY-MM-DD here, and an HTTP date (GMT) in OpenFisca's.

    An age that nobody gave is null here; OpenFisca counts it from 1970.
    """
    if isinstance(ours, dict):
        assert set(ours) == set(theirs)
        for key in ours:
            yield from differences(ours[key], theirs[key])
    elif ours is None:
        assert 50 <= theirs <= 60
    elif ours != theirs and not (isinstance(theirs, str) and theirs.endswith("GMT")):
        yield ours, theirs


def test_a_date_that_is_asked_is_written_as_it_is_given(client) -> None:
    document = {
        "individus": {
            "a": {"date_naissance": {"ETERNITY": "2004-03-01"}},
            "b": {"date_naissance": {"ETERNITY": None}},
        }
    }
    answer = post(client, "/calculate", document).get_json()
    assert answer["individus"]["b"]["date_naissance"] == {"ETERNITY": "1970-01-01"}


def test_what_never_changes_may_be_given_for_a_day(client, stock) -> None:
    document = exemple("jeune_seul")
    person = next(iter(document["individus"].values()))
    person["date_naissance"] = {"2024-11-03": "2004-03-01"}
    answers = [post(app, "/calculate", document).get_json() for app in (client, stock)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("seed", range(20))
def test_those_who_are_in_no_group_are_alone(client, stock, system, seed) -> None:
    """The core fails, or not, on such a situation; never on the same one with everyone placed."""
    document = situation(system, seed, whole=False)
    placed = copy.deepcopy(document)
    for entity in system.group_entities:
        instances = placed.get(entity.plural)
        if not instances:
            continue
        roles = [role.plural or role.key for role in entity.roles]
        members = [
            name for group in instances.values() for key in roles for name in group.get(key, ())
        ]
        for name in placed["individus"]:
            if name not in members:
                instances[name] = {roles[0]: [name]}
    ours = post(client, "/calculate", document).get_json()
    theirs = post(stock, "/calculate", placed).get_json()
    for plural, instances in ours.items():
        for name, instance in instances.items():
            found = list(differences(instance, theirs[plural][name]))
            assert found == []
    assert post(client, "/trace", document).status_code == 200


@pytest.mark.parametrize("route", ["/variables", "/parameters", "/entities", "/spec"])
def test_descriptions_are_those_of_openfisca(client, stock, route) -> None:
    ours, theirs = client.get(route), stock.get(route)
    assert ours.status_code == theirs.status_code == 200
    ours, theirs = ours.get_json(), theirs.get_json()
    if route == "/spec":
        for spec in (ours, theirs):
            timeless(spec["components"]["schemas"]["Trace"]["example"])
    assert ours == theirs


def test_each_variable_and_parameter_is_that_of_openfisca(client, stock) -> None:
    for many, one in (("/variables", "/variable"), ("/parameters", "/parameter")):
        for name in client.get(many).get_json():
            assert client.get(f"{one}/{name}").get_json() == stock.get(f"{one}/{name}").get_json()


def test_what_the_cej_does_not_read_is_left_and_named(client) -> None:
    document = exemple("jeune_seul")
    person = next(iter(document["individus"].values()))
    person["af_nbenf"] = {"2024-11": None}
    person["loyer"] = {"2024-11": 400}
    answer = post(client, "/calculate", document)
    assert answer.status_code == 200
    assert answer.headers["CEJ-Ignored-Variables"] == "af_nbenf, loyer"
    echoed = next(iter(answer.get_json()["individus"].values()))
    assert echoed["af_nbenf"] == {"2024-11": None}
    assert echoed["loyer"] == {"2024-11": 400}
    assert "CEJ-Ignored-Variables" not in post(client, "/calculate", exemple("jeune_seul")).headers


def test_the_only_group_may_be_written_under_its_own_name(client) -> None:
    document = exemple("famille_au_rsa")
    expected = post(client, "/calculate", document).get_json()
    short = {**document, "famille": next(iter(document["familles"].values()))}
    del short["familles"]
    answer = post(client, "/calculate", short).get_json()
    assert answer["individus"] == expected["individus"]
    assert answer["famille"] == next(iter(expected["familles"].values()))
