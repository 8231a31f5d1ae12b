"""A file of pages, validated as a whole: bytes → a plan, or everything that is wrong with it, a line each. Pure.

office.yaml:12: pages[1].seconds: 'ten' is not a number; allowed: 1-3600
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from typing import Any, Final, Generic, NamedTuple, TypeVar

from msgspec import Struct
from pydantic import BaseModel, ValidationError

from lampfield_bus.node.document import Document, Fault, Where, field_name, parse
from lampfield_bus.node.file_faults import fault, lines
from led_renderer.alerts import FIELDS, TEXTS, Alert, unknown_field
from led_renderer.pages import EACH, Page, Transition
from led_renderer.pages_model import AlertEntry, EdgeEntry, PageEntry, PagesFile, ThresholdEntry
from led_renderer.schedule import Edge
from led_renderer.thresholds import Threshold
from led_renderer.values import path
from led_renderer.widgets import WIDGETS

__all__ = ["DEFAULT", "Loaded", "Plan", "loaded"]

NEWS_SECONDS: Final = 10.0  # how long an alert that is no state is shown
# Widget → how a page names which.
_SUBJECTS: Final = {"queue": "queue", "agents": "queue", "conference": "conference", "parking": "lot"}
_ALERT_SUBJECTS: Final = {
    "gateway_down": "gateway", "queue_over": "queue", "missed_call": "extension", "voicemail": "extension",
}  # fmt: skip
# What `warn` and `crit` look at where the page does not say.
_WATCHED: Final = {
    "calls": "calls.total", "queue": "queue.*.waiting", "gateways": "gateways_down", "today": "today.missed",
    "conference": "conference.*.members", "parking": "parking.*.parked",
}  # fmt: skip
# What a value begins with in which `*` stands for the page's own.
_OWN: Final = {"queue": "queue.*.", "agents": "queue.*.", "conference": "conference.*.", "parking": "parking.*."}
_NO_VALUE: Final = "has no value; allowed: what warn and crit look at, as `value: calls.total`"


class Plan(Struct, frozen=True):
    """What a file says. `transition` is that of pages which name none."""

    pages: tuple[Page, ...]
    transition: Transition = "cut"
    alerts: tuple[Alert, ...] = ()
    schedule: tuple[Edge, ...] = ()


class Loaded(NamedTuple):
    """A file that was read: its plan, or what is wrong with it. Faults name the file, the line and the field."""

    plan: Plan | None
    faults: list[str]
    field: str | None = None  # the first fault's


def loaded(data: bytes, name: str) -> Loaded:
    """The bytes of the file called `name`."""
    document = parse(data)
    found = list(document.faults)
    plan = None
    if not found or (isinstance(document.value, dict) and document.value):
        plan, more = _plan(document)
        found += more
    if not found:
        return Loaded(plan, [])
    first = min(found, key=lambda fault: fault.line)
    return Loaded(None, lines(name, found), first.field or None)


def _plan(document: Document) -> tuple[Plan | None, list[Fault]]:
    if not isinstance(document.value, dict):
        what = "is empty" if document.value == "" else "is no mapping"
        return None, [Fault(0, "", f"{what}; allowed: {', '.join(PagesFile.model_fields)}, each with a colon")]
    transition: Transition = "cut"
    found: list[Fault] = []
    try:
        transition = PagesFile.model_validate(document.value).transition
    except ValidationError as error:
        told = [dict(each) for each in error.errors(include_url=False)]
        # A list of entries that are all wrong is not empty.
        found = [fault(document, each, PagesFile) for each in told if each["type"] != "too_short" or not each["input"]]
    # What is right by itself is looked at further, also beside what is wrong: all faults at once.
    builder = _Builder(document)
    pages = builder.pages(_entries(PageEntry, document.value.get("pages")))
    alerts = builder.alerts(_entries(AlertEntry, document.value.get("alerts")))
    schedule = builder.schedule(_entries(EdgeEntry, document.value.get("schedule")))
    found += builder.faults
    if found:
        return None, found
    return Plan(pages if "pages" in document.value else DEFAULT.pages, transition, alerts, schedule), []


E = TypeVar("E", bound=BaseModel)


def _entries(model: type[E], given: object) -> Iterator[tuple[int, E]]:
    """The entries of a list that are right by themselves, each with its place."""
    for number, entry in enumerate(given if isinstance(given, list) else []):
        with contextlib.suppress(ValidationError):
            yield number, model.model_validate(entry)


N = TypeVar("N", PageEntry, AlertEntry)


class _Named(NamedTuple, Generic[N]):
    """An entry, what it is called, and where it stands."""

    entry: N
    name: str
    where: Where


class _Builder:
    """Entries → plan, and what is wrong between their fields."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.faults: list[Fault] = []

    def _fault(self, where: Where, error: str) -> None:
        self.faults.append(Fault(self._document.line(where), field_name(where), error))

    def _named(self, part: str, entries: Iterable[tuple[int, N]], kind: Callable[[N], str]) -> Iterator[_Named[N]]:
        """The entries of `part`, each with a name of its own; `kind(entry)` is that of one to which none was given."""
        first: dict[str, Where] = {}
        for number, entry in entries:
            where: Where = (part, number)
            name = entry.name or kind(entry)
            if name in first:
                line = self._document.line(first[name])
                own = (*where, "name") if entry.name else where
                self._fault(own, f"{name!r} is the name of the one on line {line}, too; allowed: a `name` of its own")
            first.setdefault(name, where)
            yield _Named(entry, name, where)

    # --- pages --------------------------------------------------------------------------------------------------------

    def pages(self, entries: Iterable[tuple[int, PageEntry]]) -> tuple[Page, ...]:
        """The pages, each with a name of its own."""
        return tuple(self._page(*each) for each in self._named("pages", entries, lambda entry: entry.widget))

    def _page(self, entry: PageEntry, name: str, where: Where) -> Page:
        self._check_options(entry, where)
        subject = getattr(entry, _SUBJECTS[entry.widget]) if entry.widget in _SUBJECTS else None
        return Page(
            name=name,
            widget=entry.widget,
            seconds=entry.seconds,
            template=entry.template or "",
            subject=subject,
            value=self._value(entry, subject, where),
            limit=entry.limit,
            speed=entry.speed,
            icon=entry.icon,
            transition=entry.transition,
            warn=self._threshold(entry.warn, (*where, "warn")),
            crit=self._threshold(entry.crit, (*where, "crit")),
        )

    def _check_options(self, entry: PageEntry, where: Where) -> None:
        """Each widget has options of its own."""
        widget = WIDGETS[entry.widget]
        own = {_SUBJECTS.get(entry.widget, "") if option == "name" else option for option in widget.takes}
        if entry.warn is not None or entry.crit is not None:
            own.add("value")
        for option in ("template", "queue", "conference", "lot", "value", "limit", "speed"):
            given = getattr(entry, option) is not None
            if given and option not in own:
                takes = f"allowed with it: {', '.join(sorted(own))}" if own else "it has no options"
                self._fault((*where, option), f"is no option of the widget {entry.widget}; {takes}")
            elif not given and option in widget.requires:
                self._fault(where, f"has no {option}; allowed: the widget {entry.widget} with one")

    def _value(self, entry: PageEntry, subject: str | None, where: Where) -> str:
        """What the page looks at; `queue.*.waiting` of one that is a page for each queue."""
        if entry.value is None and entry.warn is None and entry.crit is None:
            return ""
        watched = entry.value or _WATCHED.get(entry.widget)
        if watched is None:
            self._fault(where, _NO_VALUE)
            return ""
        if path(watched).name != "*":
            return watched
        own = _OWN.get(entry.widget)
        if own is not None and watched.startswith(own) and (subject is not None or entry.widget in EACH):
            return watched if subject is None else watched.replace("*", subject, 1)
        if entry.value is None:
            self._fault(where, _NO_VALUE)
        else:
            error = f"{watched!r}: `*` is the page's own, and this one has none; allowed: a name in its place"
            self._fault((*where, "value"), error)
        return ""

    def _threshold(self, entry: ThresholdEntry | None, where: Where) -> Threshold | None:
        if entry is None:
            return None
        if (entry.at_least is None) == (entry.at_most is None):
            self._fault(where, "has both at_least and at_most, or none; allowed: one of the two")
            return None
        at = entry.at_least if entry.at_least is not None else entry.at_most
        assert at is not None  # noqa: S101 (one of the two is given)
        rising = entry.at_least is not None
        apart = max(1.0, abs(at) / 5)
        clear = entry.clear if entry.clear is not None else at - apart if rising else at + apart
        if clear >= at if rising else clear <= at:
            word = "below" if rising else "above"
            self._fault((*where, "clear"), f"{clear:g} is not {word} {at:g}; allowed: a number {word} it")
        return Threshold(at, clear)

    # --- alerts -------------------------------------------------------------------------------------------------------

    def alerts(self, entries: Iterable[tuple[int, AlertEntry]]) -> tuple[Alert, ...]:
        """The alerts, each with a name of its own."""
        return tuple(self._alert(*each) for each in self._named("alerts", entries, lambda entry: entry.when))

    def _alert(self, entry: AlertEntry, name: str, where: Where) -> Alert:
        for option in ("gateway", "queue", "extension"):
            if getattr(entry, option) is not None and option != _ALERT_SUBJECTS[entry.when]:
                self._fault((*where, option), f"says nothing here; allowed: {_ALERT_SUBJECTS[entry.when]}")
        limits = [option for option in ("waiting", "wait") if getattr(entry, option) is not None]
        if entry.when == "queue_over" and not limits:
            self._fault(where, "has no limit; allowed: waiting (callers) or wait (seconds) or both")
        elif entry.when != "queue_over" and limits:
            self._fault((*where, limits[0]), "says nothing here; allowed: with queue_over")
        kind: Any = entry.when
        return Alert(
            name=name,
            when=kind,
            text=self._text(entry, where),
            subject=getattr(entry, _ALERT_SUBJECTS[entry.when]),
            waiting=entry.waiting,
            wait=entry.wait,
            priority=entry.priority,
            icon=entry.icon,
            effect=entry.effect,
            seconds=self._seconds(entry, where),
        )

    def _seconds(self, entry: AlertEntry, where: Where) -> float | None:
        """None: as long as the state is. News are shown for some seconds."""
        news = entry.when == "missed_call" or (entry.when == "voicemail" and not entry.hold)
        if entry.hold and entry.when == "missed_call":
            self._fault((*where, "hold"), "says nothing here: nothing ends a missed call; allowed: seconds")
        if entry.hold and entry.seconds is not None:
            self._fault((*where, "hold"), "stands beside seconds; allowed: one of the two")
        if entry.seconds is None and (news or entry.hold is False):
            return NEWS_SECONDS
        return entry.seconds

    def _text(self, entry: AlertEntry, where: Where) -> str:
        kind: Any = entry.when
        text = entry.text or TEXTS[kind]
        allowed = ", ".join(f"{{{field}}}" for field in FIELDS[kind])
        try:
            unknown = unknown_field(kind, text)
        except ValueError as error:
            self._fault((*where, "text"), f"{error}; allowed: text with {allowed}")
        else:
            if unknown is not None:
                self._fault((*where, "text"), f"{{{unknown[:40]}}} says nothing here; allowed: {allowed}")
        return text

    # --- schedule -----------------------------------------------------------------------------------------------------

    def schedule(self, entries: Iterable[tuple[int, EdgeEntry]]) -> tuple[Edge, ...]:
        """The edges, in the order of the file."""
        edges = []
        for number, entry in entries:
            where: Where = ("schedule", number)
            if entry.brightness is None and entry.power is None:
                self._fault(where, "sets nothing; allowed: brightness, power or both")
            if entry.fade and entry.brightness is None:
                self._fault((*where, "fade"), "says nothing without brightness; allowed: with one")
            power = None if entry.power is None else entry.power == "on"
            edges.append(Edge(entry.at, entry.days, entry.brightness, power, entry.fade))
        return tuple(edges)


def _default() -> Plan:
    """pages/default.yaml of the package: a file like any user's."""
    read = loaded(files("led_renderer").joinpath("pages/default.yaml").read_bytes(), "pages/default.yaml")
    if read.plan is None:
        raise ValueError("; ".join(read.faults))
    return read.plan


DEFAULT: Final = _default()
