"""What holds for every widget, whatever it shows."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.view import CallCounts, Lamp, View
from led_renderer.widgets import WIDGETS, Options, Size
from support.gallery import BERLIN, GOLDEN, Case, cases, golden_files
from support.views import AT

STATES = ("idle", "ringing", "waiting", "active", "held")
FASTEST_BLINK = 3  # Hz; more is dangerous for photosensitive people
sides = st.integers(1, 8).map(lambda modules: 8 * modules)
counts = st.sampled_from([0, 1, 9, 10, 42, 99, 100, 1_234, 10**6])
views = st.builds(
    View,
    st.builds(CallCounts, counts, counts, counts, counts),
    st.lists(st.builds(Lamp, st.just("1000"), st.sampled_from(STATES), registered=st.booleans()), max_size=300).map(
        tuple
    ),
)


@pytest.mark.parametrize("widget", WIDGETS)
@given(view=views, size=st.tuples(sides, sides), age=st.integers(-10_000, 10_000_000))
def test_a_frame_fills_the_canvas_and_holds_until_the_instant_that_is_told(
    widget: str, view: View, size: Size, age: int
) -> None:
    options = Options(timezone=BERLIN, template="{calls.total} calls, {lamps}", since=AT)
    now = AT + age
    frame, following = WIDGETS[widget].draw(view, size, now, options)
    assert (frame.width, frame.height) == size
    if following is None:
        instants = [now + later for later in (1, 250, 500, 1_000, 3_600_000)]
    else:
        assert following > now
        instants = [(now + following) // 2, following - 1]
    for instant in instants:
        assert WIDGETS[widget].draw(view, size, instant, options) == (frame, following)


def pictures(widget: str, view: View, size: Size, options: Options, seconds: int) -> Iterator[Frame]:
    """What is seen from AT on."""
    now: int | None = AT
    while now is not None and now < AT + 1_000 * seconds:
        frame, now = WIDGETS[widget].draw(view, size, now, options)
        yield frame


@pytest.mark.parametrize("size", [(8, 8), (32, 8), (128, 8), (64, 32)])
@pytest.mark.parametrize("widget", ["calls", "lamps", "clock"])
def test_no_pixel_blinks_faster_than_is_safe(widget: str, size: Size) -> None:
    lamps = tuple(Lamp(str(number), state) for number, state in enumerate(STATES * 8))  # type: ignore[arg-type]  # of LampState
    view = View(CallCounts(3, 2, 1, 4), lamps)
    seconds = 12
    seen = list(pictures(widget, view, size, Options(timezone=BERLIN), seconds))
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
