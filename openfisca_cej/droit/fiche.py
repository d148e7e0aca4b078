"""All that the model holds of one article: paragraphs, versions, numbers, rules, tests.

Each function gives plain data, fit for JSON: days are texts (YYYY-MM-DD) or None, places
« path:line » from the current folder, or None where there is no file.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from openfisca_core.parameters import Parameter, ParameterScale
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.droit import Version, places
from openfisca_cej.droit.registre import ArticleEntry, Paragraph


def dossier(
    entry: ArticleEntry, system: TaxBenefitSystem, tests: list[tuple[str, str]] | None
) -> dict[str, Any]:
    """The whole of an article. ``tests``: (file, name) of those that cite it, None if not at hand.

    Values of parameters are those that ``system``, a tax and benefit system, holds.
    """
    names = _unique(name for part in entry.paragraphs for name in part.variables)
    return {
        "article": entry.title,
        "code": entry.code,
        "paragraphs": [paragraph(part) for part in entry.paragraphs],
        "versions": [_version(version) for version in entry.versions],
        "parameters": [_parameter(system, path) for path in parameter_paths(entry, system)],
        "variables": [_variable(system, name) for name in names],
        "tests": None if tests is None else [{"file": file, "name": name} for file, name in tests],
    }


def paragraph(part: Paragraph) -> dict[str, Any]:
    """A paragraph of the register."""
    return {
        "paragraph": part.mark,
        "says": part.says,
        "status": part.status,
        "reason": part.reason,
        "since": _day(part.since),
        "until": _day(part.until),
        "variables": list(part.variables),
        "parameters": list(part.parameters),
    }


def leaves(system: TaxBenefitSystem) -> list[str]:
    """Paths of all the parameters of the system, folders left out."""
    return [
        node.name for node in system.parameters.get_descendants() if not hasattr(node, "children")
    ]


def parameter_paths(entry: ArticleEntry, system: TaxBenefitSystem) -> list[str]:
    """Paths of the parameters that the article's paragraphs name, folders opened."""
    known = leaves(system)
    return _unique(
        path for part in entry.paragraphs for path in known if part.parameters if part.carries(path)
    )


def _version(version: Version) -> dict[str, Any]:
    return {
        "id": version.id,
        "first_day": _day(version.first_day),
        "last_day": _day(version.last_day),
        "maintained_until": _day(version.maintained_until),
        "change": version.change,
        "confidence": version.confidence,
        "link": version.link,
    }


def _parameter(system: TaxBenefitSystem, path: str) -> dict[str, Any]:
    node = system.parameters
    for name in path.split("."):
        node = getattr(node, name)
    values = _scale(node) if hasattr(node, "brackets") else _values(node)
    file, lines = places.of_parameter(node)
    return {
        "path": path,
        "description": node.description,
        "place": places.shown(file, min(lines.values())),
        "values": values,
        "lines": lines,
    }


def _values(node: Parameter) -> dict[str, Any]:
    """Values of a parameter by first day."""
    return {at.instant_str: at.value for at in reversed(node.values_list)}


def _scale(node: ParameterScale) -> dict[str, Any]:
    """Brackets of a scale by the first day of each of its states."""
    days = sorted(
        {
            at.instant_str
            for bracket in node.brackets
            for kept in bracket.children.values()
            for at in kept.values_list
        }
    )
    return {day: _brackets(node, day) for day in days}


def _brackets(node: ParameterScale, day: str) -> list[dict[str, float]]:
    states = (
        {name: kept.get_at_instant(day) for name, kept in bracket.children.items()}
        for bracket in node.brackets
    )
    return [state for state in states if state.get("threshold") is not None]


def _variable(system: TaxBenefitSystem, name: str) -> dict[str, Any]:
    variable = system.get_variable(name)
    place = places.of_variable(variable)
    return {
        "name": name,
        "label": variable.label,
        "computed": bool(variable.formulas),
        "place": place and places.shown(*place),
    }


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _day(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()
