"""What an analysis looks like: a page to read, print and sign, and a workbook to try things in.

``write(comparison, out)`` writes ``rapport.html`` and ``classeur.xlsx``; ``to_html(comparison)`` is
the page alone, ``workbook.write`` the workbook alone.
"""

from openfisca_cej.report.page import to_html
from openfisca_cej.report.writing import write

__all__ = ["to_html", "write"]
