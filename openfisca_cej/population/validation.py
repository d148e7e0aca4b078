"""What the model says of France from 2022 to May 2024, beside what was published.

Entrants are drawn month by month in the published numbers; the law is applied to them; what comes
out is compared with ``data/validation.yaml``, which nothing that makes a population reads. Which of
its figures chose assumptions, and which judge, is in ``data/preregistration.yaml``.

Each draw takes every assumption from its range, or from the calibrated draws, and a fresh
population: the interval of a result is what the assumptions and sampling leave open. Replicates at
the central values, on other seeds, give the central result and the part of sampling alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.names import RUNNING
from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import causes, cohorts, protocol
from openfisca_cej.population.months import first_day, month_number, month_range, month_text
from openfisca_cej.population.raking import rake
from openfisca_cej.population.schema import RESULT
from openfisca_cej.population.synthetic import DAY, LOCAL, NATIONAL, Entrants, load
from openfisca_cej.population.universes import entrants_margins, read_margins, stream

#: From the first entry to the end of the last contracts of the entrants of 2022 and 2023.
MONTHS = month_range("2022-03:2024-12")
YEAR = month_range("2023-01:2023-12")

#: Months whose entries are known.
KNOWN = month_range("2022-03:2024-05")

#: Entrants of whom it is published how many were paid at least once: those of 2022 and 2023.
FOLLOWED = month_range("2022-03:2023-12")

#: Last month that the regional publication could know.
REGION_LAST = month_number("2023-02")

#: Entries of the file that are series: the first is shown without a verdict.
SERIES, STOCK = "allocataires_mensuels", "jeunes_en_cej_mensuels"

#: Persons of several draws under the law at once.
BATCH = 200_000

#: Replicates at the stated assumptions.
REPLICATES = 10

#: Share of the draws inside an interval.
COVERAGE = 0.95

#: Rank correlations below this many standard errors are noise.
NOTABLE = 3


@dataclass(frozen=True)
class Run:
    """One simulation: the value of each result, and payees of each month.

    ``monthly`` counts those whom Dares counts, in a CEJ on the last day of the month; ``due``
    adds those who left during the month. ``months``: by cause, if asked.
    """

    results: dict[str, float]
    monthly: numpy.ndarray
    due: numpy.ndarray
    months: causes.Months | None = None


@dataclass(frozen=True)
class Outcome:
    """One published figure and the model's.

    ``published``: lowest and highest. ``central``: at the stated assumptions; ``sampling``: its
    standard deviation from one population to the next. ``interval``: of the draws. ``drivers``:
    rank correlation with each assumption, the strongest first.
    """

    name: str
    label: str
    definition: str
    unit: str
    published: tuple[float, float]
    tolerance: float
    status: str
    source: dict[str, Any]
    at_least: bool
    central: float
    sampling: float
    median: float
    interval: tuple[float, float]
    drivers: list[tuple[str, float]]

    @property
    def gap(self) -> float:
        """How far the interval is from what was published, 0 if they meet; signed."""
        return distance(self.interval, self.published)

    @property
    def inside(self) -> bool:
        """Whether what was published is in the interval."""
        return self.gap == 0

    @property
    def central_gap(self) -> float:
        """How far the central result is from what was published, 0 if within it; signed."""
        return distance((self.central, self.central), self.published)

    @property
    def agrees(self) -> bool:
        """Whether the central result is within the tolerance."""
        scale = 1 if self.unit == "part" else self.published[0]
        return abs(self.central_gap) <= self.tolerance * scale


@dataclass(frozen=True)
class Month:
    """Payees of one month: published, of the model, and ``due``, leavers of the month included."""

    month: int
    published: float
    central: float
    interval: tuple[float, float]
    due: float


@dataclass(frozen=True)
class Validation:
    """All the outcomes, the monthly series, and what the draws were."""

    outcomes: list[Outcome]
    months: list["Month"]
    draws: int
    size: int
    seed: int
    assumptions: dict[str, Any]
    causes: causes.Months


def distance(found: tuple[float, float], published: tuple[float, float]) -> float:
    """Signed distance between two ranges, 0 when they meet."""
    if found[0] > published[1]:
        return found[0] - published[1]
    if found[1] < published[0]:
        return found[1] - published[0]
    return 0.0


# One simulation.


def simulated(
    system: TaxBenefitSystem,
    assumptions: dict[str, Any],
    seed: int,
    size: int,
    by_cause: bool = False,
) -> Run:
    """Draw ``size`` entrants from March 2022 to May 2024, apply the law, and measure."""
    return together(system, [(assumptions, seed)], size, by_cause)[0]


def together(
    system: TaxBenefitSystem,
    asked: Sequence[tuple[dict[str, Any], int]],
    size: int,
    by_cause: bool = False,
) -> list[Run]:
    """The simulations of these assumptions and seeds: drawn apart, under the law at once.

    The law has a fixed cost, which small populations share.
    """
    margins = load("marges_entrants")["france_2022_2024"]
    made = [Entrants(system, margins, given, seed, size) for given, seed in asked]
    names = causes.VARIABLES if by_cause else (RUNNING, RESULT)
    runs = []
    for making, own in zip(made, cohorts.simulate(system, made, MONTHS, names), strict=True):
        persons = {
            **making.described,
            "mois": making.entries[0],
            "tranche": making.bands,
            "region": numpy.full(size, "France"),
        }
        constraints, _ = entrants_margins(persons, margins)
        weights = rake(constraints, numpy.full(size, 1 / size)) * margins["entrees"]["valeur"]
        months = by_operator(own, weights, persons["operateur"]) if by_cause else None
        runs.append(measured(persons, weights, making, own[RUNNING], own[RESULT], months))
    return runs


def by_operator(
    values: Mapping[str, numpy.ndarray], weights: numpy.ndarray, operators: numpy.ndarray
) -> causes.Months:
    """Months of 2023 by cause and operator; by month since the entry, those of every contract."""
    found, whole = causes.Months(), causes.Months()
    year = columns(YEAR)
    found.add({name: array[:, year] for name, array in values.items()}, weights, operators)
    whole.add(values, weights, None)
    found.since = whole.since
    return found


def of_series(payees: numpy.ndarray, stock: numpy.ndarray) -> dict[str, float]:
    """The figures of the two monthly series, from March 2022 to May 2024.

    The same function measures the model and what is published.
    """
    ratios = payees / stock

    def mean(text: str) -> float:
        return float(ratios[columns(month_range(text))].mean())

    of_year = payees[columns(YEAR)]
    return {
        "ratio_debut_2022": mean("2022-04:2022-06"),
        "ratio_fin_2022": mean("2022-07:2022-12"),
        "ratio_2023": mean("2023-01:2023-12"),
        "payes_sur_stock": mean("2023-05:2023-12"),
        "saison_2023": mean("2023-03:2023-03") - mean("2023-07:2023-09"),
        "ratio_2024": mean("2024-01:2024-05"),
        "allocataires_moyenne": float(of_year.mean()),
        "allocataires_minimum": float(of_year.min()),
        "allocataires_maximum": float(of_year.max()),
        "allocataires_2024": float(payees[columns(month_range("2024-01:2024-05"))].mean()),
    }


def measured(
    persons: Mapping[str, numpy.ndarray],
    weights: numpy.ndarray,
    making: Entrants,
    running: numpy.ndarray,
    amounts: numpy.ndarray,
    months: causes.Months | None = None,
) -> Run:
    """The results of one simulation (rows are persons, columns months)."""
    centimes = numpy.rint(amounts * 100)
    paid = centimes > 0
    lasts = numpy.array([first_day(month + 1) - DAY for month in MONTHS])
    # Dares counts those who are in a CEJ on the last day of the month, and who are paid for it.
    present = running & (making.signatures[:, None] <= lasts) & (making.ends[:, None] >= lasts)
    stock = weights @ present.astype(float)
    payees = weights @ (paid & present).astype(float)
    followed = persons["mois"] <= FOLLOWED[-1]
    ever = paid.any(axis=1)
    year = columns(YEAR)
    spent = float((weights @ centimes[:, year]).sum()) / 100
    due = weights @ paid.astype(float)
    distinct = float(weights @ paid[:, year].any(axis=1).astype(float))
    operators = persons["operateur"]
    known = columns(KNOWN)
    results = {
        "payes_ml": share(ever, weights, followed & (operators == LOCAL)),
        "payes_ft": share(ever, weights, followed & (operators == NATIONAL)),
        "payes": share(ever, weights, followed),
        **of_series(payees[known], stock[known]),
        "payes_2023": distinct,
        "depense_2023": spent / 1e6,
        "montant_moyen_2023": spent / float(due[year].sum()),
        "montant_par_jeune_2023": spent / distinct,
        "payes_paca_2022": regional(persons, paid),
    }
    return Run(results, payees, due, months)


def columns(months: range) -> slice:
    """Columns of these months among those simulated."""
    return slice(months[0] - MONTHS[0], months[-1] - MONTHS[0] + 1)


def share(who: numpy.ndarray, weights: numpy.ndarray, among: numpy.ndarray) -> float:
    """Weighted share of persons, among some."""
    return float(weights[who & among].sum() / weights[among].sum())


def regional(persons: Mapping[str, numpy.ndarray], paid: numpy.ndarray) -> float:
    """Share paid before March 2023 among the entrants of 2022, weighted as the region's."""
    margins = read_margins("entrants", "PACA", 2022)
    entered = numpy.flatnonzero(persons["mois"] < YEAR[0])
    some = {name: values[entered] for name, values in persons.items()}
    constraints, _ = entrants_margins(some, margins)
    weights = rake(constraints, numpy.full(len(entered), 1 / len(entered)))
    known = paid[entered, : REGION_LAST - MONTHS[0] + 1].any(axis=1)
    return float(weights @ known.astype(float))


# Many.


def validate(
    system: TaxBenefitSystem,
    assumptions: dict[str, Any],
    draws: Sequence[named_assumptions.Draw],
    size: int,
    seed: int,
    advance: Callable[[], None] = lambda: None,
) -> Validation:
    """Simulate the replicates and the draws, and compare. ``advance`` is called after each."""
    replicates, drawn, ranks = [], [], []
    for run, factors in many(system, assumptions, draws, size, seed):
        if factors is None:
            replicates.append(run)
        else:
            drawn.append(run)
            ranks.append(factors)
        advance()
    published = load("validation")
    outcomes = [
        outcome(name, entry, replicates, drawn, ranks)
        for name, entry in published.items()
        if name not in (SERIES, STOCK)
    ]
    return Validation(
        outcomes,
        months_of(published[SERIES], replicates, drawn),
        len(draws),
        size,
        seed,
        assumptions,
        replicates[0].months or causes.Months(),
    )


def many(
    system: TaxBenefitSystem,
    assumptions: dict[str, Any],
    draws: Sequence[named_assumptions.Draw],
    size: int,
    seed: int,
) -> Iterator[tuple[Run, dict[str, float] | None]]:
    """The replicates (with None), then the draws with the numbers that rank the assumptions."""
    yield simulated(system, assumptions, stream(seed, 0), size, by_cause=True), None
    others: list[Any] = [(assumptions, None)] * (REPLICATES - 1)
    asked = [*others, *draws]
    batch = max(1, BATCH // size)
    for first in range(0, len(asked), batch):
        some = asked[first : first + batch]
        seeds = [stream(seed, 1 + first + rank) for rank in range(len(some))]
        pairs = [(taken, own) for (taken, _), own in zip(some, seeds, strict=True)]
        for run, (_, ranks) in zip(together(system, pairs, size), some, strict=True):
            yield run, ranks


def outcome(
    name: str,
    entry: dict[str, Any],
    replicates: Sequence[Run],
    draws: Sequence[Run],
    ranks: Sequence[dict[str, float]],
) -> Outcome:
    """The comparison of one result."""
    central = numpy.array([run.results[name] for run in replicates])
    values = numpy.array([run.results[name] for run in draws])
    low, median, high = quantiles(values)
    return Outcome(
        name,
        entry["libelle"],
        entry["definition"],
        entry["unite"],
        tuple(entry["publie"]),
        entry["tolerance"],
        entry["statut"],
        entry["source"],
        entry.get("au_moins", False),
        float(central.mean()),
        float(central.std(ddof=1)),
        median,
        (low, high),
        drivers(values, ranks),
    )


def quantiles(values: numpy.ndarray) -> tuple[float, float, float]:
    """Bounds of the interval of the draws, and their median between the two."""
    tail = (1 - COVERAGE) / 2
    low, median, high = numpy.quantile(values, [tail, 0.5, 1 - tail]).tolist()
    return low, median, high


def months_of(
    series: dict[str, Any], replicates: Sequence[Run], draws: Sequence[Run]
) -> list[Month]:
    """The payees of each month of a published series."""
    lines = []
    for text, published in series["publie"].items():
        month = month_number(text)
        rank = month - MONTHS[0]
        central = float(numpy.mean([run.monthly[rank] for run in replicates]))
        due = float(numpy.mean([run.due[rank] for run in replicates]))
        low, _, high = quantiles(numpy.array([run.monthly[rank] for run in draws]))
        lines.append(Month(month, float(published), central, (low, high), due))
    return lines


def drivers(values: numpy.ndarray, ranks: Sequence[dict[str, float]]) -> list[tuple[str, float]]:
    """Rank correlation (Spearman) of a result with each assumption, the strongest first."""
    found = [
        (name, correlation(values, numpy.array([taken[name] for taken in ranks])))
        for name in ranks[0]
    ]
    return sorted(found, key=lambda item: -abs(item[1]))


def notable(draws: int) -> float:
    """Smallest rank correlation that is not noise, with so many draws."""
    return NOTABLE / (draws - 1) ** 0.5


def correlation(first: numpy.ndarray, second: numpy.ndarray) -> float:
    """Correlation of the ranks; 0 when one of the two never changes."""
    first, second = ranked(first), ranked(second)
    first, second = first - first.mean(), second - second.mean()
    scale = numpy.sqrt((first @ first) * (second @ second))
    return float(first @ second / scale) if scale else 0.0


def ranked(values: numpy.ndarray) -> numpy.ndarray:
    """Ranks; equal values share the mean of theirs."""
    _, inverse, counts = numpy.unique(values, return_inverse=True, return_counts=True)
    ends = numpy.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]


def as_json(validation: Validation) -> dict[str, Any]:
    """Everything, for machines."""
    return {
        "tirages": validation.draws,
        "personnes_par_tirage": validation.size,
        "graine": validation.seed,
        "couverture": COVERAGE,
        "preregistration_sha256": protocol.sha256(),
        "repliques": REPLICATES,
        "resultats": [
            {
                "nom": item.name,
                "ensemble": protocol.set_of(item.name),
                "libelle": item.label,
                "definition": item.definition,
                "unite": item.unit,
                "publie": list(item.published),
                "au_moins": item.at_least,
                "tolerance": item.tolerance,
                "statut": item.status,
                "source": item.source,
                "central": item.central,
                "ecart_type_echantillonnage": item.sampling,
                "mediane": item.median,
                "intervalle": list(item.interval),
                "dans_l_intervalle": item.inside,
                "ecart_a_l_intervalle": item.gap,
                "ecart_du_central": item.central_gap,
                "central_dans_la_tolerance": item.agrees,
                "correlations": dict(item.drivers),
            }
            for item in validation.outcomes
        ],
        "mois_par_cause": validation.causes.to_json(),
        "allocataires_mensuels": [
            {
                "mois": month_text(line.month),
                "publie": line.published,
                "central": line.central,
                "intervalle": list(line.interval),
                "avec_les_sortants": line.due,
            }
            for line in validation.months
        ],
        "hypotheses": {
            name: {
                key: entry[key]
                for key in (
                    "valeur",
                    "loi",
                    "plage",
                    "alternatives",
                    "statut",
                    "remplacee",
                    "calee",
                )
                if key in entry
            }
            for name, entry in named_assumptions.named(validation.assumptions)
        },
    }
