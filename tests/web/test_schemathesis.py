"""Requests drawn from the OpenAPI document, valid and not: all the checks of Schemathesis hold."""

import copy
import json

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, strategies
from samples import one_in
from schemathesis import GenerationMode

from openfisca_cej.web import batch
from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.openapi import KEPT, openapi_of

pytestmark = pytest.mark.slow

#: Cases of each operation that takes a body, in each of two modes, a sixth of them in CI.
#: Explanations try hundreds of situations each: fewer of them.
POSTS = {
    "/calculate": 100,
    "/trace": 80,
    "/cej/explain": 30,
    "/cej/missing": 30,
    "/cej/timeline": 30,
    "/cej/curve": 30,
    "/cej/reconcile": 20,
    "/cej/compare": 40,
    "/cej/case": 30,
    "/cej/batch": 250,
}
POSTS = {path: cases // one_in(6) for path, cases in POSTS.items()}


#: A text drawn at random may be no CSV (400); a row that is wrong is told in its place (200).
TEXTS = {"/cej/batch": (200, 400)}


def settings(cases: int) -> hypothesis.settings:
    """The same cases at each run."""
    return hypothesis.settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )


#: Parameters that any value of their type suits.
FREE = (
    "contrat_engagement_jeune.contrat.fin_a_la_limite_age",
    "contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvel_avis",
    "contrat_engagement_jeune.ressources.nombre_mois",
)

#: Rows of batches: columns that exist and others, values of every kind.
COLUMNS = strategies.sampled_from(
    [
        *("date_naissance", "salaire_net", "salaire_net@2024-10", "rni@2023", "activite"),
        *("cej_date_signature", "rsa", "poids", "individu_id", "famille_id", "loyer", "inconnue"),
    ]
)
VALUES = strategies.one_of(
    strategies.none(),
    strategies.booleans(),
    strategies.integers(),
    strategies.floats(allow_nan=False, allow_infinity=False),
    strategies.text(max_size=20),
    strategies.dates().map(str),
    strategies.lists(strategies.integers(), max_size=2),
)
ROWS = strategies.lists(
    strategies.dictionaries(COLUMNS, VALUES, max_size=6), min_size=1, max_size=4
)


def known_birth(rows: list[dict]) -> str:
    """The rows, after one of a person whose birth date is known: without any, 422."""
    return "\n".join(json.dumps(row) for row in [{"date_naissance": "2004-03-01"}, *rows])


schemathesis.openapi.media_type(batch.NDJSON, ROWS.map(known_birth).map(str.encode))

#: A request that obeys its schema may still contradict itself (a person who does not exist, 30
#: February, a year that is not the sum of its months…): 422, and nothing else.
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"positive_data_acceptance": {"expected-statuses": ["2XX", 400, 404, 422]}}}
)


@schemathesis.serializer(batch.NDJSON, batch.CSV)
def as_text(context, value):
    """Batches are texts."""
    return value if isinstance(value, bytes) else str(value).encode()


def narrow(spec: dict) -> dict:
    """The document, so that few drawn requests contradict themselves.

    Names of persons cannot be drawn twice the same: there is one, « a », alone in one group of
    each kind, and no person is named in the address. Names that are not in the document are not
    variables. Parameters that must go with others are left as they are.
    """
    spec = copy.deepcopy(spec)
    for name, schema in spec["components"]["schemas"].items():
        if name in ("Individu", "Famille", "FoyerFiscal", "Menage"):
            schema["additionalProperties"] = False
            roles = [key for key, content in schema["properties"].items() if "anyOf" in content]
            for key in roles:
                del schema["properties"][key]
            if roles:
                schema["properties"][roles[0]] = {"const": ["a"]}
                schema["required"] = roles[:1]
    for plural, schema in spec["components"]["schemas"]["Situation"]["properties"].items():
        schema["maxProperties"] = 1
        if plural == "individus":
            schema["propertyNames"] = {"const": "a"}
    parameters = spec["components"]["schemas"]["Reforme"]["properties"]["parameters"]
    in_force = {"pattern": "^202[3-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$"}
    parameters["properties"] = {
        path: {**parameters["properties"][path], "propertyNames": in_force} for path in FREE
    }
    for path in POSTS:
        operation = spec["paths"][path]["post"]
        operation["parameters"] = [
            parameter
            for parameter in operation.get("parameters", ())
            if parameter["name"] != "person"
        ]
    return spec


@pytest.fixture(scope="module")
def narrowed(system):
    app = create_app(system, Limits())
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config[KEPT] = narrow(openapi_of(app))
    return schemathesis.openapi.from_wsgi("/openapi.json", app, config=CONFIG)


#: What the page makes of the answers in its address.
FILES = ("/situation.json", "/cas.yaml", "/reforme.yaml")


def run(operation, mode: GenerationMode, cases: int) -> list[int]:
    """Draw cases, send them, check the answers; the statuses."""
    statuses: list[int] = []

    @settings(cases)
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def check(case) -> None:
        # A list of nothing is not sent: the request would be a valid one.
        hypothesis.assume([] not in (case.query or {}).values())
        # The transport inside the process does not read what is compressed: test_edges does.
        answer = case.call(headers={"Accept-Encoding": "identity"})
        statuses.append(answer.status_code)
        case.validate_response(answer)
        if "json" in answer.headers["content-type"][0]:
            lines = answer.text.splitlines() if "ndjson" in str(answer.headers) else [answer.text]
            for line in lines:
                json.loads(line, parse_constant=pytest.fail)

    check()
    return statuses


@pytest.mark.parametrize("path", POSTS)
def test_valid_requests_are_answered(narrowed, path) -> None:
    statuses = run(narrowed[path]["POST"], GenerationMode.POSITIVE, POSTS[path])
    assert len(statuses) >= POSTS[path]
    assert set(statuses) <= {200, 422, *TEXTS.get(path, ())}
    # Most of what is drawn contradicts itself: two spans, an age beside a birth date…
    assert statuses.count(200) > POSTS[path] / 10


@pytest.mark.parametrize("path", POSTS)
def test_invalid_requests_are_refused(narrowed, path) -> None:
    statuses = run(narrowed[path]["POST"], GenerationMode.NEGATIVE, POSTS[path])
    assert len(statuses) >= POSTS[path]
    assert set(statuses) <= {400, 415, 422, *TEXTS.get(path, ())}


def test_every_address_answers_as_described(narrowed) -> None:
    for operation in (result.ok() for result in narrowed.get_all_operations()):
        if operation.method == "get":
            # Answers of the form that contradict each other give no file.
            refused = {422} if operation.path in FILES else set()
            assert set(run(operation, GenerationMode.POSITIVE, 50)) <= {200, 404, *refused}
