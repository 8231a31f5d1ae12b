"""The rotation: which page the wall clock gives its turn to. Pure.

Turns are counted from the epoch, not from a start, so that displays which share a clock change pages together. Every
page of the rotation has its place in the cycle whether it has something to show or not; one that has not lends its
turn to the page before it. So when a gateway goes down, its page appears in its own place and no other page moves. Only
when the list itself changes (a file is loaded, a page is written to a topic or expires, a queue is new) are turns
counted anew, and the panel may change pages once at that moment.
"""

from typing import Final, Literal, NamedTuple

from msgspec import Struct, structs

from led_renderer.thresholds import Threshold
from led_renderer.view import View
from led_renderer.widgets import WIDGETS

__all__ = [
    "EACH",
    "NOTHING",
    "Page",
    "Rotation",
    "Transition",
    "Turn",
    "before",
    "breather_ms",
    "expanded",
    "rotation",
    "turn",
]

Transition = Literal["cut", "slide", "wipe"]


class Page(Struct, frozen=True, kw_only=True):
    """One page: its name, the widget that draws it and what that is told, and how long its turn is.

    `subject`: which queue, conference or lot. `value` is what a bar draws and what `warn` and `crit` look at. `icon`
    stands left of the widget. `needs`: a field of the view; the page is left out while that is empty, or while it has
    nothing called `subject`. `transition` None: that of the file, and none while the page is urgent.
    """

    name: str
    widget: str
    seconds: int = 10
    template: str = ""
    subject: str | None = None
    value: str = ""
    limit: float | None = None
    speed: int | None = None
    icon: str | None = None
    transition: Transition | None = None
    warn: Threshold | None = None
    crit: Threshold | None = None

    @property
    def needs(self) -> str | None:
        """The field of the view without which it has nothing to show."""
        widget = WIDGETS.get(self.widget)
        return None if widget is None else widget.needs

    def shows(self, view: View) -> bool:
        """Whether it has something to show."""
        if self.needs is None:
            return True
        there = getattr(view, self.needs)
        if self.subject is None or not isinstance(there, tuple):
            return bool(there)
        return any(getattr(thing, "name", None) == self.subject for thing in there)


class Rotation(NamedTuple):
    """The pages that take turns, each with its length (ms) and what the pages after it lend; `offset`: ms after the
    beginning of a cycle at which the first of them begins. Never empty."""

    turns: tuple[tuple[Page, int], ...]
    offset: int = 0

    def page(self, name: str | None) -> Page | None:
        """The page of that name, if it takes turns."""
        return next((page for page, _ in self.turns if page.name == name), None)


class Turn(NamedTuple):
    """A page's turn: from `begins` to `ends` (ms since the epoch); a page that stays has no end."""

    page: Page
    begins: int
    ends: int | None


# What is shown when no page of the rotation has anything to show: a dark panel would look like a dead one.
NOTHING: Final = Page(name="clock", widget="clock")
EACH: Final = {"queue": ("queues", "queue")}  # a page without a subject is one page for each of these, by its widget


def expanded(pages: tuple[Page, ...], view: View) -> tuple[Page, ...]:
    """The pages with one for each queue in place of a queue page that names none: `queue:support@default`."""
    if not any(page.widget in EACH and page.subject is None for page in pages):
        return pages
    found: list[Page] = []
    for page in pages:
        if page.widget not in EACH or page.subject is not None:
            found.append(page)
            continue
        field, kind = EACH[page.widget]
        for thing in getattr(view, field):
            value = page.value.replace(f"{kind}.*.", f"{kind}.{thing.name}.")
            found.append(structs.replace(page, name=f"{page.name}:{thing.name}", subject=thing.name, value=value))
    return tuple(found)


def rotation(pages: tuple[Page, ...], view: View) -> Rotation:
    """Who takes turns, of all that have a place."""
    turns: list[tuple[Page, int]] = []
    offset = lent = 0
    for page in pages:
        length = page.seconds * 1000
        if page.shows(view):
            turns.append((page, length))
        elif turns:
            turns[-1] = (turns[-1][0], turns[-1][1] + length)
        else:
            offset += length
    if not turns:
        return Rotation(((NOTHING, NOTHING.seconds * 1000),))
    lent = offset  # those before the first lend to the last, whose turn goes on into the next cycle
    turns[-1] = (turns[-1][0], turns[-1][1] + lent)
    return Rotation(tuple(turns), offset)


def turn(pages: Rotation, now: int, stay: Page | None = None) -> Turn:
    """Whose turn it is at `now`; `stay` keeps the turn."""
    if stay is not None:
        return Turn(stay, 0, None)
    if len(pages.turns) == 1:
        return Turn(pages.turns[0][0], 0, None)
    cycle = sum(length for _, length in pages.turns)
    begins = now - (now - pages.offset) % cycle
    for page, length in pages.turns:
        ends = begins + length
        if now < ends:
            return Turn(page, begins, ends)
        begins = ends
    raise AssertionError("the turns fill the cycle")


def before(pages: Rotation, present: Turn) -> Turn:
    """The turn before."""
    return turn(pages, present.begins - 1)


def breather_ms(pages: Rotation, now: int, stay: Page | None = None) -> int:
    """For how long the page has to be seen from `now` on until one page was seen for the whole of its turn."""
    present = turn(pages, now, stay)
    if present.ends is None:
        return present.page.seconds * 1000
    if now == present.begins:
        return present.ends - now
    following = turn(pages, present.ends, stay)
    return (present.ends if following.ends is None else following.ends) - now
