"""The command ``openfisca-cej compare``: the law beside a reform, on the same people."""

import os
import time
from gettext import gettext as _
from pathlib import Path

import click

from openfisca_cej.commands.group import quiet
from openfisca_cej.commands.shared import (
    UNIVERSES,
    Given,
    InputFile,
    Out,
    Refused,
    assumptions_option,
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
)
from openfisca_cej.commands.years import read_years, scenario_option, show_years, years_option
from openfisca_cej.french import plain_number as number

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
    type=InputFile(),
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
    type=Out("resultats.csv", folder=True),
    default=Path("comparaison"),
    show_default=True,
    help="Directory of the results, the report and run.json; « - »: resultats.csv alone, on the "
    "standard output.",
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
    if file is not None and months is None:
        raise Refused(_("Say which months: for instance --months 2026-01:2026-12"))
    from rich.console import Console

    from openfisca_cej.analysis import compare as comparing
    from openfisca_cej.analysis import several, sources, writing
    from openfisca_cej.commands import comparison_shown as shown
    from openfisca_cej.population.memory import keep_freed_memory
    from openfisca_cej.report import fill
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
        with progress(errors, label, 2 * persons * len(asked.months)) as advance:
            means = comparing.Means(threads, advance, cluster, out)
            result = several.compared(found, origin, asked, against, means)
        if single:
            paths = writing.write(result.first, out, fill, overwrite)
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
        shown.show(screen, result.first, paths, seconds)
    else:
        shown.show_several(screen, result, paths, seconds)


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
