"""Waiting for a condition with a limit: what tests do instead of sleeping."""

import asyncio
import time
from collections.abc import Callable

__all__ = ["eventually", "until"]


def until(
    condition: Callable[[], object], limit: float = 10.0, what: str = "the condition", *, every: float = 0.005
) -> None:
    """Polls `condition` until it is true, `every` so many seconds; AssertionError after `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"{what} did not come true within {limit} s"
        time.sleep(every)


async def eventually(condition: Callable[[], object], limit: float = 15.0) -> None:
    """The same in an event loop. TimeoutError after `limit` seconds."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110 (any condition of a test's)
            await asyncio.sleep(0.005)
