"""What every command has in common, tried on whatever commands there are: no list of them here."""

import csv
import io
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from commands import leaves, name_of, prose, required, words

from openfisca_cej import language
from openfisca_cej.cli import main

OTHER = {"fr": "en", "en": "fr"}

PROJECT = Path(__file__).resolve().parents[1]

COMMANDS = dict(leaves(main))

#: Options that take any text.
ANY = {
    ("questions", "words"),
    ("resources", "words"),
    ("serve", "--worker-tmp-dir"),
}


#: What makes a command quick, or gives it something to tell.
QUICK = {
    "compare": ["--size", "200", "--draws", "0"],
    "diff": ["--from", "2025-03", "--to", "2025-04"],
    "population": ["--region", "PACA", "--year", "2022", "--size", "200"],
    "simulate": ["--months", "2022-03"],
    "validate": ["--draws", "2"],
}

PERSONS = "individu_id,date_naissance,cej_date_signature\na,2003-01-01,2025-01-10\n"

#: Options that say where to write.
WRITTEN = ("--out", "--extract")


def wrong(command: str, parameter: click.Parameter, folder: Path) -> Iterator[str]:
    """Values that a parameter refuses: a name or a month that is not, a file that is not or bad."""
    name = name_of(parameter)
    if getattr(parameter, "is_flag", False) or name == "--lang" or (command, name) in ANY:
        return
    if isinstance(parameter.type, click.Path) and not parameter.type.exists:
        yield str(folder / "bad.json" / "x.csv")
    elif getattr(parameter.type, "exists", False):
        yield "/no/such/file"
        yield str(folder / "bad.json")
    elif "YYYY" in (parameter.metavar or ""):
        yield "2026-13"
    elif parameter.type in (click.INT, click.FLOAT):
        yield "-99"
    else:
        yield "nulle"
        if "FILE" in (parameter.metavar or "") or "PATH" in (parameter.metavar or ""):
            yield "/no/such/file.yaml"
            yield str(folder / "bad.json")


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_wrong_is_refused_with_2_in_one_language(command, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.json").write_text('{"individus": [')
    options = (name_of(one) for one in COMMANDS[command].params if name_of(one).startswith("--"))
    named = rf"(?m)^({'|'.join(one.removeprefix('--') for one in options)}) ?:"  # As Python does.
    for parameter in COMMANDS[command].params:
        for value in wrong(command, parameter, tmp_path):
            for lang in language.LANGUAGES:
                given = [name_of(parameter), value][parameter.param_type_name == "argument" :]
                line = [*words(command), *required(COMMANDS[command], parameter), *given]
                line += QUICK.get(command, []) if name_of(parameter) in WRITTEN else []
                done = CliRunner().invoke(main, [*line, "--lang", lang])
                assert done.exit_code == 2, (line, done.output, done.exception)
                assert done.output
                assert not re.search(named, done.output), (line, done.output)
                assert not prose(done.output, OTHER[lang]), (line, done.output)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.json"]


#: What these need beside a month, and their other ways of asking.
BESIDE = {
    ("diff", "--from"): ["--to", "2021-06"],
    ("diff", "--to"): ["--from", "2021-05"],
    ("diff", "--month"): ["--reform", "age_29"],
}
MONTHLY = [
    (command, name_of(one))
    for command, tried in COMMANDS.items()
    for one in tried.params
    if (one.metavar or "").startswith("YYYY-MM") and "DD" not in (one.metavar or "")
]


@pytest.mark.parametrize(("command", "option"), MONTHLY)
def test_a_month_before_the_law_is_refused_or_said_to_owe_nothing(
    command, option, tmp_path, monkeypatch
) -> None:
    """Amounts are nil and said to be so; what would tell, compare or solve a rule has none."""
    monkeypatch.chdir(tmp_path)
    persons = tmp_path / "jeunes.csv"
    persons.write_text(PERSONS)
    parameter = next(one for one in COMMANDS[command].params if name_of(one) == option)
    line = [*words(command), *required(COMMANDS[command], parameter, {"source": str(persons)})]
    line += BESIDE.get((command, option), QUICK.get(command, []) if command != "simulate" else [])
    line += {"simulate": [str(persons)], "validate": ["--population", str(persons)]}.get(
        command, []
    )
    for lang, refused in (
        ("en", "« 2021-05 » is before the law: the first month is 2022-03"),
        ("fr", "« 2021-05 » est avant la loi : le premier mois est 2022-03"),
    ):
        done = CliRunner().invoke(main, [*line, option, "2021-05", "--lang", lang])
        if done.exit_code:
            assert (done.exit_code, refused in done.stderr) == (2, True), done.output
        else:
            told = ("avant le 1er mars 2022", "There is no CEJ before 2022-03")
            assert any(one in done.output for one in told), done.output


def forms(command: click.Command) -> list[str]:
    """The formats of the answer of a command."""
    asked = (one for one in command.params if name_of(one) == "--format")
    return [form for option in asked for form in option.type.choices]


TOLD = [name for name, one in COMMANDS.items() if {"text", "md"} & set(forms(one))]


@pytest.mark.parametrize("command", TOLD)
def test_what_is_told_to_eyes_is_told_to_programs(command, tmp_path) -> None:
    persons = tmp_path / "jeunes.csv"
    persons.write_text(PERSONS)
    run = ["simulate", str(persons), "--months", "2025-02", "--out", str(tmp_path / "run")]
    if command == "verify":
        assert CliRunner().invoke(main, run).exit_code == 0
    files = {"source": str(persons), "manifest": str(tmp_path / "run" / "run.json")}
    line = [*words(command), *required(COMMANDS[command], None, files), *QUICK.get(command, [])]
    line += ["--population", str(persons)] * (command == "verify")
    done = {
        form: CliRunner().invoke(main, [*line, "--quiet", "--format", form])
        for form in ("json", "csv")
    }
    for one in done.values():
        assert one.exit_code == (1 if command == "law watch" else 0), one.output
        assert not one.stderr
    json.loads(done["json"].stdout)
    rows = list(csv.reader(io.StringIO(done["csv"].stdout)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) > 1 or command == "check"  # No fault, no row.


def test_the_page_tells_the_formats_of_each_command() -> None:
    page = (PROJECT / "docs" / "commande.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `--format (\w+)` \| (.*) \|$", page, flags=re.MULTILINE)
    told = {form: set(re.findall(r"`([a-z ]+)`", names)) for form, names in table}
    named = {form for one in COMMANDS.values() for form in forms(one)} - {"text"}
    assert told == {
        form: {" ".join(words(name)) for name, one in COMMANDS.items() if form in forms(one)}
        for form in named
    }


def test_a_file_may_be_the_standard_input_and_what_is_written_the_output() -> None:
    lacking = {
        (command, name_of(parameter))
        for command, one in COMMANDS.items()
        for parameter in one.params
        if isinstance(parameter.type, click.Path) and name_of(parameter) != "--tests"
        if not parameter.type.allow_dash
    }
    assert lacking == {("diff", "--installed")}  # A program.


A_MONTH = ["--months", "2025-02"]
NO_DRAWS = ["--size", "200", "--draws", "0", "--replicates", "0"]


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (["compare", "age_29", "--population", "-", *A_MONTH], "table,month,"),
        (["compare", "age_29", "--universe", "entrants", *NO_DRAWS], "table,month,"),
        (
            ["population", "--universe", "entrants", "--region", "PACA", "--year", "2022"],
            "individu_id,poids,",
        ),
        (["simulate", "-", *A_MONTH], "individu_id,mois,"),
    ],
)
def test_persons_come_in_and_results_go_out_by_pipes(line, columns, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    size = ["--size", "200"] * (line[0] == "population")
    done = CliRunner().invoke(main, [*line, *size, "--out", "-"], input=PERSONS)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(columns), done.stdout[:300]
    assert len({len(row) for row in csv.reader(io.StringIO(done.stdout))}) == 1
    assert not list(tmp_path.iterdir())


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(main, ["serve", "--port", port, "--lang", "fr"])
    assert done.exit_code == 2
    assert "est déjà prise" in done.stderr
