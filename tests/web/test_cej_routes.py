"""The routes under /cej give what the functions behind them give."""

import json

import dated_values
import pytest
import yaml
from openfisca_core.periods import period

from openfisca_cej import situation_examples
from openfisca_cej.explain import render
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.resources import UNLISTED, resources, search
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.timeline import timeline
from openfisca_cej.explain.tree import explain
from openfisca_cej.reconcile import reconcile
from openfisca_cej.situation_examples import exemple

KARIM = exemple("premiere_tranche_avec_salaire")
ABOUT = "month=2024-11&person=Karim"


def test_explain_gives_the_explanation_in_json(client, system) -> None:
    answer = client.post(f"/cej/explain?{ABOUT}", json=KARIM)
    assert answer.status_code == 200
    expected = render.to_json(explain(read(KARIM, system), "2024-11", "Karim", system=system))
    assert answer.get_json() == json.loads(json.dumps(expected))


def test_explain_names_another_variable_and_takes_what_is_missing_as_nil(client) -> None:
    answer = client.post(f"/cej/explain?{ABOUT}&variable=cej_montant_forfaitaire", json=KARIM)
    assert answer.get_json()["root"]["variable"] == "cej_montant_forfaitaire"
    answer = client.post(f"/cej/explain?{ABOUT}&complete=true", json=KARIM)
    assert answer.get_json()["answer"] is None


FORMS = {
    "application/json": "{",
    "text/html": "<!doctype html>",
    "text/markdown": "# Karim, novembre 2024",
}


@pytest.mark.parametrize("media_type", FORMS)
def test_explain_answers_in_the_form_that_is_accepted_or_asked(client, media_type) -> None:
    for query, accept in (("", media_type), (f"&format={media_type.split('/')[1]}", "*/*")):
        answer = client.post(f"/cej/explain?{ABOUT}{query}", json=KARIM, headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.mimetype == media_type
        assert answer.get_data(as_text=True).lower().startswith(FORMS[media_type].lower())
        assert "Accept" in answer.headers["Vary"]


def test_explain_is_in_json_for_those_who_say_nothing(client) -> None:
    answer = client.post(f"/cej/explain?{ABOUT}", json=KARIM, headers={"Accept": "image/png"})
    assert answer.mimetype == "application/json"


def test_the_page_is_self_contained_and_escapes_what_was_sent(client) -> None:
    document = {"individus": {"<script>alert(1)</script>": {"salaire_net": {"2024-10": 1}}}}
    answer = client.post("/cej/explain?month=2024-11&format=html", json=document)
    page = answer.get_data(as_text=True)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_missing_gives_the_bounds_and_the_next_question(client) -> None:
    answer = client.post(f"/cej/missing?{ABOUT}", json=KARIM).get_json()
    whole = client.post(f"/cej/explain?{ABOUT}", json=KARIM).get_json()
    assert answer["answer"] == whole["answer"]
    assert answer["headline"] == whole["headline"]
    assert answer["next"] == whole["answer"]["missing"][0]
    assert answer["answer"]["low"] < answer["answer"]["high"]


def test_missing_says_when_there_is_nothing_to_say(client) -> None:
    answer = client.post("/cej/missing?month=2021-11&person=Karim", json=KARIM).get_json()
    assert answer["answer"] is None
    assert answer["next"] is None


def test_timeline_gives_each_month(client, system) -> None:
    answer = client.post(f"/cej/timeline?{ABOUT}&months=3", json=KARIM).get_json()
    expected = timeline(KARIM, "2024-11", 3, "Karim", system)
    assert answer == [{**due.to_json(), "remarks": []} for due in expected]
    assert [due["month"] for due in answer] == ["2024-11", "2024-12", "2025-01"]
    assert len(client.post(f"/cej/timeline?{ABOUT}", json=KARIM).get_json()) == 12


def test_case_is_a_yaml_test_of_what_calculate_gives(client) -> None:
    answer = client.post(f"/cej/case?{ABOUT}", json=KARIM)
    assert answer.mimetype == "application/yaml"
    (test,) = yaml.safe_load(answer.get_data(as_text=True))
    calculated = client.post("/calculate", json=KARIM).get_json()
    amount = calculated["individus"]["Karim"]["cej_allocation"]["2024-11"]
    assert test["output"]["individus"]["Karim"]["cej_allocation"] == amount


def test_who_is_meant_must_be_clear(client) -> None:
    document = {"individus": {"a": {}, "b": {}}}
    answer = client.post("/cej/explain?month=2024-11", json=document)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/individus"


@pytest.mark.parametrize("name", situation_examples.noms())
def test_every_example_is_explained(client, name) -> None:
    document = exemple(name)
    for person, instance in document["individus"].items():
        for month in instance.get("cej_allocation", {}):
            answer = client.post(f"/cej/explain?month={month}&person={person}", json=document)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            assert json.loads(answer.get_data(), parse_constant=pytest.fail)["month"] == month


def test_health_and_version(client) -> None:
    assert client.get("/cej/health").get_json() == {"status": "ok"}
    versions = client.get("/cej/version").get_json()
    assert set(versions) == {"openfisca-cej", "openfisca-core"}
    assert versions["openfisca-core"].split(".")[0] in ("44", "45", "46")


ADDRESSES = ["/cej/health", "/spec", "/variables", "/openapi.json", "/nope", "/cej/docs", "/"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_headers_keep_browsers_safe_and_open_the_api_to_all(client, path) -> None:
    headers = client.get(path, headers={"Origin": "https://example.org"}).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] in ("*", "https://example.org")
    assert headers["Country-Package-Version"]
    assert "Set-Cookie" not in headers


def test_answers_to_what_was_sent_are_not_kept_by_caches(client) -> None:
    for path in ("/calculate", "/trace", f"/cej/explain?{ABOUT}"):
        headers = client.post(path, json=KARIM).headers
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers


# Another amount.


def test_reconcile_gives_what_would_have_to_be_true_and_reads_to_the_centime(client, system):
    expected = reconcile(read(KARIM, system), "2024-11", 552.29, "Karim").to_json()
    for paid in ("552.29", "552.2899", "552,29", "5.5229e2"):
        told = client.post(f"/cej/reconcile?{ABOUT}&paid={paid}", json=KARIM).get_json()
        assert told == json.loads(json.dumps({**expected, "remarks": []}))
    assert told["due"] != told["paid"]
    assert told["solutions"][0]["changes"]


# The curve.


def test_the_curve_is_that_of_explain(client, system) -> None:
    answer = client.post(f"/cej/curve?{ABOUT}", json=KARIM)
    expected = curve(read(KARIM, system), "2024-11", "Karim").to_json()
    assert answer.get_json() == {**expected, "remarks": []}
    drawn = client.post(f"/cej/curve?{ABOUT}&variable=chomage_net&max=400.5", json=KARIM).get_json()
    assert (drawn["variable"], drawn["maximum"]) == ("chomage_net", 400.5)


CURVES = {
    "csv": ("text/csv", "ressource,allocation,total,taux_marginal\n0.00,331.37,331.37,"),
    "svg": ("image/svg+xml", "<svg xmlns="),
    "json": ("application/json", '{"version":"1","month":"2024-11","person":"Karim"'),
}


@pytest.mark.parametrize("form", CURVES)
def test_the_curve_has_three_forms(client, form) -> None:
    media_type, beginning = CURVES[form]
    for query, accept in ((f"&format={form}", "*/*"), ("", media_type)):
        answer = client.post(f"/cej/curve?{ABOUT}{query}", json=KARIM, headers={"Accept": accept})
        assert answer.mimetype == media_type
        assert answer.get_data(as_text=True).startswith(beginning)
    if form == "svg":  # its style is in it
        assert "style-src 'unsafe-inline'" in answer.headers["Content-Security-Policy"]


def test_an_allowance_that_jumps_everywhere_has_no_curve(client, monkeypatch) -> None:
    monkeypatch.setattr("openfisca_cej.explain.curve.MOST_KINKS", 0)
    answer = client.post(f"/cej/curve?{ABOUT}", json=KARIM)
    assert answer.status_code == 422
    assert answer.get_json()["detail"].startswith("la courbe ne peut pas être tracée")


# A reform beside.

FIRST_BRACKET = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_premiere_tranche"
REFORM = {"title": "Cinq cents", "parameters": {FIRST_BRACKET: {"2024-12-01": 500}}}


def compare(client, query: str, reform: dict = REFORM, situation: dict = KARIM):
    body = {"situation": situation, "reform": reform}
    return client.post(f"/cej/compare?{query}", json=body)


def test_compare_gives_what_is_due_before_and_after(client) -> None:
    """A pay of 600 € in October counts in November; in December there is none."""
    answer = compare(client, f"{ABOUT}&months=2").get_json()
    # 331.37 − (600 − 300) × 331.37 / (80 % of the gross SMIC of November 2024, 1 801.80 € − 300)
    expected = [("2024-11", 244.28, 244.28, 0), ("2024-12", 331.37, 500, 168.63)]
    names = ("month", "before", "after", "change")
    assert answer["amounts"] == [
        {"person": "Karim", **dict(zip(names, values, strict=True)), "frozen": []}
        for values in expected
    ]
    assert answer["title"] == "Cinq cents"
    first = answer["changes"][0]
    assert (first["path"], first["start"]) == (FIRST_BRACKET, "2024-12-01")
    assert (first["before"], first["after"]) == (331.37, 500)
    assert first["sentence"].startswith("Du 1er décembre 2024 au 31 mars 2025, ")
    assert answer["curve"] is None


def test_answers_tell_the_values_that_the_law_has_moved_since(client) -> None:
    """The amounts are out of date in the second month; a reform that writes them knows them."""
    first = period(dated_values.next_move(FIRST_BRACKET)[:7]).last_month
    case = {
        "individus": {
            "A": {
                "date_naissance": {"ETERNITY": f"{first.start.year - 20}-01-02"},
                "cej_date_signature": {"ETERNITY": f"{first}-01"},
                "cej_situation_fiscale": {
                    str(first.offset(more)): "premiere_tranche" for more in (0, 1)
                },
            }
        }
    }
    start = "Majeur, première tranche : la dernière valeur connue"
    new = {"parameters": {FIRST_BRACKET: {f"{first.offset(1)}-01": 500}}}
    for reform in ({}, new):
        amounts = compare(client, f"month={first}&months=2", reform, case).get_json()["amounts"]
        assert amounts[0]["frozen"] == []
        (sentence,) = amounts[1]["frozen"]  # that of the law, before
        assert sentence.startswith(start)
    for more, expected in ((0, 0), (1, 1)):
        for path in ("missing", "curve"):
            query = f"month={first.offset(more)}"
            told = client.post(f"/cej/{path}?{query}", json=case).get_json()["frozen"]
            assert len([one for one in told if one.startswith(start)]) == expected


def test_compare_tells_of_everyone_and_draws_both_curves(client) -> None:
    answer = compare(client, "month=2024-12&months=1&curve=true").get_json()
    assert [due["person"] for due in answer["amounts"]] == ["Karim", "Mère", "Père"]
    sides = [answer["curve"][side]["segments"][0]["amount_from"] for side in ("before", "after")]
    assert sides == [331.37, 500]
    alone = client.post("/cej/curve?month=2024-12", json=KARIM).get_json()
    assert {**answer["curve"]["before"], "remarks": []} == alone


def test_compare_takes_switches_and_a_reform_of_nothing(client) -> None:
    """A slope of one half: 331.37 − (600 − 300) / 2."""
    answer = compare(client, f"{ABOUT}&months=1", {"switches": ["bareme_lineaire(0.5)"]}).get_json()
    assert answer["amounts"][0]["after"] == 181.37
    assert answer["changes"][0]["path"] == "cej_coefficient_degressivite"
    nothing = compare(client, f"{ABOUT}&months=1", {}).get_json()
    assert nothing["changes"] == []
    assert nothing["amounts"][0]["change"] == 0


def test_a_reform_leaves_the_law_of_the_others_as_it_is(client) -> None:
    before = client.post("/calculate", json=KARIM).get_json()
    compare(
        client, f"{ABOUT}&months=12&curve=true", {"parameters": {FIRST_BRACKET: {"2022-03-01": 1}}}
    )
    assert client.post("/calculate", json=KARIM).get_json() == before


# The dictionary of resources.


def test_resources_are_those_of_explain(client, system) -> None:
    every = client.get("/cej/resources").get_json()
    assert every == [one.to_json() for one in resources(system)]
    found = client.get("/cej/resources?words=arret+maladie&month=2024-11").get_json()
    assert [
        one.to_json("2024-11-01") for one in search(resources(system), "arret maladie")
    ] == found
    assert found[0]["treatments"][0]["article"] == "R5131-22, 4°"
    (unlisted,) = client.get("/cej/resources?words=zzz").get_json()
    assert unlisted["label"] == UNLISTED
    assert unlisted["treatments"][0]["article"] == "R5131-20, II"
