"""When somebody is there: `mon-fri 08:00-18:00`. Pure."""

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

__all__ = ["DAYS", "Span", "is_open", "span"]

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM: Final = re.compile(r"(?:([a-z, -]+) )?(\d{1,2}):(\d\d) ?- ?(\d{1,2}):(\d\d)", re.ASCII)
_ALLOWED: Final = "allowed: as mon-fri 08:00-18:00, or sat,sun 10:00-24:00"


class Span(Struct, frozen=True):
    """From `begin` to `end`, minutes after midnight, on these weekdays (0 is Monday). Over midnight: end < begin."""

    days: frozenset[int]
    begin: int
    end: int


def span(text: str) -> Span:
    """Raises ValueError that says what is allowed."""
    found = _FORM.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise ValueError(f"{text[:60]!r} are no hours; {_ALLOWED}")
    begin, end = int(found[2]) * 60 + int(found[3]), int(found[4]) * 60 + int(found[5])
    if begin >= 1440 or end > 1440 or begin == end or int(found[3]) > 59 or int(found[5]) > 59:
        raise ValueError(f"{text[:60]!r} is no time of day; {_ALLOWED}")
    return Span(_days(found[1] or "mon-sun"), begin, end)


def is_open(spans: tuple[Span, ...], at: int, zone: ZoneInfo) -> bool:
    """Whether one of them holds at `at` (ms since the epoch) on the clocks of `zone`. The end is not in it."""
    local = datetime.fromtimestamp(at / 1000, zone)
    minute, day = local.hour * 60 + local.minute, local.weekday()
    for each in spans:
        if each.begin < each.end:
            if day in each.days and each.begin <= minute < each.end:
                return True
        elif (day in each.days and minute >= each.begin) or ((day - 1) % 7 in each.days and minute < each.end):
            return True
    return False


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.replace(" ", ",").split(","):
        first, dash, last = part.partition("-")
        if not part:
            continue
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{part!r} is no weekday; {_ALLOWED}")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)
