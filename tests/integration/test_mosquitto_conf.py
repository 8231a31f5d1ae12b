"""mosquitto/mosquitto.conf, read by the real mosquitto: each line that a promise of ours rests on."""

import re

from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from support.locked import CONFIGURATION, Locked
from support.mqtt import Client
from support.waiting import until


def test_every_line_is_explained() -> None:
    explained = False
    for line in CONFIGURATION.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            explained = False
        elif line.startswith("#"):
            explained = True
        else:
            assert explained, f"no comment above: {line}"


def test_nobody_gets_in_without_a_password(locked: Locked) -> None:
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert re.findall(r"^allow_anonymous (.*)$", text, re.MULTILINE) == ["false"]
    assert refused(locked, None) == refused(locked, ("viewer", "wrong")) == refused(locked, ("nobody", "x"))
    assert refused(locked, ("viewer", locked.password("viewer"))) == ""


def refused(locked: Locked, login: tuple[str, str] | None) -> str:
    """What the broker says to this login; empty: it is let in."""
    told: list[ReasonCode] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_connect = lambda _c, _u, _f, code, _p: told.append(code)
    if login is not None:
        client.username_pw_set(*login)
    client.connect(locked.broker.host, locked.broker.port)
    client.loop_start()
    until(lambda: told, 5, "the broker's answer")
    client.disconnect()
    client.loop_stop()
    return str(told[0]) if told[0].is_failure else ""


def test_a_reader_gets_all_of_5000_retained_topics(locked: Locked) -> None:
    with locked.bus("switch-main") as bus:
        for number in range(5000):
            bus.publish(f"switch/main/extension/{number}", b'{"state":"idle"}' * 10, retain=True, qos=0)
        bus.publish("switch/main/last", b"1")  # QoS 1, in order: when it is acknowledged, all are in
    with locked.bus("displays") as reader:
        reader.subscribe("switch/#").wait_for(lambda: len(reader.latest) == 5000)


def test_the_packet_bound_is_announced_and_held(locked: Locked) -> None:
    announced: list[int] = []
    ended: list[str] = []

    def on_connect(_c: object, _u: object, _f: object, _code: ReasonCode, properties: Properties | None) -> None:
        announced.append(getattr(properties, "MaximumPacketSize", 0))

    def on_disconnect(_c: object, _u: object, _f: object, code: ReasonCode, _p: Properties | None) -> None:
        ended.append(str(code))

    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_connect = on_connect
    client.on_disconnect = on_disconnect
    client.username_pw_set("switch-main", locked.password("switch-main"))
    client.connect(locked.broker.host, locked.broker.port)
    client.loop_start()
    until(lambda: announced, 5, "the connection")
    client.publish("lampfield/v1/switch/main/raw/CUSTOM", b"x" * (2 << 20), qos=1)
    until(lambda: ended, 5, "the broker's refusal")
    client.disconnect()
    client.loop_stop()

    assert announced[0] == 1 << 20
