import pytest

from esl_publisher.decode import Registration
from esl_publisher.registrations import Registrations
from esl_publisher.snapshot import RegistrationRow
from support.legs import T0

OWN = "127.0.0.1"


def event(kind: str, call_id: str, user: str = "1000", host: str = OWN) -> Registration:
    names = {"user": user, "host": host} if kind == "expire" else {"from_user": user, "from_host": host}
    return Registration(name="CUSTOM", subclass=f"sofia::{kind}", call_id=call_id, **names)


def rows(*tokens: str, user: str = "1000") -> list[RegistrationRow]:
    return [RegistrationRow(reg_user=user, realm=OWN, token=token) for token in tokens]


def test_a_refresh_is_no_second_contact_and_another_phone_replaces_the_first() -> None:
    registrations = Registrations()
    for call_id in ("a", "a", "b"):
        assert registrations.receive(event("register", call_id), T0, OWN) == "1000"

    assert registrations.count("1000") == 1


@pytest.mark.parametrize("kind", ["unregister", "expire"])
def test_a_phone_goes(kind: str) -> None:
    registrations = Registrations()
    registrations.receive(event("register", "a"), T0, OWN)

    assert registrations.receive(event(kind, "a"), T0, OWN) == "1000"
    assert registrations.count("1000") == 0
    assert registrations.receive(event(kind, "a"), T0, OWN) == "1000"


def test_what_expires_late_is_not_the_phone_that_replaced_it() -> None:
    registrations = Registrations()
    registrations.receive(event("register", "a"), T0, OWN)
    registrations.receive(event("register", "b"), T0, OWN)
    registrations.receive(event("expire", "a"), T0, OWN)
    assert registrations.count("1000") == 1
    registrations.receive(event("expire", "b"), T0, OWN)

    assert registrations.count("1000") == 0


def test_a_flush_of_several_contacts_leaves_none() -> None:
    registrations = Registrations()
    registrations.reconcile([*rows("a", "b"), *rows("c", user="1001")], T0, OWN)
    for call_id in ("a", "b"):
        registrations.receive(event("expire", call_id), T0, OWN)

    assert [registrations.count(user) for user in ("1000", "1001")] == [0, 1]


def test_another_domain_s_phone_is_another_extension() -> None:
    registrations = Registrations()
    registrations.receive(event("register", "a"), T0, OWN)

    assert registrations.receive(event("register", "b", host="other.example"), T0, OWN) == "1000@other.example"
    assert registrations.receive(event("expire", "b", host="other.example"), T0, OWN) == "1000@other.example"
    assert registrations.count("1000") == 1


def test_where_several_contacts_are_allowed_they_are_counted() -> None:
    registrations = Registrations()
    registrations.reconcile(rows("a", "b"), T0, OWN)
    registrations.receive(event("register", "c"), T0, OWN)
    registrations.receive(event("unregister", "a"), T0, OWN)

    assert registrations.count("1000") == 2


def test_a_snapshot_is_taken_over_but_for_who_was_just_heard_of() -> None:
    registrations = Registrations()
    registrations.receive(event("register", "a"), T0, OWN)
    registrations.receive(event("register", "b", user="1001"), T0 + 5000, OWN)

    changed = registrations.reconcile(rows("x", user="1002"), T0 + 5500, OWN)

    assert changed == {"1000", "1002"}
    assert [registrations.count(user) for user in ("1000", "1001", "1002")] == [0, 1, 1]
    assert registrations.reconcile(rows("x", user="1002"), T0 + 9000, OWN) == {"1001"}


def test_a_stepped_clock_does_not_make_an_event_old() -> None:
    registrations = Registrations()
    registrations.receive(event("register", "a"), T0, OWN)
    registrations.shift(3_600_000)

    assert registrations.reconcile([], T0 + 3_600_500, OWN) == set()


def test_an_event_that_names_nobody_changes_nothing() -> None:
    assert Registrations().receive(event("register", "a", user=""), T0, OWN) is None
