"""What is computed once for all the months that read the same: a result and what it was made of."""

from collections.abc import Callable
from typing import Any

import numpy

NUMBERS = (int, float, numpy.number)


def une_fois(
    population: Any, variable: str, annee: Any, lus: tuple[Any, ...], calcul: Callable[..., Any]
) -> Any:
    """``calcul(*lus)``, not done again in the months that read the same for a year (None: for all).

    ``calcul`` looks at nothing else; what it gave is kept with the variable, and is not changed.
    """
    souvenirs = vars(population.get_holder(variable)).setdefault("souvenirs", {})
    if annee not in souvenirs or not memes(souvenirs[annee][0], lus):
        souvenirs[annee] = lus, calcul(*lus)
    return souvenirs[annee][1]


def memes(uns: Any, autres: Any) -> bool:
    """Whether what was read is the same: the same arrays and scales, equal numbers, tuples of them.

    Scales cannot be compared: where the law has moved, another one is another law.
    """
    if isinstance(uns, tuple):
        return len(uns) == len(autres) and all(map(memes, uns, autres))
    numbers = isinstance(uns, NUMBERS) and isinstance(autres, NUMBERS)
    return uns is autres or (numbers and bool(uns == autres))
