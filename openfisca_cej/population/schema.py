"""Columns that a file may have, derived from the tax and benefit system.

A column is named after a variable (``salaire_net``: every month; ``salaire_net@2025-03``: one
month; ``rni@2023``: one year), after an entity (``individu_id``, ``famille_id``,
``famille_role``…) or is the weight (``poids``).
"""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import names
from openfisca_cej.population.lean import COUPLE
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.other_names import MARITAL, MUNICIPALITY, PLACES_BY_CODE
from openfisca_cej.reading import normal
from openfisca_cej.refusals import BadValue, nearest, quoted, renamed

WEIGHT = "poids"
BIRTH = names.BIRTH
AGE = "age"
SIGNATURE = names.SIGNATURE

#: The date that stands for none.
NO_DATE = numpy.datetime64("1970-01-01")

#: What the simulation is for: never read from a file.
RESULT = names.RESULT

#: The kind of a column that is carried to the results, and of one of months.
KEPT = "kept"
MOMENT = "month"

#: Entities in which the law looks at the roles of the members.
ROLES_THAT_COUNT = ("famille",)


#: What people write between the words of a name: « Date de naissance », « nom de l'opérateur ».
SMALL_WORDS = re.compile(r"_((de|du|des|la|le|les)_|[dl]['’]_?)+")

#: A year, or a month, after the name of a column.
PERIOD_AT_THE_END = re.compile(r"(.+?)[\s_-]*((?:19|20)\d\d)(?:[-_/ ]?(0[1-9]|1[0-2]))?", re.ASCII)


@dataclass(frozen=True)
class Column:
    """A column of the file: an identifier, a group, a role, the weight or a variable."""

    header: str
    kind: str
    entity: str = ""
    variable: Any = None  # a Variable for the columns of variables
    period: str | None = None


@dataclass(frozen=True)
class Others:
    """What to do with columns that the model does not know.

    ``keep`` are carried to the results as texts; the others are set aside and told if ``ignore``.
    """

    keep: tuple[str, ...] = ()
    ignore: bool = False


#: Columns of numbers, dates and yes that the model does not know are refused.
REFUSED = Others()


class Schema:
    """The columns of one tax and benefit system; ``told``: those that a place says of all rows."""

    def __init__(
        self,
        system: TaxBenefitSystem,
        others: Others = REFUSED,
        told: Mapping[str, str] | None = None,
    ) -> None:
        self.others = others
        self.told = told or {}
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

    @cached_property
    def presumed(self) -> dict[str, Variable]:
        """Names of OpenFisca-France from which an input is presumed, and one such input."""
        variables = self.system.variables
        if MUNICIPALITY in variables or MARITAL in variables or COUPLE not in variables:
            return {}
        place = next(iter(PLACES_BY_CODE.values()))
        return {MUNICIPALITY: variables[place], MARITAL: variables[COUPLE]}

    @cached_property
    def items(self) -> frozenset[str]:
        """The names of the items of all the enumerations."""
        return frozenset(
            item.name
            for variable in self.system.variables.values()
            if variable.value_type == Enum
            for item in variable.possible_values
        )

    @cached_property
    def kept(self) -> dict[str, str]:
        """The names of the columns that are carried to the results, by their normal spelling."""
        return {normal(name): name for name in self.others.keep}

    @cached_property
    def spelt(self) -> dict[str, str]:
        """The names of columns by their normal spelling."""
        return {normal(name): name for name in (*self.system.variables, *self.reserved)}

    def column(self, header: str) -> Column:
        """The column of this header, in any case, with spaces or accents.

        Raises BadValue when no variable has this name, or not for this period.
        """
        if header in self.reserved:
            return self.reserved[header]
        if normal(header) in self.kept:
            return Column(self.kept[normal(header)], KEPT)
        name, at, suffix = header.partition("@")
        if name in self.presumed:
            variable = self.presumed[name]
            if at and name == MUNICIPALITY:
                header = f"{name}@{dated(variable, suffix)}"
            return Column(header, name, variable.entity.key)
        if name not in self.system.variables:
            written = normal(name)
            shorter = SMALL_WORDS.sub("_", written)
            name = self.spelt.get(written) or self.spelt.get(shorter, name)
            header = f"{name}{at}{suffix}"
        if header in self.reserved:
            return self.reserved[header]
        variable = self.system.variables.get(name)
        if variable is None:
            raise self._unknown(header, name, suffix)
        if name == RESULT:
            raise BadValue("computed-here")
        if not at:
            return Column(header, "variable", variable.entity.key, variable)
        period = dated(variable, suffix)
        return Column(f"{name}@{period}", "variable", variable.entity.key, variable, period)

    def _unknown(self, header: str, name: str, suffix: str) -> BadValue:
        if not name:
            return BadValue("no-name")
        if (why := renamed(name, suffix and f"@{suffix}")) is not None:
            return why
        if end := PERIOD_AT_THE_END.fullmatch(name):
            with contextlib.suppress(BadValue):
                near = self.column(f"{end[1]}@{'-'.join(filter(None, end.groups()[1:]))}").header
                return BadValue("unknown-column", near, name=quoted(header))
        near = nearest(name, [*self.system.variables, *self.reserved])
        if not near:
            return BadValue("not-of-the-model", name=quoted(header))
        meant = f"{near}@{suffix}" if suffix else near
        return BadValue("unknown-column", meant, name=quoted(header))


def dated(variable: Variable, suffix: str) -> str:
    """Period of a column ``variable@suffix``, checked against the period of the variable.

    Raises BadValue.
    """
    unit, at = variable.definition_period, quoted("@" + suffix)
    if unit == DateUnit.ETERNITY:
        raise BadValue("never-changes", at=at, variable=variable.name)
    if unit == DateUnit.MONTH:
        try:
            return month_text(month_number(suffix))
        except ValueError:
            raise wrong_suffix("not-a-month", at, variable, "-MM") from None
    if re.fullmatch(r"[0-9]{4}", suffix) and int(suffix):
        return suffix
    raise wrong_suffix("not-a-year", at, variable)


def wrong_suffix(code: str, at: str, variable: Variable, end: str = "") -> BadValue:
    """The refusal of what is not a month or a year, after the name of a column."""
    right = {"right_fr": f"{variable.name}@AAAA{end}", "right": f"{variable.name}@YYYY{end}"}
    return BadValue(code, value=at, **right)
