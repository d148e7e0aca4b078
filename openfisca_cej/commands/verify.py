"""The command ``openfisca-cej verify``: redo a run, and say what differs."""

import dataclasses
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openfisca_cej.commands.compare import one_thread_a_product
from openfisca_cej.commands.group import quiet
from openfisca_cej.commands.shared import Given, InputFile, format_option, refusals, wide_console
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_cej.analysis.verify import Verification

#: Characters of a hash that are shown.
SHOWN = 16


@click.command()
@click.argument("manifest", type=InputFile())
@click.option(
    "--population",
    type=Given(),
    help="Where the input is now [default: where it was].",
)
@click.option(
    "--attributes",
    type=InputFile(),
    help="Where the attributes are now [default: where they were].",
)
@click.option(
    "--monthly",
    type=Given(),
    help="Where the months of the long format are now [default: where they were].",
)
@format_option("text", "csv", "json")
def verify(
    manifest: Path,
    population: Path | None,
    attributes: Path | None,
    monthly: Path | None,
    form: str,
) -> None:
    """Redo the run of MANIFEST (a run.json), and say what differs.

    Versions, parameters, reform and input are compared with what they were; the results are
    computed again and compared byte for byte. Nothing is written. A reform made of arbitrary
    Python cannot be verified.

    Exit status: 0 when all is the same, 1 when something differs or could not be redone, 2 when
    the file is no run.json.
    """
    one_thread_a_product()
    from rich.console import Console

    from openfisca_cej.analysis.verify import Check
    from openfisca_cej.analysis.verify import verify as redo
    from openfisca_cej.report import fill

    errors = Console(stderr=True, quiet=quiet())
    with refusals(manifest, manifest.parent), errors.status(_("Computing again…")):
        found = redo(manifest, population, attributes, fill, monthly=monthly)
    if form == "json":
        told = {"verified": found.verified, **dataclasses.asdict(found)}
        click.echo(as_json(told))
    elif form == "csv":
        columns = [field.name for field in dataclasses.fields(Check)]
        click.echo(as_csv(map(dataclasses.asdict, found.checks), columns), nl=False)
    else:
        show(found)
    if not found.verified:
        raise SystemExit(1)


def show(found: "Verification") -> None:
    """Print the checks and the verdict."""
    from openfisca_cej.population.display import plain_table

    screen = wide_console()
    table = plain_table(f"openfisca-cej {found.command}", ["Vérifié", "Verdict"])
    table.columns[1].justify = "left"
    for name in ("Avant", "Maintenant"):
        table.add_column(name, max_width=50, overflow="fold")
    for check in found.checks:
        same = check.verdict == "identique"
        values = [text[:SHOWN] if len(text) == 64 else text for text in (check.before, check.now)]
        style = "" if same else "bold red" if check.essential else "yellow"
        table.add_row(check.name, check.verdict, *values, style=style)
    screen.print(table, markup=False)
    if found.verified:
        text = _("Everything was computed again: the results are the same, byte for byte.")
    elif not found.redone:
        text = _("It cannot be verified: {why}.").format(why=found.why)
    elif all(check.verdict != "différent" for check in found.checks if check.essential):
        left = [check.name for check in found.checks if check.verdict == "non vérifié"]
        text = _("Not everything could be verified: {left}.").format(left=", ".join(left))
    else:
        text = _("The results are not those of before, or no longer rest on the same things.")
    screen.print(text, style="bold", highlight=False, markup=False)
