"""What ``openfisca-cej validate`` prints: results beside what was published."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from openfisca_cej.commands.shared import say, told_assumptions
from openfisca_cej.french import month_name, percent
from openfisca_cej.french import plain_euros as euros
from openfisca_cej.french import plain_number as number
from openfisca_cej.population import protocol
from openfisca_cej.population.causes import SMALL, STATES, Months
from openfisca_cej.population.display import plain_table
from openfisca_cej.population.protocol import set_of
from openfisca_cej.population.validation import REPLICATES, Outcome, Validation, notable

#: Assumptions named for each result.
SHOWN = 3


def show_outcomes(screen: Console, result: Validation) -> None:
    """Print the table of results, with their verdicts."""
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


def published(item: Outcome) -> str:
    """What was published: a figure, a range, or a floor."""
    low, high = item.published
    if item.at_least:
        return f"> {amount(low, item.unit)}"
    if low == high:
        return amount(low, item.unit)
    return f"{amount(low, item.unit, bare=True)} à {amount(high, item.unit)}"


def verdict(item: Outcome) -> str:
    """Inside the interval or not, and by how much."""
    return "dedans" if item.inside else f"dehors de {signed(item.gap, item.unit)}"


def show_drivers(screen: Console, result: Validation) -> None:
    """Print which assumptions move each result."""
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


def show_series(screen: Console, result: Validation) -> None:
    """Print payees month by month."""
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


def show_notes(screen: Console, result: Validation, source: str, seconds: float) -> None:
    """Print how to read the tables."""
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


def show_causes(screen: Console, tables: Mapping[str, Months]) -> None:
    """Print months by cause and group, then by month since the first one."""
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
