"""The web API: ``gunicorn -c python:openfisca_cej.web.settings openfisca_cej.web:application``."""

from typing import Any

# Building the application takes a second: importing this package must not.


def __getattr__(name: str) -> Any:
    """The WSGI application, built when it is first asked for."""
    if name != "application":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from openfisca_cej.web.app import create_app

    globals()[name] = create_app()
    return globals()[name]
