"""Several reforms on the same people: one table of their costs, and what they do to each other.

The costs are those of the period that a comparison states first. Samples are paired: each replicate
and each draw is of the same persons for every reform, so that the interval of a difference of two
costs is narrower than theirs.
"""

import functools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.analysis import compare as comparing
from openfisca_cej.analysis.comparison import OF_A_DIFFERENCE, Comparison, Interval, plain
from openfisca_cej.analysis.sources import Origin
from openfisca_cej.analysis.tables import Samples
from openfisca_cej.population.arrow import library
from openfisca_cej.population.stream import THREADS
from openfisca_cej.reforms.build import UNTITLED
from openfisca_cej.refusals import BadRequest

#: The reference where none of the reforms is one.
LAW = "droit en vigueur"

#: Kinds of lines.
REFORM, INTERACTION = "reforme", "interaction"

#: Columns of the table of costs as a file.
COLUMNS = (
    "kind",
    "name",
    "title",
    "period",
    "against",
    "reference",
    "reform",
    *OF_A_DIFFERENCE,
    "winners",
    "losers",
)


@dataclass(frozen=True)
class Cost:
    """What a reform costs (€) beside the reference, or what reforms do to each other.

    ``kind`` is REFORM or INTERACTION: the cost of « A+B » less those of A and of B, of which
    ``reference`` and ``reform`` are None. ``interval`` is that of ``difference``, over assumptions
    and sampling where assumptions were drawn; ``sampling`` that of sampling alone. Masked (too few
    persons): the amounts are None. ``winners`` and ``losers`` are how many persons gain and lose
    beside the reference, over the whole window (None: masked, or an interaction).
    """

    kind: str
    name: str
    title: str
    reference: float | None
    reform: float | None
    difference: float | None
    interval: Interval | None
    sampling: Interval | None
    masked: bool = False
    winners: float | None = None
    losers: float | None = None


@dataclass(frozen=True)
class Several:
    """Several reforms, each compared with the law, and the table of their costs.

    ``against`` is the name of the reform that the costs are beside, LAW for the law; ``beside``
    has the other reforms compared with that one, without cases (empty: beside the law).
    """

    comparisons: Mapping[str, Comparison]
    costs: tuple[Cost, ...]
    against: str
    beside: Mapping[str, Comparison] = field(default_factory=dict)

    @property
    def first(self) -> Comparison:
        """One of the comparisons: all have the same people, months and options."""
        return next(iter(self.comparisons.values()))

    def rows(self) -> list[dict[str, Any]]:
        """The table of costs, a dictionary a line, with the keys COLUMNS."""
        period, kind = self.first.main.period, self.first.sampling.kind
        return [
            dict(
                zip(
                    COLUMNS,
                    (
                        *(one.kind, one.name, one.title, period, self.against),
                        *(one.reference, one.reform, one.difference, kind if one.interval else ""),
                        *(one.interval or (None, None)),
                        *(one.sampling or (None, None)),
                        *(one.masked, one.winners, one.losers),
                    ),
                    strict=True,
                )
            )
            for one in self.costs
        ]

    def to_frame(self) -> Any:
        """The table of costs as a pandas frame, with the columns COLUMNS. Raises MissingLibrary."""
        return library("pandas").DataFrame(self.rows(), columns=list(COLUMNS))

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return plain(self)


def compare_several(
    reforms: Sequence[Any] | Mapping[str, Any],
    population: Any,
    months: str | range | Sequence[str],
    against: str | None = None,
    threads: int = THREADS,
    **options: Any,
) -> Several:
    """Compare several reforms with the law, on the same people.

    ``reforms`` are what ``compare`` takes, named by what they are written as, or by the keys of a
    mapping; « A+B » beside A and B gives their interaction. ``against`` is the name of the reform
    that costs are told beside (the law otherwise). ``options`` are those of ``compare``. Raises
    what ``compare`` raises, BadRequest when ``against`` is none of the names.
    """
    if not isinstance(reforms, Mapping):
        reforms = {str(getattr(one, "__name__", one)): one for one in reforms}
    asked = comparing.options(months, **options)
    made = {name: comparing.made(one) for name, one in reforms.items()}
    means = comparing.Means(threads)
    return compared(made, comparing.origin_of(population), asked, against, means)


def compared(
    reforms: Mapping[str, Any],
    origin: Origin,
    asked: comparing.Options,
    against: str | None = None,
    means: comparing.Means = comparing.EVERYDAY,
) -> Several:
    """The same, of reforms that were read, on an origin."""
    check(list(reforms), against)
    done: list[Path] = []
    answered = functools.partial(comparing.answered, origin=origin, means=means, done=done)
    answers = {name: answered(one, asked=asked) for name, one in reforms.items()}
    found = {name: one for name, (one, _cost) in answers.items()}
    beside = {}
    if against is not None:
        again, reference = replace(asked, rates=False), reforms[against]
        for name in [one for one in found if one != against]:
            told, _cost = answered(reforms[name], asked=again, brief=True, reference=reference)
            # What is told of dates is of the law.
            beside[name] = replace(told, outside="", unseen=False)
    for folder in done:
        shutil.rmtree(folder, ignore_errors=True)
    return Several(found, costs(answers, against, beside or found), against or LAW, beside)


def check(names: Sequence[str], against: str | None) -> None:
    """Refuse a reference that is none of the reforms. Raises BadRequest."""
    if against is not None and against not in names:
        raise BadRequest(
            _("against: « {against} » is none of the reforms compared: {names}.").format(
                against=against, names=", ".join(names)
            )
        )


Answers = Mapping[str, tuple[Comparison, Samples]]


def costs(
    answers: Answers, against: str | None, beside: Mapping[str, Comparison]
) -> tuple[Cost, ...]:
    """The costs of the reforms beside the reference, then the interactions."""
    lines = []
    for name in answers:
        if name != against:
            whole = beside[name].whole
            counts = [whole.measure(one).difference for one in ("gagnants", "perdants")]
            told = cost(name, answers, against)
            lines.append(replace(told, winners=counts[0], losers=counts[1]))
    return (*lines, *(interaction(name, answers) for name in answers if parts(name, answers)))


def cost(name: str, answers: Answers, against: str | None) -> Cost:
    """The cost of a reform beside the reference."""
    comparison, samples = answers[name]
    total = comparison.main.measure("total")
    reference, reform = total.baseline, total.reform
    if against is not None:
        beside, others = answers[against]
        reference, samples = beside.main.measure("total").reform, samples.minus(others)
    title = titled(name, comparison)
    if reference is None or reform is None:
        return Cost(REFORM, name, title, None, None, None, None, None, masked=True)
    difference = round(reform - reference, 2)
    intervals = (samples.of_all, samples.of_sampling)
    return Cost(REFORM, name, title, reference, reform, difference, *intervals)


def titled(name: str, comparison: Comparison) -> str:
    """What a reform is called: its title, or the name that it was given here."""
    return comparison.title if comparison.title != UNTITLED else name


def parts(name: str, names: Answers) -> list[str]:
    """The reforms that « A+B » joins, when each of them is compared alone too."""
    found = [part.strip() for part in name.split("+")]
    return found if len(found) > 1 and all(part in names for part in found) else []


def interaction(name: str, answers: Answers) -> Cost:
    """By how much the cost of reforms together leaves the sum of their costs."""
    alone = parts(name, answers)
    title = " × ".join(titled(part, answers[part][0]) for part in alone)
    totals = [answers[one][0].main.measure("total").difference for one in (name, *alone)]
    known = [total for total in totals if total is not None]
    if len(known) < len(totals):
        return Cost(INTERACTION, name, title, None, None, None, None, None, masked=True)
    samples = answers[name][1]
    for part in alone:
        samples = samples.minus(answers[part][1])
    difference = round(known[0] - sum(known[1:]), 2)
    intervals = (samples.of_all, samples.of_sampling)
    return Cost(INTERACTION, name, title, None, None, difference, *intervals)
