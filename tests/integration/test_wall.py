"""A wall of four tiles in four processes is one canvas, pixel by pixel, also with a tile that was started late."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from lampfield_bus.instants import rfc3339
from support.boards import NOW, extension, switch
from support.wall_tile import tell

TESTS: Final = Path(__file__).parent.parent
LENGTH: Final = 34_000
LATE: Final = 6_500
PAGES: Final = """
transition: slide
pages:
  - {name: words, widget: text, seconds: 12, template: "{calls.active} calls, and text much wider than the wall"}
  - {widget: calls, seconds: 6, warn: 3}
  - {widget: lamps, seconds: 7, transition: wipe}
"""


def story() -> dict[str, Any]:
    """Half a minute: a scroll, changes of pages, a call, a page from a topic and a notification with `at`."""
    begin = NOW - NOW % 25_000  # where the rotation of these pages begins
    told: list[tuple[int, str, str, bool]] = []
    stored = [*switch(active=2, at=begin), *(extension("main", str(number), "idle", at=begin) for number in range(30))]
    told += [(-1_000, message.topic, message.payload.decode(), True) for message in stored]
    busier = switch(active=4, at=begin)[3]
    for at in (15_000, 30_000):
        health = switch(active=2, at=begin + at)[2]
        told.append((at, health.topic, health.payload.decode(), True))
    told.append((3_000, busier.topic, busier.payload.decode(), True))
    told.append((3_100, *_page("Lunch at one"), True))
    fire = {
        "text": "Fire drill: leave the building by the stairs",
        "priority": "critical",
        "at": rfc3339(begin + 21_000),
    }
    told.append((18_000, "group/hall/cmd/notify", json.dumps(fire | {"seconds": 6}), False))
    hello = {"text": "Hello", "at": rfc3339(begin + 29_000), "seconds": 2, "effect": "invert", "icon": "check"}
    told.append((24_000, "group/hall/cmd/notify", json.dumps(hello), False))
    told.sort(key=lambda each: each[0])
    return {
        "begin": begin, "length": LENGTH, "every": 33, "pages": PAGES, "told": told, "late": LATE, "late_tile": 64,
    }  # fmt: skip


def _page(text: str) -> tuple[str, str]:
    return "group/hall/page/lunch", json.dumps({"text": text, "seconds": 3})


def test_four_processes_show_one_canvas_pixel_by_pixel(tmp_path: Path) -> None:
    told = story()
    path = tmp_path / "story.json"
    path.write_text(json.dumps(told))
    command = [sys.executable, "-m", "support.wall_tile", str(path)]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    tiles = [subprocess.Popen([*command, str(x)], stdout=subprocess.PIPE, env=environment) for x in range(0, 128, 32)]
    canvas = dict(tell(told, width=128, wall=None))
    shown = [dict(json.loads(tile.communicate(timeout=50)[0])) for tile in tiles]
    assert [tile.returncode for tile in tiles] == [0] * 4
    # What a tile hears up to 40 ms later than another is left out: the instants right after a message.
    unsure = {now for now in canvas for at, *_ in told["told"] if 0 <= now - told["begin"] - at < 45}
    compared = 0
    for now, rows in canvas.items():
        for place, tile in enumerate(shown):
            if now in unsure or (place == 2 and now < told["begin"] + LATE):
                continue
            mine = [row >> (96 - 32 * place) & 0xFFFFFFFF for row in rows]
            assert list(tile[now]) == mine, f"tile {place} after {now - told['begin']} ms"
            compared += 1
    assert compared > 3_800
    assert len(set(canvas.values())) > 300, "most of it moves"
