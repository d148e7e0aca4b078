"""Who enters because a reform lets them: young people out of work, older than today's limit.

How many of them sign is an assumption (``recours_nouveau_public``); what they live is the process
of the other entrants. Under today's law they have no contract: both laws bear on the same people.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import scenario
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import month_number, month_period, month_text
from openfisca_cej.population.synthetic import DAY, Entrants, Public, load, shift

TAKE_UP = "recours_nouveau_public"

#: The oldest whose numbers are known.
OLDEST = 29


def widened(law: TaxBenefitSystem, after: TaxBenefitSystem, months: range) -> Public | None:
    """The public of a reform that raises the limit of age; None: it does not.

    It does so in some of the months, or in those before whose contracts may still run.
    """
    first = max(months[0] - scenario.CARRIED, first_month(law))
    for month in range(first, months[-1] + 1):
        before, now = (
            Public.of(system.get_parameters_at_instant(month_period(month)))
            for system in (law, after)
        )
        if now.maximum > before.maximum:
            return Public(min(now.maximum, OLDEST), before.disabled, before.term, month)
    return None


def margins_of(
    margins: Mapping[str, Any], assumptions: Mapping[str, Any], limit: int, public: Public
) -> dict[str, Any]:
    """Margins of the newcomers: the months and operators of the others, in other numbers."""
    known = load(scenario.FILE)["hypotheses"]
    take_up = {**known, **assumptions}[TAKE_UP]["valeur"]
    people = out_of_work(assumptions, range(limit + 1, public.maximum + 1))
    months = margins["entrees_mensuelles"]["valeur"]
    france = [
        sum(entry["valeur"].values())
        for month, entry in scenario.entries(load(scenario.FILE)).items()
        if month_text(month) in months
    ]
    ratio = take_up * people / (12 * float(numpy.mean(france)))
    if "operateurs" in margins:
        shares = margins["operateurs"]["valeur"]
        months = {
            text: {name: n * part for name, part in shares.items()} for text, n in months.items()
        }
    entries = {
        text: {name: ratio * number for name, number in cell.items()}
        for text, cell in months.items()
        if month_number(text) >= public.since
    }
    found = {name: entry for name, entry in margins.items() if name != "operateurs"}
    of_ages = {"16-17": 0.0, f"{limit + 1}-{public.maximum}": 1.0}
    found["ages"] = {**margins["ages"], "valeur": of_ages}
    return scenario.entered(found, entries)


def out_of_work(assumptions: Mapping[str, Any], ages: range) -> float:
    """Young people out of work and training of these ages who are not disabled workers."""
    rates, people = (assumptions[name]["valeur"] for name in ("taux_neet", "population_par_age"))
    thousands = [
        people[age] * float(numpy.interp(age, list(rates), list(rates.values()))) for age in ages
    ]
    return 1000 * float(1 - assumptions["part_rqth"]["valeur"]) * float(sum(thousands))


def share(assumptions: Mapping[str, Any], maximum: int) -> float:
    """Of those of 26 to 29, the share that a limit lets in and that are not disabled workers."""
    whole = out_of_work(assumptions, range(26, OLDEST + 1))
    let_in = out_of_work(assumptions, range(26, min(maximum, OLDEST) + 1))
    found: float = (1 - assumptions["part_rqth"]["valeur"]) * let_in / whole if whole else 0.0
    return found


class Newcomers(Entrants):
    """They are older than the limit of today when they sign, and none is a disabled worker."""

    @cached_property
    def disabled(self) -> numpy.ndarray:
        """None: they could sign already."""
        return numpy.zeros(self.count, dtype=bool)

    @cached_property
    def births(self) -> numpy.ndarray:
        """Birth dates: they had their age on the first day of the month in which they sign."""
        days = self.draw("naissance").integers(0, 365, self.count)
        firsts = self.signatures.astype("datetime64[M]").astype("datetime64[D]")
        return shift(firsts, -12 * self.ages) - days * DAY
