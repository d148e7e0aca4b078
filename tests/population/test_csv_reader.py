"""A file of persons is read exactly, or refused with all its faults."""

import numpy
import pytest
from populations import write

from openfisca_cej.population import csv_reader
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.refusals import SHOWN, InvalidInput

MONTHS = month_range("2025-01:2025-12")
HEADER = "individu_id,date_naissance"


def values(population, name, period=None):
    (found,) = (i.values for i in population.inputs if (i.variable, i.period) == (name, period))
    return found.tolist()


@pytest.fixture
def read(system, tmp_path):
    """Read these lines as a file of persons."""

    def from_lines(*lines, months=MONTHS):
        return read_csv(write(tmp_path / "jeunes.csv", *lines), system, months)

    return from_lines


def test_every_type_of_column_is_read(read):
    population = read(
        "individu_id,date_naissance,rqth,activite,salaire_net,salaire_net@2025-03,"
        "cej_mois_prolongation,cej_date_fin",
        "a,2004-05-06,oui,chomeur,12.5,1e3,0,",
        "b,2005-12-31,false,inactif,0,.5,6,2025-06-30",
    )
    assert population.ids == ["a", "b"]
    assert population.weights is None
    assert values(population, "rqth") == [True, False]
    assert values(population, "activite") == [1, 4]
    assert values(population, "salaire_net") == [12.5, 0]
    assert values(population, "salaire_net", "2025-03") == [1000, 0.5]
    assert values(population, "cej_mois_prolongation") == [0, 6]
    births = numpy.array(["2004-05-06", "2005-12-31"], dtype="datetime64[D]")
    assert values(population, "date_naissance") == births.tolist()
    ends = numpy.array(["1970-01-01", "2025-06-30"], dtype="datetime64[D]")
    assert values(population, "cej_date_fin") == ends.tolist()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, True) for text in ("true", "1", "vrai", "oui", "OUI", " True ")),
        *((text, False) for text in ("false", "0", "faux", "non", "Non")),
    ],
)
def test_booleans_have_four_spellings(read, text, value):
    assert values(read(HEADER + ",rqth", f"a,2004-01-01,{text}"), "rqth") == [value]


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_spreadsheets_may_write_the_file(system, tmp_path, separator, end, mark):
    rows = [["individu_id", "date_naissance", "salaire_net"], ['"a,;b"', "2004-01-01", " 5 "]]
    text = mark + "".join(separator.join(row) + end for row in rows) + end
    (tmp_path / "a.csv").write_bytes(text.encode())
    population = read_csv(tmp_path / "a.csv", system, MONTHS)
    assert population.ids == ["a,;b"]
    assert values(population, "salaire_net") == [5]


def test_without_identifiers_rows_are_numbered(read):
    assert read("date_naissance", "2004-01-01", "2004-01-02").ids == ["1", "2"]


def test_everyone_is_alone_without_groups(read):
    groups = read(HEADER, "a,2004-01-01").groups
    assert {key: group.membership for key, group in groups.items()} == {
        "famille": None,
        "foyer_fiscal": None,
        "menage": None,
    }


def test_members_of_a_group_share_what_one_of_them_gives(read):
    population = read(
        HEADER + ",foyer_fiscal_id,rni,rni@2023,poids",
        "a,2004-01-01,F2,,,1",
        "b,2004-01-01,F1,10000,,2.5",
        "c,2004-01-01,F2,20000,30000,1",
        "d,2004-01-01,F1,10000.0,,1",
    )
    assert population.groups["foyer_fiscal"].membership.tolist() == [0, 1, 0, 1]
    assert values(population, "rni") == [20000, 10000]
    assert values(population, "rni", "2023") == [30000, 10000]
    assert population.weights.tolist() == [1, 2.5, 1, 1]


def test_roles_are_those_of_the_file(read):
    population = read(
        HEADER + ",famille_id,famille_role",
        "a,2004-01-01,X,enfant",
        "b,1975-01-01,X,conjoint",
        "c,1975-01-01,X,demandeur",
        "d,2004-01-01,Y,enfant",
    )
    assert population.groups["famille"].roles.tolist() == [2, 1, 0, 2]
    assert "role" not in " ".join(population.remarks)


def test_a_role_may_be_given_to_persons_who_are_alone(read):
    population = read(HEADER + ",famille_role", "a,2004-01-01,enfant", "b,2004-01-01,")
    assert population.groups["famille"].roles.tolist() == [2, 0]
    assert population.groups["famille"].count == 2


def test_guessed_roles_are_told(read):
    population = read(
        HEADER + ",famille_id,famille_role",
        "a,1975-01-01,X,",
        "b,2004-01-01,X,",
        "c,2004-01-01,Y,",
        "d,2004-01-01,Z,",
        "e,1975-01-01,Z,demandeur",
    )
    assert population.groups["famille"].roles.tolist() == [0, 2, 0, 2, 0]
    assert any("not given for 3 persons" in remark for remark in population.remarks)


def test_a_missing_signature_is_told(read):
    remarks = read(HEADER + ",cej_date_signature", "a,2004-01-01,2025-01-01", "b,2004-01-01,")
    assert any("for 1 of 2 persons" in remark for remark in remarks.remarks)
    assert any("for 1 of 1 persons" in remark for remark in read(HEADER, "a,2004-01-01").remarks)


def test_months_after_the_simulation_are_told(read):
    population = read(HEADER + ",salaire_net@2052-03", "a,2004-01-01,5")
    assert any("salaire_net@2052-03" in remark for remark in population.remarks)


def test_an_age_may_stand_for_a_birth_date(read):
    assert values(read("age,date_naissance", "20,", "21,2004-01-01"), "age") == [20, 21]


# One fault each: lines of the file, line at fault (0: the file), column, words of the sentence.
FAULTS = {
    "empty file": ([""], 0, "", ["empty", "names the columns"]),
    "no row": ([HEADER], 0, "", ["no row"]),
    "unknown column": (
        [HEADER + ",salair_net", "a,2004-01-01,5"],
        *(1, "salair_net", ["« salair_net » is not a variable", "« salaire_net »"]),
    ),
    "unknown column of a month": (
        [HEADER + ",salair_net@2025-03", "a,2004-01-01,5"],
        *(1, "salair_net@2025-03", ["« salaire_net@2025-03 »"]),
    ),
    "unknown column like no other": (
        [HEADER + ",taille", "a,2004-01-01,170"],
        1,
        "taille",
        ["--attributes"],
    ),
    "column without a name": ([HEADER + ",,rqth", "a,2004-01-01,5,oui"], 1, "n° 3", ["no name"]),
    "cell beyond the names": ([HEADER + ",", "a,2004-01-01,5"], 2, "", ["« 5 » beyond"]),
    "column that comes twice": (
        [HEADER + ",rqth,rqth", "a,2004-01-01,oui,oui"],
        *(1, "rqth", ["comes twice"]),
    ),
    "result as a column": (
        [HEADER + ",cej_allocation", "a,2004-01-01,5"],
        *(1, "cej_allocation", ["what the simulation computes", "Remove"]),
    ),
    "monthly column of a year": (
        [HEADER + ",salaire_net@2025", "a,2004-01-01,5"],
        *(1, "salaire_net@2025", ["is not a month", "salaire_net@YYYY-MM"]),
    ),
    "monthly column of no month": (
        [HEADER + ",salaire_net@", "a,2004-01-01,5"],
        *(1, "salaire_net@", ["is not a month"]),
    ),
    "month that does not exist": (
        [HEADER + ",salaire_net@2025-13", "a,2004-01-01,5"],
        *(1, "salaire_net@2025-13", ["« @2025-13 » is not a month"]),
    ),
    "yearly column of a month": (
        [HEADER + ",rni@2023-01", "a,2004-01-01,5"],
        *(1, "rni@2023-01", ["is not a year", "rni@YYYY"]),
    ),
    "dated column of what never changes": (
        [HEADER + ",cej_date_fin@2025-01", "a,2004-01-01,"],
        *(1, "cej_date_fin@2025-01", ["never changes", "Write cej_date_fin"]),
    ),
    "no birth date": (["individu_id,salaire_net", "a,5"], 1, "", ["no column date_naissance"]),
    "birth date left empty": ([HEADER, "a,2004-01-01", "b,"], 3, "date_naissance", ["is empty"]),
    "day that does not exist": (
        [HEADER, "a,2003-13-45"],
        *(2, "date_naissance", ["« 2003-13-45 » is not a date", "YYYY-MM-DD"]),
    ),
    "date without a day": (
        [HEADER + ",cej_date_signature", "a,2004-01-01,2025-01"],
        *(2, "cej_date_signature", ["« 2025-01 » is not a date"]),
    ),
    "French date": (
        [HEADER, "a,5/12/2003"],
        *(1, "date_naissance", ["« 5/12/2003 » may be read", "2003-12-05 or 2003-05-12"]),
    ),
    "date far away": (
        [HEADER + ",cej_date_fin", "a,2004-01-01,0205-05-05"],
        *(2, "cej_date_fin", ["« 0205-05-05 »", "1900 to 2100"]),
    ),
    "birth after the months simulated": (
        [HEADER, "a,2026-02-01"],
        *(2, "date_naissance", ["after the months simulated"]),
    ),
    "age over 130 years": (["individu_id,age", "a,131"], 2, "age", ["too large", "at most 130"]),
    "age under zero": (["individu_id,age", "a,-1"], 2, "age", ["negative"]),
    "age with decimals": (["individu_id,age", "a,17.5"], 2, "age", ["not a whole number"]),
    "negative resource": (
        [HEADER + ",salaire_net", "a,2004-01-01,0", "b,2004-01-01,-0.01"],
        *(3, "salaire_net", ["« -0.01 » is negative", "Write 0 or more"]),
    ),
    "income of a foyer out of reach": (
        [HEADER + ",rni@2023", "a,2004-01-01,-2e9"],
        *(2, "rni@2023", ["too small"]),  # a loss may be given, as in a situation
    ),
    "amount that is too large": (
        [HEADER + ",salaire_net", "a,2004-01-01,1e300"],
        *(2, "salaire_net", ["too large"]),
    ),
    "NaN": (
        [HEADER + ",salaire_net", "a,2004-01-01,NaN"],
        *(2, "salaire_net", ["« NaN » is not a number"]),
    ),
    "infinity": (
        [HEADER + ",salaire_net", "a,2004-01-01,inf"],
        *(2, "salaire_net", ["« inf » is not a number"]),
    ),
    "number too large for a float": (
        [HEADER + ",salaire_net", "a,2004-01-01,1e999"],
        *(2, "salaire_net", ["too large"]),
    ),
    "number with underscores": (
        [HEADER + ",salaire_net", "a,2004-01-01,1_000"],
        *(2, "salaire_net", ["not a number"]),
    ),
    "number in other digits": (
        [HEADER + ",salaire_net", "a,2004-01-01,１２"],
        *(2, "salaire_net", ["not a number"]),
    ),
    "word for a number": (
        [HEADER + ",salaire_net", "a,2004-01-01,mille"],
        *(2, "salaire_net", ["« mille » is not a number"]),
    ),
    "empty amount": (
        [HEADER + ",salaire_net", "a,2004-01-01,"],
        *(2, "salaire_net", ["is empty", "Write 0"]),
    ),
    "empty amount of one month": (
        [HEADER + ",salaire_net@2025-03", "a,2004-01-01,"],
        *(2, "salaire_net@2025-03", ["is empty"]),
    ),
    "empty truth value": ([HEADER + ",rqth", "a,2004-01-01,"], 2, "rqth", ["is empty"]),
    "empty item": ([HEADER + ",activite", "a,2004-01-01,"], 2, "activite", ["is empty"]),
    "decimal comma": (
        [HEADER + ",salaire_net", 'a,2004-01-01,"12,50"'],
        *(2, "salaire_net", ["« 12,50 » has a decimal comma", "Write 12.50"]),
    ),
    "rate in percent": (
        [HEADER + ",cej_sanction_taux@2025-07", "a,2004-01-01,30"],
        *(2, "cej_sanction_taux@2025-07", ["too large", "at most 1"]),
    ),
    "hours of more than a week": (
        [HEADER + ",cej_heures_hebdomadaires", "a,2004-01-01,169"],
        *(2, "cej_heures_hebdomadaires", ["at most 168"]),
    ),
    "unknown item": (
        [HEADER + ",activite", "a,2004-01-01,etudient"],
        *(2, "activite", ["« etudient »", "« etudiant »", "actif, chomeur"]),
    ),
    "neither true nor false": (
        [HEADER + ",rqth", "a,2004-01-01,peut-être"],
        *(2, "rqth", ["« peut-être » is neither true nor false", "oui or non"]),
    ),
    "two for a truth value": ([HEADER + ",rqth", "a,2004-01-01,2"], 2, "rqth", ["neither"]),
    "identifier that comes twice": (
        [HEADER, "a,2004-01-01", "b,2004-01-01", "a,2004-01-02"],
        *(4, "individu_id", ["« a » is already on line 2"]),
    ),
    "empty identifier": ([HEADER, ",2004-01-01"], 2, "individu_id", ["is empty"]),
    "empty group": (
        [HEADER + ",famille_id", "a,2004-01-01,"],
        *(2, "famille_id", ["is empty"]),
    ),
    "weight of zero": ([HEADER + ",poids", "a,2004-01-01,0"], 2, "poids", ["is not a weight"]),
    "negative weight": (
        [HEADER + ",poids", "a,2004-01-01,-2"],
        2,
        "poids",
        ["« -2 » is not a weight"],
    ),
    "empty weight": ([HEADER + ",poids", "a,2004-01-01,"], 2, "poids", ["is empty"]),
    "unknown role": (
        [HEADER + ",famille_role", "a,2004-01-01,cousin"],
        *(2, "famille_role", ["« cousin » is not a role", "demandeur, conjoint, enfant"]),
    ),
    "two heads of a family": (
        [
            HEADER + ",famille_id,famille_role",
            "a,2004-01-01,X,demandeur",
            "b,2004-01-01,Y,demandeur",
            "c,2004-01-01,X,demandeur",
        ],
        *(4, "famille_role", ["one demandeur", "line 2"]),
    ),
    "members who disagree": (
        [
            HEADER + ",foyer_fiscal_id,rni",
            "a,2004-01-01,F1,10000",
            "b,2004-01-01,F1,",
            "c,2004-01-01,F1,12000.5",
        ],
        *(4, "rni", ["« 12000.5 »", "« 10000 » of line 2", "foyer_fiscal « F1 »"]),
    ),
    "members who disagree on a truth": (
        [
            HEADER + ",menage_id,residence_mayotte",
            "a,2004-01-01,M,oui",
            "b,2004-01-01,M,non",
        ],
        *(3, "residence_mayotte", ["« non » is not « oui » of line 2", "menage « M »"]),
    ),
    "group of which nothing is given": (
        [HEADER + ",foyer_fiscal_id,rni", "a,2004-01-01,F1,5", "b,2004-01-01,F2,"],
        *(3, "rni", ["is empty for all of foyer_fiscal « F2 »"]),
    ),
    "row that is too short": ([HEADER, "a,2004-01-01", "b"], 3, "", ["has 1 cells", "not 2"]),
    "row that is too long": ([HEADER, "a,2004-01-01,7"], 2, "", ["has 3 cells", "not 2"]),
    "quotation mark left open": ([HEADER, 'a,"2004-01-01'], 2, "", ["not a CSV file"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_its_place(read, case):
    lines, line, column, words = FAULTS[case]
    with pytest.raises(InvalidInput) as caught:
        read(*lines)
    (fault,) = caught.value.faults.kept
    assert (fault.line, fault.column) == (line, column)
    sentence = str(caught.value).splitlines()[0]
    place = [
        "jeunes.csv",
        *([f"line {line}"] if line else []),
        *([f"column {column}"] if column else []),
    ]
    assert sentence.startswith(", ".join(place) + ": ")
    for word in words:
        assert word in sentence
    assert str(caught.value).endswith("Nothing was written.")


def test_nobody_is_more_than_130_years_old(read):
    with pytest.raises(InvalidInput, match=r"line 3, column date_naissance.*more than 130"):
        read(HEADER, "a,1921-01-01", "b,1920-12-31", months=month_range("2051-01:2051-03"))


def test_a_file_of_an_unknown_encoding_is_refused(system, tmp_path):
    # 0x81 is nothing in Windows-1252, and no UTF-8 alone.
    (tmp_path / "a.csv").write_bytes(HEADER.encode() + b"\nZo\x81,2004-01-01\n")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_csv(tmp_path / "a.csv", system, MONTHS)


def test_all_the_faults_are_reported_in_the_order_of_the_file(read):
    with pytest.raises(InvalidInput) as caught:
        read(
            HEADER + ",salaire_net,taille,rqth",
            "a,2004-01-01,-1,170,oui",
            "a,2004-02-30,x,180,?",
            "b,2004-01-01",
        )
    faults = sorted(caught.value.faults.kept)
    assert [(fault.line, fault.column) for fault in faults] == [
        (1, "taille"),
        (2, "salaire_net"),
        (3, "date_naissance"),
        (3, "individu_id"),
        (3, "rqth"),
        (3, "salaire_net"),
        (4, ""),
    ]


def test_a_cell_that_cannot_be_read_makes_one_fault(read, monkeypatch):
    monkeypatch.setattr(csv_reader, "BLOCK", 2)
    with pytest.raises(InvalidInput) as caught:
        read(
            HEADER + ",foyer_fiscal_id,rni,nbptr,poids",
            "a,2004-01-01,F1,5,1,1",
            "b,2004-01-01,F1,5,1,1",
            "c,2004-01-01,F2,5,1,1",
            "d,2004-01-01,F1,x,1,1",
            "e,2004-01-01,F3,1,?,1",
            "f,31/12/2003,F4,1,1,-1",
        )
    faults = sorted(caught.value.faults.kept)
    assert [(fault.line, fault.column) for fault in faults] == [
        (5, "rni"),
        (6, "nbptr"),
        (7, "date_naissance"),
        (7, "poids"),
    ]


def test_many_faults_are_counted(read):
    with pytest.raises(InvalidInput) as caught:
        read(HEADER + ",salaire_net", *(f"p{rank},2004-01-01,-1" for rank in range(1500)))
    text = str(caught.value).splitlines()
    assert len(text) == SHOWN + 2
    assert text[0].startswith("jeunes.csv, line 2, column salaire_net:")
    assert text[-2] == f"… and {1500 - SHOWN} more."


def test_lines_are_those_of_the_file_whatever_the_blocks(read, monkeypatch):
    monkeypatch.setattr(csv_reader, "BLOCK", 2)
    lines = [HEADER + ",salaire_net", *(f"p{rank},2004-01-01,{rank}" for rank in range(7))]
    lines[3] = '"p\n2",2004-01-01,2'
    lines.insert(5, "")
    assert values(read(*lines), "salaire_net") == [0, 1, 2, 3, 4, 5, 6]
    lines[-1] = "p6,2004-01-01,-6"
    with pytest.raises(InvalidInput, match="line 10, column salaire_net: « -6 »"):
        read(*lines)
