"""Which versions are installed: those that results, pages and answers say they come from."""

import functools
import importlib.metadata


@functools.cache
def package_version(name: str = "openfisca-cej") -> str:
    """Version of an installed package, « not installed » where there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
