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


def pytest_generate_tests(metafunc) -> None:
    """Refuse cases in a set: each worker would collect them in an order of its own."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if any(isinstance(each, set | frozenset) for each in (*mark.args, *mark.kwargs.values())):
            raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: cases in a set")
