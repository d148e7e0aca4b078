"""The group of all the commands: their language, what they share, and how they leave."""

import atexit
import functools
import gc
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import gettext as _
from typing import Any

import click

from openfisca_cej import language
from openfisca_cej.refusals import no_access

#: Key of the context under which « --quiet » is kept.
QUIET = "openfisca_cej.quiet"

#: Key of the context that says that results go to the standard output.
PIPED = "openfisca_cej.piped"

#: Objects made before garbage is looked for: what a command makes, it mostly keeps, and looking as
#: often as Python does takes a tenth of its time. A server leaves garbage behind all its life.
MADE, SERVER = 20_000, "serve"

#: Options that show the help.
HELP = ["-h", "--help"]


class Commands(click.Group):
    """Commands that take --lang and --quiet, and speak the language asked for, help included."""

    def add_command(self, command: click.Command, name: str | None = None) -> None:
        """Add a command, and to it and its own commands the options that all of them take."""
        for one in every(command):
            one.params += [lang_option(), quiet_option()]
        super().add_command(command, name)

    def main(self, args: Any = None, *others: Any, **more: Any) -> Any:
        """Run a command. The language is looked for first: what cannot be read is told in it."""
        given = sys.argv[1:] if args is None else list(args)
        if SERVER not in given:
            collect_less()
        # Listed first: click makes the help of --help in the language that is spoken then.
        helped = [item for one in every(self) for item in (one, *options(one)) if told(item)]
        with language.speaking(asked(given)), translated(helped):
            try:
                return super().main(given, *others, **more)
            except OSError as error:  # Of the standard output, where it has no name.
                place = error.filename or _("standard output")
                click.echo(f"{no_access(place, error)}.", err=True)
                sys.exit(2)


@functools.cache
def collect_less() -> None:
    """Look for garbage seldom, and not in what is left at the end, where Python looks thrice."""
    gc.set_threshold(MADE)
    atexit.register(gc.freeze)


def every(command: click.Command) -> Iterator[click.Command]:
    """A command and those below it."""
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from every(below)


def asked(arguments: list[str]) -> str | None:
    """The language that the arguments ask for, if it is one."""
    found = None
    for rank, argument in enumerate(arguments):
        option, equal, value = argument.partition("=")
        if option == "--lang":
            found = value if equal else "".join(arguments[rank + 1 : rank + 2])
    return found if found in language.LANGUAGES else None


@contextmanager
def translated(helped: list[Any]) -> Iterator[None]:
    """Have the help of these commands and options in the language spoken."""
    before = [told(item) for item in helped]
    try:
        for item in helped:
            item.help = _(told(item))
        yield
    finally:
        for item, text in zip(helped, before, strict=True):
            item.help = text


def options(command: click.Command) -> list[click.Parameter]:
    """The options and arguments of a command, --help included."""
    asking = command.get_help_option(click.Context(command, help_option_names=HELP))
    return [*command.params, *filter(None, [asking])]


def told(item: Any) -> str:
    """The help of a command or of an option; an argument has none."""
    return inspect.cleandoc(getattr(item, "help", None) or "")


def lang_option() -> click.Option:
    """The language, which ``Commands.main`` has read: the option checks it and is in the help."""
    return click.Option(
        ["--lang"],
        type=click.Choice(language.LANGUAGES),
        expose_value=False,
        help="Language of messages [default: that of the locale].",
    )


def quiet_option() -> click.Option:
    """Whether to keep silent."""

    def keep(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        context.meta[QUIET] = value or context.meta.get(QUIET, False)

    return click.Option(
        ["--quiet", "-q"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=keep,
        help="Say nothing but results and refusals.",
    )


def quiet() -> bool:
    """Whether the command that runs was asked to keep silent."""
    return marked(QUIET)


def piped() -> bool:
    """Whether the standard output is for results alone."""
    return marked(PIPED)


def marked(key: str) -> bool:
    """Whether the options of the command that runs have marked its context so."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(key, False))
