"""The link to the broker, and the one place that speaks MQTT.

Two threads: the network thread (here) connects, again and again, and drives one paho client per connection, so nothing
of a dead connection can reach the next one; the sender's thread (`sender`) publishes. Callbacks only note and notify,
and an exception in one is logged, never raised into paho, whose thread it would end.
"""

import logging
import random as _random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions
from pydantic import SecretStr

from lampfield_bus.messages import Publication
from lampfield_bus.node import tls
from lampfield_bus.node.arrivals import Message
from lampfield_bus.node.backoff import STEADY_SECONDS, Backoff
from lampfield_bus.node.client import Client
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.measures import LinkCounts
from lampfield_bus.node.outbox import Outbox
from lampfield_bus.node.run import LogOnce
from lampfield_bus.node.sender import WINDOW, Sender, Subscription
from lampfield_bus.node.settings import NodeSettings, read_secret
from lampfield_bus.topics import encode_name

__all__ = ["Link", "LinkConfig", "Subscription"]

KEEPALIVE_SECONDS = 10
CONNECT_SECONDS = 5.0  # TCP, TLS and CONNACK each
WITH_WILL = 0x04  # reason codes of DISCONNECT: MQTT 5, 3.14.2.1
KEEPALIVE_TIMEOUT = 0x8D
TAKEN_OVER = 0x8E
HEADER_BYTES = 16  # of a PUBLISH without properties: at most 1 + 4 + 2 + 2 + 1

_log = logging.getLogger(__name__)


class LinkConfig(NamedTuple):
    """Where the broker is and who we are there. Topics are relative to `root`; no `availability`: no will either."""

    host: str
    port: int
    client_id: str
    fence: str
    availability: str | None
    root: str = "lampfield/v1"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None  # read again before every connection: a password may change while we run
    tls: bool = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    @classmethod
    def of(
        cls, settings: NodeSettings, service: str, name: str, *, availability: str | None, fence: str
    ) -> "LinkConfig":
        """The configuration of `<service>` named `<name>`: client id `lampfield-<service>-<name>`."""
        files = (settings.mqtt_ca_file, settings.mqtt_cert_file, settings.mqtt_key_file)
        ca_file, cert_file, key_file = (None if file is None else str(file) for file in files)
        return cls(
            host=settings.mqtt_host,
            port=settings.mqtt_port,
            client_id=f"lampfield-{service}-{encode_name(name)}",
            fence=fence,
            availability=availability,
            root=settings.topic_root,
            username=settings.mqtt_username,
            password=settings.mqtt_password,
            password_file=settings.mqtt_password_file,
            tls=settings.mqtt_tls,
            ca_file=ca_file,
            cert_file=cert_file,
            key_file=key_file,
        )


class Link:
    """One process's place on the bus. Raises ValueError at once for TLS files that are no certificates."""

    def __init__(
        self,
        config: LinkConfig,
        inbox: Inbox,
        subscriptions: Sequence[Subscription],
        *,
        random: Callable[[], float] = _random.random,
        outbox: Outbox | None = None,
    ) -> None:
        self._config = config
        self._inbox = inbox
        self._tls = tls.context(config.ca_file, config.cert_file, config.key_file) if config.tls else None
        self._outbox = Outbox() if outbox is None else outbox
        self._sender = Sender(self._outbox, inbox, subscriptions, availability=config.availability, fence=config.fence)
        self._backoff = Backoff(random)
        self._stopping = threading.Event()
        self._leaving = False  # by ourselves: the end of this connection is no news
        self._network = threading.Thread(target=self._connect_forever, name="link-network", daemon=True)
        self._sending = threading.Thread(target=self._sender.run, name="link-sender", daemon=True)
        self._connection: _Connection | None = None
        self._messages = 0

    def start(self) -> None:
        """Connects in the background, for as long as it takes; returns at once."""
        self._sending.start()
        self._network.start()

    def send(self, publications: Iterable[Publication]) -> None:
        """Hands publications over. Never waits, never touches the network; any thread."""
        self._sender.send(publications)

    def read_again(self) -> None:
        """Has all retained state told again, as a new reading; any thread. Nothing happens while disconnected."""
        self._sender.read_again()

    def flush(self, limit: float) -> bool:
        """Waits at most `limit` seconds until the broker has acknowledged everything that was sent; whether it has."""
        return self._sender.flush(limit)

    def stop(self, limit: float = 2.0) -> None:
        """Sends what waits, says `offline`, disconnects; returns within `limit` seconds, whatever the broker does."""
        began = time.monotonic()
        self._leaving = True
        self._sender.stop(began + limit * 0.5, began + limit * 0.75)
        if self._sending.is_alive():
            self._sending.join(limit * 0.85)
        self._stopping.set()
        if self._network.is_alive():
            self._network.join(limit * 0.1)
        if self._connection is None:
            return
        if self._network.is_alive():
            self._connection.abort("stopped")
            self._network.join(max(began + limit - time.monotonic(), 0.05))
        if not self._network.is_alive() and not self._sending.is_alive():
            self._connection.close()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and our subscriptions."""
        return self._sender.connected

    @property
    def alive(self) -> bool:
        """Whether both threads live: when one is gone, only a restart of the process helps."""
        return self._network.is_alive() and self._sending.is_alive()

    @property
    def retained_topics(self) -> int:
        """How many retained topics this process holds; its own `availability` is not counted."""
        return self._outbox.retained_topics

    @property
    def dropped(self) -> int:
        """How many publications and arrivals found no room."""
        return self._outbox.dropped + self._inbox.dropped

    @property
    def refused(self) -> Mapping[str, str]:
        """What the broker has not let us write or subscribe to, so far: topic or filter → its reason."""
        return dict(self._sender.refused)

    @property
    def messages(self) -> int:
        """How many messages were received, markers and our own `availability` not counted."""
        return self._messages

    @property
    def counts(self) -> LinkCounts:
        """How it stands and what it has done; any thread."""
        sender, outbox = self._sender, self._outbox
        return LinkCounts(
            connected=sender.connected,
            connections=sender.connections,
            received=self._messages,
            published=sender.acknowledged,
            dropped=self.dropped,
            waiting=outbox.waiting,
            under_way=outbox.under_way,
            retained_topics=outbox.retained_topics,
        )

    def _connect_forever(self) -> None:
        told: set[str] = set()  # reasons of this outage: each is told once, however often it is met
        while not self._stopping.is_set():
            began = time.monotonic()
            self._connection = connection = _Connection(self._config, self._tls, self._sender, self._receive)
            reason = connection.live(self._stopping)
            self._sender.closed(reason)
            delay = self._backoff.next(lasted=time.monotonic() - began if connection.accepted else 0.0)
            if connection.accepted:
                told.clear()
            if not self._leaving:
                level = logging.DEBUG if reason in told else logging.WARNING
                _log.log(level, "no broker: %s; next attempt in %.1f s", reason, delay)
            told.add(reason)
            self._stopping.wait(delay)

    def _receive(self, message: Message) -> None:
        """In the network thread."""
        if message.topic == self._config.fence:
            self._sender.marker(message.payload)
        elif message.topic == self._config.availability:
            self._sender.availability(message.payload)
        else:
            self._messages += 1
            if message.retain:
                self._sender.stored()
            self._inbox.put(message)


class _Connection:
    """One connection, from the TCP handshake to its end, with a paho client that is thrown away with it (a `Wire`)."""

    def __init__(
        self, config: LinkConfig, tls: ssl.SSLContext | None, sender: Sender, receive: Callable[[Message], None]
    ) -> None:
        self.window = WINDOW
        self.accepted = False
        self._config = config
        self._sender = sender
        self._receive = receive
        self._prefix = f"{config.root}/"
        self._largest: int | None = None  # bytes of a whole packet that the broker takes
        self._reason = ""
        self._once = LogOnce(_log)
        self._client = self._new_client(config, tls)

    def _new_client(self, config: LinkConfig, tls: ssl.SSLContext | None) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=config.client_id, protocol=MQTTProtocolVersion.MQTTv5)
        client.suppress_exceptions = True  # the second lock on that door: our callbacks catch what they raise
        client.connect_timeout = CONNECT_SECONDS
        client.max_inflight_messages_set(2 * WINDOW)  # our own window is the one that counts
        client.max_queued_messages_set(2 * WINDOW)
        if config.username is not None:
            client.username_pw_set(config.username, _password(config))
        if tls is not None:
            client.tls_set_context(tls)
        if config.availability is not None:
            client.will_set(self._prefix + config.availability, b"offline", qos=1, retain=True)
        client.on_socket_open = self._guarded(self._on_socket_open)
        # With this set, publish() leaves all writing to the network thread's loop.
        client.on_socket_register_write = lambda *_: None
        client.on_connect = self._guarded(self._on_connect)
        client.on_disconnect = self._guarded(self._on_disconnect)
        client.on_subscribe = self._guarded(self._on_subscribe)
        client.on_publish = self._guarded(self._on_publish)
        client.on_message = self._guarded(self._on_message)
        return client

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """`callback`, but what it raises is logged, once per kind: raised into paho it would end the network thread."""

        def guarded(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except Exception as error:  # noqa: BLE001 (whatever it is: what was being told is lost, the link is not)
                self._once.warning((callback.__name__, type(error)), "in %s: %s", callback.__name__, error, error=error)

        return guarded

    # --- the network thread -------------------------------------------------------------------------------------------

    def live(self, stopping: threading.Event) -> str:
        """Connects, stays as long as it can, and returns why it ended."""
        began = time.monotonic()
        try:
            self._client.connect(self._config.host, self._config.port, KEEPALIVE_SECONDS, clean_start=True)
            accept_by = time.monotonic() + CONNECT_SECONDS
            while self._client.loop(1.0) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                if not self.accepted and (stopping.is_set() or time.monotonic() > accept_by):
                    self.abort("no answer to CONNECT")
        except ssl.SSLCertVerificationError as error:
            self._reason = f"its certificate is not trusted: {error.verify_message}"
        except (OSError, ValueError) as error:  # refused, unknown host, no TLS there
            self._reason = self._reason or str(error) or type(error).__name__
        except Exception as error:  # noqa: BLE001 (what paho raises on a malformed packet ends the connection, not the thread)
            self._reason = f"paho: {type(error).__name__}: {error}"
            self.abort(self._reason)
        finally:
            self._client.let_go()
        return f"{self._config.host}:{self._config.port}: {self._reason or self._guess(time.monotonic() - began)}"

    def _guess(self, lasted: float) -> str:
        """mosquitto closes a connection that was taken over without a word; what dies young died of that, perhaps."""
        if self.accepted and lasted < STEADY_SECONDS:
            return f"connection lost (if that repeats: does another process run as {self._config.client_id}?)"
        return "connection lost"

    def _on_socket_open(self, _client: Client, _userdata: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(
        self, _client: Client, _userdata: Any, _flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._reason = f"refused: {code}" + (f" (user {self._config.username})" if self._config.username else "")
            return
        self.accepted = True
        self.window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))
        self._largest = getattr(properties, "MaximumPacketSize", None)
        _log.info("connected to %s:%d as %s", self._config.host, self._config.port, self._config.client_id)
        self._sender.opened(self)

    def _on_disconnect(
        self, _client: Client, _userdata: Any, flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if not self._reason and flags.is_disconnect_packet_from_server:
            self._reason = f"the broker says: {code}"
            if code.value == TAKEN_OVER:
                self._reason += f"; does another process run as {self._config.client_id}?"
        elif not self._reason and code.value == KEEPALIVE_TIMEOUT:
            self._reason = "the broker is silent"

    def _on_subscribe(
        self, _client: Client, _userdata: Any, mid: int, codes: list[ReasonCode], _properties: Properties | None
    ) -> None:
        self._sender.subscribed(self, mid, [str(code) if code.is_failure else "" for code in codes])

    def _on_publish(
        self, _client: Client, _userdata: Any, mid: int, code: ReasonCode, _properties: Properties | None
    ) -> None:
        # paho holds a mutex of its own here: note, and nothing else.
        self._sender.published(self, mid, str(code) if code.is_failure else "")

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        topic = message.topic
        if topic.startswith(self._prefix):
            relative = topic.removeprefix(self._prefix)
            self._receive(Message(relative, bytes(message.payload), message.retain, message.qos))

    # --- the sender's thread ------------------------------------------------------------------------------------------

    def subscribe(self, subscriptions: Sequence[Subscription]) -> int | None:
        """One SUBSCRIBE for all of them."""
        return self._client.subscribe([(self._prefix + item.filter, _OPTIONS[item.kind]) for item in subscriptions])[1]

    def unsubscribe(self, filters: Sequence[str]) -> None:
        """One UNSUBSCRIBE for all of them."""
        self._client.unsubscribe([self._prefix + item for item in filters])

    def publish(self, publication: Publication) -> int | None:
        """Hands one message to paho. Raises ValueError for what no packet that this broker takes can carry."""
        topic, content = self._prefix + publication.topic, publication.content
        size = len(topic.encode()) + len(content) + HEADER_BYTES
        if self._largest is not None and size > self._largest:
            raise ValueError(f"{size} bytes; the broker takes at most {self._largest}")
        info = self._client.publish(topic, content, publication.qos, publication.retain)
        if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            return info.mid
        if info.rc != MQTTErrorCode.MQTT_ERR_NO_CONN:
            self.abort(f"paho refused a publication: {info.rc!r}")
        return None

    def leave(self, *, with_will: bool) -> None:
        """DISCONNECT, with or without the will."""
        self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=WITH_WILL if with_will else 0))

    def close(self) -> None:
        """Frees its sockets at once. For the last one: nobody may use it any more."""
        self._client.close()

    def abort(self, reason: str) -> None:
        """Shuts the socket, from any thread; the loop notices at once."""
        self._reason = self._reason or reason
        self._client.shut()


_OPTIONS = {
    "state": SubscribeOptions(qos=1, retainAsPublished=False, retainHandling=SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE),
    "own": SubscribeOptions(qos=1, retainAsPublished=False, retainHandling=SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE),
    "command": SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND),
}


def _password(config: LinkConfig) -> str | None:
    """What stands in the file now; while it cannot be read, what stood there when this process began."""
    if config.password_file is not None:
        try:
            return read_secret(config.password_file)
        except ValueError as error:
            _log.warning("LAMPFIELD_MQTT_PASSWORD_FILE: %s; going on with what it held before", error)
    return config.password.get_secret_value() if config.password is not None else None
