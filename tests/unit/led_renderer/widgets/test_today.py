"""The day so far."""

from led_renderer.view import View
from led_renderer.widgets import Options, today
from led_renderer.widgets.cards import Card, Figure, drawn
from support import views
from support.gallery import BERLIN
from support.views import AT

OPTIONS = Options(timezone=BERLIN, since=AT)


def figures(answered: str, missed: str, failed: str) -> tuple[Figure, ...]:
    return (Figure("check", answered, "000"), Figure("missed", missed), Figure("no-entry", failed))


def test_three_counts() -> None:
    view = View(today=views.today(answered=171, missed=29, failed=10))
    assert today.draw(view, (64, 8), AT, OPTIONS) == drawn((Card(figures("171", "29", "10")),), (64, 8), AT, OPTIONS)


def test_a_day_that_was_not_seen_whole_warns() -> None:
    view = View(today=views.today(answered=1, missed=2, failed=3, complete=False))
    expected = Card((*figures("1", "2", "3"), Figure("warning")))
    assert today.draw(view, (128, 8), AT, OPTIONS) == drawn((expected,), (128, 8), AT, OPTIONS)


def test_nothing_told_is_no_zero() -> None:
    assert today.draw(View(), (64, 8), AT, OPTIONS) == drawn((Card(figures("-", "-", "-")),), (64, 8), AT, OPTIONS)
