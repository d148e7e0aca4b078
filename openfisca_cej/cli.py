"""The command ``openfisca-cej``."""

import importlib.metadata
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.population.engine import Report
    from openfisca_cej.population.summary import Totals
    from openfisca_cej.population.table import Population

# What only a simulation needs is imported where it is used: `--help` and `--version` are light.

FILE_NAME = "allocations.csv"
#: Columns that a table may always take: on a narrower terminal its lines run on, whole.
WIDTH = 100

VARIABLES = ("cej_en_cours", "cej_montant_forfaitaire", "cej_allocation")


class BadInput(click.ClickException):
    """Something wrong in what the user gave: a message and exit status 2, no traceback."""

    exit_code = 2

    def show(self, file=None) -> None:
        """Print the message as it is, on the error stream."""
        click.echo(self.message, file=file, err=True)


def version() -> str:
    """Version of the installed package."""
    try:
        return importlib.metadata.version("openfisca-cej")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="openfisca-cej")
def main() -> None:
    """Compute the French Contrat d'engagement jeune (CEJ)."""


@main.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--months",
    metavar="YYYY-MM:YYYY-MM",
    help="Months to simulate, both included. Required with a FILE; 2022-03:2023-12 without.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("resultats"),
    show_default=True,
    help=f"Directory where {FILE_NAME} is written.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="Seed of the embedded population [default: 2022]."
)
def simulate(file: Path | None, months: str | None, out: Path, seed: int | None) -> None:
    """Simulate a population month by month.

    Without FILE: the embedded population, the 24 197 young people who entered a CEJ in
    Provence-Alpes-Côte d'Azur from March to December 2022, generated from published figures.

    FILE is a CSV file with one row a person and columns named after variables. A monthly variable
    comes as salaire_net (every month) or salaire_net@2025-03 (that month), a yearly one as rni
    or rni@2023. Optional columns: individu_id, foyer_fiscal_id, famille_id, famille_role
    (demandeur, conjoint, enfant), menage_id, poids.

    The allowance of each person and month is written in a CSV file; a table sums it up.
    """
    started = time.perf_counter()
    if file is not None and seed is not None:
        raise BadInput("--seed is for the embedded population: remove it, or remove the file.")
    if file is not None and months is None:
        raise BadInput("Say which months: for instance --months 2025-01:2025-12")
    window = read_months(months)
    from rich.console import Console

    errors = Console(stderr=True)
    with errors.status("Preparing the population…"):
        system, population = prepare(file, window, seed)
    totals, report = run(system, population, window, out / FILE_NAME, errors)
    for remark in [*population.remarks, *defaults_read(system, report)] if file else []:
        errors.print(remark, soft_wrap=True, highlight=False, markup=False)
    screen = Console()
    show_population(screen, population, totals, file, seed)
    show_months(screen, totals)
    show_end(screen, totals, out / FILE_NAME, file, time.perf_counter() - started)


def read_months(months: str | None) -> range:
    """The months asked for; those of the embedded population by default."""
    from openfisca_cej.population.months import month_range

    try:
        return month_range(months if months is not None else "2022-03:2023-12")
    except ValueError as error:
        raise BadInput(f"--months: {error}.") from None


def prepare(file: Path | None, months: range, seed: int | None) -> tuple:
    """The tax and benefit system and the population."""
    from openfisca_cej import CountryTaxBenefitSystem
    from openfisca_cej.population import csv_reader, synthetic
    from openfisca_cej.population.faults import InvalidInput

    system = CountryTaxBenefitSystem()
    if file is None:
        return system, synthetic.entrants(system, synthetic.SEED if seed is None else seed)
    try:
        return system, csv_reader.read_csv(file, system, months)
    except InvalidInput as error:
        raise BadInput(str(error)) from None
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}. Nothing was written.") from None


def run(
    system, population: "Population", months: range, path: Path, errors: "Console"
) -> "tuple[Totals, Report]":
    """Simulate, write the file of results and add up, with a progress bar."""
    from openfisca_cej.population import engine
    from openfisca_cej.population.output import AllocationFile
    from openfisca_cej.population.summary import Totals

    totals, report = Totals(months, population.weights), engine.Report()
    try:
        with (
            progress(errors, population.count, len(months)) as advance,
            AllocationFile(path, system, population, months, VARIABLES) as file,
        ):
            for block in engine.simulate(
                system, population, months, VARIABLES, advance=advance, report=report
            ):
                totals.add(block)
                file.add(block)
    except OSError as error:
        raise BadInput(f"{path.parent}: {error.strerror}. Nothing was written.") from None
    return totals, report


@contextmanager
def progress(errors: "Console", persons: int, months: int) -> Iterator:
    """A progress bar on a terminal, one plain line elsewhere."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    from openfisca_cej.population.display import number

    label = f"Simulating {number(persons)} persons × {months} months"
    if not errors.is_terminal:
        errors.print(f"{label}…", highlight=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Elapsed())
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task(label, total=persons * months)
        yield lambda person_months: bar.advance(task, person_months)


def defaults_read(system, report: "Report") -> list[str]:
    """A remark on the yearly inputs that the law read and the file did not give."""
    names = [
        f"{name} = {float(system.get_variable(name).default_value):g} ({', '.join(sorted(years))})"
        for name, years in sorted(report.defaults.items())
        if years
    ]
    return [f"Not in the file, read as their default: {'; '.join(names)}."] if names else []


def show_population(
    screen: "Console",
    population: "Population",
    totals: "Totals",
    file: Path | None,
    seed: int | None,
) -> None:
    """Print who was simulated: beside what is published, for the embedded population."""
    from openfisca_cej.population import display

    if file is None:
        from openfisca_cej.population import comparison, synthetic

        chosen = synthetic.SEED if seed is None else seed
        margins = synthetic.load("marges_paca_2022")
        title = f"{margins['titre']} (population synthétique, graine {chosen})"
        lines = comparison.comparisons(population, totals, margins)
        screen.print(display.comparison_table(title, lines), width=max(screen.width, WIDTH))
        return
    screen.print(file.name, style="bold", highlight=False, markup=False)
    screen.print(display.population_lines(totals), highlight=False)


def show_months(screen: "Console", totals: "Totals") -> None:
    """Print the table by month."""
    from openfisca_cej.population import display

    screen.print()
    screen.print(display.month_table(totals), width=max(screen.width, WIDTH))


def show_end(
    screen: "Console", totals: "Totals", path: Path, file: Path | None, seconds: float
) -> None:
    """Print where the results are, what they rest on, and how long they took."""
    from openfisca_cej.population.display import number

    lines = [
        "Ensemble : mois de contrat, mois payés, montant moyen d'un mois payé, total de la période."
    ]
    if file is None:
        lines.append(
            "Situation fiscale du foyer, ressources, travail, formation et sanctions sont des "
            "hypothèses, nommées et sourcées dans openfisca_cej/population/data/hypotheses.yaml ; "
            "aucune n'est réglée sur ce que l'on sait de l'allocation."
        )
    count = number(totals.persons * len(totals.months))
    lines.append(f"{count} lignes écrites dans {path} en {number(seconds, 1)} s.")
    for line in lines:
        screen.print(line, highlight=False, markup=False)


if __name__ == "__main__":
    sys.exit(main())
