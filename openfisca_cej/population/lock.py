"""A file that says who is at work, and lets nobody else be: it holds nobody up after a death."""

import contextlib
import datetime
import errno
import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator
from gettext import gettext as _
from pathlib import Path
from typing import TextIO

#: What a disk answers that has no locks: the file then says all that is known.
WITHOUT_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}

#: Seconds between two looks at such a file.
PAUSE = 0.1


class Busy(Exception):
    """Somebody else is at work; the text says who."""


@contextlib.contextmanager
def held(path: Path, wait: bool = False) -> Iterator[None]:
    """Hold a lock; the system lets go of it when its holder ends, however it ends.

    Raises Busy, unless it is to ``wait``, and OSError when the file cannot be written.
    """
    file = opened(path, wait)
    try:
        file.seek(0)
        file.truncate()
        json.dump(myself(), file)
        file.flush()
        yield
    finally:
        path.unlink(missing_ok=True)
        file.close()


def opened(path: Path, wait: bool) -> TextIO:
    """The file, once it is ours and still has its name: the holder before removed its own."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
        try:
            take(file, wait)
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def take(file: TextIO, wait: bool) -> None:
    """Take an open file. Raises Busy."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise Busy(said(holder(file))) from None
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
        while is_alive(who := holder(file)):
            if not wait:
                raise Busy(
                    _("{said}; if it is not, remove {file}").format(said=said(who), file=file.name)
                ) from None
            time.sleep(PAUSE)


def myself() -> dict[str, str | int]:
    """What the file says of who is at work."""
    now = datetime.datetime.now().isoformat(" ", "seconds")
    return {"process": os.getpid(), "host": platform.node(), "since": now}


def holder(file: TextIO) -> dict[str, str | int]:
    """Who is at work; empty while the file does not say it yet."""
    file.seek(0)
    with contextlib.suppress(ValueError):
        who = json.load(file)
        return who if isinstance(who, dict) else {}
    return {}


def said(who: dict[str, str | int]) -> str:
    """Who is at work, in words."""
    if not who:
        return _("another process")
    facts = {name: who.get(name) for name in ("process", "host", "since")}
    return _("process {process} of {host}, since {since}").format(**facts)


def is_alive(who: dict[str, str | int]) -> bool:
    """Whether who is at work still runs, as far as this machine knows."""
    if who.get("host") != platform.node():
        return bool(who)
    try:
        os.kill(int(who["process"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
