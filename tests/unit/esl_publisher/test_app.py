"""The wiring, with a link that only remembers. The real process is in tests/integration/test_publisher.py."""

import functools
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from esl_publisher import app as app_module
from esl_publisher.app import App
from esl_publisher.settings import Settings
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.run import FAILED, OK, Now


def made(**values: object) -> Settings:
    """Settings by name, and no .env of somebody's."""
    make: Callable[..., Settings] = Settings
    return make(**{"_env_file": None, **values})


class FakeLink:
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.sent: list[Publication] = []
        self.alive = True
        self.dropped = 3
        self.retained_topics = 7
        self.readings = 0
        self.started = self.stopped = False

    def start(self) -> None:
        self.started = True

    def send(self, publications: Iterable[Publication]) -> None:
        self.sent.extend(publications)

    def read_again(self) -> None:
        self.readings += 1

    def stop(self, limit: float) -> None:
        assert limit <= 2.0
        self.stopped = True


class FakeScout(FakeLink):
    """Finds these messages and the end of what is retained."""

    def __init__(self, inbox: Inbox, found: tuple[Message, ...]) -> None:
        super().__init__(inbox)
        self.found = found

    def start(self) -> None:
        arrivals: tuple[Arrival, ...] = (Connected(), ReadingBegan(), ReadingEnded(complete=True), *self.found)
        for arrival in arrivals:
            self.inbox.put(arrival)


class Bench:
    def __init__(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch, neighbour: tuple[Message, ...] = ()
    ) -> None:
        monkeypatch.setattr(app_module, "_link", lambda _, inbox: FakeLink(inbox))
        monkeypatch.setattr(app_module, "_scout", lambda _, __, inbox: FakeScout(inbox, neighbour))
        self.app = App(settings)
        self.link: Any = self.app._link
        self.running = gevent.spawn(self.app.run)
        gevent.sleep(0.001)

    def arrive(self, *arrivals: Arrival) -> None:
        for arrival in arrivals:
            self.link.inbox.put(arrival)

    def topics(self) -> list[str]:
        return [publication.topic.removeprefix("switch/main/") for publication in self.link.sent]

    def latest(self, topic: str) -> Any:
        found = [one.payload for one in self.link.sent if one.topic == f"switch/main/{topic}"]
        return json.loads(found[-1]) if found and found[-1] else None

    def end(self) -> int:
        self.app.stop()
        self.running.join(30)
        status: int = self.running.value
        return status


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return made(heartbeat_file=tmp_path / "heartbeat", esl_host=("127.0.0.1",), esl_port=1, tz="UTC")


@pytest.fixture
def bench(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with gevent.Timeout(15):
        made = Bench(settings, monkeypatch)
        yield made
        made.end()


def wait_for(condition: Callable[[], object]) -> None:
    with gevent.Timeout(30):
        while not condition():
            gevent.sleep(0.001)


READ = (Connected(), ReadingBegan(), ReadingEnded(complete=True))


def test_nothing_is_published_before_the_own_topics_were_read_back(bench: Bench) -> None:
    bench.arrive(Connected(), ReadingBegan())
    gevent.sleep(0.05)
    assert bench.link.sent == []

    bench.arrive(ReadingEnded(complete=True))
    wait_for(lambda: "health" in bench.topics() and bench.latest("info")["esl"] == "lost")
    assert bench.topics()[0] == "info"


def test_what_an_earlier_run_left_enters_the_machine(bench: Bench) -> None:
    info = {"instance": "old", "esl": "connected", "since": "2026-11-22T23:11:53.341Z", "epoch": 41}
    extra = {"hostname": "vm", "version": "1", "core_uuid": "c", "domain": "d"}
    left = Message("switch/main/info", json.dumps({**info, **extra}).encode(), retain=True, qos=1)
    bench.arrive(Connected(), ReadingBegan(), left, ReadingEnded(complete=True))
    wait_for(lambda: bench.latest("info"))
    assert bench.latest("info")["epoch"] == 41


def has_read(bench: Bench, times: int) -> bool:
    return bool(bench.link.readings == times)


def test_who_finds_another_alive_says_so_and_never_takes_its_place(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored = Message("switch/main/availability", b"online", retain=True)
    bench = Bench(settings, monkeypatch, (stored, Message("switch/main/availability", b"online")))
    bench.running.join(30)
    assert bench.running.value == 2
    assert not bench.link.started
    assert len([line for line in caplog.messages if "another esl-publisher publishes switch main" in line]) == 1


def info_of(instance: str) -> Message:
    info = {"instance": instance, "esl": "connected", "since": "2026-11-22T23:11:53.341Z", "epoch": 1}
    known = dict.fromkeys(("hostname", "version", "core_uuid", "domain"), "x")
    return Message("switch/main/info", json.dumps({**info, **known}).encode(), retain=True, qos=1)


def test_a_newcomer_whose_predecessor_writes_on_gives_way(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    old = info_of("older")
    bench.arrive(Connected(), ReadingBegan(), old, ReadingEnded(complete=True))
    wait_for(lambda: bench.latest("health"))
    for _ in range(2):
        assert bench.running.value is None
        bench.arrive(Lost("taken over"))
        gevent.sleep(0.01)
        bench.arrive(Connected(), ReadingBegan(), old, ReadingEnded(complete=True))
        gevent.sleep(0.01)
    bench.running.join(30)
    assert bench.running.value == 2
    assert "another esl-publisher" in caplog.text


def test_an_incomplete_reading_is_asked_for_again_and_does_in_the_end(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for attempt in range(1, 3):
        bench.arrive(ReadingBegan(), ReadingEnded(complete=False))
        wait_for(functools.partial(has_read, bench, attempt))
        assert bench.link.sent == []
    bench.arrive(ReadingBegan(), ReadingEnded(complete=False))
    wait_for(lambda: bench.link.sent)
    assert "does not tell all that is retained" in caplog.text


def test_what_a_broker_brings_back_from_before_is_deleted(bench: Bench) -> None:
    bench.arrive(*READ)
    wait_for(lambda: "health" in bench.topics())
    ghost = Message("switch/main/call/ghost", b"{}", retain=True)
    own = Message("switch/main/info", b"{}", retain=True)
    bench.arrive(Lost("killed"))
    gevent.sleep(0.01)
    bench.arrive(Connected(), ReadingBegan(), own, ghost, ReadingEnded(complete=True))
    wait_for(lambda: Publication("switch/main/call/ghost", b"", 1, True) in bench.link.sent)
    assert Publication("switch/main/info", b"", 1, True) not in bench.link.sent


def test_health_says_what_only_the_shell_knows(bench: Bench) -> None:
    bench.arrive(*READ)
    wait_for(lambda: bench.latest("health"))
    health = bench.latest("health")
    assert (health["topics"], health["dropped"], health["queue"]) == (7, 3, 0)
    assert health["rss_bytes"] > 1_000_000


def test_the_heartbeat_beats_while_it_runs_and_ends_with_it(bench: Bench, settings: Settings) -> None:
    assert settings.heartbeat_file is not None
    wait_for(settings.heartbeat_file.exists)
    assert bench.end() == OK
    assert not settings.heartbeat_file.exists()
    assert bench.link.stopped


def test_a_heartbeat_that_cannot_be_written_is_no_reason_to_stop(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unwritable = settings.model_copy(update={"heartbeat_file": Path("/nowhere/at/all/heartbeat")})
    bench = Bench(unwritable, monkeypatch)
    wait_for(lambda: "heartbeat file cannot be written" in caplog.text)
    assert bench.end() == OK


@pytest.mark.parametrize("broken", ["hear", "due"])
def test_a_mistake_of_ours_ends_the_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    bench = Bench(settings, monkeypatch)
    monkeypatch.setattr(bench.app._switch, broken, fail)
    bench.arrive(*READ)
    bench.running.join(30)
    assert bench.running.value == FAILED
    assert bench.link.stopped
    assert "a mistake of ours" in caplog.text


def test_a_link_that_lost_a_thread_ends_the_process(bench: Bench) -> None:
    bench.link.alive = False
    bench.running.join(30)
    assert bench.running.value == FAILED


def test_what_the_machine_refuses_is_logged_once_and_dropped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench.arrive(*READ)
    wait_for(lambda: bench.latest("health"))

    def refuse(*_: object) -> None:
        raise ValueError("uuid: is empty")

    monkeypatch.setattr(bench.app._switch, "hear", refuse)
    bench.app._tell([object(), object()])  # type: ignore[list-item]  # any fact
    assert caplog.text.count("dropped: uuid: is empty") == 1

    monkeypatch.setattr(bench.app._switch, "tell", refuse)
    bench.app._tell([])
    bench.app._tell([])
    assert caplog.text.count("uuid: is empty") == 1  # what is repeated is logged once


def test_a_stepped_clock_is_told_to_the_machine(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.arrive(*READ)
    wait_for(lambda: bench.latest("health"))
    facts: list[object] = []
    original = bench.app._switch.hear
    bench.app._switch.hear = lambda fact, at: facts.append(fact) or original(fact, at)  # type: ignore[method-assign, func-returns-value]  # listens in
    bench.app._clock.read = lambda: Now(1_700_000_000_000, 1_000, 3_600_000)  # type: ignore[method-assign]  # a step
    wait_for(lambda: any(type(fact).__name__ == "ClockStepped" for fact in facts))
    assert "+3600.0 s" in caplog.text


def test_a_sooner_tick_wakes_the_clock(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[int] = []

    def tick(now: int) -> list[Publication]:
        ticks.append(now)
        return []

    bench.arrive(*READ)
    wait_for(lambda: bench.latest("health"))
    gevent.sleep(0.01)
    at = bench.app._now().wall + 30
    monkeypatch.setattr(bench.app._switch, "due", lambda: None if ticks else at)
    monkeypatch.setattr(bench.app._switch, "tick", tick)
    bench.app._tell([])
    wait_for(lambda: ticks)
    assert at <= ticks[0] <= at + 500


def test_tls_files_that_are_none_are_a_bad_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    monkeypatch.setattr(app_module, "configure_logging", lambda *_: None)
    with caplog.at_level(logging.ERROR):
        status = app_module.run(made(mqtt_tls=True, mqtt_ca_file=tmp_path / "ca.pem"))
    assert status == 2
    assert "LAMPFIELD_MQTT_CA_FILE" in caplog.text
