"""LAMPFIELD_HIDE_NUMBERS: what a text looks like without anybody's full telephone number. Pure.

A number is a run of five or more digits; or of seven or more that are written in groups, as people and `tel:` URIs do
(RFC 3966, 5.1.1: visual separators), such as `+1-202-555-0123`. The address of a host behind `@`, `:` or `[` is none.
"""

import re
from typing import Final

__all__ = ["mask"]

_QUAD: Final = r"(?<=[@:\[])\d{1,3}(?:\.\d{1,3}){3}(?![\d.@])"
_NUMBER: Final = re.compile(rf"(?P<address>{_QUAD})|\d(?:[-. \u00a0()/]{{0,3}}\d){{6,}}|\d{{5,}}")
_DIGIT: Final = re.compile(r"\d")


def mask(text: str) -> str:
    """`0555123456` as `********56`, `555-0123` as `***-**23`. Digits of any script count; as long as it was."""
    return _NUMBER.sub(_stars, text)


def _stars(number: re.Match[str]) -> str:
    if number["address"]:
        return number[0]
    digits = len(_DIGIT.findall(number[0]))
    return _DIGIT.sub("*", number[0], count=digits - 2)
