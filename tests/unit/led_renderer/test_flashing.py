"""Nothing that is shown flashes more than three times in any second, whatever is sent (photosensitive epilepsy).

A flash is a pair of changes from one frame to the next in which nearly every pixel changes, as when a picture becomes
its negative, or in which a picture goes out or comes on. What scrolls or slides moves a column at a time and is none.
"""

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from led_renderer.board import Board
from led_renderer.frame import Frame
from led_renderer.pages_file import loaded
from led_renderer.scene import scene
from support.boards import NOW, command, panel, read, switch

SECOND = 1_000
FLASHES = 3

PAGES = """
transition: wipe
pages:
  - {widget: calls, seconds: 1, crit: 5}
  - {widget: clock, seconds: 1, value: calls.total, warn: 3, crit: 5, transition: slide}
  - {widget: text, seconds: 2, template: "{calls.total} calls right now", value: calls.total, crit: 4}
"""
notices = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["!", "Fire", "█████", "a longer text that has to scroll"]),
        "priority": st.sampled_from(["critical", "critical", "warning", "info"]),
        "effect": st.sampled_from(["none", "blink", "invert"]),
        "seconds": st.sampled_from([0.01, 0.3, 0.5, 0.7, 1, 3]),
        "repeat": st.integers(1, 3),
        "hold": st.booleans(),
        "id": st.sampled_from("abcdefgh"),
    },
    optional={"icon": st.sampled_from(["warning", "no-entry"])},
)


def is_large(before: Frame, after: Frame) -> bool:
    changed = sum((one ^ other).bit_count() for one, other in zip(before.rows, after.rows, strict=True))
    part = changed / (after.width * after.height)
    return part >= 0.75 or (part >= 0.1 and (before.dark or after.dark))


def flashes(frames: list[tuple[int, Frame]]) -> float:
    """The most flashes in any second, of what was shown from which instant on."""
    changes = [at for (_, before), (at, frame) in pairwise(frames) if is_large(before, frame)]
    return max((sum(begin <= at < begin + SECOND for at in changes) for begin in changes), default=0) / 2


def test_the_measure_measures() -> None:
    dark = Frame(8, 8)
    assert flashes([(at * 100, dark.inverted() if at % 2 else dark) for at in range(30)]) == 5
    assert flashes([(at * 500, dark.inverted() if at % 2 else dark) for at in range(30)]) == 1
    assert flashes([(at * 100, Frame(8, 8, (at, at, 99))) for at in range(30)]) == 0
    text = Frame(8, 8, (0b1111, 0b1001, 0b1111))
    assert flashes([(at * 250, text if at % 2 else dark) for at in range(30)]) == 2


@given(
    orders=st.lists(st.tuples(st.integers(0, 5), notices), max_size=6),
    active=st.integers(0, 8),
    width=st.sampled_from([8, 32, 64]),
)
@settings(deadline=None, max_examples=40)
def test_nothing_flashes_faster_than_three_hertz(
    orders: list[tuple[int, dict[str, object]]], active: int, width: int
) -> None:
    """Orders come on whole seconds: somebody who sends them faster than that can always make a panel flicker."""
    plan = loaded(PAGES.encode(), "f").plan
    assert plan is not None
    board = Board(panel(width=width), plan)
    read(board, *switch(active=active))
    frames: list[tuple[int, Frame]] = []
    pending = sorted(orders, key=lambda order: order[0])
    now = NOW
    while now < NOW + 7 * SECOND:
        while pending and NOW + pending[0][0] * SECOND <= now:
            command(board, "notify", json.dumps(pending.pop(0)[1]), now)
        board.tick(now)
        frame, change = scene(board, board.panel, now)
        frames.append((now, frame))
        until = NOW + pending[0][0] * SECOND if pending else now + SECOND
        due = [each for each in (change, board.due(), until) if each is not None and each > now]
        now = min(due)
    assert flashes(frames) <= FLASHES
