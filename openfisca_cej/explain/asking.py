"""How to ask for an input: what a form needs to put the question and to write its answer."""

import datetime
from collections.abc import Sequence
from typing import Any

from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period
from openfisca_core.variables import Variable

from openfisca_cej.population.months import period_text
from openfisca_cej.reading import bound_of

#: Type of the answer, by type of the values of the variable; euros are amounts.
TYPES = {bool: "boolean", int: "integer", float: "number", datetime.date: "date", Enum: "choice"}

#: The date that stands for none, and its words.
NO_DATE, NONE = "1970-01-01", "aucune, ou sans objet"


def asking(variable: Variable, instance: str, periods: Sequence[Period]) -> dict[str, Any]:
    """Where the answer goes in a situation, its type, unit, choices and limits.

    The answer is written for each of the ``periods``, under ``entity`` and ``instance``; a group
    that the situation does not have is written with the person in the list ``role``.
    """
    entity = variable.entity
    eternal = variable.definition_period == DateUnit.ETERNITY
    role = None if entity.is_person else entity.roles[0].plural or entity.roles[0].key
    written = ["ETERNITY"] if eternal else [period_text(period) for period in periods]
    is_amount = (variable.unit or "").startswith("€")
    return {
        "entity": entity.plural,
        "instance": instance,
        "role": role,
        "periods": list(dict.fromkeys(written)),
        "type": "amount" if is_amount else TYPES[variable.value_type],
        "unit": variable.unit or None,
        "choices": [{"code": code, "label": label} for code, label in choices(variable)],
        "limits": limits(variable),
    }


def choices(variable: Variable) -> list[tuple[Any, str]]:
    """The answers to choose from, as they are written and in words; for a date, none of them."""
    if variable.value_type is Enum:
        return [(item.name, str(item.value)) for item in variable.possible_values]
    if variable.value_type is bool:
        return [(True, "oui"), (False, "non")]
    return [(NO_DATE, NONE)] if variable.value_type is datetime.date else []


def limits(variable: Variable) -> dict[str, float] | None:
    """The least and the largest number, None where the answer is no number."""
    if variable.value_type not in (int, float):
        return None
    bound = bound_of(variable)
    return {"minimum": bound.least, "maximum": bound.most}
