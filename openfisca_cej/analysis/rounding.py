"""From exact sums to hundredths that still add up."""

import math
from collections.abc import Sequence
from fractions import Fraction


def nearest(value: Fraction) -> int:
    """The nearest whole number, a half upwards."""
    return math.floor(value + Fraction(1, 2))


def apportioned(parts: Sequence[Fraction], whole: int) -> list[int]:
    """Whole numbers near the parts that add up to ``whole``, which is near their exact sum.

    Each is the part rounded down or up, where that is enough: those with the largest remainders
    are rounded up.
    """
    if not parts:
        return []
    floors = [math.floor(part) for part in parts]
    every, left = divmod(whole - sum(floors), len(parts))
    order = sorted(range(len(parts)), key=lambda rank: floors[rank] - parts[rank])
    raised = set(order[:left])
    return [floor + every + (rank in raised) for rank, floor in enumerate(floors)]
