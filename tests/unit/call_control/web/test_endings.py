import pytest

from call_control.web.endings import Ending, Progress, ending, without_leg
from call_control.web.events import SwitchEvent

RANG, SILENT = Progress(False, True, False), Progress(False, False, False)
WAITED = Progress(True, False, False)


def test_what_was_cancelled_while_it_rang() -> None:
    assert Ending("missed", "ORIGINATOR_CANCEL", 487, "Request Terminated", "mapped") == ending(
        RANG, SwitchEvent(cause="ORIGINATOR_CANCEL")
    )


def test_a_first_phone_that_hangs_up_while_the_second_is_called_says_no_more_than_that() -> None:
    assert ending(WAITED, SwitchEvent(cause="NORMAL_CLEARING", disposition="failure")).cause == "NORMAL_CLEARING"


def test_the_far_end_s_words_are_told_when_it_is_the_reason() -> None:
    leg = SwitchEvent(cause="CALL_REJECTED", bridge_protocol_cause="sip:603")
    far = SwitchEvent(cause="CALL_REJECTED", term_status="603", failure_phrase="Not now")
    assert ending(WAITED, leg, far).sip_reason == "Not now"
    assert ending(WAITED, leg, SwitchEvent(cause="LOSE_RACE", failure_phrase="x")).sip_reason == "Decline"


@pytest.mark.parametrize("status", ["", "0", "200", "abc", "9999"])
def test_a_status_that_is_no_refusal_is_not_told_as_one(status: str) -> None:
    found = ending(RANG, SwitchEvent(cause="USER_BUSY", term_status=status))
    assert (found.sip_status, found.sip_source) == (486, "mapped")


@pytest.mark.parametrize("cause", ["NORMAL_UNSPECIFIED", "SWITCH_RESTARTED", "SWITCH_UNREACHABLE", "SWITCH_REFUSED"])
def test_of_what_nobody_heard_there_is_no_status(cause: str) -> None:
    assert Ending("failed", cause) == without_leg(SILENT, cause)
