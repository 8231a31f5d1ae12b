"""One dialog: how a telephone engineer would tell it. Times are ms after the first message."""

import pytest

from lampfield_bus.messages import SipDialog
from sip_monitor.dialog import AGAIN_MS, EXPIRED, LIMITS, NO_ANSWER, NO_BYE, NO_CREDENTIALS, Dialog, begins, verdict
from support.sip import ALICE, BOB, PROXY, T0, answer, request, sip

Step = tuple[int, bytes] | tuple[int, bytes, str, str]  # ms, message, from, to


def played(*steps: Step) -> Dialog:
    """The dialog after these messages; requests go from Alice to the proxy and answers back, unless it is said."""
    dialog: Dialog | None = None
    for after, payload, *ends in steps:
        message = sip(payload)
        source, target = ends or ((PROXY, ALICE) if message.status else (ALICE, PROXY))
        if dialog is None:
            dialog = Dialog.begun(message, source, target, T0 + after, T0 + after)
        dialog.messages += 1
        dialog.hear(message, source, target, T0 + after, T0 + after)
    assert dialog is not None
    return dialog


def told(dialog: Dialog) -> tuple[str, int | None, str | None, int | None]:
    return dialog.state, dialog.status, dialog.cause, None if dialog.ended_at is None else dialog.ended_at - T0


INVITE = (0, request("INVITE"))
TRYING, RINGING, OK = (10, answer(100, "Trying")), (50, answer(180, "Ringing")), (900, answer(200, "OK"))
ACK, BYE = (910, request("ACK", to_tag="b1")), (5000, request("BYE", cseq=2, to_tag="b1"))


def test_a_call_that_is_answered_and_ends() -> None:
    dialog = played(INVITE, TRYING, RINGING, OK, ACK)
    assert told(dialog) == ("answered", 200, None, None)
    assert (dialog.setup_ms, dialog.post_dial_delay_ms) == (900, 50)
    dialog = played(INVITE, TRYING, RINGING, OK, ACK, BYE, (5010, answer(200, "OK", to="BYE", cseq=2)))
    assert told(dialog) == ("completed", 200, "NORMAL_CLEARING", 5000)
    assert (dialog.from_, dialog.to, dialog.method, dialog.is_call) == ("1000", "1001", "INVITE", True)


def test_early_media_rings_and_a_late_180_changes_nothing_backwards() -> None:
    dialog = played(INVITE, (40, answer(183, "Session Progress")))
    assert told(dialog) == ("ringing", 183, None, None)
    assert told(played(INVITE, OK, RINGING, TRYING)) == ("answered", 200, None, None)
    assert played(INVITE, OK).post_dial_delay_ms == 900
    assert told(played(INVITE, RINGING, TRYING)) == ("ringing", 180, None, None)
    assert played(INVITE, (1, answer(199, "Early Dialog Terminated"))).state == "trying"


@pytest.mark.parametrize(
    ("status", "state", "cause"),
    [
        (486, "busy", "USER_BUSY"), (600, "busy", "USER_BUSY"), (487, "cancelled", "ORIGINATOR_CANCEL"),
        (302, "diverted", None), (404, "rejected", "UNALLOCATED_NUMBER"), (488, "rejected", "INCOMPATIBLE_DESTINATION"),
        (603, "rejected", "CALL_REJECTED"), (408, "failed", "RECOVERY_ON_TIMER_EXPIRE"),
        (480, "failed", "NO_USER_RESPONSE"),
        (503, "failed", "NORMAL_TEMPORARY_FAILURE"), (699, "rejected", None),
    ],
)  # fmt: skip
def test_refusals(status: int, state: str, cause: str | None) -> None:
    assert verdict(status) == state
    assert told(played(INVITE, TRYING, (70, answer(status, "No")))) == (state, status, cause, 70)


def test_the_reason_header_says_more_than_the_status_unless_it_says_nothing() -> None:
    def refused(reason: str) -> str | None:
        return played(INVITE, (9, answer(480, "No", extra=f"Reason: {reason}\r\n"))).cause

    assert refused('Q.850;cause=19;text="NO_ANSWER"') == "NO_ANSWER"
    assert refused('SIP;cause=806;text="USER_NOT_REGISTERED"') == "USER_NOT_REGISTERED"
    assert refused('SIP;text="x";cause=486') == "USER_BUSY"
    assert refused('Q.850;cause=16;text="NORMAL_CLEARING"') == "NO_USER_RESPONSE"
    assert refused("nonsense") == "NO_USER_RESPONSE"
    bye = (9000, request("BYE", cseq=2, to_tag="b1", extra="Reason: Q.850;cause=31\r\n"))
    assert played(INVITE, OK, bye).cause == "NORMAL_UNSPECIFIED"


def test_a_challenge_is_no_end() -> None:
    challenge = [INVITE, (5, answer(407, "Proxy Authentication Required")), (6, request("ACK"))]
    dialog = played(*challenge)
    assert told(dialog) == ("trying", 407, None, None)
    again = (8, request("INVITE", cseq=2, branch="z9hG4bK2"))
    dialog = played(*challenge, again, (30, answer(180, cseq=2, branch="z9hG4bK2")))
    assert told(dialog)[:2] == ("ringing", 180)
    denied = (40, answer(403, "Forbidden", cseq=2, branch="z9hG4bK2"))
    assert told(played(*challenge, again, denied)) == ("rejected", 403, "CALL_REJECTED", 40)
    late = (50, answer(407, cseq=1))
    assert told(played(*challenge, again, denied, late)) == ("rejected", 403, "CALL_REJECTED", 40)


def test_who_never_brings_credentials_was_rejected() -> None:
    dialog = played(INVITE, (5, answer(407, "Proxy Authentication Required")))
    assert not dialog.lapse(T0 + 5 + AGAIN_MS - 1)
    assert dialog.lapse(T0 + 5 + AGAIN_MS)
    assert told(dialog)[:2] == ("rejected", 407)
    assert dialog.reason == NO_CREDENTIALS


def test_a_cancel_is_decided_by_the_final_answer() -> None:
    cancel = (700, request("CANCEL"))
    cancelled = [
        INVITE,
        RINGING,
        cancel,
        (701, answer(200, "OK", to="CANCEL")),
        (702, answer(487, "Request Terminated")),
    ]
    assert told(played(*cancelled[:4])) == ("ringing", 180, None, None)
    assert told(played(*cancelled)) == ("cancelled", 487, "ORIGINATOR_CANCEL", 702)
    crossed = [INVITE, RINGING, cancel, (703, answer(200, "OK")), (704, answer(200, "OK", to="CANCEL"))]
    assert told(played(*crossed)) == ("answered", 200, None, None)
    ended = (720, request("BYE", cseq=2, to_tag="b1"))
    assert told(played(*crossed, ended)) == ("completed", 200, "NORMAL_CLEARING", 720)
    assert told(played(INVITE, RINGING, cancel, (703, answer(486, "Busy Here"))))[:2] == ("busy", 486)


def test_a_cancel_that_nobody_answers_ends_the_call_and_not_ten_minutes_later() -> None:
    cancelled = [INVITE, RINGING, (700, request("CANCEL")), (701, answer(200, "OK", to="CANCEL"))]
    dialog = played(*cancelled)
    assert not dialog.lapse(T0 + 701 + AGAIN_MS - 1)
    assert told(dialog) == ("ringing", 180, None, None)
    assert dialog.lapse(T0 + 701 + AGAIN_MS)
    assert told(dialog) == ("cancelled", 180, "ORIGINATOR_CANCEL", 701 + AGAIN_MS)
    further_down = (700, request("CANCEL", branch="z9hG4bKd1"), PROXY, BOB)
    assert not played(INVITE, RINGING, further_down).lapse(T0 + 700 + AGAIN_MS)
    another = (800, request("INVITE", branch="z9hG4bK2"))  # one telephone after the other
    assert not played(*cancelled[:3], another).lapse(T0 + 800 + AGAIN_MS)
    up = played(*cancelled[:3], (701, answer(200, "OK")))
    assert up.lapse(T0 + 701 + LIMITS["answered"])
    assert told(up)[:3] == ("completed", 200, "NORMAL_CLEARING")


def test_a_bye_before_the_answer_is_a_cancel() -> None:
    assert told(played(INVITE, RINGING, (300, request("BYE", cseq=2, to_tag="b1"))))[0::2] == (
        "cancelled",
        "ORIGINATOR_CANCEL",
    )


def test_a_fork_ends_as_who_asked_is_told() -> None:
    """Alice asks the proxy, that asks two of Bob's telephones with branches of its own."""
    down1: Step = (2, request("INVITE", branch="z9hG4bKd1"), PROXY, BOB)
    down2 = (3, request("INVITE", branch="z9hG4bKd2"), PROXY, "192.0.2.9:5060")
    busy = (60, answer(486, "Busy Here", branch="z9hG4bKd1", to_tag="x"), BOB, PROXY)
    forked = played(INVITE, down1, down2, busy)
    assert told(forked) == ("trying", None, None, None)
    taken = (80, answer(200, "OK", branch="z9hG4bKd2", to_tag="y"), "192.0.2.9:5060", PROXY)
    up: list[Step] = [INVITE, down1, down2, busy, taken, (81, answer(200, "OK", to_tag="y"))]
    assert told(played(*up)) == ("answered", 200, None, None)
    unwanted = (90, request("BYE", cseq=2, to_tag="x"))
    assert played(*up, unwanted).state == "answered"
    assert played(*up, (95, request("BYE", cseq=3, to_tag="y"))).state == "completed"
    everyone: list[Step] = [
        INVITE,
        down1,
        down2,
        busy,
        (70, answer(408, branch="z9hG4bKd2"), BOB, PROXY),
        (75, answer(486)),
    ]
    assert told(played(*everyone)) == ("busy", 486, "USER_BUSY", 75)


def test_several_branches_of_the_one_who_asks_end_together_and_an_answer_goes_before_refusals() -> None:
    second = (1, request("INVITE", branch="z9hG4bK2"), ALICE, BOB)
    refused = (40, answer(486, "Busy Here"))
    assert told(played(INVITE, second, refused)) == ("trying", 486, None, None)
    elsewhere = (60, answer(603, "Decline", branch="z9hG4bK2"), BOB, ALICE)
    assert told(played(INVITE, second, refused, elsewhere)) == ("rejected", 603, "CALL_REJECTED", 60)
    late = (90, answer(200, "OK", branch="z9hG4bK2"), BOB, ALICE)
    assert told(played(INVITE, second, refused, elsewhere, late)) == ("answered", 200, None, None)


def test_an_answer_that_goes_to_another_port_than_its_request_came_from_is_its_answer() -> None:
    """Without `rport` it goes to the port that the Via names: RFC 3261, 18.2.2."""
    asked = (0, request("INVITE"), "192.0.2.7:40001", PROXY)
    busy = (40, answer(486, "Busy Here"), PROXY, ALICE)
    assert told(played(asked, busy)) == ("busy", 486, "USER_BUSY", 40)


def test_whoever_asked_is_told_by_a_wrong_branch_too() -> None:
    wrong = answer(486, "Busy Here", branch="z9hG4bKwrong")
    assert told(played(INVITE, RINGING, (60, wrong))) == ("busy", 486, "USER_BUSY", 60)
    second = (1, request("INVITE", branch="z9hG4bK2"), ALICE, BOB)
    assert told(played(INVITE, second, (60, wrong)))[0] == "trying", "it may be the answer to either"


def test_an_answer_that_is_heard_before_its_request_is_no_other_call() -> None:
    """Kamailio's processes send beside each other, and so do two agents."""
    refused = answer(404, "Not Found")
    assert told(played((0, refused), (1, request("INVITE")))) == ("rejected", 404, "UNALLOCATED_NUMBER", 0)
    challenge: list[Step] = [INVITE, (5, answer(407))]
    again, busy = request("INVITE", cseq=2, branch="z9hG4bK2"), answer(486, cseq=2, branch="z9hG4bK2")
    assert told(played(*challenge, (9, busy), (10, again))) == ("busy", 486, "USER_BUSY", 9)
    accepted = answer(200, "OK", to="REGISTER", cseq=2, branch="z9hG4bK2")
    registered = played(
        (0, request("REGISTER")), (5, answer(401, to="REGISTER")), (8, accepted),
        (9, request("REGISTER", cseq=2, branch="z9hG4bK2")),
    )  # fmt: skip
    assert told(registered) == ("completed", 200, None, 8)


def test_a_call_whose_second_request_was_lost_on_the_way_to_us_goes_on() -> None:
    challenge: list[Step] = [INVITE, (5, answer(407))]
    rings: Step = (50, answer(180, cseq=2, branch="z9hG4bK2"))
    assert told(played(*challenge, rings))[:2] == ("ringing", 180)
    up = played(*challenge, rings, (900, answer(200, cseq=2, branch="z9hG4bK2")))
    assert (up.state, up.setup_ms) == ("answered", 900)


def test_hold_transfer_and_keys_change_nothing() -> None:
    within = [
        (2000, request("INVITE", cseq=2, branch="z9hG4bKr", to_tag="b1")),
        (2010, answer(491, "Request Pending", cseq=2, branch="z9hG4bKr")),
        (2100, request("INVITE", cseq=3, branch="z9hG4bKs", to_tag="b1")),
        (2110, answer(200, "OK", cseq=3, branch="z9hG4bKs")),
        (2200, request("REFER", cseq=4, to_tag="b1")),
        (2210, answer(202, "Accepted", to="REFER", cseq=4)),
        (2300, request("NOTIFY", cseq=5, to_tag="b1", extra="Subscription-State: terminated\r\n")),
        (2400, request("INFO", cseq=6, to_tag="b1")),
        (2410, answer(500, to="INFO", cseq=6)),
    ]
    assert told(played(INVITE, OK, ACK, *within)) == ("answered", 200, None, None)


def test_a_redirected_call_is_another_try_of_the_same_dialog() -> None:
    moved: list[Step] = [INVITE, (20, answer(302, "Moved Temporarily"))]
    again = (30, request("INVITE", cseq=2, branch="z9hG4bK2"))
    assert told(played(*moved)) == ("diverted", 302, None, 20)
    assert told(played(*moved, again)) == ("trying", None, None, None)
    dialog = played(*moved, again, (400, answer(200, "OK", cseq=2, branch="z9hG4bK2")))
    assert told(dialog)[0] == "answered"
    assert dialog.setup_ms == 400


def test_a_call_that_was_up_when_we_came() -> None:
    assert told(played((0, request("INVITE", cseq=5, to_tag="b1")), (9, answer(200, cseq=5))))[0] == "answered"
    assert told(played((0, answer(180)), (50, answer(200)))) == ("answered", 200, None, None)
    dialog = played((0, request("BYE", to_tag="b1")), (9, answer(200, "OK", to="BYE")))
    assert (dialog.method, *told(dialog)) == ("BYE", "completed", 200, None, 9)


@pytest.mark.parametrize(
    ("payload", "does"),
    [(request("INVITE"), True), (request("ACK"), False), (request("CANCEL"), False), (request("INFO"), True),
     (answer(200), True), (answer(200, to="BYE"), False), (answer(200, to="CANCEL"), False)],
)  # fmt: skip
def test_what_begins_a_dialog(payload: bytes, *, does: bool) -> None:
    assert begins(sip(payload)) is does


def test_a_registration_with_its_challenge() -> None:
    first = [(0, request("REGISTER")), (5, answer(401, "Unauthorized", to="REGISTER"))]
    again = (6, request("REGISTER", cseq=2, branch="z9hG4bK2"))
    accepted = (9, answer(200, "OK", to="REGISTER", cseq=2, branch="z9hG4bK2", extra="Expires: 300\r\n"))
    assert told(played(*first)) == ("trying", 401, None, None)
    assert told(played(*first, again, accepted)) == ("completed", 200, None, 9)
    denied = (9, answer(403, "Forbidden", to="REGISTER", cseq=2, branch="z9hG4bK2"))
    assert told(played(*first, again, denied)) == ("rejected", 403, "CALL_REJECTED", 9)
    refreshed = (600, request("REGISTER", cseq=3, branch="z9hG4bK3"))
    assert told(played(*first, again, accepted, refreshed)) == ("trying", None, None, None)


def test_a_subscription_lives_until_it_is_ended_or_expires() -> None:
    begun: list[Step] = [(0, request("SUBSCRIBE")), (5, answer(200, "OK", to="SUBSCRIBE", extra="Expires: 60\r\n"))]
    dialog = played(*begun, (9, request("NOTIFY", extra="Subscription-State: active\r\n"), PROXY, ALICE))
    assert told(dialog) == ("answered", 200, None, None)
    over = (20, request("NOTIFY", extra="Subscription-State: terminated;reason=timeout\r\n"), PROXY, ALICE)
    assert told(played(*begun, over)) == ("completed", 200, None, 20)
    left: list[Step] = [
        (30, request("SUBSCRIBE", cseq=2, to_tag="b1", extra="Expires: 0\r\n")),
        (31, answer(200, to="SUBSCRIBE", cseq=2)),
    ]
    assert told(played(*begun, *left)) == ("completed", 200, None, 31)
    dialog = played(*begun)
    assert not dialog.lapse(T0 + 60_000)
    assert dialog.lapse(T0 + 60_005 + AGAIN_MS)
    assert (dialog.state, dialog.reason) == ("completed", EXPIRED)
    refreshed = played(
        *begun, (50, request("SUBSCRIBE", cseq=2, to_tag="b1")), (51, answer(481, to="SUBSCRIBE", cseq=2))
    )
    assert told(refreshed)[:2] == ("rejected", 481)


@pytest.mark.parametrize(
    ("steps", "patience", "state", "reason"),
    [
        ([INVITE], AGAIN_MS, "failed", NO_ANSWER),
        ([INVITE, TRYING], LIMITS["trying"], "failed", NO_ANSWER),
        ([INVITE, RINGING], LIMITS["ringing"], "failed", NO_ANSWER),
        ([INVITE, OK], LIMITS["answered"], "completed", NO_BYE),
        ([(0, request("REGISTER"))], AGAIN_MS, "failed", NO_ANSWER),
    ],
)
def test_silence_ends_it(steps: list[Step], patience: int, state: str, reason: str) -> None:
    dialog = played(*steps)
    last = T0 + steps[-1][0]
    assert not dialog.lapse(last + patience - 1)
    assert dialog.lapse(last + patience)
    assert (dialog.state, dialog.reason, dialog.ended_at) == (state, reason, last + patience)
    assert not dialog.lapse(last + 10 * patience)


def test_an_earlier_run_s_dialog_goes_on() -> None:
    message = SipDialog(
        call_id="c1", method="INVITE", from_="1000", to="1001", state="ringing", status=180, reason="Ringing",
        started_at="2026-11-22T23:51:47.207Z", answered_at=None, ended_at=None, setup_ms=None, messages=3,
        retransmissions=1, switch_call="u",
    )  # fmt: skip
    dialog = Dialog.restored(message, T0 + 100)
    assert (dialog.started_at, dialog.live, dialog.messages, dialog.switch_call) == (T0, True, 3, "u")
    dialog.hear(sip(answer(200, "OK", cseq=9)), PROXY, ALICE, T0 + 900, T0 + 900)
    assert (dialog.state, dialog.setup_ms) == ("answered", 900)
    other = Dialog.restored(message, T0)
    other.hear(sip(answer(486, "Busy Here", cseq=9)), PROXY, ALICE, T0 + 900, T0 + 900)
    assert other.state == "busy"
