"""Keep the memory that chunks free, instead of giving it back to the system each time."""

import ctypes
import os
import sys

#: Options of glibc's ``mallopt``, and the size under which freed memory is kept.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT = 1 << 30

#: Milliseconds for which Arrow's allocator keeps freed memory: more than a unit takes, even where
#: others share the processor.
ARROW_KEEPS = "5000"


def keep_freed_memory() -> None:
    """Ask the C library, where it is glibc, and Arrow to reuse freed arrays.

    A chunk allocates and frees arrays of megabytes, which they return to the system one by
    one: asking for them again costs more than the arithmetic. The memory of the process then
    stays at its peak, which the size of chunks bounds. To be called before PyArrow is imported:
    its allocator reads what is asked of it once.
    """
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", ARROW_KEEPS)
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(M_TRIM_THRESHOLD, KEPT)
    mallopt(M_MMAP_THRESHOLD, KEPT)
