"""Whom a web call may ring: the numbers of an allow-list, and nothing that is no number.

Pure. Whoever may choose what FreeSWITCH dials can have it dial anything (toll fraud), so the list says everything: an
entry is a number (`1001`), a range (`1000-1019`), or a number with `X` for any one digit (`0151XXXXXXXX`); where the
list takes gateways, `…@gateway` says over which one it is reached. There is no entry for "and everything that begins
so": the length of a number is what a premium-rate number differs by.
"""

import re
from collections.abc import Iterable
from typing import Final, Self

from msgspec import Struct

__all__ = ["DIGITS", "MAX_DIGITS", "AllowList", "Number"]

MAX_DIGITS: Final = 15  # of a number: E.164
DIGITS: Final = rf"[0-9]{{1,{MAX_DIGITS}}}"  # never \d, which takes the digits of every script

_NUMBER: Final = re.compile(DIGITS)
_ENTRY: Final = re.compile(rf"(?:({DIGITS})-({DIGITS})|([0-9X]{{1,{MAX_DIGITS}}}))(?:@([A-Za-z0-9_.-]{{1,64}}))?")
_FORMS: Final = "allowed: numbers, ranges and X for a digit, as 1000-1019,2001,0151XXXXXXXX"


class Number(Struct, frozen=True):
    """A number that is on the list; `gateway`: over which it is reached, None for an extension of the switch."""

    digits: str
    gateway: str | None = None


class _Entry(Struct, frozen=True):
    low: str
    high: str
    pattern: re.Pattern[str] | None
    gateway: str | None

    def holds(self, digits: str) -> bool:
        if self.pattern is not None:
            return self.pattern.fullmatch(digits) is not None
        return len(self.low) == len(digits) and self.low <= digits <= self.high


class AllowList:
    """The list. An empty one allows nobody."""

    def __init__(self, entries: Iterable[_Entry] = ()) -> None:
        self._entries = tuple(entries)

    @classmethod
    def parse(cls, parts: Iterable[str], *, gateways: bool = False) -> Self:
        """The list that these entries make. Raises ValueError that quotes the first bad one."""
        return cls(_entry(part, gateways=gateways) for part in parts)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def find(self, text: str) -> Number | None:
        """The number that `text` is, if it is one and on the list; the first entry that holds it counts."""
        if not _NUMBER.fullmatch(text):
            return None
        return next((Number(text, entry.gateway) for entry in self._entries if entry.holds(text)), None)


def _entry(part: str, *, gateways: bool) -> _Entry:
    found = _ENTRY.fullmatch(part)
    if found is None:
        raise ValueError(f"{part[:40]!r} is no number; {_FORMS}" + (", each with @gateway" if gateways else ""))
    low, high, pattern, gateway = found.groups()
    if gateway is not None and not gateways:
        raise ValueError(f"{part[:40]!r} names a gateway, which the dialplan chooses here; {_FORMS}")
    if pattern is not None:
        return _Entry("", "", re.compile(pattern.replace("X", "[0-9]")), gateway)
    if len(low) != len(high) or low > high:
        raise ValueError(f"{part[:40]!r} is no range: both ends have as many digits, the smaller first; {_FORMS}")
    return _Entry(low, high, None, gateway)
