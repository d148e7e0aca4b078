"""One tax and benefit system, and one embedded population, for all the tests."""

import pytest
import whereabouts
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


def pytest_terminal_summary(terminalreporter) -> None:
    """Say last, of each failure, the files and lines to edit."""
    failed = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    if failed:
        terminalreporter.section("to edit")
        for line in whereabouts.lines(failed):
            terminalreporter.write_line(line)
