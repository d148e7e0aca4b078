"""« make law »: the quick check of who edits the law, in about ninety seconds.

All the YAML cases; a sample of their proofs (the last value of each parameter must be held by a
case), of the months of the oracle; the register; the health of the code; the declarations, and how
values are told.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from openfisca_core.tools.test_runner import OpenFiscaPlugin

os.environ["CEJ_QUICK"] = "1"

TESTS = Path(__file__).resolve().parent.parent

#: In the order in which they run: what fails first is told first.
CHECKS = (
    "contrat_engagement_jeune",
    "test_revalorisations.py",
    "health",
    "droit/test_registre.py",
    "droit/test_articles.py",
    "test_declarations.py::test_everything_that_the_law_reads_is_declared",
    "test_valeurs_datees.py::test_every_dated_value_has_a_case_whose_result_depends_on_it",
    "test_valeurs_datees.py::test_values_that_no_formula_reads_are_held_by_a_test",
    "explain/test_tree.py::test_every_line_of_every_case_re_evaluates_and_cites_its_law",
    "reforms/test_catalogue.py",
    "test_oracle.py",
)
#: What proves the checks themselves.
LEFT_OUT = (
    "test_oracle.py::test_le_tirage_visite_les_bords",
    "test_revalorisations.py::test_a_figure_that_does_not_follow_is_found",
)


def run(checks: Sequence[str] = CHECKS, *options: str) -> int:
    """Run the checks; their failures end with the files and lines to edit."""
    from openfisca_cej import CountryTaxBenefitSystem

    left_out = (f"--deselect=tests/{name}" for name in LEFT_OUT)
    return pytest.main(
        ["-q", "-p", "no:xdist", "-rN", "--no-header", "--tb=short", *left_out, *options]
        + [str(TESTS / name) for name in checks],
        plugins=[OpenFiscaPlugin(CountryTaxBenefitSystem(), {})],
    )


if __name__ == "__main__":
    sys.exit(run(CHECKS, *sys.argv[1:]))
