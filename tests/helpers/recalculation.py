"""Recalculate a workbook as an analyst's spreadsheet would: with LibreOffice, without a screen."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

#: Settings of LibreOffice: compute every formula again when a file is opened.
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""

SECONDS = 240


def spreadsheet():
    """The command of LibreOffice; skips the test, with the reason, where there is none."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    if command is None:
        pytest.skip("LibreOffice is not installed (Debian: apt install libreoffice-calc-nogui)")
    return command


def recalculated(workbook: Path, folder: Path) -> openpyxl.Workbook:
    """The values of a workbook, computed again by LibreOffice."""
    command = spreadsheet()
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")
    done = subprocess.run(
        [
            *(command, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"),
            *("--convert-to", "xlsx", "--outdir", str(folder / "recalculated"), str(workbook)),
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    out = folder / "recalculated" / workbook.name
    assert out.exists(), done.stdout + done.stderr
    return openpyxl.load_workbook(out, data_only=True)


def rows(book: openpyxl.Workbook, sheet: str) -> list[dict]:
    """The rows of the table of a sheet, by heading."""
    lines = list(book[sheet].iter_rows(min_row=5, values_only=True))
    heads = [head for head in lines[0] if head is not None]
    return [dict(zip(heads, line, strict=False)) for line in lines[1:] if line[0] is not None]
