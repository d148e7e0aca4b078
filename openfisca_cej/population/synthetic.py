"""The embedded population: who entered a CEJ in Provence-Alpes-Côte d'Azur in 2022.

Published marginals (``data/marges_paca_2022.yaml``) become quotas: counts are exact, by largest
remainder, and only who falls where is drawn. What is not published is a named assumption
(``data/hypotheses.yaml``), set from outside evidence. Nothing here knows what the law pays.
"""

import zlib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files

import numpy
import yaml
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population.months import first_day, month_number, month_range, month_text
from openfisca_cej.population.table import Input, Population

DATA = files("openfisca_cej.population") / "data"

#: Months followed when nothing else is asked: from the first entry to the end of the last one.
WINDOW = month_range("2022-03:2023-12")

SEED = 2022
LOCAL, NATIONAL = "mission_locale", "france_travail"
TIER = "cej_situation_fiscale"
DIPLOMAS = ("aucun", "cap_bep", "baccalaureat", "superieur")
DAY = numpy.timedelta64(1, "D")
MONTH = numpy.timedelta64(1, "M")

#: Shares are kept this far from 0 and 1 where a rhythm or a ratio is made of them.
RARE = 1e-6

#: Mean length of a month, in days, for spells drawn in months.
DAYS_IN_MONTH = 365.25 / 12


@cache
def load(name: str) -> dict:
    """The data file of this name, as a dictionary: read once, never to be changed."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


def entrants(system: TaxBenefitSystem, seed: int = SEED) -> Population:
    """The embedded population: 24 197 persons, the same for the same seed."""
    return Entrants(system, load("marges_paca_2022"), load("hypotheses"), seed).population()


# Quotas.


def quotas(shares: Sequence[float], total: int) -> numpy.ndarray:
    """Whole counts that add up to ``total`` in these proportions, by largest remainder."""
    exact = numpy.asarray(shares, dtype=float)
    exact = exact / exact.sum() * total
    counts = numpy.floor(exact).astype(int)
    largest = numpy.argsort(counts - exact, kind="stable")
    counts[largest[: total - counts.sum()]] += 1
    return counts


def dealt(shares: Mapping, total: int, draw: numpy.random.Generator) -> numpy.ndarray:
    """``total`` keys in these proportions (exact quotas), in random order."""
    keys = numpy.array(list(shares))
    return draw.permutation(numpy.repeat(keys, quotas(list(shares.values()), total)))


def chosen(share: float, total: int, draw: numpy.random.Generator) -> numpy.ndarray:
    """A boolean for each of ``total`` persons, true for exactly this share of them."""
    return draw.permutation(numpy.arange(total) < quotas([share, 1 - share], total)[0])


def lengths(mean: float, peaks: Mapping[int, float], longest: int) -> dict[int, float]:
    """Shares of lengths from 1 to ``longest`` months: the peaks, and a geometric slope elsewhere.

    The slope is the one that gives this mean (bisection: the mean grows with the slope).
    """
    others = numpy.array([month for month in range(1, longest + 1) if month not in peaks])
    weight = max(1 - sum(peaks.values()), RARE)
    target = (mean - sum(month * share for month, share in peaks.items())) / weight
    if not others[0] < target < others[-1]:
        raise ValueError(f"No slope gives a mean of {mean} months")
    low, high = -5.0, 5.0
    for _ in range(100):
        slope = (low + high) / 2
        shares = numpy.exp(slope * (others - longest))
        shares /= shares.sum()
        low, high = (slope, high) if shares @ others < target else (low, slope)
    return dict(
        sorted({**peaks, **dict(zip(others.tolist(), weight * shares, strict=True))}.items())
    )


def waiting(share: float, months: float) -> float:
    """Mean wait (months, exponential) that ends within so many months for this share."""
    return -months / numpy.log1p(-numpy.clip(share, RARE, 1 - RARE))


# Dates.


def shift(dates: numpy.ndarray, months: numpy.ndarray | int) -> numpy.ndarray:
    """Dates some months later, the last day of the month where the day does not exist."""
    starts = dates.astype("datetime64[M]")
    targets = starts + months * MONTH
    days = targets.astype("datetime64[D]") + (dates - starts.astype("datetime64[D]"))
    return numpy.minimum(days, (targets + MONTH).astype("datetime64[D]") - DAY)


def age_at(births: numpy.ndarray, date: numpy.ndarray | numpy.datetime64) -> numpy.ndarray:
    """Completed years at a date."""
    date = numpy.broadcast_to(numpy.asarray(date, dtype="datetime64[D]"), births.shape)
    months = (date.astype("datetime64[M]") - births.astype("datetime64[M]")).astype(int)
    days = date - date.astype("datetime64[M]"), births - births.astype("datetime64[M]")
    return (months - (days[0] < days[1])) // 12


def coverage(starts: numpy.ndarray, ends: numpy.ndarray, months: range) -> numpy.ndarray:
    """Share of each month covered by spells (from ``starts`` to ``ends`` excluded, dates).

    Rows are persons, columns months; a spell that ends before it starts covers nothing.
    """
    firsts = numpy.array([first_day(month) for month in months])
    nexts = numpy.array([first_day(month + 1) for month in months])
    days = numpy.minimum(ends[:, None], nexts) - numpy.maximum(starts[:, None], firsts)
    return numpy.maximum(days.astype(int), 0) / (nexts - firsts).astype(int)


class Entrants:
    """The population in the making: each step draws from its own random stream."""

    #: What identifiers start with, the rank of the first one, and the largest rank of all.
    prefix = "PACA"
    first_rank = 1
    last_rank: int | None = None

    #: Whether what nobody has is given too.
    every_month = False

    def __init__(
        self,
        system: TaxBenefitSystem,
        margins: dict,
        assumptions: dict,
        seed: int,
        count: int | None = None,
        history: int = 1,
    ) -> None:
        """``count`` persons are drawn: as many as entered, unless said.

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
        self.months = range(first - history, last + 19)

    def published(self, name: str):
        """Value of a published marginal."""
        return self.margins[name]["valeur"]

    def assumed(self, name: str):
        """Value of an assumption."""
        return self.assumptions[name]["valeur"]

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
        others = numpy.setdiff1d(numpy.arange(self.count), local[: counts[minors]])
        bands[others] = dealt({band: counts[band] for band in adults}, len(others), draw)
        return bands

    @cached_property
    def disabled(self) -> numpy.ndarray:
        """Whose quality of disabled worker is recognised."""
        return chosen(self.assumed("part_rqth"), self.count, self.draw("rqth"))

    @cached_property
    def ages(self) -> numpy.ndarray:
        """Completed years at signature: within a band, as young people out of work and school."""
        known = self.assumed("taux_neet")
        weights = {
            age: people * numpy.interp(age, list(known), list(known.values()))
            for age, people in self.assumed("population_par_age").items()
        }
        limit = (
            1
            + self.system.parameters(
                month_text(self.months[-1])
            ).contrat_engagement_jeune.public.age_maximum
        )
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
    def ends(self) -> numpy.ndarray:
        """Last day of the contract: a whole number of months after the signature."""
        return shift(self.signatures, self.durations) - DAY

    @cached_property
    def durations(self) -> numpy.ndarray:
        """Months of contract, by operator: peaks at six and twelve, the published means."""
        peaks = {6: self.assumed("part_duree_6_mois"), 12: self.assumed("part_duree_12_mois")}
        durations = numpy.zeros(self.count, dtype=int)
        draw = self.draw("durée")
        for operator, mean in self.published("durees").items():
            who = numpy.flatnonzero(self.entries[1] == operator)
            durations[who] = dealt(lengths(mean, peaks, 12), len(who), draw)
        extended = chosen(self.assumed("part_prolonges"), self.count, draw)
        return numpy.where(extended, 18, durations)

    def sanctions(self) -> numpy.ndarray:
        """Rank of the failing notified in each month of contract, 0 for none."""
        # Drawn from the month before the first entry on, however long the history.
        months = self.months[self.history - 1 :]
        days = coverage(self.signatures, self.ends + DAY, months)
        chance = self.draw("manquement").random(days.shape)
        notified = (days > 0) & (chance < self.assumed("risque_mensuel_manquement"))
        ranks = numpy.where(notified, numpy.minimum(notified.cumsum(axis=1), 3), 0)
        return numpy.pad(ranks, ((0, 0), (self.history - 1, 0)))

    # The foyer fiscal.

    def tiers(self) -> numpy.ndarray:
        """Rank of the tier of the foyer at signature, in the enumeration of the model.

        Of the parents' foyer for those who were minors on 1 January of the year of the incomes,
        or under the limit and living with a parent; others are their own foyer, not taxed.
        """
        draw = self.draw("foyer")
        months = self.entries[0]
        new_notice = self.system.parameters(
            month_text(self.months[-1])
        ).contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvel_avis
        years = months // 12 - numpy.where(months % 12 + 1 >= new_notice, 1, 2)
        dates = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        ages = age_at(self.births, dates)
        may_join = numpy.flatnonzero(
            (ages >= 18) & (ages < self.assumed("age_limite_rattachement"))
        )
        attached = ages < 18
        attached[may_join] = self.living_with_a_parent(may_join, draw)
        taxed, beyond = self.assumed("part_foyers_imposes"), self.assumed("part_foyers_au_dela")
        ranks = {item.name: item.index for item in self.system.variables[TIER].possible_values}
        shares = {
            ranks["non_imposable"]: 1 - taxed,
            ranks["premiere_tranche"]: taxed - beyond,
            ranks["au_dela"]: beyond,
        }
        tiers = numpy.full(self.count, ranks["non_imposable"])
        tiers[attached] = dealt(shares, int(attached.sum()), draw)
        return tiers

    def living_with_a_parent(
        self, persons: numpy.ndarray, draw: numpy.random.Generator
    ) -> numpy.ndarray:
        """Which of these adults live with a parent."""
        return chosen(self.assumed("part_vivant_avec_un_parent"), len(persons), draw)

    # Resources, as spells between two dates.

    def days(self, months: numpy.ndarray) -> numpy.ndarray:
        """Durations in months (floats) as whole days."""
        return (months * DAYS_IN_MONTH).astype("timedelta64[D]")

    @cached_property
    def worked(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Share of each month at work, and net pay of the month (€)."""
        draw = self.draw("travail")
        minimum = self.minimum_wage()
        share = numpy.zeros((self.count, len(self.months)))
        pay = numpy.zeros_like(share)
        before = self.draw("travail avant la signature")
        spells = [(spell, draw) for spell in (self.lasting_job(draw), *self.short_jobs(draw))]
        for (starts, ends), own in [*spells, (self.former_job(before), before)]:
            spell = numpy.minimum(coverage(starts, ends, self.months), 1 - share)
            share += spell
            pay += spell * self.working_times(own)[:, None] * minimum
        return share, pay

    def minimum_wage(self) -> numpy.ndarray:
        """Net minimum wage (€) of each month, full time."""
        gross = [
            self.system.parameters(
                month_text(month)
            ).marche_travail.salaire_minimum.smic.smic_b_mensuel
            for month in self.months
        ]
        return numpy.array(gross) * self.assumed("part_nette_smic")

    def working_times(self, draw: numpy.random.Generator) -> numpy.ndarray:
        """Working time of a job, as a share of full time."""
        bounds = self.assumed("quotite_minimum"), self.assumed("quotite_maximum")
        part_time = chosen(self.assumed("part_temps_partiel"), self.count, draw)
        return numpy.where(part_time, draw.uniform(*bounds, self.count), 1.0)

    def lasting_job(self, draw: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The job of more than six months that ends the contract, after the trial period."""
        able = numpy.flatnonzero(self.durations <= 9)
        share = self.assumed("part_emploi_durable_9_mois") * self.count / len(able)
        hired = numpy.zeros(self.count, dtype=bool)
        hired[able] = chosen(min(share, 1), len(able), draw)
        trial = self.days(draw.uniform(0, self.assumed("mois_essai_maximum"), self.count))
        starts = numpy.maximum(self.ends + DAY - trial, self.signatures)
        return starts, numpy.where(hired, first_day(self.months[-1] + 1), starts)

    def short_jobs(self, draw: numpy.random.Generator):
        """Jobs of one to six months that do not end the contract, one after the other.

        Their rhythm is that which gives, in nine months, a job to as many of the persons without
        a lasting one as was observed.
        """
        lasting = self.assumed("part_emploi_durable_9_mois")
        share = (self.assumed("part_emploi_9_mois") - lasting) / (1 - min(lasting, 1 - RARE))
        wait = waiting(share, 9)
        longest = self.assumed("emploi_court_maximum")
        ends = self.signatures
        while (ends <= self.ends).any():
            starts = ends + self.days(draw.exponential(wait, self.count))
            ends = starts + self.days(draw.uniform(1, longest, self.count))
            yield starts, ends

    def former_job(self, draw: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The job that some leave on the eve of the signature, as long as the short ones."""
        worked = chosen(self.assumed("part_travail_avant_signature"), self.count, draw)
        lengths = draw.uniform(1, self.assumed("emploi_court_maximum"), self.count)
        starts = self.signatures - self.days(lengths)
        return starts, numpy.where(worked, self.signatures, starts)

    def unemployment_benefit(self) -> numpy.ndarray:
        """Unemployment benefit (€) of each month: one spell from before the entry, not at work."""
        draw = self.draw("chômage")
        low, high = self.assumed("are_minimum"), self.assumed("are_maximum")
        above = (high - 500) / (high - low)
        entitled = numpy.zeros(self.count, dtype=bool)
        for operator, share in self.assumed("part_are_plus_de_500").items():
            who = numpy.flatnonzero(self.entries[1] == operator)
            entitled[who] = chosen(min(share / above, 1), len(who), draw)
        left = self.days(draw.exponential(self.assumed("are_duree_moyenne"), self.count))
        starts = first_day(self.months[0]) + numpy.zeros(self.count, dtype="timedelta64[D]")
        ends = numpy.where(entitled, self.signatures + left, starts)
        amounts = draw.uniform(low, high, self.count)
        unemployed = coverage(starts, ends, self.months) * (1 - self.worked[0])
        return unemployed * amounts[:, None]

    def training_pay(self, benefit: numpy.ndarray) -> numpy.ndarray:
        """Pay of the trainee (€) in each month, for those who have no unemployment benefit.

        In some trainings only; who has a benefit keeps it.
        """
        draw = self.draw("formation")
        trained = chosen(self.assumed("part_formes"), self.count, draw)
        paying = self.assumed("part_formations_remunerees")
        trained &= chosen(paying, self.count, self.draw("formation rémunérée"))
        mean = self.assumed("part_semaines_formation") / max(self.assumed("part_formes"), RARE)
        length = draw.uniform(max(0, 2 * mean - 1), min(1, 2 * mean), self.count)
        days = (self.ends + DAY - self.signatures).astype(int)
        first = draw.uniform(0, 1, self.count) * (1 - length)
        starts = self.signatures + (first * days).astype("timedelta64[D]")
        ends = starts + (length * days).astype("timedelta64[D]")
        in_training = coverage(starts, numpy.where(trained, ends, starts), self.months)
        in_training *= (1 - self.worked[0]) * (benefit == 0)
        rates = self.assumed("remuneration_formation")
        ranks = numpy.searchsorted(list(rates), self.ages, side="right") - 1
        return in_training * numpy.array(list(rates.values()))[numpy.maximum(ranks, 0)][:, None]

    def civic_service(self) -> numpy.ndarray:
        """Indemnity of civic service (€) in each month of contract."""
        draw = self.draw("service civique")
        wait = waiting(self.assumed("risque_annuel_service_civique"), 12)
        starts = self.signatures + self.days(draw.exponential(wait, self.count))
        ends = shift(starts, round(self.assumed("mois_service_civique")))
        served = coverage(starts, ends, self.months) > 0
        return served * float(self.assumed("indemnite_service_civique"))

    # All together.

    def population(self) -> Population:
        """The population, with the inputs that the model reads and the other attributes."""
        width = len(str(self.last_rank or self.count))
        ranks = range(self.first_rank, self.first_rank + self.count)
        ids = [f"{self.prefix}-{rank:0{width}d}" for rank in ranks]
        inputs = [*self.situation(), *self.monthly()]
        return Population(self.count, ids, inputs, attributes=self.attributes())

    def situation(self) -> list[Input]:
        """What does not change from month to month."""
        return [
            Input("date_naissance", None, self.births),
            Input("rqth", None, self.disabled),
            Input("cej_date_signature", None, self.signatures),
            Input("cej_date_fin", None, self.ends),
            Input(TIER, None, self.tiers()),
        ]

    def monthly(self) -> list[Input]:
        """Resources and sanctions that someone has: for all the months, nil ones included."""
        benefit = self.unemployment_benefit()
        resources = {
            "salaire_net": self.worked[1],
            "chomage_net": benefit,
            "revenus_stage_formation_pro": self.training_pay(benefit),
            "indemnites_volontariat": self.civic_service(),
            "cej_rang_manquement": self.sanctions(),
        }
        return [
            Input(variable, month_text(month), numpy.ascontiguousarray(column))
            for variable, values in resources.items()
            for month, column in zip(self.months, values.round(2).T, strict=True)
            if self.every_month or values.any()
        ]

    def attributes(self) -> dict[str, numpy.ndarray]:
        """What describes a person and that the model does not read."""
        return {
            "operateur": self.entries[1],
            "age": self.ages,
            "diplome": self.diplomas,
            "qpv": chosen(self.published("qpv"), self.count, self.draw("qpv")),
            "homme": chosen(self.assumed("part_hommes"), self.count, self.draw("sexe")),
            "duree": self.durations,
        }
