"""A grid of cases that covers the law: each of its rules decides the allowance of some of them.

Four blocks of cases, each a product of choices: the usual ones (places, tiers, ages, wages, pay of
trainees, benefits, failings), the particular situations (``situations``), the incomes that the tax
notices tell, and the decisions of the scale of 2025. Everyone is alone in the family.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej.analysis.situations import (
    BACK,
    Choice,
    born,
    eternal,
    over,
    particular,
    signature,
    yearly,
)
from openfisca_cej.explain import french
from openfisca_cej.population.months import month_text

#: First year of incomes whose tax the model knows.
FIRST_YEAR = 2020

PLACES = ("hors Mayotte", "Mayotte")

#: Incomes of the foyer fiscal (€/year, one part): the last but one notice, then the last one.
TIERS = {
    "foyer non imposable": (0, 0),
    "foyer dans la première tranche": (20_000, 20_000),
    "foyer au-delà de la première tranche": (45_000, 45_000),
    "foyer dont le revenu a baissé l'an passé": (45_000, 0),
    "foyer dont le revenu a augmenté l'an passé": (0, 45_000),
}

#: Completed years, and whether the person is a disabled worker.
AGES = (
    *((16, False), (17, False), (18, False), (20, False), (25, False), (26, False)),
    *((26, True), (29, True), (30, True)),
)
OTHER_AGES = (
    *((15, False), (17, False), (18, False), (20, False), (25, False), (26, False)),
    (30, True),
)

#: Net wages (€) of the months before: around the abatement, and to where the allowance ends.
WAGES = (
    *(0, 100, 200, 299.99, 300, 300.01, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800),
    *(900, 1000, 1100, 1200, 1300, 1400, 1500, 1700, 2000),
)
FEW_WAGES = (0, 450, 900)

#: Pay of trainees (€) of the months before: deductible.
TRAINING = (0, 200, 600)
BENEFITS = {"": "", "RSA ce mois-ci": "rsa", "prime d'activité ce mois-ci": "ppa"}

#: Rank of a failing notified the month before, motive and rank of a decision of the month.
SANCTIONS = {
    "": (0, "", 0),
    "premier manquement (2022)": (1, "", 0),
    "deuxième manquement (2022)": (2, "", 0),
    "premier manquement (2025)": (0, "manquement", 1),
    "deuxième manquement (2025)": (0, "manquement", 2),
}

#: Income (€/year) of each part, near where the tax begins, then near the end of the first bracket.
INCOMES = (*range(10_000, 20_000, 50), *range(20_000, 32_000, 200))

MOTIVES = {
    "manquement": "défaut d'assiduité",
    "refus_offres": "refus d'offres",
    "fraude": "fausse déclaration",
    "activite_non_declaree": "activité non déclarée",
}

#: Months since a decision: up to the longest one.
SINCE = (0, 1, 2, 3, 4, 5, 6, 11, 12)

#: What a variable is where a choice does not say it, other than zero, false or not given.
DEFAULTS: dict[str, Any] = {
    "activite": "inactif",
    "cej_sanction_motif": "aucun",
    "difficultes_acces_emploi_durable": True,
    "inscrit_demandeur_emploi": True,
    "nbptr": 1.0,
}


@dataclass(frozen=True)
class Block:
    """The product of some choices, by axis; where two give the same input, the last one wins."""

    axes: Mapping[str, tuple[Choice, ...]]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of choices of each axis."""
        return tuple(map(len, self.axes.values()))

    @property
    def count(self) -> int:
        """Number of cases."""
        return int(numpy.prod(self.sizes))


@dataclass(frozen=True)
class Grid:
    """The cases, in one month."""

    month: int

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks, in the order of the cases."""
        month = self.month
        return (usual(month), situated(month), taxed(month), sanctioned(month))

    @property
    def count(self) -> int:
        """Number of cases."""
        return sum(block.count for block in self.blocks)

    def choices(self, case: int) -> dict[str, str]:
        """The label of what a case has on each axis of its block."""
        for block in self.blocks:
            if case < block.count:
                ranks = numpy.unravel_index(case, block.sizes)
                told = zip(block.axes.items(), ranks, strict=True)
                return {axis: choices[rank].label for (axis, choices), rank in told}
            case -= block.count
        raise IndexError(f"the grid has {self.count} cases")

    def label(self, case: int) -> str:
        """A case in words."""
        return ", ".join(text for text in self.choices(case).values() if text)

    @cached_property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The inputs, named ``variable@period``."""
        found: dict[str, NDArray[Any]] = {}
        first = 0
        for block in self.blocks:
            last = first + block.count
            ranks = numpy.indices(block.sizes).reshape(len(block.sizes), -1)
            for choices, rank in zip(block.axes.values(), ranks, strict=True):
                for key in dict.fromkeys(itertools.chain(*(one.inputs for one in choices))):
                    values = [one.inputs.get(key) for one in choices]
                    given = numpy.array([value is not None for value in values])[rank]
                    kind = next(value for value in values if value is not None)
                    if key not in found:
                        found[key] = self.defaults(key, kind)
                    filled = numpy.array([empty(kind) if v is None else v for v in values])
                    found[key][first:last][given] = filled[rank][given]
            first = last
        return found

    def defaults(self, key: str, kind: Any) -> NDArray[Any]:
        """An input as it is where nothing is said of it."""
        value = DEFAULTS.get(key.partition("@")[0], empty(kind))
        # Texts of the longest motive fit.
        return numpy.full(self.count, value, dtype="U32" if isinstance(value, str) else None)


def empty(kind: Any) -> Any:
    """Zero, false, no text, or the date that says « not given » (1970-01-01)."""
    return numpy.datetime64(0, "D") if isinstance(kind, numpy.datetime64) else type(kind)()


# Blocks.


def usual(month: int) -> Block:
    """What most people are."""
    return Block(
        {
            "lieu": places(month),
            "tranche": tiers(month)[:3],
            "age": ages(month, AGES),
            "salaire": wages(month, WAGES),
            "formation": tuple(
                Choice(
                    f"formation {french.euros(pay)}" if pay else "",
                    over("revenus_stage_formation_pro", before(month), float(pay)),
                )
                for pay in TRAINING
            ),
            "prestation": tuple(
                Choice(label, over(name, [month], 100.0) if name else {})
                for label, name in BENEFITS.items()
            ),
            "sanction": tuple(
                Choice(label, signature(month, -BACK) | failing(month, *told))
                for label, told in SANCTIONS.items()
            ),
        }
    )


def situated(month: int) -> Block:
    """The particular situations."""
    return Block(
        {
            "lieu": places(month),
            "tranche": tuple(tiers(month)[rank] for rank in (0, 1, 3, 4)),
            "age": ages(month, OTHER_AGES),
            "salaire": wages(month, FEW_WAGES),
            "situation": particular(month),
        }
    )


def taxed(month: int) -> Block:
    """Incomes around the thresholds of the tax, with what reduces it."""
    years = tax_years(month)

    def sums(name: str, words: str) -> tuple[Choice, ...]:
        told = Choice(f"{words} {french.euros(150)}", yearly(name, years, 150.0))
        return Choice("", {}), told

    foyers = []
    for parts, couple, words in ((1, False, "une part"), (2, True, "couple, deux parts")):
        for income in INCOMES:
            inputs = yearly("rni", years, float(income * parts))
            inputs |= yearly("nbptr", years, float(parts)) | yearly(
                "maries_ou_pacses", years, couple
            )
            foyers.append(Choice(f"{words}, revenu {french.euros(income * parts)} par an", inputs))
    return Block(
        {
            "age": ages(month, ((20, False),)),
            "foyer": tuple(foyers),
            "reductions": sums("reductions", "réductions d'impôt"),
            "credits": sums("credits_impot", "crédits d'impôt"),
            "contrat": (Choice("", signature(month, -BACK)),),
        }
    )


def sanctioned(month: int) -> Block:
    """Decisions of the scale of 2025, taken in earlier months, and whether the person signs now."""
    decisions = []
    for (motive, words), back in itertools.product(MOTIVES.items(), SINCE):
        when = "ce mois-ci" if back == 0 else f"il y a {back} mois"
        for rank, rate, length in itertools.product((1, 2), (0.0, 1.0), (0, 12)):
            inputs = over("cej_sanction_motif", [month - back], motive)
            inputs |= over("cej_sanction_rang", [month - back], rank)
            inputs |= over("cej_sanction_taux", [month - back], rate)
            inputs |= over("cej_sanction_duree", [month - back], length)
            told = "peine la plus légère" if (rate, length) == (0, 0) else ""
            told = told or f"taux {french.trimmed(rate, 1)}, {length} mois (0 : le minimum)"
            label = f"{words} de rang {rank} sanctionné {when}, {told}"
            decisions.append(Choice(label, inputs))
    contracts = (Choice("", signature(month, -BACK)), Choice("signature ce mois-ci", {}))
    return Block(
        {"age": ages(month, ((20, False),)), "decision": tuple(decisions), "contrat": contracts}
    )


# Choices.


def before(month: int) -> range:
    """The months before, and this one."""
    return range(month - BACK, month + 1)


def tax_years(month: int) -> range:
    """Years of incomes whose notice counts in the months of a contract."""
    year = int(month_text(month)[:4])
    return range(max(FIRST_YEAR, year - 3), year)


def places(month: int) -> tuple[Choice, ...]:
    """Where people live."""
    return tuple(
        Choice(label, over("residence_mayotte", before(month), bool(rank)))
        for rank, label in enumerate(PLACES)
    )


def tiers(month: int) -> tuple[Choice, ...]:
    """What the notices of the foyer say."""
    years = tax_years(month)
    return tuple(
        Choice(label, yearly("rni", years, float(old)) | yearly("rni", years[-1:], float(new)))
        for label, (old, new) in TIERS.items()
    )


def ages(month: int, told: tuple[tuple[int, bool], ...]) -> tuple[Choice, ...]:
    """Ages on the first day of the month, born in the middle of the sixth month before."""
    return tuple(
        Choice(
            f"{age} ans{' (RQTH)' if disabled else ''}",
            eternal("date_naissance", born(month, age)) | over("rqth", before(month), disabled),
        )
        for age, disabled in told
    )


def wages(month: int, told: tuple[float, ...]) -> tuple[Choice, ...]:
    """Wages of the months before."""
    return tuple(
        Choice(
            f"salaire {french.euros(wage)}" if wage else "sans salaire",
            over("salaire_net", before(month), float(wage)),
        )
        for wage in told
    )


def failing(month: int, failed: int, motive: str, rank: int) -> dict[str, Any]:
    """A failing notified the month before (scale of 2022), a decision of the month (2025)."""
    inputs = over("cej_rang_manquement", [month - 1], failed)
    if motive:
        inputs |= over("cej_sanction_motif", [month], motive)
        inputs |= over("cej_sanction_rang", [month], rank)
    return inputs
