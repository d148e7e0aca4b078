"""The limits that docs/api.md lists are those that hold, all of them."""

import re
from dataclasses import fields
from pathlib import Path

from openfisca_cej import bounds
from openfisca_cej.explain import curve, situation, timeline
from openfisca_cej.web.limits import PREFIX, Limits

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace(" ", "").replace("−", "-"))


def rows(start: str) -> list[list[str]]:
    """The cells of the rows whose first cell begins so, between backquotes."""
    found = re.findall(rf"^\| `{start}.*\|$", TEXT, re.MULTILINE)
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in found]


def test_the_limits_of_the_environment_are_those_of_the_code() -> None:
    told = {name: number(default) for name, default, _ in rows(PREFIX)}
    assert told == {PREFIX + one.name.upper(): one.default for one in fields(Limits)}


def test_the_bounds_of_numbers_are_those_of_the_code() -> None:
    told = {
        name: (number(least), number(most))
        for name, _, least, most in (row for row in rows("[a-z_]+` ") if len(row) == 4)
    }
    tables = [bounds.INPUTS, bounds.PARAMETERS, bounds.YEARLY, bounds.PATHS]
    every = [bounds.OTHER, bounds.COEFFICIENT, *(one for table in tables for one in table.values())]
    assert told == {one.name: (one.least, one.most) for one in every}


def test_the_limits_that_nobody_sets_are_told() -> None:
    sentence = " ".join(
        TEXT.partition("Celles-ci ne se règlent pas")[2].partition("`points`")[0].split()
    )
    told = [number(text) for text in re.findall(r"\d+(?: \d{3})*", sentence)]
    assert told == [situation.MOST_PERSONS, timeline.LONGEST, curve.MOST_POINTS]
