"""The law and a reform year by year, from what is published to what is assumed.

Each year has everybody in a contract in its months, those who had entered before included. The
values beyond the law are the scenario's: both laws are built upon them. The central result is that
of the assumptions; the interval is that of draws of the assumptions and of the people together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis import publics
from openfisca_cej.names import RESULT, RUNNING, SIGNATURE
from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import engine, newcomers, replay, scenario, universes
from openfisca_cej.population.history import looked_back
from openfisca_cej.population.months import month_range
from openfisca_cej.population.synthetic import load
from openfisca_cej.population.table import Population
from openfisca_cej.population.validation import quantiles
from openfisca_cej.systems import reformed

PUBLISHED = "publie_annees"

#: Quantities of a year: entries, people in a contract at the end of a month and payees among them
#: (means of the months), contracts paid, spending (M€).
MEASURES = ("entrees", "presents", "allocataires", "payes", "depense")


@dataclass(frozen=True)
class Side:
    """What a law gives in a year, month by month, and over the year."""

    present: NDArray[numpy.float64]
    payees: NDArray[numpy.float64]
    values: dict[str, float]


@dataclass(frozen=True)
class Value:
    """A quantity under the law and under the reform: central values, and intervals of draws.

    ``baseline_interval`` and ``interval`` (of the difference) are None without draws.
    """

    measure: str
    baseline: float
    reform: float
    baseline_interval: tuple[float, float] | None
    interval: tuple[float, float] | None

    @property
    def difference(self) -> float:
        """What the reform changes."""
        return self.reform - self.baseline


@dataclass(frozen=True)
class Beside:
    """A published figure of a year, and the model's under the law, with its interval."""

    measure: str
    months: str
    published: tuple[float, float]
    use: str
    source: Mapping[str, str]
    found: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Year:
    """One year: its quantities, what is published, and the least sure status of its entries."""

    year: int
    status: str
    values: tuple[Value, ...]
    published: tuple[Beside, ...]


@dataclass(frozen=True)
class Asked:
    """What is drawn: ``size`` entrants a year, then ``draws`` times ``small`` of them."""

    region: str
    size: int
    draws: int
    small: int
    seed: int
    assumptions: dict[str, Any]
    told: dict[str, Any]
    place: dict[str, Any] | None = None


def table(
    reform: Any,
    years: Sequence[int],
    asked: Asked,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[Year]:
    """Each year, the law beside the reform. Raises CannotRake.

    ``reform`` is a class, or a function from a system to a system; None: none. ``advance`` is
    called after each population: one for the central result, then one a draw.
    """
    known = with_scenario(asked.assumptions, asked.told)
    draws = drawn_assumptions(asked) if asked.draws else []
    laws = laws_of(reform, asked.told)
    # What is published of the allowance is of the whole country.
    whole = asked.region == "France" and asked.place is None
    for year in years:
        making = Making(laws, asked, year)
        central = making.sides(known, asked.size, asked.seed)
        advance()
        others = []
        for rank, given in enumerate(draws):
            others.append(making.sides(given, asked.small, universes.stream(asked.seed, 1 + rank)))
            advance()
        yield Year(
            year,
            making.status,
            tuple(value(name, central, others) for name in MEASURES),
            tuple(beside(year, central[0], [before for before, _ in others])) if whole else (),
        )


def laws_of(reform: Any, told: Mapping[str, Any]) -> tuple[TaxBenefitSystem, TaxBenefitSystem]:
    """The law and the reform, both with the values of the scenario beyond those that are known."""
    projected = scenario.projected(told)
    law = reformed(projected)
    return law, law if reform is None else reform(reformed(projected))


class Making:
    """The populations of a year, under both laws."""

    def __init__(
        self, laws: tuple[TaxBenefitSystem, TaxBenefitSystem], asked: Asked, year: int
    ) -> None:
        self.laws, self.asked, self.year = laws, asked, year
        self.months = range(12 * year, 12 * year + 12)
        self.public = newcomers.widened(*laws, self.months)
        self.history = max(looked_back(system, self.months) for system in laws)
        where = (asked.region, year, asked.told, asked.place)
        self.margins = universes.read_margins(universes.PRESENT, *where)

    @property
    def status(self) -> str:
        """The least sure of the statuses of the entries of the months of the year."""
        details = self.margins["entrees_mensuelles"]["details"]
        texts = [text for text in details if text.startswith(f"{self.year}-")]
        return max((details[text]["statut"] for text in texts), key=scenario.STATUSES.index)

    def sides(self, given: dict[str, Any], size: int, seed: int) -> tuple[Side, Side]:
        """What both laws give to a population of these assumptions."""
        law, after = self.laws
        people = universes.drawn(
            law,
            universes.PRESENT,
            self.asked.region,
            self.year,
            size,
            seed,
            given,
            rank=0,
            block=size,
            history=self.history,
            margins=self.margins,
            public=self.public,
        ).population
        same = people if law is after else replay.under(law, after, people)
        before = self.side(law, people)
        return before, before if law is after else self.side(after, same)

    def side(self, system: TaxBenefitSystem, people: Population) -> Side:
        """What a law gives to these persons."""
        blocks = engine.simulate(system, people, self.months, (RUNNING, RESULT))
        found = [block.values for block in blocks]
        running, amounts = (
            numpy.concatenate([values[name] for values in found]) for name in (RUNNING, RESULT)
        )
        weights = people.weights
        assert weights is not None  # universes have some
        there = running & replay.present(system, people, self.months)
        centimes = numpy.rint(amounts * 100)
        paid = centimes > 0
        present = weights @ there.astype(float)
        payees = weights @ (there & paid).astype(float)
        lawful = numpy.array(self.months) >= engine.first_month(system)
        entered = replay.dates(people, SIGNATURE).astype("datetime64[Y]").astype(int) + 1970
        began = running.any(axis=1) & (entered == self.year)
        values = {
            "entrees": float(weights[began].sum()),
            "presents": float(present[lawful].mean()),
            "allocataires": float(payees[lawful].mean()),
            "payes": float(weights[paid.any(axis=1)].sum()),
            "depense": float((weights @ centimes).sum()) / 1e8,
        }
        return Side(present, payees, values)


def cautions(reform: Any, years: Sequence[int], asked: Asked) -> tuple[str, ...]:
    """What is to be known of a reform of who may sign or of the contract, in sentences."""
    provisions = getattr(reform, "provisions", None)
    if provisions is None:
        return ()
    law, _ = laws_of(None, asked.told)
    return publics.of_years(provisions(law), years, asked.told[scenario.ASSUMED])


def with_scenario(assumptions: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The assumptions, and what a reform supposes."""
    return {**assumptions, **told[scenario.ASSUMED]}


def drawn_assumptions(asked: Asked) -> list[dict[str, Any]]:
    """Draws of the assumptions, with what a reform supposes."""
    known, count = asked.assumptions, asked.draws
    draws = named_assumptions.draws(named_assumptions.of_source(known), known, count, asked.seed)
    supposed = scenario.supposed(asked.told[scenario.ASSUMED], count, asked.seed)
    return [{**given, **own} for (given, _), own in zip(draws, supposed, strict=True)]


def value(name: str, central: tuple[Side, Side], others: Sequence[tuple[Side, Side]]) -> Value:
    """A quantity of a year, with its intervals."""
    before, after = (side.values[name] for side in central)
    baselines = [first.values[name] for first, _ in others]
    gaps = [second.values[name] - first.values[name] for first, second in others]
    return Value(name, before, after, interval(baselines), interval(gaps))


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Bounds of 95 % of the draws; None without any."""
    if not values:
        return None
    low, _, high = quantiles(numpy.array(values))
    return low, high


def beside(year: int, central: Side, others: Sequence[Side]) -> Iterator[Beside]:
    """The published figures of a year, and what the law gives."""
    for entry in load(PUBLISHED)["chiffres"]:
        months = month_range(str(entry["mois"]))
        if months[0] // 12 == year:
            low, high = entry["publie"]
            yield Beside(
                entry["mesure"],
                str(entry["mois"]),
                (low, high),
                entry["usage"],
                entry["source"],
                measured(entry["mesure"], central, months),
                interval([measured(entry["mesure"], side, months) for side in others]),
            )


def measured(measure: str, side: Side, months: range) -> float:
    """A quantity of some months of a year."""
    if measure == "depense":
        return side.values[measure]
    series = side.present if measure == "presents" else side.payees
    ranks = [month % 12 for month in months]
    return float(series[ranks].mean())


# For machines.


def rows(years: Sequence[Year]) -> list[dict[str, Any]]:
    """One row a year and quantity, then one a published figure; bounds are empty without draws."""
    found = []
    for one in years:
        for item in one.values:
            found.append(
                {
                    "annee": one.year,
                    "entrees_statut": one.status,
                    "mesure": item.measure,
                    "avant": item.baseline,
                    **bounds("avant", item.baseline_interval),
                    "apres": item.reform,
                    "difference": item.difference,
                    **bounds("difference", item.interval),
                }
            )
    return found


def bounds(name: str, found: tuple[float, float] | None) -> dict[str, float | str]:
    """The two bounds of an interval, as columns."""
    low, high = found or ("", "")
    return {f"{name}_bas": low, f"{name}_haut": high}
