"""Totals of a run: per month and over the whole period, weighted, in float64."""

from dataclasses import dataclass, field

import numpy

from openfisca_cej.population.engine import Block
from openfisca_cej.population.schema import RESULT

RUNNING = "cej_en_cours"


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

    def __post_init__(self) -> None:
        self.running = numpy.zeros(len(self.months))
        self.payees = numpy.zeros(len(self.months))
        self.centimes = numpy.zeros(len(self.months))

    def add(self, block: Block) -> None:
        """Count the persons of a block."""
        centimes = numpy.rint(block.values[RESULT] * 100)
        paid = centimes > 0
        count = len(block.persons)
        weights = numpy.ones(count) if self.weights is None else self.weights[block.persons]
        self.persons += count
        self.weight += weights.sum()
        self.ever_paid += weights[paid.any(axis=1)].sum()
        self.running += weights @ block.values[RUNNING].astype(float)
        self.payees += weights @ paid.astype(float)
        self.centimes += weights @ centimes

    @property
    def decimals(self) -> int:
        """Decimals to show in numbers of persons: none unless weights have some."""
        return int(self.weights is not None and bool((self.weights % 1).any()))

    @property
    def means(self) -> numpy.ndarray:
        """Mean amount (€) of the persons paid, by month; 0 when nobody is."""
        return self.centimes / 100 / numpy.maximum(self.payees, 1e-300) * (self.payees > 0)

    @property
    def mean(self) -> float:
        """Mean amount (€) of the months paid, over the period."""
        return self.centimes.sum() / 100 / self.payees.sum() if self.payees.any() else 0.0
