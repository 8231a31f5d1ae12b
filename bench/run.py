"""Every bench, one after the other, into docs/benchmarks.md. `python bench/run.py [NAME ...]` prints those only."""

import importlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from measure import Row
from plot import svg

BENCHES = ("decoding", "ingest", "latency", "panel", "scrolling", "flows", "sip_capture")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PLOT = PAGE.with_name("ingest.svg")
PLOT_TITLE = "CPU time an event of a bridged call, socket to publications"
LIBRARIES = ("gevent", "greenswitch", "luma.led_matrix", "msgspec", "paho-mqtt")


def processor() -> str:
    """What /proc calls it, where there is a /proc."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def page(rows: list[Row]) -> str:
    """The report: method, machine, ratios, what was not measured."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    met = {None: "-", True: "yes", False: "no"}
    table = "\n".join(f"| {row.what} | {row.figure} | {row.target or '-'} | {met[row.met]} |" for row in rows)
    return f"""# Benchmarks

Written by `make bench`; every row's contenders ran in turn in the same run, so trust the ratios, not the microseconds.

Machine: {processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; {versions}.

| what | measured | target | met |
|---|---|---|---|
{table}

![CPU time an event](ingest.svg)

How each is measured stands at the head of its program in `bench/`. A ratio is of medians over rounds; a range in
parentheses is from the slowest round to the fastest. CPU time is this process's own.

## Ingest: the stream, and where the time goes

Both sides get the same events: those of the captured bridged call (13, of 5.4 kB on average in JSON) or of all captures
(319), over and over, each time with uuids of its own, over 20 000 in all. They are the events that the publisher
subscribes to. greenswitch asks for `event plain ALL`, and on a real switch would get far more than these; that is not
held against it. Neither side has anything to do but read: the sender has made it all beforehand.

The rows "as far as the backlog" and "as far as the decoder" are the same stream through fewer stages, so their
differences are what a stage costs. The rest, most of it, is the machine: some fifty calls of Python functions an event,
none of which takes a tenth by itself. Garbage collection is no part of it (0.2 % of the time, measured with
`gc.callbacks`), and the size of a read and of a batch make no difference that can be told from noise. What did was
found by counting instructions (callgrind), where the clock cannot tell a twentieth: an event's time is read once a tick
of FreeSWITCH's clock, a call is looked at again only when the state of a leg has changed, an instant is spelt once; a
tenth in all. "Told by itself" is what an event costs when it comes alone: every call, lamp and counter that it changed
is encoded. Under load events come together, and of a topic that several of them change only what they amount to is
told, so a publisher that falls behind works faster.

The decoder's time is spent on headers that nobody reads: each is compared with every field of its struct. So channel
variables have a struct of their own, what stands between the headers that are read and the variables is cut out, and
a callstate tells what changed; who its leg is stands in it too, and is read only when the leg's CREATE was lost. The
decoder's contenders get turns of about the same length, because in a short turn one is measured on caches that the
other has just filled.

genesis is another client library for the Event Socket, on asyncio; as shipped, it splits and unquotes each event's
lines in Python, as greenswitch does. It is no dependency of ours: bench/ingest.py says how to have it measured.

## Not measured

- Nothing ran on a Raspberry Pi, and no real SPI bus or panel took the bytes: a fake `spidev` did, which costs nothing.
  An ioctl per transfer is not in these figures, nor the time on the wire (128 µs a module and frame at 1 MHz).
- Nothing ran against a live FreeSWITCH: the events are those captured from one (tests/data/esl).
- The network is loopback: no latency, no loss.
"""


def main() -> int:
    """All of them, or those named."""
    names = tuple(sys.argv[1:]) or BENCHES
    rows: list[Row] = []
    for name in names:
        for row in importlib.import_module(name).rows():
            rows.append(row)
            print(
                f"{'ok  ' if row.met in (True, None) else 'MISS'} {row.what}: {row.figure} (target {row.target})",
                flush=True,
            )
    if names == BENCHES:
        PAGE.write_text(page(rows), encoding="utf-8")
        for row in rows:
            if row.bars is not None:
                PLOT.write_text(svg(PLOT_TITLE, row.bars, "µs"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
