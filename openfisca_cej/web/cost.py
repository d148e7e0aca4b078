"""The page « Ce que coûterait cette réforme »: a year of it, on a small synthetic population.

A first order of magnitude, with its interval, for what ``openfisca-cej compare`` then measures.
"""

import functools
from typing import Any

from flask import Flask, Response, request
from openfisca_core.periods import Period
from openfisca_core.reforms import Reform

from openfisca_cej import french
from openfisca_cej.analysis import compare, sources
from openfisca_cej.analysis.sources import Origin
from openfisca_cej.population import scenario
from openfisca_cej.report import page as report
from openfisca_cej.report.page import INPUTS, main_limits
from openfisca_cej.web import answers as given
from openfisca_cej.web import page, what_if

#: Persons compared, and populations of other assumptions: about a second of processor.
PERSONS, DRAWS, REPLICATES = 1_000, 20, 50


def install(app: Flask) -> None:
    """Serve the page."""
    app.add_url_rule("/cout", "page.cost", cost)


def cost() -> Response:
    """The cost of the reform of the address, or what to ask for first."""
    answers = given.read(request.args, page.law(), page.today(), elsewhere=what_if.NAMES)
    asked = what_if.read(request.args, page.law(), answers.month)
    told = None
    # A served reform is not the law that costs are told beside.
    plain = not isinstance(page.law(), Reform)
    if plain and asked.reform is not None and not asked.faults:
        told = measured(asked.reform, year_of(answers.month))
    return page.shown(
        "cout.html",
        told=told,
        reform=asked.reform,
        year=year_of(answers.month),
        persons=french.number(PERSONS, 0),
        analyse=asked.address("/analyse", answers.query()),
        file=asked.address("/reforme.yaml", answers.query()),
        case=answers.address(),
    )


def year_of(month: Period) -> int:
    """The first whole year of a reform that starts in a month, among those that can be drawn."""
    first = month.start.year + (month.start.month > 1)
    return min(max(first, scenario.YEARS[0]), scenario.YEARS[-1])


def measured(reform: Any, year: int) -> dict[str, Any]:
    """What the first page of a report says of the reform, in a year."""
    options = compare.options(
        f"{year}-01:{year}-12", by=[], replicates=REPLICATES, draws=DRAWS, min_group=11
    )
    means = compare.Means(threads=1)
    found, _samples = compare.answered(reform, people(year), options, means, brief=True)
    return {
        "lead": report.lead(found),
        "winners": report.winners(found),
        "limits": [INPUTS.sub("", one) for one in (*found.warnings, *main_limits(found))],
    }


@functools.lru_cache(maxsize=4)
def people(year: int) -> Origin:
    """The people of a year, drawn once."""
    return sources.kept(sources.of_universe("presents", "France", str(year), PERSONS, 0))
