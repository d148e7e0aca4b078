"""What a formula of the law reads, and what is missing beside it: where to write it."""

import inspect
from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

import openfisca_cej
from openfisca_cej import declarations, names
from openfisca_cej.dependencies import reached, read_by
from openfisca_cej.explain import unknowns

#: What the paths of the law start from.
ROOT = Path(openfisca_cej.__file__).resolve().parent.parent


def place_of(variable: Variable) -> str:
    """The file and line of a variable, to be edited."""
    cls = type(variable)
    try:
        file, line = inspect.getsourcefile(cls), inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return variable.name
    path = Path(str(file))
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else Path(path.name)
    return f"{shown.as_posix()}:{line}"


def undeclared(system: TaxBenefitSystem) -> list[str]:
    """What is not said of the inputs and of the conditions that the law reads."""
    offenders = []
    for name in sorted(reached(system, names.RESULT, names.ELIGIBLE)):
        variable = system.variables[name]
        if variable.formulas or name in unknowns.BY_HAND:
            continue
        if name not in declarations.QUESTIONS:
            offenders.append(f"{place_of(variable)}: write @question(« … ? », aide=…) above {name}")
        if not unknowns.is_amount(variable) and not unknowns.other_values(variable):
            offenders.append(
                f"{place_of(variable)}: write @question(…, essais=…) above {name}: the values that "
                "show all that it can do"
            )
    for name in read_by(system, system.variables[names.ELIGIBLE]):
        if name not in declarations.CONDITIONS:
            variable = system.variables[name]
            offenders.append(
                f"{place_of(variable)}: write @condition(« … », SIGNATURE, rang) above {name}, "
                f"which {names.ELIGIBLE} reads"
            )
    return offenders
