"""Which messages of a dialog were captured, and when: what comes again is known by it. Pure.

All of a dialog's in one `bytes`, twelve for each message, in the order in which they came first: 8 of a hash, 4 of the
instant. Ten thousand dialogs as dicts of numbers would take eight times as much.
"""

from collections.abc import Hashable
from struct import Struct as Layout
from typing import Final

__all__ = ["NOTHING", "SEEN_BOUND", "noted", "when"]

SEEN_BOUND: Final = 256  # messages of one dialog that are recognised when they come again
NOTHING: Final = b""

_KEY: Final = Layout("<q")
_SINCE: Final = Layout("<i")
_ENTRY: Final = _KEY.size + _SINCE.size
_FURTHEST: Final = 2**31 - 1  # ms, 24 days


def when(seen: bytes, message: Hashable, epoch: int) -> int | None:
    """When this message was captured last (ms); None for one that is new. `epoch`: what instants are counted from."""
    at = _place(seen, _KEY.pack(hash(message)))
    return None if at < 0 else epoch + int(_SINCE.unpack_from(seen, at + _KEY.size)[0])


def noted(seen: bytes, message: Hashable, epoch: int, at: int) -> bytes:
    """The same, with this message captured at `at`; the oldest goes when there are SEEN_BOUND."""
    key = _KEY.pack(hash(message))
    since = _SINCE.pack(max(-_FURTHEST, min(at - epoch, _FURTHEST)))
    place = _place(seen, key)
    if place >= 0:
        place += _KEY.size
        return seen[:place] + since + seen[place + _SINCE.size :]
    return seen[len(seen) - (SEEN_BOUND - 1) * _ENTRY if len(seen) >= SEEN_BOUND * _ENTRY else 0 :] + key + since


def _place(seen: bytes, key: bytes) -> int:
    """Where the entry with this key begins; -1 if there is none."""
    place = seen.find(key)
    while place > 0 and place % _ENTRY:
        place = seen.find(key, place + 1)
    return place
