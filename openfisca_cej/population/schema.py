"""Columns that a file may have, derived from the tax and benefit system.

A column is named after a variable (``salaire_net``: every month; ``salaire_net@2025-03``: one
month; ``rni@2023``: one year), after an entity (``individu_id``, ``famille_id``,
``famille_role``…) or is the weight (``poids``).
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej.population.faults import quoted
from openfisca_cej.population.months import month_number, month_text

WEIGHT = "poids"
BIRTH = "date_naissance"
AGE = "age"
SIGNATURE = "cej_date_signature"

#: An item that starts so says the opposite of the rest of its name.
NOT = "non_"

#: The date that stands for none.
NO_DATE = numpy.datetime64("1970-01-01")

#: What the simulation is for: never read from a file.
RESULT = "cej_allocation"

#: Entities in which the law looks at the roles of the members.
ROLES_THAT_COUNT = ("famille",)


@dataclass(frozen=True)
class Column:
    """A column of the file: an identifier, a group, a role, the weight or a variable."""

    header: str
    kind: str
    entity: str = ""
    variable: Variable | None = None
    period: str | None = None


class ColumnError(ValueError):
    """A header that names no column; ``remedy`` says what to write instead."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


class Schema:
    """The columns of one tax and benefit system."""

    def __init__(self, system: TaxBenefitSystem) -> None:
        person = system.person_entity.key
        groups = [entity.key for entity in system.group_entities]
        self.system = system
        self.identifier = f"{person}_id"
        self.reserved = {
            self.identifier: Column(self.identifier, "id", person),
            **{f"{key}_id": Column(f"{key}_id", "group", key) for key in groups},
            **{f"{key}_role": Column(f"{key}_role", "role", key) for key in groups},
            WEIGHT: Column(WEIGHT, "weight"),
        }

    def column(self, header: str) -> Column:
        """The column of this header.

        Raises ColumnError when no variable has this name, or not for this period.
        """
        if header in self.reserved:
            return self.reserved[header]
        name, at, suffix = header.partition("@")
        variable = self.system.variables.get(name)
        if variable is None:
            raise self._unknown(header, name, suffix)
        if name == RESULT:
            raise ColumnError("it is what the simulation computes", "Remove this column")
        if not at:
            return Column(header, "variable", variable.entity.key, variable)
        period = dated(variable, suffix)
        return Column(header, "variable", variable.entity.key, variable, period)

    def _unknown(self, header: str, name: str, suffix: str) -> ColumnError:
        if not name:
            return ColumnError("a column has no name", "Name it after a variable, or remove it")
        known = [*self.system.variables, *self.reserved]
        near = nearest(name, known)
        if near:
            meant = f"{near}@{suffix}" if suffix else near
            remedy = f"Did you mean « {meant} »? Rename or remove it"
        else:
            remedy = (
                "Columns are named after the variables of the model; characteristics of persons "
                "(sex, region, living standard) go in a file of their own: compare --attributes"
            )
        return ColumnError(f"{quoted(header)} is not a variable of the model", remedy)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks like this one, if any; else an empty text."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)), "")


def nearest_item(name: str, items: Iterable[str]) -> str:
    """The item that looks like this text, if any, and does not say the opposite."""
    near = nearest(name, items)
    opposite = near.startswith(NOT) != name.startswith(NOT)
    return "" if opposite else near


def dated(variable: Variable, suffix: str) -> str:
    """Period of a column ``variable@suffix``, checked against the period of the variable.

    Raises ColumnError.
    """
    unit = variable.definition_period
    if unit == DateUnit.ETERNITY:
        problem = f"{quoted('@' + suffix)} is too much: {variable.name} never changes"
        raise ColumnError(problem, f"Write {variable.name}")
    if unit == DateUnit.MONTH:
        try:
            return month_text(month_number(suffix))
        except ValueError:
            problem = f"{quoted('@' + suffix)} is not a month"
            raise ColumnError(problem, f"Write {variable.name}@YYYY-MM") from None
    if re.fullmatch(r"[0-9]{4}", suffix) and int(suffix):
        return suffix
    raise ColumnError(f"{quoted('@' + suffix)} is not a year", f"Write {variable.name}@YYYY")
