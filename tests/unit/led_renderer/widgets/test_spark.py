"""The last hour."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.view import History, View
from led_renderer.widgets import Options, Size, spark
from support.gallery import BERLIN
from support.views import AT

hours = st.lists(st.integers(0, 10**6), min_size=60, max_size=60).map(tuple)


def page(minutes: tuple[int, ...], size: Size) -> Frame:
    return spark.draw(View(history=History(AT, minutes)), size, AT, Options(timezone=BERLIN))[0]


def heights(frame: Frame) -> list[int]:
    columns = [[frame.lit(x, y) for y in range(frame.height)] for x in range(frame.width)]
    for column in columns:
        assert column == sorted(column), "a column stands on the ground and has no hole"
    return [sum(column) for column in columns]


def test_a_column_for_each_minute_the_newest_at_the_right() -> None:
    minutes = tuple(range(60))
    assert heights(page(minutes, (64, 8))) == [0] * 4 + [0] + [max(n * 8 // 59, 1) for n in range(1, 60)]


def test_few_calls_are_a_pixel_each() -> None:
    minutes = (*(0,) * 56, 1, 2, 3, 8)
    assert heights(page(minutes, (64, 8)))[-4:] == [1, 2, 3, 8]
    assert heights(page(minutes, (64, 32)))[-4:] == [4, 8, 12, 32]


@pytest.mark.parametrize(("width", "minutes"), [(8, 8), (16, 4), (32, 2), (64, 1)])
@settings(max_examples=25)
@given(hour=hours)
def test_fewer_columns_show_the_most_of_their_minutes(width: int, minutes: int, hour: tuple[int, ...]) -> None:
    shown = heights(page(hour, (width, 8))) if any(hour) else []
    highest = max(*hour, 8)
    for place, height in enumerate(reversed(shown)):
        most = max(hour[max(60 - (place + 1) * minutes, 0) : max(60 - place * minutes, 0)], default=0)
        assert height == (max(most * 8 // highest, 1) if most else 0)


def test_twice_as_many_columns_are_two_for_a_minute() -> None:
    assert heights(page((*(0,) * 58, 3, 5), (128, 8)))[-4:] == [3, 3, 5, 5]


def test_an_hour_without_a_call_is_a_dotted_line() -> None:
    for view in (View(), View(history=History(AT, (0,) * 60))):
        frame, following = spark.draw(view, (32, 8), AT, Options(timezone=BERLIN))
        assert following is None
        assert heights(frame) == [0, 1] * 16
