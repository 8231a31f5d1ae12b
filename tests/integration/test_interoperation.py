"""The bus as programs see it that nobody here wrote: mosquitto's own clients, and a plain one on MQTT 3.1.1."""

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import pytest
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from lampfield_bus.channels import Plain, match
from support.broker import ROOT, Broker
from support.line import Line, line
from support.mqtt import Client
from support.waiting import allowed, until

PREFIX = f"{ROOT}/"
EXPECTED = {
    "switch availability", "switch info", "switch health", "switch calls", "switch extension", "switch gateway",
    "switch queue", "switch agent", "switch today", "display availability", "display info", "display state",
    "display health", "display frame",
}  # fmt: skip


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with line(tmp_path_factory.mktemp("line"), ["hall"]) as whole:
        yield whole


def tree(broker: Broker) -> dict[str, bytes]:
    """What `mosquitto_sub --retained-only` shows, which is what MQTT Explorer draws as a tree."""
    command = ["mosquitto_sub", "-h", broker.host, "-p", str(broker.port), "-t", f"{PREFIX}#", "--retained-only"]
    done = subprocess.run(
        [*command, "-W", "5", "-F", "%t\t%X"], capture_output=True, text=True, timeout=20, check=False
    )  # fmt: skip
    lines = [each.split("\t") for each in done.stdout.splitlines()]
    return {topic.removeprefix(PREFIX): bytes.fromhex(payload) for topic, payload in lines}


def kinds(topics: Iterable[str]) -> set[str]:
    """Of which rows these are; AssertionError for one of none."""
    found = set()
    for topic in topics:
        row = match(topic)
        assert row, f"{topic} is in no row"
        found.add(" ".join(part for part in row[0].address.split("/") if not part.startswith("{")))
    return found


def test_every_retained_topic_is_in_the_table_and_holds_what_the_table_says(busy: Line) -> None:
    until(lambda: kinds(tree(busy.broker)) >= EXPECTED, 40, "everything that a switch and a display tell")
    for topic, payload in tree(busy.broker).items():
        row = match(topic)
        assert row
        channel, _ = row
        assert channel.retained, f"{topic} is retained"
        if isinstance(channel.payload, Plain):
            assert payload.decode()
        else:
            model: Any = channel.payload
            msgspec.json.decode(payload, type=list[model] if channel.many else model)


class Device:
    """The sketch of docs/esp8266.md: MQTT 3.1.1, QoS 0, a clean session, three subscriptions, a number or dashes."""

    def __init__(self, broker: Broker) -> None:
        self._changed = threading.Condition()
        self._online = self._connected = False
        self._total = -1
        self.shown = list[str]()
        self.client = Client(
            CallbackAPIVersion.VERSION2, client_id="esp-hall", clean_session=True, protocol=MQTTProtocolVersion.MQTTv311
        )
        self.client.on_message = self._receive
        self.client.on_connect = lambda client, *_: client.subscribe(
            [(f"{PREFIX}switch/main/{topic}", 0) for topic in ("availability", "info", "calls")]
        )
        self.client.connect(broker.host, broker.port, keepalive=10)
        self.client.loop_start()

    def wait_for(self, condition: Callable[[], object], limit: float = 30) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, allowed(limit)), self.shown[-10:]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _receive(self, _client: object, _userdata: Any, message: MQTTMessage) -> None:
        with self._changed:
            if message.topic.endswith("/availability"):
                self._online = message.payload == b"online"
            elif message.topic.endswith("/info"):
                self._connected = json.loads(message.payload)["esl"] == "connected"
            else:
                self._total = json.loads(message.payload)["total"]
            believed = self._online and self._connected and self._total >= 0
            self.shown.append(str(self._total) if believed else "--")
            self._changed.notify_all()


def test_a_plain_client_on_3_1_1_shows_the_calls_and_dashes_when_nobody_tells_them(busy: Line) -> None:
    device = Device(busy.broker)
    try:
        device.wait_for(lambda: device.shown and device.shown[-1].isdigit())
        device.wait_for(lambda: len({each for each in device.shown if each.isdigit()}) >= 2)
        busy.publisher.end(signal.SIGKILL)
        device.wait_for(lambda: device.shown[-1] == "--")
        busy.publisher.start()
        device.wait_for(lambda: device.shown[-1] != "--")
    finally:
        device.close()
