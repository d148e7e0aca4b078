"""Who may import whom, and what a rule never does."""

import ast
from collections.abc import Iterator
from pathlib import Path

from health.common import PACKAGE, PARAMETERS, SITUATION, VARIABLES, python_trees, report
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import CountryTaxBenefitSystem, entities
from openfisca_cej.declarations import QUESTIONS


def imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_rules_never_compare_with_a_role_or_an_enumeration_of_their_own() -> None:
    """On OpenFisca-France such a comparison is silently false: use keys and possible_values."""
    enumerations = {
        node.name
        for _, tree in python_trees(VARIABLES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Enum" for base in node.bases)
    }
    groups = {"Individu", "Famille", "FoyerFiscal", "Menage"}

    def is_member(node: ast.AST, owners: set[str]) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in owners
        )

    offenders = []
    for file, tree in python_trees(VARIABLES / "cej"):
        for node in ast.walk(tree):
            if is_member(node, groups) and node.attr.isupper():
                offenders.append(f"{file}:{node.lineno}: role {ast.unparse(node)}")
            if isinstance(node, ast.Compare):
                operands = [part for side in (node.left, *node.comparators) for part in [side]]
                offenders += [
                    f"{file}:{node.lineno}: {ast.unparse(node)}"
                    for operand in operands
                    if is_member(operand, enumerations)
                ]
    report(offenders)


# Which parts of the package each part may import: only those of the floors below.
FLOORS = [
    {
        "base",
        "bounds",
        "charts",
        "core",
        "declarations",
        "dependencies",
        "droit",
        "entities",
        "former_names",
        "french",
        "language",
        "names",
        "parameters",
        "rows",
        "situation_examples",
        "systems",
        "texts",
        "variables",
        "versions",
    },
    {"reading", "refusals", "sentences"},
    {"reforms"},
    {"explain", "population"},
    {"analysis", "reconcile"},
    {"report"},
    {"web", "cli", "commands", "__main__"},
]

OF_THE_TOOLS = {"click", "rich", "flask", "pandas", "polars"}


def test_a_part_imports_only_from_the_floors_below() -> None:
    floor = {part: level for level, parts in enumerate(FLOORS) for part in parts}
    offenders = []
    for file, tree in python_trees(PACKAGE):
        parts = Path(file).with_suffix("").parts
        part = parts[1]
        if part == "__init__":
            part = "entities"
        if part not in floor:
            offenders.append(f"{file}: on no floor of the house")
            continue
        for module in imported_modules(tree):
            names = module.split(".")
            if names[0] in OF_THE_TOOLS and floor[part] == 0:
                offenders.append(f"{file} imports {module}")
            if names[0] != "openfisca_cej" or len(names) < 2 or names[1] == part:
                continue
            if floor.get(names[1], 0) > floor[part]:
                offenders.append(f"{file} imports {module}, which is above it")
    report(offenders)


def test_rules_import_nothing_but_core_numpy_and_the_ground_floor() -> None:
    allowed = (
        "numpy",
        "openfisca_core",
        "openfisca_cej.base",
        "openfisca_cej.declarations",
        "openfisca_cej.entities",
        "openfisca_cej.texts",
    )
    standard = ("datetime", "functools", "itertools", "typing")
    offenders = [
        f"{file} imports {module}"
        for file, tree in python_trees(VARIABLES / "cej")
        for module in imported_modules(tree)
        if not module.startswith((*allowed, *standard, "openfisca_cej.variables"))
    ]
    report(offenders)


def test_two_systems_live_side_by_side() -> None:
    first, second = CountryTaxBenefitSystem(), CountryTaxBenefitSystem()
    assert list(first.variables) == list(second.variables)
    for system in (first, second):
        simulation = SimulationBuilder().build_from_entities(system, SITUATION)
        assert simulation.calculate("cej_allocation", "2025-04")[0] == 561.68


def test_rules_load_on_their_own_as_an_extension(monkeypatch) -> None:
    """The rules alone, on a system that has the inputs: what OpenFisca-France would do."""
    for _ in range(2):
        monkeypatch.delitem(QUESTIONS, "rqth")
        system = TaxBenefitSystem(entities.entities)
        system.load_parameters(str(PARAMETERS))
        for folder in VARIABLES.iterdir():
            if folder.is_dir() and folder.name not in ("cej", "__pycache__"):
                system.add_variables_from_directory(str(folder))
        assert "cej_allocation" not in system.variables
        system.load_extension("openfisca_cej.variables.cej")
        assert "(RQTH)" in QUESTIONS["rqth"].texte
        simulation = SimulationBuilder().build_from_entities(system, SITUATION)
        assert simulation.calculate("cej_allocation", "2025-04")[0] == 561.68
