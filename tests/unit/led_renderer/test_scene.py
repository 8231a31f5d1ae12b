"""The picture of a moment: overlays in their order, and the exact instant of the next change."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import structs

from lampfield_bus.messages import Publication, WallPlace
from lampfield_bus.node.arrivals import Lost, Message
from led_renderer.board import Board, ClockStepped
from led_renderer.config import Panel
from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.scene import scene
from led_renderer.text import strip
from led_renderer.view import LampState
from support.boards import NOW, command, extension, panel, read, switch

SIZES = [(8, 8), (16, 8), (32, 8), (64, 8), (128, 8), (32, 16), (64, 32)]


def board_of(given: Panel | None = None, *messages: Message) -> Board:
    board = Board(given or panel())
    read(board, *(messages or switch(active=3)))
    return board


def drawn(board: Board, now: int) -> Frame:
    board.tick(now)
    return scene(board, board.panel, now)[0]


def shows(frame: Frame, text: str) -> bool:
    """Whether the frame holds this text's pixels somewhere, and nothing else is lit in its columns."""
    wanted = strip(text)
    return any(
        frame.crop(x, y, wanted.width, wanted.height) == wanted
        for y in range(frame.height - wanted.height + 1)
        for x in range(frame.width - wanted.width + 1)
    )


def test_power_off_is_dark_whatever_else_is_going_on() -> None:
    board = board_of()
    command(board, "notify", '{"text": "fire", "priority": "critical"}')
    command(board, "test", "")
    command(board, "power", "off")
    frame, change = scene(board, board.panel, NOW)
    assert frame.dark
    assert change is None


def test_a_notification_lies_over_trouble_and_trouble_over_the_page() -> None:
    board = board_of(panel(width=128))
    page = drawn(board, NOW)
    board.receive(Lost("gone"), NOW)
    assert shows(drawn(board, NOW + 61_000), "NO BUS 01:01")
    command(board, "notify", '{"text": "fire"}', NOW + 62_000)
    assert shows(drawn(board, NOW + 62_000), "fire")
    assert not shows(page, "NO BUS 01:01")


def test_ages_read_minutes_then_hours() -> None:
    board = board_of(panel(width=128))
    board.receive(Lost("gone"), NOW)
    assert shows(drawn(board, NOW + (99 * 60 + 59) * 1000), "NO BUS 99:59")
    assert shows(drawn(board, NOW + 100 * 60_000), "NO BUS 1:40")
    assert shows(drawn(board, NOW + 1_000 * 60_000), "NO BUS 16:40")


def test_on_a_narrow_panel_trouble_and_its_age_take_turns() -> None:
    board = board_of()
    board.receive(Lost("gone"), NOW)
    begin = NOW - NOW % 4_000 + 4_000
    first, second = drawn(board, begin), drawn(board, begin + 2_000)
    assert shows(first, "NO BUS")
    assert not shows(second, "NO BUS")
    assert shows(second, f"00:{(begin + 2_000 - NOW) // 1000:02d}")


def test_on_a_tall_panel_its_age_stands_below() -> None:
    board = board_of(panel(width=64, height=32))
    board.receive(Lost("gone"), NOW)
    frame = drawn(board, NOW + 5_000)
    what, age = strip("NO BUS").stretched(2), strip("00:05").stretched(2)
    left, right = (64 - what.width) // 2, (64 - age.width) // 2
    assert frame == Frame(64, 32).over(what, left).over(age, right, 16)


def test_the_lost_one_of_several_has_a_page_of_its_own() -> None:
    board = board_of(panel(width=128), *switch("hq", active=2), *switch("lab", esl="lost", at=NOW))
    seen = [drawn(board, now) for now in range(NOW, NOW + 20_000, 1_000)]
    assert sum(any(shows(frame, f"NO lab 00:{age:02d}") for age in range(25)) for frame in seen) == 4


def test_the_pixel_says_may_be_stale_and_blinks_slower_than_3_hz() -> None:
    board = board_of()
    stale = board.edges()[0]
    board.stay = "calls"
    fresh = drawn(board, stale - 1)
    corner = [drawn(board, stale + at).lit(31, 7) for at in range(0, 2_000, 250)]
    assert not fresh.lit(31, 7)
    assert set(corner) == {True, False}
    assert sum(a != b for a, b in pairwise(corner)) <= 4
    frame, _ = scene(board, board.panel, stale)
    assert frame.crop(0, 0, 31, 8) == fresh.crop(0, 0, 31, 8)


def test_identify_shows_the_name_and_test_lights_every_led() -> None:
    board = board_of(panel(display="desk 4"))
    command(board, "identify", "")
    assert shows(drawn(board, NOW), "desk 4")
    command(board, "test", "")
    assert drawn(board, NOW) == Frame(32, 8).inverted()
    check = drawn(board, NOW + 2_000)
    assert all(check.lit(x, y) != check.lit(x + 1, y) for x in range(31) for y in range(8))
    assert all(check.lit(x, y) != check.lit(x, y + 1) for x in range(32) for y in range(7))
    assert drawn(board, NOW + 2_500) == check.inverted()


def test_critical_flashes_at_one_hertz_and_stays_readable() -> None:
    board = board_of()
    command(board, "notify", '{"text": "fire", "priority": "critical", "seconds": 10}')
    frames = [drawn(board, NOW + at) for at in range(0, 2_000, 100)]
    assert frames[0].inverted() == frames[5]
    assert sum(a != b for a, b in pairwise(frames)) == 3


@pytest.mark.parametrize("effect", ["none", "blink", "invert"])
def test_effects(effect: str) -> None:
    board = board_of()
    command(board, "notify", json.dumps({"text": "tea", "effect": effect}))
    first, second = drawn(board, NOW), drawn(board, NOW + 500)
    assert shows(first.inverted() if effect == "invert" else first, "tea")
    assert second.dark == (effect == "blink")


def test_an_icon_stands_before_its_text() -> None:
    board = board_of(panel(width=64))
    command(board, "notify", '{"text": "door", "icon": "warning"}')
    with_icon = drawn(board, NOW)
    assert shows(with_icon, "door")
    sign = icon("warning")
    assert sign in [with_icon.crop(x, 0, 8, 8) for x in range(32)]


def test_a_wall_is_one_canvas_cut_into_tiles() -> None:
    wall = Board(panel(width=128))
    tiles = [
        Board(panel(display=f"tile{x}", wall=WallPlace(name="w", width=128, height=8, x=x, y=0)))
        for x in (0, 32, 64, 96)
    ]
    for board in (wall, *tiles):
        read(board, *switch(active=3))
        board.receive(Message("group/w/cmd/text", b"A text that scrolls over all four of them, without a seam"), NOW)
    for now in range(NOW, NOW + 10_000, 70):
        whole = Frame(128, 8)
        for board, x in zip(tiles, (0, 32, 64, 96), strict=True):
            whole = whole.over(drawn(board, now), x)
        assert whole == drawn(wall, now)


def test_tiles_that_hear_of_it_at_different_moments_show_the_same() -> None:
    boards = [board_of(), board_of()]
    script = [
        ("text", "A text that scrolls, and scrolls on"), ("notify", "the next one, which scrolls as well"),
        ("dismiss", ""), ("identify", ""), ("test", ""),
    ]  # fmt: skip
    for number, (verb, payload) in enumerate(script):
        said = NOW + number * 4_000 + 250
        for board, late in zip(boards, (0, 90), strict=True):
            command(board, verb, payload, said + late)
        for now in range(said + 90, said + 4_000, 33):
            assert drawn(boards[0], now) == drawn(boards[1], now), (verb, now - said)


class AnyHistory(RuleBasedStateMachine):
    """Whatever happens in whatever order: the loop may sleep until the next change, and a restart changes nothing.

    What a display shows of switches can be read back by another one that starts now. Notifications, the age of a lost
    bus and when a message came cannot: they are this display's own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.retained: dict[str, Message] = {}
        self.board = Board(panel())

    @initialize(size=st.sampled_from(SIZES), tile=st.booleans())
    def hang_up(self, size: tuple[int, int], tile: bool) -> None:
        width, height = size
        wall = WallPlace(name="w", width=2 * width, height=height, x=width, y=0) if tile else None
        self.board = Board(panel(width=width, height=height, wall=wall, max_hide_ms=5_000))
        self.heed(*read(self.board))

    def heed(self, *told: Publication) -> None:
        for each in told:
            if each.topic == "display/d/state":
                self.retained[each.topic] = Message(each.topic, each.payload, retain=True)

    @rule(
        name=st.sampled_from("ab"),
        active=st.integers(0, 120),
        age=st.sampled_from([0, 12_000, 35_000, 100_000]),
        esl=st.sampled_from(["connected", "connected", "lost", "connecting"]),
        parts=st.sets(st.integers(0, 3), min_size=1),
    )
    def tell(self, name: str, active: int, age: int, esl: str, parts: set[int]) -> None:
        messages = switch(name, active=active, at=self.now - age, esl=esl)
        for message in (messages[part] for part in sorted(parts)):
            self.retained[message.topic] = message
            self.heed(*self.board.receive(message, self.now))

    @rule(
        name=st.sampled_from("ab"),
        number=st.integers(0, 40),
        state=st.sampled_from(["idle", "ringing", "waiting", "active", "held"]),
        registered=st.booleans(),
    )
    def lamp(self, name: str, number: int, state: LampState, registered: bool) -> None:
        message = extension(name, str(number), state, registered=registered, at=self.now)
        self.retained[message.topic] = message
        self.heed(*self.board.receive(message, self.now))

    @precondition(lambda self: any(topic.startswith("switch") for topic in self.retained))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        topic = data.draw(st.sampled_from(sorted(topic for topic in self.retained if topic.startswith("switch"))))
        del self.retained[topic]
        self.heed(*self.board.receive(Message(topic, b""), self.now))

    @rule(
        verb=st.sampled_from(["text", "notify", "dismiss", "page", "brightness", "power", "identify", "test"]),
        payload=st.sampled_from(["", "*", "auto", "on", "off", "7", "clock", "lamps", "a text wider than most panels"]),
        priority=st.sampled_from([None, "info", "critical"]),
    )
    def order(self, verb: str, payload: str, priority: str | None) -> None:
        if priority is not None and verb == "notify":
            payload = json.dumps({"text": payload or "!", "priority": priority, "icon": "check", "effect": "blink"})
        told = command(self.board, verb, payload, self.now)
        assert sum(each.topic == "display/d/result" for each in told) == 1
        self.heed(*told)

    @rule(delta=st.integers(-(10**7), 10**7).filter(lambda delta: abs(delta) >= 1_000))
    def step_the_clock(self, delta: int) -> None:
        self.now += delta
        self.heed(*self.board.receive(ClockStepped(delta), self.now))

    @rule()
    def lose_the_bus(self) -> None:
        self.board.receive(Lost("gone"), self.now)

    @rule()
    def read_again(self) -> None:
        self.heed(*read(self.board, *self.retained.values(), now=self.now))

    @rule(most=st.sampled_from([200, 5_000, 60_000]))
    def wait(self, most: int) -> None:
        board = self.board
        self.heed(*board.tick(self.now))
        frame, change = scene(board, board.panel, self.now)
        following = min(each for each in (change, board.due(), self.now + most) if each is not None)
        assert following > self.now
        for between in {(self.now + following) // 2, following - 1}:
            assert scene(board, board.panel, between)[0] == frame
        self.now = following

    @invariant()
    def a_restarted_one_shows_the_same(self) -> None:
        board, now = self.board, self.now
        self.heed(*board.tick(now))
        trouble = board.trouble(now)
        if board.showing(now) or (trouble and trouble.what == "NO BUS"):
            return
        if not all(source.lost_since for source in board.switches.sources.values()) or not board.switches.sources:
            return  # nothing retained tells since when: it counts from this display's own start
        if any(source.told_at != source.health_at for source in board.switches.sources.values()):
            return  # a health from the future: it counts from when this display heard it
        other = Board(structs.replace(board.panel, started_at=now))
        read(other, *self.retained.values(), now=now)
        assert scene(other, other.panel, now)[0] == scene(board, board.panel, now)[0]


AnyHistory.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=30)
test_any_history = AnyHistory.TestCase


@given(
    size=st.sampled_from(SIZES),
    moment=st.integers(0, 100_000),
    verbs=st.lists(
        st.tuples(
            st.sampled_from(["text", "notify", "page", "identify", "test"]),
            st.sampled_from(
                ["x", "clock", "a text that is far too wide for any panel here", '{"text":"c","priority":"critical"}']
            ),
        ),
        max_size=3,
    ),
    lost=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_between_now_and_the_next_change_nothing_changes(
    size: tuple[int, int], moment: int, verbs: list[tuple[str, str]], lost: bool
) -> None:
    """So the loop may sleep until then: no frame is late, and no frame is drawn for nothing."""
    board = board_of(panel(width=size[0], height=size[1]))
    for verb, payload in verbs:
        command(board, verb, payload)
    if lost:
        board.receive(Lost("gone"), NOW)
    now = NOW + moment
    board.tick(now)
    for _ in range(8):
        frame, change = scene(board, board.panel, now)
        assert (frame.width, frame.height) == size
        if change is None:
            change = now + 60_000
        assert change > now
        for between in {now + (change - now) // 3, now + (change - now) // 2, change - 1}:
            assert scene(board, board.panel, between)[0] == frame
        now = change
        board.tick(now)
