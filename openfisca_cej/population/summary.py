"""Totals of a run: per month and over the whole period, weighted, in float64."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy

from openfisca_cej.names import RUNNING
from openfisca_cej.population.engine import Block
from openfisca_cej.population.months import month_text
from openfisca_cej.population.schema import RESULT

#: Digits of a sum of fractions: those after are noise.
DIGITS = 12


def plain(number: float) -> float:
    """A sum without the noise of its fractions; a whole one is exact."""
    return float(number) if float(number).is_integer() else float(f"{number:.{DIGITS}g}")


@dataclass
class Totals:
    """Sums over persons, by month: contracts running, persons paid, centimes paid.

    Amounts are whole numbers of centimes, so that sums are exact as long as weights are whole
    numbers, whatever the order of the persons and the size of the chunks.
    """

    months: range
    weights: numpy.ndarray | None = None
    persons: int = 0
    weight: float = 0.0
    ever_paid: float = 0.0
    running: numpy.ndarray = field(init=False)
    payees: numpy.ndarray = field(init=False)
    centimes: numpy.ndarray = field(init=False)
    weighted: bool = field(init=False)
    fractional: bool = field(init=False)
    factor: float = field(init=False)

    def __post_init__(self) -> None:
        self.running = numpy.zeros(len(self.months))
        self.payees = numpy.zeros(len(self.months))
        self.centimes = numpy.zeros(len(self.months))
        self.weighted = self.weights is not None
        #: A whole weight that all the persons have: counts are multiplied by it, at the end.
        self.factor, self.fractional = 1.0, False
        if self.weights is not None:
            self.fractional = bool((numpy.trunc(self.weights) != self.weights).any())
            if not self.fractional and self.weights.min() == self.weights.max():
                self.factor, self.weights = float(self.weights[0]), None

    def add(self, block: Block) -> None:
        """Count the persons of a block."""
        weights = None if self.weights is None else self.weights[block.rows]
        ever = numpy.zeros(len(block.persons), dtype=bool)

        def total(values: numpy.ndarray) -> Any:
            return self.factor * values.sum() if weights is None else (values * weights).sum()

        # A month at a time: what it takes stays in the cache of the processor.
        columns = zip(block.values[RESULT].T, block.values[RUNNING].T, strict=True)
        for month, (amounts, running) in enumerate(columns):
            centimes = numpy.rint(amounts * 100)
            paid = centimes > 0
            ever |= paid
            self.running[month] += total(running)
            self.payees[month] += total(paid)
            self.centimes[month] += total(centimes)
        self.persons += len(block.persons)
        self.weight += total(numpy.ones(len(block.persons)))
        self.ever_paid += total(ever) if weights is None else weights[ever].sum()

    @property
    def decimals(self) -> int:
        """Decimals to show in numbers of persons: none unless weights have some."""
        return int(self.fractional)

    @property
    def means(self) -> numpy.ndarray:
        """Mean amount (€) of the persons paid, by month; 0 when nobody is."""
        found: numpy.ndarray = self.centimes / 100 / numpy.maximum(self.payees, 1e-300)
        return found * (self.payees > 0)

    @property
    def mean(self) -> float:
        """Mean amount (€) of the months paid, over the period."""
        return self.centimes.sum() / 100 / self.payees.sum() if self.payees.any() else 0.0

    def to_json(self, exact: bool = False) -> dict[str, Any]:
        """The totals as JSON holds them, without the noise of sums of fractions unless exact."""
        tidy = float if exact else plain
        months = [month_text(month) for month in self.months]
        return {
            "persons": self.persons,
            "weighted": self.weighted,
            "fractional": self.fractional,
            "weight": tidy(self.weight),
            "ever_paid": tidy(self.ever_paid),
            "months": {
                month: {
                    "contracts": tidy(running),
                    "payees": tidy(payees),
                    "centimes": tidy(centimes),
                }
                for month, running, payees, centimes in zip(
                    months,
                    self.running.tolist(),
                    self.payees.tolist(),
                    self.centimes.tolist(),
                    strict=True,
                )
            },
        }

    @classmethod
    def gathered(cls, months: range, parts: Sequence[dict[str, Any]]) -> Self:
        """The totals of parts of a population, from what they told.

        Each sum is rounded once: it does not depend on the order of the parts.
        """
        totals = cls(months)
        totals.persons = sum(part["persons"] for part in parts)
        totals.weighted = any(part["weighted"] for part in parts)
        totals.fractional = any(part["fractional"] for part in parts)
        totals.weight = math.fsum(part["weight"] for part in parts)
        totals.ever_paid = math.fsum(part["ever_paid"] for part in parts)
        for rank, month in enumerate(month_text(month) for month in months):
            lines = [part["months"][month] for part in parts]
            totals.running[rank] = math.fsum(line["contracts"] for line in lines)
            totals.payees[rank] = math.fsum(line["payees"] for line in lines)
            totals.centimes[rank] = math.fsum(line["centimes"] for line in lines)
        return totals
