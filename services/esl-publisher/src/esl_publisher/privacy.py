"""LAMPFIELD_HIDE_NUMBERS: the one place at which telephone numbers are masked.

Pure. They go (`lampfield_bus.masking`) from every text of a call's messages that people or far ends chose: numbers,
names (URIs included), extensions, gateway, queue, the far end's reason phrase. Left alone is what identifies: ids, legs
and instants.
"""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from lampfield_bus import messages as m
from lampfield_bus.masking import mask

__all__ = ["Told", "hide", "unmasked"]

Told = TypeVar("Told", bound=m.Call)


def unmasked(names: Iterable[str]) -> dict[str, str]:
    """Masked names, and what they were: of these, which are known anyhow. What several are masked to is left out."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(mask(name), []).append(name)
    return {masked: those[0] for masked, those in found.items() if len(those) == 1}


def _mask(text: str | None) -> str | None:
    return None if text is None else mask(text)


def _party(party: m.Party) -> m.Party:
    return m.Party(number=mask(party.number), name=mask(party.name))


def hide(message: Told) -> Told:
    """A call's message without anybody's full number."""
    message = replace(
        message,
        caller=_party(message.caller),
        callee=_party(message.callee),
        gateway=_mask(message.gateway),
        queue=_mask(message.queue),
        extensions=[mask(user) for user in message.extensions],
    )
    if isinstance(message, m.CallEnded):
        return replace(message, cause=mask(message.cause), sip_reason=_mask(message.sip_reason))
    return message
