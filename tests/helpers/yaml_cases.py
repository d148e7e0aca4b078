"""The YAML cases of the law as situations of one person each, for the tests of explanations."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).resolve().parents[1] / "contrat_engagement_jeune"
PLURALS = {"famille": "familles", "foyer_fiscal": "foyers_fiscaux", "menage": "menages"}
FIRST_ROLES = {
    "famille": "parents",
    "foyer_fiscal": "declarants",
    "menage": "personne_de_reference",
}


@dataclass(frozen=True)
class Case:
    """One person of a YAML case: the document of ``/calculate``, and what is expected."""

    name: str
    document: dict[str, Any]
    person: str
    outputs: tuple[tuple[str, str, Any], ...]

    @property
    def months(self) -> list[str]:
        """Months in which the allowance is expected."""
        return [period for name, period, _ in self.outputs if name == "cej_allocation"]


@functools.cache
def cases(system) -> tuple[Case, ...]:
    """All the persons of all the cases."""
    return tuple(
        case
        for file in sorted(CASES.glob("*.yaml"))
        for test in yaml.safe_load(file.read_text(encoding="utf-8"))
        for case in of_test(system, file.stem, test)
    )


def of_test(system, stem: str, test: dict[str, Any]) -> Iterator[Case]:
    """The persons of one YAML test."""
    name, period = f"{stem} : {test['name']}", str(test["period"])
    if "individus" in test["input"]:
        document = written(test["input"])
        for variables in document["individus"].values():
            for variable, values in variables.items():
                variables[variable] = by_period(system, variable, values, period)
        for person, outputs in test["output"]["individus"].items():
            yield Case(name, document, person, tuple(expected(outputs, period, 0)))
        return
    dated = {
        variable: by_period(system, variable, values, period)
        for variable, values in test["input"].items()
    }
    columns = [values for given in dated.values() for values in given.values()]
    columns += [values for values in test["output"].values() if isinstance(values, list)]
    count = max((len(values) for values in columns if isinstance(values, list)), default=1)
    for rank in range(count):
        document = {"individus": {"jeune": {}}}
        for entity, plural in PLURALS.items():
            document[plural] = {"groupe": {FIRST_ROLES[entity]: ["jeune"]}}
        for variable, given in dated.items():
            entity = system.variables[variable].entity
            plural, instance = (
                ("individus", "jeune") if entity.is_person else (PLURALS[entity.key], "groupe")
            )
            document[plural][instance][variable] = {
                moment: taken(values, rank) for moment, values in given.items()
            }
        yield Case(
            f"{name} [{rank}]", document, "jeune", tuple(expected(test["output"], period, rank))
        )


def by_period(system, variable: str, values: Any, period: str) -> dict[str, Any]:
    """Values of a variable by written period."""
    if isinstance(values, dict):
        return {str(moment): value for moment, value in values.items()}
    unit = system.variables[variable].definition_period
    return {"ETERNITY" if unit == "eternity" else period: values}


def expected(outputs: dict[str, Any], period: str, rank: int) -> Iterator[tuple[str, str, Any]]:
    """Outputs of one person: variable, period, value."""
    for variable, values in outputs.items():
        by_moment = values if isinstance(values, dict) else {period: values}
        for moment, value in by_moment.items():
            yield variable, str(moment), taken(value, rank)


def taken(values: Any, rank: int) -> Any:
    """The value of one person; dates as text."""
    value = values[rank if len(values) > 1 else 0] if isinstance(values, list) else values
    return value if isinstance(value, bool | int | float | str) else str(value)


def written(node: Any) -> Any:
    """A node of YAML as JSON: keys and dates as text."""
    if isinstance(node, dict):
        return {str(key): written(value) for key, value in node.items()}
    if isinstance(node, list):
        return [written(value) for value in node]
    return taken(node, 0)
