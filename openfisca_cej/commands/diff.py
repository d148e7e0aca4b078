"""The command ``openfisca-cej diff``: which amounts change, and why."""

import datetime
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.shared import Refused, format_option, goes_with, read_reform, refusals
from openfisca_cej.commands.situations import out_option, write
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_cej.analysis.difference import Difference


#: What CSV tells of each cause: amounts in euros.
CAUSE = ("kind", "name", "label", "before", "after", "cases", "lowest", "highest")


@click.command()
@click.option("--from", "first", metavar="YYYY-MM", help="Month before.")
@click.option("--to", "last", metavar="YYYY-MM", help="Month after.")
@click.option("--reform", metavar="FILE|NAME|A+B", help="Law after, beside the law in force.")
@click.option("--against", metavar="FILE|NAME|A+B", help="Law before, with --reform.")
@click.option(
    "--installed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Python of an environment with another version of openfisca-cej: it is the version "
    "before, this one the version after.",
)
@click.option("--month", metavar="YYYY-MM", help="Month of two reforms or versions [default: now].")
@format_option("md", "csv", "json", help="csv: a cause a line.")
@out_option
def diff(
    first: str | None,
    last: str | None,
    reform: str | None,
    against: str | None,
    installed: Path | None,
    month: str | None,
    form: str,
    out: Path | None,
) -> None:
    """Tell which amounts change between two dates, two reforms or two versions.

    The allowance is computed on more than 75 000 cases (places, tiers, ages, wages, benefits,
    sanctions, contracts near their end, incomes near the tax…); those that change are grouped by
    cause. What changes and that no case is touched by is named apart.

    \b
    openfisca-cej diff --from 2025-03 --to 2025-04
    openfisca-cej diff --reform montants_rsa --against age_29 --month 2026-01
    openfisca-cej diff --installed old/bin/python --month 2026-01
    """
    dates = first is not None or last is not None
    ways = (dates, reform is not None or against is not None, installed is not None)
    if sum(ways) != 1:
        raise Refused(_("Say what to compare: --from and --to, or --reform, or --installed."))
    if dates and (first is None or last is None):
        raise Refused(_("--from and --to go together."))
    if dates and month is not None:
        raise Refused(_("--month is for reforms and versions: remove it."))
    if against is not None and reform is None:
        raise goes_with("--against", "--reform")
    from openfisca_cej.analysis.difference import markdown, to_json

    with refusals(None, Path()):
        found = difference(first, last, reform, against, installed, month or this_month())
    told = to_json(found)
    if form == "json":
        write(as_json(told), out)
    elif form == "csv":
        write(as_csv(told["causes"], CAUSE), out)
    else:
        write(markdown(found), out)


def this_month() -> str:
    """The current month."""
    return f"{datetime.date.today():%Y-%m}"


def difference(
    first: str | None,
    last: str | None,
    reform: str | None,
    against: str | None,
    installed: Path | None,
    month: str,
) -> "Difference":
    """The two sides, and what changes."""
    from openfisca_cej.analysis import difference as differing
    from openfisca_cej.systems import model

    law = model()
    if first is not None and last is not None:
        months = [differing.checked_month(law, text) for text in (first, last)]
        before, after = (differing.side(law, text, text) for text in months)
        return differing.between(before, after)
    checked = differing.checked_month(law, month)
    if installed is not None:
        before = differing.installed(installed, checked)
        return differing.between(before, differing.side(law, checked, f"cette version ({checked})"))
    sides = [law_of(text) for text in (against, reform)]
    before, after = (
        differing.side(system, checked, f"{label} ({checked})", sides[-1][0])
        for system, label in sides
    )
    return differing.between(before, after)


def law_of(text: str | None) -> tuple[Any, str]:
    """The law, reformed if asked, and what it is called."""
    from openfisca_cej.systems import reformed

    if text is None:
        return reformed(None), "droit en vigueur"
    reform = read_reform(text)
    return reformed(reform), reform.title
