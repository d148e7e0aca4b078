"""What held in some months only: said on the page, past months included, and kept."""

import html
import re

import pytest

from openfisca_cej.web.lasting import month_in

CASE = {
    "v": "1",
    "mois": "2026-10",
    "date_naissance": "2004-03-27",
    "residence": "metropole",
    "cej_date_signature": "2025-12-01",
    "cej_situation_fiscale": "non_imposable",
    "salaire_net": "0",
    "autres_ressources": "non",
    "rien_d_autre": "oui",
}
HALF_TIME = {"fait": "salaire_net", "fait_somme": "700", "fait_de": "février 2026"}
HALF_TIME |= {"fait_a": "04/2026"}


def told(client, path: str = "/", **case: str) -> str:
    answer = client.get(path, query_string={**CASE, **case}, follow_redirects=True)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.get_data(as_text=True)).split())


def months(text: str) -> dict[str, float]:
    rows = re.findall(r'<th scope="row">([^<]+)</th><td><data value="([^"]+)">', text)
    return {month: float(amount) for month, amount in rows}


def kept(text: str) -> list[str]:
    return re.findall(r'name="periode" value="([^"]+)" checked', text)


def test_a_half_time_of_past_months_is_told_in_the_months(client) -> None:
    """0,8 × 1 823,03 − 300 = 1 158,424; March: 561,68 − 561,68 / 1 158,424 × 400 = 367,73; April
    and May: 566,17 − 566,17 / 1 158,424 × 400 = 370,67. June: nothing received in May."""
    text = told(client, **HALF_TIME)
    found = months(text)
    expected = {"février 2026": 561.68, "mars 2026": 367.73, "avril 2026": 370.67}
    expected |= {"mai 2026": 370.67, "juin 2026": 566.17, "octobre 2026": 566.17}
    assert {month: found[month] for month in expected} == expected
    assert "décembre 2025" not in found, "the month before shows what changes, no other does"
    assert kept(text) == ["salaire_net:700:2026-02:2026-04"]
    assert "- Salaire : 700,00 €, de février 2026 à avril 2026" in text, "the summary"


def test_a_month_that_begins_suspended_says_so(client) -> None:
    served = "indemnites_volontariat:504.98:2025-12:2026-01"
    text = told(client, periode=served)
    row = text[text.index('<th scope="row">décembre 2025') :].split("</tr>")[0]
    assert 'value="0.00"' in row
    assert "Pas de ressource qui suspend l'allocation : non remplie" in row


def test_it_counts_for_the_month_asked_and_for_no_other(client) -> None:
    case = {**HALF_TIME, "mois": "2026-03"}
    assert "367,73" in told(client, **case)
    assert 'class="figure"><data value="367.73">' in told(client, **case)
    assert 'class="figure"><data value="566.17">' in told(client, **HALF_TIME)


def test_it_is_kept_when_the_month_changes_and_goes_when_it_is_unticked(client) -> None:
    said = {"periode": "salaire_net:700:2026-02:2026-04"}
    assert kept(told(client, mois="2026-03", changer="mois", **said)) == [said["periode"]]
    assert kept(told(client)) == []
    for path in ("/analyse", "/recu", "/mois"):
        assert said["periode"] in told(client, path, **said), path
    posted = client.post("/", data={**CASE, **HALF_TIME}).get_data(as_text=True)
    assert kept(posted) == [said["periode"]]


def test_a_civic_service_of_some_months_suspends_them_and_asks_for_its_path(client) -> None:
    served = {"fait": "indemnites_volontariat", "fait_somme": "504,98"}
    text = told(client, mois="2026-03", fait_de="2026-02", fait_a="2026-04", **served)
    assert months(text) == {**months(text), "mars 2026": 0, "avril 2026": 0, "mai 2026": 566.17}
    assert "À quelle date prend fin le parcours" in text


@pytest.mark.parametrize(
    ("fact", "amounts"),
    [
        # R5131-24 I: nothing is due in the months of the RSA.
        ("rsa:300", {"mars 2026": 0, "mai 2026": 566.17}),
        # D5131-19: the amount of Mayotte, of April 2025 then 2026.
        ("residence:mayotte", {"mars 2026": 320.15, "avril 2026": 322.71, "mai 2026": 566.17}),
        # D5131-19 I 1° b: the tier of another tax notice.
        ("cej_situation_fiscale:premiere_tranche", {"mars 2026": 337.0, "avril 2026": 339.7}),
    ],
)
def test_any_fact_of_a_month_may_be_said(client, fact, amounts) -> None:
    asked = {"cej_personne_a_charge": "non", "cej_forfait_non_revise": "non"}
    found = months(told(client, mois="2026-03", periode=f"{fact}:2026-02:2026-04", **asked))
    assert {month: found[month] for month in amounts} == amounts


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({**HALF_TIME, "fait_somme": ""}, "montant"),
        ({**HALF_TIME, "fait_de": "quand"}, "n'est pas un mois"),
        ({**HALF_TIME, "fait_de": ""}, "donnez le mois"),
        ({**HALF_TIME, "fait_a": "2026-01"}, "dans l'ordre"),
        ({"fait_somme": "700"}, "choisissez"),
        ({"periode": "cej_sanction_motif:manquement:2026-02:2026-03"}, "pas un fait qui dure"),
        ({"periode": "rsa"}, "montant|mois"),
        ({"periode": "salaire_net:1:2026-04:2026-04", **HALF_TIME}, "deux réponses différentes"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(client, wrong, why) -> None:
    text = told(client, **wrong)
    assert "1 réponse à corriger" in text
    assert re.search(f"À corriger :</strong> [^<]*{why}", text)
    assert f'value="{wrong.get("fait_somme", "")}"' in text


def test_there_are_not_too_many(client) -> None:
    said = [f"salaire_net:{rank}:2026-{rank:02}:2026-{rank:02}" for rank in range(1, 13)]
    many = [*said, "rsa:1:2026-01:2026-01"]
    answer = client.get("/", query_string={**CASE, "periode": many}, follow_redirects=True)
    assert "12 périodes au plus" in answer.get_data(as_text=True)


@pytest.mark.parametrize("text", ["2026-02", "02/2026", "2/2026", "Février 2026", "fév 2026"])
def test_a_month_is_read_as_people_write_it(text) -> None:
    assert month_in(text) == month_in("2026-02")
    for wrong in ("jui 2026", "13/2026", "2026", "le 2 février 2026"):
        with pytest.raises(ValueError, match="n'est pas un mois"):
            month_in(wrong)
