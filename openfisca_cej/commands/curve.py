"""The command ``openfisca-cej curve``: the allowance against a resource, and its break points."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openfisca_cej.commands.check import Refused

if TYPE_CHECKING:
    from openfisca_cej.explain.curve import Curve

# What is slow to import is imported where it is used: `--help` answers at once.


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--month", required=True, metavar="YYYY-MM", help="Month of the allowance.")
@click.option(
    "--variable",
    default="salaire_net",
    show_default=True,
    help="Monthly resource that varies: see openfisca-cej resources.",
)
@click.option("--person", metavar="NAME", help="Whose allowance, when there are several persons.")
@click.option(
    "--max",
    "maximum",
    type=float,
    metavar="EUROS",
    help="Largest resource [default: the monthly SMIC, or where the allowance ends].",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "svg", "json"]),
    default="text",
    show_default=True,
    help="csv: the figures every 50 € and at the break points.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write there rather than on the screen.",
)
def curve(
    source: Path,
    month: str,
    variable: str,
    person: str | None,
    maximum: float | None,
    form: str,
    out: Path | None,
) -> None:
    """Draw the allowance of a month against a resource of the person.

    FILE is a situation in the JSON of OpenFisca's /calculate. The resource is set in the month
    and in the months before that the law reads. The break points are solved, not sampled.

    Exit status: 0, or 2 when something is wrong in the situation or in the options.
    """
    drawn = drawn_curve(source, month, variable, person, maximum)
    if out is None:
        click.echo(rendered(drawn, form), nl=False)
        return
    try:
        out.write_text(rendered(drawn, form), encoding="utf-8")
    except OSError as error:
        raise Refused(f"{out}: {error.strerror or error}. Nothing was written.") from None


def drawn_curve(
    source: Path, month: str, variable: str, person: str | None, maximum: float | None
) -> "Curve":
    """The curve asked for. Raises Refused."""
    from openfisca_cej import CountryTaxBenefitSystem
    from openfisca_cej.explain.curve import NoCurve
    from openfisca_cej.explain.curve import curve as draw
    from openfisca_cej.explain.situation import read

    with refused_situations(source):
        try:
            situation = read(source, CountryTaxBenefitSystem())
            return draw(situation, month, person, variable, maximum)
        except NoCurve as error:
            raise Refused(str(error)) from None


@contextmanager
def refused_situations(source: Path) -> Iterator[None]:
    """Tell all the faults of a situation, one a line, with exit status 2. Raises Refused."""
    from openfisca_cej.explain.situation import InvalidSituation

    try:
        yield
    except InvalidSituation as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{source}: {error.strerror or error}.") from None


def rendered(drawn: "Curve", form: str) -> str:
    """The curve in a format, with its last end of line."""
    if form == "json":
        return json.dumps(drawn.to_json(), ensure_ascii=False, indent=2) + "\n"
    if form == "svg":
        from openfisca_cej.explain.curve_picture import curve_svg

        return curve_svg(drawn)
    from openfisca_cej.explain import curve_text

    if form == "csv":
        return curve_text.curve_csv(drawn)
    return as_text(curve_text.segments_table(drawn), curve_text.sentences(drawn))


def as_text(table, lines: list[str]) -> str:
    """A table for the eye, and sentences below."""
    from rich.console import Console

    console = Console(width=WIDTH)
    with console.capture() as capture:
        console.print(table)
        for line in lines:
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    return capture.get()


#: Columns of a table of text: it is not cut when the output is a file.
WIDTH = 110
