"""Keep the memory that chunks free, instead of giving it back to the system each time."""

import ctypes
import sys

#: Options of glibc's ``mallopt``, and the size under which freed memory is kept.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT = 1 << 30


def keep_freed_memory() -> None:
    """Ask the C library to reuse freed arrays; does nothing where it is not glibc.

    A chunk allocates and frees arrays of megabytes, which glibc returns to the system one by
    one: asking for them again costs more than the arithmetic. The memory of the process then
    stays at its peak, which the size of chunks bounds.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(M_TRIM_THRESHOLD, KEPT)
    mallopt(M_MMAP_THRESHOLD, KEPT)
