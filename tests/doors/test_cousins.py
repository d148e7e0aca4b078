"""Cousins of the cases of the table, found by trying to break it: each was a silent amount once."""

import csv
import datetime
import io
import json
import warnings

import numpy
import pandas
import polars
import pyarrow
import pytest
from click.testing import CliRunner
from simulations import systeme

from openfisca_cej.cli import main
from openfisca_cej.population import simulate
from openfisca_cej.population.long_format import read_long
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.refusals import InvalidInput
from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits

MONTH = "2025-05"
ONE = {"date_naissance": "2003-05-02", "cej_situation_fiscale": "non_imposable"}

#: 561.68; with 600 € of wages: 561.68 − 561.68 × 300 ÷ 1 141.44; with 1 200 €: × 900 ÷ 1 141.44.
FULL, SOME, LITTLE = 561.68, 414.06, 118.81


@pytest.fixture(scope="module")
def client():
    return create_app(systeme(), Limits()).test_client()


def rows(client, *persons: dict) -> list[dict]:
    """The answers of a batch of NDJSON."""
    body = "\n".join(map(json.dumps, persons))
    answer = client.post(
        f"/cej/batch?months={MONTH}", data=body, content_type="application/x-ndjson"
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


def amount(row: dict) -> float | None:
    return row.get(f"cej_allocation@{MONTH}")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("cej_revenus_micro_entreprise", "rpns_auto_entrepreneur_CA_bnc"),
        ("cej_indemnites_journalieres_non_ventilees", "indemnites_journalieres"),
    ],
)
def test_a_computed_resource_counts_alone_as_in_company(client, name, raw) -> None:
    given = {**ONE, f"{name}@2025-04": 1200}
    assert amount(rows(client, given)[0]) == LITTLE
    assert [amount(row) for row in rows(client, given, {**ONE, f"{raw}@2025-04": 0})] == [
        LITTLE,
        FULL,
    ]
    person = {"date_naissance": {"ETERNITY": "2003-05-02"}, name: {"2025-04": 1200}}
    person |= {
        "cej_situation_fiscale": {MONTH: "non_imposable"},
        "cej_allocation": {MONTH: None},
    }
    answer = client.post("/calculate", json={"individus": {"a": person}}).get_json()
    assert answer["individus"]["a"]["cej_allocation"][MONTH] == LITTLE


def test_names_in_two_spellings_are_one_column_and_two_of_a_row_are_refused(client) -> None:
    found = rows(client, {**ONE, "salaire_net": 600}, {**ONE, "Salaire_Net": 1200})
    assert [amount(row) for row in found] == [SOME, LITTLE]
    twice = rows(client, {**ONE, "salaire_net": 0, "Salaire_Net": 1200})[0]
    assert twice["errors"][0]["pointer"] == "/Salaire_Net"
    assert rows(client, {**ONE, "Individu_Id": "x"})[0]["individu_id"] == "x"
    assert "handicap" in rows(client, {**ONE, "Handicap": True})[0]["remarks"][0]


def test_one_month_written_in_two_ways_is_one_column(tmp_path, system) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "individu_id,date_naissance,salaire_net@2025-04,salaire_net@ 2025-04\na,2003-05-02,0,9\n"
    )
    with pytest.raises(InvalidInput, match="it comes twice"):
        read_csv(path, system, month_range(MONTH))


def test_without_birth_nor_age_nothing_is_paid_in_silence(client, tmp_path, system) -> None:
    aged = {"age": 22, "cej_situation_fiscale": "non_imposable"}
    found = rows(client, aged, {"cej_situation_fiscale": "non_imposable"})
    assert amount(found[0]) == FULL
    assert found[1]["errors"][0]["pointer"] == "/age"
    path = tmp_path / "a.csv"
    path.write_text("individu_id,age\na,22\nb,\n")
    with pytest.raises(InvalidInput, match="line 3, column age: it is empty"):
        read_csv(path, system, month_range(MONTH))


def test_an_age_of_later_is_used_and_not_told_to_be_useless(client) -> None:
    row = rows(client, {"age@2025-06": 22, "cej_situation_fiscale": "non_imposable"})[0]
    assert (amount(row), row.get("remarks")) == (FULL, None)


#: A column of OpenFisca-France, its values, the amounts and what is said.
PRESUMED = {
    "overseas": ({**ONE, "depcom": "97601"}, 320.15, "residence_mayotte"),
    "mainland": ({**ONE, "depcom": "13001"}, FULL, "ni à Mayotte"),
    "unless it is given": ({**ONE, "depcom": "97601", "residence_mayotte": False}, FULL, "depcom"),
    # One part, 18 000 €: 715.33 € − 565.31 € of décote for one; none is left for a couple.
    "married": (
        {
            "date_naissance": "2003-05-02",
            "rni@2023": 18000,
            "nbptr@2023": 1,
            "statut_marital": "marie",
        },
        FULL,
        "maries_ou_pacses",
    ),
    "single": (
        {
            "date_naissance": "2003-05-02",
            "rni@2023": 18000,
            "nbptr@2023": 1,
            "statut_marital": "celibataire",
        },
        337.0,
        "statut_marital",
    ),
}


@pytest.mark.parametrize("name", PRESUMED)
def test_names_of_openfisca_france_are_read_alike_in_tables(client, name) -> None:
    given, expected, said = PRESUMED[name]
    row = rows(client, given)[0]
    assert amount(row) == expected
    assert any(said in remark for remark in row["remarks"])
    columns = {key: [value] for key, value in given.items()}
    columns["date_naissance"] = [datetime.date(2003, 5, 2)]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = simulate(polars.DataFrame(columns), MONTH)
    assert found["cej_allocation"].to_list() == [expected]
    assert any(said in str(one.message) or "read as" in str(one.message) for one in told) or (
        name == "single"
    )


def test_remarks_are_those_of_the_row(client) -> None:
    found = rows(
        client,
        {"date_naissance": "2003-05-02", "rni@2023": 60000},
        {"date_naissance": "2003-05-02", "cej_rni_autonome@2023": 0},
    )
    assert "remarks" not in found[0]
    aged = {"date_naissance": "1997-05-02", "cej_situation_fiscale": "non_imposable"}
    found = rows(client, {**aged, "handicap": True}, {**aged, "rqth": True})
    assert "rqth" in found[0]["remarks"][0]
    assert "remarks" not in found[1]


UNTOLD = {"date_naissance": "2003-05-02", "salaire_net": 0}
OLD_NOTICE = {"date_naissance": "2003-05-02", "rni@2022": 0, "rni@2023": 0}
KEPT_NOTICE = {**OLD_NOTICE, "cej_date_signature": "2024-07-10", "cej_forfait_non_revise": True}
SINGLE = {"date_naissance": "2003-05-02", "rni@2023": 18000, "maries_ou_pacses@2022": False}
MARRIED = {"date_naissance": "2003-05-02", "rni@2023": 18000, "statut_marital": "Marié"}


@pytest.mark.parametrize(
    "rows_of", [(UNTOLD, OLD_NOTICE), (OLD_NOTICE, KEPT_NOTICE), (SINGLE, MARRIED, UNTOLD)]
)
def test_what_is_said_of_a_row_is_the_same_in_company(client, rows_of) -> None:
    def said(row: dict) -> tuple:
        return amount(row), row.get("remarks")

    alone = [said(rows(client, row)[0]) for row in rows_of]
    assert [said(row) for row in rows(client, *rows_of)] == alone
    assert [said(row) for row in rows(client, *rows_of[::-1])] == alone[::-1]


def test_only_those_whose_lump_sum_was_revised_have_no_use_for_an_old_notice(client) -> None:
    told = [row.get("remarks", []) for row in rows(client, OLD_NOTICE, KEPT_NOTICE)]
    assert any("« rni » de 2022 n'est pas utilisé" in remark for remark in told[0])
    assert not any("n'est pas utilisé" in remark for remark in told[1])


def test_what_is_presumed_of_a_row_stands_beside_what_another_says(client) -> None:
    # One part and 18 000 €: the décote of a couple takes the tax, that of one does not.
    found = rows(client, SINGLE, MARRIED, {**MARRIED, "maries_ou_pacses": False})
    assert [amount(row) for row in found] == [337, FULL, 337]
    found = rows(client, {**ONE, "depcom": "97601"}, {**ONE, "residence_mayotte": False})
    assert [amount(row) for row in found] == [320.15, FULL]


def test_remarks_are_those_of_the_person_and_headers_tell_all(client) -> None:
    born = {"date_naissance": {"ETERNITY": "2003-05-02"}}
    document = {
        "individus": {"a": born, "b": {**born, "salaire_de_base": {"2025-04": 900}}},
        "menages": {
            "m": {"personne_de_reference": ["b"], "loyer": {MONTH: 400}},
            "n": {"personne_de_reference": ["a"], "charges_locatives": {MONTH: 40}},
        },
    }
    for route in ("explain", "missing", "timeline", "curve"):
        months = "&months=1" if route == "timeline" else ""
        answer = client.post(f"/cej/{route}?month={MONTH}{months}&person=a", json=document)
        content = answer.get_json()
        told = " ".join((content[0] if route == "timeline" else content)["remarks"])
        assert "salaire_de_base" not in told, route
        assert "loyer" not in told, route
        assert "charges_locatives" in told, route
        assert "loyer" in answer.headers["CEJ-Ignored-Variables"]
        assert "salaire_de_base" in answer.headers["CEJ-Remarks"]


@pytest.mark.parametrize("header", ["depcom", "statut_marital"])
def test_what_lets_presume_something_is_not_in_a_months_file(tmp_path, system, header) -> None:
    persons, months = tmp_path / "a.csv", tmp_path / "b.csv"
    persons.write_text("individu_id,date_naissance\na,2003-05-02\n")
    months.write_text(f"individu_id,mois,{header}\na,{MONTH},97608\n")
    with pytest.raises(InvalidInput, match=f"column {header}: it does not belong in a months file"):
        read_long(persons, months, system, month_range(MONTH))


def test_cells_of_long_ago_in_a_months_file_are_told(tmp_path, system) -> None:
    persons, months = tmp_path / "a.csv", tmp_path / "b.csv"
    persons.write_text("individu_id,date_naissance\na,2003-05-02\n")
    months.write_text("individu_id,mois,salaire_net\na,2023-04,600\na,2025-04,0\n")
    told = read_long(persons, months, system, month_range(MONTH)).remarks
    assert any("1 cells of salaire_net are not used, long before" in remark for remark in told)


def test_a_timeline_uses_the_months_that_it_tells(tmp_path) -> None:
    file = tmp_path / "a.json"
    person = {"date_naissance": {"ETERNITY": "2003-05-02"}, "salaire_net": {"2025-08": 600}}
    file.write_text(json.dumps({"individus": {"a": person}}))
    words = ["timeline", str(file), "--from", MONTH, "--months"]
    for months, used in (("6", True), ("1", False)):
        done = CliRunner().invoke(main, [*words, months, "--format", "json"])
        assert done.exit_code == 0, done.output
        remarks = " ".join(json.loads(done.stdout)["remarks"])
        assert ("n'est pas utilisé" not in remarks) is used


def test_a_notice_that_comes_later_is_told(client) -> None:
    row = rows(client, {"date_naissance": "2003-05-02", "rni@2023": 0, "rni@2024": 60000})[0]
    assert amount(row) == FULL
    assert "« rni » de 2024 n'est pas utilisé" in row["remarks"][0]
    document = {
        "individus": {
            "a": {
                "date_naissance": {"ETERNITY": "2003-05-02"},
                "cej_allocation": {MONTH: None},
            }
        },
        "foyers_fiscaux": {"f": {"declarants": ["a"], "rni": {"2023": 0, "2024": 60000}}},
    }
    answer = client.post("/calculate", json=document)
    assert answer.headers["CEJ-Remarks"] == "not-used /foyers_fiscaux/f/rni"


def test_a_row_that_cannot_be_read_has_its_own_fault_and_no_other(client) -> None:
    body = '{"date_naissance":"2003-05-02","date_naissance":"2003-05-03"}\n'
    for more in ("", json.dumps(ONE)):
        answer = client.post(
            f"/cej/batch?months={MONTH}", data=body + more, content_type="application/x-ndjson"
        )
        first = json.loads(answer.get_data(as_text=True).splitlines()[0])
        assert [error["detail"] for error in first["errors"]] == [
            "la clé « date_naissance » est écrite deux fois"
        ]


def test_a_weight_is_told_to_be_of_no_use(client) -> None:
    assert "poids" in rows(client, {**ONE, "poids": 2})[0]["remarks"][0]


# Cells of files.


@pytest.mark.parametrize("cell", ["12€50", "12 50", "1 2 0 0", "1 23 456"])
def test_spaces_and_signs_inside_a_number_are_refused(client, cell) -> None:
    body = f"date_naissance;salaire_net@2025-04\n2003-05-02;{cell}\n"
    answer = client.post(f"/cej/batch?months={MONTH}", data=body.encode(), content_type="text/csv")
    row = next(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert "n'est pas un nombre" in row["erreurs"]


@pytest.fixture
def long_file(tmp_path, system, monkeypatch):
    """Read a file of which the last line comes in another block than the first ones."""
    monkeypatch.setattr("openfisca_cej.population.csv_reader.BLOCK", 3)

    def reading(header: str, *lines: str):
        path = tmp_path / "a.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return read_csv(path, system, month_range(MONTH))

    return reading


def test_the_last_rows_tell_how_a_file_is_written_as_the_first_ones_do(long_file) -> None:
    header = "individu_id;date_naissance;salaire_net"
    first = [f"{rank};05/05/2003;0" for rank in range(4)]
    with pytest.raises(InvalidInput, match=r"« 1\.234 » may be read in two ways"):
        long_file(header, *first, "x;05/05/2003;1.234")
    with pytest.raises(InvalidInput, match="« 02/04/2003 » may be read in two ways"):
        long_file(header, *first, "x;02/04/2003;0")
    population = long_file(header, *first, "x;02/04/2003;1234,5")
    wages = next(one for one in population.inputs if one.variable == "salaire_net")
    assert wages.values[-1] == 1234.5


def test_a_column_of_words_is_one_to_its_last_row(long_file) -> None:
    header = "individu_id,date_naissance,gains"
    with pytest.raises(InvalidInput, match="« gains » is not a variable"):
        long_file(header, *(f"{rank},2003-05-02,aucun" for rank in range(4)), "x,2003-05-02,1200")


@pytest.mark.parametrize(
    "cell",
    [
        *("1 234,50", "1 234,50 €", "600 €", "1.234,50", "30%", "(500)", "02.05.2003", "x"),
        *("02/05/2003 00:00", "2025-05", "Non_imposable", "OUI", "600 euros"),
    ],
)
def test_what_may_be_a_fact_is_no_word(long_file, cell) -> None:
    with pytest.raises(InvalidInput, match="« gains » is not a variable"):
        long_file("individu_id;date_naissance;gains", f"x;2003-05-02;{cell}")


def test_layouts_of_spreadsheets(long_file) -> None:
    population = long_file(
        '"lieu, ville, pays, code, autre";;individu_id;date_naissance;salaire_net',
        "Gap;;a;2003-05-02;1,5",
    )
    assert list(population.ids) == ["a"]
    with pytest.raises(InvalidInput, match=r"n° 2: a column has no name"):
        long_file("individu_id;;date_naissance", "a;5;2003-05-02")
    population = long_file("sep=\t", "individu_id\tdate_naissance", "a\t2003-05-02")
    assert list(population.ids) == ["a"]


# Frames: one grammar of values.


def allowance(data) -> list[float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = simulate(data, MONTH)
    amounts = found["cej_allocation"]
    return amounts.to_pylist() if isinstance(found, pyarrow.Table) else list(amounts)


BORN = [datetime.date(2003, 5, 2), datetime.date(2003, 5, 2)]
TIERS = ["non_imposable", "non_imposable"]
GRAMMAR = {
    "dates as texts": {"date_naissance": ["2003-05-02", "2003-05-02T00:00:00"]},
    "yes and no": {"rqth": ["oui", "non"]},
    "1.0 and 0.0": {"rqth": [1.0, 0.0]},
    "a null among yes": {"handicap": [True, None]},
    "identifiers read as floats": {"individu_id": [1.0, 2.0]},
}


@pytest.mark.parametrize("name", GRAMMAR)
def test_values_are_understood_in_frames_as_in_files(name) -> None:
    columns = {"date_naissance": BORN, "cej_situation_fiscale": TIERS, **GRAMMAR[name]}
    if name == "a null among yes":
        columns["rqth"] = [False, False]
    for frame in (pandas.DataFrame(columns), polars.DataFrame(columns, strict=False)):
        if name == "a null among yes":
            with pytest.raises(InvalidInput, match="handicap: it is empty"):
                allowance(frame)
            continue
        assert allowance(frame) == [FULL, FULL]


def test_categories_are_values() -> None:
    frame = pandas.DataFrame(
        {
            "individu_id": pandas.Categorical([7, 8]),
            "date_naissance": pandas.Categorical(["2003-05-02", "2003-05-02"]),
            "cej_situation_fiscale": pandas.Categorical(TIERS),
            "salaire_net": pandas.Categorical([0, 600]),
            "rqth": pandas.Categorical([True, False]),
        }
    )
    assert allowance(frame) == [FULL, SOME]


def test_identifiers_indexes_and_masks_of_frames_are_kept() -> None:
    frame = pandas.DataFrame(
        {"Individu_Id": ["c", "d"], "date_naissance": BORN, "cej_situation_fiscale": TIERS}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert list(simulate(frame, MONTH)["individu_id"]) == ["c", "d"]
        indexed = frame.rename(columns={"Individu_Id": "individu_id"})
        indexed["famille_id"] = ["f", "f"]
        indexed["famille_role"] = ["demandeur", "conjoint"]
        indexed["rsa"] = [500, 500]
        indexed = indexed.set_index(["famille_id", "individu_id"])
        assert allowance(indexed) == [0, 0]
        masked = {
            "date_naissance": numpy.array(BORN, dtype="datetime64[D]"),
            "salaire_net": numpy.ma.array([600.0, 0.0], mask=[True, False]),
        }
        with pytest.raises(InvalidInput, match="salaire_net: it is empty"):
            simulate(masked, MONTH)


@pytest.mark.parametrize(
    "months",
    [
        [pandas.Period(MONTH, "M")],
        [pandas.Timestamp("2025-05-01")],
        [datetime.date(2025, 5, 1)],
        [numpy.int64(12 * 2025 + 4)],
        [MONTH],
    ],
    ids=lambda months: type(months[0]).__name__,
)
def test_months_come_as_people_have_them(months) -> None:
    table = pyarrow.table({"date_naissance": BORN, "cej_situation_fiscale": TIERS})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert simulate(table, months)["mois"].to_pylist() == [MONTH, MONTH]


def test_months_of_before_the_law_are_answered_at_every_door(client) -> None:
    given = {**ONE, "rni@2020": 0, "rni@2023": 0}
    body = json.dumps(given)
    answer = client.post(
        "/cej/batch?months=2021-05", data=body, content_type="application/x-ndjson"
    )
    assert json.loads(answer.get_data())["cej_allocation@2021-05"] == 0
    document = {
        "individus": {
            "a": {
                "date_naissance": {"ETERNITY": "2003-05-02"},
                "cej_allocation": {"2021-05": None},
            }
        },
        "foyers_fiscaux": {"f": {"declarants": ["a"], "rni": {"2020": 0, "2023": 0}}},
    }
    assert client.post("/calculate", json=document).status_code == 200


AGED = {"date_naissance": "2003-05-02", "cej_situation_fiscale": "non_imposable"}


# On 1 May 2025 someone born on 2 May 2003 is 21: three years around are some other day's age.
@pytest.mark.parametrize(
    ("age", "goes"), [(17, False), (18, True), (21, True), (24, True), (25, False), (40, False)]
)
def test_an_age_that_does_not_go_with_the_birth_date_is_refused(
    client, tmp_path, age, goes
) -> None:
    row = rows(client, {**AGED, f"age@{MONTH}": age})[0]
    assert (amount(row) == FULL) is goes
    person = {"date_naissance": {"ETERNITY": "2003-05-02"}, "age": {MONTH: age}}
    person["cej_allocation"] = {MONTH: None}
    answer = client.post("/calculate", json={"individus": {"a": person}})
    assert (answer.status_code == 200) is goes
    if not goes:
        told = answer.get_json()["errors"][0]
        assert told["pointer"] == f"/individus/a/age/{MONTH}"
        assert "ne va pas avec la date de naissance 2003-05-02" in told["detail"]
        assert row["errors"][0]["pointer"] == f"/age@{MONTH}"


def test_a_value_is_quoted_as_it_was_written(client, long_file) -> None:
    with pytest.raises(InvalidInput, match="« -5,00 » is negative"):
        long_file("individu_id;date_naissance;salaire_net", "a;02/05/2003;-5,00")
    with pytest.raises(InvalidInput, match="« 31/04/2003 » is not a date"):
        long_file("individu_id;date_naissance;salaire_net", "a;31/04/2003;5,00")
    body = "date_naissance;salaire_net\n02/05/2003;-5,00\n"
    answer = client.post(f"/cej/batch?months={MONTH}", data=body.encode(), content_type="text/csv")
    assert "« -5,00 » est négatif" in answer.get_data(as_text=True)


def test_the_roles_of_files_are_named_as_documents_want_them(client) -> None:
    document = {
        "individus": {"a": {"cej_allocation": {MONTH: None}}},
        "familles": {"f": {"demandeur": ["a"]}},
    }
    told = client.post("/calculate", json=document).get_json()["errors"][0]
    assert told["nearest"] == "parents"


def test_someone_else_may_not_be_born_yet(client) -> None:
    document = {
        "individus": {
            "a": {
                "date_naissance": {"ETERNITY": "2003-05-02"},
                "cej_allocation": {MONTH: None},
            },
            "b": {"date_naissance": {"ETERNITY": "2025-09-01"}},
        },
        "familles": {"f": {"parents": ["a"], "enfants": ["b"]}},
    }
    assert client.post("/calculate", json=document).status_code == 200
    asked = f"/cej/explain?month={MONTH}&person="
    assert client.post(asked + "a", json=document).status_code == 200
    told = client.post(asked + "b", json=document).get_json()["errors"][0]
    assert told["pointer"] == "/individus/b/date_naissance/ETERNITY"
    assert told["detail"] == "« 2025-09-01 » est après les mois simulés : vérifiez l'année"


EMPTY = {
    "nulls of no type": pyarrow.nulls(2),
    "nulls of numbers": pyarrow.nulls(2, pyarrow.float64()),
    "NaN": pyarrow.array([numpy.nan, numpy.nan]),
    "a null and a NaN": pyarrow.array([None, numpy.nan]),
    "nulls of texts": pyarrow.nulls(2, pyarrow.string()),
    "empty texts": pyarrow.array(["", ""]),
    "an empty dictionary": pyarrow.nulls(2, pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
    "a dictionary of a null": pyarrow.DictionaryArray.from_arrays(
        pyarrow.array([0, 0], pyarrow.int32()), pyarrow.array([None], pyarrow.string())
    ),
    "nulls of dates": pyarrow.nulls(2, pyarrow.date32()),
}


@pytest.mark.parametrize("kind", EMPTY)
def test_empty_cells_of_any_type_are_not_given(kind) -> None:
    table = {"date_naissance": BORN, "cej_situation_fiscale": TIERS}
    # What the model computes, and what has a way to say « not given », may be empty.
    for name in (
        *("cej_montant_forfaitaire@2025-05", "cej_eligibilite@2025-05", "cej_date_signature"),
        *("cej_impot_restant_a_payer@2023", "famille_role"),
    ):
        assert allowance(pyarrow.table({**table, name: EMPTY[kind]})) == [FULL, FULL], name
    for name in ("salaire_net", "rqth", "activite", "cej_rang_manquement", "poids"):
        with pytest.raises(InvalidInput, match=f"position 1, column {name}: it is empty"):
            allowance(pyarrow.table({**table, name: EMPTY[kind]}))
    with pytest.raises(InvalidInput, match="position 1, column individu_id: it is empty"):
        allowance(pyarrow.table({**table, "individu_id": EMPTY[kind]}))


#: Wages of 0 and 600 €, and who is recognised, as columns of a dict.
COLUMNS = {
    "list": (list, list),
    "pandas Series": (pandas.Series, pandas.Series),
    "nullable": (
        lambda wages: pandas.Series(wages, dtype="Int64"),
        lambda facts: pandas.Series(facts, dtype="boolean"),
    ),
    "objects": (
        lambda wages: pandas.Series(wages, dtype=object),
        lambda facts: numpy.array(facts, dtype=object),
    ),
    "categories": (pandas.Categorical, pandas.Categorical),
    "pandas arrays": (pandas.array, pandas.Index),
    "Polars Series": (polars.Series, polars.Series),
    "Arrow arrays": (pyarrow.array, pyarrow.array),
    "chunks": (
        lambda wages: pyarrow.chunked_array([wages[:1], wages[1:]]),
        lambda facts: pyarrow.chunked_array([facts]),
    ),
    "Arrow scalars": (
        lambda wages: [*map(pyarrow.scalar, wages)],
        lambda facts: [*map(pyarrow.scalar, facts)],
    ),
    "masked": (numpy.ma.array, numpy.ma.array),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_of_a_dict_are_those_of_a_frame(kind) -> None:
    wages, facts = COLUMNS[kind]
    born = [datetime.date(1998, 5, 2)] * 2
    data = {
        "date_naissance": born,
        "cej_situation_fiscale": TIERS,
        "salaire_net": wages([0, 600]),
        "rqth": facts([True, True]),
    }
    assert allowance(data) == [FULL, SOME]
    assert allowance({**data, "rqth": facts([True, False])}) == [FULL, 0]


@pytest.mark.parametrize(
    "empty",
    [
        pandas.Series([600, None], dtype="Int64"),
        pandas.Series([600, None], dtype=object),
        pandas.Series([600, None]),
        polars.Series([600, None]),
        pyarrow.array([600, None]),
        numpy.array([600, numpy.nan]),
        numpy.array([600, None], dtype=object),
        numpy.ma.array([600, 0], mask=[False, True]),
    ],
    ids=lambda values: (
        f"{type(values).__module__.partition('.')[0]} {values.dtype}"
        if hasattr(values, "dtype")
        else "Arrow"
    ),
)
def test_a_cell_of_a_column_of_a_dict_may_be_empty(empty) -> None:
    data = {"date_naissance": BORN, "cej_situation_fiscale": TIERS}
    with pytest.raises(InvalidInput, match="position 1, column salaire_net: it is empty"):
        allowance({**data, "salaire_net": empty})
    assert allowance({**data, "cej_montant_forfaitaire@2025-05": empty}) == [600, FULL]


def test_the_index_of_series_is_that_of_the_persons() -> None:
    def series(values: list, names: str, level: str | None = None) -> pandas.Series:
        return pandas.Series(values, index=pandas.Index(list(names), name=level))

    data = {"date_naissance": series(BORN, "ab"), "cej_situation_fiscale": series(TIERS, "ab")}
    with pytest.raises(InvalidInput, match="have not the same index"):
        allowance({**data, "salaire_net": series([600, 0], "ba")})
    named = {
        "date_naissance": series(BORN, "ab", "individu_id"),
        "cej_situation_fiscale": TIERS,
        "salaire_net": series([600, 0], "ab", "individu_id"),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = simulate(named, MONTH)
    assert list(found["individu_id"]) == ["a", "b"]
    assert list(found["cej_allocation"]) == [SOME, FULL]


def test_ages_of_the_months_file_go_with_the_birth_dates(tmp_path, system) -> None:
    persons, months = tmp_path / "a.csv", tmp_path / "b.csv"
    persons.write_text("individu_id,date_naissance\na,2003-05-02\nb,2003-05-02\n")
    months.write_text(f"individu_id,mois,age\na,{MONTH},21\nb,{MONTH},40\n")
    with pytest.raises(InvalidInput, match="line 3, column age: an age of 40 in 2025-05"):
        read_long(persons, months, system, month_range(MONTH))


def test_nulls_of_inputs_that_are_never_nil_are_not_given(client) -> None:
    """A null of another member, in a column whose least value is more than 0."""
    table = pyarrow.table(
        {
            "date_naissance": [*BORN],
            "foyer_fiscal_id": ["f", "f"],
            "foyer_fiscal_role": ["declarant_principal", "conjoint"],
            # A couple: the décote takes the tax of 31 000 € and two parts.
            "rni@2024": pyarrow.array([31000, None], pyarrow.float64()),
            "nbptr@2024": pyarrow.array([2, None], pyarrow.int8()),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert simulate(table, "2025-10")["cej_allocation"].to_pylist() == [FULL, FULL]
