"""The command ``openfisca-cej compare``: the law beside a reform, on the same people."""

import os
import time
from collections.abc import Callable
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.group import quiet
from openfisca_cej.commands.shared import (
    UNIVERSES,
    Given,
    Refused,
    assumptions_option,
    check_work,
    date_option,
    goes_with,
    margins_option,
    monthly_option,
    overwrite_option,
    progress,
    read_assumptions,
    read_place,
    read_reform,
    refusals,
    say,
    seed_option,
    told_assumptions,
    told_moment,
    told_region,
    wide_console,
    work_options,
    worth,
)
from openfisca_cej.commands.years import read_years, scenario_option, show_years, years_option
from openfisca_cej.french import plain

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.analysis.comparison import (
        Breakdown,
        Comparison,
        GroupEffect,
        Interval,
        Measure,
    )
    from openfisca_cej.analysis.several import Several

#: Columns that the tables always take.
WIDTH = 180

#: Draws of a table of years when none are asked for.
DRAWS_OF_YEARS = 20

#: Persons of a universe when none are asked for.
SIZE = 20_000

#: Months of a universe when none are asked for: from the first entry to the end of the year after.
WINDOWS = {"2022": "2022-03:2022-12", "2023": "2023-01:2023-12", "2022-2023": "2022-03:2024-12"}


@click.command()
@click.argument("reforms", metavar="REFORM…", nargs=-1, required=True)
@click.option(
    "--against",
    metavar="REFORM",
    help="One of several reforms, that the costs of the others are told beside "
    "[default: the law in force].",
)
@click.option(
    "--population",
    "file",
    type=Given(),
    help="CSV or Parquet file of persons, or folder of part files: see simulate.",
)
@click.option(
    "--attributes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the model does not read (operateur, homme, niveau_de_vie…), by individu_id "
    "[default: FILE_attributs beside FILE, if it is there].",
)
@monthly_option
@click.option("--universe", type=click.Choice(UNIVERSES), help="A synthetic population.")
@click.option("--region", type=click.Choice(["PACA", "France"]), default=None)
@margins_option
@click.option(
    "--year",
    default=None,
    metavar="YYYY",
    help="From 2022 to 2027; 2022-2023: the entrants of France of both, beside what is published.",
)
@date_option
@click.option("--size", type=click.IntRange(200, 50_000_000), help=f"Persons drawn [{SIZE}].")
@seed_option
@assumptions_option(", for a universe [default: calibrated]", default=None)
@click.option("--months", metavar="YYYY-MM:YYYY-MM", help="Both included; required with a file.")
@years_option
@scenario_option
@click.option(
    "--draws",
    type=click.IntRange(0, 10_000),
    help="Of the assumptions and of the people, for the intervals of a universe [50] or of --years "
    "[20]; 0: none, sampling alone.",
)
@click.option(
    "--by",
    metavar="NAME,NAME…",
    help="Cut by tier, age, wages, operator, sex or any attribute [default: all the usual ones].",
)
@click.option(
    "--threshold",
    type=float,
    default=1.0,
    show_default=True,
    help="Euros a month from which one wins or loses.",
)
@click.option(
    "--min-group",
    type=click.IntRange(min=0),
    default=11,
    show_default=True,
    help="Cells that rest on fewer persons are masked.",
)
@click.option(
    "--replicates",
    type=click.IntRange(min=0),
    default=200,
    show_default=True,
    help="Of the sampling intervals; 0: none.",
)
@click.option(
    "--rates",
    is_flag=True,
    help="Marginal rates of whoever has a wage, by band, and cliffs within 50 € (slower).",
)
@work_options
@overwrite_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("comparaison"),
    show_default=True,
    help="Directory of the results, the report and run.json.",
)
def compare(
    reforms: tuple[str, ...],
    against: str | None,
    file: Path | None,
    attributes: Path | None,
    monthly: Path | None,
    universe: str | None,
    region: str | None,
    place: Path | None,
    year: str | None,
    day: str | None,
    size: int | None,
    seed: int,
    assumptions: str | None,
    months: str | None,
    years: str | None,
    figures: Path | None,
    by: str | None,
    threshold: float,
    min_group: int,
    replicates: int,
    draws: int | None,
    rates: bool,
    threads: int,
    workers: int,
    cluster: str | None,
    overwrite: bool,
    out: Path,
) -> None:
    """Compare the law with a reform, or with several, on the same people.

    REFORM is a YAML or JSON file, a ready-made name (see « openfisca-cej reforms »), or several
    joined by +. Several of them, as « A B A+B », make one report with the table of their costs and
    their interaction. Without --population: the entrants of France of 2022 and 2023, which
    make the budget of 2023.

    Writes resultats.csv and resultats.parquet (one row a measure), the report and run.json, which
    « openfisca-cej verify » redoes. They appear only when complete, and never replace those of
    another comparison without --overwrite.
    """
    started = time.perf_counter()
    one_thread_a_product()
    universe_options = (universe, region, place, year, day, size, assumptions, draws)
    if file is not None and any(option is not None for option in universe_options):
        raise Refused(_("--population goes without --universe, --region, --year, --size…: choose."))
    if file is None and attributes is not None:
        raise goes_with("--attributes", "--population")
    if file is None and monthly is not None:
        raise goes_with("--monthly", "--population")
    if years is not None:
        if file or universe or year or day or months or by or rates:
            raise Refused(_("--years goes with --region, --margins, --scenario, --size… only."))
        if len(reforms) > 1:
            raise Refused(_("--years goes with one reform."))
        where = told_region("presents", region, place) or "France"
        asked_draws = DRAWS_OF_YEARS if draws is None else draws
        of_years = (read_reform(reforms[0]), read_years(years), where, place, figures)
        chosen = (*of_years, size, asked_draws, seed)
        show_years(*chosen, assumptions or "calibrated", out, overwrite)
        return
    if figures is not None:
        raise goes_with("--scenario", "--years")
    check_work(workers, cluster)
    if file is not None and months is None:
        raise Refused(_("Say which months: for instance --months 2026-01:2026-12"))
    from rich.console import Console

    from openfisca_cej.analysis import compare as comparing
    from openfisca_cej.analysis import several, sources, writing
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.memory import keep_freed_memory
    from openfisca_cej.report import several as report

    keep_freed_memory()
    errors = Console(stderr=True, quiet=quiet())
    with refusals(file, out):
        found = {name: read_reform(name) for name in dict.fromkeys(reforms)}
        several.check(list(found), against)
        if len(found) > 1:
            report.spare(out, overwrite)
        if file is None:
            universe = universe or "entrants"
            year = year or (None if day else default_year(universe, region))
            year = told_moment(universe, year, day)
            region = told_region(universe, region, place) or "France"
            sources.check(universe, region, year)
        window = months or window_of(str(year))
        names = None if by is None else [name.strip() for name in by.split(",") if name.strip()]
        asked = comparing.options(
            window, names, threshold, min_group, replicates, seed, draws, rates
        )
        source = assumptions or "calibrated"
        given = read_assumptions(source)
        with errors.status(_("Looking at the input…")):
            if file is not None:
                origin = sources.of_files(file, attributes, monthly)
            else:
                entrants = sources.public_of(found.values(), str(year))
                asked_of = (str(universe), str(region), str(year), size or SIZE, seed, given)
                origin = sources.of_universe(*asked_of, read_place(place), entrants)
        single = len(found) == 1
        former = ""
        if single:
            (one,) = found.values()
            writing.spare(out, writing.asked_of(one, origin, asked.months), overwrite)
            former = writing.former(out)
        rounds = len(found) if against is None else 2 * len(found) - 1
        persons = rounds * (origin.count + comparing.drawn_persons(origin, asked))
        label = _("Comparing {persons} persons × {months} months × 2").format(
            persons=number(persons), months=len(asked.months)
        )
        at_once = worth(workers, origin.count)
        with progress(errors, label, 2 * persons * len(asked.months)) as advance:
            means = comparing.Means(threads, advance, at_once, cluster, out)
            result = several.compared(found, origin, asked, against, means)
        if single:
            paths = writing.write(result.first, out, reporter(), overwrite)
        else:
            paths = report.write(result, out, overwrite)
    if former:
        told = _("In {out}, the results of the comparison « {former} » are replaced.")
        say(errors, told.format(out=out, former=former))
    if file is None and (told := told_assumptions(source)):
        say(errors, told)
    say(errors, *result.first.remarks)
    screen, seconds = wide_console(WIDTH, summary=True), time.perf_counter() - started
    if single:
        show(screen, result.first, paths, seconds)
    else:
        show_several(screen, result, paths, seconds)


def one_thread_a_product() -> None:
    """Parts are done side by side: each product of matrices takes one thread, not all of them.

    OpenBLAS reads this once, when NumPy is imported.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def window_of(year: str) -> str:
    """The months of a universe: those of its year, of its day, or those shipped."""
    return WINDOWS.get(year) or (f"{year}-01:{year}-12" if len(year) == 4 else year[:7])


def default_year(universe: str, region: str | None) -> str:
    """The entrants that make a year's budget, where they can be drawn."""
    if universe == "presents":
        return "2026"
    both = universe == "entrants" and region in (None, "France")
    return "2022-2023" if both else "2022"


def reporter() -> Callable[["Comparison", Path], object] | None:
    """What writes rapport.html and classeur.xlsx, if it is there."""
    try:
        from openfisca_cej import report
    except ImportError:
        return None
    return report.fill  # The call to the report.


# What is printed.


def show(screen: "Console", found: "Comparison", paths: list[Path], seconds: float) -> None:
    """Print the reform, the budget, winners and losers, typical cases."""
    from openfisca_cej.analysis.blind_spots import UNSEEN
    from openfisca_cej.french import plain_number as number

    say(screen, f"Réforme : {found.title}", style="bold")
    say(screen, found.summary)
    if found.unseen:
        say(screen, f"{UNSEEN[0].upper()}{UNSEEN[1:]}.", style="bold")
    cautions = [one for one in (found.outside, found.scope, *found.warnings, *found.bias) if one]
    say(screen, *(f"! {caution}" for caution in cautions), style="yellow")
    people = found.people
    count = f"{number(people.persons)} personnes"
    if people.weighted:
        count += f" qui en représentent {number(people.weight)}"
    say(screen, f"{people.title} : {count}.")
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


def show_periods(screen: "Console", found: "Comparison") -> None:
    """Print the years and the window (the months, when there are few)."""
    from openfisca_cej.analysis.wording import INTERVALS
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.report import words

    heads = ["", "Mois payés", "Différence", "Total avant", "Total après", "Différence"]
    title = f"Mois payés et budget ; intervalle à 95 % : {INTERVALS[found.sampling.kind]}"
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


def show_groups(screen: "Console", found: "Comparison") -> None:
    """Print winners and losers by group."""
    from openfisca_cej.french import plain_euros as euros
    from openfisca_cej.population.display import plain_table

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


def row_of_group(table: Any, group: "GroupEffect", label: str) -> None:
    """A row of the table of groups."""
    from openfisca_cej.report import words

    counts = ("personnes", "gagnants", "perdants", "inchanges")
    persons, won, lost, same = (words.counted(group.measure(name)) for name in counts)
    means = ("gain_moyen", "perte_moyenne", "total")
    gain, loss, budget = (words.change(group.measure(name)) for name in means)
    cells = (persons, won, gain, lost, loss, same, budget)
    table.add_row(label, *(plain(cell) for cell in cells))


def show_cases(screen: "Console", found: "Comparison") -> None:
    """Print the typical cases."""
    from openfisca_cej.french import month_name
    from openfisca_cej.french import plain_euros as euros
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.population.months import month_number

    month = month_name(month_number(found.months[-1]))
    heads = ["Cas type", "Avant", "Après", "Différence"]
    table = plain_table(f"Cas types, {month}", heads)
    for case in found.cases:
        cells = [euros(value) for value in (case.baseline, case.reform, case.difference)]
        table.add_row(case.label, *cells)
    screen.print(table)


def show_rates(screen: "Console", found: "Breakdown") -> None:
    """Print the marginal rates by band."""
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.report import words

    table = plain_table(found.label, ["", "Mois payés avant", "Part", "après", "Part"])
    for group in found.groups:
        months, share = group.measure("mois_payes"), group.measure("part")
        cells = [tell(one) for tell in (words.before, words.after) for one in (months, share)]
        table.add_row(group.label, *map(plain, cells))
    screen.print(table)


def show_drivers(screen: "Console", found: "Comparison") -> None:
    """Print the assumptions that weigh most on the cost."""
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.report import words

    heads = ["Ce qui pèse sur le coût", "Valeur basse", "Coût", "Valeur haute", "Coût"]
    table = plain_table("Coût de la réforme quand une seule hypothèse change", heads)
    ends = found.main.measure("total").interval
    for one in found.drivers:
        costs = [
            plain(words.signed(cost, "€", "total", ends)) for cost in (one.at_low, one.at_high)
        ]
        table.add_row(one.label, one.low, costs[0], one.high, costs[1])
    screen.print(table)


def show_published(screen: "Console", found: "Comparison") -> None:
    """Print the published figures that are not of one month."""
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.display import plain_table

    heads = ["", "Publié", "Avant", "Verdict", "Après", "Unité"]
    table = plain_table("Ce qui est publié", heads)
    for figure in found.published:
        if not figure.month:
            low, high = figure.published
            decimals = 0 if low >= 1000 else 2
            told = number(low, decimals) if low == high else f"{low:g} à {high:g}"
            sides = [number(value, decimals) for value in (figure.baseline, figure.reform)]
            table.add_row(figure.label, told, sides[0], figure.verdict, sides[1], figure.unit)
    if table.row_count:
        screen.print(table)


def span(measure: "Measure", ends: "Interval | None") -> str:
    """An interval of a measure."""
    from openfisca_cej.report import words

    return plain(words.range_of(measure, ends) or (words.SECRET if measure.masked else "—"))


def show_several(screen: "Console", found: "Several", paths: list[Path], seconds: float) -> None:
    """Print the table of costs, the interactions, who wins and loses."""
    from openfisca_cej.analysis.several import INTERACTION
    from openfisca_cej.analysis.wording import INTERVALS
    from openfisca_cej.french import plain_number
    from openfisca_cej.population.display import plain_table
    from openfisca_cej.report import page, words
    from openfisca_cej.report import several as report

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
    lines.append(f"Écrit en {plain_number(seconds, 1)} s : {', '.join(map(str, paths))}")
    say(screen, *map(plain, lines))
