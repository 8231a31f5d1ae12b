"""Whether another part of the bus lives: by its `availability`, and by the age of its `health.at`. Pure.

Ages are by the part's own clock, as far as its fresh `health` lets us know it: a clock that is wrong makes nobody lost.
One instance per part and reading; instants are ms since the epoch by our clock, unless they say otherwise.
"""

from collections.abc import Mapping
from typing import Final, Self, TypeVar

from lampfield_bus import instants

__all__ = ["LOST_MS", "SKEW_MS", "STALE_MS", "Life", "succeed"]

STALE_MS: Final = 30_000  # a health older than this: what is told may be stale
LOST_MS: Final = 45_000  # older than this: the part is lost
SKEW_MS: Final = 5_000  # clocks further apart than this: ages cannot be believed
# The least delayed of so many health messages tells how far the clocks are apart: enough that one late message does
# not count, few enough that a part whose clock was set back is not taken for lost for long.
_SAMPLES: Final = 2


class Life:
    """What one part has told of itself."""

    def __init__(self) -> None:
        self.online: bool | None = None  # None: it has not said
        self.health_at: int | None = None  # when its last health was written, by its own clock
        self.health_heard = 0  # when that came
        self.samples: list[int] = []
        self.doubted = False  # the only sample was too old when it came

    def hear_availability(self, word: object) -> None:
        """`online` or `offline`; None: the topic was deleted."""
        self.online = None if word is None else word == "online"

    def hear_health(self, at: str | None, *, fresh: bool, now: int) -> None:
        """`at` as health tells it, None when the topic was deleted; `fresh`: not from the store.

        Raises ValueError for what is no instant, and changes nothing then.
        """
        written = None if at is None else instants.parse(at)
        self.health_at, self.health_heard = written, now
        if fresh and written is not None:
            self.doubted = not self.samples and now - written >= LOST_MS
            self.samples = [*self.samples[1 - _SAMPLES :], now - written]

    def adopt(self, before: Self) -> None:
        """Takes over from an older reading what no retained message tells: how far the clocks are apart."""
        self.doubted = self.doubted if self.samples else before.doubted
        self.samples = [*before.samples, *self.samples][-_SAMPLES:]
        if self.health_at == before.health_at:
            self.health_heard = before.health_heard

    def shift(self, delta_ms: int) -> None:
        """Our clock was stepped: what was reckoned by it moves along."""
        self.health_heard += delta_ms
        self.samples = [sample + delta_ms for sample in self.samples]

    @property
    def skew(self) -> int | None:
        """By how many ms this clock is ahead of the part's; None until a fresh health came.

        One alone that says it is too old to be believed may be just that; a second one makes it a matter of clocks.
        """
        return None if self.doubted and len(self.samples) < _SAMPLES else min(self.samples, default=None)

    def here(self, now: int) -> int:
        """What the part's clock says now."""
        return now - (self.skew or 0)

    @property
    def told_at(self) -> int | None:
        """When its last health was written, by our clock.

        One that was stored is no younger than our hearing of it, whatever it says: a Pi boots without a clock, and to a
        clock that is behind the health of a part that died long ago is young for ever.
        """
        if self.health_at is None:
            return None
        return min(self.health_at, self.health_heard) if self.skew is None else self.health_at + self.skew

    def age(self, now: int) -> int | None:
        """How old its last health is, in ms."""
        return None if self.told_at is None else max(now - self.told_at, 0)

    def lost(self, now: int) -> bool:
        """Whether it is gone: it says so, or its will, or it has been silent for too long."""
        age = self.age(now)
        return self.online is False or age is None or age >= LOST_MS

    def stale(self, now: int) -> bool:
        """Whether what it told may be out of date. A health from the future: this clock is behind."""
        if self.health_at is None:
            return True
        age = self.here(now) - self.health_at
        return not -SKEW_MS <= age <= STALE_MS or abs(self.skew or 0) > SKEW_MS

    def edges(self) -> tuple[int, ...]:
        """Instants at which it becomes stale, becomes lost, and is from the future no more."""
        if self.health_at is None or self.told_at is None:
            return ()
        says = self.health_at + (self.skew or 0)
        return (says + STALE_MS + 1, self.told_at + LOST_MS, says - SKEW_MS)


_Part = TypeVar("_Part", bound=Life)
_Key = TypeVar("_Key")


def succeed(told: dict[_Key, _Part], before: Mapping[_Key, _Part], *, complete: bool) -> None:
    """Ends a reading that brought `told`, where `before` was known: what no retained message tells is taken over.

    One that was not `complete` leaves who it did not tell of as he was: without him a sum would be wrong.
    """
    for key, known in before.items():
        if key in told:
            told[key].adopt(known)
        elif not complete:
            told[key] = known
