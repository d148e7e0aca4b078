"""A form that knows nothing of the law: it asks what ``/cej/missing`` tells, as it tells it."""

import copy
from typing import Any

import pytest
from samples import sample

MOST = 80

#: What someone answers, by the name of the input; anything else is « no », « none » or nil.
BORN = {"date_naissance": "2004-05-12"}
SIGNED = {**BORN, "cej_date_signature": "2026-09-03", "salaire_net": 700.0}


def of_the_contract(question: dict[str, Any], known: dict[str, Any]) -> Any:
    """The answer, of the type, the choices and the limits that the question tells."""
    codes = [choice["code"] for choice in question["choices"]]
    if question["variable"] in known:
        return known[question["variable"]]
    if question["type"] == "boolean":
        return False
    if codes:
        return codes[0]
    assert question["limits"], question
    return max(question["limits"]["minimum"], 0)


def write(situation: dict[str, Any], question: dict[str, Any], answer: Any) -> None:
    """Write the answer where the question says, in a group made for it where there is none."""
    groups = situation.setdefault(question["entity"], {})
    if question["instance"] not in groups:
        groups[question["instance"]] = {question["role"]: ["moi"]}
    values = groups[question["instance"]].setdefault(question["variable"], {})
    values |= dict.fromkeys(question["periods"], answer)


# 22 years old, not taxed: 566,17 € less 566,17 / (0,8 × 1 867,02 − 300) × (700 − 300) = 376,44.
@pytest.mark.parametrize(("known", "amount"), sample([(SIGNED, 376.44), (BORN, 0)], 2))
def test_a_form_made_of_the_contract_alone_ends_with_a_certain_amount(
    client, known, amount
) -> None:
    situation: dict[str, Any] = {"individus": {"moi": {}}}
    asked = []
    while True:
        told = client.post("/cej/missing?month=2026-11", json=copy.deepcopy(situation))
        assert told.status_code == 200, told.get_data(as_text=True)
        question = told.get_json()["next"]
        if question is None:
            break
        asked.append(question["variable"])
        assert len(asked) <= MOST, asked
        write(situation, question, of_the_contract(question, known))
    answer = told.get_json()["answer"]
    assert answer["status"] == "certain", asked
    assert answer["assumed"] == amount


def test_each_question_says_how_to_ask_it(client) -> None:
    told = client.post("/cej/missing?month=2026-11", json={"individus": {"moi": {}}}).get_json()
    questions = {one["variable"]: one for one in told["answer"]["missing"]}
    tier = questions["cej_situation_fiscale_rattachement"]
    assert (tier["entity"], tier["type"]) == ("individus", "choice")
    assert {choice["code"] for choice in tier["choices"]} == {
        *("non_imposable", "premiere_tranche", "au_dela"),
    }
    wage = questions["salaire_net"]
    assert (wage["entity"], wage["type"], wage["unit"]) == ("individus", "amount", "€/mois")
    assert "2026-10" in wage["periods"]
    assert wage["limits"]["minimum"] < wage["limits"]["maximum"]
    assert wage["why"] == "Elle compte avec une autre réponse qui manque."
    assert "566,17" in questions["date_naissance"]["why"]
    assert all(one["question"].endswith("?") for one in questions.values())


def test_pages_of_other_sites_may_ask(client) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    headers = client.options("/cej/missing", headers=asked).headers
    assert headers["Access-Control-Max-Age"] == "600"
    told = client.get("/cej/version", headers={"Origin": "https://a.example"}).headers
    exposed = {name.strip() for name in told["Access-Control-Expose-Headers"].split(",")}
    assert {"CEJ-Ignored-Variables", "CEJ-Remarks", "Retry-After"} <= exposed


def test_the_files_of_the_page_are_described_and_obey(client, spec_of_the_service) -> None:
    paths = spec_of_the_service["paths"]
    query = "v=1&mois=2026-11&date_naissance=2004-05-12"
    for path in ("/situation.json", "/cas.yaml", "/reforme.yaml"):
        operation = paths[path]["get"]
        (media_type,) = operation["responses"]["200"]["content"]
        more = "&abattement=500" if path == "/reforme.yaml" else ""
        answer = client.get(f"{path}?{query}{more}")
        assert answer.status_code == 200
        assert answer.mimetype == media_type
        refused = client.get(f"{path}?{query}&date_naissance=31/31/2000")
        assert str(refused.status_code) in operation["responses"]
    assert "moi" not in client.get(f"/situation.json?{query}").get_data(as_text=True)


@pytest.fixture
def spec_of_the_service(client) -> dict[str, Any]:
    return client.get("/openapi.json").get_json()


def test_an_address_that_is_none_is_a_page_for_who_reads_pages(client) -> None:
    read = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = client.get("/nulle-part", headers=read)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert 'href="/"' in page.get_data(as_text=True)
    for headers in ({}, {"Accept": "application/json"}):
        problem = client.get("/nulle-part", headers=headers)
        assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")
