"""Month by month: what is due, and what changed since the month before."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.explain import french
from openfisca_cej.explain.frozen import Watch, behind, known_no_more
from openfisca_cej.explain.lines import NOT_GIVEN, Cas, Reading, line, written
from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.explain.tree import RESULT, checked_month, checked_person, model

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

    def told(self) -> dict[str, Any]:
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
    if not isinstance(situation, Situation):
        situation = read(situation, system or model())
    if not 1 <= months <= LONGEST:
        raise ValueError(f"months: give from 1 to {LONGEST}, not {months}")
    start = checked_month(first)
    person = checked_person(situation, person)
    moments = [start.offset(rank) for rank in range(months)]
    watch = Watch(situation.system, known_no_more(situation.system, moments[-1]))
    watched = dataclasses.replace(situation, system=watch.law)
    reading = Reading(situation, watched.simulation(), person)
    for moment in moments:
        reading.value(RESULT, moment)
    frozen = behind(watch.read, situation, person, RESULT, moments)
    return [
        MonthDue(
            moment,
            reading.value(RESULT, moment),
            reading.value("cej_en_cours", moment),
            tuple(changes(reading, moment, first=moment == start)),
            tuple(item.sentence for item in frozen.get(moment, ())),
        )
        for moment in moments
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
        if runs and runs[-1][-1].offset(1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    ends = (dict.fromkeys(french.month(run[end]) for end in (0, -1)) for run in runs)
    return ", ".join(" à ".join(both) for both in ends)


def changes(reading: Reading, moment: Period, first: bool) -> Iterator[str]:
    """What changed since the month before; for the first month, what begins in it only."""
    signed = reading.value("cej_date_signature", moment)
    if signed != NOT_GIVEN and (signed.year, signed.month) == moment.start[:2]:
        yield f"signature du contrat le {french.day(signed)}"
    if first:
        return
    before = moment.last_month
    runs = reading.value("cej_en_cours", moment)
    for name, tell in WATCHED.items():
        if not runs and name != "cej_en_cours":
            continue
        values = reading.value(name, before), reading.value(name, moment)
        if values[0] != values[1]:
            told = tell(Change(reading, name, before, moment, *values))
            if told:
                yield told


@dataclass(frozen=True)
class Change:
    """A variable whose value is not that of the month before."""

    reading: Reading
    name: str
    before: Period
    moment: Period
    was: Any
    now: Any

    def same(self, name: str) -> bool:
        """Whether another variable did not change."""
        return bool(self.reading.value(name, self.before) == self.reading.value(name, self.moment))

    def now_written(self) -> str:
        """The new value in French."""
        return written(self.now, self.reading.variable(self.name))

    def why(self) -> str:
        """What the line of the formula says of the month."""
        return " — ".join(part for part in line(self.reading, self.name, self.moment) if part)


def running(change: Change) -> str:
    """The contract begins or ends; without a signature, whether one could be signed."""
    signed = change.reading.value("cej_date_signature", change.moment) != NOT_GIVEN
    if not signed:
        why = line(change.reading, "cej_eligibilite", change.moment)[0]
        return f"un contrat {'peut' if change.now else 'ne peut plus'} être signé ({why})"
    return "" if change.now else f"fin du contrat : {change.why()}"


def tier(change: Change) -> str:
    """A new tax notice, or a decision on autonomy."""
    return f"situation fiscale : {change.now_written().lower()}"


def revaluation(change: Change) -> str:
    """The lump sum moves though neither age nor tier does."""
    if not (change.same("cej_mineur") and change.same("cej_situation_fiscale")):
        return ""
    return (
        f"montant forfaitaire revalorisé : {french.euros(change.was)} → {french.euros(change.now)}"
    )


def smic(change: Change) -> str:
    """The SMIC of the taper moves: told only when a wage makes it count."""
    partly = change.reading.value("cej_ressources_partiellement_deductibles", change.moment)
    law = Cas(change.reading, change.name, change.moment).droit().contrat_engagement_jeune
    if partly <= law.ressources.degressivite.abattement:
        return ""
    return f"SMIC : {french.euros(change.was)} → {french.euros(change.now)}"


def resources(kind: str) -> Callable[[Change], str]:
    """Resources of the month before that count in this one."""

    def tell(change: Change) -> str:
        names = line(change.reading, change.name, change.moment)[1]
        what = f" ({names})" if change.now else ""
        return f"{kind} : {french.euros(change.was)} → {french.euros(change.now)}{what}"

    return tell


def starts_or_ends(starts: str, ends: str) -> Callable[[Change], str]:
    """Something that begins or ends."""

    def tell(change: Change) -> str:
        return f"{starts} : {change.why()}" if change.now else ends

    return tell


def sanction(change: Change) -> str:
    """A sanction begins, changes or ends."""
    if not change.now:
        return "fin de la sanction"
    return f"sanction : {french.trimmed(change.now * 100, 1)} % de l'allocation retenus"


#: What is watched from month to month, in the order in which changes are told.
WATCHED: dict[str, Callable[[Change], str]] = {
    "cej_en_cours": running,
    "cej_mineur": lambda change: "" if change.now else "majorité atteinte au premier du mois",
    "cej_sous_limite_age": lambda change: "" if change.now else "limite d'âge atteinte",
    "cej_situation_fiscale": tier,
    "cej_montant_forfaitaire": revaluation,
    "cej_smic_mensuel": smic,
    "cej_ressources_deductibles": resources("ressources déduites"),
    "cej_ressources_partiellement_deductibles": resources("ressources en partie déduites"),
    "cej_non_cumul_rsa": starts_or_ends("le RSA exclut l'allocation", "fin de l'exclusion (RSA)"),
    "cej_non_cumul_ppa": starts_or_ends(
        "la prime d'activité exclut l'allocation", "fin de l'exclusion (prime d'activité)"
    ),
    "cej_suspension": starts_or_ends("allocation suspendue", "fin de la suspension"),
    "cej_forclusion": starts_or_ends("mois perdu", "mois payable de nouveau"),
    "cej_fraction_supprimee": sanction,
}
