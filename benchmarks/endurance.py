"""The web API under many clients: requests lost to kills and reloads, memory, speed.

``python benchmarks/endurance.py`` (``make bench-endurance``); ``--tree`` measures another tree
with the same Python. Figures depend on the machine: compare those of one run with another's.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from web.attacks.serving import EVERYDAY, Server, family, serve, served, unit

from openfisca_cej.situation_examples import exemple

CASE = json.dumps(exemple("jeune_seul")).encode()

#: What a mixed load asks for: the address, the body, how often.
MIXED = (
    ("/calculate", EVERYDAY, 60),
    ("/cej/missing?month=2024-11", CASE, 10),
    ("/cej/curve?month=2024-11", CASE, 10),
    ("/cej/timeline?month=2024-11&months=3", CASE, 5),
    ("/cej/explain?month=2024-11&complete=true", CASE, 5),
    ("/calculate", b'{"individus": {"a": {"salaire": 1}}}', 5),
    ("/trace", CASE, 5),
)


def request(path: str, body: bytes) -> bytes:
    """A request, the only one of its connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask(port: int, data: bytes) -> str:
    """What became of a request: its status, or how it was lost."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(data)
            answer = await reader.read()
        finally:
            writer.close()
    except OSError as error:
        return type(error).__name__
    head, _, body = answer.partition(b"\r\n\r\n")
    if not answer:
        return "no answer"
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return head[9:12].decode() if len(body) == length else "half an answer"


async def clients(port: int, count: int, requests: list[bytes], seconds: float) -> Counter:
    """So many clients that ask again as soon as they are answered, until there is no more."""
    found: Counter = Counter()
    waiting = iter(requests) if requests else itertools.repeat(request("/calculate", EVERYDAY))
    end = time.monotonic() + seconds

    async def one() -> None:
        for data in waiting:
            if time.monotonic() > end:
                return
            found[await ask(port, data)] += 1

    await asyncio.gather(*(one() for _ in range(count)))
    return found


async def disturbed(server: Server, count: int, seconds: float, kills: bool) -> tuple[Counter, int]:
    """What became of the requests of the clients, and how often a worker was killed, or all were
    replaced."""
    asked = asyncio.create_task(clients(server.port, count, [], seconds))
    times = 0
    while True:
        await asyncio.sleep(seconds / 12)
        if asked.done():
            return asked.result(), times
        pids = family(server.process.pid)[1:]
        if kills:
            workers = [pid for pid in pids if parent(pid) == server.process.pid]
            os.kill(random.choice(workers), signal.SIGKILL)
        else:
            server.process.send_signal(signal.SIGHUP)
        times += 1


def parent(pid: int) -> int:
    """The process that made this one; 0 when it is no more."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def memories(server: Server) -> str:
    """Memory of each process (MB)."""
    from web.attacks.serving import memory

    return ", ".join(f"{memory(pid) / 1e6:.0f}" for pid in family(server.process.pid))


def speed(server: Server, seconds: float) -> str:
    """Everyday requests a second, and processor of one (ms)."""
    found = asyncio.run(clients(server.port, 4, [], seconds))
    return f"{found['200'] / seconds:.0f} a second; {1_000 * unit(server, 300):.2f} ms of processor"


def main() -> None:
    """Measure and tell."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tree", type=Path, help="where another version of the package is")
    options.add_argument("--clients", type=int, default=300)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--requests", type=int, default=20_000, help="mixed ones; 0: none")
    given = options.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with served(log, *serve(2), tree=given.tree) as server:
            time.sleep(8)
            print(f"/calculate, two workers, four clients: {speed(server, 10)}")
            for kills in (False, True):
                found, times = asyncio.run(disturbed(server, given.clients, given.seconds, kills))
                what = "kills" if kills else "reloads"
                lost = sum(found.values()) - found["200"] - found["503"]
                print(
                    f"{given.clients} clients, {given.seconds:g} s, {times} {what}: "
                    f"{dict(found)}; lost: {lost}"
                )
        with served(log, *serve(2), tree=given.tree) as server:
            time.sleep(8)
            chance = random.Random(1)
            kinds = [request(path, body) for path, body, _ in MIXED]
            print(f"Memory before (MB): {memories(server)}")
            for part in range(1, 5):
                mixed = chance.choices(kinds, [often for *_, often in MIXED], k=given.requests // 4)
                found = asyncio.run(clients(server.port, 8, mixed, 3_600))
                done = part * given.requests // 4
                print(f"Memory after {done} mixed requests (MB): {memories(server)}; {dict(found)}")


if __name__ == "__main__":
    main()
