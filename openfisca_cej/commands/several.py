"""``openfisca-cej compare A B A+B``: several reforms, one table of costs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.analysis.several import Several

# What is slow to import is imported where it is used: `--help` answers at once.

against_option = click.option(
    "--against",
    metavar="REFORM",
    help="One of several reforms, that the costs of the others are told beside "
    "[default: the law in force].",
)


def check_several(names: Sequence[str], against: str | None, out: Path, overwrite: bool) -> None:
    """Refuse what cannot be asked of several reforms, before anything is computed."""
    from openfisca_cej.analysis import several
    from openfisca_cej.report import several as report

    several.check(names, against)
    if len(names) > 1:
        report.spare(out, overwrite)


def show_several(
    screen: "Console", found: "Several", paths: Sequence[Path], seconds: float
) -> None:
    """Print the table of costs, the interactions, who wins and loses."""
    from openfisca_cej import french
    from openfisca_cej.analysis.several import INTERACTION
    from openfisca_cej.analysis.wording import INTERVALS
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.report import page, words
    from openfisca_cej.report import several as report

    def say(text: str) -> None:
        screen.print(french.plain(text), highlight=False, markup=False, soft_wrap=True)

    first = found.first
    kind = INTERVALS[first.sampling.kind]
    title = f"{page.span(first)}, coût par rapport au {found.against} ; intervalle à 95 % : {kind}"
    if found.against in found.comparisons:
        title = title.replace("rapport au ", "rapport à ")
    table = plain_table(title, ["", "Coût", "Intervalle", "Échantillonnage seul"])
    for one in found.costs:
        label = f"Interaction : {one.title}" if one.kind == INTERACTION else one.title
        told = words.signed(one.difference, "€", "total", one.interval)
        spans = [words.interval(ends, "€", "total") for ends in (one.interval, one.sampling)]
        cells = [words.SECRET if one.masked else told, *spans]
        table.add_row(label, *(french.plain(cell) for cell in cells))
    screen.print(table)
    for one in found.costs:
        if one.kind == INTERACTION:
            say(report.sentence(one))
    for name, comparison in found.comparisons.items():
        say(f"{name} : {' '.join(page.winners(comparison)) or page.lead(comparison)}")
    for name, comparison in found.beside.items():
        say(f"{name}, par rapport à {found.against} : {' '.join(page.winners(comparison))}")
    for caution in dict.fromkeys(one for each in found.comparisons.values() for one in each.bias):
        say(f"! {caution}")
    say(f"Écrit en {french.plain_number(seconds, 1)} s : {', '.join(map(str, paths))}")
