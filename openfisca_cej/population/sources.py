"""Where the persons are: a file, a folder of part files of one kind, a pattern, a pipe."""

import contextlib
import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from gettext import gettext as _
from pathlib import Path

from openfisca_cej.population import kinds
from openfisca_cej.refusals import refusal

PARQUET = (".parquet", ".pq", ".parq")
CSV = (".csv", ".csv.gz", ".csv.zst", ".xlsx", ".ods")

#: Beginnings and ends of the names that are not those of parts: hidden, marks of other tools,
#: files being written, what systems and people leave beside data, and the manifest of a run.
HIDDEN = (".", "_", "~", "readme")
TEMPORARY = (".tmp", ".temp", ".part", ".crc", "~", ".md")
BESIDE = ("thumbs.db", "desktop.ini", "run.json")

#: What a folder of Hive says of rows that have no value.
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"

#: What makes a name a pattern, and the name of a folder a column of all that is in it.
WILD = "*?["
HIVE = re.compile(r"([^=/]+)=([^=/]*)")


def is_parquet(path: Path) -> bool:
    """Whether a file is a Parquet one, by its name or what it begins with; others are texts."""
    return path.suffix.lower() in PARQUET or kinds.kind_of(path) == "parquet"


def find_parts(path: Path) -> list[Path]:
    """The file itself, the part files of a folder, or those that a pattern names, in order.

    Raises InvalidInput when there is none, or when they are of several kinds.
    """
    if path.is_dir():
        parts = sorted(parts_in(path, path), key=lambda part: part.relative_to(path).parts)
    elif is_pattern(path):
        root = Path(path.anchor)
        parts = sorted(root.glob(str(path.relative_to(root))))
        parts = [part for part in parts if part.is_file() and not ignored(part)]
    else:
        parts = [path]
    if not parts:
        raise refusal(path.name, "no-part")
    if len({is_parquet(part) for part in parts}) > 1:
        raise refusal(path.name, "two-kinds")
    return parts


def parts_in(folder: Path, whole: Path) -> Iterator[Path]:
    """The part files of a folder and of those of Hive in it. Raises InvalidInput."""
    for part in folder.iterdir():
        if ignored(part):
            continue
        if part.is_dir():
            if not HIVE.fullmatch(part.name):
                raise refusal(whole.name, "folder-inside", name=part.name)
            yield from parts_in(part, whole)
        elif not part.name.lower().endswith((*CSV, *PARQUET)):
            raise refusal(whole.name, "not-a-part", name=part.name)
        else:
            yield part


def is_pattern(path: Path) -> bool:
    """Whether a path is that of no file, and has signs that stand for others."""
    return not path.exists() and any(sign in str(path) for sign in WILD)


def ignored(path: Path) -> bool:
    """Whether the name is not that of a part."""
    name = path.name.lower()
    return name.startswith(HIDDEN) or name.endswith(TEMPORARY) or name in BESIDE


@contextlib.contextmanager
def at_rest(path: Path) -> Iterator[Path]:
    """The path of what can be read twice: the standard input (« - ») and pipes are copied."""
    if str(path) != "-" and not path.is_fifo():
        yield path
        return
    if str(path) == "-" and sys.stdin is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), _("standard input"))
    with tempfile.TemporaryDirectory(prefix="openfisca-cej-") as folder:
        copy = Path(folder) / ("stdin" if str(path) == "-" else path.name)
        with copy.open("wb") as file:
            if str(path) == "-":
                shutil.copyfileobj(sys.stdin.buffer, file)
            else:
                with path.open("rb") as pipe:
                    shutil.copyfileobj(pipe, file)
        yield copy
