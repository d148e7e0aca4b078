"""Measure how long `openfisca serve` takes from the command to its first answer.

Usage: python benchmarks/api_start.py [RUNS]
"""

import json
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import openfisca_cej

TARGET = 3.0  # seconds
SERVE = ("serve", "--country-package", "openfisca_cej", "--workers", "1")
EXAMPLES = sorted((Path(openfisca_cej.__file__).parent / "situation_examples").glob("*.json"))


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def post(address: str, route: str, content: bytes) -> bytes:
    request = urllib.request.Request(
        f"{address}/{route}", data=content, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def start(command: str) -> tuple[float, float]:
    """Seconds from the command to the first answer, then for one warm /calculate."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    begin = time.perf_counter()
    server = subprocess.Popen(
        [command, *SERVE, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                with urllib.request.urlopen(f"{address}/spec", timeout=60) as answer:
                    json.load(answer)
                break
            except (urllib.error.URLError, ConnectionError):
                if server.poll() is not None or time.perf_counter() - begin > 120:
                    raise
                time.sleep(0.01)
        started = time.perf_counter() - begin
        content = EXAMPLES[0].read_bytes()
        durations = []
        for _ in range(20):
            begin = time.perf_counter()
            post(address, "calculate", content)
            durations.append(time.perf_counter() - begin)
        return started, statistics.median(durations)
    finally:
        server.terminate()
        server.wait(timeout=30)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    command = shutil.which("openfisca", path=str(Path(sys.executable).parent))
    if command is None:
        sys.exit("The command openfisca is not beside this Python: make run first")
    measures = [start(command) for _ in range(runs)]
    starts = [started for started, _ in measures]
    calculate = statistics.median(duration for _, duration in measures)
    print(
        f"openfisca serve, {runs} runs: first answer after {statistics.median(starts):.2f} s "
        f"(from {min(starts):.2f} to {max(starts):.2f}; target {TARGET:.0f} s)"
    )
    print(f"/calculate on {EXAMPLES[0].name}: {1000 * calculate:.1f} ms")


if __name__ == "__main__":
    main()
