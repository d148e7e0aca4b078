"""What the commands share: how they refuse, and the options and the bar of those about many."""

import functools
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.group import PIPED, piped, quiet
from openfisca_cej.refusals import no_access

if TYPE_CHECKING:
    from rich.console import Console

    from openfisca_cej.population.schema import Others

#: Columns that the tables always take.
WIDTH = 140


class Refused(click.ClickException):
    """Something wrong in what the user gave: a message and exit status 2, no traceback."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the message as it is, on the error stream."""
        click.echo(self.message, file=file, err=True)


def goes_with(option: str, other: str) -> Refused:
    """The refusal of an option that has no effect without another."""
    return Refused(_("{option} goes with {other}.").format(option=option, other=other))


def together(*options: Callable[..., Any]) -> Callable[..., Any]:
    """Several options at once, in the order in which the help lists them."""
    return lambda command: functools.reduce(lambda one, add: add(one), reversed(options), command)


unknown_columns = together(
    click.option(
        "--keep",
        metavar="NAME,NAME…",
        default="",
        help="Columns of the input, unknown to the model, to carry to the results.",
    ),
    click.option(
        "--ignore-unknown",
        is_flag=True,
        help="Set aside, and tell, every other column that the model does not know; without it, "
        "only those of words are.",
    ),
)


def others(keep: str, ignore_unknown: bool) -> "Others":
    """What these options say. Raises Refused."""
    from openfisca_cej.population.schema import Others

    names = tuple(dict.fromkeys(name.strip() for name in keep.split(",") if name.strip()))
    return Others(names, ignore_unknown)


def at_rest(path: Path, context: click.Context | None) -> Path:
    """A path that is not « - » nor a pipe: what comes by them is copied while the command runs."""
    if context is None or (str(path) != "-" and not path.is_fifo()):
        return path
    from openfisca_cej.population import sources

    return context.with_resource(sources.at_rest(path))


class InputFile(click.Path):
    """A file to read, or « - », the standard input."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, allow_dash=True, path_type=Path)

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        """The path; refused when there is nothing there."""
        return at_rest(Path(str(super().convert(value, parameter, context))), context)


class Out(click.Path):
    """Where to write: a file or a folder, or « - », the standard output, for this result alone."""

    def __init__(self, result: str, folder: bool) -> None:
        super().__init__(file_okay=not folder, dir_okay=folder, allow_dash=True, path_type=Path)
        self.result, self.folder = result, folder

    def convert(self, value: Any, parameter: Any, context: Any) -> Any:
        """The path; for « - », one that is poured out and removed when the command ends."""
        path = super().convert(value, parameter, context)
        if str(path) != "-" or context is None:
            return path
        context.meta[PIPED] = True
        folder = Path(context.with_resource(poured(self.result)))
        return folder if self.folder else folder / self.result


@contextmanager
def poured(name: str) -> Iterator[str]:
    """A folder whose file of this name goes to the standard output, if the command wrote it."""
    with tempfile.TemporaryDirectory(prefix="openfisca-cej-") as folder:
        yield folder
        if (Path(folder) / name).exists():
            pour(Path(folder) / name)


def pour(results: Path) -> None:
    """Write results on the standard output: one header, then the rows of all the parts."""
    if sys.stdout is None:
        raise Refused(_("The standard output was closed before the end."))
    for rank, path in enumerate(sorted(results.iterdir()) if results.is_dir() else [results]):
        with path.open("rb") as file:
            if rank:
                file.readline()
            try:
                shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.flush()
            except OSError as error:
                error.filename = error.filename or _("standard output")
                raise


class Given(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """Persons: a file, a folder, a pattern (« data/*.parquet »), or « - », the standard input."""

    name = "path"

    def convert(self, value: Any, parameter: Any, context: Any) -> Path:
        """The path; refused when there is nothing there."""
        path = Path(value)
        root = Path(path.anchor)
        there = str(path) == "-" or path.exists() or any(root.glob(str(path.relative_to(root))))
        if not there:
            there_is_none = _("{name} {filename!r} does not exist.")
            self.fail(there_is_none.format(name=_("path"), filename=str(value)), parameter, context)
        return at_rest(path, context)


#: Where the months of the long format are.
monthly_option = click.option(
    "--monthly",
    type=Given(),
    metavar="FILE|FOLDER",
    help="Long format: one row a person and month (individu_id, mois, variables), beside the "
    "persons.",
)


def of_options(text: str) -> str:
    """A refusal that begins with a parameter of Python, beginning with its option instead."""
    context = click.get_current_context(silent=True)
    options = [one for part in context.command.params for one in part.opts] if context else []
    name, colon, told = text.partition(":")
    option = f"--{name.strip().replace('_', '-')}"
    return f"{option}{name[len(name.rstrip()) :]}{colon}{told}" if option in options else text


def nothing_written(*sentences: str) -> str:
    """What went wrong, in sentences that end, then that nothing was written."""
    ended = (f"{one.rstrip('.')}." for one in sentences)
    return " ".join([*ended, _("Nothing was written.")])


def notice(text: str, err: bool = True) -> None:
    """Tell something besides the results, unless the command was asked to keep silent."""
    if not quiet():
        click.echo(text, err=err)


class Interrupted(Refused):
    """The command was stopped: what is complete is told, no traceback."""

    def __init__(self, kept: Path | None, number: int) -> None:
        told = _("Nothing was written.")
        if kept is not None:
            told = _("What is complete is kept in {kept}: the same command does the rest.")
        super().__init__(" ".join([_("Interrupted."), told.format(kept=kept)]))
        vars(self)["exit_code"] = 128 + number


@contextmanager
def stoppable(kept: bool = True) -> Iterator[None]:
    """Let SIGTERM stop a command as SIGINT does, and say in a sentence what is left, if it is."""
    number = signal.SIGINT

    def stop(received: int, frame: object) -> None:
        nonlocal number
        number = signal.Signals(received)
        raise KeyboardInterrupt

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if main else None
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted(getattr(error, "kept", None) if kept else None, number) from None
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def refusals(file: Path | None, out: Path) -> Iterator[None]:
    """Say what went wrong, or what an interruption leaves, in a sentence.

    Of results for the standard output, nothing is left.
    """
    from openfisca_cej.population.arrow import MissingLibrary
    from openfisca_cej.population.jobs import FULL
    from openfisca_cej.population.raking import CannotRake
    from openfisca_cej.population.run import Incomplete, incomplete_text
    from openfisca_cej.refusals import BadRequest, InvalidInput

    fleeting = piped() or str(out) == "-"
    try:
        with stoppable(not fleeting):
            yield
    except BrokenPipeError:
        raise Refused(_("The standard output was closed before the end.")) from None
    except InvalidInput as error:
        raise Refused(str(error)) from None
    except Incomplete as error:
        if fleeting:
            error.outcome.parts.clear()
        raise Refused(incomplete_text(error.outcome)) from None
    except CannotRake as error:
        raise Refused(nothing_written(f"--size{_(': ')}{error}", _("Ask for more."))) from None
    except (BadRequest, MissingLibrary) as error:
        raise Refused(nothing_written(of_options(str(error)))) from None
    except OSError as error:
        # What is written by a library has no name in its errors.
        place = out if error.errno in FULL else file or out
        told = no_access(error.filename or place, error)
        raise Refused(nothing_written(told)) from None


def read_months(text: str) -> range:
    """The months asked for. Raises Refused."""
    from openfisca_cej.population.months import month_range

    try:
        return month_range(text)
    except ValueError as error:
        raise Refused(f"--months{_(': ')}{error}.") from None


def read_reform(text: str) -> Any:
    """The reform asked for, written or in Python. Raises Refused with all its faults."""
    from openfisca_cej.reforms import InvalidReform
    from openfisca_cej.reforms.structural import read

    try:
        return read(text)
    except InvalidReform as error:
        raise Refused(f"{error}\n{_('Nothing was written.')}") from None


def read_assumptions(source: str | None) -> dict[str, Any]:
    """The assumptions asked for: stated, calibrated, or with those of a file. Raises Refused."""
    from openfisca_cej.population.assumptions import BadAssumptions, read

    try:
        return read(source)
    except BadAssumptions as error:
        raise Refused(f"{error}\n{_('Nothing was written.')}") from None
    except OSError as error:
        raise Refused(nothing_written(no_access(f"--assumptions {source}", error))) from None


def read_place(path: Path | None) -> dict[str, Any] | None:
    """The place that a file of margins describes. Raises Refused."""
    from openfisca_cej.population import places

    return None if path is None else read_figures(path, "--margins", places.read)


def read_scenario(path: Path | None) -> dict[str, Any]:
    """The scenario: the central one, with the figures of a file. Raises Refused."""
    from openfisca_cej.population import scenario

    return read_figures(path, "--scenario", scenario.read)


def read_figures(
    path: Path | None, option: str, read: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """What a file of figures holds. Raises Refused."""
    from openfisca_cej.population.scenario import BadScenario

    try:
        return read(path)
    except BadScenario as error:
        raise Refused(f"{error}\n{_('Nothing was written.')}") from None
    except OSError as error:
        raise Refused(nothing_written(no_access(f"{option} {path}", error))) from None


def told_assumptions(source: str | None) -> str:
    """A sentence on the assumptions, in French: on what they were calibrated and what they miss."""
    from openfisca_cej.population.assumptions import CALIBRATED
    from openfisca_cej.population.protocol import sentence

    return sentence() if source == CALIBRATED else ""


# Options.


def told_moment(universe: str, year: str | None, day: str | None) -> str:
    """The year of a universe, the day of a stock. Raises Refused."""
    if universe == "stock":
        if day is None or year is not None:
            raise Refused(_("--universe stock goes with --date YYYY-MM-DD, without --year."))
        return day
    if year is None or day is not None:
        told = _("--universe {universe} goes with --year, without --date.")
        raise Refused(told.format(universe=universe))
    return year


def told_region(universe: str, region: str | None, place: Path | None) -> str | None:
    """The region asked for; France is what a place is told from. Raises Refused."""
    if place is None:
        return region
    if region is not None or universe == "neet":
        raise Refused(_("--margins goes without --region, and not with --universe neet."))
    return "France"


#: Who enters in a year, who could, who is in a contract in a year, or on a day.
UNIVERSES = ("entrants", "neet", "presents", "stock")

margins_option = click.option(
    "--margins",
    "place",
    type=InputFile(),
    help="YAML file of a region, a department or a mission locale, in place of --region.",
)
date_option = click.option("--date", "day", metavar="YYYY-MM-DD", help="Of a stock.")


def format_option(*forms: str, help: str = "") -> Callable[..., Any]:
    """In which of these forms to answer: the first, unless another is asked."""
    kind = click.Choice(forms)
    return click.option(
        "--format", "form", type=kind, default=forms[0], show_default=True, help=help or None
    )


seed_option = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
overwrite_option = click.option(
    "--overwrite",
    is_flag=True,
    help="Replace the results that something else left there; without it, they are spared.",
)


def assumptions_option(told: str, default: str | None = "calibrated") -> Callable[..., Any]:
    """Which assumptions: stated, calibrated, or the user's, and what becomes of these."""
    return click.option(
        "--assumptions",
        metavar="stated|calibrated|FILE",
        default=default,
        show_default=default is not None,
        help="The stated values, those that the calibration of preregistration.yaml kept, or a "
        f"YAML file of « name: value »{told}",
    )


work_options = together(
    click.option(
        "--threads",
        "--workers",
        "threads",
        type=click.IntRange(min=1),
        default=2,
        show_default=True,
        help="Parts done at the same time; each takes some 300 MB (a CSV file is one part, "
        "whatever its size).",
    ),
    click.option(
        "--cluster",
        metavar="tcp://HOST:PORT",
        help="Share the parts among the workers of this Dask scheduler.",
    ),
)


# What is printed.


def screen(width: int = WIDTH, stderr: bool = False) -> "Console":
    """The output, as wide as the terminal or COLUMNS; a file without COLUMNS has this width."""
    from rich.console import Console

    found = Console(stderr=stderr)
    if found.is_terminal or os.environ.get("COLUMNS", "").isdigit():
        return found
    return Console(width=width, stderr=stderr)


def wide_console(width: int = WIDTH, stderr: bool = False, summary: bool = False) -> "Console":
    """The output, at least as wide as the tables of figures: no figure is ever cut.

    What sums up results that are in files is not said with --quiet, or when they are poured out.
    """
    from rich.console import Console

    wide = max(screen(width, stderr).width, width)
    return Console(width=wide, stderr=stderr, quiet=summary and (quiet() or piped()))


def say(screen: "Console", *lines: str, style: str = "") -> None:
    """Print texts as they are, never cut nor marked up."""
    for line in lines:
        screen.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def progress(errors: "Console", label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, one plain line elsewhere; called with what was done."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    if not errors.is_terminal:
        errors.print(f"{label}…", highlight=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Elapsed())
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)
        # Fewer may have been done than was said: a universe gives at most so many persons.
        bar.update(task, completed=total)
