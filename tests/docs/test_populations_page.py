"""The page on populations lists the kinds of files that are read, and those that are refused."""

from pathlib import Path

import pytest

from openfisca_cej.population import kinds

PAGE = Path(__file__).parents[2] / "docs" / "populations.md"


def test_what_is_refused_by_name_is_listed():
    (line,) = (
        one
        for one in PAGE.read_text(encoding="utf-8").splitlines()
        if "| refusé, nommé pour" in one
    )
    named = set(line.strip("| ").partition(" | ")[0].replace(" ; ", ", ").split(", "))
    others = [fr for _, fr, _ in (*kinds.ARCHIVES, *kinds.OTHERS)]
    told = [kinds.PACKED_PARQUET[0], *others]
    assert named == set(", ".join(told).split(", "))


@pytest.mark.parametrize("ending", [".csv.gz", ".csv.zst", ".xlsx", ".ods", ".parq"])
def test_what_is_read_is_listed(ending):
    assert f"`{ending}`" in PAGE.read_text(encoding="utf-8")
