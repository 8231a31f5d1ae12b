"""Names as topic levels, reversibly.

Topics here are relative to the root (`LAMPFIELD_TOPIC_ROOT`): only the link knows the root. Pure.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

__all__ = ["MAX_NAME_BYTES", "decode_name", "encode_name", "join", "split"]

MAX_NAME_BYTES = 1024  # an encoded name; MQTT allows 65 535 for a whole topic

# What MQTT gives a meaning to (/ + # and a leading $), the escape itself, and all controls (C0, DEL, C1).
_ESCAPED = re.compile("[/+#$%\x00-\x1f\x7f-\x9f]")
_WELL_FORMED = re.compile("(?:[^/+#$%\x00-\x1f\x7f-\x9f]|%[0-9A-F]{2})+")


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


@lru_cache(maxsize=4096)
def encode_name(name: str) -> str:
    """A name as one topic level: `/ + # $ %` and controls as `%2F`, all else as it is spelt.

    Raises ValueError for an empty name, one longer than MAX_NAME_BYTES, and one that UTF-8 cannot carry.
    """
    if not name:
        raise ValueError("name: is empty; a topic level needs a name")
    encoded = _ESCAPED.sub(_escape, name)
    try:
        size = len(encoded.encode())
    except UnicodeEncodeError:
        raise ValueError(f"name: {name[:40]!r} is not valid Unicode") from None
    if size > MAX_NAME_BYTES:
        raise ValueError(f"name: {size} bytes when encoded; at most {MAX_NAME_BYTES} fit")
    return encoded


@lru_cache(maxsize=4096)
def decode_name(level: str) -> str:
    """The name that `encode_name` made this level from. Raises ValueError for a level that it never makes."""
    if not _WELL_FORMED.fullmatch(level):
        raise ValueError(f"level: {level[:40]!r} is not an encoded name")
    if "%" not in level:
        return level
    try:
        name = unquote_to_bytes(level).decode()
    except UnicodeDecodeError:
        raise ValueError(f"level: {level[:40]!r} does not decode to UTF-8") from None
    if encode_name(name) != level:
        raise ValueError(f"level: {level[:40]!r} escapes what needs no escape")
    return name


def join(*levels: str) -> str:
    """Already encoded levels as a topic."""
    return "/".join(levels)


def split(topic: str) -> tuple[str, ...]:
    """A topic's levels, still encoded."""
    return tuple(topic.split("/"))
