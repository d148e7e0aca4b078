"""What a run was made of: versions, law, input and outputs, so that it can be told and redone."""

import functools
import hashlib
import inspect
import json
import platform
from gettext import gettext as _
from pathlib import Path
from typing import Any

import numpy
from openfisca_core.parameters import Parameter
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import RACINE
from openfisca_cej.population import atomic
from openfisca_cej.refusals import BadRequest
from openfisca_cej.versions import package_version

NAME = "run.json"

#: Files that decide what is computed: the law, and what applies it.
MODEL = (
    "base.py",
    "entities.py",
    "parameters/**/*.yaml",
    "variables/**/*.py",
    "reforms/**/*.py",
)


@functools.cache
def environment() -> dict[str, str]:
    """Versions of what computes, and a hash of the files of the law."""
    return {
        "openfisca_cej": package_version(),
        "model_sha256": model_hash(),
        "openfisca_core": package_version("openfisca-core"),
        "numpy": numpy.__version__,
        "pyarrow": package_version("pyarrow"),
        "python": platform.python_version(),
    }


def model_hash() -> str:
    """Hash of the files of the law: parameters, variables, entities."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in MODEL for path in RACINE.glob(pattern)):
        digest.update(path.relative_to(RACINE).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def fingerprint(content: Any) -> str:
    """A short name for some content: the same whenever, wherever."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def law_dates(system: TaxBenefitSystem) -> dict[str, str]:
    """Until when the law is known: the last change that a parameter holds, and the last check.

    ``checked_until`` is the latest ``last_value_still_valid_on``, ``checked_at_least_until`` the
    earliest one of the parameters that are still in force.
    """
    checked, changed = [], []
    for parameter in system.parameters.get_descendants():
        if isinstance(parameter, Parameter) and parameter.values_list:
            changed.append(parameter.values_list[0].instant_str)
            valid = parameter.metadata.get("last_value_still_valid_on")
            if valid and parameter.values_list[0].value is not None:
                checked.append(str(valid))
    return {
        "last_change": max(changed, default=""),
        "checked_until": max(checked, default=""),
        "checked_at_least_until": min(checked, default=""),
    }


def reform_content(reform: Any) -> dict[str, Any] | None:
    """Name and content of a reform: a class of OpenFisca, or a function of the system.

    The content is a text, or the dictionary of a reform made of dated values and switches.
    """
    if reform is None:
        return None
    name = getattr(reform, "name", None) or getattr(reform, "__name__", type(reform).__name__)
    content = getattr(reform, "content", None)
    if content is None:
        try:
            content = inspect.getsource(reform) + captured(reform)
        except (OSError, TypeError):
            content = repr(reform)
    return {"name": str(name), "content": content if isinstance(content, dict) else str(content)}


def captured(reform: Any) -> str:
    """The values that a function, or the functions of a class, took from where they were made."""
    functions = [reform, *vars(reform).values()] if isinstance(reform, type) else [reform]
    lines = []
    for function in filter(inspect.isfunction, functions):
        values = {**inspect.getclosurevars(function).nonlocals, "": function.__defaults__ or ()}
        values.pop("__class__", None)
        lines += [f"# {name} = {value!r}\n" for name, value in values.items() if name or value]
    return "".join(lines)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a small file whole or not at all."""
    with atomic.whole(path) as temporary:
        text = json.dumps(content, ensure_ascii=False, indent=2)
        temporary.write_text(f"{text}\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Content of a small file; empty when it is absent or unreadable."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, RecursionError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def refuse_file(out: Path) -> None:
    """Refuse a file where the folder of results would be. Raises BadRequest."""
    if out.exists() and not out.is_dir():
        raise BadRequest(_("{out} is a file: choose another --out.").format(out=out))
