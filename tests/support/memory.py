"""How much of Python's heap something takes."""

import tracemalloc
from collections.abc import Callable

__all__ = ["most_taken"]


def most_taken(work: Callable[[], object]) -> int:
    """Bytes that are held at most while `work` runs, beside those that were held before."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        work()
        _, most = tracemalloc.get_traced_memory()
        return most - before
    finally:
        tracemalloc.stop()
