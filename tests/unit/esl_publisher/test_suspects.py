"""Who may have gone while nobody looked, and what FreeSWITCH says of them."""

import pytest

from esl_publisher import facts as f
from esl_publisher.snapshot import ChannelRow
from esl_publisher.suspects import MOST
from support.captures import CAPTURES, events
from support.legs import conversation, created, hangup, pair, row, state
from support.switchboard import Switchboard, replay

T0 = 1_795_388_315_491
S = 1_000
CALL = events("call_bridged")
A, B = "05d4571d-4c78-4d97-8762-4acf0f4701b6", "9155cc61-c490-4b1e-8dc6-e4833a102b6f"


def bridged() -> Switchboard:
    """The captured call, up to its bridge."""
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="c"), T0)
    for body in CALL:
        if b'"CHANNEL_HANGUP"' in body:
            break
        board.event(body, T0 + 10)
    return board


def test_a_leg_that_was_not_heard_to_begin_is_a_reason_to_look_at_the_tables() -> None:
    board = bridged()
    assert not board.switch.take_doubt()

    board.event(state("x", "ACTIVE", T0 + S), T0 + S)
    assert board.switch.take_doubt()
    assert not board.switch.take_doubt()


@pytest.mark.parametrize("name", CAPTURES)
def test_a_capture_of_which_nothing_was_lost_is_not_doubted(name: str) -> None:
    board = replay(name)
    assert not board.switch.take_doubt()


def test_nobody_is_suspected_while_events_come() -> None:
    assert bridged().switch.suspects() == []


def test_after_a_lost_link_everybody_from_before_is_until_freeswitch_has_answered() -> None:
    board = bridged()
    board.receive(f.EslChanged(state="lost"), T0 + 5 * S)
    board.receive(f.EslChanged(state="connected", core_uuid="c"), T0 + 9 * S)
    assert sorted(board.switch.suspects()) == [A, B]

    board.receive(f.LegsAsked(gone=(), alive=(A, B)), T0 + 9 * S)
    assert board.switch.suspects() == []
    assert board.counts[-1] == "active=1"


def test_who_has_gone_while_the_link_was_lost_goes_at_once_whatever_the_tables_say() -> None:
    """They are written late: half a second after the hangup its row still stands there."""
    board = bridged()
    board.receive(f.EslChanged(state="lost"), T0 + 5 * S)
    board.receive(f.EslChanged(state="connected", core_uuid="c"), T0 + 9 * S)
    board.snapshot(T0 + 9 * S, channels=(row(A), row(B)))
    assert board.counts[-1] == "active=1"

    board.receive(f.LegsAsked(gone=(A, B), alive=()), T0 + 9 * S)
    assert board.counts[-1] == "none"
    assert not any("/call/" in topic for topic in board.retained)


def test_lost_continuity_is_a_reason_too() -> None:
    board = bridged()
    board.receive(f.ContinuityLost("overflow"), T0 + 5 * S)
    assert sorted(board.switch.suspects()) == [A, B]


def test_a_leg_that_a_table_lacks_is_asked_about_and_lives_if_freeswitch_says_so() -> None:
    board = bridged()
    for later in (10, 20, 30):
        board.snapshot(T0 + later * S, channels=(row(A),))
        assert board.switch.suspects() == [B]
        board.receive(f.LegsAsked(gone=(), alive=(B,)), T0 + later * S)
    assert board.counts[-1] == "active=1"


def test_who_was_found_to_live_is_forgotten_when_it_is_over() -> None:
    """A connection may last for months."""
    board = bridged()
    board.snapshot(T0 + 10 * S, channels=(row(A),))
    board.receive(f.LegsAsked(gone=(), alive=(B,)), T0 + 10 * S)
    for leg in (A, B):
        board.event(hangup(leg, at=T0 + 11 * S), T0 + 11 * S)
    assert board.switch.suspects() == []
    assert board.switch._suspects._alive == set()


def test_a_leg_known_only_from_a_late_table_is_asked_about_as_well() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="c"), T0)
    board.snapshot(T0, channels=(row("x"),))
    assert board.switch.suspects() == ["x"]

    board.receive(f.LegsAsked(gone=("x", "never heard of"), alive=("nor this",)), T0)
    assert board.counts[-1] == "none"


def test_a_stepped_clock_makes_nobody_suspect() -> None:
    board = bridged()
    board.receive(f.ClockStepped(-3_600_000), T0 - 3_600_000)
    assert board.switch.suspects() == []


def test_no_more_are_asked_about_than_an_answer_takes_no_time() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="c"), T0)
    board.snapshot(T0, channels=tuple[ChannelRow, ...](row(f"u{number}") for number in range(MOST + 50)))
    assert len(board.switch.suspects()) == MOST


# --- what is told meanwhile ------------------------------------------------------------------------------------------


def after_a_lost_link(*rows: ChannelRow) -> Switchboard:
    """Who talked has hung up meanwhile, and others talk; the first look at the tables is taken."""
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0)
    for event in conversation():
        board.event(event, T0)
    board.snapshot(T0, channels=(row("a"), row("b", by="a")), pairs=(pair("a", "b"),))
    board.receive(f.EslChanged(state="lost"), T0 + 9 * S)
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0 + 60 * S)
    board.snapshot(T0 + 60 * S, channels=rows)
    return board


def test_after_a_lost_link_no_number_holds_those_who_went_together_with_those_who_came() -> None:
    board = after_a_lost_link(row("c", user="1002"), row("d", user="1003"))
    assert board.read("info")["esl"] == "lost"

    board.receive(f.LegsAsked(gone=("a", "b"), alive=("c", "d")), T0 + 60 * S + 100)
    assert board.read("info")["esl"] == "connected"
    assert [told["total"] for told in board.told("calls")][-2:] == [1, 2], "never 3"


def test_a_row_of_who_has_just_gone_is_not_counted_either() -> None:
    board = after_a_lost_link(row("a", user="1000"), row("b", user="1001", by="a"), row("d", user="1003"))
    board.receive(f.LegsAsked(gone=("a", "b"), alive=("d",)), T0 + 60 * S + 100)

    assert [told["total"] for told in board.told("calls")][-2:] == [1, 1], "never 2: one was over, one had begun"
    assert board.read("info")["esl"] == "connected"


def test_where_freeswitch_does_not_say_who_lives_the_second_look_tells() -> None:
    board = after_a_lost_link(row("c", user="1002"), row("d", user="1003"))
    board.event(created("e", T0 + 61 * S, user="1004"), T0 + 61 * S)
    assert board.read("info")["esl"] == "lost"

    legs = row("c", user="1002"), row("d", user="1003"), row("e", "DOWN", user="1004")
    board.snapshot(T0 + 62 * S, channels=legs)
    assert board.read("info")["esl"] == "connected"
    assert [told["total"] for told in board.told("calls")][-2:] == [1, 3], "neither 2 nor 4"
