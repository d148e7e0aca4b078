"""Write a file, or several that go together, whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from openfisca_cej.population import lock


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


@contextlib.contextmanager
def together(out: Path, names: Sequence[str], check: Callable[[], None]) -> Iterator[Path]:
    """A temporary folder whose files of these names go to ``out`` when everything is written.

    ``check`` says then, while nobody else puts anything there, whether they still may. What is not
    written any more is removed. The last name goes last, and the former one is removed first: the
    others are complete where it is.
    """
    existed = out.exists()
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{names[0]}.", dir=out))
    try:
        yield folder
        with lock.held(out / f".{names[0]}.lock", wait=True):
            check()
            (out / names[-1]).unlink(missing_ok=True)
            for name in names:
                if (folder / name).exists():
                    (folder / name).replace(out / name)
                else:
                    (out / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not existed and not any(out.iterdir()):
            out.rmdir()
