"""The command ``openfisca-cej curve``: the allowance against a resource, and its break points."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openfisca_cej import names
from openfisca_cej.commands.shared import format_option, say, screen
from openfisca_cej.commands.situations import (
    opened,
    person_option,
    reform_and_out,
    refused,
    situation_and_month,
    write,
)
from openfisca_cej.rows import as_json

if TYPE_CHECKING:
    from rich.table import Table

    from openfisca_cej.explain.curve import Curve


@click.command()
@situation_and_month
@click.option(
    "--variable",
    default=names.WAGE,
    show_default=True,
    help="Monthly resource that varies: see openfisca-cej resources.",
)
@person_option
@click.option(
    "--max",
    "maximum",
    type=float,
    metavar="EUROS",
    help="Largest resource [default: the monthly SMIC, or where the allowance ends].",
)
@format_option(
    "text", "csv", "svg", "json", help="csv: the figures every 50 € and at the break points."
)
@reform_and_out
def curve(
    situation: Path,
    month: str,
    variable: str,
    person: str | None,
    maximum: float | None,
    form: str,
    reform: str | None,
    out: Path | None,
) -> None:
    """Draw the allowance of a month against a resource of the person.

    SITUATION is a JSON file of the API's /calculate (- for the standard input). The resource is
    set in the month and in the months before that the law reads. The break points are solved.

    Exit status: 0, or 2 when something is wrong in the situation or in the options.
    """
    from openfisca_cej.explain.curve import curve as draw
    from openfisca_cej.explain.tree import caveats
    from openfisca_cej.population.months import month_number, month_period

    with refused(situation):
        case = opened(situation, reform)
        drawn = draw(case, month, person, variable, maximum)
        remarks = caveats(case, month_period(month_number(month)), person or case.main_person())
        write(rendered(drawn, form, remarks), out)


def rendered(drawn: "Curve", form: str, remarks: list[str]) -> str:
    """The curve in a format, with its last end of line; the remarks are in text and in JSON."""
    if form == "json":
        told = {**drawn.to_json(), "remarks": remarks}
        return as_json(told) + "\n"
    if form == "svg":
        from openfisca_cej.explain.curve_picture import curve_svg

        return curve_svg(drawn)
    from openfisca_cej.explain import curve_text

    if form == "csv":
        return curve_text.curve_csv(drawn)
    late = [one.sentence for one in drawn.frozen]
    lines = [*curve_text.sentences(drawn), *late, *remarks]
    return as_text(curve_text.segments_table(drawn), lines)


def as_text(table: "Table", lines: list[str]) -> str:
    """A table for the eye, and sentences below."""
    console = screen(WIDTH)
    with console.capture() as capture:
        console.print(table)
        say(console, *lines)
    return capture.get()


#: Columns of a table of text: it is not cut when the output is a file.
WIDTH = 110
