"""`/metrics` of both services, read from the real processes as Prometheus would."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_switch.stage import free_port
from support.broker import Broker, Bus
from support.captures import events
from support.esl_server import EslServer, Obedient, frame
from support.publisher import Publisher
from support.renderer import Renderer, tell_switch
from support.scraping import Scrape, scrape
from support.waiting import until

CALL = [frame(body) for body in events("call_bridged")]
STARTING = 30.0  # seconds that a process may take to start on a busy machine
NAMES = Counter(json.loads(body)["Event-Name"] for body in events("call_bridged"))


@pytest.fixture
def bus(broker: Broker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe()


def by_name(found: Scrape) -> dict[str, float]:
    """The events that were counted."""
    return {label: value for (name, label), value in found.items() if name == "lampfield_esl_events_total"}


def test_the_publisher_counts_events_calls_and_links(tmp_path: Path, broker: Broker, bus: Bus) -> None:
    script, port = Obedient(), free_port()
    with (
        EslServer(script) as server,
        Publisher(tmp_path, broker, server, METRICS_PORT=str(port), LOG_LEVEL="debug", LOG_FORMAT="json") as publisher,
    ):
        until(lambda: "resync: " in publisher.log, STARTING)
        script.say(b"".join(CALL))
        bus.wait_for(lambda: bus.payloads("switch/main/event/call/ended"))
        until(lambda: by_name(scrape(port)) == NAMES)

        found = scrape(port)
        assert found["lampfield_esl_up", ""] == found["lampfield_mqtt_up", ""] == 1
        assert found["lampfield_calls", "active"] == 0
        assert found["lampfield_esl_decode_seconds_count", ""] >= 1
        assert found["lampfield_turn_seconds_sum", ""] > 0
        assert found["lampfield_resync_seconds_count", ""] >= 1
        assert found["lampfield_mqtt_messages_published_total", ""] > 5
        assert found["process_resident_memory_bytes", ""] > 10_000_000

        call = json.loads(bus.payloads("switch/main/event/call/ended")[0])["id"]
        lines = [json.loads(line) for line in publisher.log.splitlines()]
        about = [line["message"] for line in lines if (line.get("call"), line.get("switch")) == (call, "main")]
        assert any("was started" in line for line in about)
        assert any("has ended: answered" in line for line in about)

        script.listeners[0].close()
        script.answers.clear()
        until(lambda: scrape(port)["lampfield_esl_up", ""] == 0)


def test_a_scraper_that_stands_still_stalls_no_event(tmp_path: Path, broker: Broker, bus: Bus) -> None:
    script, port = Obedient(), free_port()
    with EslServer(script) as server, Publisher(tmp_path, broker, server, METRICS_PORT=str(port)) as publisher:
        until(lambda: "connected to FreeSWITCH" in publisher.log, STARTING)
        bus.wait_for(lambda: bus.latest.get("switch/main/calls"))
        until(lambda: scrape(port))
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        for one in slow:
            one.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")  # and never the empty line that ends it
        script.say(b"".join(CALL))
        bus.wait_for(lambda: bus.payloads("switch/main/event/call/ended"))
        for one in slow:  # a server that waits for them gives them 5 s, and closes: they were not waited for
            one.setblocking(False)
            with pytest.raises(BlockingIOError):
                one.recv(1)
            one.close()


def test_the_renderer_counts_frames_and_spi(tmp_path: Path, broker: Broker, bus: Bus) -> None:
    tell_switch(bus, active=7)
    port = free_port()
    with Renderer(broker, tmp_path, spi=True, METRICS_PORT=str(port)):
        bus.wait_until_online("display/hall", limit=STARTING)
        bus.publish("display/hall/cmd/notify", '{"text": "hello", "hold": true}')
        bus.publish("display/hall/cmd/brightness", "99")
        until(lambda: scrape(port).get(("lampfield_notifications", "")) == 1)
        until(lambda: scrape(port)["lampfield_commands_rejected_total", ""] == 1)
        found = scrape(port)
        assert found["lampfield_mqtt_up", ""] == 1
        assert found["lampfield_display_frames_total", ""] >= 1
        assert found["lampfield_spi_bytes_total", ""] > 100
        assert found["lampfield_spi_errors_total", ""] == 0
        assert found["lampfield_display_power", ""] == 1
        assert found["lampfield_display_trouble", "NO BUS"] == 0
        assert found["lampfield_turn_seconds_count", ""] >= 1

        broker.kill()
        until(lambda: scrape(port)["lampfield_display_trouble", "NO BUS"] == 1)
        assert scrape(port)["lampfield_mqtt_up", ""] == 0
