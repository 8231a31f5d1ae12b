"""Calls in flows: sessions, their ends, their bounds, and every recorded call from its first request to its last."""

from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from call_control.documents.actions import Break, Playback, Record, Transfer, answer, keys
from call_control.documents.build import FAREWELL
from call_control.documents.permissions import EVERYTHING, SHIPPED
from call_control.flows.turns import Call, Flow, Heard, Show, Source, Upload
from call_control.httapi import calls as calls_module
from call_control.httapi.calls import IDLE_MS, Calls, Job, World
from call_control.httapi.request import Request, parse
from support.httapi import SCENARIOS, exchanges, parameters

WORLD = World(3, {"code": "1"}, ZoneInfo("UTC"))


def menu(_: Call) -> Flow:
    heard = yield [answer(), Playback(file="a.wav", name="c", binds=keys("1"))]
    yield [Transfer(to="1000" if heard.digits == "1" else "1001")]


def recorder(_: Call) -> Flow:
    heard = yield [answer(), Record()]
    yield Show(text=f"kept {heard.upload.file if heard.upload else 'nothing'}")
    yield [Transfer(to="1000")]


def broken(_: Call) -> Flow:
    yield []


FLOWS: dict[str, Source] = {"menu": menu, "recorder": recorder, "broken": broken}


def request(session: str = "s", /, *, exiting: bool = False, upload: Upload | None = None, **more: str) -> Request:
    fields = [("session_id", session), ("Caller-Caller-ID-Number", "1000"), ("Caller-Destination-Number", "5000")]
    fields += [(name.replace("_", "-") if name.startswith("Caller") else name, value) for name, value in more.items()]
    return parse([*fields, *([("exiting", "true")] if exiting else [])], [upload] if upload else [])


def calls(**more: int) -> Calls:
    return Calls(FLOWS.get, {"lampfield": SHIPPED}, **more)


def test_a_call_is_followed_from_its_beginning_to_its_end() -> None:
    house = calls()
    first = house.receive("menu", request(), 0, WORLD)
    assert first.xml is not None
    assert first.told is not None
    assert (first.told.kind, first.told.from_, first.told.to, first.told.state) == ("ivr", "1000", "5000", "waiting")
    second = house.receive("menu", request(c="1", input_type="dtmf"), 1000, WORLD)
    assert second.xml is not None
    assert b"<dial>1000</dial>" in second.xml
    assert second.told is not None
    assert (second.told.state, second.told.answered_at) == ("transferred", "1970-01-01T00:00:00.000Z")
    last = house.receive("menu", request(exiting=True, variable_hangup_cause="NORMAL_CLEARING"), 9000, WORLD)
    assert last.xml == FAREWELL
    assert last.ended is not None
    assert (last.ended.call.outcome, last.ended.cause) == ("answered", "NORMAL_CLEARING")
    assert len(house) == 0


def test_whoever_is_sent_to_another_flow_s_number_is_in_that_flow() -> None:
    """FreeSWITCH runs the application anew in the same session; the caller profile is another one."""
    house = calls()
    house.receive("menu", request(Caller_Profile_Created_Time="1"), 0, WORLD)
    house.receive("menu", request(Caller_Profile_Created_Time="1", c="1", input_type="dtmf"), 1000, WORLD)

    def later(*, exiting: bool = False, upload: Upload | None = None) -> Request:
        return request(
            exiting=exiting, upload=upload, Caller_Profile_Created_Time="2", Caller_Channel_Answered_Time="1"
        )

    begun = house.receive("recorder", later(), 2000, WORLD)
    assert begun.xml is not None
    assert b"<record" in begun.xml
    assert begun.told is not None
    assert (begun.told.state, begun.told.started_at) == ("waiting", "1970-01-01T00:00:00.000Z")
    assert begun.told.answered_at == "1970-01-01T00:00:00.000Z"
    gone_on = house.receive("recorder", later(upload=Upload("m.wav", 9)), 3000, WORLD)
    assert [show.text for show in gone_on.shows] == ["kept m.wav"]
    first_s_end = house.receive("menu", request(Caller_Profile_Created_Time="1", exiting=True), 9000, WORLD)
    assert first_s_end.ended is not None
    assert house.receive("recorder", later(exiting=True), 9001, WORLD).ended is None
    assert len(house) == 0


def test_whom_somebody_else_sends_back_to_a_flow_is_asked_anew() -> None:
    """An agent of a queue transfers the caller: the flow that waited for the queue is not gone on with."""
    house = calls()
    for profile in ("1", "2"):
        reply = house.receive("menu", request(Caller_Profile_Created_Time=profile), 0, WORLD)
        assert b"a.wav" in (reply.xml or b"")


def test_a_flow_that_leaves_makes_room_for_the_next_application_of_the_dialplan() -> None:
    def leaving(_: Call) -> Flow:
        yield [Break()]

    house = Calls({"leaving": leaving, "menu": menu}.get)
    house.receive("leaving", request(Caller_Profile_Created_Time="1"), 0, WORLD)
    assert b"a.wav" in (house.receive("menu", request(Caller_Profile_Created_Time="1"), 1, WORLD).xml or b"")


def test_an_end_that_is_told_twice_is_one_end() -> None:
    house = calls()
    house.receive("menu", request(), 0, WORLD)
    assert house.receive("menu", request(exiting=True), 1, WORLD).ended is not None
    again = house.receive("menu", request(exiting=True, upload=Upload("s.wav", 1)), 2, WORLD)
    assert (again.xml, again.ended, again.told) == (FAREWELL, None, None)
    assert house.receive("menu", request(), 3, WORLD).xml == FAREWELL


def test_an_end_without_a_beginning_is_nothing() -> None:
    assert calls().receive("menu", request(exiting=True), 0, WORLD) == (FAREWELL, None, None, (), "")


def test_a_caller_who_hangs_up_while_recording_has_left_a_message() -> None:
    house = calls()
    house.receive("recorder", request(), 0, WORLD)
    reply = house.receive("recorder", request(exiting=True, upload=Upload("m.wav", 9)), 1, WORLD)
    assert [show.text for show in reply.shows] == ["kept m.wav"]
    assert reply.ended is not None


def test_a_caller_who_hangs_up_at_a_menu_is_asked_nothing_more() -> None:
    house = calls()
    house.receive("menu", request(), 0, WORLD)
    reply = house.receive("menu", request(exiting=True), 1, WORLD)
    assert (reply.shows, reply.told) == ((), None)


def test_a_call_that_nobody_answered_is_missed() -> None:
    def silent(_: Call) -> Flow:
        yield [Transfer(to="1000")]

    house = Calls({"silent": silent}.get)
    assert house.receive("silent", request(), 0, WORLD).told is not None
    reply = house.receive("silent", request(exiting=True), 1, WORLD)
    assert reply.ended is not None
    assert reply.ended.call.outcome == "missed"
    told = house.receive("silent", request("t", Caller_Channel_Answered_Time="1"), 2, WORLD).told
    assert told is not None
    assert told.answered_at is not None


@pytest.mark.parametrize(
    ("flow", "fault"), [("nowhere", "there is no flow 'nowhere'"), ("broken", "broken: has no actions")]
)
def test_what_cannot_be_answered_goes_on_in_the_dialplan(flow: str, fault: str) -> None:
    reply = calls().receive(flow, request(), 0, WORLD)
    assert reply.xml is None
    assert fault in reply.fault


def test_calls_have_a_bound_and_one_that_ends_makes_room() -> None:
    house = calls(bound=1)
    assert house.receive("menu", request("a"), 0, WORLD).xml is not None
    assert "no more are taken" in house.receive("menu", request("b"), 0, WORLD).fault
    house.receive("menu", request("a", exiting=True), 0, WORLD)
    assert house.receive("menu", request("b"), 0, WORLD).xml is not None


def test_ends_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "ENDED", 5)
    house = calls()
    for number in range(9):
        house.receive("menu", request(str(number)), 0, WORLD)
        house.receive("menu", request(str(number), exiting=True), 0, WORLD)
    assert len(house._ended) == 5


def test_a_call_of_which_nothing_is_heard_is_let_go() -> None:
    house = calls()
    house.receive("menu", request("old"), 0, WORLD)
    house.receive("menu", request("young"), IDLE_MS - 1, WORLD)
    assert house.tick(IDLE_MS - 1) == []
    gone = house.tick(IDLE_MS)
    assert [each.call.id for each in gone] == ["old"]
    assert len(house) == 1


def test_a_clock_that_is_set_ends_no_call() -> None:
    house = calls()
    house.receive("menu", request(), 0, WORLD)
    house.shifted(10 * IDLE_MS)
    assert house.tick(10 * IDLE_MS) == []


def test_a_flow_that_still_thinks_when_freeswitch_has_gone_away() -> None:
    house = calls()
    job = house.take("menu", request(), 0, WORLD)
    assert isinstance(job, Job)
    again = house.take("menu", request(), 1, WORLD)
    assert not isinstance(again, Job)
    assert "is being answered" in again.fault
    assert house.take("menu", request(exiting=True), 2, WORLD) == (FAREWELL, None, None, (), "")
    assert house.finish(job.run()).ended is not None
    assert len(house) == 0


def test_a_flow_that_does_not_answer_is_given_up() -> None:
    house = calls()
    job = house.take("menu", request(), 0, WORLD)
    assert isinstance(job, Job)
    reply = house.give_up(job, "hangs")
    assert (reply.xml, reply.fault) == (None, "menu: hangs")
    assert house.receive("menu", request(exiting=True), 1, WORLD).xml == FAREWELL


def test_the_profile_of_a_request_is_the_one_its_flow_is_held_to() -> None:
    def setting(_: Call) -> Flow:
        yield [answer(), Transfer(to="1", context="other")]

    house = Calls({"f": setting}.get, {"a": SHIPPED, "b": EVERYTHING})
    assert "context: is ignored" in house.receive("f", request("1", httapi_profile="a"), 0, WORLD).fault
    assert house.receive("f", request("2", httapi_profile="b"), 0, WORLD).fault == ""
    assert "context: is ignored" in house.receive("f", request("3", httapi_profile="unknown"), 0, WORLD).fault


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if "e302" not in each and "httpfile" not in each])
def test_every_recorded_call_is_one_call_with_one_end(scenario: str) -> None:
    """Whatever its flow was: one of ours answers it, from the first request to the last."""

    def patient(_: Call) -> Flow:
        while True:
            yield [Playback(file="a.wav", name="choice", binds=keys("1"))]

    house = Calls({"patient": patient}.get)
    ends = 0
    for number, exchange in enumerate(exchanges(scenario)):
        asked = parse(parameters(exchange)[0])
        reply = house.receive("patient", asked, number * 1000, WORLD)
        assert reply.xml is not None
        assert reply.fault == ""
        ends += reply.ended is not None
    begun = not parse(parameters(exchanges(scenario)[0])[0]).exiting  # of a slow answer the end alone was recorded
    trimmed = not asked.exiting
    assert (ends, len(house)) == ((0, 1) if trimmed else (int(begun), 0))


def test_a_flow_is_told_who_calls_and_what_its_values_are() -> None:
    told: list[Call] = []

    def curious(call: Call) -> Flow:
        told.append(call)
        heard: Heard = yield [answer()]
        assert heard.calls == 3

    house = Calls({"curious": curious}.get)
    house.receive("curious", request(Caller_Caller_ID_Name="Erika"), 7, WORLD)
    (call,) = told
    assert structs.asdict(call) | {"zone": None} == {
        "id": "s", "number": "1000", "name": "Erika", "destination": "5000", "at": 7, "zone": None, "answered": False,
        "values": {"code": "1"},
    }  # fmt: skip
