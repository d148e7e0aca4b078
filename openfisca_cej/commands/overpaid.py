"""The command ``openfisca-cej overpaid``: what was declared against what was real."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openfisca_cej import french
from openfisca_cej.commands.shared import format_option
from openfisca_cej.commands.situations import (
    months_options,
    opened,
    person_option,
    reform_and_out,
    refused,
    write,
)
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_cej.explain.overpaid import Overpayment

COLUMNS = ("mois", "verse", "du", "a_rendre")

FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.command()
@click.argument("declared", type=FILE)
@click.argument("real", type=FILE)
@months_options
@person_option
@format_option("text", "csv", "json")
@reform_and_out
def overpaid(
    declared: Path,
    real: Path,
    first: str,
    months: int,
    person: str | None,
    form: str,
    reform: str | None,
    out: Path | None,
) -> None:
    """Tell month by month what is to be given back, when DECLARED was not what was REAL.

    Both are JSON files of the API's /calculate, of the same person: as it was declared, and as it
    was. What is negative is still to be received.

    Exit status: 0 whatever is found, or 2 when something is wrong in the files or options.
    """
    with refused(declared):
        from openfisca_cej.explain import overpaid as owed

        said = opened(declared, reform)
    with refused(real):
        found = owed.overpaid(said, opened(real, reform), first, months, person)
    if form == "json":
        write(as_json(found.to_json()), out)
    elif form == "csv":
        rows = [
            (str(one.month), *(f"{amount:.2f}" for amount in (one.paid, one.due, one.back)))
            for one in found.months
        ]
        write(as_csv(rows, COLUMNS), out)
    else:
        write("\n".join([*lines(found), "", found.sentence, *found.frozen, owed.NOT_DECIDED]), out)


def lines(found: "Overpayment") -> list[str]:
    """The months, one a line."""
    return [
        f"{french.month(one.month)} : versé {french.euros(one.paid)}, dû {french.euros(one.due)}, "
        f"{told(one.back)}"
        for one in found.months
    ]


def told(back: float) -> str:
    """What a month is to give back, in words."""
    if not back:
        return "rien à rendre"
    return f"{french.euros(abs(back))} à {'rendre' if back > 0 else 'recevoir'}"
