"""The command ``openfisca-cej reforms``: the ready-made reforms."""

import dataclasses

import click

from openfisca_cej.commands.shared import format_option, wide_console
from openfisca_cej.rows import as_csv, as_json


@click.command()
@format_option(
    "text",
    "csv",
    "json",
    help="json: one object a reform, with name, title, description, rationale, references; "
    "csv: a line each.",
)
def reforms(form: str) -> None:
    """List the ready-made reforms, for « simulate --reform NAME ».

    Names may be joined (age_29+montants_rsa) with each other and with files of reforms.
    """
    from openfisca_cej.reforms.ready import catalogue

    entries = catalogue().values()
    if form == "json":
        told = [dataclasses.asdict(entry) for entry in entries]
        click.echo(as_json(told))
        return
    if form == "csv":
        columns = ("name", "title", "description", "rationale")
        click.echo(as_csv(map(dataclasses.asdict, entries), columns), nl=False)
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title="Réformes toutes prêtes", show_lines=True)
    table.add_column("Nom", no_wrap=True)
    table.add_column("Ce qu'elle change")
    table.add_column("Texte")
    for entry in entries:
        texts = "\n".join(reference["title"] for reference in entry.references)
        table.add_row(entry.name, f"{entry.title}. {entry.description}", texts)
    wide_console().print(table, markup=False)
