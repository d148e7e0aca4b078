"""Compare our rules with OpenFisca-France's own, and write the page of the differences.

Usage: python -m benchmarks.ecarts [PAGE]   (from the root; `make ecarts` does it)
"""

import importlib.metadata
import sys
from pathlib import Path

from openfisca_france import FranceTaxBenefitSystem

from benchmarks.ecarts.departures import Departures
from benchmarks.ecarts.page import page


def main() -> None:
    """Write the page, or print it."""
    version = importlib.metadata.version("openfisca-france")
    text = page(Departures(FranceTaxBenefitSystem()), version)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
        print(f"Wrote {sys.argv[1]}")
    else:
        print(text)


if __name__ == "__main__":
    main()
