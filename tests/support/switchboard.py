"""A switch machine on the bench: events in, and what it told as a person would write it down.

Run as a program it prints a capture's table, as it stands in tests/data/esl/expected:

    PYTHONPATH=tests .venv/bin/python -m support.switchboard call_busy
"""

import json
import sys
from typing import Any
from zoneinfo import ZoneInfo

from esl_publisher import facts as f
from esl_publisher.decode import Event, decode
from esl_publisher.snapshot import Snapshot
from esl_publisher.switch import Switch, SwitchOptions
from lampfield_bus import instants
from lampfield_bus.messages import Publication
from support.captures import events

DOMAIN = "127.0.0.1"


def options(**changes: Any) -> SwitchOptions:
    """A switch called `main` in the captures' domain, in UTC."""
    given: dict[str, Any] = {"switch": "main", "instance": "i", "tz": ZoneInfo("UTC"), "domain": DOMAIN}
    return SwitchOptions(**{**given, **changes})


class Switchboard:
    """A machine with a broker's memory of what it published."""

    def __init__(self, **changes: Any) -> None:
        self.switch = Switch(options(**changes))
        self.retained: dict[str, bytes] = {}
        self.published: list[tuple[int, Publication]] = []

    def receive(self, fact: f.Fact, at: int) -> list[Publication]:
        return self._keep(self.switch.receive(fact, at), at)

    def tell(self, at: int) -> list[Publication]:
        """What the machine heard since it told last."""
        return self._keep(self.switch.tell(), at)

    def tick(self, at: int) -> list[Publication]:
        return self._keep(self.switch.tick(at), at)

    def run(self, until: int) -> None:
        """Time passes as the publisher lets it: a tick whenever one is due, and one at the end."""
        due = self.switch.due()
        while due is not None and due < until:
            self.tick(due)
            due = self.switch.due()
        self.tick(until)

    def event(self, event: Event | bytes, at: int) -> list[Publication]:
        body = event if isinstance(event, bytes) else b""
        return self.receive(f.EventReceived(decode(event) if isinstance(event, bytes) else event, body), at)

    def snapshot(self, at: int, **tables: Any) -> list[Publication]:
        """A snapshot is taken in as a whole."""
        return [*self.begin_snapshot(at, **tables), *self.settle(at + 5)]

    def begin_snapshot(self, at: int, **tables: Any) -> list[Publication]:
        """Its first slice; whoever ticks goes on with it."""
        return self.receive(f.SnapshotTaken(Snapshot(asked_at=at, answered_at=at + 5, **tables)), at + 5)

    def settle(self, at: int) -> list[Publication]:
        """Ticks until nothing is left to do at this instant."""
        told = []
        while self.switch.busy:
            told += self.tick(at)
        return told

    def _keep(self, publications: list[Publication], at: int) -> list[Publication]:
        for publication in publications:
            self.published.append((at, publication))
            if publication.retain and publication.payload:
                self.retained[publication.topic] = publication.payload
            elif publication.retain:
                del self.retained[publication.topic]  # a deletion of what is not there is a mistake
        return publications

    def read(self, topic: str) -> Any:
        """What is retained below `switch/main/`, None for nothing."""
        payload = self.retained.get(f"switch/main/{topic}")
        return None if payload is None else json.loads(payload)

    def told(self, topic: str) -> list[Any]:
        """Everything ever published on this topic below `switch/main/`, in order."""
        return [json.loads(p.payload or b"null") for _, p in self.published if p.topic == f"switch/main/{topic}"]

    @property
    def counts(self) -> list[str]:
        """`calls` as it went: `ringing=1`, `none`."""
        return [_counts(message) for message in self.told("calls")]

    @property
    def live(self) -> list[str]:
        """The retained `call/…` topics."""
        return [topic for topic in self.retained if topic.startswith("switch/main/call/")]


def instant(body: bytes) -> int:
    """When an event happened, ms."""
    at = instants.from_microseconds(decode(body).timestamp)
    if at is None:
        raise ValueError("an event without a timestamp")
    return at


def replay(name: str, *, pause: int = 0, board: Switchboard | None = None) -> Switchboard:
    """A capture replayed with its own times, `pause` ms added after each event, and 10 s of silence at the end."""
    board = board or Switchboard()
    at = 0
    for number, body in enumerate(events(name)):
        at = max(at, instant(body) + number * pause)
        board.run(at)
        board.event(body, at)
        if pause:
            board.run(at + pause)
    board.run(at + pause + 10_000)
    return board


# They repeat what events tell; their own tests look at them.
COUNTERS = frozenset({"switch/main/today", "switch/main/history", "switch/main/recent"})


def table(board: Switchboard, began: int) -> list[str]:
    """What was told but for the COUNTERS, a line each: seconds since `began`, topic, what matters of the payload."""
    told = [(at, publication) for at, publication in board.published if publication.topic not in COUNTERS]
    return [f"+{(at - began) / 1000:.3f} {_line(publication)}" for at, publication in told]


def _line(publication: Publication) -> str:
    topic = publication.topic.removeprefix("switch/main/")
    level, _, name = topic.partition("/")
    if level == "call":
        topic = f"call/{name[:8]}"
    if not publication.payload:
        return f"{topic} deleted"
    message = json.loads(publication.payload)
    words = {
        "calls": _counts,
        "call": _call,
        "extension": _extension,
        "event": _event,
        "gateway": _gateway,
        "conference": _conference,
        "parking": _parking,
        "queue": _queue,
        "agent": _agent,
    }
    return f"{topic} {words[level](message)}" if level in words else topic


def _counts(message: dict[str, Any]) -> str:
    counts = {state: message[state] for state in ("ringing", "waiting", "active", "held") if message[state]}
    if message["total"] != sum(counts.values()):
        raise ValueError(f"calls: the total is not the sum: {message}")
    return " ".join(f"{state}={count}" for state, count in counts.items()) or "none"


def _call(message: dict[str, Any]) -> str:
    words = [message["state"], message["direction"], f"{message['caller']['number']}>{message['callee']['number']}"]
    if message["gateway"]:
        words.append(f"gateway={message['gateway']}")
    if message["queue"]:
        words.append(f"queue={message['queue']}")
    return " ".join([*words, f"extensions={','.join(message['extensions'])}", f"legs={len(message['legs'])}"])


def _extension(message: dict[str, Any]) -> str:
    words = [message["state"]]
    if message["registered"]:
        words.append(f"contacts={message['contacts']}")
    if message["voicemail"] is not None:
        words.append(f"voicemail={message['voicemail']['new']}/{message['voicemail']['saved']}")
    if message["missed_today"]:
        words.append(f"missed={message['missed_today']}")
    return " ".join(words)


def _gateway(message: dict[str, Any]) -> str:
    words = [message["state"], "up" if message["up"] else "DOWN", f"since={message['since'][11:-1]}"]
    if message["ping_ms"] is not None:
        words.append(f"ping={message['ping_ms']}")
    return " ".join([*words, f"calls={message['calls']}", f"failed={message['failed_today']}"])


def _conference(message: dict[str, Any]) -> str:
    words = [f"members={message['members']}", f"talking={message['talking']}"]
    words += [word for word in ("locked", "recording") if message[word]]
    return " ".join([*words, f"since={message['since'][11:-1]}"])


def _parking(message: dict[str, Any]) -> str:
    return f"parked={message['parked']} longest={message['longest_since'][11:-1]}"


def _queue(message: dict[str, Any]) -> str:
    agents = " ".join(f"{name}={count}" for name, count in message["agents"].items() if count)
    day = message["today"]
    sums = [f"{name}={day[name]}" for name in ("offered", "answered", "abandoned") if day[name]]
    sums += [f"{name}={day[name]:.3f}" for name in ("wait_seconds", "talk_seconds", "longest_wait") if day[name]]
    since = f" since {message['longest_wait_since'][14:-1]}" if message["waiting"] else ""
    return f"waiting={message['waiting']}{since} talking={message['talking']} [{agents}] today [{' '.join(sums)}]"


def _agent(message: dict[str, Any]) -> str:
    call = f" call={message['call'][:8]}" if message["call"] else ""
    return f"{message['status']}, {message['state']}{call} answered={message['answered_today']}"


def _event(message: dict[str, Any]) -> str:
    if message["event"] != "ended":
        return f"{message['id'][:8]} {_call(message)}"
    return (
        f"{message['id'][:8]} {message['outcome']} {message['cause']}"
        f" {message['sip_status']} {message['sip_reason']} ({message['sip_source']})"
        f" ring={message['ring_seconds']:.3f} talk={message['talk_seconds']:.3f}"
    )


if __name__ == "__main__":
    for capture_name in sys.argv[1:]:
        sys.stdout.write("\n".join(table(replay(capture_name), instant(events(capture_name)[0]))) + "\n")
