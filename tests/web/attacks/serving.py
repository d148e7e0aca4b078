"""A server under attack: its memory, its processor, its answers, and how long others wait."""

import contextlib
import http.client
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 120  # seconds: a loaded machine must not fail the test

#: Processes and files of the server: bounded, whatever is sent.
MOST_FILES = 512

#: What a request may take at most: bytes of memory in a process, and everyday ``/calculate``.
MOST_GROWN, MOST_UNITS = 200_000_000, 2_000

#: What may be answered to what one sends.
STATUSES = {200, 400, 413, 414, 415, 422, 431}

EVERYDAY = (
    b'{"individus":{"Lina":{"date_naissance":{"ETERNITY":"2004-03-01"},'
    b'"salaire_net":{"2025-05":600},"cej_allocation":{"2025-06":null}}}}'
)

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that come from it."""
    found, parents = [pid], {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(
                    int(entry.name)
                )
    for one in found:
        found += parents.get(one, [])
    return found


def memory(pid: int) -> int:
    """Anonymous memory of a process (bytes); 0 when it is no more."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def processor(pid: int) -> float:
    """Seconds of processor of a process, and of its children that ended."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICK
    return 0.0


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen
    port: int
    log: Path

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        timeout: float = PATIENCE,
        **headers: str,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer. Raises OSError, HTTPException."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def post(self, path: str, body: bytes, media_type: str = "application/json", **more):
        """The answer to a body."""
        return self.ask("POST", path, body, Content_Type=media_type, **more)

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def cpu(self) -> float:
        """Seconds of processor used by now."""
        return sum(map(processor, family(self.process.pid)))

    def largest(self) -> int:
        """Memory of the largest process now (bytes)."""
        return max(map(memory, family(self.process.pid)))


def serve(workers: int) -> tuple[str, ...]:
    """The command that serves with so many workers."""
    return ("-m", "openfisca_cej.cli", "serve", "--port", "{port}", "--workers", str(workers))


@contextmanager
def served(
    log: Path, *command: str, tree: Path | None = None, **environment: str
) -> Iterator[Server]:
    """A server with its files bounded; stopped at the end.

    ``command``: what Python runs, « {port} » being the port; by default, one worker. ``tree``:
    where the package is, where it is not the one under test.
    """
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = {"PYTHONPATH": str(tree)} if tree else {}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                *(part.format(port=port) for part in command or serve(workers=1)),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **path, **environment},
            cwd=tree or Path.cwd(),
        )
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    server = Server(process, port, log)
    limit = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                server.ask("GET", "/cej/health")
                break
            except (OSError, http.client.HTTPException):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < limit, log.read_text()
                time.sleep(0.05)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=40)
        if process.poll() is None:
            for pid in family(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


@dataclass
class Watch:
    """What was seen of a server while something happened to it.

    ``grown``: bytes more in its largest process; ``waits`` and ``health``: seconds that another
    client's requests took.
    """

    cpu: float = 0.0
    grown: int = 0
    waits: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def wait(self) -> float:
        """The median wait of another client."""
        return statistics.median(self.waits)


@contextmanager
def watched(server: Server, patience: float = PATIENCE, others: bool = True) -> Iterator[Watch]:
    """Watch a server in the block, as other clients if they are wanted; all is known after it."""
    found, done = Watch(), threading.Event()
    before, cpu = server.largest(), server.cpu()

    def look() -> None:
        while not done.is_set():
            found.grown = max(found.grown, server.largest() - before)
            done.wait(0.02)

    def ask(times: list[float], action, pause: float) -> None:
        while True:
            begin = time.perf_counter()
            try:
                status = action()
                if status != 200:
                    found.lost.append(str(status))
            except (OSError, http.client.HTTPException) as error:
                found.lost.append(type(error).__name__)
            times.append(time.perf_counter() - begin)
            if done.wait(pause):
                return

    def calculate() -> int:
        return server.post("/calculate", EVERYDAY, timeout=patience)[0]

    def health() -> int:
        return server.ask("GET", "/cej/health", timeout=patience)[0]

    threads = [threading.Thread(target=look)]
    if others:
        for times, action, pause in ((found.waits, calculate, 0.02), (found.health, health, 0.1)):
            threads.append(threading.Thread(target=ask, args=(times, action, pause)))
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        done.set()
        for thread in threads:
            thread.join()
        found.cpu = server.cpu() - cpu


def unit(server: Server, count: int = 50) -> float:
    """Seconds of processor of one everyday ``/calculate``."""
    server.post("/calculate", EVERYDAY)
    begin = server.cpu()
    for _ in range(count):
        server.post("/calculate", EVERYDAY)
    return max((server.cpu() - begin) / count, 0.5 / TICK / count)
