"""What every command has in common, tried on whatever commands there are: no list of them here."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from commands import leaves, name_of, prose, required

from openfisca_cej import language
from openfisca_cej.cli import main

OTHER = {"fr": "en", "en": "fr"}

COMMANDS = dict(leaves(main))

#: Options that are the last to be given, and that hold any place where one may write.
SHARED = ("--lang", "--out", "--extract")

#: Options that take any text.
ANY = {
    ("questions", "words"),
    ("resources", "words"),
    ("serve", "--host"),
    ("serve", "--worker-tmp-dir"),
}


def wrong(command: str, parameter: click.Parameter, folder: Path) -> Iterator[str]:
    """Values that a parameter refuses: a name or a month that is not, a file that is not or bad."""
    name = name_of(parameter)
    if getattr(parameter, "is_flag", False) or name in SHARED or (command, name) in ANY:
        return
    if getattr(parameter.type, "exists", False):
        yield "/no/such/file"
        yield str(folder / "bad.json")
    elif "YYYY" in (parameter.metavar or ""):
        yield "2026-13"
    else:
        yield "nulle"
        if "FILE" in (parameter.metavar or "") or "PATH" in (parameter.metavar or ""):
            yield "/no/such/file.yaml"
            yield str(folder / "bad.json")


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_wrong_is_refused_with_2_in_one_language(command, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.json").write_text('{"individus": [')
    for parameter in COMMANDS[command].params:
        for value in wrong(command, parameter, tmp_path):
            for lang in language.LANGUAGES:
                given = [name_of(parameter), value][parameter.param_type_name == "argument" :]
                line = [*command.split(), *required(COMMANDS[command], parameter), *given]
                done = CliRunner().invoke(main, [*line, "--lang", lang])
                assert done.exit_code == 2, (line, done.output, done.exception)
                assert done.output
                assert not prose(done.output, OTHER[lang]), (line, done.output)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.json"]
