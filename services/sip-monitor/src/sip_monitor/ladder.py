"""A ladder as people read it: a column per host, an arrow per message, times beside them. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from lampfield_bus.instants import parse
from lampfield_bus.messages import SipLadder, SipMessage
from sip_monitor.listing import plain

__all__ = ["Row", "drawn", "in_order", "label", "rows"]

LEAST_LANE: Final = 24  # characters between two columns
NARROWEST: Final = 16  # and in a terminal that has no room for that
MOST_LABEL: Final = 40
TIMES: Final = 22
Row = tuple[str, str, str]  # from, to, what


def in_order(messages: Iterable[SipMessage]) -> list[SipMessage]:
    """As they were captured: several agents may tell of one dialog, each with its own delay."""
    return sorted(messages, key=lambda message: parse(message.at))


def label(message: SipMessage) -> str:
    """`INVITE (SDP)`, `486 Busy Here`: as sngrep writes it."""
    first, _, rest = message.first_line.partition(" ")
    text = rest.strip() if first == "SIP/2.0" else first
    content = (message.body or "").partition("\r\n\r\n")[2]
    carries = content.startswith("(application/sdp,") or content.lstrip().startswith("v=0")
    return f"{plain(text[:MOST_LABEL])}{' (SDP)' if carries else ''}"


def rows(ladder: SipLadder) -> list[Row]:
    """The arrows in order: from, to, what."""
    return [(message.from_, message.to, label(message)) for message in in_order(ladder.messages)]


def drawn(ladder: SipLadder, width: int | None = None) -> Iterator[str]:
    """The lines: hosts, then one per message. Times are UTC, and since the message before.

    `width`: characters of a line that there is room for; labels are cut, as far as that helps.
    """
    messages = in_order(ladder.messages)
    columns = list(ladder.hosts)
    for message in messages:
        columns += [host for host in (message.from_, message.to) if host not in columns]
    lane = max([LEAST_LANE, *(len(label(message)) + 14 for message in messages), *(len(host) + 2 for host in columns)])
    if width is not None:
        lane = min(lane, max(NARROWEST, (width - TIMES) // max(len(columns), 1)))
    yield " " * TIMES + "".join(host[: lane - 1].center(lane) for host in columns)
    before: int | None = None
    for message in messages:
        at = parse(message.at)
        since = "" if before is None else f"{(at - before) / 1000:+9.3f}"
        before = at
        yield f"{message.at[11:23]} {since:>9}" + _arrow(message, columns, lane)


def _arrow(message: SipMessage, columns: list[str], lane: int) -> str:
    """One message between its two columns; to itself where a host sends to its own address."""
    source, target = columns.index(message.from_), columns.index(message.to)
    line = list(("│".center(lane)) * len(columns))
    posts = [number for number, character in enumerate(line) if character == "│"]
    text = f" {label(message)}{' (again)' if message.retransmission else ''} "
    if source == target:
        return "".join(line[: posts[source] + 1]) + f"↻{text}".rstrip()
    left, right = sorted((posts[source], posts[target]))
    room = right - left - 1
    shaft = text[: room - 2].center(room - 1, "─")
    line[left + 1 : right] = f"{shaft}▶" if source < target else f"◀{shaft}"
    return "".join(line).rstrip()
