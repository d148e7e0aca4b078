"""The address of the service: told by who runs it, never taken from what is sent."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from gettext import gettext as _
from typing import Any
from urllib.parse import urlsplit

#: How the environment tells the address: OPENFISCA_CEJ_ADDRESS=https://cej.example.org.
NAME = "OPENFISCA_CEJ_ADDRESS"

#: How the environment tells the sites that may show the page in a frame, between spaces.
FRAMES = "OPENFISCA_CEJ_FRAMES"

ADDRESS = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE)

#: What proxies say of the address: anyone may say it.
FORWARDED = (
    "HTTP_FORWARDED",
    *(f"HTTP_X_FORWARDED_{name}" for name in ("FOR", "HOST", "PORT", "PREFIX", "PROTO", "SSL")),
)


def public_address(environment: Mapping[str, str] = os.environ) -> str:
    """The address that the environment tells, or an empty text.

    Raises ValueError when it is none.
    """
    return checked(NAME, environment.get(NAME, ""))


def framing_sites(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The sites that may show the page in a frame: none by default.

    Raises ValueError when one is no address.
    """
    return tuple(checked(FRAMES, text) for text in environment.get(FRAMES, "").split())


def checked(name: str, text: str) -> str:
    """An address that the environment tells under a name. Raises ValueError when it is none."""
    text = text.rstrip("/")
    if text and not ADDRESS.fullmatch(text):
        raise ValueError(
            _("{name}: « {text} » is not an address such as https://cej.example.org").format(
                name=name, text=text
            )
        )
    return text


class Entrance:
    """What every request goes through before the application.

    ``Host`` and what proxies add are set aside: addresses in answers are those that were told, or
    else those the server listens on. A final « / » is nothing: a redirection would make of a POST
    a GET, and « //elsewhere/ » would lead elsewhere.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], address: str) -> None:
        self.application = application
        self.parts = urlsplit(address) if address else None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Hand a request to the application."""
        forwarded = [environ.pop(name, None) for name in FORWARDED]
        if self.parts:
            environ["wsgi.url_scheme"] = self.parts.scheme
            environ["HTTP_HOST"] = self.parts.netloc
        else:
            environ.pop("HTTP_HOST", None)
            if any(forwarded):
                environ["wsgi.url_scheme"] = "http"
        environ["PATH_INFO"] = environ.get("PATH_INFO", "").rstrip("/") or "/"
        return self.application(environ, start_response)
