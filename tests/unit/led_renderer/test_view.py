"""What widgets see."""

from led_renderer.view import CallCounts, Lamp, View


def test_total_counts_every_live_call_once() -> None:
    assert CallCounts().total == 0
    assert CallCounts(ringing=1, waiting=2, active=4, held=8).total == 15


def test_views_with_equal_content_are_equal() -> None:
    assert View(CallCounts(active=1), (Lamp("1000"),)) == View(CallCounts(active=1), (Lamp("1000"),))
    assert View() != View(lamps=(Lamp("1000"),))


def test_a_lamp_is_idle_and_registered_unless_said() -> None:
    assert Lamp("1000") == Lamp("1000", "idle", registered=True)
