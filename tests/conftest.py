"""One tax and benefit system, and one embedded population, for all the tests."""

import pytest
from simulations import systeme

from openfisca_cej.population import synthetic


@pytest.fixture(scope="session")
def system():
    """The tax and benefit system."""
    return systeme()


@pytest.fixture(scope="session")
def entrants(system):
    """The embedded population."""
    return synthetic.entrants(system)
