"""Keep what is counted of a comparison until it is written: interrupted, it goes on where it was.

Each piece has a file, which says all that its sums depend on, in a folder of this comparison alone:
the same command finds them again, and any other has a folder of its own.
"""

import contextlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej.analysis.sources import Origin
from openfisca_cej.analysis.tally import EffectTally, Sums
from openfisca_cej.analysis.work import Request
from openfisca_cej.population import atomic, manifest, stale
from openfisca_cej.population.run import Stopped
from openfisca_cej.population.run_folder import alone_in
from openfisca_cej.population.table import counted, with_counts

STEM = "comparaison"


class KeptTallies:
    """The tallies of the pieces that are counted already; without a folder, none is kept."""

    def __init__(self, request: Request, folder: Path | None = None, made_of: str = "") -> None:
        self.request = request
        self.folder = folder
        self.made_of = made_of

    def path(self, number: int) -> Path:
        """The file of a piece."""
        return (self.folder or Path()) / f"piece-{number:05d}.npz"

    def found(self, number: int) -> EffectTally | None:
        """The tally of a piece; None when it has to be counted."""
        if self.folder is None:
            return None
        try:
            with numpy.load(self.path(number), allow_pickle=False) as file:
                told = str(file["made_of"]) == self.made_of
                return tally_of(dict(file), self.request) if told else None
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            return None

    def keep(self, number: int, tally: EffectTally) -> None:
        """Keep the tally of a piece. Raises OSError."""
        if self.folder is not None:
            with atomic.whole(self.path(number)) as temporary, temporary.open("wb") as file:
                arrays: dict[str, Any] = arrays_of(tally, self.request)
                numpy.savez(file, made_of=numpy.array(self.made_of), **arrays)


@contextlib.contextmanager
def at_work(
    out: Path | None,
    request: Request,
    reforms: Sequence[dict[str, Any] | None],
    origin: Origin,
    done: list[Path] | None = None,
) -> Iterator[KeptTallies]:
    """Where the tallies of a comparison are kept; nowhere without a folder of results.

    ``reforms`` are their contents. What is kept is removed once all is done; where it is one of
    several comparisons, its folder is put into ``done``, to be removed with theirs. Raises
    BadRequest when the same comparison is being done already, Stopped when it is interrupted,
    OSError.
    """
    if out is None or not (origin.files or origin.parameters):
        yield KeptTallies(request)
        return
    places = [file.get("path") for file in origin.files] or origin.parameters
    asked = (request.months, request.characteristics, request.threshold, request.replicates)
    told = [
        repr(asked),
        request.seed,
        request.present,
        request.rates,
        *reforms,
    ]
    made_of = manifest.fingerprint([*told, origin.files, origin.parameters, manifest.environment()])
    key = manifest.fingerprint([*told, places])[:12]
    folder = out / f"{STEM}.{key}.partial"
    with alone_in(folder, out):
        try:
            yield KeptTallies(request, folder, made_of)
        except KeyboardInterrupt:
            left = [one for one in (folder, *(done or ())) if any(one.glob("piece-*"))]
            raise Stopped(next(iter(left), None)) from None
        if done is None:
            shutil.rmtree(folder)
        else:
            done.append(folder)


# Tallies as arrays.


def arrays_of(tally: EffectTally, request: Request) -> dict[str, NDArray[Any]]:
    """All that a tally holds, as arrays; what is not one is in a text of JSON."""
    every = [tally.whole, *tally.groups.values()]
    content = {
        "persons": tally.persons,
        "weighted": tally.weighted,
        "places": list(tally.groups),
        "baseline": [sums.baseline for sums in every],
        "difference": [sums.difference for sums in every],
        "living": len(tally.living),
        "negative": tally.negative,
        "remarks": tally.remarks,
        "counted": counted(tally.remarks),
        "defaults": {name: sorted(years) for name, years in tally.defaults.items()},
        "missing": {name: sorted(months) for name, months in tally.missing.items()},
        "concerned": [tally.concerned.get(need, 0) for need in request.needs],
        "frozen": stale.to_json(tally.frozen),
    }
    text = json.dumps(content).encode()
    found: dict[str, NDArray[Any]] = {"content": numpy.frombuffer(text, numpy.uint8)}
    found["rates"] = tally.rates
    for rank, sums in enumerate(every):
        found[f"supports-{rank}"] = sums.supports
        found[f"replicates-{rank}"] = sums.replicates
    return found | {f"living-{rank}": rows for rank, rows in enumerate(tally.living)}


def tally_of(arrays: dict[str, NDArray[Any]], request: Request) -> EffectTally:
    """The tally that these arrays hold. Raises KeyError, TypeError, ValueError."""
    content = json.loads(arrays["content"].tobytes())
    tally = EffectTally.empty(request.months, request.replicates)
    every = [
        Sums(baseline, difference, arrays[f"supports-{rank}"], arrays[f"replicates-{rank}"],
             Sums.empty(len(baseline), 0).draws)
        for rank, (baseline, difference) in enumerate(
            zip(content["baseline"], content["difference"], strict=True)
        )
    ]  # fmt: skip
    tally.whole = every[0]
    tally.groups = {
        (name, key): sums for (name, key), sums in zip(content["places"], every[1:], strict=True)
    }
    tally.persons, tally.weighted = content["persons"], content["weighted"]
    tally.living = [arrays[f"living-{rank}"] for rank in range(content["living"])]
    tally.negative = content["negative"]
    tally.rates = arrays["rates"]
    tally.remarks = with_counts(content["remarks"], content["counted"])
    tally.defaults = {name: set(years) for name, years in content["defaults"].items()}
    tally.missing = {name: set(months) for name, months in content["missing"].items()}
    tally.concerned = dict(zip(request.needs, content["concerned"], strict=True))
    tally.frozen = stale.gathered([content["frozen"]])
    return tally
