"""One unit of a run: what is asked of it, and how it is read, simulated and written.

A worker, of this process or elsewhere, is given a plan and a unit, and hands back a part or why
there is none.
"""

import errno
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from gettext import gettext as _
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.names import LUMP_SUM, RESULT, RUNNING
from openfisca_cej.population import arrow, csv_arrow, csv_file, engine, manifest, parts, stale
from openfisca_cej.population.csv_arrow import InDoubt
from openfisca_cej.population.months import month_text
from openfisca_cej.population.output import LAYOUTS, SOUGHT, ResultFile, checked_layout, result_file
from openfisca_cej.population.parts import Unit
from openfisca_cej.population.reader import persons, ranks_from, schema_of
from openfisca_cej.population.remembered import system_of
from openfisca_cej.population.schema import REFUSED, Others, Schema
from openfisca_cej.population.sheet import build
from openfisca_cej.population.stream import Advance, Failure, nothing
from openfisca_cej.population.summary import Totals
from openfisca_cej.population.table import Population, added_up, counted, with_counts
from openfisca_cej.reading import normal
from openfisca_cej.refusals import BadRequest, InvalidInput, nearest, no_access

VARIABLES = (RUNNING, LUMP_SUM, RESULT)
FORMATS = ("csv", "parquet")

#: Persons compared together: a quarter of a unit, so that two threads stay well under 1 GB.
CHUNK = parts.TARGET // 4

#: Persons simulated together: three chunks a unit, whose arrays stay in the cache of a processor.
SIMULATED = parts.TARGET // 3 + 1

#: What is never of a file that is read; what no other unit could write either.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
FULL = {*NO_ROOM, errno.EROFS, errno.EACCES, errno.EPERM}


@dataclass(frozen=True)
class RunPlan:
    """What is computed from each unit, and how it is written: all that a worker must know."""

    months: range
    variables: tuple[str, ...] = VARIABLES
    layout: str = LAYOUTS[0]
    format: str = "csv"
    reform: Any = None
    others: Others = REFUSED
    environment: dict[str, str] = field(default_factory=manifest.environment)

    @property
    def computed(self) -> tuple[str, ...]:
        """The variables written, and those that the totals need."""
        return tuple(dict.fromkeys((*self.variables, RUNNING, RESULT)))

    @property
    def system(self) -> TaxBenefitSystem:
        """The law, reformed if asked: one a process and reform, whatever the number of units."""
        return system_of(self.reform)

    @property
    def amounts(self) -> list[str]:
        """The amounts that are told to rest on values out of date: the allowance, if it is asked.

        Else those that are asked; without any, the allowance, which the totals show.
        """
        asked = stale.amounts(self.system, self.variables)
        return [RESULT] if RESULT in asked or not asked else asked

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
            "keep": self.others.keep,
            "ignore_unknown": self.others.ignore,
        }

    def process(self, unit: Unit, folder: Path, advance: Advance = nothing) -> "Part | Failure":
        """Do a unit: what a worker is asked."""
        return process(self, unit, folder, advance)

    def person_months(self, part: "Part") -> int:
        """How much of the work a part is."""
        return int(part.totals["persons"]) * len(self.months)

    def fingerprint(self, unit: Unit) -> str:
        """What the results of a unit depend on, in one word."""
        return manifest.fingerprint([self.identity(), unit.identity()])


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
    frozen: list[dict[str, Any]] = field(default_factory=list)
    resumed: bool = False

    def to_json(self) -> dict[str, Any]:
        """What the sidecar and the manifest keep: nothing that changes from run to run."""
        kept = ("number", "file", "rows", "size", "sha256", "fingerprint", "totals")
        told = {name: getattr(self, name) for name in (*kept, "remarks", "defaults", "frozen")}
        return {**told, "counted": counted(self.remarks)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """A part that was found complete, from what was kept of it."""
        remarks = with_counts(content["remarks"], content.get("counted", ()))
        told = {name: value for name, value in content.items() if name != "counted"}
        return cls(**{**told, "remarks": remarks}, resumed=True)


def run_plan(
    months: range,
    variables: Sequence[str] = VARIABLES,
    layout: str = LAYOUTS[0],
    format: str = "csv",
    reform: Any = None,
    others: Others = REFUSED,
) -> RunPlan:
    """The plan of these parameters. Raises BadRequest."""
    try:
        layout = checked_layout(layout)
    except ValueError as error:
        raise BadRequest(_("layout: {error}.").format(error=error)) from None
    if format not in FORMATS:
        raise BadRequest(
            _("format: « {format} » is not one of {formats}.").format(
                format=format, formats=", ".join(FORMATS)
            )
        )
    return RunPlan(months, tuple(variables), layout, format, reform, others)


def check(plan: RunPlan, system: TaxBenefitSystem) -> None:
    """Refuse what cannot be asked. Raises BadRequest."""
    if plan.format == "parquet":
        parts.parquet()
    check_kept(plan.others, system)
    check_variables(system, plan.variables)


def check_variables(system: TaxBenefitSystem, names: Sequence[str]) -> None:
    """Refuse what is not a monthly variable of persons. Raises BadRequest."""
    person = system.person_entity.key
    for name in names:
        variable = system.variables.get(name)
        if variable is None:
            near = nearest(name, system.variables)
            meant = _(" (did you mean « {near} »?)").format(near=near) if near else ""
            raise BadRequest(
                _("variables: « {name} » is not a variable of the model{meant}.").format(
                    name=name, meant=meant
                )
            )
        if variable.entity.key != person or variable.definition_period != "month":
            raise BadRequest(
                _("variables: {name} is not a monthly variable of {person}.").format(
                    name=name, person=person
                )
            )


def check_kept(others: Others, system: TaxBenefitSystem) -> None:
    """Refuse to carry to the results what the model reads, or they have. Raises BadRequest."""
    known = {*Schema(system).spelt, *SOUGHT}
    for name in others.keep:
        if normal(name.partition("@")[0]) in known:
            told = _("keep: {name} is a column that the model reads, or one of the results.")
            raise BadRequest(told.format(name=name))


class Unread(Exception):
    """Persons who cannot be read; the text says why."""


def process(plan: RunPlan, unit: Unit, folder: Path, advance: Advance) -> Part | Failure:
    """Read, simulate and write one unit; its sidecar comes last."""
    named = (unit.number, plan.fingerprint(unit))
    try:
        for populations in ways(plan, unit, folder):
            told: list[int] = []

            def step(person_months: int, told: list[int] = told) -> None:
                told.append(person_months)
                advance(person_months)

            try:
                return computed(plan, named, folder, read(populations, unit), step)
            except InDoubt:
                advance(-sum(told))
    except Unread as error:
        return Failure(unit.number, unit.label, str(error))
    except OSError as error:
        return Failure(unit.number, unit.label, no_access(folder, error) + ".", error.errno in FULL)
    raise AssertionError(unit)


def ways(plan: RunPlan, unit: Unit, folder: Path) -> Iterator[Iterator[Population]]:
    """The ways to have the persons of a unit, quickest first: by blocks, then all at once."""
    if unit.format == "csv" and unit.rows > parts.TARGET:
        for quick in csv_arrow.attempts(unit.path, schema_of(unit, plan.system, plan.others)):
            yield by_blocks(plan, unit, quick, folder)
    yield whole(plan, unit)


def whole(plan: RunPlan, unit: Unit) -> Iterator[Population]:
    """The persons of a unit, all at once."""
    population = persons(unit, schema_of(unit, plan.system, plan.others), plan.months)
    if unit.format == "csv" and unit.rows > 2 * parts.TARGET:
        remedy = "Put the members of each group in rows that follow each other"
        if csv_file.facts_of(unit.path).odd:
            remedy = "Save it as CSV in UTF-8, with quotation marks around whole cells only"
        population.remarks.append(
            f"{unit.name} has a file of {unit.rows} rows that cannot be read by blocks: memory for "
            f"all of them. {remedy}, or cut it into part files, of at most {parts.TARGET} rows."
        )
    yield population


def by_blocks(
    plan: RunPlan, unit: Unit, quick: csv_arrow.QuickFile, folder: Path
) -> Iterator[Population]:
    """The persons of a CSV file block by block. Raises InDoubt when it has to be read whole.

    What was seen is kept where the results go: a temporary folder is often in memory.
    """
    before = unit.first
    with ExitStack() as files:  # Without a name: nothing is left of them, however the run ends.
        seen: dict[str, Any] = defaultdict(lambda: files.enter_context(TemporaryFile(dir=folder)))
        for sheet in quick.sheets(parts.TARGET):
            population = build(sheet, plan.months)
            if sheet.faults.count:
                raise InDoubt
            if sheet.schema.identifier not in sheet.labels:
                population.ids = ranks_from(before, population.count)
            for header, labels in sheet.labels.items():
                if header.endswith("_id") and isinstance(labels.names, arrow.Texts):
                    numpy.save(seen[header], parts.text_keys(labels.names.array))
            before += population.count
            yield population
            del population, sheet
        for turn, file in itertools.product(range(parts.PASSES), seen.values()):
            if len(parts.met(saved(file), turn, parts.PASSES)):  # Or so it seems.
                raise InDoubt


def saved(file: Any) -> Iterator[numpy.ndarray]:
    """The arrays that a file holds, from the first one on."""
    file.seek(0)
    with suppress(EOFError):
        while True:
            yield numpy.load(file)


def read(populations: Iterator[Population], unit: Unit) -> Iterator[Population]:
    """The same persons. Raises Unread, InDoubt, or OSError where there is no more room."""
    try:
        yield from populations
    except InvalidInput as error:
        raise Unread(str(error).removesuffix(_("Nothing was written."))) from None
    except (OSError, ValueError, NotImplementedError) as error:  # PyArrow's are among them.
        if getattr(error, "errno", None) in NO_ROOM:
            raise
        told = _("{file}: it cannot be read ({why}). Replace this file.")
        raise Unread(told.format(file=unit.label, why=parts.short(error))) from None


def computed(
    plan: RunPlan,
    named: tuple[int, str],
    folder: Path,
    populations: Iterator[Population],
    advance: Advance,
) -> Part:
    """Simulate and write the persons of a unit (its number and fingerprint), then its sidecar.

    They come in one population, or in several of which none is held for longer than it takes.
    """
    number, fingerprint = named
    path = folder / part_name(number, plan.format)
    work = Work(plan, advance)
    with ExitStack() as opened:
        file: ResultFile | None = None
        for population in populations:
            if file is None:  # Its columns are those that the first population has.
                asked = (plan.months, plan.variables, plan.layout, plan.others.keep)
                file = opened.enter_context(result_file(path, plan.system, population, *asked))
            work.add(population, file)
            del population  # before the next one is read
    assert file is not None
    part = Part(
        number,
        path.name,
        work.persons * plan.lines,
        path.stat().st_size,
        file.sha256,
        fingerprint,
        work.gathered(),
        added_up(work.remarks),
        {name: sorted(years) for name, years in sorted(work.report.defaults.items()) if years},
        stale.to_json(work.late),
    )
    manifest.write_json(sidecar(path), part.to_json())
    return part


class Work:
    """Some populations simulated one after the other, and what is told of all of them."""

    def __init__(self, plan: RunPlan, advance: Advance) -> None:
        self.plan = plan
        self.advance = advance
        self.persons = 0
        self.totals: list[dict[str, Any]] = []
        self.remarks: list[list[str]] = []
        self.report = engine.Report()
        self.frozen = stale.Stale(plan.system, plan.months, plan.amounts)
        self.late = stale.Counts()

    def add(self, population: Population, file: ResultFile) -> None:
        """Simulate a population and write its results after those before."""
        plan = self.plan
        totals = Totals(plan.months, population.weights)
        file.follow(population)
        blocks = engine.simulate(
            plan.system,
            population,
            plan.months,
            plan.computed,
            SIMULATED,
            self.advance,
            self.report,
            self.frozen,
        )
        for block in blocks:
            totals.add(block)
            stale.add(self.late, block.stale)
            file.add(block)
        self.persons += population.count
        self.totals.append(totals.to_json(exact=True))
        self.remarks.append(population.remarks)

    def gathered(self) -> dict[str, Any]:
        """The totals of all of them."""
        return Totals.gathered(self.plan.months, self.totals).to_json()


def part_name(number: int, format: str) -> str:
    """Name of the file of results of a unit."""
    return f"part-{number:05d}.{format}"


def sidecar(path: Path) -> Path:
    """The file that says what a part was made of: hidden, so that no reader takes it for data."""
    return path.with_name(f".{path.name}.json")
