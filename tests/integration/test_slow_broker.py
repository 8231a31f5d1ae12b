"""A way to the broker that lets a few kilobytes a second through, while FreeSWITCH is as busy as ever."""

import json
from pathlib import Path

from support.broker import Broker
from support.captures import events, others_like
from support.esl_server import EslServer, Obedient, frame
from support.processes import resident
from support.publisher import Publisher
from support.relay import Relay
from support.waiting import until

CALLS = 200  # 14 MB of events: more than all sockets between FreeSWITCH and a publisher that does not read would hold
RATE = 8_000  # bytes a second: a call's ten topics take one
CALL = b"".join(frame(body) for body in events("call_bridged"))
BEGUN = b"".join(frame(body) for body in events("call_bridged")[:2])


def test_events_are_taken_while_the_broker_is_slow_and_the_picture_is_right_when_it_is_not(
    tmp_path: Path, broker: Broker
) -> None:
    script = Obedient()
    with (
        EslServer(script) as server,
        Relay(broker.port) as relay,
        Publisher(tmp_path, broker, server, MQTT_PORT=str(relay.port)) as publisher,
        broker.bus() as bus,
    ):
        bus.subscribe("switch/main/#")
        bus.wait_for(lambda: json.loads(bus.latest["switch/main/info"])["esl"] == "connected", 15)
        before = resident(publisher.pid)

        relay.rate = RATE
        for call in (*others_like(CALL, CALLS), *others_like(BEGUN, 1)):
            script.say(call)

        behind = CALLS - bus.count("switch/main/event/call/ended")
        assert behind > CALLS / 2, "the way was not slow"
        assert publisher.running
        assert resident(publisher.pid) <= before + 16 * 2**20

        relay.rate = None
        until(lambda: bus.count("switch/main/event/call/ended") == CALLS, 10, "every call's end told")
        until(lambda: json.loads(bus.latest["switch/main/calls"])["total"] == 1, 10, "one call")
        assert json.loads(bus.latest["switch/main/calls"])["ringing"] == 1
        until(lambda: sum("switch/main/call/" in topic for topic in bus.latest) == 1, 10, "nothing of the others")
        assert relay.connections == 1
