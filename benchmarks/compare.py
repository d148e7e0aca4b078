"""Measure ``compare`` and ``validate`` beside another version of the package, in processor time.

Usage: python benchmarks/compare.py OTHER_TREE [NAME…] [--pairs 5] [--persons 300000] [--folder DIR]

OTHER_TREE is where another version is checked out (``git worktree add``). Both sides run in turn,
in processes of their own, on one thread. It prints the median of the ratios of the pairs, with the
lowest and the highest, and the peak memory of this version.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

#: This tree.
HERE = Path(__file__).resolve().parents[1]

REFORM = """title: Abattement de 400 €
parameters:
  contrat_engagement_jeune.ressources.degressivite.abattement:
    2022-03-01: 400
"""

#: Prints the peak memory of the process, in MB, as its last line on the standard error.
RUN = """
import resource, sys
from openfisca_cej.cli import main
try:
    main(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""

#: The cases: arguments of both versions, and those of this one alone.
CASES: dict[str, tuple[list[str], list[str]]] = {
    "default": (["compare", "REFORM"], ["--draws", "0"]),
    "draws": (["compare", "REFORM"], ["--draws", "50"]),
    "large": (["compare", "REFORM", "--population", "FILE", "--months", "2025-01:2025-12"], []),
    "validate": (["validate", "--draws", "20"], []),
}


def people(folder: Path, persons: int) -> Path:
    """The persons of ``parquet.py``, with two attributes in a file beside them."""
    import pyarrow
    import pyarrow.parquet

    sys.path.insert(0, str(Path(__file__).parent))
    from parquet import columns

    path = folder / f"compared-{persons}.parquet"
    random = numpy.random.default_rng(persons)
    table = columns(persons, 0, random)
    pyarrow.parquet.write_table(table, path)
    beside = {
        "individu_id": table.column("individu_id"),
        "operateur": random.choice(["mission_locale", "france_travail"], persons),
        "homme": random.random(persons) < 0.5,
    }
    attributes = path.with_stem(f"{path.stem}_attributs")
    pyarrow.parquet.write_table(pyarrow.table(beside), attributes)
    return path


def cost(tree: Path, arguments: list[str], folder: Path) -> tuple[float, int]:
    """Processor seconds and peak MB of a command under a version."""
    alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **alone, "PYTHONPATH": str(tree)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, int(done.stderr.split()[-1])


def main() -> None:
    """Print the ratios of the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("other", type=Path)
    parser.add_argument("names", nargs="*", choices=[[], *CASES], default=[])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--persons", type=int, default=300_000)
    default = Path(tempfile.gettempdir()) / "openfisca-cej-benchmark"
    parser.add_argument("--folder", type=Path, default=default, help="kept from run to run")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    reform = asked.folder / "reform.yaml"
    reform.write_text(REFORM, encoding="utf-8")
    given = {"REFORM": str(reform)}
    for name in asked.names or CASES:
        both, alone = CASES[name]
        if "FILE" in both:
            given["FILE"] = str(people(asked.folder, asked.persons))
        command = [given.get(one, one) for one in both]
        ratios, most = [], 0
        for rank in range(asked.pairs):
            costs = []
            for side, tree in (("other", asked.other.resolve()), ("here", HERE)):
                own = [] if side == "other" else alone
                if both[0] == "compare":
                    own = [*own, "--threads", "1", "--out", f"{name}-{side}-{rank}-{os.getpid()}"]
                costs.append(cost(tree, [*command, *own], asked.folder))
            ratios.append(costs[1][0] / costs[0][0])
            most = max(most, costs[1][1])
        low, high = min(ratios), max(ratios)
        told = f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f}, {len(ratios)} pairs)"
        print(f"{name:<10}{told}, {most} MB", flush=True)


if __name__ == "__main__":
    main()
