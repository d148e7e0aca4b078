"""CSV files as spreadsheets save them: read, or refused with both readings; guesses are told."""

import csv
import datetime
import json
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result

from openfisca_cej.cli import main
from openfisca_cej.population import engine
from openfisca_cej.population.months import month_range
from openfisca_cej.population.parts import open_source
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.refusals import InvalidInput

MONTHS = month_range("2025-06:2025-06")

#: What a French Excel saves: amounts by hand in each of the three cases below.
#: a: 561.68; b: 337.00 − 337.00 ÷ 1 141.44 × (1 234.50 − 300) = 61.10; c: 224.68 − 224.68 ÷
#: 1 141.44 × (600 − 300) = 165.63.
AMOUNTS = [561.68, 61.10, 165.63]
FRENCH = [
    "individu_id;date_naissance;cej_situation_fiscale;salaire_net",
    "a;02/05/2003;non_imposable;0,00",
    "b;02/05/2003;premiere_tranche;1 234,50",
    "c;15/01/2008;non_imposable;600",
]


@pytest.fixture
def read(system, tmp_path):
    """Read a file of these bytes."""

    def reading(content: bytes):
        (tmp_path / "jeunes.csv").write_bytes(content)
        return read_csv(tmp_path / "jeunes.csv", system, MONTHS)

    return reading


def text(*lines: str, end: str = "\r\n") -> str:
    return end.join(lines) + end


def amounts(system, population) -> list[float]:
    """The allowance of the month, in the order of the persons."""
    found = numpy.zeros(population.count)
    for block in engine.simulate(system, population, MONTHS, ["cej_allocation"]):
        found[block.persons] = block.values["cej_allocation"][:, 0]
    return found.round(2).tolist()


def spelt(old: str, new: str) -> str:
    """The French file with something written otherwise."""
    assert old in text(*FRENCH)
    return text(*FRENCH).replace(old, new)


WRITTEN = {
    "as it is": text(*FRENCH).encode(),
    "mark of UTF-8": text(*FRENCH).encode("utf-8-sig"),
    "UTF-16, tabs": text(*FRENCH).replace(";", "\t").encode("utf-16"),
    "Unix lines": text(*FRENCH, end="\n").encode(),
    "sep=;": text("sep=;", *FRENCH).encode(),
    "blank first line": text("", *FRENCH).encode(),
    "empty first line of cells": text(";;;", *FRENCH).encode(),
    "empty columns and rows": text(*(f"{line};;" for line in FRENCH), ";;;;;", "", ";;").encode(),
    "empty columns of rows only": text(FRENCH[0], *(f"{line};;" for line in FRENCH[1:])).encode(),
    "hard space": spelt("1 234,50", "1\u00a0234,50").encode(),
    "hard space of Windows": spelt("1 234,50", "1\u00a0234,50").encode("cp1252"),
    "narrow space": spelt("1 234,50", "1\u202f234,50").encode(),
    "euros": spelt("1 234,50", "1 234,50 €").encode(),
    "euros of Windows": spelt("1 234,50", "1 234,50 €").encode("cp1252"),
    "points by thousands": spelt("1 234,50", "1.234,50").encode(),
    "exponent": spelt("1 234,50", "1,2345E+03").encode(),
    "bars": text(*FRENCH).replace(";", "|").encode(),
    "sep=~": text("sep=~", *FRENCH[:1], *FRENCH[1:]).replace(";", "~").encode(),
    "no decimals but there": spelt("0,00", "0").encode(),
    "dashes": text(*FRENCH).replace("/", "-").encode(),
    "midnight": spelt("15/01/2008", "15/01/2008 00:00:00").encode(),
    "ISO dates": text(*FRENCH)
    .replace("02/05/2003", "2003-05-02")
    .replace("15/01/2008", "2008-01-15")
    .encode(),
    "names in another case": spelt(FRENCH[0], FRENCH[0].upper()).encode(),
    "names as people say them": spelt(
        FRENCH[0], "Individu_id;Date de naissance;CEJ situation fiscale;Salaire net"
    ).encode(),
    "names with spaces": spelt(
        FRENCH[0], "Individu id;Date naissance;CEJ situation fiscale;Salaire net"
    ).encode(),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_read_however_a_spreadsheet_saved_it(name, read, system) -> None:
    population = read(WRITTEN[name])
    assert list(population.ids) == ["a", "b", "c"]
    assert amounts(system, population) == AMOUNTS


def test_what_was_guessed_is_told_once(read) -> None:
    population = read(spelt("a;02", "é;02").encode("cp1252"))
    told = [remark for remark in population.remarks if remark.startswith("Guessed")]
    assert " ".join(told) == (
        "Guessed: it is not in UTF-8: read as Windows-1252, as Excel saves it; numbers are read "
        "with a decimal comma; dates of date_naissance are read as day/month/year."
    )
    assert next(iter(population.ids)) == "é"


def test_a_file_of_a_machine_has_nothing_guessed(read) -> None:
    lines = ["individu_id,date_naissance,salaire_net", "a,2003-05-02,1234.5", "b,2003-05-02,0"]
    assert not [one for one in read(text(*lines).encode()).remarks if "Guessed" in one]


def test_names_read_for_others_are_told(read) -> None:
    population = read(WRITTEN["names with spaces"])
    assert "« Salaire net » is read as salaire_net." in population.remarks


@pytest.mark.parametrize(
    ("first", "second", "born"),
    [
        # One row decides: there is no month 25.
        ("25/04/2003", "03/04/2003", "2003-04-03"),
        ("04/25/2003", "03/04/2003", "2003-03-04"),
        # The same either way.
        ("04/04/2003", "03/03/2003", "2003-03-03"),
    ],
)
def test_a_row_decides_which_part_of_a_date_is_the_day(read, first, second, born) -> None:
    population = read(text("individu_id,date_naissance", f"a,{first}", f"b,{second}").encode())
    births = next(one for one in population.inputs if one.variable == "date_naissance")
    assert str(births.values[1]) == born


@pytest.mark.parametrize("separator", [",", ";"])
def test_dates_that_nothing_decides_are_refused_with_both_readings(read, separator) -> None:
    lines = ["individu_id,date_naissance", "a,03/04/2003", "b,05/06/2003"]
    with pytest.raises(InvalidInput) as caught:
        read(text(*lines).replace(",", separator).encode())
    assert "line 1, column date_naissance" in str(caught.value)
    assert "« 03/04/2003 » may be read in two ways: 2003-04-03 or 2003-03-04" in str(caught.value)
    assert "« 03/04/2003 » se lit de deux façons" in caught.value.faults.kept[0].fr


def test_decimal_commas_of_a_column_of_no_variable_tell_the_order_of_dates(tmp_path) -> None:
    content = text("date_naissance;taux", "03/04/2003;12,5", "05/06/2003;")
    (tmp_path / "p.csv").write_text(content, encoding="utf-8", newline="")
    arguments = ["simulate", str(tmp_path / "p.csv"), "--months", "2021-04:2021-04"]
    arguments += ["--keep", "taux", "--out", "-", "--variables", "age"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.stderr
    # Eighteen on the 3rd of April or of March, according to the reading; counted on the 1st.
    assert result.stdout.splitlines()[1:] == ['1,2021-04,"12,5",17', "2,2021-04,,17"]
    assert "dates of date_naissance are read as day/month/year" in result.stderr


def test_no_remedy_is_a_day_that_does_not_exist(read) -> None:
    lines = ["date_naissance", "13/05/2003", "02/13/2003", "31/02/2003"]
    with pytest.raises(InvalidInput) as caught:
        read(text(*lines).encode())
    rights = [fault.remedy for fault in sorted(caught.value.faults.kept)]
    assert rights == ["Write 2003-05-13", "Write YYYY-MM-DD", "Write YYYY-MM-DD"]


@pytest.mark.parametrize(
    "lines", [["Extrait du 3 mars;;;", *FRENCH], ["Extrait du 3 mars", *FRENCH], FRENCH[1:]]
)
def test_a_file_whose_first_line_names_no_column_has_one_fault(read, lines) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text(*lines).encode())
    assert str(caught.value).splitlines()[0] == (
        "jeunes.csv, line 1: no name is that of a column that the model reads. Write the names of "
        "the columns on the first line, and nothing above."
    )
    assert caught.value.faults.count == 1


def test_an_open_quotation_mark_has_its_line(read) -> None:
    for rank in range(4):
        lines = [f'"{line}' if row == rank else line for row, line in enumerate(FRENCH)]
        with pytest.raises(InvalidInput, match=f"line {rank + 1}: it is not a CSV file"):
            read(text(*lines).encode())


def test_a_few_bytes_that_are_not_in_utf_8_are_damage_and_not_windows(read) -> None:
    lines = [f"{line};Alès".encode() for line in FRENCH]
    lines[2] = lines[2].replace("è".encode(), b"\xe8")
    with pytest.raises(InvalidInput, match=r"line 3: this line is not in UTF-8, as the rest of"):
        read(b"\r\n".join(lines))
    # Capitals before a quotation mark or a hard space of Windows look like UTF-8.
    windows = [FRENCH[0] + ";commune", FRENCH[1] + ";JOSÉ’S « DÉPOSÉ » à Alès"]
    assert read(text(*windows).encode("cp1252")).count == 1


@pytest.mark.parametrize(
    ("header", "near"),
    [
        ("salaire_net_202506", "salaire_net@2025-06"),
        ("Salaire net 2025-06", "salaire_net@2025-06"),
        ("rni_2023", "rni@2023"),
        ("salaire_net_2025", "salaire_net"),  # a month has to be told
    ],
)
def test_a_period_after_a_name_is_written_after_its_sign(read, header, near) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(spelt("salaire_net", header).encode())
    assert f"Did you mean « {near} »?" in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (["1.234", "567,50"], None),  # a comma says that decimals have one, not what points are
        (["1.234,50", "1.234"], [1234.5, 1234]),
        (["1.234", "12.5"], [1.234, 12.5]),
        (["1.234.567", "1.234"], [1234567, 1234]),
        (["0.125", "0.5"], [0.125, 0.5]),
        (["1.234", "567"], None),
    ],
)
def test_points_part_thousands_where_a_row_tells_so(read, cells, read_as) -> None:
    lines = ["individu_id;date_naissance;poids"]
    lines += [f"{rank};2003-05-02;{cell}" for rank, cell in enumerate(cells)]
    content = text(*lines).encode()
    if read_as is None:
        with pytest.raises(
            InvalidInput, match=r"« 1\.234 » may be read in two ways: 1234 or 1,234"
        ):
            read(content)
    else:
        assert read(content).weights.tolist() == read_as


def test_a_comma_in_a_file_of_commas_is_still_refused(read) -> None:
    lines = ["individu_id,date_naissance,salaire_net", 'a,2003-05-02,"12,50"']
    with pytest.raises(InvalidInput, match=r"« 12,50 » has a decimal comma\. Write 12\.50"):
        read(text(*lines).encode())


def test_a_column_of_words_is_set_aside_and_told(read) -> None:
    lines = [
        f"{line};{town}" for line, town in zip(FRENCH, ["commune", "Gap", "", "Aix"], strict=True)
    ]
    population = read(text(*lines).encode())
    assert "commune is of no variable of the model: set aside." in population.remarks


@pytest.mark.parametrize("value", ["600", "12,5", "oui", "2003-05-02", "02/05/2003", "etudiant"])
def test_a_column_that_may_be_a_fact_is_refused(read, value) -> None:
    lines = [FRENCH[0] + ";autre_chose", *(f"{line};{value}" for line in FRENCH[1:])]
    with pytest.raises(InvalidInput, match="« autre_chose » is not a variable of the model"):
        read(text(*lines).encode())


def test_a_column_that_looks_like_another_is_refused_with_its_name(read) -> None:
    with pytest.raises(InvalidInput, match=r"Did you mean « salaire_net »\?"):
        read(spelt("salaire_net", "salaires_nets").encode())


def test_a_name_that_is_missing_is_told_once(read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(spelt("date_naissance", "Date_naisance").encode())
    assert caught.value.faults.count == 1
    assert "Did you mean « date_naissance »?" in str(caught.value)


def test_parts_of_a_folder_saved_by_a_spreadsheet_go_together(tmp_path) -> None:
    for name in ("a", "b"):
        lines = [FRENCH[0].replace("individu_id", "Individu_ID"), *FRENCH[1:]]
        content = text("sep=;", *(line.replace("a;", f"{name}0;") for line in lines))
        content = content.replace("b;02", f"{name}1;02").replace("c;", f"{name}2;")
        (tmp_path / f"{name}.csv").write_bytes(content.encode("cp1252"))
    source = open_source(tmp_path)
    assert source.rows == 6
    (tmp_path / "c.csv").write_bytes((tmp_path / "b.csv").read_bytes())
    with pytest.raises(InvalidInput, match="is both in"):
        open_source(tmp_path)


# Columns that the model does not know.


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def towns(tmp_path) -> Path:
    """A file with two columns that the model does not know, one of them of yes and no."""
    beside = ["commune;qpv", "Gap;oui", "La Ciotat, Ceyreste;non", ";oui"]
    path = tmp_path / "jeunes.csv"
    path.write_text(text(*(";".join(pair) for pair in zip(FRENCH, beside, strict=True))))
    return path


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("layout", ["person", "person-month"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_that_are_kept_stand_beside_the_identifier(
    towns, tmp_path, form, layout, kind
) -> None:
    path = towns
    if kind == "parquet":
        path = tmp_path / "jeunes.parquet"
        births = pyarrow.array([datetime.date(2003, 5, 2)] * 2 + [datetime.date(2008, 1, 15)])
        tiers = ["non_imposable", "premiere_tranche", "non_imposable"]
        columns = {
            "individu_id": ["a", "b", "c"],
            "date_naissance": births,
            "cej_situation_fiscale": tiers,
            "salaire_net": [0, 1234.5, 600],
            "commune": ["Gap", "La Ciotat, Ceyreste", None],
            "qpv": [True, False, True],
        }
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
    out = tmp_path / "out"
    result = command(
        *("simulate", path, "--months", "2025-05:2025-06", "--out", out, "--keep", "qpv,commune"),
        *("--format", form, "--layout", layout),
    )
    assert result.exit_code == 0, result.stderr
    written = out / f"allocations.{form}"
    if form == "csv":
        with written.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = pyarrow.parquet.read_table(written).to_pylist()
    months = 1 if layout == "person" else 2
    assert len(rows) == 3 * months
    first = ["individu_id", "mois"] if layout == "person-month" else ["individu_id"]
    assert list(rows[0])[: len(first) + 2] == [*first, "qpv", "commune"]
    found = [(row["individu_id"], row["qpv"], row["commune"]) for row in rows[::months]]
    yes, no = ("oui", "non") if kind == "csv" else ("true", "false")
    assert found == [("a", yes, "Gap"), ("b", no, "La Ciotat, Ceyreste"), ("c", yes, "")]
    amount = "cej_allocation@2025-06" if layout == "person" else "cej_allocation"
    assert [float(row[amount]) for row in rows[months - 1 :: months]] == AMOUNTS
    assert json.loads((out / "run.json").read_text())["keep"] == ["qpv", "commune"]


def test_unknown_columns_are_set_aside_when_asked_and_told(towns, tmp_path) -> None:
    asked = ("--months", "2025-06:2025-06")
    refused = command("check", towns, *asked)
    assert refused.exit_code == 2
    assert "« qpv » is not a variable" in refused.output
    assert command("check", towns, *asked, "--ignore-unknown").exit_code == 0
    result = command("simulate", towns, *asked, "--out", tmp_path / "out", "--ignore-unknown")
    assert result.exit_code == 0
    assert "qpv is of no variable of the model: set aside." in result.stderr
    assert json.loads((tmp_path / "out" / "run.json").read_text())["ignore_unknown"] is True


def test_what_cannot_be_kept_is_refused(towns, tmp_path) -> None:
    asked = ("simulate", towns, "--months", "2025-06:2025-06", "--out", tmp_path / "out")
    absent = command(*asked, "--keep", "zone")
    assert (absent.exit_code, "no column zone to keep" in absent.stderr) == (2, True)
    read = command(*asked, "--keep", "salaire_net")
    assert (read.exit_code, "is a column that the model reads" in read.stderr) == (2, True)
    embedded = command("simulate", "--keep", "zone", "--out", tmp_path / "out")
    assert (embedded.exit_code, "columns of a FILE" in embedded.stderr) == (2, True)


def test_the_long_format_keeps_columns_of_the_file_of_persons(towns, tmp_path) -> None:
    months = tmp_path / "mois.csv"
    months.write_text("individu_id,mois,ass\na,2025-05,0\n", encoding="utf-8")
    out = tmp_path / "out"
    result = command(
        *("simulate", towns, "--monthly", months, "--months", "2025-06:2025-06", "--out", out),
        *("--keep", "commune", "--ignore-unknown"),
    )
    assert result.exit_code == 0, result.stderr
    assert (out / "allocations.csv").read_text().splitlines()[1].startswith("a,2025-06,Gap,")


def test_a_comparison_takes_unknown_columns_of_the_file_for_attributes(towns, tmp_path) -> None:
    out = tmp_path / "out"
    result = command(
        *("compare", "montants_rsa", "--population", towns, "--months", "2025-06:2025-06"),
        *("--replicates", "0", "--min-group", "1", "--by", "qpv,commune", "--out", out),
    )
    assert result.exit_code == 0, result.stderr
    with (out / "resultats.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    groups = {value for row in rows for value in row.values()}
    assert {"oui", "non", "Gap"} <= groups or {"Oui", "Non", "Gap"} <= groups
    assert command("verify", out / "run.json").exit_code == 0


def test_what_may_be_kept_is_the_same_for_check_and_simulate(towns, tmp_path) -> None:
    towns.write_text(towns.read_text().replace("commune;qpv", "loyer;qpv"))
    asked = ("--months", "2025-06:2025-06")
    out = tmp_path / "out"
    result = command("simulate", towns, *asked, "--out", out, "--keep", "loyer,qpv")
    assert result.exit_code == 0, result.stderr
    assert "Gap" in (out / "allocations.csv").read_text()
    for name in ("salaire_net", "Salaire net", "individu_id", "mois"):
        refused = command("check", towns, *asked, "--keep", name)
        assert (refused.exit_code, "that the model reads" in refused.stderr) == (2, True)


def test_a_column_is_kept_however_it_is_spelt(towns, tmp_path) -> None:
    arguments = ("--months", "2025-06:2025-06", "--out", "-", "--keep", "QPV,Commune")
    result = command("simulate", towns, *arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0].startswith("individu_id,mois,QPV,Commune,")
    assert "« qpv » is read as QPV." in result.stderr


def test_what_is_no_text_is_kept_as_one_or_refused_by_its_type(tmp_path) -> None:
    path, born = tmp_path / "p.parquet", [datetime.date(2003, 5, 2)] * 2
    asked = ("--months", "2025-06:2025-06", "--keep", "k", "--variables", "age", "--out", "-")

    def kept(values: list[object]) -> Result:
        columns = {"date_naissance": born, "k": values}
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
        return command("simulate", path, *asked)

    rows = kept([float("nan"), 1.5]).stdout.splitlines()[1:]
    assert rows == ["1,2025-06,,22", "2,2025-06,1.5,22"]
    for values, told in (([[1], [2]], "list<element: int64>"), ([b"a", b"\xff"], "binary")):
        result = kept(values)
        sentence = f"p.parquet, column k: it is of type {told}, not a text. Write it as text."
        assert (result.exit_code, sentence in result.stderr) == (2, True)
        assert "no column k" not in result.stderr


def test_a_known_column_of_a_wrong_period_is_not_ignored(towns, tmp_path) -> None:
    towns.write_text(towns.read_text().replace("salaire_net", "salaire_net@2025"))
    result = command("check", towns, "--months", "2025-06:2025-06", "--ignore-unknown")
    assert result.exit_code == 2
    assert "is not a month" in result.output
