"""One call in a flow: what a flow may not do to FreeSWITCH, and how its errors end."""

import pytest

from call_control.documents.actions import Hangup, Log, Pause, Playback, Transfer, keys
from call_control.documents.permissions import SHIPPED
from call_control.flows.conversation import BURST, HASTY, STEPS, Conversation
from call_control.flows.turns import Call, Count, Flow, FlowError, Heard, Show
from support.flows import AT, Talk, caller


def hasty(_: Call) -> Flow:
    while True:
        yield [Log(text="x")]


def quick(_: Call) -> Flow:
    while True:
        yield [Playback(file="missing.wav")]


def talking(_: Call) -> Flow:
    while True:
        yield Show(text="x")


def test_documents_that_take_no_time_end_soon() -> None:
    talk = Talk(hasty)
    for _ in range(HASTY):
        talk.say()
    with pytest.raises(FlowError, match="that take no time"):
        talk.say()
    assert talk.conversation.ended


def test_a_prompt_whose_file_is_missing_does_not_go_round() -> None:
    conversation = Conversation(quick, caller(), SHIPPED)
    for number in range(BURST):
        conversation.next(Heard(at=AT + number))
    with pytest.raises(FlowError, match="is a prompt's file missing"):
        conversation.next(Heard(at=AT + BURST))


def test_one_that_takes_its_time_goes_on_for_long() -> None:
    talk = Talk(quick)
    for _ in range(3 * BURST):
        talk.say()


def test_showing_without_an_end_ends() -> None:
    with pytest.raises(FlowError, match=f"does {STEPS} things without a word"):
        Talk(talking).say()


def test_a_flow_that_is_over_hangs_up() -> None:
    def flow(_: Call) -> Flow:
        heard = yield [Playback(file="a.wav", name="c", binds=keys("1"))]
        assert heard.digits == "1"

    talk = Talk(flow)
    talk.say()
    assert talk.words("1") == "hangup NORMAL_CLEARING"
    assert talk.conversation.ended
    assert talk.words() == "hangup NORMAL_CLEARING"


def test_what_ends_a_document_ends_the_flow_and_its_finally_runs() -> None:
    over: list[str] = []

    def flow(_: Call) -> Flow:
        try:
            yield [Transfer(to="1000")]
        finally:
            over.append("over")

    assert Talk(flow).words() == "transfer 1000"
    assert over == ["over"]


def test_a_count_is_answered_without_a_document() -> None:
    def flow(_: Call) -> Flow:
        heard = yield Count()
        yield [Pause(milliseconds=(heard.calls or 0) * 1000 + 1)]

    assert Talk(flow).words(calls=2) == "pause 2001"


@pytest.mark.parametrize("said", [[], [Transfer(to="a/b")], [Hangup(), Hangup()]])
def test_a_document_that_cannot_be_is_the_flow_s_error(said: list[Transfer | Hangup]) -> None:
    def flow(_: Call) -> Flow:
        yield said

    with pytest.raises(FlowError):
        Talk(flow).say()


def test_what_a_flow_raises_is_its_error() -> None:
    def flow(_: Call) -> Flow:
        yield [Pause()]
        raise LookupError("of its own")

    def wrong(_: Call) -> Flow:
        raise LookupError("at once")

    talk = Talk(flow)
    talk.say()
    with pytest.raises(FlowError, match="LookupError: of its own"):
        talk.say()
    with pytest.raises(FlowError, match="LookupError: at once"):
        Talk(wrong)


def test_what_is_no_turn_is_the_flow_s_error() -> None:
    def flow(_: Call) -> Flow:
        yield 7  # type: ignore[misc]  # that is the point

    with pytest.raises(FlowError):
        Talk(flow).say()


def test_closing_twice_is_nothing() -> None:
    talk = Talk(quick)
    talk.conversation.close()
    talk.conversation.close()
