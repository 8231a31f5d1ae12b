"""What the link puts into an inbox: messages, and what happens to the connection and to a reading of retained state.

Pure values. They enter the machines by the same door as everything else.
"""

from msgspec import Struct

__all__ = ["Arrival", "Connected", "Lost", "Message", "ReadingBegan", "ReadingEnded"]


class Connected(Struct, frozen=True):
    """The broker has accepted us; a reading of retained state follows at once."""


class Lost(Struct, frozen=True):
    """The broker is gone, or was not there at the first attempt. Told once per transition, not per attempt."""

    reason: str


class ReadingBegan(Struct, frozen=True):
    """What follows is a fresh reading of retained state: collect it beside what is known."""


class ReadingEnded(Struct, frozen=True):
    """All retained state of this reading has come (`complete`), or the marker did not come back within its limit."""

    complete: bool


class Message(Struct, frozen=True, gc=False):
    """One message, state or command; `topic` is relative to the root, an empty `payload` deletes.

    `retain` is what the writer set for a command (retain as published), and "was stored" for state.
    """

    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 0


Arrival = Connected | Lost | ReadingBegan | ReadingEnded | Message
