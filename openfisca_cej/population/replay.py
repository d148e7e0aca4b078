"""The contracts that were drawn, under another law: signed only by those whom it lets sign.

A contract that is given runs, whatever the law says of who may sign. The people of a universe are
drawn under today's law: those whom another does not let sign have no contract under it, and do not
come back later.
"""

import dataclasses

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.names import ELIGIBLE, END, SIGNATURE
from openfisca_cej.population import engine
from openfisca_cej.population.months import first_day
from openfisca_cej.population.schema import NO_DATE
from openfisca_cej.population.synthetic import DAY, shift
from openfisca_cej.population.table import Input, Population

#: A signature that no month sees.
NEVER = numpy.datetime64("2100-12-31")


def under(law: TaxBenefitSystem, after: TaxBenefitSystem, drawn: Population) -> Population:
    """The same persons under a reform: without the contracts that only the law lets sign, and
    without those that were over when it moved the term.
    """
    if law is after:
        return drawn
    lost = may_sign(law, drawn) & ~may_sign(after, drawn)
    over = dates(drawn, END) == NO_DATE
    ends = last_days(law, drawn)
    over &= ends >= last_days(after, drawn)
    changed = {
        SIGNATURE: numpy.where(lost, NEVER, dates(drawn, SIGNATURE)),
        END: numpy.where(over, ends, dates(drawn, END)),
    }
    inputs = [
        Input(item.variable, item.period, changed.get(item.variable, item.values))
        for item in drawn.inputs
    ]
    return dataclasses.replace(drawn, inputs=inputs)


def may_sign(system: TaxBenefitSystem, drawn: Population) -> numpy.ndarray:
    """Who may sign in the month of the signature, or reaches the least age in its course."""
    signed = dates(drawn, SIGNATURE).astype("datetime64[M]").astype(int) + 12 * 1970
    found = numpy.zeros(drawn.count, dtype=bool)
    for month in numpy.unique(signed).tolist():
        rows = numpy.flatnonzero(signed == month)
        months = range(month, month + 2)
        chunk = engine.Chunk(system, drawn, rows, months)
        found[rows] = chunk.run(months, [ELIGIBLE], lambda done: None)[ELIGIBLE].any(axis=1)
        chunk.release()
    return found


def dates(population: Population, variable: str) -> numpy.ndarray:
    """The days given of a variable."""
    return next(item.values for item in population.inputs if item.variable == variable)


def last_days(system: TaxBenefitSystem, drawn: Population) -> numpy.ndarray:
    """Last day of the contract of each: that which is given, else the term of the law.

    The law is that of the month in which the contract would end: a term moved before moves it.
    """
    starts, ends = dates(drawn, SIGNATURE), dates(drawn, END)
    found = shift(starts, terms(system, starts)) - DAY
    found = shift(starts, terms(system, found)) - DAY
    return numpy.where(ends == NO_DATE, found, ends)


def terms(system: TaxBenefitSystem, days: numpy.ndarray) -> numpy.ndarray:
    """Months of a contract that nothing ends before, in the law of each of these days."""
    months, ranks = numpy.unique(days.astype("datetime64[M]"), return_inverse=True)
    laws = [
        system.get_parameters_at_instant(str(month)).contrat_engagement_jeune for month in months
    ]
    found: numpy.ndarray = numpy.array([int(law.contrat.duree_maximale) for law in laws])[ranks]
    return found


def present(system: TaxBenefitSystem, drawn: Population, months: range) -> numpy.ndarray:
    """Who is in a contract on the last day of each month, which is when Dares counts."""
    lasts = numpy.array([first_day(month + 1) - DAY for month in months])
    starts, ends = dates(drawn, SIGNATURE), last_days(system, drawn)
    found: numpy.ndarray = (starts[:, None] <= lasts) & (ends[:, None] >= lasts)
    return found
