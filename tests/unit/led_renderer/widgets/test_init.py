"""What holds for every widget, whatever it shows."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.icons import ICONS
from led_renderer.view import CallCounts, Conference, Gateway, History, Lamp, LampState, Lot, View
from led_renderer.widgets import WIDGETS, Options, Size
from support.gallery import BERLIN, GOLDEN, SIZES, Case, cases, golden_files
from support.views import AT, agents, finished, queue, today

STATES: Final[tuple[LampState, ...]] = ("idle", "ringing", "waiting", "active", "held")
FASTEST_BLINK = 3  # Hz; more is dangerous for photosensitive people
NAMES = ("support@default", "sales@default", "a.b", "3000", "Büro", "a name that is longer than any panel is wide", "٣")
sides = st.integers(1, 8).map(lambda modules: 8 * modules)
counts = st.sampled_from([0, 1, 9, 10, 42, 99, 100, 1_234, 10**6])
names = st.sampled_from(NAMES)
instants = st.integers(AT - 10**10, AT + 10_000)  # also such as are still to come


def things(strategy: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


def lamps(count: int, step: int) -> tuple[Lamp, ...]:
    """So many lamps, in a pattern of states. Drawn one by one they would take most of the test's time."""
    states = (STATES[number * step % 5] for number in range(count))
    return tuple(Lamp("1000", state, registered=number * step % 3 > 0) for number, state in enumerate(states))


def hour(few: list[int]) -> History:
    """An hour in which these counts repeat."""
    return History(AT, tuple((few * 60)[:60]))


views = st.builds(
    View,
    st.none() | st.builds(CallCounts, counts, counts, counts, counts),
    st.builds(lamps, st.integers(0, 300), st.integers(0, 15)),
    queues=things(
        st.builds(
            queue, names, waiting=counts, longest_wait_since=st.none() | instants, available=counts, on_call=counts
        )
    ),
    agents=st.builds(agents, available=st.integers(0, 12), on_call=st.integers(0, 3), on_break=st.integers(0, 3)),
    gateways=things(st.builds(Gateway, name=names, state=st.just("NOREG"), up=st.booleans(), since=instants)),
    conferences=things(
        st.builds(
            Conference, name=names, members=counts, talking=counts, locked=st.booleans(), recording=st.booleans(),
            since=instants,
        )
    ),
    parking=things(st.builds(Lot, name=names, parked=counts, longest_since=instants)),
    today=st.none() | st.builds(today, answered=counts, missed=counts, failed=counts, complete=st.booleans()),
    history=st.none() | st.builds(hour, st.lists(counts, min_size=1, max_size=5)),
    recent=things(
        st.builds(
            finished, names | st.just(""), names, cause=st.sampled_from(["USER_BUSY", "X_Y"]),
            status=st.none() | st.just(486),
        ),
        6,
    ),
)  # fmt: skip
choices = st.builds(
    Options,
    timezone=st.just(BERLIN),
    template=st.sampled_from(
        ["{calls.total} calls, {lamps}", "{queue.a.b.longest_wait_since}", "", "مرحبا e\u0301\u200b🎉"]
    ),
    since=st.integers(AT - 20_000, AT),
    name=st.none() | names,
    value=st.sampled_from(["calls.total", "queue.a.b.longest_wait_since", "gateway.a.b.up", "gateway.a.b.state"]),
    limit=st.sampled_from([0.5, 1.0, 30.0, 1e6, 1e300]),
    speed=st.sampled_from([1, 7, 30, 120]),
    icon=st.none() | st.sampled_from(ICONS),
)


@pytest.mark.parametrize("widget", WIDGETS)
@given(view=views, size=st.tuples(sides, sides), age=st.integers(-10_000, 10_000_000), options=choices)
def test_a_frame_fills_the_canvas_and_holds_until_the_instant_that_is_told(
    widget: str, view: View, size: Size, age: int, options: Options
) -> None:
    draw = WIDGETS[widget].draw
    now = AT + age
    frame, following = draw(view, size, now, options)
    assert (frame.width, frame.height) == size
    if following is None:
        later = [now + after for after in (1, 250, 500, 1_000, 3_600_000)]
    else:
        assert following > now
        later = [(now + following) // 2, following - 1]
    for instant in later:
        assert draw(view, size, instant, options) == (frame, following)


@pytest.mark.parametrize("size", [(64, 12), (33, 9), (132, 20)])
@pytest.mark.parametrize("widget", WIDGETS)
def test_a_wall_with_gaps_between_its_panels_is_filled_too(widget: str, size: Size) -> None:
    """Its size is no multiple of 8; a frame of another size ended the renderer in the middle of a transition."""
    view = View(CallCounts(active=3), queues=(queue("a", waiting=1),), agents=agents(available=2), today=today())
    options = Options(timezone=BERLIN, template="{calls.total}", value="calls.total", limit=5)
    for instant in range(AT, AT + 8_000, 500):
        frame, _ = WIDGETS[widget].draw(view, size, instant, options)
        assert (frame.width, frame.height) == size


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_widget_needs_what_the_view_has_and_takes_what_a_page_can_say(widget: str) -> None:
    made = WIDGETS[widget]
    assert made.needs is None or not getattr(View(), made.needs)
    assert set(made.takes) <= set(Options.__struct_fields__) - {"timezone", "since"}
    assert set(made.requires) <= set(made.takes)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("widget", WIDGETS)
def test_a_page_that_was_told_to_stay_draws_an_empty_view_too(widget: str, size: Size) -> None:
    options = Options(timezone=BERLIN, template="-", value="calls.total", limit=1.0, since=AT)
    frame, _ = WIDGETS[widget].draw(View(), size, AT, options)
    assert not frame.dark


def pictures(widget: str, view: View, size: Size, options: Options, seconds: int) -> Iterator[Frame]:
    """What is seen from AT on."""
    now: int | None = AT
    while now is not None and now < AT + 1_000 * seconds:
        frame, now = WIDGETS[widget].draw(view, size, now, options)
        yield frame


@pytest.mark.parametrize("size", [(8, 8), (32, 8), (128, 8), (64, 32)])
@pytest.mark.parametrize("widget", WIDGETS.keys() - {"ticker", "text"})  # what scrolls past is no blinking
def test_no_pixel_blinks_faster_than_is_safe(widget: str, size: Size) -> None:
    field = tuple(Lamp(str(number), state) for number, state in enumerate(STATES * 8))
    down = tuple(Gateway(name=name, state="NOREG", up=False, since=AT - 100_000) for name in ("a", "b"))
    view = View(
        CallCounts(3, 2, 1, 4), field, (queue(waiting=3, longest_wait_since=AT - 1_000),), gateways=down, today=today()
    )
    seconds = 12
    options = Options(timezone=BERLIN, value="calls.total", limit=3.0, since=AT)
    seen = list(pictures(widget, view, size, options, seconds))
    for y in range(size[1]):
        for x in range(size[0]):
            lit = [frame.lit(x, y) for frame in seen]
            flashes = sum(not before and after for before, after in pairwise(lit))
            assert flashes <= FASTEST_BLINK * seconds


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.golden.stem)
def test_the_golden_frame(case: Case) -> None:
    # New ones: scripts/contact-sheet --golden; then read the difference.
    assert str(case.frame()) == case.golden.read_text(encoding="utf-8")


def test_no_golden_frame_is_left_over() -> None:
    assert set(GOLDEN.glob("*.txt")) == set(golden_files())
