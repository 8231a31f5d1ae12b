"""What a service's user may do at the broker, proved by doing it: the part of every `doctor` that asks the broker.

It disturbs nobody: it writes its own marker, what its topics hold already (not retained, so nothing is stored), and on
names that nobody has. What it may not do it tries there too, because a refused subscription is silent at some brokers.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from lampfield_bus.channels import CHANNELS, match
from lampfield_bus.messages import Publication
from lampfield_bus.node.advice import advice
from lampfield_bus.node.arrivals import Lost, Message, ReadingEnded
from lampfield_bus.node.findings import Finding
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.settings import NodeSettings
from lampfield_bus.topics import encode_name

__all__ = ["ANSWER_SECONDS", "Claims", "Visit", "broker"]

ANSWER_SECONDS: Final = 10.0
READINGS: Final = 3  # attempts at a complete one, of two seconds each


class Claims(NamedTuple):
    """What a service needs: it writes the rows of `writer` for `name`, and reads `reads` (filters) besides its own."""

    writer: str
    name: str
    reads: Sequence[str] = ()

    @property
    def own(self) -> str:
        """The prefix of its own topics: `display/lobby`."""
        return f"{self.writer}/{encode_name(self.name)}"


class Visit:
    """One connection to the broker as this service's user. Use with `with`; then `findings`, once."""

    def __init__(self, settings: NodeSettings, claims: Claims) -> None:
        self._claims = claims
        self._where = f"broker {settings.mqtt_host}:{settings.mqtt_port}"
        nobody = f"doctor-{secrets.token_hex(4)}"  # a name that nobody has
        self._foreign_writes = [f"switch/{nobody}/fence", f"display/{nobody}/fence"]
        if claims.writer == "display":
            self._foreign_writes.append(f"{claims.own}/cmd/doctor")  # a verb that there is not
        self._foreign_reads = [f"display/{nobody}/cmd/+", f"{claims.writer}/{nobody}/fence"]
        config = LinkConfig.of(settings, "doctor", secrets.token_hex(4), availability=None, fence=f"{claims.own}/fence")
        subscriptions = [Subscription(each, "state") for each in (f"{claims.own}/#", *claims.reads)]
        subscriptions += [Subscription(each, "command") for each in self._foreign_reads]
        self.inbox = Inbox()
        self.retained: list[Message] = []
        self._link = Link(config, self.inbox, subscriptions)  # ValueError for TLS files that are none

    def __enter__(self) -> "Visit":
        for name in ("lampfield_bus.node.sender", "lampfield_bus.node.link"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # a finding says it, and better
        self._link.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._link.stop()
        for name in ("lampfield_bus.node.sender", "lampfield_bus.node.link"):
            logging.getLogger(name).setLevel(logging.NOTSET)

    def findings(self) -> Iterator[Finding]:
        """Whether it is let in, then each of its rights, then what it should have none to."""
        finding = self._login()
        yield finding
        if finding.grade != "fail":
            yield self._reading()
            yield from self._writing()

    def _login(self) -> Finding:
        end = time.monotonic() + ANSWER_SECONDS
        readings = 0
        while (left := end - time.monotonic()) > 0:
            for arrival in self.inbox.take(left):
                if isinstance(arrival, Lost):
                    return Finding("fail", f"broker {arrival.reason}; {advice(arrival.reason)}")
                if isinstance(arrival, Message):
                    self.retained.append(arrival)
                if isinstance(arrival, ReadingEnded) and arrival.complete:
                    return Finding("ok", f"{self._where}: logged in, and the round trip on our own topics works")
                if isinstance(arrival, ReadingEnded):
                    readings += 1
                    if readings < READINGS and not self._link.refused:
                        self._link.read_again()  # a broker under load is slow, and no ACL is to blame
                        continue
                    why = f"may not write and read {self._claims.own}/fence; see the broker's ACL"
                    return Finding("fail", f"{self._where}: {why}")
        return Finding("fail", f"{self._where}: no answer within {ANSWER_SECONDS:.0f} s")

    def _reading(self) -> Finding:
        needed = [f"{self._claims.own}/#", *self._claims.reads]
        refused = [each for each in needed if each in self._link.refused]
        if not refused:
            return Finding("ok", f"may read all of the {len(needed)} filters that it needs")
        if all(_of_parties(each) for each in refused):
            return Finding("note", f"is not told who telephones: may not read {', '.join(refused)}")
        return Finding("fail", f"may not read {', '.join(refused)}; see the broker's ACL")

    def _writing(self) -> Iterator[Finding]:
        mine = [each for each in self.retained if self._is_mine(each)]
        sent = [Publication(each.topic, each.payload, 1, False) for each in mine]
        foreign = [Publication(each, b"doctor", 1, False) for each in self._foreign_writes]
        self._link.send([*sent, *foreign])
        if not self._link.flush(ANSWER_SECONDS):
            yield Finding("fail", f"{self._where}: did not acknowledge what was published")
            return
        refused = sorted({each.topic for each in sent} & self._link.refused.keys())
        if refused:
            yield Finding("fail", f"may not write {', '.join(refused)}; see the broker's ACL")
        elif not sent:
            yield Finding("note", "whether it may write its other topics is seen when the service has run once")
        else:
            yield Finding("ok", f"may write the {len(sent)} topics of its own that hold something")
        beyond = [f"write {each}" for each in self._foreign_writes if each not in self._link.refused]
        beyond += [f"read {each}" for each in self._foreign_reads if each not in self._link.refused]
        if beyond:
            yield Finding("note", f"may do more than it needs: {', '.join(beyond)}; see SECURITY.md")
        else:
            yield Finding("ok", "may write and read nothing of others that it tried")

    def _is_mine(self, message: Message) -> bool:
        row = match(message.topic)
        return bool(row and message.payload) and row is not None and (row[0].writer, row[1][0]) == self._claims[:2]


def broker(
    settings: NodeSettings, claims: Claims, more: Callable[[Visit], Iterator[Finding]] | None = None
) -> Iterator[Finding]:
    """Whether the broker lets us in, and what it lets us do there; `more` is asked while nothing is wrong with that."""
    try:
        visit = Visit(settings, claims)
    except ValueError as error:  # files of TLS that are none
        yield Finding("fail", f"broker {settings.mqtt_host}:{settings.mqtt_port}: {error}")
        return
    with visit:
        healthy = True
        for finding in visit.findings():
            healthy = healthy and finding.grade != "fail"
            yield finding
        if healthy and more is not None:
            yield from more(visit)


def _of_parties(pattern: str) -> bool:
    """Whether a filter asks for rows in which parties' numbers and names stand."""
    levels = pattern.split("/")
    rows = [row.address.split("/") for row in CHANNELS if row.parties]
    return any(
        len(row) == len(levels) and all(want == have or want[0] == "{" for want, have in zip(row, levels, strict=True))
        for row in rows
    )
