"""ESL bytes as frames: header lines, an empty line, and a body where `Content-Length` says so.

Pure and incremental: any split of the same bytes gives the same frames, in time that grows with the bytes alone. It
reads no body and unquotes nothing: values of header lines are as they stand. Every frame of FreeSWITCH's begins with
`Content-Type` or `Content-Length`, in either order (mod_event_socket.c; captures of 1.11.1).
"""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct

__all__ = ["MAX_BODY", "MAX_HEADER", "Frame", "Framer", "Octets"]

# What came in parts is handed on as what it was gathered in: it may be of megabytes.
Octets: TypeAlias = bytes | bytearray

MAX_HEADER: Final = 64 * 1024  # bytes of one block of header lines
MAX_BODY: Final = 32 * 1024 * 1024  # bytes of one body; `show channels` of some ten thousand legs is 18 MB

_END: Final = b"\n\n"
# Nearly all frames are an event's, with this header: it is spared the reading line by line.
_OF_AN_EVENT: Final = re.compile(rb"Content-Length: ([0-9]{1,18})\nContent-Type: text/event-json\n\n")
_EVENT: Final = {"Content-Type": "text/event-json"}
_SHOWN: Final = 60  # bytes of garbage that an error shows


class Frame(Struct, frozen=True, gc=False):
    """One frame. A header that stands twice has its last value; an event's may be its type alone."""

    content_type: str
    headers: dict[str, str]
    body: Octets = b""

    @property
    def reply(self) -> str:
        """What FreeSWITCH said to a command: `+OK …` or `-ERR …`; empty for any other frame."""
        return self.headers.get("Reply-Text", "")


class Framer:
    """Feed it what the socket gives; it keeps what is not yet a whole frame."""

    def __init__(self, *, max_header: int = MAX_HEADER, max_body: int = MAX_BODY) -> None:
        self._max_header = max_header
        self._max_body = max_body
        self._buffer = bytearray()  # the beginning of a header block, or of a body
        self._searched = 0  # bytes of a beginning that hold no end of a header block
        self._headers: dict[str, str] | None = None  # of the frame whose body is on its way
        self._missing = 0  # bytes of that body, whole

    @property
    def place(self) -> str:
        """Where in the stream we are, in words: what an end here means."""
        if self._headers is not None:
            return f"in a body ({len(self._buffer)} of {self._missing} bytes had come)"
        return f"in a header, after {_shown(self._buffer)}" if self._buffer else "between two frames"

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes, to be iterated to the end. Raises ValueError, with what was seen, where
        something is no frame: what came before it is still told.
        """
        position = 0
        if self._headers is not None:
            position = self._missing - len(self._buffer)
            self._buffer += memoryview(data)[:position]
            if len(self._buffer) < self._missing:
                return
            headers, self._headers = self._headers, None
            yield Frame(headers["Content-Type"], headers, self._take())
        elif self._buffer:
            self._buffer += data
            if self._buffer.find(_END, self._searched) < 0:
                self._check_beginning()
                return
            data = bytes(self._take())
        while (found := self._header(data, position)) is not None:
            headers, length, start = found
            position = start + length
            if position > len(data):
                self._headers, self._missing = headers, length
                self._buffer += memoryview(data)[start:]
                return
            yield Frame(headers["Content-Type"], headers, data[start:position])
        self._buffer += memoryview(data)[position:]
        self._check_beginning()

    def _take(self) -> bytearray:
        """What was kept, no copy of it; it is forgotten before anybody reads it."""
        kept, self._buffer = self._buffer, bytearray()
        self._searched = 0
        return kept

    def _header(self, data: bytes, position: int) -> tuple[dict[str, str], int, int] | None:
        """The header block at `position`, its body's length and beginning; None if the block is not whole yet."""
        event = _OF_AN_EVENT.match(data, position)
        if event is not None:
            return _EVENT, self._checked(int(event[1])), event.end()
        end = data.find(_END, position)
        if end < 0:
            return None
        if end - position > self._max_header:
            raise ValueError(f"header: longer than {self._max_header} bytes: {_shown(data[position:])}")
        headers = _headers(data[position:end])
        return headers, self._length(headers.get("Content-Length", "0")), end + len(_END)

    def _length(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise ValueError(f"Content-Length: {text[:_SHOWN]!r} is no number of bytes")
        return self._checked(int(text))

    def _checked(self, length: int) -> int:
        if length > self._max_body:
            raise ValueError(f"Content-Length: {length} bytes; a body has at most {self._max_body}")
        return length

    def _check_beginning(self) -> None:
        """What cannot become a header block is told at once: whoever sends it may send nothing more."""
        self._searched = max(len(self._buffer) - 1, 0)
        if len(self._buffer) > self._max_header:
            raise ValueError(f"header: longer than {self._max_header} bytes: {_shown(self._buffer)}")
        if not (b"Content-".startswith(self._buffer[:8]) or self._buffer.startswith(b"Content-")):
            raise ValueError(f"header: no frame begins with {_shown(self._buffer)}")


def _headers(block: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.partition(":")
        if not colon or not name or " " in name:
            raise ValueError(f"header: {line[:_SHOWN]!r} is no header line")
        headers[name] = value.strip()
    if "Content-Type" not in headers:
        raise ValueError(f"header: {block[:_SHOWN]!r} has no Content-Type")
    return headers


def _shown(data: Octets) -> str:
    return repr(bytes(data[:_SHOWN]))
