"""Work that does not end, workers that grow, stop, reload or are killed: who gets what."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from web.attacks.serving import EVERYDAY, PATIENCE, Server, family, served

pytestmark = pytest.mark.slow

BURNING = str(Path(__file__).parent / "attacks" / "burning.py")


def burning(log: Path, workers: int = 1):
    """The service that burns; a request may take a second of processor, and 50 MB."""
    environment = {"OPENFISCA_CEJ_CPU": "1", "OPENFISCA_CEJ_MEMORY": "50000000"}
    return served(log, BURNING, "{port}", str(workers), **environment)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with burning(tmp_path_factory.mktemp("worker") / "log") as found:
        at_rest(found)
        yield found


def at_rest(server: Server) -> None:
    """Wait until it has loaded what it remembers."""

    def rests() -> bool:
        before = server.cpu()
        time.sleep(0.5)
        return server.cpu() - before < 0.05

    until(rests)


def until(is_true) -> None:
    """Wait until it is so."""
    limit = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < limit
        time.sleep(0.02)


def problem(answer) -> dict:
    """The problem that an answer holds."""
    status, headers, body = answer
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    told = json.loads(body)
    assert told["status"] == status
    return told


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_work_past_its_processor_is_ended(server, method) -> None:
    """What the worker answers itself, too."""
    before = server.cpu()
    answer = server.ask(method, "/burn")
    assert answer[0] == 413
    assert "(limit cpu)" in problem(answer)["detail_en"]
    until(lambda: len(family(server.process.pid)) == 2)
    burnt = server.cpu()
    assert burnt - before < 5
    time.sleep(1)
    assert server.cpu() - burnt < 0.5


def test_what_was_taken_for_quick_and_is_not_is_computed_aside(server) -> None:
    worker = server.ask("GET", "/who")[2]
    status, _, body = server.ask("GET", "/burn?seconds=0.6")
    assert status == 200
    assert body != worker


def test_work_past_its_memory_is_ended(server) -> None:
    before = server.largest()
    # The limit is of bytes more than the process has; of these, up to 64 MB of heap may be free.
    answer = server.post("/eat?bytes=120000000", b"")
    assert answer[0] == 413
    assert "(limit memory)" in problem(answer)["detail_en"]
    assert server.post("/eat?bytes=1000", b"")[0] == 200
    assert server.largest() - before < 20_000_000


def test_a_process_that_the_machine_ends_is_an_overload(server) -> None:
    answer = server.post("/killed", b"")
    assert answer[0] == 503
    assert int(answer[1]["Retry-After"]) > 0
    assert problem(answer)["title_en"] == "Service overloaded"


def test_too_many_at_once_are_told_to_come_back_and_others_are_answered(server) -> None:
    """Two are computed, two wait."""
    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(server.post, "/sleep?seconds=2", b"") for _ in range(8)]
        time.sleep(0.5)
        assert server.post("/calculate", EVERYDAY)[0] == 200
        answers = [one.result() for one in asked]
    assert sorted(status for status, *_ in answers) == [200] * 4 + [503] * 4
    assert all("Retry-After" in headers for status, headers, _ in answers if status == 503)


def test_work_that_nobody_waits_for_any_more_is_ended(server) -> None:
    """Of those who wait, too: their places are free."""
    ask = b"POST /sleep?seconds=20 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(server.connect()).sendall(ask)
        until(lambda: len(family(server.process.pid)) == 4)
    until(lambda: len(family(server.process.pid)) == 2)
    assert server.post("/sleep?seconds=0", b"")[0] == 200


def test_an_answer_ends_though_another_is_still_computed(server) -> None:
    """The connection is closed, which a process made meanwhile would keep open."""
    with concurrent.futures.ThreadPoolExecutor(1) as other, server.connect() as client:
        client.sendall(b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n")
        asked = other.submit(server.post, "/sleep?seconds=5", b"")
        until(lambda: len(family(server.process.pid)) == 3)
        client.sendall(b"\r\n")
        client.settimeout(3)
        while client.recv(1_000):
            pass
        assert not asked.done()


def test_a_worker_that_has_grown_is_replaced(server) -> None:
    at_rest(server)
    grown = server.ask("GET", "/grow")[2]
    until(lambda: server.ask("GET", "/who")[2] != grown)
    assert server.largest() < 200_000_000
    assert server.post("/calculate", EVERYDAY)[0] == 200


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_what_was_accepted_is_answered_when_the_service_stops_or_reloads(tmp_path, name) -> None:
    """What is computed, what waits for its turn, what is still being sent."""
    head = (
        "POST /calculate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(EVERYDAY)}\r\n\r\n"
    )
    with burning(tmp_path / "log") as server:
        half = server.connect()
        half.sendall(head.encode())
        with concurrent.futures.ThreadPoolExecutor(4) as clients:
            asked = [clients.submit(server.post, "/sleep?seconds=2", b"") for _ in range(4)]
            time.sleep(0.5)
            server.process.send_signal(getattr(signal, name))
            time.sleep(0.5)
            half.sendall(EVERYDAY)
            assert [one.result()[0] for one in asked] == [200] * 4
        assert half.recv(100).startswith(b"HTTP/1.1 200")
        half.close()
        if name == "SIGTERM":
            assert server.process.wait(timeout=PATIENCE) == 0
        else:
            assert server.post("/calculate", EVERYDAY)[0] == 200


def test_a_killed_worker_loses_its_own_only(tmp_path) -> None:
    """Four clients wait; those of the worker that lives are answered, and what comes after."""

    def ask(server: Server) -> bytes:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return server.post("/sleep?seconds=2", b"")[2]
        return b""

    with burning(tmp_path / "log", workers=2) as server:
        until(lambda: len(family(server.process.pid)) == 3)
        victim = family(server.process.pid)[1]
        with concurrent.futures.ThreadPoolExecutor(4) as clients:
            asked = [clients.submit(ask, server) for _ in range(4)]
            time.sleep(1)
            os.kill(victim, signal.SIGKILL)
            answers = [one.result() for one in asked]
        assert str(victim).encode() not in answers
        assert any(answers)
        assert server.post("/calculate", EVERYDAY)[0] == 200
        until(lambda: len(family(server.process.pid)) == 3)


def test_several_requests_sent_at_once_are_answered_in_order(server) -> None:
    """One that is computed aside before one that is quick."""
    slow = b"POST /sleep?seconds=0.5 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    quick = b"GET /cej/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with server.connect() as client:
        client.sendall(slow + quick)
        client.settimeout(PATIENCE)
        received = b""
        while part := client.recv(4_096):
            received += part
    first, second = received.split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"200")
    assert b'"ok"' not in first
    assert b'"ok"' in second


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * 40_000, b"414"),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 100 + b"\r\n", b"431"),
        (b"what\r\n\r\n", b"400"),
        (b"POST /calculate HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST /calculate HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    ],
)
def test_what_is_no_request_gets_a_problem(server, request_, status) -> None:
    with server.connect() as client:
        client.sendall(request_)
        client.settimeout(PATIENCE)
        received = b""
        while part := client.recv(4_096):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == int(status)


def test_a_body_that_is_too_long_is_refused_though_it_is_sent_whole(server) -> None:
    """The answer is not lost with what nobody read."""
    with server.connect() as client:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, socket.timeout):
            client.sendall(
                b"POST /calculate HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"
                + b"x" * 9_000_000
            )
        assert client.recv(100).startswith(b"HTTP/1.1 413")
