"""The whole publisher: a scripted FreeSWITCH on one side, a real mosquitto on the other, the real process between."""

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.broker import Broker, Bus, retained
from support.captures import answer, events
from support.esl_server import EslServer, Obedient, event, frame, switch_answers
from support.processes import resident
from support.publisher import Publisher
from support.waiting import allowed, until

ALLOWED = re.compile(
    r"auth ClueCon"
    r"|event json [A-Z_ ]+ CUSTOM [\w:. -]+"
    r"|api (hostname|version|global_getvar (domain|core_uuid)|uuid_exists [\w.@:~+-]+)"
    r"|bgapi (show (channels|calls|registrations) as json|sofia xmlstatus gateway|conference json_list|valet_info"
    r"|fifo list|list_users|callcenter_config (queue|agent|tier) list"
    r"|callcenter_config queue list members [\w.@+-]+)\nJob-UUID: [0-9a-f]{32}"
)
CALL = [frame(body) for body in events("call_bridged")]
A_CALL = switch_answers(channels=answer("bridged.show_channels_as_json"), calls=answer("bridged.show_calls_as_json"))
HANGUP = next(number for number, one in enumerate(CALL) if b'"CHANNEL_HANGUP"' in one)


@pytest.fixture
def script() -> Obedient:
    return Obedient()


@pytest.fixture
def server(script: Obedient) -> Iterator[EslServer]:
    with EslServer(script) as running:
        yield running
        wrong = [command for command in running.wire if not ALLOWED.fullmatch(command.decode())]
        assert wrong == []


@pytest.fixture
def publisher(tmp_path: Path, broker: Broker, server: EslServer) -> Iterator[Publisher]:
    with Publisher(tmp_path, broker, server) as running:
        yield running


@pytest.fixture
def bus(broker: Broker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe("switch/main/#")


def read(bus: Bus, topic: str) -> Any:
    payload = bus.latest.get(f"switch/main/{topic}")
    return None if payload is None else json.loads(payload)


def is_esl(bus: Bus, state: str) -> bool:
    """Whether `info` says so; it may not have come yet."""
    return (read(bus, "info") or {}).get("esl") == state


def wait_until_connected(bus: Bus) -> None:
    bus.wait_for(lambda: is_esl(bus, "connected") and read(bus, "calls"))


def total(bus: Bus) -> int | None:
    calls = read(bus, "calls")
    return None if calls is None else calls["total"]


def begin_a_call(script: Obedient, bus: Bus) -> None:
    """Two people talk, and the bus tells of them and of their call: what counts it comes before what it is."""
    wait_until_connected(bus)
    script.answers |= A_CALL  # or the second look finds nobody
    script.say(b"".join(CALL[:HANGUP]))
    bus.wait_for(lambda: total(bus) == 1 and len(live(bus)) == 1)


def asked(server: EslServer) -> int:
    """How often its tables were asked for."""
    return sum(command.startswith(b"bgapi list_users") for command in server.wire)


def live(bus: Bus) -> list[str]:
    return [topic for topic in bus.latest if topic.startswith("switch/main/call/")]


def test_a_call_comes_and_goes(publisher: Publisher, script: Obedient, bus: Bus) -> None:
    wait_until_connected(bus)
    assert bus.latest["switch/main/availability"] == b"online"
    bus.wait_for(lambda: total(bus) == 0)

    begin_a_call(script, bus)
    bus.wait_for(lambda: read(bus, "calls")["active"] == 1)
    bus.wait_for(lambda: (read(bus, "extension/1001") or {}).get("state") == "active")
    script.answers |= switch_answers()
    script.say(b"".join(CALL[HANGUP:]))
    bus.wait_for(lambda: total(bus) == 0 and not live(bus))

    told = ("started", "answered", "ended")
    bus.wait_for(lambda: all(bus.payloads(f"switch/main/event/call/{name}") for name in told))
    (ended,) = bus.payloads("switch/main/event/call/ended")
    assert json.loads(ended)["outcome"] == "answered"
    bus.wait_for(lambda: read(bus, "extension/1001")["state"] == "idle")
    info = read(bus, "info")
    assert info["version"] == "1.11.1-release~64bit ( 64bit)"
    assert info["hostname"] == "vm"
    assert info["core_uuid"] == "2ee5afdd-c1ba-4bc8-8c77-ea7eb58cf7be"
    assert info["domain"] == "127.0.0.1"
    assert read(bus, "health")["rss_bytes"] > 0


def test_queues_are_there_as_soon_as_their_tables_are_read(
    publisher: Publisher, server: EslServer, script: Obedient, bus: Bus
) -> None:
    members = "callcenter_config queue list members support@default"
    asked = ("callcenter_config queue list", "callcenter_config agent list", "callcenter_config tier list", members)
    script.answers |= {line: answer(f"idle.{line.replace(' ', '_').replace('@', '_')}") for line in asked}
    wait_until_connected(bus)
    bus.wait_for(lambda: None not in (read(bus, "queue/support@default"), read(bus, "agent/1001@default")))

    queue = read(bus, "queue/support@default")
    assert (queue["waiting"], queue["agents"]["logged_out"], queue["sla_seconds"]) == (0, 1, 20)
    assert read(bus, "agent/1001@default")["status"] == "Logged Out"
    bus.wait_for(lambda: read(bus, "today") is not None and read(bus, "history") is not None)
    assert any(command.startswith(f"bgapi {members}\n".encode()) for command in server.wire)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(publisher: Publisher, bus: Bus, number: signal.Signals) -> None:
    wait_until_connected(bus)
    assert publisher.command("check").returncode == 0
    began = time.monotonic()

    assert publisher.end(number) == 0

    assert time.monotonic() - began < allowed(3)
    bus.wait_for(lambda: bus.latest["switch/main/availability"] == b"offline")
    assert publisher.command("check").returncode == 1


def test_it_stops_as_fast_while_nobody_answers(tmp_path: Path, broker: Broker) -> None:
    with EslServer(lambda peer: peer.wait()) as mute, Publisher(tmp_path, broker, mute) as publisher:
        until(lambda: mute.connections, what="a connection")
        began = time.monotonic()
        assert publisher.end() == 0
        assert time.monotonic() - began < allowed(3)


def test_it_stops_as_fast_without_a_broker(tmp_path: Path, broker: Broker, server: EslServer) -> None:
    broker.kill()
    with Publisher(tmp_path, broker, server) as publisher:
        publisher.wait_for_log("no broker")
        began = time.monotonic()
        assert publisher.end() == 0
        assert time.monotonic() - began < allowed(3)
        assert server.connections == 0


def test_broker_and_freeswitch_may_come_later(tmp_path: Path, broker: Broker) -> None:
    broker.kill()
    late = EslServer(Obedient()).start()
    late.kill()  # its port is known now
    with Publisher(tmp_path, broker, late) as publisher:
        publisher.wait_for_log("no broker")
        assert publisher.command("check").returncode == 0, "nothing is wrong with the publisher itself"
        broker.start()
        publisher.wait_for_log("no FreeSWITCH")
        with late, broker.bus() as bus:
            wait_until_connected(bus.subscribe("switch/main/#"))
            assert publisher.end() == 0


def test_freeswitch_is_killed_and_comes_back(
    publisher: Publisher, script: Obedient, server: EslServer, bus: Bus
) -> None:
    begin_a_call(script, bus)
    epoch = read(bus, "info")["epoch"]

    server.kill()
    bus.wait_for(lambda: is_esl(bus, "lost"))
    script.answers |= switch_answers() | {"global_getvar core_uuid": "another-core"}
    server.start()

    bus.wait_for(lambda: is_esl(bus, "connected") and total(bus) == 0 and not live(bus))
    assert read(bus, "info")["epoch"] == epoch + 1
    assert publisher.log.count("no FreeSWITCH") >= 1


def test_a_call_goes_on_while_the_connection_is_lost(
    publisher: Publisher, script: Obedient, server: EslServer, bus: Bus
) -> None:
    begin_a_call(script, bus)
    before = live(bus)
    server.kill()
    bus.wait_for(lambda: is_esl(bus, "lost"))
    server.start()
    bus.wait_for(lambda: is_esl(bus, "connected"))
    until(lambda: script.listeners, what="a subscription")
    assert live(bus) == before
    script.answers |= switch_answers()
    script.say(b"".join(CALL[HANGUP:]))
    bus.wait_for(lambda: total(bus) == 0 and not live(bus))
    bus.wait_for(lambda: bus.payloads("switch/main/event/call/ended"))
    (ended,) = bus.payloads("switch/main/event/call/ended")
    assert json.loads(ended)["outcome"] == "answered"


def test_no_number_holds_who_went_while_the_link_was_lost_together_with_who_came(
    publisher: Publisher, script: Obedient, server: EslServer, bus: Bus
) -> None:
    begin_a_call(script, bus)
    gone = read(bus, live(bus)[0].removeprefix("switch/main/"))["legs"]
    server.kill()
    bus.wait_for(lambda: is_esl(bus, "lost"))
    rows = [{"uuid": "n", "direction": "inbound", "callstate": "RINGING", "state": "CS_EXECUTE"}]
    script.answers |= switch_answers(channels=json.dumps({"row_count": 1, "rows": rows}))
    script.answers |= {f"uuid_exists {uuid}": "false" for uuid in gone} | {"uuid_exists n": "true"}
    server.start()
    bus.wait_for(lambda: is_esl(bus, "connected") and live(bus) == ["switch/main/call/n"])

    assert [json.loads(told)["total"] for told in bus.payloads("switch/main/calls")][-2:] == [1, 1], "never 2"


def test_a_killed_publisher_leaves_nothing_behind_when_it_returns(
    publisher: Publisher, script: Obedient, broker: Broker, bus: Bus
) -> None:
    begin_a_call(script, bus)
    publisher.end(signal.SIGKILL)
    bus.wait_for(lambda: bus.latest["switch/main/availability"] == b"offline")
    assert any("/call/" in topic for topic in retained(broker))

    script.answers |= switch_answers()
    publisher.start()

    bus.wait_for(lambda: bus.latest["switch/main/availability"] == b"online" and not live(bus) and total(bus) == 0)
    assert not any("/call/" in topic for topic in retained(broker))


def test_a_call_that_lives_keeps_its_id_over_a_restart_of_the_publisher(
    tmp_path: Path, broker: Broker, server: EslServer, script: Obedient, bus: Bus
) -> None:
    script.answers.update(A_CALL)
    with Publisher(tmp_path, broker, server, LOG_LEVEL="debug") as publisher:
        bus.wait_for(lambda: len(live(bus)) == 1)
        before = live(bus)
        publisher.end(signal.SIGKILL)
        looks = publisher.log.count("resync:")
        publisher.start()
        publisher.wait_for_log("resync:", looks + 2)  # after the second one leftovers are cleared
        assert publisher.end() == 0  # and everything is published
    assert live(bus) == before


def test_a_broker_that_lost_its_store_gets_everything_again_and_the_tables_are_read(
    tmp_path: Path, server: EslServer, script: Obedient, broker: Broker
) -> None:
    script.answers.update(A_CALL)
    with Publisher(tmp_path, broker, server):
        until(lambda: asked(server) == 2, what="the second look")
        until(lambda: any("/call/" in topic for topic in retained(broker)), what="the call")
        before = set(retained(broker))

        broker.restart()

        until(lambda: set(retained(broker)) >= before, 10, "everything published again")
        until(lambda: asked(server) == 4, 10, "a resync, and its second look")


def test_what_a_broker_brings_back_from_before_is_deleted(
    publisher: Publisher, broker: Broker, bus: Bus, script: Obedient
) -> None:
    wait_until_connected(bus)
    publisher.pause()  # or it might have read its own topics back before the ghost is among them
    broker.restart()
    with broker.bus() as other:
        other.publish("switch/main/call/ghost", b"{}", retain=True)
    publisher.resume()
    publisher.wait_for_log("deleting them")
    until(lambda: "switch/main/call/ghost" not in retained(broker), what="the ghost's deletion")


def test_the_wire_is_nothing_but_the_list(publisher: Publisher, server: EslServer, bus: Bus) -> None:
    wait_until_connected(bus)
    publisher.wait_for_log("resync")
    until(lambda: sum(command.startswith(b"bgapi") for command in server.wire) >= 16, what="the second look")
    assert all(ALLOWED.fullmatch(command.decode()) for command in server.wire)
    assert server.wire[0] == b"auth ClueCon"


def test_heartbeats_that_count_other_legs_twice_running_have_the_tables_read_again(
    publisher: Publisher, server: EslServer, script: Obedient, bus: Bus
) -> None:
    wait_until_connected(bus)
    publisher.wait_for_log("resync")
    until(lambda: asked(server) == 2, what="the second look")
    script.say(event("HEARTBEAT", Session_Count="7") * 2)
    until(lambda: asked(server) == 3, what="a look because of doubt")


def test_a_wrong_password_is_told_once_and_never_shown(tmp_path: Path, broker: Broker, bus: Bus) -> None:
    with (
        EslServer(Obedient(password="other")) as server,
        Publisher(tmp_path, broker, server, ESL_PASSWORD="s3cr3t-word") as publisher,
    ):
        publisher.wait_for_log("FreeSWITCH refused the password")
        bus.wait_for(lambda: is_esl(bus, "lost"))
        until(lambda: server.connections >= 3, what="a third attempt")
        assert publisher.log.count("refused the password") == 1
        assert "s3cr3t-word" not in publisher.log


def test_the_second_host_is_tried_when_the_first_cannot_be_reached(
    tmp_path: Path, broker: Broker, server: EslServer, bus: Bus
) -> None:
    hosts = f"no.such.host.invalid,{server.host}"
    with Publisher(tmp_path, broker, server, ESL_HOST=hosts):
        wait_until_connected(bus)


def test_nonsense_among_the_events_is_logged_once_and_dropped(publisher: Publisher, script: Obedient, bus: Bus) -> None:
    wait_until_connected(bus)
    nonsense = frame(b"no json") * 5 + event("CHANNEL_CREATE") * 5 + frame(b'{"Event-Name":"\xff"}')
    script.say(nonsense + b"".join(CALL[:HANGUP]))
    bus.wait_for(lambda: total(bus) == 1)
    assert publisher.log.count("an event was dropped") == 2


def test_memory_stays_where_it_is_under_ten_thousand_events(publisher: Publisher, script: Obedient, bus: Bus) -> None:
    wait_until_connected(bus)
    script.say(b"".join(CALL))
    bus.wait_for(lambda: bus.payloads("switch/main/event/call/ended"))
    before = resident(publisher.pid)
    script.say(b"".join(CALL) * (10_000 // len(CALL)))
    script.say(frame(next(body for body in events("heartbeat") if b'"HEARTBEAT"' in body)))
    bus.wait_for(lambda: read(bus, "stats"), 30)
    assert resident(publisher.pid) - before < 24 * 1024 * 1024
    assert resident(publisher.pid) < 80 * 1024 * 1024
    assert "faster than they could be read" not in publisher.log


@pytest.mark.parametrize(
    ("setting", "value"),
    [("ESL_PORT", "0"), ("RAW_EVENTS", "sendevent"), ("EXTENSIONS", "9-1"), ("RESYNC_SECONDS", "1")],
)
def test_a_bad_setting_ends_it_with_one_line(
    tmp_path: Path, broker: Broker, server: EslServer, setting: str, value: str
) -> None:
    result = Publisher(tmp_path, broker, server, **{setting: value}).command("run")
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert f"LAMPFIELD_{setting}" in result.stderr
    assert "allowed" in result.stderr


def test_forget_deletes_what_is_retained(publisher: Publisher, broker: Broker, bus: Bus) -> None:
    wait_until_connected(bus)
    publisher.end()
    result = publisher.command("forget", "main")
    assert result.returncode == 0, result.stderr
    assert not any(topic.startswith("switch/main/") for topic in retained(broker))
