"""Batches: the values of ``/calculate``, row by row, and what is wrong in its place."""

import csv
import io
import json
import random

import dated_values
import pytest
from openfisca_core.periods import period

from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits

AMOUNTS = "contrat_engagement_jeune.montant_forfaitaire.general"
NDJSON, CSV = "application/x-ndjson", "text/csv"


def batch(client, rows, query="months=2024-11", media_type=NDJSON, **headers):
    if isinstance(rows, list):
        rows = "\n".join(json.dumps(row) for row in rows)
    return client.post(f"/cej/batch?{query}", data=rows, content_type=media_type, headers=headers)


def answers(response) -> list[dict]:
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.mimetype == NDJSON
    lines = response.get_data(as_text=True).splitlines()
    return [json.loads(line, parse_constant=pytest.fail) for line in lines]


def drawn(count: int, seed: int = 1) -> list[dict]:
    chance = random.Random(seed)
    return [
        {
            "individu_id": f"n° {rank}",
            "date_naissance": f"{chance.randint(1996, 2009)}-{chance.randint(1, 12):02d}-03",
            "salaire_net@2024-10": chance.choice([0, round(chance.random() * 1500, 2)]),
            "residence_mayotte": chance.random() < 0.2,
            "cej_situation_fiscale": chance.choice(["non_imposable", "premiere_tranche"]),
        }
        for rank in range(count)
    ]


def as_situation(row: dict) -> dict:
    """The same person for /calculate: everyone alone."""
    return {
        "individus": {
            "a": {
                "date_naissance": {"ETERNITY": row["date_naissance"]},
                "salaire_net": {"2024-10": row["salaire_net@2024-10"]},
                "cej_situation_fiscale": {"2024-11": row["cej_situation_fiscale"]},
                "cej_allocation": {"2024-11": None},
            }
        },
        "menages": {
            "m": {
                "personne_de_reference": ["a"],
                "residence_mayotte": {"2024-11": row["residence_mayotte"]},
            }
        },
    }


def test_each_row_has_what_calculate_gives(client) -> None:
    rows = drawn(60)
    found = answers(batch(client, rows))
    assert [person["individu_id"] for person in found] == [row["individu_id"] for row in rows]
    amounts = set()
    for row, person in zip(rows, found, strict=True):
        answer = client.post("/calculate", json=as_situation(row)).get_json()
        expected = answer["individus"]["a"]["cej_allocation"]["2024-11"]
        assert person["cej_allocation@2024-11"] == expected
        amounts.add(expected)
    assert len(amounts) > 10


def test_csv_and_ndjson_give_the_same(client) -> None:
    rows = drawn(40)
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    query = "months=2024-10:2024-11&variables=cej_eligibilite,cej_allocation,cej_situation_fiscale"
    expected = answers(batch(client, rows, query))
    response = batch(client, file.getvalue(), query, CSV)
    assert response.mimetype == CSV
    found = list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))
    for person, row in zip(expected, found, strict=True):
        assert row.pop("erreurs") == ""
        assert row.pop("individu_id") == person["individu_id"]
        person = {key: value for key, value in person.items() if "@" in key}
        assert list(person) == list(row)
        for key, value in person.items():
            written = {True: "oui", False: "non"}[value] if isinstance(value, bool) else str(value)
            assert row[key] == written
    assert answers(batch(client, file.getvalue(), query, CSV, Accept=NDJSON)) == expected


WRONG = {
    "not JSON": ("{", ""),
    "a list": ("[]", ""),
    "NaN": ('{"date_naissance": "2004-03-01", "salaire_net": NaN}', ""),
    "no birth date": ("{}", "/date_naissance"),
    "an unborn": ('{"date_naissance": "2030-01-01"}', "/date_naissance"),
    "no such date": ('{"date_naissance": "2004-02-30"}', "/date_naissance"),
    "a text": ('{"date_naissance": "2004-03-01", "salaire_net": "1+1"}', "/salaire_net"),
    "a negative": ('{"date_naissance": "2004-03-01", "salaire_net": -1}', "/salaire_net"),
    "infinity": ('{"date_naissance": "2004-03-01", "salaire_net": 1e999}', "/salaire_net"),
    "a boolean": ('{"date_naissance": "2004-03-01", "salaire_net": true}', "/salaire_net"),
    "a number": ('{"date_naissance": "2004-03-01", "activite": 7}', "/activite"),
    "unknown": ('{"date_naissance": "2004-03-01", "salaire_nett": 1}', "/salaire_nett"),
    "the result": ('{"date_naissance": "2004-03-01", "cej_allocation": 1}', "/cej_allocation"),
    "a group": ('{"date_naissance": "2004-03-01", "famille_id": "f"}', "/famille_id"),
    "no month": ('{"date_naissance": "2004-03-01", "rsa@2024-13": 1}', "/rsa@2024-13"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_row_is_told_in_its_place_and_the_others_answer(client, name) -> None:
    line, where = WRONG[name]
    good = {"individu_id": "bon", "date_naissance": "2004-03-01", "salaire_net": 0}
    found = answers(batch(client, "\n".join([json.dumps(good), line, json.dumps(good)])))
    assert [person["row"] for person in found] == [1, 2, 3]

    expected = answers(batch(client, [good]))[0]["cej_allocation@2024-11"]
    assert expected > 500
    assert found[0]["cej_allocation@2024-11"] == found[2]["cej_allocation@2024-11"] == expected
    assert "cej_allocation@2024-11" not in found[1]
    error = found[1]["errors"][0]
    assert error["pointer"] == where
    assert error["detail"]
    assert error["detail_en"]
    assert "errors" not in found[0]


def test_a_bad_row_of_a_csv_file_is_told_in_its_place(client) -> None:
    text = "individu_id;date_naissance;salaire_net\na;2004-03-01;0\nb;2004-03-01;six cents\nc;x\n"
    response = batch(client, text, media_type=CSV)
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))
    assert [bool(row["erreurs"]) for row in rows] == [False, True, True]
    assert "/salaire_net" in rows[1]["erreurs"]
    assert rows[1]["cej_allocation@2024-11"] == ""
    assert "2 cases au lieu de 3" in rows[2]["erreurs"]


def test_a_row_tells_the_values_that_the_law_has_moved_since_and_their_months(client) -> None:
    late = dated_values.next_move(f"{AMOUNTS}.majeur_non_imposable")[:7]
    before = str(period(late).last_month)
    born = int(late[:4]) - 20
    rows = [
        {"date_naissance": f"{born}-03-03", "cej_situation_fiscale": "non_imposable"},
        {"date_naissance": f"{born - 20}-03-03", "cej_situation_fiscale": "non_imposable"},
    ]
    young, old = answers(batch(client, rows, f"months={before}:{late}"))
    (told,) = young["frozen"]
    assert told["months"] == [late]
    assert told["sentence"].startswith("Majeur, foyer non imposable : la dernière valeur connue")
    assert "frozen" not in old
    columns = "date_naissance,cej_situation_fiscale\n"
    text = columns + "".join(f"{row['date_naissance']},non_imposable\n" for row in rows)
    for month, expected in ((before, None), (late, [f"{late} — {told['sentence']}", ""])):
        table = csv.DictReader(
            io.StringIO(batch(client, text, f"months={month}", CSV).get_data(as_text=True))
        )
        column = [row.get("valeurs_depassees") for row in table]
        assert column == (expected or [None, None])


def test_what_a_row_does_not_give_is_as_in_a_situation(client) -> None:
    """The default of the variable, or the value without date where there is one."""
    rows = [
        {"date_naissance": "2004-03-01", "salaire_net@2024-10": 900},
        {"date_naissance": "2004-03-01"},
        {"date_naissance": "2004-03-01", "salaire_net": 900},
        {"date_naissance": "2004-03-01", "salaire_net@2024-10": None},
    ]
    waged, alone, always, null = (
        person["cej_allocation@2024-11"] for person in answers(batch(client, rows))
    )
    assert waged == always < alone
    assert null == alone


def test_a_result_that_is_no_number_is_a_fault_of_its_row(client) -> None:
    """A nil divisor given in place of what is computed."""
    rows = [
        {"date_naissance": "2004-03-01", "cej_ecart_degressivite": 0},
        {"date_naissance": "2004-03-01", "cej_ecart_degressivite": 1000},
    ]
    query = "months=2024-11&variables=cej_coefficient_degressivite"
    wrong, right = answers(batch(client, rows, query))
    assert "errors" in wrong
    assert right["cej_coefficient_degressivite@2024-11"] > 0


def test_variables_of_openfisca_france_are_set_aside(client) -> None:
    response = batch(client, [{"date_naissance": "2004-03-01", "loyer": "x"}])
    assert response.headers["CEJ-Ignored-Variables"] == "loyer"
    assert "errors" not in answers(response)[0]


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        ("", NDJSON, 422),
        ("\n\n", NDJSON, 422),
        ("", CSV, 422),
        ("date_naissance\n", CSV, 422),
        ("a,a\n1,2\n", CSV, 422),
        ('date_naissance\n"2004', CSV, 400),
        (b"\xff\xfe", NDJSON, 400),
        ('{"salaire_net": 1}', NDJSON, 422),
        ("\n".join(f'{{"x{rank}": 1}}' for rank in range(600)), NDJSON, 422),
    ],
)
def test_a_body_without_persons_is_refused(client, body, media_type, status) -> None:
    response = batch(client, body, media_type=media_type)
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"


BAD_QUERIES = [
    "",
    "months=2024",
    "months=2024-11:2024-10",
    "months=2024-11&variables=rni",
    "months=1900-01:1999-12",
]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_a_bad_parameter_is_refused(client, query) -> None:
    assert batch(client, [{"date_naissance": "2004-03-01"}], query).status_code == 422


def test_rows_and_values_are_limited(system) -> None:
    client = create_app(system, Limits(rows=2, cells=4)).test_client()
    row = {"date_naissance": "2004-03-01"}
    assert batch(client, [row] * 2, "months=2024-11:2024-12").status_code == 200
    assert batch(client, [row] * 2, "months=2024-10:2024-12").status_code == 422
    assert batch(client, [row] * 3).status_code == 422


def test_ten_thousand_persons_are_answered_at_once(client) -> None:
    rows = drawn(10_000)
    body = "\n".join(json.dumps(row) for row in rows)
    assert len(answers(batch(client, body))) == 10_000


def test_what_a_french_spreadsheet_saves_is_read(client) -> None:
    lines = [
        "individu_id;date_naissance;cej_situation_fiscale;salaire_net;commune;",
        "a;02/05/2003;non_imposable;0,00;Aubagne;",
        "b;02/05/2003;premiere_tranche;1 234,50;La Ciotat;",
        ";;;;;",
    ]
    body = "\ufeff" + "\r\n".join(lines)
    answer = client.post(
        "/cej/batch?months=2025-06:2025-06", data=body.encode(), content_type="text/csv"
    )
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    # 337.00 − 337.00 ÷ 1 141.44 × (1 234.50 − 300) = 61.10
    assert [row["cej_allocation@2025-06"] for row in rows] == ["561.68", "61.1"]
    assert "virgule décimale" in rows[0]["remarques"]
    assert "jour/mois/année" in rows[0]["remarques"]
    assert "commune" in rows[1]["remarques"]


def test_dates_that_may_be_read_in_two_ways_are_refused_once_a_row(client) -> None:
    body = "date_naissance,rqth\n03/04/2003,oui\n05/06/2003,oui\n"
    answer = client.post("/cej/batch?months=2025-06:2025-06", data=body, content_type="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    for row in rows:
        assert row["erreurs"].count("/date_naissance") == 1
        assert "se lit de deux façons : 2003-04-03 ou 2003-03-04" in row["erreurs"]
