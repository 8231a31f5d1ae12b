"""What the machine touched, as publications; a retained topic only when its payload changed.

Pure. Remembers the last message of every retained topic that it made, so an unchanged one is not sent again (nor even
encoded), and only what exists is deleted.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from esl_publisher.calls import Answered, Call, CallFact, CallState, Ended, Started
from esl_publisher.causes import Verdict, verdict
from esl_publisher.decode import Event, Pulse
from esl_publisher.facts import HealthDue
from esl_publisher.privacy import Told, hide
from lampfield_bus import channels
from lampfield_bus import messages as m
from lampfield_bus.channels import Channel, Message
from lampfield_bus.instants import rfc3339

__all__ = ["Publisher", "call_message", "fact_message", "health_message", "stats_message"]

# An earlier run's topics that this one rewrites in its own time: never leftovers.
_STANDING: Final = frozenset({"switch_availability", "switch_info", "switch_health", "switch_stats", "switch_calls"})

_BY_NAME: Final = {channel.name: channel for channel in channels.CHANNELS}


@lru_cache(maxsize=4_096)
def _standing(channel: str, *names: str) -> str:
    return _BY_NAME[channel].topic(*names)


def _topic(channel: Channel, *names: str) -> str:
    """The topics that stand are spelt again with every change; a call's so seldom that keeping it costs more."""
    return _standing(channel.name, *names) if channel.lives == "always" else channel.topic(*names)


class Publisher:
    """Collects the publications of one turn of the machine."""

    def __init__(self, switch: str, *, hide_numbers: bool) -> None:
        self._switch = switch
        self._hide_numbers = hide_numbers
        self._last: dict[str, Message] = {}
        self._earlier: set[str] = set()  # retained topics of an earlier run
        self._told: dict[str, tuple[object, ...]] = {}  # what `call/<id>` says, by id
        self._counts: tuple[int, int, int, int] | None = None
        self._out: list[m.Publication] = []

    def take(self) -> list[m.Publication]:
        """What was collected since the last time."""
        out, self._out = self._out, []
        return out

    def put(self, channel: Channel, message: Message, *names: str) -> None:
        """A message on its channel; `names` are those after the switch's."""
        topic = _topic(channel, self._switch, *names)
        if channel.retained:
            if self._last.get(topic) == message:
                return
            self._last[topic] = message
        self._out.append(channel.publication(topic, message))

    def counts(self, counts: Mapping[CallState, int], moment: int) -> None:
        """`calls`, when a number changed (its `at` alone is no change)."""
        told = counts["ringing"], counts["waiting"], counts["active"], counts["held"]
        if told != self._counts:
            self._counts = told
            ringing, waiting, active, held = told
            message = m.Calls(
                at=rfc3339(moment), ringing=ringing, waiting=waiting, active=active, held=held, total=sum(told)
            )
            self.put(channels.SWITCH_CALLS, message)

    def call(self, call_id: str, call: Call | None) -> None:
        """`call/<id>`: what it is, or that it is no more."""
        if call is not None:
            told = _told(call)
            if self._told.get(call_id) != told:
                self.put(channels.SWITCH_CALL, self.hidden(call_message(call)), call_id)
                self._told[call_id] = told
            return
        self._told.pop(call_id, None)
        self.keep(channels.SWITCH_CALL, None, call_id)

    def keep(self, channel: Channel, message: m.State | None, *names: str) -> None:
        """A retained topic that lives as long as its thing: `message`, or None when that is no more."""
        if message is not None:
            self.put(channel, message, *names)
            return
        topic = _topic(channel, self._switch, *names)
        if self._last.pop(topic, None) is not None or topic in self._earlier:
            self._earlier.discard(topic)
            self._out.append(channel.deletion(topic))

    def fact(self, fact: CallFact) -> m.Call:
        """`event/call/…`; what was told."""
        channel, message = fact_message(fact)
        message = self.hidden(message)
        self.put(channel, message)
        return message

    def raw(self, event: Event, body: bytes) -> None:
        """`raw/…`: the event's bytes as they came."""
        subclass = getattr(event, "subclass", "")
        if subclass:
            topic = channels.SWITCH_RAW_CUSTOM.topic(self._switch, event.name, subclass)
        else:
            topic = channels.SWITCH_RAW.topic(self._switch, event.name)
        self._out.append(m.Publication(topic, body, channels.SWITCH_RAW.qos, channels.SWITCH_RAW.retained))

    def inherit(self, topics: set[str]) -> None:
        """These topics an earlier run left."""
        self._earlier |= topics

    def clear_inherited(self) -> None:
        """Delete what an earlier run left and this one has not taken over."""
        for topic in sorted(self._earlier - self._last.keys()):
            found = channels.match(topic)
            if found is None or found[0].name not in _STANDING:
                self._out.append(m.Publication(topic, b"", 1, True))
        self._earlier.clear()

    def hidden(self, message: Told) -> Told:
        """A call's message as it may be told."""
        return hide(message) if self._hide_numbers else message


def _told(call: Call) -> tuple[object, ...]:
    """What `call_message` reads, to be compared: a call changes inside far more often than what is told of it.

    A leg's Call-ID that comes with its end is no news of its own: the call's next change tells it, or its end.
    """
    who = (call.caller, call.callee, call.inbound, call.external, call.gateway, call.queue)
    return (call.state, call.legs, call.users, call.answered_at, call.started_at, *who)


def call_message(call: Call) -> m.Call:
    """A live call as it stands in `call/<id>`."""
    return m.Call(**_about(call))


def _about(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "state": call.state,
        "direction": call.direction,
        "caller": call.caller,
        "callee": call.callee,
        "started_at": rfc3339(call.started_at),
        "answered_at": None if call.answered_at is None else rfc3339(call.answered_at),
        "gateway": call.gateway,
        "queue": call.queue,
        "extensions": list(call.users),
        "legs": list(call.legs),
        "sip_call_ids": list(call.sip_call_ids),
    }


def fact_message(fact: CallFact) -> tuple[Channel, m.Call]:
    """What `event/call/…` tells, and on which of the three channels."""
    about, at = _about(fact.call), rfc3339(fact.at)
    match fact:
        case Started():
            return channels.CALL_STARTED, m.CallStarted(event="started", at=at, **about)
        case Answered():
            return channels.CALL_ANSWERED, m.CallAnswered(event="answered", at=at, **about)
        case Ended():
            return channels.CALL_ENDED, m.CallEnded(event="ended", at=at, **about, **_ending(fact))


def _ending(fact: Ended) -> dict[str, Any]:
    call = fact.call
    end = max(fact.at, call.started_at)
    answered = end if call.answered_at is None else min(max(call.answered_at, call.started_at), end)
    # A call that became part of an older one has not ended on the wire; FreeSWITCH's own name for that is the cause.
    how = Verdict("ATTENDED_TRANSFER") if fact.merged_into else verdict(call.endings, call.talked)
    return {
        "ended_at": rfc3339(fact.at),
        "outcome": call.outcome,
        "ring_seconds": (answered - call.started_at) / 1000,
        "talk_seconds": (end - answered) / 1000,
        "cause": how.cause,
        "sip_status": how.status,
        "sip_reason": how.reason,
        "sip_source": how.source,
        "merged_into": fact.merged_into,
    }


def health_message(due: HealthDue, at: int, lag_ms: int | None, snapshots: int) -> m.SwitchHealth:
    """`health` of this moment."""
    return m.SwitchHealth(
        at=rfc3339(at),
        uptime=max(due.uptime_ms, 0) / 1000,
        lag_ms=lag_ms,
        queue=due.queue,
        dropped=due.dropped,
        resyncs=snapshots,
        topics=due.topics,
        rss_bytes=due.rss_bytes,
    )


def stats_message(pulse: Pulse, moment: int) -> m.SwitchStats | None:
    """`stats` from a HEARTBEAT; None if that has no numbers."""
    try:
        return m.SwitchStats(
            at=rfc3339(moment),
            sessions=_count(pulse.sessions),
            sessions_peak=_count(pulse.peak),
            sessions_max=_count(pulse.sessions_max),
            sessions_per_second=_count(pulse.per_second),
            sessions_total=_count(pulse.total),
            idle_cpu=round(min(100.0, max(0.0, float(pulse.idle_cpu))), 3),  # in this order NaN is 0
            uptime=_count(pulse.uptime_ms) / 1000,
        )
    except ValueError:
        return None


def _count(text: str) -> int:
    return max(int(text), 0)
