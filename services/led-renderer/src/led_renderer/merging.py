"""What each switch told, in the view's words, and what several tell together. Pure.

Counts add up. Things of two switches stay two things: where both have one of the same name, each is called
`<switch>/<name>`, also while one of the switches is lost, so that a page keeps its name.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final

from msgspec import Struct, field, structs

from lampfield_bus import instants
from lampfield_bus import messages as m
from led_renderer.view import (
    Agent,
    CallCounts,
    Conference,
    Ended,
    Gateway,
    History,
    Lamp,
    Lot,
    Queue,
    Today,
    View,
)

__all__ = ["THINGS", "Told", "merged"]

RECENT: Final = 20  # ended calls that a view holds
MINUTE_MS: Final = 60_000

_FIRST_TWO: Final = itemgetter(0, 1)

Thing = Lamp | Queue | Agent | Gateway | Conference | Lot


class Told(Struct):
    """What one switch told of what a page may show: the view's fields, things by their names."""

    calls: CallCounts | None = None
    today: Today | None = None
    history: History | None = None
    recent: tuple[Ended, ...] | None = None
    things: dict[str, dict[str, Thing]] = field(default_factory=dict)  # by the view's field

    def put(self, part: str, name: str, message: object) -> None:
        """A message of the view's field `part`, or None for a deletion. ValueError for an instant that is none."""
        made = None if message is None else _MADE[part](name, message)
        if part not in THINGS:
            setattr(self, part, made)
        elif isinstance(made, Thing):
            self.things.setdefault(part, {})[name] = made
        else:
            self.things.get(part, {}).pop(name, None)


def _lamp(name: str, told: m.Extension) -> Lamp:
    since = instants.parse(told.since)
    return Lamp(name, told.state, told.registered, told.name or "", since, told.voicemail, told.missed_today)


def _queue(name: str, told: m.Queue) -> Queue:
    since = None if told.longest_wait_since is None else instants.parse(told.longest_wait_since)
    return Queue(
        name=name,
        waiting=told.waiting,
        longest_wait_since=since,
        talking=told.talking,
        agents=told.agents,
        today=told.today,
        sla_seconds=told.sla_seconds,
    )


def _agent(name: str, told: m.Agent) -> Agent:
    since = instants.parse(told.since)
    return Agent(name=name, status=told.status, state=told.state, since=since, answered_today=told.answered_today)


def _gateway(name: str, told: m.Gateway) -> Gateway:
    return Gateway(name=name, **structs.asdict(told) | {"since": instants.parse(told.since)})


def _conference(name: str, told: m.Conference) -> Conference:
    return Conference(name=name, **structs.asdict(told) | {"since": instants.parse(told.since)})


def _lot(name: str, told: m.Parking) -> Lot:
    return Lot(name=name, parked=told.parked, longest_since=instants.parse(told.longest_since))


def _calls(_: str, told: m.Calls) -> CallCounts:
    return CallCounts(told.ringing, told.waiting, told.active, told.held)


def _today(_: str, told: m.Today) -> Today:
    return Today(**structs.asdict(told))


def _history(_: str, told: m.History) -> History:
    return History(instants.parse(told.until), tuple(told.minutes))


def _recent(_: str, told: Sequence[m.CallEnded]) -> tuple[Ended, ...]:
    return tuple(
        Ended(
            id=call.id,
            ended_at=instants.parse(call.ended_at),
            caller=call.caller.number or call.caller.name,
            callee=call.callee.number or call.callee.name,
            outcome=call.outcome,
            cause=call.cause,
            sip_status=call.sip_status,
        )
        for call in told
    )


_MADE: Final[Mapping[str, Callable[..., object]]] = {
    "calls": _calls, "today": _today, "history": _history, "recent": _recent, "lamps": _lamp, "queues": _queue,
    "agents": _agent, "gateways": _gateway, "conferences": _conference, "parking": _lot,
}  # fmt: skip
# The view's fields that hold named things; the others are one value per switch.
THINGS: Final = frozenset({"lamps", "queues", "agents", "gateways", "conferences", "parking"})


def merged(part: str, heard: Mapping[str, Told], known: Mapping[str, Told]) -> object:
    """The view's field `part` of the switches that are `heard`; `known` are all, lost ones too."""
    if part in THINGS:
        return _things(part, heard, known)
    told = [getattr(one, part) for one in heard.values()]
    there = [value for value in told if value is not None]
    if part == "recent":
        calls = sorted((call for calls in there for call in calls), key=lambda call: call.ended_at, reverse=True)
        return tuple(calls[:RECENT])
    if not there:
        return structs.fields(View)[View.__struct_fields__.index(part)].default
    return there[0] if len(told) == 1 else _SUMS[part](there, len(told))


def _things(part: str, heard: Mapping[str, Told], known: Mapping[str, Told]) -> tuple[Thing, ...]:
    often = Counter(name for told in known.values() for name in told.things.get(part, ())) if len(known) > 1 else {}
    found = [
        (_order(name), switch, thing if often.get(name, 1) == 1 else _renamed(thing, f"{switch}/{name}"))
        for switch, told in heard.items()
        for name, thing in told.things.get(part, {}).items()
    ]
    return tuple([thing for _, _, thing in sorted(found, key=_FIRST_TWO)])


def _renamed(thing: Thing, name: str) -> Thing:
    return structs.replace(thing, **{"extension" if isinstance(thing, Lamp) else "name": name})


@lru_cache(maxsize=4096)
def _order(name: str) -> tuple[int, int, str]:
    """2 before 10, and numbers before names."""
    digits = name if name.isascii() and name.isdigit() else ""
    return (0 if digits else 1, int(digits or 0), name)


def _sum_calls(told: Sequence[CallCounts], _: int) -> CallCounts:
    return CallCounts(*(sum(counts) for counts in zip(*map(structs.astuple, told), strict=True)))


def _sum_today(told: Sequence[Today], switches: int) -> Today:
    """Of those that are in the newest of their days. `switches`: how many should have told."""
    date = max(day.date for day in told)
    days = [day for day in told if day.date == date]
    return Today(
        date=date,
        complete=len(days) == switches and all(day.complete for day in days),
        started=sum(day.started for day in days),
        answered=sum(day.answered for day in days),
        missed=sum(day.missed for day in days),
        failed=sum(day.failed for day in days),
        talk_seconds=sum(day.talk_seconds for day in days),
        peak=days[0].peak if switches == 1 else None,
    )


def _sum_history(told: Sequence[History], _: int) -> History:
    until = max(hour.until for hour in told)
    return History(until, tuple(map(sum, zip(*(_shifted(hour, until) for hour in told), strict=True))))


def _shifted(hour: History, until: int) -> Iterable[int]:
    """The minutes that end at `until`; those after the hour's own end are not told yet: 0."""
    late = min((until - hour.until) // MINUTE_MS, len(hour.minutes))
    return (*hour.minutes[late:], *(0,) * late)


_SUMS: Final[Mapping[str, Callable[..., object]]] = {
    "calls": _sum_calls, "today": _sum_today, "history": _sum_history,
}  # fmt: skip
