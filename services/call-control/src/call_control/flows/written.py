"""A flow's file, validated as a whole: bytes → a flow, or everything that is wrong with it, a line each. Pure.

attendant.yaml:12: steps.menu.keys.1: 'suport' is no step; did you mean support?
"""

import contextlib
import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from msgspec import Struct
from pydantic import ValidationError

from call_control.flows.hours import Span
from call_control.flows.model import PLACEHOLDER, VERBS, FlowFile, StepEntry
from lampfield_bus.node.document import Document, Fault, Where, field_name, parse
from lampfield_bus.node.file_faults import fault, lines

__all__ = ["GIVEN", "WAITING", "Loaded", "Ranges", "Step", "Written", "loaded", "targets"]

GIVEN: Final = ("caller", "called")  # values that every call has
# Where the caller is waited for, or spends time: a round without one would go on for ever.
WAITING: Final = frozenset({"menu", "ask", "listen", "record", "queue", "voicemail"})

# Verb → the fields that it needs, and those that it may have.
_FIELDS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "play": ((), ("next",)),
    "menu": (("keys",), ("tries", "seconds", "invalid", "otherwise")),
    "ask": (("digits",), ("end", "equals", "into", "tries", "seconds", "invalid", "next", "otherwise")),
    "listen": (("engine", "grammar", "into"), ("tries", "seconds", "next", "otherwise")),
    "hours": ((), ("next", "otherwise")),
    "count": (("into",), ("next", "otherwise")),
    "show": ((), ("group", "seconds", "priority", "icon", "id", "next")),
    "record": ((), ("seconds", "beep", "next", "otherwise")),
    "record_call": ((), ("seconds", "next")),
    "queue": ((), ("next",)),
    "dial": ((), ("within", "otherwise")),
    "voicemail": ((), ("next",)),
    "set": ((), ("next",)),
    "get": (("into",), ("next",)),
    "hangup": ((), ()),
    "leave": ((), ()),
}
# Where a caller must not choose what FreeSWITCH is told: a file, a number, a queue.
_GUARDED: Final = (
    "file",
    "engine",
    "voice",
    "invalid",
    "beep",
    "dial",
    "queue",
    "voicemail",
    "grammar",
    "group",
    "get",
)
_RANGE: Final = re.compile(r"(\d{1,15})(?:-(\d{1,15}))?", re.ASCII)


class Ranges(Struct, frozen=True):
    """Numbers that may be dialled: `1000-1019,2001`."""

    spans: tuple[tuple[str, str], ...]

    def holds(self, number: str) -> bool:
        """Whether this is one of them, digit for digit: 01000 is not 1000."""
        return (
            number.isascii()
            and number.isdigit()
            and any(len(first) == len(number) and first <= number <= last for first, last in self.spans)
        )


class Step(Struct, frozen=True):
    """One step, its verb found. `entry` says the rest."""

    verb: str
    entry: StepEntry
    within: Ranges | None = None


class Written(Struct, frozen=True):
    """A flow as it was written, and found whole."""

    name: str
    about: str
    answer: bool
    values: Mapping[str, str]
    hours: Mapping[str, tuple[Span, ...]]
    start: str
    steps: Mapping[str, Step]


class Loaded(NamedTuple):
    """A file that was read: its flow, or what is wrong with it. `unset`: values that it needs and nobody has set."""

    flow: Written | None
    faults: list[str]
    unset: tuple[str, ...] = ()


def loaded(data: bytes, file: str, given: Mapping[str, str] | None = None) -> Loaded:
    """The bytes of the file called `file`; `given` are the values that settings say, over the file's own."""
    document = parse(data)
    found = list(document.faults)
    flow: Written | None = None
    unset: tuple[str, ...] = ()
    if not found or (isinstance(document.value, dict) and document.value):
        flow, unset, more = _flow(document, file, given or {})
        found += more
    return Loaded(None if found else flow, lines(file, found), unset)


def targets(step: Step) -> dict[str, str | None]:
    """Where a step goes: on what (`1`, `next`, `otherwise`) → to which step, None: the call is hung up."""
    entry = step.entry
    if step.verb in ("hangup", "leave"):
        return {}
    if step.verb == "menu":
        return {**(entry.keys or {}), "otherwise": entry.otherwise}
    if step.verb == "dial":
        return {"otherwise": entry.otherwise} if step.within else {}
    if "otherwise" in _FIELDS[step.verb][1]:
        default = entry.next if step.verb == "record" else None
        return {"next": entry.next, "otherwise": entry.otherwise or default}
    return {"next": entry.next}


def _flow(
    document: Document, file: str, given: Mapping[str, str]
) -> tuple[Written | None, tuple[str, ...], list[Fault]]:
    if not isinstance(document.value, dict):
        what = "is empty" if document.value == "" else "is no mapping"
        return None, (), [Fault(0, "", f"{what}; allowed: {', '.join(FlowFile.model_fields)}, each with a colon")]
    found: list[Fault] = []
    try:
        read = FlowFile.model_validate(document.value)
    except ValidationError as error:
        found = [fault(document, dict(each), FlowFile) for each in error.errors(include_url=False)]
        read = None
    # What is right by itself is looked at further, also beside what is wrong: all faults at once.
    builder = _Builder(document)
    steps = builder.steps()
    found += builder.faults
    if read is None or found:
        return None, (), found
    values = {**read.values, **{name: value for name, value in given.items() if name in read.values}}
    unset = tuple(name for name, value in values.items() if not value)
    name = file.rpartition("/")[2].removesuffix(".yaml")
    start = read.start or next(iter(read.steps))
    return Written(name, read.about, read.answer == "on", values, read.hours, start, steps), unset, []


class _Builder:
    """Entries → steps, and what is wrong between them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        whole = document.value
        assert isinstance(whole, dict)  # noqa: S101 (the caller has looked)
        self._whole = whole
        self._names = self._mapping("steps")
        self._entries = dict(self._read())
        own = set(self._mapping("values"))
        self._tainted = {each.into for _, each in self._entries.items() if each.into} | set(GIVEN)
        recorded = {each.record for each in self._entries.values() if each.record}
        self._known = own | self._tainted | recorded
        self.faults: list[Fault] = []

    def _mapping(self, name: str) -> dict[str, object]:
        value = self._whole.get(name)
        return dict(value) if isinstance(value, dict) else {}

    def _read(self) -> Iterator[tuple[str, StepEntry]]:
        """The steps that are right by themselves."""
        for name, value in self._names.items():
            with contextlib.suppress(ValidationError):
                yield name, StepEntry.model_validate(value)

    def _fault(self, where: Where, error: str) -> None:
        self.faults.append(Fault(self._document.line(where), field_name(where), error))

    def steps(self) -> dict[str, Step]:
        """The steps; what is wrong with them and between them is in `faults`."""
        steps = {}
        for name, entry in self._entries.items():
            verb = self._verb(entry, ("steps", name))
            if verb is not None:
                steps[name] = self._step(verb, entry, ("steps", name))
        self._reach(steps)
        return steps

    def _verb(self, entry: StepEntry, where: Where) -> str | None:
        said = [verb for verb in VERBS if getattr(entry, verb) is not None]
        if len(said) == 1:
            return said[0]
        what = f"says {' and '.join(said)}" if said else "says nothing to do"
        self._fault(where, f"{what}; allowed: one of {', '.join(VERBS)}")
        return None

    def _step(self, verb: str, entry: StepEntry, where: Where) -> Step:
        needed, possible = _FIELDS[verb]
        for field in StepEntry.model_fields:
            given = getattr(entry, field) is not None
            if field not in VERBS and given and field not in (*needed, *possible):
                takes = ", ".join((*needed, *possible)) or "nothing"
                self._fault((*where, field), f"says nothing with {verb}; allowed with it: {takes}")
            if field in needed and not given:
                self._fault(where, f"has no {field}; allowed: {verb} with {', '.join(needed)}")
        self._check_ask(verb, entry, where)
        self._check_targets(verb, entry, where)
        self._check_values(entry, where)
        return Step(verb, entry, self._within(entry, where))

    def _check_ask(self, verb: str, entry: StepEntry, where: Where) -> None:
        if verb == "ask":
            if entry.equals is None and entry.into is None:
                self._fault(where, "asks for nothing's sake; allowed: with equals, or into, or both")
            if entry.digits and entry.end is None and entry.digits[0] != entry.digits[1]:
                self._fault((*where, "digits"), "has no end; allowed: as many digits as ever, or `end: '#'`")
        for place, prompt in enumerate(
            (*(entry.play or ()), *(entry.menu or ()), *(entry.ask or ()), *(entry.listen or ()))
        ):
            if sum(each is not None for each in (prompt.file, prompt.say, prompt.speak)) != 1:
                self._fault((*where, verb, place), "says nothing, or too much; allowed: one of file, say, speak")
        if verb == "hours" and entry.hours not in self._mapping("hours"):
            self._fault((*where, "hours"), f"{entry.hours!r} are no hours here; allowed: a name of `hours:`")

    def _check_targets(self, verb: str, entry: StepEntry, where: Where) -> None:
        places: list[tuple[Where, str | None]] = [
            ((*where, each), getattr(entry, each)) for each in ("next", "otherwise")
        ]
        if verb == "menu":
            places += [((*where, "keys", key), name) for key, name in (entry.keys or {}).items()]
        for place, name in places:
            self._check_target(place, name)

    def _check_target(self, where: Where, name: str | None) -> None:
        if name is not None and name not in self._names:
            near = difflib.get_close_matches(name, self._names, 1)
            hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(self._names)}"
            self._fault(where, f"{name!r} is no step; {hint}")

    def _check_values(self, entry: StepEntry, where: Where) -> None:
        for place, field, text in _texts(entry, where):
            for name in PLACEHOLDER.findall(text):
                if name not in self._known:
                    self._fault(place, f"{{{name}}} is no value here; allowed: {', '.join(sorted(self._known))}")
                elif name in self._tainted and field in _GUARDED and not (field == "dial" and entry.within):
                    extra = ", or with `within`" if field == "dial" else ""
                    self._fault(place, f"{{{name}}} is the caller's choice; allowed: a value of `values:`{extra}")

    def _within(self, entry: StepEntry, where: Where) -> Ranges | None:
        if entry.within is None:
            return None
        spans = []
        for part in entry.within.replace(" ", "").split(","):
            found = _RANGE.fullmatch(part)
            first, last = (found[1], found[2] or found[1]) if found else ("", "")
            if not found or len(first) != len(last) or first > last:
                self._fault((*where, "within"), f"{part!r} are no numbers; allowed: as 1000-1019,2001")
            spans.append((first, last))
        return Ranges(tuple(spans))

    # --- between steps ------------------------------------------------------------------------------------------------

    def _reach(self, steps: Mapping[str, Step]) -> None:
        start = self._whole.get("start")
        if isinstance(start, str):
            self._check_target(("start",), start)
        if not steps or self.faults or len(steps) < len(self._names):
            return  # half of the steps are not known: what they lead to is not either
        first = start if isinstance(start, str) else next(iter(steps))
        reached, waits = {first}, [first]
        while waits:
            for name in targets(steps[waits.pop()]).values():
                if name is not None and name not in reached:
                    reached.add(name)
                    waits.append(name)
        for name in steps:
            if name not in reached:
                self._fault(("steps", name), "is never reached; allowed: steps that another one leads to")
            elif (loop := _loop(steps, name)) and name == min(loop):
                self._fault(
                    ("steps", name), f"goes round for ever: {' → '.join([*loop, name])}; a menu or ask is missing"
                )


def _loop(steps: Mapping[str, Step], start: str) -> list[str]:
    """A way from a step back to itself on which nobody is waited for."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        step = steps[way[-1]]
        if step.verb in WAITING:
            continue
        for name in targets(step).values():
            if name == start:
                return way
            if name is not None and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _texts(entry: StepEntry, where: Where) -> Iterator[tuple[Where, str, str]]:
    """Every text of a step in which values may stand: its place, its field and itself."""
    for field in ("dial", "queue", "voicemail", "show", "group", "icon", "id", "equals", "invalid", "beep", "engine",
                  "grammar", "get"):  # fmt: skip
        if (text := getattr(entry, field)) is not None:
            yield (*where, field), field, text
    for verb in ("play", "menu", "ask", "listen"):
        for place, prompt in enumerate(getattr(entry, verb) or ()):
            for field in ("file", "say", "speak", "engine", "voice"):
                if (text := getattr(prompt, field)) is not None:
                    yield (*where, verb, place), field, text
    for name, text in (entry.set or {}).items():
        yield (*where, "set", name), "set", text
