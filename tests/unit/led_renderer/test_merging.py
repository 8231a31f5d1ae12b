"""What several switches tell together."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.instants import parse, rfc3339
from led_renderer.merging import THINGS, Told, merged
from led_renderer.view import CallCounts, History, View

NOW = 1_795_388_280_000  # a whole minute


def example(model: type[m.State], **changed: object) -> m.State:
    found = EXAMPLES[model]
    assert isinstance(found, model)
    return msgspec.structs.replace(found, **changed)


def told(**parts: object) -> Told:
    one = Told()
    for part, message in parts.items():
        if isinstance(message, Mapping):
            for name, thing in message.items():
                one.put(part, name, thing)
        else:
            one.put(part, "", message)
    return one


def together(part: str, **switches: Told) -> Any:
    return merged(part, switches, switches)


@pytest.mark.parametrize("part", View.__struct_fields__)
def test_nothing_told_is_an_empty_view(part: str) -> None:
    assert together(part, a=Told(), b=Told()) == getattr(View(), part)
    assert together(part) == getattr(View(), part)


def test_every_thing_is_read_from_its_message() -> None:
    queue = example(m.Queue)
    one = told(
        queues={"support@default": queue},
        agents={"1001@default": example(m.Agent)},
        gateways={"carrier": example(m.Gateway)},
        conferences={"3000": example(m.Conference)},
        parking={"park": example(m.Parking)},
        lamps={"1000": example(m.Extension)},
    )
    view = View(**{part: together(part, main=one) for part in THINGS})
    assert view.queues[0].name == "support@default"
    assert view.queues[0].longest_wait_since == parse(str(getattr(queue, "longest_wait_since", "")))
    assert (view.agents[0].name, view.agents[0].answered_today) == ("1001@default", 14)
    assert (view.gateways[0].name, view.gateways[0].up, view.gateways_down) == ("carrier", True, ())
    assert (view.conferences[0].name, view.conferences[0].members) == ("3000", 3)
    assert (view.parking[0].name, view.parking[0].parked) == ("park", 1)
    assert (view.lamps[0].name, view.lamps[0].missed_today) == ("Reception", 2)
    assert view.lamps[0].voicemail == m.Voicemail(new=1, saved=4)


def test_counts_add_up() -> None:
    one = example(m.Calls, ringing=1, waiting=2, active=3, held=4)
    assert together("calls", a=told(calls=one), b=told(calls=one), c=Told()) == CallCounts(2, 4, 6, 8)
    assert together("calls", a=Told()) is None, "what nobody has told is no zero"


def test_days_add_up_but_for_their_peaks() -> None:
    day = told(today=example(m.Today))
    alone = together("today", a=day)
    both = together("today", a=day, b=day)
    assert (alone.peak, alone.missed, alone.complete) == (9, 29, True)
    assert (both.peak, both.missed, both.complete) == (None, 58, True)


def test_a_day_that_not_all_have_told_is_not_complete() -> None:
    new = told(today=example(m.Today, date="2026-11-23", missed=1))
    for other in (
        told(today=example(m.Today)),
        Told(),
        told(today=example(m.Today, date="2026-11-23", complete=False)),
    ):
        day = together("today", a=new, b=other)
        assert day.date == "2026-11-23"
        assert not day.complete


def test_hours_are_added_minute_by_minute() -> None:
    hour = list(range(60))
    later = told(history=example(m.History, until=rfc3339(NOW), minutes=hour))
    sooner = told(history=example(m.History, until=rfc3339(NOW - 120_000), minutes=hour))
    both = together("history", a=later, b=sooner)
    assert both == History(NOW, tuple(a + b for a, b in zip(hour, [*hour[2:], 0, 0], strict=True)))
    old = told(history=example(m.History, until=rfc3339(NOW - 90 * 60_000), minutes=hour))
    assert together("history", a=later, b=old) == History(NOW, tuple(hour))


def test_ended_calls_are_the_newest_of_all() -> None:
    def ended(number: int, *times: int) -> Told:
        calls = [example(m.CallEnded, id=str(at), ended_at=rfc3339(NOW + at)) for at in sorted(times, reverse=True)]
        return told(recent=calls)

    recent = together("recent", a=ended(1, *range(0, 40, 2)), b=ended(2, *range(1, 41, 2)))
    assert [call.ended_at - NOW for call in recent] == list(range(39, 19, -1))


def test_who_has_no_number_is_called_by_name() -> None:
    call = example(m.CallEnded, caller=m.Party(number="", name="Door"), callee=m.Party(number="1001", name="Ann"))
    recent = together("recent", a=told(recent=[call]))
    assert (recent[0].caller, recent[0].callee) == ("Door", "1001")


def names(things: Any) -> list[str]:
    return [thing.name for thing in things]


def test_things_of_one_name_are_called_by_their_switch_also_while_one_is_lost() -> None:
    support, sales = {"support": example(m.Queue)}, {"sales": example(m.Queue)}
    a, b = told(queues=support | sales), told(queues=support)
    assert names(together("queues", a=a, b=b)) == ["sales", "a/support", "b/support"]
    assert names(merged("queues", {"b": b}, {"a": a, "b": b})) == ["b/support"]


def test_two_comes_before_ten_and_numbers_before_names() -> None:
    lamps = dict.fromkeys(("door", "10", "2", "1000@other"), example(m.Extension))
    found = together("lamps", main=told(lamps=lamps))
    assert [lamp.extension for lamp in found] == ["2", "10", "1000@other", "door"]


def test_an_impossible_instant_is_refused() -> None:
    one = Told()
    with pytest.raises(ValueError, match="instant"):
        one.put("parking", "park", example(m.Parking, longest_since="2026-13-01T00:00:00.000Z"))
    assert one.things == {}
