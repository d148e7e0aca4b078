"""Named assumptions: read, replaced from a file, drawn from their ranges.

They live in ``data/hypotheses.yaml``, each with its value, its plausible range (``plage``) or its
``alternatives``, and its evidence. An assumption whose value is a mapping with a range for each
key (one share by operator) counts as many factors.
"""

import csv
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from gettext import gettext as _
from pathlib import Path
from typing import Any

import numpy
import yaml

from openfisca_cej.population.synthetic import DATA, load
from openfisca_cej.refusals import not_yaml, quoted

FILE = "hypotheses"

#: What --assumptions takes beside a file: the stated values, or those that the calibration kept.
STATED, CALIBRATED = "stated", "calibrated"

#: File of the calibrated draws: equally weighted, one a row, a number a factor.
DRAWS = "tirages_cales"

#: The entry of the file that holds sentences, not a value.
SENTENCES = "structure"

#: Names that start so are shares or probabilities.
SHARES = ("part_", "risque_mensuel", "quotite_")

#: The first must not exceed the second, key by key.
ORDERED = (
    ("part_foyers_au_dela", "part_foyers_imposes"),
    ("part_emploi_durable_9_mois", "part_emploi_9_mois"),
    ("quotite_minimum", "quotite_maximum"),
    ("are_minimum", "are_moyenne"),
    ("part_semaines_formation", "part_formes"),
)

#: Weights of kinds, of which one at least must count.
WEIGHTS = ("nombre_enfants", "solutions_suspensives")

#: The least that these amounts and lengths can be: one is a job of a month or more, the other the
#: mean of unemployment benefits of which some part exceeds 500 €.
LEAST = {"emploi_court_maximum": 1, "are_moyenne": 501}

#: Laws of the ranges.
TRIANGULAR, CHOICE, FIXED = "triangulaire", "choix", "fixe"


#: Assumptions drawn, and the number that ranks each factor, by label.
Draw = tuple[dict[str, Any], dict[str, float]]


class BadAssumptions(ValueError):
    """A file of assumptions that cannot be used; its text says all that is wrong."""


@dataclass(frozen=True)
class Factor:
    """One number, or one choice, that is assumed: its value, and its range or alternatives."""

    name: str
    key: str | None
    value: Any
    bounds: tuple[float, float] | None = None
    choices: tuple[Any, ...] = ()

    @property
    def label(self) -> str:
        """The name that results show."""
        return self.name if self.key is None else f"{self.name}.{self.key}"

    def of(self, number: float) -> object:
        """The value of this number."""
        return number if self.bounds is not None else self.choices[int(number)]

    def at(self, rank: float) -> tuple[object, float]:
        """The value at a rank between 0 and 1 of its law, and the number that ranks it.

        Triangular on the range, its mode at the value; or any of the choices, equally likely.
        """
        if self.bounds is None:
            choice = min(int(rank * len(self.choices)), len(self.choices) - 1)
            return self.choices[choice], float(choice)
        low, high = self.bounds
        mode = (self.value - low) / (high - low)
        if rank < mode:
            value = low + (high - low) * (rank * mode) ** 0.5
        else:
            value = high - (high - low) * ((1 - rank) * (1 - mode)) ** 0.5
        return value, float(value)


def named(assumptions: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The assumptions by name, without the sentences."""
    return ((name, entry) for name, entry in assumptions.items() if name != SENTENCES)


def factors(assumptions: dict[str, Any]) -> list[Factor]:
    """What can be drawn: not what a user replaced, nor what has no alternative."""
    found = []
    for name, entry in named(assumptions):
        value = entry["valeur"]
        if entry.get("remplacee"):
            continue
        if entry["loi"] == FIXED:
            continue
        if entry["loi"] == CHOICE:
            found.append(Factor(name, None, value, choices=(value, *entry["alternatives"])))
        elif isinstance(value, dict):
            found += [
                Factor(name, key, value[key], tuple(bounds))
                for key, bounds in entry["plage"].items()
            ]
        else:
            found.append(Factor(name, None, value, tuple(entry["plage"])))
    return found


def drawn(assumptions: dict[str, Any], draw: numpy.random.Generator) -> Draw:
    """Assumptions drawn from their ranges, and the number that ranks each factor, by label."""
    return ranked(assumptions, draw.random(len(factors(assumptions))))


def ranked(assumptions: dict[str, Any], ranks: numpy.ndarray) -> Draw:
    """Assumptions at these ranks of their laws, and the number of each factor, by label."""
    result, numbers = dict(assumptions), {}
    for factor, rank in zip(factors(assumptions), ranks.tolist(), strict=True):
        value, numbers[factor.label] = factor.at(rank)
        take(result, factor, value)
    return result, numbers


def take(assumptions: dict[str, Any], factor: Factor, value: object) -> None:
    """Give a factor its value, in place."""
    entry = assumptions[factor.name]
    if factor.key is not None:
        value = {**entry["valeur"], factor.key: value}
    assumptions[factor.name] = {**entry, "valeur": value}


def read(source: str | Path | None = None) -> dict[str, Any]:
    """The assumptions: stated, calibrated, or those that a file gives in place of some.

    A file replaces stated values. Raises BadAssumptions, and OSError when it cannot be read.
    """
    if source is None or source == STATED:
        return load(FILE)
    if source == CALIBRATED:
        return calibrated()
    path = Path(source)
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise BadAssumptions(_("{path}: it is nested too deeply.").format(path=path.name)) from None
    # PyYAML lets through what Python says of dates, numbers and tags that it cannot make.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise BadAssumptions(f"{path.name}{_(': ')}{not_yaml(error)}.") from None
    if not isinstance(given, dict):
        raise BadAssumptions(_("{path}: write one « name: value » a line.").format(path=path.name))
    return replaced(given, path.name)


def calibrated() -> dict[str, Any]:
    """The centre of the calibrated draws: the mean of numbers, the most frequent of choices."""
    result, rows = dict(load(FILE)), kept()
    for factor in factors(load(FILE)):
        values = numpy.array([row[factor.label] for row in rows])
        take(result, factor, factor.of(middle(values, factor.bounds is None)))
        result[factor.name] = {**result[factor.name], "remplacee": True, "calee": True}
    return result


def middle(values: numpy.ndarray, choices: bool) -> float:
    """The mean, or the most frequent of choices."""
    if not choices:
        return round(float(values.mean()), 6)
    found, counts = numpy.unique(values, return_counts=True)
    return float(found[counts.argmax()])


@cache
def kept() -> list[dict[str, float]]:
    """The calibrated draws: a number a factor."""
    lines = (DATA / f"{DRAWS}.csv").read_text(encoding="utf-8").splitlines()
    return [{name: float(text) for name, text in row.items()} for row in csv.DictReader(lines)]


def draws(
    source: str | Path | None, assumptions: dict[str, Any], count: int, seed: int
) -> list[Draw]:
    """So many draws: the calibrated ones, over again if need be, or from the stated ranges."""
    if source != CALIBRATED:
        random = numpy.random.default_rng(seed)
        return [drawn(assumptions, random) for _ in range(count)]
    stated, rows = load(FILE), kept()
    step = max(1, len(rows) // count)
    found = []
    for rank in range(count):
        result, row = dict(stated), rows[rank * step % len(rows)]
        for factor in factors(stated):
            take(result, factor, factor.of(row[factor.label]))
        found.append((result, row))
    return found


def of_source(assumptions: dict[str, Any]) -> str:
    """What to draw assumptions from: the calibrated draws where these are their centre."""
    centre = replaced_values(assumptions) == replaced_values(calibrated())
    return CALIBRATED if centre else STATED


def replaced_values(assumptions: dict[str, Any]) -> dict[str, Any]:
    """The values that are not the stated ones, by name: what a manifest keeps of them."""
    return {name: entry["valeur"] for name, entry in named(assumptions) if entry.get("remplacee")}


def replaced(given: dict[str, Any], source: str) -> dict[str, Any]:
    """The assumptions, with these values in place of some. Raises BadAssumptions.

    A value by age has ages for keys, or their texts: JSON has no other keys.
    """
    assumptions = load(FILE)
    faults: list[str] = []
    result = dict(assumptions)
    for name, value in given.items():
        if name == SENTENCES or name not in assumptions:
            faults.append(unknown(str(name), [name for name, _ in named(assumptions)]))
            continue
        entry = assumptions[name]
        merged = value
        if isinstance(entry["valeur"], dict) and isinstance(value, dict):
            keys = {str(key): key for key in entry["valeur"]}
            value = {keys.get(str(key), key): item for key, item in value.items()}
            merged = {**entry["valeur"], **value}
        problem = wrong(name, entry["valeur"], merged)
        if problem:
            faults.append(f"{name}: {problem}.")
        else:
            result[name] = {**entry, "valeur": merged, "remplacee": True}
    for low, high in ORDERED if not faults else ():
        if exceeds(result[low]["valeur"], result[high]["valeur"]):
            faults.append(_("{low}: it exceeds {high}.").format(low=low, high=high))
    for name in WEIGHTS if not faults else ():
        if not any(result[name]["valeur"].values()):
            told = _("{name}: one of its values at least must be more than 0.")
            faults.append(told.format(name=name))
    if faults:
        raise BadAssumptions("\n".join(f"{source}, {fault}" for fault in faults))
    return result


def exceeds(low: Any, high: Any) -> bool:
    """Whether one value exceeds the other, for some key if they have keys."""
    if isinstance(low, dict):
        return any(low[key] > high[key] for key in low)
    return bool(low > high)


def unknown(name: str, names: list[str]) -> str:
    """The sentence for a name that is not one."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    told = _("{name} is not an assumption.").format(name=quoted(name))
    return " ".join([told, *(_("Did you mean « {near} »?").format(near=one) for one in near)])


def wrong(name: str, default: object, value: object) -> str:
    """What is wrong with a value, or nothing: it has the kind of the default one."""
    if isinstance(default, dict):
        names = ", ".join(map(str, default))
        if not isinstance(value, dict):
            return _("it takes one value for each of {names}").format(names=names)
        extra = [str(key) for key in value if key not in default]
        if extra:
            told = _("{value} is not one of {names}")
            return told.format(value=quoted(extra[0]), names=names)
        problems = (wrong(name, default[key], value[key]) for key in value)
        return next(filter(None, problems), "")
    return problem(name, default, value).format(value=quoted(str(value)), least=LEAST.get(name, 0))


def problem(name: str, default: object, value: object) -> str:
    """What is wrong with a single value, whose name is left in blank."""
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else _("{value} is neither true nor false")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _("{value} is not a number")
    if value < LEAST.get(name, 0):
        return _("{value} is less than {least}")
    if not 0 <= value < 1e6:
        return _("{value} is not between 0 and a million")
    if name.startswith(SHARES) and value > 1:
        return _("{value} is not a share between 0 and 1")
    return ""
