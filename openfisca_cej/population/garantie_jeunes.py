"""The Garantie jeunes of April to December 2021: a stage of the protocol, under its law of then.

The same process makes the resources and the declarations; the allowance has the taper of the CEJ
and no tax tier. Its published figures are no outcome of the CEJ.
"""

from functools import cached_property
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.names import EPIDE, VOLUNTEERING
from openfisca_cej.population.months import month_number, month_range
from openfisca_cej.population.process import position
from openfisca_cej.population.synthetic import DAY, Entrants, fitted, load

FILE = "garantie_jeunes_2021"

#: What suspends the allowance whatever its amount; what is paid for insertion is a resource.
SUSPENSIVE = (VOLUNTEERING, EPIDE)


class Beneficiaries(Entrants):
    """Who entered the Garantie jeunes in 2021: as the entrants of the missions locales."""

    @cached_property
    def durations(self) -> numpy.ndarray:
        """Months: twelve, but for those who leave before."""
        shares = self.published("durees_observees")
        return fitted(shares, numpy.full(self.count, max(shares)), self.draw("durée"))


def simulated(
    system: TaxBenefitSystem, assumptions: dict[str, Any], seed: int, size: int
) -> dict[str, Any]:
    """Share of those present who are paid at the end of 2021, and share paid at least once."""
    stage = load(FILE)
    law, months = stage["droit"], month_range(stage["mois"])
    making = Beneficiaries(system, stage["marges"], assumptions, seed, size)
    process = making.process
    smic = numpy.array([minimum(law["smic"], month) for month in process.months])
    process.minimum_wage = smic * making.assumed("part_nette_smic")
    resources = process.resources()
    suspended = numpy.any([resources[name] > 0 for name in SUSPENSIVE], axis=0)
    total: Any = sum(values for name, values in resources.items() if name not in SUSPENSIVE)
    lost = process.undeclared() | suspended
    first = months[0] - process.months[0]
    kept = slice(first, first + len(months))
    amounts = allowance(law, smic[kept], total[:, first - 1 : first - 1 + len(months)])
    paid = (amounts > 0) & ~lost[:, kept] & (process.contract[:, kept] > 0)
    now = month_number(stage["mesure"])
    present = (process.start < now + 1) & (position(making.ends + DAY) >= now + 1)
    followed = numpy.isin(making.entries[0], month_range(stage["suivis"]))
    return {
        "payes_sur_presents": float(paid[present, now - months[0]].mean()),
        "payes": float(paid[followed].any(axis=1).mean()),
    }


def minimum(values: dict[str, float], month: int) -> float:
    """The SMIC in force in a month."""
    return values[max(text for text in values if month_number(text) <= month)]


def allowance(law: dict[str, Any], smic: numpy.ndarray, resources: numpy.ndarray) -> numpy.ndarray:
    """Allowance (€) of months, of the resources of the months before: to the centime."""
    slope = law["montant"] / (law["part_smic"] * smic - law["abattement"])
    above = numpy.maximum(resources - law["abattement"], 0)
    return numpy.maximum(law["montant"] - slope * above, 0).round(2)
