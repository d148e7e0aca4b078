"""The command ``openfisca-cej resources``: what each kind of income does to the allowance."""

import datetime
from gettext import gettext as _
from typing import TYPE_CHECKING

import click

from openfisca_cej import french
from openfisca_cej.commands.shared import Refused, format_option
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem

    from openfisca_cej.explain.resources import Resource

#: Columns of the table.
WIDTH = 144

HEADINGS = ("Ressource", "Nom", "Effet", "Article", "Depuis", "Jusqu'au", "Agit sur", "Connu par")


@click.command()
@click.argument("words", nargs=-1)
@click.option("--month", metavar="YYYY-MM", help="Only what is in force in this month.")
@format_option("text", "csv", "json", "md", help="md: a table in Markdown.")
@click.pass_context
def resources(context: click.Context, words: tuple[str, ...], month: str | None, form: str) -> None:
    """Tell which incomes reduce, suspend or leave alone the allowance, by which article.

    WORDS choose among them, without accents or case: for instance ARE, chômage, arrêt maladie.

    Exit status: 0, or 2 when nothing has all the WORDS or an option is wrong.
    """
    from openfisca_cej.explain import resources as dictionary
    from openfisca_cej.systems import model

    system = model()
    day = first_day(system, month)
    text = " ".join(words)
    found, near = dictionary.looked_up(system, text)
    if not found:
        why = [_("No resource has all the words « {text} ».").format(text=text)]
        why += [_("Did you mean « {near} »?").format(near=" », « ".join(near))]
        click.echo(" ".join(why), err=True)
    if found or form == "json":
        click.echo(rendered(found, day, form), nl=False)
    context.exit(0 if found else 2)


def first_day(system: "TaxBenefitSystem", month: str | None) -> str | None:
    """The first day of the month asked for. Raises Refused."""
    from openfisca_cej.population.engine import first_month
    from openfisca_cej.population.months import before_law, month_number, month_text

    if month is None:
        return None
    try:
        number = month_number(month)
    except ValueError as error:
        raise Refused(f"--month{_(': ')}{error}.") from None
    if number < first_month(system):
        raise Refused(f"--month{_(': ')}{before_law(number, first_month(system))}.")
    return f"{month_text(number)}-01"


def rendered(found: list["Resource"], day: str | None, form: str) -> str:
    """The resources in a format, with the last end of line."""
    if form == "json":
        told = [one.to_json(day) for one in found]
        return as_json(told) + "\n"
    rows = [row for one in found for row in lines(one, day, "md" if form == "md" else "text")]
    if form == "csv":
        return as_csv(rows, HEADINGS)
    return markdown(rows) if form == "md" else table(rows)


def lines(one: "Resource", day: str | None, form: str) -> list[tuple[str, ...]]:
    """A row for each treatment of the resource; the article is a link in Markdown."""
    told = one.treatments if day is None else (one.at(day),)
    return [
        (
            one.label,
            f"`{one.name}`" if one.name and form == "md" else one.name,
            treatment.effect.value,
            f"[{treatment.article}]({treatment.link})" if form == "md" else treatment.article,
            french_date(treatment.since),
            french_date(treatment.until) if treatment.until else "",
            treatment.counted,
            treatment.confidence,
        )
        for treatment in told
    ]


def french_date(day: str) -> str:
    """An ISO day as the French write it."""
    return french.short_day(datetime.date.fromisoformat(day))


def markdown(rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    head = [HEADINGS, tuple("---" for _ in HEADINGS)]
    return "".join(f"| {' | '.join(row)} |\n" for row in [*head, *rows])


def table(rows: list[tuple[str, ...]]) -> str:
    """A table for the eye: the label and the name on two lines of one column."""
    from rich import box
    from rich.table import Table

    from openfisca_cej.commands.shared import wide_console

    shown = Table(box=box.SIMPLE_HEAD, show_lines=False, pad_edge=False)
    for heading in ("Ressource", *HEADINGS[2:]):
        width = 46 if heading == "Ressource" else None
        shown.add_column(heading, no_wrap=heading != "Ressource", min_width=width)
    for label, name, *others in rows:
        shown.add_row(f"{label}\n  [dim]{name}[/dim]", *others)
    console = wide_console(WIDTH)
    with console.capture() as capture:
        console.print(shown)
    return capture.get()
