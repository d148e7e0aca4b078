"""Share the pieces of a comparison among the workers of a Dask cluster; only sums come back."""

from dataclasses import dataclass, field
from gettext import gettext as _
from typing import Any

from openfisca_cej.analysis import work
from openfisca_cej.analysis.groups import Characteristics
from openfisca_cej.analysis.sources import Origin, PersonsSlice
from openfisca_cej.analysis.tally import EffectTally
from openfisca_cej.population import jobs, manifest
from openfisca_cej.refusals import InvalidInput


@dataclass(frozen=True)
class SharedWork:
    """What a worker must know: the request, but for the systems, which it builds itself."""

    reform: Any
    reference: Any
    months: range
    characteristics: Characteristics
    threshold: int
    replicates: int
    seed: int
    present: bool
    rates: bool
    environment: dict[str, str] = field(default_factory=manifest.environment)

    def process(
        self, piece: PersonsSlice, folder: None
    ) -> "tuple[int, EffectTally] | jobs.Failure":
        """The number and the tally of a piece."""
        try:
            return piece.number, work.counted(request_of(self), piece, jobs.nothing)
        except (InvalidInput, jobs.BadRequest, OSError) as error:
            reason = str(error).removesuffix("Nothing was written.")
            return jobs.Failure(piece.number, piece.label, reason)


#: The last request of this process: workers count many units of the same job.
REQUESTS: dict[str, work.Request] = {}


def request_of(job: SharedWork) -> work.Request:
    """The request of a job: its systems are built once a process."""
    told = [manifest.reform_content(one) for one in (job.reform, job.reference)]
    key = repr((told, job.months, job.characteristics, job.seed))
    key += repr((job.threshold, job.replicates, job.present, job.rates))
    if key not in REQUESTS:
        REQUESTS.clear()
        REQUESTS[key] = work.request(
            job.reform,
            job.months,
            job.characteristics,
            job.threshold,
            job.replicates,
            job.seed,
            job.present,
            job.rates,
            job.reference,
        )
    return REQUESTS[key]


def gathered(
    request: work.Request,
    reform: Any,
    reference: Any,
    origin: Origin,
    workers: int,
    address: str | None,
    advance: work.Advance,
    kept: work.Tallies,
) -> EffectTally:
    """The tally of a population counted by a cluster: the same as in this process.

    Raises BadRequest when the population is in the memory of this process, or when some pieces
    failed, CannotRake.
    """
    from openfisca_cej.population.cluster import on_cluster

    if origin.kind == "donnees":
        raise jobs.BadRequest(
            _("workers, cluster: a population in memory is not shared. Give a file, or a universe.")
        )
    job: Any = SharedWork(
        reform,
        reference,
        request.months,
        request.characteristics,
        request.threshold,
        request.replicates,
        request.seed,
        request.present,
        request.rates,
    )
    done: dict[int, EffectTally] = {}
    failures: list[str] = []
    left: list[PersonsSlice] = []
    for piece in origin.pieces(request.history):
        if (tally := kept.found(piece.number)) is None:
            left.append(piece)
        else:
            done[piece.number] = tally
            advance(2 * tally.persons * len(request.months))
    results: Any = on_cluster(job, left, None, workers, address) if left else []
    for result in results:
        if isinstance(result, jobs.Failure):
            failures.append(result.reason.strip())
            continue
        number, tally = result
        done[number] = tally
        kept.keep(number, tally)
        advance(2 * tally.persons * len(request.months))
    if failures:
        raise jobs.BadRequest("\n".join(failures))
    whole = EffectTally.empty(request.months, request.replicates)
    for number in sorted(done):
        whole.add(done[number])
    return whole
