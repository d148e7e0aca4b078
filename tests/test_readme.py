"""The examples of the README run as they are printed, and the links of documents lead somewhere."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openfisca_web_api.app import create_app

from openfisca_cej import CountryTaxBenefitSystem

PROJECT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.fr.md")


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_python_example_prints_what_its_comment_says(name: str, capsys) -> None:
    code = re.search(r"```python\n(.*?)```", read(name), re.DOTALL).group(1)
    exec(code, {})
    assert capsys.readouterr().out.strip() == code.rstrip().rsplit("# ", 1)[1]


@pytest.mark.parametrize("name", READMES)
def test_web_api_example_gives_the_amount_of_the_text(name: str) -> None:
    text = read(name)
    body = json.loads(re.search(r"--data '\n(.*?)'\n```", text, re.DOTALL).group(1))
    client = create_app(CountryTaxBenefitSystem()).test_client()
    answer = client.post("/calculate", json=body).get_json()
    amount = answer["individus"]["Lina"]["cej_allocation"]["2025-06"]
    assert f"`{amount}`" in text


def test_table_is_the_one_that_the_main_job_prints(tmp_path) -> None:
    command = "import sys; from openfisca_cej.cli import main; sys.exit(main())"
    job = subprocess.run(
        [sys.executable, "-c", command, "simulate", "--out", str(tmp_path)],
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    printed = {" ".join(line.split()) for line in job.stdout.splitlines()}
    for name in READMES:
        table = re.search(r"```text\n(.*?)```", read(name), re.DOTALL).group(1)
        lines = {" ".join(line.split()) for line in table.splitlines()} - {"", "…"}
        assert len(lines) > 10
        assert lines <= printed, f"{name}: {sorted(lines - printed)}"


def test_links_between_documents_lead_somewhere() -> None:
    if not (PROJECT / "openfisca_cej").is_dir():
        pytest.skip("the package is not beside the documents")
    documents = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")]
    broken = [
        f"{document.name}: {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]
    assert not broken
