"""The notebooks run as scripts, with the public API only, and say what the law says."""

import ast
import runpy
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))


def run(name: str) -> dict:
    """The names that a notebook leaves."""
    pytest.importorskip("IPython", reason="what builds the documentation is not installed")
    return runpy.run_path(str(FOLDER / f"{name}.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_uses_public_names_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert any(name.startswith("openfisca_cej") for name in names)
    assert not [name for name in names if any(part.startswith("_") for part in name.split("."))]
    attributes = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert not [name for name in attributes if name.startswith("_")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_imports_only_modules_whose_types_are_checked(path: Path) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    checked = settings["tool"]["mypy"]["files"]
    used = [
        node.module.replace(".", "/")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("openfisca_cej")
    ]
    assert used
    for module in used:
        forms = {module, f"{module}.py", f"{module}/__init__.py", *Path(module).parents}
        assert {str(form) for form in forms} & set(checked), f"{module} is not checked by mypy"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_a_paired_text_file(path: Path) -> None:
    jupytext = pytest.importorskip("jupytext")
    cells = jupytext.read(path, fmt="py:percent").cells
    assert {cell.cell_type for cell in cells} == {"markdown", "code"}
    assert cells[0].source.startswith("# ")


def test_reform_raises_each_amount_as_the_article_says() -> None:
    found = run("reforme")
    assert found["avant"][0] == 566.17  # The first amount from April 2026, no resources.
    assert found["apres"][0] == 600
    # R5131-20 and D5131-23: F − F / (80 % of the SMIC − 300) × (R − 300), all of it in F.
    smic = 1867.02
    for rank, wage in ((1, 700), (2, 1450)):
        kept = 1 - (wage - 300) / (0.8 * smic - 300)
        assert found["avant"][rank] == pytest.approx(566.17 * kept, abs=0.006)
        assert found["apres"][rank] == pytest.approx(600 * kept, abs=0.006)


def test_curve_ends_at_80_percent_of_the_smic_and_volunteering_makes_a_step() -> None:
    found = run("courbe")
    kink, end = found["salaire"].breaks
    assert kink.solution == 300
    assert end.resource == pytest.approx(0.8 * 1867.02, abs=0.01)
    assert not found["salaire"].cliffs
    (step,) = found["service_civique"].cliffs
    assert (step.before, step.after) == (566.17, 0)


def test_budget_has_intervals_around_its_differences() -> None:
    found = run("budget")
    total = found["comparaison"].window.measure("total")
    low, high = total.interval
    # Without a tax test nobody loses: the difference and its interval are above nil.
    assert 0 < low < total.difference < high
    # Everybody in a contract in 2023: the published spending stands beside.
    assert "depense_2023" in {one.name for one in found["comparaison"].published}
    months = [one.measure("total").difference for one in found["mois"]]
    assert len(months) == 12
    assert sum(months) == pytest.approx(total.difference, abs=0.1)


def test_groups_of_a_survey_add_up_to_it() -> None:
    found = run("enquete")
    comparison, lines = found["comparaison"], found["lignes"]
    here = lines[(lines.table == "quartier") & (lines.measure == "total")]
    assert here.difference.sum() == pytest.approx(comparison.window.measure("total").difference)
    assert sum(one.measure("personnes").baseline for one in found["tailles"]) == 600 * 25
    # Of 566.17 €, a wage of 400 € keeps 1 − 100 / (80 % of the SMIC − 300), and all of it after.
    assert comparison.whole.measure("perdants").difference == 0
    quarters = comparison.breakdown("revenu_du_foyer/4").groups
    assert [one.measure("personnes").baseline for one in quarters] == pytest.approx([3750] * 4)


def test_a_structural_reform_is_told_from_its_own_dates_on() -> None:
    comparison = run("structurelle")["comparaison"]
    assert {one.start for one in comparison.changes} == {"2026-01-01"}
    low, high = comparison.window.measure("total").interval
    assert low < comparison.window.measure("total").difference < high


def test_an_interaction_is_what_both_reforms_cost_beyond_each() -> None:
    first, second, both, interaction = run("plusieurs")["trouve"].costs
    beyond = both.difference - first.difference - second.difference
    assert interaction.difference == pytest.approx(beyond, abs=0.02)


def test_assumptions_that_are_given_again_give_the_same_cost() -> None:
    found = run("sensibilite")
    spans = [one.span for one in found["comparaison"].drivers]
    assert spans == sorted(spans, reverse=True)
    again = found["compare"](found["abattement"], found["autres"], "2023-01:2023-12", draws=0)
    assert again.main.measure("total").difference == found["total"].difference


def test_years_to_come_have_both_laws() -> None:
    years = run("annees")["annees"]
    assert [one.year for one in years] == [2026, 2027]
    for one in years:
        spent = next(value for value in one.values if value.measure == "depense")
        # 600 € in place of 566.17 for most: at most 6 % more, the amount being frozen after.
        assert 0 < spent.reform - spent.baseline < 0.06 * spent.baseline
