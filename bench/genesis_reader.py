"""genesis as shipped: receive, parse, hand to a handler that does nothing. Run by ingest.py in a virtual environment.

It has one to itself (see ingest.py) and imports nothing of ours.
"""

import asyncio
import resource
import sys
import time

from genesis import Inbound


async def main() -> None:
    """One round: `genesis_reader.py PORT EVENTS`; prints events, CPU seconds, wall seconds, KiB of memory."""
    port, expected = int(sys.argv[1]), int(sys.argv[2])
    seen = 0
    done = asyncio.Event()

    async def count(_event: object) -> None:
        nonlocal seen
        seen += 1
        if seen >= expected:
            done.set()

    async with Inbound("127.0.0.1", port, "ClueCon") as client:
        client.on("*", count)
        cpu, wall = time.process_time(), time.perf_counter()
        await client.send("events plain ALL")
        await done.wait()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(seen, cpu, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


asyncio.run(main())
