"""What the bus tells of switches, and when it stops being believed."""

from typing import Literal

import msgspec
import pytest

from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.instants import rfc3339
from lampfield_bus.node.life import LOST_MS, STALE_MS
from led_renderer.switches import Source, Switches
from led_renderer.view import CallCounts

NOW = 1_795_388_313_341
CALL = msgspec.convert(EXAMPLES[m.Call], m.Call)


def info(esl: Literal["connecting", "connected", "lost"] = "connected", since: int = NOW) -> m.SwitchInfo:
    return m.SwitchInfo(
        instance="i", esl=esl, since=rfc3339(since), hostname=None, version=None, core_uuid=None, domain=None, epoch=1
    )


def health(at: int, topics: int = 0) -> m.SwitchHealth:
    return m.SwitchHealth(
        at=rfc3339(at), uptime=1, lag_ms=None, queue=0, dropped=0, resyncs=0, topics=topics, rss_bytes=1
    )


def calls(ringing: int = 0, active: int = 0) -> m.Calls:
    return m.Calls(at=rfc3339(NOW), ringing=ringing, waiting=0, active=active, held=0, total=ringing + active)


def extension(state: Literal["idle", "ringing"] = "idle", *, registered: bool = True) -> m.Extension:
    return m.Extension(
        state=state, name=None, registered=registered, contacts=1, calls=[], since=rfc3339(NOW), voicemail=None,
        missed_today=0,
    )  # fmt: skip


def tell(
    switches: Switches, channel: c.Channel, names: tuple[str, ...], message: m.State | str, *, fresh: bool = False,
    now: int = NOW,
) -> None:  # fmt: skip
    topic = channel.topic(*names)
    switches.receive(topic, channel.publication(topic, message).payload, fresh=fresh, now=now)


def heard(name: str = "main", *, at: int = NOW) -> Switches:
    switches = Switches()
    tell(switches, c.SWITCH_AVAILABILITY, (name,), "online")
    tell(switches, c.SWITCH_INFO, (name,), info())
    tell(switches, c.SWITCH_HEALTH, (name,), health(at))
    return switches


def source(switches: Switches, name: str = "main") -> Source:
    return switches.sources[name]


def test_a_switch_that_is_online_connected_and_fresh_is_believed() -> None:
    switches = heard()
    assert not source(switches).lost(NOW + 1_000)
    assert not source(switches).stale(NOW + STALE_MS)


def test_age_makes_it_stale_then_lost_since_its_last_health() -> None:
    switches = heard()
    stale, lost, _ = source(switches).edges()
    assert not source(switches).stale(stale - 1)
    assert source(switches).stale(stale)
    assert not source(switches).lost(lost - 1)
    assert source(switches).lost(lost)
    assert source(switches).lost_since == NOW
    assert (stale, lost) == (NOW + STALE_MS + 1, NOW + LOST_MS)


@pytest.mark.parametrize("esl", ["lost", "connecting"])
def test_a_lost_esl_link_counts_from_its_own_instant(esl: Literal["lost", "connecting"]) -> None:
    switches = heard()
    tell(switches, c.SWITCH_INFO, ("main",), info(esl, NOW - 90_000))
    assert source(switches).lost(NOW)
    assert source(switches).lost_since == NOW - 90_000


def test_an_offline_publisher_counts_from_its_last_health() -> None:
    switches = heard(at=NOW - 5_000)
    tell(switches, c.SWITCH_AVAILABILITY, ("main",), "offline")
    assert source(switches).lost(NOW)
    assert source(switches).lost_since == NOW - 5_000


def test_a_publisher_that_never_told_its_health_is_lost() -> None:
    switches = Switches()
    tell(switches, c.SWITCH_INFO, ("main",), info(since=NOW - 1_000))
    assert source(switches).lost(NOW)
    assert source(switches).lost_since == NOW - 1_000


def test_a_clock_that_is_wrong_does_not_make_a_live_switch_lost() -> None:
    """This clock is ten minutes ahead: the ages are the switch's, but one is warned."""
    switches = heard(at=NOW - 600_000)
    assert source(switches).lost(NOW)
    for late in (180, 20, 90):
        tell(switches, c.SWITCH_HEALTH, ("main",), health(NOW - 600_000), fresh=True, now=NOW + late)
    assert source(switches).skew == 600_020
    assert not source(switches).lost(NOW + 100)
    assert source(switches).stale(NOW + 100)


@pytest.mark.parametrize("age", [LOST_MS, 60_000])
def test_a_single_health_that_says_it_is_old_is_old(age: int) -> None:
    """Whoever tells one thing once, a minute late, is no publisher with a wrong clock: a live one soon tells again."""
    switches = Switches()
    tell(switches, c.SWITCH_INFO, ("main",), info())
    tell(switches, c.SWITCH_HEALTH, ("main",), health(NOW - age), fresh=True)
    assert source(switches).skew is None
    assert source(switches).lost(NOW)
    later = NOW + 15_000
    tell(switches, c.SWITCH_HEALTH, ("main",), health(later - age), fresh=True, now=later)
    assert source(switches).skew == age
    assert not source(switches).lost(later)


def test_a_stored_health_tells_nothing_of_the_clocks() -> None:
    assert source(heard(at=NOW - 20_000)).skew is None


def test_counts_and_lamps_are_merged_over_the_believed_ones_only() -> None:
    switches = heard("a")
    for name, count in (("a", 2), ("b", 3)):
        tell(switches, c.SWITCH_CALLS, (name,), calls(active=count))
        tell(switches, c.SWITCH_EXTENSION, (name, "10"), extension("ringing"))
    tell(switches, c.SWITCH_EXTENSION, ("a", "2"), extension(registered=False))
    tell(switches, c.SWITCH_EXTENSION, ("a", "door"), extension())
    view = switches.view(NOW)
    assert view.calls == CallCounts(active=2)
    assert [(lamp.extension, lamp.state, lamp.registered) for lamp in view.lamps] == [
        ("2", "idle", False),
        ("a/10", "ringing", True),
        ("door", "idle", True),
    ]
    tell(switches, c.SWITCH_INFO, ("b",), info())
    tell(switches, c.SWITCH_HEALTH, ("b",), health(NOW))
    assert switches.view(NOW).calls == CallCounts(active=5)
    assert [lamp.extension for lamp in switches.view(NOW).lamps] == ["2", "a/10", "b/10", "door"]


def test_the_view_is_the_same_object_until_something_changes() -> None:
    switches = heard()
    assert switches.view(NOW) is switches.view(NOW + 1_000)
    before = switches.view(NOW)
    tell(switches, c.SWITCH_CALLS, ("main",), calls(ringing=1))
    assert switches.view(NOW) is not before


def test_a_message_that_changes_nothing_to_be_seen_leaves_the_view_as_it_is() -> None:
    switches = heard()
    tell(switches, c.SWITCH_CALLS, ("main",), calls(active=2))
    tell(switches, c.SWITCH_EXTENSION, ("main", "1000"), extension())
    before = switches.view(NOW)
    tell(switches, c.SWITCH_HEALTH, ("main",), health(NOW + 1), fresh=True)
    tell(switches, c.SWITCH_CALL, ("main", "x"), CALL)
    tell(switches, c.SWITCH_CALLS, ("main",), calls(active=2))
    tell(switches, c.SWITCH_EXTENSION, ("main", "1000"), extension())
    assert switches.view(NOW) is before
    tell(switches, c.SWITCH_EXTENSION, ("main", "1000"), extension("ringing"))
    assert switches.view(NOW) is not before
    assert switches.view(NOW).calls is before.calls


def lacking(switches: Switches, topics: int, *, calls_told: int) -> bool:
    """Of a switch that says it has so many topics and calls, while the three of `heard` and `calls` reach us."""
    tell(switches, c.SWITCH_CALLS, ("main",), calls(active=calls_told))
    tell(switches, c.SWITCH_HEALTH, ("main",), health(NOW, topics), fresh=True)
    return source(switches).lacking


def test_what_an_access_list_hides_is_missed_once_and_then_no_more() -> None:
    """3 topics are heard; `recent` and a topic for each call are not let through."""
    first = heard()
    assert lacking(first, 3 + 1 + 4, calls_told=4)
    second = heard()
    second.adopt(first)
    assert not lacking(second, 3 + 1 + 4, calls_told=4)
    assert lacking(second, 3 + 1 + 5, calls_told=4), "one more than can be hidden"
    assert not lacking(second, 3 + 1 + 4, calls_told=0), "what `calls` says may be newer than what `health` counted"
    third = heard()
    third.adopt(second)
    assert not lacking(third, 3 + 1 + 4, calls_told=4)


def test_who_hears_of_single_calls_misses_every_topic() -> None:
    first, second = heard(), heard()
    assert lacking(first, 9, calls_told=4)
    second.adopt(first)
    tell(second, c.SWITCH_CALL, ("main", "x"), CALL)
    assert lacking(second, 5, calls_told=4)
    assert not lacking(second, 4, calls_told=4)


def test_deletions_leave_nothing() -> None:
    switches = heard()
    tell(switches, c.SWITCH_EXTENSION, ("main", "1000"), extension())
    for topic in (*source(switches).topics, c.SWITCH_AVAILABILITY.topic("main")):
        switches.receive(topic, b"", fresh=True, now=NOW)
    assert switches.sources == {}
    switches.receive(c.SWITCH_CALLS.topic("other"), b"", fresh=True, now=NOW)
    assert switches.sources == {}


def test_every_retained_topic_is_counted_but_availability() -> None:
    switches = heard()
    tell(switches, c.SWITCH_CALLS, ("main",), calls())
    assert len(source(switches).topics) == 3


def test_a_bad_message_raises_and_changes_nothing() -> None:
    switches = heard()
    tell(switches, c.SWITCH_CALLS, ("main",), calls(active=1))
    with pytest.raises(ValueError, match="active"):
        switches.receive("switch/main/calls", b'{"active": "many"}', fresh=True, now=NOW)
    assert switches.view(NOW).calls == CallCounts(active=1)
    switches.receive("switch/main/event/call/started", b"not json", fresh=True, now=NOW)
    switches.receive("somebody/elses", b"x", fresh=True, now=NOW)


def test_an_instant_that_no_calendar_has_raises_and_changes_nothing() -> None:
    switches = heard()
    tell(switches, c.SWITCH_INFO, ("main",), info("lost", NOW - 7_000))
    impossible = rfc3339(NOW).replace("-11-", "-13-").encode()
    for channel, message in ((c.SWITCH_INFO, info("connected")), (c.SWITCH_HEALTH, health(NOW))):
        topic = channel.topic("main")
        payload = channel.publication(topic, message).payload.replace(rfc3339(NOW).encode(), impossible)
        with pytest.raises(ValueError, match="instant"):
            switches.receive(topic, payload, fresh=True, now=NOW)
    assert source(switches).lost_since == NOW - 7_000


def test_a_health_from_the_future_says_that_this_clock_is_behind() -> None:
    switches = heard(at=NOW + 60_000)
    *_, past = source(switches).edges()
    assert source(switches).stale(past - 1)
    assert not source(switches).stale(past)


def test_a_switch_whose_clock_is_set_back_is_believed_again_with_its_second_health() -> None:
    switches = heard()
    for tick in range(4):
        tell(switches, c.SWITCH_HEALTH, ("main",), health(NOW + tick * 15_000), fresh=True, now=NOW + tick * 15_000)
    for tick in (4, 5):
        now = NOW + tick * 15_000
        tell(switches, c.SWITCH_HEALTH, ("main",), health(now - 3_600_000), fresh=True, now=now)
    assert not source(switches).lost(now)
    assert source(switches).stale(now), "an hour apart"


def test_a_new_reading_keeps_what_is_known_of_the_clocks() -> None:
    older = heard()
    tell(older, c.SWITCH_HEALTH, ("main",), health(NOW - 7_000), fresh=True)
    fresh = heard()
    fresh.adopt(older)
    assert source(fresh).skew == 7_000
    newer = heard()
    tell(newer, c.SWITCH_HEALTH, ("main",), health(NOW - 3_000), fresh=True)
    newer.adopt(older)
    assert source(newer).skew == 3_000, "one that came while it was read counts too"


def test_a_stored_health_from_the_future_is_believed_no_longer_than_a_young_one() -> None:
    """A Pi boots in 1970 and has no NTP; the publisher died with the broker, whose store still says `online`."""
    boot = 60_000
    ended = boot + LOST_MS

    def stored(now: int) -> Switches:
        switches = Switches()
        tell(switches, c.SWITCH_AVAILABILITY, ("main",), "online", now=now)
        tell(switches, c.SWITCH_INFO, ("main",), info(), now=now)
        tell(switches, c.SWITCH_HEALTH, ("main",), health(NOW), now=now)
        return switches

    switches = stored(boot)
    assert source(switches).stale(boot)
    assert not source(switches).lost(ended - 1)
    assert source(switches).lost(ended)
    assert ended in source(switches).edges()
    assert source(switches).lost_since == boot
    again = stored(ended)
    again.adopt(switches)
    assert source(again).lost(ended), "another reading makes it no younger"
    again.shift(NOW)
    assert source(again).lost(NOW + ended)
    tell(again, c.SWITCH_HEALTH, ("main",), health(NOW + 7_000), fresh=True, now=ended)
    assert not source(again).lost(ended), "one that comes now tells how far the clocks are apart"
