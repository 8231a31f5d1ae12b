"""One tile of a wall in a process of its own: told what every display is told, it writes the frames that it shows.

    python -m support.wall_tile STORY.json X      the story: panel, messages with their instants, when to look

A tile that starts late is told what is retained by then in one reading, and afterwards what comes, as a broker would.
"""

import json
import sys
from typing import Any, Final

from lampfield_bus.messages import WallPlace
from lampfield_bus.node.arrivals import Arrival, Connected, Message, ReadingBegan, ReadingEnded
from led_renderer.board import Board
from led_renderer.pages_file import loaded
from led_renderer.scene import scene
from support.boards import panel

__all__ = ["frames", "tell"]

LATENCY: Final = (3, 40, 11, 25)  # ms by which a message is later at one tile than at another


def tell(
    story: dict[str, Any], *, width: int, wall: WallPlace | None, starts: int = 0, latency: int = 0
) -> list[tuple[int, tuple[int, ...]]]:
    """The instants from `starts` on at which the story is looked at, with the rows that are shown."""
    begin = story["begin"] + starts
    plan = loaded(story["pages"].encode(), "story").plan
    assert plan is not None
    shown = panel(display=f"x{wall.x if wall else 0}", width=width, height=8, wall=wall, started_at=begin)
    board = Board(shown, plan)
    retained: dict[str, Message] = {}
    told = [
        (story["begin"] + at + latency, Message(topic, payload.encode(), keep))
        for at, topic, payload, keep in story["told"]
    ]
    before = [message for at, message in told if at <= begin and message.retain]
    retained |= {message.topic: message for message in before}
    reading: list[Arrival] = [Connected(), ReadingBegan(), *retained.values(), ReadingEnded(complete=True)]
    for fact in reading:
        board.receive(fact, begin)
    coming = [(at, message) for at, message in told if at > begin]
    seen = []
    for now in range(story["begin"], story["begin"] + story["length"], story["every"]):
        if now < begin:
            continue
        while coming and coming[0][0] <= now:
            at, message = coming.pop(0)
            board.receive(Message(message.topic, message.payload, retain=False), at)
        board.tick(now)
        seen.append((now, scene(board, shown, now)[0].rows))
    return seen


def frames() -> int:
    """The command."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 (one line)
        story = json.load(file)
    x = int(sys.argv[2])
    place = WallPlace(name="hall", width=128, height=8, x=x, y=0)
    starts = story["late"] if x == story["late_tile"] else 0
    json.dump(tell(story, width=32, wall=place, starts=starts, latency=LATENCY[x // 32]), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(frames())
