"""One case: why this amount, what is not known, and how it changes with time and wages.

``explain(situation, month, person)`` gives the steps from the articles to the euro (``tree``),
the conditions (``conditions``) and what is missing (``missing``); ``render`` writes them. Beside
it: ``timeline`` (month by month), ``curve`` (against a resource), ``resources`` (what each income
does), ``case`` (a YAML test).
"""

from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.explain.tree import Explanation, explain
from openfisca_cej.refusals import InvalidSituation

__all__ = ["Explanation", "InvalidSituation", "Situation", "explain", "read"]
