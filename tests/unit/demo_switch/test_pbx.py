import json

from demo_switch.people import Party
from support.demo_switch import BEGIN, CORE, Diary

STRANGER = Party("+442079460101", "Harbour Cafe", 5999, outside=True)


def _told(diary: Diary, name: str) -> list[dict[str, str]]:
    return [event.headers() for event in diary.events if name in (event.name, event.subclass)]


def test_events_are_dated_numbered_and_of_this_core() -> None:
    diary = Diary(asleep=True)
    diary.pbx.heartbeat(20)
    beat, again = (event.headers() for event in diary.events)
    assert beat["Core-UUID"] == CORE
    assert beat["Event-Date-Timestamp"] == str(BEGIN)
    assert (beat["Event-Sequence"], again["Event-Sequence"]) == ("1", "2")
    assert beat["Session-Count"] == "0"


def test_a_call_that_is_answered_counts_once_as_answered() -> None:
    diary = Diary(asleep=True)
    pbx, (caller, callee) = diary.pbx, diary.day.office.phones[:2]
    call = pbx.begin("internal", caller, callee, "1001")
    for section, state in (("ring", "ringing"), ("answer", "active")):
        pbx.play(call, "bridged", section, state)
        assert [known.state for known in pbx.calls.values()] == [state]
        assert len(pbx.legs) == 2
    pbx.now += 7_000_000
    pbx.play(call, "bridged", "end")
    assert (pbx.calls, pbx.legs) == ({}, {})
    assert pbx.counts == {"started": 1, "answered": 1, "missed": 0, "failed": 0}
    complete = _told(diary, "CHANNEL_HANGUP_COMPLETE")
    assert {headers["variable_billsec"] for headers in complete} == {"7"}
    assert {headers["Hangup-Cause"] for headers in complete} == {"NORMAL_CLEARING"}


def test_a_call_that_rang_is_missed_and_one_that_never_rang_has_failed() -> None:
    diary = Diary(asleep=True)
    pbx, (caller, callee) = diary.pbx, diary.day.office.phones[:2]
    for play in ("no_answer", "busy", "rejected"):
        call = pbx.begin(play, caller, callee, "1001")
        pbx.play(call, play, "ring", "ringing")
        pbx.play(call, play, "end")
    assert pbx.counts == {"started": 3, "answered": 0, "missed": 1, "failed": 2}


def test_time_on_hold_is_told_when_the_call_ends() -> None:
    diary = Diary(asleep=True)
    pbx, (caller, callee) = diary.pbx, diary.day.office.phones[:2]
    call = pbx.begin("held", caller, callee, "1001")
    for section, state in (
        ("ring", "ringing"),
        ("answer", "active"),
        ("hold", "held"),
        ("unhold", "active"),
        ("end", None),
    ):
        pbx.play(call, "held", section, state)
        pbx.now += 3_000_000
    ended = next(
        headers for headers in _told(diary, "CHANNEL_HANGUP_COMPLETE") if headers["Call-Direction"] == "inbound"
    )
    assert ended["variable_hold_accum_seconds"] == "3"
    assert ended["variable_billsec"] == "9"


def test_a_call_from_outside_comes_in_by_the_gateway() -> None:
    diary = Diary(asleep=True)
    pbx = diary.pbx
    call = pbx.begin("inbound", STRANGER, diary.day.office.phones[0], "+442079460000")
    pbx.play(call, "bridged", "ring", "ringing")
    first, second = _told(diary, "CHANNEL_CREATE")
    assert first["Caller-Caller-ID-Name"] == "Harbour Cafe"
    assert first["variable_sip_gateway"] == "gw-ping"
    assert second["Channel-Name"].startswith("sofia/internal/1000@")


def test_a_phone_registers_refreshes_and_leaves() -> None:
    diary = Diary(asleep=True)
    pbx, phone = diary.pbx, diary.day.office.phones[0]
    pbx.register(phone)
    pbx.register(phone)
    first, again = _told(diary, "sofia::register")
    assert first["from-user"] == "1000"
    assert first["call-id"] == again["call-id"]
    assert list(pbx.registrations) == ["1000"]
    pbx.unregister(phone)
    assert _told(diary, "sofia::unregister")[0]["from-user"] == "1000"
    pbx.unregister(phone)
    assert len(_told(diary, "sofia::unregister")) == 1
    pbx.register(phone)
    pbx.unregister(phone, expired=True)
    assert _told(diary, "sofia::expire")[0]["user"] == "1000"
    assert pbx.registrations == {}


def test_registrations_that_outlived_a_restart_come_without_an_event() -> None:
    diary = Diary(asleep=True)
    diary.pbx.settle(diary.day.office.phones[:2])
    assert diary.events == []
    assert [row["reg_user"] for row in diary.pbx.database.rows(BEGIN + 1_000_000, "registrations")] == ["1000", "1001"]


def test_a_refused_registration_registers_nobody() -> None:
    diary = Diary(asleep=True)
    diary.pbx.refuse(diary.day.office.off)
    assert _told(diary, "sofia::register_failure")
    assert diary.pbx.registrations == {}


def test_a_mailbox_tells_what_it_holds() -> None:
    diary = Diary(asleep=True)
    diary.pbx.mailbox(diary.day.office.phones[1], 2, 3)
    waiting = _told(diary, "MESSAGE_WAITING")[0]
    assert (waiting["MWI-Message-Account"], waiting["MWI-Voice-Message"]) == ("1001@127.0.0.1", "2/3")
    assert waiting["MWI-Messages-Waiting"] == "yes"


def test_the_gateway_tells_changes_only() -> None:
    diary = Diary(asleep=True)
    diary.pbx.gateway(up=True)
    assert diary.events == []
    diary.pbx.gateway(up=False)
    diary.pbx.gateway(up=False)
    (state,) = _told(diary, "sofia::gateway_state")
    assert (state["Gateway"], state["State"], state["Ping-Status"]) == ("gw-ping", "NOREG", "DOWN")


def test_an_agent_tells_of_a_break() -> None:
    diary = Diary()
    agent = diary.pbx.agents["1015"]
    diary.pbx.agent_status(agent, "On Break")
    (change,) = _told(diary, "callcenter::info")
    assert (change["CC-Agent"], change["CC-Agent-Status"]) == ("1015@default", "On Break")


def test_the_first_event_of_a_shutdown_is_shutdown() -> None:
    diary = Diary(asleep=True)
    diary.pbx.shut_down()
    assert diary.names() == ["SHUTDOWN"]


def test_an_api_command_is_an_event() -> None:
    diary = Diary(asleep=True)
    diary.pbx.api_event("show", "channels as json")
    frame = json.loads(diary.events[0].frame("json").split(b"\n\n", 1)[1])
    assert (frame["API-Command"], frame["API-Command-Argument"]) == ("show", "channels as json")
