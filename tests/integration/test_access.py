"""Who may do what: every user on every topic of the table, tried on a real mosquitto that reads mosquitto.conf."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.acl import Prober, may_read, may_write, topics
from support.locked import Locked

USERS = {  # and whether it may read numbers
    "switch-main": True,
    "display-lobby": False,
    "display-hall": True,
    "displays": True,
    "viewer": True,
    "operator": True,
    "wall": False,
    "phone": False,
    "home-assistant-main": False,
    "control-main": True,
    "sip-main": True,
}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    locked = Locked(tmp_path_factory.mktemp("locked")).start()
    locked.app().add("display", "lobby", numbers=False)
    locked.app().add("display", "hall")
    yield locked
    locked.broker.stop()


def prober(locked: Locked, user: str, *, will: str | None = None) -> Prober:
    return Prober((locked.broker.host, locked.broker.port), user, locked.password(user), will=will)


@pytest.mark.parametrize("user", USERS)
def test_a_user_writes_what_it_may_and_nothing_else(locked: Locked, user: str) -> None:
    with prober(locked, user) as client:
        assert client.writes(topics()) == {topic: may_write(user, topic) for topic in topics()}


@pytest.mark.parametrize("user", USERS)
def test_a_user_reads_what_it_may_and_nothing_else(locked: Locked, user: str) -> None:
    wanted = {topic: may_read(user, topic, numbers=USERS[user]) for topic in topics()}
    with prober(locked, user) as client, prober(locked, "keeper") as writer:
        assert client.subscribes(topics()) == wanted
        assert all(writer.writes(topics()).values())
        allowed = {topic for topic in wanted if wanted[topic]}
        client.wait(lambda: allowed <= client.received)
        assert client.received == allowed


@pytest.mark.parametrize("user", USERS)
def test_no_wildcard_reaches_further(locked: Locked, user: str) -> None:
    """A filter that covers more than the user may read is refused, whole; also as a shared subscription."""
    wide = ["#", "+/#", "+/+/#", "switch/+/call/+", "display/+/cmd/+", "display/+/cmd/text", "switch/other/#"]
    everything = user in ("viewer", "operator")
    with prober(locked, user) as client:
        told = client.subscribes(wide)
        assert client.subscribes(["#", "$CONTROL/#", "$CONTROL/dynamic-security/v1/response"], root="") == {
            "#": False,
            "$CONTROL/#": False,
            "$CONTROL/dynamic-security/v1/response": False,
        }
        shared = client.subscribes([f"$share/all/lampfield/v1/{each}" for each in wide], root="")
    assert told == {
        "#": everything,
        "+/#": everything,
        "+/+/#": everything,
        "switch/+/call/+": everything or user == "sip-main" or (user.startswith("display") and USERS[user]),
        "display/+/cmd/+": everything or user == "displays",
        "display/+/cmd/text": everything or user == "displays",
        "switch/other/#": everything or (user.startswith("display") and USERS[user]),
    }
    assert not any(allowed and not told[each.partition("v1/")[2]] for each, allowed in shared.items())


@pytest.mark.parametrize("user", USERS)
def test_nobody_else_manages_users(locked: Locked, user: str) -> None:
    with prober(locked, user) as client:
        published = client._client.publish("$CONTROL/dynamic-security/v1", b'{"commands":[]}', 1).mid
        assert client._answers({"control": published}) == {"control": False}


@pytest.mark.parametrize("topic", ["switch/main/availability", "display/other/availability", "display/lobby/cmd/text"])
def test_a_will_says_nothing_that_its_client_may_not_say(locked: Locked, topic: str) -> None:
    with prober(locked, "viewer") as watching:
        watching.subscribes([topic])
        with prober(locked, "display-lobby", will=topic) as client:
            if client.connected:
                client._client.socket().shutdown(2)  # type: ignore[union-attr]  # connected: there is one
        with prober(locked, "keeper") as writer:
            writer.writes(["display/lobby/info"])
            watching.subscribes(["display/lobby/info"])
            writer.writes(["display/lobby/info"])
        watching.wait(lambda: "display/lobby/info" in watching.received)
        assert topic not in watching.received


def test_a_client_id_gives_no_rights(locked: Locked, tmp_path: Path) -> None:
    """%c in a pattern of an acl_file would: the client chooses it."""
    with prober(locked, "display-lobby") as client:
        client._client.disconnect()
    other = prober(locked, "display-lobby")
    other._client._client_id = b"lampfield-led-renderer-other"
    with other:
        assert other.writes(["display/other/state", "display/lobby/state"]) == {
            "display/other/state": False,
            "display/lobby/state": True,
        }
