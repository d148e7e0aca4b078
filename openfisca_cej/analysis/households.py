"""Living standards before and after: deciles, Gini index, poverty, by plain weighted formulas.

The data give the living standard of each person's household under the law in force (attribute
``niveau_de_vie``, € a year by unit of consumption) and, if need be, its units of consumption
(``unites_de_consommation``, 1 otherwise). The reform adds what the members of the ménage gain over
the window, brought to twelve months, by unit of consumption.
"""

from collections.abc import Callable, Mapping, Sequence
from gettext import gettext as _
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej import french
from openfisca_cej.analysis.comparison import Breakdown, GroupEffect, Households, Measure
from openfisca_cej.analysis.conventions import LIVING_STANDARD, UNITS
from openfisca_cej.refusals import BadRequest

Floats = NDArray[numpy.float64]

#: The poverty line, as a share of the median of the baseline (the convention of Insee).
LINE = 0.6

DECILES = 10

NOTE = (
    "Niveau de vie donné par les données pour le droit en vigueur ; la réforme y ajoute ce que "
    "gagnent les membres du ménage, rapporté à douze mois et aux unités de consommation. Déciles "
    "et seuil de pauvreté (60 % de la médiane) sont ceux de ce fichier, et non ceux de la "
    "population du pays, sous le droit en vigueur ; sans intervalle."
)

#: Added where it is so.
NEGATIVE = (
    " Niveaux de vie négatifs de {} (individu_id : {}) : ils sont gardés tels quels, et l'indice "
    "de Gini peut alors dépasser 1 ; le comparer avec prudence."
)

#: Persons whose living standard is negative, named at most.
MOST_NAMED = 5


def standards(
    attributes: Mapping[str, NDArray[Any]],
    change: Floats,
    homes: NDArray[numpy.int64] | None,
    weights: Floats | None,
    months: int,
    who: Callable[[int], object],
) -> Floats:
    """Living standard before, after, and weight of each person (in rows).

    ``change`` is that of the allowance of each person over ``months`` (€), ``homes`` the number of
    the ménage of each (None: all live alone), ``who`` the identifier of a row. Raises BadRequest
    when an attribute is no amount.
    """
    before = amounts(attributes[LIVING_STANDARD], LIVING_STANDARD, who)
    units = numpy.ones_like(before)
    if UNITS in attributes:
        units = amounts(attributes[UNITS], UNITS, who)
        if (units <= 0).any():
            row = int(numpy.argmax(units <= 0))
            raise BadRequest(
                _(
                    "{units}, person « {who} »: a household has at least one unit, not {units_2:g}."
                ).format(units=UNITS, who=who(row), units_2=units[row])
            )
    if homes is not None:
        change = numpy.bincount(homes, change).astype(numpy.float64)[homes]
    after = before + change * (12 / months) / units
    given = numpy.ones_like(before) if weights is None else weights
    return numpy.column_stack([before, after, given])


def amounts(values: NDArray[Any], name: str, who: Callable[[int], object]) -> Floats:
    """The values of an attribute as numbers. Raises BadRequest, which names the first bad one."""
    try:
        found = values.astype(numpy.float64)
    except (TypeError, ValueError):
        found = numpy.array([number(value) for value in values.tolist()])
    if not numpy.isfinite(found).all():
        row = int(numpy.argmax(~numpy.isfinite(found)))
        raise BadRequest(
            _(
                "{name}, person « {who} »: « {values} » is not an amount. Write a number of "
                "euros for everyone, or leave the column out."
            ).format(name=name, who=who(row), values=values[row])
        )
    return found


def number(value: object) -> float:
    """The number that a text writes, NaN where it writes none."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return numpy.nan


def negatives(who: Sequence[str]) -> str:
    """What is said of the persons whose living standard is negative; nothing of nobody."""
    if not who:
        return ""
    count = f"{len(who)} personne{french.plural(len(who))}"
    more = ["…"] if len(who) > MOST_NAMED else []
    return NEGATIVE.format(count, ", ".join([*who[:MOST_NAMED], *more]))


def households(persons: Floats, smallest: int, negative: Sequence[str] = ()) -> Households | None:
    """Deciles and indices of persons (rows as ``standards`` gives them).

    ``negative`` are the identifiers of those whose living standard is negative.

    None when a decile has too few persons to be published.
    """
    before, after, weights = persons.T
    ranks = deciles(before, weights)
    if not len(persons) or numpy.bincount(ranks, minlength=DECILES).min() < max(smallest, 1):
        return None
    line = LINE * median(before, weights)
    groups = tuple(decile(rank, persons[ranks == rank], smallest) for rank in range(DECILES))
    indices = (
        measure("gini", "Indice de Gini", "indice", gini(before, weights), gini(after, weights)),
        measure(
            "taux_pauvrete",
            "Taux de pauvreté (60 % de la médiane de ce fichier)",
            "part",
            poverty_rate(before, weights, line),
            poverty_rate(after, weights, line),
        ),
        measure(
            "intensite_pauvrete",
            "Écart moyen au seuil de pauvreté, rapporté au seuil, de toutes les personnes",
            "part",
            poverty_gap(before, weights, line),
            poverty_gap(after, weights, line),
        ),
    )
    note = NOTE + negatives(negative)
    found = Breakdown("deciles", "Décile de niveau de vie de ce fichier", groups, note)
    return Households(found, indices, round(line, 2), note)


def decile(rank: int, persons: Floats, smallest: int) -> GroupEffect:
    """The measures of a decile."""
    before, after, weights = persons.T
    size = float(weights.sum())
    first, last = (round(float(values @ weights) / size, 2) for values in (before, after))
    mean = measure("niveau_de_vie_moyen", "Niveau de vie moyen", "€", first, last, decimals=2)
    if 0 < numpy.count_nonzero(before != after) < smallest:
        mean = Measure(mean.name, mean.label, mean.unit, mean.baseline, None, None, masked=True)
    count = measure("personnes", "Personnes", "personnes", size, size)
    label = "Premier décile" if rank == 0 else f"{rank + 1}e décile"
    return GroupEffect(f"D{rank + 1:02d}", label, (count, mean))


def measure(
    name: str, label: str, unit: str, before: float, after: float, decimals: int = 12
) -> Measure:
    """A measure that is not sampled."""
    return Measure(name, label, unit, before, after, round(after - before, decimals))


def deciles(values: Floats, weights: Floats) -> NDArray[numpy.int64]:
    """Rank of the decile of each person, from 0: where the middle of the person's weight falls.

    Equals that straddle two deciles are shared between them, in the order of the data, so that
    deciles have the same weight: openfisca-survey-manager and microdf keep equals together.
    """
    order = numpy.argsort(values, kind="stable")
    middles = numpy.cumsum(weights[order]) - weights[order] / 2
    ranks = numpy.zeros(len(values), dtype=numpy.int64)
    shares = DECILES * middles / max(float(weights.sum()), 1e-300)
    ranks[order] = numpy.minimum(shares.astype(numpy.int64), DECILES - 1)
    return ranks


def median(values: Floats, weights: Floats) -> float:
    """The smallest value that half of the weight does not exceed."""
    order = numpy.argsort(values, kind="stable")
    reached = numpy.cumsum(weights[order])
    return float(values[order][numpy.searchsorted(reached, reached[-1] / 2)])


def gini(values: Floats, weights: Floats) -> float:
    """Gini index: one less twice the area under the Lorenz curve; 0 when nobody has anything.

    Negative values are kept as they are, as openfisca-survey-manager and microdf do: the index
    may then exceed 1.
    """
    order = numpy.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    held = numpy.cumsum(values * weights)
    if held[-1] == 0:
        return 0.0
    before = numpy.append(0.0, held[:-1])
    return float(1 - ((held + before) @ weights) / (held[-1] * weights.sum()))


def poverty_rate(values: Floats, weights: Floats, line: float) -> float:
    """Share of the persons under the line."""
    return float(weights[values < line].sum() / weights.sum())


def poverty_gap(values: Floats, weights: Floats, line: float) -> float:
    """Mean of what lacks to reach the line, as a share of it, over everybody.

    microdf tells the same in euros, added up: ours times the line and the weight. 0 without a line.
    """
    if line <= 0:
        return 0.0
    return float(numpy.maximum(line - values, 0) @ weights / (line * weights.sum()))
