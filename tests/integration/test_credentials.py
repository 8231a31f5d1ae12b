"""`credentials` and a running broker: nothing is restarted, and who is out is out at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from credentials import control
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Lost
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig
from support.acl import Prober
from support.broker import ROOT
from support.flood import Flood, publish
from support.locked import Locked
from support.waiting import until


@pytest.fixture
def links() -> Iterator[list[Link]]:
    made: list[Link] = []
    yield made
    for link in made:
        link.stop(1.0)


def display(locked: Locked, name: str, links: list[Link], *, password_file: Path | None = None) -> tuple[Link, Inbox]:
    inbox = Inbox()
    user = f"display-{name}"
    config = LinkConfig(
        locked.broker.host,
        locked.broker.port,
        f"lampfield-led-renderer-{name}",
        f"display/{name}/fence",
        f"display/{name}/availability",
        username=user,
        password=SecretStr(locked.password(user)),
        password_file=password_file,
    )
    link = Link(config, inbox, [])
    links.append(link)
    link.start()
    return link, inbox


def test_a_new_display_gets_in_at_once_and_a_removed_one_is_out_at_once(locked: Locked, links: list[Link]) -> None:
    locked.app().add("display", "lobby")
    link, inbox = display(locked, "lobby", links)
    until(lambda: link.connected)
    link.send([Publication("display/lobby/info", b"{}", 1, True)])
    assert link.flush(5)
    with locked.bus("viewer").subscribe() as bus:
        bus.wait_until_online("display/lobby")
        locked.app().remove("display", "lobby")
        until(lambda: not link.connected)
        bus.wait_for(lambda: not {"display/lobby/availability", "display/lobby/info"} & bus.latest.keys())
    assert locked.said[-1] == "2 retained topics of it deleted"
    assert any(isinstance(arrival, Lost) for arrival in inbox.take(5))


def test_what_a_thief_left_goes_however_long_that_takes(locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for a broker that is silent, not for one that has much to say."""
    monkeypatch.setattr(control, "SECONDS", 1.0)
    locked.app().add("switch", "evil")
    with Flood(locked.broker.port, "switch-evil", "switch-evil", locked.password("switch-evil")) as thief:
        thief.send(publish(f"{ROOT}/switch/evil/extension/{n}", b"{}", retain=True) for n in range(6_000))
        thief.settle()
    locked.app().remove("switch", "evil")
    assert locked.said[-1] == "6000 retained topics of it deleted"
    with locked.bus("viewer").subscribe("switch/evil/#") as bus:
        bus.subscribe("display/+/health")
        assert not bus.messages  # what is retained begins to come before the next subscription's answer


def test_a_service_takes_its_new_password_from_its_file(locked: Locked, links: list[Link]) -> None:
    locked.app().add("display", "lobby")
    file = locked.places.own / "lobby"
    file.write_text(locked.password("display-lobby"), encoding="ascii")
    link, inbox = display(locked, "lobby", links, password_file=file)
    until(lambda: link.connected)
    locked.app().rotate("display-lobby")
    until(lambda: any(isinstance(arrival, Lost) for arrival in inbox.take(1)))
    assert not link.connected
    file.write_text(locked.password("display-lobby") + "\n", encoding="ascii")
    until(lambda: link.connected)


def test_rotating_all_changes_the_keepers_own_password_too(locked: Locked) -> None:
    before = locked.password("keeper")
    locked.app().rotate()
    assert locked.password("keeper") != before
    locked.app().add("display", "lobby")  # it is still let in
    with Prober((locked.broker.host, locked.broker.port), "keeper", before) as old:
        assert old.connected is False


def test_those_whose_password_stays_stay(locked: Locked, links: list[Link]) -> None:
    for name in ("lobby", "hall"):
        locked.app().add("display", name)
    link, inbox = display(locked, "lobby", links)
    until(lambda: link.connected)
    locked.app().rotate("display-hall")
    locked.app().rotate()
    locked.app().remove("display", "hall")
    locked.app().ensure()
    assert not any(isinstance(arrival, Lost) for arrival in inbox.take(0.5))


def test_other_rights_reach_a_running_broker(locked: Locked) -> None:
    """As after an update with a new row in the table of channels: here the display is let read one thing less."""
    paragraph = locked.access / "led-renderer.toml"
    text = paragraph.read_text(encoding="utf-8")
    locked.app().add("display", "lobby")
    for content, allowed in ((text.replace('"group/#",', ""), False), (text, True)):
        paragraph.write_text(content, encoding="utf-8")
        locked.app().ensure()
        address = (locked.broker.host, locked.broker.port)
        with Prober(address, "display-lobby", locked.password("display-lobby")) as client:
            assert client.subscribes(["group/all/cmd/text"]) == {"group/all/cmd/text": allowed}


def test_what_was_changed_survives_a_restart_of_the_broker(locked: Locked, links: list[Link]) -> None:
    locked.app().add("display", "lobby")
    locked.broker.restart()
    link, _ = display(locked, "lobby", links)
    until(lambda: link.connected)


def test_a_broker_that_has_other_users_says_so(locked: Locked) -> None:
    """The volume with our passwords was lost, and the broker has not been started since."""
    (locked.places.own / "users.json").unlink()
    locked.app().ensure()
    assert any("docker compose restart mosquitto" in line for line in locked.said)
    locked.broker.restart()
    locked.app().add("display", "lobby")


def test_a_users_file_that_a_full_disk_cut_off_is_mended_while_the_broker_runs(
    locked: Locked, links: list[Link]
) -> None:
    """mosquitto 2.0.11 and 2.0.21 then leave a file that they cannot start with."""
    locked.app().add("display", "lobby")
    path = locked.places.broker / "dynamic-security.json"
    path.write_bytes(path.read_bytes()[:4096])
    locked.app().ensure()
    assert any("cut off" in line for line in locked.said)
    locked.broker.restart()
    link, _ = display(locked, "lobby", links)
    until(lambda: link.connected)
    locked.app().rotate()  # the keeper too is let in


def test_a_broker_that_cannot_write_its_users_down_is_told_of(locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    path = locked.places.broker / "dynamic-security.json"
    tell = control.apply

    def on_a_full_disk(*arguments: Any, **words: Any) -> None:
        tell(*arguments, **words)
        path.write_bytes(path.read_bytes()[:4096])

    monkeypatch.setattr(control, "apply", on_a_full_disk)
    with pytest.raises(ValueError, match="Is the disk full"):
        locked.app().add("display", "lobby")


def test_many_come_and_go_and_the_broker_lives(locked: Locked) -> None:
    """mosquitto 2.0.11 and 2.0.21 die when a role is deleted before the connected client that has it."""
    address = (locked.broker.host, locked.broker.port)
    for number in range(15):
        name = f"display-{number}"
        locked.app().add("display", str(number), numbers=number % 2 == 0)
        with Prober(address, name, locked.password(name)) as one, Prober(address, name, locked.password(name)) as two:
            assert one.subscribes(["switch/+/calls"]) == two.subscribes(["switch/+/calls"]) == {"switch/+/calls": True}
            locked.app().remove("display", str(number))
    locked.app().add("display", "last")
    assert "segmentation" not in locked.broker.log.lower()
