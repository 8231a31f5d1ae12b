"""The choice among the drivers."""

import io
from pathlib import Path

import pytest

from led_renderer import drivers
from led_renderer.drivers import DriverOptions, open_driver
from led_renderer.wire import Geometry
from support.max7219_chain import Chain, Mounting, SpiBus, fake_spidev

# luma calls getdata(), which Pillow 14 will remove; Pillow is pinned below it.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def options() -> DriverOptions:
    return DriverOptions(Geometry(32, 8, -90), brightness=4, spi_port=9, spi_device=9, spi_speed_hz=1_000_000)


@pytest.fixture
def spi_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "spidev9.9").touch()
    monkeypatch.setattr(DriverOptions, "spi_path", property(lambda _: tmp_path / "spidev9.9"))


@pytest.mark.parametrize("name", ["terminal", "none"])
def test_a_driver_is_opened_by_its_name(options: DriverOptions, name: drivers.DriverName) -> None:
    assert open_driver(name, options, io.StringIO()).name == name


def test_auto_takes_the_panel_where_there_is_one(options: DriverOptions, spi_device: None) -> None:
    with fake_spidev(SpiBus(Chain(Mounting()))):
        assert open_driver("auto", options, Terminal()).name == "max7219"


def test_auto_says_why_a_panel_does_not_work_and_goes_on(
    options: DriverOptions, spi_device: None, caplog: pytest.LogCaptureFixture
) -> None:
    with fake_spidev(SpiBus(Chain(Mounting()), broken=True)):
        assert open_driver("auto", options, io.StringIO()).name == "none"
    assert "Input/output error" in caplog.text


def test_auto_takes_the_terminal_where_there_is_no_panel(
    options: DriverOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert open_driver("auto", options, Terminal()).name == "terminal"


def test_auto_draws_nothing_where_there_is_neither(options: DriverOptions) -> None:
    assert open_driver("auto", options, io.StringIO()).name == "none"


def test_a_panel_that_was_asked_for_must_be_there(options: DriverOptions, spi_device: None) -> None:
    with fake_spidev(SpiBus(Chain(Mounting()), broken=True)), pytest.raises(ConnectionError):
        open_driver("max7219", options, Terminal())
