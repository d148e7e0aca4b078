"""The law as a system of OpenFisca: how it is built, and what is remembered of each."""

import functools
import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import CountryTaxBenefitSystem

Result = TypeVar("Result")


@functools.cache
def model() -> CountryTaxBenefitSystem:
    """The law, without reform, built once: nobody changes it."""
    return CountryTaxBenefitSystem()


def reformed(reform: Callable[[TaxBenefitSystem], TaxBenefitSystem] | None) -> TaxBenefitSystem:
    """The law, or a reform of it: that may change the system that it is given, and has its own."""
    return model() if reform is None else reform(CountryTaxBenefitSystem())


def remembered(work_out: Callable[..., Result]) -> Callable[..., Result]:
    """Work out something of a system once; a system that nobody uses any more is forgotten."""
    known: weakref.WeakKeyDictionary[TaxBenefitSystem, dict[Hashable, Any]]
    known = weakref.WeakKeyDictionary()

    @functools.wraps(work_out)
    def recall(system: TaxBenefitSystem, *others: Hashable) -> Result:
        told = known.setdefault(system, {})
        if others not in told:
            told[others] = work_out(system, *others)
        found: Result = told[others]
        return found

    return recall
