"""Measure the web API beside OpenFisca's own and beside other countries, over loopback.

Usage: python benchmarks/api.py [--country-template PYTHON] [--france PYTHON]

PYTHON are the interpreters of environments where these packages are installed. Each server has
one process, each request a connection of its own.
"""

import argparse
import concurrent.futures
import contextlib
import functools
import http.client
import json
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from openfisca_cej.situation_examples import exemple

#: Targets: seconds to the first answer, ratio to the country template, seconds for a batch, how
#: many times faster than OpenFisca-France.
START, RATIO, BATCH, FASTER = 3.0, 2.5, 1.0, 200

REQUESTS = 300  # of one person, one after the other
PERSONS = 10_000  # in the batch
CLIENTS, SECONDS = 50, 60  # at once, for so long
PATIENCE = 180  # seconds for a server to start: OpenFisca-France takes its time

OURS = json.dumps(exemple("jeune_seul")).encode()
INCOME_TAX = json.dumps(
    {"persons": {"Bill": {"salary": {"2024-11": 2000}, "income_tax": {"2024-11": None}}}}
).encode()
FRANCE = json.dumps(
    {
        "individus": {
            "Inès": {
                "date_naissance": {"ETERNITY": "2004-03-01"},
                "contrat_engagement_jeune": {"2024-11": None},
            }
        }
    }
).encode()


@dataclass
class Server:
    """A running server: its port, and how long it took to give its first answer (s)."""

    port: int
    started: float

    def post(self, path: str, body: bytes, media_type: str = "application/json") -> bytes:
        """The answer to a request; raises OSError when there is none, or another than 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request("POST", path, body, {"Content-Type": media_type})
            answer = connection.getresponse()
            content = answer.read()
        if answer.status != 200:
            raise OSError(f"{path}: {answer.status} {content[:200]!r}")
        return content


def medians(requests: int, *asked: tuple[Server, bytes]) -> list[float]:
    """Median seconds of ``/calculate`` on servers that are asked in turn: side by side."""
    durations: list[list[float]] = [[] for _ in asked]
    for _ in range(requests):
        for (server, body), times in zip(asked, durations, strict=True):
            times.append(timed(functools.partial(server.post, "/calculate", body)))
    return [statistics.median(times) for times in durations]


def free_port() -> int:
    """A port that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serve(command: list[str | Path], body: bytes) -> Iterator[Server]:
    """A server, from its command to its end; its first answer is to ``body``."""
    port = free_port()
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = Server(port, 0)
    try:
        while True:
            try:
                server.post("/calculate", body)
                break
            except ConnectionError:
                if process.poll() is not None or time.perf_counter() - begin > PATIENCE:
                    raise
                time.sleep(0.01)
        server.started = time.perf_counter() - begin
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)


def stock(python: str | Path, package: str) -> list[str | Path]:
    """OpenFisca's own server, for a country package."""
    command = Path(python).with_name("openfisca")
    return [command, "serve", "--country-package", package, "--workers", "1"]


def batch_body() -> bytes:
    """Persons, one a row."""
    chance = random.Random(2024)
    rows = [
        {
            "individu_id": str(rank),
            "date_naissance": f"{chance.randint(1998, 2008)}-{chance.randint(1, 12):02d}-15",
            "salaire_net@2024-10": round(chance.random() * 1500, 2),
            "residence_mayotte": chance.random() < 0.05,
        }
        for rank in range(PERSONS)
    ]
    return "\n".join(json.dumps(row) for row in rows).encode()


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def crowd(server: Server) -> tuple[int, int, float]:
    """Clients that ask and ask again: answers, requests lost, 99th percentile (s)."""
    expected = server.post("/calculate", OURS)
    end = time.perf_counter() + SECONDS

    def client(_: int) -> tuple[int, int, list[float]]:
        good, lost, durations = 0, 0, []
        while time.perf_counter() < end:
            begin = time.perf_counter()
            try:
                ok = server.post("/calculate", OURS) == expected
            except OSError:
                ok = False
            durations.append(time.perf_counter() - begin)
            good, lost = good + ok, lost + (not ok)
        return good, lost, durations

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        done = list(clients.map(client, range(CLIENTS)))
    durations = sorted(duration for _, _, some in done for duration in some)
    slowest = durations[int(0.99 * (len(durations) - 1))]
    return sum(good for good, _, _ in done), sum(lost for _, lost, _ in done), slowest


def row(label: str, value: str, target: str = "") -> None:
    """Print a line of the table."""
    print(f"{label:<62}{value:>14}   {target}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--country-template", type=Path)
    parser.add_argument("--france", type=Path)
    asked = parser.parse_args()
    here = Path(sys.executable)
    ours = [here.with_name("openfisca-cej"), "serve", "--workers", "1"]

    with serve(ours, OURS) as server:
        row("openfisca-cej serve: start to first answer", f"{server.started:.2f} s", f"≤ {START} s")
        body = batch_body()

        def send() -> None:
            server.post("/cej/batch?months=2024-11", body, "application/x-ndjson")

        seconds = min(timed(send) for _ in range(4))
        row(f"/cej/batch, {PERSONS} persons", f"{seconds:.2f} s", f"≤ {BATCH} s")
        with serve(stock(here, "openfisca_cej"), OURS) as other:
            alone, median = medians(REQUESTS, (server, OURS), (other, OURS))
        row("/calculate, one person, median", f"{1000 * alone:.1f} ms")
        row("   the same by openfisca serve", f"{1000 * median:.1f} ms")
        if asked.country_template:
            template = stock(asked.country_template, "openfisca_country_template")
            with serve(template, INCOME_TAX) as other:
                alone, median = medians(REQUESTS, (server, OURS), (other, INCOME_TAX))
            row("   income tax of the country template", f"{1000 * median:.1f} ms")
            row("   ratio of ours to it", f"{alone / median:.2f}", f"≤ {RATIO}")
        if asked.france and asked.france.exists():
            with serve(stock(asked.france, "openfisca_france"), FRANCE) as other:
                row("OpenFisca-France: start to first answer", f"{other.started:.1f} s")
                alone, median = medians(5, (server, OURS), (other, FRANCE))
            row("   contrat_engagement_jeune of one person", f"{1000 * median:.0f} ms")
            row("   ratio of it to ours", f"{median / alone:.0f}", f"≥ {FASTER}")
    with serve([*ours[:-1], "2"], OURS) as server:
        answers, lost, slowest = crowd(server)
        row(f"{CLIENTS} clients for {SECONDS} s, 2 workers", f"{answers / SECONDS:.0f} /s")
        row("   99 requests in 100 within", f"{1000 * slowest:.0f} ms")
        row("   requests lost", f"{lost}", "0")


if __name__ == "__main__":
    main()
