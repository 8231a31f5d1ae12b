"""The rotation: which page the wall clock gives its turn to. Pure.

Turns are counted from the epoch, not from a start, so that displays which share a clock change pages together.
"""

from typing import Final, NamedTuple

from msgspec import Struct

from led_renderer.view import View

__all__ = ["DEFAULT", "Page", "Turn", "breather_ms", "rotation", "turn"]


class Page(Struct, frozen=True, kw_only=True):
    """One page: its name, the widget that draws it, and how long its turn is. `needs`: left out while that is empty."""

    name: str
    widget: str
    seconds: int = 10
    needs: str | None = None
    template: str = ""


class Turn(NamedTuple):
    """A page's turn: from `begins` to `ends` (ms since the epoch); a page that stays has no end."""

    page: Page
    begins: int
    ends: int | None


DEFAULT: Final = (
    Page(name="calls", widget="calls"),
    Page(name="lamps", widget="lamps", needs="lamps"),
    Page(name="clock", widget="clock", seconds=5),
)


def rotation(pages: tuple[Page, ...], view: View) -> tuple[Page, ...]:
    """The pages that have something to show. Never empty as long as one page needs nothing."""
    return tuple(page for page in pages if page.needs is None or getattr(view, page.needs))


def turn(pages: tuple[Page, ...], now: int, stay: str | None = None) -> Turn:
    """Whose turn it is at `now`; `stay` names a page that keeps the turn. ValueError without any page."""
    for page in pages:
        if page.name == stay:
            return Turn(page, 0, None)
    if len(pages) == 1:
        return Turn(pages[0], 0, None)
    begins = now - now % max(sum(page.seconds for page in pages) * 1000, 1)
    for page in pages:
        ends = begins + page.seconds * 1000
        if now < ends:
            return Turn(page, begins, ends)
        begins = ends
    raise ValueError("pages: there is none to show")


def breather_ms(pages: tuple[Page, ...], now: int, stay: str | None = None) -> int:
    """For how long the page has to be seen from `now` on until one page was seen for the whole of its turn."""
    present = turn(pages, now, stay)
    if present.ends is None:
        return present.page.seconds * 1000
    following = turn(pages, present.ends, stay)
    return (present.ends if following.ends is None else following.ends) - now
