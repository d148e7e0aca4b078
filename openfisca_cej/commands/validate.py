"""The command ``openfisca-cej validate``: the model beside what was published."""

import time
from functools import partial
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.group import quiet
from openfisca_cej.commands.population import show_assumptions
from openfisca_cej.commands.shared import (
    Refused,
    assumptions_option,
    format_option,
    goes_with,
    notice,
    progress,
    read_assumptions,
    read_months,
    refusals,
    say,
    seed_option,
    told_assumptions,
    wide_console,
)
from openfisca_cej.rows import as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from openfisca_cej.population.causes import Months
    from openfisca_cej.population.validation import Outcome, Validation

#: Columns of the widest table.
TABLE_WIDTH = 170

#: Assumptions named for each result.
SHOWN = 3

#: Draws under which intervals and verdicts are only indicative.
ENOUGH = 200


@click.command()
@click.option(
    "--draws",
    type=click.IntRange(2, 100_000),
    default=200,
    show_default=True,
    help="Populations drawn, each with assumptions drawn from their ranges.",
)
@click.option(
    "--size",
    type=click.IntRange(200, 10_000_000),
    default=10_000,
    show_default=True,
    help="Weighted persons in each.",
)
@seed_option
@assumptions_option(": these assumptions are fixed, the others drawn from their ranges.")
@click.option(
    "--population",
    "file",
    type=click.Path(exists=True, path_type=Path),
    help="A FILE of persons of yours, in place of the synthetic entrants: its months by cause, and "
    "by month since the first one.",
)
@click.option("--months", metavar="YYYY-MM:YYYY-MM", help="Months of the FILE, both included.")
@click.option("--by", metavar="NAME", help="Its groups [default: operateur].")
@format_option("text", "json")
def validate(
    draws: int,
    size: int,
    seed: int,
    assumptions: str,
    file: Path | None,
    months: str | None,
    by: str | None,
    form: str,
) -> None:
    """Compare the model with what was published, France 2022-2024.

    The entrants of March 2022 to May 2024 are drawn in the published numbers and followed month by
    month. Each result comes with the interval that the assumptions and sampling leave open, what it
    is for (to calibrate, to judge, only shown), a verdict, and the assumptions that move it most.
    Months are told by cause, by operator and by month since the entry.

    With --population, the same tables of months for your own file, beside the synthetic ones.
    """
    started = time.perf_counter()
    given = read_assumptions(assumptions)
    if (file is None) != (months is None):
        raise Refused(_("--population and --months go together."))
    if file is None and by is not None:
        raise goes_with("--by", "--population")
    if file is not None:
        show_own(file, str(months), by or "operateur", given, seed, size, form)
        return
    if draws < ENOUGH:
        problem = _("--draws {draws}: under {enough}, intervals and verdicts are only indicative.")
        notice(problem.format(draws=draws, enough=ENOUGH))
    result = judged(assumptions, given, draws, size, seed)
    from openfisca_cej.population import validation

    if form == "json":
        click.echo(as_json(validation.as_json(result)))
        return
    screen = wide_console(TABLE_WIDTH)
    show_outcomes(screen, result)
    show_drivers(screen, result)
    show_causes(screen, {"": result.causes})
    show_series(screen, result)
    show_assumptions(screen, given)
    show_notes(screen, result, assumptions, time.perf_counter() - started)


def judged(source: str, given: dict[str, Any], draws: int, size: int, seed: int) -> "Validation":
    """The simulations, with their progress. Raises Refused."""
    from rich.console import Console

    from openfisca_cej.population import assumptions as named
    from openfisca_cej.population import validation
    from openfisca_cej.population.raking import CannotRake
    from openfisca_cej.systems import model

    system = model()
    try:
        total = draws + validation.REPLICATES
        label = _("Simulating {total} populations of {size} persons")
        label = label.format(total=total, size=size)
        with progress(Console(stderr=True, quiet=quiet()), label, total) as advance:
            taken = named.draws(source, given, draws, seed)
            return validation.validate(system, given, taken, size, seed, partial(advance, 1))
    except CannotRake as error:
        raise Refused(f"--size {size}: {error}. {_('Ask for more.')}") from None
    except ValueError as error:
        raise Refused(f"--assumptions: {error}.") from None


# A user's file.


def show_own(
    file: Path, months: str, by: str, given: dict[str, Any], seed: int, size: int, form: str
) -> None:
    """Print the months by cause of a file of persons, beside those of the synthetic entrants."""
    from openfisca_cej.population import validation
    from openfisca_cej.systems import model

    system = model()
    own = months_of_file(system, file, months, by)
    synthetic = validation.simulated(system, given, seed, size, by_cause=True).months
    assert synthetic is not None, "asked for by cause"
    tables = {file.name: own, "synthétique, 2023": synthetic}
    if form == "json":
        told = {name: table.to_json() for name, table in tables.items()}
        click.echo(as_json(told))
        return
    show_causes(wide_console(TABLE_WIDTH), tables)


def months_of_file(system: Any, file: Path, months: str, by: str) -> "Months":
    """The months by cause of a file. Raises Refused."""
    from openfisca_cej.analysis import sources
    from openfisca_cej.population import causes, engine

    found = causes.Months()
    with refusals(file, Path()):
        window = read_months(months)
        for piece in sources.of_files(file).pieces(1):
            people = piece.make(system, window)
            for block in engine.simulate(system, people, window, causes.VARIABLES):
                weights = None if people.weights is None else people.weights[block.persons]
                groups = people.attributes.get(by)
                named = None if groups is None else groups[block.persons]
                found.add(block.values, weights, named)
    return found


def show_causes(screen: "Console", tables: "Mapping[str, Months]") -> None:
    """Print months by cause and group, then by month since the first one."""
    from openfisca_cej.french import percent
    from openfisca_cej.french import plain_euros as euros
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.causes import SMALL, STATES
    from openfisca_cej.population.display import plain_table

    columns: list[tuple[str, Any]] = []
    for title, table in tables.items():
        columns.append((f"{title} ensemble".strip(), table.whole))
        if len(table.groups) > 1:
            columns += list(table.shares.items())
    heads = ["Mois de contrat, par ce qui est payé", *(name for name, _ in columns)]
    grid = plain_table("Mois de contrat par cause", heads)
    for rank, label in enumerate(STATES.values()):
        grid.add_row(label, *(percent(shares[rank]) for _, shares in columns))
    screen.print()
    screen.print(grid)
    for title, table in tables.items():
        small = f"{title} : mois payés moins de {SMALL} € : {percent(table.small_share)}"
        screen.print(small.removeprefix(" : "), highlight=False, markup=False)
    heads = ["Mois depuis l'entrée"]
    for title in tables:
        heads += [f"{title} Contrats".strip(), "Payés", "Montant moyen"]
    grid = plain_table("Mois de contrat depuis l'entrée (ou depuis le premier mois simulé)", heads)
    for month in range(max(len(table.since) for table in tables.values())):
        cells = []
        for table in tables.values():
            row = table.since[month] if month < len(table.since) else (0, 0, 0)
            mean = euros(row[2] / row[1]) if row[1] else "—"
            cells += [number(row[0]), percent(row[1] / row[0]) if row[0] else "—", mean]
        grid.add_row(str(month), *cells)
    screen.print(grid)


# The verdicts.


def show_outcomes(screen: "Console", result: "Validation") -> None:
    """Print the table of results, with their verdicts."""
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.population.protocol import set_of

    title = (
        f"Le modèle et ce qui est publié, France 2022-2024 ({result.draws} tirages de "
        f"{number(result.size)} entrants pondérés, graine {result.seed})"
    )
    heads = ["Résultat", "Publié", "Modèle", "± tirage", "Médiane", "Intervalle à 95 %"]
    table = plain_table(title, heads)
    table.columns[0].no_wrap = False
    for column in ("Verdict", "Sert à", "Statut"):
        table.add_column(column, no_wrap=True)
    for item in result.outcomes:
        table.add_row(
            item.label,
            published(item),
            amount(item.central, item.unit),
            amount(2 * item.sampling, item.unit, bare=True),
            amount(item.median, item.unit, bare=True),
            f"{amount(item.interval[0], item.unit, bare=True)} à "
            f"{amount(item.interval[1], item.unit)}",
            verdict(item),
            set_of(item.name),
            item.status,
        )
    screen.print(table)


def amount(value: float, unit: str, bare: bool = False) -> str:
    """A result in its unit; bare: without it."""
    from openfisca_cej.french import plain_number as number

    if unit == "part":
        return number(100 * value, 1) + ("" if bare else " %")
    suffix = {"jeunes": "", "euros": " €", "millions d'euros": " M€"}[unit]
    return number(value) + ("" if bare else suffix)


def signed(value: float, unit: str) -> str:
    """A difference in its unit, points for shares."""
    sign = "+" if value > 0 else "−"
    if unit == "part":
        return f"{sign}{amount(abs(value), unit, bare=True)} pt"
    return f"{sign}{amount(abs(value), unit)}"


def published(item: "Outcome") -> str:
    """What was published: a figure, a range, or a floor."""
    low, high = item.published
    if item.at_least:
        return f"> {amount(low, item.unit)}"
    if low == high:
        return amount(low, item.unit)
    return f"{amount(low, item.unit, bare=True)} à {amount(high, item.unit)}"


def verdict(item: "Outcome") -> str:
    """Inside the interval or not, and by how much."""
    return "dedans" if item.inside else f"dehors de {signed(item.gap, item.unit)}"


def show_drivers(screen: "Console", result: "Validation") -> None:
    """Print which assumptions move each result."""
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.population.validation import notable

    least = notable(result.draws)
    title = "Hypothèses qui pèsent le plus (corrélation des rangs sur les tirages)"
    table = plain_table(title, ["Résultat"])
    table.add_column("Hypothèses", overflow="fold")
    for item in result.outcomes:
        cells = [
            f"{name} {'+' if value > 0 else '−'}{number(abs(value), 2)}"
            for name, value in item.drivers[:SHOWN]
            if abs(value) >= least
        ]
        table.add_row(item.label, ", ".join(cells) or "aucune ne se détache")
    screen.print()
    screen.print(table)


def show_series(screen: "Console", result: "Validation") -> None:
    """Print payees month by month."""
    from openfisca_cej.french import month_name
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.display import plain_table

    title = "Allocataires du mois (payés parmi les jeunes en CEJ le dernier jour du mois)"
    heads = ["Mois", "Publié", "Modèle", "Intervalle à 95 %", "Écart du modèle"]
    table = plain_table(title, [*heads, "Modèle, avec les sortants du mois"])
    for line in result.months:
        gap = 100 * (line.central / line.published - 1)
        table.add_row(
            month_name(line.month),
            number(line.published),
            number(line.central),
            f"{number(line.interval[0])} à {number(line.interval[1])}",
            f"{'+' if gap > 0 else '−'}{number(abs(gap), 1)} %",
            number(line.due),
        )
    screen.print()
    screen.print(table)


def show_notes(screen: "Console", result: "Validation", source: str, seconds: float) -> None:
    """Print how to read the tables."""
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population import protocol
    from openfisca_cej.population.validation import REPLICATES

    inside = sum(item.inside for item in result.outcomes)
    near = sum(item.agrees for item in result.outcomes)
    count = len(result.outcomes)
    text = f"""
{told_assumptions(source)}
{inside} résultats sur {count} dedans, {count - inside} dehors ; aux valeurs centrales, {near} \
sur {count} dans la tolérance.
Modèle : moyenne de {REPLICATES} populations aux valeurs centrales des hypothèses ; ± tirage : \
deux écarts-types de l'une à l'autre.
Intervalle : 95 % des tirages, chacun sur une population nouvelle : tirages calés, ou de la loi de \
chaque hypothèse sur sa plage.
Dedans : ce qui est publié est dans l'intervalle. Un intervalle large pardonne beaucoup : la \
médiane se lit aussi.
Sert à : « calage », le chiffre a choisi les tirages calés ; « jugement », il a été tenu à \
l'écart ; « montré », ni l'un ni l'autre.
Protocole écrit avant le calage : openfisca_cej/population/data/preregistration.yaml, SHA-256 \
{protocol.sha256()}. Verdicts du calage et limites : docs/validation.md.
{result.draws + REPLICATES} populations simulées en {number(seconds)} s."""
    say(screen, text)
