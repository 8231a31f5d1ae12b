"""Socket to state to publications, against greenswitch receiving and parsing the same calls. The link is excluded.

Every contender reads from a process of its own (peer.py) that sends the same events as fast as it is read; what is
compared is the contender's CPU time, so what else runs on the machine matters little. `rows` runs all of them round
after round; `python bench/ingest.py CONTENDER bridged|all` is one round of one contender.

- `lampfield`: source, decoder and machine as the publisher wires them: what one read brought is told together.
- `one by one`: the same, but each event told by itself, as when events come singly.
- `source`, `decoded`: the publisher's way up to there; what a stage costs is the difference.
- `framing`: the limit for Python: recv, find the header's end, cut the body out.
- `greenswitch`: as shipped, `event plain`, a handler that does nothing. `genesis`: likewise, on asyncio. It is no
  dependency: its fifty packages (fastapi, redis, OpenTelemetry) pin others than ours. It is measured if it stands in a
  virtual environment of its own: `python3 -m venv .venv-genesis && .venv-genesis/bin/pip install genesis`.
"""

import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import gevent
from greenswitch import InboundESL

from esl_publisher import facts
from esl_publisher.commands import Command, subscribe
from esl_publisher.decode import decode, subscription
from esl_publisher.source import Source
from esl_publisher.switch import Switch, SwitchOptions
from measure import Row, Spread, spread
from peer import loops, stream_of

__all__ = ["rows"]

HERE = Path(__file__).parent
GENESIS = HERE.parent / ".venv-genesis" / "bin" / "python"
ROUNDS = dict.fromkeys(("lampfield", "one by one", "decoded", "source", "framing", "greenswitch"), 9) | {"genesis": 1}
MIXED_ROUNDS = dict.fromkeys(("lampfield", "greenswitch"), 3)
PLAIN = ("greenswitch", "genesis")
_LENGTH = re.compile(rb"Content-Length: (\d+)")

Take = Callable[[list[bytes]], None]


def peer(style: str, stream: str) -> tuple["subprocess.Popen[str]", int]:
    """The sender, and its port."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "peer.py"), style, stream], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def report(count: int, began: tuple[float, float]) -> None:
    """One line: events, CPU seconds, wall seconds, KiB of memory at most."""
    cpu, wall = time.process_time() - began[0], time.perf_counter() - began[1]
    print(count, cpu, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def greenswitch(port: int, expected: int) -> None:
    """greenswitch as shipped."""
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


def framing(port: int, expected: int) -> None:
    """A bare framing loop on a blocking socket."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.recv(4096)
        sock.sendall(b"auth ClueCon\n\n")
        sock.recv(4096)
        began = (time.process_time(), time.perf_counter())
        sock.sendall(SUBSCRIBE.wire)
        seen, buffer = -1, b""  # the first frame is the reply
        while seen < expected:
            buffer += sock.recv(256 * 1024)
            start = 0
            while (end := buffer.find(b"\n\n", start)) >= 0:
                length = _LENGTH.search(buffer, start, end)
                after = end + 2 + (int(length[1]) if length else 0)
                if after > len(buffer):
                    break
                _body = buffer[end + 2 : after]
                start, seen = after, seen + 1
            buffer = buffer[start:]
        report(seen, began)


def lampfield(port: int, expected: int, take: Take) -> None:
    """Our source, and what is done with the bodies that it hands over."""
    source = Source("127.0.0.1", port, "ClueCon")
    seen = 0

    def count(bodies: list[bytes]) -> None:
        nonlocal seen
        take(bodies)
        seen += len(bodies)

    source.register_handle("*", count)
    source.connect()
    source.start_event_handlers()
    began = (time.process_time(), time.perf_counter())
    source.send(SUBSCRIBE)
    while seen < expected:
        gevent.sleep(0.005)
    report(seen, began)


def decoded(bodies: list[bytes]) -> None:
    """As far as the decoder."""
    for body in bodies:
        decode(body)


def machine(*, together: bool) -> Take:
    """The decoder and the machine, down to the publications, as session.py and app.py do it."""
    switch = Switch(SwitchOptions(switch="main", instance="bench", tz=ZoneInfo("UTC")))

    def take(bodies: list[bytes]) -> None:
        heard = [facts.EventReceived(decode(body), body) for body in bodies]
        now = time.time_ns() // 1_000_000
        told = 0
        for fact in heard:
            switch.hear(fact, now)
            if not together:
                told += len(switch.tell())
        if not told + len(switch.tell()) and len(bodies) > 40:
            raise RuntimeError("nothing was published: this measured nothing")

    return take


def rounds(stream: str, contenders: dict[str, int]) -> dict[str, list[list[float]]]:
    """What each contender printed, round after round."""
    results: dict[str, list[list[float]]] = {name: [] for name in contenders}
    for number in range(max(contenders.values())):
        for name, printed in results.items():
            if number < contenders[name]:
                done = subprocess.run(
                    [sys.executable, __file__, name, stream], capture_output=True, text=True, check=True
                )
                printed.append([float(word) for word in done.stdout.split()])
    return results


def per_event(printed: list[list[float]]) -> Spread:
    """CPU seconds an event."""
    return spread([cpu / count for count, cpu, *_ in printed])


def rows() -> list[Row]:
    """All contenders on the bridged call, and the two that matter on everything that was captured."""
    names = {name: times for name, times in ROUNDS.items() if name != "genesis" or GENESIS.exists()}
    results = rounds("bridged", names)
    each = {name: per_event(printed) for name, printed in results.items()}
    mixed = {name: per_event(printed) for name, printed in rounds("all", MIXED_ROUNDS).items()}
    memory = max(kib for *_, kib in results["lampfield"]) / 1024
    ratio = each["greenswitch"].median / each["lampfield"].median
    bars = {name: value.median * 1e6 for name, value in each.items()}
    return [
        Row(
            "ingest of bridged calls, socket to publications, against greenswitch's receive and parse",
            f"{ratio:.1f}x: {shown(each['lampfield'])} µs of CPU an event against {shown(each['greenswitch'])}",
            "≥ 5x",
            ratio >= 5,
            bars,
        ),
        Row("the same, each event told by itself", compared(each, "one by one"), "", None),
        Row("the same stream as far as the decoder", compared(each, "decoded"), "", None),
        Row("the same stream as far as the backlog", compared(each, "source"), "", None),
        Row("a bare framing loop on the same stream: the limit", compared(each, "framing"), "", None),
        *([Row("genesis receiving and parsing it", compared(each, "genesis"), "", None)] if "genesis" in each else []),
        Row("ingest of all captured streams, looped", compared(mixed, "lampfield"), "", None),
        Row("memory of such a publisher after 20 000 events at once", f"{memory:.0f} MiB", "≤ 64 MiB", memory <= 64),
    ]


def shown(value: Spread) -> str:
    """The median in µs, and from the least to the most."""
    return f"{value.median * 1e6:.1f} ({value.least * 1e6:.1f}-{value.most * 1e6:.1f})"


def compared(each: dict[str, Spread], one: str, other: str = "greenswitch") -> str:
    """How many times faster one is than the other."""
    return f"{each[other].median / each[one].median:.1f}x: {shown(each[one])} µs against {shown(each[other])}"


SUBSCRIBE: Command = subscribe(*subscription(()))


def main() -> None:
    """One round of one contender."""
    name, stream = sys.argv[1:]
    sender, port = peer("plain" if name in PLAIN else "json", stream)
    expected = loops(stream) * len(stream_of(stream))
    contenders: dict[str, Callable[[int, int], None]] = {
        "greenswitch": greenswitch,
        "framing": framing,
        "source": partial(lampfield, take=lambda _: None),
        "decoded": partial(lampfield, take=decoded),
        "lampfield": partial(lampfield, take=machine(together=True)),
        "one by one": partial(lampfield, take=machine(together=False)),
    }
    try:
        if name == "genesis":
            subprocess.run([str(GENESIS), str(HERE / "genesis_reader.py"), str(port), str(expected)], check=True)
        else:
            contenders[name](port, expected)
    finally:
        sender.kill()
        sender.wait()


if __name__ == "__main__":
    main()
