"""The contracts that were drawn, under another law: signed only by those whom it lets sign.

A contract that is given runs, whatever the law says of who may sign. The people of a universe are
drawn under today's law: those whom another does not let sign have no contract under it, and do not
come back later.
"""

import dataclasses
from collections.abc import Iterator, Mapping

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.dependencies import reached
from openfisca_cej.names import BIRTH, ELIGIBLE, END, FORMER_END, SIGNATURE
from openfisca_cej.population import engine
from openfisca_cej.population.months import first_day, month_number, month_period
from openfisca_cej.population.remembered import once
from openfisca_cej.population.schema import NO_DATE
from openfisca_cej.population.synthetic import DAY, shift
from openfisca_cej.population.table import Input, Population
from openfisca_cej.systems import model

#: A signature that no month sees.
NEVER = numpy.datetime64("2100-12-31")

#: Months after a signature in which the term of the law is looked at: no contract lasts as long.
FOLLOWED = 60


def under(law: TaxBenefitSystem, after: TaxBenefitSystem, drawn: Population) -> Population:
    """The same persons under a reform: without the contracts that only the law lets sign, those
    that last beyond its term cut there, and those that were over when it moved the term ended.
    """
    if law is after:
        return drawn
    lost = ~may_sign(after, drawn)
    if lost.any():
        lost &= once(drawn, ("may sign", law), lambda: may_sign(law, drawn))
    terms = once(drawn, ("terms", law), lambda: last_of_terms(law, drawn))
    moved = last_of_terms(after, drawn)
    longer = (dates(drawn, END) == NO_DATE) & (moved > terms)
    changed = {
        SIGNATURE: numpy.where(lost, NEVER, dates(drawn, SIGNATURE)),
        END: numpy.where(longer, NO_DATE, numpy.minimum(ended(drawn, terms), moved)),
    }
    return dataclasses.replace(drawn, inputs=[with_values(one, changed) for one in drawn.inputs])


def with_values(item: Input, changed: Mapping[str, numpy.ndarray]) -> Input:
    """An input, with other values if it is one of these."""
    return Input(item.variable, item.period, changed.get(item.variable, item.values))


def may_sign(system: TaxBenefitSystem, drawn: Population) -> numpy.ndarray:
    """Who may sign by the law of the month of the signature, on its first day or on its last."""
    firsts = dates(drawn, SIGNATURE).astype("datetime64[M]")
    nexts = (firsts + numpy.timedelta64(1, "M")).astype("datetime64[D]")
    month = nexts - firsts.astype("datetime64[D]")
    # The law looks at the first day: as of the last, what is dated is that much older.
    older = {
        item.variable: numpy.where(item.values == NO_DATE, NO_DATE, item.values - (month - DAY))
        for item in drawn.inputs
        if item.variable in (BIRTH, FORMER_END)
    }
    drawn = dataclasses.replace(drawn, inputs=read_to_sign(system, drawn))
    at_the_end = dataclasses.replace(
        drawn, inputs=[with_values(one, older) for one in drawn.inputs]
    )
    found = numpy.zeros(drawn.count, dtype=bool)
    for population in (drawn, at_the_end):
        for month in numpy.unique(firsts[~found]):
            rows = numpy.flatnonzero((firsts == month) & ~found)
            found[rows] = eligible(system, population, rows, month_number(str(month)))
    return found


def read_to_sign(system: TaxBenefitSystem, drawn: Population) -> list[Input]:
    """The inputs that tell who may sign; all of them where rules are not those of the law."""
    read, known = reached(system, ELIGIBLE), model().variables
    if any(system.variables[name] is not known.get(name) for name in read):
        return drawn.inputs
    return [one for one in drawn.inputs if one.variable in read]


def eligible(
    system: TaxBenefitSystem, population: Population, rows: numpy.ndarray, month: int
) -> numpy.ndarray:
    """Which of these persons may sign, seen on the first day of a month."""
    months = range(month, month + 1)
    chunk = engine.Chunk(system, population, rows, months)
    found: numpy.ndarray = chunk.run(months, [ELIGIBLE], lambda done: None)[ELIGIBLE][:, 0]
    chunk.release()
    return found


def dates(population: Population, variable: str) -> numpy.ndarray:
    """The days given of a variable."""
    return next(item.values for item in population.inputs if item.variable == variable)


def last_days(system: TaxBenefitSystem, drawn: Population) -> numpy.ndarray:
    """Last day of the contract of each: that which is given, else the term of the law."""
    return ended(drawn, last_of_terms(system, drawn))


def ended(drawn: Population, terms: numpy.ndarray) -> numpy.ndarray:
    """Last day of the contract of each: that which is given, else its term."""
    ends = dates(drawn, END)
    return numpy.where(ends == NO_DATE, terms, ends)


def last_of_terms(system: TaxBenefitSystem, drawn: Population) -> numpy.ndarray:
    """Last day of a contract that nothing ends before its term, for each person.

    The law of each month tells whether the contract still runs in it: a term moved before the end
    moves it, one moved after does not, and a shorter one ends at once what has lasted longer.
    """
    starts = dates(drawn, SIGNATURE)
    found = starts - DAY
    runs = numpy.ones(drawn.count, dtype=bool)
    for first, last, term in spans_of_terms(system, starts[starts < NEVER]):
        ends = shift(starts, term) - DAY
        begun = runs & (starts <= last)
        here = begun & (ends >= numpy.maximum(starts, first))
        found = numpy.where(here, numpy.minimum(ends, last), found)
        runs &= ~begun | (here & (ends > last))
    return found


def spans_of_terms(
    system: TaxBenefitSystem, starts: numpy.ndarray
) -> Iterator[tuple[numpy.datetime64, numpy.datetime64, int]]:
    """First and last day of each term (months) that contracts of these days may meet."""
    if not len(starts):
        return
    first, last = (month_number(str(day)[:7]) for day in (starts.min(), starts.max()))
    # This parameter alone: the whole law of so many months takes longer than all the rest.
    term_of = system.parameters.contrat_engagement_jeune.contrat.duree_maximale
    terms = [int(term_of(month_period(month))) for month in range(first, last + FOLLOWED)]
    moves = [rank for rank in range(1, len(terms)) if terms[rank] != terms[rank - 1]]
    for rank, following in zip([0, *moves], [*moves, None], strict=True):
        stop = NEVER if following is None else first_day(first + following) - DAY
        yield first_day(first + rank), stop, terms[rank]


def present(system: TaxBenefitSystem, drawn: Population, months: range) -> numpy.ndarray:
    """Who is in a contract on the last day of each month, which is when Dares counts."""
    lasts = numpy.array([first_day(month + 1) - DAY for month in months])
    starts, ends = dates(drawn, SIGNATURE), last_days(system, drawn)
    found: numpy.ndarray = (starts[:, None] <= lasts) & (ends[:, None] >= lasts)
    return found
