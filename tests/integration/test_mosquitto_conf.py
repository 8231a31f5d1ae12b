"""mosquitto/mosquitto.conf, read by the real mosquitto: each line that a promise of ours rests on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from support.broker import Broker, retained
from support.waiting import until

CONFIGURATION = Path(__file__).parents[2] / "mosquitto" / "mosquitto.conf"
OF_THE_CONTAINER = ("listener", "log_", "persistence", "connection_messages")  # the fixture's own stand for these


def lines() -> list[str]:
    text = CONFIGURATION.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    ours = tuple(line for line in lines() if not line.startswith(OF_THE_CONTAINER))
    broker = Broker(tmp_path / "broker", settings=ours).start()
    yield broker
    broker.stop()


def test_every_line_is_explained() -> None:
    explained = False
    for line in CONFIGURATION.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            explained = False
        elif line.startswith("#"):
            explained = True
        else:
            assert explained, f"no comment above: {line}"


def test_a_reader_gets_all_of_5000_retained_topics(broker: Broker) -> None:
    with broker.bus() as bus:
        for number in range(5000):
            bus.publish(f"switch/main/extension/{number}", b'{"state":"idle"}' * 10, retain=True, qos=0)
        bus.publish("switch/main/last", b"1")  # QoS 1, in order: when it is acknowledged, all are in
    assert len(retained(broker, "switch/#")) == 5000


def test_the_packet_bound_is_announced_and_held(broker: Broker) -> None:
    announced: list[int] = []
    ended: list[str] = []

    def on_connect(_c: Client, _u: object, _f: object, _code: ReasonCode, properties: Properties | None) -> None:
        announced.append(getattr(properties, "MaximumPacketSize", 0))

    def on_disconnect(_c: Client, _u: object, _f: object, code: ReasonCode, _p: Properties | None) -> None:
        ended.append(str(code))

    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_connect = on_connect
    client.on_disconnect = on_disconnect
    client.connect(broker.host, broker.port)
    client.loop_start()
    until(lambda: announced, 5, "the connection")
    client.publish("lampfield/v1/switch/main/raw/CUSTOM", b"x" * (2 << 20), qos=1)
    until(lambda: ended, 5, "the broker's refusal")
    client.disconnect()
    client.loop_stop()

    assert announced[0] == 1 << 20
    assert retained(broker) == {}
