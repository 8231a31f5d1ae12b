"""What is told is what a scraper reads, and no scraper holds anybody up."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from demo_switch.stage import free_port
from lampfield_bus.node import exposition_server
from lampfield_bus.node.exposition import expose
from lampfield_bus.node.exposition_server import SCRAPES, Exposition
from lampfield_bus.node.measures import Family, Histogram, Measure
from lampfield_bus.node.settings import NodeSettings
from support.waiting import until


@pytest.fixture
def histogram() -> Histogram:
    return Histogram("lampfield_work_seconds", "Work.", (0.1, 1.0))


@pytest.fixture
def server(histogram: Histogram) -> Iterator[Exposition]:
    def collect() -> list[Measure]:
        events = Family("lampfield_events", "counter", "By name.", {"A": 3, 'q"\\': 1}, "event")
        return [events, Family.gauge("lampfield_up", "Up.", True), histogram]

    settings = NodeSettings(metrics_port=free_port())
    running = expose(settings, {"switch": "häuser"}, collect)
    assert running is not None
    yield running
    running.shutdown()
    running.server_close()


def fetch(server: Exposition, path: str = "/metrics") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}", timeout=5) as answer:
        return str(answer.read().decode())


def test_what_is_told_is_what_is_read(server: Exposition, histogram: Histogram) -> None:
    histogram.observe(0.5)
    families = {family.name: family for family in text_string_to_metric_families(fetch(server))}
    events = {sample.labels["event"]: sample for sample in families["lampfield_events"].samples}
    assert {name: sample.value for name, sample in events.items()} == {"A": 3, 'q"\\': 1}
    assert {(sample.name, sample.labels["switch"]) for sample in events.values()} == {
        ("lampfield_events_total", "häuser")
    }
    assert [(sample.name, sample.value) for sample in families["lampfield_up"].samples] == [("lampfield_up", 1)]
    work = [
        (sample.name[15:], sample.labels.get("le"), sample.value)
        for sample in families["lampfield_work_seconds"].samples
    ]
    assert ("seconds_bucket", "0.1", 0) in work
    assert ("seconds_bucket", "1.0", 1) in work
    assert ("seconds_bucket", "+Inf", 1) in work
    assert ("seconds_sum", None, 0.5) in work
    assert families["process_resident_memory_bytes"].samples[0].value > 1_000_000


def test_there_is_nothing_else(server: Exposition) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(server, "/")
    assert refused.value.code == 404
    refused.value.close()


def test_who_says_nothing_holds_up_nobody_and_is_bounded(server: Exposition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition_server._Handler, "timeout", 60)  # seconds: for as long as this test may take
    silent = [socket.create_connection(("127.0.0.1", server.server_port)) for _ in range(SCRAPES - 1)]
    assert "lampfield_up" in fetch(server)
    silent.append(socket.create_connection(("127.0.0.1", server.server_port)))
    until(lambda: server._free._value == 0, what="all places taken")
    with pytest.raises(OSError, match=r"closed|reset"):
        fetch(server)
    for one in silent:
        one.close()
    until(lambda: server._free._value == SCRAPES, what="all places free")
    assert "lampfield_up" in fetch(server)


def test_who_says_nothing_is_let_go(server: Exposition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition_server._Handler, "timeout", 0.2)
    with socket.create_connection(("127.0.0.1", server.server_port), 30) as silent:
        assert silent.recv(1) == b""
