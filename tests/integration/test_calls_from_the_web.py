"""Calls from the web as a process, with a real broker and a FreeSWITCH on loopback: from the token to the end."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import given as given_by
from schemathesis.core.result import Ok

from support.broker import Bus
from support.call_control import Running
from support.locked import Locked
from support.waiting import allowed, until
from support.web_switch import WebSwitch

SETTINGS = {
    "ESL_HOST": "127.0.0.1",
    "CALL_FROM": "1000-1019",
    "CALL_TO": "1000-1019",
    "GUEST_TO": "1000",
    "CALLS_MAX": "1000",
    "TOKEN_CALLS_MAX": "1000",
    "CALLS_PER_MINUTE": "6000",
    "TOKEN_CALLS_PER_MINUTE": "6000",
}


class Bench:
    """Everything that a client needs."""

    def __init__(self, service: Running, switch: WebSwitch, bus: Bus, audit: Path) -> None:
        self.service = service
        self.switch = switch
        self.bus = bus
        self.audit = audit
        self._reading: list[threading.Thread] = []
        scopes = "calls:create,calls:read,calls:end,events:read,guests:invite"
        made = service.command("token", "add", "reception", "--scopes", scopes)
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.strip()
        until(lambda: "connected to FreeSWITCH" in service.log, 30, "a link to FreeSWITCH")

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=10)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def watch(self) -> list[dict[str, Any]]:
        """What a stream of events tells from now on, to its end."""
        told: list[dict[str, Any]] = []
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
        connection.request("GET", "/events", headers={"Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.readline().startswith(b"retry: ")  # from here on it is told

        def read() -> None:
            with closing(connection), closing(answer), suppress(OSError, http.client.HTTPException):
                while line := answer.readline():
                    if line.startswith(b"data: "):
                        told.append(json.loads(line.removeprefix(b"data: ")))

        self._reading.append(threading.Thread(target=read))
        self._reading[-1].start()
        return told

    def stop(self) -> None:
        """Ends the service in order, while somebody watches."""
        self.watch()
        began = time.monotonic()
        assert self.service.stop() == 0
        assert time.monotonic() - began < allowed(3)
        assert "Traceback" not in self.service.log, "a stream has no other end than ours"
        for thread in self._reading:
            thread.join(10)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("calls")
    locked = Locked(folder / "locked").start()
    switch = WebSwitch()
    files = {"TOKENS_FILE": str(folder / "tokens.json"), "AUDIT_FILE": str(folder / "audit.jsonl")}
    with switch.server, locked.bus("keeper") as bus:
        bus.subscribe("control/#")
        with Running(locked, folder, **SETTINGS, **files, ESL_PORT=str(switch.server.port)) as service:
            made = Bench(service, switch, bus, folder / "audit.jsonl")
            yield made
            made.stop()
    locked.broker.stop()


def test_a_call_from_a_token_to_the_end_on_every_side(bench: Bench) -> None:
    told = bench.watch()
    status, call = bench.ask("POST", "/calls", {"from": "1000", "to": "1001"})
    assert status == 202
    topic, switch = f"control/main/call/{call['id']}", bench.switch
    bench.bus.wait_for(lambda: topic in bench.bus.latest)
    switch.ring(call["id"])
    switch.pick_up(call["id"])
    switch.talk(call["id"])
    bench.bus.wait_for(lambda: b'"state":"active"' in bench.bus.latest[topic])
    switch.server.kill()
    bench.bus.wait_for(lambda: b'"state":"unknown"' in bench.bus.latest[topic])
    assert bench.ask("POST", "/calls", {"from": "1000", "to": "1001"})[0] == 503
    switch.dumps[call["id"]] = {"Answer-State": "answered", "variable_signal_bond": "b"}
    switch.server.start()
    bench.bus.wait_for(lambda: b'"state":"active"' in bench.bus.latest[topic])
    assert bench.ask("DELETE", f"/calls/{call['id']}")[0] == 202
    bench.bus.wait_for(lambda: topic not in bench.bus.latest)

    def states() -> list[str]:
        return [each["state"] for each in list(told) if each["id"] == call["id"]]

    until(lambda: states()[-1:] == ["ended"], 10, "the end in the stream")
    assert list(dict.fromkeys(states())) == ["starting", "ringing", "waiting", "active", "unknown", "ended"]
    bench.bus.wait_for(lambda: "control/main/event/call/ended" in bench.bus.latest)
    ended = json.loads(bench.bus.latest["control/main/event/call/ended"])
    assert (ended["outcome"], ended["cause"], ended["sip_status"]) == ("answered", "NORMAL_CLEARING", 200)
    lines = [json.loads(line) for line in bench.audit.read_text().splitlines()]
    own = [(line["action"], line["outcome"]) for line in lines if line.get("call") == call["id"]]
    assert own == [("call", "accepted"), ("end", "accepted"), ("call", "ended")]
    assert bench.token not in bench.service.log + bench.audit.read_text()


def test_it_does_as_its_openapi_document_says(bench: Bench) -> None:
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{bench.service.port}/openapi.json")
    headers = {"Authorization": f"Bearer {bench.token}"}
    tried = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path == "/events":
            continue  # its answer has no end
        tried.append(f"{operation.method.upper()} {operation.path}")

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @given_by(case=operation.as_strategy())
        def run(case: Any) -> None:
            case.call_and_validate(headers=headers)

        run()
    assert {"POST /calls", "GET /calls/{id}", "DELETE /calls/{id}", "POST /guest-tokens"} <= set(tried)
    document = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert bench.service.get("/openapi.json") == document


def test_the_doctor_knows_what_is_missing(bench: Bench) -> None:
    doctor = bench.service.command("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "calls may be started there" in doctor.stdout
