"""What the pages are made from: commands that run as printed, formulas in French."""

import ast
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from docs.pages.text import formula_source, without_docstrings
from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.cli import main
from openfisca_cej.droit import registre

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.skipif(
    not (DOCS.parent / "openfisca_cej").is_dir(), reason="the package is not beside the documents"
)
def test_the_example_of_the_front_page_runs_as_printed(monkeypatch) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", (DOCS / "index.md").read_text("utf-8"), re.DOTALL)
    install, command = block.strip().splitlines()
    assert shlex.split(install, comments=True) == ["pip", "install", "."]
    program, *arguments = shlex.split(command)
    assert program == "openfisca-cej"
    monkeypatch.chdir(DOCS.parent)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    # 331,37 − 331,37 / (0,8 × 1 801,80 − 300) × (600 − 300) = 244,277
    assert "244,28" in result.output


def test_the_demonstration_of_july_2026_runs_as_printed(monkeypatch, tmp_path) -> None:
    page = (DOCS / "veille.md").read_text(encoding="utf-8")
    script, command = re.findall(r"<<'FIN'\n(.*?)FIN\n(.*?)\n```", page, re.DOTALL)[0]
    monkeypatch.chdir(tmp_path)
    exec(script, {})
    result = CliRunner().invoke(main, [*shlex.split(command)[1:], "--today", "2026-08-20"])
    assert result.exit_code == 1
    (answer,) = re.findall(r"Elle répond « (.*?) ».", page)
    assert f"- {answer}." in result.output


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_no_page_installs_a_package_that_is_not_published(path: Path) -> None:
    assert not re.findall(r"pip install '?openfisca-cej", path.read_text(encoding="utf-8"))


def test_formulas_are_shown_without_their_docstrings() -> None:
    system = CountryTaxBenefitSystem()
    shown = [
        formula_source(formula)
        for variable in system.variables.values()
        for formula in variable.formulas.values()
    ]
    assert len(shown) > 40
    for source in shown:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                assert ast.get_docstring(node) is None, source


def test_only_docstrings_go() -> None:
    code = '''@decorated
def outer(a):
    """One.

    Two.
    """

    def inner():
        """Three."""
        return "four"

    return inner() + """five"""'''
    assert (
        without_docstrings(code)
        == '''@decorated
def outer(a):
    def inner():
        return "four"

    return inner() + """five"""'''
    )


def test_texts_with_dated_versions_are_counted() -> None:
    """All but a circular, an article and a decree that were not read whole."""
    found = registre.dated(registre.entries())
    assert len(found) == len(registre.entries()) - 3
    assert all(entry.versions for entry in found)
