"""lampfield_bus.node.health."""

from pathlib import Path

import pytest

from lampfield_bus.node.health import Heartbeat, check, rss_bytes

NOW = 1_795_389_113_341


def test_a_fresh_heartbeat_is_healthy_and_an_old_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    Heartbeat(path).touch(NOW)
    assert check(path, NOW + 1_500) == (0, "healthy: heartbeat 1.5 s old")
    assert check(path, NOW + 15_000)[0] == 0
    status, why = check(path, NOW + 16_000)
    assert (status, why) == (1, "not healthy: the last heartbeat was 16 s ago, at 2026-11-22T23:11:53.341Z")


def test_the_limit_is_the_callers(tmp_path: Path) -> None:
    Heartbeat(tmp_path / "beat").touch(NOW)
    assert check(tmp_path / "beat", NOW + 3_000, max_age=2.0)[0] == 1


def test_a_heartbeat_from_the_future_is_fresh(tmp_path: Path) -> None:
    """The clock was stepped back: the next touch will tell."""
    Heartbeat(tmp_path / "beat").touch(NOW)
    assert check(tmp_path / "beat", NOW - 60_000) == (0, "healthy: heartbeat 0.0 s old")


def test_without_a_heartbeat_it_is_not_healthy(tmp_path: Path) -> None:
    assert check(tmp_path / "beat", NOW)[1].startswith("not healthy: no heartbeat in")


@pytest.mark.parametrize("content", [b"", b"soon", b"\xff\xfe", b"9" * 40])
def test_a_file_of_nonsense_is_not_healthy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "beat").write_bytes(content)
    status, why = check(tmp_path / "beat", NOW)
    assert status == 1
    assert "unreadable" in why


def test_touching_leaves_one_file_and_no_half_ones(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path / "beat")
    for second in range(5):
        heartbeat.touch(NOW + 1000 * second)
    assert [path.name for path in tmp_path.iterdir()] == ["beat"]
    heartbeat.remove()
    heartbeat.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_heartbeat_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        Heartbeat(tmp_path / "missing" / "beat").touch(NOW)
    (tmp_path / "beat").mkdir()
    with pytest.raises(OSError, match="beat"):
        Heartbeat(tmp_path / "beat").touch(NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["beat"]


def test_this_process_needs_some_memory() -> None:
    assert 1_000_000 < rss_bytes() < 10_000_000_000
