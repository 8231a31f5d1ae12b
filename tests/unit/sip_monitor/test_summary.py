"""The last hour: what is counted, and what falls out of it."""

from sip_monitor import summary
from sip_monitor.dialog import Dialog
from sip_monitor.summary import DELAY_BOUND, MINUTES, Summary
from support.sip import ALICE, PROXY, T0, answer, request, sip

MINUTE = 60_000


def ended(counts: Summary, status: int, at: int, method: str = "INVITE") -> None:
    dialog = Dialog.begun(sip(request(method)), ALICE, PROXY, at, at)
    counts.began(dialog, at)
    for message in (request(method), answer(status, to=method)):
        dialog.hear(sip(message), ALICE, ALICE, at, at)
    counts.ended(dialog, at)


def test_an_empty_hour() -> None:
    told = Summary().message(0, T0)
    assert (told.live, told.per_minute, told.by_status, told.registrations) == (0, 0, {}, 0)
    assert (told.answer_ratio, told.post_dial_delay_ms) == (None, None)


def test_what_ended_by_status_and_how_many_calls_were_answered() -> None:
    counts = Summary()
    for status in (200, 200, 486, 503, 302):
        ended(counts, status, T0)
    ended(counts, 403, T0, "REGISTER")
    told = counts.message(3, T0 + MINUTE)
    assert told.by_status == {"200": 2, "302": 1, "403": 1, "486": 1, "503": 1}
    assert (told.live, told.per_minute, told.answer_ratio) == (3, 5, 0.5)
    assert counts.message(0, T0 + 2 * MINUTE).per_minute == 0
    assert counts.message(0, T0 + (MINUTES - 1) * MINUTE).answer_ratio == 0.5
    assert counts.message(0, T0 + (MINUTES + 1) * MINUTE).by_status == {}


def test_one_that_was_never_answered_at_all() -> None:
    counts = Summary()
    counts.ended(Dialog.begun(sip(request("INVITE")), ALICE, PROXY, T0, T0), T0)
    assert counts.message(0, T0).by_status == {"none": 1}


def test_the_median_delay_of_the_last_hour() -> None:
    counts = Summary()
    for delay in (40, 400, 60):
        dialog = Dialog.begun(sip(request("INVITE")), ALICE, PROXY, T0, T0)
        dialog.ringing_at = T0 + delay
        counts.rang(dialog, T0)
    assert counts.message(0, T0).post_dial_delay_ms == 60
    assert counts.message(0, T0 + 61 * MINUTE).post_dial_delay_ms is None
    for _ in range(2 * DELAY_BOUND):
        counts.rang(dialog, T0)
    assert len(counts._minute(T0).delays) == DELAY_BOUND


def test_registrations_come_expire_and_are_taken_back(monkeypatch) -> None:  # type: ignore[no-untyped-def]  # pytest's
    counts = Summary()

    def registered(who: str, extra: str, at: int) -> int:
        text = answer(200, "OK", to="REGISTER", extra=extra).replace(b"1001", who.encode())
        counts.registered(sip(text), at)
        return counts.message(0, at).registrations

    assert registered("1000", "Contact: <sip:x@y>;expires=60\r\n", T0) == 1
    assert registered("1001", "Expires: 3600\r\n", T0) == 2
    assert registered("1001", "Expires: 3600\r\n", T0) == 2
    assert counts.message(0, T0 + MINUTE).registrations == 1
    counts.shift(60 * MINUTE)
    assert counts.message(0, T0 + 61 * MINUTE).registrations == 1
    counts.shift(-60 * MINUTE)
    assert registered("1001", "", T0) == 0
    monkeypatch.setattr(summary, "REGISTRATION_BOUND", 3)
    assert [registered(f"{number}", "Expires: 60\r\n", T0) for number in range(5)] == [1, 2, 3, 3, 3]
