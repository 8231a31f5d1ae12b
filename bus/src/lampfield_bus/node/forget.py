"""`forget NAME`: deletes everything retained under a retired switch, display or node.

It connects, reads what is retained, deletes it and waits until the broker has acknowledged every deletion. One that
still says `online` is left alone unless the caller insists: it would only publish everything again.
"""

import secrets
import sys
import time

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.run import FAILED, OK
from lampfield_bus.node.settings import NodeSettings
from lampfield_bus.topics import encode_name

__all__ = ["forget", "run"]

LIMIT_SECONDS = 20.0


class _Reading:
    """One complete reading of what is retained; raises ConnectionError when the broker does not give one."""

    def __init__(self, link: Link, inbox: Inbox, until: float) -> None:
        self._link = link
        self._inbox = inbox
        self._until = until
        self._held: dict[str, bytes] = {}

    def held(self) -> dict[str, bytes]:
        """Payload by topic. Waits for it."""
        while (left := self._until - time.monotonic()) > 0:
            for arrival in self._inbox.take(left):
                if self._ended(arrival):
                    return self._held
        raise ConnectionError("the broker did not tell everything that is retained in time")

    def _ended(self, arrival: object) -> bool:
        if isinstance(arrival, Lost):
            raise ConnectionError(arrival.reason)
        if isinstance(arrival, ReadingBegan | Connected):
            self._held.clear()
        elif isinstance(arrival, Message) and arrival.payload:
            self._held[arrival.topic] = arrival.payload
        elif isinstance(arrival, ReadingEnded):
            if arrival.complete:
                return True
            self._link.read_again()
        return False


def forget(settings: NodeSettings, prefix: str, *, force: bool = False, limit: float = LIMIT_SECONDS) -> int:
    """Deletes what is retained below `prefix` (`switch/main`, levels encoded); returns how many topics that were.

    Raises ConnectionError without a broker, ValueError when `prefix`/availability still reads `online`.
    """
    until = time.monotonic() + limit
    inbox = Inbox()
    config = LinkConfig.of(settings, "forget", secrets.token_hex(4), availability=None, fence=f"{prefix}/fence")
    link = Link(config, inbox, [Subscription(f"{prefix}/#", "own")])
    link.start()
    try:
        held = _Reading(link, inbox, until).held()
        if held.get(f"{prefix}/availability") == b"online" and not force:
            raise ValueError(f"{prefix} is still online: stop it first, or say --force if it will never come back")
        link.send(Publication(topic, b"", 1, True) for topic in held)
        if not link.flush(max(until - time.monotonic(), 0.0)):
            raise ConnectionError("the broker did not acknowledge every deletion in time")
        if refused := sorted(topic for topic in held if topic in link.refused):
            more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
            raise ConnectionError(f"the broker does not let this user delete {refused[0]}{more}")
        return len(held)
    finally:
        link.stop()


def run(settings: NodeSettings, program: str, kind: str, name: str, *, force: bool) -> int:
    """`forget` as a program's command: says what it did, returns the exit status. `kind`: `switch`, `display`, …"""
    try:
        count = forget(settings, f"{kind}/{encode_name(name)}", force=force)
    except (ConnectionError, ValueError) as error:
        sys.stderr.write(f"{program}: {error}\n")
        return FAILED
    sys.stdout.write(f"{program}: {count} retained topics of {kind} {name} deleted\n")
    return OK
