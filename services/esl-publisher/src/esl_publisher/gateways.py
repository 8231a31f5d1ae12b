"""Gateways: whether calls can go over them, and how many do.

Pure. FreeSWITCH tells of every step of a registration, and a healthy refresh goes down and comes back within about two
seconds (REGED, UNREGED, TRYING, REGISTER, REGED; captured). People want to know of outages. So a gateway is good at
this moment when it answers (`Ping-Status` UP) and is NOREG or REGED; it is `up` from the first such moment, and no
longer when it has not been good for the grace, whatever the reason: a refresh that hangs, a refusal, a silent peer. An
outage then began when it began, not when the grace was over.

A gateway that was just heard of has the grace, too: nothing is told of it until it is good, or is not in time.
"""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.decode import GatewayChanged
from esl_publisher.snapshot import LAG_MS
from esl_publisher.tables import GatewayRow
from esl_publisher.today import Today
from lampfield_bus import instants
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from lampfield_bus.topics import encode_name

__all__ = ["Gateways"]

_GOOD: Final = frozenset({"NOREG", "REGED"})


class Trunk(Struct, frozen=True, kw_only=True):
    """One gateway. `bad_since` is when it was last good, None while it is; `up` is None until it was judged.

    `since` and `bad_since` are FreeSWITCH's time; `judge_at` (when the grace is over) and `heard_at` are ours.
    """

    state: str = ""
    up: bool | None = None
    since: int = 0
    bad_since: int | None = None
    judge_at: int | None = None
    ping_ms: float | None = None
    heard_at: int = 0
    absences: int = 0


class Gateways:
    """Gateways by name. `touched` are those to look at again; whoever reads it empties it."""

    def __init__(self, tz: ZoneInfo, grace_ms: int) -> None:
        self._grace_ms = grace_ms
        self._trunks: dict[str, Trunk] = {}
        self._deleted_at: dict[str, int] = {}  # lately, our clock: no older list may bring them back
        self._calls: dict[str, str] = {}  # live call → its gateway
        self._live: dict[str, int] = {}
        self._failed = Today(tz)
        self.touched: set[str] = set()

    def receive(self, event: GatewayChanged, at: int, moment: int) -> None:
        """A gateway came, went or changed. Raises ValueError for a name that no topic can carry."""
        encode_name(event.gateway)
        match event.subclass:
            case "sofia::gateway_delete":
                self._trunks.pop(event.gateway, None)
                self._deleted_at[event.gateway] = at
                self.touched.add(event.gateway)
            case "sofia::gateway_add":
                self._deleted_at.pop(event.gateway, None)
                if event.gateway not in self._trunks:
                    self._say(event.gateway, Trunk(heard_at=at), good=False, at=at, moment=moment)
            case _ if self._deleted_at.get(event.gateway, 0) <= at - LAG_MS:  # not the last word of one just deleted
                trunk = replace(self._trunks.get(event.gateway) or Trunk(), state=event.state, heard_at=at)
                self._say(event.gateway, trunk, good=event.ping == "UP" and event.state in _GOOD, at=at, moment=moment)

    def reconcile(self, rows: Iterable[GatewayRow], asked_at: int, at: int) -> None:
        """FreeSWITCH's list; a gateway that two of them lack is gone."""
        self._deleted_at = {name: at for name, at in self._deleted_at.items() if at > asked_at - LAG_MS}
        told = {row.name: row for row in rows if row.name not in self._deleted_at}
        for name, trunk in list(self._trunks.items()):
            if name not in told and trunk.heard_at <= asked_at - LAG_MS:
                if trunk.absences:
                    del self._trunks[name]
                    self.touched.add(name)
                else:
                    self._trunks[name] = replace(trunk, absences=1)
        for row in told.values():
            trunk = replace(self._trunks.get(row.name) or Trunk(), absences=0, ping_ms=row.ping_ms)
            if trunk.heard_at > asked_at - LAG_MS:
                self._trunks[row.name] = trunk
                self.touched.add(row.name)
            else:
                good = row.reachable and row.state in _GOOD
                moment = asked_at - row.up_ms if good else asked_at
                self._say(row.name, replace(trunk, state=row.state), good=good, at=at, moment=moment)

    def restore(self, name: str, message: m.Gateway, *, same_day: bool) -> None:
        """What an earlier run had published."""
        since = instants.parse(message.since)
        bad_since = None if message.up else since
        self._trunks[name] = Trunk(state=message.state, up=message.up, since=since, bad_since=bad_since)
        self._failed.restore(name, message.failed_today if same_day else 0)
        self.touched.add(name)

    def carry(self, call: str, gateway: str | None) -> None:
        """This live call goes over `gateway`; None: over none, or it is over."""
        before = self._calls.get(call)
        if before == gateway:
            return
        if before is not None:
            del self._calls[call]
            self._live[before] -= 1
            self.touched.add(before)
        if gateway is not None:
            self._calls[call] = gateway
            self._live[gateway] = self._live.get(gateway, 0) + 1
            self.touched.add(gateway)

    def fail(self, gateway: str) -> None:
        """A call over this gateway failed."""
        self._failed.miss(gateway)
        self.touched.add(gateway)

    def message(self, name: str) -> m.Gateway | None:
        """What stands in this gateway's topic; None: nothing (yet, or any more)."""
        trunk = self._trunks.get(name)
        if trunk is None or trunk.up is None:
            return None
        return m.Gateway(
            state=trunk.state,
            up=trunk.up,
            ping_ms=trunk.ping_ms if trunk.bad_since is None else None,
            since=rfc3339(trunk.since),
            calls=self._live.get(name, 0),
            failed_today=self._failed.missed(name),
        )

    # --- time ---------------------------------------------------------------------------------------------------------

    def due(self) -> int | None:
        """When the next grace is over."""
        return min((trunk.judge_at for trunk in self._trunks.values() if trunk.judge_at is not None), default=None)

    def turn(self, at: int) -> None:
        """Begin a new day if `at` is in one."""
        failed_yesterday = self._failed.turn(at)
        if failed_yesterday:
            self.touched.update(failed_yesterday)

    def tick(self, at: int) -> None:
        """Graces that are over."""
        for name, trunk in self._trunks.items():
            if trunk.judge_at is not None and trunk.judge_at <= at:
                since = trunk.bad_since if trunk.bad_since is not None else at
                self._trunks[name] = replace(trunk, up=False, since=since, judge_at=None)
                self.touched.add(name)

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._deleted_at = {name: at + delta for name, at in self._deleted_at.items()}
        for name, trunk in self._trunks.items():
            judge_at = None if trunk.judge_at is None else trunk.judge_at + delta
            self._trunks[name] = replace(trunk, judge_at=judge_at, heard_at=trunk.heard_at + delta)

    def _say(self, name: str, trunk: Trunk, *, good: bool, at: int, moment: int) -> None:
        if good:
            since = trunk.since if trunk.up else moment
            trunk = replace(trunk, up=True, since=since, bad_since=None, judge_at=None)
        elif trunk.bad_since is None:
            trunk = replace(trunk, bad_since=moment, judge_at=at + self._grace_ms)
        self._trunks[name] = trunk
        self.touched.add(name)
