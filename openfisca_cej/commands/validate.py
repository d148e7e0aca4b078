"""The command ``openfisca-cej validate``: the model beside what was published."""

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openfisca_cej.commands.population import show_assumptions
from openfisca_cej.commands.shared import (
    Refused,
    assumptions_option,
    progress,
    read_assumptions,
    seed_option,
    wide_console,
)

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.population.validation import Outcome, Validation

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
@assumptions_option(": these assumptions are fixed, not drawn.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def validate(draws: int, size: int, seed: int, assumptions: Path | None, form: str) -> None:
    """Compare the model with what was published, France 2022-2023.

    The entrants of March 2022 to December 2023 are drawn in the published numbers and followed
    month by month. No published figure of the allowance was used to draw them. Each result comes
    with the interval that the assumptions and sampling leave open, a verdict, and the assumptions
    that move it most.
    """
    started = time.perf_counter()
    given = read_assumptions(assumptions)
    if draws < ENOUGH:
        problem = f"--draws {draws}: under {ENOUGH}, intervals and verdicts are only indicative."
        click.echo(problem, err=True)
    from rich.console import Console

    import openfisca_cej
    from openfisca_cej.population import assumptions as named
    from openfisca_cej.population import validation
    from openfisca_cej.population.raking import CannotRake

    system = openfisca_cej.CountryTaxBenefitSystem()
    try:
        total = draws + validation.REPLICATES
        label = f"Simulating {total} populations of {size} persons"
        with progress(Console(stderr=True), label, total) as advance:
            taken = named.draws(None, given, draws, seed)
            result = validation.validate(system, given, taken, size, seed, partial(advance, 1))
    except CannotRake as error:
        raise Refused(f"--size {size}: {error}. Ask for more.") from None
    except ValueError as error:
        raise Refused(f"--assumptions: {error}.") from None
    if form == "json":
        click.echo(json.dumps(validation.as_json(result), ensure_ascii=False, indent=2))
        return
    screen = wide_console()
    show_outcomes(screen, result)
    show_drivers(screen, result)
    show_series(screen, result)
    show_assumptions(screen, given)
    show_notes(screen, result, time.perf_counter() - started)


def show_outcomes(screen: "Console", result: "Validation") -> None:
    """Print the table of results, with their verdicts."""
    from openfisca_cej.population.display import number, plain_table

    title = (
        f"Le modèle et ce qui est publié, France 2022-2023 ({result.draws} tirages de "
        f"{number(result.size)} entrants pondérés, graine {result.seed})"
    )
    heads = ["Résultat", "Publié", "Modèle", "± tirage", "Intervalle à 95 %", "Écart du modèle"]
    table = plain_table(title, heads)
    table.columns[0].no_wrap = False
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Statut", no_wrap=True)
    for item in result.outcomes:
        table.add_row(
            item.label,
            published(item),
            amount(item.central, item.unit),
            amount(2 * item.sampling, item.unit, bare=True),
            f"{amount(item.interval[0], item.unit, bare=True)} à "
            f"{amount(item.interval[1], item.unit)}",
            central_gap(item),
            verdict(item),
            item.status,
        )
    screen.print(table)


def amount(value: float, unit: str, bare: bool = False) -> str:
    """A result in its unit; bare: without it."""
    from openfisca_cej.population.display import number

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


def central_gap(item: "Outcome") -> str:
    """How far the stated assumptions are from what was published."""
    if item.central_gap == 0:
        return "aucun"
    relative = ""
    if item.unit != "part":
        bound = item.published[1] if item.central_gap > 0 else item.published[0]
        share = 100 * abs(item.central_gap) / bound
        relative = f" ({'+' if item.central_gap > 0 else '−'}{share:.0f} %)"
    return signed(item.central_gap, item.unit) + relative


def show_drivers(screen: "Console", result: "Validation") -> None:
    """Print which assumptions move each result."""
    from openfisca_cej.population.display import number, plain_table
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
    from openfisca_cej.population.display import month_name, number, plain_table

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


def show_notes(screen: "Console", result: "Validation", seconds: float) -> None:
    """Print how to read the tables."""
    from openfisca_cej.population.display import number
    from openfisca_cej.population.validation import REPLICATES

    inside = sum(item.inside for item in result.outcomes)
    near = sum(item.agrees for item in result.outcomes)
    count = len(result.outcomes)
    text = f"""
{inside} résultats sur {count} dedans, {count - inside} dehors ; aux valeurs posées, {near} sur \
{count} dans la tolérance.
Modèle : moyenne de {REPLICATES} populations aux hypothèses posées ; ± tirage : deux écarts-types \
de l'une à l'autre.
Intervalle : 95 % des tirages, où chaque hypothèse suit une loi triangulaire sur sa plage (dont le \
sommet est sa valeur), ou l'une de ses valeurs possibles avec la même chance, indépendamment des \
autres, sur une population nouvelle.
Dedans : ce qui est publié est dans l'intervalle. Un intervalle large pardonne beaucoup : lire \
aussi l'écart du modèle.
Ces résultats ne sont pas indépendants : quatre épreuves seulement le sont (payés au moins une \
fois par opérateur, allocataires rapportés aux jeunes en CEJ, jeunes payés en 2023, dépense). Les \
357 000 jeunes et les 740 millions viennent d'une seule source, relayée.
Aucun n'a servi à faire la population ni à choisir une hypothèse. Sources et définitions : \
openfisca_cej/population/data/validation.yaml ; hypothèses : hypotheses.yaml.
{result.draws + REPLICATES} populations simulées en {number(seconds)} s."""
    screen.print(text, highlight=False, markup=False, soft_wrap=True)
