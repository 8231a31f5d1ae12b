"""What a background job of ours answered, out of the event in which it comes.

Pure. The event is JSON, and the answer is one string of it, of megabytes where many legs are: so it is unescaped piece
by piece. A decoder that takes it as one has a copy of its own beside what it reads and what it gives.
"""

import json
from typing import Final

import msgspec
from msgspec import Raw, Struct

from esl_publisher.framing import Octets

__all__ = ["Answer", "answer"]

_PIECE: Final = 32 * 1024  # bytes at most, if there is a comma among them


class Answer(Struct, frozen=True):
    """What a job of ours answered, in UTF-8."""

    job: str
    text: Octets


class _Job(Struct, frozen=True):
    uuid: str = msgspec.field(default="", name="Job-UUID")
    body: Raw = msgspec.field(default=Raw(b'""'), name="_body")


_job: Final = msgspec.json.Decoder(_Job).decode
_string: Final = msgspec.json.Decoder(str).decode


def answer(body: Octets) -> Answer | None:
    """The answer in an event's body, if it is a BACKGROUND_JOB's. Invalid UTF-8 (a caller's name) becomes U+FFFD."""
    if body.find(b'"BACKGROUND_JOB"', 0, 1024) < 0:
        return None
    try:
        try:
            return _read(body)
        except msgspec.DecodeError:  # JSON can spell half a surrogate, which no UTF-8 has
            whole = json.dumps(json.loads(body.decode("utf-8", "replace")), ensure_ascii=False)
            return _read(whole.encode("utf-8", "replace"))
    except (ValueError, RecursionError):  # nonsense: decode.py will say so
        return None


def _read(body: Octets) -> Answer:
    found = _job(body)
    return Answer(found.uuid, _unescaped(memoryview(found.body)))


def _unescaped(string: memoryview) -> bytearray:
    """A JSON string's text. It is cut behind commas: no escape has one, nor has a character of several bytes."""
    if bytes(string[:1]) != b'"':
        raise ValueError("no string")
    rest, text = string[1:-1], bytearray()
    while rest:
        cut = bytes(rest[:_PIECE]).rfind(b",") + 1
        piece = bytes(rest[:cut] if cut and len(rest) > _PIECE else rest)
        text += _piece(b'"%b"' % piece)
        rest = rest[len(piece) :]
    return text


def _piece(quoted: bytes) -> bytes:
    try:
        return _string(quoted).encode()
    except UnicodeDecodeError:
        return _string(quoted.decode("utf-8", "replace")).encode()
