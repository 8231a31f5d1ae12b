"""The display's machine: what it hears, what it answers, what it believes."""

import json
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from lampfield_bus.node.arrivals import Connected, Lost, Message, ReadingBegan, ReadingEnded
from led_renderer.board import Board, ClockStepped
from led_renderer.lacking import FEWER_MS, LONGEST_RETRY_MS
from led_renderer.scene import scene
from led_renderer.trouble import Trouble
from led_renderer.view import CallCounts
from support.boards import NOW, command, extension, panel, read, stored, switch


def results(publications: list[m.Publication]) -> list[m.Result]:
    return [
        msgspec.json.decode(publication.payload, type=m.Result)
        for publication in publications
        if publication.topic == "display/d/result"
    ]


def states(publications: list[m.Publication]) -> list[m.DisplayState]:
    return [
        msgspec.json.decode(publication.payload, type=m.DisplayState)
        for publication in publications
        if publication.topic == "display/d/state"
    ]


def fresh_health(topics: int) -> Message:
    stored_one = switch(topics=topics)[2]
    return Message(stored_one.topic, stored_one.payload, retain=False)


# --- readings --------------------------------------------------------------------------------------------------------


def test_nothing_is_told_before_the_first_reading_and_then_info_and_state() -> None:
    board = Board(panel(groups=("hall",)))
    assert command(board, "brightness", "9")[0].topic == "display/d/result"
    told = read(Board(panel(groups=("hall",))))
    assert [publication.topic for publication in told] == ["display/d/info", "display/d/state"]
    info = msgspec.json.decode(told[0].payload, type=m.DisplayInfo)
    assert (info.groups, info.pages, info.width) == (["all", "hall"], ["calls", "lamps", "gateways", "clock"], 32)


def test_what_was_deleted_while_away_leaves_no_ghost() -> None:
    board = Board(panel())
    read(board, *switch("old", active=3), *switch("main", active=1))
    assert board.view(NOW).calls == CallCounts(active=4)
    board.receive(ReadingBegan(), NOW)
    for message in switch("main", active=1):
        board.receive(message, NOW)
    assert board.view(NOW).calls == CallCounts(active=4), "the old picture stays until the reading has ended"
    board.receive(ReadingEnded(complete=True), NOW)
    assert board.view(NOW).calls == CallCounts(active=1)


def test_manual_settings_of_an_earlier_run_are_restored_once() -> None:
    state = m.DisplayState(
        power="off", brightness=11, brightness_mode="manual", page="clock", page_mode="manual", notification=None,
        brightness_since=rfc3339(NOW - 9_000), power_mode="manual", power_since=rfc3339(NOW - 8_000),
    )  # fmt: skip
    board = Board(panel())
    told = read(board, stored(c.DISPLAY_STATE, ("d",), state))
    assert (board.power, board.brightness, board.stay) == (False, 11, "clock")
    assert states(told) == [state]
    command(board, "brightness", "3")
    read(board, stored(c.DISPLAY_STATE, ("d",), state))
    assert board.brightness == 3


def test_manual_settings_that_come_behind_a_reading_that_ran_out_of_time_are_restored_too() -> None:
    """The way from the broker stood still for longer than a reading waits: they were on it."""
    by_hand = m.DisplayState(
        power="off", brightness=11, brightness_mode="manual", page="clock", page_mode="manual", notification=None,
        power_mode="manual",
    )  # fmt: skip
    earlier = stored(c.DISPLAY_STATE, ("d",), by_hand)
    board = Board(panel())
    board.receive(ReadingBegan(), NOW)
    for message in switch():
        board.receive(message, NOW)
    (own,) = states(board.receive(ReadingEnded(complete=False), NOW))
    board.receive(Message(earlier.topic, m.encode(own), retain=False), NOW)
    board.receive(earlier, NOW)
    assert (board.power, board.brightness, board.stay) == (False, 11, "clock")
    command(board, "brightness", "3")
    board.receive(earlier, NOW)
    assert board.brightness == 3, "once"


def test_what_the_schedule_decided_is_not_restored_and_a_page_stays_when_it_is_there_again() -> None:
    state = m.DisplayState(
        power="on", brightness=11, brightness_mode="auto", page="lunch", page_mode="manual", notification=None
    )
    board = Board(panel(brightness=4))
    read(board, stored(c.DISPLAY_STATE, ("d",), state), *switch())
    assert board.brightness == 4
    assert {board.turn(NOW + after).page.name for after in range(0, 90_000, 1_000)} == {"calls", "clock"}
    board.receive(Message("display/d/page/lunch", b'{"text": "Lunch"}'), NOW)
    assert board.turn(NOW).page.name == "lunch"


def test_a_state_that_cannot_be_read_is_noted_and_left() -> None:
    board = Board(panel())
    read(board, Message("display/d/state", b'{"power": "dim"}', retain=True))
    assert board.power
    assert [key for key, _ in board.notes()] == ["display/d/state"]


def test_fewer_topics_than_told_ask_for_another_reading_ever_more_rarely() -> None:
    board = Board(panel())
    read(board, *switch())
    board.receive(fresh_health(topics=4), NOW)
    now, asked = NOW, []
    while now < NOW + 4 * LONGEST_RETRY_MS:
        board.tick(now)
        if board.wants_reading():
            asked.append(now)
        now += 1_000
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert asked[0] == NOW + FEWER_MS
    assert gaps == sorted(gaps)
    assert FEWER_MS < gaps[0] <= LONGEST_RETRY_MS + 1_000 >= gaps[-1]


def test_all_topics_heard_ask_for_nothing() -> None:
    board = Board(panel())
    read(board, *switch())
    board.receive(fresh_health(topics=3), NOW)
    for now in range(NOW, NOW + 60_000, 1_000):
        board.tick(now)
        assert not board.wants_reading()


def test_what_is_deleted_after_the_last_health_is_not_missed() -> None:
    board = Board(panel())
    lamp = extension("main", "1000", "idle")
    gone = Message(lamp.topic, b"", retain=False)
    read(board, *switch(topics=5), lamp)  # what is stored is up to 15 s old: since then one was deleted
    for fact in (fresh_health(topics=4), gone, Message(lamp.topic, lamp.payload, retain=False), gone):
        board.receive(fact, NOW)
        for now in range(NOW, NOW + 14_000, 1_000):
            board.tick(now)
            assert not board.wants_reading()


def test_a_reading_that_ran_out_of_time_with_nothing_read_takes_nothing_away() -> None:
    board = Board(panel())
    read(board, *switch(active=3))
    board.receive(ReadingBegan(), NOW)
    board.receive(ReadingEnded(complete=False), NOW)
    assert board.trouble(NOW) is None
    assert board.view(NOW).calls == CallCounts(active=3)
    board.receive(ReadingBegan(), NOW)
    board.receive(ReadingEnded(complete=True), NOW)
    assert board.trouble(NOW) is not None, "a whole reading with nothing in it: the switches are gone"


def test_a_reading_that_ran_out_of_time_leaves_the_switches_that_it_did_not_tell_of() -> None:
    board = Board(panel())
    read(board, *switch("main", active=3), *switch("berlin", active=4))
    board.receive(ReadingBegan(), NOW)
    for message in switch("main", active=1):
        board.receive(message, NOW)
    board.receive(ReadingEnded(complete=False), NOW)
    assert board.view(NOW).calls == CallCounts(active=5)
    read(board, *switch("main", active=1))
    assert board.view(NOW).calls == CallCounts(active=1), "a whole reading without it: it is gone"


# --- what can be believed --------------------------------------------------------------------------------------------


def test_without_a_bus_it_says_so_since_when() -> None:
    board = Board(panel())
    assert board.trouble(NOW) == Trouble("NO BUS", NOW - 5_000)
    board.receive(Connected(), NOW)
    assert board.trouble(NOW) == Trouble("NO BUS", NOW - 5_000), "what it holds is not known yet"
    read(board, *switch())
    assert board.trouble(NOW) is None
    board.receive(Lost("gone"), NOW + 60_000)
    board.receive(Lost("still gone"), NOW + 70_000)
    assert board.trouble(NOW + 80_000) == Trouble("NO BUS", NOW + 60_000)


def test_without_any_switch_it_says_no_pbx() -> None:
    board = Board(panel())
    read(board)
    assert board.trouble(NOW) == Trouble("NO PBX", NOW - 5_000)


def test_a_lost_switch_is_no_pbx_since_the_switch_says() -> None:
    board = Board(panel())
    read(board, *switch(at=NOW - 30_000, esl="lost"))
    assert board.trouble(NOW) == Trouble("NO PBX", NOW - 30_000)


def test_of_several_switches_the_lost_one_is_named_and_the_rest_stays() -> None:
    board = Board(panel(switches=("a", "b", "never")))
    read(board, *switch("a", active=2), *switch("b", active=5, at=NOW - 9_000, esl="lost"))
    assert board.trouble(NOW) is None
    assert board.view(NOW).calls == CallCounts(active=2)
    assert board.lost(NOW) == [Trouble("NO b", NOW - 9_000), Trouble("NO never", NOW - 5_000)]
    assert [page.name for page, _ in board.rotation(NOW).turns] == ["calls", "clock", "NO b", "NO never"]


def test_of_a_switch_that_never_told_since_when_the_age_counts_all_the_same() -> None:
    board = Board(panel())
    read(board, stored(c.SWITCH_AVAILABILITY, ("main",), "offline"))
    assert board.trouble(NOW) == board.trouble(NOW + 60_000) == Trouble("NO PBX", NOW - 5_000)


def test_no_pbx_counts_from_when_the_last_of_several_was_lost() -> None:
    board = Board(panel())
    read(board, *switch("a", esl="lost", at=NOW - 3_600_000), *switch("b", esl="lost", at=NOW - 1_000))
    assert board.trouble(NOW) == Trouble("NO PBX", NOW - 1_000)


def test_a_page_that_stays_hides_no_lost_switch_altogether() -> None:
    board = Board(panel())
    read(board, *switch("a"), *switch("b", esl="lost", at=NOW))
    command(board, "page", "calls")
    assert board.stale(NOW)


def test_age_makes_it_stale_then_lost() -> None:
    board = Board(panel())
    read(board, *switch())
    stale, lost, _ = board.edges()
    assert (board.stale(stale - 1), board.stale(stale)) == (False, True)
    assert board.trouble(lost - 1) is None
    assert board.trouble(lost) == Trouble("NO PBX", NOW)


def test_a_stepped_clock_moves_what_it_stamped_itself_only() -> None:
    board = Board(panel())
    read(board, *switch())
    for delta in (86_400_000, -86_400_000):
        board.receive(ClockStepped(delta), NOW + delta)
    assert board.trouble(NOW) is None
    lost = Board(panel())
    lost.receive(ClockStepped(10**9), NOW + 10**9)
    assert lost.trouble(NOW + 10**9) == Trouble("NO BUS", NOW - 5_000 + 10**9)


def test_a_clock_set_after_boot_is_believed_at_once() -> None:
    """A Pi boots in 1970, hears a fresh health, and is then set by NTP."""
    boot = 60_000
    board = Board(panel(started_at=0))
    read(board, *switch(), now=boot)
    fresh = switch(at=NOW)[2]
    board.receive(Message(fresh.topic, fresh.payload, retain=False), boot)
    assert board.trouble(boot) is None
    assert board.stale(boot), "this clock is wrong"
    board.receive(ClockStepped(NOW - boot), NOW)
    assert board.trouble(NOW) is None
    assert not board.stale(NOW)
    assert board.clock_skew == 0


def test_a_bad_message_is_counted_noted_once_and_changes_nothing() -> None:
    board = Board(panel())
    read(board, *switch(active=2))
    for _ in range(3):
        board.receive(Message("switch/main/calls", b"{torn"), NOW)
    assert board.view(NOW).calls == CallCounts(active=2)
    assert board.rejected == 3
    assert len(board.notes()) == 1
    assert board.notes() == []


@given(st.lists(st.tuples(st.sampled_from(["calls", "info", "health", "extension/1000", "availability"]), st.binary())))
def test_no_state_message_raises(messages: list[tuple[str, bytes]]) -> None:
    board = Board(panel())
    read(board)
    for topic, payload in messages:
        board.receive(Message(f"switch/main/{topic}", payload), NOW)
        scene(board, board.panel, NOW)


# --- commands --------------------------------------------------------------------------------------------------------


def test_every_command_is_answered() -> None:
    board = Board(panel())
    read(board)
    assert results(command(board, "brightness", "7")) == [m.Result(cmd="brightness", ok=True)]
    refused = results(command(board, "brightness", '{"value": 99, "transaction": "t"}'))[0]
    assert (refused.ok, refused.field, refused.transaction) == (False, "value", "t")
    assert results(command(board, "reboot", ""))[0].ok is False
    assert results(command(board, "power", "off", retain=True))[0].ok is False
    assert results(command(board, "power", "", retain=True)) == []
    answer = results(board.busy(Message("display/d/cmd/brightness", b'{"value": 3, "transaction": "t7"}')))[0]
    assert (answer.error, answer.transaction) == ("busy: too many commands wait", "t7")
    assert board.power


def test_state_is_told_when_it_changes_and_only_then() -> None:
    board = Board(panel())
    read(board)
    assert [state.brightness for state in states(command(board, "brightness", "7"))] == [7]
    assert states(command(board, "brightness", "7")) == []
    assert states(command(board, "brightness", "auto"))[0].brightness_mode == "auto"


def test_a_notification_starts_shows_and_ends_in_state() -> None:
    board = Board(panel())
    read(board, *switch())
    assert states(command(board, "notify", '{"text": "hi", "id": "greeting"}'))[0].notification == "greeting"
    assert board.due() == NOW + 6_000
    assert states(board.tick(NOW + 6_000))[0].notification is None


def test_dismissing_what_is_not_there_is_refused_but_dismissing_all_never_is() -> None:
    board = Board(panel())
    read(board)
    refused = results(command(board, "dismiss", "nobody" * 100))[0]
    assert (refused.ok, len(refused.error or "") < 200) == (False, True)
    assert results(command(board, "dismiss", "*"))[0].ok is True
    assert results(command(board, "dismiss", ""))[0].ok is True


def test_staying_on_a_page_and_going_on() -> None:
    board = Board(panel())
    read(board, *switch())
    refused = results(command(board, "page", "nowhere" * 100))[0]
    assert (refused.field, len(refused.error or "") < 200) == ("value", True)
    told = states(command(board, "page", "clock"))
    assert all((state.page, state.page_mode) == ("clock", "manual") for state in told)
    assert board.stay == "clock"
    told = states(command(board, "page", "auto"))
    assert told[0].page_mode == "auto"
    present = board.turn(NOW)
    assert states(board.tick(present.ends or 0))[0].page != present.page.name


def test_identify_and_test_end_by_themselves() -> None:
    board = Board(panel())
    read(board)
    command(board, "identify", "")
    assert board.due() == NOW + 5_000
    board.tick(NOW + 5_000)
    assert board.showing(NOW + 5_000) is None
    command(board, "test", "", NOW + 6_000)
    board.tick(NOW + 11_000)
    assert board.showing(NOW + 11_000) is None


def test_identify_begins_at_a_whole_second_as_on_the_other_tiles_of_a_wall() -> None:
    board = Board(panel())
    read(board)
    command(board, "identify", "", NOW + 1)
    assert (board.showing(NOW + 1), board.due()) == (None, NOW + 1_000)
    board.receive(ClockStepped(5_000), NOW + 5_001)
    board.tick(NOW + 6_000)
    showing = board.showing(NOW + 6_000)
    assert showing is not None
    assert (showing.notification.kind, showing.since, board.due()) == ("identify", NOW + 6_000, NOW + 11_000)


def test_a_long_text_is_shown_for_one_full_scroll() -> None:
    board = Board(panel())
    read(board)
    command(board, "text", "W" * 200)
    due = board.due()
    assert due is not None
    assert due - NOW > 30_000


def test_a_flood_of_notifications_stays_bounded_and_each_is_answered() -> None:
    board = Board(panel())
    read(board)
    answers = [results(command(board, "notify", json.dumps({"text": str(number)})))[0] for number in range(1_000)]
    assert sum(answer.ok for answer in answers) == len(board.attention.ids) == 32
    critical = [
        results(command(board, "notify", json.dumps({"text": str(number), "priority": "critical"})))[0].ok
        for number in range(64)
    ]
    assert all(critical)


# --- subscriptions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [0, 3_000, 61_000])
def test_a_display_that_starts_late_shows_the_same(late: int) -> None:
    early, other = Board(panel()), Board(panel(started_at=NOW + late))
    read(early, *switch(active=3))
    for told in switch(active=3, at=NOW + late):
        early.receive(Message(told.topic, told.payload, retain=False), NOW + late)
    read(other, *switch(active=3, at=NOW + late), now=NOW + late)
    for now in range(NOW + late, NOW + late + 20_000, 250):
        early.tick(now)
        other.tick(now)
        assert scene(early, early.panel, now) == scene(other, other.panel, now)
