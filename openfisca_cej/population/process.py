"""What the months of a contract are made of: work, training, benefits, and what is not declared.

States of a month of contract: accompaniment, a job of less than a month, one of one to six months,
the trial of a lasting job, a training (paid or not), a solution that suspends the allowance, each
with or without unemployment benefit, and declared or not. Several may share a month: a job has its
share of it, and what is left is split among the others. Only assumptions decide; months are rows of
calendar, persons rows of arrays.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy

from openfisca_cej.base import mois_civils, premiers_jours
from openfisca_cej.names import DECISION, FAILING, LATE, TRAINING, UNEMPLOYMENT, WAGE
from openfisca_cej.population.months import month_text

if TYPE_CHECKING:
    from openfisca_cej.population.synthetic import Entrants

#: Months whose hirings follow the assumption of summer: June to August.
SUMMER = (5, 6, 7)

#: Shares are kept this far from 0 and 1 where a rhythm or a ratio is made of them.
RARE = 1e-6

#: The longest part of a month that a job of less than a month takes.
BRIEF = 0.9


def position(dates: numpy.ndarray) -> numpy.ndarray:
    """Where dates lie, in months: the number of the month, and the part of it that is over."""
    days = dates.view("int64")
    months = mois_civils(days)
    firsts = premiers_jours(months)
    lengths = premiers_jours(months, 1) - firsts
    return months.view("int64") + 12 * 1970 + (days - firsts) / lengths


def covered(starts: numpy.ndarray, ends: numpy.ndarray, grid: numpy.ndarray) -> numpy.ndarray:
    """Share of each month between two positions; rows are persons, columns months."""
    shares = numpy.minimum(ends[:, None], grid + 1)
    shares -= numpy.maximum(starts[:, None], grid)
    return numpy.clip(shares, 0, 1, out=shares)


def hazard(share: float, months: float) -> float:
    """Rhythm (per month) of what happens to this share of persons within so many months."""
    return float(-numpy.log1p(-numpy.clip(share, RARE, 1 - RARE)) / months)


def normalised(weights: dict[str, Any]) -> numpy.ndarray:
    """Chances in these proportions."""
    values = numpy.array(list(weights.values()), dtype=float)
    return values / values.sum()


class Process:
    """The resources of persons, month by month, from the month before the first entry on.

    ``making`` tells who they are, when their contracts run, and what is assumed. Columns are all
    the months or, if it has a ``width``, as many months of each contract from the one before it on:
    the same values, of which few are left out that matter.
    """

    def __init__(self, making: "Entrants") -> None:
        self.making = making
        self.count = making.count
        # Drawn from the month before the first entry on, however long the history.
        self.months = making.months[making.history - 1 :]
        self.everyone = numpy.arange(self.count)
        self.width = making.width or len(self.months)
        #: The ranks of the first month of each person, and of the month of each column or cell.
        self.firsts = numpy.zeros_like(self.everyone)
        self.columns = numpy.arange(self.width)
        if making.width:
            self.firsts = making.entries[0] - 1 - self.months[0]
            self.columns = self.columns + self.firsts[:, None]
        self.grid = self.columns + float(self.months[0])
        self.start, self.end = (
            position(making.signatures),
            position(making.ends + numpy.timedelta64(1, "D")),
        )
        # A contract at its term may go on, under a law that has another.
        self.latest = position(making.latest_ends + numpy.timedelta64(1, "D"))
        self.contract = covered(self.start, self.latest, self.grid)
        #: Until when months are read of each.
        self.until = self.end if making.width else numpy.full(self.count, numpy.inf)

    @cached_property
    def numbers(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Where numbers are drawn for all the months, time and again, and which are kept."""
        room = numpy.empty((self.count, len(self.months)))
        return room, self.columns + len(self.months) * self.everyone[:, None]

    def random(self, draw: numpy.random.Generator) -> numpy.ndarray:
        """A number from 0 to 1 for each person and month."""
        if not self.making.width:
            return draw.random((self.count, self.width))
        room, kept = self.numbers
        return draw.random(out=room).take(kept)

    def assumed(self, name: str) -> Any:
        """Value of an assumption."""
        return self.making.assumed(name)

    def of_operator(self, name: str) -> numpy.ndarray:
        """An assumption by operator, as one value a person."""
        values = self.assumed(name)
        operators = self.making.entries[1]
        return numpy.select([operators == key for key in values], list(values.values()))

    # Work.

    @cached_property
    def lasting(self) -> numpy.ndarray:
        """Where the lasting job of each begins, infinite without one."""
        return self.making.lasting_job(self, self.making.draw("emploi durable"))

    @cached_property
    def minimum_wage(self) -> numpy.ndarray:
        """Net minimum wage (€) of each month, full time."""
        return self.wages(self.months)

    def wages(self, months: range) -> numpy.ndarray:
        """Net minimum wage (€) of months."""
        # This parameter alone: the whole law of so many months takes longer than all the rest.
        smic = self.making.system.parameters.marche_travail.salaire_minimum.smic.smic_b_mensuel
        gross = [smic(month_text(month)) for month in months]
        return numpy.array(gross) * self.assumed("part_nette_smic")

    def some(
        self, draw: numpy.random.Generator, rows: numpy.ndarray, low: float = 0, high: float = 1
    ) -> numpy.ndarray:
        """A number for each of some persons (ranks that rise); those of the others are skipped."""
        first, stop = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
        stream = cast(numpy.random.PCG64, draw.bit_generator)
        stream.advance(first)
        found = draw.uniform(low, high, stop - first)
        stream.advance(self.count - stop)
        return found.take(rows - first)

    def levels(
        self, draw: numpy.random.Generator, short: bool, rows: numpy.ndarray | None = None
    ) -> numpy.ndarray:
        """Net pay of a job of each, as a share of the net minimum wage of a full time."""
        rows = self.everyone if rows is None else rows
        bounds = self.assumed("quotite_minimum"), self.assumed("quotite_maximum")
        part_time = self.some(draw, rows) < self.assumed("part_temps_partiel")
        times = numpy.where(part_time, self.some(draw, rows, *bounds), 1.0)
        # How many numbers this law takes is not known before: it is drawn for all.
        above = draw.standard_exponential(self.count).take(rows)
        above *= self.assumed("ecart_salaire_moyen")
        above[self.some(draw, rows) < self.assumed("part_au_smic")] = 0
        premium = self.assumed("prime_contrat_court") if short else 0
        return times * (1 + above) * (1 + premium)

    @cached_property
    def worked(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Share of each month at work, and net pay of the month (€)."""
        share, level = self.short_jobs(self.making.draw("emplois courts"))
        brief, pay = self.brief_jobs(share, self.making.draw("missions"))
        share, level = share + brief, level + pay
        lasting = covered(self.lasting, numpy.full(self.count, numpy.inf), self.grid)
        begins, of_former = self.former
        former = covered(begins, self.start, self.grid)
        # The lasting job takes the place of the others.
        room = numpy.maximum(1 - lasting - former, 0)
        kept = numpy.minimum(share, room) / numpy.maximum(share, RARE)
        own = self.levels(self.making.draw("salaire durable"), short=False)
        level = level * kept + lasting * own[:, None] + former * of_former[:, None]
        return share * kept + lasting + former, level * self.minimum_wage.take(self.columns)

    def short_jobs(self, draw: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Jobs of a month or more that do not end the contract: share of the month, and level.

        Their rhythm is that which gives, in nine months, a job to as many of the persons without
        a lasting one as was observed; it rises in summer. One job follows the other.
        """
        rhythm = self.rhythm()
        limit = numpy.minimum(self.lasting, self.latest)
        longest = self.assumed("emploi_court_maximum")
        ends = numpy.full(self.count, -numpy.inf)
        level = numpy.zeros(self.count)
        share, levels = numpy.zeros((2, self.count * self.width))
        places = self.everyone * self.width - self.firsts
        for rank, month in enumerate(self.months[: self.columns.max() + 1]):
            able = (ends > month) | ((self.start < month + 1) & (limit > month))
            rows = numpy.flatnonzero(able & (self.until > month))
            known, before = ends.take(rows), level.take(rows)
            held = numpy.clip(known - month, 0, 1)
            free = numpy.maximum(numpy.maximum(known, self.start.take(rows)), month)
            room = numpy.maximum(numpy.minimum(limit.take(rows), month + 1) - free, 0)
            season = self.assumed("coefficient_ete") if month % 12 in SUMMER else 1
            season *= self.making.hiring(month)
            hired = self.some(draw, rows) < -numpy.expm1(-rhythm.take(rows) * season * room)
            begins = free + self.some(draw, rows) * room
            length = self.some(draw, rows, 1, longest)
            own = self.levels(draw, True, rows)
            new = hired * (month + 1 - begins)
            here = places.take(rows) + rank
            share[here] = held + new
            levels[here] = held * before + new * own
            ends[rows] = numpy.where(hired, begins + length, known)
            level[rows] = numpy.where(hired, own, before)
        return share.reshape(self.count, -1), levels.reshape(self.count, -1)

    def rhythm(self) -> numpy.ndarray:
        """Hirings a month in jobs of a month or more that do not last, of each person.

        The coefficient of summer leaves the mean of the year as it is.
        """
        found = numpy.zeros(self.count)
        operators = self.making.entries[1]
        lasting = self.assumed("part_emploi_durable_9_mois")
        for operator, share in self.assumed("part_emploi_9_mois").items():
            others = (share - lasting[operator]) / max(1 - lasting[operator], RARE)
            found[operators == operator] = hazard(others, 9)
        year = len(SUMMER) * self.assumed("coefficient_ete") + 12 - len(SUMMER)
        return found * 12 / year

    def brief_jobs(
        self, share: numpy.ndarray, draw: numpy.random.Generator
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Jobs of less than a month, in months of contract without any other job."""
        hired = self.random(draw) < self.assumed("risque_mensuel_mission")
        hired &= (self.contract > 0) & (share == 0)
        brief = hired * (BRIEF * self.random(draw)) * self.contract
        return brief, brief * self.levels(draw, short=True)[:, None]

    @cached_property
    def former(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Where the job that some leave on the eve of the signature begins, and its level.

        It is as long as the short ones; it begins at the signature for those without one.
        """
        draw = self.making.draw("travail avant la signature")
        worked = draw.random(self.count) < self.assumed("part_travail_avant_signature")
        length = draw.uniform(1, self.assumed("emploi_court_maximum"), self.count)
        return self.start - length * worked, self.levels(draw, short=True)

    # Structuring solutions, and unemployment benefit.

    @cached_property
    def structuring(self) -> numpy.ndarray:
        """Share of each month in a structuring solution: one spell of the contract, at random."""
        draw = self.making.draw("solution structurante")
        some = draw.random(self.count) < self.assumed("part_formes")
        mean = self.assumed("part_semaines_formation") / max(self.assumed("part_formes"), RARE)
        length = draw.uniform(max(0, 2 * mean - 1), min(1, 2 * mean), self.count)
        first = draw.random(self.count) * (1 - length)
        months = self.end - self.start
        starts = self.start + first * months
        return covered(starts, starts + some * length * months, self.grid)

    @cached_property
    def natures(self) -> tuple[numpy.ndarray, ...]:
        """Of the structuring solution of each: whether it is a training, is paid, at the rate of
        those who have worked, and else which suspends the allowance.
        """
        draw = self.making.draw("nature de la solution")
        trained = draw.random(self.count) < self.assumed("part_formations")
        paid = trained & (draw.random(self.count) < self.assumed("part_formations_remunerees"))
        experienced = draw.random(self.count) < self.assumed("part_formations_685")
        kinds = self.assumed("solutions_suspensives")
        return trained, paid, experienced, draw.choice(list(kinds), self.count, p=normalised(kinds))

    @property
    def in_training(self) -> numpy.ndarray:
        """Who has a training during the contract."""
        return self.natures[0] & (self.structuring > 0).any(axis=1)

    def solutions(self, benefit: numpy.ndarray) -> dict[str, numpy.ndarray]:
        """Pay (€) of trainings, and of the solutions that suspend the allowance.

        Who has an unemployment benefit keeps it in training, in place of the trainee's pay.
        """
        trained, paid, experienced, taken = self.natures
        rates = self.assumed("remuneration_formation")
        ages = self.making.ages
        rate = numpy.select(
            [ages < 18, experienced | (ages >= 26)],
            [rates["mineur"], rates["ancien_salarie"]],
            rates["majeur"],
        )
        free = self.structuring * numpy.maximum(1 - self.worked[0], 0)
        found = {TRAINING: free * (paid * rate)[:, None] * (benefit == 0)}
        for name, amount in self.assumed("remuneration_suspensive").items():
            found[name] = free * ((taken == name) & ~trained)[:, None] * amount
        return found

    @cached_property
    def benefit(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Monthly unemployment benefit (€) of each, and where the right ends."""
        draw = self.making.draw("chômage")
        low, mean = self.assumed("are_minimum"), self.assumed("are_moyenne")
        high = 2 * mean - low
        above = (high - 500) / (high - low)
        entitled = draw.random(self.count) < self.of_operator("part_are_plus_de_500") / above
        right = draw.uniform(6, max(6, 2 * self.assumed("are_droit") - 6), self.count)
        used = draw.random(self.count) * min(1, 2 * self.assumed("part_are_consommee"))
        return entitled * draw.uniform(low, high, self.count), self.start + right * (1 - used)

    def unemployment_benefit(self, grid: numpy.ndarray) -> numpy.ndarray:
        """Unemployment benefit (€) of months: one spell from before the entry on."""
        amounts, ends = self.benefit
        before = numpy.full(self.count, -numpy.inf)
        return covered(before, ends, grid) * amounts[:, None]

    # Administration.

    def undeclared(self) -> numpy.ndarray:
        """Months of contract that are not declared, or whose file was never opened: not payable."""
        draw = self.making.draw("administration")
        closed = draw.random(self.count) < self.of_operator("part_dossiers_jamais_ouverts")
        missed = self.random(draw) < self.assumed("part_mois_non_declares")
        return (self.contract > 0) & (missed | closed[:, None])

    def sanctions(self) -> numpy.ndarray:
        """Rank of the failing notified in each month of contract, 0 for none."""
        chance = self.random(self.making.draw("manquement"))
        notified = (self.contract > 0) & (chance < self.assumed("risque_mensuel_manquement"))
        return numpy.where(notified, numpy.minimum(notified.cumsum(axis=1), 3), 0)

    # All together.

    def resources(self) -> dict[str, numpy.ndarray]:
        """Resources (€), by variable, in the months of the process."""
        benefit = self.unemployment_benefit(self.grid)
        found = {WAGE: self.worked[1], **self.solutions(benefit)}
        idle = 1 - numpy.minimum(self.worked[0], 1)
        suspended = numpy.any(
            [found[name] > 0 for name in self.assumed("remuneration_suspensive")], axis=0
        )
        found[UNEMPLOYMENT] = benefit * idle * ~suspended
        return found

    def before(self) -> dict[str, numpy.ndarray]:
        """Resources (€) of the months of the history before these ones: none but two."""
        early = self.making.months[: self.making.history - 1]
        grid, (former, level) = numpy.array(early), self.former
        worked = covered(former, self.start, grid)
        return {
            WAGE: worked * level[:, None] * self.wages(early),
            UNEMPLOYMENT: self.unemployment_benefit(grid) * (1 - worked),
        }

    def events(self) -> dict[str, numpy.ndarray]:
        """Sanctions and months lost, by variable; under the second scale, least of each motif."""
        ranks, lost = self.sanctions(), {LATE: self.undeclared()}
        # No contract runs in the first of these months, which may be before the law.
        second = numpy.array([False, *map(self.making.second_scale, self.months[1:])])
        if not second[: self.making.last_month - self.months[0] + 1].any():
            return {FAILING: ranks, **lost}
        second = second.take(self.columns)
        motifs = self.making.system.get_variable(DECISION, True).possible_values
        decisions = (ranks > 0) * second * motifs.manquement.index
        return {FAILING: ranks * ~second, DECISION: decisions, **lost}
