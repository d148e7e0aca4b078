"""No module of the package needs, even later, one that needs it."""

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import openfisca_cej

PACKAGE = Path(openfisca_cej.__file__).parent


def module_of(file: Path) -> str:
    """« openfisca_cej.web.routes » of the file of a module."""
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)


def imports(tree: ast.AST) -> Iterator[str]:
    """What some code imports from the package, in its functions too; not what only types need."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("openfisca_cej"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)
        yield from imports(node)


def test_no_module_is_in_a_circle() -> None:
    files = {module_of(file): file for file in PACKAGE.rglob("*.py") if file.name != "__init__.py"}
    graph = {
        name: {one for one in imports(ast.parse(file.read_text("utf-8"))) if one in files}
        for name, file in files.items()
    }
    assert sum(map(len, graph.values())) > 300
    list(graphlib.TopologicalSorter(graph).static_order())
