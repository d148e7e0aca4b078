"""Months are read strictly and counted exactly."""

import numpy
import pytest

from openfisca_cej.population.months import (
    first_day,
    month_number,
    month_period,
    month_range,
    month_text,
    months_between,
    written_period,
    years_between,
)


def test_a_range_includes_both_ends():
    assert [month_text(m) for m in month_range("2024-11:2025-02")] == [
        "2024-11",
        "2024-12",
        "2025-01",
        "2025-02",
    ]


def test_one_month_is_a_range():
    assert [month_text(m) for m in month_range("2025-03")] == ["2025-03"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "2025-13",
        "2025-00",
        "2025-1",
        "25-01",
        "0000-01",
        "2025-05:2025-04",
        "2025-01:",
        ":2025-01",
        "2025-01:2025-02:2025-03",
        "2025-01-01:2025-02-01",
        "1900-01:2025-01",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="«"):
        month_range(text)


def test_periods_and_days():
    month = month_number("2024-02")
    assert str(month_period(month)) == "2024-02"
    assert [str(year) for year in years_between(2023, 2024)] == ["2023", "2024"]
    assert [str(each) for each in months_between(month, month + 1)] == ["2024-02", "2024-03"]
    assert written_period("2024-02") == month_period(month)
    assert first_day(month + 1) - first_day(month) == numpy.timedelta64(29, "D")
