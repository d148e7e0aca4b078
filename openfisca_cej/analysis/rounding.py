"""From exact sums to hundredths that still add up."""

import math
from collections.abc import Sequence
from fractions import Fraction


def nearest(value: Fraction) -> int:
    """The nearest whole number, a half upwards."""
    return math.floor(value + Fraction(1, 2))


def apportioned(parts: Sequence[Fraction], whole: int) -> list[int]:
    """Whole numbers near the parts that add up to ``whole``, the nearest of the parts' exact sum.

    Each is the part rounded down or up: those with the largest remainders are rounded up.
    """
    floors = [math.floor(part) for part in parts]
    left = whole - sum(floors)
    order = sorted(range(len(parts)), key=lambda rank: floors[rank] - parts[rank])
    for rank in order[:left]:
        floors[rank] += 1
    return floors
