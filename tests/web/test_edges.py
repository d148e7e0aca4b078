"""What is around an answer: its address, its headers, its size, its cells."""

import csv
import gzip
import io
import json

import pytest

from openfisca_cej.situation_examples import exemple
from openfisca_cej.web.address import public_address
from openfisca_cej.web.app import create_app
from openfisca_cej.web.batch import harmless
from openfisca_cej.web.lanes import ASIDE, LARGE, QUICK, lane_of
from openfisca_cej.web.limits import Limits

EVIL = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example",
}
ABOUT_THE_LAW = ["/spec", "/openapi.json", "/variables", "/parameters", "/", "/nope", "/cej/docs"]
CASE = json.dumps(exemple("jeune_seul"))


@pytest.mark.parametrize("path", ABOUT_THE_LAW)
def test_what_a_request_says_of_the_address_is_not_repeated(client, path) -> None:
    answer = client.get(path, headers=EVIL)
    assert "evil" not in answer.get_data(as_text=True) + str(answer.headers)
    assert "https://localhost" not in answer.get_data(as_text=True)


def test_the_address_that_was_told_is_in_answers(system) -> None:
    client = create_app(system, Limits(), "https://cej.example.org").test_client()
    here = {"url": "https://cej.example.org"}
    for path in ("/spec", "/openapi.json"):
        assert client.get(path, headers=EVIL).get_json()["servers"] == [here]
    href = client.get("/variables").get_json()["age"]["href"]
    assert href == "https://cej.example.org/variable/age"


@pytest.mark.parametrize("text", ["cej.example.org", "ftp://a", "https://a/b", "https://a b", "x"])
def test_an_address_that_is_none_is_told(text) -> None:
    with pytest.raises(ValueError, match="is not an address such as"):
        public_address({"OPENFISCA_CEJ_ADDRESS": text})
    assert public_address({}) == ""
    assert public_address({"OPENFISCA_CEJ_ADDRESS": "http://[::1]:5000/"}) == "http://[::1]:5000"


def test_a_final_slash_changes_nothing(client) -> None:
    plain, slashed = (
        client.post(path, data=CASE, content_type="application/json")
        for path in ("/calculate", "/calculate/")
    )
    assert slashed.status_code == 200
    assert slashed.get_json() == plain.get_json()
    elsewhere = client.get("/", environ_overrides={"PATH_INFO": "//evil.example/"})
    assert elsewhere.status_code == 404
    assert "Location" not in elsewhere.headers


@pytest.mark.parametrize("path", [*ABOUT_THE_LAW, "/cej/health", "/cej/page/page.css", "/analyse"])
def test_every_answer_says_whether_it_may_be_kept(client, path) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"]
    assert "Accept-Encoding" in headers["Vary"]
    if path in ("/", "/nope", "/cej/health", "/analyse"):
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/calculate", "/cej/explain", "/variables", "/cej/health"])
def test_the_methods_that_are_announced_are_those_that_answer(client, path) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    headers = client.options(path, headers=asked).headers
    announced = {name.strip() for name in headers["Access-Control-Allow-Methods"].split(",")}
    assert announced == {name.strip() for name in headers["Allow"].split(",")}
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"):
        refused = client.open(path, method=method).status_code == 405
        assert refused == (method not in announced)


def test_long_answers_are_sent_smaller_to_those_who_can_read_them_so(client) -> None:
    plain = client.get("/openapi.json")
    small = client.get("/openapi.json", headers={"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.get_data()) == plain.get_data()
    assert int(small.headers["Content-Length"]) == len(small.get_data()) < len(plain.get_data()) / 4
    refused = client.get("/openapi.json", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_an_answer_has_a_largest_size(system) -> None:
    client = create_app(system, Limits(answer=100)).test_client()
    answer = client.post("/calculate", data=CASE, content_type="application/json")
    assert answer.status_code == 413
    assert "(limit answer)" in answer.get_json()["detail_en"]
    assert client.get("/cej/health").status_code == 200


@pytest.mark.parametrize(
    ("limits", "path", "body", "media_type", "name"),
    [
        ({"asked": 1}, "/calculate", '{"a": [null, null]}', "application/json", "asked"),
        ({"steps": 0}, "/trace", CASE, "application/json", "steps"),
        ({"given": 5}, "/cej/batch?months=2024-11", "a,b,c\n1,2,3\n1,2,3", "text/csv", "given"),
        ({"given": 5}, "/cej/batch?months=2024-11", '{"a":1,"b":1,"c":1}\n{}', "ndjson", "given"),
        ({"cells": 1}, "/cej/batch?months=2024-11:2024-12", "{}", "ndjson", "cells"),
        ({"faults": 1}, "/cej/batch?months=2024-11", "\n".join("[]" * 11), "ndjson", "faults"),
    ],
)
def test_what_is_over_a_limit_is_refused_with_its_name(
    system, limits, path, body, media_type, name
) -> None:
    client = create_app(system, Limits(**limits)).test_client()
    media_type = media_type.replace("ndjson", "application/x-ndjson", 1)
    answer = client.post(path, data=body, content_type=media_type)
    assert answer.status_code in (413, 422)
    assert f"(limit {name})" in answer.get_json()["detail_en"]
    assert f"(limite {name})" in answer.get_json()["detail"]


def test_faults_beyond_those_that_are_told_still_stop_their_rows(system) -> None:
    client = create_app(system, Limits(faults=2)).test_client()
    rows = [{"date_naissance": "2004-03-01", "salaire_net": "x"}] * 4
    rows.append({"date_naissance": "2004-03-01", "salaire_net": 0})
    body = "\n".join(map(json.dumps, rows))
    answer = client.post(
        "/cej/batch?months=2024-11", data=body, content_type="application/x-ndjson"
    )
    found = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert ["errors" in person for person in found] == [True] * 4 + [False]
    assert "(limit faults)" in found[3]["errors"][0]["detail_en"]
    assert found[4]["cej_allocation@2024-11"] > 0


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_run_by_a_spreadsheet(client, text) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["individu_id", "date_naissance"], [text, "2004-03-01"]])
    answer = client.post(
        "/cej/batch?months=2024-11", data=file.getvalue(), content_type="text/csv"
    ).get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(answer, newline=""))
    assert row["individu_id"] == f"'{text.strip()}" or row["individu_id"] == f"'{text}"
    assert float(row["cej_allocation@2024-11"]) > 0
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-12.5", "+3", "a=b", 5, -5.5, ""])
def test_numbers_stay_numbers(value) -> None:
    assert harmless(value) == value


def test_what_costs_is_computed_aside() -> None:
    many = b",".join(b'"2024-%02d": null' % month for month in range(1, 13))
    assert lane_of("GET", "/cej/health", "", b"") is QUICK
    assert lane_of("GET", "/", "", b"") is QUICK
    assert lane_of("GET", "/", "salaire_net=600", b"") is ASIDE
    assert lane_of("GET", "/analyse/", "", b"") is ASIDE
    assert lane_of("POST", "/calculate", "", CASE.encode()) is QUICK
    assert lane_of("POST", "/calculate/", "", many) is ASIDE
    assert lane_of("POST", "/calculate", "", b" " * 100_000) is ASIDE
    assert lane_of("POST", "/cej/explain", "", CASE.encode()) is ASIDE
    assert lane_of("POST", "/cej/batch", "", b"") is LARGE
    assert lane_of("POST", "/trace", "", b" " * 300_000) is LARGE
