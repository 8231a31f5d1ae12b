"""The line to FreeSWITCH: connects again and again, tells the machine what comes, and does what the machine says.

Shell. The only writer to FreeSWITCH in the whole system. It runs in the event loop's thread, and so does the machine.
"""

import asyncio
import contextlib
import logging
import random
import re
import uuid
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Literal, NamedTuple, NoReturn

from call_control.web import commands
from call_control.web.allow_list import Number
from call_control.web.calls import WebCalls
from call_control.web.commands import Command
from call_control.web.endings import SWITCH_REFUSED, SWITCH_UNREACHABLE
from call_control.web.esl import Esl, EslLost, Limits, Reply
from call_control.web.events import decode, dumped, error
from call_control.web.facts import (
    Asked,
    Connected,
    EndWanted,
    EventReceived,
    GuestExpected,
    Lost,
    NotSent,
    Requested,
    Restored,
    Told,
    WebCall,
)
from lampfield_bus.node.backoff import Backoff
from lampfield_bus.node.run import LogOnce

__all__ = ["Dialer", "Order", "Refused", "Switch", "Unreachable"]

REPEAT_SECONDS: Final = 60.0  # the same trouble is logged again after so long

_log = logging.getLogger(__name__)


class Unreachable(ConnectionError):  # noqa: N818 (it says what is the case)
    """There is no link to FreeSWITCH."""


class Refused(ConnectionError):  # noqa: N818 (it says what is the case)
    """FreeSWITCH said no."""


class Switch(NamedTuple):
    """Where FreeSWITCH is, and how calls are made there."""

    hosts: Sequence[str]
    port: int
    password: str
    domain: str | None  # of its users; None: FreeSWITCH's own
    context: str  # of the dialplan
    ring_seconds: int
    life_seconds: int


class Order(NamedTuple):
    """A call to be made; whoever ordered it was allowed to. `id`: a uuid."""

    id: str
    owner: str
    caller: Number
    callee: str
    caller_id: str


class Dialer:
    """One line. `tell` gets every call that changed, in order; `now` is ms since the epoch."""

    def __init__(
        self,
        switch: Switch,
        calls: WebCalls,
        tell: Callable[[WebCall], None],
        now: Callable[[], int],
        *,
        limits: Limits | None = None,
    ) -> None:
        self._switch = switch
        self._calls = calls
        self._tell = tell
        self._now = now
        self._limits = limits
        self._esl: Esl | None = None  # that has let us in
        self._domain = ""
        self._backoff = Backoff(random.random)
        self._once = LogOnce(_log)
        self._under_way: set[asyncio.Task[None]] = set()
        self._told = ""
        self._told_at = 0.0
        self.state: Literal["connecting", "connected", "lost"] = "connecting"

    @property
    def connected(self) -> bool:
        """Whether FreeSWITCH has let us in."""
        return self._esl is not None

    # --- what web clients want ----------------------------------------------------------------------------------------

    async def call(self, order: Order) -> WebCall:
        """Starts a call, and returns it as soon as FreeSWITCH has taken the order. Raises Unreachable and Refused when
        it has not, Full when there are too many; a link that is lost meanwhile leaves a call whose state is unknown.
        """
        esl = self._line()
        name, job = order.id, str(uuid.uuid4())
        originate = commands.originate(
            uuid=name,
            job=job,
            owner=order.owner,
            leg=commands.dial_string(order.caller, self._domain),
            to=order.callee,
            caller_id=order.caller_id,
            ring_seconds=self._switch.ring_seconds,
            context=self._switch.context,
        )
        self._hear(Requested(name, job, order.owner, order.caller.digits, order.callee))
        try:
            *_, reply = await esl.send_all([*commands.watch(name), originate])
        except EslLost as lost:
            if not lost.sent:
                self._hear(NotSent(name, SWITCH_UNREACHABLE))
                raise Unreachable(str(lost)) from None
        else:
            if not reply.ok:
                self._hear(NotSent(name, SWITCH_REFUSED))
                raise Refused(reply.text)
        call = self._calls.get(name)
        if call is None:
            raise LookupError(name)  # the machine keeps a call for minutes after its end
        return call

    def end(self, call: str) -> None:
        """Ends a call that lives; what comes of it is told as any change is. Raises Unreachable."""
        self._line()
        self._hear(EndWanted(call))

    async def invite(self, owner: str, callee: str, token: str, seconds: int) -> int:
        """Lets whoever brings `token` ring `callee`, once, within so many seconds; until when, in ms. Raises
        Unreachable, Refused and Full.
        """
        esl = self._line()
        expires_at = self._now() + seconds * 1000
        self._hear(GuestExpected(token, owner, callee, expires_at))
        try:
            replies = await esl.send_all([commands.guest_expiry(token, seconds), commands.guest(token, callee)])
        except EslLost as lost:
            raise Unreachable(str(lost)) from None
        for reply in replies:
            if not reply.ok:  # mod_hash is not loaded, or this user may not
                raise Refused(reply.text.strip())
        return expires_at

    def restore(self, calls: Sequence[WebCall]) -> None:
        """Goes on with calls of an earlier run of this service."""
        for call in calls:
            self._hear(Restored(call))

    def tick(self, at: int) -> None:
        """Time has passed."""
        due = self._calls.due()
        if due is not None and due <= at:
            self._do(self._calls.tick(at))

    def _line(self) -> Esl:
        if self._esl is None:
            raise Unreachable(self._told or "not connected yet")
        return self._esl

    # --- the machine --------------------------------------------------------------------------------------------------

    def _hear(self, what: Any) -> None:
        self._do(self._calls.receive(what, self._now()))

    def _do(self, told: Told) -> None:
        for call in told.calls:
            self._tell(call)
        if self._esl is None:  # what lives is asked about when there is a line again
            return
        for name in told.watch:
            self._post(*commands.watch(name))
        for name in told.unwatch:
            self._post(*commands.unwatch(name))
        for name in told.cap:
            self._post(commands.cap(name, self._switch.life_seconds))
        for name in told.kill:
            self._post(commands.kill(name))
        for name in told.ask:
            self._spawn(self._ask(self._esl, name))

    def _post(self, *orders: Command) -> None:
        if self._esl is not None:
            self._spawn(self._send(self._esl, orders))

    async def _send(self, esl: Esl, orders: Sequence[Command]) -> None:
        for order, reply in zip(orders, await esl.send_all(orders), strict=True):
            if not reply.ok and "No such channel" not in reply.text:  # a leg may be gone before we say anything
                self._once.warning((order.label, reply), "FreeSWITCH refused '%s': %s", order.label, reply.text.strip())

    async def _ask(self, esl: Esl, name: str) -> None:
        answer = await esl.send(commands.dump(name))
        try:
            leg = dumped(answer.text)
        except ValueError as error:
            self._once.warning("dump", "FreeSWITCH's answer about a call cannot be read: %s", error)
            return
        self._hear(Asked(name, leg))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_unless_lost(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _event(self, body: bytes) -> None:
        try:
            event = decode(body)
        except ValueError as fault:
            self._once.warning(str(fault), "an event was dropped: %s", fault)
            return
        if event.name == "BACKGROUND_JOB" and error(event.text) == SWITCH_REFUSED:
            self._once.warning(event.text, "FreeSWITCH refused to originate: %s", event.text.strip()[:200])
        self._hear(EventReceived(event))

    # --- the link -----------------------------------------------------------------------------------------------------

    async def run(self) -> NoReturn:
        """Connects again and again, until it is cancelled. Raises only what is wrong with us."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                began = loop.time()
                established, reason = await self._attempt()
                delay = self._backoff.next(lasted=loop.time() - began if established else 0.0)
                self._complain(reason, delay, again=established)
                await asyncio.sleep(delay)
        finally:
            for task in self._under_way:
                task.cancel()

    async def _attempt(self) -> tuple[bool, str]:
        """Stays with the first host that lets us in; whether one did, and why that is over."""
        reasons = []
        for host in self._switch.hosts:
            esl = Esl(self._event, limits=self._limits)
            established = False
            try:
                await esl.connect(host, self._switch.port, self._switch.password)
                await self._introduce(esl)
                established = True
                _log.info("connected to FreeSWITCH on %s:%d", host, self._switch.port)
                await esl.wait()
            except EslLost as lost:
                reasons.append(str(lost))
                if established:
                    return True, str(lost)
            finally:
                await esl.close()
                if established:
                    self._esl, self.state = None, "lost"
                    self._hear(Lost())
        return False, "; ".join(reasons)

    async def _introduce(self, esl: Esl) -> None:
        orders = [*commands.START, *(each for call in self._calls.live for each in commands.watch(call.id))]
        for order, reply in zip(orders, await esl.send_all(orders), strict=True):
            if not reply.ok:
                raise EslLost(f"FreeSWITCH refused '{order.label}': {reply.text}")
        core, domain = await esl.send_all([commands.CORE_UUID, commands.DOMAIN])
        self._domain = self._switch.domain or _host(domain)
        self._esl, self.state = esl, "connected"
        self._told = ""
        self._hear(Connected(core.text.strip()))

    def _complain(self, reason: str, delay: float, *, again: bool) -> None:
        now = asyncio.get_running_loop().time()
        if again or reason != self._told or now - self._told_at >= REPEAT_SECONDS:
            self._told, self._told_at = reason, now
            _log.warning("no FreeSWITCH: %s; next attempt in %.1f s", reason, delay)


async def _unless_lost(work: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(EslLost):  # whoever waits for the connection is told
        await work


def _host(reply: Reply) -> str:
    """FreeSWITCH's own domain. Raises EslLost for one that no dial string can carry."""
    domain = reply.text.strip()
    if not re.fullmatch(commands.HOST, domain):
        raise EslLost(f"FreeSWITCH's variable domain is {domain[:80]!r}: set LAMPFIELD_DOMAIN")
    return domain
