"""The dated values of the parameters, the YAML cases that read each, and the case that holds it.

A case holds a value when it passes, and fails once the value is moved. A value that no case holds
could be wrong unseen. What « moved » means is also what `benchmarks/mutation.py` does.
"""

import functools
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import pytest
import yaml
from openfisca_core import periods
from openfisca_core.parameters import ParameterNodeAtInstant
from openfisca_core.tools import test_runner

from openfisca_cej import CountryTaxBenefitSystem

TESTS = Path(__file__).resolve().parent.parent
CASES = TESTS / "contrat_engagement_jeune"

#: Moves that change no result, and why.
EXPLAINED = TESTS.parent / "benchmarks" / "mutants_equivalents.yaml"

BEGINNING = "2022-03-01"  # the law of the CEJ comes into force
FIRST_INCOMES = "2020-01-01"  # those of the tax notice in use in March 2022

RSA = "prestations_sociales.solidarite_insertion.minima_sociaux.rsa"

#: Parameters that no formula reads, and what they are for.
UNREAD = {
    f"{RSA}.rsa_m.montant_de_base_du_rsa": "the base of the Garantie jeunes' amounts",
    f"{RSA}.rsa_fl.taux_1_personne": "the base of the Garantie jeunes' amounts",
    "contrat_engagement_jeune.contrat.heures_hebdomadaires.repere_haut": "told beside the minimum",
    "contrat_engagement_jeune.montant_forfaitaire.revalorisation": "amounts are derived from it",
    "contrat_engagement_jeune.ressources.cumulables": "told as counting for nothing",
}


def twelve_months_after(date: str) -> str:
    """The same day, a year later."""
    return f"{int(date[:4]) + 1}{date[4:]}"


@functools.cache
def last_date() -> str:
    """The last date of a value of a parameter."""
    return max(value.since for value in dated_values(CountryTaxBenefitSystem()))


def last_month() -> str:
    """The last month that the tests compute: twelve months after the last date of a parameter."""
    return twelve_months_after(last_date())[:7]


def node(path: str):
    """A parameter of the law."""
    return functools.reduce(lambda found, key: found.children[key], path.split("."), law())


@functools.cache
def law():
    """The parameters of the law."""
    return CountryTaxBenefitSystem().parameters


def last_of(path: str) -> str:
    """The day of the last value of a parameter, or of a scale."""
    found = node(path)
    held = [bracket.threshold for bracket in getattr(found, "brackets", ())] or [found]
    return max(entry.instant_str for one in held for entry in one.values_list)


def next_move(path: str) -> str:
    """The day on which the law moves a parameter for the first time since it was last checked.

    The day from which its last value is out of date, until somebody writes the new one.
    """
    metadata = node(path).metadata
    known = max(last_of(path), str(metadata["last_value_still_valid_on"]))
    day = metadata["revalorisation"]["jour"]
    days = (f"{year}-{day}" for year in (int(known[:4]), int(known[:4]) + 1))
    return next(move for move in days if move > known)


# --- Values ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DatedValue:
    """One value of a parameter, or of a bracket of a scale: from `since` until before `until`.

    `names`: all those that the lists of the parameter have at one date or another.
    """

    parameter: str
    bracket: str
    held: object
    until: str
    names: frozenset[str] = frozenset()

    @property
    def since(self) -> str:
        """Its first day."""
        return self.held.instant_str

    @property
    def label(self) -> str:
        """How it is named in a list."""
        return f"{self.parameter}{self.bracket} {self.since}"

    @property
    def file(self) -> str:
        """Where it is written."""
        return f"openfisca_cej/parameters/{self.parameter.replace('.', '/')}.yaml"

    @property
    def months(self) -> str:
        """In words, the months that read it."""
        if not of_taxes(self.parameter):
            return span(self.since[:7], self.until and month_before(self.until))
        # The notice of the incomes of N comes in N + 1, and the limit of the first bracket with
        # the finance law; both are in use until those of the next year.
        first, last = int(self.since[:4]) + 1, self.until and int(self.until[:4]) + 1
        return (
            f"that reads the incomes of {self.since[:4]}"
            f"{self.until and f' to {int(self.until[:4]) - 1}'}, "
            + span(f"{first}-04", self.until and f"{last}-08")
        )

    def moves(self) -> Iterator[tuple[str, object]]:
        """What it may be instead, in words and as a value."""
        return others(self.held.value, self.names)


def of_taxes(parameter: str) -> bool:
    """Whether the parameter follows the year of the incomes."""
    return parameter.startswith("impot_revenu.")


def month_before(date: str) -> str:
    """The month before the one of this day."""
    return str(numpy.datetime64(date[:7], "M") - 1)


def span(first: str, last: str) -> str:
    """Months, in words."""
    first = max(first, BEGINNING[:7])
    return f"from {first} to {last}" if last else f"from {first} on"


def dated_values(system) -> list[DatedValue]:
    """All those that some month of the law reads, and those that no formula reads."""
    found = []
    for node in system.parameters.get_descendants():
        series = [("", node)] if hasattr(node, "values_list") else []
        for rank, bracket in enumerate(getattr(node, "brackets", ())):
            series += [(f"[{rank}].{key}", child) for key, child in bracket.children.items()]
        for bracket, parameter in series:
            first = FIRST_INCOMES if of_taxes(node.name) else BEGINNING
            until = ""
            names = frozenset(
                name
                for held in parameter.values_list
                for name in (held.value if isinstance(held.value, list) else ())
            )
            for held in parameter.values_list:  # the latest first
                found.append(DatedValue(node.name, bracket, held, until, names))
                until = held.instant_str
                if until <= first:
                    break
    return found


def is_unread(parameter: str) -> bool:
    """Whether no formula is to read it."""
    return parameter in UNREAD


def others(value: object, names: frozenset[str]) -> Iterator[tuple[str, object]]:
    """The values that there may be instead: less and more of a number, a list but for one name.

    A whole number moves by one, another by a hundredth; a share is never more than the whole.
    """
    if isinstance(value, bool):
        yield f"{value} → {not value}", not value
    elif isinstance(value, int | float):
        whole = value >= 1 and float(value).is_integer()
        less = value - 1 if whole else value * 0.99 or 1
        more = value + 1 if whole else value * 1.01
        yield f"{value} → {less}", less
        if more != value and not (isinstance(value, float) and value == 1):
            yield f"{value} → {more}", more
    elif isinstance(value, list):
        for name in value:
            yield f"without {name}", [kept for kept in value if kept != name]
        for name in sorted(names.difference(value)):
            yield f"with {name}", [*value, name]


# --- Cases ----------------------------------------------------------------------------------------


class Collector:
    """A pytest plugin that keeps the tests that were collected."""

    items: tuple = ()

    def pytest_collection_finish(self, session) -> None:
        """Keep them."""
        self.items = session.items


def collected(system, paths: list[str]) -> list:
    """The YAML tests, as core runs them."""
    keep = Collector()
    plugins = [test_runner.OpenFiscaPlugin(system, {}), keep]
    arguments = ["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "no:xdist"]
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        status = pytest.main([*arguments, *paths], plugins=plugins)
    if status != 0 or not keep.items:
        raise ValueError(f"No test was collected in {', '.join(paths)}.")
    return keep.items


@dataclass
class Case:
    """A YAML case that passes, and what it reads: parameters and days."""

    item: object
    reads: set[tuple[str, str]] = field(default_factory=set)

    @property
    def file(self) -> str:
        """Where it is."""
        return self.item.path.relative_to(TESTS.parent).as_posix()

    @functools.cached_property
    def months(self) -> frozenset[str]:
        """The months that it names."""
        told = f"{self.item.test.period} {self.item.test.input} {self.item.test.output}"
        return frozenset(re.findall(r"\d{4}-\d{2}", told))

    @functools.cached_property
    def given(self) -> frozenset[str]:
        """The words of its input."""
        return frozenset(re.findall(r"\w+", str(self.item.test.input)))

    def passes(self) -> bool:
        """Run it."""
        try:
            self.item.runtest()
        except Exception:
            return False
        return True


class Reading:
    """Parameters at an instant that write down what is read of them."""

    def __init__(self, node, reads: set[tuple[str, str]]) -> None:
        self._node = node
        self._reads = reads

    def __getattr__(self, key):
        return self._told(getattr(self._node, key), key)

    def __getitem__(self, key):
        return self._told(self._node[key], key)

    def __iter__(self):
        return iter(self._node)

    def __contains__(self, key) -> bool:
        return key in self._node

    def _told(self, child, key):
        if isinstance(child, ParameterNodeAtInstant):
            return Reading(child, self._reads)
        self._reads.add((f"{self._node._name}.{key}".lstrip("."), self._node._instant_str))
        return child


class Suite:
    """The YAML cases of the law on a system of their own, whose values can be moved."""

    def __init__(self, system, paths: list[str] | None = None) -> None:
        items = collected(system, paths or [str(CASES)])
        self.baseline = system  # core keys its clones by the address of what they come from
        self.system = self._clone(items[0])
        self._at_instants: dict[str, ParameterNodeAtInstant] = {}
        self._reads: set[tuple[str, str]] | None = None
        # Core would go on answering what it read before a value was moved.
        self.system.get_parameters_at_instant = self._at_instant
        self.cases: list[Case] = []
        self.failing: list[str] = []
        self._places: dict[str, str] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for item in items:
                case = Case(item)
                self._reads = case.reads
                if case.passes():
                    self.cases.append(case)
                else:
                    self.failing.append(f"{case.file}: {item.test.name}")
        self._reads = None
        self.cases.sort(key=lambda case: len(case.reads))

    @staticmethod
    def _clone(item):
        """The system that core makes for the cases that name no reform."""
        Case(item).passes()
        return item.tax_benefit_system

    def _at_instant(self, when):
        """The parameters at an instant, which write down what is read of them."""
        day = str(periods.instant(when))
        if day not in self._at_instants:
            self._at_instants[day] = self.system.parameters.get_at_instant(day)
        node = self._at_instants[day]
        return node if self._reads is None else Reading(node, self._reads)

    @functools.cached_property
    def values(self) -> list[DatedValue]:
        """The dated values of the system."""
        return dated_values(self.system)

    def reading(self, value: DatedValue) -> list[Case]:
        """The cases that read the value, those that read the fewest others first."""
        return [
            case
            for case in self.cases
            if any(
                name == value.parameter and value.since <= day < (value.until or "9999")
                for name, day in case.reads
            )
        ]

    def holder(self, value: DatedValue, what: str, other: object) -> Case | None:
        """The first case that fails when the value is moved to the other.

        The cases that give what leaves or enters a list come first.
        """
        kept = value.held.value
        name = what.split()[-1]
        cases = sorted(self.reading(value), key=lambda case: name not in case.given)
        self._set(value, other)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return next((case for case in cases if not case.passes()), None)
        finally:
            self._set(value, kept)

    def _set(self, value: DatedValue, other: object) -> None:
        value.held.value = other
        self._at_instants.clear()

    def held(self, value: DatedValue) -> Iterator[tuple[str, Case | None]]:
        """Each way of moving the value, and the case that fails then.

        None where no case does, or where it is explained why none can.
        """
        for what, other in value.moves():
            none_can = f"{value.label}: {what}" in explained()
            yield what, None if none_can else self.holder(value, what, other)

    def missing(self, value: DatedValue) -> Iterator[str]:
        """What to write, and where, for each move of the value that no case notices."""
        for what, case in self.held(value):
            if case is None and f"{value.label}: {what}" not in explained():
                yield (
                    f"{value.file}: {value.since}{value.bracket and f' {value.bracket}'}: no case "
                    f"depends on it ({what}). Write one in {self.place(value.parameter)}, in a "
                    f"month {value.months}, whose expected result comes from the article."
                )

    def place(self, parameter: str) -> str:
        """The file of cases to edit: where another value is held, or else that of the topic."""
        if parameter not in self._places:
            series = [value for value in self.values if value.parameter == parameter]
            held = (case for value in series for _, case in self.held(value) if case is not None)
            case = next(held, None)
            topics = [file for file in self.files if same_topic(file, parameter)]
            self._places[parameter] = (
                f"{case.file} (beside « {case.item.test.name} »)"
                if case is not None
                else " or ".join(topics) or CASES.relative_to(TESTS.parent).as_posix()
            )
        return self._places[parameter]

    @property
    def files(self) -> list[str]:
        """The files of the cases."""
        return sorted({case.file for case in self.cases})


def same_topic(file: str, parameter: str) -> bool:
    """Whether the file of cases bears the name of the parameter's folder, or its beginning."""
    stem, topic = Path(file).stem, parameter.split(".")[1]
    return stem.startswith(topic) or topic.startswith(stem)


@functools.cache
def explained() -> dict[str, str]:
    """The moves that change no result, and why."""
    return yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))
