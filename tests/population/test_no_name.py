"""What tools write where there is no group, or where a long number was cut, names no group."""

import re

import numpy
import pyarrow
import pyarrow.parquet
import pytest
from populations import write

from openfisca_cej.population import simulate
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read
from openfisca_cej.refusals import InvalidInput

MONTHS = month_range("2025-06:2025-06")
NAMES = ["NA", "#N/A", "#REF!", "########", "1,23457E+16", "1.23457e+16"]


def persons(name: str) -> dict[str, list[str]]:
    """Two persons whose family has this name, two others, and one on her own."""
    return {
        "individu_id": list("abcde"),
        "famille_id": [name, "F", name, "F", "x"],
        "date_naissance": ["2003-05-02"] * 5,
    }


def refused(name: str, *places: str) -> str:
    sentence = f"column famille_id: « {name} » names no group, and several persons have it"
    return "[^…]*".join(re.escape(f"{place}, {sentence}") for place in places)


@pytest.mark.parametrize("name", NAMES)
def test_no_family_is_made_of_them(name, system, tmp_path) -> None:
    columns = persons(name)
    lines = [",".join(columns)]
    lines += [",".join(f'"{cell}"' for cell in row) for row in zip(*columns.values(), strict=True)]
    with pytest.raises(InvalidInput, match=refused(name, "line 2", "line 4")):
        read(write(tmp_path / "p.csv", *lines), system, MONTHS)
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "p.parquet")
    with pytest.raises(InvalidInput, match=refused(name, "row 1", "row 3")):
        read(tmp_path / "p.parquet", system, MONTHS)
    with pytest.raises(InvalidInput, match=refused(name, "position 0", "position 2")):
        simulate({key: numpy.array(texts) for key, texts in columns.items()}, MONTHS)


@pytest.mark.parametrize("name", ["A+", "C++", "1E5", "NAN", "aucune"])
def test_other_names_are_names(name, system, tmp_path) -> None:
    pyarrow.parquet.write_table(pyarrow.table(persons(name)), tmp_path / "p.parquet")
    family = read(tmp_path / "p.parquet", system, MONTHS).groups["famille"]
    assert family.membership.tolist() == [0, 1, 0, 1, 2]


def test_who_is_alone_may_have_any_name(system, tmp_path) -> None:
    lines = ["individu_id,famille_id,date_naissance", "a,NA,2003-05-02", "b,F,2003-05-02"]
    assert read(write(tmp_path / "p.csv", *lines), system, MONTHS).count == 2
