"""What a comparison writes, and what verify says of it."""

import csv
import hashlib
import html
import json
import re
import shlex
from pathlib import Path

import pyarrow
import pytest
from click.testing import CliRunner
from openfisca_core.reforms import Reform
from pyarrow import parquet
from samples import one_in

from openfisca_cej.analysis import compare, sources, verify, writing
from openfisca_cej.cli import main
from openfisca_cej.population import manifest
from openfisca_cej.refusals import BadRequest, InvalidInput

MONTHS = "2025-01:2025-02"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Forty persons and what describes them."""
    path = tmp_path / "jeunes.csv"
    lines = ["individu_id,date_naissance,cej_situation_fiscale,salaire_net,poids"]
    beside = ["individu_id,operateur"]
    for rank in range(40):
        tier = "non_imposable" if rank % 2 else "premiere_tranche"
        lines.append(f"p{rank:02d},2003-05-01,{tier},{20 * rank},{1 + rank / 7:.3f}")
        beside.insert(1, f"p{rank:02d},{'ml' if rank < 20 else 'ft'}")
    path.write_text("\n".join(lines) + "\n")
    (tmp_path / "jeunes_attributs.csv").write_text("\n".join(beside) + "\n")
    return path


def written(file: Path, out: Path, reform="montants_rsa", report=None, overwrite=False) -> Path:
    asked = compare.options(MONTHS, replicates=20)
    found = compare.compared(compare.made(reform), sources.of_files(file), asked)
    writing.write(found, out, report, overwrite)
    return out / manifest.NAME


def test_results_are_tidy_and_the_same_in_both_files(file: Path, tmp_path: Path) -> None:
    path = written(file, tmp_path / "out")
    with (path.parent / writing.CSV).open() as text:
        rows = list(csv.DictReader(text))
    table = parquet.read_table(path.parent / writing.PARQUET).to_pylist()
    assert len(rows) == len(table)
    for row, other in zip(rows, table, strict=True):
        assert [row[name] or None for name in ("table", "month", "group", "measure")] == [
            other[name] for name in ("table", "month", "group", "measure")
        ]
        assert (float(row["baseline"]) if row["baseline"] else None) == other["baseline"]
        assert (row["masked"] == "true") == other["masked"]
    operators = {row["group"] for row in rows if row["table"] == "operateur"}
    assert operators == {"ml", "ft"}
    told = json.loads(path.read_text())
    assert [one["file"] for one in told["input"]] == ["jeunes.csv", "jeunes_attributs.csv"]
    assert set(told["outputs"]) == {writing.CSV, writing.PARQUET}


def test_nothing_half_written_is_left(file: Path, tmp_path: Path) -> None:
    def fails(comparison, folder: Path) -> None:
        (folder / "rapport.html").write_text("début")
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        written(file, tmp_path / "out", report=fails)
    assert not (tmp_path / "out").exists()
    before = written(file, tmp_path / "out").read_text()
    with pytest.raises(OSError, match="no"):
        written(file, tmp_path / "out", "age_29", fails, overwrite=True)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["resultats.csv", "resultats.parquet", "run.json"]
    assert (tmp_path / "out" / "run.json").read_text() == before


def test_a_report_is_among_the_outputs(file: Path, tmp_path: Path) -> None:
    def report(comparison, folder: Path) -> None:
        (folder / "rapport.html").write_text(comparison.title)

    path = written(file, tmp_path / "out", report=report)
    assert "rapport.html" in json.loads(path.read_text())["outputs"]
    assert verify.verify(path, report=report).verified
    assert not verify.verify(path).verified  # Without the report, it cannot be written again.


def test_the_results_of_a_simulation_are_spared(file: Path, tmp_path: Path) -> None:
    arguments = ["simulate", str(file), "--months", MONTHS, "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    with pytest.raises(BadRequest, match="simulation"):
        written(file, tmp_path / "out")


def test_another_comparison_is_replaced_only_when_asked(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = written(file, out).read_bytes()
    assert written(file, out).read_bytes() == before  # The same one again.
    with pytest.raises(BadRequest, match=r"is of another comparison, .* add --overwrite"):
        written(file, out, "age_29")
    arguments = ["compare", "age_29", "--population", str(file), "--months", MONTHS]
    arguments += ["--replicates", "0", "--out", str(out)]
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 2
    assert "add --overwrite to replace it. Nothing was written" in refused.stderr
    assert (out / "run.json").read_bytes() == before
    assert CliRunner().invoke(main, [*arguments, "--overwrite"]).exit_code == 0
    assert json.loads((out / "run.json").read_text())["reform"]["name"].startswith("Limite d'âge")
    simulated = CliRunner().invoke(
        main, ["simulate", str(file), "--months", MONTHS, "--out", str(out), "--overwrite"]
    )
    assert simulated.exit_code == 2
    assert "has the results of a comparison: choose another --out" in simulated.stderr


def verdicts(found: verify.Verification) -> dict[str, str]:
    return {check.name: check.verdict for check in found.checks}


def test_a_run_is_redone_byte_for_byte(file: Path, tmp_path: Path) -> None:
    path = written(file, tmp_path / "out")
    found = verify.verify(path)
    assert found.verified, found
    assert verdicts(found)["result resultats.csv"] == "identique"


def test_what_differs_is_named(file: Path, tmp_path: Path) -> None:
    path = written(file, tmp_path / "out")
    (path.parent / writing.CSV).write_text("changed")
    found = verify.verify(path)
    assert verdicts(found)["file resultats.csv"] == "différent"
    assert verdicts(found)["result resultats.csv"] == "identique"
    assert not found.verified

    file.write_text(file.read_text().replace("p00,2003-05-01", "p00,2008-05-01"))
    found = verify.verify(path)
    assert verdicts(found)["input jeunes.csv"] == "différent"
    assert verdicts(found)["input jeunes_attributs.csv"] == "identique"
    assert verdicts(found)["result resultats.csv"] == "différent"

    told = json.loads(path.read_text())
    told["versions"] |= {"model_sha256": "0" * 64, "numpy": "1.0"}
    told["parameters_sha256"] = "1" * 64
    path.write_text(json.dumps(told))
    checks = {check.name: check for check in verify.verify(path).checks}
    assert checks["version model_sha256"].verdict == checks["parameters"].verdict == "différent"
    assert checks["version numpy"].verdict == "différent"
    assert not checks["version numpy"].essential


def test_an_input_that_moved_is_asked_for(file: Path, tmp_path: Path) -> None:
    path = written(file, tmp_path / "out")
    moved = tmp_path / "ailleurs" / file.name
    moved.parent.mkdir()
    file.rename(moved)
    found = verify.verify(path)
    assert (found.redone, found.verified) == (False, False)
    assert "--population" in found.why
    assert verify.verify(path, moved).verified


class Arbitrary(Reform):
    """A reform that only Python can tell."""

    def apply(self) -> None:
        """Neutralise the allowance."""
        self.neutralize_variable("cej_allocation")


def test_arbitrary_python_is_not_verifiable(file: Path, tmp_path: Path) -> None:
    path = written(file, tmp_path / "out", Arbitrary)
    assert json.loads(path.read_text())["verifiable"] is False
    found = verify.verify(path)
    assert not found.redone
    assert "Python" in found.why


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("persons", 400),
        ("law", {"checked_until": "2030-01-01"}),
        ("months", ["2025-01"]),
        ("verifiable", False),
        ("reform_title", "Autre"),
        ("reform_sha256", "0" * 64),
        ("options", {"seed": 3}),
        ("added", "anything"),
        ("input", {"size": 1}),
        ("versions", {"model": "x"}),
    ][:: one_in(5)],
)
def test_every_field_of_the_manifest_is_compared(file: Path, tmp_path: Path, field, value) -> None:
    path = written(file, tmp_path / "out")
    told = json.loads(path.read_text())
    if field == "input":
        told["input"][0] |= value
    elif isinstance(value, dict):
        told[field] |= value
    else:
        told[field] = value
    path.write_text(json.dumps(told))
    assert not verify.verify(path).verified


def test_an_output_that_is_absent_or_not_told_is_not_verified(file: Path, tmp_path: Path) -> None:
    path = written(file, tmp_path / "out")
    kept = path.read_text()
    (path.parent / writing.PARQUET).rename(tmp_path / "elsewhere")
    done = CliRunner().invoke(main, ["verify", str(path)])
    assert done.exit_code == 1
    assert "byte for byte" not in done.output
    (tmp_path / "elsewhere").rename(path.parent / writing.PARQUET)
    told = json.loads(kept)
    del told["outputs"][writing.PARQUET]
    path.write_text(json.dumps(told))
    found = verify.verify(path)
    assert verdicts(found)["result resultats.parquet"] == "différent"
    assert not found.verified


def test_a_file_that_is_only_absent_is_said_so(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["compare", "age_29", "--population", str(file), "--months", MONTHS]
    arguments += ["--replicates", "0", "--out", str(out)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    (out / "classeur.xlsx").unlink()
    done = CliRunner().invoke(main, ["verify", str(out / "run.json")])
    assert done.exit_code == 1
    assert "Not everything could be verified: file classeur.xlsx." in done.output


def blocks(page: str) -> list[str]:
    """The texts that a report gives to copy."""
    return [html.unescape(text) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]


def test_what_the_report_says_to_redo_it_gives_the_same_bytes(
    file: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["compare", "montants_rsa", "--population", file.name, "--months", MONTHS]
    arguments += ["--replicates", "20", "--seed", "5", "--out", "premier"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    first = tmp_path / "premier"
    reform_file, command, program = blocks((first / "rapport.html").read_text())
    (tmp_path / "reforme.yaml").write_text(reform_file)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "openfisca-cej"
    done = CliRunner().invoke(main, [*words[1:], "--out", "second"])
    assert done.exit_code == 0, done.output
    exec(compile(program, "rapport", "exec"), {})
    for name in writing.NAMES:
        told = (first / name).read_bytes()
        assert told == (tmp_path / "second" / name).read_bytes(), name
        assert told == (tmp_path / "comparaison" / name).read_bytes(), name


def test_the_report_tells_the_hashes_that_bind_it(file: Path, tmp_path: Path) -> None:
    from openfisca_cej import report

    path = written(file, tmp_path / "out", report=report.fill)
    told = json.loads(path.read_text())
    page = (path.parent / "rapport.html").read_text()
    assert told["reform_sha256"] in page
    assert told["parameters_sha256"] in page
    for name in (writing.CSV, writing.PARQUET, "classeur.xlsx"):
        assert hashlib.sha256((path.parent / name).read_bytes()).hexdigest() in page
    assert "L'empreinte de cette page ne peut y figurer" in html.unescape(page)


def test_python_has_the_folder_of_the_command_and_says_what_is_not_verifiable(
    file: Path, tmp_path: Path
) -> None:
    from openfisca_cej import report

    found = compare.compare(Arbitrary, sources.of_files(file), MONTHS, replicates=0)
    report.write(found, tmp_path / "out", Arbitrary)
    path = tmp_path / "out" / "run.json"
    told = json.loads(path.read_text())
    assert told["verifiable"] is False
    assert set(told["outputs"]) == {*writing.NAMES} - {"run.json"}
    text = html.unescape((tmp_path / "out" / "rapport.html").read_text())
    assert "Aucune valeur ni aucune règle ne change" not in text
    assert "c'est du code Python" in text
    assert "n'est vérifiable qu'avec ce code" in found.summary
    done = CliRunner().invoke(main, ["verify", str(path)])
    assert done.exit_code == 1
    assert "It cannot be verified" in done.output


def test_results_that_are_replaced_are_said_so(file: Path, tmp_path: Path) -> None:
    arguments = ["compare", "age_29", "--population", str(file), "--months", MONTHS]
    arguments += ["--replicates", "0", "--out", str(tmp_path / "out")]
    first = CliRunner().invoke(main, arguments)
    assert "are replaced." not in first.output
    second = CliRunner().invoke(main, arguments)
    assert second.exit_code == 0
    told = " ".join(second.output.split())
    assert "the results of the comparison « Limite d'âge" in told
    assert "are replaced" in told


def test_a_universe_is_redone_with_its_assumptions(tmp_path: Path) -> None:
    given = dict(sources.named_assumptions.read())
    name = "part_foyers_imposes"
    all_of_them = {"cadre": 0.9, "autre": 0.9}
    given[name] = {**given[name], "valeur": all_of_them, "remplacee": True}
    asked = compare.options("2022-06", replicates=0, draws=0)
    origin = sources.of_universe("entrants", "PACA", "2022", 600, 7, given)
    writing.write(compare.compared(None, origin, asked), tmp_path)
    path = tmp_path / manifest.NAME
    assert verify.verify(path).verified
    told = json.loads(path.read_text())
    told["input"]["assumptions"] = {}
    path.write_text(json.dumps(told))
    assert verdicts(verify.verify(path))["result resultats.csv"] == "différent"


def test_simulations_are_redone_too(file: Path, tmp_path: Path) -> None:
    for reform in ([], ["--reform", "age_29"]):
        out = tmp_path / f"sim{len(reform)}"
        arguments = ["simulate", str(file), "--months", MONTHS, "--out", str(out), *reform]
        assert CliRunner().invoke(main, arguments).exit_code == 0
        assert verify.verify(out / manifest.NAME, population=file).verified


def test_the_commands_say_it(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["compare", "montants_rsa", "--population", str(file), "--months", MONTHS]
    arguments += ["--replicates", "20", "--by", "tier,operator", "--out", str(out)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    for word in ("Montants au niveau du RSA", "Gagnants et perdants", "Cas types", "run.json"):
        assert word in done.output
    again = CliRunner().invoke(main, ["verify", str(out / "run.json")])
    assert again.exit_code == 0, again.output
    assert "byte for byte" in again.output
    (out / "resultats.csv").write_text("")
    assert CliRunner().invoke(main, ["verify", str(out / "run.json")]).exit_code == 1
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 2


@pytest.mark.parametrize(
    ("headers", "more", "words"),
    [
        (
            "individu_id,operateur",
            ["p03,ft"],
            "« p03 » is in it more than once. Give one row for each person",
        ),
        ("individu_id,operateur,operateur", [], "line 1, column operateur: it comes twice"),
        ("individu_id,operateur", None, "persons who are not in it: 40, « p00 » among them"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_attributes_that_are_told_twice_or_not_at_all_are_refused(
    file: Path, headers: str, more: list[str] | None, words: str, suffix: str
) -> None:
    path = file.with_name(f"autres{suffix}")
    names = headers.split(",")
    rows = ["q00,ml"] if more is None else [f"p{rank:02d},ml" for rank in range(40)] + more
    cells = [[*row.split(","), "ft"][: len(names)] for row in rows]
    if suffix == ".csv":
        path.write_text("\n".join([headers, *map(",".join, cells)]) + "\n")
    else:
        columns = [pyarrow.array(column) for column in zip(*cells, strict=True)]
        parquet.write_table(pyarrow.Table.from_arrays(columns, names=names), path)
    with pytest.raises(InvalidInput) as refused:
        compare.compared(None, sources.of_files(file, path), compare.options(MONTHS))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nulle_part"], "nulle_part"),
        (["age_29", "--population", "FILE"], "--months"),
        (["age_29", "--population", "FILE", "--year", "2022", "--months", "2025-01"], "choose"),
        (["age_29", "--population", "FILE", "--months", "2025-01", "--by", "tiers"], "tier"),
        (["age_29", "--universe", "neet", "--year", "2022-2023"], "entrants of France"),
        (["age_29", "--population", "FILE", "--months", "2021-02:2022-01"], "2022-03"),
    ],
)
def test_bad_requests_write_nothing(file, tmp_path: Path, arguments, word: str) -> None:
    out = tmp_path / "out"
    given = [str(file) if text == "FILE" else text for text in arguments]
    done = CliRunner().invoke(main, ["compare", *given, "--out", str(out)])
    assert done.exit_code == 2
    assert word in done.output
    assert not out.exists()
