"""Socket to state to publications, against greenswitch receiving and parsing the same calls. The link is excluded.

Both read from a process of their own that sends as fast as it is read; what is compared is this process's CPU time.
`python bench/ingest.py lampfield|greenswitch` is one round of one contender; `rows` runs them side by side.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import gevent
from greenswitch import InboundESL

from esl_publisher import facts
from esl_publisher.decode import decode, subscription
from esl_publisher.source import Source
from esl_publisher.switch import Switch, SwitchOptions
from measure import Row, spread

__all__ = ["rows"]

CALLS = 1_600  # times the events of one call: over 20 000
ROUNDS = 5


def peer(style: str) -> tuple["subprocess.Popen[str]", int]:
    """The sender, and its port."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("peer.py")), style, str(CALLS)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def report(count: int, began: tuple[float, float]) -> None:
    """One line: events, CPU seconds, wall seconds, KiB of memory at most."""
    cpu, wall = time.process_time() - began[0], time.perf_counter() - began[1]
    print(count, cpu, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def greenswitch(port: int, expected: int) -> None:
    """greenswitch as shipped: receive, parse, hand to a handler that does nothing."""
    client = InboundESL("127.0.0.1", port, "ClueCon")
    seen = 0

    def count(_event: object) -> None:
        nonlocal seen
        seen += 1

    client.register_handle("*", count)
    client.connect()
    began = (time.process_time(), time.perf_counter())
    client.send("event plain ALL")
    while seen < expected:
        gevent.sleep(0.005)
    report(seen, began)


def lampfield(port: int, expected: int) -> None:
    """Our source, decoder and machine, down to the publications."""
    source = Source("127.0.0.1", port, "ClueCon")
    switch = Switch(SwitchOptions(switch="main", instance="bench", tz=ZoneInfo("UTC")))
    seen = published = 0

    def take(bodies: list[bytes]) -> None:
        nonlocal seen, published
        now = time.time_ns() // 1_000_000
        for body in bodies:
            switch.hear(facts.EventReceived(decode(body), body), now)
        published += len(switch.tell())
        seen += len(bodies)

    source.register_handle("*", take)
    source.connect()
    source.start_event_handlers()
    began = (time.process_time(), time.perf_counter())
    source.send(SUBSCRIBE)
    while seen < expected:
        gevent.sleep(0.005)
    report(seen, began)
    if not published:
        raise RuntimeError("nothing was published: this measured nothing")


def rows() -> list[Row]:
    """Both contenders, round after round."""
    results: dict[str, list[list[float]]] = {"lampfield": [], "greenswitch": []}
    for _ in range(ROUNDS):
        for name, rounds in results.items():
            done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True)
            rounds.append([float(word) for word in done.stdout.split()])
    each = {name: spread([cpu / count for count, cpu, *_ in rounds]) for name, rounds in results.items()}
    ratio = each["greenswitch"].median / each["lampfield"].median
    wall = {name: max(count / wall for count, _, wall, _ in rounds) for name, rounds in results.items()}
    memory = max(kib for *_, kib in results["lampfield"]) / 1024
    figure = (
        f"{ratio:.1f}x: {each['lampfield'].median * 1e6:.0f} µs of CPU an event ({each['lampfield'].least * 1e6:.0f}-"
        f"{each['lampfield'].most * 1e6:.0f}) against {each['greenswitch'].median * 1e6:.0f};"
        f" {wall['lampfield']:.0f} events/s against {wall['greenswitch']:.0f}"
    )
    return [
        Row("ingest, socket to publications, against greenswitch's receive and parse", figure, "≥ 5x", ratio >= 5),
        Row("memory of such a publisher after 20 000 events at once", f"{memory:.0f} MiB", "≤ 64 MiB", memory <= 64),
    ]


if __name__ == "__main__":
    from esl_publisher.commands import subscribe
    from support.captures import events

    SUBSCRIBE = subscribe(*subscription(()))
    contender = {"lampfield": lampfield, "greenswitch": greenswitch}[sys.argv[1]]
    sender, number = peer("json" if sys.argv[1] == "lampfield" else "plain")
    try:
        contender(number, CALLS * len(events("call_bridged")))
    finally:
        sender.kill()
        sender.wait()
