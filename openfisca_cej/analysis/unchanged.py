"""Why the reform changes nothing for some: their months of contract under it, by what pays or not.

The reasons are those of the law, in the order in which it asks: each month has one, the first.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej import names

#: What a month of contract without an allowance comes from, and a paid one: a column each.
PAID, TIER, RSA, BONUS, SUSPENDED, LATE, SANCTION, RESOURCES = (
    "inchanges_payes",
    "inchanges_tranche",
    "inchanges_rsa",
    "inchanges_prime_activite",
    "inchanges_suspendus",
    "inchanges_tardifs",
    "inchanges_sanction",
    "inchanges_ressources",
)

#: How each is told after « N mois ».
TOLD = {
    PAID: "payés au même montant",
    TIER: "sans montant pour la tranche du foyer fiscal",
    RSA: "exclus par le RSA",
    BONUS: "exclus par la prime d'activité",
    SUSPENDED: "suspendus par une ressource du mois",
    LATE: "dont le dossier est venu trop tard",
    SANCTION: "supprimés par une sanction",
    RESOURCES: "où les ressources ne laissent rien",
}

#: What keeps an amount from being paid.
EXCLUDING = {
    RSA: names.NO_RSA,
    BONUS: names.NO_BONUS,
    SUSPENDED: names.SUSPENDED,
    LATE: names.LATE,
}

#: What is read of the law, beside the contract and the allowance.
VARIABLES = (names.LUMP_SUM, *EXCLUDING.values(), names.WITHHELD)


def holds(side: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[numpy.bool_]]]:
    """Each reason and the months where it would be one, in the order of the law."""
    yield PAID, side[names.RESULT] > 0
    yield TIER, side[names.LUMP_SUM] <= 0
    for reason, variable in EXCLUDING.items():
        yield reason, side[variable]
    yield SANCTION, side[names.WITHHELD] >= 1
    yield RESOURCES, numpy.ones_like(side[names.RUNNING])


def months(
    side: Mapping[str, NDArray[Any]], who: NDArray[numpy.bool_]
) -> dict[str, NDArray[numpy.int64]]:
    """The months of contract of some persons by reason, of persons × months of the reform."""
    left = side[names.RUNNING] & who[:, None]
    found = {}
    for reason, true in holds(side):
        found[reason] = (left & true).sum(axis=1)
        left = left & ~true
    return found
