"""From one page to the next by the wall clock."""

from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.transitions import TRANSITION_MS, blended, step

OLD, NEW = Frame(4, 1, (0b1101,)), Frame(4, 1, (0b0110,))


def test_a_slide_pushes_the_old_page_out_and_a_wipe_uncovers_the_new_one() -> None:
    assert [blended("slide", OLD, NEW, columns).rows[0] for columns in (1, 2, 3)] == [0b1010, 0b0101, 0b1011]
    assert [blended("wipe", OLD, NEW, columns).rows[0] for columns in (1, 2, 3)] == [0b0101, 0b0101, 0b0111]


@given(st.integers(1, 600), st.integers(0, 10**13), st.sampled_from(["slide", "wipe"]))
def test_it_begins_old_ends_new_and_says_when_it_moves(width: int, since: int, kind: str) -> None:
    now, columns, steps = since, -1, 0
    while True:
        shown, following = step(width, since, now)
        assert shown >= columns
        columns = shown
        if following is None:
            break
        assert following > now
        assert step(width, since, following - 1)[0] == shown
        now, steps = following, steps + 1
    assert columns == width
    assert now - since <= TRANSITION_MS
    assert steps <= 16
    assert step(width, since, since - 1)[0] == 0
    old, new = Frame(width, 1, (-1,)), Frame(width, 1)
    assert blended(kind, old, new, 0) == old  # type: ignore[arg-type]  # literals by name
    assert blended(kind, old, new, width) == new  # type: ignore[arg-type]  # literals by name
