"""What a Prometheus would read of a process of a test's own."""

import socket
import urllib.request
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from support.waiting import until

__all__ = ["Scrape", "scrape"]

Scrape = Mapping[tuple[str, str], float]


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def scrape(port: int) -> Scrape:
    """Samples by name and the values of their labels but the process's own: `("lampfield_calls", "active")`."""
    until(lambda: _open(port), what=f"a process that listens on {port}")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name not in ("switch", "display")}
            found[sample.name, ",".join(labels.values())] = sample.value
    return found
