"""A dialog's messages as the payload of its ladder topic, which grows by appending. Pure.

While messages come the payload is a draft: one more message costs its own encoding and not that of all before it. Told,
it is packed, and rests so, a tenth as long: the packed bytes are the same that wait in the outbox, so ten thousand
dialogs are not held twice. The next message unpacks it.

When a payload is too long the texts of its middle messages go first, then those messages themselves: how a call began
and how it ended says most.
"""

from typing import Final

import msgspec

from lampfield_bus.instants import rfc3339
from lampfield_bus.masking import mask
from lampfield_bus.messages import SipLadder, SipMessage
from sip_monitor.hep import Packet
from sip_monitor.packing import packed, unpacked
from sip_monitor.redact import without_credentials
from sip_monitor.sip import Sip

__all__ = ["HOST_BOUND", "MESSAGE_BOUND", "RECORD_BYTES", "Record", "hidden", "message"]

RECORD_BYTES: Final = 64 * 1024  # of one dialog
MESSAGE_BOUND: Final = 100
MAX_LINE: Final = 512  # characters of a first line; its text has more of it
HOST_BOUND: Final = 16  # columns; messages of further ones are there, without a column of their own

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(SipLadder).decode
_read_hosts: Final = msgspec.json.Decoder(tuple[str, ...]).decode
_HOSTS: Final = b'{"hosts":'
_MESSAGES: Final = b',"messages":['


def message(packet: Packet, sip: Sip, at: int, text: str | None, *, retransmission: bool) -> SipMessage:
    """One arrow of a ladder; `text` as it may be shown."""
    return SipMessage(
        at=rfc3339(at),
        from_=packet.source,
        to=packet.target,
        transport=packet.transport,
        first_line=without_credentials(sip.first_line)[:MAX_LINE],
        cseq=f"{sip.cseq} {sip.cseq_method}",
        retransmission=retransmission,
        body=text,
    )


def hidden(arrow: SipMessage) -> SipMessage:
    """Without anybody's full number; its text has none already."""
    return msgspec.structs.replace(arrow, first_line=mask(arrow.first_line))


class _Draft:
    """A payload that grows: what there is of it, and the messages that are to be put behind that."""

    __slots__ = ("added", "hosts", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.hosts: tuple[str, ...] = _read_hosts(payload[len(_HOSTS) : payload.index(_MESSAGES)])
        self.added: list[bytes] = []

    def rehost(self, hosts: tuple[str, ...]) -> None:
        """Another head, the messages behind it as they are."""
        head = len(_head(self.hosts))
        self.hosts = hosts
        self.payload = _head(hosts) + self.payload[head:]

    def whole(self) -> bytes:
        """The payload with what was added."""
        if self.added:
            comma = b"" if self.payload.endswith(_MESSAGES + b"]}") else b","
            self.payload = b"".join((self.payload[:-2], comma, b",".join(self.added), b"]}"))
            self.added = []
        return self.payload


class Record:
    """The messages of one dialog. `size`: bytes that it holds; `thinned`: no message has a text."""

    __slots__ = ("_count", "_draft", "_packed", "size", "thinned")

    def __init__(self, payload: bytes | None = None) -> None:
        """An empty one, or what an earlier run told. Raises ValueError for a payload that is no ladder."""
        self._draft: _Draft | None = None
        self._packed = b""
        self._count = 0
        self.size = 0
        self.thinned = False
        self._write(SipLadder(hosts=[], messages=[]) if payload is None else _decode(payload))

    @property
    def rests(self) -> bool:
        """Whether it is packed."""
        return self._draft is None

    @property
    def drafted(self) -> int:
        """Bytes that it holds unpacked."""
        return 0 if self._draft is None else self.size

    def add(self, message: SipMessage) -> None:
        """One more message at the end."""
        draft = self._drafted()
        if len(draft.hosts) < HOST_BOUND:
            for host in (message.from_, message.to):
                if host not in draft.hosts:
                    draft.rehost((*draft.hosts, host))
        encoded = _encode(message)
        draft.added.append(encoded)
        self._count += 1
        self.thinned = False
        self.size += len(encoded) + 1
        if self.size > RECORD_BYTES or self._count > MESSAGE_BOUND:
            self._shorten()

    def payload(self) -> bytes:
        """What stands in the topic."""
        if self._draft is None:
            return unpacked(self._packed)
        payload = self._draft.whole()
        self.size = len(payload)
        return payload

    def packed(self) -> bytes:
        """The same, packed; it rests until a message comes."""
        if self._draft is not None:
            self._packed = packed(self._draft.whole())
            self._draft = None
            self.size = len(self._packed)
        return self._packed

    def thin(self) -> None:
        """Lets all texts go, and rests."""
        told = _decode(self.payload())
        self._write(SipLadder(hosts=told.hosts, messages=[_without_text(each) for each in told.messages]))
        self.packed()
        self.thinned = True

    def _drafted(self) -> _Draft:
        """The draft; unpacked, if it rested."""
        if self._draft is None:
            self._draft = _Draft(unpacked(self._packed))
            self._packed = b""
            self.size = len(self._draft.payload)
        return self._draft

    def _shorten(self) -> None:
        told = _decode(self.payload())
        messages = told.messages
        if len(messages) > MESSAGE_BOUND * 3 // 4:
            keep = MESSAGE_BOUND // 4
            messages = [*messages[:keep], *messages[-keep:]]
        room = RECORD_BYTES // 2
        for number in sorted(range(len(messages)), key=lambda n: min(n, len(messages) - 1 - n)):  # inwards, both ends
            room -= len(_encode(messages[number].body or ""))
            if room < 0:
                messages[number] = _without_text(messages[number])
        self._write(SipLadder(hosts=told.hosts, messages=messages))

    def _write(self, ladder: SipLadder) -> None:
        self._draft = _Draft(_encode(ladder))
        self._packed = b""
        self._count = len(ladder.messages)
        self.size = len(self._draft.payload)


def _head(hosts: tuple[str, ...]) -> bytes:
    return _HOSTS + _encode(hosts) + _MESSAGES


def _without_text(message: SipMessage) -> SipMessage:
    return msgspec.structs.replace(message, body=None)
