"""glibc's allocator, told to give large blocks back. Where there is another allocator it does nothing.

FreeSWITCH's tables come as texts of megabytes, once a minute. glibc maps such a block, and unmaps it when it is freed;
but by the first one it learns to take the next from its heap (mallopt(3), "dynamic mmap threshold"), where small blocks
that outlive it come to lie behind it and hold its pages for good. With the limit fixed, what a table took is given back
(docs/resilience.md has the measurement).
"""

import contextlib
import ctypes
from typing import Final

__all__ = ["LARGE", "give_back_large_blocks"]

LARGE: Final = 512 * 1024  # bytes: more than what is read from a socket at once, which would be mapped each time
_M_TRIM_THRESHOLD: Final = -1  # malloc.h
_M_MMAP_THRESHOLD: Final = -3


def give_back_large_blocks() -> None:
    """From now on, in this process, blocks of LARGE bytes are mapped, and unmapped when they are freed."""
    with contextlib.suppress(OSError, AttributeError):  # musl, macOS
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, LARGE)
        mallopt(_M_TRIM_THRESHOLD, 2 * LARGE)  # what glibc makes of it; fixing one limit puts the other back to 128 KiB
