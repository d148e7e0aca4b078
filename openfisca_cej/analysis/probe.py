"""Amounts, parameters and rules of an installed version on a grid of cases.

Run as a program by the interpreter of another version, which may lack the rest of this package:
nothing is imported but NumPy, OpenFisca-Core and what every version of ``openfisca_cej`` has.
"""

import hashlib
import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy
from openfisca_core.parameters import Parameter, ParameterScale
from openfisca_core.simulations import SimulationBuilder

RESULT = "cej_allocation"

#: What comes before the period in the name of an array.
AT = "@"


def amounts(system: Any, arrays: Mapping[str, Any], month: str) -> Any:
    """The allowance of the month in centimes, everyone being alone.

    ``arrays`` are inputs named ``variable@period``; those that the version does not know are left.
    """
    count = len(next(iter(arrays.values())))
    simulation = SimulationBuilder().build_default_simulation(system, count)
    for name, values in arrays.items():
        variable, _, period = name.partition(AT)
        if variable in system.variables:
            simulation.set_input(variable, period, values)
    return numpy.rint(simulation.calculate(RESULT, month) * 100).astype(numpy.int64)


def parameters(system: Any, month: str) -> dict[str, Any]:
    """The values in force in the month, by path."""
    return {path: parameter(f"{month}-01") for path, parameter in leaves(system)}


def leaves(system: Any) -> Iterator[tuple[str, Any]]:
    """The parameters that have values, brackets of scales included."""
    for item in system.parameters.get_descendants():
        if isinstance(item, Parameter):
            yield item.name, item
        elif isinstance(item, ParameterScale):
            for rank, bracket in enumerate(item.brackets):
                for key, parameter in bracket.children.items():
                    yield f"{item.name}[{rank}].{key}", parameter


def rules(system: Any, month: str) -> dict[str, str]:
    """A hash of the formula in force in the month, by variable."""
    found = {}
    for name, variable in system.variables.items():
        formula = variable.get_formula(month)
        if formula is not None:
            found[name] = hashlib.sha256(source(formula).encode()).hexdigest()
    return found


def source(formula: Any) -> str:
    """The text of a formula; what it took from where it was made counts."""
    try:
        text = inspect.getsource(formula)
    except (OSError, TypeError):
        text = repr(formula)
    try:
        taken = inspect.getclosurevars(formula).nonlocals
    except TypeError:
        taken = {}
    kept = {name: repr(value) for name, value in taken.items() if not callable(value)}
    return text + json.dumps(kept, sort_keys=True)


def main(path: str, month: str) -> None:
    """Print, as JSON, what this interpreter's version finds on the arrays of a file."""
    import importlib.metadata

    import openfisca_cej

    system = openfisca_cej.CountryTaxBenefitSystem()
    with numpy.load(path) as arrays:
        found = amounts(system, dict(arrays), month)
        unknown = sorted({name.partition(AT)[0] for name in arrays} - set(system.variables))
    told = {
        "version": importlib.metadata.version("openfisca-cej"),
        "amounts": found.tolist(),
        "parameters": parameters(system, month),
        "rules": rules(system, month),
        "unknown": unknown,
    }
    json.dump(told, sys.stdout, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
