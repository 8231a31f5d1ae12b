"""`info` and `state`: told when they changed, and read back."""

import msgspec
import pytest

from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from led_renderer.commands import Accepted, Identify, Refused
from led_renderer.dimmer import Dimmer
from led_renderer.page_topics import PageTopics
from led_renderer.pages import Page
from led_renderer.pages_file import DEFAULT
from led_renderer.programme import Programme
from led_renderer.schedule import Edge, Schedule
from led_renderer.statement import Statement, restore, result
from support.boards import NOW, UTC, panel


def parts(*edges: Edge) -> tuple[Dimmer, Programme]:
    return Dimmer(Schedule(edges, UTC), 4), Programme(DEFAULT, PageTopics(()))


def test_info_is_told_when_the_pages_change_and_only_then() -> None:
    statement = Statement(panel())
    pages = (Page(name="a", widget="calls"), Page(name="b", widget="clock"))
    told = statement.info(pages, NOW)
    assert msgspec.json.decode(told[0].payload, type=m.DisplayInfo).pages == ["a", "b"]
    assert statement.info(pages, NOW) == []
    assert len(statement.info(pages[:1], NOW)) == 1
    again = statement.info(pages[:1], NOW + 7_000)  # a Pi has been set by NTP: it did not start in 1970
    assert msgspec.json.decode(again[0].payload, type=m.DisplayInfo).since == rfc3339(NOW + 7_000)


def test_state_goes_out_and_comes_back() -> None:
    dimmer, programme = parts()
    dimmer.set_brightness(11, NOW - 9_000)
    dimmer.set_power(False, NOW - 8_000)
    programme.stay, programme.levels = "calls", {"calls": "crit"}
    told = Statement(panel()).state(dimmer, programme, "clock", "n1", NOW)
    state = msgspec.json.decode(told[0].payload, type=m.DisplayState)
    assert (state.page, state.page_mode, state.notification, state.power_mode) == ("calls", "manual", "n1", "manual")
    again, other = parts()
    restore(told[0].payload, again, other, NOW)
    assert (again.manual_brightness(NOW), again.manual_power(NOW)) == (
        (11, NOW - 9_000, False),
        (0, NOW - 8_000, False),
    )
    assert (other.stay, other.levels) == ("calls", {"calls": "crit"})
    assert Statement(panel()).state(again, other, "clock", "n1", NOW) == told


def read_back(brightness: int, now: int) -> Dimmer:
    """Set by hand two hours ago, switched off too, and read back at `now`; between them lay an edge."""
    hour = 3_600_000
    dimmer, programme = parts()
    dimmer.set_brightness(brightness, NOW - 2 * hour)
    dimmer.set_power(False, NOW - 2 * hour)
    told = Statement(panel()).state(dimmer, programme, None, None, NOW - 2 * hour)[0].payload
    minute = NOW // 60_000 % 1440 - 60  # an hour ago
    again, other = parts(Edge(minute, brightness=7, power=True))
    restore(told, again, other, now)
    return again


def test_an_edge_that_passed_while_it_was_down_counts() -> None:
    again = read_back(11, NOW)
    assert (again.brightness(NOW), again.power(NOW)) == (7, True)


def test_the_state_of_an_earlier_version_is_read_too() -> None:
    dimmer, programme = parts()
    restore(
        b'{"power":"off","brightness":3,"brightness_mode":"manual","page":null,"page_mode":"auto","notification":null}',
        dimmer, programme, NOW,
    )  # fmt: skip
    assert (dimmer.brightness(NOW), dimmer.power(NOW), programme.stay) == (3, False, None)
    with pytest.raises(ValueError, match="power"):
        restore(b'{"power": 3}', dimmer, programme, NOW)


def test_results() -> None:
    def told(answer: Accepted | Refused | str) -> m.Result:
        return msgspec.json.decode(result(panel(), answer).payload, type=m.Result)

    assert told("pages") == m.Result(cmd="pages", ok=True)
    assert told(Accepted("identify", Identify(), "t")) == m.Result(cmd="identify", ok=True, transaction="t")
    assert told(Refused("text", "no", "text")) == m.Result(cmd="text", ok=False, error="no", field="text")


def test_a_pi_that_gets_its_clock_late_knows_which_edges_have_passed() -> None:
    """It boots in 1970, reads back what was switched off before this morning's edge, and is then set by NTP."""
    boot = 60_000
    again = read_back(1, boot)
    assert (again.brightness(boot), again.power(boot)) == (1, False)
    again.shift(NOW - boot)
    again.tick(NOW)
    assert (again.brightness(NOW), again.power(NOW)) == (7, True)
