"""Dialogs as a list, and which of them somebody looks for. Pure."""

from collections.abc import Iterable
from typing import Final

from lampfield_bus.messages import SipDialog

__all__ = ["HEADINGS", "cells", "matches", "plain", "table"]

HEADINGS: Final = ("method", "from", "to", "state", "status", "cause", "started", "setup", "messages", "call-id")


def cells(dialog: SipDialog) -> tuple[str, ...]:
    """One dialog under the HEADINGS."""
    again = f" ({dialog.retransmissions} again)" if dialog.retransmissions else ""
    status = " ".join(str(part) for part in (dialog.status, dialog.reason) if part)
    setup = "" if dialog.setup_ms is None else f"{dialog.setup_ms / 1000:.3f} s"
    return (
        dialog.method, dialog.from_, dialog.to, dialog.state, status, dialog.cause or "", dialog.started_at[11:23],
        setup, f"{dialog.messages}{again}", dialog.call_id,
    )  # fmt: skip


def plain(text: str) -> str:
    """One line as a terminal shows it, and obeys nothing in it: whoever sends SIP chooses what stands there."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text.expandtabs())


def matches(dialog: SipDialog, wanted: str) -> bool:
    """Whether a dialog fits every word of `wanted`, in any case.

    `state:busy`, `method:invite`, `status:4` (begins so), `from:1000`, `to:…`; a bare word stands in any of them or in
    the Call-ID; a `-` before a word: not that.
    """
    return all(_fits(dialog, word) for word in wanted.lower().split())


def _fits(dialog: SipDialog, word: str) -> bool:
    if word.startswith("-") and len(word) > 1:
        return not _fits(dialog, word[1:])
    fields = {
        "state": dialog.state,
        "method": dialog.method,
        "status": str(dialog.status or ""),
        "from": dialog.from_,
        "to": dialog.to,
    }
    key, colon, value = word.partition(":")
    if colon and key in fields:
        return fields[key].lower().startswith(value)
    return any(
        word in text.lower() for text in (*fields.values(), dialog.call_id, dialog.reason or "", dialog.cause or "")
    )


def table(dialogs: Iterable[SipDialog]) -> list[str]:
    """Numbered lines under a line of headings."""
    rows = [("", *HEADINGS), *((str(number), *map(plain, cells(each))) for number, each in enumerate(dialogs, 1))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
