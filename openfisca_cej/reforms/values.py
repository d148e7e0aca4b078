"""Whether a value suits a parameter: its type, its unit, its bounds."""

import difflib
import math
from typing import Any

from openfisca_core.parameters import Parameter
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import bounds
from openfisca_cej.base import TIREES_DE
from openfisca_cej.reforms.written import Written
from openfisca_cej.refusals import BadValue, renamed

#: Units that are counted: no half month.
WHOLE = {"count", "month", "year"}


def checked(
    system: TaxBenefitSystem, path: str, parameter: Parameter, unit: str | None, given: Written
) -> Any:
    """The value, whole numbers as integers. Raises BadValue."""
    examples = [item.value for item in parameter.values_list if item.value is not None]
    if unit == "boolean" or isinstance(examples[0], bool):
        if not isinstance(given.value, bool):
            raise BadValue.said(
                f"{given.quoted} is neither true nor false",
                "Write true or false",
                f"{given.quoted} n'est ni true ni false",
            )
        return given.value
    if unit == "variables" or isinstance(examples[0], list):
        return variables(system, given)
    return number(path, unit, max(examples), given)


def variables(system: TaxBenefitSystem, given: Written) -> list[str]:
    """A list of names of monthly amounts of persons that are given. Raises BadValue."""
    if not isinstance(given.value, list):
        raise BadValue.said(
            f"{given.quoted} is not a list of variables",
            "Write [salaire_net, …]",
            f"{given.quoted} n'est pas une liste de variables, comme [salaire_net, …]",
        )
    names = [item.value for item in given.value]
    for name in names:
        variable = system.variables.get(name) if isinstance(name, str) else None
        if variable is None:
            raise unknown_variable(system, str(name))
        is_amount = variable.value_type in (int, float) and variable.definition_period == "month"
        if not (is_amount and variable.entity.is_person):
            raise BadValue.said(
                f"« {name} » is not a monthly amount of a person",
                "",
                f"« {name} » n'est pas un montant mensuel d'une personne",
            )
        if variable.formulas and name not in TIREES_DE:
            # The allowance would depend on itself.
            raise BadValue.said(
                f"« {name} » is computed, not given",
                "Name inputs only",
                f"« {name} » est calculé et non donné : nommez des données seulement",
            )
        if names.count(name) > 1:
            raise BadValue.said(
                f"« {name} » is twice in the list",
                "Name each variable once",
                f"« {name} » est deux fois dans la liste",
            )
    return names


def unknown_variable(system: TaxBenefitSystem, name: str) -> BadValue:
    """The fault of a name that is no variable, with those that look like it."""
    if (why := renamed(name)) is not None:
        return why
    near = ", ".join(difflib.get_close_matches(name, system.variables, n=3))
    meant = f" ; vouliez-vous dire {near} ?" if near else ""
    return BadValue.said(
        f"« {name} » is not a variable of the model",
        f"Did you mean {near}?" if near else "",
        f"« {name} » n'est pas une variable du modèle{meant}",
    )


def number(path: str, unit: str | None, highest: float, given: Written) -> int | float:
    """A number of this unit; ``highest`` is the highest value the law ever had. Raises BadValue."""
    value = given.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        remedy, fr = "Write a number, such as 600", "écrivez un nombre, par exemple 600"
        if given_as_text(value):
            remedy = "Write it without quotation marks, in decimal"
            fr = "écrivez-le sans guillemets, avec un point décimal"
        raise BadValue.said(
            f"{given.quoted} is not a number", remedy, f"{given.quoted} n'est pas un nombre : {fr}"
        )
    if value < 0:
        raise BadValue.said(
            f"{given.quoted} is negative",
            "Write zero or more",
            f"{given.quoted} est négatif : écrivez zéro ou plus",
        )
    # A coefficient of revaluation has the unit of a fraction, and exceeds 1.
    if unit == "/1" and value > 1 and highest <= 1:
        raise BadValue.said(
            f"{given.quoted} is more than 1",
            f"A fraction: write {value / 100:g}",
            f"{given.quoted} est plus que 1 ; c'est une fraction : écrivez {value / 100:g}",
        )
    if unit in WHOLE and value != math.floor(value):
        raise BadValue.said(
            f"{given.quoted} is not a whole number", "", f"{given.quoted} n'est pas un entier"
        )
    if unit == "currency" and round(value, 2) != value:
        raise BadValue.said(
            f"{given.quoted} has fractions of a centime",
            f"Write {round(value, 2)}",
            f"{given.quoted} a des fractions de centime : écrivez {round(value, 2)}",
        )
    bound = bounds.of_parameter(path, unit, highest)
    if not bound.holds(value):
        end = f"most {bound.most}" if value > bound.most else f"least {bound.least}"
        raise BadValue.said(
            f"{given.quoted} is not between {bound.least} and {bound.most}",
            f"Write at {end} (limit {bound.name})",
            f"{given.quoted} n'est pas entre {bound.least} et {bound.most} (limite {bound.name})",
        )
    return int(value) if value == math.floor(value) else value


def given_as_text(value: Any) -> bool:
    """Whether this is a number written as a text."""
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False
