"""The commands about one case: ``explain``, ``missing``, ``timeline`` and ``case``."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej import names
from openfisca_cej.commands.shared import format_option, screen
from openfisca_cej.commands.situations import (
    months_options,
    opened,
    person_option,
    reform_and_out,
    refused,
    situation_and_month,
    situation_argument,
    write,
)
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_cej.explain.timeline import MonthDue

WIDTH = 110


def write_rich(renderable: Any, out: Path | None) -> None:
    """Print something of rich's, in colours on a terminal, or write it as plain text."""
    from rich.console import Console

    if out is None or str(out) == "-":
        screen(WIDTH).print(renderable)
        return
    stream = io.StringIO()
    Console(width=WIDTH, file=stream, color_system=None).print(renderable)
    write(stream.getvalue(), out)


@click.command()
@situation_and_month
@person_option
@click.option(
    "--variable",
    default=names.RESULT,
    show_default=True,
    help="Monthly variable of persons to explain.",
)
@format_option(
    "text",
    "md",
    "html",
    "csv",
    "json",
    help="html is self-contained; csv: a step a line; json follows the schema shipped with the "
    "package.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="Nothing is missing in the situation: what it does not say is nil.",
)
@reform_and_out
def explain(
    situation: Path,
    month: str,
    person: str | None,
    variable: str,
    form: str,
    complete: bool,
    reform: str | None,
    out: Path | None,
) -> None:
    """Explain why a person of SITUATION is owed an amount in a month.

    SITUATION is a JSON file in the form of the web API's /calculate (- for the standard input).
    Each step tells its value, its origin, its arithmetic, its articles and its parameters;
    then come the conditions, what is missing, and until when the law was checked.
    """
    with refused(situation):
        from openfisca_cej.explain import render, tree

        case = opened(situation, reform)
        told = tree.explain(case, month, person, variable, complete=complete)
        if form == "text":
            write_rich(render.to_text(told), out)
        elif form == "json":
            write(as_json(render.to_json(told)), out)
        elif form == "csv":
            write(as_csv(map(render.row, told.root.all()), render.COLUMNS), out)
        else:
            write((render.to_html if form == "html" else render.to_markdown)(told), out)


@click.command()
@situation_and_month
@person_option
@format_option("text", "csv", "json")
@reform_and_out
def missing(
    situation: Path, month: str, person: str | None, form: str, reform: str | None, out: Path | None
) -> None:
    """Say what SITUATION does not tell and that matters, the most useful question first."""
    with refused(situation):
        from openfisca_cej import french
        from openfisca_cej.explain import render, tree
        from openfisca_cej.population.engine import first_month
        from openfisca_cej.population.months import before_law, month_number

        case = opened(situation, reform)
        told = tree.answered(case, month, person)
        answer = told.answer
        if answer is None:
            raise before_law(month_number(month), first_month(case.system))
        if form == "json":
            late = [item.sentence for item in told.frozen]
            write(as_json({**answer.to_json(), "frozen": late}), out)
            return
        if form == "csv":
            rows = (
                {"variable": one.variable, "question": one.question}
                | {"effets": render.effects(one, answer.assumed)}
                for one in answer.unknowns
            )
            write(as_csv(rows, ("variable", "question", "effets")), out)
            return
        lines = [answer.sentence(), ""]
        for rank, unknown in enumerate(answer.unknowns, 1):
            lines.append(f"{rank}. {unknown.question} ({unknown.variable})")
            if unknown.help:
                lines.append(f"   {unknown.help}")
            lines.append(f"   {render.effects(unknown, answer.assumed)}")
        lines.append("")
        lines += [item.sentence for item in told.frozen]
        lines.append(f"{answer.tried} situations essayées ensemble.")
        if answer.capped:
            lines.append(
                "Toutes les combinaisons n'ont pas été essayées : l'allocation peut dépasser "
                f"{french.euros(answer.high)}."
            )
        write("\n".join(lines), out)


@click.command()
@situation_argument
@months_options
@person_option
@format_option("text", "csv", "json")
@reform_and_out
def timeline(
    situation: Path,
    first: str,
    months: int,
    person: str | None,
    form: str,
    reform: str | None,
    out: Path | None,
) -> None:
    """Tell month by month what a person of SITUATION is due, and what changed."""
    with refused(situation):
        from rich.console import Group
        from rich.text import Text

        from openfisca_cej.explain.timeline import timeline as due
        from openfisca_cej.explain.timeline import told_once
        from openfisca_cej.explain.tree import VERSION, caveats

        case = opened(situation, reform)
        rows = due(case, first, months, person)
        whose = person or case.main_person()
        remarks = caveats(case, rows[0].month, whose, [row.month for row in rows])
        if form == "json":
            told = {
                "version": VERSION,
                "person": whose,
                "remarks": remarks,
                "months": [row.to_json() for row in rows],
            }
            write(as_json(told), out)
        elif form == "csv":
            write(timeline_csv(rows), out)
        else:
            write_rich(Group(timeline_table(rows), "", *map(Text, told_once(rows) + remarks)), out)


def timeline_csv(rows: list["MonthDue"]) -> str:
    """The months as CSV."""
    cells = []
    for row in rows:
        running = "oui" if row.running else "non"
        told = (" ; ".join(row.changes), " ".join(row.frozen))
        cells.append((row.month, f"{row.amount:.2f}", running, *told))
    return as_csv(cells, ("mois", "allocation", "contrat", "changements", "valeurs_depassees"))


def timeline_table(rows: list["MonthDue"]) -> Any:
    """The months as a table."""
    from rich.table import Table

    from openfisca_cej import french

    table = Table("Mois", "Contrat", box=None, pad_edge=False)
    table.add_column("Allocation", justify="right")
    table.add_column("Ce qui a changé")
    for row in rows:
        table.add_row(
            french.month(row.month),
            "oui" if row.running else "—",
            french.euros(row.amount),
            " ; ".join(row.changes),
        )
    return table


@click.command()
@situation_and_month
@person_option
@reform_and_out
def case(
    situation: Path, month: str, person: str | None, reform: str | None, out: Path | None
) -> None:
    """Write the YAML test of a person of SITUATION in a month, with its articles.

    `openfisca test --country-package openfisca_cej FILE` passes it. A test names its reforms by
    their dotted path: --reform takes ready-made ones (several joined by +), not a file.
    """
    with refused(situation):
        from openfisca_cej.explain.case import case as test_of
        from openfisca_cej.reforms.ready import dotted

        paths = dotted(reform) if reform else []
        write(test_of(opened(situation, reform), month, person, paths), out)
