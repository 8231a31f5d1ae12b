"""Call-control's image, as docker-compose.yml runs it: asked by FreeSWITCH, a caller's message lights a panel; and an
operator, while there is no FreeSWITCH, is told so.

The FreeSWITCH is not there: what one asked was recorded (tests/data/httapi), and support.httapi does what one did.
"""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from demo_switch.stage import free_port
from support.broker import Bus
from support.compose import Stack
from support.httapi import Phone, exchanges, presses
from support.panel import depicts
from support.renderer import tell_switch
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

SCOPES = "calls:create,calls:read,calls:end,events:read"


class Answer(NamedTuple):
    """What came back."""

    status: int
    kind: str
    body: bytes


class Control:
    """The running image."""

    def __init__(self, stack: Stack, port: int, secret: str) -> None:
        self.stack = stack
        self.url = f"http://127.0.0.1:{port}"
        self.flows = f"{self.url}/httapi/{secret}"

    def post(self, url: str, body: str, **headers: str) -> Answer:
        """One request, as of a program that is not there for browsers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body.encode(), named), timeout=20) as answer:
                return Answer(answer.status, answer.headers["Content-Type"], answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers["Content-Type"], error.read())

    def order(self, token: str) -> tuple[int, dict[str, Any]]:
        """What POST /calls says, as docs/calls-from-the-web.md shows it."""
        told = self.post(
            f"{self.url}/calls", '{"from": "1000", "to": "1001"}',
            Authorization=f"Bearer {token}", Content_Type="application/json",
        )  # fmt: skip
        return told.status, json.loads(told.body)


@pytest.fixture(scope="module")
def control(compose: Callable[..., Stack]) -> Control:
    port, secret = free_port(), secrets.token_hex(24)
    stack = compose(
        profile="control",
        LAMPFIELD_CONTROL_PORT=str(port),
        LAMPFIELD_HTTAPI_SECRET=secret,
        LAMPFIELD_HTTAPI_ALLOW="127.0.0.1,172.16.0.0/12,192.168.0.0/16",  # Docker's bridges
        LAMPFIELD_FLOW_VALUES="code=4711,group=office",
        LAMPFIELD_GROUPS="office",
        LAMPFIELD_ESL_HOST="no-freeswitch.invalid",  # or a real one on this host were called
        LAMPFIELD_CALL_FROM="1000-1019",
        LAMPFIELD_CALL_TO="1000-1019",
    )
    stack.compose("build", "--quiet", "call-control", limit=900)
    stack.up("mosquitto", "call-control", "led-renderer")
    until(lambda: stack.health("call-control") == "healthy", 60, "the image")
    return Control(stack, port, secret)


@pytest.fixture
def bus(control: Control) -> Iterator[Bus]:
    with Bus("127.0.0.1", control.stack.port, login=("switch-main", control.stack.password("switch-main"))) as switch:
        tell_switch(switch, active=3)
    with control.stack.bus() as viewer:
        yield viewer


def test_it_is_on_the_bus_by_a_password_that_was_made_for_it(control: Control, bus: Bus) -> None:
    bus.wait_until_online("control/main")
    container = control.stack.container("call-control")
    assert container.attrs["Config"]["User"] == "10001:10001"
    assert container.attrs["HostConfig"]["ReadonlyRootfs"]
    log = container.logs().decode()
    assert "Traceback" not in log
    assert control.stack.password("control-main") not in log


def test_what_a_freeswitch_asked_is_answered_as_the_flow_says(control: Control, bus: Bus) -> None:
    first, last = exchanges("htap-ivr-dial")
    headers = {"Content_Type": first.content_type, "User_Agent": "mod_httapi/1.0"}
    told = control.post(f"{control.flows}/announcement", first.body, **headers)
    assert (told.status, told.kind.partition(";")[0]) == (200, "text/xml")
    work = ET.fromstring(told.body).find("work")
    assert work is not None
    (prompt,) = work.iter("playback")
    assert prompt.get("file") == "ivr/ivr-recording_started.wav"
    assert [bind.text for bind in prompt.iter("bind")] == ["1"]
    call = dict(pair.split("=", 1) for pair in first.body.split("&"))["session_id"]
    bus.wait_for(lambda: f"control/main/call/{call}" in bus.latest)
    assert control.post(f"{control.flows}/announcement", last.body, **headers).status == 200
    bus.wait_for(lambda: f"control/main/call/{call}" not in bus.latest)

    def ended() -> list[dict[str, Any]]:
        told = [json.loads(each) for each in bus.payloads("control/main/event/call/ended")]
        return [each for each in told if each["id"] == call]  # other tests' calls end, too

    bus.wait_for(ended)
    assert {"kind": "ivr", "from": "1000"}.items() <= ended()[0].items()
    assert control.post(f"{control.url}/httapi/guessed/announcement", first.body, **headers).status in {403, 404}


def test_a_message_by_phone_lights_the_panel(control: Control, bus: Bus) -> None:
    bus.wait_until_online("display/led-renderer-1", limit=30)
    until(lambda: "says 3" in Phone(f"{control.flows}/board", presses("4711#")).call(), 20, "the switch's calls")
    wrong = Phone(f"{control.flows}/board", presses("4712#", "4713#", "4714#"))
    wrong.call()
    assert wrong.switch.cause == "CALL_REJECTED"
    control.stack.catch_up(bus)
    assert [message.topic for message in bus.messages if "/cmd/notify" in message.topic] == []
    assert json.loads(bus.latest["display/led-renderer-1/state"])["notification"] is None
    phone = Phone(f"{control.flows}/board", presses("4711#", "1"))
    phone.call()
    assert phone.switch.cause == "NORMAL_CLEARING"
    bus.wait_for(lambda: depicts(bus.latest.get("display/led-renderer-1/frame", b"").decode(), "LUNCH"), 20)


def test_without_a_freeswitch_an_operator_starts_nothing_and_is_told(control: Control, bus: Bus) -> None:
    command = ("run", "--rm", "call-control", "token")
    token = control.stack.compose(*command, "add", "reception", "--scopes", SCOPES).strip()
    assert control.order("lft_guessed")[0] == 401
    until(lambda: control.order(token)[0] != 401, 20, "the service's look at the file")
    status, problem = control.order(token)
    assert (status, problem["type"]) == (503, "urn:lampfield:problem:switch-unreachable")
    assert "FreeSWITCH" in problem["title"]
    control.stack.catch_up(bus)
    calls = [json.loads(each.payload) for each in bus.messages if "/control/main/call/" in each.topic and each.payload]
    assert "click" not in {call["kind"] for call in calls}
    doctor = control.stack.container("call-control").exec_run(["call-control", "doctor"])
    assert doctor.exit_code == 1
    assert b"no-freeswitch.invalid" in doctor.output
    control.stack.compose(*command, "remove", "reception")
    until(lambda: control.order(token)[0] == 401, 20, "the end of the token")
