"""The command ``openfisca-cej reconcile``: another amount was paid, what would have to be true."""

from pathlib import Path

import click

from openfisca_cej import language
from openfisca_cej.commands.shared import format_option
from openfisca_cej.commands.situations import (
    month_option,
    opened,
    out_option,
    person_option,
    reform_option,
    refused,
    situation_argument,
    write,
)
from openfisca_cej.rows import as_json

# What is slow to import is imported where it is used: `--help` answers at once.


@click.command()
@situation_argument
@month_option
@click.option(
    "--paid",
    type=click.FloatRange(min=0, max=10_000),
    required=True,
    metavar="EUROS",
    help="Amount really paid for the month, to the centime: 331.37.",
)
@person_option
@format_option("text", "json", help="json has every sentence in French and in English.")
@reform_option
@out_option
def reconcile(
    situation: Path,
    month: str,
    paid: float,
    person: str | None,
    form: str,
    reform: str | None,
    out: Path | None,
) -> None:
    """Say what would have to be true for a person of SITUATION to be due what was PAID.

    SITUATION is a JSON file of the API's /calculate (- for the standard input). One change of the
    situation is looked for, then two; each is told with its articles, the likeliest first.

    Exit status: 0 whatever is found, or 2 when something is wrong in the situation or options.
    """
    with refused(situation):
        from openfisca_cej.reconcile import reconcile as search

        told = search(opened(situation, reform), month, paid, person)
        if form == "json":
            write(as_json(told.to_json()), out)
        else:
            write("\n".join(told.lines(language.current())), out)
