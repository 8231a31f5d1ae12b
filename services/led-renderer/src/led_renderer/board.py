"""The display's machine: everything that reaches it, and what it answers. Pure: time is an argument.

`receive` takes what the link brings and a stepped clock; `tick` lets time pass; `due` says when it wants to be ticked.
What is to be seen is read from it by `scene`; nothing visible depends on when a message arrived.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from lampfield_bus import channels as c
from lampfield_bus import instants
from lampfield_bus.messages import DisplayInfo, DisplayState, Publication, Result
from lampfield_bus.node.arrivals import Arrival, Lost, Message, ReadingBegan, ReadingEnded
from led_renderer import commands
from led_renderer.attention import Attention, Showing
from led_renderer.config import Panel
from led_renderer.icons import ICONS
from led_renderer.notice import length_ms
from led_renderer.pages import DEFAULT, Page, breather_ms, rotation, turn
from led_renderer.switches import Source, Switches
from led_renderer.view import View

__all__ = ["Board", "ClockStepped", "Overlay", "Trouble", "filters"]

FEWER_MS: Final = 10_000  # fewer topics than the publisher says for so long: something was dropped on the way
LONGEST_RETRY_MS: Final = 600_000  # and if reading again does not help, it is asked for ever more rarely
NOTES_BOUND: Final = 64  # remarks for the log waiting to be fetched
SECOND_MS: Final = 1_000
IDENTIFY_MS: Final = 5_000
TEST_MS: Final = 5_000  # all LEDs for 2 s, then a checkerboard


class ClockStepped(NamedTuple):
    """The wall clock jumped by so many ms between two turns of the loop."""

    delta_ms: int


class Overlay(NamedTuple):
    """`identify` or `test`, from `since` to `until`."""

    kind: Literal["identify", "test"]
    since: int
    until: int


class Trouble(NamedTuple):
    """Why the numbers cannot be shown: `what` (`NO BUS`, `NO PBX`, `NO <switch>`), and since when."""

    what: str
    since: int


def filters(panel: Panel) -> tuple[list[str], list[str], list[str]]:
    """What to subscribe to: filters of state, of commands, and of the display's own state to restore."""
    retained = [channel for channel in c.CHANNELS if channel.writer == "switch" and channel.retained]
    state = [
        channel.filter(**({} if switch == "+" else {"switch": switch}))
        for switch in panel.switches
        for channel in retained
    ]
    orders = [c.command_filter(display=panel.display), *(c.command_filter(group=group) for group in panel.all_groups)]
    return state, orders, [c.DISPLAY_STATE.topic(panel.display)]


class Board:
    """One display. `receive` and `tick` return what is to be told; the properties are what `scene` draws from."""

    def __init__(self, panel: Panel, pages: Sequence[Page] = DEFAULT) -> None:
        self.panel = panel
        self.pages = tuple(pages)
        self.power = True
        self.stay: str | None = None
        self.manual_brightness: int | None = None
        self.overlay: Overlay | None = None  # in force
        self._overlay_to_come: Overlay | None = None
        self.switches = Switches()
        self.rejected = 0
        self.attention = Attention(
            max_hide_ms=panel.max_hide_ms,
            breather_ms=lambda now: breather_ms(self.turns(now), now, self.stay),
            length_ms=lambda notification: length_ms(notification, panel.canvas),
        )
        self._started_at = panel.started_at
        self._bus_lost_at: int | None = panel.started_at
        self._reading: Switches | None = None
        self._own_state = c.DISPLAY_STATE.topic(panel.display)
        self._restored = False
        self._told: DisplayState | None = None
        self._number = 0
        self._fewer_since: int | None = None
        self._retry_ms = FEWER_MS
        self._wants_reading = False
        self._notes: dict[str, str] = {}

    # --- the one door -------------------------------------------------------------------------------------------------

    def receive(self, fact: Arrival | ClockStepped, now: int) -> list[Publication]:
        """One thing that happened, at `now`."""
        if isinstance(fact, Message):
            return self._message(fact, now)
        if isinstance(fact, ClockStepped):
            self._step(fact.delta_ms)
        elif isinstance(fact, Lost):
            self._bus_lost_at = now if self._bus_lost_at is None else self._bus_lost_at
            self._reading = None
        elif isinstance(fact, ReadingBegan):
            self._reading = Switches()
        elif isinstance(fact, ReadingEnded):
            return self._end_reading(fact, now)
        # Connected says nothing yet: what the bus holds is known when the reading that follows has ended.
        return []

    def tick(self, now: int) -> list[Publication]:
        """Time has passed."""
        self.attention.tick(now)
        self._turn_overlays(now)
        self._compare(now)
        return self._state(now)

    def due(self) -> int | None:
        """The next instant at which `tick` has something to do. What is only seen to change is `scene`'s to tell."""
        begins = None if self._overlay_to_come is None else self._overlay_to_come.since
        ends = None if self.overlay is None else self.overlay.until
        wants = None if self._fewer_since is None else self._fewer_since + self._retry_ms
        due = (self.attention.due(), begins, ends, wants)
        return min((instant for instant in due if instant is not None), default=None)

    # --- what is asked of the shell -----------------------------------------------------------------------------------

    @property
    def brightness(self) -> int:
        """0 to 15: the commanded one, or the panel's own."""
        return self.panel.brightness if self.manual_brightness is None else self.manual_brightness

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which this clock is ahead of a switch's: the smallest difference to any."""
        skews = [source.skew for source in self.switches.sources.values() if source.skew is not None]
        return min(skews, key=abs) / 1000 if skews else None

    def wants_reading(self) -> bool:
        """Whether a publisher has more topics than were heard, for long: each call asks once."""
        wanted, self._wants_reading = self._wants_reading, False
        return wanted

    def notes(self) -> list[tuple[str, str]]:
        """Remarks for the log since the last call: a key to log each once, and a sentence."""
        notes, self._notes = list(self._notes.items()), {}
        return notes

    def busy(self, message: Message) -> list[Publication]:
        """The answer to a command that was dropped because too many wait."""
        self.rejected += 1
        verb = commands.verb_of(message.topic) or ""
        transaction = commands.transaction_of(message.payload)
        return self._result(commands.Refused(verb, "busy: too many commands wait", None, transaction))

    # --- what is to be seen -------------------------------------------------------------------------------------------

    def view(self, now: int) -> View:
        """What the switches that can be believed tell."""
        return self.switches.view(now)

    def turns(self, now: int) -> tuple[Page, ...]:
        """The pages in rotation: those with something to show, and one per switch that is lost while others are not."""
        named = tuple(Page(name=what, widget="trouble", seconds=4) for what, _ in self.lost(now))
        return rotation(self.pages, self.view(now)) + named

    def showing(self, now: int) -> Showing | None:
        """The notification on the panel."""
        return self.attention.showing(now)

    def trouble(self, now: int) -> Trouble | None:
        """Why no number can be shown at all; None while at least one switch can be believed."""
        if self._bus_lost_at is not None:
            return Trouble("NO BUS", self._bus_lost_at)
        sources = self.switches.sources.values()
        if not all(source.lost(now) for source in sources):
            return None
        return Trouble("NO PBX", max(map(self._lost_since, sources), default=self._started_at))

    def lost(self, now: int) -> list[Trouble]:
        """The switches that are lost while others are not, named; those listed in the settings but never heard too."""
        if self.trouble(now) is not None:
            return []
        lost = {name: self._lost_since(source) for name, source in self.switches.sources.items() if source.lost(now)}
        missing = {name: self._started_at for name in self.panel.switches if name != "+"}
        known = {name: since for name, since in missing.items() if name not in self.switches.sources}
        return [Trouble(f"NO {name}", since) for name, since in sorted({**known, **lost}.items())]

    def stale(self, now: int) -> bool:
        """Whether what is shown may be out of date or lack a switch, or this clock is wrong."""
        return any(source.stale(now) or source.lost(now) for source in self.switches.sources.values())

    def edges(self) -> list[int]:
        """Instants at which a switch becomes stale or lost by age alone."""
        return [edge for source in self.switches.sources.values() for edge in source.edges()]

    def _lost_since(self, source: Source) -> int:
        """Where nothing retained tells since when, it was lost before this display started."""
        return self._started_at if source.lost_since is None else source.lost_since

    # --- messages -----------------------------------------------------------------------------------------------------

    def _message(self, message: Message, now: int) -> list[Publication]:
        verb = commands.verb_of(message.topic)
        if verb is not None:
            return self._command(verb, message, now)
        if message.topic == self._own_state:
            self._restore(message)
            return []
        into = self.switches if self._reading is None else self._reading
        try:
            into.receive(message.topic, message.payload, fresh=not message.retain, now=now)
        except ValueError as error:
            self._reject(message.topic, f"{message.topic}: dropped: {error}")
        return []

    def _reject(self, key: str, remark: str) -> None:
        self.rejected += 1
        if len(self._notes) < NOTES_BOUND:
            self._notes.setdefault(key, remark)

    def _end_reading(self, ended: ReadingEnded, now: int) -> list[Publication]:
        # One that ran out of time with nothing read tells of a broker that hangs, not of switches that are gone.
        if self._reading is not None and (ended.complete or self._reading.sources):
            self._reading.adopt(self.switches)
            self.switches = self._reading
        self._reading = None
        self._bus_lost_at = None
        self._fewer_since = None
        first, self._restored = not self._restored, True
        return [*([self._info()] if first else []), *self._state(now)]

    def _compare(self, now: int) -> None:
        """Fewer topics than a publisher says it has, for long: a broker with a short queue dropped some silently."""
        fewer = self._bus_lost_at is None and any(source.lacking for source in self.switches.sources.values())
        if not fewer:
            self._fewer_since = None
            if self._bus_lost_at is None:
                self._retry_ms = FEWER_MS
        elif self._fewer_since is None:
            self._fewer_since = now
        elif now - self._fewer_since >= self._retry_ms:
            self._wants_reading = True
            self._fewer_since = None
            self._retry_ms = min(self._retry_ms * 2, LONGEST_RETRY_MS)

    def _step(self, delta_ms: int) -> None:
        """What was stamped by this clock moves with it; what the switch stamped does not."""
        self.attention.shift(delta_ms)
        self._started_at += delta_ms
        if self._bus_lost_at is not None:
            self._bus_lost_at += delta_ms
        if self._fewer_since is not None:
            self._fewer_since += delta_ms
        self.overlay = _moved(self.overlay, delta_ms)
        self._overlay_to_come = _moved(self._overlay_to_come, delta_ms)
        for source in self.switches.sources.values():
            source.samples = [sample + delta_ms for sample in source.samples]

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
                return [*self._result(parsed), *self._state(now)]
            parsed = commands.Refused(verb, refusal[0], refusal[1], parsed.transaction)
        self._reject(message.topic, f"{message.topic}: refused: {parsed.field or verb}: {parsed.error}")
        return self._result(parsed)

    def _obey(self, intent: commands.Intent, now: int) -> tuple[str, str | None] | None:
        """Does it, or returns why not and the field."""
        if isinstance(intent, commands.ShowNotification):
            refusal = self.attention.add(intent.notification, now)
            return None if refusal is None else (refusal, None)
        if isinstance(intent, commands.Dismiss):
            if not self.attention.dismiss(intent.which, now) and intent.which not in ("", "*"):
                return (f"{intent.which!r} is neither showing nor waiting", "value")
        elif isinstance(intent, commands.StayOn):
            names = [page.name for page in self.pages]
            if intent.page is not None and intent.page not in names:
                return (f"{intent.page!r} is no page; allowed: {', '.join(names)}, auto", "value")
            self.stay = intent.page
        elif isinstance(intent, commands.SetBrightness):
            self.manual_brightness = intent.level
        elif isinstance(intent, commands.SetPower):
            self.power = intent.on
        else:
            kind: Literal["identify", "test"] = "test" if isinstance(intent, commands.Test) else "identify"
            length = TEST_MS if kind == "test" else IDENTIFY_MS
            since = -(-now // SECOND_MS) * SECOND_MS  # the next whole second, so that the tiles of a wall agree
            self._overlay_to_come = Overlay(kind, since, since + length)
            self._turn_overlays(now)
        return None

    def _turn_overlays(self, now: int) -> None:
        if self._overlay_to_come is not None and now >= self._overlay_to_come.since:
            self.overlay, self._overlay_to_come = self._overlay_to_come, None
        if self.overlay is not None and now >= self.overlay.until:
            self.overlay = None

    # --- what this display tells --------------------------------------------------------------------------------------

    def _result(self, answer: commands.Accepted | commands.Refused) -> list[Publication]:
        if isinstance(answer, commands.Accepted):
            result = Result(cmd=answer.verb, ok=True, transaction=answer.transaction)
        else:
            result = Result(
                cmd=answer.verb, ok=False, error=answer.error, field=answer.field, transaction=answer.transaction
            )
        return [c.DISPLAY_RESULT.publication(c.DISPLAY_RESULT.topic(self.panel.display), result)]

    def _info(self) -> Publication:
        panel = self.panel
        info = DisplayInfo(
            version=panel.version,
            driver=panel.driver,
            width=panel.width,
            height=panel.height,
            groups=list(panel.all_groups),
            wall=panel.wall,
            pages=[page.name for page in self.pages],
            since=instants.rfc3339(panel.started_at),
        )
        return c.DISPLAY_INFO.publication(c.DISPLAY_INFO.topic(panel.display), info)

    def _state(self, now: int) -> list[Publication]:
        """`state`, when it changed; nothing before the first reading, which may hold settings to restore."""
        if not self._restored:
            return []
        showing = self.showing(now)
        state = DisplayState(
            power="on" if self.power else "off",
            brightness=self.brightness,
            brightness_mode="auto" if self.manual_brightness is None else "manual",
            page=self.stay or self._page(now),
            page_mode="auto" if self.stay is None else "manual",
            notification=None if showing is None else showing.notification.id,
        )
        if state == self._told:
            return []
        self._told = state
        return [c.DISPLAY_STATE.publication(self._own_state, state)]

    def _page(self, now: int) -> str | None:
        """The page whose turn it is; None while trouble stands in its place."""
        return None if self.trouble(now) is not None else turn(self.turns(now), now, self.stay).page.name

    def _restore(self, message: Message) -> None:
        """Manual settings of an earlier run, read back once."""
        if self._restored or not message.payload:
            return
        try:
            state = c.DISPLAY_STATE.decode(message.payload)
        except ValueError as error:
            self._reject(message.topic, f"{message.topic}: not restored: {error}")
            return
        if isinstance(state, DisplayState):
            self.power = state.power == "on"
            self.manual_brightness = state.brightness if state.brightness_mode == "manual" else None
            known = any(page.name == state.page for page in self.pages)
            self.stay = state.page if state.page_mode == "manual" and known else None


def _moved(overlay: Overlay | None, delta_ms: int) -> Overlay | None:
    return overlay and Overlay(overlay.kind, overlay.since + delta_ms, overlay.until + delta_ms)
