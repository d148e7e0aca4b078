"""What a reform does, in French sentences."""

import datetime
import re
from collections.abc import Sequence
from typing import Any

from openfisca_core.parameters import ParameterNode

from openfisca_cej import french
from openfisca_cej.analysis.comparison import Change
from openfisca_cej.french import plain_euros as euros
from openfisca_cej.population.months import first_day
from openfisca_cej.reforms import Provision, tree
from openfisca_cej.reforms.spans import first_of_next

#: A number that a rule wrote as a text.
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

#: Sentences of a summary at most; the table of changes has them all.
MOST_SENTENCES = 6


def changes(provisions: Sequence[Provision], parameters: ParameterNode) -> tuple[Change, ...]:
    """The provisions, each with its sentence."""
    return tuple(
        Change(*provision, sentence=sentence(provision, parameters)) for provision in provisions
    )


def sentence(provision: Provision, parameters: ParameterNode) -> str:
    """« À partir du 1er janvier 2026, … passe de 500,00 € à 600,00 € (article …). »"""
    unit = unit_of(provision.path, parameters)
    where = f" ({provision.reference['title']})" if provision.reference else ""
    before, after = (shown(value, unit) for value in (provision.before, provision.after))
    when = span(provision.start, provision.end)
    return f"{when}, « {provision.label} » passe de {before} à {after}{where}."


def unit_of(path: str, parameters: ParameterNode) -> str:
    """The unit of a parameter; none for a rule."""
    if path not in tree.numbers(parameters):
        return ""
    return str(tree.metadata(parameters, path).get("unit") or "")


def span(start: str, end: str | None) -> str:
    """From when, or from when to when."""
    day = datetime.date.fromisoformat(start)
    first = french.day(day)
    if day.day > 1:
        # The law of a month is the one of its first day.
        first += f" (donc des mois à compter du {french.day(first_of_next(day))})"
    if end is None:
        return f"À partir du {first}"
    return f"Du {first} au {french.day(datetime.date.fromisoformat(end))}"


def shown(value: Any, unit: str) -> str:
    """A value as a sentence says it."""
    if value is None:
        return "rien"
    if isinstance(value, bool):
        return "« oui »" if value else "« non »"
    if isinstance(value, list | tuple):
        return f"« {', '.join(map(str, value)) or 'aucune'} »"
    if isinstance(value, int | float):
        if unit.startswith("currency"):
            return euros(value)
        if unit == "/1":
            return f"{plain(100 * value)} %"
        return plain(value)
    return plain(float(value)) if NUMBER.fullmatch(str(value)) else f"« {value} »"


def plain(value: float) -> str:
    """A number with the decimals that it has."""
    return french.plain(french.trimmed(value, 6))


def summary(description: str, found: Sequence[Change], months: range) -> str:
    """The reform in a few sentences: its description, what it changes in the window."""
    parts = [f"{description.rstrip('.')}."] if description else []
    if not found:
        parts.append("Elle ne change ni paramètre ni règle du modèle.")
    first, last = str(first_day(months[0])), str(first_day(months[-1]))
    by_path: dict[str, list[list[Change]]] = {}
    for run in runs_of(found):
        if run[0].start <= last and (run[-1].end or last) >= first:
            by_path.setdefault(run[0].path, []).append(run)
    if found and not by_path:
        parts.append("Elle ne change rien dans ces mois-là.")
    for runs in list(by_path.values())[:MOST_SENTENCES]:
        more = ""
        if len(runs) > 1:
            final = runs[-1][-1]
            _, _, values = final.sentence.removesuffix(".").partition(" passe ")
            more = (
                f", et ainsi des {len(runs)} valeurs de la période ; la dernière, "
                f"{french.lower(span(final.start, final.end))}, {values.partition(' (')[0]}"
            )
        parts.append(f"{told_of_run(runs[0]).removesuffix('.')}{more}.")
    left = len(by_path) - MOST_SENTENCES
    if left > 0:
        s = french.plural(left)
        parts.append(f"Elle change encore {left} autre{s} paramètre{s} ou règle{s}.")
    return " ".join(parts)


def runs_of(found: Sequence[Change]) -> list[list[Change]]:
    """The changes of each path, those that follow each other with the same value after together.

    The law in force moves under a reform: its own dates are not those of the reform.
    """
    runs: list[list[Change]] = []
    for change in found:
        last = runs[-1][-1] if runs else None
        follows = last is not None and last.path == change.path and last.after == change.after
        if follows and last is not None and last.end == day_before(change.start):
            runs[-1].append(change)
        else:
            runs.append([change])
    return runs


def day_before(day: str) -> str:
    """The day before."""
    return str(datetime.date.fromisoformat(day) - datetime.timedelta(days=1))


def told_of_run(run: Sequence[Change]) -> str:
    """A value that replaces one or several values of the law, from its true start to its end."""
    if len(run) == 1:
        return run[0].sentence
    _, _, told = run[0].sentence.partition(", « ")
    when = span(run[0].start, run[-1].end)
    return (
        f"{when}, « {told.removesuffix('.')} ; la réforme le fige, quand le droit y prend "
        f"{len(run)} valeurs de suite."
    )


def outside(found: Sequence[Change], months: range) -> str:
    """What to say first where nothing of a reform is in force in the window; else nothing."""
    first, last = str(first_day(months[0])), str(first_day(months[-1]))
    if not found or any(one.start <= last and (one.end or last) >= first for one in found):
        return ""
    dates = [span(run[0].start, run[-1].end) for run in runs_of(found)]
    told = french.listed([f"{date[0].lower()}{date[1:]}" for date in dict.fromkeys(dates)], "et")
    start = datetime.date.fromisoformat(min(one.start for one in found))
    start = start if start.day == 1 else first_of_next(start)
    return (
        "La réforme n'est pas en vigueur dans ces mois : rien n'y est mesuré. Elle s'applique "
        f"{told} : demandez --months {start:%Y-%m}:{start:%Y}-12, sur des personnes de ces mois."
    )
