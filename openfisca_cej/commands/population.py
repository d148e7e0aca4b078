"""The command ``openfisca-cej population``: write a synthetic population."""

from collections.abc import Iterator, Mapping
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.group import quiet
from openfisca_cej.commands.shared import (
    UNIVERSES,
    Out,
    Refused,
    assumptions_option,
    date_option,
    margins_option,
    nothing_written,
    of_options,
    overwrite_option,
    read_assumptions,
    read_place,
    read_scenario,
    say,
    seed_option,
    stoppable,
    told_assumptions,
    told_moment,
    told_region,
    wide_console,
)
from openfisca_cej.commands.years import scenario_option
from openfisca_cej.refusals import no_access

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.population.table import Population
    from openfisca_cej.population.universes import Tally

#: Largest gap (a share) between a published figure and the population.
ACCEPTED = 0.005


@click.command()
@click.option(
    "--universe",
    type=click.Choice(UNIVERSES),
    required=True,
    help="entrants: who entered a CEJ in the year; neet: who could, on 1 January; presents: who is "
    "in one in the year; stock: on a day.",
)
@click.option("--region", type=click.Choice(["PACA", "France"]))
@margins_option
@click.option("--year", metavar="YYYY", help="From 2022 to 2027 (neet: to 2026).")
@date_option
@scenario_option
@click.option(
    "--size",
    type=click.IntRange(1, 50_000_000),
    default=20_000,
    show_default=True,
    help="Persons drawn; their weights add up to the published total.",
)
@seed_option
@click.option(
    "--out",
    type=Out("population.csv", folder=False),
    help="FILE.csv, FILE.parquet or « - », the standard output [default: "
    "UNIVERSE_REGION_YEAR.csv]. What the model does not read (operator, diploma…) goes to "
    "FILE_attributs beside it.",
)
@assumptions_option(", in place of some of the assumptions shown.")
@overwrite_option
def population(
    universe: str,
    region: str | None,
    place: Path | None,
    year: str | None,
    day: str | None,
    figures: Path | None,
    size: int,
    seed: int,
    out: Path | None,
    assumptions: str,
    overwrite: bool,
) -> None:
    """Write a synthetic population that simulate can read.

    Persons are weighted so that the published figures hold; each is printed with its target, what
    was achieved, its status and its source. What no statistic gives is a named assumption.
    """
    moment = told_moment(universe, year, day)
    where = told_region(universe, region, place)
    if where is None:
        raise Refused(_("Say where: --region PACA or France, or --margins FILE.yaml."))
    path = out or Path(f"{universe}_{place.stem if place else where}_{moment}.csv".lower())
    if path.suffix not in (".csv", ".parquet"):
        why = _("--out: « {name} » ends neither in .csv nor in .parquet.")
        raise Refused(why.format(name=path.name))
    from rich.console import Console

    from openfisca_cej.population import universes
    from openfisca_cej.systems import model

    errors, screen = Console(stderr=True, quiet=quiet()), wide_console(summary=True)
    given = read_assumptions(assumptions)
    margins = margins_of(universe, where, moment, figures, place)
    made, told = universes.Tally(), _("{done} persons of {size}…")
    with stoppable(), errors.status(_("Preparing the population…")) as status:
        blocks = universes.blocks(
            *(model(), universe, where, moment, size, seed, given), margins=margins
        )

        def counted() -> Iterator["Population"]:
            for one in blocks:
                made.add(one)
                yield one.population
                status.update(told.format(done=made.persons, size=size))

        write(counted(), path, overwrite, size)
    show_aims(screen, made, seed)
    show_assumptions(screen, given)
    if said := told_assumptions(assumptions):
        say(screen, said)
    show_files(screen, made.persons, path, universe, moment)


def margins_of(
    universe: str, region: str, moment: str, figures: Path | None, place: Path | None
) -> dict[str, Any]:
    """The figures that the population must hold. Raises Refused."""
    from openfisca_cej.analysis import sources
    from openfisca_cej.population import universes
    from openfisca_cej.refusals import BadRequest

    try:
        sources.check(universe, region, moment)
    except BadRequest as error:
        raise Refused(of_options(str(error))) from None
    told = None if figures is None else read_scenario(figures)
    asked = (universe, region, sources.as_moment(moment), told, read_place(place))
    return universes.read_margins(*asked)


def write(drawn: "Iterator[Population]", path: Path, overwrite: bool, size: int) -> None:
    """Write the population, block by block, as it is drawn. Raises Refused."""
    from openfisca_cej.population import flat
    from openfisca_cej.population.arrow import MissingLibrary
    from openfisca_cej.population.raking import CannotRake
    from openfisca_cej.systems import model

    try:
        flat.write(path, model(), drawn, overwrite)
    except CannotRake as error:
        raise Refused(
            nothing_written(f"--size {size}{_(': ')}{error}", _("Ask for more."))
        ) from None
    except ValueError as error:
        # Assumptions that contradict a published figure: a mean length that no slope gives.
        raise Refused(nothing_written(f"--assumptions{_(': ')}{error}")) from None
    except MissingLibrary as error:
        raise Refused(nothing_written(str(error))) from None
    except FileExistsError as error:
        why = _("{path} is there already: choose another --out, or add --overwrite")
        raise Refused(nothing_written(why.format(path=error.filename))) from None
    except OSError as error:
        raise Refused(nothing_written(no_access(path.parent, error))) from None


def show_aims(screen: "Console", tally: "Tally", seed: int) -> None:
    """Print the target and what was achieved for each published figure, and the sources."""
    from openfisca_cej.french import percent
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.display import plain_table

    made = tally.last
    assert made is not None  # at least one block was drawn
    persons = number(tally.persons)
    title = f"{made.title} (population synthétique, {persons} personnes, graine {seed})"
    table = plain_table(title, ["Marge", "Cible", "Atteint", "Écart", "Accord"])
    table.add_column("Statut", no_wrap=True)
    table.add_column("Source", no_wrap=True)
    total = float(tally.drawn)
    origin = made.published.get("entrees") or made.published["effectifs"]
    sources: dict[str, int] = {}
    table.add_row(
        # Of those who entered, only the contracts of some days are kept.
        "Entrées de ces mois" if "retenus" in made.published else "Effectif",
        number(made.total),
        number(total),
        number(abs(total - made.total)),
        agreement(abs(total - made.total) < 0.5),
        origin["statut"],
        cited(origin, sources),
    )
    for aim, found in zip(made.aims, tally.achieved, strict=True):
        gap = found - aim.target
        if aim.values is None:
            shown = percent(aim.target), percent(found), f"{number(100 * gap + 0.0, 2)} pt"
            agrees = abs(gap) <= ACCEPTED
        else:
            shown = number(aim.target, 2), number(found, 2), number(gap + 0.0, 2)
            agrees = abs(gap) <= ACCEPTED * aim.target
        row = [cell.replace("-0,00", "0,00") for cell in shown]
        entry = aim.origin(made.published)
        table.add_row(aim.label, *row, agreement(agrees), entry["statut"], cited(entry, sources))
    screen.print(table)
    show_sources(screen, sources)


def agreement(agrees: bool) -> str:
    """Yes or no."""
    return "oui" if agrees else "non"


def show_assumptions(screen: "Console", assumptions: dict[str, Any]) -> None:
    """Print the assumptions, one a line, with where each comes from."""
    from openfisca_cej.population.assumptions import SENTENCES, named
    from openfisca_cej.population.display import plain_table

    table = plain_table("Hypothèses (ce qu'aucune statistique ne donne)", ["Nom"])
    table.add_column("Valeur", max_width=30, overflow="fold")
    table.add_column("Plage", max_width=36, overflow="fold")
    for column in ("Statut", "Source"):
        table.add_column(column, no_wrap=True)
    sources: dict[str, int] = {}
    for name, entry in named(assumptions):
        replaced = "calée" if entry.get("calee") else "remplacée"
        status = replaced if entry.get("remplacee") else entry["statut"]
        mark = "" if entry.get("remplacee") else cited(entry, sources)
        table.add_row(name, plain(entry["valeur"]), span(entry), status, mark)
    screen.print()
    screen.print(table)
    show_sources(screen, sources)
    say(screen, *(f"• {sentence['libelle']}" for sentence in assumptions[SENTENCES]))


def cited(entry: Mapping[str, Any], sources: dict[str, int]) -> str:
    """The mark of the source of an entry, numbered in the order of appearance; it may have none."""
    if "source" not in entry:
        return ""
    source = f"{entry['source']['titre']}, {entry['source']['href']}"
    return f"[{sources.setdefault(source, len(sources) + 1)}]"


def show_sources(screen: "Console", sources: dict[str, int]) -> None:
    """Print the sources after their marks."""
    say(screen, *(f"[{rank}] {source}" for source, rank in sources.items()))


def span(entry: dict[str, Any]) -> str:
    """The range or the alternatives of an assumption."""
    if "alternatives" in entry:
        if not entry["alternatives"]:
            return "fixe"
        return "ou " + " ou ".join(plain(value) for value in entry["alternatives"])
    if isinstance(entry["plage"], dict):
        return ", ".join(f"{key} {interval(bounds)}" for key, bounds in entry["plage"].items())
    return interval(entry["plage"])


def interval(bounds: list[Any]) -> str:
    """A range in words."""
    return f"{plain(bounds[0])} à {plain(bounds[1])}"


def plain(value: object) -> str:
    """A value as the French write it; a long table is cut."""
    if isinstance(value, dict):
        cells = [f"{key} {plain(item)}" for key, item in value.items()]
        return ", ".join(cells if len(cells) <= 5 else [*cells[:2], "…", cells[-1]])
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value).replace(".", ",")


def show_files(screen: "Console", persons: int, path: Path, universe: str, year: str) -> None:
    """Print what was written, and the command that reads it."""
    from openfisca_cej.french import plain_number as number
    from openfisca_cej.population.flat import attributes_path

    count = number(persons)
    last = f"{int(year[:4]) + (universe == 'entrants')}-12"
    first = f"{year}-03" if year == "2022" else f"{year}-01"
    if universe == "stock":
        first = last = year[:7]
    attributes = attributes_path(path)
    say(
        screen,
        "",
        f"{count} personnes écrites dans {path} ; leurs attributs (diplôme…) dans {attributes}.",
        f"Ensuite : openfisca-cej simulate {path} --months {first}:{last}",
    )
