"""ESL byte in to SPI byte out: publisher, mosquitto and renderer as processes of their own, 100 events a second.

Every fifth event puts the call on hold or takes it off, which changes the counts on a 64x8 panel that stays on `calls`;
the others change nothing. A fake `spidev` reports the instant of each transfer by a datagram; all clocks are one
machine's CLOCK_MONOTONIC. Beside it: one process that goes from greenswitch straight to luma, without a broker.
"""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from demo_switch.wire import encode_plain, event_frame
from measure import Row, spread
from support.broker import Broker, Bus
from support.captures import events
from support.esl_server import EslServer, Obedient, Peer, plain_frame
from support.publisher import Publisher
from support.waiting import until

__all__ = ["rows"]

TESTS = Path(__file__).parent.parent / "tests"
EVENTS = 2_000
ROUNDS = 3
PERIOD = 0.01  # seconds between two events
EVERY = 5  # which of them change the picture
SETTLED = 4.0  # after the second snapshot, about two seconds after the connect, none comes for an hour

_SPIDEV = """
import os, socket, time

class SpiDev:
    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._to = ("127.0.0.1", int(os.environ["BENCH_PORT"]))
        self.max_speed_hz = self.mode = 0

    def open(self, port, device):
        pass

    def writebytes(self, values):
        self._socket.sendto(b"%d" % time.monotonic_ns(), self._to)

    writebytes2 = writebytes

    def close(self):
        pass
"""

_DIRECT = """
import gevent
from greenswitch import InboundESL
from luma.core.interface.serial import noop, spi
from luma.core.render import canvas
from luma.led_matrix.device import max7219
from luma.core.legacy import text
from luma.core.legacy.font import proportional, CP437_FONT
import os, sys

device = max7219(spi(port=0, device=0, gpio=noop(), gpio_DC=None, gpio_RST=None), cascaded=8, block_orientation=-90)

def changed(event):
    with canvas(device) as draw:
        text(draw, (0, 0), "1 " + event.headers["Channel-Call-State"], fill="white", font=proportional(CP437_FONT))

client = InboundESL("127.0.0.1", int(os.environ["ESL_PORT"]), "ClueCon")
client.register_handle("CHANNEL_CALLSTATE", changed)
client.connect()
client.send("event plain CHANNEL_CALLSTATE")
gevent.sleep(3600)
"""


class Transfers:
    """When the fake SPI device took bytes."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.port: int = self._socket.getsockname()[1]

    def first_after(self, instant: int, limit: float) -> int | None:
        """The instant (ns) of the first transfer after `instant`, waiting until `limit` seconds after it at most."""
        while (left := limit - (time.monotonic_ns() - instant) / 1e9) > 0:
            self._socket.settimeout(left)
            try:
                taken = int(self._socket.recv(64))
            except TimeoutError:
                return None
            if taken > instant:
                return taken
        return None

    def drain(self) -> None:
        """Forgets what has come."""
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(64):
                pass


def story() -> tuple[list[bytes], bytes, bytes, bytes]:
    """From the captured call: how it comes to be, the events that hold and resume it, and one that changes nothing."""
    bodies = events("call_hold")
    parsed = [msgspec.json.decode(body, type=dict[str, str | list[str]]) for body in bodies]
    bridged = next(at for at, each in enumerate(parsed) if each["Event-Name"] == "CHANNEL_BRIDGE")
    states = [
        (at, each) for at, each in enumerate(parsed) if at > bridged and each["Event-Name"] == "CHANNEL_CALLSTATE"
    ]
    held = next(at for at, each in states if each["Channel-Call-State"] == "HELD")
    resumed = next(at for at, each in states if at > held and each["Channel-Call-State"] == "ACTIVE")
    return bodies[: bridged + 1], bodies[held], bodies[resumed], bodies[bridged]


def sample(transfers: Transfers, say: Callable[[bytes], None]) -> list[float]:
    """Milliseconds from each event that changes the picture to the first byte on SPI."""
    _, held, resumed, nothing = story()
    found = []
    due = time.monotonic()
    for number in range(EVENTS):
        due += PERIOD
        time.sleep(max(due - time.monotonic(), 0))
        if number % EVERY:
            say(nothing)
            continue
        transfers.drain()
        begin = time.monotonic_ns()
        say(held if number // EVERY % 2 == 0 else resumed)
        taken = transfers.first_after(begin, PERIOD * (EVERY - 1))
        found.append(PERIOD * (EVERY - 1) * 1000 if taken is None else (taken - begin) / 1e6)
    return found


@contextlib.contextmanager
def program(directory: Path, transfers: Transfers, *words: str, **variables: str) -> Iterator[None]:
    """A Python process that finds our `spidev`."""
    (directory / "spidev.py").write_text(_SPIDEV, encoding="utf-8")
    paths = os.pathsep.join((str(directory), str(TESTS)))
    environment = {**os.environ, "PYTHONPATH": paths, "BENCH_PORT": str(transfers.port), **variables}
    with (directory / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, *words], env=environment, cwd=directory, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def started(broker: Broker) -> Iterator[Broker]:
    """A broker for the length of a `with`."""
    try:
        yield broker.start()
    finally:
        broker.kill()


def lampfield(directory: Path, transfers: Transfers) -> list[float]:
    """The whole line."""
    script = Obedient()
    with (
        started(Broker(directory / "broker")) as broker,
        EslServer(script) as server,
        Publisher(directory, broker, server, RESYNC_SECONDS="3600"),
        Bus(broker.host, broker.port) as bus,
        program(
            directory, transfers, "-m", "led_renderer", LAMPFIELD_MQTT_HOST=broker.host,
            LAMPFIELD_MQTT_PORT=str(broker.port), LAMPFIELD_DISPLAY="bench", LAMPFIELD_DRIVER="max7219",
            LAMPFIELD_CASCADED="8", LAMPFIELD_HEARTBEAT_FILE=str(directory / "panel"),
        ),
    ):  # fmt: skip
        until(lambda: bool(script.listeners), 20, "the publisher's subscription")
        time.sleep(SETTLED)
        bus.publish("display/bench/cmd/page", b"calls")
        for body in story()[0]:
            script.say(event_frame(body, "json"))
        time.sleep(1)
        return sample(transfers, lambda body: script.say(event_frame(body, "json")))


def direct(directory: Path, transfers: Transfers) -> list[float]:
    """greenswitch to luma in one process; it sees only the events that it draws."""
    subscribed: list[Peer] = []

    def script(peer: Peer) -> None:
        peer.login()
        peer.command()
        peer.send(plain_frame("command/reply", Reply_Text="+OK event listener enabled plain"))
        subscribed.append(peer)
        peer.wait()

    def say(body: bytes) -> None:
        headers = msgspec.json.decode(body, type=dict[str, str | list[str]])
        if headers["Event-Name"] == "CHANNEL_CALLSTATE":
            subscribed[0].send(event_frame(encode_plain(headers), "plain"))

    (directory / "direct.py").write_text(_DIRECT, encoding="utf-8")
    with EslServer(script) as server, program(directory, transfers, "direct.py", ESL_PORT=str(server.port)):
        until(lambda: bool(subscribed), 20, "greenswitch's subscription")
        time.sleep(1)
        return sample(transfers, say)


def rows() -> list[Row]:
    """Both in turn, round after round: the 99th percentile is the fourth longest, and any hiccup makes four."""
    rounds: dict[str, list[tuple[float, float]]] = {"lampfield": [], "direct": []}
    for _ in range(ROUNDS):
        for name, contender in (("lampfield", lampfield), ("direct", direct)):
            with tempfile.TemporaryDirectory() as directory:
                times = sorted(contender(Path(directory), Transfers()))
            rounds[name].append((statistics.median(times), times[int(len(times) * 0.99)]))
    (p50, p99), (direct50, direct99) = (map(spread, zip(*each, strict=True)) for each in rounds.values())
    figure = (
        f"p50 {p50.median:.1f} ms, p99 {p99.median:.1f} ({p99.least:.1f}-{p99.most:.1f}) ms of {EVENTS // EVERY};"
        f" without a broker, greenswitch to luma: p50 {direct50.median:.1f} ms ({p50.median / direct50.median:.1f}x),"
        f" p99 {direct99.median:.1f} ms"
    )
    met = p50.median <= 5 and p99.median <= 25
    return [Row("ESL byte in to SPI byte out at 100 events/s", figure, "p50 ≤ 5 ms, p99 ≤ 25 ms", met)]
