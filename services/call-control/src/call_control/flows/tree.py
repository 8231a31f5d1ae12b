"""What a caller can reach in a flow, as a tree; and what its profile would deny on the way. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import structs

from call_control.documents import actions as a
from call_control.documents.actions import Action, Prompt, leaves
from call_control.documents.build import faults
from call_control.documents.permissions import Permissions
from call_control.flows.steps import source
from call_control.flows.turns import Call, Count, Flow, FlowError, Heard, Show, Source, Turn, Upload
from call_control.flows.written import Step, Written, targets

__all__ = ["Found", "explored", "written"]

WIDTH: Final = 8  # of a programmed flow: so many answers to one document are tried
DEPTH: Final = 8  # and so many documents deep
RUNS: Final = 400
_CALL: Final = Call(id="check", number="1000", name="", destination="5000", at=1_795_392_000_000, zone=ZoneInfo("UTC"))


class Found(NamedTuple):
    """The lines of the tree, and what is wrong."""

    tree: list[str]
    faults: list[str]


# --- a flow that was written ------------------------------------------------------------------------------------------


def written(flow: Written, permissions: Permissions) -> Found:
    """The tree of a written flow: every step, and every step tried as the profile would have it."""
    lines: list[str] = []
    _branch(flow, flow.start, "", "", lines, set())
    found: list[str] = []
    for name, step in flow.steps.items():
        found += [f"steps.{name}: {fault}" for fault in _denied(flow, name, step, permissions)]
    return Found(lines, found)


def _branch(flow: Written, name: str, on: str, indent: str, lines: list[str], seen: set[str]) -> None:
    step = flow.steps[name]
    label = f"{on}: " if on else ""
    if name in seen:
        lines.append(f"{indent}{label}{name} (as above)")
        return
    seen.add(name)
    lines.append(f"{indent}{label}{name}: {_said(flow, step)}")
    ways = targets(step)
    for way, to in ways.items():
        if to is None:
            lines.append(f"{indent}  {_way(step, way)}: hangs up")
        else:
            _branch(flow, to, _way(step, way), f"{indent}  ", lines, seen)


def _way(step: Step, way: str) -> str:
    if step.verb == "hours":
        return {"next": "open", "otherwise": "closed"}[way]
    if step.verb == "menu" and way != "otherwise":
        return f"key {way}"
    return {"next": "then", "otherwise": "else"}[way]


def _said(flow: Written, step: Step) -> str:
    """A step in a few words, with the values that it has."""
    entry, verb = step.entry, step.verb
    said = getattr(entry, verb)
    if verb in ("play", "menu", "ask", "listen"):
        said = ", ".join(f"{each.file or each.say or each.speak}" for each in said)
    elif verb == "set":
        said = ", ".join(said)
    text = f"{verb.replace('_', ' ')} {said}".rstrip()
    for name, value in flow.values.items():
        text = text.replace(f"{{{name}}}", "(secret)" if name == "code" else value or f"({name})")
    return text + (f" within {entry.within}" if entry.within else "")


def _denied(flow: Written, name: str, step: Step, permissions: Permissions) -> list[str]:
    """What is wrong with the documents of one step, tried by itself."""
    number = step.within.spans[0][0] if step.within else "1"
    known = {each.entry.into or each.entry.record or "": number for each in flow.steps.values()}
    values = {**{key: value or "1" for key, value in flow.values.items()}, **known}
    alone = structs.replace(flow, start=name, values=values)
    running = source(alone)(structs.replace(_CALL, values=values))
    for said in _answered(running, lambda _: Heard(at=_CALL.at, calls=1)):
        if isinstance(said, Turn):
            return faults(said.actions, permissions, variables=said.variables)
    return []


def _answered(flow: Flow, answer: Callable[[object], Heard]) -> Iterator[object]:
    """What a flow says one after the other, each answered."""
    try:
        said = next(flow)
        while True:
            yield said
            said = flow.send(answer(said))
    except StopIteration:
        return
    finally:
        flow.close()


# --- a flow that was programmed ---------------------------------------------------------------------------------------


def explored(flow: Source, permissions: Permissions, values: Mapping[str, str]) -> Found:
    """The tree of a programmed flow, found by calling it again and again with other answers, within limits."""
    explorer = _Explorer(flow, permissions, values)
    explorer.explore((), "")
    if explorer.runs >= RUNS:
        explorer.tree.append(f"... and more: {RUNS} calls were tried")
    return Found(explorer.tree, list(dict.fromkeys(explorer.faults)))


class _Explorer:
    def __init__(self, flow: Source, permissions: Permissions, values: Mapping[str, str]) -> None:
        self._flow = flow
        self._permissions = permissions
        self._call = structs.replace(_CALL, values=values)
        self.tree: list[str] = []
        self.faults: list[str] = []
        self.runs = 0

    def explore(self, heard: tuple[Heard, ...], on: str) -> None:
        """What the flow says after these answers, and after each answer to that."""
        if self.runs >= RUNS:
            return
        self.runs += 1
        indent = "  " * len(heard)
        try:
            said = self._after(heard)
        except Exception as error:  # noqa: BLE001 (somebody's own code: whatever it is, it is said)
            self.faults.append(f"{on or 'at once'}: {type(error).__name__}: {error}")
            return
        label = f"{on}: " if on else ""
        if said is None:
            self.tree.append(f"{indent}{label}hangs up")
            return
        self.tree.append(f"{indent}{label}{_summary(said)}")
        if isinstance(said, Turn):
            self.faults += faults(said.actions, self._permissions, variables=said.variables)
            if said.actions and leaves(said.actions[-1]):
                return
        if len(heard) >= DEPTH:
            self.tree.append(f"{indent}  ... and deeper")
            return
        for way, answer in _answers(said)[:WIDTH]:
            self.explore((*heard, answer), way)

    def _after(self, heard: Sequence[Heard]) -> Turn | Show | Count | None:
        flow = self._flow(self._call)
        try:
            said = next(flow)
            for answer in heard:
                said = flow.send(answer)
        except StopIteration:
            return None
        finally:
            flow.close()
        if not isinstance(said, Turn | Show | Count | Sequence):
            raise FlowError(f"yields {type(said).__name__}; allowed: actions, Turn, Show, Count")
        return Turn(actions=said) if isinstance(said, Sequence) else said


def _answers(said: Turn | Show | Count) -> list[tuple[str, Heard]]:
    """What may come of it: each key, nothing, a recording and none."""
    at = _CALL.at
    if isinstance(said, Count):
        return [("3 calls", Heard(at=at, calls=3)), ("nobody knows", Heard(at=at))]
    if isinstance(said, Show):
        return [("then", Heard(at=at))]
    last = said.actions[-1] if said.actions else None
    if isinstance(last, a.Record):
        return [("recorded", Heard(at=at, upload=Upload("message.wav", 1))), ("not stored", Heard(at=at))]
    binds = last.binds if isinstance(last, Prompt) else ()
    if not binds:
        return [("then", Heard(at=at))]
    keys = [(f"key {bind.keys}", Heard(at=at, digits=bind.keys)) for bind in binds if not bind.keys.startswith("~")]
    if len(keys) < len(binds):
        keys += [(f"digits {sample}", Heard(at=at, digits=sample)) for sample in ("1000", "4711")]
    return [*keys, ("nothing", Heard(at=at))]


def _summary(said: Turn | Show | Count) -> str:
    if isinstance(said, Show):
        return f"show {said.text} on {said.group}"
    if isinstance(said, Count):
        return "count calls"
    return ", ".join(_words(action) for action in said.actions)


def _words(action: Action) -> str:
    name = type(action).__name__.lower()
    for field in ("file", "text", "to", "string", "application", "room", "cause", "name", "id", "milliseconds"):
        if value := getattr(action, field, ""):
            data = getattr(action, "data", "")
            return f"{name} {value} {data}".rstrip()
    return name
