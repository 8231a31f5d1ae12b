from random import Random

from demo_switch import people


def test_extensions_begin_at_1000_and_each_has_an_owner_and_a_port_of_its_own() -> None:
    phones = people.phones(20)
    assert [party.number for party in phones] == [str(number) for number in range(1000, 1020)]
    assert len({party.name for party in phones}) == 20
    assert len({party.port for party in phones}) == 20


def test_channels_are_named_as_freeswitch_names_them() -> None:
    desk = people.phones(1)[0]
    assert desk.calling() == "sofia/internal/1000@127.0.0.1"
    assert desk.called() == f"sofia/internal/1000@127.0.0.1:{desk.port}"
    stranger = people.outside(Random(1))
    assert stranger.outside
    assert stranger.called() == f"sofia/external/{stranger.number}"
    assert stranger.calling().startswith(f"sofia/external/{stranger.number}@")


def test_numbers_outside_are_ones_reserved_for_fiction() -> None:
    numbers = {people.outside(Random(seed)).number for seed in range(100)}
    assert all(number.startswith("+4420794601") or number[5:].startswith("55501") for number in numbers)
