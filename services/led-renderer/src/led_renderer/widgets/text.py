"""A line of text with values in it: `{calls.active} calls`. Pure.

Needs `options.template`, in which `{field.field}` stands for a value of the view and `{{`, `}}` for braces; what is
wider than the canvas scrolls, counting from `options.since`. On walls of several rows it grows. Templates
come from people, so nothing but fields can be named in one: no index, call, conversion or format, no private name.
"""

import re
import string
from functools import lru_cache
from typing import Final

from led_renderer import line
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size

__all__ = ["compiled", "draw", "filled"]

_FIELD: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)

Piece = tuple[str, tuple[str, ...]]  # literal text, and the field that follows it, if any


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """The filled template, scrolled where it is too wide. ValueError for a template that is refused."""
    return line.drawn(filled(options.template, view), size, options.since, now)


def filled(template: str, view: View) -> str:
    """The template with the view's values. ValueError names the piece that is refused or that the view lacks."""
    return "".join(literal + _value(view, field) for literal, field in compiled(template))


@lru_cache(maxsize=64)
def compiled(template: str) -> tuple[Piece, ...]:
    """The template in pieces. ValueError names the piece that is refused."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"template: {template[:60]!r}: {error}") from None
    pieces: list[Piece] = []
    for literal, field, form, conversion in parsed:
        if field is None:
            pieces.append((literal, ()))
            continue
        if form or conversion or not _FIELD.fullmatch(field):
            whole = field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise ValueError(f"template: {{{whole[:60]}}}: only fields are allowed, like {{calls.active}}")
        pieces.append((literal, tuple(field.split("."))))
    return tuple(pieces)


def _value(view: View, field: tuple[str, ...]) -> str:
    """The value of a field of the view as text; a list of things is how many they are."""
    if not field:
        return ""
    value: object = view
    for name in field:
        if name not in getattr(value, "__struct_fields__", ()) and not _is_property(value, name):
            raise ValueError(f"template: {{{'.'.join(field)}}}: there is no field {name!r}")
        value = getattr(value, name)
    if isinstance(value, tuple):
        return str(len(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"template: {{{'.'.join(field)}}}: is not one value but several")


def _is_property(value: object, name: str) -> bool:
    return isinstance(getattr(type(value), name, None), property)
