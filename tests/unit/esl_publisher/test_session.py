import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import gevent
import pytest
from gevent.event import AsyncResult

from esl_publisher import commands, session
from esl_publisher.backlog import Backlog
from esl_publisher.commands import Command
from esl_publisher.facts import ContinuityLost, EslChanged, EventReceived, Fact, LegsAsked, SnapshotTaken
from esl_publisher.framing import Frame
from esl_publisher.session import Follower, Session
from esl_publisher.source import Source, SourceLost

SUBSCRIPTION = commands.subscribe(["HEARTBEAT"])
EMPTY = b'{"row_count": 0}'
CALLCENTER_IS_NOT_LOADED = "-ERR callcenter_config Command not found!\n"
HEARTBEAT = b'{"Event-Name":"HEARTBEAT"}'


class FakeSource(Source):
    """A source without a connection: what it was asked, and what a test has it say."""

    def __init__(self, host: str = "pbx.example", **answers: str) -> None:
        super().__init__(host, 8021, "ClueCon")
        self.asked: list[str] = []
        self.refusal: SourceLost | None = None
        self.answers = {"api version": "FreeSWITCH Version 1.11.1 (64bit)", "api hostname": "vm", **answers}
        self.table = EMPTY
        self.stopped = False
        self.end = AsyncResult()

    def connect(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def send(self, data: Command) -> Frame:
        self.asked.append(data.label)
        said = self.answers.get("event json", "+OK event listener enabled json")
        return Frame("command/reply", {"Reply-Text": said}, self.answers.get(data.text, "").encode())

    def ask(self, questions: Iterable[Command]) -> list[str | None]:
        return [self.api(question) for question in questions]

    def start_event_handlers(self) -> None:
        self.asked.append("start")

    def hand_over(self, take: Callable[[str, bytes], None], tables: Iterable[str] = commands.TABLES) -> None:
        self.asked.append("tables")
        for table in tables:
            take(table, self.answer(table))

    def tables(self, tables: Iterable[str] = commands.TABLES) -> dict[str, str]:
        return dict.fromkeys(tables, CALLCENTER_IS_NOT_LOADED)

    def answer(self, _table: str) -> bytes:
        return self.table

    def say(self, *bodies: bytes) -> None:
        self._tell("*", list(bodies))

    def overflow(self, dropped: int) -> None:
        self._tell("OVERFLOW", dropped)

    def wait(self) -> None:
        self.end.get()

    def stop(self) -> None:
        self.stopped = True
        if not self.end.ready():
            self.end.set_exception(SourceLost("stopped", "stopped"))


class Bench:
    """A session that runs in a greenlet, and what it told."""

    def __init__(self, source: FakeSource, resync_seconds: float = 1000) -> None:
        self.source = source
        self.facts: list[Fact] = []
        self.failure: Exception | None = None
        self.suspects: list[str] = []
        self.session = Session(
            source, SUBSCRIPTION, self.tell, lambda: 1_000, lambda: self.suspects, resync_seconds=resync_seconds
        )
        self.running = gevent.spawn(self.session.run)
        gevent.sleep(0.001)

    def tell(self, facts: Sequence[Fact]) -> None:
        if self.failure is not None:
            raise self.failure
        self.facts.extend(facts)

    def lose(self, error: Exception) -> Exception | None:
        if not self.source.end.ready():
            self.source.end.set_exception(error)
        self.running.join(1)
        return self.running.exception  # type: ignore[no-any-return]  # gevent ships no types

    def count(self, kind: type[Fact]) -> int:
        return sum(isinstance(fact, kind) for fact in self.facts)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(session, "SECOND_LOOK_SECONDS", 0.02)
    with gevent.Timeout(10):
        yield


def wait_for(condition: Callable[[], object]) -> None:
    with gevent.Timeout(5):
        while not condition():
            gevent.sleep(0.001)


def test_it_introduces_itself_before_any_event_is_handled() -> None:
    bench = Bench(FakeSource(**{"api global_getvar core_uuid": "c-1"}))
    wait_for(lambda: "tables" in bench.source.asked)

    asked = bench.source.asked
    assert asked[:4] == ["api version", "api hostname", "api global_getvar core_uuid", "api global_getvar domain"]
    assert asked[4:6] == ["event json", "start"]
    assert bench.facts[0] == EslChanged(
        state="connected", hostname="vm", version="1.11.1 (64bit)", core_uuid="c-1", domain=None
    )
    bench.lose(SourceLost("gone", "x"))


def test_events_become_facts_in_one_batch_and_nonsense_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(FakeSource())
    bench.facts.clear()
    bench.source.say(HEARTBEAT, b"nonsense", b"nonsense", HEARTBEAT)

    assert [fact.body for fact in bench.facts if isinstance(fact, EventReceived)] == [HEARTBEAT, HEARTBEAT]
    assert caplog.text.count("an event was dropped") == 1
    bench.lose(SourceLost("gone", "x"))


def test_tables_are_read_at_once_and_a_second_time_and_then_every_so_often() -> None:
    bench = Bench(FakeSource(), resync_seconds=0.05)
    wait_for(lambda: bench.count(SnapshotTaken) == 4)
    bench.lose(SourceLost("gone", "x"))
    assert bench.source.stopped


def test_a_table_with_rows_becomes_a_snapshot() -> None:
    source = FakeSource()
    source.table = json.dumps({"row_count": 1, "rows": [{"uuid": "u", "b_uuid": "b", "reg_user": "1000"}]}).encode()
    bench = Bench(source)
    wait_for(lambda: bench.count(SnapshotTaken))
    (taken,) = [fact.snapshot for fact in bench.facts if isinstance(fact, SnapshotTaken)][:1]
    assert [row.uuid for row in taken.channels] == ["u"]
    assert taken.asked_at == taken.answered_at == 1_000
    bench.lose(SourceLost("gone", "x"))


def test_the_text_of_a_table_is_gone_when_the_next_one_comes() -> None:
    """A thousand calls are some megabytes of text; the rows are memory enough."""

    class Watched(FakeSource):
        def answer(self, _table: str) -> bytes:
            holders.extend(sys.getrefcount(text) for text in texts)
            texts.append(EMPTY + b" " * (len(texts) + 1))
            return texts[-1]

    class Machine(Bench):
        def tell(self, facts: Sequence[Fact]) -> None:
            holders.extend(sys.getrefcount(text) for text in texts)
            super().tell(facts)

    texts: list[bytes] = []
    holders: list[int] = []
    bench = Machine(Watched())
    wait_for(lambda: bench.count(SnapshotTaken))
    assert len(holders) > len(commands.TABLES)
    assert set(holders) == {3}, "somebody beside `texts`, `text` and getrefcount itself"
    bench.lose(SourceLost("gone", "x"))


def test_lost_events_are_told_and_the_tables_read_twice() -> None:
    bench = Bench(FakeSource())
    wait_for(lambda: bench.count(SnapshotTaken) == 2)
    bench.source.overflow(77)
    wait_for(lambda: bench.count(SnapshotTaken) == 4)
    (told,) = [fact for fact in bench.facts if isinstance(fact, ContinuityLost)]
    assert "77 events" in told.reason
    bench.lose(SourceLost("gone", "x"))


def test_a_resync_can_be_asked_for() -> None:
    bench = Bench(FakeSource())
    wait_for(lambda: bench.count(SnapshotTaken) == 2)
    bench.session.resync()
    wait_for(lambda: bench.count(SnapshotTaken) == 4)
    bench.lose(SourceLost("gone", "x"))


def test_tables_that_are_none_are_logged_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    source = FakeSource()
    source.table = b"-ERR show Command not found!"
    bench = Bench(source, resync_seconds=0.01)
    wait_for(lambda: source.asked.count("tables") >= 4)
    assert caplog.text.count("a resync failed") == 1
    assert "mod_commands" in caplog.text
    source.table = EMPTY
    wait_for(lambda: bench.count(SnapshotTaken))
    bench.lose(SourceLost("gone", "x"))


def test_a_refused_subscription_is_a_loss() -> None:
    bench = Bench(FakeSource(**{"event json": "-ERR no keywords supplied"}))
    bench.running.join(1)
    assert isinstance(bench.running.exception, SourceLost)
    assert "no keywords supplied" in str(bench.running.exception)
    assert bench.facts == []
    assert bench.source.stopped


def test_the_end_is_told_and_leaves_no_greenlet() -> None:
    bench = Bench(FakeSource())
    error = bench.lose(SourceLost("gone", "why"))
    assert str(error) == "why"
    before = len(bench.source.asked)
    gevent.sleep(0.05)
    assert len(bench.source.asked) == before


def test_what_fails_while_a_snapshot_is_told_is_not_taken_for_a_lost_connection() -> None:
    bench = Bench(FakeSource())
    bench.failure = ZeroDivisionError("a mistake of ours")
    bench.session.resync()
    bench.running.join(1)
    assert isinstance(bench.running.exception, ZeroDivisionError)


# --- the next one ---------------------------------------------------------------------------------------------------


class Following:
    """A follower that runs in a greenlet against sources that a test makes."""

    def __init__(self, make: Callable[[str], FakeSource], hosts: Sequence[str] = ("one",)) -> None:
        self.sources: list[FakeSource] = []
        self.facts: list[Fact] = []
        self._make = make
        self.follower = Follower(
            self.new, hosts, SUBSCRIPTION, self.facts.extend, lambda: 1_000, list, resync_seconds=1000
        )
        self.follower._backoff = _NoWaiting()  # type: ignore[assignment]  # tests have no time
        self.running = gevent.spawn(self.follower.run)

    def new(self, host: str) -> FakeSource:
        self.sources.append(self._make(host))
        return self.sources[-1]

    @property
    def states(self) -> list[str]:
        return [fact.state for fact in self.facts if isinstance(fact, EslChanged)]


class _NoWaiting:
    def __init__(self) -> None:
        self.lasted: list[float] = []

    def next(self, *, lasted: float) -> float:
        self.lasted.append(lasted)
        return 0.001


def refusing(fault: Any = "unreachable", reason: str = "refused") -> Callable[[str], FakeSource]:
    def make(host: str) -> FakeSource:
        source = FakeSource(host)
        source.refusal = SourceLost(fault, f"{host}: {reason}")
        return source

    return make


def test_every_attempt_has_a_source_of_its_own_and_one_outage_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    following = Following(refusing())
    wait_for(lambda: len(following.sources) >= 5)
    following.running.kill()

    assert len(set(map(id, following.sources))) == len(following.sources)
    assert all(source.stopped for source in following.sources)
    assert following.states == ["lost"]
    assert caplog.text.count("no FreeSWITCH: one: refused") == 1


def test_an_outage_that_lasts_is_logged_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(session, "REPEAT_SECONDS", 0.01)
    following = Following(refusing())
    wait_for(lambda: caplog.text.count("no FreeSWITCH") >= 3)
    following.running.kill()


def test_hosts_that_cannot_be_reached_are_passed_over() -> None:
    following = Following(lambda host: FakeSource(host) if host == "two" else refusing()(host), ["one", "two", "three"])
    wait_for(lambda: following.states)
    assert [source.host for source in following.sources] == ["one", "two"]
    assert following.states == ["connected"]
    following.running.kill()


def test_a_host_that_refuses_us_is_the_one_that_is_told(caplog: pytest.LogCaptureFixture) -> None:
    following = Following(refusing("password", "wrong"), ["one", "two"])
    wait_for(lambda: len(following.sources) >= 2)
    following.running.kill()
    assert {source.host for source in following.sources} == {"one"}
    assert "one: wrong" in caplog.text


def test_a_lost_connection_is_followed_by_another(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        following = Following(FakeSource)
        wait_for(lambda: following.states == ["connected"])
        following.follower.resync()
        following.sources[0].end.set_exception(SourceLost("gone", "shut down"))
        wait_for(lambda: following.states == ["connected", "lost", "connected"])
        following.running.kill()
    assert "no FreeSWITCH: shut down" in caplog.text
    assert caplog.text.count("connected to FreeSWITCH 1.11.1 (64bit) on vm, one:8021") == 2


def test_what_waits_and_what_was_dropped_are_counted_over_all_connections() -> None:
    following = Following(FakeSource)
    wait_for(lambda: following.states == ["connected"])
    assert (following.follower.queued, following.follower.dropped) == (0, 0)
    first = following.sources[0].backlog = Backlog(max_events=1)
    first.put(b"a")
    first.put(b"b")
    assert (following.follower.queued, following.follower.dropped) == (2, 1)
    following.sources[0].end.set_exception(SourceLost("gone", "x"))
    wait_for(lambda: len(following.sources) == 2)
    assert (following.follower.queued, following.follower.dropped) == (0, 1)
    following.running.kill()


def test_a_mistake_of_ours_ends_it() -> None:
    following = Following(FakeSource)
    wait_for(lambda: following.states == ["connected"])
    following.sources[0].end.set_exception(ZeroDivisionError())
    following.running.join(1)
    assert isinstance(following.running.exception, ZeroDivisionError)


def test_after_a_snapshot_freeswitch_is_asked_about_each_suspect() -> None:
    source = FakeSource(**{"api uuid_exists a": "false", "api uuid_exists b": "true", "api uuid_exists c": "-ERR"})
    bench = Bench(source)
    bench.suspects = ["a", "b", "c", "no\nline"]
    bench.session.resync()
    wait_for(lambda: bench.count(LegsAsked))

    (asked, *_) = [fact for fact in bench.facts if isinstance(fact, LegsAsked)]
    assert asked == LegsAsked(gone=("a",), alive=("b",))
    assert isinstance(bench.facts[bench.facts.index(asked) - 1], SnapshotTaken)
