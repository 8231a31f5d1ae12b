"""Whether somebody else is on the bus under our name, found out before we take that name.

Pure. Two clients with one client id take each other over for ever, so whoever comes looks first, with an id of its
own: it reads `availability` and writes a marker on the fence. Who lives there answers by writing `online` again.
`offline`, or no answer for PATIENCE_SECONDS (a half-open connection, a broker that was killed with it), is nobody.
"""

from typing import Final, Literal

from lampfield_bus.node.arrivals import Arrival, Lost, Message, ReadingBegan, ReadingEnded

__all__ = ["PATIENCE_SECONDS", "Lookout"]

PATIENCE_SECONDS: Final = 3.0  # beyond what a slow way takes to the broker, to him, and back


class Lookout:
    """Takes what a link without a will tells of the topic `availability`; seconds are monotonic."""

    def __init__(self, availability: str) -> None:
        self._availability = availability
        self._word = b""
        self._answered = False
        self._until: float | None = None

    def receive(self, arrival: Arrival, now: float) -> None:
        """One arrival."""
        match arrival:
            case ReadingBegan() | Lost():
                self._word, self._answered, self._until = b"", False, None
            case Message(topic=self._availability, payload=payload, retain=stored):
                self._word = payload
                self._answered = payload == b"online" and not stored
            case ReadingEnded():
                self._until = now + PATIENCE_SECONDS

    @property
    def silent(self) -> bool:
        """Whether somebody is said to be online there. If the verdict is `alone` he did not answer."""
        return self._word == b"online"

    def verdict(self, now: float) -> Literal["alone", "taken"] | None:
        """`taken`: somebody lives there. None: it is not known yet; ask again when something came, or time passed."""
        if self._answered:
            return "taken"
        if self._until is None:
            return None
        return "alone" if self._word != b"online" or now >= self._until else None
