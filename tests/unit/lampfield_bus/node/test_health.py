"""lampfield_bus.node.health."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lampfield_bus.node.health import Heartbeat, answer, check, main, rss_bytes

NOW = 1_795_389_113_341


def beating(path: Path, clock: Callable[[], int] = lambda: 0) -> Heartbeat:
    """A heartbeat that was just touched."""
    heartbeat = Heartbeat(path, clock)
    heartbeat.touch(NOW)
    return heartbeat


def test_a_fresh_heartbeat_is_healthy_and_an_old_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    beating(path)
    assert check(path, lambda: 1_500) == (0, "healthy: heartbeat 1.5 s old", None)
    assert check(path, lambda: 15_000).status == 0
    why = "not healthy: the last heartbeat was 16 s ago, at 2026-11-22T23:11:53.341Z"
    assert check(path, lambda: 16_000) == (1, why, None)


def test_the_limit_is_the_callers(tmp_path: Path) -> None:
    beating(tmp_path / "beat")
    assert check(tmp_path / "beat", lambda: 3_000, max_age=2.0).status == 1


def test_whoever_is_silent_for_long_has_hung(tmp_path: Path) -> None:
    beating(tmp_path / "beat")
    assert check(tmp_path / "beat", lambda: 45_000).hung is None
    assert check(tmp_path / "beat", lambda: 45_001).hung == os.getpid()


def test_a_heartbeat_from_before_the_machine_started_is_none(tmp_path: Path) -> None:
    """A file in a /tmp that is no tmpfs: its monotonic instant is ahead of ours."""
    beating(tmp_path / "beat", lambda: 60_000)
    assert check(tmp_path / "beat", lambda: 59_000) == (
        1,
        "not healthy: the last heartbeat, at 2026-11-22T23:11:53.341Z, was before this machine started",
        None,
    )


@pytest.mark.parametrize("wall", [0, 4_000_000_000_000])
def test_a_clock_that_was_set_makes_nobody_ill(tmp_path: Path, wall: int) -> None:
    Heartbeat(tmp_path / "beat").touch(wall)
    assert check(tmp_path / "beat").status == 0


def stopped_child(path: Path, age: int) -> subprocess.Popen[bytes]:
    """A process that stands still, and whose heartbeat is `age` ms old."""
    child = subprocess.Popen(["sleep", "60"])
    child.send_signal(signal.SIGSTOP)
    path.write_text(f"{NOW} {time.monotonic_ns() // 1_000_000 - age} {child.pid}\n", encoding="ascii")
    return child


def test_what_hangs_is_ended_where_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    child = stopped_child(tmp_path / "beat", 46_000)
    try:
        assert answer(tmp_path / "beat") == 1
        assert child.poll() is None
        assert answer(tmp_path / "beat", end_hung=True) == 1
        assert child.wait(5) == -signal.SIGKILL
        assert f"it hangs: killed process {child.pid}" in capsys.readouterr().out
        assert answer(tmp_path / "beat", end_hung=True) == 1
        assert "cannot be killed: No such process" in capsys.readouterr().out
    finally:
        child.kill()
        child.wait(5)


def test_the_images_own_check_takes_the_file_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beating(tmp_path / "beat", lambda: time.monotonic_ns() // 1_000_000)
    assert main([], {"LAMPFIELD_HEARTBEAT_FILE": str(tmp_path / "beat")}) == 0
    assert "healthy" in capsys.readouterr().out
    assert main([], {}) == 2
    assert main(["check"], {"LAMPFIELD_HEARTBEAT_FILE": str(tmp_path / "beat")}) == 2
    assert "LAMPFIELD_HEARTBEAT_FILE" in capsys.readouterr().err


def test_what_is_only_late_is_left_alone(tmp_path: Path) -> None:
    child = stopped_child(tmp_path / "beat", 30_000)
    try:
        assert answer(tmp_path / "beat", end_hung=True) == 1
        assert child.poll() is None
    finally:
        child.kill()
        child.wait(5)


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_as_well(tmp_path: Path, abstract: bool) -> None:
    name = f"@lampfield-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(name.replace("@", "\0"))
        supervisor.settimeout(5)
        Heartbeat(tmp_path / "beat", environment={"NOTIFY_SOCKET": name}).touch(NOW)
        assert supervisor.recv(100) == b"READY=1\nWATCHDOG=1"


def test_a_supervisor_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    Heartbeat(tmp_path / "beat", environment={"NOTIFY_SOCKET": str(tmp_path / "gone")}).touch(NOW)
    assert check(tmp_path / "beat").status == 0


def test_without_a_heartbeat_it_is_not_healthy(tmp_path: Path) -> None:
    assert check(tmp_path / "beat")[1].startswith("not healthy: no heartbeat in")


@pytest.mark.parametrize("content", [b"", b"soon", b"\xff\xfe", b"9" * 40, b"1 2", b"1 2 3 4"])
def test_a_file_of_nonsense_is_not_healthy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "beat").write_bytes(content)
    status, why, _ = check(tmp_path / "beat")
    assert status == 1
    assert why == f"not healthy: {tmp_path / 'beat'} is unreadable: no heartbeat of this version"


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


def test_what_is_no_file_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    """As root, a heartbeat in /dev/null took the device away from the whole machine. A pipe stands for it here."""
    pipe = tmp_path / "null"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="is no regular file"):
        Heartbeat(pipe).touch(NOW)
    Heartbeat(pipe).remove()
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]
