"""What every payload is made of: the two kinds of struct, the types of their fields, and how they become bytes.

`State` structs are published by us and read by others: readers ignore fields they do not know. `Command` structs are
written by people and programs: unknown fields are refused. Instants are RFC 3339 strings (see `instants`), durations
seconds. Pure.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

__all__ = [
    "LIMITS",
    "Availability",
    "Command",
    "Count",
    "Instant",
    "Publication",
    "Seconds",
    "State",
    "encode",
]

LIMITS: Final = {"text": 1000, "id": 64, "transaction": 128, "payload": 16_384, "repeat": 100, "seconds": 3600}

Instant = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$",
        description="RFC 3339, UTC with milliseconds when we write it",
        examples=["2026-11-22T23:11:53.341Z"],
    ),
]
Seconds = Annotated[float, Meta(ge=0, description="seconds, at most three decimals")]
Count = Annotated[int, Meta(ge=0)]
Availability = Literal["online", "offline"]


class Publication(Struct, frozen=True, gc=False):
    """One message on its way out: `topic` relative to the root, `payload` as it goes on the wire (empty deletes).

    What is long and may wait for hours may be packed: then on the wire goes what `unpack` makes of it.
    """

    topic: str
    payload: bytes
    qos: int
    retain: bool
    unpack: Callable[[bytes], bytes] | None = None

    @property
    def content(self) -> bytes:
        """What goes on the wire."""
        return self.payload if self.unpack is None else self.unpack(self.payload)


class State(Struct, frozen=True, kw_only=True):
    """Tolerant to read: a reader ignores fields that it does not know."""


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict to write: an unknown field is refused, and the answer names it."""


_encoder = msgspec.json.Encoder()


def encode(message: State | Command | Sequence[State]) -> bytes:
    """A message, or a list of them, as JSON bytes."""
    return _encoder.encode(message)
