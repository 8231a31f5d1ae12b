"""What an earlier run left, read back."""

from lampfield_bus import channels as c
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import SipDialog, SipLadder, encode
from sip_monitor import restore
from sip_monitor.dialog import Dialog
from sip_monitor.packing import packed
from sip_monitor.record import Record
from support.sip import T0

DIALOG, LADDER = encode(EXAMPLES[SipDialog]), encode(EXAMPLES[SipLadder])
CALL_ID = "902b765303f81823@192.0.2.7"


def dialogs(topics: dict[str, bytes], now: int) -> list[tuple[Dialog, Record]]:
    return restore.dialogs({topic: packed(payload) for topic, payload in topics.items()}, now)


def topics(name: str) -> tuple[str, str]:
    return c.SIP_DIALOG.topic("main", name), c.SIP_LADDER.topic("main", name)


def test_a_dialog_with_its_ladder() -> None:
    dialog_topic, ladder_topic = topics(CALL_ID)
    ((dialog, record),) = dialogs({dialog_topic: DIALOG, ladder_topic: LADDER}, T0)
    assert (dialog.call_id, dialog.state, dialog.live, dialog.from_) == (CALL_ID, "busy", False, "+4930123456")
    assert record.payload() == LADDER
    assert record.rests


def test_those_that_ended_first_come_first() -> None:
    found: dict[str, bytes] = {}
    for name, ended in (("b", "2026-11-22T12:00:00.000Z"), ("a", "2026-11-22T11:00:00.000Z")):
        dialog_topic, ladder_topic = topics(name)
        text = DIALOG.replace(CALL_ID.encode(), name.encode()).replace(b"2026-11-22T23:11:53.341Z", ended.encode())
        found |= {dialog_topic: text, ladder_topic: LADDER}
    assert [dialog.call_id for dialog, _ in dialogs(found, T0)] == ["a", "b"]


def test_what_cannot_be_read_or_is_only_half_there_is_left() -> None:
    dialog_topic, ladder_topic = topics(CALL_ID)
    other, other_ladder = topics("another")
    assert dialogs({dialog_topic: DIALOG}, T0) == []
    assert dialogs({ladder_topic: LADDER}, T0) == []
    assert dialogs({dialog_topic: b"{", ladder_topic: LADDER}, T0) == []
    assert dialogs({dialog_topic: DIALOG, ladder_topic: b"{"}, T0) == []
    assert dialogs({other: DIALOG, other_ladder: LADDER}, T0) == []  # it says that it is somebody else
    assert dialogs({"nonsense": DIALOG}, T0) == []
    wrong = DIALOG.replace(b'"2026-11-22T23:11:41.020Z"', b'"2026-99-22T23:11:41.020Z"')
    assert dialogs({dialog_topic: wrong, ladder_topic: LADDER}, T0) == []
