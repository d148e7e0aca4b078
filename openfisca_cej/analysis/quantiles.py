"""Groups of a numeric attribute of equal weights: « revenu/5 » cuts the persons in fifths."""

import dataclasses

import numpy

from openfisca_cej.analysis.groups import Characteristics
from openfisca_cej.analysis.households import Floats, amounts
from openfisca_cej.analysis.sources import Origin
from openfisca_cej.population.months import month_number
from openfisca_cej.systems import model


def bounded(chosen: Characteristics, origin: Origin, months: tuple[str, ...]) -> Characteristics:
    """The characteristics with the values that end their groups, read in all the persons.

    Raises BadRequest when an attribute is no number for someone, InvalidInput, OSError.
    """
    if not chosen.cut:
        return chosen
    window = range(month_number(months[0]), month_number(months[-1]) + 1)
    found: dict[str, list[Floats]] = {name: [] for name in chosen.cut}
    weights = []
    for piece in origin.pieces(0):
        population = piece.make(model(), window)
        given = population.weights
        weights.append(numpy.ones(population.count) if given is None else given)
        for name, (attribute, _count) in chosen.cut.items():
            values = population.attributes[attribute]
            found[name].append(amounts(values, attribute, population.ids.__getitem__))
    every = numpy.concatenate(weights)
    bounds = tuple(
        (name, ends(numpy.concatenate(found[name]), every, count))
        for name, (_attribute, count) in chosen.cut.items()
    )
    return dataclasses.replace(chosen, bounds=bounds)


def ends(values: Floats, weights: Floats, count: int) -> tuple[float, ...]:
    """The values that end each group but the last: what so much of the weight does not exceed."""
    order = numpy.argsort(values, kind="stable")
    reached = numpy.cumsum(weights[order]) / weights.sum()
    # A hair less than the share, for what weights add up to is not exact.
    wanted = numpy.arange(1, count) / count - 1e-9
    found = values[order][numpy.searchsorted(reached, wanted)]
    return tuple(dict.fromkeys(found.tolist()))
