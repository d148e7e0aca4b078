"""One table of cases through every door: the same centime, or the same refusal at its place."""

import re

import pytest
from doors.cases import CASES
from doors.ways import DOORS, Outcome, one_system
from samples import sample


@pytest.fixture(autouse=True, scope="module")
def law():
    """One law for all the doors."""
    with one_system():
        yield


#: In CI each case goes through one door in two, and through the others in « make long ».
PAIRS = [pytest.param(name, door, id=f"{name} · {door}") for name in CASES for door in DOORS]


@pytest.mark.parametrize(("name", "door"), sample(PAIRS, 2))
def test_every_door_gives_the_same(name: str, door: str) -> None:
    case = CASES[name]
    outcome = DOORS[door](case)
    if outcome is None:
        return  # This form cannot say the case.
    if case.expected:
        check_amounts(case, outcome)
    else:
        assert outcome.refused, outcome.amounts
        missing = [text for text in case.refused if text not in outcome.text]
        assert not missing or rows(door), (missing, outcome.text)
        assert not rows(door) or names(case) in outcome.text, outcome.text


def check_amounts(case, outcome: Outcome) -> None:
    """The amounts are those of the table, and what must be told is."""
    assert not outcome.refused, outcome.text
    for person, months in case.expected.items():
        for month, amount in months.items():
            found = outcome.amounts[person][month]
            assert round(found, 2) == amount, (person, month, found)
    for words in case.told:
        assert re.search(words, outcome.text), words
    if case.certain is not None and outcome.certain is not None:
        assert outcome.certain == case.certain


def rows(door: str) -> bool:
    """Whether the door names the places of rows and columns."""
    return (not door.startswith("/") and door not in ("explain", "case")) or "batch" in door


def names(case) -> str:
    """The variable that a refusal must name."""
    first = case.refused[0] if case.refused else ""
    return first.rsplit("/", 1)[-1] if "/" in first else first
