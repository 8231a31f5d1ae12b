"""What each verb does, and the flows that are shipped."""

from typing import Final

import pytest

from call_control.documents.permissions import SHIPPED
from call_control.flows.steps import source
from call_control.flows.turns import Source, Upload
from call_control.flows.written import loaded
from support.flows import AT, Talk, caller, shipped

HOUR: Final = 3_600_000
VALUES: Final = {"code": "4711", "domain": "pbx.example"}


def flow(steps: str, head: str = "") -> Source:
    text = head + "steps:\n" + "".join(f"  {line}\n" for line in steps.splitlines())
    found = loaded(text.encode(), "f.yaml")
    assert found.flow is not None, found.faults
    return source(found.flow)


# --- verbs ------------------------------------------------------------------------------------------------------------


def test_what_is_played_waits_for_what_is_asked_and_is_one_document() -> None:
    talk = Talk(flow("a: {play: [a.wav, b.wav], next: b}\nb: {menu: c.wav, keys: {'1': c}}\nc: {play: d.wav}"))
    assert talk.words() == "answer, playback a.wav, playback b.wav, playback c.wav"
    assert talk.words("1") == "playback d.wav, hangup NORMAL_CLEARING"


@pytest.mark.parametrize(("head", "answered"), [("answer: off\n", False), ("", True)])
def test_a_call_is_answered_only_if_the_flow_wants_it_and_nobody_has(head: str, *, answered: bool) -> None:
    assert (
        Talk(flow("a: {play: a.wav}", head), caller(answered=answered)).words()
        == "playback a.wav, hangup NORMAL_CLEARING"
    )


def test_a_menu_is_asked_again_and_then_goes_elsewhere() -> None:
    talk = Talk(flow("a: {menu: a.wav, keys: {'1': b}, tries: 2, otherwise: c}\nb: {dial: '1'}\nc: {dial: '2'}"))
    assert talk.words() == "answer, playback a.wav"
    assert talk.words("9") == "playback a.wav"
    assert talk.words() == "transfer 2"


def test_a_menu_without_an_otherwise_hangs_up() -> None:
    talk = Talk(flow("a: {menu: a.wav, keys: {'1': a}, tries: 1}"))
    talk.say()
    assert talk.words() == "hangup NORMAL_CLEARING"


def test_a_code_is_compared_and_one_that_is_not_set_is_never_right() -> None:
    steps = (
        "a: {ask: a.wav, digits: 4, equals: '{code}', tries: 1, next: b, otherwise: c}\nb: {dial: '1'}\nc: {dial: '2'}"
    )
    for code, digits, to in (("4711", "4711", "1"), ("4711", "4712", "2"), ("''", "", "2"), ("''", "0000", "2")):
        talk = Talk(flow(steps, f"values: {{code: {code}}}\n"))
        talk.say()
        assert talk.words(digits) == f"transfer {to}"


def test_only_numbers_that_are_allowed_are_dialled() -> None:
    steps = (
        "a: {ask: a.wav, digits: 1-8, end: '#', into: n, next: b}\nb: {dial: '{n}', within: 1000-1019, otherwise: c}\n"
    )
    steps += "c: {dial: '0'}"
    for digits, to in (("1005", "1005"), ("00491", "0"), ("1020", "0")):
        talk = Talk(flow(steps))
        talk.say()
        assert talk.words(digits) == f"transfer {to}"


def test_hours_are_those_of_the_moment() -> None:
    steps = "a: {hours: open, next: b, otherwise: c}\nb: {dial: '1'}\nc: {dial: '2'}"
    day = flow(steps, "hours: {open: mon-fri 08:00-18:00}\n")
    assert Talk(day, caller(at=AT + 9 * HOUR)).words() == "answer, transfer 1"
    assert Talk(day, caller(at=AT + 19 * HOUR)).words() == "answer, transfer 2"


def test_a_count_that_nobody_knows_goes_elsewhere() -> None:
    steps = "a: {menu: a.wav, keys: {'1': b}}\nb: {count: calls, into: n, next: c, otherwise: d}\n"
    steps += "c: {play: {say: '{n}'}}\nd: {play: d.wav}"
    for calls, words in ((7, "say 7"), (None, "playback d.wav")):
        talk = Talk(flow(steps))
        talk.say()
        assert talk.words("1", calls=calls).startswith(words)


def test_what_is_shown_is_filled_with_values_and_harmless() -> None:
    talk = Talk(flow("a: {get: sip_user_agent, into: n, next: b}\nb: {show: 'by {n}', group: hall, seconds: 5}"))
    assert talk.words() == "answer, getvariable"
    talk.say(sip_user_agent="a ${b}\n{n} phone")
    assert talk.shown == ["hall: by a bn phone"]


def test_a_recording_that_is_not_stored_goes_elsewhere() -> None:
    steps = "a: {record: file, seconds: 9, next: b, otherwise: c}\nb: {show: 'kept {file}'}\nc: {show: lost}"
    for upload, shown in ((Upload("x.wav", 5), "kept x.wav"), (Upload("", 5), "lost"), (None, "lost")):
        talk = Talk(flow(steps))
        assert talk.say().document.actions[-1].limit == 9  # type: ignore[attr-defined]  # a Record
        talk.say(upload=upload)
        assert talk.shown == [f"all: {shown}"]


def test_words_are_taken_as_they_were_understood() -> None:
    steps = "a: {listen: a.wav, engine: e, grammar: g, into: w, tries: 1, next: b, otherwise: c}\n"
    steps += "b: {show: '{w}'}\nc: {dial: '1'}"
    talk = Talk(flow(steps))
    assert talk.say().document.actions[-1].asr_engine == "e"  # type: ignore[attr-defined]  # a Playback
    talk.say("come for lunch")
    assert talk.shown == ["all: come for lunch"]
    deaf = Talk(flow(steps))
    deaf.say()
    assert deaf.words() == "transfer 1"


def test_the_other_verbs_are_one_action_each() -> None:
    assert (
        Talk(flow("a: {queue: support@default, next: b}\nb: {hangup: USER_BUSY}")).words()
        == "answer, callcenter support@default"
    )
    assert Talk(flow("a: {voicemail: 1000@pbx.example}")).words() == "answer, voicemail 1000"
    assert Talk(flow("a: {hangup: USER_BUSY}", "answer: off\n")).words() == "hangup USER_BUSY"
    assert Talk(flow("a: {leave: on}", "answer: off\n")).words() == "break"
    assert Talk(flow("a: {record_call: on, next: b}\nb: {dial: '1'}")).words() == "answer, recordcall, transfer 1"
    assert Talk(flow("a: {record_call: off, next: b}\nb: {dial: '1'}")).words() == "answer, transfer 1"


def test_variables_are_set_with_the_next_document() -> None:
    talk = Talk(flow("a: {set: {mine: 'of {caller}'}, next: b}\nb: {dial: '1'}"))
    assert b"<variables><mine>of 1000</mine></variables>" in talk.say().document.xml


# --- flows that are shipped -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "words"), [("1", "callcenter support@default"), ("2", "transfer 1001"), ("0", "transfer 1000")]
)
def test_the_attendant_sends_callers_on(key: str, words: str) -> None:
    talk = Talk(shipped("attendant", **VALUES), caller(at=AT + 9 * HOUR), SHIPPED)
    assert talk.words().startswith("answer, playback ivr/")
    assert talk.words(key) == words


def test_whoever_presses_nothing_gets_the_operator() -> None:
    talk = Talk(shipped("attendant", **VALUES), caller(at=AT + 9 * HOUR), SHIPPED)
    assert [talk.words() for _ in range(4)][-1] == "transfer 1000"


def test_out_of_hours_there_is_voicemail() -> None:
    talk = Talk(shipped("attendant", **VALUES), caller(at=AT + 20 * HOUR), SHIPPED)
    assert talk.words().endswith("voicemail 1000")
    assert talk.words() == "hangup NORMAL_CLEARING"


@pytest.mark.parametrize(
    ("pressed", "shown"),
    [(["1"], "LUNCH"), (["2"], "MEETING"), (["3"], "PLEASE CALL BACK"), (["4", "12"], "PLEASE COME TO 12"),
     (["5", "cake in the kitchen"], "cake in the kitchen")],
)  # fmt: skip
def test_the_board_shows_what_was_chosen(pressed: list[str], shown: str) -> None:
    talk = Talk(shipped("board", group="hall", **VALUES), permissions=SHIPPED)
    talk.say()
    assert talk.words("4711", calls=3).startswith("say 3, playback ")
    for digits in pressed:
        talk.say(digits)
    assert talk.shown == [f"hall: {shown}"]


def test_the_board_keeps_a_voice_that_it_does_not_understand() -> None:
    talk = Talk(shipped("board", **VALUES), permissions=SHIPPED)
    for digits in ("", "4711", "5"):
        talk.say(digits)
    assert talk.words() == "record"
    talk.say(upload=Upload("x.wav", 9))
    assert talk.shown == ["all: VOICE MESSAGE"]


def test_the_board_is_shut_to_who_does_not_know_the_code() -> None:
    talk = Talk(shipped("board", **VALUES), permissions=SHIPPED)
    assert [talk.words(digits) for digits in ("", "1234", "0000", "")][-1].endswith("hangup CALL_REJECTED")
    assert talk.shown == []


@pytest.mark.parametrize(("pressed", "words"), [("", "recordcall, transfer 1000"), ("1", "transfer 1000")])
def test_the_announcement_records_unless_the_caller_objects(pressed: str, words: str) -> None:
    talk = Talk(shipped("announcement"), permissions=SHIPPED)
    talk.say()
    assert talk.words(pressed) == words
