"""Entities that a device had and has no more. Pure.

Home Assistant keeps what a device's new configuration merely leaves out, as it was, until it is started anew: a queue
that is gone would stand there with its last number. It takes out what is told with its platform and nothing else
(homeassistant/components/mqtt/discovery.py, `async_discovery_message_received`, 2025.1).
"""

from typing import Any, Final

import msgspec

__all__ = ["RETIRED_BOUND", "complete"]

RETIRED_BOUND: Final = 64  # of one device; the oldest are left out then, and were told long ago

_Parts = dict[str, dict[str, Any]]


class _Told(msgspec.Struct):
    components: _Parts = {}


_decode: Final = msgspec.json.Decoder(_Told).decode


def complete(device: dict[str, Any], before: bytes | None, *, certain: bool, again: bool) -> dict[str, Any]:
    """`device` as it is to be told where `before` was told.

    `certain`: what it lacks is gone, and not only unread; else that stays. `again`: this process told it, and what
    was retired then has to stay in it, because a later message replaces one that was not yet sent.
    """
    parts: _Parts = device["components"]
    lacking = {key: part for key, part in _parts(before).items() if key not in parts and "platform" in part}
    if certain:
        retired = [(key, {"platform": part["platform"]}) for key, part in lacking.items() if again or _is_live(part)]
        lacking = dict(retired[-RETIRED_BOUND:])
    return {**device, "components": {**parts, **lacking}}


def _is_live(part: dict[str, Any]) -> bool:
    return set(part) != {"platform"}


def _parts(before: bytes | None) -> _Parts:
    """Of what anybody may have written there."""
    try:
        return {} if before is None else _decode(before).components
    except (ValueError, RecursionError):
        return {}
