"""Measures: what is counted adds up, by Prometheus' rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.node.measures import SECONDS, Family, Histogram, LinkCounts, link_measures


@given(st.lists(st.floats(0, 10)))
def test_a_histogram_counts_each_once_and_its_buckets_never_fall(times: list[float]) -> None:
    histogram = Histogram("h", "text")
    for seconds in times:
        histogram.observe(seconds)
    buckets = histogram.buckets()
    assert [end for end, _ in buckets] == [*SECONDS, float("inf")]
    assert [count for _, count in buckets] == [sum(seconds <= end for seconds in times) for end, _ in buckets]
    assert histogram.count == len(times)
    assert histogram.sum == pytest.approx(sum(times))


def test_a_link_tells_all_that_it_counts() -> None:
    told = link_measures(LinkCounts(True, 2, 3, 5, 7, 11, 13, 17))
    values = {
        family.name.removeprefix("lampfield_mqtt_"): family.values for family in told if isinstance(family, Family)
    }
    assert values == {
        "up": {"": True},
        "connections": {"": 2},
        "messages_received": {"": 3},
        "messages_published": {"": 5},
        "messages_dropped": {"": 7},
        "outbox_messages": {"waiting": 11, "under_way": 13},
        "retained_topics": {"": 17},
    }
