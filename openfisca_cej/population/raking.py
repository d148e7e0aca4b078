"""Raking: weights of persons that add up to known totals, one categorical margin at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from gettext import gettext as _

import numpy

#: A margin holds when each of its totals does, to this share of the whole.
TOLERANCE = 1e-9

#: Rounds over all the margins before giving up; a consistent problem takes a few dozen.
ROUNDS = 1000


class CannotRake(ValueError):
    """Margins that no weights of these persons satisfy."""


@dataclass(frozen=True)
class Margin:
    """``totals[k]`` is what the weights of the persons with ``codes == k`` must add up to."""

    name: str
    categories: Sequence[str]
    codes: numpy.ndarray
    totals: numpy.ndarray

    def sums(self, weights: numpy.ndarray) -> numpy.ndarray:
        """What the weights add up to in each category."""
        return numpy.bincount(self.codes, weights, minlength=len(self.totals))

    def gap(self, weights: numpy.ndarray) -> float:
        """How far the furthest total is from what the weights add up to."""
        return float(abs(self.sums(weights) - self.totals).max())


def rake(
    margins: Sequence[Margin], weights: numpy.ndarray, tolerance: float = TOLERANCE
) -> numpy.ndarray:
    """The weights nearest to these ones (in relative entropy) that satisfy the margins.

    Iterative proportional fitting: the weights of each category are scaled to its total, margin
    after margin, until all hold at once. Raises CannotRake when a category that has a total has
    no weight, when two margins differ in their grand total, or without convergence.
    """
    weights = numpy.array(weights, dtype=float)
    whole = margins[0].totals.sum()
    for margin in margins:
        if abs(margin.totals.sum() - whole) > tolerance * whole:
            raise CannotRake(
                _("« {margin} » does not have the total of « {margins} »").format(
                    margin=margin.name, margins=margins[0].name
                )
            )
        empty = numpy.flatnonzero((margin.sums(weights) <= 0) & (margin.totals > 0))
        if len(empty):
            category = margin.categories[empty[0]]
            raise CannotRake(
                _("nobody in « {category} » ({margin}), which has a total").format(
                    category=category, margin=margin.name
                )
            )
    for _round in range(ROUNDS):
        for margin in margins:
            sums = margin.sums(weights)
            factors = numpy.divide(margin.totals, sums, out=numpy.zeros_like(sums), where=sums > 0)
            weights *= factors[margin.codes]
        if all(margin.gap(weights) / whole <= tolerance for margin in margins):
            return weights
    worst = max(margins, key=lambda margin: margin.gap(weights)).name
    raise CannotRake(
        _("no convergence in {rounds} rounds: « {worst} » contradicts another margin").format(
            rounds=ROUNDS, worst=worst
        )
    )
