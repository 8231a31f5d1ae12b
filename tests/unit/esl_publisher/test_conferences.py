from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.conferences import Conferences
from esl_publisher.decode import Meeting
from esl_publisher.tables import MemberRow, RoomRow
from lampfield_bus.instants import rfc3339
from support.legs import T0

S = 1_000


def happens(rooms: Conferences, action: str, uuid: str = "", at: int = T0, **headers: Any) -> None:
    given_ = {"conference": "3000", "instance": "i", **headers}
    rooms.receive(Meeting(name="CUSTOM", action=action, uuid=uuid, **given_), at, at)


def meeting(*legs: str) -> Conferences:
    rooms = Conferences()
    happens(rooms, "conference-create")
    for leg in legs:
        happens(rooms, "add-member", leg, talking="false")
    return rooms


def row(*legs: str, **columns: Any) -> RoomRow:
    given_ = {"name": "3000", "instance": "i", "run_seconds": 4, "locked": False, "recording": False, **columns}
    return RoomRow(members=tuple(MemberRow(leg, False) for leg in legs), **given_)


def counted(rooms: Conferences) -> tuple[int, int]:
    message = rooms.message("3000")
    assert message is not None
    return message.members, message.talking


def test_members_come_talk_and_go() -> None:
    rooms = meeting("a", "b")
    happens(rooms, "start-talking", "a", talking="true")
    happens(rooms, "start-talking", "b", talking="true")
    assert counted(rooms) == (2, 2)
    happens(rooms, "mute-member", "a", talking="false")
    assert counted(rooms) == (2, 1)
    happens(rooms, "stop-talking", "b", talking="false")
    happens(rooms, "del-member", "a", talking="false")

    assert counted(rooms) == (1, 0)


def test_whoever_is_alone_meets_nobody() -> None:
    rooms = meeting("a")
    assert not rooms.meets("a")
    happens(rooms, "add-member", "b")
    assert rooms.meets("a")
    assert rooms.meets("b")
    assert rooms.moved >= {"a", "b"}
    rooms.leave("b")

    assert not rooms.meets("a")
    assert not rooms.meets("b")


def test_locks_and_recordings_are_told() -> None:
    rooms = meeting("a")
    for action, expected in (
        ("lock", (True, False)),
        ("start-recording", (True, True)),
        ("unlock", (False, True)),
        ("stop-recording", (False, False)),
    ):
        happens(rooms, action)
        message = rooms.message("3000")
        assert message is not None
        assert (message.locked, message.recording) == expected


def test_the_end_of_another_conference_of_this_name_is_not_its_end() -> None:
    rooms = meeting("a")
    happens(rooms, "conference-destroy", instance="earlier")
    assert rooms.message("3000") is not None
    happens(rooms, "conference-destroy")

    assert rooms.message("3000") is None
    assert not rooms.meets("a")


def test_what_is_told_of_an_unknown_conference_opens_none() -> None:
    rooms = Conferences()
    for action in ("start-talking", "lock", "del-member", "conference-destroy", "floor-change"):
        happens(rooms, action, "a", talking="true")

    assert rooms.message("3000") is None


def test_a_leg_is_in_one_conference_at_a_time() -> None:
    rooms = meeting("a", "b")
    happens(rooms, "add-member", "b", conference="4000", instance="j")

    assert counted(rooms) == (1, 0)
    assert not rooms.meets("b")


def test_a_leg_that_is_renamed_stays_a_member() -> None:
    rooms = meeting("a", "b")
    rooms.rename("b", "c")
    rooms.rename("x", "y")

    assert rooms.meets("c")
    assert counted(rooms) == (2, 0)


def test_the_list_tells_of_conferences_that_no_event_did() -> None:
    rooms = Conferences()
    rooms.reconcile([row("a", "b", locked=True)], T0, set())
    message = rooms.message("3000")

    assert message is not None
    assert (message.members, message.locked, message.since) == (2, True, rfc3339(T0 - 4 * S))
    assert rooms.meets("a")
    assert "a" in rooms.moved


def test_an_earlier_run_knew_exactly_when_it_began() -> None:
    rooms = Conferences()
    rooms.restore("3000", T0 - 4_321)
    rooms.reconcile([row("a")], T0, set())
    message = rooms.message("3000")

    assert message is not None
    assert message.since == rfc3339(T0 - 4_321)


def test_the_list_does_not_bring_back_who_hung_up_nor_what_has_just_ended() -> None:
    rooms = meeting("a")
    rooms.reconcile([row("a", "dead")], T0 + 5 * S, {"dead"})
    assert counted(rooms) == (1, 0)
    happens(rooms, "conference-destroy", at=T0 + 10 * S)
    rooms.reconcile([row("a")], T0 + 10 * S - 100, set())

    assert rooms.message("3000") is None


def test_a_conference_that_the_list_lacks_is_over() -> None:
    rooms = meeting("a", "b")
    rooms.reconcile([], T0 + 500, set())
    assert counted(rooms) == (2, 0)
    rooms.reconcile([], T0 + 5 * S, set())

    assert rooms.message("3000") is None
    assert not rooms.meets("a")


def test_a_conference_in_which_people_talk_all_the_time_is_held_against_the_list_too() -> None:
    rooms = meeting("a", "b")
    happens(rooms, "start-talking", "a", T0 + 9_900, talking="true")
    rooms.reconcile([row("a", "c")], T0 + 10 * S, set())

    assert counted(rooms) == (2, 1)
    assert rooms.meets("c")
    assert not rooms.meets("b")


def test_who_talks_is_taken_from_the_list_where_nothing_was_heard_of_it_lately() -> None:
    rooms = meeting("a", "b")
    happens(rooms, "start-talking", "a", T0, talking="true")
    rooms.reconcile([row("a", "b")], T0 + 10 * S, set())

    assert counted(rooms) == (2, 0)


def test_whoever_joins_before_the_first_list_does_not_begin_a_conference_of_an_earlier_run() -> None:
    rooms = Conferences()
    rooms.restore("3000", T0 - 4_321)
    happens(rooms, "add-member", "a")
    message = rooms.message("3000")

    assert message is not None
    assert message.since == rfc3339(T0 - 4_321)


def test_a_new_core_has_none_of_an_earlier_runs_conferences() -> None:
    rooms = Conferences()
    rooms.restore("3000", T0 - 86_400 * S)
    rooms.clear()
    rooms.reconcile([row("a")], T0, set())
    message = rooms.message("3000")

    assert message is not None
    assert message.since == rfc3339(T0 - 4 * S)


def test_after_a_restart_there_are_none() -> None:
    rooms = meeting("a", "b")
    rooms.clear()

    assert rooms.message("3000") is None


def test_a_name_that_no_topic_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        happens(Conferences(), "conference-create", conference="")


ACTIONS = ("conference-create", "add-member", "del-member", "start-talking", "conference-destroy", "lock")


@given(
    st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from("abc"), st.sampled_from("ij")), max_size=30),
    st.sets(st.sampled_from("abc")),
)
def test_whatever_was_told_the_next_list_is_right(events: list[tuple[str, str, str]], truth: set[str]) -> None:
    rooms = Conferences()
    for action, leg, instance in events:
        happens(rooms, action, leg, talking="true", instance=instance)
    rooms.shift(5 * S)
    rooms.reconcile([row(*sorted(truth))], T0 + 20 * S, set())

    assert counted(rooms) == (len(truth), 0)
    assert {leg for leg in "abc" if rooms.meets(leg)} == (truth if len(truth) > 1 else set())
    rooms.reconcile([], T0 + 30 * S, set())
    assert rooms.message("3000") is None
