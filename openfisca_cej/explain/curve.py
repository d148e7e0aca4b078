"""The allowance of a month against a resource: straight segments, with solved break points.

One vectorised simulation computes the allowance before rounding at every euro, a second one at
every centime of the euros where the slope changes. The lines on either side then give the break
itself, at their intersection; where they do not meet, there is a jump between two centimes.
The description is checked against every computed point, and against the rounded allowance.
"""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
from openfisca_core.periods import Period

from openfisca_cej import language, names
from openfisca_cej.base import arrondi_au_centime
from openfisca_cej.explain.frozen import Found
from openfisca_cej.explain.resources import Effect, is_resource, resource
from openfisca_cej.explain.situation import Situation, asked
from openfisca_cej.explain.tree import TracedRun
from openfisca_cej.explain.variants import Variants
from openfisca_cej.french import plain_euros as euros
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.lean import LeanSimulation
from openfisca_cej.population.months import before_law, month_number
from openfisca_cej.refusals import nearest, quoted

#: Version of the JSON of a curve.
VERSION = "1"

#: Two slopes (€ per €) closer than this are one: float64 errs by less than 1e-10 over a centime.
SAME_SLOPE = 1e-8

#: Largest distance (€) between the description and a computed amount.
TOLERANCE = 1e-9

#: A solution this near (€) to a number of so few decimals is that number.
SAME_SOLUTION, SHORT_DECIMALS = 1e-10, 6

#: Distance (€) under which a break is said to be at a threshold of the law.
NEAR_A_PARAMETER = 1e-6

#: Decimals kept of an unrounded amount: the noise of float64 is dropped, no half-centime is moved.
DECIMALS = 12

#: Persons computed at once: bounds the memory of a curve.
MOST_ROWS = 400_000

#: Euros of a curve at most, and kinks beyond which an allowance is no piecewise line.
LONGEST, MOST_KINKS = 20_000, 200

#: Straight runs: each kink makes three at most, when it is no noise of float64.
MOST_PIECES = 3 * MOST_KINKS

#: Persons times resources of a whole curve, whatever the law says: bounds its time.
MOST_POINTS = 400_000

#: What the allowance is made of before it is rounded, and what is paid.
OF_THE_SUM = (names.BEFORE, names.PAYABLE, names.WITHHELD, names.RESULT)

#: Kind and label of a change of slope that no parameter of the law explains.
UNNAMED = ("changement de taux", "changement de taux")


class NoCurve(ValueError):
    """A curve that cannot be drawn: why, in English and in French; its text is the user's."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(fr if language.current() == "fr" else en)
        self.en, self.fr = en, fr


@dataclass(frozen=True)
class Segment:
    """A straight piece: resource (€) at both ends, unrounded amounts there, € lost per €."""

    start: float
    end: float
    start_amount: float
    end_amount: float
    rate: float

    def amount(self, resource: numpy.ndarray | float) -> numpy.ndarray | float:
        """The unrounded allowance (€) for a resource within the segment."""
        return self.start_amount + self.rate * (resource - self.start)


@dataclass(frozen=True)
class Break:
    """Where the slope changes, or where the allowance jumps.

    ``solution`` is the resource (€) of the intersection, unrounded; ``resource`` the same to the
    centime, for a jump the first centime after it. ``before`` and ``after`` are the unrounded
    allowances on either side, equal unless the allowance jumps. ``kind`` is « abattement »,
    « sortie », « saut » or « changement de taux », ``label`` says it with the law's numbers.
    """

    resource: float
    solution: float
    before: float
    after: float
    kind: str
    label: str

    @property
    def is_cliff(self) -> bool:
        """Whether the allowance jumps."""
        return self.kind == "saut"


@dataclass(frozen=True)
class Curve:
    """The allowance of a person for a month against one of their resources.

    ``segments`` cover the centimes from 0 to ``maximum``; ``breaks`` are between them. ``frozen``
    are the values that the law has moved since the last one known, and on which some point rests.
    """

    month: str
    person: str
    variable: str
    label: str
    maximum: float
    segments: tuple[Segment, ...]
    breaks: tuple[Break, ...] = field(default=())
    frozen: Found = ()

    @property
    def cliffs(self) -> tuple[Break, ...]:
        """The breaks where the allowance jumps."""
        return tuple(one for one in self.breaks if one.is_cliff)

    @property
    def is_nil(self) -> bool:
        """Whether nothing is due, whatever the resource."""
        return not any(one.start_amount or one.end_amount for one in self.segments)

    def unrounded(self, centimes: Sequence[int] | numpy.ndarray) -> numpy.ndarray:
        """The allowance (€) before rounding, for resources in centimes from 0 to the maximum."""
        resources = numpy.asarray(centimes) / 100
        ends = numpy.array([segment.end for segment in self.segments])
        ranks = numpy.minimum(numpy.searchsorted(ends, resources), len(ends) - 1)
        starts, amounts, rates = (
            numpy.array([getattr(segment, name) for segment in self.segments])[ranks]
            for name in ("start", "start_amount", "rate")
        )
        return amounts + rates * (resources - starts)

    def allowance(self, centimes: Sequence[int] | numpy.ndarray) -> numpy.ndarray:
        """The allowance (€) that is paid, rounded as the law rounds it."""
        return arrondi_au_centime(self.unrounded(centimes))

    def rate(self, centime: int) -> float:
        """Marginal rate just above a resource in centimes (below it, at the maximum)."""
        above = (segment.rate for segment in self.segments if segment.end > centime / 100)
        return next(above, self.segments[-1].rate)

    def to_json(self) -> dict[str, Any]:
        """The curve as JSON.

        ``version``, ``month``, ``person``, ``variable``, ``label``, ``maximum``; ``segments``:
        ``from``, ``to`` (€ of resource), ``amount_from``, ``amount_to`` (unrounded €),
        ``marginal_rate`` (€ of allowance per € of resource); ``breaks``: ``resource`` (to the
        centime), ``solution`` (unrounded), ``amount_before``, ``amount_after``, ``kind``,
        ``label``; ``cliffs``: the breaks where the allowance jumps; ``frozen``: the values that the
        law has moved since, in sentences. Texts are in French.
        """
        return {
            "version": VERSION,
            "month": self.month,
            "person": self.person,
            "variable": self.variable,
            "label": self.label,
            "maximum": self.maximum,
            "segments": [
                {
                    "from": one.start,
                    "to": one.end,
                    "amount_from": one.start_amount,
                    "amount_to": one.end_amount,
                    "marginal_rate": one.rate,
                }
                for one in self.segments
            ],
            "breaks": [break_json(one) for one in self.breaks],
            "cliffs": [break_json(one) for one in self.cliffs],
            "frozen": [one.sentence for one in self.frozen],
        }


def break_json(one: Break) -> dict[str, Any]:
    """A break as JSON."""
    return {
        "resource": one.resource,
        "solution": one.solution,
        "amount_before": one.before,
        "amount_after": one.after,
        "kind": one.kind,
        "label": one.label,
    }


def curve(
    situation: Situation,
    month: str | Period,
    person: str | None = None,
    variable: str = names.WAGE,
    maximum: float | None = None,
    back: Sequence[int] | None = None,
    run: TracedRun | None = None,
) -> Curve:
    """The allowance of the month against a monthly resource of the person, or of their family.

    The resource (€) is set in the month and in the months before that the law reads, or only so
    many months ``back`` (1: the month before), the others being those of the situation, from 0 to
    ``maximum``; by default up to the monthly SMIC, and farther while the allowance still changes.
    ``run`` is the allowance as it was traced, if it was. Kinks that cancel out within one euro are
    not seen. Raises NoCurve when the month is before the law, the variable does not suit, or the
    allowance is not made of straight runs; ValueError when the month or the person does not exist;
    InvalidSituation when several could be meant.
    """
    situation, moment, person = asked(situation, month, person)
    check_law(situation, moment)
    engine = Engine(run or TracedRun(situation, person, moment), variable, back)
    farthest = engine.farthest if maximum is None else checked_maximum(maximum)
    centimes, amounts = euro_by_euro(engine, farthest)
    while maximum is None and amounts[-1] > 0 and amounts[-1] != amounts[-2]:
        farther = min(2 * farthest, 100 * LONGEST)
        if farther == farthest or engine.is_too_much(farther // 100):
            break
        farthest = farther
        centimes, amounts = euro_by_euro(engine, farthest)
    centimes, amounts = refined(engine, centimes, amounts)
    runs = list(itertools.islice(straight_runs(centimes, amounts), MOST_PIECES + 1))
    if len(runs) > MOST_PIECES:
        raise engine.refusal()
    segments, breaks = joined(engine, runs)
    drawn = Curve(
        str(engine.month), person, variable, engine.label, farthest / 100, segments, breaks
    )
    check(engine, drawn, centimes, amounts)
    return dataclasses.replace(drawn, frozen=behind(engine, segments))


def behind(engine: "Engine", segments: Sequence[Segment]) -> Found:
    """The values that the law has moved since, and on which some point of a curve rests.

    The ends and the middle of each straight piece are looked at.
    """
    watch = engine.run.watch
    if not watch.read:
        return ()
    ends = [(100 * one.start, 100 * one.end) for one in segments]
    centimes = numpy.unique([round(x) for a, b in ends for x in (a, (a + b) / 2, b)])
    simulation = watch.simulation()
    variants = engine.variants(centimes, simulation)

    def paid() -> numpy.ndarray:
        return variants.calculate(names.RESULT, engine.month, engine.person)

    return tuple(watch.matter(simulation, [paid]))


def check_law(situation: Situation, month: Period) -> None:
    """Refuse a month before the law. Raises NoCurve."""
    number, first = month_number(str(month)), first_month(situation.system)
    if number < first:
        refused = before_law(number, first)
        raise NoCurve(refused.problem, refused.fr)


def checked_maximum(maximum: float) -> int:
    """The largest resource in centimes. Raises NoCurve."""
    if not 1 <= maximum <= LONGEST:
        raise NoCurve(
            f"the maximum is between 1 and {LONGEST} euros, not {maximum:g}",
            f"le maximum est entre 1 et {LONGEST} euros, et non {maximum:g}",
        )
    return round(100 * maximum)


def before_rounding(
    amounts: numpy.ndarray, payable: numpy.ndarray, withheld: numpy.ndarray, paid: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Allowances (€) before rounding, from what makes them up, and where they are not known.

    A reform of cej_allocation itself: what it pays is known to the centime only, which is exact
    where it is flat (a floor, a ceiling, a smallest payment).
    """
    unrounded = numpy.round(amounts * payable * (1 - withheld), DECIMALS)
    other = arrondi_au_centime(unrounded) != paid
    return numpy.where(other, paid, unrounded), other


class Engine:
    """The allowance before rounding, as a function of the resource in centimes."""

    def __init__(self, run: TracedRun, variable: str, back: Sequence[int] | None = None) -> None:
        self.run, self.situation = run, run.watched
        self.month, self.person = run.moment, run.person
        variables = self.situation.system.variables
        found = variables.get(variable)
        if found is None or not is_resource(found):
            inputs = [name for name, one in variables.items() if is_resource(one)]
            near = nearest(variable, inputs)
            raise NoCurve(
                f"{quoted(variable)} is not an input of euros per month; "
                + (f"did you mean « {near} »?" if near else "see openfisca-cej resources"),
                f"{quoted(variable)} n'est pas une donnée en euros par mois ; "
                + (f"vouliez-vous dire « {near} » ?" if near else "voir openfisca-cej resources"),
            )
        self.variable = variable
        self.label = found.label
        self.law = self.situation.system.get_parameters_at_instant(self.month)
        read = self.law.contrat_engagement_jeune.ressources.nombre_mois
        ago = range(read + 1) if back is None else back
        self.months = [self.month.offset(-months) for months in ago]
        self.only_rounded = False

    @property
    def farthest(self) -> int:
        """Where a curve ends by default: the gross monthly SMIC, to the hundred euros above."""
        smic = self.law.marche_travail.salaire_minimum.smic.smic_b_mensuel
        return 10_000 * int(min(max(-(-smic // 100), 1), LONGEST // 100))

    def is_too_much(self, points: int) -> bool:
        """Whether so many resources are more than a curve may have for so many persons."""
        return points * len(self.situation.persons) > MOST_POINTS

    def check_size(self, points: int) -> None:
        """Refuse to compute too many points. Raises NoCurve."""
        if self.is_too_much(points):
            count = points * len(self.situation.persons)
            raise NoCurve(
                f"{count} points (persons × resources) are more than {MOST_POINTS} "
                "(limit points): ask for a smaller maximum, or give only the persons of the "
                "household",
                f"{count} points (personnes × ressources), au lieu de {MOST_POINTS} au plus "
                "(limite points) : demandez un maximum plus petit, ou ne donnez que les personnes "
                "du foyer",
            )

    def amounts(self, centimes: numpy.ndarray) -> numpy.ndarray:
        """The allowance (€) before rounding, at each of the resources."""
        size = max(MOST_ROWS // len(self.situation.persons), 1)
        parts = [centimes[first : first + size] for first in range(0, len(centimes), size)]
        return numpy.concatenate([self._amounts(part) for part in parts])

    def _amounts(self, centimes: numpy.ndarray) -> numpy.ndarray:
        variants = self.variants(centimes)
        unrounded, other = before_rounding(
            *(variants.calculate(name, self.month, self.person) for name in OF_THE_SUM)
        )
        self.only_rounded |= bool(other.any())
        return unrounded

    def refusal(self) -> NoCurve:
        """Why the break points cannot be solved."""
        if self.only_rounded:
            return NoCurve(
                "the reform changes cej_allocation itself, whose amounts before rounding are not "
                "known: change cej_montant_avant_non_cumul, cej_versable or cej_fraction_supprimee "
                "instead",
                "la réforme change cej_allocation elle-même, dont les montants avant l'arrondi ne "
                "sont pas connus : changez plutôt cej_montant_avant_non_cumul, cej_versable ou "
                "cej_fraction_supprimee",
            )
        return NoCurve(
            "the allowance is not made of straight pieces: it has no break points",
            "la courbe ne peut pas être tracée : l'allocation n'est pas faite de segments droits",
        )

    def variants(
        self, centimes: numpy.ndarray, simulation: LeanSimulation | None = None
    ) -> Variants:
        """One copy of the situation for each resource in centimes, in a simulation of one's own."""
        variants = Variants(self.situation, len(centimes), simulation, self.run.simulation)
        variants.set(self.variable, self.person, self.months, centimes / 100)
        return variants

    def at(self, solutions: Sequence[float], *names: str) -> list[list[float]]:
        """Variables of the month where the resource is one of these (€), between two centimes.

        One simulation for all of them; a list of values by name.
        """
        exact = 100 * numpy.asarray(solutions)
        below = exact.astype(int)
        variants = self.variants(numpy.concatenate([below, below + 1]))
        found = []
        for name in names:
            left, right = numpy.split(variants.calculate(name, self.month, self.person), 2)
            found.append((left + (right - left) * (exact - below)).tolist())
        return found


def euro_by_euro(engine: Engine, farthest: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Resources (centimes) at every euro up to the farthest, and the amounts there."""
    centimes = numpy.append(numpy.arange(0, farthest, 100), farthest)
    engine.check_size(len(centimes))
    return centimes, engine.amounts(centimes)


def refined(
    engine: Engine, centimes: numpy.ndarray, amounts: numpy.ndarray
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The points, with all the centimes of the euros on either side of a change of slope."""
    bends = 1 + numpy.flatnonzero(~same_slopes(slopes(centimes, amounts)))
    if len(bends) > MOST_KINKS:
        raise engine.refusal()
    wanted = numpy.zeros(centimes[-1] + 1, dtype=bool)
    for at in bends:
        wanted[centimes[at - 1] : centimes[at + 1]] = True
    wanted[centimes] = False
    added = numpy.flatnonzero(wanted)
    if not len(added):
        return centimes, amounts
    everything = numpy.concatenate([centimes, added])
    engine.check_size(len(everything))
    order = numpy.argsort(everything)
    return everything[order], numpy.concatenate([amounts, engine.amounts(added)])[order]


def slopes(centimes: numpy.ndarray, amounts: numpy.ndarray) -> numpy.ndarray:
    """Slope (€ per €) from each point to the next."""
    return numpy.diff(amounts) / (numpy.diff(centimes) / 100)


def same_slopes(values: numpy.ndarray) -> numpy.ndarray:
    """Whether each slope but the first is the one before."""
    return numpy.abs(numpy.diff(values)) <= SAME_SLOPE


@dataclass(frozen=True)
class StraightRun:
    """Points on a line: resources in centimes at both ends, amounts (€) there."""

    first: int
    last: int
    first_amount: float
    last_amount: float

    @property
    def rate(self) -> float:
        """Slope (€ per €), nil for a single point."""
        width = (self.last - self.first) / 100
        return (self.last_amount - self.first_amount) / width if width else 0.0


def straight_runs(centimes: numpy.ndarray, amounts: numpy.ndarray) -> Iterator[StraightRun]:
    """Runs of at least three points on a line, and the points that are on none."""
    same = same_slopes(slopes(centimes, amounts))
    first, size = 0, len(centimes)
    while first < size:
        last = first
        while last + 2 < size and same[last]:
            last += 1
        # ``last`` is the point where the last of the equal slopes starts.
        end = last + 1 if last > first else first
        yield StraightRun(
            int(centimes[first]), int(centimes[end]), float(amounts[first]), float(amounts[end])
        )
        # A point where two runs meet belongs to both: the break is exactly there.
        meets = end > first and end + 2 < size and same[end]
        first = end if meets else end + 1


def joined(
    engine: Engine, runs: Sequence[StraightRun]
) -> tuple[tuple[Segment, ...], tuple[Break, ...]]:
    """The segments, stretched to where neighbours meet, and the breaks between them."""
    starts = [(runs[0].first / 100, runs[0].first_amount)]
    ends: list[tuple[float, float]] = []
    breaks: list[Break] = []
    kinks: list[int] = []
    for rank, (left, right) in enumerate(itertools.pairwise(runs)):
        solution = meeting(left, right)
        if solution is None:
            ends.append((left.last / 100, left.last_amount))
            starts.append((right.first / 100, right.first_amount))
            breaks.append(jump(engine, left, right))
            continue
        amount = amount_at(left, right, solution)
        ends.append((solution, amount))
        starts.append((solution, amount))
        kinks.append(rank)
        breaks.append(Break(round(solution, 2), solution, amount, amount, *UNNAMED))
    is_flat = len(runs) > 1 and runs[-1].last_amount == 0
    name_kinks(engine, breaks, kinks, len(runs) - 2 if is_flat else None)
    ends.append((runs[-1].last / 100, runs[-1].last_amount))
    segments = tuple(
        Segment(start, end, start_amount, end_amount, piece.rate)
        for (start, start_amount), (end, end_amount), piece in zip(starts, ends, runs, strict=True)
    )
    return segments, tuple(breaks)


def meeting(left: StraightRun, right: StraightRun) -> float | None:
    """The resource (€) where two lines meet between their points, None where they do not."""
    if left.last == right.first:
        return left.last / 100
    if left.first == left.last or right.first == right.last:
        return None
    difference = left.rate - right.rate
    if abs(difference) <= SAME_SLOPE:
        return None
    gap = right.first_amount - right.rate * (right.first - left.last) / 100 - left.last_amount
    solution = left.last / 100 + gap / difference
    short = round(solution, SHORT_DECIMALS)
    if abs(solution - short) <= SAME_SOLUTION:
        solution = short
    return solution if left.last / 100 <= solution <= right.first / 100 else None


def amount_at(left: StraightRun, right: StraightRun, solution: float) -> float:
    """The amount (€) where two lines meet: a flat one gives it without any error."""
    if right.rate == 0:
        return right.first_amount
    return left.first_amount + left.rate * (solution - left.first / 100)


def jump(engine: Engine, left: StraightRun, right: StraightRun) -> Break:
    """The cliff between two centimes."""
    label = "saut"
    found = resource(engine.situation.system, engine.variable)
    effect = found.at(engine.month.start.date.isoformat()).effect if found else None
    if left.last == 0 and effect in (Effect.SUSPENDS, Effect.EXCLUDES):
        label = f"saut au premier centime : la ressource {effect.value}"
    first = right.first / 100
    return Break(first, first, left.last_amount, right.first_amount, "saut", label)


def name_kinks(engine: Engine, breaks: list[Break], ranks: list[int], end: int | None) -> None:
    """Name the changes of slope by the law's parameters that they coincide with, in place.

    ``end`` is the rank of the break after which nothing is due.
    """
    if not ranks:
        return
    ressources = engine.law.contrat_engagement_jeune.ressources
    disregard = ressources.degressivite.abattement
    values = engine.at(
        [breaks[rank].solution for rank in ranks],
        names.PARTIAL,
        names.INTERVAL,
    )
    for rank, counted, width in zip(ranks, *values, strict=True):
        kind, label = UNNAMED
        if rank == end:
            kind = label = "sortie"
            if abs(counted - disregard - width) <= NEAR_A_PARAMETER:
                part = f"{100 * ressources.degressivite.part_smic:g}".replace(".", ",")
                label = f"sortie à {part} % du SMIC mensuel brut"
        elif abs(counted - disregard) <= NEAR_A_PARAMETER:
            kind, label = "abattement", f"abattement de {short_euros(disregard)}"
        breaks[rank] = dataclasses.replace(breaks[rank], kind=kind, label=label)


def short_euros(amount: float) -> str:
    """An amount in French, without centimes when it has none."""
    return euros(amount, 0 if amount == round(amount) else 2)


def check(engine: Engine, drawn: Curve, centimes: numpy.ndarray, amounts: numpy.ndarray) -> None:
    """Compare the description with every computed point, rounded too. Raises NoCurve."""
    described = drawn.unrounded(centimes)
    apart = numpy.abs(described - amounts) > TOLERANCE
    if (apart | (arrondi_au_centime(described) != arrondi_au_centime(amounts))).any():
        raise engine.refusal()
