"""Simulate entrants by month of entry: in a month, the law bears on those who may be in a contract.

They are drawn over the months of their contract and the one before it, which are all that the law
reads (``Entrants.width``).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import engine
from openfisca_cej.population.months import month_text
from openfisca_cej.population.synthetic import Entrants, centimes
from openfisca_cej.population.table import Input, Population

#: Persons of neighbouring months of entry under the law at once: a month has a cost of its own.
TOGETHER = 40_000

#: Values of persons × months, by variable.
Values = dict[str, numpy.ndarray]


class Followed:
    """What the law reads of entrants, who come by month of entry."""

    def __init__(self, making: Entrants, width: int) -> None:
        making.width = width
        self.entries = making.entries[0]
        self.situation = making.situation()
        self.lived = {name: held(values) for name, values in making.lived().items()}
        del making.process  # what it is made of takes four times as much memory

    def rows(self, first: int, last: int) -> slice:
        """Who entered from a month to another."""
        return slice(*numpy.searchsorted(self.entries, (first, last + 1)).tolist())


def simulate(
    system: TaxBenefitSystem, made: Sequence[Entrants], months: range, names: Sequence[str]
) -> list[Values]:
    """Monthly variables of the entrants of each of some populations, nil outside their contracts.

    Those of neighbouring months of entry are under the law together.
    """
    # The months of the longest contract, which may begin on the last day of one, and one before.
    width = 2 + max(int(making.durations.max()) for making in made)
    drawn = [Followed(making, width) for making in made]
    found = [
        {
            name: numpy.zeros((making.count, len(months)), system.variables[name].dtype, order="F")
            for name in names
        }
        for making in made
    ]
    for first, last in bunches(numpy.concatenate([one.entries for one in drawn])):
        window = range(first, min(last + width - 1, months.stop))
        people = together(drawn, range(first, last + 1), window, width)
        (block,) = engine.simulate(system, people, window, names, people.count)
        start, columns = 0, slice(window[0] - months[0], window.stop - months[0])
        for values, one in zip(found, drawn, strict=True):
            rows = one.rows(first, last)
            stop = start + rows.stop - rows.start
            for name, array in block.values.items():
                values[name][rows, columns] = array[start:stop]
            start = stop
    return found


def bunches(entries: numpy.ndarray) -> Iterator[tuple[int, int]]:
    """First and last month of entry of those who are under the law at once."""
    months, starts = numpy.unique(numpy.sort(entries), return_index=True)
    ranks = dict(zip(months.tolist(), starts // TOGETHER, strict=True))
    for _, some in groupby(ranks, ranks.__getitem__):
        known = list(some)
        yield known[0], known[-1]


def together(drawn: Sequence[Followed], entries: range, window: range, width: int) -> Population:
    """Those who entered in some months, population by population, over a window."""
    rows = [one.rows(entries[0], entries[-1]) for one in drawn]
    inputs = [
        Input(
            of[0].variable,
            of[0].period,
            numpy.concatenate([one.values[some] for one, some in zip(of, rows, strict=True)]),
        )
        for of in zip(*(one.situation for one in drawn), strict=True)
    ]
    count = sum(some.stop - some.start for some in rows)
    for name, known in drawn[0].lived.items():
        wide = numpy.zeros((len(entries) - 1 + width, count), known.dtype)
        start = 0
        for one in drawn:
            for rank, month in enumerate(entries):
                part = one.lived[name][one.rows(month, month)]
                wide[rank : rank + width, start : start + len(part)] = part.T
                start += len(part)
        months = range(entries[0] - 1, window.stop)
        inputs += [
            Input(name, month_text(month), row) for month, row in zip(months, wide, strict=False)
        ]
    return Population(count, [], inputs)


def held(values: numpy.ndarray) -> numpy.ndarray:
    """Values as the law holds them."""
    return centimes(values).astype(numpy.float32) if values.dtype.kind == "f" else values
