"""Requests made to cost, on a real server: what they take of it, and what others get meanwhile."""

import contextlib
import time
from dataclasses import dataclass

import pytest
from samples import in_make_long
from web.attacks.hostile import ATTACKS
from web.attacks.serving import (
    EVERYDAY,
    MOST_GROWN,
    MOST_UNITS,
    STATUSES,
    Watch,
    served,
    unit,
    watched,
)

from openfisca_cej.web.bench import LONGEST
from openfisca_cej.web.limits import Limits

pytestmark = pytest.mark.slow

#: Seconds in which the service says that it is there, whatever happens to it.
HEALTH = 2.0

HALF = (
    b"POST /calculate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 90\r\n\r\n{"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("attacks") / "log") as found:
        yield found


@pytest.fixture(scope="module")
def one(server) -> float:
    """Seconds of processor of an everyday request."""
    time.sleep(3)  # what is loaded once is loaded
    return unit(server)


@dataclass(frozen=True)
class Quiet:
    """Seconds that another client waits when nothing happens: the median, and the longest."""

    wait: float
    longest: float

    def is_held(self, seen: Watch) -> bool:
        """Whether others waited no more than they may; a machine that is busy makes all wait."""
        longest = max(HEALTH, 10 * self.longest)
        return max(seen.health) < longest and seen.wait < 3 * max(self.wait, 0.05)


@pytest.fixture(scope="module")
def quiet(server, one) -> Quiet:
    """What it is like when nothing happens."""
    with watched(server) as seen:
        time.sleep(2)
    return Quiet(seen.wait, max(seen.health))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_request_takes_the_machine_down(server, one, quiet, attack) -> None:
    body = attack.body()
    assert len(body) < 5_000_000
    begin = time.monotonic()
    with watched(server) as seen:
        status, headers, answer = server.ask(
            attack.method, attack.path, body, Content_Type=attack.media_type
        )
    # Only the clock ends what a busy machine has no time for.
    assert status in STATUSES or (status == 503 and time.monotonic() - begin > LONGEST)
    is_page = attack.method == "GET"
    assert status == 200 or is_page or headers["Content-Type"] == "application/problem+json"
    assert seen.grown < MOST_GROWN
    assert len(answer) <= Limits().answer
    others = (len(seen.waits) + len(seen.health)) * one
    assert seen.cpu - others < MOST_UNITS * one
    assert quiet.is_held(seen), (quiet, seen)
    assert seen.lost == []


@pytest.mark.parametrize("count", [8, 16, 600])
def test_those_who_send_half_a_request_hold_nobody_up(server, one, quiet, count) -> None:
    """More of them than there are files for, too."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            slow = stack.enter_context(server.connect())
            slow.sendall(HALF)
        with watched(server) as seen:
            for _ in range(20):
                assert server.post("/calculate", EVERYDAY)[0] == 200
    assert seen.lost == []
    assert quiet.is_held(seen), (quiet, seen)
    assert seen.cpu < MOST_UNITS * one


def test_those_who_do_not_take_their_answer_hold_nobody_up(server, quiet) -> None:
    """Eight that ask for the whole document, again and again, and read nothing."""
    ask = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 30
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            deaf = stack.enter_context(server.connect())
            deaf.sendall(ask)
        with watched(server) as seen:
            time.sleep(3)
    assert seen.lost == []
    assert seen.grown < MOST_GROWN
    assert quiet.is_held(seen), (quiet, seen)


@in_make_long
def test_large_bodies_that_do_not_end_are_not_all_held(server, quiet) -> None:
    """Sixty bodies of 4 MB, each without its last byte: more than is held for all of them."""
    head = (
        b"POST /cej/batch?months=2026-01 HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\n"
        b"Content-Length: 4000000\r\n\r\n"
    )
    with contextlib.ExitStack() as stack, watched(server) as seen:
        for _ in range(60):
            slow = stack.enter_context(server.connect())
            with contextlib.suppress(OSError):
                slow.sendall(head + b"a" * 3_999_999)
    assert seen.grown < MOST_GROWN
    assert quiet.is_held(seen), (quiet, seen)
