"""What channel events mean for calls is in test_replay.py and test_scenarios.py; here, what does not get in."""

import pytest

from support.legs import T0, created, hangup, state
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
