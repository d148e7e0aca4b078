"""The page « Plusieurs mois » and the command ``overpaid``: what is due, and what to give back."""

import html
import json
import re

import pytest
from click.testing import CliRunner

from openfisca_cej.cli import main
from openfisca_cej.explain.overpaid import overpaid
from openfisca_cej.web.lanes import ASIDE, lane_of

CASE = {
    "v": "1",
    "mois": "2026-10",
    "date_naissance": "2004-03-27",
    "cej_date_signature": "2025-12-01",
    "residence": "metropole",
    "cej_situation_fiscale": "non_imposable",
    "autres_ressources": "non",
    "rien_d_autre": "oui",
}
HALF_TIME = {"fait": "salaire_net", "fait_somme": "700,00", "fait_de": "2026-02"}
HALF_TIME |= {"fait_a": "2026-04"}

#: By hand, with a SMIC of 1 823,03 € from January 2026: 0,8 × 1 823,03 − 300 = 1 158,424.
#: March: 561,68 − 561,68 / 1 158,424 × 400 = 367,73. April and May: 566,17 − 566,17 / 1 158,424
#: × 400 = 370,67.
DUE = [561.68, 561.68, 561.68, 367.73, 370.67, 370.67, *[566.17] * 6]


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


def data(text: str) -> list[float]:
    return [float(value) for value in re.findall(r'<data value="([^"]+)"', text)]


def test_it_is_computed_aside() -> None:
    assert lane_of("GET", "/mois", "v=1", b"") is ASIDE


def test_a_half_time_from_one_month_to_another_is_said_once(client) -> None:
    text = text_of(client.get("/mois", query_string={**CASE, **HALF_TIME}))
    assert data(text) == DUE
    assert 'name="periode" value="salaire_net:700:2026-02:2026-04" checked' in text
    kept = re.search(r'<pre id="resume">(.*?)</pre>', text, re.DOTALL)[1]
    assert "avril 2026 : 370,67 € dus (700,00 € en mars 2026)" in kept
    for told in ("R5131-22", "D5131-19", "- Salaire : 700,00 €, de février 2026 à avril 2026"):
        assert told in kept, "the articles and the answers"
    assert "En métropole" in kept
    link = kept.splitlines()[-1]
    assert data(text_of(client.get(link))) == DUE, "the link holds the months"


def test_what_was_declared_says_what_is_to_be_given_back(client) -> None:
    """300 € declared for March, of 700: April was paid whole, 566,17 − 370,67 = 195,50 too much."""
    query = {**CASE, **HALF_TIME, "declare_salaire_net_2026-03": "300"}
    text = text_of(client.get("/mois", query_string=query))
    assert data(text)[0] == 195.5
    assert "à rendre" in text
    less = {**CASE, "reel_salaire_net_2026-03": "300", "declare_salaire_net_2026-03": "700"}
    assert data(text_of(client.get("/mois", query_string=less)))[0] == -195.5
    posted = client.post("/mois", data=query)
    assert data(text_of(posted))[0] == 195.5
    assert len(posted.get_data()) <= 100_000


def test_another_resource_counts_by_its_own_rule(client) -> None:
    """An unemployment benefit of 200 € in March is taken from April: 366,17."""
    query = {
        **CASE,
        "autres_ressources": "oui",
        "ressource": "chomage_net",
        "reel_chomage_net_2026-03": "200",
    }
    assert data(text_of(client.get("/mois", query_string=query)))[4] == 366.17


def test_two_resources_count_together_and_the_text_to_keep_names_them(client) -> None:
    """In March 700 € of wages and 200 € of unemployment benefit: April, 370,67 − 200 = 170,67. With
    300 € of wages declared, 566,17 − 200 = 366,17 were paid: 195,50 too much."""
    query = {
        **CASE,
        "autres_ressources": "oui",
        "ressource": ["salaire_net", "chomage_net", ""],
        "reel_salaire_net_2026-03": "700",
        "reel_chomage_net_2026-03": "200",
    }
    text = text_of(client.get("/mois", query_string=query))
    assert data(text)[4] == 170.67
    less = {**query, "declare_salaire_net_2026-03": "300", "declare_chomage_net_2026-03": "200"}
    text = text_of(client.get("/mois", query_string=less))
    assert data(text)[0] == 195.5
    kept = re.search(r'<pre id="resume">(.*?)</pre>', text, re.DOTALL)[1]
    assert "R5131-21" in kept
    assert "R5131-22" in kept
    assert "170,67 € dus, 366,17 € versés (" in kept
    assert "700,00 € en mars 2026, 300,00 € déclarés ; " in kept
    assert data(text_of(client.get(kept.splitlines()[-1]))) == data(text), "the link holds both"
    without = {**less, "ressource": "chomage_net"}
    text = text_of(client.get("/mois", query_string=without))
    assert "ne les affiche pas : salaire_net_2026-03." in text
    assert len(client.post("/mois", data=less).get_data()) <= 100_000


def test_so_many_resources_at_most(client) -> None:
    five = ["salaire_net", "chomage_net", "ass", "remuneration_apprenti", "indemnites_volontariat"]
    text = text_of(client.get("/mois", query_string={**CASE, "ressource": five}))
    assert "à corriger" not in text
    assert text.count("<table") == 5
    six = [*five, "allocation_epide"]
    text = text_of(client.get("/mois", query_string={**CASE, "ressource": six}))
    assert '<a href="#q-ressource">Quelles ressources ?</a> 5 ressources au plus.' in text


def test_the_figure_of_a_month_prevails_beside_what_lasted_and_other_facts_count(client) -> None:
    """March alone at 300 € takes nothing from April; a civic service of February suspends it."""
    query = {**CASE, **HALF_TIME, "reel_salaire_net_2026-03": "300"}
    query["periode"] = "indemnites_volontariat:504.98:2026-02:2026-02"
    found = data(text_of(client.get("/mois", query_string=query)))
    assert found[2:6] == [0.0, 367.73, 566.17, 370.67]


def test_months_to_come_say_what_the_law_will_move(client) -> None:
    query = {**CASE, "debut": "2027-05", "reel_salaire_net_2027-05": "700"}
    assert "la loi la fait changer le 1er avril 2027" in text_of(
        client.get("/mois", query_string={**query, "cej_date_signature": "2027-04-02"})
    )


def test_nothing_is_told_of_who_said_too_little(client) -> None:
    for name in ("date_naissance", "cej_date_signature", "residence", "cej_situation_fiscale"):
        query = {key: text for key, text in {**CASE, **HALF_TIME}.items() if key != name}
        text = text_of(client.get("/mois", query_string=query))
        assert data(text) == []
        assert "Décrivez d'abord" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"reel_salaire_net_2026-03": "beaucoup"},
        {"declare_salaire_net_2026-03": "-3"},
        {"ressource": "cej_allocation"},
        {"fait_de": "2020-01", "fait_a": "2020-03"},
    ],
)
def test_faults_are_told_and_nothing_is_computed(client, wrong) -> None:
    text = text_of(client.get("/mois", query_string={**CASE, **HALF_TIME, **wrong}))
    assert "à corriger" in text
    assert data(text) == []


def document(march: float) -> dict:
    return {
        "individus": {
            "A": {
                "date_naissance": {"ETERNITY": "2004-03-27"},
                "cej_date_signature": {"ETERNITY": "2025-12-01"},
                "salaire_net": {"2026-03": march},
            }
        }
    }


def test_two_situations_are_compared_month_by_month(tmp_path) -> None:
    found = overpaid(document(300), document(700), "2026-03", 3)
    assert [one.back for one in found.months] == [0, 195.5, 0]
    assert found.back == 195.5
    paths = []
    for name, march in (("declared", 300), ("real", 700)):
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps(document(march)))

    def run(*words: str):
        given = ["overpaid", *map(str, paths), "--from", "2026-03", "--months", "3", *words]
        return CliRunner().invoke(main, given)

    text = " ".join(run().stdout.split())
    assert "avril 2026 : versé 566,17 €, dû 370,67 €, 195,50 € à rendre" in text
    assert json.loads(run("--format", "json").stdout)["back"] == 195.5
    assert run("--format", "csv").stdout.splitlines()[2] == "2026-04,566.17,370.67,195.50"
    assert run("--person", "B").exit_code == 2


def test_the_route_compares_both_and_tells_where_a_fault_is(client) -> None:
    body = {"declared": document(300), "real": document(700)}
    path = "/cej/overpaid?month=2026-03&months=3"
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json["back"]) == (200, 195.5)
    assert [one["paid"] for one in answer.json["months"]] == [561.68, 566.17, 566.17]
    assert client.post(path, json={"real": document(1)}).json["errors"][0]["pointer"] == "/declared"
    wrong = {**body, "declared": {"individus": {"A": {"salaire_nt": 1}}}}
    told = client.post(path, json=wrong)
    assert told.status_code == 422
    assert told.json["errors"][0]["pointer"].startswith("/declared/individus/A")
    other = {**body, "declared": {"individus": {"B": document(1)["individus"]["A"]}}}
    assert client.post(path, json=other).json["errors"][0]["pointer"] == "/declared/individus"


def test_months_that_make_up_for_each_other_are_told() -> None:
    one, other = document(700), document(300)
    one["individus"]["A"]["salaire_net"]["2026-04"] = 300
    other["individus"]["A"]["salaire_net"]["2026-04"] = 700
    found = overpaid(one, other, "2026-03", 4)
    assert [month.back for month in found.months] == [0, -195.5, 195.5, 0]
    assert "les mois se compensent" in found.sentence
    assert overpaid(one, one, "2026-03", 4).sentence.endswith("rien à rendre en tout.")
    assert "à recevoir" in overpaid(document(700), document(300), "2026-03", 3).sentence


def test_what_was_declared_alone_asks_for_what_was_true(client) -> None:
    text = text_of(client.get("/mois", query_string={**CASE, "declare_salaire_net_2026-03": "600"}))
    assert not data(text)
    assert '<a href="#q-reel_salaire_net_2026-03">En vrai, mars 2026</a> donnez aussi' in text


def test_a_figure_of_a_month_that_is_not_shown_is_told(client) -> None:
    query = {
        **CASE,
        "reel_salaire_net_2026-03": "600",
        "reel_salaire_net_2024-01": "300",
        "declare_x": "1",
    }
    text = text_of(client.get("/mois", query_string=query))
    assert "ne les affiche pas : salaire_net_2024-01, x." in text


def test_months_of_nothing_have_their_reason(client) -> None:
    """Signed on 1 December 2025, the contract ends on 30 November 2026: due until then."""
    query = {**CASE, "mois": "2027-02", "debut": "2026-09", "reel_salaire_net_2026-09": "0"}
    text = text_of(client.get("/mois", query_string=query))
    assert data(text) == [566.17, 566.17, 566.17, 0, 0, 0]
    assert text.count("Rien n'est dû à partir de décembre 2026. Contrat en cours : non") == 2
