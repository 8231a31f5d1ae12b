"""The machine of web calls, driven by what FreeSWITCH 1.11.1 was seen to send (and by what nobody hopes it sends)."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.web.calls import KEEP_ENDED_MS, MAX_ENDED, Full, WebCalls
from call_control.web.endings import Ending
from call_control.web.events import SwitchEvent
from call_control.web.facts import (
    Asked,
    Connected,
    EndWanted,
    EventReceived,
    GuestExpected,
    Input,
    Lost,
    NotSent,
    Requested,
    Restored,
    Told,
    WebCall,
)

A, B, JOB, TOKEN = "aaaa", "bbbb", "job", "6f1c0d1b2a3948576f1c0d1b2a394857"
AT = 1_795_388_000_000


class Bench:
    """A machine and a clock."""

    def __init__(self, max_live: int = 4, max_guests: int = 2) -> None:
        self.calls = WebCalls(ring_seconds=30, max_seconds=600, max_live=max_live, max_guests=max_guests)
        self.at = AT
        self.told: list[Told] = []

    def hear(self, *what: Input) -> Told:
        for each in what:
            self.at += 100
            self.told.append(self.calls.receive(each, self.at))
        return self.told[-1]

    def event(self, name: str, uuid: str = A, **headers: str) -> Told:
        return self.hear(EventReceived(SwitchEvent(name=name, uuid=uuid, **headers)))

    def ask(self) -> None:
        self.hear(Requested(A, JOB, "reception", "1000", "1001"))

    def ring(self) -> None:
        self.ask()
        self.event("CHANNEL_CREATE", call_uuid=A)
        self.event("CHANNEL_PROGRESS", call_uuid=A)

    def pick_up(self) -> None:
        self.ring()
        self.event("CHANNEL_ANSWER", call_uuid=A)
        self.event("BACKGROUND_JOB", uuid="", job=JOB, text=f"+OK {A}\n")

    def talk(self) -> None:
        self.pick_up()
        self.event("CHANNEL_CREATE", B, call_uuid=A)
        self.event("CHANNEL_PROGRESS", B, call_uuid=A)
        self.event("CHANNEL_ANSWER", B, call_uuid=A)
        self.event("CHANNEL_BRIDGE", call_uuid=A, a=A, b=B)

    @property
    def call(self) -> WebCall:
        call = self.calls.get(A)
        assert call is not None
        return call

    @property
    def states(self) -> list[str]:
        return [call.state for told in self.told for call in told.calls]


def ended(bench: Bench) -> Ending:
    assert bench.call.state == "ended"
    assert bench.call.ending is not None
    assert bench.calls.live == ()
    return bench.call.ending


def test_a_call_from_its_first_ring_to_its_end() -> None:
    bench = Bench()
    bench.talk()
    assert bench.call.answered_at == bench.at
    bench.event("CHANNEL_HANGUP", B, call_uuid=B, cause="NORMAL_CLEARING")
    bench.event("CHANNEL_HANGUP", call_uuid=A, cause="NORMAL_CLEARING", disposition="SUCCESS")
    assert Ending("answered", "NORMAL_CLEARING", 200, "OK", "wire") == ended(bench)
    # B's ringing is told, too, as a change of nothing that anybody sees: `rang`.
    assert list(dict.fromkeys(bench.states)) == ["starting", "ringing", "waiting", "active", "ended"]


def test_ok_only_means_that_the_first_phone_was_answered() -> None:
    bench = Bench()
    bench.pick_up()
    assert bench.call.state == "waiting"
    assert bench.call.answered_at is None


@pytest.mark.parametrize(
    ("hangup", "how"),
    [
        # refused by the first phone; its own words
        (
            {"cause": "USER_BUSY", "term_status": "486", "failure_phrase": "Occupied"},
            Ending("missed", "USER_BUSY", 486, "Occupied", "wire"),
        ),
        ({"cause": "CALL_REJECTED", "term_status": "603"}, Ending("missed", "CALL_REJECTED", 603, "Decline", "wire")),
        # originate_timeout: nobody sent a status
        ({"cause": "NO_ANSWER"}, Ending("missed", "NO_ANSWER", 480, "Temporarily Unavailable", "mapped")),
        (
            {"cause": "LOSE_RACE_OF_2040"},
            Ending("missed", "LOSE_RACE_OF_2040", 480, "Temporarily Unavailable", "mapped"),
        ),
    ],
)
def test_the_first_phone_is_not_answered(hangup: dict[str, str], how: Ending) -> None:
    bench = Bench()
    bench.ring()
    bench.event("CHANNEL_HANGUP", **hangup)
    assert how == ended(bench)
    assert bench.event("BACKGROUND_JOB", "", job=JOB, text="-ERR USER_BUSY\n") == Told()


def test_a_phone_that_refuses_before_it_rings_has_failed() -> None:
    bench = Bench()
    bench.ask()
    bench.event("CHANNEL_CREATE")
    bench.event("CHANNEL_HANGUP", cause="USER_BUSY", term_status="486")
    assert ended(bench).outcome == "failed"


@pytest.mark.parametrize(
    ("far", "hangup", "how"),
    [
        (
            {"cause": "USER_BUSY", "term_status": "486", "failure_phrase": "Busy Here"},
            {"cause": "USER_BUSY", "disposition": "USER_BUSY", "bridge_protocol_cause": "sip:486"},
            Ending("failed", "USER_BUSY", 486, "Busy Here", "wire"),
        ),
        # after the ring timeout the first leg ends with NORMAL_CLEARING: the reason is elsewhere
        (
            {"cause": "NO_ANSWER"},
            {"cause": "NORMAL_CLEARING", "disposition": "NO_ANSWER", "bridge_cause": "NO_ANSWER"},
            Ending("failed", "NO_ANSWER", 480, "Temporarily Unavailable", "mapped"),
        ),
        (None, {"cause": "NO_ROUTE_DESTINATION"}, Ending("failed", "NO_ROUTE_DESTINATION", 404, "Not Found", "mapped")),
    ],
)
def test_the_second_phone_is_not(far: dict[str, str] | None, hangup: dict[str, str], how: Ending) -> None:
    bench = Bench()
    bench.pick_up()
    if far is not None:
        bench.event("CHANNEL_CREATE", B, call_uuid=A)
        bench.event("CHANNEL_HANGUP", B, call_uuid=A, **far)
    bench.event("CHANNEL_HANGUP", **hangup)
    assert how == ended(bench)


def test_the_second_rang_and_nobody_came() -> None:
    bench = Bench()
    bench.pick_up()
    bench.event("CHANNEL_PROGRESS", B, call_uuid=A)
    bench.event("CHANNEL_HANGUP", cause="NORMAL_CLEARING", disposition="NO_ANSWER")
    assert ended(bench).outcome == "missed"


@pytest.mark.parametrize(
    ("answer", "cause", "status"),
    [
        ("-ERR USER_NOT_REGISTERED\n", "USER_NOT_REGISTERED", 480),
        ("-ERR GATEWAY_DOWN\n", "GATEWAY_DOWN", 503),
        ("-ERR SUBSCRIBER_ABSENT\n", "SUBSCRIBER_ABSENT", 480),
        ("-USAGE: <call url> <exten>\n", "SWITCH_REFUSED", None),
        ("", "SWITCH_REFUSED", None),
    ],
)
def test_there_never_was_a_leg(answer: str, cause: str, status: int | None) -> None:
    bench = Bench()
    bench.ask()
    bench.event("BACKGROUND_JOB", "", job=JOB, text=answer)
    assert (ended(bench).outcome, ended(bench).cause, ended(bench).sip_status) == ("failed", cause, status)


def test_an_error_whose_hangup_is_late_waits_for_it() -> None:
    bench = Bench()
    bench.ring()
    bench.event("BACKGROUND_JOB", "", job=JOB, text="-ERR NO_ANSWER\n")
    assert bench.call.state == "ringing"
    bench.event("CHANNEL_HANGUP", cause="USER_BUSY", term_status="486")
    assert ended(bench).cause == "USER_BUSY"


def test_and_does_without_it() -> None:
    bench = Bench()
    bench.ring()
    bench.event("BACKGROUND_JOB", "", job=JOB, text="-ERR NO_ANSWER\n")
    due = bench.calls.due()
    assert due == bench.at + 2_000
    assert bench.calls.tick(due - 1) == Told()
    told = bench.calls.tick(due)
    assert (ended(bench).cause, told.unwatch) == ("NO_ANSWER", (A,))


def test_a_call_that_could_not_be_sent_has_failed() -> None:
    bench = Bench()
    bench.ask()
    bench.hear(NotSent(A, "SWITCH_UNREACHABLE"))
    assert Ending("failed", "SWITCH_UNREACHABLE") == ended(bench)


# --- what is done about FreeSWITCH ------------------------------------------------------------------------------------


def test_freeswitch_is_told_to_cap_a_call_once() -> None:
    bench = Bench()
    bench.talk()
    assert [told.cap for told in bench.told if told.cap] == [(A,)]


def test_a_call_that_rings_longer_than_freeswitch_was_told_is_ended() -> None:
    bench = Bench()
    bench.ring()
    due = bench.calls.due()
    assert due == bench.call.started_at + 40_000
    assert bench.calls.tick(due).kill == (A,)
    again = bench.calls.due()
    assert again is not None
    assert bench.calls.tick(again).calls[0].ending == Ending("missed", "NORMAL_UNSPECIFIED")


def test_a_call_that_lives_too_long_is_ended() -> None:
    bench = Bench()
    bench.talk()
    due = bench.calls.due()
    assert due == bench.call.started_at + 670_000
    assert bench.calls.tick(due).kill == (A,)


def test_a_call_can_be_ended_before_freeswitch_has_its_leg() -> None:
    bench = Bench()
    bench.ask()
    assert bench.hear(EndWanted(A)).kill == (A,)  # in vain: `-ERR No such channel!`
    assert bench.event("CHANNEL_CREATE").kill == (A,)
    assert bench.event("CHANNEL_PROGRESS").kill == ()


def test_nothing_that_is_over_can_be_ended() -> None:
    assert Bench().hear(EndWanted(A)) == Told()


# --- the link ---------------------------------------------------------------------------------------------------------


def leg(state: str, **headers: str) -> SwitchEvent:
    return SwitchEvent(name="CHANNEL_DATA", uuid=A, answer_state=state, **headers)


@pytest.mark.parametrize(
    ("before", "found", "state"),
    [
        (Bench.ring, leg("ringing"), "ringing"),
        (Bench.ring, leg("answered"), "waiting"),
        (Bench.ring, leg("answered", bond=B), "active"),
        (Bench.pick_up, leg("answered"), "waiting"),
        (Bench.talk, leg("answered", bond=B), "active"),
        (Bench.talk, leg("answered"), "active"),  # on hold, on its way elsewhere: they have talked
    ],
)
def test_a_lost_link_makes_calls_unknown_until_they_are_asked_about(
    before: Callable[[Bench], None], found: SwitchEvent, state: str
) -> None:
    bench = Bench()
    bench.hear(Connected("core"))
    before(bench)
    assert [call.state for call in bench.hear(Lost()).calls] == ["unknown"]
    assert bench.hear(Connected("core")).ask == (A,)
    assert [call.state for call in bench.hear(Asked(A, found)).calls] == [state]


def test_a_call_that_ended_while_nobody_listened_has_ended() -> None:
    bench = Bench()
    bench.talk()
    bench.hear(Lost(), Connected("core"), Asked(A, None))
    assert Ending("answered", "NORMAL_UNSPECIFIED") == ended(bench)


def test_a_freeswitch_that_restarted_has_ended_every_call() -> None:
    bench = Bench()
    bench.hear(Connected("one"), GuestExpected(TOKEN, "website", "1000", AT + 60_000))
    bench.ring()
    bench.hear(Lost())
    assert bench.hear(Connected("two")).ask == ()
    assert Ending("missed", "SWITCH_RESTARTED") == ended(bench)
    assert bench.calls.expected == 0


def test_an_event_that_is_quicker_than_the_answer_counts() -> None:
    bench = Bench()
    bench.ring()
    bench.hear(Lost(), Connected("core"))
    bench.event("CHANNEL_ANSWER")
    assert bench.hear(Asked(A, leg("ringing"))) == Told()
    assert bench.call.state == "waiting"


def test_a_clock_that_is_set_ends_no_call_and_no_guest_s_time() -> None:
    """A Pi boots without one: when it is set, people may be talking."""
    bench, day = Bench(), 86_400_000
    bench.talk()
    bench.hear(GuestExpected(TOKEN, "website", "1000", bench.at + 60_000))
    due = bench.calls.due()
    assert due is not None
    for by in (day, -2 * day, day):
        bench.calls.shifted(by)
        bench.at += by
        assert bench.calls.tick(bench.at) == Told()
    assert bench.calls.due() == due
    assert (bench.call.state, bench.calls.expected) == ("active", 1)


def test_a_call_that_nobody_can_ask_about_ends_by_its_deadline() -> None:
    bench = Bench()
    bench.talk()
    bench.hear(Lost())
    for _ in range(2):
        due = bench.calls.due()
        assert due is not None
        bench.calls.tick(due)
    assert Ending("answered", "NORMAL_UNSPECIFIED") == ended(bench)


def test_calls_of_an_earlier_run_are_asked_about_and_have_their_owner_back() -> None:
    bench = Bench()
    call = WebCall(
        id=A, kind="click", owner="", caller="1000", callee="1001", state="active", started_at=AT, picked_up_at=AT,
        answered_at=AT,
    )  # fmt: skip
    told = bench.hear(Restored(call))
    assert (told.ask, told.watch, bench.call.state) == ((A,), (A,), "unknown")
    bench.hear(Asked(A, leg("answered", bond=B, owner="reception")))
    assert (bench.call.state, bench.call.owner, bench.call.answered_at) == ("active", "reception", AT)


# --- guests -----------------------------------------------------------------------------------------------------------


def test_a_guest_from_his_token_to_his_end() -> None:
    bench = Bench()
    bench.hear(GuestExpected(TOKEN, "website", "1000", AT + 60_000))
    told = bench.event("CHANNEL_CREATE", context="webguest", guest_token=TOKEN)
    assert (told.watch, told.cap) == ((A,), ())
    assert (bench.call.kind, bench.call.caller, bench.call.callee, bench.call.owner) == (
        "guest",
        "guest",
        "1000",
        "website",
    )
    bench.event("CHANNEL_PROGRESS", B, call_uuid=A)
    assert bench.states[-1] == "ringing"
    bench.event("CHANNEL_ANSWER", guest_token=TOKEN)
    bench.event("CHANNEL_BRIDGE", a=A, b=B, guest_token=TOKEN)
    assert bench.call.state == "active"
    bench.event("CHANNEL_HANGUP", cause="NORMAL_CLEARING", guest_token=TOKEN)
    assert ended(bench).outcome == "answered"


def test_a_token_is_one_guest_s() -> None:
    bench = Bench()
    bench.hear(GuestExpected(TOKEN, "website", "1000", AT + 60_000))
    bench.event("CHANNEL_CREATE", guest_token=TOKEN)
    assert bench.event("CHANNEL_CREATE", "other", guest_token=TOKEN) == Told()


@pytest.mark.parametrize("token", ["", "0" * 32, TOKEN])
def test_a_guest_whom_nobody_expects_is_not_followed(token: str) -> None:
    bench = Bench()
    bench.hear(GuestExpected(TOKEN, "website", "1000", AT + 150))
    assert bench.event("CHANNEL_CREATE", guest_token=token) == Told()
    assert bench.calls.live == ()


def test_a_guest_whose_first_event_is_lost_is_followed_from_the_next() -> None:
    bench = Bench()
    bench.hear(GuestExpected(TOKEN, "website", "1000", AT + 60_000))
    bench.event("CHANNEL_HANGUP", "other", guest_token=TOKEN)
    assert bench.calls.get("other") is None
    bench.event("CHANNEL_ANSWER", guest_token=TOKEN)
    assert [each.kind for each in bench.calls.live] == ["guest"]


def test_calls_of_an_earlier_run_are_followed_whatever_the_bound_is_now() -> None:
    bench = Bench(max_live=1)
    bench.ask()
    call = WebCall(id=B, kind="click", owner="", caller="1", callee="2", state="active", started_at=AT)
    bench.hear(Restored(call))
    assert len(bench.calls.live) == 2


def test_a_guest_whose_uuid_no_command_could_name_is_not_followed() -> None:
    bench = Bench()
    bench.hear(GuestExpected(TOKEN, "website", "1000", AT + 60_000))
    assert bench.event("CHANNEL_CREATE", "a b\n\nexit", guest_token=TOKEN) == Told()


def test_a_guest_who_is_not_answered_was_missed() -> None:
    bench = Bench()
    bench.hear(GuestExpected(TOKEN, "website", "1000", AT + 60_000))
    bench.event("CHANNEL_CREATE", guest_token=TOKEN)
    bench.event("CHANNEL_PROGRESS", B, call_uuid=A)
    bench.event("CHANNEL_HANGUP", cause="NO_ANSWER", disposition="NO_ANSWER")
    assert ended(bench).outcome == "missed"


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_a_call_too_many_changes_nothing() -> None:
    bench = Bench(max_live=1)
    bench.ask()
    with pytest.raises(Full):
        bench.hear(Requested("other", "job2", "reception", "1000", "1001"))
    assert [call.id for call in bench.calls.live] == [A]


def test_a_guest_too_many_is_not_expected() -> None:
    bench = Bench(max_guests=1)
    bench.hear(GuestExpected(TOKEN, "website", "1000", AT + 60_000))
    with pytest.raises(Full):
        bench.hear(GuestExpected("1" * 32, "website", "1000", AT + 60_000))
    bench.calls.tick(AT + 60_000)
    assert bench.calls.expected == 0


def test_what_ended_is_kept_for_a_while_and_not_without_bound() -> None:
    bench = Bench()
    for number in range(MAX_ENDED + 3):
        bench.hear(Requested(f"call-{number}", f"job-{number}", "reception", "1000", "1001"))
        bench.hear(NotSent(f"call-{number}", "SWITCH_REFUSED"))
    assert len(bench.calls.ended) == MAX_ENDED
    assert bench.calls.get("call-2") is None
    bench.calls.tick(bench.at + KEEP_ENDED_MS)
    assert bench.calls.ended == ()
    assert bench.calls.due() is None


NAMES = st.sampled_from(
    [
        "CHANNEL_CREATE",
        "CHANNEL_PROGRESS",
        "CHANNEL_ANSWER",
        "CHANNEL_BRIDGE",
        "CHANNEL_HANGUP",
        "BACKGROUND_JOB",
        "X",
    ]
)
LEGS = st.sampled_from([A, B, "cccc", ""])
EVENTS = st.builds(
    lambda name, uuid, call, a, token, job, text: EventReceived(
        SwitchEvent(name=name, uuid=uuid, call_uuid=call, a=a, guest_token=token, job=job, text=text)
    ),
    NAMES, LEGS, LEGS, LEGS, st.sampled_from(["", TOKEN]), st.sampled_from(["", JOB]), st.sampled_from(["+OK", "-ERR X",
    ""]),
)  # fmt: skip
INPUTS = st.one_of(
    EVENTS,
    st.just(Requested(A, JOB, "reception", "1000", "1001")),
    st.just(GuestExpected(TOKEN, "website", "1000", AT + 10_000)),
    st.just(Lost()),
    st.builds(Connected, st.sampled_from(["one", "two"])),
    st.builds(Asked, LEGS, st.sampled_from([None, leg("ringing"), leg("answered", bond=B)])),
    st.builds(EndWanted, LEGS),
)


@given(st.lists(st.tuples(INPUTS, st.integers(0, 200_000)), max_size=40))
def test_whatever_comes_a_call_ends_once_and_time_always_moves_on(inputs: list[tuple[Input, int]]) -> None:
    bench = Bench()
    over: set[str] = set()
    for what, wait in inputs:
        bench.at += wait
        if isinstance(what, Requested) and bench.calls.get(A) is not None:
            continue  # a uuid is one call's
        for told in (bench.hear(what), bench.calls.tick(bench.at)):
            for call in told.calls:
                assert call.id not in over or isinstance(what, Requested) or call.kind == "guest"
                assert (call.state == "ended") == (call.ending is not None) == (call.ended_at is not None)
                if call.state == "ended":
                    over.add(call.id)
                else:
                    over.discard(call.id)
        due = bench.calls.due()
        assert due is None or due > bench.at
    while (due := bench.calls.due()) is not None:
        bench.calls.tick(due)
    assert bench.calls.live == bench.calls.ended == ()
