"""Bad requests are refused with a problem: where, what, in two languages, and never a 500."""

import json
import logging
import time

import pytest

from openfisca_cej.situation_examples import exemple
from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits

PATIENCE = 30  # seconds: a loaded machine must not fail the test

SITUATIONS = (
    "/calculate",
    "/trace",
    "/cej/explain?month=2024-11",
    "/cej/missing?month=2024-11",
    "/cej/curve?month=2024-11",
)


def with_values(**values) -> dict:
    person = {"date_naissance": {"ETERNITY": "2004-03-01"}, "cej_allocation": {"2024-11": None}}
    return {"individus": {"Inès": {**person, **values}}}


def problem(answer, *statuses: int) -> dict:
    """The problem in an answer, checked against what RFC 9457 and this project ask of it."""
    assert answer.status_code in statuses, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    content = json.loads(answer.get_data(), parse_constant=pytest.fail)
    assert content["status"] == answer.status_code
    for key in ("type", "title", "title_en", "detail", "detail_en"):
        assert content[key]
    assert content["detail"] != content["detail_en"]
    for error in content["errors"]:
        assert error["detail"]
        assert error["detail_en"]
        assert error["pointer"] == "" or error["pointer"].startswith("/")
    return content


def at(variable: str, period: str, value) -> tuple[dict, str]:
    """A situation with this value, and where it is."""
    return with_values(**{variable: {period: value}}), f"/individus/Inès/{variable}/{period}"


def beside(**groups) -> dict:
    """A situation with these groups."""
    return {**with_values(), **groups}


MONTHS = {f"2024-{month:02d}": 100 for month in range(1, 13)}

INCONSISTENT = {
    "a list as a value": at("salaire_net", "2024-10", [600]),
    "an object as a value": at("salaire_net", "2024-10", {}),
    "a value without period": (with_values(salaire_net=600), "/individus/Inès/salaire_net"),
    "a year asked of a month": at("cej_eligibilite", "2024", None),
    "a year asked of a shared value": at("salaire_net", "2024", None),
    "a day asked of a month": at("cej_eligibilite", "2024-11-03", None),
    "a month asked of a year": (
        beside(foyers_fiscaux={"f": {"declarants": ["Inès"], "rni": {"2023-01": None}}}),
        "/foyers_fiscaux/f/rni/2023-01",
    ),
    "an empty name": ({"individus": {"": {"cej_allocation": {"2024-11": None}}}}, "/individus/"),
    "a name on two lines": ({"individus": {"a\n- b": {}}}, "/individus/a\n- b"),
    "axes": (beside(axes=[[{"name": "salaire_net", "count": 3, "min": 0, "max": 9}]]), "/axes"),
    "axes that are null": (beside(axes=None), "/axes"),
    "year 0001": at("cej_eligibilite", "0001-01", None),
    "year 9999": at("cej_eligibilite", "9999-12", None),
    "nothing": ({}, "/individus"),
    "nobody": ({"individus": {}}, "/individus"),
    "a list": ([], ""),
    "null": (None, ""),
    "a rank out of reach": at("cej_situation_fiscale", "2024-11", 999),
    "a negative rank": at("cej_situation_fiscale", "2024-11", -1),
    "an expression": at("salaire_net", "2024-10", "1+1"),
    "a text for a number": at("salaire_net", "2024-10", "600"),
    "a boolean for a number": at("salaire_net", "2024-10", True),
    "a number without end": at("salaire_net", "2024-10", 10**400),
    "a number for a date": at("cej_date_signature", "ETERNITY", 2024),
    "no such date": at("cej_date_signature", "ETERNITY", "2024-02-30"),
    "half a unit": at("cej_rang_manquement", "2024-11", 1.5),
    "an unknown person": (beside(familles={"f": {"enfants": ["Ines"]}}), "/familles/f/enfants"),
    "a person twice": (
        beside(familles={"f": {"enfants": ["Inès", "Inès"]}}),
        "/familles/f/enfants",
    ),
    "eleven years at once": at("salaire_net", "year:2015:11", 9000),
    "a total that is not the sum": (
        with_values(salaire_net={"2024": 9000, **MONTHS}),
        None,
    ),
}


@pytest.mark.parametrize("route", SITUATIONS)
@pytest.mark.parametrize("name", INCONSISTENT)
def test_an_inconsistent_situation_is_refused_where_it_is(client, route, name) -> None:
    document, where = INCONSISTENT[name]
    body = json.dumps(document)  # « json=None » would send nothing
    content = problem(client.post(route, data=body, content_type="application/json"), 422)
    if where is not None:
        assert where in [error["pointer"] for error in content["errors"]]


def test_the_nearest_name_is_told(client) -> None:
    document = with_values(salaire_nett={"2024-10": 600})
    error = problem(client.post("/calculate", json=document), 422)["errors"][0]
    assert error["nearest"] == "salaire_net"
    assert error["code"] == "unknown-variable"
    assert "vouliez-vous dire « salaire_net »" in error["detail"]
    assert "did you mean « salaire_net »" in error["detail_en"]
    content = problem(client.post("/cej/explain?mont=2024-11", json=with_values()), 422)
    assert content["errors"][0]["nearest"] == "month"


def test_every_fault_is_told(client) -> None:
    document = with_values(salaire_net={"2024-10": "a", "2024-11": "b"}, inconnue={"2024": 1})
    assert len(problem(client.post("/calculate", json=document), 422)["errors"]) == 3


def test_a_name_may_hold_a_slash(client) -> None:
    for name in ("a/b", "~", "a//b", "/"):
        document = {"individus": {name: with_values()["individus"]["Inès"]}}
        for route in SITUATIONS:
            assert client.post(route, json=document).status_code == 200, (name, route)
        document["individus"][name]["salaire_net"] = {"2024-10": "x"}
        pointer = problem(client.post("/calculate", json=document), 422)["errors"][0]["pointer"]
        escaped = name.replace("~", "~0").replace("/", "~1")
        assert pointer == f"/individus/{escaped}/salaire_net/2024-10"


UNREADABLE = {
    "nothing": b"",
    "not JSON": b"{",
    "NaN": b'{"individus": {"a": {"salaire_net": {"2024-10": NaN}}}}',
    "Infinity": b'{"individus": {"a": {"salaire_net": {"2024-10": -Infinity}}}}',
    "a key twice": b'{"individus": {"a": {}, "a": {}}}',
    "not UTF-8": '{"individus": {"Inès": {}}}'.encode("latin-1"),
    "half a character": b'{"individus": {"\\ud800": {}}}',
    "too deep": b'{"individus": ' + b'{"a": ' * 30 + b"1" + b"}" * 31,
    "much too deep": b"[" * 200_000,
    "five thousand digits": b'{"individus": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("route", SITUATIONS)
@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_body_is_refused(client, route, name) -> None:
    problem(client.post(route, data=UNREADABLE[name], content_type="application/json"), 400)


def test_a_number_that_overflows_is_refused(client) -> None:
    body = b'{"individus": {"a": {"salaire_net": {"2024-10": 1e999}}}}'
    problem(client.post("/calculate", data=body, content_type="application/json"), 422)


OTHER_TYPES = [None, "text/plain", "application/x-www-form-urlencoded", "json"]


@pytest.mark.parametrize("route", [*SITUATIONS, "/cej/batch?months=2024-11"])
@pytest.mark.parametrize("media_type", OTHER_TYPES)
def test_another_type_of_content_is_refused(client, route, media_type) -> None:
    problem(client.post(route, data=b"{}", content_type=media_type), 415)


def test_a_compressed_body_is_refused(client) -> None:
    answer = client.post("/calculate", json=with_values(), headers={"Content-Encoding": "gzip"})
    problem(answer, 415)


def test_a_body_over_the_limit_is_refused(system) -> None:
    client = create_app(system, Limits(body=500)).test_client()
    body = json.dumps(exemple("premiere_tranche_avec_salaire")).encode()
    assert len(body) > 500
    for route in SITUATIONS:
        problem(client.post(route, data=body, content_type="application/json"), 413)
    assert client.post("/calculate", json=with_values()).status_code == 200


def test_the_body_is_limited_to_5_mb_by_default(client) -> None:
    body = b" " * 5_000_001
    problem(client.post("/calculate", data=body, content_type="application/json"), 413)
    problem(client.post("/calculate", data=body[1:], content_type="application/json"), 400)


def test_persons_periods_and_values_are_limited(system) -> None:
    client = create_app(system, Limits(persons=2, traced=1, periods=2, values=12)).test_client()
    persons = {name: {"cej_allocation": {"2024-11": None}} for name in "abc"}
    problem(client.post("/calculate", json={"individus": persons}), 422)
    del persons["c"]
    assert client.post("/calculate", json={"individus": persons}).status_code == 200
    problem(client.post("/trace", json={"individus": persons}), 422)
    asked = {f"2024-{month:02d}": None for month in (1, 2, 3)}
    problem(client.post("/calculate", json={"individus": {"a": {"cej_allocation": asked}}}), 422)
    for months, status in ((12, 200), (13, 422)):
        given = {"salaire_net": {f"month:2024-01:{months}": 1000}}
        answer = client.post("/calculate", json={"individus": {"a": given}})
        assert answer.status_code == status


def test_limits_come_from_the_environment() -> None:
    assert Limits.of({"OPENFISCA_CEJ_BODY": "1000"}) == Limits(body=1000)
    assert Limits.of({}) == Limits()
    for text in ("0", "-1", "x", "1.5", ""):
        with pytest.raises(ValueError, match="OPENFISCA_CEJ_ROWS"):
            Limits.of({"OPENFISCA_CEJ_ROWS": text})


def test_thousands_of_faults_are_told_quickly(client) -> None:
    """A hostile document: each unknown name has its nearest looked for, which is slow."""
    names = {f"salaire_net_{rank}": {"2024-10": 1} for rank in range(50_000)}
    content = problem(client.post("/calculate", json={"individus": {"a": names}}), 422)
    assert len(content["errors"]) == 100
    twice = "{" + ",".join(f'"{rank % 50_000}": 1' for rank in range(100_000)) + "}"
    problem(client.post("/calculate", data=twice, content_type="application/json"), 400)
    long = {"x" * 1_000_000: {"2024-10": 1}}
    answer = client.post("/calculate", json={"individus": {"a": long}})
    problem(answer, 422)
    assert len(answer.get_data()) < 10_000


def test_a_result_that_is_no_number_is_refused(client) -> None:
    """A nil divisor given in place of what is computed."""
    document = with_values(cej_ecart_degressivite={"2024-11": 0}, salaire_net={"2024-10": 300})
    document["individus"]["Inès"]["cej_coefficient_degressivite"] = {"2024-11": None}
    content = problem(client.post("/calculate", json=document), 422)
    assert content["errors"][0]["pointer"].startswith("/individus/Inès/cej_")
    problem(client.post("/trace", json=document), 422)


NOWHERE = ["/nope", "/variable/nope", "/parameter/nope", "/cej/docs/nope", "/variable/%00"]


@pytest.mark.parametrize("path", NOWHERE)
def test_an_unknown_address_is_a_problem(client, path) -> None:
    problem(client.get(path), 404)


def test_a_slash_too_many_leads_to_no_other_site(client) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": "//example.org/"})
    assert answer.headers.get("Location", "/").startswith("/")
    assert not answer.headers.get("Location", "/").startswith("//")


REFUSED = [("get", "/calculate"), ("delete", "/variables"), ("put", "/cej/batch")]


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_another_method_is_a_problem(client, method, path) -> None:
    answer = getattr(client, method)(path)
    problem(answer, 405)
    assert answer.headers["Allow"]


BAD_QUERIES = [
    "",
    "month=2024-13",
    "month=0001-01",
    "month=2024",
    "month=2024-11&month=2024-12",
    "month=2024-11&variable=rni",
    "month=2024-11&variable=cej_alocation",
    "month=2024-11&complete=oui",
    "month=2024-11&format=pdf",
    "month=2024-11&person=Ines",
    "month=2024-11&x=1",
]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_a_bad_parameter_is_refused(client, query) -> None:
    problem(client.post(f"/cej/explain?{query}", json=with_values()), 422)


FORFAIT = "contrat_engagement_jeune.montant_forfaitaire.general.mineur"

#: Reforms that are wrong, and where.
BAD_REFORMS = {
    "an unknown parameter": ({"parameters": {FORFAIT + "s": {"2024-01-01": 1}}}, f"/{FORFAIT}s"),
    "a group of parameters": ({"parameters": {"marche_travail": {}}}, "/marche_travail"),
    "no such date": ({"parameters": {FORFAIT: {"2024-13-01": 1}}}, f"/{FORFAIT}/2024-13-01"),
    "a text for a number": (
        {"parameters": {FORFAIT: {"2024-01-01": "1"}}},
        f"/{FORFAIT}/2024-01-01",
    ),
    "too many values": (
        {
            "parameters": {
                FORFAIT: {f"2024-0{m}-{d:02d}": d for m in (1, 3, 5, 7) for d in range(1, 31)}
            }
        },
        "",
    ),
    "parameters in a list": ({"parameters": [FORFAIT]}, ""),
}


@pytest.mark.parametrize("name", BAD_REFORMS)
def test_a_bad_reform_is_refused_where_it_is(client, name) -> None:
    reform, where = BAD_REFORMS[name]
    body = {"situation": with_values(), "reform": reform}
    (error,) = problem(client.post("/cej/compare?month=2024-11", json=body), 422)["errors"]
    assert error["pointer"] == f"/reform/parameters{where}"


BAD_BODIES = {
    "a situation alone": (with_values(), ["/individus", "/situation", "/reform"]),
    "a list": ([], [""]),
    "a name of a reform": ({"situation": with_values(), "reform": "age_29"}, ["/reform"]),
    "a path": ({"situation": with_values(), "reform": "/etc/passwd"}, ["/reform"]),
    "a key too many": ({"situation": with_values(), "reform": {}, "reforms": {}}, ["/reforms"]),
    "a long reform": ({"situation": {}, "reform": {"title": "é" * 20_000}}, ["/reform"]),
    "faults on both sides": (
        {"situation": with_values(salaire_net=1), "reform": {"switches": ["x"], "titre": "x"}},
        ["/situation/individus/Inès/salaire_net", "/reform/titre", "/reform/switches/0"],
    ),
    "several persons": (
        {"situation": {"individus": {"a": {}, "b": {}}}, "reform": {}},
        ["/situation/individus"],
    ),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_comparison_is_refused_where_it_is(client, name) -> None:
    body, where = BAD_BODIES[name]
    answer = client.post("/cej/compare?month=2024-11&curve=true", json=body)
    assert [error["pointer"] for error in problem(answer, 422)["errors"]] == where


def test_a_reform_of_many_unknown_names_is_told_quickly(client) -> None:
    """A hostile reform: the nearest of each name is looked for, which is slow."""
    names = {f"montant_forfaitaire.general.majeur_{rank}": {} for rank in range(100)}
    body = {"situation": with_values(), "reform": {"parameters": names}}
    begin = time.monotonic()
    content = problem(client.post("/cej/compare?month=2024-11", json=body), 422)
    assert len(content["errors"]) == 100
    assert time.monotonic() - begin < PATIENCE


BAD_ADDRESSES = [
    "/cej/curve?month=2021-12",
    "/cej/curve?month=2024-11&variable=salaire",
    "/cej/curve?month=2024-11&variable=rni",
    "/cej/curve?month=2024-11&max=0",
    "/cej/reconcile?month=2024-11",
    "/cej/reconcile?month=2021-12&paid=10",
    "/cej/reconcile?month=2024-11&paid=-1",
    "/cej/reconcile?month=2024-11&paid=10001",
    "/cej/reconcile?month=2024-11&paid=nan",
    "/cej/curve?month=2024-11&max=20001",
    "/cej/curve?month=2024-11&max=nan",
    "/cej/curve?month=2024-11&max=1e9",
    "/cej/curve?month=2024-11&max=٣٠٠",
    "/cej/compare?month=2024-11&months=121",
    "/cej/compare?month=2024-11&person=Ines",
    "/cej/compare?month=2024-11&curve=1",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_bad_parameter_of_a_curve_or_a_comparison_is_refused(client, address) -> None:
    body = with_values() if "curve?" in address else {"situation": with_values(), "reform": {}}
    problem(client.post(address, json=body), 422)


@pytest.mark.parametrize("query", ["mots=are", "month=2021-01", "words=" + "a" * 201, "month=x"])
def test_a_bad_search_of_resources_is_refused(client, query) -> None:
    problem(client.get(f"/cej/resources?{query}"), 422)


def test_a_fault_of_ours_is_told_without_what_was_sent(system, caplog) -> None:
    app = create_app(system, Limits())
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken() -> None:
        raise ZeroDivisionError("Inès 1234.56")

    app.view_functions["calculate"] = broken
    with caplog.at_level(logging.DEBUG):
        content = problem(app.test_client().post("/calculate", json=with_values()), 500)
    assert "Inès" not in json.dumps(content, ensure_ascii=False)
    assert "ZeroDivisionError" in caplog.text
    assert "test_bad_input.py" in caplog.text
    assert "Inès" not in caplog.text
    assert "1234" not in caplog.text
