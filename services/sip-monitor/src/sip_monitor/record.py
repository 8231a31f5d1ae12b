"""A dialog's messages as the payload of its ladder topic, which grows by appending. Pure.

The payload is kept as bytes, the same that wait in the outbox, so ten thousand dialogs are not held twice, and one more
message costs its own encoding and not that of all before it. When it is too long the texts of its middle messages go
first, then those messages themselves: how a call began and how it ended says most.
"""

from typing import Final

import msgspec

from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import SipLadder, SipMessage
from sip_monitor.hep import Packet
from sip_monitor.redact import mask
from sip_monitor.sip import Sip

__all__ = ["HOST_BOUND", "MESSAGE_BOUND", "RECORD_BYTES", "Record", "hidden", "message"]

RECORD_BYTES: Final = 64 * 1024  # of one dialog
MESSAGE_BOUND: Final = 100
HOST_BOUND: Final = 16  # columns; messages of further ones are there, without a column of their own

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(SipLadder).decode
_EMPTY: Final = b'{"hosts":[],"messages":[]}'


def message(packet: Packet, sip: Sip, at: int, text: str | None, *, retransmission: bool) -> SipMessage:
    """One arrow of a ladder; `text` as it may be shown."""
    return SipMessage(
        at=rfc3339(at),
        from_=packet.source,
        to=packet.target,
        transport=packet.transport,
        first_line=sip.first_line,
        cseq=f"{sip.cseq} {sip.cseq_method}",
        retransmission=retransmission,
        body=text,
    )


def hidden(arrow: SipMessage) -> SipMessage:
    """Without anybody's full number; its text has none already."""
    return msgspec.structs.replace(arrow, first_line=mask(arrow.first_line))


class Record:
    """The messages of one dialog. `size`: bytes that it holds; `thinned`: no message has a text."""

    __slots__ = ("_added", "_count", "_hosts", "_payload", "size", "thinned")

    def __init__(self, payload: bytes = _EMPTY) -> None:
        """Raises ValueError for a payload that is no ladder."""
        self._payload = payload
        self._hosts: tuple[str, ...] = ()
        self._added: list[bytes] = []
        self._count = 0
        self.thinned = False
        self.size = len(payload)
        if payload is not _EMPTY:
            self._rewrite(_decode(payload))

    def add(self, message: SipMessage) -> None:
        """One more message at the end."""
        if len(self._hosts) < HOST_BOUND:
            for host in (message.from_, message.to):
                if host not in self._hosts:
                    self._rehost((*self._hosts, host))
        encoded = _encode(message)
        self._added.append(encoded)
        self._count += 1
        self.thinned = False
        self.size += len(encoded) + 1
        if self.size > RECORD_BYTES or self._count > MESSAGE_BOUND:
            self._shorten()

    def payload(self) -> bytes:
        """What stands in the topic."""
        if self._added:
            first = self._count == len(self._added)
            parts = [self._payload[:-2] if first else self._payload[:-2] + b",", b",".join(self._added), b"]}"]
            self._payload = b"".join(parts)
            self._added = []
            self.size = len(self._payload)
        return self._payload

    def thin(self) -> None:
        """Lets all texts go."""
        told = _decode(self.payload())
        self._rewrite(SipLadder(hosts=told.hosts, messages=[_without_text(each) for each in told.messages]))
        self.thinned = True

    def _rehost(self, hosts: tuple[str, ...]) -> None:
        """Another head, the messages behind it as they are."""
        head = len(_head(self._hosts))
        self._hosts = hosts
        self._payload = _head(hosts) + self._payload[head:]

    def _shorten(self) -> None:
        told = _decode(self.payload())
        messages = told.messages
        if len(messages) > MESSAGE_BOUND * 3 // 4:
            keep = MESSAGE_BOUND // 4
            messages = [*messages[:keep], *messages[-keep:]]
        room = RECORD_BYTES // 2
        for number in sorted(range(len(messages)), key=lambda n: min(n, len(messages) - 1 - n)):  # inwards, both ends
            room -= len(messages[number].body or "")
            if room < 0:
                messages[number] = _without_text(messages[number])
        self._rewrite(SipLadder(hosts=told.hosts, messages=messages))

    def _rewrite(self, ladder: SipLadder) -> None:
        self._hosts = tuple(ladder.hosts)
        self._payload = _encode(ladder)
        self._count = len(ladder.messages)
        self._added = []
        self.size = len(self._payload)


def _head(hosts: tuple[str, ...]) -> bytes:
    return b'{"hosts":' + _encode(hosts) + b',"messages":['


def _without_text(message: SipMessage) -> SipMessage:
    return msgspec.structs.replace(message, body=None)
