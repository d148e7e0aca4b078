"""A grid of cases that covers the law: each of its rules decides the allowance of some of them.

Each block of cases is a product of choices: see ``situations``. Everyone is alone in the family.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis.situations import CaseBlock, blocks
from openfisca_cej.explain.unknowns import default_of, in_arrays


@dataclass(frozen=True)
class Grid:
    """The cases, in one month, with the inputs that a law has."""

    month: int
    law: TaxBenefitSystem

    @cached_property
    def blocks(self) -> tuple[CaseBlock, ...]:
        """The blocks, in the order of the cases."""
        return blocks(self.month, self.law)

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
        value = in_arrays(default_of(self.law.variables[key.partition("@")[0]]))
        # Texts of the longest motive fit.
        dtype = "U32" if isinstance(value, str) else numpy.asarray(kind).dtype
        return numpy.full(self.count, value, dtype)


def empty(kind: Any) -> Any:
    """Zero, false, no text, or the date that says « not given » (1970-01-01)."""
    return numpy.datetime64(0, "D") if isinstance(kind, numpy.datetime64) else type(kind)()
