"""The web API answers on every situation that the package ships."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from openfisca_core.simulations import SimulationBuilder
from openfisca_web_api.app import create_app

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem

EXAMPLES = sorted((Path(openfisca_cej.__file__).parent / "situation_examples").glob("*.json"))
#: An aid of somebody else on top of the law, and a reform of it: what the stock tools take.
EXTENSION = "aides_locales"
WITH = ("--country-package", "openfisca_cej", "--extensions", EXTENSION)
WITH = (*WITH, "--reforms", "openfisca_cej.reforms.age_29")
SERVE = ("serve", *WITH, "--workers", "1")
AID = """
from openfisca_core.periods import MONTH
from openfisca_core.variables import Variable

from openfisca_cej.entities import Individu


class aide_locale_mobilite(Variable):
    value_type = float
    entity = Individu
    definition_period = MONTH
    label = "Aide locale à la mobilité"

    def formula(individu, period):
        return 50 * (individu("cej_allocation", period) > 0)
"""

#: Someone of 27, whom only the reform lets sign.
CASE = """
- name: l'aide suit l'allocation, que la réforme ouvre à 27 ans
  period: 2024-11
  input:
    date_naissance: 1997-03-01
    cej_situation_fiscale: non_imposable
  output:
    cej_allocation: 552.29
    aide_locale_mobilite: 50
"""
OF_27 = {
    "date_naissance": {"ETERNITY": "1997-03-01"},
    "cej_situation_fiscale": {"2024-11": "non_imposable"},
    "aide_locale_mobilite": {"2024-11": None},
}
PATIENCE = 120  # seconds: a loaded machine must not fail the test


@pytest.fixture
def stock(tmp_path) -> tuple[str, dict[str, str]]:
    """The command of OpenFisca, and an environment in which an extension is installed."""
    command = shutil.which("openfisca", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("the command openfisca is not beside this Python")
    variables = tmp_path / EXTENSION / "variables"
    variables.mkdir(parents=True)
    (tmp_path / EXTENSION / "__init__.py").touch()
    (variables / "mobilite.py").write_text(AID, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    return command, {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": paths}


@pytest.fixture(scope="module")
def system():
    return CountryTaxBenefitSystem()


@pytest.fixture(scope="module")
def client(system):
    return create_app(system).test_client()


@pytest.fixture(params=EXAMPLES, ids=lambda file: file.stem)
def situation(request) -> dict:
    return json.loads(request.param.read_text(encoding="utf-8"))


def asked_for(situation: dict) -> list[tuple[str, str, str, str]]:
    """(plural, id, variable, period) of each value left null in the situation."""
    return [
        (plural, identifier, variable, period)
        for plural, group in situation.items()
        for identifier, variables in group.items()
        for variable, values in variables.items()
        if isinstance(values, dict)
        for period, value in values.items()
        if value is None
    ]


def test_there_are_examples_and_each_asks_for_something(situation) -> None:
    assert asked_for(situation)


def test_calculate_fills_every_null_as_python_does(client, system, situation) -> None:
    response = client.post("/calculate", json=situation)
    assert response.status_code == 200, response.get_data(as_text=True)
    answer = response.get_json()
    simulation = SimulationBuilder().build_from_entities(system, situation)
    for plural, identifier, variable, period in asked_for(situation):
        value = answer[plural][identifier][variable][period]
        population = simulation.get_variable_population(variable)
        expected = simulation.calculate(variable, period)[population.get_index(identifier)]
        if hasattr(system.variables[variable], "possible_values"):
            expected = list(system.variables[variable].possible_values)[int(expected)].name
        elif hasattr(expected, "item"):
            expected = expected.item()
        if hasattr(expected, "isoformat"):
            expected = expected.isoformat()
        assert value == expected, (identifier, variable, period)


def test_trace_shows_the_steps(client, situation) -> None:
    response = client.post("/trace", json=situation)
    assert response.status_code == 200, response.get_data(as_text=True)
    answer = response.get_json()
    requested = {f"{variable}<{period}>" for _, _, variable, period in asked_for(situation)}
    assert requested <= set(answer["requestedCalculations"]) <= set(answer["trace"])


def test_spec_is_an_openapi_document_with_a_computed_example(client) -> None:
    answer = client.get("/spec").get_json()
    assert answer["openapi"].startswith("3.")
    assert answer["info"]["version"]
    example = answer["components"]["schemas"]["SituationOutput"]["example"]
    assert not asked_for(example)


def test_entities_are_described_with_their_roles(client) -> None:
    answer = client.get("/entities").get_json()
    assert set(answer) == {"individu", "famille", "foyer_fiscal", "menage"}
    for entity in answer.values():
        assert entity["description"]
        for role in entity.get("roles", {}).values():
            assert role["description"]


def test_every_variable_is_served(client, system) -> None:
    answer = client.get("/variables").get_json()
    assert set(answer) == set(system.variables)
    for name in answer:
        page = client.get(f"/variable/{name}")
        assert page.status_code == 200
        assert page.get_json()["documentation"]
        assert page.get_json()["references"]


def test_what_the_legislation_explorer_shows_is_there(client, system) -> None:
    """It lists /variables and /parameters by description, then draws each by these keys."""
    for kind in ("variables", "parameters"):
        for name, entry in client.get(f"/{kind}").get_json().items():
            assert entry["description"], name
            assert entry["href"].endswith(f"/{kind[:-1]}/{name.replace('.', '/')}"), entry["href"]
    for name in system.variables:
        told = client.get(f"/variable/{name}").get_json()
        assert {"id", "description", "entity", "definitionPeriod", "valueType", "source"} <= set(
            told
        )
        enumerated = hasattr(system.variables[name], "possible_values")
        assert ("possibleValues" in told) == enumerated, name
        for day, formula in told.get("formulas", {}).items():
            assert formula is None or "def formula" in formula["content"], (name, day)
    for name in client.get("/parameters").get_json():
        told = client.get(f"/parameter/{name}").get_json()
        assert len({"values", "brackets", "subparams"} & set(told)) == 1, name
        assert {"id", "description", "metadata", "source"} <= set(told), name


def test_every_parameter_is_served(client) -> None:
    answer = client.get("/parameters").get_json()
    assert len(answer) > 50
    for name in answer:
        page = client.get(f"/parameter/{name}")
        assert page.status_code == 200
        assert page.get_json()["metadata"]["reference"]


def test_the_cases_of_an_extension_run_beside_a_reform(stock, tmp_path) -> None:
    command, environment = stock
    case = tmp_path / "aide.yaml"
    case.write_text(CASE, encoding="utf-8")
    for reforms, passes in ((WITH, True), (WITH[:-2], False)):
        ran = subprocess.run(
            [command, "test", *reforms, "--", str(case)], env=environment, check=False
        )
        assert (ran.returncode == 0) == passes


def test_serve_starts_and_answers_every_route(stock, tmp_path) -> None:
    """The real thing: a process, a port, HTTP, an extension and a reform."""
    command, environment = stock
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "serve.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [command, *SERVE, "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    address = f"http://127.0.0.1:{port}"

    def sent(route: str, content: bytes) -> dict:
        """The answer to a situation."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/{route}", data=content, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status == 200
            return json.load(answer)

    try:
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"{address}/entities", timeout=PATIENCE) as answer:
                    assert answer.headers["Country-Package"] in ("openfisca-cej", "openfisca_cej")
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < limit, log.read_text()
                time.sleep(0.1)
        for route in ("spec", "variables", "parameters", "entities"):
            with urllib.request.urlopen(f"{address}/{route}", timeout=PATIENCE) as answer:
                assert answer.status == 200
                assert json.load(answer)
        for route in ("calculate", "trace"):
            for file in EXAMPLES:
                assert sent(route, file.read_bytes())
        told = sent("calculate", json.dumps({"individus": {"a": OF_27}}).encode())
        assert told["individus"]["a"]["aide_locale_mobilite"] == {"2024-11": 50}
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
