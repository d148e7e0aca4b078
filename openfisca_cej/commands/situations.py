"""What the commands about one case share: their arguments, and how they refuse."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej.commands.shared import Refused, nothing_written, notice, of_options, together
from openfisca_cej.refusals import no_access

if TYPE_CHECKING:
    from openfisca_cej.explain.situation import Situation


@contextmanager
def refused(file: str | Path) -> Iterator[None]:
    """Tell what is wrong in a situation, or in what was asked of it, and leave."""
    from openfisca_cej.refusals import InvalidSituation

    try:
        yield
    except InvalidSituation as error:
        colon = _(": ")
        told = [f"{file}, {fault.path or '/'}{colon}{fault.said}." for fault in error.faults]
        raise Refused("\n".join([*told, _("Nothing was written.")])) from None
    except OSError as error:
        raise Refused(nothing_written(no_access(error.filename or file, error))) from None
    except ValueError as error:
        raise Refused(f"{of_options(str(error))}.") from None


months_options = together(
    click.option("--from", "first", required=True, metavar="YYYY-MM", help="First month."),
    click.option("--months", default=12, show_default=True, help="How many months."),
)
situation_argument = click.argument(
    "situation", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)
)
person_option = click.option(
    "--person",
    metavar="NAME",
    help="Person of the situation [default: the only one that can be meant].",
)
situation_and_month = together(
    situation_argument,
    click.option("--month", required=True, metavar="YYYY-MM", help="Month asked about."),
)
out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="File to write [default: « - », the standard output].",
)
reform_and_out = together(
    click.option(
        "--reform", metavar="FILE|NAME|A+B", help="Under a reform: see « openfisca-cej reforms »."
    ),
    out_option,
)


def opened(path: Path, reform: str | None = None) -> "Situation":
    """The situation in a file, or on the standard input (-), under the law or a reform.

    Raises InvalidSituation, OSError, and Refused with the faults of the reform.
    """
    from openfisca_cej.explain.situation import parse, read
    from openfisca_cej.systems import model

    content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    return read(parse(content), model() if reform is None else reformed(reform))


def reformed(text: str) -> Any:
    """The law as reformed. Raises Refused with all the faults of the reform."""
    from openfisca_cej import systems
    from openfisca_cej.reforms import InvalidReform
    from openfisca_cej.reforms.structural import read

    try:
        return systems.reformed(read(text))
    except InvalidReform as error:
        raise Refused(str(error)) from None


def write(text: str, out: Path | None) -> None:
    """Write a text to a file, whole or not at all, or print it. Raises Refused."""
    text = text.removesuffix("\n") + "\n"
    if out is None or str(out) == "-":
        click.echo(text, nl=False)
        return
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(out)
    except OSError as error:
        raise Refused(nothing_written(no_access(out, error))) from None
    finally:
        with suppress(OSError):
            partial.unlink()
    notice(_("Written: {out}").format(out=out))
