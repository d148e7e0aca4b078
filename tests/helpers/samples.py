"""How much of what is exhaustive is tried: a sample in CI, everything in « make long »."""

import os
from collections.abc import Iterable
from typing import Any

import pytest

ALL = bool(os.environ.get("CEJ_ALL"))

#: A test that has shorter ones beside it in CI.
in_make_long = pytest.mark.skipif(not ALL, reason="make long tries it")

#: « make law »: a sample of the sample, for who edits the law and waits.
QUICK = bool(os.environ.get("CEJ_QUICK"))

#: Proofs of the dated values from this day on only.
SINCE = os.environ.get("CEJ_SINCE", "")


def one_in(number: int) -> int:
    """One in so many in CI, each of them when everything is tried."""
    return 1 if ALL else number


def sample(cases: Iterable[Any], number: int) -> list[Any]:
    """One in so many of these cases in CI, each of them when everything is tried."""
    return list(cases)[:: one_in(number)]
