"""The service's numbers for Prometheus."""

from lampfield_bus.node.measures import Family, LinkCounts
from sip_monitor.measures import measures
from sip_monitor.tracker import Rules, Tracker
from support.sip import T0, recorded


def test_what_a_tracker_counted() -> None:
    tracker = Tracker(Rules())
    for each in (*recorded("call_bridged"), b"junk"):
        tracker.datagram(each, T0)
    link = LinkCounts(True, 1, 0, 0, 0, 0, 0, 0)
    told = {
        each.name: each.values[""] for each in measures(tracker, link) if isinstance(each, Family) and not each.label
    }
    assert told["lampfield_hep_datagrams"] == 19
    assert told["lampfield_hep_bad_datagrams"] == 1
    assert told["lampfield_sip_messages"] == 18
    assert told["lampfield_sip_dialogs"] == 3
    assert told["lampfield_sip_dropped_dialogs"] == 0
    assert told["lampfield_mqtt_up"] == 1
