"""The parameters of addresses, each declared once: its meaning, its values, how it is read."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import bounds, names
from openfisca_cej.explain.resources import is_resource
from openfisca_cej.names import WAGE
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import (
    LONGEST,
    before_law,
    month_number,
    month_range,
    month_text,
)
from openfisca_cej.population.schema import RESULT
from openfisca_cej.refusals import BadValue, cut, nearest_of, quoted
from openfisca_cej.web.problems import Problem, inconsistent, over

MONTH = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])"

#: A month from March 2022 on: those of the law.
OF_LAW = r"20(22-(0[3-9]|1[0-2])|(2[3-9]|[3-9][0-9])-(0[1-9]|1[0-2]))"

#: The resource of a curve by default, and its largest value (€).
LARGEST = 20_000

#: Characters of what is looked for.
MOST_WORDS = 200


@dataclass(frozen=True)
class Query:
    """A parameter of the address; ``read(text, system)`` gives its value or raises BadValue.

    ``schema`` is a JSON Schema, or makes one from the law.
    """

    name: str
    description: str
    schema: dict[str, Any] | Callable[[TaxBenefitSystem], dict[str, Any]]
    read: Callable[[str, TaxBenefitSystem], Any]
    default: Any = None
    required: bool = False
    example: Any = None


def read_all(queries: Sequence[Query], system: TaxBenefitSystem) -> dict[str, Any]:
    """The values of the parameters of the request. Raises Problem."""
    known = {query.name: query for query in queries}
    for name in request.args:
        if name not in known:
            raise inconsistent(
                f"« {cut(name)} » n'est pas un paramètre de cette adresse",
                f"« {cut(name)} » is not a parameter of this address",
                nearest_of(name, known),
                code="not-a-parameter",
            )
        if len(request.args.getlist(name)) > 1:
            fr, en = f"« {name} » est donné deux fois", f"« {name} » is given twice"
            raise inconsistent(fr, en, code="parameter-twice")
    return {query.name: value_of(query, system) for query in queries}


def value_of(query: Query, system: TaxBenefitSystem) -> Any:
    """The value of a parameter. Raises Problem."""
    text = request.args.get(query.name)
    if text is None:
        if query.required:
            example = f"{query.name}={query.example}"
            raise Problem(
                422,
                f"il manque « {query.name} » dans l'adresse, par exemple ?{example}",
                f"« {query.name} » is missing in the address, for instance ?{example}",
            )
        return query.default
    try:
        return query.read(text, system)
    except BadValue as error:
        fault, name = error.fault(), query.name
        raise Problem(422, f"{name} : {fault.fr}", f"{name}: {fault.en}", [fault]) from None


def read_month(text: str, system: TaxBenefitSystem) -> int:
    """Number of a month."""
    if not re.fullmatch(MONTH, text):
        raise BadValue("month-of-address", value=quoted(text))
    return month_number(text)


def read_months(text: str, system: TaxBenefitSystem) -> range:
    """Numbers of the months from the first to the last."""
    if not re.fullmatch(f"{MONTH}(:{MONTH})?", text):
        raise BadValue("months-of-address", value=quoted(text))
    try:
        return month_range(text)
    except ValueError as error:
        years = LONGEST // 12
        raise BadValue("months-out-of-order", value=quoted(text), years=years, why=error) from None


def read_boolean(text: str, system: TaxBenefitSystem) -> bool:
    """A truth value."""
    if text not in ("true", "false"):
        raise BadValue("not-a-boolean", value=quoted(text), yes="true", no="false")
    return text == "true"


def read_variable(text: str, system: TaxBenefitSystem) -> str:
    """Name of a variable of persons, by month."""
    monthly = monthly_of_persons(system)
    if text not in monthly:
        raise BadValue("not-monthly-of-persons", nearest_of(text, monthly), value=quoted(text))
    return text


def read_variables(text: str, system: TaxBenefitSystem) -> list[str]:
    """Names of variables, between commas."""
    return list(dict.fromkeys(read_variable(name, system) for name in text.split(",")))


def monthly_of_persons(system: TaxBenefitSystem) -> list[str]:
    """Names of the monthly variables of persons."""
    return [
        name
        for name, variable in system.variables.items()
        if variable.entity.is_person and variable.definition_period == DateUnit.MONTH
    ]


def read_month_of_law(text: str, system: TaxBenefitSystem) -> int:
    """Number of a month in which the law is in force."""
    number, first = read_month(text, system), first_month(system)
    if number < first:
        raise before_law(number, first)
    return number


def read_words(text: str, system: TaxBenefitSystem) -> str:
    """Words to look for."""
    if len(text) > MOST_WORDS:
        raise BadValue("too-many-characters", most=MOST_WORDS)
    return text


def resources_of(system: TaxBenefitSystem) -> list[str]:
    """Names of the inputs of euros per month."""
    return [name for name, variable in system.variables.items() if is_resource(variable)]


def read_resource(text: str, system: TaxBenefitSystem) -> str:
    """Name of a resource."""
    names = resources_of(system)
    if text not in names:
        raise BadValue("not-a-resource", nearest_of(text, names), value=quoted(text))
    return text


#: A number as programs and people write it: 331.37, 331,37, 3.3137e2.
NUMBER = re.compile(r"[0-9]{1,20}([.,][0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")


def number_in(text: str) -> float:
    """The number written; infinite where there is none, that no bound admits."""
    return float(text.replace(",", ".")) if NUMBER.fullmatch(text) else math.inf


def read_maximum(text: str, system: TaxBenefitSystem) -> float:
    """The largest resource of a curve (€)."""
    if not 1 <= (most := number_in(text)) <= LARGEST:
        raise BadValue("euros-out-of-bounds", value=quoted(text), most=LARGEST)
    return most


def read_paid(text: str, system: TaxBenefitSystem) -> float:
    """An amount that was paid (€), nothing included."""
    if (paid := number_in(text)) > bounds.PAID.most:
        raise BadValue("not-an-amount-paid", value=quoted(text), most=bounds.PAID.most)
    return paid


def one_of(*choices: str) -> Callable[[str, TaxBenefitSystem], str]:
    """A reader of one of these words."""

    def read(text: str, system: TaxBenefitSystem) -> str:
        if text not in choices:
            near, listed = nearest_of(text, choices), ", ".join(choices)
            raise BadValue("not-one-of", near, value=quoted(text), choices=listed)
        return text

    return read


def read_number(least: int, most: int) -> Callable[[str, TaxBenefitSystem], int]:
    """A reader of integers within bounds."""

    def read(text: str, system: TaxBenefitSystem) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise BadValue("integer-out-of-bounds", value=quoted(text), least=least, most=most)
        return int(text)

    return read


def month_query(
    description: str, pattern: str, read: Callable[[str, TaxBenefitSystem], Any], required: bool
) -> Query:
    """The parameter of a month."""
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return Query("month", description, schema, read, required=required, example="2024-11")


def boolean_query(name: str, description: str) -> Query:
    """A parameter that is false unless it is given."""
    schema = {"type": "boolean", "default": False}
    return Query(name, description, schema, read_boolean, default=False)


def number_query(name: str, description: str, least: int, most: int, default: int) -> Query:
    """A parameter that is an integer within bounds."""
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    read = read_number(least, most)
    return Query(name, description, schema, read, default=default, example=default)


THE_MONTH = month_query("Mois sur lequel porte la question.", MONTH, read_month, True)
FIRST_MONTH = month_query("Premier mois.", MONTH, read_month, True)
MONTH_OF_LAW = month_query(
    "Mois sur lequel porte la question, à partir de mars 2022.", OF_LAW, read_month_of_law, True
)
MONTH_IN_FORCE = month_query(
    "Ne dire que ce qui est en vigueur ce mois-là ; à défaut, toutes les périodes.",
    *(OF_LAW, read_month_of_law, False),
)
NUMBER_OF_MONTHS = number_query("months", "Nombre de mois, à partir du premier.", 1, 120, 12)
CURVE = boolean_query(
    "curve", "Vrai : dire aussi l'allocation du premier mois selon le salaire net, avant et après."
)
COMPLETE = boolean_query(
    "complete",
    "Vrai : rien ne manque, ce qui n'est pas donné est pris à sa valeur par défaut sans question.",
)
THE_MONTHS = Query(
    "months",
    "Mois à calculer : un mois, ou le premier et le dernier séparés par « : ».",
    {"type": "string", "pattern": f"^{MONTH}(:{MONTH})?$"},
    read_months,
    required=True,
    example="2024-11:2024-12",
)
WORDS = Query(
    "words",
    "Mots cherchés, sans accents ni majuscules : ARE, chômage, arrêt maladie… ; à défaut, tout.",
    {"type": "string", "maxLength": MOST_WORDS},
    read_words,
    default="",
    example="arrêt maladie",
)
RESOURCE = Query(
    "variable",
    "Ressource mensuelle qui varie.",
    lambda system: {"type": "string", "enum": resources_of(system), "default": WAGE},
    read_resource,
    default=WAGE,
    example=WAGE,
)
MAXIMUM = Query(
    "max",
    "Ressource la plus grande (euros) ; à défaut, le SMIC, ou plus loin tant que l'allocation "
    "change.",
    {"type": "number", "minimum": 1, "maximum": LARGEST},
    read_maximum,
    example=1500,
)
PAID = Query(
    "paid",
    "Montant réellement versé pour le mois (euros), lu au centime.",
    {"type": "number", "minimum": 0, "maximum": bounds.PAID.most},
    read_paid,
    required=True,
    example=331.37,
)
PERSON = Query(
    "person",
    "Nom de la personne dans la situation ; inutile s'il n'y a pas de doute.",
    {"type": "string", "minLength": 1},
    lambda text, system: text,
)
VARIABLE = Query(
    "variable",
    "Variable mensuelle à expliquer.",
    lambda system: {"type": "string", "enum": monthly_of_persons(system), "default": RESULT},
    read_variable,
    default=RESULT,
    example=RESULT,
)
VARIABLES = Query(
    "variables",
    "Variables mensuelles des personnes à calculer, séparées par des virgules.",
    lambda system: {
        "type": "array",
        "items": {"type": "string", "enum": monthly_of_persons(system)},
        "minItems": 1,
        "default": [RESULT],
    },
    read_variables,
    default=[RESULT],
    example=[names.ELIGIBLE, names.RESULT],
)


def number_of_cells(persons: int, months: range, variables: Sequence[str], most: int) -> None:
    """Check the size of what is asked. Raises Problem."""
    count = persons * len(months) * len(variables)
    if count > most:
        first, last = month_text(months[0]), month_text(months[-1])
        raise over(
            "cells",
            f"{count} valeurs à calculer ({first} à {last}), au lieu de {most} au plus : demandez "
            "moins de lignes, de mois ou de variables à la fois",
            f"{count} values to compute ({first} to {last}), instead of {most} at most: ask for "
            "fewer rows, months or variables at a time",
            status=422,
        )
