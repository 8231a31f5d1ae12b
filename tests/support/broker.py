"""A real mosquitto of a test's own, on a free loopback port, and a plain client that looks at it from outside.

Never uses a broker that happens to run. The client is paho's with nothing of ours, so that the two are independent.
"""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from demo_switch.stage import free_port
from support.mqtt import Client
from support.waiting import LATE, LATE_MESSAGES, allowed, holds, until

__all__ = ["ROOT", "Broker", "Bus", "mosquitto", "retained", "wait_until_connected"]

ROOT = "lampfield/v1"
MARKER = "zz/marker"
STANDARD = ("allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 100000", "max_inflight_messages 1000")


def mosquitto() -> str:
    """The mosquitto binary; Debian's is in /usr/sbin, which an ordinary user's PATH lacks."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    assert found, "mosquitto is not installed; `make test` installs it on a Debian with root"
    return found


class Broker:
    """One mosquitto in `directory`; `settings` replaces what stands in its configuration beside the listener.

    With `persistent` it writes its store after every change, so that even `kill` loses little.
    """

    def __init__(self, directory: Path, *, settings: tuple[str, ...] = STANDARD, persistent: bool = False) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.directory = directory
        self._settings = settings
        self._persistent = persistent
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> str:
        """What the broker has logged."""
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def condition(self) -> str:
        """For a test that failed: whether it runs, sleeps or is stopped (proc(5)), and the last that it logged."""
        process = self._process
        state = "ended" if process is None or process.poll() is not None else _state(process.pid)
        return "\n".join([f"{self.host}:{self.port}, {state}", *self.log.splitlines()[-40:]])

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    def start(self) -> Self:
        """Starts it; the first time on a free port, later on the same one."""
        fixed = self.port
        for _ in range(10):
            self.port = fixed or free_port()  # somebody may take a free one before mosquitto does
            if self._try_to_start():
                return self
        raise AssertionError(f"mosquitto did not start:\n{self.log}")

    def stop(self) -> None:
        """SIGTERM: clients get a DISCONNECT, the store is saved if persistent."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: connections break, the store is lost unless persistent."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """SIGSTOP: it still has its sockets and says nothing."""
        self._signal(signal.SIGSTOP)

    def reload(self) -> None:
        """SIGHUP: it reads certificates, passwords and the rest of its configuration again."""
        self._signal(signal.SIGHUP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Kills it and starts it again on the same port."""
        self.kill()
        self.start()

    def bus(self, client_id: str = "", root: str = ROOT, login: tuple[str, str] | None = None) -> "Bus":
        """A connected client; use it with `with`. `login`: user and password."""
        return Bus(self.host, self.port, client_id=client_id, root=root, login=login)

    def _try_to_start(self) -> bool:
        configuration = [f"listener {self.port} {self.host}", "log_dest stderr", "log_type all", *self._settings]
        if os.geteuid() == 0:
            configuration.append("user root")  # else it becomes somebody who may not look into the test's directory
        if self._persistent:
            location = f"{self.directory}/"
            configuration += ["persistence true", f"persistence_location {location}"]
            configuration += ["autosave_interval 1", "autosave_on_changes true"]
        path = self.directory / "mosquitto.conf"
        path.write_text("\n".join(configuration) + "\n", encoding="utf-8")
        said = len(self.log) if (self.directory / "log").exists() else 0
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen([mosquitto(), "-c", str(path)], stderr=log, stdout=log)
        end = time.monotonic() + 30
        while time.monotonic() < end and self._process.poll() is None:
            if " running" in self.log[said:]:  # its own word: another's broker would answer on the port as well
                return True
            time.sleep(0.01)
        self._end(signal.SIGKILL)
        return False

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the broker is not running"
        self._process.send_signal(number)


def _state(pid: int) -> str:
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return "state unknown"
    return next(line for line in told.splitlines() if line.startswith("State:"))


class _Latest(dict[str, bytes]):
    """May be walked through while messages come: as it was when that began."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.copy())

    def items(self) -> Any:
        return self.copy().items()


class Bus:
    """A client that sees everything below the root. Topics are relative to it; order of arrival is kept."""

    def __init__(
        self, host: str, port: int, *, client_id: str = "", root: str = ROOT, login: tuple[str, str] | None = None
    ) -> None:
        self._root = f"{root}/"
        self._changed = threading.Condition()
        self._acked: set[int] = set()
        self._subscribed: set[int] = set()
        self._accepted = threading.Event()
        self.messages: list[MQTTMessage] = []
        self.latest = _Latest()  # what each topic last held; a deletion removes it
        self._payloads: defaultdict[str, list[bytes]] = defaultdict(list)
        client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5)
        # It comes again, as a container's port answers before its broker does; and soon: a thread that waits ends late.
        client.reconnect_delay_set(0.05, 0.4)  # type: ignore[arg-type]  # paho sleeps for parts of a second as well
        if login is not None:
            client.username_pw_set(*login)
        client.on_message = self._on_message
        client.on_connect = lambda *_: self._accepted.set()
        client.on_publish = lambda _c, _u, mid, *_: self._note(self._acked, mid)
        client.on_subscribe = lambda _c, _u, mid, *_: self._note(self._subscribed, mid)
        client.connect(host, port, clean_start=True)
        client.loop_start()
        assert self._accepted.wait(allowed(10)), "the broker did not accept the test's client"
        self._client = client

    def subscribe(self, topics: str = "#", *, as_published: bool = False) -> Self:
        """Subscribes and waits until the broker says so."""
        options = SubscribeOptions(qos=1, retainAsPublished=as_published)
        _, mid = self._client.subscribe(self._root + topics, options=options)
        self.wait_for(lambda: mid in self._subscribed)
        return self

    def publish(self, topic: str, payload: bytes | str = b"", *, retain: bool = False, qos: int = 1) -> None:
        """Publishes and, at QoS 1, waits for the acknowledgement."""
        mid = self._client.publish(self._root + topic, payload, qos, retain).mid
        if qos:
            self.wait_for(lambda: mid in self._acked)

    def wait_for(self, condition: Callable[[], object], limit: float = 10.0) -> None:
        """Waits until `condition` is true; AssertionError after `limit` seconds (`allowed`), with what was seen."""
        limit = allowed(limit)
        with self._changed:
            assert self._changed.wait_for(lambda: holds(condition), limit), (
                f"not within {limit:.0f} s; seen: {self._summary()}"
            )

    def wait_until_online(self, *parts: str, limit: float = 10.0) -> None:
        """Waits until each of them (`display/hall`, `switch/main`) says so: a command before that finds nobody."""
        self.wait_for(lambda: all(self.latest.get(f"{part}/availability") == b"online" for part in parts), limit)

    def catch_up(self) -> None:
        """Waits until all that the broker has had up to now, on what was subscribed to, is here."""
        self.subscribe(MARKER)  # what is retained goes out before this one's answer
        mine = uuid4().bytes
        self.publish(MARKER, mine)
        self.wait_for(lambda: mine in self.payloads(MARKER))

    def payloads(self, topic: str) -> list[bytes]:
        """Everything that came on a topic, oldest first."""
        return self._payloads.get(topic, [])[:]

    def count(self, topic: str) -> int:
        """How many messages came on a topic."""
        return len(self._payloads.get(topic, ()))

    def forget(self) -> None:
        """What came so far did not, but for `latest`."""
        with self._changed:
            self.messages.clear()
            self._payloads.clear()

    def close(self) -> None:
        """Disconnects."""
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _on_message(self, _client: object, _userdata: Any, message: MQTTMessage) -> None:
        topic = message.topic.removeprefix(self._root)
        if LATE and len(self.messages) < LATE_MESSAGES:
            time.sleep(LATE)
        with self._changed:
            self.messages.append(message)
            self._payloads[topic].append(bytes(message.payload))
            if message.payload:
                self.latest[topic] = bytes(message.payload)
            else:
                self.latest.pop(topic, None)
            self._changed.notify_all()

    def _note(self, numbers: set[int], mid: int) -> None:
        with self._changed:
            numbers.add(mid)
            self._changed.notify_all()

    def _summary(self) -> str:
        last = self.messages[-5:]
        return f"{len(self.messages)} messages, the last {[(m.topic, bytes(m.payload)[:60]) for m in last]}"


def retained(broker: Broker, topics: str = "#", root: str = ROOT) -> dict[str, bytes]:
    """What the broker holds below `topics` now, by relative topic."""
    with broker.bus(root=root) as bus:
        bus.subscribe(topics).catch_up()
        return {topic: payload for topic, payload in bus.latest.items() if topic != MARKER}


def wait_until_connected(link: Any, limit: float = 10.0) -> None:
    """Waits until a `Link` is connected."""
    until(lambda: link.connected, limit, "the link's connection")
