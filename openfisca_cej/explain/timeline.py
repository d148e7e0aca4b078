"""Month by month: what is due, and what changed since the month before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gettext import gettext
from pathlib import Path
from typing import Any

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import declarations, french, names
from openfisca_cej.explain.frozen import Watch, behind_each, known_no_more
from openfisca_cej.explain.lines import NOT_GIVEN, Cas, Reading
from openfisca_cej.explain.situation import Situation, asked
from openfisca_cej.explain.tree import NOT_YET
from openfisca_cej.names import RESULT
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import month_number, months_after

#: Months in one timeline at most.
LONGEST = 120


@dataclass(frozen=True)
class MonthDue:
    """What is due in a month (€), whether a contract runs, and what changed since the last one.

    ``frozen`` tells the values that the law has moved since the last one known, and on which the
    amount depends.
    """

    month: Period
    amount: float
    running: bool
    changes: tuple[str, ...]
    frozen: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The month as JSON."""
        return {
            "month": str(self.month),
            "amount": self.amount,
            "running": self.running,
            "changes": list(self.changes),
            "frozen": list(self.frozen),
        }


def timeline(
    situation: Situation | dict[str, Any] | str | Path,
    first: str | Period,
    months: int,
    person: str | None = None,
    system: TaxBenefitSystem | None = None,
) -> list[MonthDue]:
    """What a person is due in each of some months, from the first.

    Every input holds for the months it is given for: what is not supplied is as assumed. Raises
    InvalidSituation, ValueError.
    """
    if not 1 <= months <= LONGEST:
        raise ValueError(
            gettext("months: give from 1 to {longest}, not {months}").format(
                longest=LONGEST, months=months
            )
        )
    situation, start, person = asked(situation, first, person, system, months)
    return Timeline(situation, person, [months_after(start, rank) for rank in range(months)]).due()


class Timeline:
    """Some months of a person, in order: ``reading`` reads them, and any others."""

    def __init__(self, situation: Situation, person: str, moments: Sequence[Period]) -> None:
        self.moments = moments
        self.watch = Watch(situation.system, known_no_more(situation.system, moments[-1], RESULT))
        self.watched = self.watch.of(situation) if self.watch.found else None
        self.reading = Reading(situation, self.watched or situation.simulation(), person)

    def due(self) -> list[MonthDue]:
        """What is due in each."""
        reading = self.reading
        persons = reading.situation.persons
        frozen = {}
        if self.watched:
            frozen = behind_each(self.watch, self.watched, persons, RESULT, self.moments)
        return [
            MonthDue(
                moment,
                reading.value(RESULT, moment),
                reading.value(names.RUNNING, moment),
                tuple(changes(reading, moment, first=moment == self.moments[0])),
                tuple(item.sentence for item in frozen.get(moment, {}).get(reading.person, ())),
            )
            for moment in self.moments
        ]


def told_once(rows: Sequence[MonthDue]) -> list[str]:
    """The values that have moved, once each, with the months whose amount depends on them."""
    concerned: dict[str, list[Period]] = {}
    for row in rows:
        for sentence in row.frozen:
            concerned.setdefault(sentence, []).append(row.month)
    return [f"{spans(months)} — {sentence}" for sentence, months in concerned.items()]


def spans(months: Sequence[Period]) -> str:
    """Months in order, in French, those that follow each other by the first and the last."""
    runs: list[list[Period]] = []
    for month in months:
        if runs and months_after(runs[-1][-1], 1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    ends = (dict.fromkeys(french.month(run[end]) for end in (0, -1)) for run in runs)
    return ", ".join(" à ".join(both) for both in ends)


def changes(reading: Reading, moment: Period, first: bool) -> Iterator[str]:
    """What changed since the month before; for the first month, what begins in it
    only, or that it is before the law."""
    signed = reading.value(names.SIGNATURE, moment)
    if signed != NOT_GIVEN and (signed.year, signed.month) == moment.start[:2]:
        yield f"signature du contrat le {french.day(signed)}"
    if first:
        if month_number(str(moment)) < first_month(reading.situation.system):
            yield NOT_YET
        return
    runs, last = reading.value(names.RUNNING, moment), months_after(moment, -1)
    changed = [
        (rank, name, tell)
        for name, (rank, tell) in declarations.CHANGEMENTS.items()
        if reading.value(name, moment) != reading.value(name, last)
    ]
    for _, name, tell in sorted(changed):
        if runs or name == names.RUNNING:
            told = tell(Cas(reading, name, moment), reading.value(name, last))
            if told:
                yield told
