"""Where the law is written: the file and the line of each number, rule and case, to be edited."""

import functools
import inspect
from collections.abc import Iterator
from pathlib import Path

import yaml
from openfisca_core.parameters import Parameter, ParameterScale
from openfisca_core.variables import Variable


def shown(file: Path, line: int, start: Path | None = None) -> str:
    """« path:line », from a folder (the current one by default) where the file is below it."""
    start = start or Path.cwd()
    path = file.relative_to(start) if file.is_relative_to(start) else file
    return f"{path.as_posix()}:{line}"


def of_variable(variable: Variable) -> tuple[Path, int] | None:
    """The file and line of a rule or of an input, None where it has no source."""
    cls = type(variable)
    try:
        return Path(str(inspect.getsourcefile(cls))).resolve(), inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return None


def of_parameter(node: Parameter | ParameterScale) -> tuple[Path, dict[str, int]]:
    """The file of a parameter, and the line of its value from each day on.

    Of a scale: the first line of the day, whatever the bracket.
    """
    file = Path(node.file_path).resolve()
    return file, lines_of_days(file)


@functools.cache
def lines_of_days(file: Path) -> dict[str, int]:
    """The line of each day of a file of parameters, in the order of the days."""
    content = _top(file)
    series = [content["values"]] if "values" in content else []
    for bracket in content["brackets"].value if "brackets" in content else ():
        series += [values for _, values in bracket.value]
    found: dict[str, int] = {}
    for values in series:
        for key, _ in values.value:
            found.setdefault(key.value, key.start_mark.line + 1)
    return dict(sorted(found.items()))


@functools.cache
def lines_of_cases(file: Path) -> dict[str, int]:
    """The line of each case of a file of tests in YAML, by name."""
    root = _composed(file)
    cases = root.value if isinstance(root, yaml.SequenceNode) else [root]
    return {str(name): line for case in cases for name, line in _named(case)}


def _named(case: yaml.Node) -> Iterator[tuple[str, int]]:
    for key, value in case.value:
        if key.value == "name":
            yield value.value, case.start_mark.line + 1


def _top(file: Path) -> dict[str, yaml.Node]:
    return {key.value: value for key, value in _composed(file).value}


def _composed(file: Path) -> yaml.Node:
    with file.open(encoding="utf-8") as opened:
        root = yaml.compose(opened, Loader=yaml.CSafeLoader)
    assert root is not None, f"{file} is empty"
    return root
