"""The Python and shell blocks of the documents run as they are printed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from openfisca_cej.situation_examples import exemple

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")]

#: Commands that are not run here, and why.
NOT_RUN = {
    r"make (run|test|law)\b": "the whole of CI runs them",
    r"pip install": "the environment of these tests is what it makes",
    r"curl ": "tests/test_readme.py sends its body",
    r"openfisca serve": "make test-france loads the same reform",
    r"dask |srun |sleep |#SBATCH|#!/bin/sh": "a cluster: tests/population/test_cluster.py has one",
    r"openfisca-cej simulate /partage": "the same cluster",
    r".*law watch --fetch": "the network",
    r".*law watch --index LEGITEXT": "a file that the reader has",
}

#: Python that is run elsewhere.
PYTHON_ELSEWHERE = {
    "openfisca_france": "make test-france",
    "openfisca_survey_manager": "make test-france",
}

#: What a command ends with when it has something to say: an article has moved.
TOLD = {"openfisca-cej law watch": 1}


def blocks(*languages: str) -> Iterator[pytest.param]:
    """The blocks of code of the documents, by place."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for found in re.finditer(r"^```(\w+)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
            if found[1] in languages:
                line = text[: found.start()].count("\n") + 1
                yield pytest.param(found[2], id=f"{document.name}:{line}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader is: a situation, one as it was declared, a folder of people, the examples."""
    situation = exemple("jeune_seul")
    (name,) = situation["individus"]
    text = json.dumps(situation, ensure_ascii=False).replace(f'"{name}"', '"Lina"')
    for file in ("situation.json", "declare.json"):
        (tmp_path / file).write_text(text, encoding="utf-8")
    (tmp_path / "jeunes").mkdir()
    (tmp_path / "jeunes" / "a.csv").write_text("individu_id,date_naissance\nL,2004-03-01\n")
    examples = Path(sys.modules["openfisca_cej"].__file__).parent / "situation_examples"
    (tmp_path / "openfisca_cej").mkdir()
    (tmp_path / "openfisca_cej" / "situation_examples").symlink_to(examples)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("code", list(blocks("python")))
def test_python_runs_as_it_is_printed(code: str, folder: Path, capsys) -> None:
    for name in PYTHON_ELSEWHERE:
        if name in code:
            pytest.importorskip(name)
    exec(compile(code, "block", "exec"), {})
    assert "print(" not in code or capsys.readouterr().out.strip()


def kept(code: str) -> str:
    """A block without the commands that are not run here."""
    whole = re.sub(r"\\\n\s*", " ", code)
    if "curl " in whole:
        return ""
    return "\n".join(
        line for line in whole.splitlines() if not any(re.match(one, line) for one in NOT_RUN)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "code", [block for block in blocks("sh", "bash", "shell") if kept(block.values[0]).strip()]
)
def test_a_shell_block_runs_as_it_is_printed(code: str, folder: Path) -> None:
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    script = f"trap 'echo \"$? $BASH_COMMAND\" >> failed' ERR\n{kept(code)}\n"
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": paths, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    ended = folder / "failed"
    failed = ended.read_text().splitlines() if ended.exists() else []
    told = [f"{status} {command}" for command, status in TOLD.items()]
    assert not [line for line in failed if not line.startswith(tuple(told))], ran.stderr
    assert ran.stdout.strip()


def test_each_command_that_is_not_run_is_in_a_document() -> None:
    lines = "\n".join(block.values[0] for block in blocks("sh", "bash", "shell")).splitlines()
    assert not [one for one in NOT_RUN if not any(re.match(one, line) for line in lines)]
