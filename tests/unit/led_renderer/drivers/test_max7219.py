"""The MAX7219 driver, through the real luma and a fake spidev, against a model of the chips."""

import errno
import itertools
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from led_renderer.drivers import InUseError
from led_renderer.drivers.max7219 import REFRESH_SECONDS, RETRY_SECONDS, Max7219, open_max7219, probe
from led_renderer.frame import Frame
from led_renderer.wire import ORIENTATIONS, ROTATIONS, Geometry
from support.max7219_chain import Chain, Mounting, SpiBus, fake_spidev

# luma calls getdata(), which Pillow 14 will remove; Pillow is pinned below it.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")

FOUR_IN_ONE = Geometry(32, 8, -90)
EVERYTHING = 13  # transfers of a refresh: five control registers, eight digit rows


class Panel:
    """A driver, the bus it is on and a clock that stands still until it is moved."""

    def __init__(self, geometry: Geometry, bus: SpiBus) -> None:
        self.geometry = geometry
        self.bus = bus
        self.seconds = 1000.0
        self.driver = open_max7219(geometry, port=0, device=1, speed_hz=1_000_000, brightness=4)
        self.driver._monotonic = lambda: self.seconds
        self.driver._refresh_at = self.seconds + REFRESH_SECONDS

    def frame(self, seed: int) -> Frame:
        width, height = self.geometry.frame_size
        draw = random.Random(seed)
        return Frame(width, height, tuple(draw.getrandbits(width) for _ in range(height)))

    def show(self, frame: Frame) -> int:
        """Shows a frame; returns how many transfers that took."""
        before = self.bus.attempts
        self.driver.show(frame)
        return self.bus.attempts - before

    def sees(self, frame: Frame) -> bool:
        return self.bus.chain.visible() == str(frame)

    @property
    def intensities(self) -> set[int]:
        return {module.registers[0xA] for module in self.bus.chain.modules}


@pytest.fixture
def make() -> Iterator[Callable[..., Panel]]:
    buses = []

    def build(geometry: Geometry = FOUR_IN_ONE) -> Panel:
        mounting = Mounting(
            geometry.width // 8, geometry.height // 8, geometry.orientation, geometry.reverse, geometry.rotate
        )
        bus = SpiBus(Chain(mounting))
        # What a chip holds before it is told is anybody's guess.
        for index in range(len(bus.chain.modules)):
            bus.chain.brown_out(index)
        stack = fake_spidev(bus)
        stack.__enter__()
        buses.append(stack)
        return Panel(geometry, bus)

    yield build
    for stack in reversed(buses):
        stack.__exit__(None, None, None)


@pytest.fixture
def panel(make: Callable[..., Panel]) -> Panel:
    return make()


def test_it_opens_the_device_that_it_is_told_and_starts_dark(panel: Panel) -> None:
    assert panel.bus.opened == (0, 1)
    assert panel.sees(Frame(32, 8, (0,) * 8))
    for module in panel.bus.chain.modules:
        assert module.registers == {0x9: 0, 0xA: 4, 0xB: 7, 0xC: 1, 0xF: 0}
        assert module.digits == [0] * 8


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", [(8, 8), (32, 8), (128, 8), (32, 16)], ids=str)
def test_what_was_told_is_what_is_seen(make: Callable[..., Panel], size: tuple[int, int], orientation: int) -> None:
    for rotate, reverse in itertools.product(ROTATIONS, (False, True)):
        panel = make(Geometry(*size, orientation, rotate, reverse))  # type: ignore[arg-type]  # parametrize gives int
        for seed in (1, 2, 3):
            panel.show(panel.frame(seed))
            assert panel.sees(panel.frame(seed)), panel.geometry


@pytest.mark.parametrize("cascaded", range(1, 17))
def test_every_length_of_chain(make: Callable[..., Panel], cascaded: int) -> None:
    panel = make(Geometry(8 * cascaded, 8, -90))
    panel.show(panel.frame(5))
    assert panel.sees(panel.frame(5))
    assert {len(transfer) for transfer in panel.bus.transfers} == {2 * cascaded}


def test_an_unchanged_frame_sends_nothing(panel: Panel) -> None:
    panel.show(panel.frame(1))
    assert panel.show(panel.frame(1)) == 0


def test_a_changed_row_sends_one_transfer(panel: Panel) -> None:
    rows = list(panel.frame(1).rows)
    panel.show(Frame(32, 8, tuple(rows)))
    rows[3] ^= 0b1000
    assert panel.show(Frame(32, 8, tuple(rows))) == 1
    assert panel.sees(Frame(32, 8, tuple(rows)))


def test_a_new_brightness_is_one_transfer(panel: Panel) -> None:
    panel.show(panel.frame(1))
    panel.driver.brightness(15)
    assert (panel.show(panel.frame(1)), panel.intensities) == (1, {15})


def test_power_off_is_shutdown_and_blank_and_power_on_brings_the_frame_back(panel: Panel) -> None:
    panel.show(panel.frame(1))
    panel.driver.power(on=False)
    panel.show(panel.frame(1))
    assert {(module.registers[0xC], *module.digits) for module in panel.bus.chain.modules} == {(0,) * 9}
    panel.driver.power(on=True)
    panel.show(panel.frame(1))
    assert panel.sees(panel.frame(1))


def test_a_refresh_leaves_a_panel_that_is_off_dark(panel: Panel) -> None:
    panel.driver.power(on=False)
    panel.show(panel.frame(1))
    panel.seconds += REFRESH_SECONDS
    assert panel.show(panel.frame(1)) == EVERYTHING
    assert panel.sees(Frame(32, 8, (0,) * 8))


def test_everything_is_sent_again_every_minute(panel: Panel) -> None:
    panel.show(panel.frame(1))
    panel.seconds += REFRESH_SECONDS - 0.1
    assert panel.show(panel.frame(1)) == 0
    panel.seconds += 0.1
    assert panel.show(panel.frame(1)) == EVERYTHING
    assert panel.show(panel.frame(1)) == 0


def test_everything_is_sent_again_when_asked(panel: Panel) -> None:
    panel.show(panel.frame(1))
    panel.driver.refresh()
    assert panel.show(panel.frame(1)) == EVERYTHING


@pytest.mark.parametrize("index", range(4))
def test_a_module_that_lost_its_power_is_right_again_after_the_refresh(panel: Panel, index: int) -> None:
    panel.show(panel.frame(1))
    panel.bus.chain.brown_out(index)
    assert not panel.sees(panel.frame(1))
    panel.show(panel.frame(2))
    assert not panel.sees(panel.frame(2)), "new digit rows alone do not wake a module"
    panel.seconds += REFRESH_SECONDS
    panel.show(panel.frame(2))
    assert panel.sees(panel.frame(2))
    assert panel.intensities == {4}


@pytest.mark.parametrize("register", [0x9, 0xB, 0xC, 0xF])
def test_a_control_register_that_a_glitch_changed_is_right_again_after_the_refresh(panel: Panel, register: int) -> None:
    panel.show(panel.frame(1))
    panel.bus.chain.modules[2].registers[register] ^= 0x01
    assert not panel.sees(panel.frame(1))
    panel.seconds += REFRESH_SECONDS
    panel.show(panel.frame(1))
    assert panel.sees(panel.frame(1))


def test_a_module_that_lost_its_power_gets_its_picture_before_it_is_lit(panel: Panel) -> None:
    frame = panel.frame(1)
    panel.show(frame)
    panel.bus.chain.brown_out(1)
    panel.seconds += REFRESH_SECONDS
    panel.show(frame)
    assert [transfer[0] for transfer in panel.bus.transfers[-EVERYTHING:]] == [0xB, 0x9, 0xF, 0xA, *range(1, 9), 0xC]


@pytest.mark.parametrize("clocked", [0, 1, 3, 8])
@pytest.mark.parametrize("transfer", range(8))
def test_an_error_in_mid_frame_is_survived_and_the_panel_put_right(
    panel: Panel, caplog: pytest.LogCaptureFixture, transfer: int, clocked: int
) -> None:
    panel.show(panel.frame(1))
    panel.bus.failures[panel.bus.attempts + transfer] = clocked
    panel.show(panel.frame(2))
    assert (panel.driver.spi_errors, len(caplog.records)) == (1, 1)
    assert panel.show(panel.frame(3)) == 0, "it waits before it tries again"
    panel.seconds += RETRY_SECONDS[0]
    assert panel.show(panel.frame(3)) == EVERYTHING
    assert panel.sees(panel.frame(3))
    assert panel.show(panel.frame(3)) == 0


def test_errors_that_stay_are_logged_once_and_tried_less_and_less_often(
    panel: Panel, caplog: pytest.LogCaptureFixture
) -> None:
    panel.bus.broken = True
    pauses, last = [], panel.seconds
    for _ in range(400):
        if panel.show(panel.frame(1)):
            pauses.append(panel.seconds - last)
            last = panel.seconds
        panel.seconds += 0.125
    assert pauses[:6] == [0, 0.5, 1, 2, 4, 5]
    assert set(pauses[5:]) == {5.0}
    assert (panel.driver.spi_errors, len(caplog.records)) == (len(pauses), 1)
    panel.bus.broken = False
    panel.seconds += RETRY_SECONDS[1]
    panel.show(panel.frame(1))
    assert panel.sees(panel.frame(1))


def test_an_error_while_the_brightness_or_the_power_changes_is_made_up_for(panel: Panel) -> None:
    panel.show(panel.frame(1))
    panel.driver.brightness(9)
    panel.driver.power(on=False)
    panel.bus.failures[panel.bus.attempts + 1] = 0
    panel.show(panel.frame(1))
    panel.driver.power(on=True)
    panel.seconds += RETRY_SECONDS[0]
    panel.show(panel.frame(1))
    assert (panel.sees(panel.frame(1)), panel.intensities) == (True, {9})


def test_a_device_that_vanishes_and_comes_back_is_opened_again(panel: Panel, caplog: pytest.LogCaptureFixture) -> None:
    panel.show(panel.frame(1))
    panel.bus.vanished = True
    for _ in range(8):
        panel.show(panel.frame(2))
        panel.seconds += RETRY_SECONDS[1]
    assert (len(caplog.records), panel.driver.spi_errors) == (1, 8)
    panel.bus.vanished = False
    panel.bus.chain.brown_out(3)
    panel.show(panel.frame(2))
    assert panel.sees(panel.frame(2))
    panel.driver.close()
    assert panel.bus.closed


def test_a_short_write_is_an_error_like_any_other(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*_: object) -> None:
        raise SystemError("<method 'writebytes2'> returned NULL without setting an exception")

    panel.show(panel.frame(1))
    with monkeypatch.context() as patch:
        patch.setattr(panel.bus, "write", short)
        panel.show(panel.frame(2))
        assert panel.driver.spi_errors == 1
    panel.seconds += RETRY_SECONDS[0]
    panel.show(panel.frame(2))
    assert panel.sees(panel.frame(2))


@pytest.mark.parametrize("modules", [64, 256])
def test_no_transfer_is_longer_than_spidev_takes_at_once(make: Callable[..., Panel], modules: int) -> None:
    """4096 bytes (spidev's bufsiz); a transfer in two pieces would raise CS between them."""
    panel = make(Geometry(8 * modules, 8, -90))
    panel.show(panel.frame(1))
    assert {len(transfer) for transfer in panel.bus.transfers} == {2 * modules}
    assert 2 * modules <= 4096


def test_bytes_are_counted(panel: Panel) -> None:
    for seed in range(3):
        panel.show(panel.frame(seed))
    assert panel.driver.spi_bytes == panel.bus.sent


def test_after_close_the_panel_is_dark_and_the_bus_is_given_back(panel: Panel) -> None:
    panel.show(panel.frame(1))
    panel.driver.close()
    assert {(module.registers[0xC], *module.digits) for module in panel.bus.chain.modules} == {(0,) * 9}
    assert panel.bus.closed


def test_close_tries_again_when_the_bus_fails_and_never_raises(panel: Panel) -> None:
    panel.show(panel.frame(1))
    panel.bus.failures[panel.bus.attempts + 3] = 5
    panel.driver.close()
    assert panel.sees(Frame(32, 8, (0,) * 8))


def test_close_of_a_dead_bus_does_not_raise(panel: Panel) -> None:
    panel.bus.broken = True
    panel.driver.close()
    assert (panel.driver.spi_errors, panel.bus.closed) == (3, True)


def test_a_frame_of_another_size_is_refused(panel: Panel) -> None:
    with pytest.raises(ValueError, match="16x8 does not fit"):
        panel.driver.show(Frame(16, 8, (0,) * 8))


def test_a_bus_that_fails_at_once_is_no_panel() -> None:
    bus = SpiBus(Chain(Mounting()), broken=True)
    with fake_spidev(bus), pytest.raises(ConnectionError, match=r"/dev/spidev0\.0: .*Input/output error"):
        open_max7219(FOUR_IN_ONE, port=0, device=0, speed_hz=1_000_000, brightness=4)
    assert bus.closed


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), "SPI device not found"),
        (PermissionError(errno.EACCES, "Permission denied"), "must be in the group spi"),
    ],
    ids=["missing", "forbidden"],
)
def test_a_device_that_does_not_open_is_told(monkeypatch: pytest.MonkeyPatch, error: OSError, said: str) -> None:
    class Closed:
        def open(self, port: int, device: int) -> None:
            raise error

    module = ModuleType("spidev")
    module.SpiDev = Closed  # type: ignore[attr-defined]  # a module made here has what we give it
    monkeypatch.setitem(sys.modules, "spidev", module)
    with pytest.raises(ConnectionError, match=said):
        open_max7219(FOUR_IN_ONE, port=0, device=0, speed_hz=1_000_000, brightness=4)


def test_without_spidev_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spidev", None)
    with pytest.raises(ConnectionError, match="spidev is not installed"):
        open_max7219(FOUR_IN_ONE, port=0, device=0, speed_hz=1_000_000, brightness=4)


def test_the_driver_takes_any_luma_serial_interface() -> None:
    class Recorder:
        transfers: list[bytes]

        def __init__(self) -> None:
            self.transfers = []

        def data(self, data: bytes) -> None:
            self.transfers.append(bytes(data))

        def cleanup(self) -> None:
            self.transfers.append(b"closed")

    serial = Recorder()
    driver = Max7219(Geometry(8, 8), serial)
    driver.caption("nowhere to be seen")
    driver.close()
    assert serial.transfers[-1] == b"closed"


def test_a_second_process_is_told_that_the_panel_is_in_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "spidev0.0"
    file.touch()
    monkeypatch.setattr("led_renderer.drivers.max7219.device_path", lambda *_: str(file))
    bus = SpiBus(Chain(Mounting()))
    with fake_spidev(bus):
        first = open_max7219(FOUR_IN_ONE, port=0, device=0, speed_hz=1_000_000, brightness=4)
        sent = bus.sent
        with pytest.raises(InUseError, match="another process drives this panel"):
            probe(port=0, device=0, speed_hz=1_000_000)
        assert bus.sent == sent, "and not a byte disturbs the first"
        first.close()
        probe(port=0, device=0, speed_hz=1_000_000)


def test_a_panel_that_does_not_take_the_bytes_is_not_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "spidev0.0"
    file.touch()
    monkeypatch.setattr("led_renderer.drivers.max7219.device_path", lambda *_: str(file))
    bus = SpiBus(Chain(Mounting()), broken=True)
    with fake_spidev(bus):
        for _ in range(2):
            with pytest.raises(ConnectionError, match="Input/output error"):
                open_max7219(FOUR_IN_ONE, port=0, device=0, speed_hz=1_000_000, brightness=4)
