"""Months of contract by what is paid, and why nothing is: the whole amount, a part, or a cause.

The first cause that the law meets counts: the tier of the foyer, a benefit that excludes, a
resource that suspends, a file or a declaration that lacks, a sanction, then resources.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy

from openfisca_cej.names import (
    DEDUCTIBLE,
    LATE,
    LUMP_SUM,
    NO_BONUS,
    NO_RSA,
    RESULT,
    RUNNING,
    SUSPENDED,
    WITHHELD,
)

EXCLUDING = (NO_RSA, NO_BONUS)

#: What the law must compute for a table of months.
VARIABLES = (RUNNING, RESULT, LUMP_SUM, DEDUCTIBLE, *EXCLUDING, SUSPENDED, LATE, WITHHELD)

#: Each state of a month, the paid ones first, and its label.
STATES = {
    "plein": "Montant entier",
    "partiel": "Montant partiel",
    "tranche": "Nul : foyer au-delà de la première tranche",
    "exclu": "Nul : RSA ou prime d'activité",
    "suspendu": "Nul : insertion, service civique, EPIDE…",
    "non_declare": "Nul : mois non déclaré ou dossier incomplet",
    "sanction": "Nul : sanction",
    "deduit": "Nul : ressources déduites (chômage, formation…)",
    "salaire": "Nul : salaires",
}

#: Payments under this amount (€) are counted apart.
SMALL = 50


def states(values: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
    """Rank of the state of each month among ``STATES``, −1 outside contracts."""
    paid = values[RESULT] > 0
    flat, deductible = values[LUMP_SUM], values[DEDUCTIBLE]
    conditions = [
        ~values[RUNNING].astype(bool),
        paid & (values[RESULT] >= flat - 0.005),
        paid,
        flat <= 0,
        values[EXCLUDING[0]] | values[EXCLUDING[1]],
        values[SUSPENDED],
        values[LATE],
        values[WITHHELD] >= 1,
        deductible >= flat,
    ]
    return numpy.select(conditions, range(-1, len(STATES) - 1), len(STATES) - 1)


@dataclass
class Months:
    """Weighted months of contract by group and state, and by month since the first one.

    ``since`` has one row a month since the first of the window: persons in contract, paid, euros.
    """

    groups: dict[str, numpy.ndarray] = field(default_factory=dict)
    since: numpy.ndarray = field(default_factory=lambda: numpy.zeros((0, 3)))
    paid: float = 0.0
    small: float = 0.0

    def add(
        self,
        values: Mapping[str, numpy.ndarray],
        weights: numpy.ndarray | None,
        groups: numpy.ndarray | None,
    ) -> None:
        """Count persons; ``groups``: the name of the group of each."""
        ranks = states(values)
        count = len(ranks)
        weights = numpy.ones(count) if weights is None else weights
        names = numpy.full(count, "") if groups is None else groups.astype(str)
        for name in numpy.unique(names).tolist():
            who = names == name
            kept = ranks[who] >= 0
            cells = numpy.broadcast_to(weights[who][:, None], kept.shape)[kept]
            sums = numpy.bincount(ranks[who][kept], cells, minlength=len(STATES))
            self.groups[name] = self.groups.get(name, 0) + sums
        self._since(ranks >= 0, values[RESULT], weights)
        spread = numpy.broadcast_to(weights[:, None], ranks.shape)
        paid = values[RESULT] > 0
        self.paid += float(spread[paid].sum())
        self.small += float(spread[paid & (values[RESULT] < SMALL)].sum())

    def _since(
        self, running: numpy.ndarray, amounts: numpy.ndarray, weights: numpy.ndarray
    ) -> None:
        """Add to the table by month since the first one."""
        months = numpy.cumsum(running, axis=1)[running] - 1
        spread = numpy.broadcast_to(weights[:, None], running.shape)[running]
        kept = amounts[running]
        columns = (spread, spread * (kept > 0), spread * kept)
        length = max(len(self.since), int(months.max(initial=-1)) + 1)
        table = numpy.zeros((length, 3))
        table[: len(self.since)] = self.since
        for rank, column in enumerate(columns):
            table[:, rank] += numpy.bincount(months, column, minlength=length)
        self.since = table

    @property
    def shares(self) -> dict[str, numpy.ndarray]:
        """Share of the months of each group in each state."""
        return {name: sums / max(sums.sum(), 1e-300) for name, sums in self.groups.items()}

    @property
    def whole(self) -> numpy.ndarray:
        """Share of all the months in each state."""
        total = numpy.sum(list(self.groups.values()), axis=0)
        return total / max(total.sum(), 1e-300)

    @property
    def small_share(self) -> float:
        """Share of the months paid that are paid less than ``SMALL``."""
        return self.small / self.paid if self.paid else 0.0

    def to_json(self) -> dict[str, Any]:
        """The tables, for machines."""
        return {
            "ensemble": dict(zip(STATES, self.whole.tolist(), strict=True)),
            "groupes": {
                name: dict(zip(STATES, shares.tolist(), strict=True))
                for name, shares in self.shares.items()
            },
            "part_sous_50_euros": self.small_share,
            "depuis_l_entree": [
                {"mois": rank, "contrats": row[0], "payes": row[1], "euros": row[2]}
                for rank, row in enumerate(self.since.tolist())
            ],
        }
