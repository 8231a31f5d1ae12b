"""What there is to show, whose turn it is, and which pages warn."""

import json

from lampfield_bus import channels as c
from led_renderer.page_topics import PageTopics
from led_renderer.pages import Page
from led_renderer.pages_file import Plan
from led_renderer.programme import LOST, Programme
from led_renderer.thresholds import Threshold
from led_renderer.view import CallCounts, View
from support.views import queue

NOW = 1_795_388_313_000
CALLS = Page(name="calls", widget="calls", value="calls.total", warn=Threshold(5, 3), crit=Threshold(10, 8))
CLOCK = Page(name="clock", widget="clock", seconds=5)


def programme(*pages: Page) -> Programme:
    return Programme(Plan(pages), PageTopics(()))


def names(one: Programme, lost: tuple[str, ...] = ()) -> list[str]:
    return [page.name for page in one.pages(View(), lost, NOW)]


def put(one: Programme, name: str, **fields: object) -> None:
    one.topics.receive(c.DISPLAY_PAGE, ("d", name), json.dumps(fields).encode() if fields else b"")


def test_pages_from_topics_come_after_the_file_s_and_lost_switches_last() -> None:
    one = programme(CALLS, CLOCK)
    put(one, "lunch", text="Lunch", order=2)
    put(one, "soon", text="Soon", order=1)
    assert names(one, lost=("NO b",)) == ["calls", "clock", "soon", "lunch", "NO b"]
    assert one.pages(View(), ("NO b",), NOW)[-1].widget == LOST


def test_a_page_from_a_topic_stands_for_the_file_s_of_the_same_name() -> None:
    one = programme(CALLS, CLOCK)
    put(one, "calls", text="{calls.total}")
    assert names(one) == ["clock", "calls"]
    put(one, "calls")
    assert names(one) == ["calls", "clock"]


def test_a_page_stays_whenever_it_is_there() -> None:
    one = programme(CALLS, CLOCK)
    one.stay = "lunch"
    view = View()
    assert one.staying(view, (), NOW) is None
    put(one, "lunch", text="Lunch")
    assert one.turn(view, (), NOW).page.name == "lunch"
    one.load(Plan((CLOCK,)), view, (), NOW)
    assert one.stay == "lunch"
    put(one, "lunch")
    one.load(Plan((CALLS,)), view, (), NOW)
    assert one.stay is None


def test_levels_keep_what_was_and_forget_what_is_gone() -> None:
    one = programme(CALLS, CLOCK)
    seen = []
    for active in (4, 5, 4, 10, 9, 8, 4, 3, 4):
        one.update(View(CallCounts(active=active)), (), NOW)
        seen.append(one.levels.get("calls"))
    assert seen == [None, "warn", "warn", "crit", "crit", "warn", "warn", None, None]
    one.update(View(CallCounts(active=20)), (), NOW)
    one.load(Plan((CLOCK,)), View(), (), NOW)
    one.update(View(), (), NOW)
    assert one.levels == {}


def test_a_tile_without_a_state_agrees_with_its_neighbours_outside_the_band() -> None:
    """Decision 14: what nobody can tell it, it finds where the past does not matter."""
    old, restarted, new = programme(CALLS), programme(CALLS), programme(CALLS)
    seen = []
    for active in (10, 9, 7, 4, 2, 4):
        if active == 9:
            restarted.levels = dict(old.levels)  # as `state` had them
        for one in [old] if active == 10 else [old, restarted, new]:
            one.update(View(CallCounts(active=active)), (), NOW)
        seen.append((old.levels.get("calls"), restarted.levels.get("calls"), new.levels.get("calls")))
    assert seen[1:] == [("crit", "crit", "warn"), *[("warn",) * 3] * 2, *[(None,) * 3] * 2]


def test_a_wait_that_grows_reaches_its_threshold_when_due() -> None:
    page = Page(
        name="queue", widget="calls", value="queue.sales.longest_wait_since", warn=Threshold(60, 30),
        crit=Threshold(90.5, 60),
    )  # fmt: skip
    one, view = programme(page), View(queues=(queue("sales", waiting=1, longest_wait_since=NOW - 400),))
    one.update(view, (), NOW)
    now, seen = NOW, []
    while (due := one.due(view, (), now)) is not None:
        one.update(view, (), due - 1)
        before = one.levels.get("queue")
        one.update(view, (), due)
        seen.append((due - NOW, before, one.levels.get("queue")))
        now = due
    assert seen == [(59_600, None, "warn"), (90_600, "warn", "crit")]


def test_it_is_made_anew_only_when_something_changed() -> None:
    one, view = programme(CALLS, CLOCK), View()
    first = one.rotation(view, (), NOW)
    assert one.rotation(view, (), NOW + 5_000) is first
    assert one.rotation(View(CallCounts(active=1)), (), NOW) == first
    put(one, "x", text="x", expires_at="2026-11-22T22:58:40Z")
    assert one.rotation(view, (), NOW) != first
    due = one.due(view, (), NOW)
    assert due == NOW + 7_000
    assert one.rotation(view, (), NOW + 7_000) == first


def test_a_queue_whose_name_no_path_can_spell_warns_all_the_same() -> None:
    """Its name is FreeSWITCH's: whatever stands in it, it ends no display."""
    name = "sales (de): [1] {x}!@default" + "." * 200
    warn = Threshold(3, 2)
    each = Page(name="queue", widget="queue", value="queue.*.waiting", warn=warn)
    wait = Page(name="wait", widget="queue", value="queue.*.longest_wait_since", warn=warn)
    one, view = programme(each, wait), View(queues=(queue(name, waiting=3, longest_wait_since=NOW - 400),))
    one.update(view, (), NOW)
    assert one.levels == {f"queue:{name}": "warn"}
    assert one.due(view, (), NOW) == NOW + 2_600
