"""Simulate a population in files, unit by unit: bounded memory, and nothing done twice.

Each unit is read, simulated and written by itself (``jobs``), by threads of this process or by the
workers of a cluster (``stream``); only its totals come back. A source of one unit gives
``out/allocations.csv`` (or ``.parquet``); a larger one gives the folder ``out/allocations`` with
one part file a unit. Both appear only when complete, with ``out/run.json``. Until then the parts
are in a folder of this run alone (see ``run_folder``), each with a sidecar that says what it was
made of: the same command keeps the parts that are complete and still right, and does the rest.

Results do not depend on the number of workers, byte for byte.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.population import manifest, parts, stale
from openfisca_cej.population.jobs import (
    VARIABLES,
    Part,
    RunPlan,
    check,
    computed,
    run_plan,
)
from openfisca_cej.population.output import LAYOUTS
from openfisca_cej.population.parts import Source
from openfisca_cej.population.run_folder import Harmed, RunFolder, alone_in
from openfisca_cej.population.schema import REFUSED, Others
from openfisca_cej.population.stream import THREADS, Advance, Failure, each, nothing
from openfisca_cej.population.summary import Totals
from openfisca_cej.population.table import Population, added_up
from openfisca_cej.refusals import SHOWN, BadRequest, no_access


@dataclass
class RunResult:
    """What a run did: the parts, in order, those that failed, the totals, where it all is.

    ``expected``: how many parts make the whole; ``defaults``: the yearly inputs that were read
    without being given; ``frozen`` counts the person-months that rest on values that the law has
    moved since.
    """

    plan: RunPlan
    path: Path
    expected: int
    totals: Totals
    parts: list[Part]
    failures: list[Failure]
    remarks: list[str]
    defaults: dict[str, set[str]]
    frozen: stale.Counts

    @property
    def complete(self) -> bool:
        """Whether everything is done."""
        return len(self.parts) == self.expected

    @property
    def rows(self) -> int:
        """Rows of results written."""
        return sum(part.rows for part in self.parts)

    @property
    def resumed(self) -> int:
        """Parts found complete."""
        return sum(part.resumed for part in self.parts)


class Incomplete(Exception):
    """A run that could not do everything; its text says what is complete and what failed."""

    def __init__(self, outcome: RunResult) -> None:
        self.outcome = outcome
        super().__init__(incomplete_text(outcome))


class Stopped(KeyboardInterrupt):
    """A run that was interrupted: ``kept`` is the folder of the parts that are complete, if any."""

    def __init__(self, kept: Path | None) -> None:
        self.kept = kept
        super().__init__()


def run(
    source: Path | Source,
    months: range,
    out: Path,
    variables: Sequence[str] = VARIABLES,
    layout: str = LAYOUTS[0],
    format: str = "csv",
    reform: Any = None,
    cluster: str | None = None,
    threads: int = THREADS,
    resume: bool = True,
    advance: Advance = nothing,
    others: Others = REFUSED,
    overwrite: bool = False,
) -> RunResult:
    """Simulate every unit of a source and write the results in ``out``.

    ``threads`` of this process do the work, fewer where units are larger than they should be, for
    memory is what they share; or the workers of a ``cluster``, the address of a Dask scheduler.
    ``reform`` is a class of OpenFisca reform, or a function from a system to a system; ``others``
    says what becomes of the columns that the model does not know; ``overwrite`` lets the results of
    another run be replaced.

    Raises InvalidInput when the source cannot be simulated (nothing is written), Incomplete when
    some units failed, BadRequest, MissingLibrary, OSError when nothing can be written, Stopped when
    it is interrupted.
    """
    if isinstance(source, Path):
        source = parts.open_source(source)
    asked = run_plan(months, variables, layout, format, reform, others)
    check(asked, asked.system)
    units = {asked.fingerprint(unit): unit.number for unit in source.units}
    folder = RunFolder(out, asked, units, given_of(source), made_of(asked, source), overwrite)

    def rest(done: Mapping[int, Part]) -> Generator[Part | Failure]:
        left = [unit for unit in source.units if unit.number not in done]
        at_once = threads * parts.TARGET // max([parts.TARGET, *(unit.held for unit in left)])
        return each(asked, left, folder.working, advance, at_once, cluster)

    remarks = [*source.remarks, *oversized(source)]
    return worked(folder, rest, advance, resume, remarks)


def write_population(
    population: Population,
    plan: RunPlan,
    out: Path,
    name: Any,
    advance: Advance = nothing,
    given: Sequence[Path] = (),
    overwrite: bool = False,
) -> RunResult:
    """Simulate a population and write its results as those of a file of one unit.

    ``name`` tells in the manifest what it is, ``given`` are the files that it was read from.
    Raises BadRequest, Incomplete, OSError, Stopped.
    """
    check(plan, plan.system)
    named = (0, manifest.fingerprint([plan.identity(), name]))
    folder = RunFolder(out, plan, {named[1]: 0}, given, made_of(plan, name), overwrite)

    def rest(done: Mapping[int, Part]) -> Generator[Part | Failure]:
        if not done:
            yield computed(plan, named, folder.working, iter([population]), advance)

    return worked(folder, rest, advance, in_parts=False)


def worked(
    folder: RunFolder,
    rest: Callable[[Mapping[int, Part]], Generator[Part | Failure]],
    advance: Advance,
    resume: bool = True,
    remarks: Sequence[str] = (),
    in_parts: bool = True,
) -> RunResult:
    """Do in a folder what is not done, which ``rest`` gives, and put the whole in place."""
    folder.spare_the_input()
    folder.spare_the_rest()
    with alone_in(folder.working, folder.out):
        done = folder.find_done() if resume else {}
        folder.spare_other_runs()
        for part in done.values():
            advance(folder.plan.person_months(part))
        folder.prepare(done)
        failures: list[Failure] = []
        try:
            try:
                with closing(rest(dict(done))) as results:
                    for result in results:
                        if isinstance(result, Failure):
                            failures.append(result)
                        else:
                            done[result.number] = result
            finally:
                folder.tidy()
            outcome = summarised(folder, done, failures, remarks)
            if not outcome.complete:
                raise Incomplete(outcome)
            if not folder.finished:
                put_in_place(folder, outcome, in_parts)
        except KeyboardInterrupt:
            raise Stopped(folder.kept()) from None
    return outcome


def put_in_place(folder: RunFolder, outcome: RunResult, in_parts: bool) -> None:
    """Put complete results where they go. Raises Incomplete when it cannot be done."""
    try:
        folder.finish(outcome.parts, lambda: manifest_of(folder, outcome, in_parts))
        return
    except Harmed as error:
        outcome.parts = [part for part in outcome.parts if part.number not in error.numbers]
        reason = f"{folder.working}: part {error} is not what was written any more."
    except BadRequest as error:
        reason = str(error)
    except OSError as error:
        reason = f"{no_access(folder.out, error)}."
    outcome.path = folder.working
    outcome.failures.append(Failure(-1, str(folder.out), reason, fatal=True))
    raise Incomplete(outcome)


def manifest_of(folder: RunFolder, outcome: RunResult, in_parts: bool) -> dict[str, Any]:
    """The manifest of a run, which tells its parts if it is one that may have several."""
    parts = [part.to_json() for part in outcome.parts]
    of_one = ("sha256", "remarks", "defaults")
    return {
        **folder.made_of,
        "results": outcome.path.name,
        "rows": outcome.rows,
        **({} if in_parts else {name: parts[0][name] for name in of_one}),
        "totals": outcome.totals.to_json(),
        "frozen": stale.to_json(outcome.frozen),
        **({"parts": parts} if in_parts else {}),
    }


def given_of(source: Source) -> list[Path]:
    """The file, the folder or the files that a source is made of."""
    return [source.path] if source.path.exists() else [file.path for file in source.files]


def files_of(source: Source) -> list[dict[str, Any]]:
    """What a manifest says of the files of a source."""
    return [{"file": file.name, "size": file.size, "sha256": file.sha256} for file in source.files]


def files_of_both(persons: Source, monthly: Source) -> list[dict[str, Any]]:
    """What a manifest says of the files of the long format."""
    return [*files_of(persons), *({**file, "monthly": True} for file in files_of(monthly))]


def made_of(plan: RunPlan, source: Any) -> dict[str, Any]:
    """The part of a manifest that tells what results were made of: files, or what is told."""
    identity = plan.identity()
    return {
        "versions": identity["environment"],
        "law": manifest.law_dates(plan.system),
        **{name: identity[name] for name in ("months", "variables", "layout", "format", "reform")},
        **({"keep": identity["keep"]} if plan.others.keep else {}),
        **({"ignore_unknown": True} if plan.others.ignore else {}),
        "input": files_of(source) if isinstance(source, Source) else source,
    }


# The end of a run.


def summarised(
    folder: RunFolder, done: dict[int, Part], failures: list[Failure], remarks: Sequence[str]
) -> RunResult:
    """The outcome of a run."""
    complete = [done[number] for number in sorted(done)]
    defaults: dict[str, set[str]] = {}
    for part in complete:
        for name, years in part.defaults.items():
            defaults.setdefault(name, set()).update(years)
    expected = len(folder.units)
    return RunResult(
        folder.plan,
        folder.path if len(complete) == expected else folder.working,
        expected,
        Totals.gathered(folder.plan.months, [part.totals for part in complete]),
        complete,
        sorted(failures, key=lambda failure: failure.number),
        [*remarks, *added_up(part.remarks for part in complete)],
        defaults,
        stale.gathered(part.frozen for part in complete),
    )


def oversized(source: Source) -> list[str]:
    """A remark on the units that take too much memory."""
    largest = max(source.units, key=lambda unit: unit.held)
    if largest.held <= 2 * parts.TARGET:
        return []
    problem = f"{largest.name} has a row group of {largest.held} rows: memory for one thread only"
    return [f"{problem}. Write smaller row groups, of at most {parts.TARGET} rows."]


def incomplete_text(outcome: RunResult) -> str:
    """What a run that could not do everything says."""
    reasons = dict.fromkeys(failure.reason.strip() for failure in outcome.failures)
    lines = [line for reason in reasons for line in reason.splitlines()]
    if len(lines) > SHOWN:
        lines[SHOWN:] = [_("… and {more} more lines.").format(more=len(lines) - SHOWN)]
    if not outcome.parts:
        return "\n".join([*lines, _("Nothing was written.")])
    lines.append(
        _("{done} of {whole} parts are complete and kept in {path}.").format(
            done=len(outcome.parts), whole=outcome.expected, path=outcome.path
        )
    )
    lines.append(_("Once this is put right, the same command does the rest."))
    return "\n".join(lines)
