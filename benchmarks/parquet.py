"""Measure a Parquet run: read, simulate twelve months, write.

Usage: python benchmarks/parquet.py [PERSONS…] [--rounds N] [--threads N] [--folder DIR]

For each number of persons (5 and 20 million by default), a folder of Parquet part files is made
(34 monthly columns, row groups of 250 000 rows, amounts to the centime), then two jobs are
measured in turn, each in a process of its own: (a) reading all the columns and writing the
columns of the results, (b) the whole of ``openfisca-cej simulate``, hashes of the manifest
included. It prints the medians, the ratio b/a pair by pair with its quartiles, and the peak memory
of each process. Times are those of the processor: of one thread unless others are asked for.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy

MONTHS = "2025-01:2025-12"
GROUP = 250_000
PART = 5 * GROUP
MONTHLY = [f"{2024 + rank // 12}-{rank % 12 + 1:02d}" for rank in range(11, 24)]
TIERS = ["non_imposable", "premiere_tranche", "au_dela"]


# The population.


def columns(count: int, first: int, random: numpy.random.Generator):
    """Persons of the benchmark: 13 months of wages and of unemployment benefits, and the rest."""
    import pyarrow

    def amounts(share: float, mean: float) -> numpy.ndarray:
        given = random.random(count) < share
        return numpy.where(given, numpy.rint(random.gamma(4, mean / 4, count) * 100) / 100, 0.0)

    births = numpy.datetime64("1998-01-01") + random.integers(0, 3300, count)
    signatures = numpy.datetime64("2024-06-01") + random.integers(0, 500, count)
    table = {
        "individu_id": numpy.arange(first, first + count),
        "date_naissance": births.astype("datetime64[D]"),
        "cej_date_signature": signatures.astype("datetime64[D]"),
        "cej_situation_fiscale": pyarrow.DictionaryArray.from_arrays(
            random.choice(3, count, p=[0.72, 0.2, 0.08]).astype(numpy.int8), TIERS
        ),
        "poids": numpy.ones(count),
    }
    for month in MONTHLY:
        table[f"salaire_net@{month}"] = amounts(0.25, 800)
        table[f"chomage_net@{month}"] = amounts(0.08, 600)
    for month in MONTHLY[-4:]:
        table[f"revenus_stage_formation_pro@{month}"] = amounts(0.1, 500)
        table[f"indemnites_journalieres@{month}"] = amounts(0.03, 400)
    return pyarrow.table(table)


def generate(folder: Path, persons: int) -> None:
    """Write the part files, unless they are there."""
    from pyarrow import parquet

    folder.mkdir(parents=True, exist_ok=True)
    for rank, first in enumerate(range(0, persons, PART)):
        path = folder / f"persons-{rank:04d}.parquet"
        if path.exists():
            continue
        temporary = path.with_suffix(".tmp")
        random = numpy.random.default_rng([persons, rank])
        writer = None
        for start in range(first, min(first + PART, persons), GROUP):
            table = columns(min(GROUP, persons - start), start, random)
            writer = writer or parquet.ParquetWriter(temporary, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=GROUP)
        writer.close()
        temporary.rename(path)


# The jobs, each in a process of its own.


def pieces(source: Path) -> list:
    """The units that a run would make."""
    from openfisca_cej.population import parts

    return list(parts.cut([parts.read_file(*file) for file in parts.part_files(source)], GROUP))


def alone(source: Path, out: Path, threads: int, model: Path) -> dict:
    """Read every row group and write columns like those of the results; compute nothing.

    What is written is the part ``model`` of a real run, again and again, by PyArrow as it does by
    default but for the codec and the statistics.
    """
    from pyarrow import parquet

    from openfisca_cej.population.arrow import CODEC
    from openfisca_cej.population.output import SOUGHT
    from openfisca_cej.population.parts import read_rows

    units = pieces(source)
    results = parquet.read_table(model, read_dictionary=["mois"])
    how = {
        "row_group_size": 1_000_000,
        "use_dictionary": results.column_names[1:],
        "write_statistics": list(SOUGHT),
        **CODEC,
    }
    out.mkdir(parents=True)

    def copy(unit) -> None:
        read_rows(unit)
        with (out / f"part-{unit.number:05d}.parquet").open("wb") as file:
            parquet.write_table(results.slice(0, 12 * unit.rows), file, **how)
            os.fsync(file.fileno())

    started = time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(copy, units))
    return {"seconds": time.process_time() - started}


def simulate(source: Path, out: Path, threads: int, model: Path) -> dict:
    """The whole job."""
    from openfisca_cej.population import jobs, run
    from openfisca_cej.population.months import month_range

    _ = jobs.run_plan(month_range(MONTHS)).system
    started = time.process_time()
    run.run(source, month_range(MONTHS), out, format="parquet", threads=threads)
    return {"seconds": time.process_time() - started}


JOBS: dict[str, Callable[[Path, Path, int, Path], dict]] = {
    job.__name__: job for job in (alone, simulate)
}


def measured(job: str, source: Path, out: Path, threads: int, model: Path) -> dict:
    """Time and peak memory of a job in a new process."""
    command = [sys.executable, __file__, "--job", job, "--threads", str(threads)]
    command += ["--source", str(source), "--out", str(out), "--model", str(model)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def work(arguments: argparse.Namespace) -> None:
    """Do one job and tell about it."""
    from openfisca_cej.population.memory import keep_freed_memory

    job = JOBS[arguments.job]
    if job is not alone:
        keep_freed_memory()  # as the command does, before PyArrow is imported
    import pyarrow

    pyarrow.set_cpu_count(arguments.threads)
    told = job(arguments.source, arguments.out, arguments.threads, arguments.model)
    told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(told))


# The table.


def compare(persons: int, arguments: argparse.Namespace) -> None:
    """Measure the jobs in turn for one number of persons, and print what came out."""
    source = arguments.folder / f"persons-{persons}"
    generate(source, persons)
    out = arguments.folder / f"results-{persons}"
    model = arguments.folder / f"model-{persons}.parquet"
    rounds: dict[str, list[dict]] = {job: [] for job in JOBS}
    for number in range(arguments.rounds):
        for job in ("simulate", "alone"):
            shutil.rmtree(out, ignore_errors=True)
            rounds[job].append(measured(job, source, out, arguments.threads, model))
            if job == "simulate" and not number:
                shutil.copy(out / "allocations" / "part-00000.parquet", model)
    shutil.rmtree(out, ignore_errors=True)
    report(persons, rounds, arguments.threads)


def report(persons: int, rounds: dict[str, list[dict]], threads: int) -> None:
    """Print the medians, the ratio and the peaks of memory."""

    def median(job: str) -> float:
        return statistics.median(result["seconds"] for result in rounds[job])

    def peak(job: str) -> float:
        return max(result["peak"] for result in rounds[job])

    ratios = [
        whole["seconds"] / alone["seconds"]
        for whole, alone in zip(rounds["simulate"], rounds["alone"], strict=True)
    ]
    print(f"\n{persons:,} persons, 12 months, {threads} threads, {len(ratios)} rounds")
    for job, label in (("alone", "read and write alone"), ("simulate", "simulate")):
        print(f"  {label:<24}{median(job):8.1f} s   peak {peak(job):6.0f} MB")
    low, ratio, high = statistics.quantiles(ratios, n=4)
    print(f"  {'ratio':<24}{ratio:8.2f}     ({low:.2f} to {high:.2f})")


def main() -> None:
    """Measure, or do one of the jobs measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("persons", type=int, nargs="*", default=[5_000_000, 20_000_000])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    default = Path(tempfile.gettempdir()) / "openfisca-cej-benchmark"
    parser.add_argument("--folder", type=Path, default=default, help="kept from run to run")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    for name in ("--source", "--out", "--model"):
        parser.add_argument(name, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.job:
        work(arguments)
        return
    for persons in arguments.persons:
        compare(persons, arguments)


if __name__ == "__main__":
    main()
