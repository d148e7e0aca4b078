"""A grid of cases that covers the law: places × tiers × ages × wages × resources × sanctions…"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej.population.months import first_day, month_number, month_text
from openfisca_cej.population.synthetic import DAY, TIER

#: First month of the law: no contract is older.
FIRST = month_number("2022-03")

PLACES = ("Hexagone", "Mayotte")
TIERS = ("non_imposable", "premiere_tranche", "au_dela")

#: Completed years, and whether the person is a disabled worker.
AGES = (
    *((16, False), (17, False), (18, False), (20, False), (25, False), (26, False)),
    *((26, True), (29, True), (30, True)),
)

#: Net wages (€) of the months before: around the abatement, and to where the allowance ends.
WAGES = (
    *(0, 100, 200, 299.99, 300, 300.01, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800),
    *(900, 1000, 1100, 1200, 1300, 1400, 1500, 1700, 2000),
)

#: Pay of trainees (€) of the month before: deductible.
TRAINING = (0, 200, 600)
BENEFITS = ("aucune", "rsa", "ppa")

#: Label, rank of a failing notified the month before, motive and rank of a decision of the month.
SANCTIONS: tuple[tuple[str, int, str, int], ...] = (
    ("aucune", 0, "", 0),
    ("premier manquement (2022)", 1, "", 0),
    ("deuxième manquement (2022)", 2, "", 0),
    ("premier manquement (2025)", 0, "manquement", 1),
    ("deuxième manquement (2025)", 0, "manquement", 2),
)

#: Months before in which resources are the same: as many as any reform may average.
BACK = 3

AXES = ("lieu", "tranche", "age", "salaire", "formation", "prestation", "sanction")
SIZES = tuple(map(len, (PLACES, TIERS, AGES, WAGES, TRAINING, BENEFITS, SANCTIONS)))


@dataclass(frozen=True)
class Grid:
    """The cases, in one month."""

    month: int

    @property
    def count(self) -> int:
        """Number of cases."""
        return int(numpy.prod(SIZES))

    @cached_property
    def ranks(self) -> dict[str, NDArray[numpy.int64]]:
        """For each axis, the rank of the value of each case."""
        indices = numpy.indices(SIZES).reshape(len(SIZES), -1)
        return dict(zip(AXES, indices, strict=True))

    def label(self, case: int) -> str:
        """A case in words."""
        ranks = {axis: int(values[case]) for axis, values in self.ranks.items()}
        age, disabled = AGES[ranks["age"]]
        parts = [
            PLACES[ranks["lieu"]],
            TIERS[ranks["tranche"]],
            f"{age} ans{' (RQTH)' if disabled else ''}",
            f"salaire {WAGES[ranks['salaire']]:g} €",
            f"formation {TRAINING[ranks['formation']]} €",
        ]
        if ranks["prestation"]:
            parts.append(BENEFITS[ranks["prestation"]])
        if ranks["sanction"]:
            parts.append(SANCTIONS[ranks["sanction"]][0])
        return ", ".join(parts)

    def arrays(self) -> dict[str, Any]:
        """The inputs, named ``variable@period``."""
        return dict(self._inputs())

    def _inputs(self) -> Iterator[tuple[str, Any]]:
        ranks, month = self.ranks, self.month
        now = month_text(month)
        signature = max(month - BACK, FIRST)
        contract = [month_text(moment) for moment in range(min(signature, month), month + 1)]
        before = [month_text(moment) for moment in range(month - BACK, month + 1)]
        count = numpy.ones(self.count, dtype=bool)
        births = numpy.array([first_day(month - 12 * age - 6) + 14 * DAY for age, _ in AGES])
        yield "date_naissance@eternity", births[ranks["age"]]
        yield "cej_date_signature@eternity", numpy.where(count, first_day(signature), births[0])
        disabled = numpy.array([rqth for _, rqth in AGES])[ranks["age"]]
        tiers = numpy.array(TIERS)[ranks["tranche"]]
        for moment in contract:
            yield f"rqth@{moment}", disabled
            yield f"{TIER}@{moment}", tiers
            yield f"residence_mayotte@{moment}", ranks["lieu"] == 1
        for name, values, axis in (
            ("salaire_net", WAGES, "salaire"),
            ("revenus_stage_formation_pro", TRAINING, "formation"),
        ):
            for moment in before:
                yield f"{name}@{moment}", numpy.array(values, dtype=float)[ranks[axis]]
        for rank, name in enumerate(BENEFITS[1:], 1):
            yield f"{name}@{now}", numpy.where(ranks["prestation"] == rank, 100.0, 0.0)
        _, failings, motives, decisions = (
            numpy.array(column) for column in zip(*SANCTIONS, strict=True)
        )
        yield f"cej_rang_manquement@{month_text(month - 1)}", failings[ranks["sanction"]]
        motives = numpy.where(motives == "", "aucun", motives)
        yield f"cej_sanction_motif@{now}", motives[ranks["sanction"]]
        yield f"cej_sanction_rang@{now}", decisions[ranks["sanction"]]
