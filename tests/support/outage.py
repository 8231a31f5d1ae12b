"""What every test that breaks something asks: is the picture right, and how many seconds did that take?

*Right* is, at one look: `calls` tells the switch's own truth, no retained call is over, publisher and display are
online, and the panel shows a page. What was seen goes into build/e2e-outages.md, a row each, for docs/resilience.md.
"""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.broker import Bus
from support.compose import ROOT, Stack
from support.panel import depicts, on_screen
from support.waiting import until

__all__ = [
    "FRAME",
    "LIMIT",
    "TROUBLE",
    "ZONE",
    "agrees",
    "is_right",
    "note",
    "right_again",
    "says",
    "screen",
    "shows_a_page",
    "start",
]

FRAME = "display/led-renderer-1/frame"
HEIGHT = 8  # rows of the display
LIMIT = 10.0  # seconds from the return of a part to the right picture (DESIGN.md, section 8)
# What the panel may say in place of a page: the trouble and, by turns, since when.
TROUBLE = ["NO PBX", "NO BUS", *(f"00:{seconds:02d}" for seconds in range(60))]
# A zone in which the clock page does not read like that.
ZONE = "UTC" if 1 <= time.gmtime().tm_hour < 23 else "Etc/GMT-12"
NOTES = ROOT / "build" / "e2e-outages.md"


def is_right(stack: Stack, bus: Bus) -> bool:
    """Whether bus and panel tell what is going on in the switch, and nothing that is over."""
    if not agrees(stack, bus):
        return False
    alive = {bus.latest.get(f"{part}/availability") for part in ("switch/main", "display/led-renderer-1")}
    return alive == {b"online"} and shows_a_page(bus)


def shows_a_page(bus: Bus) -> bool:
    """Whether the panel shows something, and no trouble."""
    frame = bus.latest.get(FRAME, b"").decode()
    return bool(frame) and not any(depicts(frame, text) for text in TROUBLE)


def agrees(stack: Stack, bus: Bus, switch: str = "main") -> bool:
    """Whether the bus tells of this switch what is true in it.

    Asking for the truth takes its time, and the day goes on: what the switch says then must be what the bus told at
    some moment of the asking, and every call that the bus had all that time must have a leg that lives.
    """
    root = f"switch/{switch}"
    already, before = len(bus.messages), dict(bus.latest)
    truth = stack.truth()
    meanwhile = [bytes(one.payload) for one in bus.messages[already:] if one.topic.endswith(f"{root}/calls")]
    after = dict(bus.latest)
    link = json.loads(after.get(f"{root}/info", b"{}")).get("esl")
    if truth is None or link != "connected":
        return False
    counts, live = truth["calls"], set(truth["legs"])
    told = [json.loads(payload) for payload in (before.get(f"{root}/calls"), *meanwhile) if payload]
    all_along = [topic for topic in before.keys() & after.keys() if topic.startswith(f"{root}/call/")]
    legs = [set(json.loads(after[topic])["legs"]) for topic in all_along]
    # A transferred call keeps the legs that are over.
    return any({name: one[name] for name in counts} == counts for one in told) and all(each & live for each in legs)


def start(stack: Stack) -> Stack:
    """Brings it up and waits until all is right."""
    stack.up()
    with stack.bus() as bus:
        until(lambda: is_right(stack, bus), 60, "the right picture")
    return stack


def says(bus: Bus, text: str) -> bool:
    """Whether the panel's frame topic shows this text."""
    return depicts(bus.latest.get(FRAME, b"").decode(), text)


@contextmanager
def screen(stack: Stack) -> Iterator[Callable[[], str]]:
    """What the display's terminal shows, as a picture: it needs no broker to tell it (tests/e2e/terminal.yml)."""
    container = stack.container("led-renderer")
    widths = itertools.cycle((60, 61))
    with stack.watching("led-renderer") as written:

        def whole() -> bool:
            """Of a window that is as before the display draws only what changed."""
            container.resize(height=12, width=next(widths))  # a terminal that nobody attached to has no size
            return on_screen(written()).count("\n") == HEIGHT

        until(whole, 15, "a whole picture in the terminal", every=0.5)
        yield lambda: on_screen(written())


def right_again(stack: Stack, since: float, what: str, seen: str, limit: float = LIMIT) -> None:
    """Fails unless all is right within `limit` seconds of `since`; notes how long it took, and what was seen before."""
    with stack.bus() as bus:
        until(lambda: is_right(stack, bus), since + limit - time.monotonic(), f"the right picture after {what}")
    note(what, seen, f"{time.monotonic() - since:.1f} s")


def note(what: str, seen: str, right: str) -> None:
    """One row of the table: what was done, what was seen, when the picture was right again."""
    NOTES.parent.mkdir(exist_ok=True)
    with Path(NOTES).open("a", encoding="utf-8") as rows:
        rows.write(f"| {what} | {seen} | {right} |\n")
