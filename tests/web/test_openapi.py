"""The OpenAPI document is valid, tells of every route, and its examples obey it."""

import importlib.util
import json
import re
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from web.situations import situation

from openfisca_cej import situation_examples
from openfisca_cej.reforms.ready import NAMES, path_of
from openfisca_cej.situation_examples import exemple
from openfisca_cej.web import docs
from openfisca_cej.web.limits import PREFIX, Limits

#: Routes that are not to be called by programs: the root, and the files of the page.
UNTOLD = {
    *("/", "/analyse", "/cadre", "/cout", "/mois", "/questions", "/recu"),
    *("/cej/docs/<name>", "/cej/page/<path:filename>", "/static/<path:filename>"),
}


@pytest.fixture(scope="module")
def spec(app):
    return app.test_client().get("/openapi.json").get_json()


def validator(spec, schema):
    """A validator of a schema of the document."""
    whole = {**schema, "components": spec["components"]}
    return jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def errors(spec, schema, value) -> list[str]:
    found = validator(spec, schema).iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def body_schema(spec, path):
    return spec["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]


def answer_schema(spec, path, media_type="application/json"):
    return spec["paths"][path]["post"]["responses"]["200"]["content"][media_type]["schema"]


def test_the_document_is_a_valid_openapi_3_1(spec) -> None:
    assert spec["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(spec).validate()


def test_the_document_tells_of_every_route_and_of_no_other(spec, app) -> None:
    told = {
        (re.sub(r"\{\w+\}", "{}", path), method.upper())
        for path, methods in spec["paths"].items()
        for method in methods
    }
    served = {
        (re.sub(r"<[^>]+>", "{}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        # Pages are for people: the document is for programs.
        if rule.rule not in UNTOLD
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert told == served


def test_everything_is_described_in_french(spec) -> None:
    for path, methods in spec["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            for parameter in operation.get("parameters", ()):
                assert parameter["description"], (path, parameter["name"])


def test_every_variable_has_its_label_its_unit_and_its_values(spec, system) -> None:
    schemas = spec["components"]["schemas"]
    for name, variable in system.variables.items():
        title = variable.entity.key.title().replace("_", "")
        schema = schemas[title]["properties"][name]
        assert schema["title"] == variable.label
        assert schema["x-unit"] == (variable.unit or None)
        assert schema["description"]
        assert variable.label or schema["x-reference"]
        if hasattr(variable, "possible_values"):
            values = schema["additionalProperties"]
            if not values:
                values, _of_several = schema["patternProperties"].values()
            known = [item.name for item in variable.possible_values]
            assert values["enum"] == [*known, None]


def test_months_may_be_asked_for_and_several_are_only_given(spec) -> None:
    schema = spec["components"]["schemas"]["Individu"]["properties"]["salaire_net"]
    valid = jsonschema.Draft202012Validator(schema).is_valid
    for written in ("2024-11", "month:2024-11", "month:2024-11-01:001"):
        assert valid({written: None}), written
        assert valid({written: 700.5}), written
    for written in ("2024", "year:2024", "month:2024-11:2", "month:2024-11:120", "year:2024-03:10"):
        assert valid({written: 700.5}), written
        assert not valid({written: None}), written
    for written in ("2024-13", "month:2024-11:0", "month:2024-11:121", "year:2024:11", "ETERNITY"):
        assert not valid({written: 700.5}), written


@pytest.mark.parametrize("name", situation_examples.noms())
def test_the_examples_obey_the_schemas(client, spec, name) -> None:
    for path in ("/calculate", "/trace", "/cej/explain"):
        assert errors(spec, body_schema(spec, path), exemple(name)) == []
    content = spec["paths"]["/calculate"]["post"]["responses"]["200"]["content"]
    answer = content["application/json"]["examples"][name]["value"]
    assert answer == client.post("/calculate", json=exemple(name)).get_json()
    assert errors(spec, answer_schema(spec, "/calculate"), answer) == []


def test_the_other_examples_obey_the_schemas(client, spec) -> None:
    problem = spec["components"]["schemas"]["Probleme"]
    assert errors(spec, problem, problem["examples"][0]) == []
    content = spec["paths"]["/cej/batch"]["post"]["requestBody"]["content"]
    for media_type, body in content.items():
        answer = client.post(
            "/cej/batch?months=2024-11", data=body["example"].encode(), content_type=media_type
        )
        assert answer.status_code == 200
        assert "err" not in answer.get_data(as_text=True).partition("\n")[2]


@pytest.mark.parametrize("paid", [561.68, 337, 235.9, 100.01])
def test_reconciliations_obey_the_schema(client, spec, paid) -> None:
    body = {"individus": {"a": {"date_naissance": {"ETERNITY": "2005-03-01"}}}}
    answer = client.post(f"/cej/reconcile?month=2025-11&paid={paid}", json=body)
    assert answer.status_code == 200
    assert errors(spec, answer_schema(spec, "/cej/reconcile"), answer.get_json()) == []


PATHS = (
    "/calculate",
    "/trace",
    "/cej/explain",
    "/cej/missing",
    "/cej/timeline",
    "/cej/curve",
)


@pytest.mark.parametrize("name", situation_examples.noms())
def test_the_examples_of_comparisons_obey_the_schemas(client, spec, name) -> None:
    content = spec["paths"]["/cej/compare"]["post"]["requestBody"]["content"]["application/json"]
    body = content["examples"][name]["value"]
    assert errors(spec, body_schema(spec, "/cej/compare"), body) == []
    person = next(iter(body["situation"]["individus"]))
    answer = client.post(f"/cej/compare?month=2024-11&curve=true&person={person}", json=body)
    assert answer.status_code == 200
    assert errors(spec, answer_schema(spec, "/cej/compare"), answer.get_json()) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_ready_made_reforms_obey_the_schema(client, spec, name) -> None:
    reform = {**yaml.safe_load(path_of(name).read_text(encoding="utf-8"))}
    for values in reform.get("parameters", {}).values():
        for date in list(values):
            values[str(date)] = values.pop(date)
    body = {"situation": exemple("jeune_seul"), "reform": reform}
    assert errors(spec, body_schema(spec, "/cej/compare"), body) == []
    answer = client.post("/cej/compare?month=2025-11&months=3", json=body)
    assert answer.status_code == 200
    assert errors(spec, answer_schema(spec, "/cej/compare"), answer.get_json()) == []


def test_the_resources_obey_the_schema(client, spec) -> None:
    answer = spec["paths"]["/cej/resources"]["get"]["responses"]["200"]["content"]
    schema = answer["application/json"]["schema"]
    for query in ("", "?month=2025-06"):
        found = client.get(f"/cej/resources{query}").get_json()
        assert found
        assert errors(spec, schema, found) == []


@pytest.mark.parametrize("seed", range(12))
def test_what_the_api_takes_and_gives_obeys_the_schemas(client, system, spec, seed) -> None:
    document = situation(system, seed)
    assert errors(spec, body_schema(spec, "/calculate"), document) == []
    person = next(iter(document["individus"]))
    for path in PATHS:
        query = "" if path in ("/calculate", "/trace") else f"?month=2024-11&person={person}"
        answer = client.post(path + query, json=document)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert errors(spec, answer_schema(spec, path), answer.get_json()) == [], path


BROKEN = {
    "a text for a number": {"salaire_net": {"2024-10": "600"}},
    "a number out of reach": {"salaire_net": {"2024-10": -1}},
    "no such value": {"activite": {"2024-10": "rentier"}},
    "no such period": {"salaire_net": {"octobre": 1}},
    "a value without period": {"salaire_net": 1},
    "no date": {"date_naissance": {"ETERNITY": "hier"}},
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_schema_refuses_what_the_api_refuses(client, spec, name) -> None:
    document = {"individus": {"a": BROKEN[name]}}
    assert errors(spec, body_schema(spec, "/calculate"), document)
    assert client.post("/calculate", json=document).status_code == 422


def test_null_asks_for_any_value(spec, system) -> None:
    """OpenFisca's own document refuses its own example for this reason."""
    schema = body_schema(spec, "/calculate")
    for name, variable in system.variables.items():
        if variable.entity.is_person:
            period = {"month": "2024-11", "year": "2024"}.get(
                str(variable.definition_period), "ETERNITY"
            )
            assert errors(spec, schema, {"individus": {"a": {name: {period: None}}}}) == [], name


def test_a_schema_refers_to_nothing_elsewhere(spec) -> None:
    references = re.findall(r'"\$ref":\s*"([^"]+)"', json.dumps(spec))
    assert references
    assert all(reference.startswith("#/components/") for reference in references)


def local(page: str) -> bool:
    """Whether a page asks for nothing but files of the API."""
    return all(link.startswith(("/", "#")) for link in re.findall(r'(?:src|href)="([^"]*)"', page))


def test_the_plain_page_lists_every_route(client, spec, monkeypatch) -> None:
    monkeypatch.setattr(docs, "swagger", lambda: None)
    answer = client.get("/cej/docs")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert local(page)
    assert re.findall(r'<script src="([^"]*)"', page) == ["/cej/page/page.js"]
    assert 'href="/"' in page
    for path in spec["paths"]:
        assert path in page
    assert client.get("/cej/docs/docs.js").mimetype == "text/javascript"
    assert client.get("/cej/docs/swagger-ui.css").status_code == 404


def test_swagger_ui_comes_from_local_files(client, monkeypatch, tmp_path) -> None:
    """With files of ours in its place: the extra may not be installed."""
    for path, _ in docs.SWAGGER_FILES.values():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("/* swagger */")
    monkeypatch.setattr(docs, "swagger", lambda: tmp_path)
    answer = client.get("/cej/docs")
    page = answer.get_data(as_text=True)
    assert local(page)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    for link in re.findall(r'(?:src|href)="(/cej/docs/[^"]*)"', page):
        assert client.get(link).status_code == 200, link


@pytest.mark.skipif(importlib.util.find_spec(docs.SWAGGER) is None, reason="extra docs-ui")
def test_the_extra_has_the_files_of_swagger_ui(client) -> None:
    for name in docs.SWAGGER_FILES:
        assert len(client.get(f"/cej/docs/{name}").get_data()) > 100_000


def test_the_documentation_tells_every_route_of_the_cej_and_every_limit(spec) -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for path in spec["paths"]:
        if path.startswith("/cej/"):
            assert f"{path}`" in text, path
    for limit in fields(Limits):
        told = f"`{PREFIX}{limit.name.upper()}` | {limit.default:,} ".replace(",", " ")
        assert told in text, told
