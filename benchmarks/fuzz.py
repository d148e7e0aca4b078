"""Try changed documents on every reader for some time: only the documented errors may come out.

Two engines, each the same number of seconds a reader: hypothesis changes valid documents by their
structure; atheris, where it is installed, changes their bytes and follows the branches of the
code. What fails is written in build/fuzz, one file for each place of the code.

Usage: python benchmarks/fuzz.py [--seconds N] [--only READER] [--seed N]
Exit status: 0 when nothing failed, 1 otherwise.
"""

import argparse
import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAILURES = ROOT / "build" / "fuzz"
CORPUS = ROOT / "build" / "fuzz-corpus"

#: What atheris follows.
FOLLOWED = ["openfisca_cej", "yaml"]

sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]


class Watch:
    """Tries documents on a reader; keeps one for each place where it fails."""

    def __init__(self, reader, engine: str) -> None:
        self.reader = reader
        self.engine = engine
        self.tried = self.accepted = 0
        self.places: set[str] = set()
        self.last = 0.0

    def try_out(self, content: bytes) -> None:
        """Read a document, and note an undocumented error."""
        self.tried += 1
        try:
            self.accepted += self.reader.try_out(content)
        except Exception as error:
            self.note(content, error)

    def note(self, content: bytes, error: Exception) -> None:
        """Write what fails, once for each place."""
        ours = [
            f"{Path(frame.filename).name}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)
            if "openfisca_cej" in frame.filename
        ]
        place = f"{type(error).__name__} at {ours[-1] if ours else '?'}"
        if place in self.places:
            return
        self.places.add(place)
        FAILURES.mkdir(parents=True, exist_ok=True)
        path = FAILURES / f"{self.reader.name}-{self.engine}-{len(self.places)}"
        path.write_bytes(content)
        print(f"{self.reader.name}: {place}: {str(error)[:100]!r} ({path})", flush=True)

    def tell(self) -> None:
        """Write the counts, for the process that started this one."""
        counts = {"tried": self.tried, "accepted": self.accepted, "failures": len(self.places)}
        self.last = time.monotonic()
        counts_of(self.reader.name).write_text(json.dumps(counts))


def counts_of(name: str) -> Path:
    """Where the counts of a reader are told."""
    return CORPUS / f"{name}.json"


def by_hypothesis(name: str, seconds: float, first: int) -> None:
    """Change valid documents by their structure, from one seed after another."""
    import hypothesis
    import mutations
    from readers import READERS

    watch = Watch(READERS[name], "hypothesis")
    changed = mutations.of(watch.reader)
    end = time.monotonic() + seconds
    number = first
    while time.monotonic() < end:

        @hypothesis.seed(number)
        @hypothesis.settings(
            max_examples=200,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(content=changed)
        def some(content: bytes) -> None:
            if time.monotonic() < end:
                watch.try_out(content)

        some()
        number += 1
    watch.tell()


def by_atheris(name: str, seconds: float, seed: int) -> None:
    """Change bytes, following the branches of the code; ends the process."""
    import atheris

    with atheris.instrument_imports(include=FOLLOWED, enable_loader_override=False):
        readers = importlib.import_module("readers")
    watch = Watch(readers.READERS[name], "atheris")
    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    for rank, document in enumerate(watch.reader.documents()):
        (corpus / f"valid-{rank}").write_bytes(document)

    def one(content: bytes) -> None:
        watch.try_out(content)
        if time.monotonic() > watch.last + 1:  # libFuzzer ends the process by itself
            watch.tell()

    options = [
        *(f"-max_total_time={int(seconds)}", f"-seed={seed}", "-timeout=30", "-rss_limit_mb=4096"),
        *("-verbosity=0", f"-artifact_prefix={FAILURES}/{name}-hang-", str(corpus)),
    ]
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


def in_a_process(engine: str, name: str, seconds: float, seed: int) -> dict:
    """Run an engine on a reader; its counts."""
    FAILURES.mkdir(parents=True, exist_ok=True)
    CORPUS.mkdir(parents=True, exist_ok=True)
    told = counts_of(name)
    told.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--engine", engine, "--only", name]
    command += ["--seconds", str(seconds), "--seed", str(seed)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    sys.stdout.write(ran.stdout)
    counts = json.loads(told.read_text()) if told.exists() else {"tried": 0, "failures": 0}
    if ran.returncode:  # A hang, or memory: libFuzzer says which.
        counts["failures"] += 1
    return counts


def main() -> int:
    """Run both engines on all the readers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30, help="for each reader and engine")
    parser.add_argument("--only", default="", help="readers whose name has this word")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["hypothesis", "atheris"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.engine == "atheris":
        by_atheris(chosen.only, chosen.seconds, chosen.seed)
    if chosen.engine == "hypothesis":
        by_hypothesis(chosen.only, chosen.seconds, chosen.seed)
        return 0
    from readers import READERS

    engines = ["hypothesis", "atheris"]
    if importlib.util.find_spec("atheris") is None:
        print("skipped: atheris is not installed")
        engines.pop()
    rows = [
        (name, engine, in_a_process(engine, name, chosen.seconds, chosen.seed))
        for name in READERS
        if re.search(chosen.only, name)
        for engine in engines
    ]
    print(
        f"{'reader':14} {'engine':12} {'seconds':>7} {'tried':>8} {'accepted':>8} {'failures':>8}"
    )
    for name, engine, counts in rows:
        tried, accepted = counts["tried"], counts.get("accepted", 0)
        print(
            f"{name:14} {engine:12} {chosen.seconds:7.0f} {tried:8} {accepted:8} "
            f"{counts['failures']:8}"
        )
    return int(any(counts["failures"] for _, _, counts in rows))


if __name__ == "__main__":
    sys.exit(main())
