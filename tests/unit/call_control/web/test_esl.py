"""What a peer can do to the connection: a FreeSWITCH as it should be, and rude ones."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from call_control.web import commands
from call_control.web.esl import MAX_BODY, Esl, EslLost, Limits
from support.esl_server import NOTICE, EslServer, Peer, Script, event, frame, plain_frame
from support.waiting import eventually
from support.web_switch import WebSwitch

QUICK = Limits(connect=5.0, command=0.3, quiet=0.2)


async def connected(
    server: EslServer, tell: Callable[[bytes], None] = lambda _: None, limits: Limits | None = None
) -> Esl:
    esl = Esl(tell, limits=limits)
    await esl.connect("127.0.0.1", server.port, "ClueCon")
    return esl


def lost(
    script: Script, then: Callable[[Esl], Awaitable[object]] | None = None, limits: Limits | None = None
) -> EslLost:
    """How a connection to such a peer ends."""

    async def run(server: EslServer) -> EslLost:
        esl = Esl(lambda _: None, limits=limits)
        try:
            await esl.connect("127.0.0.1", server.port, "ClueCon")
            await (then or Esl.wait)(esl)
            pytest.fail("it did not end")
        except EslLost as found:
            return found
        finally:
            await esl.close()

    with EslServer(script) as server:
        return asyncio.run(run(server))


def after_login(*data: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.login()
        for each in data:
            peer.send(each)

    return script


def test_commands_are_answered_in_their_order_and_events_come_between() -> None:
    bodies: list[bytes] = []
    switch = WebSwitch()

    async def run() -> list[str]:
        esl = await connected(switch.server, bodies.append)
        await esl.send_all(commands.START)
        switch.say(event("HEARTBEAT"), pieces=3)
        replies = await asyncio.gather(
            *(esl.send(each) for each in (commands.CORE_UUID, commands.DOMAIN, commands.VERSION))
        )
        await eventually(lambda: bodies)
        await esl.close()
        return [reply.text.strip() for reply in replies]

    with switch.server:
        core, domain, version = asyncio.run(run())
    assert (core, domain) == (switch.core, switch.domain)
    assert version.startswith("FreeSWITCH Version")
    assert bodies == [b'{"Event-Name":"HEARTBEAT"}']


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (after_login(), "closed the connection"),
        (after_login(NOTICE), "FreeSWITCH says: Disconnected, goodbye."),
        (after_login(b"Content-Length: 100\nContent-Type: text/event-json\n\n{"), "closed the connection"),
        (after_login(b"HTTP/1.1 400 Bad Request\n\n"), "not ESL"),
        (after_login(b"Content-Length: x\n\n"), "not ESL"),
        (after_login(b"Content-Length: %d\n\n" % (MAX_BODY + 1)), "not ESL"),
        (after_login(b"x" * 100_000), "not ESL"),
        (after_login(plain_frame("command/reply", Reply_Text="+OK")), "nobody had asked for"),
        (Peer.close, "closed the connection|connection lost"),
        (Peer.reset, "closed the connection|connection lost|Connection reset"),
        (
            lambda peer: peer.send(frame(b"Access Denied, go away.\n", "text/rude-rejection")),
            "does not let this address in",
        ),
        (lambda peer: bool(peer.login("other")), "refused the password"),
    ],
)
def test_every_end_has_its_reason(script: Script, reason: str) -> None:
    assert lost(script).args[0]
    with pytest.raises(EslLost, match=reason):
        raise lost(script)


def test_a_port_where_nobody_listens() -> None:
    server = EslServer(Peer.hang).start()
    server.kill()
    with pytest.raises(EslLost, match=rf"127\.0\.0\.1:{server.port}: Connection refused$"):
        asyncio.run(Esl(lambda _: None).connect("127.0.0.1", server.port, "ClueCon"))


def test_a_peer_that_never_greets() -> None:
    assert "no greeting within 0.2 s" in str(lost(Peer.hang, limits=Limits(connect=0.2)))


def test_a_peer_that_reads_and_does_not_answer() -> None:
    def script(peer: Peer) -> None:
        peer.login()
        peer.wait()

    assert "no reply to 'api version' within 0.3 s" in str(lost(script, lambda esl: esl.send(commands.VERSION), QUICK))


def test_a_peer_that_falls_silent_is_asked_and_then_given_up() -> None:
    def script(peer: Peer) -> None:
        peer.login()
        peer.wait()

    assert "no reply to 'api global_getvar core_uuid'" in str(lost(script, limits=QUICK))


def test_a_quiet_peer_that_answers_is_kept() -> None:
    switch = WebSwitch()

    async def run() -> None:
        esl = await connected(switch.server, limits=QUICK)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(esl.wait(), 1.0)
        await esl.close()

    with switch.server:
        asyncio.run(run())
        assert switch.server.wire.count(b"api global_getvar core_uuid") >= 2


def test_what_is_under_way_when_it_ends_is_told_that_it_may_have_been_sent() -> None:
    def script(peer: Peer) -> None:
        peer.login()
        peer.command()

    found = lost(script, lambda esl: esl.send(commands.VERSION))
    assert found.sent


def test_nothing_is_sent_when_it_is_over() -> None:
    switch = WebSwitch()

    async def run() -> EslLost:
        esl = await connected(switch.server)
        await esl.close()
        with pytest.raises(EslLost) as caught:
            await esl.send(commands.VERSION)
        return caught.value

    with switch.server:
        assert not asyncio.run(run()).sent
        assert switch.server.wire == [b"auth ClueCon"]


def test_what_the_one_who_is_told_raises_is_raised() -> None:
    def fail(body: bytes) -> None:
        raise LookupError("ours")

    switch = WebSwitch()

    async def run() -> None:
        esl = await connected(switch.server, fail)
        await esl.send_all(commands.START)
        switch.say(event("HEARTBEAT"))
        with pytest.raises(LookupError, match="ours"):
            await esl.wait()
        await esl.close()

    with switch.server:
        asyncio.run(run())


def test_only_commands_of_the_list_are_sent() -> None:
    switch = WebSwitch()

    async def run() -> None:
        esl = await connected(switch.server)
        with pytest.raises(TypeError, match="only what commands"):
            await esl.send("api fsctl shutdown")  # type: ignore[arg-type]  # that is the point
        await esl.close()

    with switch.server:
        asyncio.run(run())
