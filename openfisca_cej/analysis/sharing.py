"""Share the pieces of a comparison among the workers of a Dask cluster; only sums come back."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from openfisca_cej.analysis import work
from openfisca_cej.analysis.groups import Characteristics
from openfisca_cej.analysis.sources import Origin, Piece, loaded
from openfisca_cej.analysis.tally import Tally
from openfisca_cej.population import manifest, run
from openfisca_cej.population.faults import InvalidInput
from openfisca_cej.population.parts import Unit


@dataclass(frozen=True)
class Job:
    """What a worker must know: the request, but for the systems, which it builds itself."""

    reform: Any
    months: range
    characteristics: Characteristics
    threshold: int
    replicates: int
    seed: int
    numbered: bool
    attributes: Path | None
    environment: dict[str, str] = field(default_factory=manifest.environment)

    def process(self, unit: Unit, folder: Path) -> "tuple[int, Tally] | run.Failure":
        """The number and the tally of a unit."""
        piece = Piece(unit.number, partial(loaded, unit, self.numbered, self.attributes))
        try:
            return unit.number, work.counted(request_of(self), piece, run.nothing)
        except (InvalidInput, run.BadRequest, OSError) as error:
            reason = str(error).removesuffix("Nothing was written.")
            return run.Failure(unit.number, unit.label, reason)


#: The last request of this process: workers count many units of the same job.
REQUESTS: dict[str, work.Request] = {}


def request_of(job: Job) -> work.Request:
    """The request of a job: its systems are built once a process."""
    key = repr((manifest.reform_content(job.reform), job.months, job.characteristics, job.seed))
    key += repr((job.threshold, job.replicates))
    if key not in REQUESTS:
        REQUESTS.clear()
        REQUESTS[key] = work.request(
            job.reform, job.months, job.characteristics, job.threshold, job.replicates, job.seed
        )
    return REQUESTS[key]


def gathered(
    request: work.Request,
    reform: Any,
    origin: Origin,
    workers: int,
    address: str | None,
    advance: work.Advance,
) -> Tally:
    """The tally of a population in files, counted by a cluster: the same as in this process.

    Raises BadRequest when the population is not in files, or when some units failed.
    """
    from openfisca_cej.population.cluster import on_cluster

    if origin.source is None:
        raise run.BadRequest("--workers and --cluster share a population in files: --population.")
    job: Any = Job(
        reform,
        request.months,
        request.characteristics,
        request.threshold,
        request.replicates,
        request.seed,
        origin.source.numbered,
        origin.attributes_file,
    )
    here = origin.source.files[0].path.parent
    done: dict[int, Tally] = {}
    failures: list[str] = []
    results: Any = on_cluster(job, origin.source.units, here, workers, address)
    for result in results:
        if isinstance(result, run.Failure):
            failures.append(result.reason.strip())
            continue
        number, tally = result
        done[number] = tally
        advance(2 * tally.persons * len(request.months))
    if failures:
        raise run.BadRequest("\n".join(failures))
    whole = Tally.empty(request.months, request.replicates)
    for number in sorted(done):
        whole.add(done[number])
    return whole
