"""Write the files of a report."""

import functools
from importlib.util import find_spec
from pathlib import Path

from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis import writing
from openfisca_cej.analysis.comparison import Comparison
from openfisca_cej.population import manifest
from openfisca_cej.reforms.build import build
from openfisca_cej.report import workbook
from openfisca_cej.report.cases import Case, of_situation, typical
from openfisca_cej.report.page import to_html
from openfisca_cej.report.result_tables import tables
from openfisca_cej.systems import model, reformed

PAGE, WORKBOOK = "rapport.html", "classeur.xlsx"


def write(
    comparison: Comparison,
    out: Path | str,
    reform: type[Reform] | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write all that the command ``compare`` writes, in the folder ``out``; gives the paths.

    The results (CSV and Parquet), the page, the workbook and ``run.json``, all or nothing; they
    replace those of another comparison if ``overwrite``. ``reform`` is only needed for a reform
    made of arbitrary Python, which a comparison cannot hold: without it, the workbook then says the
    law alone. Raises BadRequest when the folder holds something else, OSError.
    """
    filled = functools.partial(fill, reform=reform)
    return writing.write(comparison, Path(out), filled, overwrite)


def fill(comparison: Comparison, folder: Path, reform: type[Reform] | None = None) -> list[Path]:
    """Write ``rapport.html`` and ``classeur.xlsx`` beside the results in a folder that exists.

    Without XlsxWriter (the extra « report ») there is no workbook, and the page says so. The page
    tells the hashes of the files beside it. The same comparison again gives the same bytes.
    """
    book = write_workbook(comparison, folder, reform)
    hashes = {path.name: manifest.file_hash(path) for path in sorted(folder.iterdir())}
    page = to_html(comparison, WORKBOOK if book else "", hashes)
    (folder / PAGE).write_text(page, encoding="utf-8")
    return [folder / PAGE, *book]


def write_workbook(comparison: Comparison, folder: Path, reform: type[Reform] | None) -> list[Path]:
    """Write the workbook where XlsxWriter is installed; gives its path."""
    if find_spec("xlsxwriter") is None:
        return []
    law = model()
    if reform is None:
        reform = rebuilt(comparison)
    own = cases(law, comparison)
    after = cases(reformed(reform), comparison) if reform else None
    results = tables(comparison)
    workbook.write(folder / WORKBOOK, law, own, reform, after, comparison.title, results)
    return [folder / WORKBOOK]


def rebuilt(comparison: Comparison) -> type[Reform] | None:
    """The class of the reform, made of its content; None where the content does not say it all."""
    if comparison.reform is None or not comparison.verifiable:
        return None
    return build(comparison.reform["content"], comparison.title, comparison.description)


def cases(system: TaxBenefitSystem, comparison: Comparison) -> list[Case]:
    """The typical cases of a comparison, as a system sees them, then those of every workbook."""
    own = [of_situation(system, one.label, one.month, one.situation) for one in comparison.cases]
    return [*own, *typical(comparison.months[-1])]
