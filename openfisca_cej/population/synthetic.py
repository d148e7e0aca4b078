"""The embedded population: who entered a CEJ in Provence-Alpes-Côte d'Azur in 2022.

Published marginals (``data/marges_paca_2022.yaml``) become quotas: counts are exact, by largest
remainder, and only who falls where is drawn. What is not published is a named assumption
(``data/hypotheses.yaml``), set from outside evidence. Nothing here knows what the law pays.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from gettext import gettext as _
from importlib.resources import files
from typing import Any

import numpy
import yaml
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.base import mois_civils, plus_mois, premiers_jours
from openfisca_cej.names import BIRTH, DISABLED, END, FORMER_END, SIGNATURE
from openfisca_cej.population import foyers
from openfisca_cej.population.months import month_number, month_period, month_range, month_text
from openfisca_cej.population.process import RARE, Process
from openfisca_cej.population.schema import NO_DATE
from openfisca_cej.population.table import Input, Population

DATA = files("openfisca_cej.population") / "data"

#: Months followed when nothing else is asked: from the first entry to the end of the last one.
WINDOW = month_range("2022-03:2023-12")

SEED = 2022
LOCAL, NATIONAL = "mission_locale", "france_travail"
DIPLOMAS = ("aucun", "cap_bep", "baccalaureat", "superieur")
DAY = numpy.timedelta64(1, "D")

#: Months of the longest contract that is drawn, whatever the term.
LONGEST = 18

#: What margins that keep everyone, or have no figure, hold.
EVERYONE: dict[str, Any] = {"valeur": []}

#: What is drawn in proportions of all those who entered, before some are left.
OF_PERSONS = (
    "ranks",
    "bands",
    "disabled",
    "ages",
    "births",
    "diplomas",
    "signatures",
    "durations",
    "limits",
    "ends",
    "open_ended",
    "latest_ends",
    "previous",
)

#: The least age of a contract, the first day by which one may have ended, and the days after which
#: as many have come back as is assumed: four years.
YOUNGEST, FIRST_END, RETURNS = 16, numpy.datetime64("2022-04-01"), 4 * 365
MONTH = numpy.timedelta64(1, "M")


@cache
def load(name: str) -> dict[str, Any]:
    """The data file of this name, as a dictionary: read once, never to be changed."""
    return yaml.load((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def entrants(
    system: TaxBenefitSystem, seed: int = SEED, assumptions: dict[str, Any] | None = None
) -> Population:
    """The embedded population: 24 197 persons, the same for the same seed and assumptions.

    ``assumptions``: the stated ones, unless said.
    """
    given = load("hypotheses") if assumptions is None else assumptions
    return Entrants(system, load("marges_paca_2022"), given, seed).population()


# Quotas.


def quotas(shares: Sequence[float], total: int) -> numpy.ndarray:
    """Whole counts that add up to ``total`` in these proportions, by largest remainder."""
    exact = numpy.asarray(shares, dtype=float)
    exact = exact / exact.sum() * total
    counts = numpy.floor(exact).astype(int)
    largest = numpy.argsort(counts - exact, kind="stable")
    counts[largest[: total - counts.sum()]] += 1
    return counts


def dealt(shares: Mapping[Any, Any], total: int, draw: numpy.random.Generator) -> numpy.ndarray:
    """``total`` keys in these proportions (exact quotas), in random order."""
    keys = numpy.array(list(shares))
    return draw.permutation(numpy.repeat(keys, quotas(list(shares.values()), total)))


def chosen(share: float, total: int, draw: numpy.random.Generator) -> numpy.ndarray:
    """A boolean for each of ``total`` persons, true for exactly this share of them."""
    return draw.permutation(numpy.arange(total) < quotas([share, 1 - share], total)[0])


def lengths(mean: float, peaks: Mapping[int, float], shape: Mapping[int, float]) -> dict[int, Any]:
    """Shares of lengths, in months: the peaks, and the shape elsewhere, tilted.

    The tilt is the one that gives this mean (bisection: the mean grows with it).
    """
    others = numpy.array([month for month in shape if month not in peaks])
    known = numpy.array([shape[month] for month in others.tolist()])
    weight = max(1 - sum(peaks.values()), RARE)
    target = (mean - sum(month * share for month, share in peaks.items())) / weight
    if not others.min() < target < others.max():
        raise ValueError(_("No slope gives a mean of {mean} months").format(mean=mean))
    low, high = -5.0, 5.0
    for _step in range(100):
        slope = (low + high) / 2
        shares = known * numpy.exp(slope * (others - others.max()))
        shares /= shares.sum()
        low, high = (slope, high) if shares @ others < target else (low, slope)
    return dict(
        sorted({**peaks, **dict(zip(others.tolist(), weight * shares, strict=True))}.items())
    )


def fitted(
    shares: Mapping[int, float], capacities: numpy.ndarray, draw: numpy.random.Generator
) -> numpy.ndarray:
    """Lengths in these proportions (exact quotas), none above the capacity of its person.

    Persons of little capacity choose first; whose capacity is under every length left has the
    shortest one.
    """
    left = dict(zip(shares, quotas(list(shares.values()), len(capacities)), strict=True))
    found = numpy.zeros(len(capacities), dtype=int)
    capacities = numpy.minimum(capacities, max(shares))
    for capacity in numpy.unique(capacities).tolist():
        who = numpy.flatnonzero(capacities == capacity)
        allowed = [length for length in left if length <= capacity and left[length]]
        pool = numpy.repeat(allowed, [left[length] for length in allowed]).astype(int)
        taken = draw.permutation(pool)[: len(who)]
        for length, number in enumerate(numpy.bincount(taken).tolist()):
            if number:
                left[length] -= number
        for length in sorted(left):
            if missing := min(len(who) - len(taken), left[length]):
                left[length] -= missing
                taken = numpy.append(taken, numpy.full(missing, length))
        found[draw.permutation(who)] = taken
    return found


def centimes(values: numpy.ndarray) -> numpy.ndarray:
    """Amounts to the centime; flags and ranks as they are."""
    return values.round(2) if values.dtype.kind == "f" else values


# Dates.


def shift(dates: numpy.ndarray, months: numpy.ndarray | int) -> numpy.ndarray:
    """Dates some months later, the last day of the month where the day does not exist."""
    return plus_mois(dates.view("int64"), months).view("datetime64[D]")


def age_at(
    births: numpy.ndarray, date: numpy.ndarray | numpy.datetime64, unit: int = 12
) -> numpy.ndarray:
    """Completed years at a date, or units of so many months."""
    days = [numpy.asarray(one, dtype="datetime64[D]").view("int64") for one in (births, date)]
    born, now = map(mois_civils, days)
    started = days[0] - premiers_jours(born) > days[1] - premiers_jours(now)
    return ((now - born).astype(int) - started) // unit


@dataclass(frozen=True)
class Public:
    """Who may sign, and for how long: the oldest (completed years), and the term (months).

    ``since``: the month from which they may.
    """

    maximum: int
    disabled: int
    term: int
    since: int = 0

    @classmethod
    def of(cls, law: Any) -> "Public":
        """That of the parameters in force in a month."""
        known = law.contrat_engagement_jeune
        return cls(
            int(known.public.age_maximum),
            int(known.public.age_maximum_rqth),
            int(known.contrat.duree_maximale),
        )


class Entrants:
    """The population in the making: each step draws from its own random stream."""

    #: What identifiers start with, the rank of the first one, and the largest rank of all.
    prefix = "PACA"
    first_rank = 1
    last_rank: int | None = None

    #: Whether what nobody has is given too.
    every_month = False

    #: Months of each contract that are drawn, from the one before the entry on; None: all months.
    width: int | None = None

    def __init__(
        self,
        system: TaxBenefitSystem,
        margins: dict[str, Any],
        assumptions: dict[str, Any],
        seed: int,
        count: int | None = None,
        history: int = 1,
        public: Public | None = None,
    ) -> None:
        """``count`` persons are drawn: as many as entered, unless said. ``public``: of which ages,
        those of the law unless said.

        ``history``: months before the first entry, as many as the law looks back at. More of them
        leave all the others as they were.
        """
        self.system = system
        self.margins = {name: entry for name, entry in margins.items() if name != "titre"}
        self.assumptions = assumptions
        self.seed = seed
        self.count = count or margins["entrees"]["valeur"]
        self.history = history
        entries = margins["entrees_mensuelles"]["valeur"]
        first, last = (month_number(text) for text in (min(entries), max(entries)))
        # No contract lasts more than eighteen months.
        self.months = range(first - history, last + LONGEST + 1)
        # The first and the last day in which a contract must run, if any.
        self.kept = [numpy.datetime64(day) for day in margins.get("retenus", EVERYONE)["valeur"]]
        if self.kept:
            self.months = range(first - history, month_number(str(self.kept[1])[:7]) + 1)
        self.public = public or Public.of(self.law(self.months[-1]))

    def published(self, name: str) -> Any:
        """Value of a published marginal."""
        return self.margins[name]["valeur"]

    def assumed(self, name: str) -> Any:
        """Value of an assumption: of a population, else of what a reform supposes."""
        known = self.assumptions if name in self.assumptions else load("scenario")["hypotheses"]
        return known[name]["valeur"]

    def hiring(self, month: int) -> float:
        """Hirings of the year of a month, relative to those of the assumptions."""
        known: dict[int, float] = self.margins.get("emploi", EVERYONE)["valeur"] or {}
        return known.get(month // 12, 1.0)

    def law(self, month: int) -> Any:
        """The parameters in force in a month."""
        return self.system.get_parameters_at_instant(month_period(month))

    def second_scale(self, month: int) -> bool:
        """Whether the second scale of sanctions is in force in a month."""
        scale = self.system.parameters.contrat_engagement_jeune.sanctions.bareme_2025
        return bool(scale.en_vigueur(month_text(month)))

    @property
    def last_month(self) -> int:
        """The last month in which some contract runs under today's law."""
        return min(self.months[-1], int(self.entries[0].max()) + self.public.term)

    def ages_at(self, dates: numpy.ndarray) -> numpy.ndarray:
        """Completed years at dates."""
        return age_at(self.births, dates)

    def draw(self, step: str) -> numpy.random.Generator:
        """The random stream of a step: changing a step leaves the others as they were."""
        return numpy.random.default_rng([self.seed, zlib.crc32(step.encode())])

    # Who.

    @cached_property
    def entries(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Month of entry (a number) and operator of each person."""
        cells = [
            (month_number(month), operator, entered)
            for month, operators in self.monthly_entries().items()
            for operator, entered in operators.items()
        ]
        counts = quotas([cell[2] for cell in cells], self.count)
        months = numpy.repeat([cell[0] for cell in cells], counts)
        return months, numpy.repeat([cell[1] for cell in cells], counts)

    def monthly_entries(self) -> dict[str, dict[str, float]]:
        """Entries by month and operator; where only months are published, in their shares."""
        published = self.published("entrees_mensuelles")
        if "operateurs" not in self.margins:
            return published
        shares = self.published("operateurs")
        return {
            month: {operator: share * entered for operator, share in shares.items()}
            for month, entered in published.items()
        }

    @cached_property
    def signatures(self) -> numpy.ndarray:
        """Date of signature: any day of the month of entry."""
        months = (self.entries[0] - 12 * 1970).astype("datetime64[M]")
        firsts = months.astype("datetime64[D]")
        lasts = (months + MONTH).astype("datetime64[D]")
        days = self.draw("signature").random(self.count) * (lasts - firsts).astype(int)
        return firsts + days.astype(int) * DAY

    @cached_property
    def bands(self) -> numpy.ndarray:
        """Age band; minors are all followed by a mission locale."""
        shares = self.published("ages")
        counts = dict(zip(shares, quotas(list(shares.values()), self.count), strict=True))
        minors, *adults = counts
        draw = self.draw("age")
        local = draw.permutation(numpy.flatnonzero(self.entries[1] == LOCAL))
        bands = numpy.full(self.count, minors)
        adult = numpy.ones(self.count, dtype=bool)
        adult[local[: counts[minors]]] = False
        others = numpy.flatnonzero(adult)
        bands[others] = dealt({band: counts[band] for band in adults}, len(others), draw)
        return bands

    @cached_property
    def disabled(self) -> numpy.ndarray:
        """Whose quality of disabled worker is recognised."""
        return chosen(self.assumed("part_rqth"), self.count, self.draw(DISABLED))

    @cached_property
    def ages(self) -> numpy.ndarray:
        """Completed years at signature: within a band, as young people out of work and school."""
        known = self.assumed("taux_neet")
        weights = {
            age: people * numpy.interp(age, list(known), list(known.values()))
            for age, people in self.assumed("population_par_age").items()
        }
        limit = 1 + self.public.maximum
        draw = self.draw("âge exact")
        ages = numpy.zeros(self.count, dtype=int)
        for band in self.published("ages"):
            first, last = map(int, band.split("-"))
            for rqth in (False, True):
                stop = last + 1 if rqth else min(last + 1, limit)
                who = numpy.flatnonzero((self.bands == band) & (self.disabled == rqth))
                shares = {age: weights[age] for age in range(first, stop)}
                if len(who):
                    ages[who] = dealt(shares, len(who), draw)
        return ages

    @cached_property
    def births(self) -> numpy.ndarray:
        """Birth dates: any day that gives the age at signature."""
        days = self.draw("naissance").integers(0, 365, self.count)
        return shift(self.signatures, -12 * self.ages) - days * DAY

    @cached_property
    def diplomas(self) -> numpy.ndarray:
        """Diploma: the share without one by operator, scaled to the region; minors have none."""
        operators = self.entries[1]
        without = self.published("sans_diplome_operateur")
        expected = [(operators == name).sum() * share for name, share in without.items()]
        share = sum(expected) / self.count
        if "sans_diplome" in self.margins:
            share = self.published("sans_diplome")
        counts = quotas(expected, quotas([share, 1 - share], self.count)[0])
        others = {
            name: share for name, share in self.published("diplomes").items() if name != DIPLOMAS[0]
        }
        draw = self.draw("diplôme")
        diplomas = numpy.full(self.count, DIPLOMAS[0], dtype=f"<U{max(map(len, DIPLOMAS))}")
        for operator, number in zip(without, counts.tolist(), strict=True):
            who = draw.permutation(numpy.flatnonzero(operators == operator))
            if self.assumed("mineurs_sans_diplome"):
                who = who[numpy.argsort(self.ages[who] >= 18, kind="stable")]
            diplomas[who[number:]] = dealt(others, len(who) - number, draw)
        return diplomas

    # The contract.

    @cached_property
    def limits(self) -> numpy.ndarray:
        """Last day that the age allows: the eve of the birthday, later for disabled workers."""
        years = numpy.where(self.disabled, self.public.disabled, self.public.maximum) + 1
        return shift(self.births, 12 * years) - DAY

    @cached_property
    def ends(self) -> numpy.ndarray:
        """Last day of the contract: a whole number of months after the signature."""
        return numpy.minimum(shift(self.signatures, self.durations) - DAY, self.limits)

    @cached_property
    def durations(self) -> numpy.ndarray:
        """Months of contract, by operator: those that entries and stocks imply, within the age.

        Who has less than a month before the limit of age has what is left.
        """
        peaks = {6: self.assumed("part_duree_6_mois"), 12: self.assumed("part_duree_12_mois")}
        shape = self.published("durees_observees")
        after = self.limits + DAY
        capacities = (
            after.astype("datetime64[M]") - self.signatures.astype("datetime64[M]")
        ).astype(int)
        capacities -= shift(self.signatures, capacities) > after
        durations = numpy.zeros(self.count, dtype=int)
        draw = self.draw("durée")
        for operator, mean in self.published("durees").items():
            known = lengths(mean, peaks, shape)
            for own, shares in self.cohorts(known, operator):
                who = numpy.flatnonzero(own & (self.entries[1] == operator))
                durations[who] = fitted(shares, capacities[who], draw)
        return durations

    def cohorts(
        self, known: Mapping[int, float], operator: str
    ) -> Iterator[tuple[numpy.ndarray, Mapping[int, float]]]:
        """Who entered in each year that has lengths of its own, and these: the known ones, tilted.

        Everybody has the known ones where no year has its own.
        """
        if "durees_annuelles" not in self.margins:
            yield numpy.ones(self.count, dtype=bool), known
            return
        years = self.entries[0] // 12
        for year, means in self.published("durees_annuelles").items():
            if (years == year).any():
                yield years == year, lengths(means[operator], {}, known)

    @cached_property
    def open_ended(self) -> numpy.ndarray:
        """Whose contract ends because it is at its term: a reform of the term moves its end.

        An assumption says how many of them would go on.
        """
        term = shift(self.signatures, self.public.term) - DAY
        at_term = numpy.flatnonzero(self.ends == term)
        found = numpy.zeros(self.count, dtype=bool)
        share = self.assumed("part_au_nouveau_terme")
        found[at_term] = chosen(share, len(at_term), self.draw("au terme"))
        return found

    @cached_property
    def latest_ends(self) -> numpy.ndarray:
        """The last day that a reform of the term may give to a contract."""
        longest = shift(self.signatures, LONGEST) - DAY
        return numpy.where(self.open_ended, numpy.minimum(longest, self.limits), self.ends)

    @cached_property
    def previous(self) -> numpy.ndarray:
        """End of the contract that some had before, six months at least before this one.

        The share of those who come back grows with the time since the first contracts.
        """
        draw = self.draw("retour")
        first = numpy.maximum(FIRST_END, shift(self.births, 12 * YOUNGEST + 1))
        room = (shift(self.signatures, -self.waiting) - first).astype(int)
        since = (self.signatures - FIRST_END).astype(int) / RETURNS
        back = draw.random(self.count) < self.assumed("part_retours") * numpy.clip(since, 0, 1)
        days = (draw.random(self.count) * numpy.maximum(room, 0)).astype(int)
        return numpy.where(back & (room > 0), first + days * DAY, NO_DATE)

    @property
    def waiting(self) -> int:
        """Months to wait between two contracts."""
        law = self.law(self.months[-1]).contrat_engagement_jeune
        return int(law.contrat.delai_carence)

    def keep(self) -> numpy.ndarray:
        """Leave those whose contract does not run in the days kept; ranks of the others.

        What is drawn in proportions of all those who entered is drawn before. Who is in a contract
        on one day is so by today's law; in several, may be so by another.
        """
        if not self.kept:
            return numpy.arange(self.count)
        first, last = self.kept
        ends = self.ends if first == last else self.latest_ends
        rows = numpy.flatnonzero((ends >= first) & (self.signatures <= last))
        lasting, entries = self.process.lasting[rows], self.entries
        own = {name: getattr(self, name)[rows] for name in OF_PERSONS}
        described = {name: values[rows] for name, values in self.described.items()}
        del self.process
        self.count = len(rows)
        self.entries = entries[0][rows], entries[1][rows]
        self.__dict__.update(own)
        self.described = described
        self.process.lasting = lasting
        return rows

    @cached_property
    def ranks(self) -> numpy.ndarray:
        """Rank of each person among all those drawn."""
        return numpy.arange(self.first_rank, self.first_rank + self.count)

    # What happens during it.

    @cached_property
    def process(self) -> Process:
        """Work, training, benefits and administration, month by month."""
        return Process(self)

    def lasting_job(self, process: Process, draw: numpy.random.Generator) -> numpy.ndarray:
        """Where the job of more than six months begins, that ends the contract after a trial.

        Infinite for those without one. Contracts of more than nine months are not ended by it.
        """
        starts = numpy.full(self.count, numpy.inf)
        trial = draw.uniform(0, self.assumed("mois_essai_maximum"), self.count)
        for operator, share in self.assumed("part_emploi_durable_9_mois").items():
            own = self.entries[1] == operator
            able = numpy.flatnonzero(own & (self.durations <= 9))
            share *= float(numpy.mean([self.hiring(month) for month in self.months]))
            chance = min(share * own.sum() / max(len(able), 1), 1)
            hired = able[chosen(chance, len(able), draw)]
            starts[hired] = numpy.maximum(process.end[hired] - trial[hired], process.start[hired])
        return starts

    @cached_property
    def foyer(self) -> foyers.Foyer:
        """The foyer fiscal of each."""
        return foyers.foyer(self)

    def living_with_a_parent(
        self, persons: numpy.ndarray, draw: numpy.random.Generator
    ) -> numpy.ndarray:
        """Which of these adults live with a parent."""
        return chosen(self.assumed("part_vivant_avec_un_parent"), len(persons), draw)

    # All together.

    def population(self) -> Population:
        """The population, with the inputs that the model reads and the other attributes."""
        width = len(str(self.last_rank or self.count))
        ids = [f"{self.prefix}-{rank:0{width}d}" for rank in self.ranks.tolist()]
        inputs = [*self.situation(), *self.monthly()]
        return Population(self.count, ids, inputs, attributes=self.attributes())

    def situation(self) -> list[Input]:
        """What does not change from month to month."""
        return [
            Input(BIRTH, None, self.births),
            Input(DISABLED, None, self.disabled),
            Input(SIGNATURE, None, self.signatures),
            # Without an end, the contract runs to its term, which a reform may move.
            Input(END, None, numpy.where(self.open_ended, NO_DATE, self.ends)),
            *foyers.inputs(self.foyer),
            *self.home(),
            *self.returned(),
        ]

    def returned(self) -> list[Input]:
        """The contract before, in the years of a scenario."""
        if "durees_annuelles" not in self.margins:
            return []
        return [Input(FORMER_END, None, self.previous)]

    def home(self) -> list[Input]:
        """Where everyone lives, overseas."""
        if "residence" not in self.margins:
            return []
        return [Input(self.published("residence"), None, numpy.ones(self.count, dtype=bool))]

    def lived(self) -> dict[str, numpy.ndarray]:
        """Resources and sanctions, by variable, in the columns of the process."""
        return {
            **self.process.resources(),
            **foyers.benefits(self, self.foyer, self.process.worked[0]),
            **self.events(),
        }

    def monthly(self) -> list[Input]:
        """Resources and sanctions that someone has: for all the months, nil ones included."""
        before = self.process.before()
        # Resources of before the window are read by none of its months.
        start = 0
        if self.kept:
            start = max(0, month_number(str(self.kept[0])[:7]) - self.history - self.months[0])
        return [
            Input(variable, month_text(month), row)
            for variable, values in self.lived().items()
            if self.every_month or values.any()
            for month, row in zip(
                self.months[start:],
                self.since(before.get(variable), values)[start:],
                strict=True,
            )
        ]

    def since(self, before: numpy.ndarray | None, values: numpy.ndarray) -> numpy.ndarray:
        """Values of all the months, in rows: those of the history, nil unless said, then others.

        Amounts are to the centime. Most values are nil: the others alone are looked at.
        """
        found = numpy.zeros((len(self.months), self.count), values.dtype)
        for first, some in ((0, before), (self.history - 1, values)):
            if some is not None:
                flat = some.ravel()
                cells = numpy.flatnonzero(flat != 0)
                persons, months = numpy.divmod(cells, some.shape[1] or 1)
                found.put((first + months) * self.count + persons, centimes(flat[cells]))
        return found

    def events(self) -> dict[str, numpy.ndarray]:
        """Sanctions, and months lost."""
        return self.process.events()

    @cached_property
    def described(self) -> dict[str, numpy.ndarray]:
        """What describes a person when entering, and that the model does not read."""
        return {
            "operateur": self.entries[1],
            "age": self.ages,
            "diplome": self.diplomas,
            "qpv": chosen(self.published("qpv"), self.count, self.draw("qpv")),
            "homme": chosen(self.assumed("part_hommes"), self.count, self.draw("sexe")),
            "duree": self.durations,
        }

    def attributes(self) -> dict[str, numpy.ndarray]:
        """What describes a person, and that the model does not read."""
        own = {}
        if "durees_annuelles" in self.margins:
            own["deja_signe"] = self.previous != NO_DATE
        if self.kept and self.kept[0] == self.kept[1]:
            own["mois_en_contrat"] = age_at(self.signatures, self.kept[0], 1)
        return {
            **self.described,
            **own,
            "emploi_durable": numpy.isfinite(self.process.lasting),
            "formation": self.process.in_training,
        }
