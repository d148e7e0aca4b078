"""The command ``openfisca-cej check``: what is wrong in a file of persons, all of it."""

import datetime
from gettext import gettext as _
from gettext import ngettext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openfisca_cej.commands.shared import (
    Given,
    Refused,
    format_option,
    monthly_option,
    notice,
    of_options,
    others,
    read_months,
    unknown_columns,
)
from openfisca_cej.refusals import no_access
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_cej.population.checks import Checked
    from openfisca_cej.population.schema import Others


@click.command()
@click.argument("source", metavar="FILE|FOLDER", type=Given())
@monthly_option
@click.option(
    "--months",
    metavar="YYYY-MM:YYYY-MM",
    help="Months that would be simulated [default: from the law's first to the end of this year].",
)
@format_option(
    "text",
    "csv",
    "json",
    help="json: one object a fault, with file, row, column, problem and remedy; csv: a line each.",
)
@unknown_columns
@click.pass_context
def check(
    context: click.Context,
    source: Path,
    monthly: Path | None,
    months: str | None,
    form: str,
    keep: str,
    ignore_unknown: bool,
) -> None:
    """Check persons in CSV or Parquet, without simulating anything.

    All the faults are reported, each with its file, row (line of a CSV file), column and remedy.
    A folder of part files is checked as one population.

    Exit status: 0 without a fault, 2 otherwise.
    """
    checked = checked_files(source, monthly, months, others(keep, ignore_unknown))
    faults = [found.to_json() for found in checked.faults]
    if form == "json":
        click.echo(as_json(faults))
    elif form == "csv":
        click.echo(as_csv(faults, ("file", "row", "column", "problem", "remedy")), nl=False)
    else:
        show(source, checked)
    context.exit(2 if checked.faults else 0)


def checked_files(
    source: Path, monthly: Path | None, months: str | None, unknown: "Others"
) -> "Checked":
    """What the checks find. Raises Refused."""
    from openfisca_cej.population import checks
    from openfisca_cej.population.arrow import MissingLibrary
    from openfisca_cej.population.engine import first_month
    from openfisca_cej.population.jobs import check_kept
    from openfisca_cej.refusals import BadRequest
    from openfisca_cej.systems import model

    system = model()
    try:
        check_kept(unknown, system)
    except BadRequest as error:
        raise Refused(of_options(str(error))) from None
    last = 12 * datetime.date.today().year + 12
    window = range(first_month(system), last) if months is None else read_months(months)
    try:
        if monthly is not None:
            return checks.check_long(source, monthly, system, window, unknown)
        return checks.check_source(source, system, window, unknown)
    except MissingLibrary as error:
        raise Refused(f"{error}") from None
    except OSError as error:
        raise Refused(f"{no_access(error.filename or source, error)}.") from None


def show(source: Path, checked: "Checked") -> None:
    """Print the faults; without any, what a simulation would take for granted."""
    if checked.faults:
        for found in checked.faults:
            click.echo(found.sentence)
        count = len(checked.faults)
        click.echo(ngettext("{count} fault.", "{count} faults.", count).format(count=count))
        return
    for remark in checked.remarks:
        notice(remark, err=False)
    told = _("{source}: {count} persons, no fault.")
    click.echo(told.format(source=source.name or source, count=checked.persons))
