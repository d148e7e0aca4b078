"""Count a population under the law and under a reform, piece by piece, in bounded memory.

Each chunk of persons is simulated twice from the same arrays, in two simulations of their own: a
clone would share what it stores.
"""

import functools
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, fields
from gettext import gettext as _
from pathlib import Path
from typing import Any, Protocol

import numpy
from numpy.typing import NDArray
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis import blind_spots, groups, unchanged
from openfisca_cej.analysis import rates as marginal_rates
from openfisca_cej.analysis.blind_spots import Need, concerned
from openfisca_cej.analysis.conventions import LIVING_STANDARD
from openfisca_cej.analysis.groups import Characteristics
from openfisca_cej.analysis.households import standards
from openfisca_cej.analysis.sources import Origin, PersonsSlice
from openfisca_cej.analysis.tally import BLOCK, MONTHLY, WINDOW, EffectTally, Floats, TallyLayout
from openfisca_cej.names import RUNNING, TIER
from openfisca_cej.population import engine, manifest, replay, stale
from openfisca_cej.population.history import looked_back, missing_months
from openfisca_cej.population.jobs import CHUNK
from openfisca_cej.population.remembered import once, system_of
from openfisca_cej.population.replay import present
from openfisca_cej.population.schema import RESULT
from openfisca_cej.population.stream import Advance, Failure, each, nothing
from openfisca_cej.population.table import Population
from openfisca_cej.reforms import Provision, structural
from openfisca_cej.refusals import BadRequest
from openfisca_cej.systems import model

Results = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Request:
    """What is counted: all that must be known to do a piece, here or elsewhere.

    ``reform`` is a class, a function of the system, or None; ``reference`` what it is compared with
    instead of the law. Systems are built where they are asked for, once a process.
    """

    reform: Any
    months: range
    characteristics: Characteristics
    threshold: int
    replicates: int
    seed: int
    present: bool = False
    rates: bool = False
    reference: Any = None
    environment: dict[str, str] = field(default_factory=manifest.environment)

    def __getstate__(self) -> dict[str, Any]:
        """What is sent to a worker."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @functools.cached_property
    def law(self) -> TaxBenefitSystem:
        """The law in force."""
        return model()

    @functools.cached_property
    def reformed(self) -> TaxBenefitSystem:
        """The law under the reform."""
        return system_of(self.reform)

    @functools.cached_property
    def start(self) -> TaxBenefitSystem:
        """What the reform is compared with: the law, or another reform of it."""
        return system_of(self.reference)

    @functools.cached_property
    def provisions(self) -> tuple[Provision, ...]:
        """What the reform changes in the law, as far as that can be told."""
        if hasattr(self.reform, "provisions"):
            return tuple(self.reform.provisions(self.law))
        if self.reform is None:
            return ()
        return tuple(structural.provisions(self.law, self.reformed))

    @functools.cached_property
    def needs(self) -> tuple[Need, ...]:
        """What the persons must have for the reform to show."""
        said = self.provisions if hasattr(self.reform, "provisions") else ()
        return blind_spots.needs(said, self.law, self.months)

    @property
    def history(self) -> int:
        """Months of resources that the laws look back at: the most, in any month of the window."""
        return max(looked_back(system, self.months) for system in (self.start, self.reformed))

    def process(
        self, piece: PersonsSlice, folder: Path | None, advance: Advance = nothing
    ) -> tuple[int, EffectTally]:
        """The number and the tally of a piece."""
        return piece.number, counted(self, piece, advance)

    def person_months(self, done: tuple[int, EffectTally]) -> int:
        """How much of the work a piece is: each person is done twice."""
        return 2 * done[1].persons * len(self.months)


class Tallies(Protocol):
    """Where the tallies of pieces are kept."""

    def found(self, number: int) -> EffectTally | None:
        """The tally of a piece that is counted already."""

    def keep(self, number: int, tally: EffectTally) -> None:
        """Keep the tally of a piece."""


def gathered(
    request: Request,
    origin: Origin,
    kept: Tallies,
    advance: Advance,
    threads: int,
    cluster: str | None = None,
) -> EffectTally:
    """The tally of a population; the result does not depend on who counts.

    Pieces that are counted already are not counted again; the others are kept. Raises BadRequest
    when the population is in the memory of this process and a ``cluster`` is to share it, or when
    a cluster could not do some pieces.
    """
    if cluster is not None and origin.kind == "donnees":
        raise BadRequest(
            _("cluster: a population in memory is not shared. Give a file, or a universe.")
        )
    pieces, left = origin.pieces(request.history), []
    for piece in pieces:
        if (tally := kept.found(piece.number)) is None:
            left.append(piece)
        else:
            advance(request.person_months((piece.number, tally)))
    failures: list[str] = []
    numbers = {piece.number for piece in left}
    waiting: dict[int, EffectTally] = {}
    whole = EffectTally.empty(request.months, request.replicates)

    def news() -> Generator[tuple[int, EffectTally]]:
        for result in each(request, left, None, advance, threads, cluster):
            if isinstance(result, Failure):
                failures.append(result.reason.strip())
            else:
                kept.keep(*result)
                yield result

    with closing(news()) as coming:
        for number in [piece.number for piece in pieces]:
            while number in numbers and number not in waiting and (new := next(coming, None)):
                waiting.update([new])
            tally = waiting.pop(number, None) if number in numbers else kept.found(number)
            if tally is not None:
                whole.add(tally)  # Replicates are floats: always in the same order.
    if failures:
        raise BadRequest("\n".join(failures))
    return whole


def counted(request: Request, piece: PersonsSlice, advance: Advance) -> EffectTally:
    """The tally of a piece. Raises InvalidInput, OSError."""
    population = piece.make(request.law, request.months)
    tally = EffectTally.empty(request.months, request.replicates)
    tally.remarks += population.remarks
    for need in request.needs:
        tally.concerned[need] = int(concerned(need, request.law, population).sum())
    sides = (request.start, request.reformed)
    for system in sides:
        tally.add_missing(missing_months(system, population, request.months))
    started, replayed, there = under_the_reform(request, population)
    if request.rates:
        tally.rates += marginal_rates.summed(*sides, request.months, started, replayed)
    report = engine.Report()
    watches = [stale.Stale(system, request.months, [RESULT]) for system in sides]
    linked = engine.bunches_of(population)
    order, starts = engine.by_bunch(linked)
    random = numpy.random.default_rng([request.seed, piece.number])
    for first, last in engine.cuts(starts, population.count, CHUNK):
        rows: slice | NDArray[Any] = slice(first, last) if order is None else order[first:last]
        persons = numpy.arange(first, last) if order is None else order[first:last]
        before = results(request, True, watches[0].law, started, rows, report, advance)
        after = results(request, False, watches[1].law, replayed, rows, None, advance)
        bunches = engine.within(starts, first, last)
        mine = None if linked is None else linked[rows]
        late = [
            watch.where(population, rows, side, mine)
            for watch, side in zip(watches, (before, after), strict=True)
        ]
        stale.add(tally.frozen, stale.either(*late))
        month = first_month_of_contract(before[RUNNING] | after[RUNNING])
        attributes = {name: values[persons] for name, values in population.attributes.items()}
        codes = groups.codes(
            request.characteristics,
            before,
            attributes,
            tiers(request.law),
            month,
            functools.partial(gains, before, after),
        )
        weights = None if population.weights is None else population.weights[persons]
        present = [None if side is None else side[persons] for side in there]
        for start, stop in engine.cuts(bunches, last - first, BLOCK):
            here = slice(start, stop)
            tally.count(
                rows_of(request, before, after, present, here),
                None if weights is None else weights[here],
                {name: (keys, ranks[here]) for name, (keys, ranks) in codes.items()},
                engine.within(bunches, start, stop),
                random,
            )
        if LIVING_STANDARD in attributes:
            change = change_of(before, after)[0] / 100
            homes = homes_of(population, persons)
            ids = functools.partial(identifier, population, persons)
            found = standards(attributes, change, homes, weights, len(request.months), ids)
            tally.living.append(found)
            below = numpy.flatnonzero(found[:, 0] < 0)
            tally.negative += [str(ids(row)) for row in below.tolist()]
    tally.defaults = report.defaults
    return tally


def under_the_reform(
    request: Request, population: Population
) -> tuple[Population, Population, list[NDArray[Any] | None]]:
    """The persons as the reference and the reform leave their contracts, who is present under each.

    Those who are drawn have the contracts of the law.
    """
    law, months = request.law, request.months
    started, replayed = population, population
    if population.drawn:
        started = replay.under(law, request.start, population)
        replayed = replay.under(law, request.reformed, population)
    if not request.present:
        return started, replayed, [None, None]
    start = request.start
    before = once(started, ("present", start, months), lambda: present(start, started, months))
    return started, replayed, [before, present(request.reformed, replayed, months)]


def identifier(population: Population, persons: NDArray[Any], row: int) -> object:
    """Who a row of some persons of a population is."""
    return population.ids[int(persons[row])]


def results(
    request: Request,
    in_groups: bool,
    system: TaxBenefitSystem,
    population: Population,
    rows: slice | NDArray[Any],
    report: engine.Report | None,
    advance: Advance,
) -> Results:
    """What is computed of some persons under one system: persons × months.

    ``in_groups``: with what tells their groups, else with why nothing is due.
    """
    names = [RUNNING, RESULT]
    names += request.characteristics.variables if in_groups else unchanged.VARIABLES
    chunk = engine.Chunk(system, population, rows, request.months)
    found: Results = chunk.run(request.months, names, advance)
    if report is not None:
        chunk.tell(report)
    chunk.release()
    return found


def rows_of(
    request: Request,
    before: Results,
    after: Results,
    present: list[NDArray[Any] | None],
    here: slice = slice(None),
) -> Floats:
    """The columns of some persons, in the order of a layout: under the baseline, then by how much
    the reform differs.
    """
    some = [{name: values[here] for name, values in side.items()} for side in (before, after)]
    size = TallyLayout(request.months).size
    rows = numpy.zeros((len(some[0][RESULT]), 2, size))
    for rank, (side, there) in enumerate(zip(some, present, strict=True)):
        fill(rows[:, rank], request, side, None if there is None else there[here])
    rows[:, 1] -= rows[:, 0]
    # What compares is the same on both sides: it is counted once, and never differs.
    first = size - len(WINDOW)
    for name, values in compared(request, *some).items():
        rows[:, 0, first + WINDOW.index(name)] = values
    by_year(rows, request, *some)
    return rows


def by_year(rows: Floats, request: Request, before: Results, after: Results) -> None:
    """Put who has a contract in each year, who wins and who loses in it, by month of contract."""
    layout = TallyLayout(request.months)
    first = layout.month("centimes", request.months[0])
    change = rows[:, 1, first : first + len(request.months)]
    running = before[RUNNING] | after[RUNNING]
    for year, here in years_of(request.months):
        months = running[:, here].sum(axis=1)
        rows[:, 0, layout.year("personnes", year)] = months > 0
        wins, loses = outcomes(request, change[:, here].sum(axis=1), months)
        rows[:, 0, layout.year("gagnants", year)] = wins
        rows[:, 0, layout.year("perdants", year)] = loses


def years_of(months: range) -> Iterator[tuple[int, slice]]:
    """The years of a window, and where their months are in it."""
    years = [month // 12 for month in months]
    for year in dict.fromkeys(years):
        start = years.index(year)
        yield year, slice(start, start + years.count(year))


def fill(rows: Floats, request: Request, side: Results, present: NDArray[Any] | None) -> None:
    """Put what one side counts where a layout has it: by month, by year, over the window."""
    layout, months = TallyLayout(request.months), len(request.months)
    monthly = {
        name: rows[:, rank * months : (rank + 1) * months] for rank, name in enumerate(MONTHLY)
    }
    numpy.rint(side[RESULT] * 100, out=monthly["centimes"])
    paid = monthly["centimes"] > 0
    monthly["contrats"][:] = side[RUNNING]
    monthly["allocataires"][:] = paid
    if present is not None:
        monthly["presents"][:] = paid & present
    for year, here in years_of(request.months):
        rows[:, layout.year("personnes_payees", year)] = paid[:, here].any(axis=1)
    first = layout.start
    rows[:, first + WINDOW.index("personnes_payees")] = paid.any(axis=1)
    for name in ("contrats", "allocataires", "centimes"):
        rows[:, first + WINDOW.index(name)] = monthly[name].sum(axis=1)


def gains(before: Results, after: Results) -> Floats:
    """What each person gains or loses, in euros by month of contract."""
    change, months = change_of(before, after)
    return change / (100 * months)


def change_of(before: Results, after: Results) -> tuple[Floats, NDArray[numpy.int64]]:
    """The change of the allowance over the window (centimes), and the months of contract."""
    change = (numpy.rint(after[RESULT] * 100) - numpy.rint(before[RESULT] * 100)).sum(axis=1)
    contract = (before[RUNNING] | after[RUNNING]).sum(axis=1)
    return change, numpy.maximum(contract, 1)


def outcomes(
    request: Request, change: Floats, months: NDArray[numpy.int64]
) -> tuple[NDArray[numpy.bool_], NDArray[numpy.bool_]]:
    """Who wins and who loses, of the change (centimes) over so many months of contract."""
    large = numpy.abs(change) >= request.threshold * numpy.maximum(months, 1)
    return large & (change > 0), large & (change < 0)


def compared(request: Request, before: Results, after: Results) -> Results:
    """Who wins and who loses, over the window.

    The gain or loss is by month of contract (under either law, one at least). It counts from the
    threshold on (centimes a month); under it, the person is unchanged.
    """
    change, months = change_of(before, after)
    wins, loses = outcomes(request, change, months)
    return {
        "personnes": numpy.ones(len(change)),
        "gagnants": wins,
        "perdants": loses,
        "inchanges": ~(wins | loses),
        "gain": change * wins,
        "perte": change * loses,
        "mois_gagnants": months * wins,
        "mois_perdants": months * loses,
        "modifies": (before[RESULT] != after[RESULT]).any(axis=1),
        **unchanged.months(after, ~(wins | loses)),
    }


def first_month_of_contract(running: NDArray[numpy.bool_]) -> NDArray[numpy.int64]:
    """Rank of the first month with a contract, the first month of the window without any."""
    return running.argmax(axis=1)


def homes_of(population: Population, persons: NDArray[Any]) -> NDArray[numpy.int64] | None:
    """The number of the ménage of each person; None when all live alone."""
    group = population.groups.get("menage")
    if group is None or group.membership is None:
        return None
    return numpy.unique(group.membership[persons], return_inverse=True)[1]


def tiers(system: TaxBenefitSystem) -> list[str]:
    """Names of the tiers of the foyer fiscal, by rank."""
    return [item.name for item in system.get_variable(TIER, True).possible_values]
