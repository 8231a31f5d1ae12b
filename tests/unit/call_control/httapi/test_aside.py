"""What may hang, run beside the loop."""

import asyncio
import threading

import pytest

from call_control.httapi.aside import AT_ONCE, Aside


def test_what_it_returns_and_what_it_raises() -> None:
    async def run() -> None:
        aside = Aside()
        assert await aside.run(lambda: 7, 10) == 7
        with pytest.raises(ZeroDivisionError):
            await aside.run(lambda: 1 // 0, 10)

    asyncio.run(run())


def test_what_hangs_is_not_waited_for_and_its_thread_ends_with_the_process() -> None:
    held = threading.Event()

    async def run() -> None:
        with pytest.raises(TimeoutError):
            await Aside().run(held.wait, 0.05)

    asyncio.run(run())
    left = [thread for thread in threading.enumerate() if thread.name == "flow"]
    assert left
    assert all(thread.daemon for thread in left)
    held.set()
    for thread in left:
        thread.join(10)


def test_only_so_many_at_once() -> None:
    running: list[int] = []
    most: list[int] = []
    lock, gate = threading.Lock(), threading.Event()

    def work() -> None:
        with lock:
            running.append(1)
            most.append(len(running))
            if len(running) == AT_ONCE:
                gate.set()
        gate.wait(10)
        with lock:
            running.pop()

    async def run() -> None:
        aside = Aside()
        await asyncio.gather(*(aside.run(work, 30) for _ in range(3 * AT_ONCE)))

    asyncio.run(run())
    assert max(most) == AT_ONCE
