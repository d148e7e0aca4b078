"""OpenFisca-France, bare and with our rules: loaded once for all these tests."""

import pytest


@pytest.fixture(scope="session")
def france():
    """OpenFisca-France as it is."""
    return pytest.importorskip("openfisca_france").FranceTaxBenefitSystem()


@pytest.fixture(scope="session")
def branche(france):
    """OpenFisca-France with our rules of the CEJ in place of its own."""
    from openfisca_cej.reforms.openfisca_france import ContratEngagementJeune

    return ContratEngagementJeune(france)
