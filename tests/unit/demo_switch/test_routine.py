from demo_switch.templates import Event
from support.demo_switch import BEGIN, Diary


def _seconds(events: list[Event], name: str) -> list[float]:
    return [
        (int(event.header("Event-Date-Timestamp")) - BEGIN) / 1_000_000
        for event in events
        if name in (event.name, event.subclass)
    ]


def test_the_heart_beats_at_its_pace() -> None:
    diary = Diary(rate=0, heartbeat=7).live(30)
    assert _seconds(diary.events, "HEARTBEAT") == [7, 14, 21, 28]


def test_every_phone_that_is_on_refreshes_its_registration_before_it_expires() -> None:
    diary = Diary(rate=0).live(300)
    refreshed = [event.header("from-user") for event in diary.events if event.subclass == "sofia::register"]
    assert {str(number) for number in range(1000, 1018)} <= set(refreshed)
    assert min(known.expires for known in diary.pbx.registrations.values()) > diary.pbx.now


def test_one_phone_comes_and_goes_and_one_is_refused() -> None:
    diary = Diary(rate=0).live(1_200)
    lost = [event.subclass for event in diary.events if event.subclass in ("sofia::expire", "sofia::unregister")]
    assert set(lost) == {"sofia::expire", "sofia::unregister"}
    assert {event.header("user") for event in diary.events if event.subclass == "sofia::expire"} == {"1018"}
    assert {event.header("to-user") for event in diary.events if event.subclass == "sofia::register_failure"} == {
        "1019"
    }


def test_the_gateway_goes_down_and_comes_back() -> None:
    diary = Diary(rate=0).live(1_200)
    states = [event.header("Ping-Status") for event in diary.events if event.subclass == "sofia::gateway_state"]
    assert states[:4] == ["DOWN", "UP", "DOWN", "UP"]


def test_agents_take_breaks() -> None:
    diary = Diary(rate=0).live(1_200)
    states = [event.header("CC-Agent-Status") for event in diary.events if event.subclass == "callcenter::info"]
    assert states[:2] == ["On Break", "Available"]
