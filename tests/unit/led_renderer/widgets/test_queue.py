"""A queue."""

from led_renderer.view import Queue, View
from led_renderer.widgets import Options, Size, queue
from led_renderer.widgets.base import Drawn
from led_renderer.widgets.cards import Card, Figure, drawn
from support import views
from support.gallery import BERLIN
from support.views import AT

SUPPORT = views.queue("support@default", waiting=5, longest_wait_since=AT - 133_400, available=2)
SALES = views.queue("sales@default", waiting=7, longest_wait_since=AT - 754_000, available=0)


def page(*queues: Queue, name: str | None = None, size: Size = (64, 8), at: int = AT) -> Drawn:
    staff = views.agents(available=3, on_call=1)
    return queue.draw(View(queues=queues, agents=staff), size, at, Options(timezone=BERLIN, name=name, since=AT))


def figures(waiting: str, wait: str, free: str | None, title: str = "", size: Size = (64, 8), at: int = AT) -> object:
    shown = [Figure("queue", waiting), Figure("clock", wait, "00:00", alone=True)]
    shown += [] if free is None else [Figure("agent", free)]
    return drawn((Card(tuple(shown), title),), size, at, Options(timezone=BERLIN, since=AT))[0]


def test_it_shows_who_waits_for_how_long_and_who_is_free() -> None:
    frame, following = page(SUPPORT, name="support@default")
    assert frame == figures("5", "2:13", "2")
    assert following == AT + 600, "the wait counts from when it began"


def test_the_wait_counts() -> None:
    assert page(SUPPORT, name="support@default", at=AT + 600)[0] == figures("5", "2:14", "2")


def test_a_wait_that_this_clock_has_still_to_reach_is_zero() -> None:
    late = views.queue("q", waiting=1, longest_wait_since=AT + 700)
    frame, following = page(late, name="q")
    assert frame == figures("1", "0:00", "2")
    assert following == AT + 1_700


def test_nobody_waits() -> None:
    assert page(views.queue("q"), name="q") == (figures("0", "-", "2"), None)


def test_one_of_several_is_named_without_its_domain() -> None:
    shown = page(SUPPORT, SALES, name="sales@default", size=(128, 8))[0]
    assert shown == figures("7", "12:34", "0", "sales", (128, 8))


def test_two_of_one_name_keep_their_domains() -> None:
    other = views.queue("sales@other")
    shown = page(SALES, other, name="sales@default", size=(64, 32))[0]
    assert shown == figures("7", "12:34", "0", "sales@default", (64, 32))


def test_without_a_name_all_are_taken_together_and_each_agent_counts_once() -> None:
    assert page(SUPPORT, SALES)[0] == figures("12", "12:34", "3")


def test_one_that_is_gone_has_no_numbers() -> None:
    assert page(SUPPORT, name="gone", size=(128, 8)) == (figures("-", "-", "-", "gone", (128, 8)), None)


def test_the_panel_of_four_modules_has_room_for_number_and_wait() -> None:
    assert page(SUPPORT, name="support@default", size=(32, 8))[0] == figures("5", "2:13", None, size=(32, 8))
