"""The command: what it prints, what it writes, how it fails."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from populations import write
from simulations import systeme

import openfisca_cej
from openfisca_cej.cli import main
from openfisca_cej.population import protocol

HEADER = "individu_id,date_naissance,cej_date_signature,cej_situation_fiscale"


@pytest.fixture
def run(monkeypatch):
    """Run the command on the tax and benefit system of the other tests."""
    system = systeme()
    monkeypatch.setattr(openfisca_cej, "CountryTaxBenefitSystem", lambda: system)
    return lambda *arguments: CliRunner().invoke(main, [str(item) for item in arguments])


def rows(output):
    """The rows of the tables, as lists of cells."""
    return [re.split(r"\s{2,}", line.strip()) for line in output.splitlines() if line.strip()]


def test_the_main_job_needs_no_argument(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("simulate")
    assert result.exit_code == 0, result.output
    table = rows(result.stdout)
    head = ["Entrants de mars à décembre 2022", "24 197", "24 197", "oui", "entrée"]
    assert head in table
    assert ["Moins de 22 ans", "68,0 %", "68 %", "oui", "entrée"] in table
    assert ["Sans diplôme", "45,0 %", "45 %", "oui", "entrée"] in table
    assert ["En quartier prioritaire (QPV)", "21,4 %", "21,4 %", "oui", "entrée"] in table
    (paid,) = [row for row in table if row[0] == "Payés au moins une fois"]
    share = float(paid[1].removesuffix(" %").replace(",", "."))
    assert paid[2:] == ["plus de 80 %", "oui" if share > 80 else "non", "résultat"]
    # The same over draws of the assumptions: an interval, and whether it reaches 80 %.
    drawn = [row for row in table if row[0].startswith("sur 40 tirages")]
    assert len(drawn) == 2
    for row in drawn:
        shares = [float(text.replace(",", ".")) for text in re.findall(r"(\d+,\d) %", row[1])]
        median, low, high = shares
        assert low <= median <= high
        assert row[2:] == ["plus de 80 %", "oui" if high > 80 else "non", "résultat"]
    unmodelled = [row for row in table if "non modélisé" in row[-1]]
    assert [row[0] for row in unmodelled] == [
        "Entrants en un an, jusqu'au 1er mars 2023",
        "Entrants rapportés à l'objectif régional",
        "Quinze heures d'activité par semaine",
    ]
    assert "Non modélisé : Entrants en un an" in result.stdout
    assert [row for row in table if row[0] == "Sorties en emploi durable"]
    assert "calées sur deux rapports de 2022" in result.stdout
    manifest = json.loads((tmp_path / "resultats" / "run.json").read_text(encoding="utf-8"))
    assert manifest["input"]["preregistration_sha256"] == protocol.sha256()
    assert manifest["input"]["assumptions"]["part_mois_non_declares"] > 0
    months = [row for row in table if re.fullmatch(r"\w+ 202[23]", row[0])]
    assert [months[0][0], months[-1][0], len(months)] == ["mars 2022", "décembre 2023", 22]
    assert all(len(row) == 5 and row[3].endswith("€") for row in months)
    (whole,) = [row for row in table if row[0] == "Ensemble"]
    cents = [int(re.sub(r"\D", "", row[4])) for row in [*months, whole]]
    assert sum(cents[:-1]) == cents[-1]
    assert "hypotheses.yaml" in result.stdout
    assert "532 334 lignes écrites dans resultats/allocations.csv" in result.stdout
    lines = (tmp_path / "resultats" / "allocations.csv").read_text().splitlines()
    assert len(lines) == 1 + 24197 * 22
    assert lines[0] == "individu_id,mois,cej_en_cours,cej_montant_forfaitaire,cej_allocation"
    amounts = [round(100 * float(line.rpartition(",")[2])) for line in lines[1:]]
    assert sum(amounts) == cents[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["resultats"]


def test_progress_goes_to_the_error_stream(run, tmp_path):
    result = run("simulate", "--out", tmp_path, "--months", "2022-03")
    assert result.stderr == "Simulating 24 197 persons × 1 months…\n"
    assert "Simulating" not in result.stdout
    assert "\x1b" not in result.stdout
    # One month of contract says nothing of who is paid at least once: no verdict.
    assert re.search(r"plus de 80 % +— +résultat", result.stdout)


def test_the_seed_changes_the_population(run, tmp_path):
    for seed in (1, 2):
        result = run(
            "simulate", "--seed", seed, "--out", tmp_path / str(seed), "--months", "2022-05"
        )
        assert f"graine {seed}" in result.stdout
    texts = [(tmp_path / name / "allocations.csv").read_text() for name in "12"]
    assert texts[0] != texts[1]


def test_a_file_is_simulated(run, tmp_path):
    path = write(
        tmp_path / "jeunes.csv",
        HEADER + ",salaire_net@2025-01,poids",
        "a,2003-01-01,2025-01-10,non_imposable,600,1",
        "b,2003-01-01,2025-02-10,premiere_tranche,0,3",
    )
    result = run("simulate", path, "--months", "2025-01:2025-02", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    table = rows(result.stdout)
    assert ["Personnes : 2"] in table
    assert ["Payées au moins une fois : 4 (100,0 %)"] in table
    assert ["janvier 2025", "1", "1", "552,29 €", "552,29 €"] in table
    # 552.29 − 552.29 × 300 / (0.8 × 1801.80 − 300) = 407.13, and 3 × 331.37.
    assert ["février 2025", "4", "4", "350,31 €", "1 401,24 €"] in table
    assert ["Ensemble", "5", "5", "390,71 €", "1 953,53 €"] in table
    assert (tmp_path / "out" / "allocations.csv").read_text() == (
        "individu_id,mois,poids,cej_en_cours,cej_montant_forfaitaire,cej_allocation\n"
        "a,2025-01,1.00,1,552.29,552.29\n"
        "a,2025-02,1.00,1,552.29,407.13\n"
        "b,2025-01,3.00,0,331.37,0.00\n"
        "b,2025-02,3.00,1,331.37,331.37\n"
    )


def test_what_was_taken_for_granted_is_told(run, tmp_path):
    path = write(
        tmp_path / "jeunes.csv",
        "date_naissance,famille_id,rni@2023",
        "2003-01-01,X,0",
        "2004-01-01,X,0",
    )
    result = run("simulate", path, "--months", "2025-08:2025-09", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "famille_role is not given for 2 persons" in result.stderr
    assert "cej_date_signature is not given for 2 of 2 persons" in result.stderr
    # The notice of 2024 counts from September: that of 2023 holds until it is given.
    assert "2024 is not given for 2 foyer_fiscal: the last notice given, on those of 2023" in (
        result.stderr
    )
    assert "nbptr = 1 (2023)" in result.stderr
    assert "cej_impot_restant_a_payer" not in result.stderr


def test_a_year_of_which_no_notice_is_given_is_told(run, tmp_path):
    path = write(tmp_path / "jeunes.csv", "date_naissance,rni@2024", "2003-01-01,0")
    result = run("simulate", path, "--months", "2025-08:2025-09", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "incomes of 2023 is not given for 1 foyer_fiscal: none of before" in result.stderr
    assert "rni = 0 (2023)" in result.stderr


# A sample of the faults of `population/test_csv_reader.py`, and those of the command itself.
FAULTS = {
    "bad date": (["a,2003-13-45,,au_dela"], "line 2, column date_naissance: « 2003-13-45 »"),
    "bad item": (["a,2003-01-01,,audela"], "line 2, column cej_situation_fiscale: « audela »"),
    "duplicate": (
        ["a,2003-01-01,,au_dela", "a,2003-01-01,,au_dela"],
        "line 3, column individu_id: « a » is already on line 2",
    ),
    "short row": (["a,2003-01-01"], "line 2: the row has 2 cells"),
    "no row": ([], "it has no row"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_bad_file_is_refused_and_nothing_is_written(run, tmp_path, case):
    lines, sentence = FAULTS[case]
    path = write(tmp_path / "jeunes.csv", HEADER, *lines)
    result = run("simulate", path, "--months", "2025-01", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "jeunes.csv" in result.stderr
    assert sentence in result.stderr
    assert result.stderr.endswith("Nothing was written.\n")
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["jeunes.csv"], "--months 2025-01:2025-12"),
        (["jeunes.csv", "--months", "2025-13"], "« 2025-13 » is not a month"),
        (["jeunes.csv", "--months", "2025-02:2025-01"], "ends before it starts"),
        (["jeunes.csv", "--months", "2025-01", "--seed", "1"], "--seed is for the embedded"),
        (["--months", "janvier"], "« janvier » is not a month"),
        (["--seed", "-1"], "-1"),
        (["--seed", "x"], "x"),
        (["missing.csv", "--months", "2025-01"], "missing.csv"),
        (["jeunes.csv", "--months", "2025-01", "--out", "jeunes.csv"], "jeunes.csv"),
        (["jeunes.csv", "--months", "2025-01", "--out", "jeunes.csv/sub"], "Nothing was written"),
        (["--unknown"], "--unknown"),
    ],
)
def test_a_bad_command_is_refused(run, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "jeunes.csv", HEADER, "a,2003-01-01,2025-01-01,au_dela")
    result = run("simulate", *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["jeunes.csv"]


def test_a_bad_run_leaves_the_results_of_the_one_before(run, tmp_path):
    path = write(tmp_path / "jeunes.csv", HEADER, "a,2003-01-01,2025-01-01,au_dela")
    arguments = ("simulate", path, "--months", "2025-01", "--out", tmp_path / "out")
    assert run(*arguments).exit_code == 0
    before = (tmp_path / "out" / "allocations.csv").read_text()
    write(path, HEADER, "a,2003-01-01,2025-01-01,nowhere")
    assert run(*arguments).exit_code == 2
    assert (tmp_path / "out" / "allocations.csv").read_text() == before


def test_version_and_help(run):
    assert re.fullmatch(r"openfisca-cej, version \S.*\n", run("--version").stdout)
    for arguments in (["--help"], ["simulate", "--help"]):
        result = run(*arguments)
        assert result.exit_code == 0
        assert "simulate" in result.stdout.lower()


def test_help_needs_neither_numpy_nor_the_law():
    heavy = "{'numpy', 'openfisca_core', 'pyarrow', 'pandas', 'rich', 'yaml'}"
    code = "import sys, openfisca_cej.cli as c; c.main(['--help'], standalone_mode=False); "
    code += f"assert not {heavy} & set(sys.modules), set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "simulate" in done.stdout


def test_each_command_is_on_its_page() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "commande.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z]+)`", page.partition("**Entrée")[0]))
    assert named == set(main.commands)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_the_commands(shell: str) -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "commande.md").read_text("utf-8")
    assert f"_OPENFISCA_CEJ_COMPLETE={shell}_source" in page
    done = CliRunner().invoke(
        main,
        prog_name="openfisca-cej",
        env={"_OPENFISCA_CEJ_COMPLETE": f"{shell}_source"},
    )
    assert "_OPENFISCA_CEJ_COMPLETE" in done.output
