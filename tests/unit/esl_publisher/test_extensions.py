import pytest

from esl_publisher.extensions import Extensions, voicemail_of
from esl_publisher.ledger import Ledger
from esl_publisher.legs import ending_of, heard
from esl_publisher.tables import UserRow
from lampfield_bus import messages as m
from support.legs import T0, leg


def ledger_with(*stages: str) -> Ledger:
    """1000 in a call of its own for each stage: `waiting`, `held`, `active`, `ringing`."""
    ledger = Ledger()
    for number, stage in enumerate(stages):
        a, b = f"a{number}", f"b{number}"
        ledger.add(leg(a, user="1000"), T0)
        if stage == "ringing":
            continue
        ledger.update(heard(ledger.legs[a], "HELD" if stage == "held" else "ACTIVE", T0, T0), T0, T0)
        if stage != "waiting":
            ledger.add(leg(b, originator=a, outbound=True, stage="answered", answered_at=T0), T0)
            ledger.bridge(a, b, T0, T0)
    return ledger


@pytest.mark.parametrize(
    ("stages", "state"),
    [((), "idle"), (("waiting",), "waiting"), (("waiting", "held"), "held"), (("held", "active", "waiting"), "active"),
     (("active", "ringing", "held"), "ringing")],
)  # fmt: skip
def test_of_several_calls_the_lamp_shows_the_most_urgent(stages: tuple[str, ...], state: str) -> None:
    told = Extensions(None).message("1000", ledger_with(*stages), 1, 0, T0)

    assert told.state == state
    assert told.calls == [f"a{number}" for number in range(len(stages))]


@pytest.mark.parametrize(("stage", "state"), [("down", "idle"), ("ringing", "ringing"), ("answered", "waiting")])
def test_a_phone_rings_though_whoever_dialled_it_has_gone(stage: str, state: str) -> None:
    """1001 wanted to send a caller there, and did not wait for the answer."""
    ledger = Ledger()
    ledger.add(leg("a", user="1000", stage="answered", answered_at=T0), T0)
    ledger.add(leg("b", user="1001", originator="a", outbound=True, stage="answered", answered_at=T0), T0)
    ledger.add(leg("c", user="1002", originator="b", outbound=True, stage=stage), T0)
    ledger.hang_up(ending_of("b", None), T0, T0)

    assert Extensions(None).message("1002", ledger, 1, 0, T0).state == state


def test_since_moves_only_with_the_state() -> None:
    extensions = Extensions(None)
    first = extensions.message("1000", Ledger(), 0, 0, T0)
    second = extensions.message("1000", Ledger(), 1, 2, T0 + 1000)
    third = extensions.message("1000", ledger_with("active"), 1, 2, T0 + 2000)

    assert first.since == second.since == "2026-11-22T22:58:35.000Z"
    assert third.since == "2026-11-22T22:58:37.000Z"
    assert (second.registered, second.contacts, second.missed_today) == (True, 1, 2)


def test_who_exists_is_the_setting_or_whoever_was_seen() -> None:
    anybody, listed = Extensions(None), Extensions(("1000",))
    anybody.see("1001", T0)

    assert [anybody.is_known(user) for user in ("1000", "1001")] == [False, True]
    assert [listed.is_known(user) for user in ("1000", "1001")] == [True, False]
    assert (anybody.is_shown("1001"), listed.is_shown("1001")) == (True, False)


def test_a_name_is_kept_for_those_who_exist() -> None:
    extensions = Extensions(None)
    extensions.name("1000", "Reception")
    assert extensions.message("1000", Ledger(), 0, 0, T0).name is None

    extensions.name("1000", "Reception")
    extensions.name("1000", "")
    assert extensions.message("1000", Ledger(), 0, 0, T0).name == "Reception"


@pytest.mark.parametrize(
    ("messages", "told"), [("2/1 (0/0)", (2, 1)), ("0/1", (0, 1)), ("", (0, 4)), ("x/y", (0, 4)), ("-1/2", (0, 4))]
)
def test_a_mailbox_without_numbers_has_nothing_new(messages: str, told: tuple[int, int]) -> None:
    voicemail = voicemail_of(messages, m.Voicemail(new=3, saved=4))

    assert (voicemail.new, voicemail.saved) == told


def test_the_directory_says_who_exists_and_how_they_are_called() -> None:
    extensions = Extensions(None)
    rows = [UserRow("1000", "a", "Reception"), UserRow("1000", "b", ""), UserRow("", "a", "x")]

    assert extensions.enroll(rows, T0, "a") == {"1000", "1000@b"}
    assert extensions.enroll(rows, T0 + 1, "a") == set()
    assert extensions.enroll([UserRow("1000", "a", "Lobby")], T0, "a") == {"1000"}
    assert extensions.message("1000", Ledger(), 0, 0, T0).name == "Lobby"
    assert extensions.message("1000@b", Ledger(), 0, 0, T0).name is None


@pytest.mark.parametrize(
    ("account", "user"),
    [("sip:1000@a", "1000"), ("1000@a", "1000"), ("sip:1000@b", "1000@b"), ("1000@b", "1000@b")],
)
def test_both_spellings_of_an_account_are_one_mailbox(account: str, user: str) -> None:
    extensions = Extensions(None)
    extensions.see(user, T0)

    assert extensions.receive_mail(account, "2/1 (0/0)", "a") == user
    assert extensions.message(user, Ledger(), 0, 0, T0).voicemail == m.Voicemail(new=2, saved=1)


def test_a_mailbox_is_remembered_until_its_extension_is_seen() -> None:
    extensions = Extensions(None)
    assert extensions.receive_mail("1000@a", "1/0", "a") is None
    assert extensions.receive_mail("", "1/0", "a") is None
    extensions.see("1000", T0)

    assert extensions.message("1000", Ledger(), 0, 0, T0).voicemail == m.Voicemail(new=1, saved=0)
    assert extensions.receive_mail("sip:1000@a", "2/0", "a") == "1000"
