"""What a person would tell of each scenario: how many calls there were, who talked, who missed something."""

from collections.abc import Callable
from typing import Any

import pytest

from esl_publisher.facts import RetainedRead
from support import scenarios as s
from support.legs import T0, pair, row, state
from support.switchboard import COUNTERS, Switchboard


def ends(board: Switchboard) -> list[tuple[Any, ...]]:
    """Every ended call: id, outcome, cause, merged into."""
    return [
        (told["id"], told["outcome"], told["cause"], told["merged_into"]) for told in board.told("event/call/ended")
    ]


def missed(board: Switchboard) -> dict[str, int]:
    """Who missed calls."""
    told = {user: board.read(f"extension/{user}") for user in ("1000", "1001", "1002")}
    return {user: lamp["missed_today"] for user, lamp in told.items() if lamp and lamp["missed_today"]}


ALL: dict[str, s.Story] = {
    "fork": s.fork(winner="c"),
    "fork, nobody": s.fork(winner=None),
    "fork, given up": s.fork(winner=None, gave_up=True),
    "attended": s.attended_transfer(),
    "attended, hangup first": s.attended_transfer(tell_bridge_first=False),
    "semi-attended": s.semi_attended_transfer(),
    "semi-attended, nobody": s.semi_attended_transfer(answers=False),
    "att_xfer": s.att_xfer_application(),
    "att_xfer, declined": s.att_xfer_declined(),
    "att_xfer, refused": s.att_xfer_refused(),
    "att_xfer, refused without a word": s.att_xfer_refused(told=False),
    "att_xfer, impatient": s.att_xfer_impatient(),
    "att_xfer, impatient, nobody": s.att_xfer_impatient(answers=False),
    "att_xfer, given up": s.att_xfer_given_up(),
    "hunt group": s.hunt_group(winner="c"),
    "hunt group, nobody": s.hunt_group(winner=None),
    "fifo": s.hunt_group(winner="b", fifo=True),
    "forwarded": s.forwarded(),
    "forwarded, nobody": s.forwarded(answers=False),
    "picked up for a group": s.picked_up_for_a_group(),
    "taken over": s.taken_over(),
    "listened to": s.listened_to(),
    "into a conference": s.into_a_conference(),
    "blind": s.blind_transfer(),
    "blind, nobody": s.blind_transfer(answers=False),
    "api transfer": s.api_transfer(),
    "api bridge": s.api_bridge(),
    "parked": s.parked(fetched=True),
    "parked, given up": s.parked(fetched=False),
    "picked up": s.picked_up(),
    "three-way": s.three_way(),
    "loopback": s.loopback(bowout=False),
    "loopback, bowout": s.loopback(bowout=True),
    "loopback, halves swapped": s.loopback(bowout=True, swapped=True),
    "loopback, ivr": s.loopback_to_ivr(),
    "gateway down": s.gateway_down(),
}


@pytest.mark.parametrize(
    ("scenario", "counts", "told", "who_missed"),
    [
        # A person would say: 1000 called the group, 1002 answered; nobody missed anything.
        ("fork", "ringing=1, active=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # 1000 called the group, and both phones rang in vain.
        ("fork, nobody", "ringing=1, none", [("a", "missed", "NO_ANSWER", None)], {"1001": 1, "1002": 1}),
        # 1000 gave up while both phones rang.
        ("fork, given up", "ringing=1, none", [("a", "missed", "ORIGINATOR_CANCEL", None)], {"1001": 1, "1002": 1}),
        # There were two calls for a while; 1001 made them one, and it was the first one that went on.
        ("attended", "ringing=1, active=1, held=1, ringing=1 held=1, active=1 held=1, active=1, none",
         [("c", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("attended, hangup first",
         "ringing=1, active=1, held=1, ringing=1 held=1, active=1 held=1, active=2, active=1, none",
         [("c", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        # Of two calls, one held and one ringing, 1001 made one whose caller waits for 1002.
        ("semi-attended",
         "ringing=1, active=1, held=1, ringing=1 held=1, ringing=1 active=1, waiting=1, active=1, none",
         [("c", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("semi-attended, nobody",
         "ringing=1, active=1, held=1, ringing=1 held=1, ringing=1 active=1, waiting=1, none",
         [("c", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "ATTENDED_TRANSFER", None)], {"1002": 1}),
        # 1000 hears music while 1002's phone rings.
        ("att_xfer", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # Then 1000 talks with 1001 again.
        ("att_xfer, declined", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {"1002": 1}),
        ("att_xfer, refused", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("att_xfer, refused without a word", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("att_xfer, impatient", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("att_xfer, impatient, nobody", "ringing=1, active=1, waiting=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {"1002": 1}),
        ("att_xfer, given up", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # One caller, however many phones ring for him.
        ("hunt group", "ringing=1, active=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("hunt group, nobody", "ringing=1, none", [("a", "missed", "NO_ANSWER", None)], {"1001": 1, "1002": 1}),
        ("fifo", "ringing=1, waiting=1, active=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("forwarded", "ringing=1, active=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("forwarded, nobody", "ringing=1, none", [("a", "missed", "NO_ANSWER", None)], {"1001": 1, "1002": 1}),
        ("picked up for a group", "ringing=1, ringing=2, ringing=1 waiting=1, active=1, none",
         [("p", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        # 1002 took the call over: it goes on.
        ("taken over", "ringing=1, active=1, ringing=1 active=1, waiting=1 active=1, active=1, none",
         [("p", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        # Who listens in talks with nobody.
        ("listened to", "ringing=1, active=1, ringing=1 active=1, waiting=1 active=1, active=1, none",
         [("p", "missed", "NORMAL_CLEARING", None), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        # They talked on in a conference, until one was alone in it.
        ("into a conference", "ringing=1, active=1, waiting=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("blind", "ringing=1, active=1, waiting=1, active=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # 1000 and 1001 had talked; 1002 did not come to the phone when 1001 was sent there.
        ("blind, nobody", "ringing=1, active=1, waiting=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {"1002": 1}),
        ("api transfer", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # Two waited, then talked with each other: one call, the one that had waited longer.
        ("api bridge", "ringing=1, waiting=1, ringing=1 waiting=1, waiting=2, active=1, none",
         [("c", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("parked", "ringing=1, active=1, waiting=1, ringing=1 waiting=1, waiting=2, active=1, none",
         [("p", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("parked, given up", "ringing=1, active=1, waiting=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # 1001's phone rang, and a colleague took the call: 1001 has missed nothing.
        ("picked up", "ringing=1, ringing=2, ringing=1 waiting=1, waiting=2, active=1, none",
         [("p", "answered", "ATTENDED_TRANSFER", "a"), ("a", "answered", "NORMAL_CLEARING", None)], {}),
        # Three talked, then two.
        ("three-way", "ringing=1, active=1, waiting=1, active=1, none",
         [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # 1000 called 1001. Nobody has ever seen a loopback.
        ("loopback", "ringing=1, active=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        ("loopback, bowout", "ringing=1, active=1, none", [("a", "answered", "NORMAL_CLEARING", None)], {}),
        # 1000 listened to an IVR and hung up.
        ("loopback, ivr", "ringing=1, waiting=1, none", [("a", "missed", "NORMAL_CLEARING", None)], {}),
        # 1000 wanted to call out, and could not.
        ("gateway down", "ringing=1, none", [("a", "failed", "GATEWAY_DOWN", None)], {}),
    ],
)  # fmt: skip
def test_what_a_person_would_tell(
    scenario: str, counts: str, told: list[tuple[Any, ...]], who_missed: dict[str, int]
) -> None:
    board = s.play(ALL[scenario])

    assert ends(board) == told
    assert ", ".join(board.counts) == counts
    assert missed(board) == who_missed


@pytest.mark.parametrize("scenario", ALL)
def test_nothing_is_left_of_it(scenario: str) -> None:
    board = s.play(ALL[scenario])

    ledger = board.switch._ledger
    assert (board.live, ledger.legs, ledger.calls, ledger._home, ledger._by_user, ledger._bridges.loose) == (
        [],
        {},
        {},
        {},
        {},
        {},
    )
    assert {
        board.read(topic.removeprefix("switch/main/"))["state"] for topic in board.retained if "extension" in topic
    } == {"idle"}
    started = [told["id"] for told in board.told("event/call/started")]
    assert sorted(started) == sorted(told["id"] for told in board.told("event/call/ended"))


@pytest.mark.parametrize("scenario", ALL)
@pytest.mark.parametrize("halfway", [0.3, 0.5, 0.7])
def test_a_restart_of_the_publisher_in_between_does_not_rename_a_call(scenario: str, halfway: float) -> None:
    story = ALL[scenario]
    cut = int(len(story) * halfway)
    before = Switchboard()
    for offset, event in story[:cut]:
        before.event(event, T0 + offset)
    rows, pairs = tables(before)
    board = Switchboard()
    board.retained = dict(before.retained)
    board.receive(RetainedRead(dict(before.retained)), T0 + story[cut][0])
    board.snapshot(T0 + story[cut][0], channels=rows, pairs=pairs)

    assert board.live == before.live
    assert board.told("event/call/started") == []


@pytest.mark.parametrize("mishap", ["lost", "twice", "late"])
@pytest.mark.parametrize("scenario", ALL)
def test_no_single_mishap_leaves_a_ghost(scenario: str, mishap: str) -> None:
    story = ALL[scenario]
    for place in range(len(story)):
        before, event, after = story[:place], story[place : place + 1], story[place + 1 :]
        told = {"lost": before + after, "twice": before + event + event + after}.get(
            mishap, before + after[:1] + event + after[1:]
        )
        board = s.play(told)
        for at in (60, 62):
            board.snapshot(T0 + at * s.S)

        ledger = board.switch._ledger
        left = (board.live, ledger.legs, ledger.calls, ledger._home, ledger._by_user, ledger._bridges.loose)
        assert not any(left), (place, event, left)
        assert sum(ledger.counts.values()) == 0


def tables(board: Switchboard) -> tuple[Any, Any]:
    """What FreeSWITCH's tables would say of the legs that this board knows."""
    names = {"down": "DOWN", "ringing": "RINGING", "answered": "ACTIVE", "held": "HELD", "seeking": "RING_WAIT"}
    legs = board.switch._ledger.legs
    rows = tuple(
        row(leg.uuid, names[leg.stage], user=leg.user or "", by=(leg.originator or "") if leg.outbound else "")
        for leg in legs.values()
    )
    return rows, tuple(pair(leg.uuid, leg.partner) for leg in legs.values() if leg.partner and leg.uuid < leg.partner)


@pytest.mark.parametrize(
    ("story", "direction"),
    [
        (s.gateway_down, "outbound"),
        (lambda: s.loopback(bowout=True), "internal"),
        (s.blind_transfer, "internal"),
        (s.picked_up_for_a_group, "internal"),
    ],
)
def test_the_direction_is_by_gateway_and_people_not_by_leg(story: Callable[[], s.Story], direction: str) -> None:
    *_, told = s.play(story()).told("event/call/ended")
    assert told["direction"] == direction


def test_a_call_to_a_gateway_that_is_down_is_told_as_the_503_it_is() -> None:
    (told,) = s.play(s.gateway_down()).told("event/call/ended")
    assert (told["sip_status"], told["sip_source"]) == (503, "mapped")


def test_a_loopbacks_legs_are_nobodys() -> None:
    board = s.play(s.loopback(bowout=True))
    (answered,) = board.told("event/call/answered")
    assert (answered["caller"]["number"], answered["callee"]["number"]) == ("1000", "1001")
    assert board.told("event/call/ended")[0]["extensions"] == ["1000", "1001"]


def test_a_leg_without_a_create_is_no_call() -> None:
    board = s.play(s.without_create(["x"]))
    assert [told for _, told in board.published if told.topic not in COUNTERS] == []


@pytest.mark.parametrize("known_by_new_name", [False, True])
def test_a_renamed_leg_takes_its_call_with_it(known_by_new_name: bool) -> None:
    board = Switchboard()
    story = s.conversation("a", "1000", "b", "1001")
    if known_by_new_name:  # two events changed places
        story.append((3000, state("n", "ACTIVE", T0 + 3000, direction="outbound", call_uuid="a")))
    story += s.renamed("n", "b", 3000) + s.ended(9000, "n", "a")
    s.play(story, board)

    assert [told["id"] for told in board.told("event/call/ended")] == ["a"]
    assert board.switch._ledger._home == {}
