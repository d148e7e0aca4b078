"""Structural reforms: classes of OpenFisca written in Python, by dotted path or by file.

They run code: only the command reads them, never a request. ``read`` takes all that the command
takes; what it gives has a ``title`` and a ``content``, as the reforms that are only data.
"""

import functools
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import core
from openfisca_cej.base import CREATION
from openfisca_cej.reforms import ready
from openfisca_cej.reforms.loading import SUFFIXES, exists, load
from openfisca_cej.reforms.provisions import Provision, changed
from openfisca_cej.reforms.written import refusal

#: A file of Python, or a dotted path, and the name of a class in it.
FILE = re.compile(r"(?P<place>.+\.py)(:(?P<name>\w+))?")
DOTTED = re.compile(r"(?P<place>[^\W\d]\w*(\.[^\W\d]\w*)+)(:(?P<name>\w+))?")

#: What stands for a formula, and for a variable that there is not.
OF_THE_LAW, OF_THE_REFORM = "formule du droit", "formule de la réforme, en Python"
NEW, GONE = "variable nouvelle, en Python", "variable retirée"


@dataclass(frozen=True)
class Joined:
    """Several reforms, one after the other; some are Python, so that their order counts."""

    parts: tuple[Any, ...]

    def __call__(self, system: TaxBenefitSystem) -> TaxBenefitSystem:
        """The system with all of them."""
        return functools.reduce(lambda before, part: part(before), self.parts, system)

    @property
    def title(self) -> str:
        """Their titles."""
        return " + ".join(part.title for part in self.parts)

    name = title

    @property
    def description(self) -> str:
        """Their descriptions."""
        return " ".join(part.description for part in self.parts if part.description)

    @property
    def content(self) -> str:
        """What they are made of, as a text."""
        return "\n".join(str(part.content) for part in self.parts)


def read(text: str) -> Any:
    """The reform that a command is given: what ``load`` takes, a class in Python, or some joined.

    A class is ``file.py``, ``file.py:Class``, ``package.module.Class`` or ``package.module:Class``;
    without a name, the module has one reform only. Raises InvalidReform.
    """
    parts = list(dict.fromkeys(part.strip() for part in text.split("+")))
    if not any(is_python(part) for part in parts):
        return load(text)
    if len(parts) == 1:
        return imported(parts[0])
    return Joined(tuple(imported(part) if is_python(part) else load(part) for part in parts))


def is_python(text: str) -> bool:
    """Whether this is a file of Python, or a dotted path and not the name of a file of data."""
    if FILE.fullmatch(text):
        return True
    data = exists(text) or text.lower().endswith(SUFFIXES) or text in ready.NAMES
    return DOTTED.fullmatch(text) is not None and not data


def imported(text: str) -> type[Reform]:
    """The class of reform at a dotted path or in a file. Raises InvalidReform."""
    found = FILE.fullmatch(text) or DOTTED.fullmatch(text)
    if found is None:
        raise refusal(text, _("it is neither a file of Python nor a dotted path"))
    place, name = found["place"], found["name"]
    try:
        module, name = of_file(Path(place), name) if FILE.fullmatch(text) else of_path(place, name)
    except Exception as error:
        # Whatever the code of others raises while it is read.
        why = f"{type(error).__name__}: {error}"
        raise refusal(text, _("Python cannot import it ({why})").format(why=why)) from None
    return described(chosen(module, name, text))


def of_file(path: Path, name: str | None) -> tuple[ModuleType, str | None]:
    """The module of a file, under a name of its own. Raises what its code raises."""
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    known = f"openfisca_cej_reform_{digest}"
    spec = importlib.util.spec_from_file_location(known, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    # Python finds there the source of its classes.
    sys.modules[known] = module
    spec.loader.exec_module(module)
    return module, name


def of_path(path: str, name: str | None) -> tuple[ModuleType, str | None]:
    """The module of a dotted path, and the name that ends it, if that is a class."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    if name is None and importlib.util.find_spec(path.rpartition(".")[0]) is not None:
        module = importlib.import_module(path.rpartition(".")[0])
        last = path.rpartition(".")[2]
        if isinstance(getattr(module, last, None), type):
            return module, last
    return importlib.import_module(path), name


def chosen(module: ModuleType, name: str | None, text: str) -> type[Reform]:
    """The reform of a module: of this name, or the only one that it defines."""
    here = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Reform) and one.__module__ == module.__name__
    ]
    if name is not None:
        one = getattr(module, name, None)
        if isinstance(one, type) and issubclass(one, Reform):
            return one
        here = []
    if len(here) == 1:
        return here[0]
    names = ", ".join(one.__name__ for one in here)
    if names:
        raise refusal(text, _("it has several reforms: say which, {names}").format(names=names))
    raise refusal(text, _("it has no class of Reform of OpenFisca of that name"))


def described(reform: type[Reform]) -> type[Reform]:
    """The class, with the title, the description and the content that a report tells."""
    known: Any = reform
    if not getattr(reform, "title", ""):
        known.title = str(getattr(reform, "name", None) or reform.__name__)
    if not getattr(reform, "description", ""):
        known.description = inspect.cleandoc(vars(reform).get("__doc__") or "").partition("\n\n")[0]
    if not hasattr(reform, "content"):
        known.content = source_of(reform)
    return reform


def source_of(reform: type[Reform]) -> str:
    """The text of the module of a class: its variables are there too."""
    try:
        return inspect.getsource(sys.modules[reform.__module__])
    except (OSError, TypeError):
        return repr(reform)


# What a structural reform changes, as far as it can be told.


def provisions(law: TaxBenefitSystem, reformed: TaxBenefitSystem) -> list[Provision]:
    """The values that differ, then the variables that are new, gone, or of another formula."""
    found = list(changed(law.parameters, reformed.parameters))
    for name in {**law.variables, **reformed.variables}:
        found += of_variable(name, law.variables.get(name), reformed.variables.get(name))
    return found


def of_variable(name: str, before: Any, after: Any) -> Iterator[Provision]:
    """What changes of a variable."""
    label = str((before or after).label or name)
    if before is None:
        yield Provision(name, label, started(after), None, None, NEW, None)
    elif after is None:
        yield Provision(name, label, started(before), None, OF_THE_LAW, GONE, None)
    elif after.is_neutralized and not before.is_neutralized:
        value = neutralised(after.default_value)
        yield Provision(name, label, started(before), None, OF_THE_LAW, value, None)
    elif codes(before) != codes(after):
        moved = min(day for day, _ in {*codes(before)} ^ {*codes(after)})
        yield Provision(name, label, in_force(moved), None, OF_THE_LAW, OF_THE_REFORM, None)


def neutralised(default: Any) -> str:
    """What a neutralised variable is, for everybody: a condition is met by nobody."""
    told = {True: "oui", False: "non"}.get(default) if isinstance(default, bool) else default
    return f"neutralisée ({getattr(told, 'value', told)} pour tous)"


def codes(variable: Any) -> list[tuple[str, Any]]:
    """The code of the formulas of a variable, by date."""
    return [
        (day, getattr(formula, "__code__", formula)) for day, formula in variable.formulas.items()
    ]


def started(variable: Any) -> str:
    """The day of the first formula of a variable, or that of the law where it has none."""
    return in_force(next(iter(variable.formulas), ""))


def in_force(day: str) -> str:
    """The day of a formula; that of the law for one without a date."""
    return day if day > core.UNDATED else str(numpy.datetime64(CREATION, "D"))
