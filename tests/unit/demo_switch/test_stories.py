import pytest

from demo_switch import stories
from support.demo_switch import Diary


def _causes(diary: Diary) -> set[str]:
    return {event.header("Hangup-Cause") for event in diary.events if event.name == "CHANNEL_HANGUP_COMPLETE"}


def _alone() -> Diary:
    """A day in which nothing happens by itself but the routine."""
    return Diary(rate=0)


@pytest.mark.parametrize(
    ("kind", "outcome", "causes"),
    [
        ("internal", "answered", {"NORMAL_CLEARING"}),
        ("held", "answered", {"NORMAL_CLEARING"}),
        ("transfer", "answered", {"NORMAL_CLEARING"}),
        ("outbound", "answered", {"NORMAL_CLEARING"}),
        ("rejected", "failed", {"CALL_REJECTED"}),
        ("no_answer", "missed", {"NO_ANSWER", "NORMAL_CLEARING"}),
        ("voicemail", "missed", {"NORMAL_CLEARING"}),
    ],
)
def test_each_kind_of_call_ends_as_its_name_says(kind: str, outcome: str, causes: set[str]) -> None:
    diary = _alone()
    diary.day.begin(kind)
    diary.live(0.1)
    assert len(diary.pbx.calls) == 1
    diary.live(400)
    assert diary.pbx.calls == {}
    assert diary.pbx.counts[outcome] == 1
    assert _causes(diary) == causes
    assert diary.day.office.talking() == []


def test_a_busy_desk_is_one_that_talks() -> None:
    diary = _alone()
    diary.day.begin("internal")
    diary.live(0.1)
    diary.day.begin("busy")
    diary.live(5)
    assert _causes(diary) == {"USER_BUSY"}
    assert diary.pbx.counts["failed"] == 1


def test_nobody_is_busy_while_nobody_talks() -> None:
    diary = _alone()
    diary.day.begin("busy")
    diary.live(5)
    assert diary.pbx.counts["started"] == 0


def test_a_call_out_fails_while_the_gateway_is_down_and_none_comes_in() -> None:
    diary = _alone()
    diary.pbx.gateway(up=False)
    diary.day.begin("outbound")
    diary.day.begin("inbound")
    diary.live(5)
    assert diary.pbx.counts == {"started": 1, "answered": 0, "missed": 0, "failed": 1}
    assert _causes(diary) == {"GATEWAY_DOWN"}


def test_a_call_on_hold_is_held_and_active_again() -> None:
    diary = _alone()
    diary.day.begin("held")
    states = []
    for _ in range(600):
        diary.live(0.1)
        states += [call.state for call in diary.pbx.calls.values()]
    changes = [state for state, before in zip(states, ["", *states], strict=False) if state != before]
    assert changes[:4] == ["ringing", "active", "held", "active"]


def test_a_message_in_a_mailbox_is_heard_later() -> None:
    diary = _alone()
    diary.day.begin("voicemail")
    diary.live(25)
    assert list(diary.pbx.mailboxes.values()) == [[1, 0]]
    diary.live(125)
    assert list(diary.pbx.mailboxes.values()) in ([[0, 1]], [[0, 0]])
    diary.live(25)
    assert list(diary.pbx.mailboxes.values()) == [[0, 0]]


def test_with_too_few_free_desks_nobody_calls() -> None:
    office = _alone().day.office
    office.take(len(office.desks))
    for story in (stories.internal, stories.held, stories.transfer, stories.no_answer, stories.voicemail):
        assert list(story(office)) == []
    assert office.pbx.counts["started"] == 0
