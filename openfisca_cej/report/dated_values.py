"""The dated parameters that the allowance depends on, as rows of a sheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openfisca_core.parameters import ParameterNode

from openfisca_cej.reforms import tree

SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"

#: What the sheet holds: the law of the CEJ, and what it borrows in its formula.
PREFIXES = ("contrat_engagement_jeune.", SMIC)

#: How sure a value is that a reform wrote.
OF_A_REFORM = "réforme"

UNITS = {
    "currency": "€",
    "/1": "fraction",
    "year": "années",
    "month": "mois",
    "hour": "heures",
    "count": "nombre",
    "boolean": "oui ou non",
    "variables": "liste de variables",
}


@dataclass(frozen=True)
class DatedValue:
    """The value of a parameter from a day (YYYY-MM-DD) on, and where it was read."""

    path: str
    label: str
    since: str
    value: Any
    unit: str
    confidence: str
    source: str
    href: str


def dated_values(root: ParameterNode, law: ParameterNode | None = None) -> Iterator[DatedValue]:
    """The values of a tree by path then date; those that differ from the ``law`` say so."""
    legal = tree.numbers(law if law is not None else root)
    for path, parameter in sorted(tree.numbers(root).items()):
        if not path.startswith(PREFIXES):
            continue
        # The label and the sources are the law's: a reform gives values, not articles.
        told = legal[path].metadata
        for item in reversed(parameter.values_list):
            since = item.instant_str
            reformed = legal[path](since) != item.value
            title, href = ("", "") if reformed else source(told.get("reference"), since)
            confidence = OF_A_REFORM if reformed else in_force(told.get("confiance"), since) or ""
            yield DatedValue(
                path,
                legal[path].description or path,
                since,
                item.value,
                UNITS.get(told.get("unit"), ""),
                confidence,
                title,
                href,
            )


def in_force(dated: Any, day: str) -> Any:
    """What a dated piece of metadata says on a day."""
    dates = [date for date in dated or {} if str(date) <= day]
    return dated[max(dates, key=str)] if dates else None


def source(references: Any, day: str) -> tuple[str, str]:
    """Title and address of the first source of the value in force on a day."""
    found = in_force(references, day)
    first = found[0] if isinstance(found, list) and found else found or {}
    return first.get("title", ""), first.get("href", "")
