"""Named assumptions: read, replaced from a file, drawn from their ranges.

They live in ``data/hypotheses.yaml``, each with its value, its plausible range (``plage``) or its
``alternatives``, and its evidence. An assumption whose value is a mapping with a range for each
key (one share by operator) counts as many factors.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy
import yaml

from openfisca_cej.population.synthetic import load
from openfisca_cej.refusals import quoted

FILE = "hypotheses"

#: The entry of the file that holds sentences, not a value.
SENTENCES = "structure"

#: Names that start so are shares or probabilities.
SHARES = ("part_", "risque_annuel", "risque_mensuel", "quotite_")

#: The first must not exceed the second.
ORDERED = (
    ("part_foyers_au_dela", "part_foyers_imposes"),
    ("part_emploi_durable_9_mois", "part_emploi_9_mois"),
    ("quotite_minimum", "quotite_maximum"),
    ("are_minimum", "are_maximum"),
    ("part_semaines_formation", "part_formes"),
)

#: The least that these amounts and lengths can be: one is a job of a month or more, the other an
#: unemployment benefit of which some part exceeds 500 €.
LEAST = {"emploi_court_maximum": 1, "are_maximum": 501}


class BadAssumptions(ValueError):
    """A file of assumptions that cannot be used; its text says all that is wrong."""


@dataclass(frozen=True)
class Factor:
    """One number, or one choice, that is assumed: its value, and its range or alternatives."""

    name: str
    key: str | None
    value: object
    bounds: tuple[float, float] | None = None
    choices: tuple = ()

    @property
    def label(self) -> str:
        """The name that results show."""
        return self.name if self.key is None else f"{self.name}.{self.key}"

    def drawn(self, draw: numpy.random.Generator) -> tuple[object, float]:
        """A value, and the number that ranks it.

        Triangular on the range, its mode at the value; or any of the choices, equally likely.
        """
        if self.bounds is None:
            rank = int(draw.integers(len(self.choices)))
            return self.choices[rank], float(rank)
        value = draw.triangular(self.bounds[0], self.value, self.bounds[1])
        if isinstance(self.value, int):
            value = round(value)
        return value, float(value)


def named(assumptions: dict) -> Iterator[tuple[str, dict]]:
    """The assumptions by name, without the sentences."""
    return ((name, entry) for name, entry in assumptions.items() if name != SENTENCES)


def factors(assumptions: dict) -> list[Factor]:
    """What can be drawn: not what a user replaced, nor what has no alternative."""
    found = []
    for name, entry in named(assumptions):
        value = entry["valeur"]
        if entry.get("remplacee"):
            continue
        if "alternatives" in entry:
            if entry["alternatives"]:
                found.append(Factor(name, None, value, choices=(value, *entry["alternatives"])))
        elif isinstance(value, dict):
            found += [
                Factor(name, key, value[key], tuple(bounds))
                for key, bounds in entry["plage"].items()
            ]
        else:
            found.append(Factor(name, None, value, tuple(entry["plage"])))
    return found


def drawn(assumptions: dict, draw: numpy.random.Generator) -> tuple[dict, dict[str, float]]:
    """Assumptions drawn from their ranges, and the number that ranks each factor, by label."""
    result = dict(assumptions)
    ranks = {}
    for factor in factors(assumptions):
        value, ranks[factor.label] = factor.drawn(draw)
        if factor.key is not None:
            value = {**result[factor.name]["valeur"], factor.key: value}
        result[factor.name] = {**result[factor.name], "valeur": value}
    return result, ranks


# From a user's file.


def read(path: Path | None = None) -> dict:
    """The assumptions, with the values that a file gives in place of some of them.

    Raises BadAssumptions, and OSError when the file cannot be read.
    """
    if path is None:
        return load(FILE)
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise BadAssumptions(f"{path.name}: it is nested too deeply.") from None
    # PyYAML lets through what Python says of dates, numbers and tags that it cannot make.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise BadAssumptions(f"{path.name}: it is not YAML ({error}).") from None
    if not isinstance(given, dict):
        raise BadAssumptions(f"{path.name}: write one « name: value » a line.")
    return replaced(given, path.name)


def replaced(given: dict, source: str) -> dict:
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
        if result[low]["valeur"] > result[high]["valeur"]:
            faults.append(f"{low}: it exceeds {high}.")
    if faults:
        raise BadAssumptions("\n".join(f"{source}, {fault}" for fault in faults))
    return result


def unknown(name: str, names: list[str]) -> str:
    """The sentence for a name that is not one."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    remedy = f" Did you mean « {near[0]} »?" if near else ""
    return f"{quoted(name)} is not an assumption.{remedy}"


def wrong(name: str, default: object, value: object) -> str:
    """What is wrong with a value, or nothing: it has the kind of the default one."""
    if isinstance(default, dict):
        if not isinstance(value, dict):
            return f"it takes one value for each of {', '.join(map(str, default))}"
        extra = [str(key) for key in value if key not in default]
        if extra:
            return f"{quoted(extra[0])} is not one of {', '.join(map(str, default))}"
        problems = (wrong(name, default[key], value[key]) for key in value)
        return next(filter(None, problems), "")
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else f"{quoted(str(value))} is neither true nor false"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{quoted(str(value))} is not a number"
    if value < LEAST.get(name, 0):
        return f"{quoted(str(value))} is less than {LEAST.get(name, 0)}"
    if not 0 <= value < 1e6:
        return f"{quoted(str(value))} is not between 0 and a million"
    if name.startswith(SHARES) and value > 1:
        return f"{quoted(str(value))} is not a share between 0 and 1"
    return ""
