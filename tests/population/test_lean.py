"""The lean simulation answers and refuses as OpenFisca-Core does."""

import numpy
import pytest
from openfisca_core.errors import CycleError, VariableNotFoundError
from openfisca_core.periods import DateUnit, period
from openfisca_core.populations import ADD
from openfisca_core.reforms import Reform
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.variables import Variable

from openfisca_cej.entities import Individu
from openfisca_cej.population.lean import LeanSimulation

MONTH = period("2024-03")


class boucle(Variable):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Se lit elle-même"

    def formula(individu, period):
        return individu("boucle", period)


class spirale(Variable):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Se lit le mois d'avant"

    def formula(individu, period):
        return 1 + individu("spirale", period.last_month)


class cumul(Variable):
    value_type = float
    entity = Individu
    definition_period = DateUnit.YEAR
    label = "Total de l'année, sur la personne et sur la famille"

    def formula(individu, period):
        propre = individu("salaire_net", period, options=[ADD])
        return propre + individu.famille("rsa", period, options=[ADD]) + individu.count


class sans_valeur(Variable):
    value_type = int
    default_value = 7
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Une formule qui ne rend rien"

    def formula(individu, period):
        return None


class scalaire(Variable):
    value_type = int
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Une formule qui rend un seul nombre"

    def formula(individu, period):
        return 3


class Etrange(Reform):
    """Variables that put the rules of the core to the test."""

    def apply(self):
        for variable in (boucle, spirale, cumul, sans_valeur, scalaire):
            self.add_variable(variable)
        self.neutralize_variable("chomage_net")


@pytest.fixture(scope="module")
def both():
    """The same two persons in the core's simulation and in the lean one."""
    from openfisca_cej import CountryTaxBenefitSystem

    system = Etrange(CountryTaxBenefitSystem())
    core = SimulationBuilder().build_default_simulation(system, 2)
    lean = LeanSimulation(system)
    for population in lean.populations.values():
        population.count = 2
        population.ids = range(2)
        if population is not lean.persons:
            population.members_entity_id = numpy.arange(2)
    for name, values in (("salaire_net", [10.0, 20.0]), ("rsa", [0.5, 0.25])):
        core.set_input(name, MONTH, values)
        lean.get_holder(name).keep(numpy.array(values), MONTH)
    return core, lean


@pytest.mark.parametrize(
    ("name", "moment", "expected"),
    [
        ("spirale", MONTH, [1, 1]),
        ("cumul", period("2024"), [12.5, 22.25]),
        ("sans_valeur", MONTH, [7, 7]),
        ("scalaire", MONTH, [3, 3]),
        ("chomage_net", MONTH, [0, 0]),
        ("date_naissance", MONTH, [0, 0]),
    ],
)
def test_it_answers_as_the_core(both, name, moment, expected):
    core, lean = (simulation.calculate(name, moment) for simulation in both)
    assert core.dtype == lean.dtype
    assert core.tolist() == lean.tolist()
    assert lean.astype("int64" if name == "date_naissance" else float).tolist() == expected


@pytest.mark.parametrize(
    ("name", "moment", "error", "words"),
    [
        ("boucle", MONTH, CycleError, "Circular definition"),
        ("salaire_net", period("2024"), ValueError, "must be computed for a whole month"),
        ("rien_de_tel", MONTH, VariableNotFoundError, "rien_de_tel"),
    ],
)
def test_it_refuses_as_the_core(both, name, moment, error, words):
    for simulation in both:
        with pytest.raises(error, match=words):
            simulation.calculate(name, moment)


def test_a_variable_of_another_entity_is_refused(both):
    for simulation in both:
        with pytest.raises(ValueError, match="tried to compute the variable 'rsa'"):
            simulation.persons("rsa", MONTH)


def test_values_are_forgotten_on_demand(both):
    holder = both[1].get_holder("scalaire")
    both[1].calculate("scalaire", MONTH)
    both[1].calculate("scalaire", MONTH.last_month)
    assert holder.get_known_periods() == [MONTH, MONTH.last_month]
    holder.delete_arrays(MONTH)
    assert holder.get_known_periods() == [MONTH.last_month]
    holder.delete_arrays()
    assert holder.get_array(MONTH.last_month) is None
