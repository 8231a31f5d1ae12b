import pytest

from demo_switch.subscription import Subscription
from demo_switch.templates import Made


def _event(name: str, subclass: str = "", **headers: str) -> Made:
    return Made({"Event-Name": name, **({"Event-Subclass": subclass} if subclass else {}), **headers})


def _reply(text: str) -> bytes:
    return f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode()


def test_a_client_gets_what_it_names_and_nothing_else() -> None:
    wishes = Subscription()
    assert not wishes
    assert not wishes.wants(_event("HEARTBEAT"))
    answer = wishes.event("plain HEARTBEAT CUSTOM sofia::register sofia::unregister")
    assert answer == _reply("+OK event listener enabled plain")
    assert wishes
    assert wishes.wants(_event("HEARTBEAT"))
    assert wishes.wants(_event("CUSTOM", "sofia::register"))
    assert not wishes.wants(_event("CUSTOM", "sofia::expire"))
    assert not wishes.wants(_event("CHANNEL_STATE"))


@pytest.mark.parametrize("word", ["all", "ALL", "All"])
def test_all_is_everything(word: str) -> None:
    wishes = Subscription()
    wishes.event(f"json {word}")
    assert wishes.wants(_event("CUSTOM", "anything::at_all"))
    assert wishes.wants(_event("CHANNEL_CREATE"))


def test_custom_without_a_subclass_is_nothing() -> None:
    wishes = Subscription()
    wishes.event("json CUSTOM")
    assert not wishes.wants(_event("CUSTOM", "sofia::register"))


def test_the_last_format_is_that_of_all_events() -> None:
    wishes = Subscription()
    wishes.event("plain CUSTOM lab::x")
    assert wishes.format == "plain"
    wishes.event("json HEARTBEAT")
    assert wishes.format == "json"
    assert wishes.wants(_event("CUSTOM", "lab::x"))


@pytest.mark.parametrize("argument", ["plain NOSUCH_EVENT", "plain", ""])
def test_without_a_known_name_there_is_no_subscription(argument: str) -> None:
    wishes = Subscription()
    assert wishes.event(argument) == _reply("-ERR no keywords supplied")
    assert not wishes


def test_xml_is_not_spoken() -> None:
    assert b"-ERR" in Subscription().event("xml HEARTBEAT")


def test_names_are_taken_off_again() -> None:
    wishes = Subscription()
    wishes.event("json HEARTBEAT API CUSTOM a::b c::d")
    assert wishes.nixevent("HEARTBEAT CUSTOM a::b") == _reply("+OK events nixed")
    assert not wishes.wants(_event("HEARTBEAT"))
    assert not wishes.wants(_event("CUSTOM", "a::b"))
    assert wishes.wants(_event("CUSTOM", "c::d"))
    assert wishes.wants(_event("API"))
    assert wishes.clear() == _reply("+OK no longer listening for events")
    assert not wishes.wants(_event("API"))


def test_one_name_can_be_taken_off_all() -> None:
    wishes = Subscription()
    wishes.event("json ALL")
    wishes.nixevent("HEARTBEAT")
    assert not wishes.wants(_event("HEARTBEAT"))
    assert wishes.wants(_event("API"))
    wishes.nixevent("ALL")
    assert not wishes.wants(_event("API"))


def test_a_filter_lets_through_what_matches_any_of_them() -> None:
    wishes = Subscription()
    wishes.event("json ALL")
    assert wishes.filter("Unique-ID a") == _reply("+OK filter added. [Unique-ID]=[a]")
    wishes.filter("Event-Name HEARTBEAT")
    assert wishes.wants(_event("CHANNEL_STATE", **{"Unique-ID": "a"}))
    assert wishes.wants(_event("HEARTBEAT"))
    assert not wishes.wants(_event("CHANNEL_STATE", **{"Unique-ID": "b"}))
    assert wishes.filter("delete Unique-ID a") == _reply("+OK filter deleted. [Unique-ID][a]")
    assert not wishes.wants(_event("CHANNEL_STATE", **{"Unique-ID": "a"}))
    wishes.filter("delete all")
    assert wishes.wants(_event("CHANNEL_STATE"))


@pytest.mark.parametrize("argument", ["", "Event-Name", "delete"])
def test_half_a_filter_is_refused(argument: str) -> None:
    assert Subscription().filter(argument) == _reply("-ERR invalid syntax")
