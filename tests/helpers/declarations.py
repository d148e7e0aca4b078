"""What a formula of the law reads, and what is missing beside it: where to write it."""

import datetime
from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

import openfisca_cej
from openfisca_cej import declarations, names
from openfisca_cej.dependencies import reached, read_by
from openfisca_cej.droit import places
from openfisca_cej.explain import unknowns
from openfisca_cej.explain.resources import MONEY_OF_A_MONTH

#: What the paths of the law start from.
ROOT = Path(openfisca_cej.__file__).resolve().parent.parent


def place_of(variable: Variable) -> str:
    """The file and line of a variable, to be edited."""
    place = places.of_variable(variable)
    return places.shown(*place, ROOT) if place else variable.name


def undeclared(system: TaxBenefitSystem) -> list[str]:
    """What is not said of the inputs and of the conditions that the law reads."""
    offenders = []
    for name in sorted(reached(system, names.RESULT, names.ELIGIBLE)):
        variable = system.variables[name]
        if variable.formulas and name not in declarations.CALCULS:
            offenders.append(f"{place_of(variable)}: write @calcul({name}): how its value is told")
        if variable.formulas or name in unknowns.BY_HAND:
            continue
        if name not in declarations.QUESTIONS:
            offenders.append(f"{place_of(variable)}: write @question(« … ? », aide=…) above {name}")
        if not unknowns.is_amount(variable) and not unknowns.other_values(variable):
            offenders.append(
                f"{place_of(variable)}: write @question(…, essais=…) above {name}: the values that "
                "show all that it can do"
            )
        if variable.unit == MONEY_OF_A_MONTH and not declarations.question_de(name).mots:
            offenders.append(
                f"{place_of(variable)}: write @question(…, mots=…) above {name}: what people say "
                "for it"
            )
    for name in read_by(system, names.ELIGIBLE):
        variable = system.variables[name]
        if name not in declarations.CONDITIONS:
            offenders.append(
                f"{place_of(variable)}: write @condition(« … », SIGNATURE, rang) above {name}, "
                f"which {names.ELIGIBLE} reads"
            )
        elif reads_a_day(system, name) and not declarations.CONDITIONS[name].temps:
            offenders.append(
                f"{place_of(variable)}: write @condition(…, temps=True) above {name}: it reads a "
                "day, which comes or goes with time alone"
            )
    return offenders


def reads_a_day(system: TaxBenefitSystem, name: str) -> bool:
    """Whether a variable depends on a day that is given."""
    return any(system.variables[one].value_type is datetime.date for one in reached(system, name))
