"""``openfisca-cej compare REFORM --years 2025:2027``: a table of years, to what is assumed."""

from collections.abc import Sequence
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.group import quiet
from openfisca_cej.commands.shared import (
    InputFile,
    Refused,
    nothing_written,
    progress,
    read_assumptions,
    read_place,
    read_scenario,
    refusals,
    say,
)
from openfisca_cej.rows import as_json

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.analysis.years import Asked, Year

# What is slow to import is imported where it is used: `--help` answers at once.

#: Entrants drawn for the central result of a year, and for each draw of its interval.
SIZE, SMALL = 20_000, 5_000

LABELS = {
    "entrees": "Entrées",
    "presents": "En contrat, fin de mois",
    "allocataires": "Allocataires, fin de mois",
    "payes": "Contrats payés dans l'année",
    "depense": "Dépense (M€)",
}

years_option = click.option(
    "--years",
    metavar="YYYY:YYYY",
    help="A table of years instead, to 2027, each with its interval; see --scenario.",
)
scenario_option = click.option(
    "--scenario",
    "figures",
    type=InputFile(),
    help="YAML file of entries, lengths, amounts… of the years, in place of some of those shipped.",
)


def read_years(text: str) -> range:
    """The years of « 2025:2027 », or a single one. Raises Refused."""
    from openfisca_cej.population import scenario

    first, _colon, last = text.partition(":")
    known = [str(year) for year in scenario.YEARS]
    if first not in known or (last or first) not in known or (last or first) < first:
        told = _("--years: write {first}:{last}, or years between, first:last.")
        raise Refused(told.format(first=known[0], last=known[-1]))
    return range(int(first), int(last or first) + 1)


def show_years(
    reform: Any,
    years: range,
    region: str,
    place: Path | None,
    figures: Path | None,
    size: int | None,
    draws: int,
    seed: int,
    source: str,
    out: Path,
    overwrite: bool,
) -> None:
    """Compute the table, print it and write it, with the scenario, in the directory."""
    from rich.console import Console

    from openfisca_cej.analysis import years as yearly
    from openfisca_cej.commands.shared import wide_console

    told, given = read_scenario(figures), read_assumptions(source)
    sizes = (size or SIZE, draws, min(size or SIZE, SMALL))
    asked = yearly.Asked(region, *sizes, seed, given, told, read_place(place))
    spare(out, overwrite)
    label = _("Comparing {years} years × {populations} populations")
    label = label.format(years=len(years), populations=1 + draws)
    steps = len(years) * (1 + draws)
    with (
        refusals(None, out),
        progress(Console(stderr=True, quiet=quiet()), label, steps) as advance,
    ):
        found = list(yearly.table(reform, years, asked, lambda: advance(1)))
        write(found, asked, reform, figures, out)
    screen = wide_console(summary=True)
    show(screen, found, str(told["titre"]), draws)
    cautions = yearly.cautions(reform, years, asked)
    say(screen, *(f"! {caution}" for caution in cautions), style="yellow")


def spare(out: Path, overwrite: bool) -> None:
    """Refuse to replace what is there, unless asked."""
    from openfisca_cej.analysis.years_record import MANIFEST, TABLE

    there = [name for name in (TABLE, MANIFEST) if (out / name).exists()]
    if there and not overwrite:
        why = _("{path} is there already: choose another --out, or add --overwrite")
        raise Refused(nothing_written(why.format(path=out / there[0])))


def write(
    found: "Sequence[Year]", asked: "Asked", reform: Any, figures: Path | None, out: Path
) -> None:
    """Write the rows, then what they are made of: every figure of the scenario and its status."""
    from openfisca_cej.analysis import years_record
    from openfisca_cej.population import atomic

    out.mkdir(parents=True, exist_ok=True)
    table = years_record.table_text(found)
    given = None if figures is None else figures.read_bytes()
    made_of = years_record.content(table, [one.year for one in found], asked, reform, given)
    texts = {years_record.TABLE: table, years_record.MANIFEST: as_json(made_of) + "\n"}
    for name, written in texts.items():
        with atomic.whole(out / name) as temporary:
            temporary.write_text(written, encoding="utf-8")


def show(screen: "Console", found: "list[Year]", title: str, draws: int) -> None:
    """Print the years, then what is published beside them."""
    from openfisca_cej.population.display import plain_table

    heads = ["", "Année", "Avant", "Intervalle", "Après", "Différence", "Intervalle"]
    table = plain_table(f"{title} ({draws} tirages)", heads)
    for name, label in LABELS.items():
        table.add_section()
        for one in found:
            item = next(value for value in one.values if value.measure == name)
            table.add_row(
                label,
                f"{one.year} ({one.status})",
                written(name, item.baseline),
                span(name, item.baseline_interval),
                written(name, item.reform),
                written(name, item.difference),
                span(name, item.interval),
            )
    screen.print(table)
    heads = ["", "Mois", "Publié", "Le modèle", "Intervalle", "Usage"]
    beside = plain_table("À côté, ce qui est publié (un plan n'est pas un résultat)", heads)
    for one in found:
        for figure in one.published:
            low, high = (written(figure.measure, bound) for bound in figure.published)
            beside.add_row(
                LABELS[figure.measure],
                figure.months,
                low if low == high else f"{low} à {high}",
                written(figure.measure, figure.found),
                span(figure.measure, figure.interval),
                figure.use,
            )
    if beside.row_count:
        screen.print(beside)


def written(measure: str, value: float) -> str:
    """A quantity as the French write it."""
    from openfisca_cej.french import plain_number as number

    return number(value, 1 if measure == "depense" else 0)


def span(measure: str, bounds: tuple[float, float] | None) -> str:
    """An interval in words."""
    if bounds is None:
        return "—"
    return " à ".join(written(measure, bound) for bound in bounds)
