"""`sip-monitor read FILE` and `sip-monitor export CALL-ID FILE`: dialogs of a file, a ladder into a file."""

import secrets
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from lampfield_bus import channels as c
from lampfield_bus.messages import SipDialog, SipLadder
from lampfield_bus.node.arrivals import Lost, Message, ReadingEnded
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.run import FAILED, OK
from sip_monitor import capture, ladder, listing
from sip_monitor.dialogs import Dialogs
from sip_monitor.monitor import Monitor
from sip_monitor.records import Records
from sip_monitor.settings import PROGRAM, Settings
from sip_monitor.tracker import Rules, Tracker

__all__ = ["MAX_FILE", "Wanted", "export", "ladder_of", "read"]

MAX_FILE: Final = 1024 * 1024 * 1024  # bytes
DIALOG_BOUND: Final = 100_000  # of a file
TEXT_BYTES: Final = 512 * 1024 * 1024
WAIT_SECONDS: Final = 10.0


class Wanted(NamedTuple):
    """What of a file is shown. `dialog`: its number or Call-ID; `every`: what the settings leave out as well."""

    dialog: str | None = None
    every: bool = False
    bodies: bool = False
    pcap: str | None = None


def read(settings: Settings, file: str, wanted: Wanted) -> int:
    """Lists what is in a file of HEP or pcap, or draws the ladders that are asked for."""
    rules = settings.rules
    if wanted.every:
        rules = Rules(frozenset(), rules.keeping, rules.hide_numbers)
    tracker = Tracker(rules, Dialogs(bound=DIALOG_BOUND, ended_bound=DIALOG_BOUND), Records(TEXT_BYTES))
    path, packets, bad = Path(file), 0, 0
    try:
        for packet in capture.packets(_content(path)):
            packets += 1
            try:
                tracker.packet(packet, packet.at or 0)
            except ValueError:
                bad += 1
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{PROGRAM}: {path}: {getattr(error, 'strerror', None) or error}\n")
        return FAILED
    told = Monitor(settings.node, rules, 0, tracker)
    dialogs = sorted((told.message(each) for each in tracker.dialogs), key=lambda each: each.started_at)
    found = [each for number, each in enumerate(dialogs, 1) if _is_wanted(each, number, wanted.dialog)]
    if not found:
        sys.stderr.write(f"{PROGRAM}: {path}: no such dialog; {packets} packets, {len(dialogs)} dialogs\n")
        return FAILED
    lines = listing.table(found) if wanted.dialog is None else []
    for dialog in found if wanted.dialog is not None else []:
        lines += _drawn(dialog, _ladder(tracker.records[dialog.call_id].payload()), bodies=wanted.bodies)
    lines.append(f"{packets} packets, {bad} of them no SIP, {len(dialogs)} dialogs")
    sys.stdout.write("\n".join(lines) + "\n")
    if wanted.pcap:
        messages = [each for dialog in found for each in _ladder(tracker.records[dialog.call_id].payload()).messages]
        Path(wanted.pcap).write_bytes(capture.as_pcap(ladder.in_order(messages), found[0].call_id))
    return OK


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise ValueError(f"is larger than {MAX_FILE} bytes; cut it with editcap or tcpdump")
    return path.read_bytes()


def _is_wanted(dialog: SipDialog, number: int, wanted: str | None) -> bool:
    return wanted is None or wanted in (str(number), dialog.call_id)


def _ladder(payload: bytes) -> SipLadder:
    return msgspec.json.decode(payload, type=SipLadder)


def _drawn(dialog: SipDialog, told: SipLadder, *, bodies: bool) -> list[str]:
    status = " ".join(str(part) for part in (dialog.state, dialog.status, dialog.reason, dialog.cause) if part)
    head = listing.plain(f"{dialog.method} {dialog.from_} > {dialog.to}: {status}   {dialog.call_id}")
    lines = [head, "", *ladder.drawn(told), ""]
    for message in ladder.in_order(told.messages) if bodies else []:
        text = map(listing.plain, (message.body or "").splitlines())
        lines += [f"--- {message.at} {message.from_} > {message.to}", *text, ""]
    return lines


def export(settings: Settings, call_id: str, file: str) -> int:
    """Writes the ladder of a dialog that is on the bus into a pcap file."""
    try:
        told = ladder_of(settings, call_id)
        content = capture.as_pcap(ladder.in_order(told.messages), call_id)
        Path(file).write_bytes(content)
    except (OSError, ValueError) as error:  # ConnectionError is an OSError
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return FAILED
    sys.stdout.write(f"{file}: {len(told.messages)} messages; sngrep -I {file} shows them\n")
    return OK


def ladder_of(settings: Settings, call_id: str, limit: float = WAIT_SECONDS) -> SipLadder:
    """The ladder as it stands on the bus. Raises ConnectionError without a broker, ValueError if there is none."""
    node, topic, inbox = settings.node, c.SIP_LADDER.topic(settings.node, call_id), Inbox()
    config = LinkConfig.of(
        settings, f"{PROGRAM}-export", secrets.token_hex(4), availability=None, fence=c.SIP_FENCE.topic(node)
    )
    link = Link(config, inbox, [Subscription(topic, "state")])
    link.start()
    end = time.monotonic() + limit
    try:
        while (left := end - time.monotonic()) > 0:
            for arrival in inbox.take(left):
                if isinstance(arrival, Lost):
                    raise ConnectionError(arrival.reason)
                if isinstance(arrival, Message) and arrival.topic == topic and arrival.payload:
                    return _ladder(arrival.payload)
                if isinstance(arrival, ReadingEnded) and arrival.complete:
                    raise ValueError(f"{call_id}: node {node} has no such dialog")
    finally:
        link.stop()
    raise ConnectionError(f"the broker did not tell {topic} within {limit:.0f} s")
