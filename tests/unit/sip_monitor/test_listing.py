"""The list of dialogs, and looking for some of them."""

from typing import Any

import pytest
from msgspec.structs import replace

from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import SipDialog
from sip_monitor.listing import HEADINGS, cells, matches, plain, table

DIALOG: Any = EXAMPLES[SipDialog]


def test_a_line() -> None:
    assert dict(zip(HEADINGS, cells(DIALOG), strict=True)) == {
        "method": "INVITE", "from": "+4930123456", "to": "1000", "state": "busy", "status": "486 Busy Here",
        "cause": "USER_BUSY", "started": "23:11:41.020", "setup": "", "messages": "7",
        "call-id": "902b765303f81823@192.0.2.7",
    }  # fmt: skip
    again = replace(DIALOG, retransmissions=2, setup_ms=1500, status=None, reason=None, cause=None)
    assert cells(again)[4:9] == ("", "", "23:11:41.020", "1.500 s", "7 (2 again)")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", True), ("busy", True), ("BUSY 486", True), ("state:busy", True), ("state:b", True),
        ("state:failed", False), ("status:4", True), ("status:5", False), ("from:+4930", True), ("to:1000", True),
        ("to:+49", False), ("902b", True), ("-method:register", True), ("-busy", False), ("user_busy", True),
        ("1000 nobody", False), ("@192.0.2.7", True), ("-", False), ("sip:1", False),
    ],
)  # fmt: skip
def test_looking_for(wanted: str, *, found: bool) -> None:
    assert matches(DIALOG, wanted) is found


def test_a_table_has_a_line_of_headings_and_numbers() -> None:
    lines = table([DIALOG, DIALOG])
    assert lines[0].split() == list(HEADINGS)
    assert lines[2].startswith("2  INVITE")
    assert lines[0].index("state") == lines[1].index("busy")


def test_what_a_sender_wrote_commands_no_terminal() -> None:
    assert plain("\x1b[2J\x9b1m\x00a\tb é☎") == "\ufffd[2J\ufffd1m\ufffda       b é☎"
    assert "\x1b" not in "".join(table([replace(DIALOG, from_="\x1b[2J", reason="\x1b]0;x\x07", call_id="\x1bc")]))
