"""How far one mosquitto goes: CPU of the broker per message that comes in and per message that goes out.

One sender and 1 to 300 readers, all of them bare sockets that speak just enough MQTT 5; every message is a retained
state of 700 bytes at QoS 1, as most of ours are. Counted is the broker's own CPU time, so that the readers, which share
the cores with it, do not disturb: `cpu = a * in + b * out`, by least squares over the runs. mosquitto works in one
thread, so it is full when that comes to one core; `table()` says for how many switches and displays.

`PYTHONPATH=tests python bench/scaling.py` prints the rows and the table of docs/scaling.md.
"""

import os
import selectors
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from measure import Row
from support.broker import Broker
from support.flood import packet, text

__all__ = ["rows"]

CONF: Final = Path(__file__).parents[1] / "mosquitto" / "mosquitto.conf"
PAYLOAD: Final = b"x" * 700  # the mean of the demo's day, topic included, is 750: most are 200, `recent` is 8 000
TOPICS: Final = 500  # that exist, and are written in turn
WINDOW: Final = 50  # the sender's messages that wait for an answer
READERS: Final = (1, 10, 100, 300)
DELIVERIES: Final = 30_000  # of each run
LIMIT: Final = 60.0  # seconds for each run

# What a switch makes, counted on the bus over 28 calls of the demo's day: 15 publications for each call.
PER_CALL: Final = 15.0
CALLS_PER_MINUTE: Final = 50.0  # of a busy switch with some hundred telephones
IDLE: Final = 1 / 15 + 1 / 20 + 1 / 60  # health, stats, history: without any call
FULL: Final = 0.7  # of a core: above it a burst waits


class Run(NamedTuple):
    """Messages in and out, and the broker's CPU seconds for them."""

    into: int
    out: int
    cpu: float


def settings() -> tuple[str, ...]:
    """Of mosquitto.conf, what has to do with load."""
    wanted = ("set_tcp_nodelay", "max_queued_messages", "max_queued_bytes", "max_inflight_messages", "max_packet_size")
    lines = CONF.read_text(encoding="utf-8").splitlines()
    return ("allow_anonymous true", "log_type none", *(line for line in lines if line.startswith(wanted)))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client:
    """A bare connection: counts PUBLISH and answers each, counts PUBACK."""

    def __init__(self, port: int, name: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = self.acknowledged = self.answers = 0
        self._buffer = b""
        connect = text("MQTT") + b"\x05\x02\x00\x00" + b"\x03\x21\xff\xff" + text(name)  # Receive Maximum: all
        self.socket.sendall(packet(0x10, connect))
        self._until(lambda: self.answers == 1)

    def subscribe(self, topics: str) -> None:
        """At QoS 1, without what is retained."""
        self.socket.sendall(packet(0x82, b"\x00\x01\x00" + text(topics) + b"\x21"))
        self._until(lambda: self.answers == 2)

    def take(self) -> None:
        """Reads what is there and answers it."""
        self._buffer += self.socket.recv(1 << 18)
        at, answer = 0, bytearray()
        while (end := self._end(at)) is not None:
            kind, start, stop = end
            if kind == 3:
                (topic,) = struct.unpack_from(">H", self._buffer, start)
                answer += b"\x40\x02" + self._buffer[start + 2 + topic : start + 4 + topic]
                self.received += 1
            elif kind == 4:
                self.acknowledged += 1
            else:
                self.answers += 1
            at = stop
        self._buffer = self._buffer[at:]
        if answer:
            self.socket.sendall(answer)

    def _end(self, at: int) -> tuple[int, int, int] | None:
        """Of the packet at `at`: kind, where its body begins and ends; None while it is not whole."""
        size, shift, place = 0, 0, at + 1
        while place < len(self._buffer):
            size |= (self._buffer[place] & 0x7F) << shift
            if not self._buffer[place] & 0x80:
                stop = place + 1 + size
                return (self._buffer[at] >> 4, place + 1, stop) if stop <= len(self._buffer) else None
            place, shift = place + 1, shift + 7
        return None

    def _until(self, condition: Callable[[], bool]) -> None:
        self.socket.settimeout(10)
        while not condition():
            self.take()


def measured(readers: int) -> Run:
    """One sender, so many readers, a broker of their own."""
    with tempfile.TemporaryDirectory() as directory:
        broker = Broker(Path(directory), settings=settings()).start()
        clients: list[Client] = []
        try:
            clients = [Client(broker.port, f"reader-{number}") for number in range(readers)]
            for client in clients:
                client.subscribe("lampfield/v1/switch/#")
            sender = Client(broker.port, "sender")
            clients.append(sender)
            count = max(DELIVERIES // readers, 200)
            before = cpu_seconds(broker.pid)
            send(sender, clients, count)
            return Run(count, count * readers, cpu_seconds(broker.pid) - before)
        finally:
            for client in clients:
                client.socket.close()
            broker.kill()


def send(sender: Client, clients: list[Client], count: int) -> None:
    """Sends `count` messages and reads until everybody has them all. AssertionError when that takes too long."""
    packets = [
        packet(0x33, text(f"lampfield/v1/switch/main/call/{number:032x}") + b"%b\x00" + PAYLOAD)
        for number in range(TOPICS)
    ]
    end = time.monotonic() + LIMIT
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        sent = 0
        while sender.acknowledged < count or any(client.received < count for client in clients[:-1]):
            assert time.monotonic() < end, "the broker did not deliver everything in time"
            batch = b""
            while sent < count and sent - sender.acknowledged < WINDOW:
                batch += packets[sent % TOPICS].replace(b"%b", struct.pack(">H", sent % 65535 + 1), 1)
                sent += 1
            if batch:
                sender.socket.sendall(batch)
            for key, _ in selector.select(1.0):
                key.data.take()


def fitted(runs: list[Run]) -> tuple[float, float]:
    """Seconds of CPU for a message in and for one out: least squares, by the normal equations of two unknowns."""
    ii = sum(run.into * run.into for run in runs)
    io = sum(run.into * run.out for run in runs)
    oo = sum(run.out * run.out for run in runs)
    ic = sum(run.into * run.cpu for run in runs)
    oc = sum(run.out * run.cpu for run in runs)
    rest = ii * oo - io * io
    return max((ic * oo - oc * io) / rest, 0.0), (oc * ii - ic * io) / rest


def table(into: float, out: float) -> list[str]:
    """Messages a second that go out, and the share of a core, for 1 to 100 switches and 1 to 1 000 displays."""
    rate = CALLS_PER_MINUTE / 60 * PER_CALL + IDLE
    lines = ["| switches | in/s | 1 display | 10 | 100 | 1 000 |", "|---|---|---|---|---|---|"]
    for switches in (1, 10, 100):
        cells = []
        for displays in (1, 10, 100, 1_000):
            load = switches * rate * (into + out * displays)
            cells.append(f"{grouped(switches * rate * displays)}/s, {load:.1%}{'' if load <= FULL else ': too much'}")
        lines.append(f"| {switches} | {grouped(switches * rate)} | {' | '.join(cells)} |")
    return lines


def grouped(number: float) -> str:
    """`1 846 667`."""
    return f"{number:,.0f}".replace(",", " ")


def rows() -> list[Row]:
    """What one broker can do."""
    return report([measured(readers) for readers in READERS])


def report(runs: list[Run]) -> list[Row]:
    """The runs, one by one, and what fits them all."""
    into, out = fitted(runs)
    made = [
        Row(
            f"mosquitto, {readers} readers: CPU for each delivery",
            f"{run.cpu / run.out * 1e6:.1f} µs ({run.out} of {run.into} messages)",
            "",
            None,
        )
        for readers, run in zip(READERS, runs, strict=True)
    ]
    figure = f"{into * 1e6:.0f} µs in, {out * 1e6:.1f} µs out: {grouped(1 / out)} deliveries/s fill a core"
    return [*made, Row("mosquitto, a message", figure, "", None)]


if __name__ == "__main__":
    found = [measured(readers) for readers in READERS]
    for row in report(found):
        print(f"{row.what}: {row.figure}")
    print("\n".join(table(*fitted(found))))
    sys.exit(0)
