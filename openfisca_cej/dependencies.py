"""What a formula of the law reads: the names written in its code, and in that of its helpers."""

import inspect
import types
from collections.abc import Iterator
from typing import Any

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.systems import remembered


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Some code, and that of the functions written inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def texts(value: Any) -> Iterator[str]:
    """The texts that a constant is, or holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from texts(one)


def words(code: types.CodeType) -> Iterator[str]:
    """The texts written in some code."""
    for one in codes(code):
        yield from texts(one.co_consts)


def named(function: types.FunctionType, seen: set[int]) -> Iterator[str]:
    """The texts that a function, the constants and the helpers that it uses are written with."""
    if id(function.__code__) in seen:
        return
    seen.add(id(function.__code__))
    yield from words(function.__code__)
    for name in dict.fromkeys(name for code in codes(function.__code__) for name in code.co_names):
        value = function.__globals__.get(name)
        yield from texts(value)
        helper = inspect.unwrap(value) if callable(value) else None
        if isinstance(helper, types.FunctionType):
            same_file = helper.__module__ == function.__module__
            if same_file or helper.__module__.startswith("openfisca_cej"):
                yield from named(helper, seen)


@remembered
def read_by(system: TaxBenefitSystem, variable: str) -> list[str]:
    """The variables that the formulas of a variable name."""
    formulas = system.variables[variable].formulas.values()
    found = dict.fromkeys(word for formula in formulas for word in named(formula, set()))
    return [name for name in found if name in system.variables]


@remembered
def reached(system: TaxBenefitSystem, *results: str) -> frozenset[str]:
    """Everything that some results depend on; the lists of resources are parameters."""
    left, found = list(results), set()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += read_by(system, name)
    return frozenset(found)
