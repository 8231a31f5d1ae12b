from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.decode import GatewayChanged
from esl_publisher.gateways import Gateways
from esl_publisher.tables import GatewayRow
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from support.legs import T0, us

S = 1_000
DAY = 86_400_000
GRACE = 5 * S


def gateways() -> Gateways:
    return Gateways(ZoneInfo("UTC"), GRACE)


def say(known: Gateways, state: str, ping: str = "UP", at: int = T0, *, name: str = "carrier") -> None:
    event = GatewayChanged(
        name="CUSTOM", subclass="sofia::gateway_state", gateway=name, state=state, ping=ping, timestamp=us(at)
    )
    known.tick(at)
    known.receive(event, at, at)


def change(known: Gateways, what: str, at: int, *, name: str = "carrier") -> None:
    known.receive(GatewayChanged(name="CUSTOM", subclass=f"sofia::gateway_{what}", gateway=name), at, at)


def row(state: str = "REGED", *, reachable: bool = True, name: str = "carrier", **columns: object) -> GatewayRow:
    return GatewayRow(name=name, state=state, reachable=reachable, **columns)  # type: ignore[arg-type]  # a test's


def told(known: Gateways, name: str = "carrier") -> tuple[str, bool, str] | None:
    message = known.message(name)
    return None if message is None else (message.state, message.up, message.since)


def test_a_refresh_is_no_outage() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    for second, state in enumerate(("UNREGED", "TRYING", "REGISTER", "REGED"), start=60):
        say(known, state, at=T0 + second * S)
        assert told(known) == (state, True, rfc3339(T0))

    assert known.due() is None


def test_a_refresh_that_never_ends_is_an_outage_since_it_began() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    say(known, "UNREGED", at=T0 + 60 * S)
    say(known, "TRYING", at=T0 + 61 * S)
    assert known.due() == T0 + 65 * S

    known.tick(T0 + 65 * S - 1)
    assert told(known) == ("TRYING", True, rfc3339(T0))
    known.tick(T0 + 65 * S)

    assert told(known) == ("TRYING", False, rfc3339(T0 + 60 * S))
    assert known.due() is None


def test_a_refusal_is_an_outage_after_the_grace() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    say(known, "FAILED", at=T0 + S)
    say(known, "FAIL_WAIT", "DOWN", at=T0 + 2 * S)
    known.tick(T0 + 6 * S)

    assert told(known) == ("FAIL_WAIT", False, rfc3339(T0 + S))

    say(known, "UNREGED", "DOWN", at=T0 + 20 * S)
    assert told(known) == ("UNREGED", False, rfc3339(T0 + S))
    say(known, "REGED", at=T0 + 23 * S)
    assert told(known) == ("REGED", True, rfc3339(T0 + 23 * S))


def test_a_ping_that_is_not_answered_is_an_outage_after_the_grace() -> None:
    known = gateways()
    say(known, "NOREG", "UP", at=T0)
    say(known, "NOREG", "DOWN", at=T0 + S)
    say(known, "NOREG", "UP", at=T0 + 3 * S)
    known.tick(T0 + 60 * S)
    assert told(known) == ("NOREG", True, rfc3339(T0))

    say(known, "NOREG", "DOWN", at=T0 + 70 * S)
    known.tick(T0 + 75 * S)
    assert told(known) == ("NOREG", False, rfc3339(T0 + 70 * S))


def test_a_new_gateway_is_told_of_when_it_is_up_or_late() -> None:
    known = gateways()
    change(known, "add", T0)
    say(known, "TRYING", "DOWN", at=T0 + S)
    assert told(known) is None
    say(known, "REGED", at=T0 + 2 * S)
    assert told(known) == ("REGED", True, rfc3339(T0 + 2 * S))

    change(known, "add", T0, name="late")
    known.tick(T0 + GRACE)
    assert told(known, "late") == ("", False, rfc3339(T0))


def test_a_gateway_that_is_added_again_stays_what_it_is() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    change(known, "add", T0 + S)

    assert told(known) == ("REGED", True, rfc3339(T0))


def test_a_deleted_gateway_is_gone_and_no_older_list_brings_it_back() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    say(known, "DOWN", "DOWN", at=T0 + S)
    change(known, "delete", T0 + 2 * S)
    known.reconcile([row()], T0 + 2 * S - 300, T0 + 2 * S + 10)

    assert told(known) is None
    known.reconcile([row()], T0 + 10 * S, T0 + 10 * S)
    assert told(known) is not None


def test_the_last_word_of_a_deleted_gateway_does_not_bring_it_back() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    change(known, "delete", T0 + S)
    say(known, "DOWN", "DOWN", at=T0 + S)
    assert known.due() is None
    say(known, "REGED", at=T0 + 9 * S)

    assert told(known) == ("REGED", True, rfc3339(T0 + 9 * S))


def test_the_list_tells_of_gateways_that_no_event_did() -> None:
    known = gateways()
    known.reconcile([row(up_ms=90_000, ping_ms=12.5), row("NOREG", reachable=False, name="dead")], T0, T0)
    message = known.message("carrier")

    assert message == m.Gateway(
        state="REGED", up=True, ping_ms=12.5, since=rfc3339(T0 - 90_000), calls=0, failed_today=0
    )
    assert told(known, "dead") is None
    say(known, "REGED", "DOWN", at=T0 + S)
    message = known.message("carrier")
    assert message is not None
    assert message.ping_ms is None
    known.tick(T0 + GRACE)
    assert told(known, "dead") == ("NOREG", False, rfc3339(T0))


def test_a_list_in_mid_refresh_is_no_outage() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    known.reconcile([row("UNREGED")], T0 + 60 * S, T0 + 60 * S)
    say(known, "REGED", at=T0 + 61 * S)
    known.tick(T0 + 90 * S)

    assert told(known) == ("REGED", True, rfc3339(T0))


def test_a_list_does_not_overrule_an_event_that_is_as_young() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    known.reconcile([row("FAIL_WAIT", reachable=False, ping_ms=3.0)], T0 + 500, T0 + 500)

    assert told(known) == ("REGED", True, rfc3339(T0))
    assert known.due() is None


def test_a_gateway_that_two_lists_lack_is_gone() -> None:
    known = gateways()
    say(known, "REGED", at=T0)
    known.reconcile([], T0 + 500, T0 + 500)
    known.reconcile([], T0 + 60 * S, T0 + 60 * S)
    assert told(known) is not None
    known.reconcile([], T0 + 62 * S, T0 + 62 * S)

    assert told(known) is None


def test_calls_are_counted_while_they_live_and_failures_until_midnight() -> None:
    known = gateways()
    known.turn(T0)
    say(known, "REGED", at=T0)
    for call in ("1", "2", "2"):
        known.carry(call, "carrier")
    known.carry("1", None)
    known.carry("3", None)
    known.fail("carrier")

    message = known.message("carrier")
    assert message is not None
    assert (message.calls, message.failed_today) == (1, 1)
    known.touched.clear()
    known.turn(T0 + DAY)
    assert known.touched == {"carrier"}
    message = known.message("carrier")
    assert message is not None
    assert (message.calls, message.failed_today) == (1, 0)


@pytest.mark.parametrize("up", [True, False])
def test_an_earlier_run_s_gateway_goes_on(up: bool) -> None:
    known = gateways()
    before = m.Gateway(state="REGED", up=up, ping_ms=None, since=rfc3339(T0 - 60 * S), calls=2, failed_today=3)
    known.restore("carrier", before, same_day=True)
    known.reconcile([row("REGED" if up else "FAIL_WAIT", reachable=up)], T0, T0)

    message = known.message("carrier")
    assert message is not None
    assert (message.up, message.since, message.calls, message.failed_today) == (up, before.since, 0, 3)


def test_yesterday_s_failures_are_not_today_s() -> None:
    known = gateways()
    before = m.Gateway(state="REGED", up=True, ping_ms=None, since=rfc3339(T0 - DAY), calls=0, failed_today=3)
    known.restore("carrier", before, same_day=False)

    message = known.message("carrier")
    assert message is not None
    assert message.failed_today == 0


def test_a_clock_that_was_set_moves_the_grace() -> None:
    known = gateways()
    say(known, "NOREG", "DOWN", at=T0)
    known.shift(3600 * S)

    assert known.due() == T0 + 3600 * S + GRACE


def test_a_name_that_no_topic_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        change(gateways(), "add", T0, name="")


STEPS = st.sampled_from(
    [("REGED", "UP"), ("UNREGED", "UP"), ("TRYING", "DOWN"), ("FAIL_WAIT", "DOWN"), ("NOREG", "UP")]
)


@given(st.lists(st.tuples(STEPS, st.integers(0, 8_000)), max_size=20), STEPS)
def test_two_lists_and_a_grace_later_it_is_told_what_is_true(
    steps: list[tuple[tuple[str, str], int]], end: tuple[str, str]
) -> None:
    known, at = gateways(), T0
    for (state, ping), pause in steps:
        at += pause
        say(known, state, ping, at)
    truth = row(end[0], reachable=end[1] == "UP")
    for later in (2 * S, 4 * S):
        known.reconcile([truth], at + later, at + later)
    known.tick(at + 20 * S)

    message = known.message("carrier")
    assert message is not None
    assert (message.state, message.up) == (end[0], end in {("REGED", "UP"), ("NOREG", "UP")})
