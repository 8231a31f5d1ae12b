"""A written flow as a generator: what each verb does. Pure."""

import re
from collections.abc import Callable, Generator, Mapping
from typing import Final

from call_control.documents import actions as a
from call_control.documents.actions import Action, Prompt, answer, digits, keys
from call_control.flows.hours import is_open
from call_control.flows.model import PLACEHOLDER, PromptEntry, StepEntry
from call_control.flows.turns import Call, Count, Flow, Heard, Show, Source, Turn
from call_control.flows.written import Step, Written

__all__ = ["source"]

TRIES: Final = 3
ANSWER_SECONDS: Final = 5.0
RECORD_SECONDS: Final = 60
MAX_VALUE: Final = 200  # characters of what a caller chose or said
_SAYS: Final = {
    "number": ("number", "pronounced"),
    "digits": ("number", "iterated"),
    "letters": ("name_spelled", "pronounced"),
}

_To = Generator[Turn | list[Action] | Show | Count, Heard, str | None]


def source(flow: Written) -> Source:
    """The flow as the conversation takes it."""
    return lambda call: _Run(flow, call).turns()


class _Run:
    """One call. What is played waits until something has to be asked or done: then it is one document."""

    def __init__(self, flow: Written, call: Call) -> None:
        self._flow = flow
        self._call = call
        self._at = call.at
        own = {name: call.values.get(name, value) for name, value in flow.values.items()}
        self._values = {**own, "caller": call.number, "called": call.destination}
        self._waiting: list[Action] = [answer()] if flow.answer and not call.answered else []
        self._variables: dict[str, str] = {}

    def turns(self) -> Flow:
        name: str | None = self._flow.start
        while name is not None:
            step = self._flow.steps[name]
            name = yield from _VERBS[step.verb](self, step)
        yield self._turn(a.Hangup())

    def _turn(self, *more: Action) -> Turn:
        turn = Turn(actions=[*self._waiting, *more], variables=self._variables)
        self._waiting, self._variables = [], {}
        return turn

    def _fill(self, text: str) -> str:
        """`text` with its values. What callers say reaches no parser of FreeSWITCH's: no $, nothing unprintable."""
        return PLACEHOLDER.sub(lambda found: self._plain(self._values.get(found[1], "")), text)

    @staticmethod
    def _plain(value: str) -> str:
        return "".join(each for each in value if each.isprintable() and each not in "${}")[:MAX_VALUE]

    def _prompt(self, entry: PromptEntry, **collect: object) -> Prompt:
        if entry.say is not None:
            kind, method = _SAYS[entry.kind]
            text = self._fill(entry.say)
            return a.Say(text=text, language=entry.language, type=kind, method=method, **collect)  # type: ignore[arg-type]
        if entry.speak is not None:
            engine, voice = self._fill(entry.engine), self._fill(entry.voice or "")
            return a.Speak(text=self._fill(entry.speak), engine=engine, voice=voice, **collect)  # type: ignore[arg-type]
        return a.Playback(file=self._fill(entry.file or ""), **collect)  # type: ignore[arg-type]

    def _asked(self, prompts: tuple[PromptEntry, ...], entry: StepEntry, **collect: object) -> Turn:
        """A turn that plays them and waits during and after the last for what `collect` says."""
        self._waiting += [self._prompt(each) for each in prompts[:-1]]
        wait = round((entry.seconds or ANSWER_SECONDS) * 1000)
        error = self._fill(entry.invalid) if entry.invalid else ""
        return self._turn(self._prompt(prompts[-1], wait_ms=wait, error_file=error, **collect))

    def _hear(self, heard: Heard) -> Heard:
        self._at = heard.at
        return heard

    # --- the verbs ----------------------------------------------------------------------------------------------------

    def play(self, step: Step) -> _To:
        yield from ()  # a generator, as the others
        self._waiting += [self._prompt(each) for each in step.entry.play or ()]
        return step.entry.next

    def menu(self, step: Step) -> _To:
        entry, choices = step.entry, step.entry.keys or {}
        for _ in range(entry.tries or TRIES):
            binds = keys("".join(choices))
            heard = self._hear((yield self._asked(entry.menu or (), entry, name="choice", binds=binds)))
            if heard.digits in choices:
                return choices[heard.digits]
        return entry.otherwise

    def ask(self, step: Step) -> _To:
        entry = step.entry
        low, high = entry.digits or (1, 1)
        binds = digits(low, high, end=entry.end or "")
        for _ in range(entry.tries or TRIES):
            heard = self._hear((yield self._asked(entry.ask or (), entry, name="entered", binds=binds)))
            given = heard.digits if re.fullmatch(r"[0-9]{1,32}", heard.digits) else ""
            if given and (entry.equals is None or given == self._fill(entry.equals)):
                if entry.into is not None:
                    self._values[entry.into] = given
                return entry.next
        return entry.otherwise

    def listen(self, step: Step) -> _To:
        entry = step.entry
        speech = {"asr_engine": self._fill(entry.engine or ""), "asr_grammar": self._fill(entry.grammar or "")}
        for _ in range(entry.tries or TRIES):
            heard = self._hear((yield self._asked(entry.listen or (), entry, name="words", **speech)))
            if words := self._plain(heard.digits).strip():
                self._values[entry.into or ""] = words
                return entry.next
        return entry.otherwise

    def hours(self, step: Step) -> _To:
        yield from ()  # a generator, as the others
        spans = self._flow.hours[step.entry.hours or ""]
        return step.entry.next if is_open(spans, self._at, self._call.zone) else step.entry.otherwise

    def count(self, step: Step) -> _To:
        heard = self._hear((yield Count()))
        if heard.calls is None:
            return step.entry.otherwise
        self._values[step.entry.into or ""] = str(heard.calls)
        return step.entry.next

    def show(self, step: Step) -> _To:
        entry = step.entry
        filled = {each: self._fill(text) for each in ("icon", "id") if (text := getattr(entry, each))}
        self._hear(
            (
                yield Show(
                    text=self._fill(entry.show or ""),
                    group=self._fill(entry.group or "all"),
                    seconds=entry.seconds,
                    priority=entry.priority or "info",
                    **filled,
                )
            )
        )
        return entry.next

    def record(self, step: Step) -> _To:
        entry = step.entry
        limit = round(entry.seconds or RECORD_SECONDS)
        beep = self._fill(entry.beep or "tone_stream://%(200,0,800)")
        turn = self._turn(a.Record(file="message.wav", limit=limit, beep_file=beep, terminators="#"))
        heard = self._hear((yield turn))
        file = heard.upload.file if heard.upload else ""
        self._values[entry.record or ""] = file
        return entry.next if file else (entry.otherwise or entry.next)

    def record_call(self, step: Step) -> _To:
        yield from ()  # a generator, as the others
        if step.entry.record_call == "on":
            self._waiting.append(a.RecordCall(limit=round(step.entry.seconds or 0)))
        return step.entry.next

    def queue(self, step: Step) -> _To:
        queue = a.Execute(application="callcenter", data=self._fill(step.entry.queue or ""))
        self._hear((yield self._turn(queue)))
        return step.entry.next

    def dial(self, step: Step) -> _To:
        number = self._fill(step.entry.dial or "")
        if step.within is not None and not step.within.holds(number):
            return step.entry.otherwise
        self._hear((yield self._turn(a.Transfer(to=number))))
        return None

    def voicemail(self, step: Step) -> _To:
        id_, _, domain = self._fill(step.entry.voicemail or "").partition("@")
        self._hear((yield self._turn(a.Voicemail(id=id_, domain=domain))))
        return step.entry.next

    def set(self, step: Step) -> _To:
        yield from ()  # a generator, as the others
        self._variables |= {name: self._fill(text) for name, text in (step.entry.set or {}).items()}
        return step.entry.next

    def get(self, step: Step) -> _To:
        name = step.entry.get or ""
        heard = self._hear((yield self._turn(a.GetVariable(name=name))))
        self._values[step.entry.into or ""] = self._plain(heard.values.get(name, ""))
        return step.entry.next

    def hangup(self, step: Step) -> _To:
        yield self._turn(a.Hangup(cause=step.entry.hangup or "NORMAL_CLEARING"))
        return None

    def leave(self, _: Step) -> _To:
        yield self._turn(a.Break())
        return None


_VERBS: Final[Mapping[str, Callable[[_Run, Step], _To]]] = {
    name: getattr(_Run, name)
    for name in ("play", "menu", "ask", "listen", "hours", "count", "show", "record", "record_call", "queue", "dial",
                 "voicemail", "set", "get", "hangup", "leave")
}  # fmt: skip
