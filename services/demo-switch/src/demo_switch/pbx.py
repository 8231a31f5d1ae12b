"""The switch: its calls, phones, queue, conference and gateway, and what of it goes out as events.

May NOT read a clock, open a socket or decide what happens next: day.py does that. The truth that `api demo truth`
tells is kept here, from what was meant to happen; it is never computed from the events that tell of it.
"""

import uuid
from collections.abc import Callable, Iterable
from random import Random

from demo_switch import templates
from demo_switch.database import Database, Row, channel_row
from demo_switch.model import Agent, Call, Conference, Member, Registration
from demo_switch.people import DOMAIN, GATEWAY, Party
from demo_switch.templates import Event, Template
from demo_switch.values import Values

HOSTNAME = "lampfield-demo"
REGISTRATION_SECONDS = 300


class Pbx:
    """A switch that was started at an instant. `deliver` gets every event, in order, the moment it happens."""

    def __init__(
        self, rng: Random, core: str, now: int, deliver: Callable[[Event], None], db_lag: int = 300_000
    ) -> None:
        self._rng = rng
        self._deliver = deliver
        self.core = core
        self.started = now
        self.now = now
        self.database = Database(db_lag)
        self.calls: dict[str, Call] = {}
        self.counts = {"started": 0, "answered": 0, "missed": 0, "failed": 0}
        self._leg_ids = 0
        self.sessions = 0
        self.sessions_peak = 0
        self.legs: dict[str, Row] = {}
        self.registrations: dict[str, Registration] = {}
        self.mailboxes: dict[str, list[int]] = {}
        self.members: list[Member] = []
        self.agents: dict[str, Agent] = {}
        self.conference: Conference | None = None
        self.gateway_up = True
        self.sequence = 0

    def uuid(self) -> str:
        """A new one, from the seed."""
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    # -- events ----------------------------------------------------------------------------------------------------

    def common(self) -> dict[str, str]:
        """The names that every template may hold."""
        return {"core": self.core, "hostname": HOSTNAME}

    def emit(self, template: Template, values: Values) -> Event:
        """Send one event now."""
        self.sequence += 1
        event = Event(template, values.at(self.now, self.sequence))
        self._deliver(event)
        return event

    def notice(self, play: str, section: str, texts: dict[str, str]) -> None:
        """Send the events of a section that belongs to no call."""
        values = Values(self.common() | texts, {section: self.now})
        for template in templates.section(play, section):
            self.emit(template, values)

    def api_event(self, command: str, argument: str) -> None:
        """Every api or bgapi command of any client is an event too."""
        self.notice("job", "api", {"api.command": command, "api.argument": argument})

    # -- calls -----------------------------------------------------------------------------------------------------

    def begin(self, kind: str, caller: Party, callee: Party | None, dialled: str, third: Party | None = None) -> Call:
        """A new call, of which nothing has been sent yet."""
        parties = {"caller": caller, "callee": callee, "third": third}
        texts = self.common() | {"dialled": dialled, "a.channel": caller.calling(), "a.port": str(caller.port)}
        for name, party in parties.items():
            if party is not None:
                texts |= {name: party.number, f"{name}.name": party.name}
        for role, party in (("b", callee), ("c", third)):
            if party is not None:
                texts |= {f"{role}.channel": party.called(), f"{role}.port": str(party.port)}
        if third is not None:
            texts["redialled"] = f"7{third.number}"
        outside = [("a", "caller")] if caller.outside else []
        outside += [("b", "callee")] if callee is not None and callee.outside else []
        call = Call("", kind, caller, callee, Values(texts), tuple(outside), self.now)
        for role in ("a", "b", "c"):
            self.new_leg(call, role)
        call.id = call.values["a"]
        self.calls[call.id] = call
        self.counts["started"] += 1
        return call

    def new_leg(self, call: Call, role: str) -> None:
        """Another channel for a role, as when the queue rings a second agent."""
        self._leg_ids += 1
        call.values |= {
            role: self.uuid(),
            f"{role}.sip": f"{self._rng.getrandbits(64):016x}@{DOMAIN}",
            f"{role}.session": str(self._leg_ids),
        }
        call.legs.pop(role, None)

    def play(
        self, call: Call, play: str, section: str, state: str | None = None, texts: dict[str, str] | None = None
    ) -> None:
        """Send a section of a call's events, all at this instant; then the call has a state, or with None is over."""
        call.values |= texts or {}
        call.values.instants[section] = self.now
        last: dict[str, Event] = {}
        for template in templates.section(play, section, call.outside):
            event = self.emit(template, call.values)
            if template.leg:
                self._note(call, event, last)
        for role, event in last.items():
            row = channel_row(event, call.legs.get(role))
            call.legs[role] = self.legs[row["uuid"]] = row
            self.database.write(self.now, "channels", row["uuid"], row)
        self.sessions_peak = max(self.sessions_peak, len(self.legs))
        self.enter(call, state)

    def _note(self, call: Call, event: Event, last: dict[str, Event]) -> None:
        """What an event of a leg changes in the tables."""
        role = event.template.leg
        leg = event.header("Unique-ID")
        if event.name == "CHANNEL_BRIDGE":
            row = {
                "caller": leg,
                "callee": event.header("Bridge-B-Unique-ID"),
                "epoch": str(self.now // 1_000_000),
            }
            self.database.write(self.now, "calls", leg, row)
        elif event.name == "CHANNEL_UNBRIDGE":
            self.database.write(self.now, "calls", leg, None)
        elif event.name == "CHANNEL_DESTROY":
            self.database.write(self.now, "channels", leg, None)
            self.legs.pop(leg, None)
            call.legs.pop(role, None)
        elif event.name == "CHANNEL_PROGRESS":
            call.rang = True
        elif event.name == "CHANNEL_CREATE":
            self.sessions += 1
        gone = event.name == "CHANNEL_DESTROY" or event.header("Channel-State") == "CS_DESTROY"
        if gone:
            last.pop(role, None)
        elif event.header("Caller-Channel-Created-Time"):
            last[role] = event

    def enter(self, call: Call, state: str | None) -> None:
        """A call has a state from now on, or with None is over."""
        if call.state == "held" and state != "held" and call.held_since is not None:
            call.held += self.now - call.held_since
            for unit, divisor in (("us", 1), ("ms", 1_000), ("s", 1_000_000)):
                call.values[f"held.{unit}"] = str(call.held // divisor)
        if state == "active" and call.answered is None:
            call.answered = self.now
        if state == "waiting":
            call.rang = True
        if state == "held":
            call.held_since = self.now
        if state is not None:
            call.state = state
            return
        del self.calls[call.id]
        outcome = "answered" if call.answered is not None else "missed" if call.rang else "failed"
        self.counts[outcome] += 1

    # -- phones ----------------------------------------------------------------------------------------------------

    def settle(self, phones: Iterable[Party]) -> None:
        """Registrations that outlived the last restart: in the database at once, without an event."""
        for party in phones:
            self._register(party)

    def register(self, party: Party) -> None:
        """A phone registers, or refreshes."""
        registration = self._register(party)
        self.notice("registration", "register", self._registration_texts(registration) | self.mailbox_texts(party))

    def _register(self, party: Party) -> Registration:
        known = self.registrations.get(party.number)
        call_id = known.call_id if known else f"{self._rng.getrandbits(64):016x}"
        registration = Registration(party, call_id, self.now + REGISTRATION_SECONDS * 1_000_000)
        self.registrations[party.number] = registration
        row = {
            "reg_user": party.number,
            "realm": DOMAIN,
            "token": call_id,
            "url": f"sofia/internal/sip:{party.number}@{DOMAIN}:{party.port}",
            "expires": str(registration.expires // 1_000_000),
            "network_ip": "127.0.0.1",
            "network_port": str(party.port),
            "network_proto": "udp",
            "hostname": HOSTNAME,
            "metadata": "",
        }
        self.database.write(self.now, "registrations", party.number, row)
        return registration

    def unregister(self, party: Party, *, expired: bool = False) -> None:
        """A phone says goodbye, or was never heard of again."""
        registration = self.registrations.pop(party.number, None)
        if registration is None:
            return
        play, section = ("expiry", "expire") if expired else ("registration", "unregister")
        self.notice(play, section, self._registration_texts(registration))
        self.database.write(self.now, "registrations", party.number, None)

    def refuse(self, party: Party) -> None:
        """A phone registers with a wrong password."""
        self.notice("refused", "refuse", self._registration_texts(Registration(party, self.uuid()[:16], self.now)))

    def _registration_texts(self, registration: Registration) -> dict[str, str]:
        return {
            "caller": registration.party.number,
            "caller.name": registration.party.name,
            "registration.sip": registration.call_id,
            "registration.port": str(registration.party.port),
            "registration.expires": str(registration.expires // 1_000_000),
        }

    def mailbox(self, party: Party, new: int, saved: int) -> None:
        """A mailbox holds other numbers of messages now."""
        self.mailboxes[party.number] = [new, saved]
        self.notice("mailbox", "update", {"callee": party.number} | self.mailbox_texts(party))

    def mailbox_texts(self, party: Party) -> dict[str, str]:
        """What the events say of a mailbox."""
        new, saved = self.mailboxes.get(party.number, [0, 0])
        return {
            "mailbox.waiting": "yes" if new else "no",
            "mailbox.voice": f"{new}/{saved}",
            "mailbox.new": str(new),
            "mailbox.saved": str(saved),
        }

    # -- the rest of the house ---------------------------------------------------------------------------------------

    def waiting(self) -> int:
        """How many of the queue's callers have no agent yet."""
        return sum(not member.answered for member in self.members)

    def gateway(self, *, up: bool) -> None:
        """The gateway's ping is answered again, or no longer."""
        if up != self.gateway_up:
            self.gateway_up = up
            self.notice("gateway", "up" if up else "down", {"gateway": GATEWAY})

    def agent_status(self, agent: Agent, status: str) -> None:
        """An agent is Available, On Break or Logged Out."""
        agent.status = status
        agent.since = self.now
        self.notice("agent", "status", {"callee": agent.party.number, "agent.status": status})

    def heartbeat(self, seconds: float, last_second: int = 0) -> None:
        """HEARTBEAT, and the task that will send the next one."""
        up = self.now - self.started
        days, rest = divmod(up // 1_000_000, 86_400)
        text = (
            f"0 years, {days} days, {rest // 3600} hours, {rest // 60 % 60} minutes, {rest % 60} seconds, "
            f"{up // 1_000 % 1_000} milliseconds, {up % 1_000} microseconds"
        )
        self.notice(
            "heartbeat",
            "beat",
            {
                "uptime.text": text,
                "uptime.ms": str(up // 1_000),
                "sessions": str(len(self.legs)),
                "sessions.last": str(last_second),
                "sessions.total": str(self.sessions),
                "sessions.peak": str(self.sessions_peak),
                "idle": f"{88 + 8 * self._rng.random():.6f}",
                "heartbeat.next": str(int(self.now / 1_000_000 + seconds)),
            },
        )

    def shut_down(self) -> None:
        """The first event of an orderly shutdown."""
        self.notice("shutdown", "begin", {})
