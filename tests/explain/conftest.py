"""One tax and benefit system for all the tests of explanations."""

import pytest
from simulations import systeme


@pytest.fixture(scope="session")
def system():
    """The tax and benefit system."""
    return systeme()
