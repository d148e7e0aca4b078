"""Where a request is answered: at once by the worker, or aside, in a process of its own.

What is told of a request before it is read decides: its route, its bytes, how many different
periods it asks for. Most are answered at once; what may cost more than a few of them is computed
in a process that has less priority, its own limits of processor and memory, and ends with them.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Lane:
    """A way of answering: how many at once, how many may wait (for each worker).

    ``niceness``: how much the process gives way to the others.
    """

    name: str
    at_once: int
    waiting: int
    niceness: int


#: Answered by the worker itself, in so many seconds of processor: then it was not quick.
QUICK = Lane("quick", 0, 0, 0)
QUICK_CPU = 0.25

#: Explanations and pages; and what has many persons, months or rows.
ASIDE = Lane("aside", 2, 64, 2)
LARGE = Lane("large", 1, 16, 5)

#: Bytes of a request that is quick to read, and bytes of one that is large.
QUICK_BYTES, LARGE_BYTES = 16_384, 200_000

#: Different periods of a quick ``/calculate``.
QUICK_PERIODS = 6

#: What is asked for: a period and null.
ASKED = re.compile(rb'"([^"\\]{1,40})"\s{0,100}:\s{0,100}null')

#: Addresses that ask for a calculation without a body.
PAGES = (
    *("/analyse", "/cadre", "/cout", "/mois", "/recu"),
    *("/situation.json", "/cas.yaml", "/reforme.yaml"),
)

#: Routes whose rows are many by nature.
MANY = ("/cej/batch",)


def lane_of(method: str, path: str, query: str, request: bytes) -> Lane:
    """The lane of a request; ``request`` holds its headers and its body."""
    path = path.rstrip("/")
    if method in ("GET", "HEAD", "OPTIONS"):
        return ASIDE if path in PAGES or (not path and query) else QUICK
    if len(request) > LARGE_BYTES or path in MANY:
        return LARGE
    if path != "/calculate" or len(request) > QUICK_BYTES:
        return ASIDE
    return QUICK if len(set(ASKED.findall(request))) <= QUICK_PERIODS else ASIDE
