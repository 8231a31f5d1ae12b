"""The broker of docker-compose.yml from outside: who gets in, who may do what, and what nobody finds a password in."""

import json
import ssl
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from lampfield_bus.instants import parse
from support.acl import Prober, may_read, may_write, topics
from support.broker import Bus
from support.compose import Stack
from support.mqtt import Client
from support.panel import depicts
from support.waiting import now, until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

HERE = ["keeper", "operator", "viewer", "switch-main", "displays", "wall", "phone", "home-assistant-main",
        "control-main", "sip-main"]  # fmt: skip
SWITCH, DISPLAYS = "switch/main", ["display/led-renderer-1", "display/led-renderer-2"]
SERVICES = ["mosquitto", "esl-publisher", "led-renderer", "demo-switch"]


@pytest.fixture(scope="module")
def stack(compose: Callable[..., Stack]) -> Stack:
    stack = compose(profile="demo")
    stack.up("--scale", "led-renderer=2")
    return stack


def passwords(stack: Stack) -> dict[str, str]:
    """`make credentials`: user → password."""
    rows = [line.split(maxsplit=2) for line in stack.keys("show").splitlines()]
    return {row[0]: row[1] for row in rows}


def prober(stack: Stack, user: str, password: str) -> Prober:
    return Prober(("127.0.0.1", stack.port), user, password)


def spoken(bus: Bus, part: str, since: int) -> bool:
    """Whether it has told its health since then (ms); that it is online was said before, and the broker kept it."""
    return (parse(json.loads(bus.latest[f"{part}/health"])["at"]) or 0) > since


def test_everybody_has_a_password_and_nobody_gets_in_without(stack: Stack) -> None:
    known = passwords(stack)
    assert sorted(known) == sorted(HERE)
    assert len(set(known.values())) == len(HERE)
    for user, password in (("viewer", "wrong"), ("viewer", ""), ("", "")):
        with prober(stack, user, password) as client:
            assert client.connected is False


@pytest.mark.parametrize("user", [*sorted(set(HERE) - {"keeper"}), "display-lobby"])
def test_every_pair_of_user_and_topic(stack: Stack, user: str) -> None:
    if user == "display-lobby":
        assert "LAMPFIELD_MQTT_USERNAME=display-lobby" in stack.keys("add", "display", "lobby", "--numbers", "off")
    known = passwords(stack)
    numbers = user != "display-lobby"  # `wall` and `home-assistant-main` never have them: support.acl says so
    with prober(stack, user, known[user]) as client, prober(stack, "keeper", known["keeper"]) as writer:
        assert client.writes(topics()) == {topic: may_write(user, topic) for topic in topics()}
        wanted = {topic: may_read(user, topic, numbers=numbers) for topic in topics()}
        assert client.subscribes(topics()) == wanted
        writer.writes(topics())
        allowed = {topic for topic in wanted if wanted[topic]}
        client.wait(lambda: allowed <= client.received)
        last = max(topic for topic in allowed if topic.endswith("/x") or "/other/" in topic)  # no service writes there
        client.received.discard(last)
        writer.writes([last])
        client.wait(lambda: last in client.received)  # so that all that came before it is here as well
        assert client.received == allowed
    if user == "display-lobby":
        stack.keys("remove", "display", "lobby")
        with prober(stack, user, known[user]) as client:
            assert client.connected is False


def test_rotated_passwords_reach_the_services_without_a_restart(stack: Stack) -> None:
    before = passwords(stack)
    started = {service: stack.container(service).attrs["State"]["StartedAt"] for service in SERVICES}
    stack.keys("rotate")
    assert not set(before.values()) & set(passwords(stack).values())
    stack.forget_passwords()
    began = now()
    with stack.bus() as bus:
        # Who is thrown out for a new password leaves no will: `online` stays, and who reads it may not be back.
        bus.wait_for(lambda: all(spoken(bus, part, began) for part in (SWITCH, *DISPLAYS)), 40)
        stack.pub(f"{DISPLAYS[0]}/cmd/text", "hello")
        bus.wait_for(lambda: depicts(bus.latest.get(f"{DISPLAYS[0]}/frame", b"").decode(), "hello"), 15)
    assert started == {service: stack.container(service).attrs["State"]["StartedAt"] for service in SERVICES}


def test_no_password_is_where_it_does_not_belong(stack: Stack) -> None:
    known = passwords(stack)
    logs = stack.compose("logs", "--no-color")
    assert not [user for user, password in known.items() if password in logs]
    for service in SERVICES:
        container = stack.container(service)
        assert not [user for user, password in known.items() if password in str(container.attrs)]
    for service, user in (("esl-publisher", "switch-main"), ("led-renderer", "displays")):
        found = stack.container(service).exec_run(
            ["sh", "-c", "stat -c '%a %u' /run/lampfield/*; cat /run/lampfield/*"]
        )
        assert found.output.decode().split() == ["600", "10001", known[user]]  # type: ignore[union-attr]  # bytes, as it is no stream


def test_doctors_find_nothing_wrong_at_the_broker(stack: Stack) -> None:
    def told(service: str) -> list[str]:
        answer = stack.container(service).exec_run([service, "doctor"])
        said: list[str] = answer.output.decode().splitlines()  # type: ignore[union-attr]  # as above
        return said

    def healthy(service: str) -> bool:
        lines[service] = told(service)
        return not any(line.startswith("fail") for line in lines[service])

    lines = dict[str, list[str]]()
    beyond = {
        "esl-publisher": "ok   may write and read nothing of others that it tried",
        "led-renderer": "note may do more than it needs: write display/",  # replicas share a user that is any display
    }
    for service, last in beyond.items():
        until(partial(healthy, service), 30, f"a {service} whose doctor finds no fault")
        assert any(line.startswith(last) for line in lines[service]), lines[service]


def test_tls_by_the_authority_that_was_made(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(stack.keys("ca"), encoding="ascii")
    stack.keys("certs", "pbx.example")
    stack.compose("kill", "--signal", "HUP", "mosquitto")
    codes: list[bool] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.tls_set_context(ssl.create_default_context(cafile=str(tmp_path / "ca.pem")))
    client.username_pw_set("viewer", stack.password("viewer"))
    client.on_connect = lambda _c, _u, _f, code, _p: codes.append(not code.is_failure)
    client.connect("localhost", stack.tls_port)
    client.loop_start()
    until(lambda: codes, 10, "the broker's answer")
    client.disconnect()
    client.loop_stop()
    assert codes == [True]
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{stack.tls_port}", "-CAfile", str(tmp_path / "ca.pem")]
    command += ["-verify_hostname", "pbx.example"]

    def named() -> bool:
        done = subprocess.run(command, input=b"", capture_output=True, check=False)
        return b"Verify return code: 0 (ok)" in done.stdout

    until(named, 10, "a certificate for the new name")


def test_a_broker_without_its_users_file_gets_a_new_one_at_the_next_start(stack: Stack) -> None:
    """The volume with what the broker knows was lost; passwords stay as they were."""
    before = passwords(stack)
    stack.container("mosquitto").exec_run(
        ["sh", "-c", "head -c 4096 $F > /tmp/x; cat /tmp/x > $F"],
        environment={"F": "/mosquitto/credentials/dynamic-security.json"},
    )
    stack.kill("mosquitto")
    began = now()
    stack.up("--scale", "led-renderer=2")
    assert passwords(stack) == before
    with stack.bus() as bus:
        bus.wait_for(lambda: spoken(bus, SWITCH, began), 40)
