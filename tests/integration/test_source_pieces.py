"""Bytes in any pieces, through a real socket and the whole core, give the same publications."""

import threading
from collections.abc import Sequence

import gevent
import pytest

from esl_publisher import commands
from esl_publisher.decode import subscription
from esl_publisher.facts import EventReceived, Fact
from esl_publisher.session import Session
from esl_publisher.source import Source
from esl_publisher.switch import Switch
from lampfield_bus.messages import Publication
from support.captures import capture, events
from support.esl_server import EslServer, Obedient
from support.switchboard import instant, options

CALLS = ("call_bridged", "call_busy", "call_no_answer", "call_hold")


def publications(name: str, pieces: int) -> list[Publication]:
    """What the events of a capture publish; its bytes reach the source in pieces of this size."""
    stream = capture(name).read_bytes()
    stream = stream[stream.index(b"Content-Length:") :]  # the greeting and the replies are the server's own
    last = events(name)[-1]
    at = instant(last)
    switch = Switch(options())
    found: list[Publication] = []
    ended = gevent.event.Event()

    def tell(facts: Sequence[Fact]) -> None:
        for fact in facts:
            made = switch.receive(fact, at)
            if isinstance(fact, EventReceived):
                found.extend(made)
                if fact.body == last:
                    found.extend(switch.tick(at + 10_000))
                    ended.set()

    script = Obedient()
    with EslServer(script) as server, gevent.Timeout(30):
        source = Source(server.host, server.port, "ClueCon")
        wanted = commands.subscribe(*subscription())
        running = gevent.spawn(Session(source, wanted, tell, lambda: at, list, resync_seconds=1000).run)
        while not script.listeners:
            gevent.sleep(0.001)
        sending = threading.Thread(target=script.say, args=(stream, pieces))
        sending.start()
        ended.wait()
        running.kill()
        sending.join()
    return found


@pytest.mark.parametrize("name", CALLS)
def test_the_same_publications(name: str) -> None:
    whole = publications(name, 0)
    assert [each.topic for each in whole if each.topic.startswith("switch/main/event/call/")][-1].endswith("ended")
    for size in (1, 7, 4096):
        assert publications(name, size) == whole
