"""The reform for OpenFisca-France, as far as it goes without OpenFisca-France.

What it does there is tested in tests/france (`make test-france`).
"""

import pytest

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.reforms.openfisca_france import (
    BRIDGES,
    FROM_FRANCE,
    VIEWS,
    ContratEngagementJeune,
    check,
    fates,
)


def test_each_variable_has_one_fate(system):
    told = {name: fate for name, _, fate in fates(system)}
    assert told.keys() == system.variables.keys()
    assert {name for name, fate in told.items() if fate == "remplacée"} == set(VIEWS)
    kept = {name for names in FROM_FRANCE.values() for name in names}
    assert {name for name, fate in told.items() if fate == "de France"} == kept
    assert all(told[name] == "ajoutée" for name in BRIDGES)


def test_what_openfisca_france_defines_is_where_it_says(system):
    for entity, names in FROM_FRANCE.items():
        assert {system.variables[name].entity.key for name in names} == {entity}


@pytest.mark.parametrize("name", BRIDGES)
def test_a_bridge_is_the_variable_that_it_stands_for(system, name):
    bridge, variable = BRIDGES[name](), system.variables[name]
    for attribute in ("value_type", "definition_period", "unit", "set_input", "dtype"):
        assert getattr(bridge, attribute) == getattr(variable, attribute), attribute
    assert bridge.entity.key == variable.entity.key


def test_another_system_is_refused(system):
    with pytest.raises(ValueError, match=r"already has .*cej_allocation"):
        ContratEngagementJeune(system)


def test_a_system_that_defines_an_input_otherwise_is_refused(system):
    other = CountryTaxBenefitSystem()
    del other.variables["rsa"]
    other.variables["ppa"] = system.variables["rni"]
    with pytest.raises(ValueError, match=r"lacks or defines otherwise famille\.rsa, famille\.ppa"):
        check(system, other)
