"""A population in arrays: who lives with whom, and what is known of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Self

import numpy


class Counted(str):
    """A remark with counts, which add up where a population is read by blocks.

    The counts take the places that ``{}`` mark in the ``template``.
    """

    template: str
    counts: tuple[int, ...]

    def __new__(cls, template: str, *counts: int) -> Self:
        made = super().__new__(cls, template.format(*counts))
        made.template, made.counts = template, tuple(map(int, counts))
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        """What makes it again in another process."""
        return self.template, *self.counts


def counted(remarks: Iterable[str]) -> list[list[Any]]:
    """The template and the counts of those remarks that have some, as JSON can hold them."""
    return [[one.template, *one.counts] for one in remarks if isinstance(one, Counted)]


def with_counts(remarks: Iterable[str], told: Iterable[Sequence[Any]]) -> list[str]:
    """The remarks again, from their texts and what ``counted`` told."""
    found = {str(one): one for one in (Counted(*content) for content in told)}
    return [found.get(text, text) for text in remarks]


def added_up(blocks: Iterable[Iterable[str]]) -> list[str]:
    """The remarks of all the blocks, those that differ by their counts only as one."""
    counts: dict[str, tuple[int, ...] | None] = {}
    for remark in chain.from_iterable(blocks):
        if isinstance(remark, Counted):
            before = counts.get(remark.template) or (0,) * len(remark.counts)
            summed = tuple(map(sum, zip(before, remark.counts, strict=True)))
            counts[remark.template] = summed
        else:
            counts[remark] = None
    return [text if found is None else Counted(text, *found) for text, found in counts.items()]


@dataclass
class Group:
    """How persons make up the groups of one entity (familles, foyers fiscaux, ménages).

    ``membership[i]`` is the number of the group of person i, from 0; ``roles[i]`` the rank of
    the person's role among the flattened roles of the entity. Both None: everyone is alone,
    group i being person i in the first role.
    """

    count: int
    membership: Any = None
    roles: Any = None

    def with_any(self, persons: numpy.ndarray) -> numpy.ndarray:
        """Which groups have one of some persons (a truth value each)."""
        if self.membership is None:
            return persons
        groups = numpy.zeros(self.count, dtype=bool)
        groups[self.membership[persons]] = True
        return groups


@dataclass
class Input:
    """Values of one variable, one per person or per group of its entity.

    ``period`` is a month (``2025-03``), a year (``2025``) or None: every period. Enumerations
    hold the ranks of their items; other values have the type of the variable. ``given`` tells who
    gave one (None: all): for the others the formula runs, or the value is the default.
    """

    variable: str
    period: str | None
    values: numpy.ndarray
    given: numpy.ndarray | None = None

    @property
    def header(self) -> str:
        """The column that gives these values."""
        return self.variable if self.period is None else f"{self.variable}@{self.period}"


@dataclass(eq=False)
class Population:
    """``count`` persons: identifiers, weights (None: 1 each), groups by entity key, inputs.

    ``attributes`` describes the persons without the model reading it (operator, diploma…):
    each is an array of text or of booleans. ``remarks`` are sentences that the user must see.
    ``drawn``: the contracts were drawn under today's law, and another may not have let them be.
    """

    count: int
    ids: Sequence[str]
    inputs: list[Input]
    groups: dict[str, Group] = field(default_factory=dict)
    weights: Any = None
    attributes: dict[str, numpy.ndarray] = field(default_factory=dict)
    drawn: bool = False
    remarks: list[str] = field(default_factory=list)


def joined(populations: Sequence[Population]) -> Population:
    """Populations with the same inputs and attributes, in which everyone is alone, as one."""
    inputs = [
        Input(items[0].variable, items[0].period, numpy.concatenate([i.values for i in items]))
        for items in zip(*(population.inputs for population in populations), strict=True)
    ]
    ids = [name for population in populations for name in population.ids]
    weights = [one.weights for one in populations if one.weights is not None]
    attributes = {
        name: numpy.concatenate([one.attributes[name] for one in populations])
        for name in populations[0].attributes
    }
    return Population(
        len(ids),
        ids,
        inputs,
        weights=numpy.concatenate(weights) if weights else None,
        attributes=attributes,
        drawn=populations[0].drawn,
    )
