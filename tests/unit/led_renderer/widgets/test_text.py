"""The text page."""

from led_renderer.frame import Frame
from led_renderer.scroll import PAUSE_MS
from led_renderer.text import strip
from led_renderer.view import CallCounts, Lamp, View
from led_renderer.widgets import Options, Size
from led_renderer.widgets.text import draw
from support.gallery import BERLIN
from support.views import AT, queue

VIEW = View(CallCounts(ringing=1, waiting=2, active=3, held=4), (Lamp("1000"), Lamp("1001")))


def page(template: str, size: Size = (32, 8), at: int = AT) -> tuple[Frame, int | None]:
    return draw(VIEW, size, at, Options(timezone=BERLIN, template=template, since=AT))


def test_a_text_that_fits_stands_at_the_left_and_still() -> None:
    assert page("{calls.active} up") == (Frame(32, 8).over(strip("3 up")), None)


def test_a_longer_one_scrolls_from_when_the_page_began() -> None:
    frame, following = page("a rather long line of text")
    assert following == AT + PAUSE_MS + 34
    assert page("a rather long line of text", at=AT + PAUSE_MS + 500)[0] != frame


def test_it_grows_on_walls_of_several_rows() -> None:
    assert page("3 up", (64, 16))[0] == Frame(64, 16).over(strip("3 up").stretched(2))


def test_the_longest_text_grows_no_further_than_a_frame_may() -> None:
    frame, _ = page("m" * 10_000, (128, 32))
    assert (frame.width, frame.height) == (128, 32)


def test_an_age_in_it_counts() -> None:
    view = View(queues=(queue("q", waiting=1, longest_wait_since=AT - 9_500),))
    options = Options(timezone=BERLIN, template="{queue.q.longest_wait_since}", since=AT)
    assert draw(view, (32, 8), AT, options) == (Frame(32, 8).over(strip("0:09")), AT + 500)
    assert draw(view, (32, 8), AT + 500, options) == (Frame(32, 8).over(strip("0:10")), AT + 1_500)


def test_it_scrolls_as_fast_as_the_page_says() -> None:
    slow = Options(timezone=BERLIN, template="a rather long line of text", since=AT, speed=10)
    assert draw(VIEW, (32, 8), AT, slow)[1] == AT + PAUSE_MS + 100
