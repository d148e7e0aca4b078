"""What ``openfisca-cej compare`` prints of a comparison, or of several reforms."""

from pathlib import Path
from typing import Any

from rich.console import Console

from openfisca_cej.analysis.blind_spots import UNSEEN
from openfisca_cej.analysis.comparison import (
    Breakdown,
    Comparison,
    GroupEffect,
    Interval,
    Measure,
)
from openfisca_cej.analysis.several import INTERACTION, Several
from openfisca_cej.commands.shared import say
from openfisca_cej.french import month_name, plain
from openfisca_cej.french import plain_euros as euros
from openfisca_cej.french import plain_number as number
from openfisca_cej.population.display import plain_table
from openfisca_cej.population.months import month_number
from openfisca_cej.report import page, words
from openfisca_cej.report import several as report


def show(screen: Console, found: Comparison, paths: list[Path], seconds: float) -> None:
    """Print the reform, the budget, winners and losers, typical cases."""
    say(screen, f"Réforme : {found.title}", style="bold")
    say(screen, found.summary)
    if found.unseen:
        say(screen, f"{UNSEEN[0].upper()}{UNSEEN[1:]}.", style="bold")
    cautions = found.cautions
    say(screen, *(f"! {caution}" for caution in cautions), style="yellow")
    say(screen, plain(page.people(found)))
    show_periods(screen, found)
    show_groups(screen, found)
    show_cases(screen, found)
    if found.rates is not None:
        show_rates(screen, found.rates)
    if found.drivers:
        show_drivers(screen, found)
    if found.published:
        show_published(screen, found)
    say(screen, *(f"• {limit}" for limit in found.limits if limit not in cautions))
    say(screen, f"Écrit en {number(seconds, 1)} s : {', '.join(map(str, paths))}")


def show_periods(screen: Console, found: Comparison) -> None:
    """Print the years and the window (the months, when there are few)."""
    heads = ["", "Mois payés", "Différence", "Total avant", "Total après", "Différence"]
    title = f"Mois payés et budget ; intervalle à 95 % : {found.sampling.over}"
    heads.append("Intervalle")
    if found.sampling.draws:
        title += ", puis échantillonnage seul"
        heads.append("Échantillonnage seul")
    table = plain_table(title, heads)
    months = found.of_kind("mois")
    for period in [*(months if len(months) <= 24 else []), *found.of_kind("annee"), found.window]:
        payees, total = period.measure("mois_payes"), period.measure("total")
        table.add_row(
            period.label,
            *(plain(tell(payees)) for tell in (words.before, words.change)),
            *(plain(tell(total)) for tell in (words.before, words.after, words.change)),
            span(total, total.interval),
            *([span(total, total.sampling)] if found.sampling.draws else []),
        )
    screen.print(table)


def show_groups(screen: Console, found: Comparison) -> None:
    """Print winners and losers by group."""
    title = f"Gagnants et perdants (à partir de {euros(found.threshold)} par mois de contrat)"
    heads = ["", "Personnes", "Gagnants", "Gain moyen", "Perdants", "Perte moyenne", "Inchangés"]
    table = plain_table(title, [*heads, "Différence de budget"])
    row_of_group(table, found.whole, "Ensemble")
    for breakdown in found.breakdowns:
        table.add_section()
        table.add_row(breakdown.label, style="bold")
        for group in breakdown.groups:
            row_of_group(table, group, f"  {group.label}")
    screen.print(table)


def row_of_group(table: Any, group: GroupEffect, label: str) -> None:
    """A row of the table of groups."""
    counts = ("personnes", "gagnants", "perdants", "inchanges")
    persons, won, lost, same = (words.counted(group.measure(name)) for name in counts)
    means = ("gain_moyen", "perte_moyenne", "total")
    gain, loss, budget = (words.change(group.measure(name)) for name in means)
    cells = (persons, won, gain, lost, loss, same, budget)
    table.add_row(label, *(plain(cell) for cell in cells))


def show_cases(screen: Console, found: Comparison) -> None:
    """Print the typical cases."""
    month = month_name(month_number(found.months[-1]))
    heads = ["Cas type", "Avant", "Après", "Différence"]
    table = plain_table(f"Cas types, {month}", heads)
    for case in found.cases:
        cells = [euros(value) for value in (case.baseline, case.reform, case.difference)]
        table.add_row(case.label, *cells)
    screen.print(table)


def show_rates(screen: Console, found: Breakdown) -> None:
    """Print the marginal rates by band."""
    table = plain_table(found.label, ["", "Mois payés avant", "Part", "après", "Part"])
    for group in found.groups:
        months, share = group.measure("mois_payes"), group.measure("part")
        cells = [tell(one) for tell in (words.before, words.after) for one in (months, share)]
        table.add_row(group.label, *map(plain, cells))
    screen.print(table)


def show_drivers(screen: Console, found: Comparison) -> None:
    """Print the assumptions that weigh most on the cost."""
    heads = ["Ce qui pèse sur le coût", "Valeur basse", "Coût", "Valeur haute", "Coût"]
    table = plain_table("Coût de la réforme quand une seule hypothèse change", heads)
    for one in found.drivers:
        low, high = map(plain, words.costs(one))
        table.add_row(one.label, one.low, low, one.high, high)
    screen.print(table)


def show_published(screen: Console, found: Comparison) -> None:
    """Print the published figures that are not of one month."""
    heads = ["", "Publié", "Avant", "Verdict", "Après", "Unité"]
    table = plain_table("Ce qui est publié", heads)
    for figure in found.published:
        if not figure.month:
            decimals = 0 if figure.published[0] >= 1000 else 2
            ends, sides = (
                [number(value, decimals) for value in pair]
                for pair in (figure.published, (figure.baseline, figure.reform))
            )
            told = " à ".join(dict.fromkeys(ends))
            table.add_row(figure.label, told, sides[0], figure.verdict, sides[1], figure.unit)
    if table.row_count:
        screen.print(table)


def span(measure: Measure, ends: Interval | None) -> str:
    """An interval of a measure."""
    return plain(words.range_of(measure, ends) or (words.SECRET if measure.masked else "—"))


def show_several(screen: Console, found: Several, paths: list[Path], seconds: float) -> None:
    """Print the table of costs, the interactions, who wins and loses."""
    first = found.first
    kind = first.sampling.over
    title = f"{page.span(first)}, coût par rapport au {found.against} ; intervalle à 95 % : {kind}"
    if found.against in found.comparisons:
        title = title.replace("rapport au ", "rapport à ")
    more = ["Échantillonnage seul"] if first.sampling.draws else []
    table = plain_table(title, ["", "Coût", "Intervalle", *more])
    for one in found.costs:
        label = f"Interaction : {one.title}" if one.kind == INTERACTION else one.title
        told = words.signed(one.difference, "€", "total", one.interval)
        kinds = (one.interval, one.sampling)[: 1 + len(more)]
        spans = [words.interval(ends, "€", "total") for ends in kinds]
        cells = [words.SECRET if one.masked else told, *spans]
        table.add_row(label, *(plain(cell) for cell in cells))
    screen.print(table)
    lines = [report.sentence(one) for one in found.costs if one.kind == INTERACTION]
    for name, comparison in found.comparisons.items():
        lines.append(f"{name} : {' '.join(page.winners(comparison)) or page.lead(comparison)}")
    for name, comparison in found.beside.items():
        winners = " ".join(page.winners(comparison))
        lines.append(f"{name}, par rapport à {found.against} : {winners}")
    biases = (one for each in found.comparisons.values() for one in each.bias)
    lines += [f"! {caution}" for caution in dict.fromkeys(biases)]
    lines.append(f"Écrit en {number(seconds, 1)} s : {', '.join(map(str, paths))}")
    say(screen, *map(plain, lines))
