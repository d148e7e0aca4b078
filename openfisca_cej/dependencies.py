"""What a formula of the law reads: the names written in its code, and in that of its helpers."""

import inspect
import types
from collections.abc import Iterator
from typing import Any

from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import Parameter
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

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


def used_by(function: types.FunctionType) -> list[Any]:
    """The constants and the helpers of its module that a function uses."""
    names = dict.fromkeys(name for code in codes(function.__code__) for name in code.co_names)
    return [function.__globals__.get(name) for name in names]


def functions(function: types.FunctionType, seen: set[int]) -> Iterator[types.FunctionType]:
    """A function, and the helpers that it uses."""
    if id(function.__code__) in seen:
        return
    seen.add(id(function.__code__))
    yield function
    for value in used_by(function):
        helper = inspect.unwrap(value) if callable(value) else None
        if isinstance(helper, types.FunctionType):
            same_file = helper.__module__ == function.__module__
            if same_file or helper.__module__.startswith("openfisca_cej"):
                yield from functions(helper, seen)


def behind(variable: Variable) -> list[types.FunctionType]:
    """The formulas of a variable, and their helpers."""
    formulas: Any = variable.formulas.values()
    return [one for formula in formulas for one in functions(formula, set())]


@remembered
def read_by(system: TaxBenefitSystem, variable: str) -> list[str]:
    """The variables that the formulas of a variable name."""
    found: dict[str, None] = {}
    for one in behind(system.variables[variable]):
        found |= dict.fromkeys((*words(one.__code__), *texts(used_by(one))))
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


@remembered
def listed(system: TaxBenefitSystem) -> frozenset[str]:
    """The variables that are on a list of the parameters, on some day."""
    leaves = (one for one in system.parameters.get_descendants() if isinstance(one, Parameter))
    values = [dated.value for leaf in leaves for dated in leaf.values_list]
    return frozenset(texts(values)) & system.variables.keys()


@remembered
def items(system: TaxBenefitSystem) -> frozenset[str]:
    """The items of enumerations, that lead to parameters without being named."""
    enums = [one for one in system.variables.values() if one.value_type is Enum]
    return frozenset(item.name for one in enums for item in one.possible_values)


@remembered
def written_with(system: TaxBenefitSystem, variable: str) -> frozenset[str]:
    """The texts and the names of attributes that the formulas of a variable are written with."""
    written = [code for one in behind(system.variables[variable]) for code in codes(one.__code__)]
    return frozenset(name for code in written for name in (*code.co_names, *texts(code.co_consts)))


@remembered
def may_read(system: TaxBenefitSystem, path: str, *results: str) -> bool:
    """Whether some results may read a parameter: a formula behind them names all of its path.

    The formulas of a reform may be helped by functions of anywhere: they may read anything.
    """
    if system.baseline is not None:
        return True
    keys = set(path.split(".")) - items(system)
    return any(
        keys <= written_with(system, name) for name in reached(system, *results, *listed(system))
    )
