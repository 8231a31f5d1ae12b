"""Somebody's own code, run beside the loop, and not waited for when it hangs. Shell.

Each run has a thread of its own that dies with the process: a pool's threads would be waited for at the end, for ever.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Final, TypeVar

__all__ = ["Aside"]

AT_ONCE: Final = 16  # threads; who comes then waits, and its time runs

T = TypeVar("T")


class Aside:
    """Runs what may hang."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` returns or raises; TimeoutError when it has not within `seconds`."""
        async with asyncio.timeout(seconds), self._room:
            return await self._begun(work)

    def _begun(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def tell(result: T | None, error: BaseException | None) -> None:
            if done.done():
                return  # nobody waits any more
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]  # without an error it is what work returned

        def run() -> None:
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:  # noqa: BLE001 (whoever waits is told, whatever it is)
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(tell, result, error)

        threading.Thread(target=run, name="flow", daemon=True).start()
        return done
