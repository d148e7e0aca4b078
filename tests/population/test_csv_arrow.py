"""A CSV file read by PyArrow is the one that the reader of rows reads, or is left to it."""

import numpy
import pytest
import streams
from populations import write

from openfisca_cej.population import csv_arrow, csv_file, csv_reader, jobs, parts, reader, run
from openfisca_cej.population.months import month_range
from openfisca_cej.population.schema import REFUSED, Schema
from openfisca_cej.population.sheet import build

pyarrow = pytest.importorskip("pyarrow")
csv = pytest.importorskip("pyarrow.csv")

MONTHS = month_range("2025-01:2025-03")
HEAD = "individu_id,date_naissance,salaire_net@2025-01,rqth,poids"
FRENCH = "individu_id;date_naissance;salaire_net@2025-01;rqth;poids"

HOMES = "individu_id,date_naissance,famille_id,famille_role,rsa"
DATED = "individu_id,date_naissance,cej_date_fin,ppa@2025-01"

#: Files that both read.
READ = {
    "plain": [HEAD, "a,2003-01-02,12.5,oui,1.5", "b,2004-05-06,0,non,2"],
    "quoted": [f'"individu_id"{HEAD[11:]}', '"a","2003-01-02","1e2",oui,1', "b,2004-01-01,.5,1,2"],
    "with a comma in a cell": [HEAD, '"a,b",2003-01-02,12.5,oui,1.5'],
    "with a break in a cell": [HEAD, '"a\nb",2003-01-02,12.5,oui,1', "c,2003-01-02,0,oui,1"],
    "empty cells": [DATED, "a,2003-01-02,,0", "b,2003-01-02,2025-02-01,3"],
    "French": [FRENCH, "a;02/05/2003;1 234,50 €;oui;1", "b;15/05/2003;0;non;1,5"],
    "French by points": [FRENCH, "a;15/05/2003;1.234,50;oui;1", "b;15/05/2003;1.234;non;1"],
    "dates of one kind": [HEAD, "a,13/05/2003,1,oui,1", "b,02/05/2003,1,oui,1"],
    "midnights": [HEAD, "a,2003-05-02 00:00:00,1,oui,1", "b,2003-05-02,1,oui,1"],
    "spaces": [HEAD, " a , 2003-05-02 , 1 , oui , 1", "b,2003-05-02,1,oui,1"],
    "blank rows": [HEAD, "a,2003-05-02,1,oui,1", "", "b,2003-05-02,1,oui,1", ""],
    "empty columns": [HEAD + ",,", "a,2003-05-02,1,oui,1,,", "b,2003-05-02,1,oui,1,,"],
    "before the header": ["", "sep=;", FRENCH, "a;2003-05-02;1;oui;1"],
    "words aside": [HEAD + ",commune", "a,2003-05-02,1,oui,1,Orléans"],
    "families": [HOMES, "a,2003-05-02,F,demandeur,5", "b,2001-05-02,F,conjoint,5"],
}

#: Files that only the reader of rows reads.
LEFT = {
    "rows of separators": [HEAD, "a,2003-05-02,1,oui,1", ",,,,", "b,2003-05-02,1,oui,1"],
    "an odd mark": [HEAD, 'a"b,2003-05-02,1,oui,1'],
    "two ways to write": [HEAD, "a,2003-05-02,1 200,oui,1", "b,2003-05-02,1,oui,1", ",,,,"],
}


@pytest.fixture(autouse=True)
def any_size(monkeypatch):
    """Small files are read by PyArrow too."""
    monkeypatch.setattr(csv_arrow, "WORTH_IT", 0)


def told(population):
    """All that a population holds, fit to be compared."""
    return {
        "ids": list(population.ids),
        "weights": None if population.weights is None else population.weights.tolist(),
        "remarks": population.remarks,
        "inputs": [
            (i.variable, i.period, i.values.dtype.str, i.values.tolist(), given(i.given))
            for i in population.inputs
        ],
        "groups": {key: (one.count, given(one.membership), given(one.roles))
                   for key, one in population.groups.items()},
    }  # fmt: skip


def given(values):
    """An array as a list, where there is one."""
    return None if values is None else numpy.asarray(values).tolist()


@pytest.mark.parametrize("name", [*READ, *LEFT])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_readers_make_the_same_population(system, tmp_path, monkeypatch, name, encoding, end):
    path = tmp_path / "p.csv"
    lines = [*{**READ, **LEFT}[name], ""]
    path.write_bytes(end.join(lines).encode(encoding))
    schema = Schema(system, REFUSED)
    slow = csv_reader.csv_sheet(path, schema)
    expected = told(build(slow, MONTHS))
    assert not slow.faults.count
    if name in READ:
        monkeypatch.setattr(reader, "csv_sheet", None)
    assert told(reader.read(path, system, MONTHS)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "a,2003-13-02,1,oui,1",
        "a,2003-05-02,nan,oui,1",
        "a,2003-05-02,inf,oui,1",
        "a,2003-05-02,-1,oui,1",
        "a,2003-05-02,1,peut-être,1",
        "a,2003-05-02,1,oui,0",
        "a,2003-05-02,1,oui",
        "a,2003-05-02,1,oui,1,x",
        ",2003-05-02,1,oui,1",
        "z,2003-05-02,1,oui,1",
    ],
)
def test_what_is_wrong_is_told_with_its_line(system, tmp_path, line):
    path = write(tmp_path / "p.csv", HEAD, "", "z,2003-05-02,1,oui,1", line)
    with pytest.raises(csv_reader.InvalidInput, match=r"p\.csv, line 4"):
        reader.read(path, system, MONTHS)


@pytest.mark.parametrize(
    ("content", "rows", "odd"),
    [
        (b"a,b\n1,2\n3,4", 2, False),
        (b"a,b\n1,2\n3,4\n", 2, False),
        (b"a,b\r\n1,2\r\n\r\n , \r\n3,4\r\n\r\n", 2, False),
        (b'a,b\n"1",2\n"3,4",5\n', 2, False),
        (b'a,b\n"1\n2",2\n', None, False),
        (b"\n\na,b\n\n1,2\n", 1, False),
        (b'a,b\n1"2,3\n', 0, True),
        (b"a,b\r1,2\r3,4\r", 0, True),
        (b"a,b\n", 0, False),
    ],
)  # fmt: skip
def test_rows_are_counted_without_being_read(tmp_path, monkeypatch, content, rows, odd):
    path = tmp_path / "p.csv"
    for size in (1 << 20, 3):
        monkeypatch.setattr(csv_file, "BLOCK", size)
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        found = csv_file.facts_of(path)
        assert found.odd is odd
        if not odd:
            assert found.rows == rows
            (unit,) = parts.open_source(path).units
            assert unit.rows == sum(1 for _ in csv_file.rows_in(path, csv_file.layout_of(path)))


def test_results_are_the_same_bytes_with_and_without_pyarrow(system, tmp_path, monkeypatch):
    from openfisca_cej.population import output

    table = streams.table(60, 3).append_column("qpv", pyarrow.array(['a "b"', "c,d", "é"] * 20))
    names = pyarrow.array([f"p{rank}" if rank % 7 else f"p\n{rank}" for rank in range(60)])
    table = table.set_column(0, "individu_id", names)
    csv.write_csv(table, tmp_path / "p.csv")
    from openfisca_cej.population.schema import Others

    variables = ("cej_allocation", "cej_en_cours", "cej_situation_fiscale", "cej_sanction_duree")
    for layout in output.LAYOUTS:
        found = []
        for least in (0, 10**9):
            monkeypatch.setattr(output, "WORTH_IT", least)
            out = tmp_path / f"{layout}-{least}"
            run.run(tmp_path / "p.csv", MONTHS, out, variables, layout, others=Others(("qpv",)))
            found.append((out / "allocations.csv").read_bytes())
        assert found[0] == found[1]
        assert b'"p\n0"' in found[0]


def test_amounts_are_written_as_they_are_worth():
    from openfisca_cej.population import output

    values = numpy.array([0, 0.01, 0.1, 528, 1499.99, 0.125, 1500, 1e7, 561.68, 3e-5, 1 / 3])
    expected = ["0.00", "0.01", "0.10", "528.00", "1499.99", "0.125", "1500.00", "10000000.00"]
    expected += ["561.68", "3e-05", "0.3333333333333333"]
    for some in (values, *values.reshape(-1, 1)):
        ranks, texts = output.coded(some)
        assert texts[ranks].tolist() == (expected if len(some) > 1 else [expected.pop(0)])


# Files read by blocks.


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of about twenty rows, which may have five more."""
    monkeypatch.setattr(parts, "TARGET", 20)
    monkeypatch.setattr(csv_arrow, "MOVED", 5)
    monkeypatch.setattr(csv_arrow, "BLOCK", 2000)


def people(rows, *columns):
    """A file of persons: wages, families of three, some without a signature."""
    families = pyarrow.array([f"f{rank // 3}" for rank in range(rows)])
    table = streams.table(rows, 4).append_column("famille_id", families)
    roles = pyarrow.array([("demandeur", "conjoint", "enfant")[rank % 3] for rank in range(rows)])
    table = table.append_column("famille_role", roles)
    rsa = pyarrow.array([float(rank // 3 % 2) for rank in range(rows)])
    return table.append_column("rsa", rsa).drop_columns(list(columns))


def read_as(monkeypatch, path, out, expected):
    """Run a file; whether it was read by blocks."""
    whole, seen = jobs.whole, []

    def noted(*arguments):
        seen.append(1)
        return whole(*arguments)

    monkeypatch.setattr(jobs, "whole", noted)
    outcome = run.run(path, MONTHS, out)
    assert (out / "allocations.csv").read_bytes() == expected[0]
    assert outcome.totals.to_json() == expected[1]
    monkeypatch.setattr(jobs, "whole", whole)
    return outcome, not seen


@pytest.mark.parametrize(
    "dropped", [[], ["famille_id", "famille_role"], ["individu_id"], ["poids"], ["famille_role"]]
)
def test_blocks_change_nothing(tmp_path, monkeypatch, small_blocks, dropped):
    path = tmp_path / "p.csv"
    csv.write_csv(people(100, *dropped), path)
    with monkeypatch.context() as at_once:
        at_once.setattr(parts, "TARGET", 1000)
        at_once.setattr(csv_arrow, "attempts", lambda *arguments: iter([]))
        whole = run.run(path, MONTHS, tmp_path / "whole")
    expected = (whole.path.read_bytes(), whole.totals.to_json())
    outcome, by_blocks = read_as(monkeypatch, path, tmp_path / "out", expected)
    assert by_blocks
    assert outcome.remarks == whole.remarks
    assert outcome.defaults == whole.defaults


def test_a_spelling_that_comes_late_holds_for_the_first_blocks(tmp_path, monkeypatch, small_blocks):
    rows = [f"p{rank};0{1 + rank % 9}/05/2003;{rank};oui;1" for rank in range(60)]
    path = write(tmp_path / "p.csv", FRENCH, *rows, "q;15/05/2003;1,5;non;1")
    monkeypatch.setattr(reader, "csv_sheet", None)
    outcome = run.run(path, MONTHS, tmp_path / "out")
    assert "are read as day/month/year" in " ".join(outcome.remarks)
    assert outcome.rows == 61 * 3


def test_a_file_of_two_bytes_a_letter_is_told_to_be_saved_otherwise(tmp_path, small_blocks):
    csv.write_csv(people(100), tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text((tmp_path / "p.csv").read_text(), encoding="utf-16")
    outcome = run.run(tmp_path / "p.csv", MONTHS, tmp_path / "out")
    assert "memory for all of them. Save it as CSV in UTF-8" in outcome.remarks[-1]


@pytest.mark.parametrize("what", ["a family in two places", "a person twice", "a bad row"])
def test_what_blocks_cannot_tell_is_read_whole(tmp_path, monkeypatch, small_blocks, what):
    table, path = people(100), tmp_path / "p.csv"
    if what == "a family in two places":
        names = [f"f{rank % 34}" for rank in range(100)]
        roles = ["demandeur"] * 34 + ["conjoint"] * 34 + ["enfant"] * 32
        rsa = [float(rank % 34 % 2) for rank in range(100)]
        for name, values in (("famille_id", names), ("famille_role", roles), ("rsa", rsa)):
            table = table.set_column(table.column_names.index(name), name, pyarrow.array(values))
    if what == "a person twice":
        names = [f"p{rank % 99}" for rank in range(100)]
        table = table.set_column(0, "individu_id", pyarrow.array(names))
    csv.write_csv(table, path)
    if what == "a bad row":
        path.write_text(path.read_text().replace('"p98",200', '"p98",300'))
    told = []
    if what == "a family in two places":
        outcome = run.run(path, MONTHS, tmp_path / "out", advance=told.append)
        assert "100 rows that cannot be read by blocks" in outcome.remarks[-1]
        assert "Put the members of each group in rows that follow" in outcome.remarks[-1]
        assert sum(told) == 300
        assert outcome.rows == 300
        return
    with pytest.raises(run.Incomplete, match=r"p\.csv, line 10[01]"):
        run.run(path, MONTHS, tmp_path / "out", advance=told.append)
    assert not (tmp_path / "out").exists()
    assert sum(told) == 0
