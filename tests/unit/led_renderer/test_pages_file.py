"""A file of pages as a whole: a plan, or everything that is wrong with it, with its line and field."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.pages import Page
from led_renderer.pages_file import DEFAULT, Plan, loaded
from led_renderer.schedule import Edge
from led_renderer.thresholds import Threshold

EXAMPLE = Path(__file__).parents[3] / "pages" / "example.yaml"


def plan(text: str) -> Plan:
    found = loaded(text.encode(), "f")
    assert found.plan is not None, found.faults
    return found.plan


def faults(text: str) -> list[str]:
    found = loaded(text.encode(), "f")
    assert found.plan is None
    return found.faults


def test_a_page_with_everything() -> None:
    text = """
        transition: wipe
        pages:
          - {widget: calls, seconds: 7, warn: 5, crit: {at_least: 10, clear: 6}, transition: slide}
          - {name: "hello there", widget: text, template: "{calls.active} up", speed: 20, icon: check}
    """
    assert plan(text).pages == (
        Page(
            name="calls", widget="calls", seconds=7, value="calls.total", transition="slide",
            warn=Threshold(5, 4), crit=Threshold(10, 6),
        ),
        Page(name="hello there", widget="text", template="{calls.active} up", speed=20, icon="check"),
    )  # fmt: skip
    assert plan(text).transition == "wipe"


@pytest.mark.parametrize(
    ("page", "value"),
    [
        ("{widget: queue, queue: a.b, value: queue.*.longest_wait_since}", "queue.a.b.longest_wait_since"),
        ("{widget: agents, queue: sales, value: queue.*.agents.available}", "queue.sales.agents.available"),
        ("{widget: conference, conference: c, value: conference.*.talking}", "conference.c.talking"),
        ("{widget: parking, lot: l, value: parking.*.parked}", "parking.l.parked"),
        ("{widget: queue, value: queue.*.talking}", "queue.*.talking"),
        ("{widget: queue, queue: sales, value: queue.other.talking}", "queue.other.talking"),
    ],
)
def test_a_star_in_a_value_is_the_page_s_own(page: str, value: str) -> None:
    assert plan(f"pages: [{page[:-1]}, warn: 3}}]").pages[0].value == value


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("{widget: calls, value: queue.*.waiting, warn: 3}", "pages[0].value"),
        ("{widget: bar, value: queue.*.waiting, limit: 3}", "pages[0].value"),
        ("{widget: queue, value: agent.*.answered_today, warn: 3}", "pages[0].value"),
        ("{widget: agents, value: queue.*.agents.available, warn: 3}", "pages[0].value"),
        ("{widget: queue, queue: '*', warn: 3}", "pages[0].queue"),
        ("{widget: agents, queue: sales, warn: 3}", "pages[0]"),
        ("{widget: conference, warn: 3}", "pages[0]"),
    ],
)
def test_what_could_never_warn_is_refused(page: str, field: str) -> None:
    assert faults(f"pages: [{page}]")[0].startswith(f"f:1: {field}: ")


def test_an_alert_of_a_star_is_refused() -> None:
    assert faults("alerts: [{when: queue_over, queue: '*', waiting: 3}]") == [
        "f:1: alerts[0].queue: '*' is the name of none; allowed: a name, or to leave it out for any"
    ]


def test_a_file_without_pages_keeps_the_rotation() -> None:
    found = plan("schedule:\n  - {at: 07:00, days: mon-fri, brightness: 9, power: on, fade: 60}\n")
    assert found.pages == DEFAULT.pages
    assert found.schedule == (Edge(420, frozenset(range(5)), 9, True, 60),)


def test_alerts_have_their_texts_and_lengths() -> None:
    found = plan("""
        alerts:
          - {when: gateway_down, priority: critical, icon: gateway}
          - {when: queue_over, name: long wait, queue: sales, wait: 120, seconds: 20, text: "{name} {wait}"}
          - {when: missed_call}
          - {when: voicemail, hold: yes, extension: 1000}
    """).alerts
    assert [(alert.name, alert.subject, alert.seconds) for alert in found] == [
        ("gateway_down", None, None),
        ("long wait", "sales", 20),
        ("missed_call", None, 10),
        ("voicemail", "1000", None),
    ]


def test_everything_that_is_wrong_is_said_at_once_each_in_its_own_line() -> None:
    found = faults("""transition: slid
pages:
  - widget: calls
    seconds: ten
  - widget: text
  - widget: calls
    colour: red
    warn: {at_least: .nan}
  - widget: clock
    warn: 5
  - widget: lamps
    name: calls
    template: x
  - widget: lamps
    name: calls
    crit: {at_least: 8, clear: 9}
    value: lamps
  - widget: lamps
    seconds: 3
    seconds: 4
alerts:
  - when: queue_over
  - when: missed_call
    hold: yes
    text: "{number}"
  - when: gateway_down
    wait: 3
    queue: x
schedule:
  - at: 08:00
    days: mon-fry
    brightness: 16
  - at: 09:00
    fade: 3
  - at: 10:00
    brightnes: 3
""")
    for number, field, said in [
        (1, "transition", "allowed: cut, slide, wipe"),
        (4, "pages[0].seconds", "'ten' is not a number; allowed: 1-3600"),
        (5, "pages[1]", "has no template"),
        (7, "pages[2].colour", "is no field here; allowed: widget"),
        (8, "pages[2].warn.at_least", "is not"),
        (9, "pages[3]", "has no value"),
        (13, "pages[4].template", "no option of the widget lamps"),
        (15, "pages[5].name", "is the name of the one on line 11, too"),
        (16, "pages[5].crit.clear", "not below 8"),
        (20, "pages[6].seconds", "twice, first on line 19"),
        (22, "alerts[0]", "has no limit"),
        (24, "alerts[1].hold", "allowed: seconds"),
        (25, "alerts[1].text", "{number} says nothing here; allowed: {caller}"),
        (27, "alerts[2].wait", "says nothing"),
        (28, "alerts[2].queue", "allowed: gateway"),
        (31, "schedule[0].days", "'mon-fry' is no weekday"),
        (32, "schedule[0].brightness", "allowed: 0-15"),
        (33, "schedule[1]", "sets nothing"),
        (34, "schedule[1].fade", "without brightness"),
        (36, "schedule[2].brightnes", "did you mean brightness?"),
    ]:
        assert [line for line in found if line.startswith(f"f:{number}: {field}: ") and said in line], (number, found)
    assert all("\n" not in line for line in found)
    assert loaded(b"pages:\n  - widgt: x\n", "f").field == "pages[0].widget"


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "text", "- a\n- b\n"])
def test_a_file_that_is_no_mapping(text: str) -> None:
    assert "allowed: transition, pages, alerts, schedule" in faults(text)[0]


@pytest.mark.parametrize(
    "text", ["pages:", "pages: []", "pages: 3", "alerts: {a: 1}", "pages:\n" + "  - widget: calls\n" * 65]
)
def test_lists_that_are_none_or_empty_or_too_long(text: str) -> None:
    assert len(faults(text)[0]) < 200


keys = st.sampled_from(["pages", "alerts", "schedule", "widget", "name", "seconds", "warn", "at", "when", "days", "x"])
values = st.recursive(
    st.sampled_from(["calls", "text", "1", "-1", "nan", "on", "~", "", "{calls.active}", "mon", "07:00", "queue_over"]),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_whatever_it_says_it_is_a_plan_or_a_list_of_faults(value: dict[str, object]) -> None:

    found = loaded(json.dumps(value).encode(), "f")
    assert (found.plan is None) == bool(found.faults)
    assert all(line.startswith("f") and "\n" not in line for line in found.faults)


def test_the_default_rotation_is_a_file_like_any_other() -> None:
    assert [page.name for page in DEFAULT.pages] == ["calls", "lamps", "queue", "gateways", "clock"]


def test_the_example_says_what_its_comments_say() -> None:
    found = loaded(EXAMPLE.read_bytes(), "example.yaml")
    assert found.faults == []
    assert found.plan is not None
    assert {page.name for page in found.plan.pages} == {
        "calls",
        "lamps",
        "queue",
        "gateways",
        "waiting",
        "greeting",
        "clock",
    }
    assert [alert.when for alert in found.plan.alerts] == ["gateway_down", "queue_over", "missed_call", "voicemail"]
    assert found.plan.schedule[0] == Edge(450, frozenset(range(5)), 8, True, 600)
    assert found.plan.pages[0].crit == Threshold(15, 11)


@pytest.mark.parametrize("name", ["sales (de)", "a:b", "x" * 200, "[1]", "two\u00a0words"])
def test_a_queue_may_have_any_name_and_a_threshold(name: str) -> None:
    (page,) = plan(f"pages:\n  - widget: queue\n    queue: {json.dumps(name)}\n    warn: 3\n").pages
    assert (page.subject, page.value) == (name, f"queue.{name}.waiting")
