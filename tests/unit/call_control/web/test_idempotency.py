import pytest

from call_control.web.idempotency import KEEP_MS, KeyReused, Keys

AT = 1_795_388_000_000


def test_the_same_request_finds_its_call() -> None:
    keys = Keys()
    keys.remember("reception", "k", ("1000", "1001"), "call-1", AT)
    assert keys.find("reception", "k", ("1000", "1001"), AT + 1) == "call-1"
    assert keys.find("reception", "other", ("1000", "1001"), AT) is None
    assert keys.find("website", "k", ("1000", "1001"), AT) is None


def test_another_request_with_the_key_is_refused() -> None:
    keys = Keys()
    keys.remember("reception", "k", ("1000", "1001"), "call-1", AT)
    with pytest.raises(KeyReused):
        keys.find("reception", "k", ("1000", "1002"), AT)


def test_a_key_is_free_when_it_started_nothing_or_a_day_has_passed() -> None:
    keys = Keys()
    keys.remember("reception", "k", 1, "call-1", AT)
    assert keys.find("reception", "k", 2, AT + KEEP_MS) is None
    keys.forget("reception", "k")
    assert keys.find("reception", "k", 1, AT) is None


def test_keys_are_bounded_and_the_oldest_goes() -> None:
    keys = Keys(max_keys=2)
    for number in range(3):
        keys.remember("reception", str(number), 1, f"call-{number}", AT)
    assert [keys.find("reception", str(number), 1, AT) for number in range(3)] == [None, "call-1", "call-2"]
    keys.remember("reception", "later", 1, "call-9", AT + KEEP_MS)
    assert len(keys) == 1
