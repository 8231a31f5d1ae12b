"""The Event Socket on the wire: replies, event frames, and commands cut from a byte stream.

May NOT open a socket or know an event's meaning. Written from captured bytes (FreeSWITCH 1.11.1), and independently
of the publisher's decoder: were they one code, they would agree on the same mistake.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Value = str | list[str]
Headers = Mapping[str, Value]

AUTH_REQUEST = b"Content-Type: auth/request\n\n"
GOODBYE = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
SHUT_DOWN = "The system is being shut down.\n"
# FreeSWITCH writes it where it stands, in the middle of a frame.
KILLED = b"killed listener because of lost events"

# SWITCH_URL_UNSAFE of switch_utils.h, controls and everything beyond ASCII.
_UNSAFE = re.compile(rb"[\x00-\x20\x7f-\xff#%&+:;<=>?@\[\\\]^`{|}\"]")
# An escape that is there already stays as it is: this is why plain events are lossy.
_ESCAPED = re.compile(rb"%[0-9A-F]{2}")


def url_encode(text: str) -> str:
    """Escape like switch_url_encode: an upper-case `%XX` is left alone, so decoding does not always invert it."""
    data = text.encode()
    if not _UNSAFE.search(data):
        return text
    return _UNSAFE.sub(
        lambda found: b"%" if found[0] == b"%" and _ESCAPED.match(data, found.start()) else b"%%%02X" % found[0][0],
        data,
    ).decode()


def plain_value(value: Value) -> str:
    """A header's value in a plain event: arrays as `ARRAY::a|:b`, an empty one as `_undef_`."""
    text = value if isinstance(value, str) else "ARRAY::" + "|:".join(value)
    return url_encode(text) or "_undef_"


def encode_plain(headers: Headers, body: str | None = None) -> bytes:
    """The body of a text/event-plain frame. A body of the event's own follows its Content-Length and a blank line."""
    lines = "".join(f"{name}: {plain_value(value)}\n" for name, value in headers.items())
    if body is None:
        return f"{lines}\n".encode()
    return f"{lines}Content-Length: {len(body.encode())}\n\n{body}".encode()


def encode_json(headers: Headers, body: str | None = None) -> bytes:
    """The body of a text/event-json frame: no trailing newline; the event's own body is `_body`."""
    fields = dict(headers)
    if body is not None:
        fields["Content-Length"] = str(len(body.encode()))
        fields["_body"] = body
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def event_frame(body: bytes, kind: str) -> bytes:
    """An event as sent: for events, and only for them, Content-Length comes first. `kind` is `json` or `plain`."""
    return b"Content-Length: %d\nContent-Type: text/event-%s\n\n%s" % (len(body), kind.encode(), body)


def reply(text: str, **headers: str) -> bytes:
    """A command/reply; further headers follow Reply-Text, `_` in their names standing for `-`."""
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"Content-Type: command/reply\nReply-Text: {text}\n{more}\n".encode()


def api_response(text: str) -> bytes:
    """The answer to `api`."""
    body = text.encode()
    return b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(body), body)


def disconnect_notice(text: str = GOODBYE) -> bytes:
    """The last frame of a connection that is closed in order."""
    body = text.encode()
    return b"Content-Type: text/disconnect-notice\nContent-Length: %d\n\n%s" % (len(body), body)


class Command(NamedTuple):
    """One command: `verb argument`, the headers below it as sent, and a body when it told its Content-Length."""

    verb: str
    argument: str
    headers: dict[str, str]
    body: str


class CommandReader:
    """Cuts commands from the bytes of a client, however they come in pieces.

    A command is lines up to an empty one; CR before LF is ignored. `limit` (bytes) bounds what one command may be.
    """

    def __init__(self, limit: int = 1 << 20) -> None:
        self._limit = limit
        self._pending = b""

    def feed(self, data: bytes) -> Iterator[Command]:
        """Yield every command that is complete. ValueError when one outgrows the limit."""
        self._pending += data
        while command := self._next():
            yield command
        if len(self._pending) > self._limit:
            raise ValueError(f"a command is longer than {self._limit} bytes")

    def _next(self) -> Command | None:
        text = self._pending.lstrip(b"\r\n")
        end = re.search(rb"\r?\n\r?\n", text)
        if end is None:
            return None
        first, *rest = text[: end.start()].decode(errors="replace").replace("\r", "").split("\n")
        headers = dict(line.split(": ", 1) for line in rest if ": " in line)
        length = headers.get("Content-Length", headers.get("content-length", "0"))
        stop = end.end() + (int(length) if length.isdecimal() else 0)
        if stop > len(text):
            return None
        self._pending = text[stop:]
        verb, _, argument = first.strip().partition(" ")
        return Command(verb, argument.strip(), headers, text[end.end() : stop].decode(errors="replace"))
