"""State that becomes notifications, and goes with it."""

from hypothesis import given
from hypothesis import strategies as st

from led_renderer.alerts import TEXTS, Alert, Alerts, unknown_field
from led_renderer.view import View
from support.views import ended, gateway, mailbox, queue

NOW = 1_795_388_313_000


def alerts(*entries: tuple[str, dict[str, object]]) -> Alerts:
    return Alerts(
        tuple(Alert(**({"name": kind, "when": kind, "text": TEXTS[kind]} | fields)) for kind, fields in entries)  # type: ignore[arg-type]  # fields by name
    )


def told(machine: Alerts, view: View, now: int = NOW) -> list[tuple[str, str, str]]:
    return [(change.kind, change.notification.id, change.notification.text) for change in machine.update(view, now)]


def test_a_gateway_down_is_told_since_when_and_ends_when_it_is_up() -> None:
    machine = alerts(("gateway_down", {}))
    down = View(gateways=(gateway("sip", up=False, since=NOW - 5_000), gateway("isdn", up=True)))
    changes = machine.update(down, NOW)
    assert [(change.kind, change.notification.text, change.notification.at) for change in changes] == [
        ("begins", "sip down", NOW - 5_000)
    ]
    assert changes[0].notification.hold
    assert machine.update(down, NOW + 1) == []
    assert told(machine, View(gateways=(gateway("sip", up=True),))) == [("ends", "gateway_down:sip", "sip down")]


def test_one_that_is_shown_for_some_seconds_is_not_shown_to_who_comes_later() -> None:
    down = View(gateways=(gateway("sip", up=False, since=NOW - 9_000),))
    assert alerts(("gateway_down", {"seconds": 9.0})).update(down, NOW) == []
    early = alerts(("gateway_down", {"seconds": 9.0}))
    assert [change.notification.at for change in early.update(down, NOW - 1)] == [NOW - 9_000]
    assert early.update(down, NOW + 60_000) == [], "once"


def test_a_switch_whose_clock_is_ahead_does_not_hold_its_alerts_back() -> None:
    down = View(gateways=(gateway("sip", up=False, since=NOW + 3_600_000),))
    assert [change.notification.at for change in alerts(("gateway_down", {})).update(down, NOW)] == [None]


def test_a_queue_over_its_limit_counts_on_and_ends() -> None:
    machine = alerts(("queue_over", {"waiting": 3, "subject": "sales"}))
    assert told(machine, View(queues=(queue("sales", waiting=2), queue("support", waiting=9)))) == []
    assert told(machine, View(queues=(queue("sales", waiting=3),))) == [
        ("begins", "queue_over:sales", "sales: 3 waiting")
    ]
    assert told(machine, View(queues=(queue("sales", waiting=4),))) == [
        ("changes", "queue_over:sales", "sales: 4 waiting")
    ]
    assert [kind for kind, *_ in told(machine, View(queues=(queue("sales", waiting=2),)))] == ["ends"]


def test_a_wait_over_its_limit_begins_when_due() -> None:
    machine = alerts(("queue_over", {"wait": 120, "text": "{name} {wait}"}))
    view = View(queues=(queue("sales", waiting=1, longest_wait_since=NOW - 119_300),))
    assert told(machine, view) == []
    due = machine.due(view, NOW)
    assert due == NOW + 700
    assert told(machine, view, due - 1) == []
    assert told(machine, view, due) == [("begins", "queue_over:sales", "sales 2:00")]
    assert machine.due(view, due) == due + 1_000
    assert told(machine, view, due + 1_000) == [("changes", "queue_over:sales", "sales 2:01")]


def test_a_missed_call_is_news_once_and_old_ones_are_none() -> None:
    machine = alerts(("missed_call", {"seconds": 10.0, "subject": "1000"}))
    view = View(recent=(ended("b", NOW - 1_000), ended("a", NOW - 11_000), ended("c", NOW, "answered")))
    assert told(machine, view) == [("begins", "missed_call:b", "Missed: 0301")]
    assert told(machine, view) == []
    more = View(recent=(ended("d", NOW), ended("e", NOW, callee="1001"), *view.recent))
    assert told(machine, more) == [("begins", "missed_call:d", "Missed: 0301")]


def test_voicemail_is_news_when_it_grows_and_what_was_there_is_none() -> None:
    machine = alerts(("voicemail", {"seconds": 10.0}))
    assert told(machine, View(lamps=(mailbox("1000", 2), mailbox("1001", None)))) == []
    grown = View(lamps=(mailbox("1000", 3), mailbox("1001", 1)))
    assert [key for _, key, _ in told(machine, grown)] == ["voicemail:1000", "voicemail:1001"]
    assert told(machine, View()) == [], "the switch is lost"
    assert told(machine, grown) == [], "and it is back"
    assert told(machine, View(lamps=(mailbox("1000", 0),))) == [("ends", "voicemail:1000", "Voicemail for 1000")]


def test_voicemail_that_is_held_is_a_state() -> None:
    machine = alerts(("voicemail", {}))
    assert [kind for kind, *_ in told(machine, View(lamps=(mailbox("1000", 2),)))] == ["begins"]
    assert [kind for kind, *_ in told(machine, View(lamps=(mailbox("1000", 0),)))] == ["ends"]


def test_one_that_found_no_room_is_tried_again_and_a_new_file_ends_all() -> None:
    machine = alerts(("queue_over", {"waiting": 1}))
    view = View(queues=(queue("sales", waiting=1),))
    machine.update(view, NOW)
    machine.refused("queue_over:sales")
    assert [kind for kind, *_ in told(machine, view)] == ["begins"]
    assert [change.kind for change in machine.end()] == ["ends"]
    assert machine.end() == []


def test_a_new_file_makes_no_news_of_what_is_old() -> None:
    machine = alerts(("missed_call", {"seconds": 10.0}), ("voicemail", {"seconds": 10.0}))
    view = View(recent=(ended("a", NOW),), lamps=(mailbox("1000", 2),))
    machine.update(view, NOW)
    following = machine.succeeded(machine._alerts)
    assert following.update(view, NOW) == []
    assert len(following.update(View(recent=view.recent, lamps=(mailbox("1000", 3),)), NOW)) == 1


def test_what_may_stand_between_braces() -> None:
    assert unknown_field("queue_over", "{name} {waiting}") is None
    assert unknown_field("queue_over", "{name.__class__}") == "name.__class__"
    assert unknown_field("queue_over", "{name!r}") == "name"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.integers(0, 20_000)), max_size=20))
def test_what_begins_ends_and_nothing_begins_twice(history: list[tuple[str, int, int]]) -> None:
    machine = alerts(("queue_over", {"waiting": 2, "wait": 10}), ("gateway_down", {}))
    up: set[str] = set()
    now = NOW
    for name, waiting, elapsed in history:
        now += elapsed
        view = View(
            queues=(queue(name, waiting=waiting, longest_wait_since=now - 5_000 if waiting else None),),
            gateways=(gateway("g", up=waiting < 3),),
        )
        for change in machine.update(view, now):
            key = change.notification.id
            assert (key in up) == (change.kind != "begins")
            (up.discard if change.kind == "ends" else up.add)(key)
    for change in machine.update(View(), now):
        up.remove(change.notification.id)
    assert up == set()
