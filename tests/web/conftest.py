"""The application under test, and OpenFisca's own to compare with."""

import pytest
from openfisca_web_api.app import create_app as create_stock_app

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits


@pytest.fixture(scope="session")
def system():
    return CountryTaxBenefitSystem()


@pytest.fixture(scope="session")
def app(system):
    return create_app(system, Limits())


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def stock():
    """OpenFisca's own application, on a law of its own."""
    return create_stock_app(CountryTaxBenefitSystem()).test_client()
