"""Instants: whole milliseconds since the Unix epoch inside, RFC 3339 UTC with milliseconds on the wire.

Pure: reads no clock. Nobody else formats or parses an instant.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

__all__ = ["from_microseconds", "parse", "rfc3339"]

_WIRE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=1024)  # of what happens at one moment several things are told, and of a call its moments again
def rfc3339(at: int) -> str:
    """`at` (ms since the epoch) as it stands on the wire: `2026-11-22T23:11:53.341Z`.

    Raises ValueError where the calendar ends (before year 1, after year 9999).
    """
    second, millisecond = divmod(at, 1000)
    try:
        return f"{_to_the_second(second)}.{millisecond:03d}Z"
    except OverflowError:
        raise ValueError(f"instant: {at} ms is outside the calendar") from None


@lru_cache(maxsize=1024)
def _to_the_second(second: int) -> str:
    """The calendar's part, once a second: what is told is nearly always of now, or of a call that is still on."""
    return (_EPOCH + timedelta(seconds=second)).isoformat()[:19]


def parse(text: str) -> int:
    """An RFC 3339 instant in ms since the epoch; any offset, fractions beyond milliseconds cut off.

    Raises ValueError for anything else, a local time without its offset included.
    """
    if not _WIRE.fullmatch(text):
        raise ValueError(f"instant: {text[:40]!r} is not RFC 3339 (2026-11-22T23:11:53.341Z)")
    try:
        moment = datetime.fromisoformat(text)
        return (moment - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError) as error:
        raise ValueError(f"instant: {text[:40]!r}: {error}") from None


def from_microseconds(text: str) -> int | None:
    """FreeSWITCH's `Event-Date-Timestamp` and the like (µs since the epoch) in ms; None for empty, `0` and nonsense."""
    return int(text) // 1000 or None if text.isascii() and text.isdigit() and len(text) <= 18 else None
