"""The desk that web clients come to: whether they may, how often, and what is written down about it.

Shell, without HTTP: refusals are Problems. Every order is checked in this way: its token's scope (doorkeeper), the
allow-lists, the idempotency key, how many calls live, how often; then it is written down, and only then is FreeSWITCH
told.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final, NamedTuple, Protocol

from call_control.web.allow_list import AllowList, Number
from call_control.web.audit import Audit
from call_control.web.calls import Full, WebCalls
from call_control.web.dialer import Order, Refused, Unreachable
from call_control.web.facts import WebCall
from call_control.web.feed import Change, Feed
from call_control.web.idempotency import KeyReused, Keys
from call_control.web.limits import Limit, taken
from call_control.web.models import NewCall
from call_control.web.problems import Fault, Problem
from call_control.web.tokens import Grant

__all__ = ["Desk", "Guest", "Line", "Rules", "Visitor"]

MAX_WATCHERS: Final = 64
MAX_UNREAD: Final = 256  # changes that a watcher has not read: then he has to come again
HEARTBEAT_SECONDS: Final = 15.0  # proxies close what says nothing for a minute
RETRY_SECONDS: Final = 5  # a lost link comes back within so long, or FreeSWITCH is really gone
_EVERYBODY: Final = "*"

_log = logging.getLogger(__name__)


class Line(Protocol):
    """What the desk has of the dialer."""

    async def call(self, order: Order) -> WebCall:
        """Starts a call."""

    def end(self, call: str) -> None:
        """Ends one."""

    async def invite(self, owner: str, callee: str, token: str, seconds: int) -> int:
        """Lets a visitor ring somebody."""


class Rules(NamedTuple):
    """What the settings say."""

    callers: AllowList
    callees: AllowList
    caller_ids: tuple[str, ...]
    guests: AllowList  # whom visitors may call
    guest_seconds: int
    calls_per_minute: int
    token_calls_per_minute: int
    token_calls_max: int
    guests_per_minute: int
    address_guests_per_minute: int


class Visitor(NamedTuple):
    """Who stands at the desk: what his token may do, and where he comes from."""

    grant: Grant
    address: str


class Guest(NamedTuple):
    """A visitor's one-time token."""

    token: str
    to: str
    expires_at: int  # ms
    seconds: int


class Desk:
    """`now` is ms since the epoch; `new_id` makes a uuid, `new_token` 32 random hex digits."""

    def __init__(
        self,
        rules: Rules,
        calls: WebCalls,
        line: Line,
        feed: Feed,
        audit: Audit,
        now: Callable[[], int],
        new_id: Callable[[], str],
        new_token: Callable[[], str],
    ) -> None:
        self._rules = rules
        self._calls = calls
        self._line = line
        self._feed = feed
        self._audit = audit
        self._now = now
        self._new_id = new_id
        self._new_token = new_token
        self._keys = Keys()
        self._rate = Limit(rules.calls_per_minute)
        self._rate_by_token = Limit(rules.token_calls_per_minute)
        self._guest_rate = Limit(rules.guests_per_minute)
        self._guest_rate_by_address = Limit(rules.address_guests_per_minute)
        self._watchers: dict[asyncio.Queue[Change | None], Grant] = {}
        self.refused = 0

    # --- calls --------------------------------------------------------------------------------------------------------

    async def start(self, visitor: Visitor, wanted: NewCall, key: str | None) -> WebCall:
        """A call begins. Raises Problem."""
        about = {"from": wanted.from_, "to": wanted.to, "caller_id": wanted.caller_id, "key": key}
        try:
            return await self._start(visitor, wanted, key)
        except Problem as problem:
            self._refuse("call", visitor, problem, about)
            raise

    async def _start(self, visitor: Visitor, wanted: NewCall, key: str | None) -> WebCall:
        grant, at = visitor.grant, self._now()
        order = self._order(grant, wanted)
        known = self._known(grant, wanted, key, at)
        if known is not None:
            return known
        if sum(call.owner == grant.name for call in self._calls.live) >= self._rules.token_calls_max:
            raise Problem("too-many-calls", f"{self._rules.token_calls_max} calls of this token live")
        _slow_down(taken([(self._rate_by_token, grant.name), (self._rate, _EVERYBODY)], at))
        about = {"call": order.id, "from": wanted.from_, "to": wanted.to, "caller_id": order.caller_id}
        self._write("call", "accepted", visitor, about)
        try:
            if key is not None:  # before anybody else has his turn
                self._keys.remember(grant.name, key, wanted, order.id, at)
            return await self._line.call(order)
        except (Full, Unreachable, Refused) as fault:
            if key is not None:
                self._keys.forget(grant.name, key)
            raise _problem(fault) from None

    def _order(self, grant: Grant, wanted: NewCall) -> Order:
        """What is wanted, if it may be. Raises Problem."""
        rules = self._rules
        caller = _allowed("from", wanted.from_, rules.callers, grant.callers)
        callee = _allowed("to", wanted.to, rules.callees, grant.callees)
        caller_id = wanted.caller_id or (rules.caller_ids[0] if rules.caller_ids else caller.digits)
        if caller_id != caller.digits and caller_id not in rules.caller_ids:
            raise _not_allowed("caller_id", "is none of LAMPFIELD_CALL_CALLER_IDS")
        return Order(self._new_id(), grant.name, caller, callee.digits, caller_id)

    def _known(self, grant: Grant, wanted: NewCall, key: str | None, at: int) -> WebCall | None:
        if key is None:
            return None
        try:
            name = self._keys.find(grant.name, key, wanted, at)
        except KeyReused as reused:
            raise Problem("key-reused", str(reused)) from None
        if name is None:
            return None
        call = self._calls.get(name)
        if call is None:
            raise Problem("key-reused", "it started a call that ended long ago: a new call needs a new key")
        return call

    def get(self, visitor: Visitor, name: str) -> WebCall:
        """A call that this visitor may see. Raises Problem."""
        call = self._calls.get(name)
        if call is None or not _sees(visitor.grant, call):
            raise Problem("unknown-call", "it never was, ended more than ten minutes ago, or is another token's")
        return call

    def end(self, visitor: Visitor, name: str) -> WebCall:
        """The call shall end; one that has ended stays as it is. Raises Problem."""
        call = self.get(visitor, name)
        if call.state == "ended":
            return call
        self._write("end", "accepted", visitor, {"call": name})
        try:
            self._line.end(name)
        except Unreachable as lost:
            problem = _problem(lost)
            self._refuse("end", visitor, problem, {"call": name})
            raise problem from None
        return self._calls.get(name) or call

    # --- guests -------------------------------------------------------------------------------------------------------

    async def invite(self, visitor: Visitor, to: str) -> Guest:
        """A one-time token for whoever looks at a web page. Raises Problem."""
        try:
            return await self._invite(visitor, to)
        except Problem as problem:
            self._refuse("invite", visitor, problem, {"to": to})
            raise

    async def _invite(self, visitor: Visitor, to: str) -> Guest:
        callee = _allowed("to", to, self._rules.guests, visitor.grant.callees)
        address, everybody = (self._guest_rate_by_address, visitor.address), (self._guest_rate, _EVERYBODY)
        _slow_down(taken([address, everybody], self._now()))
        self._write("invite", "accepted", visitor, {"to": to})
        token, seconds = self._new_token(), self._rules.guest_seconds
        try:
            expires_at = await self._line.invite(visitor.grant.name, callee.digits, token, seconds)
        except (Full, Unreachable, Refused) as fault:
            raise _problem(fault) from None
        return Guest(token, callee.digits, expires_at, seconds)

    # --- those who watch ----------------------------------------------------------------------------------------------

    def tell(self, call: WebCall) -> None:
        """A call has changed: everybody who may see it is told, and its end is written down."""
        change = self._feed.add(call)
        for unread, grant in list(self._watchers.items()):
            if _sees(grant, call):
                self._offer(unread, change)
        how = call.ending
        if how is None:
            return
        talked = (
            None if call.answered_at is None or call.ended_at is None else (call.ended_at - call.answered_at) / 1000
        )
        about = {
            "call": call.id, "kind": call.kind, "token": call.owner or None, "from": call.caller, "to": call.callee,
            "result": how.outcome, "cause": how.cause, "sip_status": how.sip_status, "talk_seconds": talked,
        }  # fmt: skip
        self._note("call", "ended", about)

    def watch(self, visitor: Visitor, last: str | None, only: str | None) -> AsyncIterator[Change | None]:
        """What has changed since the change numbered `last` (or what there is now), and then every change; None every
        now and then, when there is nothing to tell. It ends when the watcher does not keep up. Raises Problem at once.
        """
        if len(self._watchers) >= MAX_WATCHERS:
            raise Problem("too-many-watchers", headers=_retry(RETRY_SECONDS))
        return self._changes(visitor.grant, last, only)

    async def _changes(self, grant: Grant, last: str | None, only: str | None) -> AsyncIterator[Change | None]:
        unread: asyncio.Queue[Change | None] = asyncio.Queue(MAX_UNREAD)
        missed = self._feed.since(last) if last else None
        if missed is None:
            missed = [Change(self._feed.now, call) for call in (*self._calls.ended, *self._calls.live)]
        self._watchers[unread] = grant
        try:
            for change in missed:
                if _sees(grant, change.call) and only in (None, change.call.id):
                    yield change
            while unread in self._watchers:
                try:
                    told = await asyncio.wait_for(unread.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    told = None
                if told is None or only in (None, told.call.id):
                    yield told
        finally:
            self._watchers.pop(unread, None)

    def _offer(self, unread: "asyncio.Queue[Change | None]", change: Change) -> None:
        try:
            unread.put_nowait(change)
        except asyncio.QueueFull:  # he does not keep up: his stream ends, and he may come again
            del self._watchers[unread]

    # --- what is written down -----------------------------------------------------------------------------------------

    def _write(self, action: str, outcome: str, visitor: Visitor, about: Mapping[str, object]) -> None:
        """Raises Problem where it cannot be written: then it is not done."""
        try:
            self._audit.tell(action, outcome, {"token": visitor.grant.name, "address": visitor.address, **about})
        except OSError as error:
            _log.error("the audit log cannot be written: %s", error)
            raise Problem("not-audited", headers=_retry(RETRY_SECONDS)) from None

    def _refuse(self, action: str, visitor: Visitor, problem: Problem, about: Mapping[str, object]) -> None:
        self.refused += 1
        self._note(
            action,
            "refused",
            {"token": visitor.grant.name, "address": visitor.address, **about, "problem": problem.name},
        )

    def _note(self, action: str, outcome: str, about: Mapping[str, object]) -> None:
        """What has happened anyway."""
        try:
            self._audit.tell(action, outcome, about)
        except OSError as error:
            _log.error("the audit log cannot be written: %s", error)


def _allowed(field: str, digits: str, everybody: AllowList, own: AllowList | None) -> Number:
    """The number, if settings and token allow it. Raises Problem."""
    number = everybody.find(digits)
    if number is None:
        raise _not_allowed(field, "is not on the list in call-control's settings")
    if own is not None and own.find(digits) is None:
        raise _not_allowed(field, "is not on this token's list")
    return number


def _not_allowed(field: str, why: str) -> Problem:
    return Problem("not-allowed", f"{field} {why}", errors=[Fault(field=f"body.{field}", detail=why)])


def _sees(grant: Grant, call: WebCall) -> bool:
    return grant.may("calls:any") or call.owner == grant.name


def _slow_down(wait: int) -> None:
    """Raises Problem where there is something to wait for, in ms."""
    if wait:
        seconds = -(-wait // 1000)
        raise Problem("too-many", f"the next one in {seconds} s", headers=_retry(seconds))


def _problem(fault: Full | Unreachable | Refused) -> Problem:
    match fault:
        case Full():
            return Problem("too-many-calls", str(fault), headers=_retry(RETRY_SECONDS))
        case Unreachable():
            return Problem("switch-unreachable", headers=_retry(RETRY_SECONDS))  # why is for the log, and not the web
        case Refused():
            return Problem("switch-refused", str(fault)[:200])


def _retry(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}
