"""The language of messages: English for who imports the package, the user's for the command.

Messages are written in English; ``locale/`` has their French, in the domain that click uses for its
own, so that a line never mixes both. ``make messages`` compiles it.
"""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LANGUAGES = ("fr", "en")

FOLDER = Path(__file__).parent / "locale"

#: Domain of gettext that click looks in.
DOMAIN = "messages"


def current() -> str:
    """« fr » or « en »: the catalogue that answers tells its code."""
    return gettext.gettext("en")


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Tell messages in a language; None: that of the locale (LC_ALL, LC_MESSAGES, LANG)."""
    before, folder = os.environ.get("LANGUAGE"), gettext.bindtextdomain(DOMAIN)
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    if language is not None:
        os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        gettext.bindtextdomain(DOMAIN, folder)
        os.environ.pop("LANGUAGE", None)
        if before is not None:
            os.environ["LANGUAGE"] = before
