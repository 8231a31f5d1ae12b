"""The HTTP API as clients meet it: what each request is answered, and what FreeSWITCH is told because of it."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from call_control.parts import Place
from call_control.register import Register
from call_control.settings import Settings
from call_control.site import site
from call_control.web import api, desk, part, tokens
from call_control.web.part import WebPart
from lampfield_bus.messages import ControlCall, Publication
from lampfield_bus.node.run import Now
from support.asgi import Answer, ask, stream
from support.waiting import eventually
from support.web_switch import WebSwitch

AT = 1_795_388_000_000
PAGE = "https://www.example.org"
ALL = ["calls:create", "calls:read", "calls:end", "events:read"]
SECRETS = {name: f"lft_{name}" for name in ("reception", "other", "boss", "reader", "old", "website", "mobile")}
ROWS: dict[str, dict[str, Any]] = {
    "reception": {"scopes": ALL},
    "other": {"scopes": ALL},
    "boss": {"scopes": ["calls:any", "events:read"]},
    "reader": {"scopes": ["calls:read"]},
    "old": {"scopes": ALL, "expires_at": "2020-01-01T00:00:00Z"},
    "website": {"scopes": ["guests:invite"], "origins": [PAGE], "to": ["1000-1001"]},
    "mobile": {"scopes": ALL, "from": ["01511234567"], "to": ["1000"]},
}
SETTINGS: dict[str, Any] = {
    "call_from": ("1000-1019", "0151XXXXXXX@carrier"),
    "call_to": ("1000-1019", "3000"),
    "call_caller_ids": ("8000", "8001"),
    "guest_to": ("1000-1002",),
}


class Bench:
    """The part, its application and a clock; FreeSWITCH is `switch`."""

    def __init__(self, folder: Path, switch: WebSwitch, **settings: Any) -> None:
        self.file = folder / "tokens.json"
        self.write(ROWS)
        self.audit = folder / "audit.jsonl"
        self.at = AT
        self.sent: list[Publication] = []
        given = {
            "tokens_file": self.file,
            "audit_file": self.audit,
            "esl_port": switch.server.port,
            "esl_host": ("127.0.0.1",),
        }
        self.register = Register("main")
        self.part = WebPart(
            Place(Settings(**{**SETTINGS, **given, **settings}), self.register, self.sent.extend, lambda: self.at)
        )
        self.app = site([self.part])

    def write(self, rows: dict[str, dict[str, Any]]) -> None:
        made = [{"name": name, "sha256": tokens.digest(SECRETS[name]), **row} for name, row in rows.items()]
        self.file.write_text(json.dumps({"tokens": made}))

    async def ask(
        self, method: str, target: str, body: object = None, who: str = "reception", **headers: str
    ) -> Answer:
        if who:
            headers = {"authorization": f"Bearer {SECRETS[who]}", **headers}
        return await ask(self.app, method, target, body, **headers)

    async def call(self, **headers: str) -> Answer:
        return await self.ask("POST", "/calls", {"from": "1000", "to": "1001"}, **headers)

    async def until(self, condition: Callable[[], object]) -> None:
        await eventually(condition)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit.read_text().splitlines()] if self.audit.exists() else []


@pytest.fixture
def switch() -> Iterator[WebSwitch]:
    made = WebSwitch()
    with made.server:
        yield made


@pytest.fixture
def run(tmp_path: Path, switch: WebSwitch) -> Callable[..., Bench]:
    """Runs a script beside a part that is connected to FreeSWITCH."""

    def run(script: Callable[[Bench], Awaitable[object]], **settings: Any) -> Bench:
        async def main() -> Bench:
            bench = Bench(tmp_path, switch, **settings)
            working = asyncio.create_task(bench.part.run())
            await bench.until(lambda: bench.part.counts.esl == "connected")
            try:
                await script(bench)
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            return bench

        return asyncio.run(main())

    return run


def problem(answer: Answer, name: str, status: int) -> dict[str, Any]:
    """The answer is this problem, as RFC 9457 has it."""
    assert (answer.status, answer.json["type"]) == (status, f"urn:lampfield:problem:{name}"), answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    found: dict[str, Any] = answer.json
    return found


Run = Callable[..., Bench]


# --- a call -----------------------------------------------------------------------------------------------------------


def test_a_call_that_is_answered_refused_and_watched(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        answer = await bench.call()
        assert answer.status == 202
        name = answer.json["id"]
        assert answer.headers["location"] == answer.json["watch"]["call"] == f"/calls/{name}"
        assert (answer.json["state"], answer.json["from"], answer.json["to"]) == ("starting", "1000", "1001")
        switch.ring(name)
        switch.pick_up(name)
        switch.hang_up(
            name, "USER_BUSY", variable_originate_disposition="USER_BUSY",
            variable_last_bridge_proto_specific_hangup_cause="sip:486",
        )  # fmt: skip
        await bench.until(lambda: not bench.register.live)
        told = (await bench.ask("GET", f"/calls/{name}")).json
        assert (told["state"], told["outcome"], told["cause"]) == ("ended", "failed", "USER_BUSY")
        assert (told["sip_status"], told["sip_reason"], told["sip_source"]) == (486, "Busy Here", "wire")

    bench = run(script)
    topics = [(publication.topic.rpartition("/")[0], bool(publication.payload)) for publication in bench.sent]
    assert topics == [("control/main/call", True)] * (len(topics) - 2) + [
        ("control/main/call", False),
        ("control/main/event/call", True),
    ]
    assert json.loads(bench.sent[-1].payload)["cause"] == "USER_BUSY"
    assert [(line["action"], line["outcome"], line.get("token")) for line in bench.lines] == [
        ("call", "accepted", "reception"),
        ("call", "ended", "reception"),
    ]


def test_a_call_is_ended(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        name = (await bench.call()).json["id"]
        switch.ring(name)
        assert (await bench.ask("DELETE", f"/calls/{name}")).status == 202
        await bench.until(lambda: not bench.register.live)
        again = await bench.ask("DELETE", f"/calls/{name}")
        assert (again.status, again.json["state"]) == (202, "ended")

    bench = run(script)
    assert [line["action"] for line in bench.lines] == ["call", "end", "call"]


def test_a_number_behind_a_gateway_is_dialled_there(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        body = {"from": "01511234567", "to": "1000", "caller_id": "8001"}
        assert (await bench.ask("POST", "/calls", body, "mobile")).status == 202

    run(script)
    (order,) = [line.decode() for line in switch.server.wire if b"originate" in line]
    assert "sofia/gateway/carrier/01511234567 1000 XML default" in order
    assert "origination_caller_id_number=8001" in order


@pytest.mark.parametrize(
    ("who", "body", "field"),
    [
        ("reception", {"from": "2000", "to": "1001"}, "body.from"),
        ("reception", {"from": "1000", "to": "0190123456"}, "body.to"),
        ("reception", {"from": "1000", "to": "1001", "caller_id": "110"}, "body.caller_id"),
        ("mobile", {"from": "1000", "to": "1000"}, "body.from"),
        ("mobile", {"from": "01511234567", "to": "1001"}, "body.to"),
    ],
)
def test_who_is_not_on_a_list_is_not_called(
    run: Run, switch: WebSwitch, who: str, body: dict[str, str], field: str
) -> None:
    async def script(bench: Bench) -> None:
        found = problem(await bench.ask("POST", "/calls", body, who), "not-allowed", 403)
        assert found["errors"][0]["field"] == field

    bench = run(script)
    assert not any(b"originate" in line for line in switch.server.wire)
    assert [(line["outcome"], line["problem"], line["from"]) for line in bench.lines] == [
        ("refused", "not-allowed", body["from"])
    ]
    assert bench.part.counts.refused == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "1000"}, "body.to"),
        ({"from": 1000, "to": "1001"}, "body.from"),
        ({"from": "1000", "to": "+491511234567"}, "body.to"),
        ({"from": "1000", "to": "1001 &park"}, "body.to"),
        ({"from": "1000", "to": "1001\n"}, "body.to"),
        ({"from": "1000", "to": "\uff11001"}, "body.to"),
        ({"from": "1000", "to": "1001", "timeout": 9}, "body.timeout"),
        ({"from": "1000", "to": "1001", "caller_id": ""}, "body.caller_id"),
        ([], "body"),
        (b"{", "body.1"),
        (b"", "body"),
    ],
)
def test_a_request_that_is_none_names_the_field(run: Run, body: object, field: str) -> None:
    async def script(bench: Bench) -> None:
        found = problem(await bench.ask("POST", "/calls", body), "invalid", 422)
        assert [fault["field"] for fault in found["errors"]] == [field]

    run(script)


def test_a_body_without_end_is_cut_off(run: Run) -> None:
    async def script(bench: Bench) -> None:
        answer = await bench.ask("POST", "/calls", b'{"from": "' + b"1" * 10_000)
        assert (answer.status, answer.json["type"]) == (413, "about:blank")

    run(script)


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [None, "Bearer lft_nobody", "Bearer", "Basic bGZ0", "lft_reception", "Bearer lft_old"]
)
def test_without_a_token_nobody_comes_in(run: Run, header: str | None) -> None:
    async def script(bench: Bench) -> None:
        given = {} if header is None else {"authorization": header}
        for method, path in (("POST", "/calls"), ("GET", "/calls/x"), ("DELETE", "/calls/x"), ("GET", "/events")):
            answer = await bench.ask(
                method, path, {"from": "1000", "to": "1001"} if method == "POST" else None, "", **given
            )
            problem(answer, "no-token", 401)
            assert answer.headers["www-authenticate"] == "Bearer"

    run(script)


def test_a_scope_is_needed_for_each(run: Run) -> None:
    async def script(bench: Bench) -> None:
        body = {"from": "1000", "to": "1001"}
        problem(await bench.ask("POST", "/calls", body, "reader"), "scope-missing", 403)
        problem(await bench.ask("DELETE", "/calls/x", None, "reader"), "scope-missing", 403)
        problem(await bench.ask("GET", "/events", None, "reader"), "scope-missing", 403)
        problem(await bench.ask("POST", "/guest-tokens", {"to": "1000"}), "scope-missing", 403)

    run(script)


def test_another_s_call_is_as_unknown_as_none(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        name = (await bench.call()).json["id"]
        there = await bench.ask("GET", f"/calls/{name}", None, "other")
        assert there.json == (await bench.ask("GET", "/calls/none", None, "other")).json
        problem(there, "unknown-call", 404)
        problem(await bench.ask("DELETE", f"/calls/{name}", None, "other"), "unknown-call", 404)
        assert (await bench.ask("GET", f"/calls/{name}", None, "boss")).status == 200
        assert not any(b"uuid_kill" in line for line in switch.server.wire)
        assert (await bench.ask("DELETE", f"/calls/{name}", None, "boss")).status == 202

    run(script)


def test_a_token_that_is_taken_away_opens_nothing_at_once(run: Run) -> None:
    async def script(bench: Bench) -> None:
        assert (await bench.call()).status == 202
        bench.write({name: row for name, row in ROWS.items() if name != "reception"})
        problem(await bench.call(), "no-token", 401)

    run(script)


def test_unknown_paths_and_methods_are_problems_too(run: Run) -> None:
    async def script(bench: Bench) -> None:
        missing = await bench.ask("GET", "/nothing")
        assert (missing.status, missing.json["type"], missing.json["title"]) == (404, "about:blank", "Not Found")
        wrong = await bench.ask("PUT", "/calls/x")
        assert (wrong.status, wrong.headers["allow"]) == (405, "DELETE, GET")
        assert wrong.headers["content-type"] == "application/problem+json"

    run(script)


# --- how often --------------------------------------------------------------------------------------------------------


def test_a_token_s_calls_are_limited_by_the_minute(run: Run, switch: WebSwitch) -> None:
    switch.refuse = "-ERR USER_BUSY\n"

    async def script(bench: Bench) -> None:
        statuses = [(await bench.call()).status for _ in range(4)]
        assert statuses == [202, 202, 202, 429]
        found = await bench.call()
        problem(found, "too-many", 429)
        assert found.headers["retry-after"] == "20"
        body = {"from": "1000", "to": "1001"}
        assert (await bench.ask("POST", "/calls", body, "other")).status == 202  # another token's are his own
        bench.at += 20_000
        assert (await bench.call()).status == 202

    run(script, token_calls_per_minute=3)


def test_and_everybody_s_together(run: Run, switch: WebSwitch) -> None:
    switch.refuse = "-ERR USER_BUSY\n"

    async def script(bench: Bench) -> None:
        assert (await bench.call()).status == 202
        body = {"from": "1000", "to": "1001"}
        assert (await bench.ask("POST", "/calls", body, "other")).status == 202
        problem(await bench.ask("POST", "/calls", body, "other"), "too-many", 429)

    run(script, calls_per_minute=2)


def test_what_is_refused_for_another_reason_costs_nothing(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        for _ in range(3):
            problem(await bench.ask("POST", "/calls", {"from": "1000", "to": "9"}), "not-allowed", 403)
        assert (await bench.call()).status == 202

    run(script, token_calls_per_minute=1)


def test_calls_that_live_are_limited_for_a_token_and_in_all(run: Run) -> None:
    async def script(bench: Bench) -> None:
        assert [(await bench.call()).status for _ in range(2)] == [202, 202]
        problem(await bench.call(), "too-many-calls", 429)
        body = {"from": "1000", "to": "1001"}
        assert (await bench.ask("POST", "/calls", body, "other")).status == 202
        found = await bench.ask("POST", "/calls", body, "other")
        problem(found, "too-many-calls", 429)
        assert found.headers["retry-after"] == "5"

    run(script, token_calls_max=2, calls_max=3)


def test_requests_of_any_kind_are_limited(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "REQUESTS_PER_MINUTE", 2)

    async def script(bench: Bench) -> None:
        for _ in range(2):
            problem(await bench.ask("GET", "/calls/x"), "unknown-call", 404)
        problem(await bench.ask("GET", "/calls/x"), "too-many", 429)

    run(script)


# --- twice ------------------------------------------------------------------------------------------------------------


def test_one_key_starts_one_call_even_at_once(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        answers = await asyncio.gather(*(bench.call(idempotency_key="one") for _ in range(20)))
        assert {answer.status for answer in answers} == {202}
        assert len({answer.json["id"] for answer in answers}) == 1
        other = await bench.ask("POST", "/calls", {"from": "1000", "to": "1001"}, "other", idempotency_key="one")
        assert other.json["id"] != answers[0].json["id"]  # a key is one token's

    run(script, token_calls_per_minute=1)
    assert sum(b"bgapi originate" in line for line in switch.server.wire) == 2


def test_a_key_for_another_request_is_refused(run: Run) -> None:
    async def script(bench: Bench) -> None:
        assert (await bench.call(idempotency_key="one")).status == 202
        body = {"from": "1000", "to": "1002"}
        problem(await bench.ask("POST", "/calls", body, idempotency_key="one"), "key-reused", 422)
        problem(await bench.call(idempotency_key="a b"), "invalid", 422)

    run(script)


# --- FreeSWITCH is gone, or says no
# -------------------------------------------------------------------------------------


def test_without_freeswitch_calls_are_refused_and_the_key_is_free_again(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        await asyncio.to_thread(switch.server.kill)
        await bench.until(lambda: bench.part.counts.esl == "lost")
        found = await bench.call(idempotency_key="one")
        problem(found, "switch-unreachable", 503)
        assert found.headers["retry-after"] == "5"
        assert "127.0.0.1" not in found.body.decode()
        await asyncio.to_thread(switch.server.start)
        await bench.until(lambda: bench.part.counts.esl == "connected")
        assert (await bench.call(idempotency_key="one")).status == 202

    bench = run(script)
    assert [line["outcome"] for line in bench.lines] == ["accepted", "refused", "accepted"]


def test_a_call_in_mid_air_is_unknown_while_freeswitch_is_gone(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        name = (await bench.call()).json["id"]
        switch.ring(name)
        await bench.until(lambda: any(b'"state":"ringing"' in publication.payload for publication in bench.sent))
        await asyncio.to_thread(switch.server.kill)
        await bench.until(lambda: b'"state":"unknown"' in bench.sent[-1].payload)
        assert (await bench.ask("GET", f"/calls/{name}")).json["state"] == "unknown"
        problem(await bench.ask("DELETE", f"/calls/{name}"), "switch-unreachable", 503)

    run(script)


def test_what_cannot_be_written_down_is_not_done(
    run: Run, switch: WebSwitch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "audit.jsonl").mkdir()

    async def script(bench: Bench) -> None:
        problem(await bench.call(), "not-audited", 503)
        problem(await bench.ask("POST", "/guest-tokens", {"to": "1000"}, "website", origin=PAGE), "not-audited", 503)

    run(script)
    assert not any(b"originate" in line or b"hash" in line for line in switch.server.wire)
    assert "the audit log cannot be written" in caplog.text


# --- watching ---------------------------------------------------------------------------------------------------------


@contextmanager
def watching(
    bench: Bench, target: str = "/events", who: str = "reception", **headers: str
) -> Iterator["asyncio.Queue[str]"]:
    pieces: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(stream(bench.app, target, pieces, authorization=f"Bearer {SECRETS[who]}", **headers))
    try:
        yield pieces
    finally:
        task.cancel()


async def events(pieces: "asyncio.Queue[str]", until: str) -> list[tuple[str, str, str]]:
    """(number, call, state) of each event, to the first with this state."""
    found: list[tuple[str, str, str]] = []
    async with asyncio.timeout(15):
        while not found or found[-1][2] != until:
            piece = await pieces.get()
            if piece.startswith("id: "):
                number, kind, data = piece.rstrip("\n").split("\n")
                assert kind == "event: call"
                call = json.loads(data.removeprefix("data: "))
                found.append((number.removeprefix("id: "), call["id"], call["state"]))
    return found


def test_calls_are_told_as_they_change_and_from_where_one_was_cut_off(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        with watching(bench) as pieces:
            assert await asyncio.wait_for(pieces.get(), 10) == "retry: 2000\n\n"
            name = (await bench.call()).json["id"]
            switch.ring(name)
            told = await events(pieces, "ringing")
            assert [state for _, _, state in told] == ["starting", "ringing"]
        switch.pick_up(name)
        await bench.until(lambda: b'"state":"waiting"' in bench.sent[-1].payload)
        with watching(bench, last_event_id=told[-1][0]) as pieces:
            missed = await events(pieces, "waiting")
            assert missed[0][2] == "waiting"
        with watching(bench, last_event_id="anything-1") as pieces:  # of another run: all that there is
            assert (await events(pieces, "waiting"))[0][1] == name

    run(script)


def test_a_watcher_of_one_call_is_done_when_it_has_ended(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        first = (await bench.call()).json
        second = (await bench.call()).json
        pieces: asyncio.Queue[str] = asyncio.Queue()
        done = asyncio.create_task(
            stream(bench.app, first["watch"]["events"], pieces, authorization=f"Bearer {SECRETS['reception']}")
        )
        switch.hang_up(second["id"])
        switch.hang_up(first["id"], "USER_BUSY")
        await asyncio.wait_for(done, 15)
        assert {name for _, name, _ in await events(pieces, "ended")} == {first["id"]}

    run(script)


def test_one_s_own_calls_alone_are_told(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        with watching(bench, who="other") as others, watching(bench, who="boss") as boss:
            await others.get()
            name = (await bench.call()).json["id"]
            assert (await events(boss, "starting"))[0][1] == name
            mine = (await bench.ask("POST", "/calls", {"from": "1001", "to": "1002"}, "other")).json["id"]
            assert [call for _, call, _ in await events(others, "starting")] == [mine]

    run(script)


def test_a_stream_says_that_it_lives_and_ends_with_its_token(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "HEARTBEAT_SECONDS", 0.05)

    async def script(bench: Bench) -> None:
        pieces: asyncio.Queue[str] = asyncio.Queue()
        done = asyncio.create_task(stream(bench.app, "/events", pieces, authorization=f"Bearer {SECRETS['other']}"))
        await pieces.get()
        assert await asyncio.wait_for(pieces.get(), 10) == ": still here\n\n"
        bench.write({"reception": ROWS["reception"]})
        await asyncio.wait_for(done, 10)

    run(script)


def test_so_many_may_watch_and_no_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MAX_WATCHERS", 1)

    async def script(bench: Bench) -> None:
        with watching(bench) as pieces:
            await bench.call()
            await events(pieces, "starting")
            problem(await bench.ask("GET", "/events"), "too-many-watchers", 503)

    run(script)


# --- guests -----------------------------------------------------------------------------------------------------------


def test_a_page_gets_a_token_for_one_call(run: Run, switch: WebSwitch) -> None:
    async def script(bench: Bench) -> None:
        answer = await bench.ask("POST", "/guest-tokens", {"to": "1000"}, "website", origin=PAGE)
        assert answer.status == 201
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-store", "Origin")
        told = answer.json
        assert (told["to"], told["expires_in"]) == ("1000", 60)
        assert told["expires_at"] == "2026-11-22T22:54:20.000Z"
        assert switch.guests == {told["token"]: "1000"}
        switch.tell("CHANNEL_CREATE", "guest-1", **{"variable_sip_h_X-Guest-Token": told["token"]})
        await bench.until(lambda: "guest-1" in bench.register.live)
        call = bench.register.live["guest-1"]
        assert (call.kind, call.from_, call.to) == ("guest", "guest", "1000")
        assert told["token"] not in bench.audit.read_text()

    run(script)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "https://www.example.org.evil.example"])
def test_another_page_gets_none_and_may_not_read_why(run: Run, origin: str | None) -> None:
    async def script(bench: Bench) -> None:
        given = {} if origin is None else {"origin": origin}
        answer = await bench.ask("POST", "/guest-tokens", {"to": "1000"}, "website", **given)
        problem(answer, "origin-not-allowed", 403)
        assert "access-control-allow-origin" not in answer.headers

    run(script)


def test_a_page_may_read_what_is_wrong(run: Run) -> None:
    async def script(bench: Bench) -> None:
        for body, name, status in (({"to": "1002"}, "not-allowed", 403), ({}, "invalid", 422)):
            answer = await bench.ask("POST", "/guest-tokens", body, "website", origin=PAGE)
            problem(answer, name, status)
            assert answer.headers["access-control-allow-origin"] == PAGE

    run(script)


def test_a_browser_asks_before(run: Run) -> None:
    async def script(bench: Bench) -> None:
        answer = await bench.ask(
            "OPTIONS", "/guest-tokens", None, "", origin=PAGE, access_control_request_method="POST"
        )
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["access-control-allow-methods"] == "POST"
        assert answer.headers["access-control-allow-headers"] == "Authorization, Content-Type"
        other = await bench.ask("OPTIONS", "/guest-tokens", None, "", origin="https://evil.example")
        problem(other, "origin-not-allowed", 403)
        assert "access-control-allow-origin" not in other.headers

    run(script)


def test_visitors_are_limited_by_address_and_in_all(run: Run) -> None:
    async def script(bench: Bench) -> None:
        async def invite(address: str, forwarded: str = "") -> int:
            headers = {"origin": PAGE, **({"x_forwarded_for": forwarded} if forwarded else {})}
            return (
                await ask(
                    bench.app, "POST", "/guest-tokens", {"to": "1000"}, client=address,
                    authorization=f"Bearer {SECRETS['website']}", **headers,
                )
            ).status  # fmt: skip

        assert [await invite("192.0.2.7") for _ in range(3)] == [201, 201, 429]
        assert await invite("192.0.2.7", "198.51.100.1") == 429  # anybody can write that
        assert [await invite("10.0.0.1", "198.51.100.1") for _ in range(3)] == [201, 201, 429]  # but not the proxy
        assert await invite("192.0.2.8") == 429  # five in all

    run(script, address_guests_per_minute=2, guests_per_minute=4, trusted_proxies=("10.0.0.0/8",))


# --- after a restart --------------------------------------------------------------------------------------------------


def test_calls_of_an_earlier_run_go_on_with_their_owner(run: Run, switch: WebSwitch, tmp_path: Path) -> None:
    name = "5d3a4b1e-9e0b-4f3c-8a59-2f7c0c1d6f10"
    switch.legs[name] = {"lampfield_owner": "reception"}
    switch.dumps[name] = {"Answer-State": "answered", "variable_signal_bond": "b"}

    async def script(bench: Bench) -> None:
        left = ControlCall(
            id=name, kind="click", from_="1000", to="1001", state="ringing", started_at="2026-11-22T23:11:53.341Z",
            answered_at=None, outcome=None,
        )  # fmt: skip
        bench.register._orphans[name] = left
        bench.part.tick(Now(bench.at, 0, 0))
        await bench.until(lambda: bench.register.live[name].state == "active")
        assert (await bench.ask("GET", f"/calls/{name}")).json["state"] == "active"
        switch.hang_up(name)
        await bench.until(lambda: not bench.register.live)

    run(script)


def test_without_a_token_it_is_off_until_there_is_one(
    switch: WebSwitch, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(part, "LOOK_SECONDS", 0.01)

    async def main() -> None:
        bench = Bench(tmp_path, switch)
        bench.write({})
        working = asyncio.create_task(bench.part.run())
        await bench.until(lambda: "there is no token yet" in caplog.text)
        assert bench.part.counts.esl == "off"
        problem(await bench.call(), "no-token", 401)
        assert switch.server.wire == []
        bench.write(ROWS)
        await bench.until(lambda: bench.part.counts.esl == "connected")
        assert (await bench.call()).status == 202
        working.cancel()

    asyncio.run(main())
