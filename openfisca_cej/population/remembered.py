"""What the law makes of persons who are kept, found once for all the reforms of them."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from openfisca_cej.population.table import Population

Found = TypeVar("Found")

#: What was found of the populations that are kept, as long as they are.
KEPT: WeakKeyDictionary[Population, dict[Hashable, Any]] = WeakKeyDictionary()


def keep(population: Population) -> Population:
    """The same population: what ``once`` finds of it is remembered."""
    KEPT.setdefault(population, {})
    return population


def once(population: Population, key: Hashable, find: Callable[[], Found]) -> Found:
    """What is found of a population, at each call where it is not kept.

    ``key`` says what was asked, under which law: only of the law in force, for reforms have no end.
    """
    known = KEPT.get(population)
    if known is None:
        return find()
    if key not in known:
        known[key] = find()
    found: Found = known[key]
    return found
