"""The law as a system of OpenFisca: how it is built, and what is remembered of each."""

import functools
import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import RACINE, entities, names
from openfisca_cej.situation_examples import exemple

Result = TypeVar("Result")

#: What is remembered of a system by one function: of months and inputs as they are asked for.
MOST = 8192


class CountryTaxBenefitSystem(TaxBenefitSystem):
    """The CEJ's law: its entities, parameters and variables, from 2022-03-01 on."""

    def __init__(self) -> None:
        super().__init__(entities.entities)
        self.add_variables_from_directory(str(RACINE / "variables"))
        self.load_parameters(str(RACINE / "parameters"))
        self.open_api_config = {
            "variable_example": names.RESULT,
            "parameter_example": (
                "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
            ),
            # Computed at every start of an API worker: the lightest example.
            "simulation_example": exemple("jeune_seul"),
        }


@functools.cache
def model() -> CountryTaxBenefitSystem:
    """The law, without reform, built once: nobody changes it."""
    return CountryTaxBenefitSystem()


Reforming = Callable[[TaxBenefitSystem], TaxBenefitSystem]


def reformed(reform: Reforming | None) -> TaxBenefitSystem:
    """The law, or a reform of it.

    One that is data only changes copies: its system is built once, and nobody changes it. Any other
    may change the system that it is given, and has its own.
    """
    if reform is None:
        return model()
    if isinstance(getattr(reform, "content", None), dict):
        return written(reform)
    return reform(CountryTaxBenefitSystem())


@functools.lru_cache(maxsize=4)
def written(reform: Reforming) -> TaxBenefitSystem:
    """The law under a reform that is data only."""
    return reform(model())


def remembered(work_out: Callable[..., Result]) -> Callable[..., Result]:
    """Work out something of a system once; a system that nobody uses any more is forgotten.

    What is known of a system is known of a copy that says which one it is the ``same_as``.
    """
    known: weakref.WeakKeyDictionary[TaxBenefitSystem, dict[Hashable, Any]]
    known = weakref.WeakKeyDictionary()

    @functools.wraps(work_out)
    def recall(system: TaxBenefitSystem, *others: Hashable) -> Result:
        told = known.setdefault(getattr(system, "same_as", system), {})
        found: Any = told.get(others, told)
        if found is told:
            found = work_out(system, *others)
            if len(told) >= MOST:
                told.clear()  # Who serves for long is asked for anything.
            told[others] = found
        return cast(Result, found)

    return recall
