"""The board of a reader: what it knows of a node, through readings, deletions and another version's payloads."""

from typing import Any

from msgspec.structs import replace

from lampfield_bus import channels as c
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import SipDialog, SipLadder, SipMessage, encode
from lampfield_bus.node.arrivals import Connected, Lost, Message, ReadingBegan, ReadingEnded
from sip_monitor.browse import Board, difference
from sip_monitor.record import message
from support.sip import T0, answer, packet, request, sip

DIALOG: Any = EXAMPLES[SipDialog]
LADDER = encode(EXAMPLES[SipLadder])


def arrow(payload: bytes, after: int = 0) -> SipMessage:
    parsed = sip(payload)
    return message(packet(payload), parsed, T0 + after, parsed.head, retransmission=False)


def told(board: Board, name: str, started: str = "2026-11-22T23:11:41.020Z") -> None:
    dialog = encode(replace(DIALOG, call_id=name, started_at=started))
    board.receive(Message(c.SIP_DIALOG.topic("main", name), dialog))
    board.receive(Message(c.SIP_LADDER.topic("main", name), LADDER))


def test_dialogs_come_go_and_are_found_the_newest_first() -> None:
    board = Board("main")
    told(board, "a", "2026-11-22T10:00:00.000Z")
    told(board, "b", "2026-11-22T11:00:00.000Z")
    assert [dialog.call_id for dialog in board.found("")] == ["b", "a"]
    assert [dialog.call_id for dialog in board.found("a")] == ["a"]
    assert list(board.ladders) == ["a", "b"]
    board.receive(Message(c.SIP_DIALOG.topic("main", "a"), b""))
    board.receive(Message(c.SIP_LADDER.topic("main", "a"), b"{"))
    board.receive(Message(c.SIP_DIALOG.topic("other", "x"), encode(DIALOG)))
    board.receive(Message("nonsense", b""))
    assert (list(board.dialogs), list(board.ladders)) == (["b"], ["b"])


def test_whether_what_is_shown_holds() -> None:
    board = Board("main")
    assert (board.standing, board.holds) == ("NO BUS", False)
    board.receive(Connected())
    assert board.standing == "never seen"
    board.receive(Message(c.SIP_AVAILABILITY.topic("main"), b"online"))
    assert (board.standing, board.holds) == ("online", True)
    board.receive(Message(c.SIP_AVAILABILITY.topic("main"), b"offline"))
    assert (board.standing, board.holds) == ("OFFLINE", False)
    board.receive(Lost("gone"))
    assert board.standing == "NO BUS"


def test_a_reading_leaves_no_ghosts_unless_it_had_a_hole() -> None:
    board = Board("main")
    told(board, "ghost")
    board.receive(ReadingBegan())
    told(board, "here")
    board.receive(ReadingEnded(complete=False))
    assert set(board.dialogs) == {"ghost", "here"}
    board.receive(ReadingBegan())
    told(board, "here")
    board.receive(ReadingEnded(complete=True))
    assert (set(board.dialogs), set(board.ladders)) == ({"here"}, {"here"})


def test_a_difference_is_shown_line_by_line() -> None:
    one, other = arrow(request("INVITE")), arrow(request("INVITE", cseq=2), after=5)
    lines = difference(one, other)
    assert "-CSeq: 1 INVITE" in lines
    assert "+CSeq: 2 INVITE" in lines
    assert difference(one, one) == ["no difference"]
    bare = replace(arrow(answer(200, "OK")), body=None)
    assert "+SIP/2.0 200 OK" in difference(one, bare)
