"""Documents: the same as were recorded, and everything that FreeSWITCH would pass over in silence said aloud."""

from typing import Any, Final
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.documents import actions as a
from call_control.documents.actions import Action, Bind
from call_control.documents.build import FAREWELL, MAX_ACTIONS, DocumentError, document, faults
from call_control.documents.permissions import EVERYTHING, SHIPPED, Names, Permissions
from support.httapi import exchanges

TONE: Final = "tone_stream://%(300,0,440)"
URL: Final = "http://127.0.0.1:8088/s"
PLAY: Final = a.Playback(file=TONE)
LITERAL: Final = a.Playback(
    file=TONE, name="choice", wait_ms=4000, binds=(Bind("1", action=f"{URL}/bindaction"), Bind("2"))
)
# Scenario → what makes its first document.
OURS: Final[dict[str, list[Action]]] = {
    "htap-ivr-digits_regex": [a.Playback(file=TONE, name="choice", wait_ms=4000, binds=a.digits())],
    "htap-ivr-digits_literal_1": [LITERAL],
    "htap-ivr-digits_fixed": [
        a.Playback(file=TONE, name="pin", between_ms=1000, wait_ms=3000, binds=a.digits(4, 4, end=""))
    ],
    "htap-ivr-noinput": [a.Playback(file=TONE, name="choice", wait_ms=1000, binds=a.digits(1, 1, end=""))],
    "htap-ivr-noinput_loops2": [
        a.Playback(file=TONE, name="choice", wait_ms=1000, plays=3, binds=a.digits(1, 1, end=""))
    ],
    "htap-ivr-badinput_err": [
        a.Playback(file=TONE, name="choice", error_file="tone_stream://%(200,0,200)", wait_ms=1500, between_ms=700,
                   binds=a.keys("1"))
    ],
    "htap-ivr-say": [a.Say(text="123", method="iterated")],
    "htap-ivr-speak": [a.Speak(text="hi", engine="flite", voice="kal")],
    "htap-ivr-longpause": [a.Pause(milliseconds=20_000)],
    "htap-ivr-record": [
        a.Record(file="msg.wav", name="recfile", limit=2, beep_file="tone_stream://%(100,0,800)")
    ],
    "htap-ivr-record_bind": [a.Record(file="msg.wav", name="recfile", limit=10, terminators="#", binds=a.digits(0))],
    "htap-ivr-record_action": [a.Record(file="msg.wav", name="recfile", limit=1, action=f"{URL}/recaction")],
    "htnp-ivr-exec_answer": [a.answer(), PLAY],
    "htap-ivr-denied_app": [a.Execute(application="echo"), PLAY],
    "htap-full-denied_dollar": [
        a.Execute(application="set", data="lab_ok=${caller_id_number}"), a.GetVariable(name="lab_ok")
    ],
    "htap-ivr-dial": [a.Transfer(to="71001")],
    "htap-ivr-dial_cid": [a.Transfer(to="71001", caller_id_name="Shop", caller_id_number="4711")],
    "htap-ivr-dial_ctx": [a.Transfer(to="71001", context="public")],
    "htap-full-dial_str": [a.Dial(string="user/1001@127.0.0.1")],
    "htap-ivr-conf": [a.Conference(room="labroom")],
    "htap-ivr-conf_flags": [a.Conference(room="labroom", pin="12", flags="mute")],
    "htap-ivr-conf_profile": [a.Conference(room="labroom", profile="wideband")],
    "htap-ivr-getvar": [a.GetVariable(name="sip_user_agent")],
    "htap-ivr-getvar_perm": [a.GetVariable(name="lab_ok", permanent=True)],
    "htap-ivr-loop_log": [a.Log(text="x", level="debug")],
    "htap-ivr-sms": [a.Sms(to="1001", text="hello")],
    "htap-ivr-loop_continue": [a.Continue()],
    "htap-ivr-action": [a.Pause(milliseconds=100, action=f"{URL}/actiontarget")],
    "htap-ivr-tempaction": [a.Pause(milliseconds=100, temp_action=f"{URL}/temptarget")],
    "htap-ivr-recordcall": [a.RecordCall(limit=30), a.Pause(milliseconds=1500)],
    "htnp-ivr-hangup_cause": [a.Hangup(cause="USER_BUSY")],
    "htap-full-hang": [a.Hangup()],
}  # fmt: skip
DEFAULTS: Final = {"digit-timeout": "1500", "input-timeout": "5000", "level": "info"}


def plain(element: Element) -> Any:
    """A document as values, without what says what FreeSWITCH assumes anyway."""
    attributes = {name: value for name, value in element.attrib.items() if DEFAULTS.get(name) != value}
    if element.tag == "recordCall":
        attributes.pop("name", None)  # FreeSWITCH makes garbage of it
    return element.tag, attributes, element.text or "", [plain(child) for child in element]


@pytest.mark.parametrize("scenario", OURS)
def test_a_document_is_the_one_that_was_recorded(scenario: str) -> None:
    made = document(OURS[scenario], EVERYTHING)
    assert plain(fromstring(made.xml)) == plain(fromstring(exchanges(scenario)[0].answer))


@pytest.mark.parametrize("scenario", ["htap-ivr-params", "htap-ivr-setvar"])
def test_params_and_variables_are_the_ones_that_were_recorded(scenario: str) -> None:
    if scenario == "htap-ivr-params":
        made = document([a.Pause(milliseconds=100)], EVERYTHING, params={"state": "menu1", "tok": "a b&c=ü"})
    else:
        made = document([a.GetVariable(name="lab_ok")], EVERYTHING, variables={"lab_ok": "set by doc"})
    assert plain(fromstring(made.xml)) == plain(fromstring(exchanges(scenario)[0].answer))


def test_the_farewell_is_the_one_that_was_recorded() -> None:
    assert exchanges("htap-ivr-dial")[-1].answer == FAREWELL.decode()


@pytest.mark.parametrize(
    ("actions", "fault"),
    [
        ([], "has no actions"),
        ([a.Hangup(), PLAY], "2. playback: is never done: hangup ends the document"),
        ([a.Transfer(to="1"), PLAY], "2. playback: is never done: dial ends the document"),
        ([a.AnswerAndLeave(), PLAY], "2. playback: is never done: answer ends the document"),
        ([a.Execute(application="transfer", data="1"), PLAY], "2. playback: is never done: execute ends"),
        ([PLAY] * (MAX_ACTIONS + 1), "has 65 actions; allowed: up to 64"),
        ([a.Transfer(to="user/1000")], "to: 'user/1000' is no number"),
        ([a.Transfer(to="1000 XML public")], "to: '1000 XML public' is no number"),
        ([a.Dial(string="1000")], "string: has no slash, so it would be a transfer"),
        ([a.Record(file="http://x/y.wav")], "file: 'http://x/y.wav' is no name of a file"),
        ([a.Record(file="../x.wav")], "is no name of a file"),
        ([a.Playback(file="")], "file: is empty"),
        ([a.Playback(file="a\nb")], "file: holds a control character"),
        ([a.Playback(file="a", plays=3)], "binds: are missing"),
        ([a.Playback(file="a", asr_engine="x")], "asr_engine, asr_grammar: one of the two is missing"),
        ([a.Playback(file="a", name="exiting", binds=a.keys("1"))], "name: 'exiting' is taken"),
        ([a.Playback(file="a", binds=(Bind("~("),))], "'~(' is no regular expression"),
        ([a.Playback(file="a", binds=(Bind(r"~\d*"),))], "fits no key at all"),
        ([a.Playback(file="a", binds=(Bind("x"),))], "'x' are no keys"),
        ([a.Playback(file="a", binds=a.keys("11"))], "one of them stands there twice"),
        ([a.Playback(file="a", binds=(Bind("1", action="dial:public:XML"),))], "is no URL"),
        ([a.Pause(milliseconds=0)], "milliseconds: 0 is out of range"),
        ([a.Hangup(cause="busy")], "cause: 'busy' is no hangup cause"),
        ([a.Pause(action="nowhere")], "action: 'nowhere' is no URL"),
        ([a.Speak(text="x", engine="")], "FreeSWITCH would leave the application"),
        ([a.Conference(room="a+1234")], "is no conference; its profile, pin and flags"),
        ([a.Execute(application="set data")], "is no application"),
        ([a.GetVariable(name="a b")], "is no variable"),
        ([a.Voicemail(id="")], "id: is empty"),
    ],
)
def test_a_trap_is_said_aloud(actions: list[Action], fault: str) -> None:
    with pytest.raises(DocumentError) as raised:
        document(actions, EVERYTHING)
    assert any(fault in each for each in raised.value.faults), raised.value.faults


@pytest.mark.parametrize(
    ("action", "fault"),
    [
        (a.Execute(application="system"), "system is denied, which ends the call"),
        (a.Dial(string="user/1000"), "is denied, which ends the call; allowed with dial and dial-full-originate"),
        (a.Conference(room="x"), "is denied, which ends the call; allowed with conference"),
        (a.GetVariable(name="x"), "x is denied, which ends the application"),
        (a.Transfer(to="1", context="default"), "context: is ignored; allowed with dial-set-context"),
        (a.Transfer(to="1", caller_id_number="1"), "caller_id_number: is ignored; allowed with dial-set-cid-number"),
        (
            a.Execute(application="answer", data="${x}"),
            "a $ is not expanded, and in an application",
        ),
        (a.Log(text="cid ${caller_id_number}"), "a $ is not expanded"),
    ],
)
def test_what_the_profile_denies_is_said_aloud(action: Action, fault: str) -> None:
    assert any(fault in each for each in faults([action], SHIPPED))
    assert faults([action], EVERYTHING) == []


def test_a_transfer_may_be_denied_too() -> None:
    assert "1. dial: is denied" in faults([a.Transfer(to="1")], Permissions(dial=False))[0]
    assert "profile: is ignored" in faults([a.Conference(room="x", profile="y")], Permissions())[0]


def test_variables_and_params_need_their_permissions() -> None:
    may = Permissions(set_vars=True, settable=Names(False, frozenset({"mine"})), set_params=False)
    assert faults([PLAY], may, variables={"mine": "x"}) == []
    assert faults([PLAY], may, variables={"other": "x"}) == [
        "variables: other: is denied; allowed in the variable-list of set-vars"
    ]
    assert "variables: are denied, which ends the application" in faults([PLAY], SHIPPED, variables={"x": "y"})[0]
    assert "params: are ignored; allowed with set-params" in faults([PLAY], may, params={"x": "y"})
    assert "params: Caller-ANI: is FreeSWITCH's own" in faults([PLAY], EVERYTHING, params={"Caller-ANI": "1"})
    assert "'a b' is no name" in faults([PLAY], EVERYTHING, params={"a b": "1"})[0]
    assert "control character" in faults([PLAY], EVERYTHING, variables={"a": "\0"})[0]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = faults([a.Hangup(cause="x"), a.Playback(file="")], SHIPPED)
    assert len(found) == 3


def test_a_document_has_a_size() -> None:
    with pytest.raises(DocumentError, match="bytes; allowed: up to 65536"):
        document([a.Log(text="x" * 70_000)], EVERYTHING)


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="$\ufffe\uffff"), min_size=1)


@given(text, text, st.integers(1, 100))
def test_whatever_is_said_comes_out_as_it_went_in(file: str, spoken: str, plays: int) -> None:
    made = document(
        [a.Playback(file=file, plays=plays, binds=a.keys("1")), a.Speak(text=spoken, engine="flite")], EVERYTHING
    )
    playback, speak = fromstring(made.xml)[0]
    assert playback.attrib["file"] == file
    assert int(playback.attrib.get("loops", "0")) + 1 == plays
    assert speak.text == spoken


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_it_is_a_document_is_made_or_a_fault_is_said(file: str, cause: str) -> None:
    actions: list[Action] = [a.Playback(file=file), a.Hangup(cause=cause)]
    if faults(actions, EVERYTHING):
        with pytest.raises(DocumentError):
            document(actions, EVERYTHING)
    else:
        fromstring(document(actions, EVERYTHING).xml)
