"""A YAML text as plain values, with the line of each. Pure. May NOT guess what a scalar means: it stays text.

Whoever reads a field knows whether it is a number, a time or a word, so nobody is surprised by what YAML makes of `on`,
`no`, `18:00` or `0100` (decision 13). Of YAML there are mappings, lists and scalars in every style; what can make a
small file mean a large or another one is refused: anchors, aliases, tags, merge keys, several documents, a key twice.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "Fault", "Where", "field_name", "parse"]

MAX_BYTES: Final = 32_768  # of a file: a hundred pages and more; the parser needs about 10 µs a byte on a desk
MAX_DEPTH: Final = 8  # lists and mappings within each other; a pages file needs four

Where = tuple[str | int, ...]  # keys and places from the root: ("pages", 2, "seconds")
Value = str | list["Value"] | dict[str, "Value"]


class Fault(NamedTuple):
    """What is wrong with a file, and where; `line` from 1, 0 for the whole file."""

    line: int
    field: str
    error: str


class Document(NamedTuple):
    """A text that was read. `lines`: on which line each value begins (that of its key, where it has one)."""

    value: Value
    lines: dict[Where, int]
    faults: list[Fault]

    def line(self, where: Where) -> int:
        """The line of what is there, or of the nearest thing around it."""
        for length in range(len(where), -1, -1):
            if where[:length] in self.lines:
                return self.lines[where[:length]]
        return 0


def field_name(where: Where) -> str:
    """`pages[2].seconds`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")


def parse(data: bytes) -> Document:
    """The bytes of a file. Never raises: what is wrong stands in `faults`; what could be read, in `value`."""
    if len(data) > MAX_BYTES:
        return _nothing(0, f"is too long; allowed: up to {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _nothing(data.count(b"\n", 0, error.start) + 1, "is not UTF-8")
    reader = _Reader()
    try:
        reader.read(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(str(error.problem or error.context).split())
        return _nothing(1 if mark is None else mark.line + 1, f"is no YAML: {said[:120]}")
    except YAMLError as error:
        return _nothing(_line_of_control(text), f"is no YAML: {' '.join(str(error).split())[:80]}")
    except (RecursionError, ValueError) as error:  # the parser's own limits: deep flow, a version number that is none
        return _nothing(1, f"is no YAML: {' '.join(str(error).split())[:80]}")
    return Document(reader.value, reader.lines, reader.faults)


def _nothing(line: int, error: str) -> Document:
    return Document({}, {}, [Fault(line, "", error)])


def _line_of_control(text: str) -> int:
    """The parser says of a control character what it is, not where."""
    for number, line in enumerate(text.split("\n"), 1):
        if any(unicodedata.category(character) == "Cc" and character not in "\t\r" for character in line):
            return number
    return 1


class _Reader:
    """Events → values. One per text."""

    def __init__(self) -> None:
        self.value: Value = ""
        self.lines: dict[Where, int] = {(): 1}
        self.faults: list[Fault] = []

    def read(self, events: Iterator[Event]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fault(event, (), "is a second document (---); allowed: one")
                    return
            elif not isinstance(event, StreamStartEvent | StreamEndEvent | DocumentEndEvent):
                self.value = self._node(event, events, ())

    def _node(self, event: Event, events: Iterator[Event], where: Where) -> Value:
        self.lines.setdefault(where, event.start_mark.line + 1)
        if len(where) > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} levels deep")
        if isinstance(event, AliasEvent):
            self._fault(event, where, f"*{event.anchor} is an alias; allowed: the value itself")
            return ""
        self._check(event, where)
        if isinstance(event, SequenceStartEvent):
            return self._list(events, where)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, where)
        return str(event.value) if isinstance(event, ScalarEvent) else ""

    def _list(self, events: Iterator[Event], where: Where) -> list[Value]:
        values: list[Value] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            values.append(self._node(event, events, (*where, len(values))))
        return values

    def _mapping(self, events: Iterator[Event], where: Where) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, events, where)
            inner = (*where, key)
            twice = key in values
            if twice:
                first = self.lines[inner]
                self._fault(event, inner, f"stands here twice, first on line {first}; allowed: once")
                inner = (*where, f"{key} (again)")
            self.lines[inner] = event.start_mark.line + 1
            value = self._node(next(events), events, inner)
            if not twice:
                values[key] = value
        return values

    def _key(self, event: Event, events: Iterator[Event], where: Where) -> str:
        if isinstance(event, ScalarEvent):
            self._check(event, where)
            return str(event.value)
        self._fault(event, where, "has a key that is not one word; allowed: `name: value`")
        self._node(event, events, (*where, "?"))
        return "?"

    def _check(self, event: Event, where: Where) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            self._fault(event, where, f"&{str(anchor)[:40]} is an anchor; allowed: the value itself")
        if tag is not None:
            self._fault(event, where, f"{str(tag)[:40]} is a tag; allowed: the value itself")

    def _fault(self, event: Event, where: Where, error: str) -> None:
        self.faults.append(Fault(event.start_mark.line + 1, field_name(where), error))
