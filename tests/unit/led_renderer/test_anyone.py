"""Input from anyone: whatever is sent to a display, it answers, it draws, and it says which field was wrong.

The whole display without a network and without time: inbox, board, scene and driver as they run, on a clock that is
moved by hand.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lampfield_bus.channels import VERBS
from lampfield_bus.messages import LIMITS, Publication
from lampfield_bus.node.arrivals import Message
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link
from lampfield_bus.node.run import Clock, Stop
from lampfield_bus.topics import encode_name
from led_renderer import commands
from led_renderer.app import App
from led_renderer.board import Board
from led_renderer.config import Panel
from led_renderer.drivers.none import Nothing
from led_renderer.frame import Frame
from led_renderer.scene import scene
from led_renderer.settings import Settings
from led_renderer.subscriptions import filters
from led_renderer.watch import Watch

LONGEST_RESULT = 2_000  # bytes; ten thousand of them may wait


class Eye(Nothing):
    """A driver that counts what it is shown."""

    def __init__(self) -> None:
        self.shown = 0

    def show(self, frame: Frame) -> None:
        self.shown += 1


class Display:
    """One display with its inbox, and what it has told."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000_000
        self.eye = Eye()
        self.inbox = Inbox(
            is_command=commands.is_command, is_critical=commands.is_critical, critical_key=commands.critical_key
        )
        self.told: list[Publication] = []
        clock = Clock(wall=lambda: self.wall * 1_000_000, monotonic=lambda: self.wall * 1_000_000)
        self.app = App(Settings(), "hall", self.eye, self.inbox, Stop(), Watch(None), clock)

    def pass_by(self, ms: int = 0) -> int:
        """So much time passes, then a turn; how long it would sleep."""
        self.wall += ms
        before = self.eye.shown
        sleep = self.app.turn(self.inbox.take(0))
        assert self.eye.shown == before + 1
        assert 0 < sleep <= 1000
        return sleep

    def results(self) -> list[dict[str, object]]:
        """Since the last call."""
        results = [each.payload for each in self.told if each.topic == "display/hall/result"]
        self.told.clear()
        assert max(map(len, results), default=0) <= LONGEST_RESULT
        return [json.loads(result) for result in results]

    def tell(self, topic: str, payload: bytes, *, retain: bool = False) -> list[dict[str, object]]:
        """Sends this; the results of the turn."""
        self.inbox.put(Message(topic, payload, retain))
        self.pass_by()
        return self.results()


@contextmanager
def display() -> Iterator[Display]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LAMPFIELD_")}
    clean["LAMPFIELD_HEARTBEAT_FILE"] = str(
        Path(tempfile.gettempdir()) / "nowhere" / "beat"
    )  # a folder that is not there
    told: list[Publication] = []
    with (
        patch.dict(os.environ, clean, clear=True),
        patch.object(Link, "send", lambda _, publications: told.extend(publications)),
        patch.object(Link, "alive", True),
    ):
        made = Display()
        made.told = told
        yield made


@pytest.fixture(autouse=True)
def _no_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


# --- what people and programs send ------------------------------------------------------------------------------------

ODD_TEXTS = [
    "", " ", "\0", "\x1b[2J", "\u202eabc", "\u200b", "\u2066x\u2069", "e\u0301" * 200, "\ufeff{", "\ud7ff\ue000",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0010ffff", "x" * 1000, "\ufdfa" * 300, "\r\n\r\n", "\u2028",
    "NaN", "{}", "null", "auto", "*",
]  # fmt: skip
ODD_JSON = [
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "-0.0", "0x10", "1" * 5_000, "9" * 400, "1.5",
    "true", "null", "[]", "{}", '"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\u202e"', "[" * 3_000 + "]" * 3_000,
    '{"a":' * 2_000 + "1" + "}" * 2_000, '"' + "x" * 5_000 + '"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"',
    '"2027-01-15T08:00:00.999999999+14:00"', '"2016-12-31T23:59:60Z"', "253402300800", "3600", "0.0000001", "-1",
]  # fmt: skip
FIELDS = [
    "text", "id", "priority", "seconds", "repeat", "hold", "icon", "effect", "at", "transaction", "value", "widget",
    "order", "expires_at", "colour", "", "te\\u0078t", "x" * 9_000, "a\\nb",
]  # fmt: skip

values = st.sampled_from(ODD_JSON) | st.sampled_from(['"info"', '"critical"', '"hello"', "3", '"clock"', '"a"'])
objects = st.lists(st.tuples(st.sampled_from(FIELDS), values), max_size=5).map(
    lambda fields: "{" + ",".join(f'"{name}":{value}' for name, value in fields) + "}"
)
with_text = objects.map(lambda text: '{"text":"hello"' + ("," if text != "{}" else "") + text[1:])
payloads = (
    st.binary(max_size=80)
    | st.sampled_from(ODD_TEXTS).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | (objects | with_text).map(lambda text: text.encode())
    | st.sampled_from([b"\xff\xfe{", b"{", b'{"text": "\xff"}', b"\xef\xbb\xbf{}", b"x" * 1_000_000, b"{" * 16_000])
)
levels = st.sampled_from([*VERBS, "reboot", "", "%zz", "re%2Fboot", "%F0%9F%98%80", "NOTIFY", "v" * 300, "\u202e"])
topics = st.builds(
    "{}/{}".format,
    st.sampled_from(["display/hall/cmd", "group/all/cmd", "display/hall/page", "group/all/page"]),
    levels,
)

# Where no field can be named: there is none, or it is the command as a whole that is refused.
WITHOUT_FIELD = ("Expected `object`", "is no valid JSON", "is retained", "is no command", "busy", "longer than")


def check(results: list[dict[str, object]]) -> None:
    """Each says whether it was obeyed, and if not, why, and which field is to blame."""
    for result in results:
        assert result["ok"] is (result["error"] is None)
        assert result["ok"] or result["field"] is not None or str(result["error"]).startswith(WITHOUT_FIELD), result
        assert len(str(result["field"])) <= LIMITS["id"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(st.tuples(topics, payloads, st.booleans(), st.integers(0, 90_000)), min_size=1, max_size=4))
def test_whatever_is_sent_is_answered_and_the_panel_goes_on(sent: list[tuple[str, bytes, bool, int]]) -> None:
    with display() as hall:
        for topic, payload, retain, ms in sent:
            results = hall.tell(topic, payload, retain=retain)
            if "/cmd/" in topic:
                assert len(results) == (0 if retain and not payload else 1)
            for result in results:
                if result["error"] is not None:  # a bad page's result names the page first
                    result["error"] = re.sub(r"^page '.*?': ", "", str(result["error"]), flags=re.DOTALL)
            check(results)
            hall.pass_by(ms)
        hall.tell("display/hall/cmd/dismiss", b"*")
        hall.pass_by(1_000)
        assert hall.tell("display/hall/cmd/brightness", b"9")[-1]["ok"]


@pytest.mark.parametrize("verb", ["notify", "text", "brightness", "page", "dismiss"])
def test_every_odd_value_in_every_field_is_answered(verb: str) -> None:
    with display() as hall:
        for name in FIELDS:
            for value in ODD_JSON:
                for payload in (f'{{"{name}":{value}}}', f'{{"text":"hello","{name}":{value}}}'):
                    results = hall.tell(f"display/hall/cmd/{verb}", payload.encode())
                    assert len(results) == 1
                    check(results)
            hall.pass_by(700)


def test_of_duplicate_keys_the_last_one_counts() -> None:
    with display() as hall:
        (result,) = hall.tell("display/hall/cmd/brightness", b'{"value": 3, "value": 99}')
        assert (result["ok"], result["field"]) == (False, "value")
        (result,) = hall.tell("display/hall/cmd/brightness", b'{"value": 99, "value": 3}')
        assert result["ok"]


def test_a_payload_of_a_megabyte_waits_as_a_few_kilobytes() -> None:
    with display() as hall:
        for _ in range(300):
            hall.inbox.put(Message("display/hall/cmd/text", b"x" * 1_000_000))
        waiting = hall.inbox.drain()
        assert sum(len(each.payload) for each in waiting if isinstance(each, Message)) < 5_000_000
        results = hall.tell("display/hall/cmd/text", b"x" * 1_000_000)
        assert [result["field"] for result in results if not str(result["error"]).startswith("busy")] == ["text"]


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(deadline=None)
def test_a_display_may_have_any_name(name: str) -> None:
    panel = Panel(display=name, width=32, height=8, timezone=ZoneInfo("UTC"))
    _, orders, own = filters(panel)
    assert own == [f"display/{encode_name(name)}/state"]
    assert orders[0] == f"display/{encode_name(name)}/cmd/+"
    board = Board(panel)
    told = board.receive(Message(f"display/{encode_name(name)}/cmd/identify", b""), 1_800_000_000_000)
    assert told[0].topic == f"display/{encode_name(name)}/result"
    board.tick(1_800_000_001_000)
    frame, _ = scene(board, panel, 1_800_000_001_000)
    assert not name.isalnum() or not frame.dark
