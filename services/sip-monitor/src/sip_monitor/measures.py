"""The service's numbers as Prometheus reads them. Pure."""

from lampfield_bus.node.measures import Family, LinkCounts, Measure, link_measures
from sip_monitor.tracker import Tracker

__all__ = ["measures"]


def measures(tracker: Tracker, link: LinkCounts) -> list[Measure]:
    """All families; read while another thread counts, so a number may be a moment old."""
    counter, gauge = Family.counter, Family.gauge
    return [
        counter("lampfield_hep_datagrams", "HEP datagrams received.", tracker.datagrams),
        counter("lampfield_hep_bad_datagrams", "Of them those without HEP or without SIP.", tracker.bad_datagrams),
        counter("lampfield_sip_messages", "SIP messages in them.", tracker.messages),
        gauge("lampfield_sip_dialogs", "Dialogs that are held.", len(tracker.dialogs)),
        counter("lampfield_sip_dropped_dialogs", "Dialogs dropped for want of room.", tracker.dialogs.dropped),
        *link_measures(link),
    ]
