"""What each variable reads and what reads it: traced simulations, and the names in formulas.

A traced simulation counts every resource as supplied, so a formula reads all that the law of the
month lists. One is run for each month in which a rule or a number changes. What a formula reads
only where someone supplied it (earlier sanctions) is seen by its name in the compiled formula.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder

from docs.pages.text import helpers, texts_of
from openfisca_cej.droit.fiche import leaves

#: First month of the scheme.
FIRST = "2022-03"


@dataclass
class Dependencies:
    """Names of the variables and paths of the parameters that each variable reads."""

    variables: dict[str, set[str]] = field(default_factory=dict)
    parameters: dict[str, set[str]] = field(default_factory=dict)

    def reads(self, name: str) -> list[str]:
        """Variables that a variable reads."""
        return sorted(self.variables.get(name, ()))

    def read_by(self, name: str) -> list[str]:
        """Variables that read it."""
        return sorted(reader for reader, names in self.variables.items() if name in names)

    def parameters_of(self, name: str) -> list[str]:
        """Parameters that a variable reads."""
        return sorted(self.parameters.get(name, ()))

    def readers_of(self, path: str) -> list[str]:
        """Variables that read a parameter."""
        return sorted(reader for reader, paths in self.parameters.items() if path in paths)


def dependencies(system: Any) -> Dependencies:
    """What the rules of the system read, over all the months of the law."""
    found = Dependencies()
    known = set(leaves(system))
    for month in months_of_change(system):
        for node in traced(system, month):
            note(found, node, known)
    for variable in system.variables.values():
        named = set(named_in_formulas(system, variable))
        if named:
            found.variables.setdefault(variable.name, set()).update(named - {variable.name})
    return found


def months_of_change(system: Any) -> list[str]:
    """Months in which a parameter of the scheme or a formula changes."""
    tree = system.parameters.contrat_engagement_jeune
    days = {
        at.instant_str for node in tree.get_descendants() for at in getattr(node, "values_list", ())
    }
    for variable in system.variables.values():
        days.update(variable.formulas)
    return sorted({FIRST, *(day[:7] for day in days if day[:7] > FIRST)})


def traced(system: Any, month: str) -> Iterator[Any]:
    """All the steps of a simulation of every rule in the month."""
    simulation = SimulationBuilder().build_default_simulation(system, 1)
    simulation.trace = True
    for variable in system.variables.values():
        if variable.formulas:
            simulation.calculate(variable.name, fitting(variable, month))
    waiting = list(simulation.tracer.trees)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)


def fitting(variable: Any, month: str) -> Any:
    """The period of the variable that holds the month."""
    whole = {DateUnit.YEAR: month[:4], DateUnit.ETERNITY: "ETERNITY"}
    return period(whole.get(variable.definition_period, month))


def note(found: Dependencies, node: Any, known: set[str]) -> None:
    """Keep what a step of a trace read."""
    children = {child.name for child in node.children} - {node.name}
    paths = {kept.name for kept in node.parameters} & known
    if children:
        found.variables.setdefault(node.name, set()).update(children)
    if paths:
        found.parameters.setdefault(node.name, set()).update(paths)


def named_in_formulas(system: Any, variable: Any) -> Iterator[str]:
    """Variables named by a formula, or by a function of its module that it calls."""
    for formula in variable.formulas.values():
        for function in (formula, *helpers(formula)):
            yield from (text for text in texts_of(function.__code__) if text in system.variables)
