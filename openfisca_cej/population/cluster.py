"""Share the units of a run among the workers of a Dask cluster.

The unit of work is the one of ``jobs``: workers read the input and write their parts themselves,
under a temporary name then renamed, so that a unit done twice (a worker killed after its work,
before it could tell) gives the same file. Only totals come back. The folders of the input and of
the results must be the same for every worker, which a shared disk gives. A comparison has units
of its own (``analysis.sources.Piece``): it writes no part, and may draw the persons it counts.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.population import jobs, manifest
from openfisca_cej.population.arrow import library

#: Workers that a unit may take down with it before it is given up.
KILLS = 3

#: Seconds before an address that does not answer is given up.
PATIENCE = 20


def on_cluster(
    job: Any, units: Sequence[Any], folder: Path | None, workers: int, address: str | None
) -> Iterator["jobs.Part | jobs.Failure"]:
    """Have the units done by a cluster: the one at this address, or processes of this machine.

    Raises MissingLibrary or BadRequest. Closes what it started.
    """
    distributed = library("distributed", "cluster")
    with contextlib.ExitStack() as stack:
        if address is None:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="openfisca-cej-"))
            cluster = stack.enter_context(local(distributed, min(workers, len(units)), scratch))
            client = stack.enter_context(distributed.Client(cluster, set_as_default=False))
        else:
            client = stack.enter_context(connected(distributed, address))
        yield from shared(distributed, client, job, units, folder and folder.resolve())


def local(distributed: Any, workers: int, scratch: str) -> Any:
    """A cluster of processes on this machine, one thread each, without a dashboard."""
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=None,
        dashboard_address="127.0.0.1:0",
        local_directory=scratch,
        silence_logs="CRITICAL",
    )


def connected(distributed: Any, address: str) -> Any:
    """A client of the cluster at this address. Raises BadRequest."""
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        told = _(
            "--cluster {address}: no Dask scheduler answers ({error}). Start one (dask scheduler, "
            "then dask worker), or remove --cluster."
        )
        raise jobs.BadRequest(told.format(address=address, error=error)) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        client.close()
        told = _(
            "--cluster {address}: the scheduler has no worker. Start one: dask worker {address}"
        )
        raise jobs.BadRequest(told.format(address=address)) from None
    return client


def shared(
    distributed: Any, client: Any, job: Any, units: Sequence[Any], folder: Path | None
) -> Iterator["jobs.Part | jobs.Failure"]:
    """Submit the units and give back what comes of them; stop at a fatal failure."""
    futures = {client.submit(done_there, job, unit, folder, pure=False): unit for unit in units}
    for future in distributed.as_completed(futures, loop=client.loop):
        unit = futures[future]
        result = came_back(distributed, future, unit)
        yield result
        if isinstance(result, jobs.Failure) and result.fatal:
            client.cancel(list(futures), reason="no unit can be written", force=True)
            return
        future.release()


def came_back(distributed: Any, future: Any, unit: Any) -> "jobs.Part | jobs.Failure":
    """Result of a unit; a unit that kills its workers is a failure, other errors are raised."""
    try:
        return future.result()
    except distributed.KilledWorker:
        reason = (
            f"{unit.label}: {KILLS + 1} workers died while doing it (out of memory?). "
            "Write the input by smaller row groups, or use fewer workers."
        )
        return jobs.Failure(unit.number, unit.label, reason)
    except distributed.CancelledError:
        reason = "the scheduler stopped answering. The same command does the rest"
        return jobs.Failure(unit.number, unit.label, f"{reason}, once it runs again.", fatal=True)
    except ImportError as error:
        reason = f"a worker lacks a library ({error}). Install openfisca-cej[cluster] everywhere."
        return jobs.Failure(unit.number, unit.label, reason, fatal=True)


def done_there(job: Any, unit: Any, folder: Path | None) -> Any:
    """Do a unit on a worker, provided that it has the same model and can see the files."""
    here = manifest.environment()
    differ = sorted(name for name in here if here[name] != job.environment.get(name))
    if differ:
        told = ", ".join(f"{name} {here[name]}, not {job.environment.get(name)}" for name in differ)
        reason = f"a worker has other versions ({told}). Install the same ones everywhere."
        return jobs.Failure(unit.number, unit.label, reason, fatal=True)
    for path in (folder, unit.path):
        if path is not None and not path.exists():
            reason = f"a worker does not see {path}. Use a disk that all the workers share."
            return jobs.Failure(unit.number, unit.label, reason, fatal=True)
    return job.process(unit, folder)
