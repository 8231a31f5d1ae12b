"""Values by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.messages import Voicemail
from led_renderer.values import age, changes, compiled, filled, path, value
from led_renderer.view import CallCounts, Gateway, Lamp, View
from support.views import AT, queue, today

VIEW = View(
    CallCounts(ringing=1, waiting=2, active=3, held=4),
    (Lamp("1000", "active", since=AT - 5_000), Lamp("1001", voicemail=Voicemail(new=2, saved=5))),
    queues=(
        queue("support@default", waiting=5, longest_wait_since=AT - 133_000),
        queue("a.b.agents", waiting=1),
        queue("main/sales"),
    ),
    gateways=(Gateway(name="carrier", state="REGED", up=True, ping_ms=12.5), Gateway(name="b", state="x", up=False)),
    today=today(missed=7),
)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("calls.active", 3),
        ("calls.total", 10),
        ("today.missed", 7),
        ("lamps", 2),
        ("queues", 3),
        ("gateways_down", 1),
        ("queue.support@default.waiting", 5),
        ("queue.support@default.agents.available", 2),
        ("queue.support@default.today.abandoned", 6),
        ("queue.support@default.service_level", 84),
        ("queue.a.b.agents.waiting", 1),
        ("queue.a.b.agents.agents.available", 2),
        ("queue.main/sales.waiting", 0),
        ("gateway.carrier.up", True),
        ("gateway.carrier.ping_ms", 12.5),
        ("extension.1000.state", "active"),
        ("extension.1001.voicemail.new", 2),
        ("extension.1000.voicemail.new", None),
        ("queue.gone.waiting", None),
        ("conference.3000.members", None),
        ("parking.park.parked", None),
        ("agent.1001@default.status", None),
        ("queue.main/sales.longest_wait_since", None),
    ],
)
def test_a_path_names_a_value_or_one_that_is_not_there(wanted: str, there: object) -> None:
    found = value(VIEW, wanted, AT)
    assert found == there
    assert type(found) is type(there)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("calls.aktiv", "calls has no field 'aktiv'"),
        ("queue.support.wait", "'wait' is no field of a queue"),
        ("queue..waiting", "wanted queue.<name>.<field>"),
        ("queue.waiting", "wanted queue.<name>.<field>"),
        ("queue.x.agents", "'agents' is no field of a queue"),
        ("queue.x.__class__", "'__class__' is no field"),
        ("calls.__class__", "no field '__class__'"),
        ("calls.active.real", "no field 'active.real'"),
        ("lamps.count", "there is no 'lamps'"),
        ("nothing", "there is no 'nothing'"),
        ("_private", "there is no '_private'"),
        ("calls", "not one value but several: calls.ringing"),
        ("queue", "several: queue.<name>.waiting"),
        ("history", "there is no 'history'"),
        ("", "only fields"),
        (" calls.active", "only fields"),
        ("calls.active()", "only fields"),
        ("lamps[0]", "only fields"),
        ("queue.x\n.waiting", "only fields"),
        ("queue." + "x" * 300 + ".waiting", "only fields"),
    ],
)
def test_what_cannot_be_is_refused_without_a_view(wanted: str, why: str) -> None:
    with pytest.raises(ValueError, match="'") as refused:
        path(wanted)
    assert why in str(refused.value)


def test_instants_are_read_as_ages_that_change_each_second() -> None:
    wanted = "queue.support@default.longest_wait_since"
    assert value(VIEW, wanted, AT) == 133
    assert changes(VIEW, wanted, AT + 300) == AT + 1_000
    assert value(VIEW, wanted, AT + 999) == 133
    assert value(VIEW, wanted, AT + 1_000) == 134
    assert value(VIEW, wanted, AT - 200_000) == 0, "this clock is behind"
    assert changes(VIEW, wanted, AT - 200_000) == AT - 132_000
    assert changes(VIEW, "calls.active", AT) is None
    assert changes(VIEW, "queue.gone.longest_wait_since", AT) is None


def test_a_template_says_values_as_people_read_them() -> None:
    template = (
        "{calls.active} {{x}} {queue.support@default.longest_wait_since} {gateway.carrier.up} "
        "{gateway.carrier.ping_ms} {queue.gone.waiting} {today.talk_seconds} "
        "{queue.support@default.sla_seconds} {gateway.b.state}"
    )
    assert filled(template, VIEW, AT) == ("3 {x} 2:13 yes 12 - 8:43 20 x", AT + 1_000)
    assert filled("plain", VIEW, AT) == ("plain", None)
    assert filled("", View(), AT) == ("", None)
    assert filled("{today.missed}", View(), AT) == ("-", None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0:00"), (0, "0:00"), (59, "0:59"), (5_999, "99:59"), (6_000, "1:40"), (359_999, "99:59"), (360_000, "4d")],
)
def test_ages(seconds: int, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("template", "piece"),
    [
        ("{calls.__class__}", "{calls.__class__}"),
        ("{calls.__init__.__globals__}", "__globals__"),
        ("{calls._x}", "_x"),
        ("{__class__}", "__class__"),
        ("{lamps[0]}", "{lamps[0]}"),
        ("{lamps[0].state}", "lamps"),
        ("{calls.active!r}", "!r"),
        ("{calls.active:>100000000}", ":>100000000"),
        ("{calls.active:{calls.active}}", ":{calls.active}"),
        ("{queue.a!b.waiting}", "!b.waiting"),
        ("{}", "{}"),
        ("{0}", "{0}"),
        ("{calls.active()}", "()"),
        ("{calls.active + 1}", "+ 1"),
        ("{calls..active}", "calls..active"),
        ("{ calls.active }", " calls.active "),
        ("{calls.active", "{calls.active"),
        ("calls}", "calls}"),
        ("{calls.aktiv\u0456}", "aktiv"),
        ("{queue.support.wait}", "wait"),
    ],
)
def test_anything_but_a_field_is_refused_by_name(template: str, piece: str) -> None:
    with pytest.raises(ValueError, match="template: ") as refused:
        compiled(template)
    assert piece in str(refused.value)


@given(st.text(st.sampled_from("{}[]!:._ abc") | st.characters(), max_size=40))
def test_any_template_gives_a_text_or_a_value_error(template: str) -> None:
    try:
        text, following = filled(template, VIEW, AT)
    except ValueError as error:
        assert str(error).startswith("template: ")  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(text, str)
        assert following is None or following > AT


@given(st.text(st.sampled_from("{}[]!:._/@ abc") | st.characters(), min_size=1, max_size=20))
def test_any_name_without_brackets_can_be_asked_for(name: str) -> None:
    view = View(queues=(queue(name, waiting=3),))
    try:
        wanted = path(f"queue.{name}.waiting")
    except ValueError:
        assert set(name) & set("[]{}()!:") or not name.isprintable()
    else:
        assert value(view, wanted, AT) == 3
