"""The display's machine: everything that reaches it, and what it answers. Pure: time is an argument.

`receive` takes what the link brings, a file of pages and a stepped clock; `tick` lets time pass; `due` says when it
wants to be ticked. What is to be seen is read from it by `scene`; nothing visible depends on when a message arrived.
"""

from typing import Final, NamedTuple

from lampfield_bus import channels as c
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival, Lost, Message, ReadingBegan, ReadingEnded
from led_renderer import commands, trouble
from led_renderer.alerts import Alerts
from led_renderer.attention import Attention, Showing
from led_renderer.config import Panel
from led_renderer.dimmer import Dimmer
from led_renderer.icons import ICONS
from led_renderer.lacking import Lacking
from led_renderer.notice import length_ms
from led_renderer.page_topics import PageTopics
from led_renderer.pages import Page, Rotation, Turn
from led_renderer.pages_file import DEFAULT, Loaded, Plan
from led_renderer.programme import Programme
from led_renderer.schedule import Schedule
from led_renderer.statement import Statement, restore, result
from led_renderer.switches import Switches
from led_renderer.thresholds import Level
from led_renderer.trouble import Trouble
from led_renderer.view import View

__all__ = ["Board", "ClockStepped", "PagesRead"]

NOTES_BOUND: Final = 64  # remarks for the log waiting to be fetched
IDENTIFY_SECONDS: Final = 5.0
OF_ITSELF: Final = "\0"  # the id of both: the later one replaces the earlier
TEST_SECONDS: Final = 5.0  # all LEDs for 2 s, then a checkerboard


class ClockStepped(NamedTuple):
    """The wall clock jumped by so many ms between two turns of the loop."""

    delta_ms: int


class PagesRead(NamedTuple):
    """The file of pages has changed and was read again, for good or bad."""

    loaded: Loaded


class _Reading(NamedTuple):
    """What one reading of retained state told."""

    switches: Switches
    topics: PageTopics


class Board:
    """One display. `receive` and `tick` return what is to be told; the properties are what `scene` draws from."""

    def __init__(self, panel: Panel, plan: Plan = DEFAULT) -> None:
        self.panel = panel
        self.switches = Switches()
        self.rejected = 0
        self.programme = Programme(plan, PageTopics(panel.all_groups))
        self.dimmer = Dimmer(Schedule(plan.schedule, panel.timezone), panel.brightness)
        self.attention = Attention(
            max_hide_ms=panel.max_hide_ms,
            breather_ms=lambda now: self.programme.breather_ms(*self._seen(now), now),
            length_ms=lambda notification: length_ms(notification, panel.canvas),
        )
        self._alerts = Alerts(plan.alerts)
        self._alerted: tuple[View, int | None] | None = None  # the view they were looked for in, and when to look again
        self._now = panel.started_at  # of the last receive or tick
        self._started_at = panel.started_at
        self._bus_lost_at: int | None = panel.started_at
        self._reading: _Reading | None = None
        self._own_state = c.DISPLAY_STATE.topic(panel.display)
        self._restored = False  # a reading has ended: what this display does may be told
        self._awaits_own = True  # what an earlier run told of it may still come: no reading was whole
        self._rotation: Rotation | None = None
        self._statement = Statement(panel)
        self._number = 0
        self._lacking = Lacking()
        self._notes: dict[str, str] = {}

    # --- the one door -------------------------------------------------------------------------------------------------

    def receive(self, fact: Arrival | ClockStepped | PagesRead, now: int) -> list[Publication]:
        """One thing that happened, at `now`."""
        self._now = now
        if isinstance(fact, Message):
            return self._message(fact, now)
        if isinstance(fact, PagesRead):
            return self._pages_read(fact.loaded, now)
        if isinstance(fact, ClockStepped):
            self._step(fact.delta_ms)
        elif isinstance(fact, Lost):
            self._bus_lost_at = now if self._bus_lost_at is None else self._bus_lost_at
            self._reading = None
        elif isinstance(fact, ReadingBegan):
            self._reading = _Reading(Switches(), PageTopics(self.panel.all_groups))
        elif isinstance(fact, ReadingEnded):
            return self._end_reading(fact, now)
        # Connected says nothing yet: what the bus holds is known when the reading that follows has ended.
        return []

    def tick(self, now: int) -> list[Publication]:
        """Time has passed."""
        self._now = now
        fewer = any(source.lacking for source in self.switches.sources.values())
        self._lacking.look(now, linked=self._bus_lost_at is None, fewer=fewer)
        return self._told(now)

    def due(self) -> int | None:
        """The next instant at which `tick` has something to do. What is only seen to change is `scene`'s to tell."""
        now = self._now
        alerted = None if self._alerted is None else self._alerted[1]
        programme = self.programme.due(*self._seen(now), now)
        due = (self.attention.due(), self.dimmer.due(now), programme, self._lacking.due(), alerted)
        return min((instant for instant in due if instant is not None), default=None)

    # --- what is asked of the shell -----------------------------------------------------------------------------------

    @property
    def brightness(self) -> int:
        """0 to 15: the commanded one, the schedule's, or the panel's own."""
        return self.dimmer.brightness(self._now)

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which this clock is ahead of a switch's: the smallest difference to any."""
        skews = [source.skew for source in self.switches.sources.values() if source.skew is not None]
        return min(skews, key=abs) / 1000 if skews else None

    def wants_reading(self) -> bool:
        """Whether something retained was not heard or left out, and a new reading would tell: each call asks once."""
        wanted = self._lacking.wants_reading()
        return self.programme.topics.wants_reading(self._now) or wanted

    def notes(self) -> list[tuple[str, str]]:
        """Remarks for the log since the last call: a key to log each once, and a sentence."""
        notes, self._notes = list(self._notes.items()), {}
        return notes

    def busy(self, message: Message) -> list[Publication]:
        """The answer to a command that was dropped because too many wait."""
        self.rejected += 1
        verb = commands.verb_of(message.topic) or ""
        transaction = commands.transaction_of(message.payload)
        refused = commands.Refused(verb, "busy: too many commands wait", None, transaction)
        return [result(self.panel, refused)]

    # --- what is to be seen -------------------------------------------------------------------------------------------

    @property
    def power(self) -> bool:
        """Whether the panel is lit."""
        return self.dimmer.power(self._now)

    @property
    def stay(self) -> str | None:
        """The name of the page that stays."""
        return self.programme.stay

    @stay.setter
    def stay(self, name: str | None) -> None:
        self.programme.stay = name

    @property
    def plan(self) -> Plan:
        """The file of pages."""
        return self.programme.plan

    @property
    def levels(self) -> dict[str, Level]:
        """The pages that warn, and how."""
        return self.programme.levels

    def view(self, now: int) -> View:
        """What the switches that can be believed tell."""
        return self.switches.view(now)

    def rotation(self, now: int) -> Rotation:
        """The pages that take turns: those with something to show, and one per switch that alone is lost."""
        return self.programme.rotation(*self._seen(now), now)

    def turn(self, now: int) -> Turn:
        """The page whose turn it is."""
        return self.programme.turn(*self._seen(now), now)

    def showing(self, now: int) -> Showing | None:
        """The notification on the panel."""
        return self.attention.showing(now)

    def trouble(self, now: int) -> Trouble | None:
        """Why no number can be shown at all; None while at least one switch can be believed."""
        return trouble.whole(self.switches, self._bus_lost_at, self._started_at, now)

    def lost(self, now: int) -> list[Trouble]:
        """The switches that are lost while others are not, named; those listed in the settings but never heard too."""
        if self.trouble(now) is not None:
            return []
        return trouble.named(self.switches, self.panel.switches, self._started_at, now)

    def stale(self, now: int) -> bool:
        """Whether what is shown may be out of date or lack a switch, or this clock is wrong."""
        return any(source.stale(now) or source.lost(now) for source in self.switches.sources.values())

    def edges(self) -> list[int]:
        """Instants at which a switch becomes stale or lost by age alone."""
        return [edge for source in self.switches.sources.values() for edge in source.edges()]

    def _seen(self, now: int) -> tuple[View, tuple[str, ...]]:
        """What the programme looks at."""
        return self.view(now), tuple(lost.what for lost in self.lost(now))

    # --- messages -----------------------------------------------------------------------------------------------------

    def _message(self, message: Message, now: int) -> list[Publication]:
        verb = commands.verb_of(message.topic)
        if verb is not None:
            return self._command(verb, message, now)
        if message.topic == self._own_state:
            self._restore(message, now)
            return []
        found = c.match(message.topic)
        if found is not None and found[0] in (c.DISPLAY_PAGE, c.GROUP_PAGE):
            return self._page_topic(message, *found)
        into = self.switches if self._reading is None else self._reading.switches
        try:
            into.receive(message.topic, message.payload, fresh=not message.retain, now=now)
        except ValueError as error:
            self._reject(message.topic, f"{message.topic}: dropped: {error}")
        return []

    def _page_topic(self, message: Message, channel: c.Channel, names: tuple[str, ...]) -> list[Publication]:
        into = self.programme.topics if self._reading is None else self._reading.topics
        try:
            into.receive(channel, names, message.payload)
        except commands.FaultError as fault:
            self._reject(message.topic, f"{message.topic}: no page: {fault.field or 'payload'}: {fault}")
            return [result(self.panel, commands.Refused("page", f"page {names[1][:40]!r}: {fault}", fault.field))]
        return []

    def _reject(self, key: str, remark: str) -> None:
        self.rejected += 1
        if len(self._notes) < NOTES_BOUND:
            self._notes.setdefault(key, remark)

    def _pages_read(self, loaded: Loaded, now: int) -> list[Publication]:
        """A file that is good replaces the one in force, one that is bad does not."""
        plan = loaded.plan
        if plan is None:
            self.rejected += 1
            more = f" (and {len(loaded.faults) - 1} more)" if len(loaded.faults) > 1 else ""
            refused = commands.Refused("pages", loaded.faults[0] + more, loaded.field)
            return [result(self.panel, refused)]
        self.programme.load(plan, *self._seen(now), now)
        self.dimmer.schedule = Schedule(plan.schedule, self.panel.timezone)
        for change in self._alerts.end():
            self.attention.dismiss(change.notification.id, now)
        self._alerts = self._alerts.succeeded(plan.alerts)
        self._alerted = None
        return [result(self.panel, "pages"), *self._told(now)]

    def _end_reading(self, ended: ReadingEnded, now: int) -> list[Publication]:
        # One that ran out of time with nothing read tells of a broker that hangs, not of switches that are gone.
        if self._reading is not None and (ended.complete or self._reading.switches.sources):
            self._reading.switches.adopt(self.switches, complete=ended.complete)
            self.switches = self._reading.switches
            self.programme.topics = self._reading.topics
        self._reading = None
        self._bus_lost_at = None
        self._lacking.read()
        self._restored = True
        self._awaits_own = self._awaits_own and not ended.complete
        return self._told(now)

    def _step(self, delta_ms: int) -> None:
        """What was stamped by this clock moves with it; what the switch stamped does not."""
        self.attention.shift(delta_ms)
        self.dimmer.shift(delta_ms)
        self._started_at += delta_ms
        if self._bus_lost_at is not None:
            self._bus_lost_at += delta_ms
        self._lacking.shift(delta_ms)
        self._alerted = None
        self.switches.shift(delta_ms)
        if self._reading is not None:
            self._reading.switches.shift(delta_ms)

    # --- commands -----------------------------------------------------------------------------------------------------

    def _command(self, verb: str, message: Message, now: int) -> list[Publication]:
        self._number += 1
        parsed = commands.parse(
            verb,
            message.payload,
            retained=message.retain,
            fresh_id=f"n{now}-{self._number}",
            icons=ICONS,
            now=now,
        )
        if isinstance(parsed, commands.Ignored):
            return []
        if isinstance(parsed, commands.Accepted):
            refusal = self._obey(parsed.intent, now)
            if refusal is None:
                return [result(self.panel, parsed), *self._told(now)]
            parsed = commands.Refused(verb, refusal[0], refusal[1], parsed.transaction)
        self._reject(message.topic, f"{message.topic}: refused: {parsed.field or verb}: {parsed.error}")
        return [result(self.panel, parsed)]

    def _obey(self, intent: commands.Intent, now: int) -> tuple[str, str | None] | None:
        """Does it, or returns why not and the field."""
        if isinstance(intent, commands.ShowNotification):
            refusal = self.attention.add(intent.notification, now)
            return None if refusal is None else (refusal, None)
        if isinstance(intent, commands.Dismiss):
            if not self.attention.dismiss(intent.which, now) and intent.which not in ("", "*"):
                return (f"{intent.which[:40]!r} is neither showing nor waiting", "value")
        elif isinstance(intent, commands.StayOn):
            names = [page.name for page in self._pages(now)]
            if intent.page is not None and intent.page not in names:
                return (commands.no_page(intent.page, names), "value")
            self.stay = intent.page
        elif isinstance(intent, commands.SetBrightness):
            self.dimmer.set_brightness(intent.level, now)
        elif isinstance(intent, commands.SetPower):
            self.dimmer.set_power(intent.on, now)
        else:
            refusal = self.attention.add(_of_itself(intent), now)
            return None if refusal is None else (refusal, None)
        return None

    def _pages(self, now: int) -> tuple[Page, ...]:
        return self.programme.pages(*self._seen(now), now)

    # --- what this display tells --------------------------------------------------------------------------------------

    def _told(self, now: int) -> list[Publication]:
        """Lets everything that looks at the state look, and tells `info` and `state` where they changed."""
        self.attention.tick(now)
        self.dimmer.tick(now)
        if not self._restored:
            return []  # nothing before the first reading, which may hold settings to restore
        view, lost = self._seen(now)
        self.programme.update(view, lost, now)
        self._look_for_alerts(view, now)
        rotation = self.programme.rotation(view, lost, now)
        if rotation is not self._rotation:
            self._rotation = rotation
            self.attention.rotation_changed(now)
        page = None if self.trouble(now) is not None else self.turn(now).page.name
        showing = self.showing(now)
        known = None if showing is None or showing.notification.kind != "text" else showing.notification.id
        state = self._statement.state(self.dimmer, self.programme, page, known, now)
        return [*self._statement.info(self._pages(now), self._started_at), *state]

    def _look_for_alerts(self, view: View, now: int) -> None:
        if self._alerted is not None and self._alerted[0] is view:
            again = self._alerted[1]
            if again is None or now < again:
                return
        for change in self._alerts.update(view, now):
            known = change.notification
            if change.kind == "ends":
                self.attention.dismiss(known.id, now)
            elif change.kind == "changes":
                self.attention.amend(known)
            elif self.attention.add(known, now) is not None:
                self._alerts.refused(known.id)
        self._alerted = view, self._alerts.due(view, now)

    def _restore(self, message: Message, now: int) -> None:
        """Manual settings of an earlier run, read back once.

        Where the first reading ran out of time they come behind it; what comes then unstored is our own word.
        """
        if not self._awaits_own or not message.payload or (self._restored and not message.retain):
            return
        self._awaits_own = False
        try:
            restore(message.payload, self.dimmer, self.programme, now)
        except ValueError as error:
            self._reject(message.topic, f"{message.topic}: not restored: {error}")


def _of_itself(intent: commands.Identify | commands.Test) -> commands.Notification:
    """`identify` and `test` take turns with notifications, and hide the page no longer than those may."""
    test = isinstance(intent, commands.Test)
    return commands.Notification(
        id=OF_ITSELF,
        text=" ",
        seconds=TEST_SECONDS if test else IDENTIFY_SECONDS,
        kind="test" if test else "identify",
    )
