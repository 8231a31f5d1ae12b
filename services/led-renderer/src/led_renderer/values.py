"""Values of the view by name, for templates, bars and thresholds. Pure.

    calls.active   today.missed                   a field of what there is one of
    queue.support@default.waiting                 a field of a named thing: `<kind>.<name>.<field>`; names may have dots
    lamps   gateways_down                         how many there are
    queue.support@default.longest_wait_since      an instant is read as its age

Paths come from people, so nothing but fields can be named in one: no index, call, conversion or format, no private
name. A field that nothing has is refused when the path is read, without any view. A thing that is not there has no
value: queues come and go.
"""

import re
import string
import types
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from led_renderer.view import Agent, CallCounts, Conference, Gateway, Lamp, Lot, Queue, Today, View

__all__ = [
    "ABSENT",
    "Path",
    "Value",
    "age",
    "changes",
    "compiled",
    "filled",
    "next_second",
    "parsed",
    "path",
    "shown",
    "value",
]

Value = str | int | float | bool | None

ABSENT: Final = "-"  # what a template shows for a thing or a value that is not there
MOST: Final = 200  # characters of a path
HOURS_FROM: Final = 100 * 60  # seconds from which on ages read h:mm

# What there is one of, and the things that have names: by the first part of a path.
_ONES: Final[Mapping[str, type[Struct]]] = {"calls": CallCounts, "today": Today}
_THINGS: Final[Mapping[str, tuple[str, type[Struct]]]] = {
    "extension": ("lamps", Lamp),
    "queue": ("queues", Queue),
    "agent": ("agents", Agent),
    "gateway": ("gateways", Gateway),
    "conference": ("conferences", Conference),
    "parking": ("parking", Lot),
}
_COUNTS: Final = ("lamps", "queues", "agents", "gateways", "gateways_down", "conferences", "parking", "recent")
_SECONDS: Final = frozenset({"talk_seconds", "wait_seconds", "longest_wait"})
_PATH: Final = re.compile(r"[^\[\]{}()!:\x00-\x1f\x7f]+")


class Path(Struct, frozen=True):
    """A path that was read: the view's field, which thing of those in it, and the field of that; `text` as given."""

    text: str
    root: str
    name: str | None = None
    fields: tuple[str, ...] = ()  # none: how many there are
    number: bool = True  # whether the value is a number, a yes or no, or an age

    @property
    def instant(self) -> bool:
        """Whether it names an instant, which is read as its age."""
        return _is_instant(self.fields)


Piece = tuple[str, Path | None]  # literal text, and the value that follows it, if any


@lru_cache(maxsize=256)
def path(text: str) -> Path:
    """A dotted path that a person wrote. ValueError says what is wrong with it."""
    if len(text) > MOST or not _PATH.fullmatch(text) or text != text.strip():
        raise ValueError(f"{text[:60]!r}: only fields are allowed, like calls.active")
    return parsed(text)


@lru_cache(maxsize=1024)
def parsed(text: str) -> Path:
    """A dotted path that was made of a thing's own name, in which any character may stand. ValueError as `path`."""
    first, _, rest = text.partition(".")
    if not rest:
        if text in _COUNTS:
            return Path(text, text)
        if text in _ONES or text in _THINGS:
            raise ValueError(f"{text!r} is not one value but several: {_example(text)}")
    elif first in _ONES:
        if rest in _leaves(_ONES[first]):
            return Path(text, first, None, tuple(rest.split(".")), _leaves(_ONES[first])[rest])
        raise ValueError(f"{text!r}: {first} has no field {rest!r}; allowed: {', '.join(_leaves(_ONES[first]))}")
    elif first in _THINGS:
        return _of_thing(text, first, rest)
    raise ValueError(f"{text!r}: there is no {first!r}; allowed: {', '.join((*_ONES, *_THINGS, *_COUNTS))}")


def _of_thing(text: str, kind: str, rest: str) -> Path:
    """`<name>.<field>`: the longest end that is a field is the field."""
    root, model = _THINGS[kind]
    for place, character in enumerate(rest):
        if character == "." and rest[place + 1 :] in _leaves(model):
            if not rest[:place]:
                break
            field = rest[place + 1 :]
            return Path(text, root, rest[:place], tuple(field.split(".")), _leaves(model)[field])
    raise ValueError(
        f"{text!r}: wanted {kind}.<name>.<field>, and {rest.rpartition('.')[2]!r} is no field of a {kind}; "
        f"allowed: {', '.join(_leaves(model))}"
    )


def _example(text: str) -> str:
    if text in _ONES:
        return f"{text}.{next(iter(_leaves(_ONES[text])))}"
    return f"{text}.<name>.{list(_leaves(_THINGS[text][1]))[1]}"


@cache
def _leaves(model: type[Struct]) -> dict[str, bool]:
    """Every field of a struct that is one value, those of its parts as `part.field`; and whether it is a number."""
    return dict(_walk(model))


def _walk(model: type[Struct]) -> Iterator[tuple[str, bool]]:
    hints = get_type_hints(model)
    for name, attribute in vars(model).items():
        if isinstance(attribute, property):
            hints[name] = get_type_hints(attribute.fget)["return"]
    for name, hint in hints.items():
        kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, Struct):
                yield from ((f"{name}.{leaf}", is_number) for leaf, is_number in _leaves(kind).items())
            elif get_origin(kind) is Literal or kind in (str, int, float, bool):
                yield name, kind in (int, float, bool)


def value(view: View, wanted: Path | str, now: int) -> Value:
    """What `wanted` is at `now`; None while it is not there. Ages are whole seconds, at least 0."""
    at = wanted if isinstance(wanted, Path) else parsed(wanted)
    found = _raw(view, at)
    if at.instant and isinstance(found, int):
        return max(now - found, 0) // 1000
    return found


def changes(view: View, wanted: Path | str, now: int) -> int | None:
    """When time alone will change that value, in ms since the epoch: ages do, each second."""
    at = wanted if isinstance(wanted, Path) else parsed(wanted)
    found = _raw(view, at) if at.instant else None
    return next_second(found if isinstance(found, int) else None, now)


def _raw(view: View, at: Path) -> Value:
    found: object = getattr(view, at.root)
    if not at.fields:
        return len(found) if isinstance(found, tuple) else None
    if isinstance(found, tuple):
        found = next((thing for thing in found if _name(thing) == at.name), None)
    for field in at.fields:
        found = getattr(found, field, None)
    return found if isinstance(found, str | int | float) else None


def _name(thing: object) -> str:
    name: str = thing.extension if isinstance(thing, Lamp) else getattr(thing, "name", "")
    return name


def _is_instant(fields: tuple[str, ...]) -> bool:
    return bool(fields) and (fields[-1] == "since" or fields[-1].endswith("_since"))


def shown(view: View, wanted: Path, now: int) -> str:
    """A value as people read it."""
    found = value(view, wanted, now)
    if found is None:
        return ABSENT
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int | float) and (wanted.instant or not _SECONDS.isdisjoint(wanted.fields[-1:])):
        return age(int(found))
    return f"{found:.0f}" if isinstance(found, float) else str(found)


def age(seconds: int) -> str:
    """A time that has passed: `m:ss`, from 100 minutes on `h:mm`, from 100 hours on days: `5d`. Never negative."""
    seconds = max(seconds, 0)
    if seconds < HOURS_FROM:
        return f"{seconds // 60}:{seconds % 60:02d}"
    if seconds < 60 * HOURS_FROM:
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}"
    return f"{seconds // 86_400}d"


def next_second(since: int | None, now: int) -> int | None:
    """When the age of `since` in whole seconds changes; None without an instant."""
    return None if since is None else since + (max(now - since, 0) // 1000 + 1) * 1000


@lru_cache(maxsize=64)
def compiled(template: str) -> tuple[Piece, ...]:
    """A template in pieces: `{path}` stands for a value, `{{` and `}}` for braces. ValueError names what is refused."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"template: {template[:60]!r}: {error}") from None
    pieces: list[Piece] = []
    for literal, field, form, conversion in parsed:
        if field is None:
            pieces.append((literal, None))
            continue
        whole = field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        try:
            pieces.append((literal, path(whole)))
        except ValueError as error:
            raise ValueError(f"template: {{{whole[:60]}}}: {error}") from None
    return tuple(pieces)


def filled(template: str, view: View, now: int) -> tuple[str, int | None]:
    """The template with the values of `now`, and when time alone will change one. ValueError as `compiled`."""
    pieces = compiled(template)
    text = "".join(literal + ("" if at is None else shown(view, at, now)) for literal, at in pieces)
    instants = [changes(view, at, now) for _, at in pieces if at is not None and at.instant]
    return text, min((instant for instant in instants if instant is not None), default=None)
