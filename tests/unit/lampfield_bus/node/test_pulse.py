"""lampfield_bus.node.pulse."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from lampfield_bus.node.pulse import HEARTBEAT_MS, Pulse
from lampfield_bus.node.run import LogOnce, Now

ONCE = LogOnce(logging.getLogger("pulse"))


def now(monotonic: int) -> Now:
    return Now(1_795_388_313_000 + monotonic, monotonic, 0)


def test_it_beats_at_the_first_turn_and_then_every_five_seconds(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    pulse = Pulse(path, ONCE, SimpleNamespace(alive=True))
    seen = []
    for monotonic in (7, 8, 7 + HEARTBEAT_MS - 1, 7 + HEARTBEAT_MS):
        pulse.beat(now(monotonic))
        seen.append(int(path.read_text().split()[0]) - 1_795_388_313_000)
    assert seen == [7, 7, 7, 7 + HEARTBEAT_MS]
    pulse.stop()
    assert not path.exists()


def test_a_link_whose_thread_has_ended_ends_the_loop(tmp_path: Path) -> None:
    links = [SimpleNamespace(alive=True), SimpleNamespace(alive=True)]
    pulse = Pulse(tmp_path / "beat", ONCE, *links)
    pulse.beat(now(0))
    links[1].alive = False
    pulse.beat(now(HEARTBEAT_MS - 1))
    with pytest.raises(RuntimeError, match="a thread of the link has ended"):
        pulse.beat(now(HEARTBEAT_MS))


def test_a_file_that_cannot_be_written_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pulse = Pulse(tmp_path / "nowhere" / "beat", LogOnce(logging.getLogger("pulse")))
    pulse.beat(now(0))
    pulse.beat(now(HEARTBEAT_MS))
    assert caplog.text.count("the heartbeat file cannot be written") == 1
