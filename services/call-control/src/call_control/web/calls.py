"""The machine of the calls that began in a browser: what each of them is doing, from the events of its legs.

Pure: `receive(input, at)`, `due()`, `tick(at)` with instants in ms since the epoch; what is to be done about FreeSWITCH
comes back as `Told`. A call is its own leg: the phone that `originate` rings first, or the leg on which a guest came.

    starting ──▶ ringing ──▶ waiting ──▶ active ──▶ ended       waiting: the first phone is answered, the second is not
        └──────────┴── unknown ──┴──────────┘                    unknown: the ESL link is lost; asked about when it is
        back

Every table is bounded: live calls by `max_live`, guests that are expected by `max_guests`, ended calls by `MAX_ENDED`
and KEEP_ENDED_MS; what never ends is ended by its deadline.
"""

import re
from typing import Final

from msgspec.structs import replace

from call_control.web.commands import CHANNEL
from call_control.web.endings import SWITCH_RESTARTED, VANISHED, Ending, ending, without_leg
from call_control.web.events import SwitchEvent, error
from call_control.web.facts import (
    GUEST,
    Asked,
    Connected,
    EndWanted,
    EventReceived,
    GuestExpected,
    Input,
    Lost,
    NotSent,
    Requested,
    Restored,
    State,
    Told,
    WebCall,
)

__all__ = ["KEEP_ENDED_MS", "MAX_ENDED", "Full", "WebCalls"]

MAX_ENDED: Final = 256
KEEP_ENDED_MS: Final = 10 * 60_000
_SPARE_MS: Final = 10_000  # FreeSWITCH's own limits come first; its timers tick whole seconds
_HANGUP_MS: Final = 2_000  # after `-ERR` until the hangup of a leg that there was


class Full(ValueError):  # noqa: N818 (it says what is the case)
    """As many calls live, or guests are expected, as may."""


_NOTHING: Final = Told()


class WebCalls:
    """All of them. A call may ring for `ring_seconds` at each end, and live for `max_seconds` once it was picked up."""

    def __init__(self, *, ring_seconds: int, max_seconds: int, max_live: int, max_guests: int) -> None:
        self._ring_ms = ring_seconds * 1000 + _SPARE_MS
        self._life_ms = (2 * ring_seconds + max_seconds) * 1000 + _SPARE_MS
        self._max_live = max_live
        self._max_guests = max_guests
        self._live: dict[str, WebCall] = {}
        self._since: dict[str, int] = {}  # from when a live call's deadline counts, on the clock as it is set now
        self._ended: dict[str, WebCall] = {}  # the oldest first
        self._jobs: dict[str, str] = {}  # the job's uuid → its call
        self._far: dict[str, SwitchEvent] = {}  # how the leg that a call rang last hung up
        self._refused: dict[str, tuple[int, str]] = {}  # `-ERR` has come, and no hangup: until when, and the cause
        self._killed: dict[str, int] = {}  # to be ended by FreeSWITCH: when to say so again
        self._guests: dict[str, GuestExpected] = {}
        self._core = ""

    def shifted(self, by: int) -> None:
        """The clock was set by `by` ms: that makes no call old, nor any guest late."""
        for table in (self._since, self._killed):
            table.update({name: at + by for name, at in table.items()})
        self._refused = {name: (until + by, cause) for name, (until, cause) in self._refused.items()}
        for token, guest in self._guests.items():
            self._guests[token] = replace(guest, expires_at=guest.expires_at + by)

    # --- questions ----------------------------------------------------------------------------------------------------

    def get(self, call: str) -> WebCall | None:
        """A call that lives, or ended lately."""
        return self._live.get(call) or self._ended.get(call)

    @property
    def live(self) -> tuple[WebCall, ...]:
        """The calls that live, the oldest first."""
        return tuple(self._live.values())

    @property
    def ended(self) -> tuple[WebCall, ...]:
        """Those that ended lately, the oldest first."""
        return tuple(self._ended.values())

    @property
    def expected(self) -> int:
        """How many guests are expected."""
        return len(self._guests)

    def due(self) -> int | None:
        """When time alone will change something, in ms."""
        instants = [self._deadline(call) for call in self._live.values()]
        instants += [until for until, _ in self._refused.values()]
        instants += [guest.expires_at for guest in self._guests.values()]
        instants += [call.ended_at + KEEP_ENDED_MS for call in self._ended.values() if call.ended_at is not None][:1]
        return min(instants, default=None)

    # --- inputs -------------------------------------------------------------------------------------------------------

    def receive(self, what: Input, at: int) -> Told:  # noqa: PLR0911 (one per input)
        """One fact. Raises Full for a call or guest too many; nothing is changed then."""
        match what:
            case Requested():
                return self._request(what, at)
            case GuestExpected():
                return self._expect(what)
            case EventReceived(event=event):
                return self._event(event, at)
            case EndWanted(id=name):
                return self._want_end(name, at)
            case NotSent(id=name, cause=cause):
                return self._end(name, cause, at)
            case Restored(call=call):
                return self._restore(call, at)
            case Lost():
                return self._lose()
            case Connected(core=core):
                return self._connect(core, at)
            case Asked(id=name, leg=leg):
                return self._answered_about(name, leg, at)

    def tick(self, at: int) -> Told:
        """Time has passed."""
        changed: list[WebCall] = []
        kill: list[str] = []
        unwatch: list[str] = []
        self._guests = {token: guest for token, guest in self._guests.items() if guest.expires_at > at}
        for name, (until, cause) in list(self._refused.items()):
            if until <= at:
                told = self._end(name, cause, at)
                changed += told.calls
                unwatch += told.unwatch
        for call in list(self._live.values()):
            if self._deadline(call) > at:
                continue
            if call.id in self._killed:  # FreeSWITCH does not know it, or cannot be asked
                told = self._end(call.id, VANISHED, at)
                changed += told.calls
                unwatch += told.unwatch
            else:
                self._killed[call.id] = at + _SPARE_MS
                kill.append(call.id)
        while self._ended and (next(iter(self._ended.values())).ended_at or 0) + KEEP_ENDED_MS <= at:
            del self._ended[next(iter(self._ended))]
        return Told(calls=tuple(changed), kill=tuple(kill), unwatch=tuple(unwatch))

    def _deadline(self, call: WebCall) -> int:
        if call.id in self._killed:
            return self._killed[call.id]
        if call.kind == "click" and call.state in ("starting", "ringing"):
            return self._since[call.id] + self._ring_ms
        return self._since[call.id] + self._life_ms

    # --- requests -----------------------------------------------------------------------------------------------------

    def _request(self, what: Requested, at: int) -> Told:
        if len(self._live) >= self._max_live:
            raise Full(f"{len(self._live)} calls live")
        call = WebCall(
            id=what.id, kind="click", owner=what.owner, caller=what.caller, callee=what.callee, state="starting",
            started_at=at,
        )  # fmt: skip
        self._live[call.id] = call
        self._since[call.id] = at
        self._jobs[what.job] = call.id
        return Told(calls=(call,))

    def _want_end(self, name: str, at: int) -> Told:
        if name not in self._live:
            return _NOTHING
        self._killed[name] = at + _SPARE_MS
        return Told(kill=(name,))

    def _expect(self, guest: GuestExpected) -> Told:
        if len(self._guests) >= self._max_guests:
            raise Full(f"{len(self._guests)} guests are expected")
        self._guests[guest.token] = guest
        return _NOTHING

    def _restore(self, call: WebCall, at: int) -> Told:
        if call.id in self._live:
            return _NOTHING
        self._since[call.id] = min(call.started_at, at)  # a clock that has not been set yet knows no past
        self._live[call.id] = replace(call, state="unknown", seen=True)
        return Told(calls=(self._live[call.id],), watch=(call.id,), ask=(call.id,))

    # --- events -------------------------------------------------------------------------------------------------------

    def _event(self, event: SwitchEvent, at: int) -> Told:
        if event.name == "BACKGROUND_JOB":
            return self._job(event, at)
        if event.guest_token in self._guests and event.uuid not in self._live and event.name != "CHANNEL_HANGUP":
            return self._guest(event, at)
        own = self._live.get(event.uuid)
        if own is not None:
            return self._own(own, event, at)
        other = self._live.get(event.call_uuid) or self._live.get(event.a) or self._live.get(event.b)
        return _NOTHING if other is None else self._other(other, event, at)

    def _own(self, call: WebCall, event: SwitchEvent, at: int) -> Told:
        """An event of the call's own leg."""
        first = not call.seen
        cap = (call.id,) if first and call.kind == "click" else ()  # a guest's dialplan does that itself
        kill = (call.id,) if first and call.id in self._killed else ()  # it could not be ended before it was there
        call = replace(call, seen=True)
        match event.name:
            case "CHANNEL_PROGRESS" | "CHANNEL_PROGRESS_MEDIA" if call.state in ("starting", "unknown"):
                call = replace(call, state="ringing", rang=True)
            case "CHANNEL_ANSWER":
                call = _picked_up(call, at)
            case "CHANNEL_BRIDGE":
                call = _talking(call, at)
            case "CHANNEL_HANGUP":
                return self._finish(call, ending(call.progress, event, self._far.get(call.id)), at)
        return replace(self._put(call), cap=cap, kill=kill)

    def _other(self, call: WebCall, event: SwitchEvent, at: int) -> Told:
        """An event of a leg that the call's own has called."""
        match event.name:
            case "CHANNEL_PROGRESS" | "CHANNEL_PROGRESS_MEDIA":
                state: State = "ringing" if call.state == "starting" else call.state
                return self._put(replace(call, state=state, rang=True))
            case "CHANNEL_BRIDGE":
                return self._put(_talking(call, at))
            case "CHANNEL_HANGUP":
                self._far[call.id] = event
        return _NOTHING

    def _job(self, event: SwitchEvent, at: int) -> Told:
        call = self._live.get(self._jobs.pop(event.job, ""))
        if call is None:
            return _NOTHING
        cause = error(event.text)
        if cause is None:
            return self._put(_picked_up(call, at))
        if not call.seen:
            return self._end(call.id, cause, at)
        self._refused[call.id] = (at + _HANGUP_MS, cause)
        return _NOTHING

    def _guest(self, event: SwitchEvent, at: int) -> Told:
        guest = self._guests.pop(event.guest_token, None)
        if guest is None or guest.expires_at <= at or len(self._live) >= self._max_live:
            return _NOTHING  # the dialplan turns it away; a call too many is not followed
        if not re.fullmatch(CHANNEL, event.uuid):
            return _NOTHING  # a Call-ID that no command could name, where a profile takes those for uuids
        call = WebCall(
            id=event.uuid, kind="guest", owner=guest.owner, caller=GUEST, callee=guest.callee, state="starting",
            started_at=at, seen=True,
        )  # fmt: skip
        self._live[call.id] = call
        self._since[call.id] = at
        return Told(calls=(call,), watch=(call.id,))

    # --- the link -----------------------------------------------------------------------------------------------------

    def _lose(self) -> Told:
        known = [call for call in self._live.values() if call.state != "unknown"]
        self._live.update({call.id: replace(call, state="unknown") for call in known})
        return Told(calls=tuple(self._live[call.id] for call in known))

    def _connect(self, core: str, at: int) -> Told:
        before, self._core = self._core, core
        if before and before != core:
            self._guests.clear()  # mod_hash forgot them
            ended = [self._end(call, SWITCH_RESTARTED, at) for call in list(self._live)]
            return Told(calls=tuple(call for told in ended for call in told.calls))
        return Told(ask=tuple(call.id for call in self._live.values() if call.state == "unknown"))

    def _answered_about(self, name: str, leg: SwitchEvent | None, at: int) -> Told:
        call = self._live.get(name)
        if call is None or call.state != "unknown":  # an event was quicker
            return _NOTHING
        if leg is None:
            return self._end(name, VANISHED, at)
        call = replace(call, owner=call.owner or leg.owner)
        if leg.answer_state == "answered":
            return self._put(_talking(call, at) if leg.bond else _picked_up(call, at))
        return self._put(replace(call, state="ringing", rang=True))

    # --- the tables ---------------------------------------------------------------------------------------------------

    def _put(self, call: WebCall) -> Told:
        before = self._live.get(call.id)
        self._live[call.id] = call
        return _NOTHING if before is not None and replace(before, seen=True) == call else Told(calls=(call,))

    def _end(self, name: str, cause: str, at: int) -> Told:
        call = self._live.get(name)
        return _NOTHING if call is None else self._finish(call, without_leg(call.progress, cause), at)

    def _finish(self, call: WebCall, how: Ending, at: int) -> Told:
        over = replace(call, state="ended", ended_at=at, ending=how)
        for table in (self._live, self._since, self._far, self._refused, self._killed):
            table.pop(call.id, None)
        self._jobs = {job: name for job, name in self._jobs.items() if name != call.id}
        self._ended[call.id] = over
        while len(self._ended) > MAX_ENDED:
            del self._ended[next(iter(self._ended))]
        return Told(calls=(over,), unwatch=(call.id,))


def _picked_up(call: WebCall, at: int) -> WebCall:
    """The call's own leg is answered. A guest's is when the other was: then they talk in a moment."""
    rang = call.rang and call.kind == "guest"
    if call.picked_up_at is not None:  # told twice: by the event, by the job, or after the link was lost
        return call if call.state != "unknown" else replace(call, state="active" if call.answered_at else "waiting")
    return replace(call, state="waiting", picked_up_at=at, rang=rang)


def _talking(call: WebCall, at: int) -> WebCall:
    picked_up = call.picked_up_at if call.picked_up_at is not None else at
    answered = call.answered_at if call.answered_at is not None else at
    return replace(call, state="active", picked_up_at=picked_up, answered_at=answered)
