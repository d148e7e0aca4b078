"""A comparison that is killed at any moment leaves whole files, of before or of after."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from samples import one_in

from openfisca_cej.population import manifest

NAMES = ("resultats.csv", "resultats.parquet", "rapport.html", "classeur.xlsx")


def started(reform: str, persons: Path, out: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "openfisca_cej.cli", "compare", reform]
    command += ["--population", str(persons), "--months", "2025-01:2025-01", "--replicates", "0"]
    command += ["--overwrite", "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def hashes(out: Path) -> dict[str, str]:
    return {name: manifest.file_hash(out / name) for name in NAMES if (out / name).exists()}


@pytest.mark.slow
def test_a_killed_comparison_leaves_whole_files(tmp_path: Path) -> None:
    persons = tmp_path / "jeunes.csv"
    persons.write_text("individu_id,date_naissance\na,2003-05-01\nb,1998-05-01\n")
    out = tmp_path / "out"
    assert started("montants_rsa", persons, out).wait() == 0
    before = hashes(out)
    start = time.monotonic()
    assert started("age_29", persons, tmp_path / "after").wait() == 0
    lasts = time.monotonic() - start
    after = hashes(tmp_path / "after")
    draw = random.Random(5)
    left = 9 // one_in(9)
    while left:
        process = started("age_29", persons, out)
        time.sleep(draw.uniform(0.5, 1) * lasts)  # What is before 0.5 is imports.
        process.kill()
        if process.wait() == 0:
            lasts *= 0.9  # The machine was slower when it was timed.
        else:
            left -= 1
        found = hashes(out)
        assert all(found[name] in (before[name], after[name]) for name in found)
        if (out / manifest.NAME).exists():
            assert json.loads((out / manifest.NAME).read_text())["outputs"] == found
    assert started("age_29", persons, out).wait() == 0
    assert hashes(out) == after
