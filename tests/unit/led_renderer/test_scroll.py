"""Scrolling: a function of the age alone, one column at a time, with the instant of the next change exact."""

from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.scroll import GAP, PAUSE_MS, SPEED, scroll_ms, scrolled
from led_renderer.text import strip

AT = 1_700_000_000_000
TEXT = strip("1000 > 1001: 486 BUSY HERE")
texts = st.text("abc ЖЩ1,", min_size=1, max_size=30).map(strip)
windows = st.sampled_from([8, 16, 32, 64])
ages = st.integers(-5_000, 60_000)
speeds = st.integers(1, 120)


@given(texts, windows, ages)
def test_what_fits_stands_still_at_the_left(text: Frame, width: int, age: int) -> None:
    shown, following = scrolled(text, max(width, text.width), AT, AT + age)
    assert shown == Frame(max(width, text.width), 8).over(text)
    assert following is None
    assert scroll_ms(text.width, max(width, text.width)) == 0


@given(texts, windows, ages, speeds)
def test_nothing_changes_before_the_instant_that_is_told_and_all_is_told(
    text: Frame, width: int, age: int, speed: int
) -> None:
    now = AT + age
    shown, following = scrolled(text, width, AT, now, speed=speed)
    if following is None:
        for later in (1, 33, 1_000, 100_000):
            assert scrolled(text, width, AT, now + later, speed=speed) == (shown, None)
        return
    assert following > now
    for instant in {now, (now + following) // 2, following - 1}:
        assert scrolled(text, width, AT, instant, speed=speed) == (shown, following)
    assert scrolled(text, width, AT, following, speed=speed)[1] != following


@given(st.integers(0, TEXT.width + GAP - 1))
def test_a_column_moves_at_exactly_its_millisecond(column: int) -> None:
    begins = PAUSE_MS + -(-column * 1000 // SPEED)
    shown, following = scrolled(TEXT, 32, AT, AT + begins)
    if column:
        assert shown == TEXT.crop(column, 0, 32, 8)
        assert scrolled(TEXT, 32, AT, AT + begins - 1)[0] != shown or TEXT.crop(column - 1, 0, 32, 8) == shown
    assert following == AT + PAUSE_MS + -(-(column + 1) * 1000 // SPEED)


def test_a_second_of_movement_has_as_many_steps_as_the_speed_says() -> None:
    steps, now = 0, AT + PAUSE_MS
    while now < AT + PAUSE_MS + 1_000:
        _, following = scrolled(TEXT, 32, AT, now)
        assert following is not None
        steps, now = steps + 1, following
    assert steps == SPEED


@given(texts, windows, ages, st.integers(1, 5))
def test_every_pass_is_like_the_first(text: Frame, width: int, age: int, whole: int) -> None:
    later = abs(age) + whole * scroll_ms(text.width, width)
    assert scrolled(text, width, AT, AT + abs(age))[0] == scrolled(text, width, AT, AT + later)[0]


def test_before_its_time_it_waits_at_its_start() -> None:
    start, first_move = scrolled(TEXT, 32, AT, AT)
    assert scrolled(TEXT, 32, AT, AT - 86_400_000) == (start, first_move)


@given(texts, windows, ages, st.integers(2, 4))
def test_a_grown_strip_moves_like_a_small_one_dot_by_dot(text: Frame, width: int, age: int, dot: int) -> None:
    small, following = scrolled(text, width, AT, AT + age)
    large = scrolled(text.stretched(dot), width * dot, AT, AT + age, dot=dot)
    assert large == (small.stretched(dot), following)
    assert scroll_ms(text.width * dot, width * dot, dot=dot) == scroll_ms(text.width, width)


def test_at_rest_the_last_word_is_left_out_when_it_would_be_cut() -> None:
    text = strip("BUSY HERE")
    assert text.width > 32
    assert scrolled(text, 32, AT, AT)[0] == Frame(32, 8).over(strip("BUSY"))


def test_at_rest_the_last_letter_of_a_long_word_is_left_out_when_it_would_be_cut() -> None:
    text = strip("ABCDEFGHIJ")
    assert scrolled(text, 32, AT, AT)[0] == Frame(32, 8).over(strip("ABCDEF"))


def test_at_rest_a_word_that_just_fits_stays() -> None:
    text = strip("abcdef gh")
    window = strip("abcdef").width
    assert scrolled(text, window, AT, AT)[0] == strip("abcdef")


def test_at_rest_what_has_no_gap_is_cut_all_the_same() -> None:
    solid = Frame(100, 8, [-1] * 8)
    assert scrolled(solid, 32, AT, AT)[0] == Frame(32, 8, [-1] * 8)


def test_a_window_of_a_wall_sees_what_its_neighbour_loses() -> None:
    now = AT + PAUSE_MS + 500
    whole, _ = scrolled(TEXT, 64, AT, now)
    left, right = whole.crop(0, 0, 32, 8), whole.crop(32, 0, 32, 8)
    moved = 500 * SPEED // 1000
    assert left == TEXT.crop(moved, 0, 32, 8)
    assert right == TEXT.crop(moved + 32, 0, 32, 8)
