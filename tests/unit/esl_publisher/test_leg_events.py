"""What channel events mean for calls is in test_replay.py and test_scenarios.py; here, what does not get in."""

import pytest

from esl_publisher.decode import StateChanged, decode
from support.captures import events
from support.legs import T0, conversation, created, hangup, state
from support.switchboard import Switchboard


@pytest.mark.parametrize("originator", ["x" * 2000, "\ud800"])
def test_a_leg_whose_call_no_topic_can_name_is_not_taken_in(originator: str) -> None:
    board = Switchboard()
    for event in (
        created("b", user="1001", by=originator),
        state("c", "RINGING", direction="outbound", call_uuid=originator),
    ):
        with pytest.raises(ValueError, match="name"):
            board.event(event, T0)

    assert (board.live, board.counts, board.switch._ledger.legs) == ([], [], {})


def test_nothing_brings_back_a_leg_that_hung_up() -> None:
    board = Switchboard()
    board.event(hangup("a"), T0)
    for event in (created("a", user="1000"), state("a", "ACTIVE"), state("a", "HANGUP")):
        assert board.event(event, T0) == []

    assert (board.live, board.counts) == ([], [])


def test_who_an_unknown_leg_is_is_read_from_the_event_itself() -> None:
    board = Switchboard()
    body = next(body for body in events("call_bridged") if isinstance(decode(body), StateChanged))

    board.event(body, T0)

    (leg,) = board.switch._ledger.legs.values()
    assert (leg.number, leg.dialled, leg.stage) == ("1000", "71001", "ringing")
    assert len(board.live) == 1


def test_a_transfer_to_a_phone_that_still_rings_makes_one_call_of_two_whose_caller_waits() -> None:
    board = Switchboard()
    for event in (*conversation(), created("c", user="1001"), created("d", user="1002", by="c")):
        board.event(event, T0)
    board.event(hangup("c", "ATTENDED_TRANSFER", transfer_to="satt:a"), T0)

    assert board.live == ["switch/main/call/a"]
    assert board.read("call/a")["state"] == "waiting"


def test_a_transfer_for_a_leg_that_nobody_knows_is_a_hangup() -> None:
    board = Switchboard()
    board.event(created("c", user="1001"), T0)
    board.event(hangup("c", transfer_to="satt:a"), T0)

    assert board.live == []
