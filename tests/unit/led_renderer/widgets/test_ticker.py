"""How the last calls ended."""

import pytest

from led_renderer import line
from led_renderer.frame import Frame
from led_renderer.view import View
from led_renderer.widgets import Options, ticker
from led_renderer.widgets.ticker import TURN_MS, told
from support.gallery import BERLIN
from support.views import AT, finished

BUSY = finished("1000", "1001", "missed", "USER_BUSY", 486)
OTHER = finished("1002", "1003", "missed", "NORMAL_CLEARING", 200)
VIEW = View(recent=(BUSY, OTHER))


def page(size: tuple[int, int], after: int = 0, view: View = VIEW, speed: int = 30) -> tuple[Frame, int | None]:
    return ticker.draw(view, size, AT + after, Options(timezone=BERLIN, since=AT, speed=speed))


@pytest.mark.parametrize(
    ("cause", "status", "text"),
    [
        ("USER_BUSY", 486, "1000>1001 486 BUSY"),
        ("NO_ANSWER", 480, "1000>1001 480 NO ANSWER"),
        ("NORMAL_CLEARING", 200, "1000>1001 200 OK"),
        ("ORIGINATOR_CANCEL", None, "1000>1001 CANCEL"),
        ("SOMETHING_NEW", 599, "1000>1001 599 SOMETHING NEW"),
        ("", None, "1000>1001 "),
    ],
)
def test_a_call_in_few_words(cause: str, status: int | None, text: str) -> None:
    assert told(finished("1000", "1001", "answered", cause, status)) == text


def test_a_caller_who_gave_up_was_missed_though_the_switch_had_answered() -> None:
    assert told(OTHER) == "1002>1003 200 MISSED"


def test_who_is_not_known_is_a_question_mark() -> None:
    assert told(finished("", "", status=None)) == "?>? OK"


def test_calls_take_turns_newest_first() -> None:
    first, change = page((128, 8))
    assert first == line.drawn(told(BUSY), (128, 8), AT, AT)[0]
    assert change == AT + TURN_MS
    second, change = page((128, 8), TURN_MS)
    assert second == line.drawn(told(OTHER), (128, 8), AT, AT)[0]
    assert change == AT + 2 * TURN_MS
    assert page((128, 8), 2 * TURN_MS)[0] == first


def test_one_that_is_too_wide_scrolls_past_before_the_next_has_its_turn() -> None:
    whole = line.pass_ms(told(BUSY), (32, 8), speed=20)
    assert whole > TURN_MS
    assert page((32, 8), whole - 1, speed=20)[0].dark
    assert page((32, 8), whole, speed=20) == (
        line.drawn(told(OTHER), (32, 8), AT, AT)[0],
        AT + whole + 1_050,
    )


def test_walls_show_one_in_each_row() -> None:
    frame, change = page((128, 16))
    assert frame.crop(0, 0, 128, 8) == line.drawn(told(BUSY), (128, 8), AT, AT)[0]
    assert frame.crop(0, 8, 128, 8) == line.drawn(told(OTHER), (128, 8), AT, AT)[0]
    assert change is None


def test_no_call_has_ended() -> None:
    assert page((32, 8), view=View()) == line.drawn("-", (32, 8), AT, AT)


def test_one_call_that_is_alone_scrolls_on_where_its_turn_would_have_ended() -> None:
    """At 120 dots a second a pass is shorter than a turn: nothing jumps when the turn is over, unannounced."""
    view = View(recent=(finished("", "support@default", cause="USER_BUSY", status=None),))
    after = 0
    while after < 10_000:
        frame, following = page((8, 8), after, view, speed=120)
        assert following is not None
        assert page((8, 8), following - 1 - AT, view, speed=120)[0] == frame
        after = following - AT
