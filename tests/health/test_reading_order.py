"""A file of rules reads as the law: each rule, then what it reads, then how values are told."""

import ast
from pathlib import Path

import pytest

import openfisca_cej
from openfisca_cej import base

RULES = Path(openfisca_cej.__file__).parent / "variables" / "cej"
FILES = sorted(RULES.glob("*.py"), key=lambda file: file.name)


def kind(node: ast.stmt) -> str:
    """What a statement of a file is: « rule », « input », « telling », or nothing of these."""
    if isinstance(node, ast.ClassDef):
        formulas = [one for one in node.body if getattr(one, "name", "").startswith("formula")]
        return "rule" if formulas else "" if "Enum" in map(ast.unparse, node.bases) else "input"
    tells = isinstance(node, ast.FunctionDef) and [arg.arg for arg in node.args.args[:1]] == ["cas"]
    return "telling" if tells else ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_first_rule_comes_first_and_how_values_are_told_last(file: Path) -> None:
    kinds = [one for one in map(kind, ast.parse(file.read_text("utf-8")).body) if one]
    assert kinds[:1] in ([], ["rule"]), f"{file.name}: {kinds[0]} stands above the first rule"
    law = [one for one in kinds if one != "telling"]
    assert kinds[: len(law)] == law, f"{file.name}: how a value is told stands above a rule"


def test_what_all_inputs_of_a_kind_are_is_said_by_their_base_class(system) -> None:
    """An input that repeats every line of a kind is one of that kind."""
    kinds = (base.Ressource, base.Lieu, base.Fait, base.FaitDurable, base.JourDonne)
    offenders = [
        f"{name}: derive it from {kind.__name__}"
        for name, variable in system.variables.items()
        for kind in kinds
        if not isinstance(variable, kind)
        and all(vars(type(variable)).get(key) == value for key, value in kind._communs.items())
    ]
    assert not offenders, "\n".join(offenders)
