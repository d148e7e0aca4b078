"""The command ``openfisca-cej``."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.check import check
from openfisca_cej.commands.compare import compare
from openfisca_cej.commands.curve import curve
from openfisca_cej.commands.diff import diff
from openfisca_cej.commands.explain import case, explain, missing, timeline
from openfisca_cej.commands.group import HELP, Commands, lang_option, quiet, quiet_option
from openfisca_cej.commands.law import law
from openfisca_cej.commands.overpaid import overpaid
from openfisca_cej.commands.population import population
from openfisca_cej.commands.questions import questions
from openfisca_cej.commands.reconcile import reconcile
from openfisca_cej.commands.reforms import reforms
from openfisca_cej.commands.resources import resources
from openfisca_cej.commands.serve import serve
from openfisca_cej.commands.shared import (
    Given,
    Refused,
    assumptions_option,
    format_option,
    goes_with,
    monthly_option,
    others,
    overwrite_option,
    pour,
    progress,
    read_assumptions,
    read_months,
    read_reform,
    refusals,
    say,
    told_assumptions,
    unknown_columns,
    wide_console,
    work_options,
)
from openfisca_cej.commands.validate import validate
from openfisca_cej.commands.verify import verify
from openfisca_cej.names import LUMP_SUM, RESULT, RUNNING
from openfisca_cej.versions import package_version

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.population.comparison import Interval
    from openfisca_cej.population.run import RunResult
    from openfisca_cej.population.stale import Counts
    from openfisca_cej.population.summary import Totals
    from openfisca_cej.population.table import Population

# What only a simulation needs is imported where it is used: `--help` and `--version` are light.

#: Columns that the tables of a simulation may always take.
TABLE_WIDTH = 120

VARIABLES = (RUNNING, LUMP_SUM, RESULT)


@click.group(cls=Commands, context_settings={"help_option_names": HELP})
@click.version_option(package_version(), prog_name="openfisca-cej")
def main() -> None:
    """Compute the French Contrat d'engagement jeune (CEJ).

    Exit status, of every command: 0, done; 1, something to look at (law watch, verify); 2, what was
    given is refused, an unknown name included; 130 and 143, interrupted.
    """


main.params += [lang_option(), quiet_option()]


for command in (
    case,
    check,
    compare,
    curve,
    diff,
    explain,
    law,
    missing,
    overpaid,
    population,
    questions,
    reconcile,
    reforms,
    resources,
    serve,
    timeline,
    validate,
    verify,
):
    main.add_command(command)


@main.command()
@click.argument("file", required=False, type=Given())
@click.option(
    "--months",
    metavar="YYYY-MM:YYYY-MM",
    help="Months to simulate, both included. Required with a FILE; 2022-03:2023-12 without.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, allow_dash=True, path_type=Path),
    default=Path("resultats"),
    show_default=True,
    help="Directory where the results and run.json are written; « - »: the results alone, as one "
    "CSV file, on the standard output.",
)
@monthly_option
@format_option("csv", "parquet", help="Format of the results.")
@click.option(
    "--layout",
    type=click.Choice(["person-month", "person"]),
    default="person-month",
    show_default=True,
    help="One row of results a person and month, or a person (variable@YYYY-MM columns).",
)
@click.option(
    "--reform",
    "reform_text",
    metavar="PATH|NAME|A+B",
    help="Simulate under a reform: a YAML or JSON file, a ready-made one (see « openfisca-cej "
    "reforms »), or several joined by +.",
)
@click.option(
    "--variables",
    metavar="NAME,NAME…",
    default=",".join(VARIABLES),
    show_default=True,
    help="Monthly variables of persons to write.",
)
@unknown_columns
@work_options
@click.option(
    "--resume/--no-resume",
    default=True,
    show_default=True,
    help="Keep what the same command has done already, or do everything again.",
)
@overwrite_option
@click.option(
    "--seed", type=click.IntRange(min=0), help="Seed of the embedded population [default: 2022]."
)
@assumptions_option(", for the embedded population [default: calibrated]", default=None)
def simulate(
    file: Path | None,
    months: str | None,
    out: Path,
    monthly: Path | None,
    form: str,
    layout: str,
    reform_text: str | None,
    variables: str,
    keep: str,
    ignore_unknown: bool,
    threads: int,
    cluster: str | None,
    resume: bool,
    overwrite: bool,
    seed: int | None,
    assumptions: str | None,
) -> None:
    """Simulate a population month by month.

    Without FILE: the embedded population, the 24 197 young people who entered a CEJ in
    Provence-Alpes-Côte d'Azur from March to December 2022, generated from published figures.

    FILE is a CSV (.gz, .zst), Parquet, xlsx or ods file with one row a person and columns named
    after variables, a folder of part files, a pattern, or « - » (the standard input).
    A monthly variable comes as salaire_net (every month) or
    salaire_net@2025-03 (that month), a yearly one as rni or rni@2023. Optional columns:
    individu_id, foyer_fiscal_id, famille_id, famille_role (demandeur, conjoint, enfant),
    menage_id, poids.

    The results are allocations.csv (or .parquet), or a folder allocations of part files when FILE
    is a folder or a large Parquet file; a table sums them up. They appear only when complete, and
    never replace those of another run without --overwrite. A run that was interrupted goes on
    where it was with the same command.
    """
    started = time.perf_counter()
    if file is not None and seed is not None:
        raise Refused(_("--seed is for the embedded population: remove it, or remove the file."))
    if file is not None and assumptions is not None:
        raise Refused(_("--assumptions is for the embedded population: remove it, or the file."))
    if file is not None and months is None:
        raise Refused(_("Say which months: for instance --months 2025-01:2025-12"))
    if monthly is not None and (file is None or cluster):
        raise Refused(_("--monthly goes with a FILE of persons, in this process."))
    if file is None and cluster is not None:
        raise goes_with("--cluster", "FILE")
    window = read_months("2022-03:2023-12" if months is None else months)
    asked = tuple(name.strip() for name in variables.split(",") if name.strip())
    if not asked:
        raise Refused(_("--variables names no variable."))
    reform = None if reform_text is None else read_reform(reform_text)
    from rich.console import Console

    from openfisca_cej.population.memory import keep_freed_memory

    keep_freed_memory()
    errors = Console(stderr=True, quiet=quiet())
    how: dict[str, Any] = {"variables": asked, "layout": layout, "format": form, "reform": reform}
    if file is not None:
        how["others"] = others(keep, ignore_unknown)
    elif keep or ignore_unknown:
        raise Refused(_("--keep and --ignore-unknown are for the columns of a FILE."))
    piped = str(out) == "-"
    if piped and form != "csv":
        raise Refused(_("--out -: results go to the standard output as CSV only."))
    with refusals(file, out), ExitStack() as kept:
        if piped:
            out = Path(kept.enter_context(TemporaryDirectory(prefix="openfisca-cej-")))
        if file is None:
            source = assumptions or "calibrated"
            end = simulate_embedded(window, out, seed, source, errors, how, overwrite)
        elif monthly is not None:
            end = simulate_long(file, monthly, window, out, errors, how, overwrite)
        else:
            how |= {"threads": threads, "cluster": cluster, "resume": resume}
            how["overwrite"] = overwrite
            end = simulate_files(file, window, out, errors, how)
        if piped:
            pour(end.outcome.path)
    screen = wide_console(TABLE_WIDTH, stderr=piped, summary=True)
    if reform is not None:
        screen.print(f"Réforme : {reform.title}", style="bold", highlight=False, markup=False)
    end.show(screen)
    show_end(screen, end, file, piped, time.perf_counter() - started)


@dataclass
class End:
    """What a simulation gives to show: its totals, its results and where they are."""

    outcome: "RunResult"
    heading: "Callable[[Console], None]"
    resumed: str = ""

    def show(self, screen: "Console") -> None:
        """Print who was simulated, then the table by month."""
        self.heading(screen)
        show_months(screen, self.outcome.totals)


def simulate_embedded(
    months: range,
    out: Path,
    seed: int | None,
    source: str,
    errors: "Console",
    how: dict[str, Any],
    overwrite: bool,
) -> End:
    """Simulate the embedded population."""
    from openfisca_cej.population import assumptions, comparison, jobs, protocol, run, synthetic
    from openfisca_cej.systems import model

    chosen = synthetic.SEED if seed is None else seed
    given = read_assumptions(source)
    law = model()
    with errors.status(_("Preparing the population…")):
        population = synthetic.entrants(law, chosen, given)
    name = {
        "population": "entrants",
        "seed": chosen,
        "assumptions": assumptions.replaced_values(given),
        "preregistration_sha256": protocol.sha256(),
    }
    plan = jobs.run_plan(months, **how)
    # The population is drawn under the law in force, then simulated under the reform.
    with simulating(errors, population.count, months) as advance:
        done = run.write_population(population, plan, out, name, advance, overwrite=overwrite)
    show_frozen(errors, done.frozen, done.totals)
    found = None
    if (
        plan.reform is None
        and months[0] <= synthetic.WINDOW[0]
        and months[-1] >= synthetic.WINDOW[-1]
    ):
        with errors.status(_("Drawing the assumptions…")):
            found = comparison.interval(law, source, given, chosen)
    return End(done, lambda s: show_embedded(s, population, done.totals, chosen, source, found))


def simulate_long(
    file: Path,
    monthly: Path,
    months: range,
    out: Path,
    errors: "Console",
    how: dict[str, Any],
    overwrite: bool,
) -> End:
    """Simulate persons and their months, read whole."""
    from openfisca_cej.population import jobs, run
    from openfisca_cej.population.long_format import read_long, whole

    plan = jobs.run_plan(months, **how)
    with errors.status(_("Reading the input…")):
        persons, rows = whole(file), whole(monthly)
        population = read_long(persons, rows, plan.system, months, others=plan.others)
    files = run.files_of_both(persons, rows)
    given = [*run.given_of(persons), *run.given_of(rows)]
    with simulating(errors, population.count, months) as advance:
        done = run.write_population(population, plan, out, files, advance, given, overwrite)
    tell(errors, done)
    return End(done, lambda s: show_file(s, file, done.totals))


def tell(errors: "Console", outcome: "RunResult") -> None:
    """Print what a run took for granted."""
    from openfisca_cej.population.history import defaults_read

    say(errors, *outcome.remarks, *defaults_read(outcome.plan.system, outcome.defaults))
    show_frozen(errors, outcome.frozen, outcome.totals)


def simulate_files(
    file: Path, months: range, out: Path, errors: "Console", how: dict[str, Any]
) -> End:
    """Simulate the persons of a file or of a folder of part files."""
    from openfisca_cej.population import parts, run

    with errors.status(_("Looking at the input…")):
        source = parts.open_source(file)
    with simulating(errors, source.rows, months) as advance:
        outcome = run.run(source, months, out, advance=advance, **how)
    tell(errors, outcome)
    resumed = ""
    if outcome.resumed:
        done = f"{outcome.resumed} / {len(outcome.parts)}"
        resumed = f"Déjà calculé par la même commande : {done} (--no-resume recalcule tout)."
    return End(outcome, lambda screen: show_file(screen, file, outcome.totals), resumed)


def simulating(
    errors: "Console", persons: int, months: range
) -> AbstractContextManager[Callable[[int], None]]:
    """The progress of a simulation, in person-months."""
    from openfisca_cej.french import plain_number as number

    label = _("Simulating {persons} persons × {months} months").format(
        persons=number(persons), months=len(months)
    )
    return progress(errors, label, persons * len(months))


def show_frozen(errors: "Console", late: "Counts", totals: "Totals") -> None:
    """Print which values the law has moved since the last ones known, and what rests on them."""
    from openfisca_cej.population import stale

    say(errors, *stale.sentences(late, totals.persons * len(totals.months)))


def show_embedded(
    screen: "Console",
    population: "Population",
    totals: "Totals",
    seed: int,
    source: str,
    found: "Interval | None",
) -> None:
    """Print who was simulated beside what is published."""
    from openfisca_cej.population import comparison, display, synthetic

    margins = synthetic.load("marges_paca_2022")
    title = f"{margins['titre']} (population synthétique, graine {seed})"
    lines = comparison.comparisons(population, totals, margins, found)
    screen.print(display.comparison_table(title, lines))
    say(screen, *filter(None, (comparison.not_modelled(), told_assumptions(source))))


def show_file(screen: "Console", file: Path, totals: "Totals") -> None:
    """Print who was simulated."""
    from openfisca_cej.population import display

    screen.print(file.name, style="bold", highlight=False, markup=False)
    screen.print(display.population_lines(totals), highlight=False)


def show_months(screen: "Console", totals: "Totals") -> None:
    """Print the table by month."""
    from openfisca_cej.population import display

    screen.print()
    screen.print(display.month_table(totals))


def show_end(screen: "Console", end: End, file: Path | None, piped: bool, seconds: float) -> None:
    """Print where the results are, what they rest on, and how long they took."""
    from openfisca_cej.french import plain_number as number

    lines = [
        "Ensemble : mois de contrat, mois payés, montant moyen d'un mois payé, total de la période."
    ]
    if file is None:
        lines.append(
            "Foyer, ressources, travail, formation et déclarations sont des hypothèses, nommées et "
            "sourcées dans openfisca_cej/population/data/hypotheses.yaml ; ce qui les a calées, ce "
            "qui les juge et ce qu'elles manquent : docs/validation.md."
        )
    if end.resumed:
        lines.append(end.resumed)
    place = "sur la sortie standard" if piped else f"dans {end.outcome.path}"
    lines.append(f"{number(end.outcome.rows)} lignes écrites {place} en {number(seconds, 1)} s.")
    for line in lines:
        screen.print(line, highlight=False, markup=False)


if __name__ == "__main__":
    sys.exit(main())
