"""Results are written whole or not at all, and add up to the centime."""

import csv
import io
from decimal import Decimal

import numpy
import pytest
from populations import write

from openfisca_cej.population import engine, output
from openfisca_cej.population.months import month_range
from openfisca_cej.population.output import AllocationFile, quoted
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.population.summary import Totals

MONTHS = month_range("2022-03:2022-12")
VARIABLES = ("cej_en_cours", "cej_situation_fiscale", "cej_allocation")


def run(system, population, path, months=MONTHS, chunk_size=engine.CHUNK):
    """Simulate, write and add up."""
    totals = Totals(months, population.weights)
    with AllocationFile(path, system, population, months, VARIABLES) as file:
        for block in engine.simulate(system, population, months, VARIABLES, chunk_size):
            file.add(block)
            totals.add(block)
    return totals


def lines_of(path):
    """The rows of a file of results, as dictionaries."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_one_line_a_person_and_month(system, tmp_path):
    path = write(
        tmp_path / "jeunes.csv",
        "individu_id,date_naissance,cej_date_signature,cej_situation_fiscale,poids",
        '"a, ""b""",2003-01-01,2022-04-10,premiere_tranche,2',
        "é\u2009c,2003-01-01,2022-03-10,non_imposable,0.25",
    )
    months = month_range("2022-03:2022-04")
    population = read_csv(path, system, months)
    run(system, population, tmp_path / "out" / "r.csv", months)
    assert lines_of(tmp_path / "out" / "r.csv") == [
        {
            "individu_id": person,
            "mois": month,
            "poids": weight,
            "cej_en_cours": running,
            "cej_situation_fiscale": tier,
            "cej_allocation": paid,
        }
        for person, month, weight, running, tier, paid in [
            ('a, "b"', "2022-03", "2.00", "0", "premiere_tranche", "0.00"),
            ('a, "b"', "2022-04", "2.00", "1", "premiere_tranche", "300.00"),
            ("é\u2009c", "2022-03", "0.25", "1", "non_imposable", "500.00"),
            ("é\u2009c", "2022-04", "0.25", "1", "non_imposable", "500.00"),
        ]
    ]


def test_totals_are_exact_sums_of_the_lines(system, entrants, tmp_path):
    totals = run(system, entrants, tmp_path / "r.csv", chunk_size=7000)
    rows = lines_of(tmp_path / "r.csv")
    assert len(rows) == entrants.count * len(MONTHS)
    for rank, month in enumerate(f"2022-{number:02d}" for number in range(3, 13)):
        paid = [Decimal(row["cej_allocation"]) for row in rows if row["mois"] == month]
        running = sum(row["mois"] == month and row["cej_en_cours"] == "1" for row in rows)
        assert Decimal(int(totals.centimes[rank])) / 100 == sum(paid)
        assert totals.payees[rank] == sum(amount > 0 for amount in paid)
        assert totals.running[rank] == running
        assert totals.means[rank] == pytest.approx(float(sum(paid)) / totals.payees[rank])
    ever = {row["individu_id"] for row in rows if Decimal(row["cej_allocation"]) > 0}
    assert totals.ever_paid == len(ever)
    assert totals.persons == totals.weight == entrants.count


def test_totals_do_not_depend_on_chunks(system, entrants, tmp_path):
    whole = run(system, entrants, tmp_path / "whole.csv")
    cut = run(system, entrants, tmp_path / "cut.csv", chunk_size=5000)
    assert (whole.centimes == cut.centimes).all()
    assert (whole.payees == cut.payees).all()
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "cut.csv").read_bytes()


def test_totals_are_weighted():
    totals = Totals(month_range("2025-01:2025-02"), numpy.array([2.0, 0.5, 1.0]))
    values = {
        "cej_allocation": numpy.array([[100.01, 0], [200.02, 300.03], [0, 0]]),
        "cej_en_cours": numpy.array([[True, False], [True, True], [True, True]]),
    }
    totals.add(engine.Block(numpy.array([0, 1, 2]), values))
    assert totals.persons == 3
    assert totals.weight == 3.5
    assert totals.ever_paid == 2.5
    assert totals.running.tolist() == [3.5, 1.5]
    assert totals.payees.tolist() == [2.5, 0.5]
    assert totals.centimes.tolist() == [2 * 10001 + 0.5 * 20002, 0.5 * 30003]
    assert totals.means.tolist() == pytest.approx([30003 / 2.5 / 100, 300.03])
    assert totals.mean == pytest.approx((30003 + 15001.5) / 3 / 100)
    assert totals.decimals == 1


def test_a_whole_weight_that_all_have_counts_as_many():
    totals = Totals(month_range("2025-01:2025-02"), numpy.full(3, 10.0))
    values = {
        "cej_allocation": numpy.array([[100.01, 0], [200.02, 300.03], [0, 0]]),
        "cej_en_cours": numpy.array([[True, False], [True, True], [True, True]]),
    }
    totals.add(engine.Block(numpy.array([0, 1, 2]), values))
    assert (totals.persons, totals.weighted, totals.decimals) == (3, True, 0)
    assert (totals.weight, totals.ever_paid) == (30, 20)
    assert (totals.running.tolist(), totals.payees.tolist()) == ([30, 20], [20, 10])
    assert totals.centimes.tolist() == [10 * 30003, 10 * 30003]


def test_sums_have_no_noise():
    weights = numpy.array([0.1, 0.2, 0.3, 1e9])
    totals = Totals(month_range("2025-01"), weights)
    values = {
        "cej_allocation": numpy.array([[100.0], [100.0], [100.0], [0]]),
        "cej_en_cours": numpy.array([[True], [True], [True], [False]]),
    }
    totals.add(engine.Block(numpy.arange(4), values))
    assert totals.ever_paid == 0.6000000000000001  # as floats have it
    told = totals.to_json()
    assert told["ever_paid"] == 0.6
    assert told["months"]["2025-01"] == {"contracts": 0.6, "payees": 0.6, "centimes": 6000}
    assert told["weight"] == 1_000_000_000.6


@pytest.mark.parametrize("name", ["a\nb", "a\rb", 'a"b', "a,b", "a b"])
def test_an_identifier_reads_back_as_it_was(name):
    line = f"{quoted(name)},1\r\n"
    assert list(csv.reader(io.StringIO(line, newline=""), strict=True)) == [[name, "1"]]


def test_rows_keep_the_order_of_the_input_whatever_the_groups(system, tmp_path):
    # Four families whose members are far apart: a b c d a b c d…
    rows = [f"p{rank},2003-01-0{1 + rank % 9},{'abcd'[rank % 4]}" for rank in range(24)]
    path = write(tmp_path / "p.csv", "individu_id,date_naissance,famille_id", *rows)
    population = read_csv(path, system, MONTHS)
    for size in (1, 7, 100):
        out = tmp_path / f"{size}.csv"
        with AllocationFile(out, system, population, MONTHS, VARIABLES) as file:
            for block in engine.simulate(system, population, MONTHS, VARIABLES, size):
                file.add(block)
        with out.open(newline="") as text:
            found = [row["individu_id"] for row in csv.DictReader(text)]
        assert found[:: len(MONTHS)] == [f"p{rank}" for rank in range(24)]


def test_nobody_paid_makes_a_mean_of_zero():
    totals = Totals(month_range("2025-01"))
    values = {"cej_allocation": numpy.zeros((1, 1)), "cej_en_cours": numpy.ones((1, 1), bool)}
    totals.add(engine.Block(numpy.array([0]), values))
    assert (totals.means.tolist(), totals.mean, totals.decimals) == ([0], 0, 0)


def test_an_interruption_leaves_what_was_there(system, entrants, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("before")
    file = AllocationFile(path, system, entrants, MONTHS, VARIABLES)
    blocks = engine.simulate(system, entrants, MONTHS, VARIABLES, 5000)

    def interrupted():
        with file:
            file.add(next(blocks))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_has_the_usual_rights(system, entrants, tmp_path):
    with AllocationFile(tmp_path / "r.csv", system, entrants, MONTHS, VARIABLES):
        pass
    (tmp_path / "other").touch()
    assert (tmp_path / "r.csv").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (500.0, "500.00"),
        (331.37, "331.37"),
        (1 / 3, repr(1 / 3)),
        (0.1 + 0.2, repr(0.1 + 0.2)),
    ],
)
def test_numbers_keep_all_their_digits(value, text):
    assert output.decimal(value) == text
    assert float(text) == value
