"""Who lives, from one reading to the next."""

from home_assistant.lives import Lives
from lampfield_bus.node.arrivals import Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.life import LOST_MS
from support.home_assistant import health

NOW = 1_795_388_313_341


def test_a_display_and_a_switch_of_one_name_live_apart() -> None:
    lives = Lives()
    lives.receive(Message("switch/main/health", health(NOW)), NOW)
    assert (lives.lost("switch", "main", NOW), lives.lost("display", "main", NOW)) == (False, True)
    lives.receive(Message("display/main/health", health(NOW, "display")), NOW)
    assert not lives.lost("display", "main", NOW)


def test_what_is_read_counts_when_the_reading_has_ended() -> None:
    lives = Lives()
    lives.receive(Message("switch/a%2Fb/health", health(NOW)), NOW)
    lives.receive(ReadingBegan(), NOW)
    assert not lives.lost("switch", "a/b", NOW), "names are as people write them"
    lives.receive(ReadingEnded(complete=True), NOW)
    assert lives.lost("switch", "a/b", NOW), "nothing stored tells of it any more"


def test_what_is_of_no_part_is_nobody_s_life() -> None:
    lives = Lives()
    for topic in ("switch/main/info", "control/main/health", "nonsense"):
        lives.receive(Message(topic, b"x"), NOW)
    assert lives.lost("switch", "main", NOW)


def test_a_step_of_the_clock_in_the_middle_of_a_reading_moves_both() -> None:
    lives = Lives()
    lives.receive(Message("switch/main/health", health(NOW)), NOW)
    lives.receive(ReadingBegan(), NOW)
    lives.receive(Message("switch/main/health", health(NOW), retain=True), NOW)
    lives.step(3_600_000)
    lives.receive(ReadingEnded(complete=True), NOW + 3_600_000)
    assert not lives.lost("switch", "main", NOW + 3_600_000 + LOST_MS - 1)
    assert lives.lost("switch", "main", NOW + 3_600_000 + LOST_MS)
