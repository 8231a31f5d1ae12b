"""The captured events with their values replaced by «names», ready to be filled in.

May NOT do anything but read the package's own data files (scripts/derive-demo-templates writes them) and join text. A
template is compiled once into the pieces between its names, so an event costs a join and not an encoding.
"""

import json
import re
from functools import cache
from importlib.resources import files
from json.encoder import encode_basestring
from typing import NamedTuple

from demo_switch.values import Values
from demo_switch.wire import Value, encode_json, encode_plain, event_frame, url_encode

_NAME = re.compile("«([^»]+)»")
# FreeSWITCH sends a few headers twice; the data files mark the second.
_AGAIN = "#2"

Pieces = tuple[tuple[str, ...], str]


def _json_text(text: str) -> str:
    return encode_basestring(text)[1:-1]


def _cut(text: str) -> Pieces:
    """(what precedes a name, the name, …), and what follows the last name."""
    *pieces, tail = _NAME.split(text)
    return tuple(pieces), tail


class Edit(NamedTuple):
    """How a leg differs when its party is not a phone of this switch but somebody behind the gateway."""

    drop: tuple[str, ...]  # headers; a trailing `*` stands for anything
    set: dict[str, str]  # headers that take another value, where the event has variables
    skip: tuple[str, ...]  # events that such a leg does not cause


class Template:
    """One event, to be filled in with a call's values."""

    def __init__(self, leg: str, headers: dict[str, Value]) -> None:
        self.leg = leg
        self.headers = headers
        # PRIVATE_COMMAND is sent as COMMAND first: the event's own name is the later one.
        self.name = str(headers.get(f"Event-Name{_AGAIN}", headers["Event-Name"]))
        self.subclass = str(headers.get("Event-Subclass", ""))
        self._json = _cut(self._as_json())
        self._plain = _cut(self._as_plain())

    def _as_json(self) -> str:
        pairs = (
            f"{json.dumps(name.removesuffix(_AGAIN))}:{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
            for name, value in self.headers.items()
        )
        return "{" + ",".join(pairs) + "}"

    def _as_plain(self) -> str:
        lines = []
        for name, value in self.headers.items():
            text = value if isinstance(value, str) else "ARRAY::" + "|:".join(value)
            pieces = _NAME.split(text)
            pieces[::2] = [url_encode(piece) for piece in pieces[::2]]
            pieces[1::2] = [f"«{piece}»" for piece in pieces[1::2]]
            lines.append(f"{name.removesuffix(_AGAIN)}: {''.join(pieces)}\n")
        return "".join(lines) + "\n"

    def json(self, values: Values) -> bytes:
        """The body of a text/event-json frame."""
        pieces, tail = self._json
        texts = [_json_text(values[piece]) if index & 1 else piece for index, piece in enumerate(pieces)]
        return ("".join(texts) + tail).encode()

    def plain(self, values: Values) -> bytes:
        """The body of a text/event-plain frame."""
        pieces, tail = self._plain
        texts = [url_encode(values[piece]) if index & 1 else piece for index, piece in enumerate(pieces)]
        return ("".join(texts) + tail).encode()

    def header(self, name: str, values: Values) -> str:
        """One header filled in; empty when the event has it not, joined when it is an array."""
        value = self.headers.get(name, "")
        text = value if isinstance(value, str) else "|:".join(value)
        return _NAME.sub(lambda found: values[found[1]], text)

    def edited(self, edit: Edit) -> "Template":
        """The same event of a leg to or from outside."""
        exact = {name for name in edit.drop if not name.endswith("*")}
        starts = tuple(name[:-1] for name in edit.drop if name.endswith("*"))
        headers = {
            name: value
            for name, value in self.headers.items()
            if name not in exact and not (starts and name.startswith(starts))
        }
        known = "variable_uuid" in headers
        headers |= {
            name: value
            for name, value in edit.set.items()
            if name in headers or (known and name.startswith("variable_sip_gateway"))
        }
        return Template(self.leg, headers)


class Event:
    """One event as sent: rendered when the first client asks, and once for all of them."""

    def __init__(self, template: Template, values: Values) -> None:
        self.template = template
        self.values = values
        self.name = template.name
        self.subclass = template.subclass
        self._frames: dict[str, bytes] = {}

    def header(self, name: str) -> str:
        """One header's value, empty when the event has it not."""
        return self.template.header(name, self.values)

    def headers(self) -> dict[str, str]:
        """Every header, filled in."""
        return {name: self.header(name) for name in self.template.headers if not name.endswith(_AGAIN)}

    def frame(self, kind: str) -> bytes:
        """The frame, `json` or `plain`."""
        if kind not in self._frames:
            body = self.template.json(self.values) if kind == "json" else self.template.plain(self.values)
            self._frames[kind] = event_frame(body, kind)
        return self._frames[kind]


class Made(Event):
    """An event that no template describes: `sendevent`, BACKGROUND_JOB. Its headers are given, and maybe a body."""

    def __init__(self, headers: dict[str, Value], body: str | None = None) -> None:
        self._headers = headers
        self._body = body
        self.name = str(headers["Event-Name"])
        self.subclass = str(headers.get("Event-Subclass", ""))

    def header(self, name: str) -> str:
        """One header's value, empty when the event has it not."""
        value = self._headers.get(name, "")
        return value if isinstance(value, str) else "|:".join(value)

    def headers(self) -> dict[str, str]:
        """Every header."""
        return {name: self.header(name) for name in self._headers}

    def frame(self, kind: str) -> bytes:
        """The frame, `json` or `plain`."""
        encode = encode_json if kind == "json" else encode_plain
        return event_frame(encode(self._headers, self._body), kind)


def _read(name: str) -> dict[str, list[Template]]:
    """A play's sections. In the file each event is its difference to an earlier one."""
    data = json.loads((files("demo_switch") / "plays" / f"{name}.json").read_text(encoding="utf-8"))
    rank = {header: place for place, header in enumerate(data["order"])}
    done: list[dict[str, Value]] = []
    sections: dict[str, list[Template]] = {}
    for section, rows in data["sections"].items():
        sections[section] = []
        for row in rows:
            headers = dict(done[row["like"]]) if "like" in row else {}
            for header in row.get("drop", ()):
                del headers[header]
            headers |= row["set"]
            done.append(headers)
            ordered = {header: headers[header] for header in sorted(headers, key=rank.__getitem__)}
            sections[section].append(Template(row.get("leg", ""), ordered))
    return sections


@cache
def edits() -> dict[str, Edit]:
    """`caller` and `callee`: a party behind the gateway."""
    data = json.loads((files("demo_switch") / "plays" / "outside.json").read_text(encoding="utf-8"))
    return {party: Edit(tuple(edit["drop"]), edit["set"], tuple(edit["skip"])) for party, edit in data["edits"].items()}


_play = cache(_read)


@cache
def section(play: str, name: str, outside: tuple[tuple[str, str], ...] = ()) -> tuple[Template, ...]:
    """The events of one section. `outside` tells which legs lead outside, as (role, `caller` | `callee`)."""
    found = []
    legs = dict(outside)
    for template in _play(play)[name]:
        if template.leg not in legs:
            if not (legs.get("a") and template.subclass in ("sofia::pre_register", "sofia::register_attempt")):
                found.append(template)
            continue
        edit = edits()[legs[template.leg]]
        if template.name not in edit.skip:
            found.append(template.edited(edit))
    return tuple(found)
