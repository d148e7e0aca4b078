"""Run the accessibility checks from a test; see accessibility.mjs."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1] / "browser"
RUNNER = HERE / "accessibility.mjs"
SECONDS = 280

#: What the runner exits with when it cannot run.
CANNOT = 2


def problems(*pages: Path | str) -> tuple[list[str], list[dict]]:
    """What is wrong with the pages, a sentence each, and all that was checked.

    ``pages`` are files or addresses. Skips the test, with the reason, where Node.js, its packages
    or Chromium are missing.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed (Debian: apt install nodejs npm)")
    if not (HERE / "node_modules" / "axe-core").is_dir():
        pytest.skip("axe-core is not installed: run « make browser »")
    done = subprocess.run(
        [node, str(RUNNER), *map(str, pages)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode == CANNOT:
        pytest.skip(done.stderr.strip())
    assert done.stdout, done.stderr
    checked = json.loads(done.stdout)
    return [sentence for one in checked for sentence in faults(one)], checked


def faults(one: dict) -> list[str]:
    """What is wrong with a view of a page."""
    where = f"{one['page']}, {one['width']} px, {one['scheme']}"
    found = [f"{where}: {bad['rule']}: {bad['places'][0]}" for bad in one["violations"]]
    found += [f"{where}: asks for {address}" for address in one["asked"]]
    return [*found, f"{where}: scrolls sideways"] if one["sideways"] else found
