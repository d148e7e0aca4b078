"""Reforms: what the allowance would be if the text said something else.

``reform(spec)`` gives an OpenFisca reform from a dictionary ``{path: {dates: value}}``, a file, the
name of a ready-made reform, or several of them (``"a.yaml+age_29"``). ``catalogue()`` lists the
ready-made ones, each of which is also the class ``openfisca_cej.reforms.NAME``: the path that
``openfisca serve --reforms`` and the key ``reforms`` of tests in YAML ask for.

A reform file says ``title``, ``description``, ``parameters: {path: {dates: value}}`` and
``switches: [name]`` or ``switches: {name: {dates: true}}``. Dates are ``2026-01-01`` (from then on,
until the next such date) or ``2026-01-01..2026-12-31`` (what was in force goes on afterwards).
Everything is checked (``draft``, ``values``, ``coherence``), and applied to copies (``build``).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openfisca_core.reforms import Reform

from openfisca_cej.reforms.build import WrittenReform
from openfisca_cej.reforms.loading import compiled, load, read_dictionary
from openfisca_cej.reforms.provisions import Provision
from openfisca_cej.reforms.ready import NAMES, Entry, catalogue
from openfisca_cej.refusals import Fault, InvalidReform

__all__ = [
    "Entry",
    "Fault",
    "InvalidReform",
    "Provision",
    "WrittenReform",
    "catalogue",
    "load",
    "reform",
]


def reform(spec: Mapping[str, Any] | str | Path | type[Reform]) -> type[Reform]:
    """The OpenFisca reform that ``spec`` describes.

    ``spec`` is a dictionary (paths to dated values, or the keys of a reform file), a path, a
    ready-made name, several of them joined by « + », or a class of OpenFisca reform, given back as
    it is. The others have ``title``, ``description``, ``content`` (fit for JSON: what a manifest
    keeps) and ``provisions(system)``.

    Raises InvalidReform with all the faults, each with its file and line; TypeError.
    """
    if isinstance(spec, type) and issubclass(spec, Reform):
        return spec
    if isinstance(spec, Mapping):
        return compiled([read_dictionary(spec)])
    if isinstance(spec, str | Path):
        return load(spec)
    raise TypeError(f"reform: a {type(spec).__name__} is not a dictionary, a path, or a reform")


def __getattr__(name: str) -> type[WrittenReform]:
    """The class of a ready-made reform."""
    if name in NAMES:
        return load(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
