"""Compare the law with a reform on the same people, in one pass over the data."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis import (
    blind_spots,
    cases,
    groups,
    households,
    kept,
    publics,
    published_figures,
    quantiles,
    rates,
    scope,
    sources,
    spread,
    tables,
    wording,
    work,
)
from openfisca_cej.analysis.caveats import bias, caveats, of_cases
from openfisca_cej.analysis.comparison import (
    YEAR,
    Assumption,
    Change,
    Comparison,
    Households,
    People,
    Period,
    Published,
    Sampling,
)
from openfisca_cej.analysis.conventions import METHOD, METHOD_OF_DRAWS, conventions, limits_of
from openfisca_cej.analysis.sources import Origin
from openfisca_cej.analysis.tally import WINDOW, EffectTally
from openfisca_cej.names import TIER
from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import manifest, stale
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.frames import asked_months
from openfisca_cej.population.history import defaults_read
from openfisca_cej.population.months import before_law, month_text
from openfisca_cej.population.stream import THREADS, nothing
from openfisca_cej.population.table import added_up
from openfisca_cej.refusals import BadRequest

#: Bootstrap replicates by default; under the second number, intervals make no sense.
REPLICATES, FEWEST = 200, 20

#: Groups of fewer persons are not published, by default (the rule of Insee for households).
MIN_GROUP = 11

#: What is said of a reform that no file of data holds.
PYTHON = (
    "Réforme écrite en Python : les formules qu'elle change sont nommées, ce qu'elles disent ne "
    "peut être énuméré, et la comparaison n'est vérifiable qu'avec ce code."
)

#: Winners gain, and losers lose, at least so many euros a month, by default.
THRESHOLD = 1.0


@dataclasses.dataclass(frozen=True)
class Options:
    """What a comparison is made of besides the persons and the reform; fit for JSON.

    ``by``: characteristics (None: the usual ones that the data has); ``threshold``: € a month;
    ``min_group``: persons under which a cell is masked (0 or 1: none); ``seed``: of the replicates;
    ``draws``: populations of other assumptions (None: the usual number for a universe, none for
    data); ``rates``: tell the marginal rates of whoever has a wage.
    """

    months: tuple[str, ...]
    by: tuple[str, ...] | None = None
    threshold: float = THRESHOLD
    min_group: int = MIN_GROUP
    replicates: int = REPLICATES
    seed: int = 0
    draws: int | None = None
    rates: bool = False


def options(
    months: str | range | Sequence[str],
    by: Sequence[str] | None = None,
    threshold: float = THRESHOLD,
    min_group: int = MIN_GROUP,
    replicates: int = REPLICATES,
    seed: int = 0,
    draws: int | None = None,
    rates: bool = False,
) -> Options:
    """Checked options. Raises BadRequest."""
    try:
        asked = asked_months(months)
    except ValueError as error:
        raise BadRequest(f"{error}.") from None
    if asked != list(range(asked[0], asked[0] + len(asked))):
        raise BadRequest(
            _("months: give months that follow each other, for instance 2026-01:2026-12.")
        )
    if not 0 <= threshold <= 100_000:
        raise BadRequest(
            _("threshold: {threshold:g} is not an amount of euros a month, from 0.").format(
                threshold=threshold
            )
        )
    if replicates and not FEWEST <= replicates <= 10_000:
        raise BadRequest(
            _("replicates: give 0 (no intervals), or from {fewest} to 10 000.").format(
                fewest=FEWEST
            )
        )
    if draws and not FEWEST <= draws <= 10_000:
        raise BadRequest(
            _("draws: give 0 (sampling alone), or from {fewest} to 10 000.").format(fewest=FEWEST)
        )
    if min_group < 0 or seed < 0:
        raise BadRequest(_("min_group, seed: give a whole number, from 0."))
    names = None if by is None else tuple(by)
    written = tuple(month_text(month) for month in asked)
    return Options(written, names, threshold, min_group, replicates, seed, draws, rates)


@dataclass(frozen=True)
class Means:
    """By what means a comparison is worked out: none of them changes its results.

    ``advance`` is called with person-months done. ``cluster`` is the address of a Dask scheduler,
    for files and universes, not for data in memory; else ``threads`` do the work. What is counted
    is kept in the folder ``keep`` until all is: interrupted (Stopped), the same comparison goes on
    where it was.
    """

    threads: int = THREADS
    advance: Callable[[int], None] = nothing
    cluster: str | None = None
    keep: Path | None = None


EVERYDAY = Means()


def compare(
    reform: Any,
    population: Any,
    months: str | range | Sequence[str],
    by: Sequence[str] | None = None,
    threshold: float = THRESHOLD,
    min_group: int = MIN_GROUP,
    replicates: int = REPLICATES,
    seed: int = 0,
    threads: int = THREADS,
    draws: int | None = None,
    advance: Callable[[int], None] = lambda person_months: None,
    monthly: Any = None,
    rates: bool = False,
) -> Comparison:
    """Compare the law with a reform.

    ``reform`` is all that ``openfisca_cej.reforms.reform`` takes (a file, a name, « A+B », a
    dictionary, a class of OpenFisca reform), a function from a system to a system, or None: no
    reform at all. ``population`` is the path of a file or folder, an ``Origin``
    (``sources.of_universe``, ``sources.of_files``), a ``Population``, a dict of arrays, an Arrow
    table, a pandas or a Polars frame; ``monthly`` its months in the long format, of the same kind.
    ``months`` is « 2026-01:2026-12 ».

    ``advance`` is called with person-months done (each is done twice: law and reform). Raises
    InvalidReform, InvalidInput, BadRequest, MissingLibrary, OSError, TypeError.
    """
    asked = options(months, by, threshold, min_group, replicates, seed, draws, rates)
    means = Means(threads, advance)
    return compared(made(reform), origin_of(population, monthly), asked, means)


def made(reform: Any) -> Any:
    """The reform as a class or a function from a system to a system; None for none."""
    from openfisca_cej.reforms import reform as read

    is_function = callable(reform) and not isinstance(reform, type)
    return reform if reform is None or is_function else read(reform)


def origin_of(population: Any, monthly: Any = None) -> Origin:
    """Where the persons come from."""
    if isinstance(population, Origin):
        return population
    if isinstance(population, str | Path):
        beside = None if monthly is None else Path(monthly)
        return sources.of_files(Path(population), monthly=beside)
    return sources.of_data(population, monthly)


def compared(reform: Any, origin: Origin, asked: Options, means: Means = EVERYDAY) -> Comparison:
    """The comparison of a reform that was read, on an origin: see ``answered``."""
    return answered(reform, origin, asked, means)[0]


def answered(
    reform: Any,
    origin: Origin,
    asked: Options,
    means: Means = EVERYDAY,
    brief: bool = False,
    done: list[Path] | None = None,
    reference: Any = None,
) -> tuple[Comparison, tables.Samples]:
    """The comparison, and its cost (centimes, of the period stated first) in all the samples.

    ``brief``: without typical cases, nor what weighs most on the cost. ``done``: the folders of
    several comparisons that are done, instead of removing its own. ``reference``: the reform that
    this one is compared with, instead of the law.
    """
    characteristics = groups.chosen(asked.by, origin.attributes)
    characteristics = quantiles.bounded(characteristics, origin, asked.months)
    window = asked_months(asked.months)
    request = work.Request(
        reform,
        range(window[0], window[-1] + 1),
        characteristics,
        round(100 * asked.threshold),
        asked.replicates,
        asked.seed,
        origin.validated,
        asked.rates,
        reference,
    )
    in_force(request.months, request.law)
    content, beside = map(manifest.reform_content, (reform, reference))
    with kept.at_work(means.keep, request, (content, beside), origin, done) as tallies:
        who = (means.threads, means.cluster)
        tally = work.gathered(request, origin, tallies, means.advance, *who)
        return judged(reform, content, origin, asked, request, tally, means, brief)


def judged(
    reform: Any,
    content: dict[str, Any] | None,
    origin: Origin,
    asked: Options,
    request: work.Request,
    tally: EffectTally,
    means: Means,
    brief: bool,
) -> tuple[Comparison, tables.Samples]:
    """The comparison that a tally makes, with what other assumptions would change in it."""
    draws, redrawing = draws_of(origin, asked), origin.redrawing
    if not draws or redrawing is None:
        return assembled(reform, content, origin, asked, request, tally, None, brief)
    drawn = spread.drawn(request, redrawing, draws, means.threads, means.advance)
    spread.spread_over(tally, drawn)
    found, cost_samples = assembled(reform, content, origin, asked, request, tally, drawn, brief)
    middle = found.main.measure("total").difference
    if middle is None or brief:
        return found, cost_samples
    year = int(found.headline) if found.headline else None
    cost = functools.partial(spread.cost_of, tally.layout, year)
    how = (means.threads, means.advance)
    weighed = spread.drivers(request, redrawing, drawn, cost, middle, *how)
    return dataclasses.replace(found, drivers=weighed), cost_samples


def draws_of(origin: Origin, asked: Options) -> int:
    """How many populations of other assumptions are drawn. Raises BadRequest."""
    if origin.redrawing is not None:
        return spread.DRAWS if asked.draws is None else asked.draws
    if asked.draws:
        raise BadRequest(_("draws: these persons are data, and have no assumptions to draw."))
    return 0


def drawn_persons(origin: Origin, asked: Options) -> int:
    """How many persons are drawn beside those compared, for the intervals."""
    draws = draws_of(origin, asked)
    return spread.SIZE * (draws + 1 + 2 * spread.TRIED) if draws else 0


def in_force(window: range, law: TaxBenefitSystem) -> None:
    """Refuse months that are all before the law. Raises BadRequest."""
    first = first_month(law)
    if window[-1] < first:
        raise BadRequest(f"{before_law(window[-1], first)}.")


def assembled(
    reform: Any,
    content: dict[str, Any] | None,
    origin: Origin,
    asked: Options,
    request: work.Request,
    tally: EffectTally,
    drawn: spread.Spread | None,
    brief: bool,
) -> tuple[Comparison, tables.Samples]:
    """All that is told of a tally, and of the draws that are in it; its cost in all the samples."""
    names = {item.name: str(item.value) for item in tiers(request.law)}
    found = tables.Tables(
        tally,
        asked.min_group,
        request.characteristics.labels(),
        lambda name, key: (
            request.characteristics.named(name, key) or groups.label(name, key, names)
        ),
        lambda name: groups.order(name, names),
        origin.count / spread.SIZE,
    )
    title = str(getattr(reform, "title", "") or (content or {}).get("name", "Aucune réforme"))
    changes = wording.changes(request.provisions, request.law.parameters)
    typical, curves = (
        ((), ())
        if brief
        else cases.typical_cases(request.law, request.reformed, request.months[-1])
    )
    published: tuple[Published, ...] = ()
    if origin.validated:
        published = published_figures.figures(tally, origin.parameters["year"])
    living = households_of(tally, asked.min_group)
    warnings = warnings_of(origin, request, tally)
    cohort = scope.sentence(origin.parameters, request.months)
    stated = scope.headline(origin.parameters, request.months)
    whole, breakdowns = found.effects()
    comparison = Comparison(
        title=title,
        description=description_of(reform),
        reform=content,
        verifiable=is_verifiable(content),
        summary=summary_of(reform, title, changes, request.months),
        changes=changes,
        months=asked.months,
        people=people_of(origin, tally, found),
        threshold=asked.threshold,
        min_group=asked.min_group,
        sampling=sampling_of(asked, drawn),
        periods=noted(found.periods(), origin, request.months),
        whole=whole,
        breakdowns=breakdowns,
        published=published,
        cases=typical,
        curves=curves,
        assumptions=assumptions_of(origin, request),
        limits=(
            *warnings,
            *filter(None, [cohort]),
            *limits_of(origin, request.characteristics.names),
            *too_few(tally, living, asked.min_group),
            *caveats(request.law, request.months),
            *frozen_of(tally, asked.min_group),
            *of_cases(typical),
        ),
        remarks=remarks_of(tally, request.law),
        versions=manifest.environment(),
        law=manifest.law_dates(request.law),
        households=living,
        scope=cohort,
        headline=stated,
        unseen=is_unseen(changes, request.months, tally),
        warnings=warnings,
        bias=bias_of(origin, published, changes, request.months),
        outside=wording.outside(changes, request.months),
        rates=rates.told(tally.rates, asked.min_group) if asked.rates else None,
    )
    return comparison, found.cost(stated)


def bias_of(
    origin: Origin, published: tuple[Published, ...], changes: tuple[Change, ...], months: range
) -> tuple[str, ...]:
    """The known bias of a universe, and what it shows of who may sign; data have the one that their
    makers know.
    """
    if origin.kind != "synthetique":
        return ()
    known = origin.parameters
    who = publics.Drawn(known["universe"], known["year"], months, origin.assumptions)
    told = bias(published, [one.path for one in changes])
    return (*told, *publics.told(changes, who))


def sampling_of(asked: Options, drawn: spread.Spread | None) -> Sampling:
    """How the intervals were made."""
    made = Sampling(asked.replicates, tables.COVERAGE, asked.seed, METHOD)
    if drawn is None:
        return made
    return dataclasses.replace(
        made, draws=len(drawn.sums), size=drawn.size, source=drawn.source, method=METHOD_OF_DRAWS
    )


def noted(periods: tuple[Period, ...], origin: Origin, months: range) -> tuple[Period, ...]:
    """The periods, years with what they are when that is not a year's budget."""
    found = []
    for one in periods:
        note = scope.note(origin.parameters, int(one.period), months) if one.kind == YEAR else ""
        label = f"{one.label[:-1]}, {note})" if note else one.label
        found.append(dataclasses.replace(one, label=label))
    return tuple(found)


def warnings_of(origin: Origin, request: work.Request, tally: EffectTally) -> tuple[str, ...]:
    """What these data cannot show of this reform; universes hold all the months that are read."""
    missing = {} if origin.kind == "synthetique" else tally.missing
    return (*blind_spots.lacking(missing), *blind_spots.unseen(request.needs, tally.concerned))


def is_unseen(changes: tuple[Change, ...], months: range, tally: EffectTally) -> bool:
    """Whether the reform changes something in these months, and the allowance of nobody."""
    touched = tally.whole.supports[0][tally.layout.start + WINDOW.index("modifies")]
    return not touched and bool(blind_spots.active(changes, months))


def households_of(tally: EffectTally, smallest: int) -> Households | None:
    """Living standards, when the data have them."""
    if not tally.living:
        return None
    return households.households(numpy.concatenate(tally.living), smallest, tally.negative)


def too_few(tally: EffectTally, living: Households | None, smallest: int) -> list[str]:
    """Why there are no deciles, when the data have living standards."""
    if living is not None or not tally.living:
        return []
    return [f"Pas de déciles de niveau de vie : moins de {smallest} personnes dans l'un d'eux."]


def frozen_of(tally: EffectTally, smallest: int) -> list[str]:
    """The values that the law has moved since, and how many of the person-months rest on each.

    Where these may be of fewer persons than are published, their number is not told.
    """
    months = len(tally.layout.months)
    return stale.sentences(tally.frozen, tally.persons * months, smallest * months)


def tiers(system: TaxBenefitSystem) -> Any:
    """The tiers of the foyer fiscal."""
    return system.get_variable(TIER, check_existence=True).possible_values


def is_verifiable(content: dict[str, Any] | None) -> bool:
    """Whether the reform can be made again from what a manifest keeps of it."""
    return content is None or isinstance(content["content"], dict)


def summary_of(reform: Any, title: str, changes: tuple[Change, ...], months: range) -> str:
    """The reform in French sentences."""
    description = description_of(reform)
    told = wording.summary("" if description == title else description, changes, months)
    in_python = reform is not None and getattr(reform, "provisions", None) is None
    return f"{told} {PYTHON}" if in_python else told


def description_of(reform: Any) -> str:
    """What the author of the reform wrote of it."""
    return str(getattr(reform, "description", "") or "")


def people_of(origin: Origin, tally: EffectTally, found: tables.Tables) -> People:
    """Who was compared."""
    persons = found.pairs["", "", "personnes"].baseline.published / 100
    return People(
        origin.title,
        origin.kind,
        tally.persons,
        persons,
        tally.weighted,
        origin.files,
        origin.parameters,
    )


def assumptions_of(origin: Origin, request: work.Request) -> tuple[Assumption, ...]:
    """The assumptions of a synthetic universe, then the conventions."""
    found = []
    for name, entry in named_assumptions.named(origin.assumptions):
        ranges = entry.get("plage", entry.get("alternatives", ""))
        found.append(
            Assumption(
                "population",
                name,
                entry["libelle"],
                str(entry["valeur"]),
                str(ranges),
                "remplacée" if entry.get("remplacee") else entry["statut"],
                "" if entry.get("remplacee") else str(entry.get("indice", "")),
                None if entry.get("remplacee") else entry.get("source"),
            )
        )
    for sentence in origin.assumptions.get(named_assumptions.SENTENCES, ()):
        found.append(Assumption("population", "structure", sentence["libelle"]))
    told = conventions(request.law, request.reformed, request.months[-1])
    found += [Assumption("convention", name, label) for name, label in told.items()]
    return tuple(found)


def remarks_of(tally: EffectTally, law: TaxBenefitSystem) -> tuple[str, ...]:
    """What was taken for granted, once each."""
    return (*added_up([tally.remarks]), *defaults_read(law, tally.defaults))
