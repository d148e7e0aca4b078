"""The page of the validation has the figures of the calibration that is shipped."""

from pathlib import Path

import pytest

from docs.pages import calibrated
from openfisca_cej.population import protocol

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"


@pytest.mark.parametrize("table", calibrated.TABLES, ids=lambda table: table.__name__)
def test_each_table_is_on_the_page(table) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "\n".join(table()).strip() in page


def test_the_page_names_the_protocol() -> None:
    assert protocol.sha256() in PAGE.read_text(encoding="utf-8")
