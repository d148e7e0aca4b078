"""Each private name of OpenFisca-Core that is used does what it is used for, and stands in core."""

import ast
from pathlib import Path

import numpy
import pytest
from openfisca_core.errors import CycleError
from openfisca_core.periods import period
from openfisca_core.simulations import SimulationBuilder

import openfisca_cej
from openfisca_cej import core
from openfisca_cej.population.lean import of_type

PACKAGE = Path(openfisca_cej.__file__).parent
MONTH = period("2025-06")

#: What others give under a name that begins so, and document.
DOCUMENTED = {"_exit", "_get_current_object"}


@pytest.fixture
def simulation(system):
    """Two persons, of OpenFisca-Core itself."""
    return SimulationBuilder().build_default_simulation(system, 2)


def test_holders_are_those_that_were_asked_for(simulation) -> None:
    assert dict(core.holders(simulation.persons)) == {}
    holder = simulation.persons.get_holder("salaire_net")
    assert core.holders(simulation.persons) == {"salaire_net": holder}


def test_parameters_know_their_day_and_take_another_child(system) -> None:
    node = system.get_parameters_at_instant("2025-06-01").contrat_engagement_jeune.public
    assert core.day_of(node) == "2025-06-01"
    changed = core.with_child(node, "age_maximum", 29)
    assert (changed.age_maximum, node.age_maximum) == (29, 25)
    assert changed.age_minimum == node.age_minimum


def test_a_variable_that_asks_for_itself_is_refused(simulation) -> None:
    for _ in range(2):
        simulation.tracer.record_calculation_start("salaire_net", MONTH)
    with pytest.raises(CycleError):
        core.check_for_cycle(simulation, "salaire_net", MONTH)


def test_a_result_is_given_the_type_that_the_core_gives_it(simulation, system) -> None:
    for name, returned in (
        ("cej_en_cours", numpy.array([1, 0])),
        ("cej_en_cours", True),
        ("cej_situation_fiscale", numpy.array([0, 2])),
        ("cej_montant_forfaitaire", 12.5),
    ):
        variable = system.variables[name]
        ours = of_type(returned, variable, simulation.persons)
        theirs = simulation._cast_formula_result(returned, variable)
        assert type(ours) is type(theirs)
        assert ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist()


def test_a_period_that_does_not_suit_is_refused(system) -> None:
    core.check_period(system.variables["salaire_net"], MONTH)
    with pytest.raises(ValueError, match="year"):
        core.check_period(system.variables["rni"], MONTH)


def test_a_value_that_is_shared_out_is_kept_month_by_month(simulation, system) -> None:
    kept = {}

    class Kept(core.KeptHolder):
        def keep(self, values, moment) -> None:
            kept[str(moment)] = values

        def get_array(self, moment):
            return kept.get(str(moment))

    Kept(system.variables["salaire_net"], simulation.persons).set_input(
        period("2025"), numpy.array([1200.0, 2400.0])
    )
    assert len(kept) == 12
    assert kept["2025-06"].tolist() == [100, 200]


def test_private_names_of_others_stand_in_core() -> None:
    """A name that begins with « _ » is our own, or is written in core.py."""
    trees = {
        file.relative_to(PACKAGE).as_posix(): ast.parse(file.read_text("utf-8"))
        for file in PACKAGE.rglob("*.py")
    }
    ours = {
        getattr(node, "name", getattr(node, "attr", getattr(node, "id", "")))
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        or (isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store))
    }
    offenders = [
        f"openfisca_cej/{file}:{node.lineno}: write {node.attr} in openfisca_cej/core.py"
        for file, tree in trees.items()
        if file != "core.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and node.attr not in ours | DOCUMENTED
    ]
    assert not offenders, "\n".join(offenders)
