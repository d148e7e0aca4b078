"""Reforms from the command: simulate under one, list the ready-made ones."""

import json

import pytest
from click.testing import CliRunner
from populations import write

from openfisca_cej.cli import main
from openfisca_cej.reforms import catalogue, reform


def run(*arguments):
    return CliRunner().invoke(main, [str(item) for item in arguments])


@pytest.fixture
def persons(tmp_path):
    return write(
        tmp_path / "jeunes.csv",
        "date_naissance,cej_situation_fiscale,salaire_net",
        "2003-01-01,au_dela,0",
        "1997-01-01,non_imposable,600",
    )


def amounts(out) -> list[str]:
    lines = (out / "allocations.csv").read_text(encoding="utf-8").splitlines()
    return [line.rpartition(",")[2] for line in lines[1:]]


def test_a_file_is_simulated_under_a_reform_that_the_manifest_tells(tmp_path, persons):
    out = tmp_path / "out"
    mine = write(
        tmp_path / "a.yaml",
        "title: À moi",
        "parameters:",
        "  contrat_engagement_jeune.public.age_maximum: {2025-01-01: 29}",
    )
    command = ("simulate", persons, "--months", "2025-06", "--out", out)
    result = run(*command, "--reform", f"{mine}+sans_condition_fiscale")
    assert result.exit_code == 0, result.output
    assert "Réforme : À moi + Montant sans condition" in result.stdout
    # Aged 28: 561.68 − 561.68 × 300 / (0.8 × 1801.80 − 300).
    assert amounts(out) == ["561.68", "414.06"]
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))["reform"]
    assert told["content"] == reform(f"{mine}+sans_condition_fiscale").content
    assert told["name"].startswith("À moi + ")
    result = run(*command)
    assert result.exit_code == 2, "what another reform gave is spared"
    result = run(*command, "--overwrite")
    assert result.exit_code == 0, result.output
    assert amounts(out) == ["0.00", "0.00"]
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["reform"] is None


def test_the_long_format_is_simulated_under_a_reform(tmp_path):
    persons = write(tmp_path / "p.csv", "individu_id,date_naissance", "a,2003-01-01")
    monthly = write(tmp_path / "m.csv", "individu_id,mois,salaire_net", "a,2025-05,600")
    options = ("--months", "2025-06", "--out", tmp_path / "out", "--reform", "bareme_lineaire(0.4)")
    result = run("simulate", persons, "--monthly", monthly, *options)
    assert result.exit_code == 0, result.output
    assert amounts(tmp_path / "out") == ["441.68"]  # 561.68 − 0.4 × 300


def test_the_embedded_population_is_the_same_under_a_reform(tmp_path):
    totals = {}
    for name in (None, "montants_rsa"):
        out = tmp_path / str(name)
        option = ("--reform", name) if name else ()
        result = run("simulate", "--months", "2022-07", "--out", out, *option)
        assert result.exit_code == 0, result.output
        told = json.loads((out / "run.json").read_text(encoding="utf-8"))
        totals[name] = told["totals"]["months"]["2022-07"]
    assert totals[None]["contracts"] == totals["montants_rsa"]["contracts"]
    # 526.72 € for 520 €, 316.03 for 312, 210.69 for 208: at least 1.29 % more, since what is
    # deducted does not grow; and at most 6.72 € each.
    more = totals["montants_rsa"]["centimes"] - totals[None]["centimes"]
    assert 0.0129 * totals[None]["centimes"] < more <= 672 * totals["montants_rsa"]["payees"]


def test_workers_compute_under_the_reform(tmp_path, persons):
    folder = tmp_path / "persons"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.csv").write_bytes(persons.read_bytes())
    options = ("--months", "2025-06", "--reform", "age_29+bareme_lineaire(0.4)")
    texts = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        result = run("simulate", folder, *options, "--out", out, "--workers", workers)
        assert result.exit_code == 0, result.output
        texts.append([path.read_text() for path in sorted((out / "allocations").glob("*.csv"))])
    assert texts[0] == texts[1]
    assert len(texts[0]) == 3
    assert all(text.rstrip().endswith(",441.68") for text in texts[0])  # 561.68 − 0.4 × 300


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("age29", "age29: it is neither a file nor a ready-made reform. Did you mean age_29?"),
        ("nothing.yaml", "nothing.yaml: the file cannot be read"),
        ("bareme_lineaire(2)", "takes a number from 0 to 1"),
        ("age_29+", "neither a file nor a ready-made reform"),
        ("x" * 5000, "neither a file nor a ready-made reform"),
    ],
)
def test_a_bad_reform_is_refused_and_nothing_is_written(tmp_path, persons, text, sentence):
    options = ("--months", "2025-06", "--out", tmp_path / "out", "--reform", text)
    result = run("simulate", persons, *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr
    assert result.stderr.endswith("Nothing was written.\n")
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_ready_made_reforms_are_listed():
    result = run("reforms")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in catalogue())
    told = json.loads(run("reforms", "--format", "json").stdout)
    assert [entry["name"] for entry in told] == list(catalogue())
    assert set(told[0]) == {"name", "title", "description", "rationale", "references"}
