"""Keep the memory that chunks free, instead of giving it back to the system each time."""

import ctypes
import os
import sys

#: Options of glibc's ``mallopt``, and the size under which freed memory is kept.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT = 1 << 30


def keep_freed_memory() -> None:
    """Ask the C library, where it is glibc, to reuse freed arrays, and Arrow to ask it for its own.

    A chunk allocates and frees arrays of megabytes, which they return to the system one by
    one: asking for them again costs more than the arithmetic. The memory of the process then
    stays at its peak, which the size of chunks bounds. Arrow's own allocator clears more than it
    uses: a tenth of the time of a run, and 100 MB. It is chosen when PyArrow is imported: to be
    called before, by commands, for whoever imports the package may have chosen another.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(M_TRIM_THRESHOLD, KEPT)
    mallopt(M_MMAP_THRESHOLD, KEPT)
