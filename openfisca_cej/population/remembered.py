"""What is worked out once: the systems of reforms, what the law makes of persons who are kept."""

import functools
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import systems
from openfisca_cej.population import manifest
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


@dataclass(frozen=True)
class Reforming:
    """A reform, known by what it says: the same description again is the same reform."""

    key: str
    reform: Any = field(compare=False)


LOCK = RLock()


def system_of(reform: Any) -> TaxBenefitSystem:
    """The law, reformed if asked: built once for each content of a reform."""
    with LOCK:  # Two threads must not build the same system at the same time.
        return built(Reforming(manifest.fingerprint(manifest.reform_content(reform)), reform))


@functools.lru_cache(maxsize=4)
def built(wanted: Reforming) -> TaxBenefitSystem:
    """The system of a reform."""
    return systems.reformed(wanted.reform)
