"""State that becomes notifications: what the file's `alerts:` say of a view. A pure machine.

`gateway_down`, `queue_over` and, held, `voicemail` are states: the notification comes and goes with them. `missed_call`
and `voicemail` are news: shown once, for some seconds. Where what is retained tells since when (a gateway, a wait, an
ended call), that is the notification's start: a display that hears of it late joins the others in the middle, or shows
nothing if it would be over. A mailbox is compared with what this display last knew of it; what it finds at its start is
no news.
"""

import string
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from led_renderer.commands import Notification, Priority
from led_renderer.values import age
from led_renderer.view import Queue, View

__all__ = ["FIELDS", "TEXTS", "Alert", "Alerts", "Change", "Kind", "unknown_field"]

Kind = Literal["gateway_down", "queue_over", "missed_call", "voicemail"]

# What may stand between braces in an alert's text, and the text where the file has none.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "gateway_down": ("name", "state", "since"),
    "queue_over": ("name", "waiting", "wait"),
    "missed_call": ("caller", "callee", "cause"),
    "voicemail": ("name", "new"),
}
TEXTS: Final[dict[str, str]] = {
    "gateway_down": "{name} down",
    "queue_over": "{name}: {waiting} waiting",
    "missed_call": "Missed: {caller}",
    "voicemail": "Voicemail for {name}",
}
AHEAD_MS: Final = 5_000  # a switch's clock this far ahead of ours is believed; one further ahead does not say when
MAILBOXES: Final = 4_096  # whose number is remembered


class Alert(Struct, frozen=True, kw_only=True):
    """One entry of the file. `subject`: which one; None: any. `seconds` None: as long as the state is.

    `queue_over` is from `waiting` callers on, or from a longest wait of `wait` seconds on, whichever comes first.
    """

    name: str
    when: Kind
    text: str
    subject: str | None = None
    waiting: int | None = None
    wait: int | None = None
    priority: Priority = "warning"
    icon: str | None = None
    effect: Literal["none", "blink", "invert"] = "none"
    seconds: float | None = None

    def about(self, key: str, words: dict[str, str], since: int | None, now: int) -> Notification | None:
        """Its notification; None for one that would be over. `since`: when it began, if anything retained says so."""
        believed = since if since is not None and since <= now + AHEAD_MS else None
        if believed is not None and self.seconds is not None and now >= believed + self.seconds * 1000:
            return None
        # One that is held and does not say since when counts its scroll from the epoch, as pages do.
        at = 0 if since is None and self.seconds is None else believed
        return Notification(
            id=f"{self.name}:{key}",
            text=string.Formatter().vformat(self.text, (), words),
            priority=self.priority,
            seconds=self.seconds,
            hold=self.seconds is None,
            icon=self.icon,
            effect=self.effect,
            at=at,
        )


class Change(NamedTuple):
    """What became of a notification: it is new, its text changed, or what it tells of is over."""

    kind: Literal["begins", "changes", "ends"]
    notification: Notification


def unknown_field(kind: Kind, text: str) -> str | None:
    """What stands between braces in an alert's text and is none of FIELDS. ValueError for what is no template."""
    for _, field, form, conversion in string.Formatter().parse(text):
        if field is not None and (form or conversion or field not in FIELDS[kind]):
            return field
    return None


class Alerts:
    """The alerts of one file."""

    def __init__(self, alerts: tuple[Alert, ...] = ()) -> None:
        self._alerts = alerts
        self._states: dict[str, Notification | None] = {}  # in force; None: shown and over, or not worth showing
        self._calls: frozenset[str] = frozenset()  # ids of missed calls that are no news any more
        self._mailboxes: dict[str, int] = {}

    def succeeded(self, alerts: tuple[Alert, ...]) -> "Alerts":
        """The alerts of the next file: what was news is none again."""
        following = Alerts(alerts)
        following._calls, following._mailboxes = self._calls, self._mailboxes
        return following

    def update(self, view: View, now: int) -> list[Change]:
        """What has changed at `now`, and with this view."""
        return [*self._changed_states(view, now), *self._missed(view, now), *self._mail(view, now)]

    def refused(self, key: str) -> None:
        """There was no room for it: it is tried again at the next update."""
        self._states.pop(key, None)

    def end(self) -> list[Change]:
        """All states end: the file is another."""
        ended = [Change("ends", told) for told in self._states.values() if told is not None]
        self._states = {}
        return ended

    def due(self, view: View, now: int) -> int | None:
        """When time alone will begin or change one: waits grow."""
        instants: list[int] = []
        for alert in self._alerts:
            if alert.when == "queue_over":
                for queue in _queues(alert, view):
                    if queue.longest_wait_since is not None and alert.wait is not None:
                        instants.append(queue.longest_wait_since + alert.wait * 1000)
                    if queue.longest_wait_since is not None and "{wait}" in alert.text:
                        instants.append(_next_second(queue.longest_wait_since, now))
            elif alert.when == "gateway_down" and "{since}" in alert.text:
                instants += [_next_second(gateway.since, now) for gateway in view.gateways_down]
        return min((instant for instant in instants if instant > now), default=None)

    # --- states -------------------------------------------------------------------------------------------------------

    def _changed_states(self, view: View, now: int) -> Iterator[Change]:
        found = {state.key: state for alert in self._alerts for state in _states(alert, view, now)}
        for key in self._states.keys() - found.keys():
            told = self._states.pop(key)
            if told is not None:
                yield Change("ends", told)
        for key, state in found.items():
            told = state.told(now)
            if key not in self._states:
                self._states[key] = told
                if told is not None:
                    yield Change("begins", told)
                continue
            before = self._states[key]
            if before is not None and told is not None and told.text != before.text:
                self._states[key] = told
                yield Change("changes", told)

    # --- news ---------------------------------------------------------------------------------------------------------

    def _missed(self, view: View, now: int) -> Iterator[Change]:
        missed = [call for call in view.recent if call.outcome == "missed"]
        for alert in self._alerts:
            if alert.when != "missed_call":
                continue
            for call in reversed(missed):
                if call.id not in self._calls and alert.subject in (None, call.callee):
                    words = {"caller": call.caller, "callee": call.callee, "cause": call.cause}
                    told = alert.about(call.id, words, call.ended_at, now)
                    if told is not None:
                        yield Change("begins", told)
        self._calls = frozenset(call.id for call in missed)

    def _mail(self, view: View, now: int) -> Iterator[Change]:
        for lamp in view.lamps:
            new = 0 if lamp.voicemail is None else lamp.voicemail.new
            known = self._mailboxes.get(lamp.extension, new)
            self._mailboxes[lamp.extension] = new
            for alert in self._alerts if new != known else ():
                if alert.when == "voicemail" and alert.seconds is not None and alert.subject in (None, lamp.extension):
                    told = alert.about(lamp.extension, {"name": lamp.extension, "new": str(new)}, None, now)
                    if told is not None and (new > known or new == 0):
                        yield Change("begins" if new else "ends", told)
        while len(self._mailboxes) > MAILBOXES:
            del self._mailboxes[next(iter(self._mailboxes))]


class _State(NamedTuple):
    """What an alert is about, in its text's words, and since when."""

    alert: Alert
    subject: str
    words: dict[str, str]
    since: int | None

    @property
    def key(self) -> str:
        """The notification's id."""
        return f"{self.alert.name}:{self.subject}"

    def told(self, now: int) -> Notification | None:
        return self.alert.about(self.subject, self.words, self.since, now)


def _states(alert: Alert, view: View, now: int) -> Iterator[_State]:
    """What an alert is about now; of one whose words change, the id stays."""
    if alert.when == "gateway_down":
        for gateway in view.gateways_down:
            if alert.subject in (None, gateway.name):
                words = {"name": gateway.name, "state": gateway.state, "since": _age(gateway.since, now)}
                yield _State(alert, gateway.name, words, gateway.since)
    elif alert.when == "queue_over":
        for queue in _queues(alert, view):
            waits_since = queue.longest_wait_since
            waits = alert.wait is not None and waits_since is not None and now - waits_since >= alert.wait * 1000
            if waits or (alert.waiting is not None and queue.waiting >= alert.waiting):
                words = {"name": queue.name, "waiting": str(queue.waiting), "wait": _age(waits_since, now)}
                since = waits_since + alert.wait * 1000 if waits and waits_since and alert.wait else None
                yield _State(alert, queue.name, words, since)
    elif alert.when == "voicemail" and alert.seconds is None:
        for lamp in view.lamps:
            if alert.subject in (None, lamp.extension) and lamp.voicemail is not None and lamp.voicemail.new:
                words = {"name": lamp.extension, "new": str(lamp.voicemail.new)}
                yield _State(alert, lamp.extension, words, None)


def _queues(alert: Alert, view: View) -> list[Queue]:
    return [queue for queue in view.queues if alert.subject in (None, queue.name)]


def _age(since: int | None, now: int) -> str:
    return age(0 if since is None else (now - since) // 1000)


def _next_second(since: int, now: int) -> int:
    return now + 1_000 - (now - since) % 1_000
