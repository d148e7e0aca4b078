"""Formulas compute in all their months, with parameters that exist, in no circle."""

import ast
import datetime
import graphlib
import re
from collections.abc import Iterator

import numpy
import pytest
from dated_values import BEGINNING, last_month
from health.common import (
    SITUATION,
    TIMELESS,
    VARIABLES,
    dated_values,
    parameter_files,
    python_trees,
    report,
)
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem


def months(first: str, last: str) -> list[str]:
    """All the months from the first to the last, both included."""
    return [
        str(month)
        for month in numpy.arange(
            numpy.datetime64(first, "M"),
            numpy.datetime64(last, "M") + numpy.timedelta64(1, "M"),
        )
    ]


# Values given on purpose, so that the formulas go down all their branches; everything else of
# type float is 100 € in every month.
INPUTS = {
    "cej_date_signature": "2022-03-15",
    "cej_parcours_date_debut": "2022-10-01",
    "cej_parcours_date_fin": "2026-10-31",
    "cej_date_dossier_complet": "2022-05-20",
    "cej_autonomie_fiscale": True,
    "cej_autonomie_non_confirmee": True,
    "cej_forfait_non_revise": True,
    "cej_garantie_jeunes_beneficiaire": True,
    "cej_rang_manquement": 1,
    "cej_sanction_motif": "manquement",
    "nbptr": 2.5,
    "rni": 30_000.0,
    "rqth": True,
}


def build_simulation(system: TaxBenefitSystem, first: str = "2021-01"):
    """A young person and a parent, with something in each monetary input of each month."""
    last = last_month()
    simulation = SimulationBuilder().build_from_entities(system, SITUATION)
    for name, variable in system.variables.items():
        if variable.formulas or name == "date_naissance":
            continue
        if name in INPUTS:
            value = INPUTS[name]
        elif variable.value_type is float and "€" in (variable.unit or ""):
            value = 100.0
        else:
            continue
        if variable.definition_period == DateUnit.ETERNITY:
            given = ["ETERNITY"]
        elif variable.definition_period == DateUnit.YEAR:
            given = [str(year) for year in range(2020, int(last[:4]) + 1)]
        else:
            given = months(first, last)
        count = simulation.get_variable_population(name).count
        if variable.value_type is Enum:
            values = variable.possible_values.encode(numpy.array([value] * count))
        elif variable.value_type is datetime.date:
            values = numpy.array([value] * count, dtype="datetime64[D]")
        else:
            values = numpy.array([value] * count, dtype=variable.dtype)
        for date in given:
            simulation.set_input(name, date, values)
    return simulation


def compute(simulation, name: str, month: str) -> numpy.ndarray:
    """The variable for the month, or for its year, whichever it is defined for."""
    variable = simulation.tax_benefit_system.get_variable(name)
    if variable.definition_period == DateUnit.YEAR:
        return simulation.calculate(name, month[:4])
    return simulation.calculate(name, month)


def months_of_change(system) -> list[str]:
    """The first month of each formula and of each value of a parameter, since the beginning."""
    dates = {date for variable in system.variables.values() for date in variable.formulas}
    dates |= {
        date for content in parameter_files().values() for _, date, _ in dated_values(content)
    }
    return sorted({max(date, BEGINNING)[:7] for date in dates})


def test_no_formula_is_older_than_the_parameters_that_it_reads(system) -> None:
    """Each formula computes from its first month on: nothing that it reads is missing."""
    offenders = []
    simulation = build_simulation(system)
    for month in months_of_change(system):
        for name, variable in system.variables.items():
            if not variable.formulas:
                continue
            try:
                compute(simulation, name, month)
            except Exception as error:
                offenders.append(f"{name} in {month}: {type(error).__name__}: {error}")
    report(offenders)


@pytest.mark.parametrize("month", ["1990-01", "2015-06", "2020-12", "2021-12", "2022-02"])
def test_before_the_law_every_variable_is_nil_and_none_fails(system, month: str) -> None:
    offenders = []
    simulation = build_simulation(system)
    for name, variable in system.variables.items():
        values = compute(simulation, name, month)
        monthly = variable.formulas and variable.definition_period == DateUnit.MONTH
        if monthly and name not in {"age", *TIMELESS}:
            default = variable.default_array(len(values))
            if not numpy.array_equal(numpy.asarray(values), numpy.asarray(default)):
                offenders.append(f"{name} in {month}: {values}")
    report(offenders)


def test_the_far_future_computes(system) -> None:
    simulation = build_simulation(system)
    for name in system.variables:
        compute(simulation, name, "2040-01")


def parameter_reads(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """(function, path) of each chain of attributes that starts from `parameters(…)`.

    An alias is followed when a plain assignment makes it: `x = parameters(period).a.b`, then
    `x.c`. A chain that goes on through an index or a call stops there.
    """

    def chain(node: ast.AST, aliases: dict[str, list[str]]) -> list[str] | None:
        if isinstance(node, ast.Attribute):
            start = chain(node.value, aliases)
            return None if start is None else [*start, node.attr]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return [] if node.func.id == "parameters" else None
        if isinstance(node, ast.Name):
            return aliases.get(node.id)
        return None

    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        aliases: dict[str, list[str]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                path = chain(node.value, aliases)
                if path is not None:
                    aliases[node.targets[0].id] = path
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute):
                path = chain(node, aliases)
                if path:
                    yield function.name, path


def test_parameters_named_in_formulas_exist_and_are_old_enough(system) -> None:
    """What the computation above may miss: a branch that no situation goes through."""
    offenders = []
    for file, tree in python_trees(VARIABLES):
        for function, path in parameter_reads(tree):
            node = system.parameters
            for position, key in enumerate(path):
                if not isinstance(node, ParameterNode):
                    break  # a method of a scale, an attribute of a value
                if key not in node.children:
                    offenders.append(f"{file}: {function}: no parameter {'.'.join(path)}")
                    break
                node = node.children[key]
                if position == len(path) - 1 and hasattr(node, "values_list"):
                    first = node.values_list[-1].instant_str
                    match = re.fullmatch(r"formula_(\d{4})_(\d{2})_(\d{2})", function)
                    if match and first > "-".join(match.groups()):
                        offenders.append(f"{file}: {function} reads {node.name}, since {first}")
    report(offenders)


def dependencies(system, month: str) -> dict[str, set[tuple[str, str]]]:
    """(variable, period) → what it asked for, when every variable of the month is computed."""
    simulation = build_simulation(system)
    simulation.trace = True
    for name in system.variables:
        compute(simulation, name, month)
    graph: dict = {}

    def visit(node) -> None:
        key = (node.name, str(node.period))
        graph.setdefault(key, set())
        for child in node.children:
            graph[key].add((child.name, str(child.period)))
            visit(child)

    for tree in simulation.tracer.trees:
        visit(tree)
    return graph


@pytest.mark.parametrize("month", ["2022-03", "2023-08", "2025-05", "2025-08", last_month()])
def test_dependencies_make_no_cycle(system, month: str) -> None:
    """Neither at one date nor across dates: OpenFisca answers a spiral with a silent default."""
    graph = dependencies(system, month)
    assert graph
    itself = [
        f"{name} of {when} reads itself in {other}"
        for (name, when), children in graph.items()
        for child, other in children
        if child == name
    ]
    report(itself)
    list(graphlib.TopologicalSorter(graph).static_order())
    by_name: dict[str, set[str]] = {}
    for (name, _), children in graph.items():
        by_name.setdefault(name, set()).update(child for child, _ in children)
    list(graphlib.TopologicalSorter(by_name).static_order())
