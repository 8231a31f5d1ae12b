"""Nothing that is shown flashes more than three times in any second, whatever is sent (photosensitive epilepsy).

A flash is a pair of opposing changes of the panel's light by a tenth of its area or more (WCAG 2.2, "general flash").
"""

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from led_renderer.board import Board
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


def flashes(lights: list[tuple[int, float]]) -> int:
    """The most flashes in any second, of (instant, lit part of the panel)."""
    turns: list[int] = []
    direction, extreme = 0, lights[0][1]
    for at, light in lights:
        if direction * (light - extreme) > 0 or not direction:
            if abs(light - extreme) >= 0.1 and not direction:
                direction = 1 if light > extreme else -1
                turns.append(at)
                extreme = light
            elif direction:
                extreme = light
        elif abs(light - extreme) >= 0.1:
            direction, extreme = -direction, light
            turns.append(at)
    most = max((sum(begin <= turn < begin + SECOND for turn in turns) for begin in turns), default=0)
    return -(-most // 2)


def test_the_measure_measures() -> None:
    assert flashes([(at * 100, at % 2) for at in range(30)]) == 5
    assert flashes([(at * 500, at % 2) for at in range(30)]) == 1
    assert flashes([(at * 100, 0.05 * (at % 2)) for at in range(30)]) == 0


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
    lights: list[tuple[int, float]] = []
    pending = sorted(orders, key=lambda order: order[0])
    now = NOW
    while now < NOW + 7 * SECOND:
        while pending and NOW + pending[0][0] * SECOND <= now:
            command(board, "notify", json.dumps(pending.pop(0)[1]), now)
        board.tick(now)
        frame, change = scene(board, board.panel, now)
        lights.append((now, sum(row.bit_count() for row in frame.rows) / (width * 8)))
        until = NOW + pending[0][0] * SECOND if pending else now + SECOND
        due = [each for each in (change, board.due(), until) if each is not None and each > now]
        now = min(due)
    assert flashes(lights) <= FLASHES
    assert all(later > earlier for (earlier, _), (later, _) in pairwise(lights))
