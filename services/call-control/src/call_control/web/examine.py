"""What `call-control doctor` says of calls from the web: the tokens' file, FreeSWITCH, what may be done there.

Shell. It starts no call: of `originate` it asks for the usage, which whoever may not use it is not told.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Final, Literal

from call_control.web import commands
from call_control.web.esl import Esl, EslLost
from call_control.web.events import decode
from call_control.web.settings import CallsSettings
from call_control.web.token_file import TokenFile, exposed
from lampfield_bus.node.findings import Finding

__all__ = ["findings"]

JOB_SECONDS: Final = 5.0
_EVERYBODYS: Final = "ClueCon"
# What stands in the reason why there is no connection → what mends it.
_ADVICE: Final = (
    ("does not let this address in", "name an ACL with this address in apply-inbound-acl of event_socket.conf.xml"),
    ("refused the password", "set LAMPFIELD_ESL_PASSWORD to the password of event_socket.conf.xml"),
    ("not ESL", "is LAMPFIELD_ESL_PORT the listen-port of event_socket.conf.xml? Something else answers there"),
    ("no greeting", "is LAMPFIELD_ESL_PORT the listen-port of event_socket.conf.xml?"),
    ("", "is FreeSWITCH running, does listen-ip in event_socket.conf.xml let other hosts in, is a firewall between?"),
)


def findings(settings: CallsSettings) -> Iterator[Finding]:
    """Every finding. FreeSWITCH is asked only where somebody has a token."""
    tokens = TokenFile(settings.tokens_file)
    try:
        tokens.load()
    except ValueError as error:
        yield Finding("fail", str(error))
        return
    if not len(tokens.keyring):
        yield Finding("note", "no calls from the web: there is no token yet (call-control token add)")
        return
    yield from _file(settings, len(tokens.keyring))
    yield from _lists(settings)
    yield from asyncio.run(_switch(settings))


def _file(settings: CallsSettings, count: int) -> Iterator[Finding]:
    path = settings.tokens_file
    mode = None if path is None else exposed(path)
    if mode is not None:
        yield Finding("fail", f"{path} is {mode}: others may read or write it; chmod 600 {path}")
    else:
        yield Finding("ok", f"{path}: {count} tokens, for their owner's eyes alone")


def _lists(settings: CallsSettings) -> Iterator[Finding]:
    for name, value, who in (
        ("CALL_FROM", settings.call_from, "no phone may ring first"),
        ("CALL_TO", settings.call_to, "nothing may be dialled"),
        ("GUEST_TO", settings.guest_to, "visitors may call nobody"),
    ):
        if not value:
            yield Finding("note", f"{who}: LAMPFIELD_{name} is empty")


async def _switch(settings: CallsSettings) -> list[Finding]:
    jobs: asyncio.Queue[str] = asyncio.Queue()

    def tell(body: bytes) -> None:
        event = decode(body)
        if event.name == "BACKGROUND_JOB":
            jobs.put_nowait(event.text)

    reasons = []
    for host in settings.esl_host:
        esl = Esl(tell)
        try:
            await esl.connect(host, settings.esl_port, settings.esl_password.get_secret_value())
            found = [each async for each in _asked(settings, esl, host, jobs)]
        except EslLost as lost:
            reasons.append(str(lost))
        else:
            return found
        finally:
            await esl.close()
    reason = "; ".join(reasons)
    advice = next(words for sign, words in _ADVICE if sign in reason)
    return [Finding("fail", f"FreeSWITCH: {reason}; {advice}")]


async def _asked(settings: CallsSettings, esl: Esl, host: str, jobs: "asyncio.Queue[str]") -> AsyncIterator[Finding]:
    version, domain = await esl.send_all([commands.VERSION, commands.DOMAIN])
    yield Finding("ok", f"FreeSWITCH {host}:{settings.esl_port}: {version.text.strip()}")
    if settings.esl_password.get_secret_value() == _EVERYBODYS:
        yield Finding("note", f"its password is {_EVERYBODYS}, as everywhere: whoever is let in can place calls")
    yield _domain(settings, domain.text.strip())
    await esl.send_all(commands.START)
    yield await _originate(esl, jobs)
    answer = (await esl.send(commands.has_module("mod_hash"))).text.strip()
    if answer != "true":
        grade: Literal["fail", "note"] = "fail" if settings.guest_to else "note"
        yield Finding(grade, "mod_hash is not loaded, so no visitor's token can be kept: load mod_hash")


def _domain(settings: CallsSettings, theirs: str) -> Finding:
    domain = settings.domain or theirs
    if re.fullmatch(commands.HOST, domain):
        return Finding("ok", f"extensions are dialled as user/1000@{domain}")
    return Finding("fail", f"the domain {domain[:80]!r} cannot stand in a dial string: set LAMPFIELD_DOMAIN")


async def _originate(esl: Esl, jobs: "asyncio.Queue[str]") -> Finding:
    reply = await esl.send(commands.may_originate(str(uuid.uuid4())))
    text = reply.text
    if reply.ok:
        try:
            text = await asyncio.wait_for(jobs.get(), JOB_SECONDS)
        except TimeoutError:
            text = f"no answer within {JOB_SECONDS:g} s"
    if text.startswith("-USAGE"):
        return Finding("ok", "calls may be started there (originate tells its usage)")
    return Finding("fail", f"calls may not be started there: originate says {text.strip()[:120]!r}")
