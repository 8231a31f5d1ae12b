"""Every pair of user and topic, tried on a real broker.

What should be so is said here anew, in the words of DESIGN.md, and not asked of the code that grants it.
"""

import threading
from collections.abc import Iterable
from typing import Any, Self

from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from lampfield_bus.channels import CHANNELS, Channel
from support.broker import ROOT
from support.mqtt import Client

__all__ = ["Prober", "may_read", "may_write", "topics"]

LIFE = ("availability", "health", "info")  # whether a part is there, and what it is
COUNTED = (*LIFE, "gateway", "queue", "extension")  # what Home Assistant is told of a switch
SPOKEN = ("availability", "info", "health", "calls")  # what a flow says of a switch
LAMPS = ("availability", "info", "health", "extension", "queue")  # what an answer page shows
NUMBERS = ("/call/", "/recent", "/raw/")  # where parties' numbers and names stand; event/call/ is one of them
SECONDS = 20.0


def topics() -> list[str]:
    """Two topics of each row: with `main` or `lobby`, which users are called, and with somebody else's name."""
    return list(dict.fromkeys(_topic(row, name) for row in CHANNELS for name in (_own(row), "other")))


def may_write(user: str, topic: str) -> bool:
    """Whether this user should be able to write that topic."""
    first, name, third = topic.split("/")[:3]
    order = third in ("cmd", "page")
    if user == "operator":
        return order
    if user == "displays":
        return first == "display" and not order
    kind, _, own = user.rpartition("-")
    if kind == "control" and (first, third, topic.rsplit("/", maxsplit=1)[-1]) == ("group", "cmd", "notify"):
        return True  # a flow shows a message
    return (first, name) == (kind, own) and not order


def may_read(user: str, topic: str, *, numbers: bool = True) -> bool:
    """Whether this user should receive what somebody writes there."""
    first, name, third = topic.split("/")[:3]
    kind, _, own = user.rpartition("-")
    if user in ("viewer", "operator") or (first, name) == (kind, own):
        return True
    if first not in ("switch", "display", "group") or kind == "switch":
        return (user, first) == ("wall", "sip") and third in ("availability", "health", "summary")  # nobody else's
    if kind in ("control", "sip"):  # the latter: which call of the switch a dialog is a leg of
        called = third == "call" or topic.endswith("/call/ended")
        return first == "switch" and (called if kind == "sip" else third in SPOKEN)
    counts = not any(part in topic for part in NUMBERS)
    if user in ("wall", "phone"):
        shown = third not in ("cmd", "page", "fence") if user == "wall" else first == "switch" and third in LAMPS
        return first in ("switch", "display") and counts and shown
    if kind == "home-assistant":
        return third in COUNTED if first == "switch" else first == "display" and third in LIFE
    return (numbers or counts) if first == "switch" else first == "group" or user == "displays"


class Prober:
    """One user's client that tells what it was allowed: paho's, with nothing of ours. Use with `with`."""

    def __init__(self, address: tuple[str, int], user: str, password: str, *, will: str | None = None) -> None:
        self._changed = threading.Condition()
        self._codes: dict[int, list[bool]] = {}
        self.received: set[str] = set()  # topics
        self.connected: bool | None = None
        self._address = address
        # One that is thrown out stays out: else its thread waits a second before it comes again, or ends.
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, reconnect_on_failure=False)
        client.username_pw_set(user, password)
        client.max_inflight_messages_set(1000)
        if will is not None:
            client.will_set(f"{ROOT}/{will}", b"will", qos=1)
        client.on_connect = self._on_connect
        client.on_publish = lambda _c, _u, mid, code, _p: self._note(mid, [code])
        client.on_subscribe = lambda _c, _u, mid, codes, _p: self._note(mid, codes)
        client.on_message = self._on_message
        self._client = client

    def __enter__(self) -> Self:
        self._client.connect(*self._address)
        self._client.loop_start()
        self.wait(lambda: self.connected is not None)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def writes(self, found: Iterable[str]) -> dict[str, bool]:
        """Which of these topics the broker lets it write."""
        sent = {topic: self._client.publish(f"{ROOT}/{topic}", b"x", 1).mid for topic in found}
        return self._answers(sent)

    def subscribes(self, filters: Iterable[str], root: str = f"{ROOT}/") -> dict[str, bool]:
        """Which of these filters the broker lets it subscribe to."""
        sent = {each: self._client.subscribe(f"{root}{each}", 1)[1] or 0 for each in filters}
        return self._answers(sent)

    def wait(self, condition: Any) -> None:
        """Until the condition holds."""
        with self._changed:
            assert self._changed.wait_for(condition, SECONDS), "the broker did not answer"

    def _answers(self, sent: dict[str, int]) -> dict[str, bool]:
        self.wait(lambda: set(sent.values()) <= self._codes.keys())
        return {topic: all(self._codes[mid]) for topic, mid in sent.items()}

    def _on_connect(self, _client: object, _userdata: Any, _flags: Any, code: Any, _properties: Any) -> None:
        with self._changed:
            self.connected = not code.is_failure
            self._changed.notify_all()

    def _on_message(self, _client: object, _userdata: Any, message: MQTTMessage) -> None:
        with self._changed:
            self.received.add(message.topic.removeprefix(f"{ROOT}/"))
            self._changed.notify_all()

    def _note(self, mid: int, codes: list[Any]) -> None:
        with self._changed:
            self._codes[mid] = [not code.is_failure for code in codes]
            self._changed.notify_all()


def _own(row: Channel) -> str:
    return {"switch": "main", "node": "main"}.get(row.parameters[0], "lobby")


def _topic(row: Channel, name: str) -> str:
    return row.topic(name, *["x"] * (len(row.parameters) - 1))
