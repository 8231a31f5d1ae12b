"""By hand until the next edge that sets the same, also over a restart."""

from zoneinfo import ZoneInfo

from led_renderer.dimmer import Dimmer
from led_renderer.schedule import Edge, Schedule

HOUR = 3_600_000
DAY = 24 * HOUR
EDGES = (Edge(7 * 60, brightness=9, power=True), Edge(20 * 60, power=False))


def dimmer(*edges: Edge) -> Dimmer:
    return Dimmer(Schedule(edges, ZoneInfo("UTC")), 4)


def test_without_a_schedule_a_hand_holds_for_ever() -> None:
    one = dimmer()
    assert (one.brightness(DAY), one.power(DAY), one.due(DAY)) == (4, True, None)
    one.set_brightness(12, DAY)
    one.set_power(False, DAY)
    one.tick(900 * DAY)
    assert (one.brightness(900 * DAY), one.power(900 * DAY)) == (12, False)
    one.set_brightness(None, 900 * DAY)
    assert one.brightness(900 * DAY) == 4


def test_a_hand_holds_until_the_next_edge_that_sets_the_same() -> None:
    one = dimmer(*EDGES)
    one.set_brightness(15, DAY + 12 * HOUR)
    one.set_power(True, DAY + 21 * HOUR)
    assert (one.brightness(DAY + 21 * HOUR), one.power(DAY + 21 * HOUR)) == (15, True), "the evening sets power alone"
    assert one.due(DAY + 21 * HOUR) == 2 * DAY + 7 * HOUR
    assert (one.brightness(2 * DAY + 7 * HOUR), one.manual_power(2 * DAY + 7 * HOUR)) == (9, None)


def test_what_an_edge_ended_stays_ended_under_another_schedule() -> None:
    one = dimmer(*EDGES)
    one.set_power(False, DAY + 6 * HOUR)
    one.tick(DAY + 8 * HOUR)
    one.schedule = Schedule((), ZoneInfo("UTC"))
    assert one.power(DAY + 8 * HOUR)


def test_a_hand_moves_with_a_stepped_clock() -> None:
    one = dimmer(*EDGES)
    one.set_brightness(15, HOUR)  # before the clock was set: 1970
    one.shift(20_000 * DAY + 12 * HOUR)
    assert one.brightness(20_000 * DAY + 13 * HOUR) == 15
    assert one.brightness(20_001 * DAY + 7 * HOUR) == 9
