from typing import get_type_hints

import pytest

from esl_publisher.causes import SWITCH_RESTARTED, Ending, Verdict, verdict
from lampfield_bus.messages import CallEnded

NOBODY: frozenset[str] = frozenset()


def caller(cause: str, *, answered: bool = False, disposition: str = "", **more: object) -> Ending:
    given = {"bridge_cause": disposition, "disposition": disposition, **more}
    return Ending(uuid="a", originated=False, agent=False, answered=answered, cause=cause, **given)  # type: ignore[arg-type]  # texts and numbers by field


def callee(cause: str, status: int = 0, phrase: str = "", *, agent: bool = False, uuid: str = "b") -> Ending:
    return Ending(uuid=uuid, originated=True, agent=agent, answered=False, cause=cause, status=status, phrase=phrase)


@pytest.mark.parametrize(
    ("endings", "told"),
    [
        # captured: call_busy, call_rejected (603, 480, 503, dialplan), call_no_answer, gateway_down_up
        ([callee("USER_BUSY", 486, "Busy Here"), caller("USER_BUSY", disposition="USER_BUSY")],
         Verdict("USER_BUSY", 486, "Busy Here", "wire")),
        ([callee("CALL_REJECTED", 603, "Decline"), caller("CALL_REJECTED", disposition="CALL_REJECTED")],
         Verdict("CALL_REJECTED", 603, "Decline", "wire")),
        ([callee("NO_USER_RESPONSE", 480), caller("NORMAL_CLEARING", disposition="NO_USER_RESPONSE")],
         Verdict("NO_USER_RESPONSE", 480, "Temporarily Unavailable", "wire")),
        ([caller("CALL_REJECTED")], Verdict("CALL_REJECTED", 603, "Decline", "mapped")),
        ([callee("NO_ANSWER"), caller("NORMAL_CLEARING", disposition="NO_ANSWER")],
         Verdict("NO_ANSWER", 480, "Temporarily Unavailable", "mapped")),
        ([caller("GATEWAY_DOWN", disposition="GATEWAY_DOWN")],
         Verdict("GATEWAY_DOWN", 503, "Service Unavailable", "mapped")),
        # the caller gave up
        ([callee("ORIGINATOR_CANCEL"), caller("ORIGINATOR_CANCEL", disposition="ORIGINATOR_CANCEL")],
         Verdict("ORIGINATOR_CANCEL", 487, "Request Terminated", "mapped")),
        # the callee's HANGUP was lost: the caller's leg knows what came
        ([caller("NORMAL_CLEARING", disposition="USER_BUSY", bridge_status=486, phrase="Besetzt")],
         Verdict("USER_BUSY", 486, "Besetzt", "wire")),
        # the caller's variables were lost: the last attempt tells
        ([callee("NO_ANSWER"), caller("NORMAL_CLEARING")],
         Verdict("NO_ANSWER", 480, "Temporarily Unavailable", "mapped")),
        # nobody answered, voicemail did
        ([callee("NO_ANSWER"), caller("NORMAL_CLEARING", answered=True, disposition="NO_ANSWER")],
         Verdict("NO_ANSWER", 480, "Temporarily Unavailable", "mapped")),
        # a queue was left: the agents who were rung in vain are not the reason
        ([callee("USER_BUSY", 486, agent=True), caller("NORMAL_CLEARING", answered=True)],
         Verdict("NORMAL_CLEARING", 200, "OK", "wire")),
        # a number that no dialplan entry matches
        ([caller("NORMAL_CLEARING")], Verdict("NORMAL_CLEARING", 480, "Temporarily Unavailable", "mapped")),
        # dialled by FreeSWITCH itself
        ([Ending(uuid="a", originated=False, agent=False, answered=False, cause="USER_BUSY", status=486)],
         Verdict("USER_BUSY", 486, "Busy Here", "wire")),
        # unlisted cause, unlisted status
        ([caller("MEDIA_TIMEOUT")], Verdict("MEDIA_TIMEOUT", 480, "Temporarily Unavailable", "mapped")),
        ([callee("X", 499), caller("X", disposition="X")], Verdict("X", 499, None, "wire")),
        ([caller("SWITCH_RESTARTED")], Verdict("SWITCH_RESTARTED")),
        ([caller("")], Verdict("NORMAL_UNSPECIFIED")),
        ([], Verdict("NORMAL_UNSPECIFIED")),
    ],
)  # fmt: skip
def test_nobody_talked(endings: list[Ending], told: Verdict) -> None:
    assert verdict(endings, NOBODY) == told


@pytest.mark.parametrize("cause", ["NORMAL_CLEARING", "MEDIA_TIMEOUT", "SYSTEM_SHUTDOWN", "SWITCH_RESTARTED"])
def test_after_a_conversation_the_first_to_hang_up_says_why(cause: str) -> None:
    endings = [callee("USER_BUSY", 486, uuid="x"), callee(cause), caller("NORMAL_CLEARING", answered=True)]

    assert verdict(endings, frozenset("ab")) == Verdict(cause, 200, "OK", "wire")


def test_a_conversation_that_vanished_was_answered_all_the_same() -> None:
    assert verdict([callee(""), caller("")], frozenset("ab")) == Verdict("NORMAL_UNSPECIFIED", 200, "OK", "wire")


def test_a_phone_that_another_was_quicker_than_is_no_reason() -> None:
    endings = [callee("NO_ANSWER"), callee("LOSE_RACE", uuid="c"), caller("NORMAL_CLEARING")]
    assert verdict(endings, NOBODY).cause == "NO_ANSWER"


def test_the_cause_that_is_none_of_freeswitchs_is_documented() -> None:
    (about,) = get_type_hints(CallEnded, include_extras=True)["cause"].__metadata__
    assert f"`{SWITCH_RESTARTED}`" in about.description
