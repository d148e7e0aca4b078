"""How much of what is exhaustive is tried: a sample in CI, everything in « make long »."""

import os

ALL = bool(os.environ.get("CEJ_ALL"))

#: « make law »: a sample of the sample, for who edits the law and waits.
QUICK = bool(os.environ.get("CEJ_QUICK"))

#: Proofs of the dated values from this day on only.
SINCE = os.environ.get("CEJ_SINCE", "")


def one_in(number: int) -> int:
    """One in so many in CI, each of them when everything is tried."""
    return 1 if ALL else number
