"""The command ``openfisca-cej reconcile``: another amount was paid, what would have to be true."""

from collections.abc import Iterator
from gettext import gettext as _
from pathlib import Path
from typing import Any

import click

from openfisca_cej import language
from openfisca_cej.commands.shared import Refused, format_option
from openfisca_cej.commands.situations import (
    opened,
    person_option,
    reform_and_out,
    refused,
    situation_and_month,
    write,
)
from openfisca_cej.rows import as_csv, as_json

# What is slow to import is imported where it is used: `--help` answers at once.


@click.command()
@situation_and_month
@click.option(
    "--paid",
    required=True,
    metavar="EUROS",
    help="Amount really paid for the month, to the centime: 331.37.",
)
@person_option
@format_option("text", "csv", "json", help="json has each sentence in French and in English.")
@reform_and_out
def reconcile(
    situation: Path,
    month: str,
    paid: str,
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
        from openfisca_cej import bounds, reading
        from openfisca_cej.reconcile import reconcile as search

        try:
            amount = reading.euros_in(paid, bounds.PAID)
        except ValueError as error:
            raise Refused(f"--paid{_(': ')}{error}.") from None
        told = search(opened(situation, reform), month, amount, person)
        if form == "json":
            write(as_json(told.to_json()), out)
        elif form == "csv":
            rows = changes(told.to_json(), language.current())
            write(as_csv(rows, ("solution", "amount", "variable", "sentence", "articles")), out)
        else:
            write("\n".join(told.lines(language.current())), out)


def changes(told: dict[str, Any], lang: str) -> Iterator[dict[str, Any]]:
    """What would have to be true: a change a row, under the number of its solution."""
    for rank, solution in enumerate(told["solutions"], 1):
        for change in solution["changes"]:
            articles = [article["number"] for article in change["articles"]]
            row = {"solution": rank, "sentence": change[lang], "articles": articles}
            yield row | {"amount": solution["amount"], "variable": change["variable"]}
