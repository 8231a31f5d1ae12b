"""The machine: what comes appears, what goes is removed, a bad reading removes nothing."""

import json

from hypothesis import given
from hypothesis import strategies as st

from home_assistant.bridge import Bridge
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.life import LOST_MS
from support.home_assistant import DISPLAY, HALL, MAIN, SWITCH, health

NOW = 1_795_388_313_341
REGISTERED = "lampfield/lampfield-switch-main/registered"
MAIN_ALIVE, HALL_ALIVE = "lampfield/lampfield-switch-main/alive", "lampfield/lampfield-display-hall/alive"
LIVING = {"switch/main/info": SWITCH, "switch/main/availability": b"online", "switch/main/health": health(NOW)}


class Desk:
    """A bridge, and Home Assistant's topics as the broker would hold them."""

    def __init__(self) -> None:
        self.bridge = Bridge("lampfield/v1", "homeassistant", "0.1", "main")
        self.held: dict[str, bytes] = {}
        self.now = NOW

    def read(self, bus: dict[str, bytes], there: dict[str, bytes], *, complete: bool = True) -> list[Publication]:
        self.held = dict(there)
        for hear, topics in ((self.hear, bus), (self.bridge.notice, there)):
            hear(ReadingBegan())
            for topic, payload in topics.items():
                hear(Message(topic, payload, retain=True))
            hear(ReadingEnded(complete))
        return self.turn()

    def hear(self, arrival: Arrival) -> None:
        self.bridge.hear(arrival, self.now)

    def turn(self, *heard: Arrival) -> list[Publication]:
        for arrival in heard:
            self.hear(arrival)
        out = self.bridge.tell(self.now)
        for publication in out:
            assert publication.retain
            self.held.pop(publication.topic, None)
            if publication.payload:
                self.held[publication.topic] = publication.payload
        return out


def test_nothing_is_told_before_both_sides_were_read() -> None:
    desk = Desk()
    assert desk.turn(ReadingBegan(), Message("display/hall/info", DISPLAY), ReadingEnded(complete=True)) == []
    assert not desk.bridge.ready


def test_what_comes_appears_once_and_what_goes_is_removed() -> None:
    desk = Desk()
    told = desk.read({"display/hall/info": DISPLAY, "switch/main/info": SWITCH}, {})
    assert [one.topic for one in told] == [HALL, MAIN, REGISTERED, HALL_ALIVE, MAIN_ALIVE]
    assert desk.turn(Message("display/hall/info", DISPLAY)) == []
    gone = [desk.turn(Message(f"{part}/info", b"")) for part in ("display/hall", "switch/main")]
    assert [{one.topic for one in each} for each in gone] == [{HALL, HALL_ALIVE}, {MAIN, REGISTERED, MAIN_ALIVE}]
    assert desk.held == {}


def test_gateways_and_queues_come_and_go_with_their_topics() -> None:
    desk = Desk()
    desk.read({"switch/main/info": SWITCH, "switch/main/gateway/carrier": b"{}"}, {})
    assert "gateway-carrier" in json.loads(desk.held[MAIN])["components"]
    desk.turn(Message("switch/main/gateway/carrier", b""), Message("switch/main/queue/support", b"{}"))
    parts = json.loads(desk.held[MAIN])["components"]
    assert parts["gateway-carrier"] == {"platform": "binary_sensor"}, "so Home Assistant takes it out"
    assert "queue-support-waiting" in parts
    assert desk.turn(Message("switch/main/queue/support", b"{}")) == [], "and it is told once"
    desk.turn(Message("switch/main/gateway/carrier", b"{}"))
    assert "state_topic" in json.loads(desk.held[MAIN])["components"]["gateway-carrier"]


def test_a_queue_that_went_while_nobody_looked_is_taken_out_and_an_unread_one_is_not() -> None:
    before = Desk()
    before.read({"switch/main/info": SWITCH, "switch/main/queue/support": b"{}"}, {})
    desk = Desk()
    desk.read({"switch/main/info": SWITCH}, before.held, complete=False)
    assert desk.held[MAIN] == before.held[MAIN], "it may be there"
    desk.read({"switch/main/info": SWITCH}, desk.held)
    gone = json.loads(desk.held[MAIN])["components"]["queue-support-waiting"]
    assert gone == {"platform": "sensor"}
    later = Desk()
    later.read({"switch/main/info": SWITCH}, desk.held)
    assert "queue-support-waiting" not in json.loads(later.held[MAIN])["components"], "that was told long ago"


def test_registered_extensions_are_counted() -> None:
    desk = Desk()
    desk.read({"switch/main/info": SWITCH, "switch/main/extension/1": b'{"registered":true}'}, {})
    assert desk.held[REGISTERED] == b"1"
    desk.turn(Message("switch/main/extension/2", b'{"registered":true}'), Message("switch/main/extension/1", b"x"))
    assert desk.held[REGISTERED] == b"1"
    desk.turn(Message("switch/main/extension/2", b'{"registered":false}'))
    assert desk.held[REGISTERED] == b"0"


def test_a_restart_leaves_no_ghost_and_writes_nothing_twice() -> None:
    first = Desk()
    first.read({"display/hall/info": DISPLAY, "display/gone/info": DISPLAY}, {})
    foreign = {"device/zigbee-lamp/config": b"{}", "device/lampfield-x-display-hall/config": b"{}"}
    told = Desk().read({"display/hall/info": DISPLAY}, {**first.held, **foreign})
    assert told == [
        Publication("device/lampfield-display-gone/config", b"", 1, True),
        Publication("lampfield/lampfield-display-gone/alive", b"", 1, True),
    ]


def test_an_incomplete_reading_removes_nothing() -> None:
    desk = Desk()
    desk.read({"display/hall/info": DISPLAY}, {})
    assert desk.read({}, desk.held, complete=False) == []
    assert [one.payload for one in desk.read({}, desk.held)] == [b"", b""]


def test_home_assistant_s_birth_has_all_told_again() -> None:
    desk = Desk()
    desk.read({"display/hall/info": DISPLAY}, {})
    desk.bridge.notice(Message("status", b"offline"))
    assert desk.turn() == []
    desk.bridge.notice(Message("status", b"online"))
    assert [one.topic for one in desk.turn()] == [HALL, HALL_ALIVE]
    assert desk.turn() == []


def test_what_cannot_be_read_is_left_out_and_told() -> None:
    desk = Desk()
    assert desk.read({"display/hall/info": b"{", "display/lobby/info": DISPLAY}, {})
    assert list(desk.bridge.faults) == ["display/hall/info"]
    assert [topic for topic in desk.held if topic.startswith("device/")] == ["device/lampfield-display-lobby/config"]


def test_an_info_that_cannot_be_read_removes_nothing_and_freezes_no_number() -> None:
    bus = {**LIVING, "display/hall/info": DISPLAY, "switch/main/extension/1": b'{"registered":true}'}
    bad = {"display/hall/info": b"{", "switch/main/info": b"soon"}
    running = Desk()
    running.read(bus, {})
    told = dict(running.held)
    assert running.turn(*(Message(topic, payload) for topic, payload in bad.items())) == []
    assert set(running.bridge.faults) == set(bad)
    started = Desk()
    assert started.read({**bus, **bad}, told) == [], "what an earlier run told stays, too"
    for desk in (running, started):
        desk.turn(Message("switch/main/extension/2", b'{"registered":true}'))
        assert desk.held[REGISTERED] == b"2"
        desk.now += LOST_MS
        desk.turn()
        assert desk.held[MAIN_ALIVE] == b"offline"
        desk.turn(Message("display/hall/info", b""), Message("switch/main/info", SWITCH))
        assert {MAIN, HALL} & set(desk.held) == {MAIN}


@given(st.lists(st.tuples(st.sampled_from(["display/a/info", "display/b/info"]), st.booleans()), max_size=12))
def test_what_is_held_is_what_there_is(steps: list[tuple[str, bool]]) -> None:
    desk = Desk()
    desk.read({}, {})
    there: dict[str, bool] = {}
    for topic, comes in steps:
        there[topic] = comes
        desk.turn(Message(topic, DISPLAY if comes else b""))
        names = {each.split("/")[1] for each, alive in there.items() if alive}
        told = {topic for topic in desk.held if topic.startswith("device/")}
        assert told == {f"device/lampfield-display-{name}/config" for name in names}
        assert len(desk.held) == 2 * len(names), "and no life of whom there is not"


def test_clear_takes_out_ours_and_nothing_else() -> None:
    desk = Desk()
    desk.read({"display/hall/info": DISPLAY}, {"device/zigbee-lamp/config": b"{}"})
    assert desk.bridge.clear() == [Publication(HALL, b"", 1, True), Publication(HALL_ALIVE, b"", 1, True)]


def test_a_switch_that_is_silent_is_lost_and_comes_back() -> None:
    desk = Desk()
    desk.read(LIVING, {})
    assert desk.held[MAIN_ALIVE] == b"online"
    desk.now += LOST_MS - 1
    assert desk.turn() == []
    desk.now += 1
    assert desk.turn() == [Publication(MAIN_ALIVE, b"offline", 1, True)], "nothing came: time alone says it"
    assert desk.turn(Message("switch/main/health", health(desk.now))) == [Publication(MAIN_ALIVE, b"online", 1, True)]


def test_a_will_is_believed_at_once_and_a_display_is_judged_like_a_switch() -> None:
    desk = Desk()
    hall = {"display/hall/info": DISPLAY, "display/hall/availability": b"online"}
    desk.read({**hall, "display/hall/health": health(NOW, "display")}, {})
    assert desk.held[HALL_ALIVE] == b"online"
    desk.turn(Message("display/hall/availability", b"offline"))
    assert desk.held[HALL_ALIVE] == b"offline"


def test_another_clock_is_no_death() -> None:
    """The switch's clock is an hour behind: stored, its health says nothing; fresh, it says how far."""
    desk, behind = Desk(), 3_600_000
    desk.read({**LIVING, "switch/main/health": health(NOW - behind)}, {})
    assert desk.held[MAIN_ALIVE] == b"offline"
    desk.turn(Message("switch/main/health", health(NOW - behind)))
    assert desk.held[MAIN_ALIVE] == b"offline", "one alone may be just late"
    desk.turn(Message("switch/main/health", health(NOW - behind)))
    assert desk.held[MAIN_ALIVE] == b"online"
    desk.read({**LIVING, "switch/main/health": health(NOW - behind)}, desk.held)
    assert desk.held[MAIN_ALIVE] == b"online", "a new reading keeps what is known of the clocks"
    desk.now += LOST_MS
    desk.turn()
    assert desk.held[MAIN_ALIVE] == b"offline"


def test_our_clock_is_set_and_nobody_dies_of_it() -> None:
    desk = Desk()
    desk.read(LIVING, {})
    desk.turn(Message("switch/main/health", health(NOW)))
    desk.now += 3_600_000
    desk.bridge.step(3_600_000)
    assert desk.turn() == []
    desk.now += LOST_MS
    assert desk.turn() != []


def test_an_incomplete_reading_kills_nobody() -> None:
    desk = Desk()
    desk.read(LIVING, {})
    assert desk.read({}, desk.held, complete=False) == []


def test_a_health_that_cannot_be_read_is_told_and_keeps_nobody_alive() -> None:
    desk = Desk()
    desk.read(LIVING, {})
    desk.now += LOST_MS
    desk.turn(Message("switch/main/health", b'{"at": "yesterday"}'))
    assert (desk.held[MAIN_ALIVE], list(desk.bridge.faults)) == (b"offline", ["switch/main/health"])
    desk.turn(Message("switch/main/health", health(desk.now)))
    assert (desk.held[MAIN_ALIVE], desk.bridge.faults) == (b"online", {})
