"""What a formula of the law reads, and what is missing beside it: where to write it."""

import inspect
import types
from collections.abc import Iterator
from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

import openfisca_cej
from openfisca_cej import base
from openfisca_cej.droit import places
from openfisca_cej.explain import unknowns

#: What the paths of the law start from.
ROOT = Path(openfisca_cej.__file__).resolve().parent.parent

RESULT, TO_SIGN = "cej_allocation", "cej_eligibilite"


def words(code: types.CodeType) -> Iterator[str]:
    """The texts written in some code, in those of the functions inside it too."""
    left = list(code.co_consts)
    while left:
        constant = left.pop(0)
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):
            left += constant
        elif isinstance(constant, types.CodeType):
            left += constant.co_consts


def named(function: types.FunctionType, seen: set[int]) -> Iterator[str]:
    """The texts that a function and the helpers that it calls are written with."""
    if id(function.__code__) in seen:
        return
    seen.add(id(function.__code__))
    yield from words(function.__code__)
    for name in function.__code__.co_names:
        helper = inspect.unwrap(function.__globals__.get(name) or named)
        ours = isinstance(helper, types.FunctionType) and helper is not named
        if ours and helper.__module__.startswith("openfisca_cej"):
            yield from named(helper, seen)


def read_by(system: TaxBenefitSystem, variable: Variable) -> list[str]:
    """The variables that the formulas of a variable name."""
    found = dict.fromkeys(
        word for formula in variable.formulas.values() for word in named(formula, set())
    )
    return [name for name in found if name in system.variables]


def reached(system: TaxBenefitSystem, *results: str) -> set[str]:
    """Everything that some results depend on; the lists of resources are parameters."""
    left, found = list(results), set()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += read_by(system, system.variables[name])
    return found


def place_of(variable: Variable) -> str:
    """The file and line of a variable, to be edited."""
    place = places.of_variable(variable)
    return places.shown(*place, ROOT) if place else variable.name


#: Inputs whose unknown is worked out from the rest of the case, by name: see ``Candidates``.
BY_HAND = {
    word
    for method in vars(unknowns.Candidates).values()
    if isinstance(method, types.FunctionType)
    for word in words(method.__code__)
} | {unknowns.SIGNATURE, unknowns.BIRTH, unknowns.AGE, *unknowns.TREATED_APART}


def undeclared(system: TaxBenefitSystem) -> list[str]:
    """What is not said of the inputs and of the conditions that the law reads."""
    offenders = []
    for name in sorted(reached(system, RESULT, TO_SIGN)):
        variable = system.variables[name]
        if variable.formulas or name in BY_HAND:
            continue
        if name not in base.QUESTIONS:
            offenders.append(f"{place_of(variable)}: write @question(« … ? », aide=…) above {name}")
        is_resource = variable.value_type is float and (variable.unit or "").startswith("€")
        if not is_resource and not unknowns.other_values(variable):
            offenders.append(
                f"{place_of(variable)}: write @question(…, essais=…) above {name}: the values that "
                "show all that it can do"
            )
    for name in read_by(system, system.variables[TO_SIGN]):
        if name not in base.CONDITIONS:
            variable = system.variables[name]
            offenders.append(
                f"{place_of(variable)}: write @condition(« … », SIGNATURE, rang) above {name}, "
                f"which {TO_SIGN} reads"
            )
    return offenders
