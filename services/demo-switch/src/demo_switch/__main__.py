"""`demo-switch`, also `python -m demo_switch`: arguments, signals, exit status."""

import asyncio
import logging
import signal
import sys

from demo_switch.options import Options, parse
from demo_switch.server import Server

log = logging.getLogger("demo_switch")


async def _serve(options: Options) -> None:
    stop, started = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = Server(options)
    running = asyncio.create_task(server.run(stop, started))
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if started.is_set():
        log.info("listening on %s:%d, seed %s", options.host, server.port, options.seed)
    else:
        waiting.cancel()
    await running
    log.info("stopped")


def main() -> None:
    """Run until SIGTERM or SIGINT: exit status 0. 1: the address or the capture cannot be used. 2: a bad argument."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    options = parse(sys.argv[1:])
    try:
        asyncio.run(_serve(options))
    except (OSError, ValueError) as fault:
        log.error("%s", fault)  # noqa: TRY400  # the sentence tells it all: a port taken, a file that is no capture
        sys.exit(1)


if __name__ == "__main__":
    main()
