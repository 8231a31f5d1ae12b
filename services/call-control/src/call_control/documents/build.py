"""Actions → a document, or everything that is wrong with them. Pure.

What FreeSWITCH would do in silence is said here aloud: a tag behind one that ends the document is never done, a denied
application ends the call, a denied variable ends the application, attributes without permission are ignored.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec
from msgspec import Struct

from call_control.documents import actions as a
from call_control.documents.actions import Action, Bind, Prompt, leaves, takes_time
from call_control.documents.permissions import Permissions

__all__ = ["FAREWELL", "Document", "DocumentError", "document", "faults"]

MAX_ACTIONS: Final = 64
MAX_BYTES: Final = 65_536  # FreeSWITCH takes 1 MiB

_KEYS: Final = re.compile(r"[0-9*#A-D]{1,32}")
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
_NUMBER: Final = re.compile(r"[\w*#+.@-]{1,64}", re.ASCII)  # of a <dial>: a slash would make it an originate string
_CAUSE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_FILE: Final = re.compile(r"[\w-]{1,40}\.[a-z0-9]{2,4}", re.ASCII)
_URL: Final = re.compile(r"https?://[^\s{}|\\^]+")

FAREWELL: Final = b'<document type="xml/freeswitch-httapi"><work></work></document>'  # for `exiting`: nobody reads it


class DocumentError(ValueError):
    """What is wrong with a document, a line each."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__("; ".join(found))
        self.faults = tuple(found)


class Document(Struct, frozen=True):
    """What mod_httapi is told. `leaves`: it asks no more but for the end; `takes_time`: the caller notices it."""

    xml: bytes
    actions: tuple[Action, ...]
    leaves: bool
    takes_time: bool


def document(
    actions: Sequence[Action],
    permissions: Permissions,
    *,
    variables: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> Document:
    """The document. Raises DocumentError with all that is wrong.

    `variables` are set on the channel before anything is done, `params` come back with every later request.
    """
    variables, params = variables or {}, params or {}
    found = faults(actions, permissions, variables=variables, params=params)
    if found:
        raise DocumentError(found)
    root = Element("document", type="xml/freeswitch-httapi")
    for section, values in (("variables", variables), ("params", params)):
        if values:
            inner = SubElement(root, section)
            for name, value in values.items():
                SubElement(inner, name).text = value
    work = SubElement(root, "work")
    for action in actions:
        _element(work, action)
    xml = tostring(root, encoding="unicode").encode()
    if len(xml) > MAX_BYTES:
        raise DocumentError([f"is {len(xml)} bytes; allowed: up to {MAX_BYTES}"])
    last = actions[-1]
    return Document(xml, tuple(actions), leaves(last), leaves(last) or any(takes_time(each) for each in actions))


def faults(
    actions: Sequence[Action],
    permissions: Permissions,
    *,
    variables: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> list[str]:
    """Everything that is wrong with these actions where this is permitted, as `2. playback: file: …`."""
    found = [f"variables: {each}" for each in _of_variables(variables or {}, permissions)]
    found += [f"params: {each}" for each in _of_params(params or {}, permissions)]
    if not actions:
        found.append("has no actions: FreeSWITCH would leave the application")
    if len(actions) > MAX_ACTIONS:
        found.append(f"has {len(actions)} actions; allowed: up to {MAX_ACTIONS}")
    for number, action in enumerate(actions, 1):
        found += [f"{number}. {_tag(action)}: {each}" for each in (*_of_form(action), *_denied(action, permissions))]
        if leaves(action) and number < len(actions):
            found.append(f"{number + 1}. {_tag(actions[number])}: is never done: {_tag(action)} ends the document")
    return found


# --- what it looks like -----------------------------------------------------------------------------------------------

_TAGS: Final[Mapping[type[Action], str]] = {
    a.Playback: "playback", a.Say: "say", a.Speak: "speak", a.VmName: "vmName", a.Pause: "pause", a.Record: "record",
    a.RecordCall: "recordCall", a.Execute: "execute", a.Transfer: "dial", a.Dial: "dial", a.Conference: "conference",
    a.GetVariable: "getVariable", a.Log: "log", a.Sms: "sms", a.Voicemail: "voicemail", a.Continue: "continue",
    a.Hangup: "hangup", a.Break: "break", a.AnswerAndLeave: "answer", a.PreAnswerAndLeave: "preAnswer",
    a.RingReadyAndLeave: "ringReady",
}  # fmt: skip
_BODIES: Final = {
    "Transfer": "to",
    "Dial": "string",
    "Conference": "room",
    "Log": "text",
    "Sms": "text",
    "Speak": "text",
}
_ATTRIBUTES: Final = {"between_ms": "digit-timeout", "wait_ms": "input-timeout", "plays": "loops"}
# What has to be said although it is FreeSWITCH's default: it was not when its documentation was written.
_ALWAYS: Final = frozenset({"file", "application", "language", "type", "method", "engine", "id", "to", "milliseconds"})


def _tag(action: Action) -> str:
    return _TAGS[type(action)]


def _element(work: Element, action: Action) -> None:
    body = _BODIES.get(type(action).__name__, "")
    attributes, defaults = {}, _defaults(type(action))
    for field in action.__struct_fields__:
        value = getattr(action, field)
        if field in ("binds", body) or (field not in _ALWAYS and value == defaults[field]):
            continue
        attributes[_ATTRIBUTES.get(field, field.replace("_", "-"))] = _written(field, value)
    element = SubElement(work, _tag(action), attributes)
    if body:
        element.text = getattr(action, body)
    for bind in getattr(action, "binds", ()):
        inner = {name: getattr(bind, name) for name in ("strip", "action") if getattr(bind, name)}
        SubElement(element, "bind", inner).text = bind.keys


@cache
def _defaults(kind: type[Action]) -> Mapping[str, object]:
    return {field.name: field.default for field in msgspec.structs.fields(kind)}


def _written(field: str, value: object) -> str:
    if field == "plays" and isinstance(value, int):
        return str(value - 1)  # loops=1 plays twice
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# --- what is wrong with it --------------------------------------------------------------------------------------------


def _of_form(action: Action) -> Iterator[str]:
    for field in action.__struct_fields__:
        value = getattr(action, field)
        if isinstance(value, str) and not _printable(value):
            yield f"{field}: holds a control character; allowed: printable text"
    for field in ("action", "temp_action"):
        if (url := getattr(action, field)) and not _URL.fullmatch(url):
            yield f"{field}: {url[:60]!r} is no URL; allowed: http://… or https://…"
    yield from _of_fields(action)
    yield from _of_binds(action)


def _of_fields(action: Action) -> Iterator[str]:  # noqa: C901, PLR0912 (a line for each field that has a form)
    match action:
        case a.Playback(file=""):
            yield "file: is empty"
        case a.Say(text="") | a.Speak(text="") | a.Speak(engine=""):
            yield "text or engine: is empty; FreeSWITCH would leave the application"
        case a.Pause(milliseconds=length) if not 0 < length <= 600_000:
            yield f"milliseconds: {length} is out of range; allowed: 1-600000"
        case a.Record(file=file) if not _FILE.fullmatch(file):
            yield f"file: {file[:60]!r} is no name of a file; allowed: as message.wav, without folder or address"
        case a.Record(limit=limit) if not 0 < limit <= 86_400:
            yield f"limit: {limit} is out of range; allowed: 1-86400 seconds"
        case a.Transfer(to=number) if not _NUMBER.fullmatch(number):
            yield f"to: {number[:60]!r} is no number; allowed: digits, letters and * # + . _ - @, without / and space"
        case a.Dial(string=string) if "/" not in string:
            yield "string: has no slash, so it would be a transfer, which ends the document; allowed: a Transfer"
        case a.Execute(application=name) if not _NAME.fullmatch(name):
            yield f"application: {name[:60]!r} is no application"
        case a.GetVariable(name=name) if not _NAME.fullmatch(name):
            yield f"name: {name[:60]!r} is no variable"
        case a.Hangup(cause=cause) if not _CAUSE.fullmatch(cause):
            yield f"cause: {cause[:60]!r} is no hangup cause; allowed: as USER_BUSY"
        case a.Voicemail(id="") | a.VmName(id=""):
            yield "id: is empty"
        case a.Conference(room=room) if not re.fullmatch(r"[\w.-]{1,64}", room, re.ASCII):
            yield f"room: {room[:60]!r} is no conference; its profile, pin and flags have fields of their own"
        case a.Sms(to=to) if not _NUMBER.fullmatch(to):
            yield f"to: {to[:60]!r} is no extension"


def _of_binds(action: Action) -> Iterator[str]:
    binds: tuple[Bind, ...] = getattr(action, "binds", ())
    if isinstance(action, Prompt):
        if not 1 <= action.plays <= 100:
            yield f"plays: {action.plays} is out of range; allowed: 1-100"
        waits = binds or action.asr_engine
        if not waits and (action.error_file or action.plays > 1 or action.name != "dialed_digits"):
            yield "binds: are missing; name, error_file and plays say nothing without keys to wait for"
        if bool(action.asr_engine) != bool(action.asr_grammar):
            yield "asr_engine, asr_grammar: one of the two is missing; speech needs both"
        if not _NAME.fullmatch(action.name) or action.name in _TAKEN:
            yield f"name: {action.name[:60]!r} is taken or no name; allowed: letters, digits and _"
    for bind in binds:
        yield from _of_bind(bind)
    if len({bind.keys for bind in binds}) < len(binds):
        yield "binds: one of them stands there twice"


_TAKEN: Final = frozenset({"session_id", "exiting", "input_type", "url", "hostname", "method", "httapi_profile"})


def _of_bind(bind: Bind) -> Iterator[str]:
    if bind.keys.startswith("~"):
        try:
            pattern = re.compile(bind.keys[1:])
        except re.error as error:
            yield f"binds: {bind.keys[:40]!r} is no regular expression: {error}"
        else:
            if pattern.fullmatch(""):
                yield f"binds: {bind.keys[:40]!r} fits no key at all"
    elif not _KEYS.fullmatch(bind.keys):
        yield f"binds: {bind.keys[:40]!r} are no keys; allowed: 0-9 * #, or ~ and a regular expression"
    if bind.action and not _URL.fullmatch(bind.action):
        yield f"binds: {bind.action[:60]!r} is no URL; allowed: http://… or https://…, which holds for good"


def _denied(action: Action, may: Permissions) -> Iterator[str]:
    texts = [getattr(action, field) for field in ("text", "data", "string", "to", "room") if hasattr(action, field)]
    if not may.expand_vars and any("$" in text for text in texts):
        yield "a $ is not expanded, and in an application's data ends the call; allowed with the permission expand-vars"
    match action:
        case a.Execute(application=name) if not (may.execute_apps and may.applications.permits(name)):
            yield f"{name} is denied, which ends the call; allowed with execute-apps and {name} in its application-list"
        case a.Dial() if not (may.dial and may.dial_full_originate):
            yield "is denied, which ends the call; allowed with dial and dial-full-originate"
        case a.Transfer() if not may.dial:
            yield "is denied, which ends the call; allowed with dial"
        case a.Conference() if not may.conference:
            yield "is denied, which ends the call; allowed with conference"
        case a.GetVariable(name=name) if not (may.get_vars and may.gettable.permits(name)):
            yield f"{name} is denied, which ends the application; allowed with get-vars and {name} in its variable-list"
    for field, permission, granted in (
        ("context", "dial-set-context", may.dial_set_context),
        ("dialplan", "dial-set-dialplan", may.dial_set_dialplan),
        ("caller_id_name", "dial-set-cid-name", may.dial_set_cid_name),
        ("caller_id_number", "dial-set-cid-number", may.dial_set_cid_number),
    ):
        if getattr(action, field, "") and not granted:
            yield f"{field}: is ignored; allowed with {permission}"
    if isinstance(action, a.Conference) and action.profile and not may.conference_set_profile:
        yield "profile: is ignored; allowed with conference-set-profile"


def _of_variables(variables: Mapping[str, str], may: Permissions) -> Iterator[str]:
    if variables and not may.set_vars:
        yield "are denied, which ends the application; allowed with set-vars"
        return
    for name, value in variables.items():
        yield from _of_value(name, value)
        if not may.settable.permits(name):
            yield f"{name}: is denied; allowed in the variable-list of set-vars"


def _of_params(params: Mapping[str, str], may: Permissions) -> Iterator[str]:
    if params and not may.set_params:
        yield "are ignored; allowed with set-params"
    for name, value in params.items():
        yield from _of_value(name, value)
        if name in _TAKEN or name.startswith("Caller-"):
            yield f"{name}: is FreeSWITCH's own"


def _of_value(name: str, value: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f"{name[:40]!r} is no name; allowed: letters, digits, _ . -"
    if not _printable(value):
        yield f"{name[:40]}: holds a control character; allowed: printable text"


def _printable(text: str) -> bool:
    """XML 1.0 has no controls, and FreeSWITCH's own parsers stop at a line's end."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff" for character in text)
