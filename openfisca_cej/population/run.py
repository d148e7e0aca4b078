"""Simulate a population in files, unit by unit: bounded memory, and nothing done twice.

Each unit is read, simulated and written by itself (``process``), by threads of this process or by
the workers of a cluster; only its totals come back. A source of one unit gives
``out/allocations.csv`` (or ``.parquet``); a larger one gives the folder ``out/allocations`` with
one part file a unit. Both appear only when complete, with ``out/run.json``. Until then the parts
are in ``out/allocations.partial``, each with a sidecar that says what it was made of: the same
command keeps the parts that are complete and still right, and does the rest.

Results do not depend on the number of workers, byte for byte.
"""

import contextlib
import difflib
import errno
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

import openfisca_cej
from openfisca_cej.population import arrow, engine, manifest, parts
from openfisca_cej.population.csv_reader import read_csv
from openfisca_cej.population.faults import ROWS, SHOWN, Faults, InvalidInput
from openfisca_cej.population.months import month_text
from openfisca_cej.population.output import LAYOUTS, checked_layout, result_file
from openfisca_cej.population.parquet_reader import readable
from openfisca_cej.population.parts import Source, Unit
from openfisca_cej.population.schema import RESULT, Schema
from openfisca_cej.population.sheet import Sheet, build
from openfisca_cej.population.summary import RUNNING, Totals
from openfisca_cej.population.table import Population

VARIABLES = ("cej_en_cours", "cej_montant_forfaitaire", "cej_allocation")
FORMATS = ("csv", "parquet")

STEM = "allocations"
PARTIAL = f"{STEM}.partial"

#: Threads by default: two hold the memory under 1 GB whatever the size of the source.
THREADS = 2

#: Persons simulated together: a quarter of a unit, so that two threads stay well under 1 GB.
CHUNK = parts.TARGET // 4

#: What no other unit could write either.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}

Advance = Callable[[int], None]


def nothing(person_months: int) -> None:
    """Tell nobody about the progress."""


@dataclass(frozen=True)
class Job:
    """What is computed from each unit, and how it is written: all that a worker must know."""

    months: range
    variables: tuple[str, ...] = VARIABLES
    layout: str = LAYOUTS[0]
    format: str = "csv"
    reform: Any = None
    numbered: bool = True
    environment: dict[str, str] = field(default_factory=manifest.environment)

    @property
    def computed(self) -> tuple[str, ...]:
        """The variables written, and those that the totals need."""
        return tuple(dict.fromkeys((*self.variables, RUNNING, RESULT)))

    @property
    def lines(self) -> int:
        """Rows of results of a person."""
        return len(self.months) if self.layout == LAYOUTS[0] else 1

    def identity(self) -> dict[str, Any]:
        """What the results of any unit depend on."""
        return {
            "environment": self.environment,
            "months": [month_text(month) for month in self.months],
            "variables": self.variables,
            "layout": self.layout,
            "format": self.format,
            "reform": manifest.reform_content(self.reform),
            "numbered": self.numbered,
        }

    def process(self, unit: Unit, folder: Path) -> "Part | Failure":
        """Do a unit: what a worker is asked."""
        return process(self, unit, folder)

    def fingerprint(self, unit: Unit) -> str:
        """What the results of a unit depend on, in one word."""
        made_of = unit.identity()
        if self.numbered:
            made_of.pop("first")
        return parts.fingerprint([self.identity(), made_of])


@dataclass
class Part:
    """A unit that is done: its file, what it holds, and what was told on the way."""

    number: int
    file: str
    rows: int
    size: int
    sha256: str
    fingerprint: str
    totals: dict[str, Any]
    remarks: list[str] = field(default_factory=list)
    defaults: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    resumed: bool = False

    def told(self) -> dict[str, Any]:
        """What the sidecar and the manifest keep: nothing that changes from run to run."""
        kept = ("number", "file", "rows", "size", "sha256", "fingerprint", "totals")
        return {name: getattr(self, name) for name in (*kept, "remarks", "defaults")}


@dataclass(frozen=True)
class Failure:
    """A unit that could not be done; ``fatal``: no other one could be."""

    number: int
    name: str
    reason: str
    fatal: bool = False


@dataclass
class Outcome:
    """What a run did: the parts, in order, those that failed, the totals, where it all is."""

    source: Source
    job: Job
    path: Path
    totals: Totals
    parts: list[Part]
    failures: list[Failure]
    remarks: list[str]
    defaults: dict[str, set[str]]

    @property
    def complete(self) -> bool:
        """Whether everything is done."""
        return len(self.parts) == len(self.source.units)

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

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(incomplete_text(outcome))


class BadRequest(ValueError):
    """Something that cannot be asked, or a cluster that cannot be used; its text says why."""


def job(
    months: range,
    variables: Sequence[str] = VARIABLES,
    layout: str = LAYOUTS[0],
    format: str = "csv",
    reform: Any = None,
    numbered: bool = True,
) -> Job:
    """The job of these parameters. Raises BadRequest."""
    try:
        layout = checked_layout(layout)
    except ValueError as error:
        raise BadRequest(f"layout: {error}.") from None
    if format not in FORMATS:
        raise BadRequest(f"format: « {format} » is not one of {', '.join(FORMATS)}.")
    return Job(months, tuple(variables), layout, format, reform, numbered)


def run(
    source: Path | Source,
    months: range,
    out: Path,
    variables: Sequence[str] = VARIABLES,
    layout: str = LAYOUTS[0],
    format: str = "csv",
    reform: Any = None,
    workers: int = 1,
    cluster: str | None = None,
    threads: int = THREADS,
    resume: bool = True,
    advance: Advance = nothing,
) -> Outcome:
    """Simulate every unit of a source and write the results in ``out``.

    ``workers`` above 1 starts as many processes (Dask); ``cluster`` is the address of a Dask
    scheduler; otherwise ``threads`` of this process do the work. ``reform`` is a class of
    OpenFisca reform, or a function from a system to a system.

    Raises InvalidInput when the source cannot be simulated (nothing is written), Incomplete when
    some units failed, BadRequest, MissingLibrary, OSError when nothing can be written.
    """
    if isinstance(source, Path):
        source = parts.open_source(source)
    asked = job(months, variables, layout, format, reform, source.numbered)
    check(asked, system_of(asked))
    place = Place(out, source, asked)
    place.spare_the_input()
    place.spare_the_rest()
    done = place.find_done() if resume else {}
    left = [unit for unit in source.units if unit.number not in done]
    for part in done.values():
        advance(part.totals["persons"] * len(months))
    failures: list[Failure] = []
    if left:
        place.prepare(done)
        try:
            for result in dispatch(asked, left, place.working, workers, cluster, threads, advance):
                if isinstance(result, Failure):
                    failures.append(result)
                else:
                    done[result.number] = result
        finally:
            place.tidy()
    outcome = summarised(source, asked, place, done, failures)
    if not outcome.complete:
        raise Incomplete(outcome)
    if not place.finished:
        try:
            place.finish(outcome)
        except OSError as error:
            outcome.failures.append(Failure(-1, str(out), why(out, error), fatal=True))
            raise Incomplete(outcome) from None
    return outcome


def check(job: Job, system: TaxBenefitSystem) -> None:
    """Refuse what cannot be asked. Raises BadRequest."""
    if job.format == "parquet":
        parts.parquet()
    person = system.person_entity.key
    for name in job.variables:
        variable = system.variables.get(name)
        if variable is None:
            near = difflib.get_close_matches(name, system.variables, n=1)
            meant = f" (did you mean « {near[0]} »?)" if near else ""
            raise BadRequest(f"variables: « {name} » is not a variable of the model{meant}.")
        if variable.entity.key != person or variable.definition_period != "month":
            raise BadRequest(f"variables: {name} is not a monthly variable of {person}.")


def dispatch(
    job: Job,
    units: Sequence[Unit],
    folder: Path,
    workers: int,
    cluster: str | None,
    threads: int,
    advance: Advance,
) -> Iterator[Part | Failure]:
    """Have the units done, here or elsewhere; results come in any order."""
    if cluster is None and workers <= 1:
        yield from in_threads(job, units, folder, threads, advance)
        return
    from openfisca_cej.population.cluster import on_cluster

    for result in on_cluster(job, units, folder, workers, cluster):
        if isinstance(result, Part):
            advance(result.totals["persons"] * len(job.months))
        yield result


def in_threads(
    job: Job, units: Sequence[Unit], folder: Path, threads: int, advance: Advance
) -> Iterator[Part | Failure]:
    """Do the units in threads of this process; stop at a fatal failure.

    Fewer threads work when units are larger than they should be: memory is what they share.
    """
    threads = threads * parts.TARGET // max(parts.TARGET, *(unit.count for unit in units))
    if threads <= 1 or len(units) == 1:
        for unit in units:
            result = process(job, unit, folder, advance)
            yield result
            if isinstance(result, Failure) and result.fatal:
                return
        return
    stopped = threading.Event()

    def task(unit: Unit) -> Part | Failure | None:
        if stopped.is_set():
            return None
        result = process(job, unit, folder, advance)
        if isinstance(result, Failure) and result.fatal:
            stopped.set()
        return result

    with ThreadPoolExecutor(min(threads, len(units))) as pool:
        try:
            for future in as_completed([pool.submit(task, unit) for unit in units]):
                done = future.result()
                if done is not None:
                    yield done
        finally:
            stopped.set()


# One unit.


def process(job: Job, unit: Unit, folder: Path, advance: Advance = nothing) -> Part | Failure:
    """Read, simulate and write one unit; its sidecar comes last."""
    clock = Clock()
    try:
        population = load(job, unit)
    except InvalidInput as error:
        return Failure(unit.number, unit.label, str(error).removesuffix("Nothing was written."))
    except (OSError, ValueError, NotImplementedError) as error:  # PyArrow's are among them.
        reason = f"{unit.label}: it cannot be read ({parts.short(error)})."
        return Failure(unit.number, unit.label, f"{reason} Replace this file.")
    clock.lap("read")
    try:
        return computed(job, unit, folder, population, advance, clock)
    except OSError as error:
        return Failure(unit.number, unit.label, why(folder, error), error.errno in FULL)


def why(folder: Path, error: OSError) -> str:
    """Why a folder cannot be written, in a sentence."""
    full = error.errno == errno.ENOSPC
    return f"{folder}: {'the disk is full' if full else error.strerror or parts.short(error)}."


def load(job: Job, unit: Unit) -> Population:
    """The persons of a unit."""
    system = system_of(job)
    if unit.format == "csv":
        population = read_named(unit, system, job.months)
    else:
        population = read_unit(unit, system, job.months)
    if not job.numbered and unit.first:
        ranks = range(unit.first + 1, unit.first + population.count + 1)
        population.ids = [str(rank) for rank in ranks]
    return population


def read_named(unit: Unit, system: TaxBenefitSystem, months: range) -> Population:
    """The persons of a CSV part; its faults name it within its folder. Raises InvalidInput."""
    try:
        return read_csv(unit.path, system, months)
    except InvalidInput as error:
        for faults in error.sources:
            faults.source = unit.name
        raise InvalidInput(*error.sources) from None


def read_unit(unit: Unit, system: TaxBenefitSystem, months: range) -> Population:
    """The persons of a unit of a Parquet file. Raises InvalidInput with all its faults."""
    with readable(unit.name):
        table = parts.read_rows(unit)
    sheet = Sheet(Schema(system), Faults(unit.name, ROWS))
    sheet.lines = range(unit.place + 1, unit.place + 1 + table.num_rows)
    arrow.read_table(table, sheet)
    del table
    population = build(sheet, months)
    sheet.faults.raise_if_any()
    return population


def computed(
    job: Job,
    unit: Unit,
    folder: Path,
    population: Population,
    advance: Advance,
    clock: "Clock",
) -> Part:
    """Simulate and write the persons of a unit, then its sidecar."""
    system = system_of(job)
    totals, report = Totals(job.months, population.weights), engine.Report()
    path = folder / part_name(unit.number, job.format)
    with result_file(path, system, population, job.months, job.variables, job.layout) as file:
        for block in engine.simulate(
            system, population, job.months, job.computed, CHUNK, advance, report
        ):
            clock.lap("simulate")
            totals.add(block)
            clock.lap("total")
            file.add(block)
            clock.lap("write")
    clock.lap("write")
    part = Part(
        unit.number,
        path.name,
        population.count * job.lines,
        path.stat().st_size,
        manifest.file_hash(path),
        job.fingerprint(unit),
        totals.told(),
        list(population.remarks),
        {name: sorted(years) for name, years in sorted(report.defaults.items()) if years},
    )
    write_json(sidecar(path), part.told())
    clock.lap("hash")
    part.seconds = clock.seconds
    return part


class Clock:
    """Seconds spent in each step, for the benchmark."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Count the time since the last call as spent in a step."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self.last
        self.last = now


def system_of(job: Job) -> TaxBenefitSystem:
    """The system of a job: one a process and reform, whatever the number of units."""
    key = parts.fingerprint(manifest.reform_content(job.reform))
    with LOCK:  # Two threads must not build the same system at the same time.
        if key not in SYSTEMS:
            SYSTEMS.clear()
            system = openfisca_cej.CountryTaxBenefitSystem()
            SYSTEMS[key] = system if job.reform is None else job.reform(system)
        return SYSTEMS[key]


LOCK = threading.Lock()
SYSTEMS: dict[str, TaxBenefitSystem] = {}


def part_name(number: int, format: str) -> str:
    """Name of the file of results of a unit."""
    return f"part-{number:05d}.{format}"


def is_ours(path: Path) -> bool:
    """Whether the file has the name of a part, of its sidecar or of one being written."""
    return path.is_file() and path.name.lstrip(".").startswith("part-")


def sidecar(path: Path) -> Path:
    """The file that says what a part was made of: hidden, so that no reader takes it for data."""
    return path.with_name(f".{path.name}.json")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a small file whole or not at all."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=2)
            file.write("\n")
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """Content of a small file; empty when it is absent or unreadable."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, RecursionError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


# The output directory.


class Place:
    """Where a run writes: its parts while it works, its results when they are complete."""

    def __init__(self, out: Path, source: Source, job: Job) -> None:
        self.out = out
        self.source = source
        self.job = job
        self.single = len(source.units) == 1
        self.working = out / PARTIAL
        self.path = out / (f"{STEM}.{job.format}" if self.single else STEM)
        self.manifest = out / manifest.NAME
        self.existed = out.exists()
        self.finished = False

    def spare_the_input(self) -> None:
        """Refuse to replace the input by the results. Raises BadRequest."""
        given = self.source.path.resolve()
        for path in (self.working, self.path):
            if given.is_relative_to(path.resolve()) or path.resolve().is_relative_to(given):
                raise BadRequest(f"{path} would replace the input or lie in it: choose another.")

    def spare_the_rest(self) -> None:
        """Refuse to replace a folder that no run made. Raises BadRequest."""
        for folder in (self.path, self.working):
            others = folder.is_dir() and [path for path in folder.iterdir() if not is_ours(path)]
            if others:
                raise BadRequest(
                    f"{folder} holds {others[0].name}, which no simulation wrote: it would be "
                    "removed. Choose another --out, or move it."
                )

    def find_done(self) -> dict[int, Part]:
        """The parts that are complete, made of the same input in the same way, and unharmed."""
        content = read_json(self.manifest)
        found = self._unharmed(content.get("parts", []), self.out if self.single else self.path)
        if self._all(found):
            self.finished = content.get("results") == self.path.name
            return found
        found = self._told_beside(self.path)
        return found if self._all(found) else self._told_beside(self.working)

    def _all(self, found: dict[int, Part]) -> bool:
        return len(found) == len(self.source.units)

    def _told_beside(self, folder: Path) -> dict[int, Part]:
        """The parts of a folder that have a sidecar."""
        sidecars = (sidecar(folder / self._name(unit)) for unit in self.source.units)
        return self._unharmed([read_json(path) for path in sidecars], folder)

    def _name(self, unit: Unit) -> str:
        return part_name(unit.number, self.job.format)

    def _unharmed(self, told: list[dict[str, Any]], folder: Path) -> dict[int, Part]:
        wanted: dict[Any, Unit] = {self.job.fingerprint(unit): unit for unit in self.source.units}
        found = {}
        for content in told:
            unit = wanted.get(content.get("fingerprint"))
            if unit is None:
                continue
            part = Part(**content, resumed=True)
            path = folder / part.file
            if path.is_file() and manifest.file_hash(path) == part.sha256:
                found[unit.number] = part
        return found

    def prepare(self, done: dict[int, Part]) -> None:
        """Make the folder of work; remove from it what this run did not make."""
        self.working.mkdir(parents=True, exist_ok=True)
        kept = {self.working / part.file for part in done.values()}
        kept |= {sidecar(path) for path in kept}
        for path in self.working.iterdir():
            if path not in kept:
                path.unlink()

    def tidy(self) -> None:
        """Leave no trace of a run that completed no part."""
        if not any(self.working.glob(".*.json")):
            shutil.rmtree(self.working, ignore_errors=True)
            if not self.existed:
                with contextlib.suppress(OSError):  # Someone else may have put something there.
                    self.out.rmdir()

    def finish(self, outcome: Outcome) -> None:
        """Put the complete results in their place, with the manifest.

        Sidecars go last: wherever this is interrupted, nothing has to be computed again.
        """
        remove_former(self.out, self.path.name)
        if self.single:
            (part,) = outcome.parts
            (self.working / part.file).replace(self.path)
            part.file = self.path.name
            shutil.rmtree(self.working)
        elif self.working.exists():
            if self.path.exists():
                shutil.rmtree(self.path)
            self.working.replace(self.path)
        write_json(self.manifest, told(outcome))
        if not self.single:
            for path in self.path.glob(".*"):
                path.unlink()


def remove_former(out: Path, kept: str) -> None:
    """Remove the manifest of the run before, and its results when they had another name."""
    path = out / manifest.NAME
    former = read_json(path).get("results")
    path.unlink(missing_ok=True)
    if former in {STEM, *(f"{STEM}.{format}" for format in FORMATS)} - {kept}:
        if (out / former).is_dir():
            shutil.rmtree(out / former)
        else:
            (out / former).unlink(missing_ok=True)


def told(outcome: Outcome) -> dict[str, Any]:
    """The manifest of a run on files."""
    files = [
        {"file": file.name, "size": file.size, "sha256": file.sha256}
        for file in outcome.source.files
    ]
    return {
        **made_of(outcome.job, system_of(outcome.job), files),
        "results": outcome.path.name,
        "rows": outcome.rows,
        "totals": outcome.totals.told(),
        "parts": [part.told() for part in outcome.parts],
    }


def made_of(job: Job, system: TaxBenefitSystem, files: Any) -> dict[str, Any]:
    """The part of a manifest that tells what results were made of."""
    identity = job.identity()
    return {
        "versions": identity["environment"],
        "law": manifest.law_dates(system),
        **{name: identity[name] for name in ("months", "variables", "layout", "format", "reform")},
        "input": files,
    }


# A population that is in memory already.


def write_population(
    system: TaxBenefitSystem,
    population: Population,
    job: Job,
    out: Path,
    name: Any,
    advance: Advance = nothing,
) -> tuple[Totals, Path, int]:
    """Simulate a population and write its results as those of a file of one unit.

    ``name`` tells in the manifest what it is. Gives the totals, the file, its rows.
    """
    check(job, system)
    totals = Totals(job.months, population.weights)
    path = out / f"{STEM}.{job.format}"
    with result_file(path, system, population, job.months, job.variables, job.layout) as file:
        for block in engine.simulate(system, population, job.months, job.computed, advance=advance):
            totals.add(block)
            file.add(block)
    remove_former(out, path.name)
    rows = population.count * job.lines
    content = {
        **made_of(job, system, name),
        "results": path.name,
        "rows": rows,
        "sha256": manifest.file_hash(path),
        "totals": totals.told(),
    }
    write_json(out / manifest.NAME, content)
    return totals, path, rows


# The end of a run.


def summarised(
    source: Source,
    job: Job,
    place: Place,
    done: dict[int, Part],
    failures: list[Failure],
) -> Outcome:
    """The outcome of a run."""
    complete = [done[number] for number in sorted(done)]
    defaults: dict[str, set[str]] = {}
    for part in complete:
        for name, years in part.defaults.items():
            defaults.setdefault(name, set()).update(years)
    return Outcome(
        source,
        job,
        place.path if len(complete) == len(source.units) else place.working,
        Totals.gathered(job.months, [part.totals for part in complete]),
        complete,
        sorted(failures, key=lambda failure: failure.number),
        [*oversized(source), *gathered_remarks(complete)],
        defaults,
    )


def oversized(source: Source) -> list[str]:
    """A remark on the units that take too much memory."""
    largest = max(source.units, key=lambda unit: unit.count)
    if largest.count <= 2 * parts.TARGET:
        return []
    what = "a file" if largest.groups is None else "a row group"
    remedy = "Cut it into part files" if largest.format == "csv" else "Write smaller row groups"
    problem = f"{largest.name} has {what} of {largest.count} rows: memory for one thread only"
    return [f"{problem}. {remedy}, of at most {parts.TARGET} rows."]


NUMBERS = re.compile(r"\b\d+\b")


def gathered_remarks(parts: Sequence[Part]) -> list[str]:
    """Remarks of all the parts: those that differ by their counts become one, with their sums."""
    alike: dict[str, list[str]] = {}
    for part in parts:
        for remark in part.remarks:
            alike.setdefault(NUMBERS.sub("#", remark), []).append(remark)
    return [
        remarks[0] if len(set(remarks)) == 1 and len(parts) == 1 else added(shape, remarks)
        for shape, remarks in alike.items()
    ]


def added(shape: str, remarks: Sequence[str]) -> str:
    """One remark for several that differ by numbers of persons only."""
    if "persons" not in shape:
        return remarks[0]
    numbers = ([int(number) for number in NUMBERS.findall(remark)] for remark in remarks)
    totals = iter([sum(column) for column in zip(*numbers, strict=True)])
    return NUMBERS.sub(lambda match: str(next(totals)), remarks[0])


def incomplete_text(outcome: Outcome) -> str:
    """What a run that could not do everything says."""
    lines = [line for failure in outcome.failures for line in failure.reason.strip().splitlines()]
    if len(lines) > SHOWN:
        lines[SHOWN:] = [f"… and {len(lines) - SHOWN} more lines."]
    if not outcome.parts:
        return "\n".join([*lines, "Nothing was written."])
    lines.append(
        f"{len(outcome.parts)} of {len(outcome.source.units)} parts are complete and kept in "
        f"{outcome.path}."
    )
    lines.append("Once this is put right, the same command does the rest.")
    return "\n".join(lines)
