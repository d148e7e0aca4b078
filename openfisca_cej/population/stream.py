"""Do the units of some work side by side: what is simulated, and what is compared.

Units are done by threads of this process, or by the workers of a Dask cluster; what comes of them
comes in any order. One failure is no reason to stop, unless no other unit could be done either.

Workers of a cluster read the input and write their parts themselves, under a temporary name then
renamed, so that a unit done twice (a worker killed after its work, before it could tell) gives the
same file; only totals come back. The folders must be the same for all of them: a shared disk.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from openfisca_cej.population import manifest
from openfisca_cej.population.arrow import library
from openfisca_cej.refusals import BadRequest

#: Threads by default: two hold the memory under 1 GB whatever the size of the source.
THREADS = 2

#: Workers that a unit may take down with it before it is given up.
KILLS = 3

#: Seconds before an address that does not answer is given up.
PATIENCE = 20

Advance = Callable[[int], None]


def nothing(person_months: int) -> None:
    """Tell nobody about the progress."""


@dataclass(frozen=True)
class Failure:
    """A unit that could not be done; ``fatal``: no other one could be."""

    number: int
    name: str
    reason: str
    fatal: bool = False


class Job(Protocol):
    """What is asked of each unit, and all that a worker elsewhere must know to do it."""

    environment: dict[str, str]

    def process(self, unit: Any, folder: Path | None, advance: Advance = nothing) -> Any:
        """What comes of a unit, or a Failure; other errors stop everything."""

    def person_months(self, result: Any) -> int:
        """How much of the work is done with this."""


def each(
    job: Any,
    units: Sequence[Any],
    folder: Path | None,
    advance: Advance,
    threads: int = THREADS,
    cluster: str | None = None,
) -> Generator[Any]:
    """What comes of each unit; ``cluster`` is the address of a Dask scheduler.

    Raises what a unit raises, and MissingLibrary or BadRequest where there is no such cluster.
    """
    if cluster is None or not units:
        yield from in_threads(job, units, folder, advance, threads)
        return
    for result in on_cluster(job, units, folder, cluster):
        if not isinstance(result, Failure):
            advance(job.person_months(result))
        yield result


def in_threads(
    job: Job, units: Sequence[Any], folder: Path | None, advance: Advance, threads: int
) -> Iterator[Any]:
    """Have the units done by threads of this process; stop at a fatal failure."""
    if threads <= 1 or len(units) <= 1:
        for unit in units:
            result = job.process(unit, folder, advance)
            yield result
            if is_fatal(result):
                return
        return
    stopped, errors = Event(), list[BaseException]()

    def step(person_months: int) -> None:
        if stopped.is_set():
            raise CancelledError
        advance(person_months)

    def task(unit: Any) -> Any:
        step(0)
        result = job.process(unit, folder, step)
        if is_fatal(result):
            stopped.set()
        return result

    with ThreadPoolExecutor(min(threads, len(units))) as pool:
        try:
            for future in as_completed([pool.submit(task, unit) for unit in units]):
                if (error := future.exception()) is None:
                    yield future.result()
                elif not isinstance(error, CancelledError):
                    stopped.set()  # What is complete already comes all the same.
                    errors.append(error)
        finally:
            stopped.set()
    for error in errors:
        raise error


def is_fatal(result: Any) -> bool:
    """Whether no other unit could be done."""
    return isinstance(result, Failure) and result.fatal


# On a cluster.


def on_cluster(job: Any, units: Sequence[Any], folder: Path | None, address: str) -> Iterator[Any]:
    """Have the units done by the cluster of this address. Raises MissingLibrary or BadRequest."""
    distributed = library("distributed", "cluster")
    with connected(distributed, address) as client:
        yield from shared(distributed, client, job, units, folder and folder.resolve())


def connected(distributed: Any, address: str) -> Any:
    """A client of the cluster at this address. Raises BadRequest."""
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        told = _(
            "--cluster {address}: no Dask scheduler answers ({error}). Start one (dask scheduler, "
            "then dask worker), or remove --cluster."
        )
        raise BadRequest(told.format(address=address, error=error)) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        client.close()
        told = _(
            "--cluster {address}: the scheduler has no worker. Start one: dask worker {address}"
        )
        raise BadRequest(told.format(address=address)) from None
    return client


def shared(
    distributed: Any, client: Any, job: Any, units: Sequence[Any], folder: Path | None
) -> Iterator[Any]:
    """Submit the units and give back what comes of them; stop at a fatal failure."""
    futures = {client.submit(done_there, job, unit, folder, pure=False): unit for unit in units}
    for future in distributed.as_completed(futures, loop=client.loop):
        unit = futures[future]
        result = came_back(distributed, future, unit)
        yield result
        if is_fatal(result):
            client.cancel(list(futures), reason="no unit can be written", force=True)
            return
        future.release()


def came_back(distributed: Any, future: Any, unit: Any) -> Any:
    """Result of a unit; a unit that kills its workers is a failure, other errors are raised."""
    try:
        return future.result()
    except distributed.KilledWorker:
        reason = (
            f"{unit.label}: {KILLS + 1} workers died while doing it (out of memory?). "
            "Write the input by smaller row groups, or use fewer workers."
        )
        return Failure(unit.number, unit.label, reason)
    except distributed.CancelledError:
        reason = "the scheduler stopped answering. The same command does the rest"
        return Failure(unit.number, unit.label, f"{reason}, once it runs again.", fatal=True)
    except ImportError as error:
        reason = f"a worker lacks a library ({error}). Install openfisca-cej[cluster] everywhere."
        return Failure(unit.number, unit.label, reason, fatal=True)


def done_there(job: Any, unit: Any, folder: Path | None) -> Any:
    """Do a unit on a worker, provided that it has the same model and can see the files."""
    here = manifest.environment()
    differ = sorted(name for name in here if here[name] != job.environment.get(name))
    if differ:
        told = ", ".join(f"{name} {here[name]}, not {job.environment.get(name)}" for name in differ)
        reason = f"a worker has other versions ({told}). Install the same ones everywhere."
        return Failure(unit.number, unit.label, reason, fatal=True)
    for path in (folder, unit.path):
        if path is not None and not path.exists():
            reason = f"a worker does not see {path}. Use a disk that all the workers share."
            return Failure(unit.number, unit.label, reason, fatal=True)
    return job.process(unit, folder)
