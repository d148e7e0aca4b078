"""Every difference with OpenFisca-France's own three variables is one of the departures.

Run by `make test-france`, where OpenFisca-France is installed; `make ecarts` writes the page.
"""

import importlib.metadata
from pathlib import Path

import pytest

pytest.importorskip(
    "openfisca_france",
    reason="OpenFisca-France is not installed here: `make test-france` installs it and runs these",
)

from benchmarks.ecarts.cases import table
from benchmarks.ecarts.departures import DEPARTURES, Departures, compare
from benchmarks.ecarts.page import comparisons, head, minimal_cases, summary, table_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ecarts_openfisca_france.md"

#: Our allowance in the minimal case of each departure, worked out from the articles: 561.68 €,
#: 337.00 €, Mayotte 320.15 € (April 2025); 566.17 € (April 2026); the coefficient of April 2025
#: is 561.68 ÷ (0.8 × 1 801.80 − 300), so that 600 € leave 414.06 € and 900 € leave 266.43 €.
ALLOWANCES = {
    1: 561.68,
    2: 561.68,
    3: 561.68,
    4: 320.15,
    5: 566.17,
    6: 266.43,
    7: 414.06,
    8: 261.68,
    9: 414.06,
    10: 0,
    11: 561.68,
    12: 561.68,
    13: 0,
    14: 0,
    15: 0,
    16: 167.80,
    19: 0,
    20: 337.00,
}


@pytest.fixture(scope="module")
def departures(france):
    return Departures(france)


@pytest.fixture(scope="module")
def total(departures):
    """The whole grid."""
    return summary(comparisons(departures))


def test_no_difference_is_left_unexplained_on_the_grid(total):
    assert total.cases >= 18_000
    assert total.unexplained == 0
    assert 0 < total.differ < total.cases


def test_each_departure_acts_on_the_grid(total):
    assert [number for number, count in total.acting.items() if not count] == []


@pytest.mark.parametrize("departure", DEPARTURES, ids=lambda departure: str(departure.number))
def test_a_departure_acts_in_its_minimal_case(departures, departure):
    found = compare(departures, table([departure.minimal]), departure.month)
    assert not found.unexplained[0]
    assert found.acting[departure.number][0]
    acting = {number for number, acts in found.acting.items() if acts[0]}
    # What excludes there makes ineligible too, and the SMIC counts in any taper.
    assert acting - {departure.number} <= {13, 16}
    assert found.ours.montant[0] == ALLOWANCES[departure.number]


def test_the_page_is_what_the_comparison_gives(departures, total):
    version = importlib.metadata.version("openfisca-france")
    written = PAGE.read_text(encoding="utf-8")
    if f"OpenFisca-France {version} " not in written:
        pytest.skip(f"the page was written with another OpenFisca-France than {version}")
    parts = [*head(total, version), *table_of(total), *minimal_cases(departures), ""]
    assert written == "\n".join(parts), "run `make ecarts`"
