"""Waiting for a condition with a limit: what tests do instead of sleeping."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from typing import Final

__all__ = ["LATE", "LATE_MESSAGES", "allowed", "eventually", "holds", "now", "until"]

# `make races`: each of the first messages reaches a test's own client so many seconds after the one before it. A test
# that waits for one and then looks at the next fails of it each time, which else it does once in some hundred runs.
LATE: Final = float(os.environ.get("LATE", "0"))
LATE_MESSAGES: Final = 200  # what thousands come to is another test's affair


def allowed(seconds: float) -> float:
    """How long what may take `seconds` may take here and now: more, while more wants to run than there are cores."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) + 2 * LATE * LATE_MESSAGES


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def holds(condition: Callable[[], object]) -> bool:
    """Whether it is so. What is looked up and not there yet (a topic that nobody has told) is not so."""
    with contextlib.suppress(KeyError):
        return bool(condition())
    return False


def until(
    condition: Callable[[], object], limit: float = 10.0, what: str = "the condition", *, every: float = 0.005
) -> None:
    """Polls `condition` until it is true, `every` so many seconds; AssertionError after `limit` seconds (`allowed`)."""
    limit = allowed(limit)
    end = time.monotonic() + limit
    while not holds(condition):
        assert time.monotonic() < end, f"{what} did not come true within {limit:.0f} s"
        time.sleep(every)


async def eventually(condition: Callable[[], object], limit: float = 15.0) -> None:
    """The same in an event loop. TimeoutError after `limit` seconds."""
    async with asyncio.timeout(allowed(limit)):
        while not holds(condition):  # noqa: ASYNC110 (any condition of a test's)
            await asyncio.sleep(0.005)
