"""Tells a running broker: commands for its dynamic security plugin, and what a retired display left behind.

One short connection for each; the link of the services is for those who stay.
"""

import json
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, NamedTuple

from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from lampfield_bus.node.client import Client

__all__ = ["Broker", "LoginRefusedError", "NotThereError", "apply", "forget"]

BATCH = 1_000  # deletions that one acknowledgement is for
READINGS = 100  # of what is retained, until nothing is: a broker's queue holds only so much at a time
REQUEST = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{REQUEST}/response"
SECONDS = 10.0  # of silence
QUIET_SECONDS = 5.0  # a marker that has not come so long after the last message was lost in a full queue


class NotThereError(ConnectionError):
    """No broker answers there."""


class LoginRefusedError(ConnectionError):
    """The broker is there and does not let us in."""


class Broker(NamedTuple):
    """Where the broker is, and as whom to come."""

    host: str
    port: int
    username: str
    password: str
    tls: ssl.SSLContext | None = None


class _Visit:
    """One connection: subscribed to one filter, gathering what comes. Use with `with`."""

    def __init__(self, broker: Broker, topics: str) -> None:
        self._topics = topics
        self._changed = threading.Condition()
        self._refusal: str | None = None
        self._ready = False
        self._acked: set[int] = set()
        self.messages: list[MQTTMessage] = []
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"lampfield-credentials-{secrets.token_hex(4)}",
            protocol=MQTTProtocolVersion.MQTTv5,
        )
        client.username_pw_set(broker.username, broker.password)
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
        client.connect_timeout = SECONDS
        client.on_socket_open = _send_at_once
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._note(self._be_ready)
        client.on_message = lambda _c, _u, message: self._note(lambda: self.messages.append(message))
        client.on_publish = lambda _c, _u, mid, *_: self._note(lambda: self._acked.add(mid))
        self._client = client
        self._broker = broker

    def __enter__(self) -> "_Visit":
        try:
            self._client.connect(self._broker.host, self._broker.port, 30, clean_start=True)
        except OSError as error:
            raise NotThereError(f"{self._broker.host}:{self._broker.port}: {error}") from error
        self._client.loop_start()
        try:
            self.wait(lambda: self._ready or self._refusal, "the broker's answer")
            if self._refusal:
                raise LoginRefusedError(f"{self._broker.host}:{self._broker.port}: {self._refusal}")
        except ConnectionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client.close()

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> int:
        """Sends; the number that is acknowledged at QoS 1. Raises ConnectionError."""
        sent = self._client.publish(topic, payload, qos, retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ConnectionError(f"the connection to the broker ended: {sent.rc}")
        return sent.mid

    def delete(self, topics: Sequence[str]) -> None:
        """Deletes what is retained there. The last one's acknowledgement is for all: the broker keeps the order."""
        self._client.unsubscribe(self._topics)  # nobody here wants to hear of it
        for start in range(0, len(topics), BATCH):
            *most, last = topics[start : start + BATCH]
            for topic in most:
                self.publish(topic, b"", qos=0, retain=True)
            number = self.publish(last, b"", retain=True)
            self.wait(partial(self._acked.__contains__, number), "its acknowledgement")

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Until the condition holds. Raises ConnectionError when nothing comes any more."""
        if not self.heard(condition, SECONDS):
            raise ConnectionError(f"{self._broker.host}:{self._broker.port}: waited in vain for {what}")

    def heard(self, condition: Callable[[], object], silence: float) -> bool:
        """Waits for the condition as long as something comes every `silence` seconds or sooner; whether it holds."""
        with self._changed:
            while not condition():
                if not self._changed.wait(silence):
                    return bool(condition())
        return True

    def _on_connect(self, client: Any, _userdata: object, _flags: object, code: Any, _properties: object) -> None:
        if code.is_failure:
            self._note(lambda: self._refuse(str(code)))
        else:
            client.subscribe(self._topics, 1)

    def _note(self, note: Callable[[], object]) -> None:
        with self._changed:
            note()
            self._changed.notify_all()

    def _refuse(self, reason: str) -> None:
        self._refusal = reason

    def _be_ready(self) -> None:
        self._ready = True


def _send_at_once(_client: object, _userdata: object, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def apply(
    broker: Broker,
    commands: Sequence[dict[str, Any]],
    *,
    answered: bool = True,
    no_fault: AbstractSet[str] = frozenset(),
) -> None:
    """Has the plugin do all that.

    Raises NotThereError, LoginRefusedError, ConnectionError, and ValueError with the plugin's own words.
    `answered=False`: for what changes the user by whom we came: the plugin ends this connection before it answers.
    `no_fault`: what it may say without our minding.
    """
    with _Visit(broker, RESPONSE) as visit:
        visit.publish(REQUEST, json.dumps({"commands": list(commands)}).encode())
        if not answered:
            return
        visit.wait(lambda: visit.messages, "what the plugin says")
        told = json.loads(visit.messages[0].payload)["responses"]
    faults = [
        f"{each.get('command')}: {each['error']}" for each in told if each.get("error", "") not in {"", *no_fault}
    ]
    if faults:
        raise ValueError(f"the broker's plugin refused: {'; '.join(faults)}")


def forget(broker: Broker, prefix: str) -> int:
    """Deletes everything retained below `prefix`; returns how many topics that were. Raises ConnectionError.

    A queue that is full drops what does not fit, without a word: so it reads and deletes until a reading finds nothing.
    """
    count = 0
    for _ in range(READINGS):
        with _Visit(broker, f"{prefix}/#") as visit:
            topics, complete = _retained(visit, f"{prefix}/fence")
            visit.delete(topics)
        count += len(topics)
        if not topics and complete:
            return count
        if not topics:
            raise ConnectionError(f"{broker.host}:{broker.port}: waited in vain for its retained messages")
    raise ConnectionError(f"{broker.host}:{broker.port}: somebody writes below {prefix} again and again")


def _retained(visit: _Visit, marker: str) -> tuple[list[str], bool]:
    """The topics that hold something, and whether the marker behind them came: the broker keeps the order."""
    token = secrets.token_hex(8).encode()
    looked_at = 0

    def marked() -> bool:
        nonlocal looked_at
        fresh = visit.messages[looked_at:]
        looked_at += len(fresh)
        return any(message.payload == token for message in fresh)

    visit.publish(marker, token)
    complete = visit.heard(marked, QUIET_SECONDS)
    return sorted({message.topic for message in visit.messages if message.retain and message.payload}), complete
