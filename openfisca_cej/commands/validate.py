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
    Given,
    Refused,
    assumptions_option,
    format_option,
    goes_with,
    notice,
    progress,
    read_assumptions,
    read_months,
    refusals,
    seed_option,
    wide_console,
)
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_cej.population.causes import Months
    from openfisca_cej.population.validation import Validation

#: Columns of the widest table.
TABLE_WIDTH = 170

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
    type=Given(),
    help="A FILE of persons of yours, in place of the synthetic entrants: its months by cause, and "
    "by month since the first one.",
)
@click.option("--months", metavar="YYYY-MM:YYYY-MM", help="Months of the FILE, both included.")
@click.option("--by", metavar="NAME", help="Its groups [default: operateur].")
@format_option("text", "csv", "json", help="csv: a result, or a cause of months, a line.")
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
    from openfisca_cej.commands import validation_shown as shown
    from openfisca_cej.population import validation

    if form == "json":
        click.echo(as_json(validation.as_json(result)))
        return
    if form == "csv":
        rows = validation.as_json(result)["resultats"]
        columns = [name for name, value in rows[0].items() if not isinstance(value, dict)]
        click.echo(as_csv(rows, columns), nl=False)
        return
    screen = wide_console(TABLE_WIDTH)
    shown.show_outcomes(screen, result)
    shown.show_drivers(screen, result)
    shown.show_causes(screen, {"": result.causes})
    shown.show_series(screen, result)
    show_assumptions(screen, given)
    shown.show_notes(screen, result, assumptions, time.perf_counter() - started)


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
        raise Refused(f"--size {size}{_(': ')}{error}. {_('Ask for more.')}") from None
    except ValueError as error:
        raise Refused(f"--assumptions{_(': ')}{error}.") from None


# A user's file.


def show_own(
    file: Path, months: str, by: str, given: dict[str, Any], seed: int, size: int, form: str
) -> None:
    """Print the months by cause of a file of persons, beside those of the synthetic entrants."""
    from openfisca_cej.commands import validation_shown as shown
    from openfisca_cej.population import validation
    from openfisca_cej.systems import model

    system = model()
    own = months_of_file(system, file, months, by)
    synthetic = validation.simulated(system, given, seed, size, by_cause=True).months
    assert synthetic is not None, "asked for by cause"
    tables = {file.name: own, "synthétique, 2023": synthetic}
    told = {name: table.to_json() for name, table in tables.items()}
    if form == "json":
        click.echo(as_json(told))
        return
    if form == "csv":
        rows = (
            (name, group, cause, share)
            for name, table in told.items()
            for group, causes in {"": table["ensemble"], **table["groupes"]}.items()
            for cause, share in causes.items()
        )
        click.echo(as_csv(rows, ("fichier", "groupe", "cause", "part")), nl=False)
        return
    shown.show_causes(wide_console(TABLE_WIDTH), tables)


def months_of_file(system: Any, file: Path, months: str, by: str) -> "Months":
    """The months by cause of a file. Raises Refused."""
    from openfisca_cej.analysis import sources
    from openfisca_cej.analysis.compare import in_force
    from openfisca_cej.population import causes, engine

    found = causes.Months()
    with refusals(file, Path()):
        window = read_months(months)
        in_force(window, system)
        for piece in sources.of_files(file).pieces(1):
            people = piece.make(system, window)
            for block in engine.simulate(system, people, window, causes.VARIABLES):
                weights = None if people.weights is None else people.weights[block.persons]
                groups = people.attributes.get(by)
                named = None if groups is None else groups[block.persons]
                found.add(block.values, weights, named)
    return found
