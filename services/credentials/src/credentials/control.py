"""Tells a running broker: commands for its dynamic security plugin, and what a retired display left behind.

One short connection for each; the link of the services is for those who stay.
"""

import json
import secrets
import ssl
import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

__all__ = ["Broker", "LoginRefusedError", "NotThereError", "apply", "forget"]

BATCH = 1_000  # deletions under way at once
REQUEST = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{REQUEST}/response"
SECONDS = 10.0


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

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Sends at QoS 1; the number that is acknowledged. Raises ConnectionError."""
        sent = self._client.publish(topic, payload, 1, retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ConnectionError(f"the connection to the broker ended: {sent.rc}")
        return sent.mid

    def acknowledged(self, numbers: set[int]) -> None:
        """Waits for these acknowledgements."""
        self.wait(lambda: numbers <= self._acked, "its acknowledgements")

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Until the condition holds. Raises ConnectionError when that takes too long."""
        with self._changed:
            if not self._changed.wait_for(condition, SECONDS):
                raise ConnectionError(f"{self._broker.host}:{self._broker.port}: waited in vain for {what}")

    def _on_connect(self, client: Client, _userdata: object, _flags: object, code: Any, _properties: object) -> None:
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
    """Deletes everything retained below `prefix`; returns how many topics that were."""
    marker = f"{prefix}/fence"
    token = secrets.token_hex(8).encode()
    with _Visit(broker, f"{prefix}/#") as visit:
        visit.publish(marker, token)  # the broker keeps the order: what was retained comes first
        visit.wait(lambda: any(message.payload == token for message in visit.messages), "its retained messages")
        topics = sorted({message.topic for message in visit.messages if message.retain and message.payload})
        for start in range(0, len(topics), BATCH):  # paho holds each until it is acknowledged
            visit.acknowledged({visit.publish(topic, b"", retain=True) for topic in topics[start : start + BATCH]})
    return len(topics)
