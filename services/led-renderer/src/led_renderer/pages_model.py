"""What a person may write into a file of pages, field by field. Pure: pydantic models of texts.

Every scalar comes as the text that stands in the file (`document`), and each field reads its own. Names of fields here
are names in the file. What they amount to is `pages_file`'s to say.
"""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from lampfield_bus.messages import LIMITS
from led_renderer.icons import ICONS
from led_renderer.values import compiled, path
from led_renderer.widgets import WIDGETS

__all__ = ["ALERTS", "DAYS", "AlertEntry", "EdgeEntry", "PageEntry", "PagesFile", "ThresholdEntry"]

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALERTS: Final = ("gateway_down", "queue_over", "missed_call", "voicemail")
MAX_PAGES: Final = 64
MAX_ALERTS: Final = 32
MAX_EDGES: Final = 64

Number = Annotated[float, Field(ge=-1_000_000_000, le=1_000_000_000, allow_inf_nan=False)]


def _one_of(allowed: tuple[str, ...]) -> AfterValidator:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"is not one of them; allowed: {', '.join(allowed)}")
        return text

    return AfterValidator(check)


def _name(text: str) -> str:
    if text == "auto" or not text.isprintable() or text != text.strip():
        raise ValueError("is no name for a page; allowed: printable text, not `auto`")
    return text


def _subject(text: str) -> str:
    if text == "*":
        raise ValueError("'*' is the name of none; allowed: a name, or to leave it out for any")
    return text


def _path(text: str) -> str:
    if not path(text).number:
        raise ValueError(f"{text!r} is no number; allowed: a path to one, like calls.active")
    return text


def _template(text: str) -> str:
    try:
        compiled(text)
    except ValueError as error:
        raise ValueError(str(error).removeprefix("template: ")) from None
    return text


def _threshold(value: object) -> object:
    return {"at_least": value} if isinstance(value, str) else value


def _minute(value: object) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", value if isinstance(value, str) else "", re.ASCII)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError("is no time of day; allowed: 00:00 to 23:59")
    return int(found[1]) * 60 + int(found[2])


def _days(value: object) -> object:
    """`mon-fri, sun` or a list of such."""
    if isinstance(value, dict):
        value = ["a mapping"]
    parts = [part.strip() for each in (value if isinstance(value, list) else [value]) for part in str(each).split(",")]
    found: set[int] = set()
    for part in parts:
        first, dash, last = part.lower().partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{part!r} is no weekday; allowed: {', '.join(DAYS)}, or from-to as mon-fri")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)


Word = Annotated[str, Field(min_length=1, max_length=LIMITS["id"])]
PageName = Annotated[str, Field(min_length=1, max_length=LIMITS["id"]), AfterValidator(_name)]
Template = Annotated[str, Field(min_length=1, max_length=LIMITS["text"]), AfterValidator(_template)]
Subject = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_subject)]
ValuePath = Annotated[str, Field(min_length=1), AfterValidator(_path)]
Transition = Literal["cut", "slide", "wipe"]
Minute = Annotated[Any, BeforeValidator(_minute)]
Days = Annotated[Any, BeforeValidator(_days)]
Icon = Annotated[str, _one_of(ICONS)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ThresholdEntry(_Entry):
    """`warn: 5`, or `{at_least: 5, clear: 3}`, or `{at_most: 1, clear: 2}`."""

    at_least: Number | None = None
    at_most: Number | None = None
    clear: Number | None = None


class PageEntry(_Entry):
    """One page."""

    widget: Annotated[str, _one_of(tuple(WIDGETS))]
    name: PageName | None = None
    seconds: Annotated[int, Field(ge=1, le=3600)] = 10
    transition: Transition | None = None
    icon: Icon | None = None
    template: Template | None = None
    queue: Subject | None = None
    conference: Subject | None = None
    lot: Subject | None = None
    value: ValuePath | None = None
    limit: Annotated[Number, Field(gt=0)] | None = None
    speed: Annotated[int, Field(ge=1, le=60)] | None = None
    warn: Annotated[ThresholdEntry, BeforeValidator(_threshold)] | None = None
    crit: Annotated[ThresholdEntry, BeforeValidator(_threshold)] | None = None


class AlertEntry(_Entry):
    """State that becomes a notification."""

    when: Annotated[str, _one_of(ALERTS)]
    name: PageName | None = None
    gateway: Subject | None = None
    queue: Subject | None = None
    extension: Subject | None = None
    waiting: Annotated[int, Field(ge=1, le=100_000)] | None = None
    wait: Annotated[int, Field(ge=1, le=86_400)] | None = None
    priority: Literal["info", "warning", "critical"] = "warning"
    text: Annotated[str, Field(min_length=1, max_length=LIMITS["text"])] | None = None
    icon: Icon | None = None
    effect: Literal["none", "blink", "invert"] = "none"
    seconds: Annotated[float, Field(ge=1, le=LIMITS["seconds"], allow_inf_nan=False)] | None = None
    hold: bool | None = None


class EdgeEntry(_Entry):
    """What becomes of brightness and power at a time of day."""

    at: Minute
    days: Days = frozenset(range(7))
    brightness: Annotated[int, Field(ge=0, le=15)] | None = None
    fade: Annotated[int, Field(ge=0, le=3600)] = 0
    power: Literal["on", "off"] | None = None


class PagesFile(_Entry):
    """The whole file. Without `pages` the default rotation stays."""

    transition: Transition = "cut"
    pages: Annotated[tuple[PageEntry, ...], Field(min_length=1, max_length=MAX_PAGES)] | None = None
    alerts: Annotated[tuple[AlertEntry, ...], Field(max_length=MAX_ALERTS)] = ()
    schedule: Annotated[tuple[EdgeEntry, ...], Field(max_length=MAX_EDGES)] = ()
