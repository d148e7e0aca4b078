"""Measure what people wait for, in processor time: CSV, small files, --help, households; memory.

Usage: python benchmarks/files.py [NAME…] [--persons 300000] [--pairs 9] [--folder DIR]

Each case has two sides, done in turn in processes of their own, on one thread (Arrow, BLAS), with
the same codec. It prints the median of the ratios of the pairs, with their quartiles: a ratio is
reached when the upper quartile is.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy

MONTHS = "2025-01:2025-12"

#: Both sides take one thread.
ALONE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "ARROW_IO_THREADS": "1",
}


def people(folder: Path, persons: int) -> Path:
    """The CSV file of the persons of ``parquet.py``."""
    import pyarrow
    import pyarrow.csv
    from parquet import columns

    path = folder / f"persons-{persons}.csv"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".tmp").open("wb") as file:
        for first in range(0, persons, 250_000):
            random = numpy.random.default_rng([persons, first])
            table = columns(min(250_000, persons - first), first, random)
            rank = table.column_names.index("cej_situation_fiscale")
            texts = table.column(rank).cast(pyarrow.string())
            table = table.set_column(rank, "cej_situation_fiscale", texts)
            how = pyarrow.csv.WriteOptions(include_header=not first)
            pyarrow.csv.write_csv(table, file, how)
    path.with_suffix(".tmp").rename(path)
    return path


# Sides: each is a piece of Python, run by itself.

SIMULATE = """
import sys
from pathlib import Path
from openfisca_cej.population.memory import keep_freed_memory
keep_freed_memory()
import pyarrow
pyarrow.set_cpu_count(1)
from openfisca_cej.population import run
from openfisca_cej.population.months import month_range
source, out = map(Path, sys.argv[1:3])
kind = (sys.argv[4:] or ["csv"])[0]
months = month_range(sys.argv[3])
run.run(source, months, out, format=kind, threads=1, overwrite=True, resume=False)
"""

#: The peak of the process itself, in kB: that of ``resource`` counts the one that started it.
PEAK = """
status = Path("/proc/self/status").read_text()
print(status.partition("VmHWM:")[2].split()[0])
"""

READ_AND_WRITE = """
import sys, pyarrow, pyarrow.csv as csv
pyarrow.set_cpu_count(1)
csv.read_csv(sys.argv[1], csv.ReadOptions(use_threads=False))
results = csv.read_csv(sys.argv[2] + "/allocations.csv", csv.ReadOptions(use_threads=False))
csv.write_csv(results, sys.argv[2] + "/again.csv")
"""

#: Reading the results again is no part of the work: it is taken off.
READ_RESULTS = """
import sys, pyarrow, pyarrow.csv as csv
pyarrow.set_cpu_count(1)
csv.read_csv(sys.argv[2] + "/allocations.csv", csv.ReadOptions(use_threads=False))
"""

HOUSEHOLDS = """
import sys, time, numpy
from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.population import engine
from openfisca_cej.population.memory import keep_freed_memory
from openfisca_cej.population.months import month_range, month_text
from openfisca_cej.population.table import Group, Input, Population
keep_freed_memory()
system, count, months = CountryTaxBenefitSystem(), int(sys.argv[1]), month_range("2024-01:2024-12")
random = numpy.random.default_rng(1)
days = lambda first, length: numpy.datetime64(first) + random.integers(0, length, count)
inputs = [
    Input("date_naissance", None, days("1999-01-01", 3000)),
    Input("cej_date_signature", None, days("2023-10-01", 400)),
    Input("salaire_net", None, random.choice([0.0, 0.0, 450.5, 900.0, 1300.25], count)),
]
tier = Input("cej_situation_fiscale", None, random.integers(0, 3, count).astype(numpy.int16))
incomes = [Input("rni", year, random.integers(0, 40000, count) * 1.0) for year in ("2021", "2022")]
membership = random.permutation(count) // 3
order = numpy.argsort(membership, kind="stable")
roles = numpy.empty(count, numpy.int8)
roles[order] = numpy.arange(count) % 3
groups = {
    entity.key: Group(count // 3 + 1, membership.copy(), roles) for entity in system.group_entities
}
def each_month(name, chance, values, kind):
    drawn = lambda: ((random.random(count) < chance) * random.choice(values, count)).astype(kind)
    return lambda period: [Input(name, month_text(month), drawn()) for month in period]
failings = each_month("cej_rang_manquement", 0.05, [1, 2, 3], numpy.int32)
signed = Input("cej_date_signature", None, days("2022-03-01", 2000))
lasting = [inputs[0], signed, Input("cej_date_fin", None, signed.values + 3000), inputs[2], tier]
short, long = month_range("2024-01:2025-12"), month_range("2022-03:2030-02")
parts = Input("nbptr", None, numpy.ones(count))
windows = {"months": long, "fewer": short}
made = {
    "alone": Population(count, [], [*inputs, tier]),
    "scattered": Population(count, [], [*inputs, tier], groups),
    "rni": Population(count, [], [*inputs, *incomes, parts]),
    "months": Population(count, [], [*lasting, *failings(long)]),
    "fewer": Population(count, [], [*lasting, *failings(short)]),
}
for name in sys.argv[2:]:
    window = windows.get(name, months)
    started = time.process_time()
    for block in engine.simulate(system, made[name], window, ["cej_allocation"]):
        pass
    print((time.process_time() - started) / len(window))
"""


def seconds(code: str, *arguments: object) -> float:
    """Processor time of a piece of Python in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **ALONE})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# Cases: each gives the ratio of a pair.

Pair = Callable[[], float]


def csv(folder: Path, persons: int) -> Pair:
    """CSV to CSV, against pyarrow.csv reading the input and writing the same results."""
    source, out = people(folder, persons), folder / "csv"
    seconds(SIMULATE, source, out, MONTHS)
    reading = statistics.median(seconds(READ_RESULTS, source, out) for _ in range(3))
    starting = statistics.median(seconds("import pyarrow.csv") for _ in range(3))

    def pair() -> float:
        ours = seconds(SIMULATE, source, out, MONTHS)
        return ours / (seconds(READ_AND_WRITE, source, out) - reading + starting)

    return pair


def small(folder: Path, persons: int) -> Pair:
    """100 rows of Parquet against 100 rows of CSV."""
    import pyarrow.csv
    import pyarrow.parquet

    table = pyarrow.csv.read_csv(people(folder, 1000)).slice(0, 100)
    pyarrow.csv.write_csv(table, folder / "small.csv")
    pyarrow.parquet.write_table(table, folder / "small.parquet")

    def pair() -> float:
        sides = [
            seconds(SIMULATE.replace("import pyarrow\npyarrow.set_cpu_count(1)", ""),
                    folder / f"small.{end}", folder / end, "2025-01:2025-03")
            for end in ("parquet", "csv")
        ]  # fmt: skip
        return sides[0] / sides[1]

    return pair


def usage(folder: Path, persons: int) -> Pair:
    """``--help`` against Python that does nothing."""
    told = "from openfisca_cej.cli import main; main(['--help'])"
    return lambda: seconds(told) / seconds("pass")


def memory(end: str) -> Callable[[Path, int], Pair]:
    """The peak memory of a run, in one CSV file or in Parquet, of four times as many persons."""

    def source(folder: Path, persons: int) -> Path:
        if end == "csv":
            return people(folder, persons)
        from parquet import generate

        generate(folder / f"persons-{persons}", persons)
        return folder / f"persons-{persons}"

    def peak(folder: Path, persons: int) -> float:
        arguments = [source(folder, persons), folder / f"memory-{end}", MONTHS, end]
        command = [sys.executable, "-c", SIMULATE + PEAK, *map(str, arguments)]
        told = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **ALONE})
        return int(told.stdout) / 1024

    def case(folder: Path, persons: int) -> Pair:
        def pair() -> float:
            some, more = (peak(folder, times * persons) for times in (1, 4))
            print(f"{end}: {some:.0f} MB, {more:.0f} MB for four times as many", flush=True)
            return more / some

        return pair

    return case


def inside(name: str, beside: str = "alone") -> Callable[[Path, int], Pair]:
    """A person-month in memory against that of people alone with the tier given (or others)."""

    def case(folder: Path, persons: int) -> Pair:
        def pair() -> float:
            command = [sys.executable, "-c", HOUSEHOLDS, str(persons), beside, name, beside, name]
            done = subprocess.run(
                command, check=True, capture_output=True, text=True, env={**os.environ, **ALONE}
            )
            *_, alone, other = map(float, done.stdout.split())  # The first ones warm up.
            return other / alone

        return pair

    return case


CASES: dict[str, Callable[[Path, int], Pair]] = {
    "csv": csv,
    "small": small,
    "help": usage,
    "scattered": inside("scattered"),
    "rni": inside("rni"),
    "months": inside("months", "fewer"),
    "memory-csv": memory("csv"),
    "memory-parquet": memory("parquet"),
}


def main() -> None:
    """Print the ratios of the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *CASES], default=[])
    parser.add_argument("--persons", type=int, default=300_000)
    parser.add_argument("--pairs", type=int, default=9)
    default = Path(tempfile.gettempdir()) / "openfisca-cej-benchmark"
    parser.add_argument("--folder", type=Path, default=default, help="kept from run to run")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or CASES:
        pair = CASES[name](arguments.folder, arguments.persons)
        ratios = [pair() for _ in range(arguments.pairs)]
        low, median, high = statistics.quantiles(ratios, n=4)
        print(
            f"{name:<12}{median:6.2f}   ({low:.2f} to {high:.2f}, {len(ratios)} pairs)", flush=True
        )


if __name__ == "__main__":
    main()
