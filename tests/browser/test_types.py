"""The types that TypeScript makes of the OpenAPI document compile, and know a good request."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.situation_examples import exemple
from openfisca_cej.web.app import create_app

PROGRAMS = Path(__file__).resolve().parent / "node_modules" / ".bin"
PATIENCE = 120  # seconds: a loaded machine must not fail the test

USE = """import type {{ components }} from "./api";
export const situation: components["schemas"]["Situation"] = {situation};
export const amount = (answer: components["schemas"]["AvantApres"]): number =>
  answer.amounts.reduce((sum, due) => sum + due.change, 0);
"""


def run(name: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run a program of npm. Skips where it is not."""
    program = PROGRAMS / name
    if shutil.which("node") is None or not program.exists():
        pytest.skip(f"{name} is not here: make browser installs it")
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_types_compile(tmp_path) -> None:
    spec = create_app(CountryTaxBenefitSystem()).test_client().get("/openapi.json").get_json()
    (tmp_path / "openapi.json").write_text(json.dumps(spec))
    made = run("openapi-typescript", tmp_path, "openapi.json", "-o", "api.d.ts")
    assert made.returncode == 0, made.stderr
    for situation, refused in ((exemple("jeune_seul"), False), ({"individus": 1}, True)):
        (tmp_path / "use.ts").write_text(USE.format(situation=json.dumps(situation)))
        compiled = run("tsc", tmp_path, "--noEmit", "--strict", "use.ts", "api.d.ts")
        assert (compiled.returncode != 0) == refused, compiled.stdout
