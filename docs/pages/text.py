"""What the generated pages share: MyST Markdown in French, links between pages and to sources."""

import ast
import datetime
import importlib.metadata
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openfisca_cej import french
from openfisca_cej.explain.render import escaped

#: The source tree: the pages show its tests and link to its files.
PROJECT = Path(__file__).resolve().parents[2]


def repository() -> str:
    """Address of the project's repository, as its packaging tells it."""
    told = importlib.metadata.metadata("openfisca-cej").get_all("Project-URL") or []
    addresses = dict(line.split(", ", 1) for line in told)
    return addresses["Repository"]


def source(path: Path | str, shown: str | None = None) -> str:
    """A link to a file or a folder of the source tree (its path from there)."""
    kind = "tree" if (PROJECT / path).is_dir() else "blob"
    return f"[{escaped(shown or str(path))}]({repository()}/{kind}/main/{path})"


def link(text: str, address: str) -> str:
    """A link, or the text alone where there is no address."""
    return f"[{escaped(text)}]({address})" if address else escaped(text)


def day(text: str | datetime.date | None) -> str:
    """« 1er mars 2022 » of a day or of its ISO text; a dash for None."""
    if text is None:
        return "—"
    return french.day(datetime.date.fromisoformat(str(text)))


def slug(text: str) -> str:
    """A text as a name of page: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("é", "e").replace("è", "e")).strip("-")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table whose cells are Markdown; nothing when there is no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield f"| {' | '.join(headings)} |"
        yield f"|{' --- |' * len(headings)}"
        yield from lines
        yield ""


def bullets(items: Iterable[str]) -> Iterator[str]:
    """A list of Markdown sentences."""
    yield from (f"- {item}" for item in items)
    yield ""


def code(text: str, language: str) -> Iterator[str]:
    """A highlighted block."""
    yield from (f"```{language}", text.rstrip(), "```", "")


def sections(level: int, title: str, lines: Iterable[str], none: str = "") -> Iterator[str]:
    """A heading and its lines; ``none`` instead when there is no line, or nothing at all."""
    content = list(lines) or ([none, ""] if none else [])
    if content:
        yield from (f"{'#' * level} {title}", "", *content)


def variable_link(system: Any, name: str, root: str = "..") -> str:
    """A link to the page of a variable, shown by its name; ``root`` leads to the folder above."""
    if name not in system.variables:
        return f"`{name}`"
    return f"[`{name}`]({root}/variables/{name}.md)"


def parameter_link(path: str, root: str = "..") -> str:
    """A link to the values of a parameter, shown by its path."""
    return f"[`{path}`]({root}/parametres.md#{parameter_anchor(path)})"


def parameter_anchor(path: str) -> str:
    """The anchor of a parameter in the page of parameters."""
    return f"parametre-{slug(path)}"


def formula_source(function: Callable[..., Any]) -> str:
    """The source of a formula, with the functions of its own module that it calls.

    Docstrings are left out: they are in English, the site is in French.
    """
    pieces = [function, *helpers(function)]
    sources = (textwrap.dedent(inspect.getsource(piece)).rstrip() for piece in pieces)
    return "\n\n".join(map(without_docstrings, sources))


def without_docstrings(code: str) -> str:
    """A source without the docstrings of its functions, nor the blank line that follows them."""
    lines = code.splitlines()
    functions = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)]
    for node in sorted(functions, key=lambda node: node.lineno, reverse=True):
        if ast.get_docstring(node) is None or len(node.body) == 1:
            continue
        first, end = node.body[0].lineno - 1, node.body[0].end_lineno
        if not lines[end].strip():
            end += 1
        del lines[first:end]
    return "\n".join(lines)


def helpers(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The functions of the same module that a function calls, and those that these call."""
    found: dict[str, Callable[..., Any]] = {}
    waiting = [function]
    while waiting:
        for name in names_read(waiting.pop().__code__):
            called = function.__globals__.get(name)
            if name not in found and is_beside(called, function):
                found[name] = called
                waiting.append(called)
    return list(found.values())


def is_beside(called: Any, function: Callable[..., Any]) -> bool:
    """Whether it is a function of the same module."""
    return inspect.isfunction(called) and called.__module__ == function.__module__


def names_read(compiled: Any) -> list[str]:
    """Names that a compiled function reads, inner functions included."""
    inner = (part for part in compiled.co_consts if inspect.iscode(part))
    return [*compiled.co_names, *(name for part in inner for name in names_read(part))]


def texts_of(compiled: Any) -> Iterator[str]:
    """Constant texts of a compiled function, inner functions included."""
    for part in compiled.co_consts:
        if inspect.iscode(part):
            yield from texts_of(part)
        elif isinstance(part, str):
            yield part
        elif isinstance(part, tuple | frozenset):
            yield from (one for one in part if isinstance(one, str))


def source_file(variable: Any) -> Path:
    """The file of the source tree that declares a variable."""
    return Path(inspect.getsourcefile(type(variable))).resolve().relative_to(PROJECT)
