"""Waiting for a condition with a limit: what tests do instead of sleeping."""

import time
from collections.abc import Callable

__all__ = ["until"]


def until(
    condition: Callable[[], object], limit: float = 10.0, what: str = "the condition", *, every: float = 0.005
) -> None:
    """Polls `condition` until it is true, `every` so many seconds; AssertionError after `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"{what} did not come true within {limit} s"
        time.sleep(every)
