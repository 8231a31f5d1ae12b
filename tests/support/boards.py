"""A display's machine fed as the bus would feed it. Shared by the tests of board and scene."""

from zoneinfo import ZoneInfo

import msgspec

from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from lampfield_bus.node.arrivals import Arrival, Connected, Message, ReadingBegan, ReadingEnded
from led_renderer.board import Board
from led_renderer.config import Panel
from led_renderer.view import LampState

NOW = 1_795_388_313_000
UTC = ZoneInfo("UTC")


def panel(**fields: object) -> Panel:
    given = {"display": "d", "width": 32, "height": 8, "timezone": UTC, "started_at": NOW - 5_000, **fields}
    return Panel(**given)  # type: ignore[arg-type] # fields by name


def stored(channel: c.Channel, names: tuple[str, ...], message: m.State | str) -> Message:
    topic = channel.topic(*names)
    return Message(topic, channel.publication(topic, message).payload, retain=True, qos=1)


def switch(
    name: str = "main", *, active: int = 0, at: int = NOW, topics: int = 0, esl: str = "connected"
) -> list[Message]:
    info = {
        "instance": "i", "esl": esl, "since": rfc3339(at), "hostname": None, "version": None, "core_uuid": None,
        "domain": None, "epoch": 1,
    }  # fmt: skip
    health = m.SwitchHealth(
        at=rfc3339(at), uptime=1, lag_ms=None, queue=0, dropped=0, resyncs=0, topics=topics, rss_bytes=1
    )
    calls = m.Calls(at=rfc3339(at), ringing=0, waiting=0, active=active, held=0, total=active)
    return [
        stored(c.SWITCH_AVAILABILITY, (name,), "online"),
        stored(c.SWITCH_INFO, (name,), msgspec.convert(info, m.SwitchInfo)),
        stored(c.SWITCH_HEALTH, (name,), health),
        stored(c.SWITCH_CALLS, (name,), calls),
    ]


def extension(name: str, number: str, state: LampState, *, registered: bool = True, at: int = NOW) -> Message:
    told = m.Extension(
        state=state, name=None, registered=registered, contacts=int(registered), calls=[], since=rfc3339(at),
        voicemail=None, missed_today=0,
    )  # fmt: skip
    return stored(c.SWITCH_EXTENSION, (name, number), told)


def read(board: Board, *messages: Message, now: int = NOW) -> list[m.Publication]:
    """A whole reading of retained state."""
    told: list[m.Publication] = []
    facts: list[Arrival] = [Connected(), ReadingBegan(), *messages, ReadingEnded(complete=True)]
    for fact in facts:
        told += board.receive(fact, now)
    return told


def command(board: Board, verb: str, payload: str, now: int = NOW, *, retain: bool = False) -> list[m.Publication]:
    return board.receive(Message(f"display/d/cmd/{verb}", payload.encode(), retain, 1), now)
