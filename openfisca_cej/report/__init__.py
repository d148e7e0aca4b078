"""What an analysis looks like: a page to read, print and sign, and a workbook to try things in.

``write(comparison, out)`` writes the same folder as the command ``compare``: results, page,
workbook and ``run.json``. ``fill`` only writes the page and the workbook, ``to_html(comparison)``
is the page alone, ``workbook.write`` the workbook alone, ``plot(comparison, name)`` a chart for a
notebook or a slide.
"""

from openfisca_cej.report.page import to_html
from openfisca_cej.report.plot import plot
from openfisca_cej.report.writing import fill, write

__all__ = ["fill", "plot", "to_html", "write"]
