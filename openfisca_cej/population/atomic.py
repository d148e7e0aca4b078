"""Write a file whole, or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary file beside a path, which takes its place unless something goes wrong."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        # mkstemp makes a private file: give it the usual rights of a new one.
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(number, 0o666 & ~mask)
        os.close(number)
        yield temporary
        if temporary.exists():  # It may have been put in its place with others.
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
