"""What a display has to show, and whose turn it is: the file's pages, those from topics, the lost switches, one that
stays. A pure machine.

The levels of `warn` and `crit` are kept here; they change in `update` alone.
"""

from typing import Final, NamedTuple

from led_renderer.page_topics import PageTopics
from led_renderer.pages import Page, Rotation, Turn, breather_ms, expanded, rotation, turn
from led_renderer.pages_file import Plan
from led_renderer.thresholds import Level, crossing, level
from led_renderer.values import changes, parsed, value
from led_renderer.view import View

__all__ = ["LOST", "Programme"]

LOST: Final = "trouble"  # the widget of a page that says which switch is lost
LOST_SECONDS: Final = 4


class _Kept(NamedTuple):
    """A rotation and what it was made of."""

    made_of: tuple[object, ...]
    pages: tuple[Page, ...]
    rotation: Rotation


class Programme:
    """One display's pages. `stay` is the name of the page that stays, known or not; None: they take turns."""

    def __init__(self, plan: Plan, topics: PageTopics) -> None:
        self.plan = plan
        self.topics = topics
        self.stay: str | None = None
        self.levels: dict[str, Level] = {}
        self._kept: _Kept | None = None

    def load(self, plan: Plan, view: View, lost: tuple[str, ...], now: int) -> None:
        """Another file. A page that stayed and is no more stays no longer."""
        self.plan = plan
        if self.staying(view, lost, now) is None:
            self.stay = None

    def pages(self, view: View, lost: tuple[str, ...], now: int) -> tuple[Page, ...]:
        """Every page that has a place, also those with nothing to show. `lost`: what the lost switches' are called."""
        return self._all(view, lost, now).pages

    def rotation(self, view: View, lost: tuple[str, ...], now: int) -> Rotation:
        """Those that take turns."""
        return self._all(view, lost, now).rotation

    def staying(self, view: View, lost: tuple[str, ...], now: int) -> Page | None:
        """The page that stays, while there is one of that name."""
        if self.stay is None:
            return None
        return next((page for page in self.pages(view, lost, now) if page.name == self.stay), None)

    def turn(self, view: View, lost: tuple[str, ...], now: int) -> Turn:
        """Whose turn it is."""
        return turn(self.rotation(view, lost, now), now, self.staying(view, lost, now))

    def breather_ms(self, view: View, lost: tuple[str, ...], now: int) -> int:
        """How long from now on until one page was seen for the whole of its turn."""
        return breather_ms(self.rotation(view, lost, now), now, self.staying(view, lost, now))

    def update(self, view: View, lost: tuple[str, ...], now: int) -> None:
        """The levels of `now`."""
        levels: dict[str, Level] = {}
        for page in self.pages(view, lost, now):
            if page.warn is not None or page.crit is not None:
                reached = level(value(view, page.value, now), page.warn, page.crit, self.levels.get(page.name))
                if reached is not None:
                    levels[page.name] = reached
        self.levels = levels

    def due(self, view: View, lost: tuple[str, ...], now: int) -> int | None:
        """When time alone changes a level, or a page from a topic expires."""
        instants = [self.topics.due(now)]
        for page in self.pages(view, lost, now):
            if (page.warn is not None or page.crit is not None) and parsed(page.value).instant:
                age, next_second = value(view, page.value, now), changes(view, page.value, now)
                edge = crossing(age, page.warn, page.crit) if isinstance(age, int) else None
                if edge is not None and next_second is not None and isinstance(age, int):
                    instants.append(next_second + (-int(-edge // 1) - age - 1) * 1000)
        return min((instant for instant in instants if instant is not None), default=None)

    def _all(self, view: View, lost: tuple[str, ...], now: int) -> _Kept:
        topics = self.topics.pages(now)
        made_of = (self.plan, view, topics, lost)
        if self._kept is None or not _same(self._kept.made_of, made_of):
            named = {page.name for page in topics}
            pages = expanded((*(page for page in self.plan.pages if page.name not in named), *topics), view)
            pages += tuple(Page(name=name, widget=LOST, seconds=LOST_SECONDS) for name in lost)
            self._kept = _Kept(made_of, pages, rotation(pages, view))
        return self._kept


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Views and plans are compared by identity: they are made anew when something in them changes, and are large."""
    return one[0] is other[0] and one[1] is other[1] and one[2:] == other[2:]
