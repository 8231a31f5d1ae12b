"""Pages that others write to topics: `display/<d>/page/<name>` and `group/<g>/page/<name>`. Pure; one per reading.

They are state: what is retained is what there is, so a payload that cannot be read is no page, just as it would be
none to a display that starts now. A page of the display's own beats a group's of the same name, and of the groups'
pages that of the group named later in `info.groups`.
"""

from typing import Final

import msgspec

from lampfield_bus import channels as c
from lampfield_bus import instants
from lampfield_bus.messages import LIMITS, PageTopic
from led_renderer.commands import FaultError, fault_of
from led_renderer.icons import ICONS
from led_renderer.pages import Page
from led_renderer.values import compiled
from led_renderer.widgets import WIDGETS

__all__ = ["BOUND", "PageTopics", "decoded", "filters"]

BOUND: Final = 64  # pages from topics; of more, the first by `order` and name are shown

Key = tuple[str, str]  # the channel's parameter names: who, and the page's name


def filters(display: str, groups: tuple[str, ...]) -> list[str]:
    """What to subscribe to."""
    own = c.DISPLAY_PAGE.filter(display=display)
    return [own, *(c.GROUP_PAGE.filter(group=group) for group in groups)]


def decoded(name: str, payload: bytes) -> tuple[Page, PageTopic, int | None]:
    """A payload as a page, and when it leaves. FaultError names the field."""
    if len(payload) > LIMITS["payload"]:
        raise FaultError(f"longer than {LIMITS['payload']} bytes; allowed: {LIMITS['payload']}")
    try:
        told = _decoder.decode(payload)
    except (ValueError, RecursionError) as error:
        raise fault_of(error) from None
    if (told.text is None) == (told.widget is None):
        raise FaultError("stands beside widget; allowed: one of the two" if told.text else "is missing", "text")
    if told.icon is not None and told.icon not in ICONS:
        raise FaultError(f"{told.icon[:40]!r} is no icon; allowed: {', '.join(ICONS)}", "icon")
    expires_at = None if told.expires_at is None else _instant(told.expires_at)
    widget, template = _drawn(told)
    page = Page(name=name, widget=widget, template=template, seconds=told.seconds, icon=told.icon)
    return page, told, expires_at


def _drawn(told: PageTopic) -> tuple[str, str]:
    """The widget, and its template."""
    if told.widget is not None:
        widget = WIDGETS.get(told.widget)
        simple = ", ".join(name for name, known in WIDGETS.items() if not known.requires)
        if widget is None or widget.requires:
            why = "is no widget" if widget is None else f"needs {', '.join(widget.requires)}, which only a file gives"
            raise FaultError(f"{told.widget[:40]!r} {why}; allowed: {simple}", "widget")
        return told.widget, ""
    text = told.text or ""
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise FaultError("shows nothing; allowed: at least one visible character", "text")
    try:
        compiled(text)
    except ValueError as error:
        raise FaultError(str(error).removeprefix("template: "), "text") from None
    return "text", text


def _instant(text: str) -> int:
    try:
        return instants.parse(text)
    except ValueError as error:
        raise FaultError(str(error), "expires_at") from None


class _Entry(msgspec.Struct, frozen=True):
    page: Page
    order: int
    expires_at: int | None

    @property
    def rank(self) -> tuple[int, str]:
        return self.order, self.page.name


class PageTopics:
    """The pages of one reading; `groups` as `info.groups` has them."""

    def __init__(self, groups: tuple[str, ...]) -> None:
        self._groups = groups
        self._entries: dict[Key, _Entry] = {}
        self._overflowed = False

    def receive(self, channel: c.Channel, names: tuple[str, ...], payload: bytes) -> None:
        """One message of DISPLAY_PAGE or GROUP_PAGE. FaultError, and then the page is gone."""
        who = "" if channel is c.DISPLAY_PAGE else names[0]
        key = who, names[1]
        self._entries.pop(key, None)
        if not payload:
            return
        page, told, expires_at = decoded(names[1], payload)
        self._entries[key] = _Entry(page, told.order, expires_at)
        if len(self._entries) > BOUND:
            last = max(self._entries, key=lambda each: (self._entries[each].rank, each))
            del self._entries[last]
            self._overflowed = True
            if last == key:
                raise FaultError(f"busy: {BOUND} pages before it are shown already", "order")

    def pages(self, now: int) -> tuple[Page, ...]:
        """Those that have not expired, in their order, one of each name."""
        best: dict[str, tuple[int, _Entry]] = {}
        for (who, name), entry in self._entries.items():
            weight = self._weight(who)
            if not _over(entry, now) and (name not in best or weight > best[name][0]):
                best[name] = weight, entry
        return tuple(entry.page for _, entry in sorted(best.values(), key=lambda found: found[1].rank))

    def due(self, now: int) -> int | None:
        """When the next one expires."""
        ends = [entry.expires_at for entry in self._entries.values() if entry.expires_at is not None]
        return min((end for end in ends if end > now), default=None)

    def wants_reading(self, now: int) -> bool:
        """Whether one that was left out for want of room might have its place now: only a new reading tells."""
        room = sum(not _over(entry, now) for entry in self._entries.values()) < BOUND
        wanted, self._overflowed = self._overflowed and room, self._overflowed and not room
        return wanted

    def _weight(self, who: str) -> int:
        return self._groups.index(who) if who in self._groups else len(self._groups)


def _over(entry: _Entry, now: int) -> bool:
    return entry.expires_at is not None and entry.expires_at <= now


_decoder: Final = msgspec.json.Decoder(PageTopic)
