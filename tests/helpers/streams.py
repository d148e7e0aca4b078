"""What the tests of runs share: small folders of Parquet parts, and what a run leaves behind."""

import contextlib
import hashlib
import os
from pathlib import Path

import numpy

from openfisca_cej.population.months import month_range

MONTHS = month_range("2025-01:2025-03")
TIERS = ["non_imposable", "premiere_tranche", "au_dela"]


def table(rows: int, seed: int, first: int = 0):
    """An Arrow table of persons with wages, benefits and fractional weights."""
    import pyarrow

    random = numpy.random.default_rng(seed)
    columns = {
        "individu_id": [f"p{rank}" for rank in range(first, first + rows)],
        "date_naissance": numpy.datetime64("2001-01-01") + random.integers(0, 2500, rows),
        "cej_date_signature": numpy.datetime64("2024-09-01") + random.integers(0, 120, rows),
        "cej_situation_fiscale": random.choice(TIERS, rows),
        "poids": random.integers(1, 5000, rows) / 7,
    }
    for month in ("2024-12", "2025-01", "2025-02"):
        wages = numpy.rint(random.gamma(3, 250, rows) * 100) / 100
        columns[f"salaire_net@{month}"] = numpy.where(random.random(rows) < 0.4, wages, 0)
    return pyarrow.table(columns)


def folder(path: Path, parts: int = 3, rows: int = 200, row_group: int = 100) -> Path:
    """A folder of part files of two row groups."""
    import pyarrow.parquet

    path.mkdir()
    for rank in range(parts):
        part = table(rows, rank, rank * rows)
        pyarrow.parquet.write_table(part, path / f"part-{rank}.parquet", row_group_size=row_group)
    return path


def spoil(path: Path) -> bytes:
    """Damage the first data of a Parquet file, whose end stays readable; what it was."""
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 2000 + content[2004:])
    return content


def environment(*folders: Path) -> dict[str, str]:
    """The environment of a process that can import the modules of these folders."""
    path = [*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


@contextlib.contextmanager
def cluster(workers: int):
    """The address of a Dask cluster of processes of this machine."""
    import distributed

    with distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs="CRITICAL",
    ) as running:
        yield running.scheduler_address


def hashes(out: Path) -> dict[str, str]:
    """SHA-256 of every file below a directory, by its name there."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }
