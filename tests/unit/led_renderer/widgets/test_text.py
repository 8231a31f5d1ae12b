"""Templates and the text page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.scroll import PAUSE_MS
from led_renderer.text import strip
from led_renderer.view import CallCounts, Lamp, View
from led_renderer.widgets import Options, Size
from led_renderer.widgets.text import compiled, draw, filled
from support.gallery import AT, BERLIN

VIEW = View(CallCounts(ringing=1, waiting=2, active=3, held=4), (Lamp("1000"), Lamp("1001")))


def page(template: str, size: Size = (32, 8), at: int = AT) -> tuple[Frame, int | None]:
    return draw(VIEW, size, at, Options(timezone=BERLIN, template=template, since=AT))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("hello", "hello"),
        ("{calls.active} calls", "3 calls"),
        ("{calls.total}/{calls.held}", "10/4"),
        ("{lamps} phones", "2 phones"),
        ("{{x}} {calls.ringing}", "{x} 1"),
    ],
)
def test_fields_are_filled_in(template: str, text: str) -> None:
    assert filled(template, VIEW) == text


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
        ("{}", "{}"),
        ("{0}", "{0}"),
        ("{calls.active()}", "()"),
        ("{calls.active + 1}", "+ 1"),
        ("{calls..active}", "calls..active"),
        ("{ calls.active }", " calls.active "),
        ("{calls.active", "{calls.active"),
        ("calls}", "calls}"),
        ("{calls.aktiv\u0456}", "aktiv"),
    ],
)
def test_anything_but_a_field_is_refused_by_name(template: str, piece: str) -> None:
    with pytest.raises(ValueError, match="template: ") as refused:
        compiled(template)
    assert piece in str(refused.value)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{calls.aktiv}", "there is no field 'aktiv'"),
        ("{queue}", "there is no field 'queue'"),
        ("{calls}", "is not one value"),
        ("{calls.active.real}", "there is no field 'real'"),
        ("{lamps.count}", "there is no field 'count'"),
        ("{calls.total.numerator}", "there is no field 'numerator'"),
    ],
)
def test_what_the_view_lacks_is_refused_by_name(template: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        filled(template, VIEW)


@given(st.text(st.sampled_from("{}[]!:._ abc") | st.characters(), max_size=40))
def test_any_template_gives_a_text_or_a_value_error(template: str) -> None:
    try:
        assert isinstance(filled(template, VIEW), str)
    except ValueError as error:
        assert str(error).startswith("template: ")  # noqa: PT017 - either outcome is right


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
