"""openfisca_cej: the computable text of the Contrat d'engagement jeune (CEJ)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openfisca_cej.systems import CountryTaxBenefitSystem

__all__ = ["RACINE", "CountryTaxBenefitSystem"]

RACINE = Path(__file__).resolve().parent


def __getattr__(name: str) -> Any:
    """The law, imported when it is asked for: `openfisca-cej --help` needs no NumPy."""
    if name != "CountryTaxBenefitSystem":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from openfisca_cej.systems import CountryTaxBenefitSystem

    globals()[name] = CountryTaxBenefitSystem
    return CountryTaxBenefitSystem
