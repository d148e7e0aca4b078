"""Months by cause, counted by hand; and of a file of one's own."""

import json

import numpy
import pytest
from click.testing import CliRunner

from openfisca_cej.cli import main
from openfisca_cej.population import causes

STATES = list(causes.STATES)


def values(**changes):
    """The months of nine persons, one a row: all in contract, at 500 €, and nothing else."""
    found = {name: numpy.zeros((9, 1)) for name in causes.VARIABLES}
    for name in (causes.RUNNING, *causes.EXCLUDING, causes.SUSPENDED, causes.LATE):
        found[name] = numpy.zeros((9, 1), dtype=bool)
    found[causes.RUNNING][:] = True
    found[causes.LUMP_SUM][:] = 500
    for name, (row, value) in changes.items():
        found[name][row] = value
    return found


@pytest.fixture
def nine():
    """One person in each state, in the order of the states."""
    found = values()
    found[causes.RESULT][0], found[causes.RESULT][1] = 500, 30
    found[causes.LUMP_SUM][2] = 0
    found[causes.EXCLUDING[1]][3] = True
    found[causes.SUSPENDED][4] = True
    found[causes.LATE][5] = True
    found[causes.WITHHELD][6] = 1
    found[causes.DEDUCTIBLE][7] = 600
    return found


def test_each_state_has_its_cause(nine):
    assert causes.states(nine)[:, 0].tolist() == list(range(9))
    nine[causes.RUNNING][0] = False
    assert causes.states(nine)[0, 0] == -1


def test_the_first_cause_counts():
    found = values()
    found[causes.SUSPENDED][:] = True
    found[causes.DEDUCTIBLE][:] = 900
    assert set(causes.states(found)[:, 0]) == {STATES.index("suspendu")}


def test_shares_are_weighted_and_by_group(nine):
    weights = numpy.array([4.0, 2, 1, 1, 1, 1, 1, 1, 4])
    groups = numpy.array(["a"] * 2 + ["b"] * 7)
    table = causes.Months()
    table.add(nine, weights, groups)
    assert table.whole[STATES.index("plein")] == pytest.approx(4 / 16)
    assert table.shares["a"][STATES.index("partiel")] == pytest.approx(2 / 6)
    assert table.shares["b"][STATES.index("salaire")] == pytest.approx(4 / 10)
    # 30 € is under 50: two of the six paid.
    assert table.small_share == pytest.approx(2 / 6)


def test_months_are_counted_since_the_first_one():
    found = {name: numpy.zeros((1, 4)) for name in causes.VARIABLES}
    for name in (causes.RUNNING, *causes.EXCLUDING, causes.SUSPENDED, causes.LATE):
        found[name] = numpy.zeros((1, 4), dtype=bool)
    found[causes.RUNNING][0] = [False, True, True, True]
    found[causes.LUMP_SUM][:] = 500
    found[causes.RESULT][0] = [0, 500, 0, 250]
    table = causes.Months()
    table.add(found, numpy.array([2.0]), None)
    table.add(found, numpy.array([1.0]), None)
    assert table.since.tolist() == [[3, 3, 1500], [3, 0, 0], [3, 3, 750]]


def test_validate_tells_the_months_of_a_file(tmp_path):
    """Two persons in contract for two months: one paid, one whose training pays more."""
    path = tmp_path / "extrait.csv"
    path.write_text(
        "individu_id,date_naissance,cej_date_signature,revenus_stage_formation_pro,operateur\n"
        "a,2004-05-01,2023-02-10,0,mission_locale\n"
        "b,2004-05-01,2023-02-10,900,france_travail\n",
        encoding="utf-8",
    )
    given = ["--population", path, "--months", "2023-03:2023-04", "--size", "600"]
    asked = ["validate", *map(str, given), "--assumptions", "stated"]
    result = CliRunner().invoke(main, [*asked, "--format", "json"])
    assert result.exit_code == 0, result.output
    own = json.loads(result.stdout)["extrait.csv"]
    assert own["groupes"]["mission_locale"]["plein"] == 1
    assert own["groupes"]["france_travail"]["deduit"] == 1
    assert [row["contrats"] for row in own["depuis_l_entree"]] == [2, 2]
    shown = CliRunner().invoke(main, asked)
    assert "Nul : ressources déduites" in shown.stdout
    assert "synthétique, 2023" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--months", "2023-01:2023-02"], "--population and --months go together"),
        (["--population", "x.csv", "--months", "2023-13:2024-01"], "--months"),
    ],
)
def test_a_bad_request_is_refused(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("individu_id\na\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["validate", "--assumptions", "stated", *arguments])
    assert result.exit_code == 2
    assert sentence in result.stderr
