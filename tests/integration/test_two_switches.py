"""Two publishers of two switches on one broker: whatever happens to one, nothing of it is on the other's topics."""

import json
import signal
from pathlib import Path

from support.broker import Broker, Bus, retained
from support.captures import events
from support.esl_server import EslServer, Obedient, frame
from support.publisher import Publisher
from support.waiting import until

# Names that filters and prefixes might mix up: each begins like the other, and one has a wildcard and a slash in it.
OFFICE, BRANCH = "main", "main+/2"
TOPICS = {OFFICE: "switch/main/", BRANCH: "switch/main%2B%2F2/"}
OWN_TIME = ("health", "history")  # told as time passes, also when nothing happens
CALL = [frame(body) for body in events("call_bridged")]
BRIDGED = 1 + next(number for number, one in enumerate(CALL) if b'"CHANNEL_BRIDGE"' in one)
HEARTBEAT = frame(next(body for body in events("heartbeat") if b'"HEARTBEAT"' in body))
LIMIT = 45.0  # seconds: on a busy machine a start of Python is most of it


def read(bus: Bus, name: str, topic: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(bus.latest.get(TOPICS[name] + topic, b"{}"))
    return told


def wait_for(bus: Bus, name: str, *, calls: int) -> None:
    def right() -> bool:
        return (read(bus, name, "info").get("esl"), read(bus, name, "calls").get("total")) == ("connected", calls)

    bus.wait_for(right, LIMIT)


def told_of(bus: Bus, name: str) -> list[str]:
    """What was published on a switch's topics, all that only tells the time left out."""
    own = TOPICS[name]
    topics = [message.topic.partition(own)[2] for message in bus.messages if own in message.topic]
    return [topic for topic in topics if topic not in OWN_TIME]


def test_whatever_happens_to_one_switch_the_other_s_topics_stay_as_they_are(tmp_path: Path, broker: Broker) -> None:
    for folder in ("office", "branch"):
        (tmp_path / folder).mkdir()
    scripts = Obedient(), Obedient()
    with (
        broker.bus() as bus,
        EslServer(scripts[0]) as one,
        EslServer(scripts[1]) as other,
        Publisher(tmp_path / "office", broker, one, SWITCH=OFFICE, RESYNC_SECONDS="3600"),
    ):
        bus.subscribe("switch/#")
        wait_for(bus, OFFICE, calls=0)
        until(
            lambda: sum(b"list_users" in command for command in one.wire) == 2, LIMIT, "the second look at its tables"
        )
        scripts[0].say(b"".join(CALL[:BRIDGED]))
        wait_for(bus, OFFICE, calls=1)
        scripts[0].say(HEARTBEAT)
        bus.wait_for(lambda: read(bus, OFFICE, "stats"), LIMIT)  # so all that the call changed was told before
        before = {topic: payload for topic, payload in bus.latest.items() if topic.startswith(TOPICS[OFFICE])}
        bus.forget()

        with Publisher(tmp_path / "branch", broker, other, SWITCH=BRANCH) as branch:
            wait_for(bus, BRANCH, calls=0)
            scripts[1].say(b"".join(CALL[:BRIDGED]))  # the very same uuids and extensions
            wait_for(bus, BRANCH, calls=1)
            branch.end(signal.SIGKILL)
            branch.start()
            until(lambda: branch.log.count("resync") >= 2, LIMIT, "its leftovers to be judged")
            assert branch.end(signal.SIGTERM) == 0
            assert branch.command("forget", "--force", BRANCH).returncode == 0
            until(lambda: not any(TOPICS[BRANCH] in topic for topic in retained(broker)), LIMIT, "the branch's end")
            bus.catch_up()

        assert told_of(bus, OFFICE) == []
        after = {topic: payload for topic, payload in bus.latest.items() if topic.startswith(TOPICS[OFFICE])}
        for topic in OWN_TIME:
            before.pop(TOPICS[OFFICE] + topic, None)
            after.pop(TOPICS[OFFICE] + topic, None)
        assert after == before

        bus.forget()
        scripts[0].say(b"".join(CALL[BRIDGED:]))
        wait_for(bus, OFFICE, calls=0)
        assert told_of(bus, BRANCH) == []
