"""The line to FreeSWITCH and the machine behind it, against a switch on loopback."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest

from call_control.web import commands
from call_control.web.allow_list import Number
from call_control.web.calls import WebCalls
from call_control.web.dialer import Dialer, Order, Refused, Switch, Unreachable
from call_control.web.endings import Ending
from call_control.web.esl import Limits
from call_control.web.facts import WebCall
from support.esl_server import EslServer, Peer
from support.waiting import eventually
from support.web_switch import WebSwitch

TOKEN = "6f1c0d1b2a3948576f1c0d1b2a394857"
AT = 1_795_388_000_000


class Bench:
    """A dialer on its way, and what it tells."""

    def __init__(
        self, server: EslServer, *, hosts: tuple[str, ...] = ("127.0.0.1",), limits: Limits | None = None
    ) -> None:
        self.calls = WebCalls(ring_seconds=30, max_seconds=600, max_live=4, max_guests=4)
        self.told: list[WebCall] = []
        self.at = AT
        switch = Switch(hosts, server.port, "ClueCon", None, "default", 30, 660)
        self.dialer = Dialer(switch, self.calls, self.told.append, lambda: self.at, limits=limits)

    async def until(self, condition: Callable[[], object]) -> None:
        await eventually(condition)

    def order(self) -> Order:
        return Order(str(uuid.uuid4()), "reception", Number("1000"), "1001", "8000")

    @property
    def last(self) -> WebCall:
        return self.told[-1]


def run(switch: WebSwitch, script: Callable[[Bench], Awaitable[None]], limits: Limits | None = None) -> Bench:
    """Runs `script` beside a dialer that is connected."""

    async def main() -> Bench:
        bench = Bench(switch.server, limits=limits)
        working = asyncio.create_task(bench.dialer.run())
        try:
            await bench.until(lambda: bench.dialer.connected)
            await script(bench)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        return bench

    with switch.server:
        return asyncio.run(main())


def sent(switch: WebSwitch, word: str) -> list[str]:
    return [line.decode() for line in switch.server.wire if line.startswith(word.encode())]


def test_a_call_from_the_order_to_the_end_and_all_that_freeswitch_was_told() -> None:
    switch = WebSwitch()

    async def script(bench: Bench) -> None:
        order = bench.order()
        call = await bench.dialer.call(order)
        assert (call.id, call.state) == (order.id, "starting")
        switch.ring(call.id)
        await bench.until(lambda: bench.last.state == "ringing")
        switch.pick_up(call.id)
        await bench.until(lambda: bench.last.state == "waiting")
        switch.talk(call.id)
        await bench.until(lambda: bench.last.state == "active")
        switch.hang_up(call.id)
        await bench.until(lambda: bench.last.state == "ended")
        await bench.until(lambda: len(sent(switch, "filter delete")) == 2)

    bench = run(switch, script)
    assert bench.last.ending == Ending("answered", "NORMAL_CLEARING", 200, "OK", "wire")
    name, job = bench.last.id, switch.jobs[bench.last.id]
    variables = (
        f"origination_uuid={name},origination_caller_id_name=Web,origination_caller_id_number=8000,"
        "originate_timeout=30,lampfield_owner=reception"
    )
    # The wire, whole: nothing else was ever sent.
    assert [line.decode() for line in switch.server.wire] == [
        "auth ClueCon",
        "filter Event-Name BACKGROUND_JOB",
        "filter Event-Name HEARTBEAT",
        "filter Caller-Context webguest",
        f"event json {' '.join(commands.EVENTS)}",
        "api global_getvar core_uuid",
        "api global_getvar domain",
        f"filter Unique-ID {name}",
        f"filter Channel-Call-UUID {name}",
        f"bgapi originate {{{variables}}}user/1000@pbx.example.org 1001 XML default\nJob-UUID: {job}",
        f"api sched_hangup +660 {name} ALLOTTED_TIMEOUT",
        f"filter delete Unique-ID {name}",
        f"filter delete Channel-Call-UUID {name}",
    ]


def test_a_call_is_ended_by_its_leg() -> None:
    switch = WebSwitch()

    async def script(bench: Bench) -> None:
        call = await bench.dialer.call(bench.order())
        switch.ring(call.id)
        await bench.until(lambda: bench.last.state == "ringing")
        bench.dialer.end(call.id)
        await bench.until(lambda: bench.last.state == "ended")

    bench = run(switch, script)
    assert sent(switch, "api uuid_kill") == [f"api uuid_kill {bench.last.id}"]
    assert bench.last.outcome == "missed"


def test_a_phone_that_is_not_registered() -> None:
    switch = WebSwitch(refuse="-ERR USER_NOT_REGISTERED\n")

    async def script(bench: Bench) -> None:
        await bench.dialer.call(bench.order())
        await bench.until(lambda: bench.last.state == "ended")

    bench = run(switch, script)
    assert bench.last.ending == Ending("failed", "USER_NOT_REGISTERED", 480, "Temporarily Unavailable", "mapped")


def test_a_freeswitch_that_will_not_originate_is_a_refusal_and_the_log_says_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    switch = WebSwitch(refuse="-ERR originate Command not found!\n")

    async def script(bench: Bench) -> None:
        await bench.dialer.call(bench.order())
        await bench.until(lambda: bench.last.state == "ended")

    assert run(switch, script).last.ending == Ending("failed", "SWITCH_REFUSED")
    assert "FreeSWITCH refused to originate: -ERR originate Command not found!" in caplog.text


def test_without_a_link_nothing_is_ordered() -> None:
    async def main() -> None:
        server = EslServer(Peer.hang).start()
        server.kill()
        bench = Bench(server)
        working = asyncio.create_task(bench.dialer.run())
        await asyncio.sleep(0)
        with pytest.raises(Unreachable):
            await bench.dialer.call(bench.order())
        with pytest.raises(Unreachable):
            await bench.dialer.invite("website", "1000", TOKEN, 60)
        with pytest.raises(Unreachable):
            bench.dialer.end("x")
        assert bench.told == []
        working.cancel()

    asyncio.run(main())


def test_freeswitch_gone_in_mid_call_and_back_with_the_call_still_on() -> None:
    switch = WebSwitch()

    async def script(bench: Bench) -> None:
        call = await bench.dialer.call(bench.order())
        switch.ring(call.id)
        switch.pick_up(call.id)
        switch.talk(call.id)
        await bench.until(lambda: bench.last.state == "active")
        switch.dumps[call.id] = {"Answer-State": "answered", "variable_signal_bond": "b"}
        await asyncio.to_thread(switch.server.kill)
        await bench.until(lambda: bench.last.state == "unknown")
        await asyncio.to_thread(switch.server.start)
        await bench.until(lambda: bench.last.state == "active")
        switch.hang_up(call.id)  # it is listened to again
        await bench.until(lambda: bench.last.state == "ended")

    assert run(switch, script).last.outcome == "answered"


def test_gone_and_back_without_it() -> None:
    switch = WebSwitch()

    async def script(bench: Bench) -> None:
        call = await bench.dialer.call(bench.order())
        switch.ring(call.id)
        await bench.until(lambda: bench.last.state == "ringing")
        await asyncio.to_thread(switch.server.kill)
        await bench.until(lambda: bench.last.state == "unknown")
        switch.legs.clear()
        await asyncio.to_thread(switch.server.start)
        await bench.until(lambda: bench.last.state == "ended")

    assert run(switch, script).last.ending == Ending("missed", "NORMAL_UNSPECIFIED")


def test_gone_and_back_as_another() -> None:
    switch = WebSwitch()

    async def script(bench: Bench) -> None:
        call = await bench.dialer.call(bench.order())
        switch.ring(call.id)
        await bench.until(lambda: bench.last.state == "ringing")
        await asyncio.to_thread(switch.server.kill)
        switch.core = "another"
        await asyncio.to_thread(switch.server.start)
        await bench.until(lambda: bench.last.state == "ended")

    assert run(switch, script).last.ending == Ending("missed", "SWITCH_RESTARTED")


def test_a_link_that_breaks_while_an_order_is_given_leaves_a_call_that_is_asked_about() -> None:
    switch = WebSwitch()
    switch.silent = "bgapi"

    async def script(bench: Bench) -> None:
        call = await bench.dialer.call(bench.order())  # no reply within the limit: the connection is dropped
        await bench.until(lambda: bench.calls.get(call.id) is not None)
        await bench.until(lambda: bench.last.state == "ended")  # FreeSWITCH says that it has no such leg

    bench = run(switch, script, Limits(command=0.5))
    assert [call.state for call in bench.told] == ["starting", "unknown", "ended"]


def test_a_guest_s_token_is_scheduled_for_deletion_before_it_works() -> None:
    switch = WebSwitch()

    async def script(bench: Bench) -> None:
        assert await bench.dialer.invite("website", "1000", TOKEN, 60) == AT + 60_000
        assert switch.guests == {TOKEN: "1000"}
        switch.legs["guest-1"] = {}
        switch.tell("CHANNEL_CREATE", "guest-1", **{"variable_sip_h_X-Guest-Token": TOKEN})
        await bench.until(lambda: bool(bench.told))
        await bench.until(lambda: len(sent(switch, "filter Unique-ID")) == 1)
        assert (bench.last.kind, bench.last.owner, bench.last.callee) == ("guest", "website", "1000")

    run(switch, script)
    orders = [line for line in sent(switch, "api") if "hash" in line]
    assert orders == [f"api sched_api +60 none hash delete/web/{TOKEN}", f"api hash insert/web/{TOKEN}/1000"]


def test_a_switch_that_has_no_hash_refuses_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    switch = WebSwitch()
    answer = switch._api
    monkeypatch.setattr(
        switch, "_api", lambda text: "-ERR hash Command not found!\n" if text[:4] == "hash" else answer(text)
    )

    async def script(bench: Bench) -> None:
        with pytest.raises(Refused, match="Command not found"):
            await bench.dialer.invite("website", "1000", TOKEN, 60)

    run(switch, script)


def test_a_domain_that_no_dial_string_can_carry_is_said(caplog: pytest.LogCaptureFixture) -> None:
    switch = WebSwitch()
    switch.domain = "pbx,user/9"

    async def main() -> None:
        bench = Bench(switch.server)
        working = asyncio.create_task(bench.dialer.run())
        await bench.until(lambda: "set LAMPFIELD_DOMAIN" in caplog.text)
        assert not bench.dialer.connected
        working.cancel()

    with switch.server:
        asyncio.run(main())


def test_the_next_host_is_tried() -> None:
    switch = WebSwitch()

    async def main() -> None:
        bench = Bench(switch.server, hosts=("nowhere.invalid", "127.0.0.1"))
        working = asyncio.create_task(bench.dialer.run())
        await bench.until(lambda: bench.dialer.connected)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    with switch.server:
        asyncio.run(main())


def test_an_event_that_is_none_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    switch = WebSwitch()

    async def script(bench: Bench) -> None:
        switch.say(b"Content-Length: 1\nContent-Type: text/event-json\n\n[")
        call = await bench.dialer.call(bench.order())
        switch.ring(call.id)
        await bench.until(lambda: bench.last.state == "ringing")

    run(switch, script)
    assert "an event was dropped" in caplog.text
