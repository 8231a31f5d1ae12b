"""The walk through a new panel as a person meets it: on real chips (their model), in a terminal, and turned away."""

import contextlib
import errno
import fcntl
import io
import itertools
import os
import pty
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from led_renderer import wiring
from led_renderer.drivers import DriverOptions
from led_renderer.interview import Suggestion
from led_renderer.settings import Settings
from led_renderer.wire import ORIENTATIONS, ROTATIONS, Geometry, Orientation
from support.max7219_chain import Chain, Mounting, SpiBus, fake_spidev

# luma calls getdata(), which Pillow 14 will remove; Pillow is pinned below it.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")

DARK = (("." * 16) + "\n") * 8


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # no .env
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def spi_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "spidev0.0"
    path.touch()
    monkeypatch.setattr(DriverOptions, "spi_path", property(lambda _: path))
    return path


class Keyboard(io.StringIO):
    """A stdin that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def bus() -> Iterator[SpiBus]:
    with fake_spidev(SpiBus(Chain(Mounting(columns=2, turned=-90)))) as made:
        yield made


def walk(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], str], settings: Settings | None = None) -> int:
    monkeypatch.setattr(sys, "stdin", Keyboard())
    monkeypatch.setattr(wiring, "_ask", answer)
    return wiring.walk(settings or Settings())


def test_a_panel_is_walked_through_and_dark_afterwards(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spi_device: Path, bus: SpiBus
) -> None:
    seen: list[str] = []
    answers = iter(["2", "y", "left", "1", "y"])

    def answer(_: str) -> str:
        seen.append(bus.chain.visible())
        return next(answers)

    assert walk(monkeypatch, answer) == 0
    out = capsys.readouterr().out
    assert re.search(
        r"^LAMPFIELD_CASCADED=2\nLAMPFIELD_WIDTH=16\nLAMPFIELD_HEIGHT=8\nLAMPFIELD_BLOCK_ORIENTATION=-90\n"
        r"LAMPFIELD_ROTATE=0\nLAMPFIELD_REVERSE=off\n",
        out,
        re.MULTILINE,
    )
    assert max(map(len, out.splitlines())) <= wiring.COLUMNS
    assert seen[0] == seen[1] == DARK.replace(".", "#")
    assert len(set(seen)) == 3, "all lit, arrows, numbers"
    assert {module.registers[0xC] for module in bus.chain.modules} == {0}
    assert (bus.chain.visible(), bus.closed) == (DARK, True)
    assert max(module.registers[0xA] for module in bus.chain.modules) <= wiring.BRIGHTEST


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", [(8, 8), (32, 8), (32, 16)], ids=str)
def test_what_is_suggested_is_taken_by_the_settings(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], orientation: Orientation
) -> None:
    for rotate, reverse in itertools.product(ROTATIONS, (False, True)):
        geometry = Geometry(*size, orientation, rotate, reverse)
        for line in Suggestion(geometry).lines():
            monkeypatch.setenv(*line.split("="))
        assert Settings().geometry == geometry


@pytest.mark.parametrize("ending", [KeyboardInterrupt, EOFError], ids=["Ctrl-C", "Ctrl-D"])
def test_an_interruption_leaves_it_dark(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spi_device: Path,
    bus: SpiBus,
    ending: type[BaseException],
) -> None:
    def answer(_: str) -> str:
        assert "#" in bus.chain.visible()
        raise ending

    assert walk(monkeypatch, answer) == 0
    assert (bus.chain.visible(), bus.closed) == (DARK, True)
    assert capsys.readouterr().out.endswith("Ended; the panel is dark.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_it_dark(
    monkeypatch: pytest.MonkeyPatch, spi_device: Path, bus: SpiBus, number: signal.Signals
) -> None:
    def answer(_: str) -> str:
        os.kill(os.getpid(), number)
        raise AssertionError("the signal did not end it")

    assert walk(monkeypatch, answer) == 0
    assert bus.chain.visible() == DARK


def test_back_takes_an_answer_back_and_what_is_not_understood_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spi_device: Path, bus: SpiBus
) -> None:
    answers = iter(["back", "3", "back", "2", "maybe", "y", "quit"])
    assert walk(monkeypatch, lambda _: next(answers)) == 0
    out = capsys.readouterr().out
    assert out.count("How many modules") == 2
    assert "All 2 should be lit" in out
    assert "That is not understood; allowed: y, or how many are lit" in out


def test_a_bus_that_fails_meanwhile_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spi_device: Path, bus: SpiBus
) -> None:
    answers = iter(["2", "quit"])

    def answer(_: str) -> str:
        bus.broken = True
        return next(answers)

    assert walk(monkeypatch, answer) == 0
    assert "the SPI bus did not take the picture" in capsys.readouterr().out


def test_advice_is_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spi_device: Path, bus: SpiBus
) -> None:
    answers = iter(["2", "0"])
    assert walk(monkeypatch, lambda _: next(answers)) == 1
    assert "marked DIN, not DOUT" in " ".join(capsys.readouterr().out.split())


def test_settings_that_are_right_already_are_said_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spi_device: Path, bus: SpiBus
) -> None:
    answers = iter(["2", "y", "left", "1", "y"])
    assert walk(monkeypatch, lambda _: next(answers), Settings(cascaded=2)) == 0
    assert "The settings in force say so already." in capsys.readouterr().out


def test_without_a_terminal_it_refuses(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("4\n"))
    assert wiring.walk(Settings()) == 1
    assert capsys.readouterr().err == (
        "led-renderer wiring: it asks questions, and stdin is no terminal; run it in one\n"
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"spi_port": 9, "spi_device": 9}, "no /dev/spidev9.9; enable SPI"),
        ({"spi_port": 9, "spi_device": 9}, "For a dry run: LAMPFIELD_DRIVER=terminal led-renderer wiring"),
        ({"driver": "none"}, "LAMPFIELD_DRIVER is none"),
        ({"driver": "terminal"}, "stdout is no terminal"),
    ],
)
def test_it_says_why_it_cannot(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: dict[str, object], said: str
) -> None:
    assert walk(monkeypatch, lambda _: pytest.fail("asked"), Settings.model_validate(settings)) == 1
    assert said in capsys.readouterr().err


def test_a_renderer_that_has_the_panel_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spi_device: Path, bus: SpiBus
) -> None:
    monkeypatch.setattr("led_renderer.drivers.max7219.device_path", lambda *_: str(spi_device))
    with spi_device.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert walk(monkeypatch, lambda _: pytest.fail("asked")) == 1
    error = capsys.readouterr().err
    assert "another process drives this panel" in error
    assert "sudo systemctl stop led-renderer" in error
    assert bus.transfers == []


def test_the_dry_run_draws_a_panel_that_is_mounted_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    main, child = pty.openpty()
    fcntl.ioctl(child, 0x5414, b"\x18\x00\x50\x00\x00\x00\x00\x00")  # TIOCSWINSZ: 24 lines, 80 columns
    answers = iter(["2", "y", "down", "quit"])
    with os.fdopen(child, "w", encoding="utf-8") as screen:
        monkeypatch.setattr(sys, "stdout", screen)
        settings = Settings(driver="terminal", cascaded=2, block_orientation=180)
        assert walk(monkeypatch, lambda _: next(answers), settings) == 0
    shown = ""
    with contextlib.suppress(OSError):  # EIO: all that was written has been read
        while piece := os.read(main, 100_000):  # the kernel hands it over as it pleases
            shown += piece.decode()
    os.close(main)
    assert "│" in shown
    assert "dry run" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


def test_a_terminal_that_hangs_up_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, spi_device: Path, bus: SpiBus
) -> None:
    def gone(_: str) -> str:
        raise OSError(errno.EIO, "Input/output error")

    assert walk(monkeypatch, gone) == 0
    assert bus.chain.visible() == DARK
