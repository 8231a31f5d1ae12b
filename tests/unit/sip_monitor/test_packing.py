"""A ladder that rests is the same ladder, and far shorter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip_monitor.packing import packed, unpacked
from sip_monitor.tracker import Rules, Tracker
from support.sip import T0, recorded


@given(st.binary(max_size=2000))
def test_packed_and_unpacked_it_is_the_same(payload: bytes) -> None:
    assert unpacked(packed(payload)) == payload


@pytest.mark.parametrize("name", ["call_bridged", "call_busy_486", "call_cancel", "register"])
def test_a_recorded_ladder_takes_a_quarter_at_most(name: str) -> None:
    tracker = Tracker(Rules(frozenset({"OPTIONS"})))
    for each in recorded(name):
        tracker.datagram(each, T0)
    for call_id in tracker.records:
        payload = tracker.records[call_id].payload()
        assert len(packed(payload)) * 4 < len(payload)
