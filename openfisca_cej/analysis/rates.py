"""Marginal rates over a population: what one more euro of net wage takes from the allowance.

Whoever has a wage is computed again with one more euro in each month where one is paid (as the
marginal rate of a typical case is defined), then with fifty, under both laws. The months counted
are those that are paid, with a wage in them or in the months that the law reads; amounts are taken
before rounding, so that a rate is no number of centimes.
"""

import dataclasses

import numpy
from numpy.typing import NDArray
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import names
from openfisca_cej.analysis.comparison import Breakdown, GroupEffect, Measure
from openfisca_cej.analysis.disclosure import hidden
from openfisca_cej.analysis.households import measure
from openfisca_cej.explain.curve import OF_THE_SUM, before_rounding
from openfisca_cej.population import engine
from openfisca_cej.population.history import looked_back
from openfisca_cej.population.jobs import CHUNK
from openfisca_cej.population.stream import nothing
from openfisca_cej.population.table import Population

Floats = NDArray[numpy.float64]

#: Upper ends of the bands: rates up to it, and above the one before.
ENDS = (0.0, 0.25, 0.5, 0.75, 1.0)

BANDS = {
    "hausse": "L'allocation augmente",
    "0": "Rien n'est retiré",
    "0-0.25": "Jusqu'à 0,25 € par euro",
    "0.25-0.5": "Plus de 0,25 à 0,50 €",
    "0.5-0.75": "Plus de 0,50 à 0,75 €",
    "0.75-1": "Plus de 0,75 à 1 €",
    "plus_de_1": "Plus de 1 € : un effet de seuil",
}

#: All of them, and those who would lose more than the euros that they would earn.
EVERY, BEFORE_A_CLIFF = "ensemble", "seuil_a_50_euros"
LABELS = {
    **BANDS,
    EVERY: "Ensemble",
    BEFORE_A_CLIFF: "50 € de salaire en plus retireraient plus de 50 €",
}

#: Steps of wage (€): that of the rate, and that within which a cliff is looked for.
EURO, CLOSE = 1, 50

#: Decimals of a rate: the noise of float64 is dropped.
DECIMALS = 9

#: Rows of the sums: months of each law (weighted), persons of each, persons whose months differ.
ROWS = 5

NOTE = (
    "Mois payés, sous chaque droit, avec un salaire net dans le mois ou dans ceux que la loi lit, "
    "selon ce que retire un euro de salaire net de plus dans chaque mois où il en est payé un ; "
    "sans intervalle."
)


def empty() -> Floats:
    """The sums of nobody: a column a label."""
    return numpy.zeros((ROWS, len(LABELS)))


def summed(
    law: TaxBenefitSystem,
    reformed: TaxBenefitSystem,
    months: range,
    population: Population,
    replayed: Population,
) -> Floats:
    """The sums of a population, and of the same as the reform leaves its contracts."""
    found = empty()
    persons, starts = working(population)
    for first, last in engine.cuts(starts, len(persons), CHUNK):
        rows = persons[first:last]
        before = counted(law, months, population, rows)
        after = counted(reformed, months, replayed, rows)
        weights = numpy.ones(len(rows))
        if population.weights is not None:
            weights = population.weights[rows]
        for side, counts in enumerate((before, after)):
            found[side] += (counts * weights[:, None]).sum(axis=0)
            found[2 + side] += (counts > 0).sum(axis=0)
        found[4] += (before != after).sum(axis=0)
    return found


def working(population: Population) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64] | None]:
    """Whoever has a wage some month, with those whom they are linked to; where bunches start."""
    has = numpy.zeros(population.count, dtype=bool)
    for item in population.inputs:
        if item.variable == names.WAGE:
            has |= item.values > 0
    order, starts = engine.by_bunch(engine.bunches_of(population))
    if order is None or starts is None:
        return numpy.flatnonzero(has), None
    sizes = numpy.diff(starts, append=population.count)
    kept = numpy.logical_or.reduceat(has[order], starts)
    return order[kept.repeat(sizes)], numpy.cumsum(sizes[kept]) - sizes[kept]


def counted(
    system: TaxBenefitSystem, months: range, population: Population, rows: NDArray[numpy.int64]
) -> NDArray[numpy.int64]:
    """How many months each person has in each band, in all, and before a cliff."""
    paid = allowances(system, months, population, rows)
    one, more = (
        allowances(system, months, raised(population, step), rows) for step in (EURO, CLOSE)
    )
    rates = numpy.round((paid - one) / EURO, DECIMALS)
    # Rank 0 is a rise, rank 1 nil.
    bands = numpy.where(rates < 0, 0, 1 + numpy.searchsorted(ENDS, rates))
    among = (paid > 0) & has_wage(system, months, population, rows)
    cells = [*(bands == rank for rank in range(len(BANDS))), True, paid - more > CLOSE]
    return numpy.column_stack([(among & cell).sum(axis=1) for cell in cells])


def raised(population: Population, step: int) -> Population:
    """The same persons with so many more euros in each month where a wage is paid."""
    inputs = [
        dataclasses.replace(item, values=item.values + step * (item.values > 0))
        if item.variable == names.WAGE
        else item
        for item in population.inputs
    ]
    return dataclasses.replace(population, inputs=inputs)


def allowances(
    system: TaxBenefitSystem, months: range, population: Population, rows: NDArray[numpy.int64]
) -> Floats:
    """Allowances before rounding: persons × months."""
    found = run(system, months, population, rows, *OF_THE_SUM)
    return before_rounding(*(found[name] for name in OF_THE_SUM))[0]


def has_wage(
    system: TaxBenefitSystem, months: range, population: Population, rows: NDArray[numpy.int64]
) -> NDArray[numpy.bool_]:
    """Whether there is a wage in a month, or in those that the law reads: persons × months."""
    farthest = looked_back(system, months)
    around = range(months[0] - farthest, months[-1] + 1)
    wages = run(system, around, population, rows, names.WAGE)[names.WAGE] > 0
    found = numpy.empty((len(rows), len(months)), dtype=bool)
    for rank, month in enumerate(months):
        here = farthest + rank
        read = looked_back(system, range(month, month + 1))
        found[:, rank] = wages[:, here - read : here + 1].any(axis=1)
    return found


def run(
    system: TaxBenefitSystem,
    months: range,
    population: Population,
    rows: NDArray[numpy.int64],
    *variables: str,
) -> dict[str, NDArray[numpy.float64]]:
    """Variables of some persons: persons × months."""
    chunk = engine.Chunk(system, population, rows, months)
    found = chunk.run(months, variables, nothing)
    chunk.release()
    return found


def told(sums: Floats, smallest: int) -> Breakdown:
    """The distribution, its small cells masked; a rise that nobody has is not told."""
    cells = list(LABELS)
    supports = {cell: sums[2:, rank].astype(int).tolist() for rank, cell in enumerate(cells)}
    masked = hidden(supports, [[*BANDS, EVERY]], smallest, {})
    alls = sums[:2, cells.index(EVERY)]
    groups = [
        GroupEffect(cell, label, measures(sums[:2, rank], alls, cell in masked))
        for rank, (cell, label) in enumerate(LABELS.items())
        if cell != "hausse" or any(supports[cell])
    ]
    return Breakdown("taux_marginaux", "Ce que retire un euro de salaire", tuple(groups), NOTE)


def measures(months: Floats, among: Floats, masked: bool) -> tuple[Measure, ...]:
    """The months of a band, and their share of all of them."""
    shares = numpy.divide(months, among, out=numpy.zeros(2), where=among > 0)
    named = (
        (("mois_payes", "Mois payés", "mois"), numpy.round(months, 2).tolist(), 2),
        (("part", "Part des mois payés", "part"), numpy.round(shares, 6).tolist(), 6),
    )
    if masked:
        return tuple(
            Measure(*words, None, None, None, masked=True) for words, _values, _decimals in named
        )
    return tuple(
        measure(*words, before, after, decimals) for words, (before, after), decimals in named
    )
