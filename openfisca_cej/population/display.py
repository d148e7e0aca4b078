"""What a run shows, in French: who was simulated, who is paid each month, and how much."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table

from openfisca_cej.french import month_name, percent
from openfisca_cej.french import plain_euros as euros
from openfisca_cej.french import plain_number as number
from openfisca_cej.population.summary import Totals


@dataclass(frozen=True)
class Differences:
    """A figure simulated beside the published one; ``agrees``: do they match (None: no telling).

    ``kind``: whether it is put in, assumed, a result of the law, or not modelled.
    """

    label: str
    simulated: str
    published: str
    agrees: bool | None
    kind: str = ""


def plain_table(title: str, columns: Sequence[str]) -> Table:
    """A table whose first column is text, cut in lines where it must, and the others numbers."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for rank, column in enumerate(columns):
        table.add_column(column, justify="right" if rank else "left", no_wrap=rank > 0)
    return table


def comparison_table(title: str, comparisons: Sequence[Differences]) -> Table:
    """The population simulated, beside what is published about it."""
    table = plain_table(title, ["Communiqué du 1er mars 2023", "Simulé", "Publié", "Accord"])
    table.add_column("Nature", no_wrap=True)
    for line in comparisons:
        agreement = {True: "oui", False: "non", None: "—"}[line.agrees]
        table.add_row(line.label, line.simulated, line.published, agreement, line.kind)
    return table


def population_lines(totals: Totals) -> str:
    """The persons of a user's file, in a few lines."""
    lines = [f"Personnes : {number(totals.persons)}"]
    if totals.weighted:
        lines.append(
            f"Poids total : {number(totals.weight, totals.decimals)} (les effectifs sont pondérés)"
        )
    share = percent(totals.ever_paid / totals.weight)
    paid = number(totals.ever_paid, totals.decimals)
    lines.append(f"Payées au moins une fois : {paid} ({share})")
    return "\n".join(lines)


def month_table(totals: Totals) -> Table:
    """Contracts, payees, mean and total by month, then over the period."""
    heads = ["Mois", "Contrats", "Allocataires", "Montant moyen", "Total versé"]
    table = plain_table("Contrats en cours, jeunes payés et allocation, par mois", heads)
    means = totals.means
    for rank, month in enumerate(totals.months):
        table.add_row(
            month_name(month),
            number(totals.running[rank], totals.decimals),
            number(totals.payees[rank], totals.decimals),
            euros(means[rank]),
            euros(totals.centimes[rank] / 100),
        )
    table.add_section()
    table.add_row(
        "Ensemble",
        number(totals.running.sum(), totals.decimals),
        number(totals.payees.sum(), totals.decimals),
        euros(totals.mean),
        euros(totals.centimes.sum() / 100),
        style="bold",
    )
    return table
