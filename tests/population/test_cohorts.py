"""Entrants simulated by month of entry, beside the whole calendar."""

import numpy
import pytest

from openfisca_cej.names import RUNNING
from openfisca_cej.population import cohorts, engine, validation
from openfisca_cej.population.assumptions import read
from openfisca_cej.population.schema import RESULT
from openfisca_cej.population.synthetic import Entrants, load
from openfisca_cej.systems import model

NAMES = (RUNNING, RESULT)


def made(seed):
    """Entrants of France from March 2022 to May 2024."""
    margins = load("marges_entrants")["france_2022_2024"]
    return Entrants(model(), margins, read(), seed, 400)


@pytest.mark.parametrize("together", [10, 300, 40_000])
def test_by_month_of_entry_the_law_gives_what_it_does_over_the_calendar(monkeypatch, together):
    monkeypatch.setattr(cohorts, "TOGETHER", together)
    found = cohorts.simulate(model(), [made(1), made(2)], validation.MONTHS, NAMES)
    for seed, values in zip((1, 2), found, strict=True):
        population = made(seed).population()
        (block,) = engine.simulate(model(), population, validation.MONTHS, NAMES)
        for name in NAMES:
            assert numpy.array_equal(values[name], block.values[name]), name
        assert (values[RESULT] > 0).any(axis=1).mean() > 0.5


def test_what_is_drawn_of_the_months_of_a_contract_is_what_the_calendar_has():
    narrow, wide = made(1), made(1)
    narrow.width = 14
    some, whole = narrow.lived(), wide.lived()
    assert some.keys() == whole.keys()
    last = numpy.ceil(narrow.process.end) - narrow.process.months[0]
    for name, values in some.items():
        for row, first in enumerate(narrow.process.firsts):
            kept = whole[name][row, first : int(last[row])]
            assert numpy.array_equal(values[row, : len(kept)], kept), (name, row)
