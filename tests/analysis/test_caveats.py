"""What is in doubt in the law of the months compared."""

import pytest

from openfisca_cej.analysis.caveats import caveats
from openfisca_cej.population.months import month_range


@pytest.mark.parametrize(
    ("months", "told", "silent"),
    [
        # Amounts of the general case are published until 2026-03, and deduced after.
        ("2024-04:2026-03", "", "566,17"),
        ("2026-03:2026-04", "Majeur, foyer non imposable (566,17 € depuis le 1er avril 2026)", ""),
    ],
)
def test_deduced_values(system, months: str, told: str, silent: str) -> None:
    found = " ".join(caveats(system, month_range(months))).replace("\u00a0", " ")
    assert told in found
    assert not silent or silent not in found
