"""Turns are counted from the epoch: whoever asks at the same instant is told the same."""

from hypothesis import given
from hypothesis import strategies as st

from led_renderer.pages import NOTHING, Page, Rotation, before, breather_ms, expanded, rotation, turn
from led_renderer.pages_file import DEFAULT
from led_renderer.view import Lamp, View
from support.views import queue

LAMPS = View(lamps=(Lamp("1000"),))
A, B = Page(name="a", widget="calls", seconds=10), Page(name="b", widget="clock", seconds=5)
NEEDY = Page(name="needy", widget="lamps", seconds=7)
PAGES = rotation((A, B), View())


def names(pages: Rotation, *instants: int) -> list[str]:
    return [turn(pages, now).page.name for now in instants]


def test_each_page_has_its_seconds_counted_from_the_epoch() -> None:
    assert names(PAGES, 0, 9_999, 10_000, 14_999, 15_000, 15_000_000) == list("aabbaa")
    assert turn(PAGES, 1_234_567_890_123) == turn(PAGES, 1_234_567_890_123)


@given(st.integers(-(10**14), 10**14))
def test_a_turn_holds_the_instant_it_was_asked_for_and_the_turns_fit(now: int) -> None:
    present = turn(PAGES, now)
    assert present.ends is not None
    assert present.begins <= now < present.ends
    assert turn(PAGES, present.ends).begins == present.ends
    assert before(PAGES, present).ends == present.begins


def test_a_page_that_stays_and_a_page_that_is_alone_never_end() -> None:
    assert turn(PAGES, 12_000, A) == (A, 0, None)
    assert turn(rotation((A,), View()), 12_000).ends is None


def test_without_anything_to_show_there_is_the_time() -> None:
    assert turn(rotation((NEEDY,), View()), 0).page is NOTHING
    assert turn(rotation((), View()), 0).page is NOTHING


@given(st.permutations([A, B, NEEDY, Page(name="c", widget="text", template="c", seconds=3)]), st.integers(0, 10**13))
def test_a_page_that_comes_or_goes_moves_no_other(pages: list[Page], now: int) -> None:
    """It takes its own turn back, which it had lent to the page before it; everything else stays where it was."""
    without, with_it = rotation(tuple(pages), View()), rotation(tuple(pages), LAMPS)
    here, there = turn(without, now), turn(with_it, now)
    if there.page is NEEDY:
        assert here.page is before(with_it, there).page
        assert (there.ends or 0) - there.begins == 7_000
    else:
        assert here.page is there.page
        assert here.begins == there.begins


def test_a_queue_page_is_a_page_for_each_queue_and_looks_at_its_own() -> None:
    every = Page(name="queue", widget="queue", value="queue.*.waiting")
    found = expanded((A, every, B), View(queues=(queue("sales"), queue("support@default"))))
    assert [page.name for page in found] == ["a", "queue:sales", "queue:support@default", "b"]
    assert [(page.subject, page.value) for page in found[1:3]] == [
        ("sales", "queue.sales.waiting"),
        ("support@default", "queue.support@default.waiting"),
    ]
    assert expanded((A, every, B), View()) == (A, B)


def test_lamps_wait_for_the_first_extension() -> None:
    first = [page for page in DEFAULT.pages if page.widget in ("calls", "lamps", "clock")]
    assert [page.name for page, _ in rotation(tuple(first), View()).turns] == ["calls", "clock"]
    assert [page.name for page, _ in rotation(tuple(first), LAMPS).turns] == ["calls", "lamps", "clock"]


@given(st.integers(0, 10**9))
def test_a_breather_holds_one_whole_turn(now: int) -> None:
    until = now + breather_ms(PAGES, now)
    begins = turn(PAGES, now).begins if now == turn(PAGES, now).begins else turn(PAGES, now).ends
    assert begins is not None
    assert turn(PAGES, begins).ends == until


def test_a_page_without_an_end_is_seen_for_its_seconds() -> None:
    assert breather_ms(PAGES, 3_000, B) == 5_000
