"""Waiting for a condition with a limit: what tests do instead of sleeping."""

import time
from collections.abc import Callable

__all__ = ["until"]


def until(condition: Callable[[], object], limit: float = 10.0, what: str = "the condition") -> None:
    """Polls `condition` until it is true; AssertionError after `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"{what} did not come true within {limit} s"
        time.sleep(0.005)
