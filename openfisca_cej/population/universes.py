"""Synthetic populations of any size: who entered a CEJ, or who is out of work and training.

Persons are drawn near the published figures, then weighted so that these hold (raking). What is
published is in ``data/marges_*.yaml``, what is not in ``data/hypotheses.yaml``. Nothing here
reads what is published on the allowance itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.names import BIRTH, DISABLED
from openfisca_cej.population import foyers, newcomers, places, scenario
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.process import Process, hazard
from openfisca_cej.population.raking import Margin, rake
from openfisca_cej.population.synthetic import (
    DIPLOMAS,
    LOCAL,
    NATIONAL,
    Entrants,
    Public,
    chosen,
    dealt,
    load,
    quotas,
)
from openfisca_cej.population.table import Input, Population, joined

#: Who entered in a year, who could enter, who is in a contract in a year, or on a day.
UNIVERSES = ENTRANTS, NEET, PRESENT, STOCK = "entrants", "neet", "presents", "stock"
REGIONS = ("PACA", "France")

#: Years of each; a stock is of a day.
YEARS = {ENTRANTS: scenario.YEARS, NEET: range(2022, 2027), PRESENT: scenario.YEARS}

#: Persons drawn at once: some 400 MB in all.
BLOCK = 50_000

#: The fewest that are drawn of those whom a reform lets in.
FEWEST = 200

#: Value of the attribute « region » for those who live elsewhere.
ELSEWHERE = "autre"

OPERATORS = {LOCAL: "Mission locale", NATIONAL: "France Travail"}
CATEGORIES = {
    "aucun": "Sans diplôme (inférieur au CAP)",
    "cap_bep": "CAP, BEP",
    "baccalaureat": "Baccalauréat",
    "superieur": "Supérieur",
    "chomeur": "Chômeur",
    "halo": "Halo du chômage",
    "inactif": "Autre inactif",
    ELSEWHERE: "Autre région",
}


@dataclass(frozen=True)
class Aim:
    """A published figure: a share of persons (``among`` some), or a mean of ``values``.

    ``name`` is that of the published entry, which gives the status and the source; ``detail``, if
    it has several figures of unlike statuses, that of this one.
    """

    name: str
    label: str
    target: float
    who: numpy.ndarray | None = None
    among: numpy.ndarray | None = None
    values: numpy.ndarray | None = None
    detail: str = ""

    def origin(self, published: Mapping[str, Any]) -> Mapping[str, Any]:
        """What gives the status and the source, among the published entries."""
        entry: Mapping[str, Any] = published[self.name]
        found: Mapping[str, Any] = entry.get("details", {}).get(self.detail, entry)
        return found

    def sums(self, weights: numpy.ndarray) -> tuple[float, float]:
        """What the figure is the ratio of, in a weighted population."""
        if self.among is not None:
            weights = numpy.where(self.among, weights, 0)
        values: Any = self.who if self.values is None else self.values
        return float(weights @ values.astype(float)), float(weights.sum())

    def achieved(self, weights: numpy.ndarray) -> float:
        """The figure in a weighted population."""
        part, whole = self.sums(weights)
        return part / whole


@dataclass(frozen=True)
class Universe:
    """A weighted population, what it aimed at, and the published entries by name.

    ``weights`` are those of all the persons drawn, of whom the population may keep only some.
    """

    title: str
    population: Population
    total: float
    aims: list[Aim]
    published: dict[str, Any]
    weights: numpy.ndarray


def blocks(
    system: TaxBenefitSystem,
    universe: str,
    region: str,
    year: int | str,
    size: int,
    seed: int,
    assumptions: dict[str, Any],
    block: int = BLOCK,
    history: int = 1,
    margins: dict[str, Any] | None = None,
    public: Public | None = None,
) -> Iterator[Universe]:
    """A universe in blocks of about as many persons that each hold the margins: so does the whole.

    Memory is that of one block. The blocks add up to the published total. ``history``: months
    before the first one that the law looks back at.
    """
    for rank in range(len(counts(size, block))):
        asked = (system, universe, region, year, size, seed, assumptions, rank)
        yield drawn(*asked, block, history, margins, public)


def counts(size: int, block: int = BLOCK) -> list[int]:
    """Persons of each block."""
    return quotas([1] * -(-size // block), size).tolist()


def drawn(
    system: TaxBenefitSystem,
    universe: str,
    region: str,
    year: int | str,
    size: int,
    seed: int,
    assumptions: dict[str, Any],
    rank: int,
    block: int = BLOCK,
    history: int = 1,
    margins: dict[str, Any] | None = None,
    public: Public | None = None,
    every_month: bool = False,
) -> Universe:
    """The block of this rank, which needs none of the others. Raises CannotRake.

    ``margins``: those of the universe, unless said. Where these keep only the contracts that run in
    some days, fewer persons than ``size`` come out, with the weights of all. ``public``: that of a
    reform, if it is wider; those whom it lets in come as well, beyond ``size`` for entrants.
    ``every_month``: what nobody has is given too, as in all the blocks of a universe of several.
    """
    margins = margins or read_margins(universe, region, year)
    sizes = counts(size, block)
    count = sizes[rank]
    own = seed if rank == 0 else stream(seed, rank)
    making, persons, constraints, aims, total = make(
        system, margins, universe, region, year, count, own, assumptions, history, public
    )
    making.prefix = "".join(word[0] for word in (universe, region)).upper() + str(year)
    making.first_rank, making.last_rank = 1 + sum(sizes[:rank]), size
    # All the blocks have the same columns, and newcomers those of the others.
    making.every_month = every_month or len(sizes) > 1 or public is not None
    # Shares first, scaled last.
    weights = rake(constraints, numpy.full(count, 1 / count)) * (total * count / size)
    kept = making.keep()
    population = making.population()
    population.weights = weights[kept]
    population.attributes = {**population.attributes, "region": persons["region"][kept]}
    population.drawn = universe != NEET
    if public is not None and population.drawn:
        population = joined([population, let_in(making, public, region, count, count / size)])
    return Universe(titled(margins, region), population, total, aims, margins, weights)


def let_in(making: Entrants, public: Public, region: str, count: int, part: float) -> Population:
    """Those whom a reform lets in, about as many for each as there are others.

    ``count``: how many others were drawn, which are this ``part`` of all.
    """
    margins = newcomers.margins_of(
        making.margins, making.assumptions, making.public.maximum, public
    )
    total = margins["entrees"]["valeur"] * part
    number = max(FEWEST, round(count * total / (making.published("entrees") * part)))
    others = newcomers.Newcomers(
        making.system, margins, making.assumptions, making.seed, number, making.history, public
    )
    others.months, others.every_month = making.months, True
    others.prefix, others.first_rank = f"N{making.prefix}", making.first_rank
    others.last_rank = making.last_rank
    own = {**others.described, "mois": others.entries[0], "tranche": others.bands}
    own["region"] = regions(others, margins, region)
    constraints, _ = entrants_margins(own, margins)
    weights = rake(constraints, numpy.full(number, 1 / number)) * total
    kept = others.keep()
    population = others.population()
    population.weights = weights[kept]
    population.attributes = {**population.attributes, "region": own["region"][kept]}
    population.drawn = True
    return population


def make(
    system: TaxBenefitSystem,
    margins: dict[str, Any],
    universe: str,
    region: str,
    year: int | str,
    count: int,
    seed: int,
    assumptions: dict[str, Any],
    history: int,
    public: Public | None,
) -> tuple[Entrants, dict[str, Any], list[Margin], list[Aim], float]:
    """The making of a population, its attributes, its margins, what they aim at, and the total."""
    if universe != "neet":
        making = Entrants(system, margins, assumptions, seed, count, history)
        persons = {**making.described, "mois": making.entries[0], "tranche": making.bands}
        persons["region"] = regions(making, margins, region)
        return making, persons, *entrants_margins(persons, margins), margins["entrees"]["valeur"]
    making = Neet(system, margins, assumptions, seed, count, int(year), history, public)
    persons = {**making.attributes(), "tranche": making.bands}
    persons["region"] = regions(making, margins, region)
    total = making.total * (margins["region"]["valeur"] if region == "PACA" else 1)
    return making, persons, *neet_margins(persons, making), total


def stream(seed: int, rank: int) -> int:
    """A seed of its own for each of many populations."""
    return int(numpy.random.SeedSequence([seed, rank]).generate_state(1)[0])


class Tally:
    """Figures of a population that comes in blocks: ``drawn`` is the weight of all those drawn,
    of whom some may not be kept.
    """

    def __init__(self) -> None:
        self.persons = 0
        self.weight = 0.0
        self.drawn = 0.0
        self.last: Universe | None = None
        self.parts = numpy.zeros(0)
        self.wholes = numpy.zeros(0)

    def add(self, made: Universe) -> None:
        """Count a block."""
        weights = made.weights
        sums = numpy.array([aim.sums(weights) for aim in made.aims])
        if self.last is None:
            self.parts, self.wholes = numpy.zeros(len(sums)), numpy.zeros(len(sums))
        self.parts += sums[:, 0]
        self.wholes += sums[:, 1]
        self.persons += made.population.count
        self.weight += float(made.population.weights.sum())
        self.drawn += float(weights.sum())
        self.last = made

    @property
    def achieved(self) -> list[float]:
        """What was achieved, for each aim."""
        return (self.parts / self.wholes).tolist()


def read_margins(
    universe: str,
    region: str,
    year: int | str,
    told: dict[str, Any] | None = None,
    place: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The figures of a universe, in a year, or on a day (YYYY-MM-DD) for a stock.

    Published ones where there are; else those of a scenario (the central one, unless said), in a
    region or a place (see ``places``).
    """
    if universe == NEET:
        return load("marges_neet")[f"france_{year}"]
    if universe == ENTRANTS and told is None and place is None:
        if (region, year) == ("PACA", 2022):
            return load("marges_paca_2022")
        known = load("marges_entrants")
        if (name := f"{region.lower()}_{year}") in known:
            return known[name]
    figures = told or scenario.read()
    if universe == STOCK:
        found = scenario.of_stock(figures, str(year))
    else:
        making = scenario.of_year if universe == PRESENT else scenario.of_entrants
        found = making(figures, int(year))
    if place is not None:
        return places.applied(place, figures, found)
    return scenario.of_paca(found) if region == "PACA" else found


def titled(margins: dict[str, Any], region: str) -> str:
    """What the population is, in words."""
    if region == "PACA":
        return margins["titre"].replace("France", "Provence-Alpes-Côte d'Azur")
    return margins["titre"]


def regions(making: Entrants, margins: dict[str, Any], region: str) -> numpy.ndarray:
    """Where each person lives: the parts of a place, or the region's share of the country."""
    if places.PARTS in margins:
        return dealt(margins[places.PARTS]["valeur"], making.count, making.draw("lieu"))
    if region == "PACA" or "region" not in margins:
        return numpy.full(making.count, "PACA")
    share = margins["region"]["valeur"]
    return dealt({"PACA": share, ELSEWHERE: 1 - share}, making.count, making.draw("région"))


# Margins.


#: Kinds of persons, and the rank of that of each person.
Kinds = tuple[list[str], numpy.ndarray]


def shares_margin(name: str, values: numpy.ndarray | Kinds, shares: Mapping[Any, Any]) -> Margin:
    """The margin of these shares of the whole, by value, or by kind."""
    keys = list(shares)
    if isinstance(values, tuple):
        ranks = dict(zip(keys, range(len(keys)), strict=True))
        codes = numpy.array([ranks.get(kind, 0) for kind in values[0]])[values[1]]
    else:
        codes = numpy.zeros(len(values), dtype=int)
        for rank, key in enumerate(keys):
            codes[values == key] = rank
    totals = numpy.array([shares[key] for key in keys], dtype=float)
    return Margin(name, [str(key) for key in keys], codes, totals / totals.sum())


def crossed(*columns: numpy.ndarray) -> Kinds:
    """The kinds of persons that several attributes make, each as a text."""
    found = [numpy.unique(column, return_inverse=True) for column in columns]
    shape = [len(kinds) for kinds, _ in found]
    codes = numpy.ravel_multi_index(tuple(ranks for _, ranks in found), shape)
    texts = [" · ".join(map(str, row)) for row in product(*(kinds for kinds, _ in found))]
    return texts, codes


def entrants_margins(
    persons: Mapping[str, numpy.ndarray], margins: dict[str, Any]
) -> tuple[list[Margin], list[Aim]]:
    """What the weights of entrants must satisfy, and the published figures that it gives.

    The diplomas are made consistent: 54 and 36 % without one by operator prevail over the rounded
    48 % of all; the others keep their proportions.
    """
    months = persons["mois"]
    operators = persons["operateur"]
    entries = {month_number(text): n for text, n in margins["entrees_mensuelles"]["valeur"].items()}
    if "operateurs" in margins:
        of_operators = dict(margins["operateurs"]["valeur"])
        of_months = dict(entries)
        constraints = [
            shares_margin("entrees_mensuelles", months, entries),
            shares_margin("operateurs", operators, of_operators),
        ]
        operator_entry = "operateurs"
    else:
        cells = {
            f"{month} · {operator}": number
            for month, numbers in entries.items()
            for operator, number in numbers.items()
        }
        of_months = {month: sum(numbers.values()) for month, numbers in entries.items()}
        of_operators = {
            operator: sum(numbers[operator] for numbers in entries.values())
            for operator in OPERATORS
        }
        constraints = [shares_margin("entrees_mensuelles", crossed(months, operators), cells)]
        operator_entry = "entrees_mensuelles"
    of_operators = normalised(of_operators)
    without = dict(margins["sans_diplome_operateur"]["valeur"])
    share = sum(of_operators[operator] * without[operator] for operator in OPERATORS)
    if "sans_diplome" in margins:
        ratio = margins["sans_diplome"]["valeur"] / share
        without = {operator: ratio * value for operator, value in without.items()}
        share = margins["sans_diplome"]["valeur"]
    levels = normalised(
        {name: value for name, value in margins["diplomes"]["valeur"].items() if name != "aucun"}
    )
    none = persons["diplome"] == DIPLOMAS[0]
    constraints += [
        shares_margin("ages", persons["tranche"], margins["ages"]["valeur"]),
        shares_margin(
            "sans_diplome_operateur",
            crossed(operators, none),
            {
                f"{operator} · {flag}": of_operators[operator]
                * (without[operator] if flag else 1 - without[operator])
                for operator in OPERATORS
                for flag in (True, False)
            },
        ),
        shares_margin(
            "diplomes",
            persons["diplome"],
            {"aucun": share, **{name: (1 - share) * value for name, value in levels.items()}},
        ),
        shares_margin("qpv", persons["qpv"], yes_no(margins["qpv"]["valeur"])),
    ]
    aims = [
        *(
            Aim(
                "entrees_mensuelles",
                f"Entrés en {month_text(month)}",
                value,
                months == month,
                detail=month_text(month),
            )
            for month, value in normalised(of_months).items()
        ),
        *(
            Aim(
                operator_entry,
                label,
                of_operators[operator],
                operators == operator,
                detail="operateurs",
            )
            for operator, label in OPERATORS.items()
        ),
        *shares_aims("ages", persons["tranche"], margins["ages"]["valeur"], " ans"),
        *(
            Aim(
                "sans_diplome_operateur",
                f"Sans diplôme, {label}",
                without[operator],
                none,
                operators == operator,
            )
            for operator, label in OPERATORS.items()
        ),
    ]
    if "sans_diplome" in margins:
        aims.append(Aim("sans_diplome", CATEGORIES["aucun"], share, none))
        published = {name: (1 - share) * value for name, value in levels.items()}
    else:
        published = normalised(margins["diplomes"]["valeur"])
    aims += shares_aims("diplomes", persons["diplome"], published)
    aims.append(Aim("qpv", "Quartier prioritaire", margins["qpv"]["valeur"], persons["qpv"]))
    add_region(persons, margins, constraints, aims)
    aims += lengths_aims(persons, margins)
    return constraints, aims


def lengths_aims(persons: Mapping[str, numpy.ndarray], margins: dict[str, Any]) -> Iterator[Aim]:
    """The mean lengths of contracts by operator, and by year of entry where these differ."""
    everyone = numpy.ones(len(persons["mois"]), dtype=bool)
    cohorts = [("durees", "", everyone, margins["durees"]["valeur"])]
    if "durees_annuelles" in margins:
        years = persons["mois"] // 12
        cohorts = [
            ("durees_annuelles", str(year), years == year, means)
            for year, means in margins["durees_annuelles"]["valeur"].items()
        ]
    for name, year, own, means in cohorts:
        for operator, mean in means.items():
            among = own & (persons["operateur"] == operator)
            when = f" de {year}" if year else ""
            label = f"Durée moyenne, {OPERATORS[operator]}{when} (mois)"
            yield Aim(name, label, mean, among=among, values=persons["duree"], detail=year)


def neet_margins(
    persons: Mapping[str, numpy.ndarray], making: "Neet"
) -> tuple[list[Margin], list[Aim]]:
    """What the weights of young people out of work must satisfy, and the figures that it gives."""
    margins = making.margins
    bands = persons["tranche"]
    wide = numpy.where(bands == "26-29", "26-29", "16-25")
    of_bands = normalised(making.published("ages"))
    of_wide = {"16-25": 1 - of_bands["26-29"], "26-29": of_bands["26-29"]}
    men = margins["hommes"]["valeur"]
    parent = margins["chez_un_parent"]["valeur"]
    constraints = [
        shares_margin("effectifs", bands, of_bands),
        shares_margin(
            "hommes",
            crossed(wide, persons["homme"]),
            {
                f"{band} · {flag}": of_wide[band] * (men[band] if flag else 1 - men[band])
                for band in men
                for flag in (True, False)
                if of_wide[band]
            },
        ),
        shares_margin("diplomes", persons["diplome"], margins["diplomes"]["valeur"]),
        shares_margin("chez_un_parent", persons["chez_un_parent"], yes_no(parent)),
        shares_margin("situations", persons["situation"], margins["situations"]["valeur"]),
    ]
    aims = [
        *shares_aims("effectifs", bands, of_bands, " ans"),
        *(
            Aim("hommes", f"Hommes, {band} ans", men[band], persons["homme"], wide == band)
            for band in men
            if of_wide[band]
        ),
        *shares_aims("diplomes", persons["diplome"], margins["diplomes"]["valeur"]),
        Aim("chez_un_parent", "Vit avec un parent", parent, persons["chez_un_parent"]),
        *shares_aims("situations", persons["situation"], margins["situations"]["valeur"]),
    ]
    add_region(persons, margins, constraints, aims)
    return constraints, aims


def add_region(
    persons: Mapping[str, numpy.ndarray],
    margins: dict[str, Any],
    constraints: list[Any],
    aims: list[Any],
) -> None:
    """The parts of a place, or the region's share of the country, unless everyone lives in it."""
    parts = margins.get(places.PARTS, {"valeur": {}})["valeur"]
    if len(parts) > 1:
        constraints.append(shares_margin(places.PARTS, persons["region"], parts))
        aims += shares_aims(places.PARTS, persons["region"], normalised(parts))
    if "region" in margins and (persons["region"] == ELSEWHERE).any():
        share = margins["region"]["valeur"]
        shares = {"PACA": share, ELSEWHERE: 1 - share}
        constraints.append(shares_margin("region", persons["region"], shares))
        aims.append(Aim("region", "Provence-Alpes-Côte d'Azur", share, persons["region"] == "PACA"))


def shares_aims(
    name: str, values: numpy.ndarray, shares: Mapping[str, float], suffix: str = ""
) -> Sequence[Aim]:
    """One aim a category."""
    return [
        Aim(name, CATEGORIES.get(key, f"{key}{suffix}"), share, values == key)
        for key, share in shares.items()
    ]


def normalised(shares: Mapping[Any, Any]) -> dict[Any, Any]:
    """Shares that add up to one."""
    total = sum(shares.values())
    return {key: share / total for key, share in shares.items()}


def yes_no(share: float) -> dict[bool, float]:
    """A share and the rest."""
    return {True: share, False: 1 - share}


# Out of work and training.


class Neet(Entrants):
    """Young people out of work and training on 1 January, followed from then to December.

    None has a contract: each month is computed as if signed in it. Their resources follow the
    process of the entrants: unemployed, as those of France Travail; others, as those of a mission
    locale.
    """

    def __init__(
        self,
        system: TaxBenefitSystem,
        margins: dict[str, Any],
        assumptions: dict[str, Any],
        seed: int,
        count: int,
        year: int,
        history: int,
        public: Public | None = None,
    ) -> None:
        numbers = dict(margins["effectifs"]["valeur"])
        # From 26 on, only disabled workers may sign, unless a reform lets others.
        disabled = numbers["26-29"] * assumptions["part_rqth"]["valeur"]
        others = 0.0
        if public is not None:
            others = numbers["26-29"] * newcomers.share(assumptions, public.maximum)
        numbers["26-29"] = disabled + others
        self.part_disabled = disabled / numbers["26-29"] if numbers["26-29"] else 1.0
        self.total = 1000 * sum(numbers.values())
        month = f"{year}-01"
        super().__init__(
            system,
            {
                **margins,
                "ages": {**margins["effectifs"], "valeur": numbers},
                "entrees": {"valeur": count},
                "entrees_mensuelles": {"valeur": {month: {}}},
            },
            assumptions,
            seed,
            count,
            history,
            public,
        )
        self.first = month_number(month)
        self.months = range(self.first - history, self.first + 12)

    @cached_property
    def situations(self) -> numpy.ndarray:
        """Unemployed, near unemployment, or else inactive."""
        return dealt(self.published("situations"), self.count, self.draw("situation"))

    @cached_property
    def entries(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """January, and the operator whose entrants have the same resources."""
        months = numpy.full(self.count, self.first)
        return months, numpy.where(self.situations == "chomeur", NATIONAL, LOCAL)

    @cached_property
    def signatures(self) -> numpy.ndarray:
        """The day at which they are described: 1 January."""
        return numpy.full(self.count, numpy.datetime64(f"{self.first // 12}-01-01"))

    @cached_property
    def durations(self) -> numpy.ndarray:
        """Months during which they are followed."""
        return numpy.full(self.count, 12)

    @cached_property
    def bands(self) -> numpy.ndarray:
        """Age band."""
        return dealt(self.published("ages"), self.count, self.draw("age"))

    @cached_property
    def disabled(self) -> numpy.ndarray:
        """Whose quality of disabled worker is recognised: all of those above 25, by today's law."""
        older = numpy.flatnonzero(self.bands == "26-29")
        found: numpy.ndarray = super().disabled
        found[older] = chosen(self.part_disabled, len(older), self.draw("rqth, plus âgés"))
        return found

    @cached_property
    def diplomas(self) -> numpy.ndarray:
        """Diploma; minors have none."""
        draw = self.draw("diplôme")
        diplomas = dealt(self.published("diplomes"), self.count, draw)
        if self.assumed("mineurs_sans_diplome"):
            minors = numpy.flatnonzero((self.bands == "16-17") & (diplomas != DIPLOMAS[0]))
            adults = draw.permutation(
                numpy.flatnonzero((self.bands != "16-17") & (diplomas == DIPLOMAS[0]))
            )[: len(minors)]
            swapped = minors[: len(adults)]
            diplomas[adults], diplomas[swapped] = diplomas[swapped], DIPLOMAS[0]
        return diplomas

    @cached_property
    def with_a_parent(self) -> numpy.ndarray:
        """Who lives with a parent: minors all do."""
        draw = self.draw("parent")
        minors = self.bands == "16-17"
        share = (self.published("chez_un_parent") * self.count - minors.sum()) / max(
            1, (~minors).sum()
        )
        living = minors.copy()
        living[~minors] = chosen(min(max(share, 0), 1), int((~minors).sum()), draw)
        return living

    @cached_property
    def men(self) -> numpy.ndarray:
        """Men, by age."""
        draw = self.draw("sexe")
        shares = self.published("hommes")
        older = self.bands == "26-29"
        men = numpy.zeros(self.count, dtype=bool)
        for band, who in (("16-25", ~older), ("26-29", older)):
            men[who] = chosen(shares[band], int(who.sum()), draw)
        return men

    def living_with_a_parent(
        self, persons: numpy.ndarray, draw: numpy.random.Generator
    ) -> numpy.ndarray:
        """Which of these adults live with a parent."""
        return self.with_a_parent[persons]

    def lasting_job(self, process: Process, draw: numpy.random.Generator) -> numpy.ndarray:
        """Where a job of more than six months begins, at the rhythm of the entrants."""
        rhythm = numpy.zeros(self.count)
        for operator, share in self.assumed("part_emploi_durable_9_mois").items():
            rhythm[self.entries[1] == operator] = hazard(share, 9)
        return process.start + draw.exponential(1, self.count) / rhythm

    def situation(self) -> list[Input]:
        """What does not change from month to month: no contract."""
        return [
            Input(BIRTH, None, self.births),
            Input(DISABLED, None, self.disabled),
            *foyers.inputs(self.foyer),
        ]

    def events(self) -> dict[str, numpy.ndarray]:
        """None without a contract."""
        return {}

    def attributes(self) -> dict[str, numpy.ndarray]:
        """What describes a person and that the model does not read."""
        return {
            "situation": self.situations,
            "age": self.ages,
            "diplome": self.diplomas,
            "chez_un_parent": self.with_a_parent,
            "homme": self.men,
        }
