"""A cascade of MAX7219 modules on SPI, through luma.led_matrix. Draws nothing: it only carries registers.

luma opens the bus and initialises the chips. Frames are then sent by us, because luma sends all eight digit registers
every time and its control registers never again, while modules forget both when their supply dips (luma.led_matrix
issues 150 and 217). An SPI error never leaves this module.

Linux lets any number of processes write to one spidev, and two of them make garbage. So whoever opens the panel locks
its device file (flock: it ends with the process, however that ends), and a second one is told.
"""

import contextlib
import errno
import fcntl
import logging
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from luma.core.error import Error as LumaError
from luma.core.interface.serial import noop, spi
from luma.led_matrix.const import max7219 as registers
from luma.led_matrix.device import max7219

from led_renderer.drivers import InUseError
from led_renderer.frame import Frame
from led_renderer.wire import Geometry, Wire

__all__ = ["REFRESH_SECONDS", "RETRY_SECONDS", "Max7219", "device_path", "open_max7219", "probe"]

REFRESH_SECONDS: Final = 60.0
RETRY_SECONDS: Final = (0.5, 5.0)  # first and longest pause after an SPI error; doubled in between
_ALL_DIGITS: Final = 7
_INIT_TRANSFERS: Final = 13  # luma's: scan limit, decode, test, intensity, eight digits, shutdown
_DARK_ATTEMPTS: Final = 3
# What spidev says of a device that was unbound (Linux, drivers/spi/spidev.c): this file is dead, a new one may work.
_GONE: Final = (errno.ESHUTDOWN, errno.ENODEV, errno.ENXIO)

_log = logging.getLogger(__name__)


def open_max7219(geometry: Geometry, *, port: int, device: int, speed_hz: int, brightness: int) -> "Max7219":
    """The panel at /dev/spidev<port>.<device>, initialised and blank.

    Raises ConnectionError when there is no such device, no right to use it, no spidev, or it does not take the bytes;
    InUseError when another process has it.
    """
    serial = _open_bus(port, device, speed_hz)
    try:
        return Max7219(geometry, serial, brightness=brightness, reopen=lambda: _open_bus(port, device, speed_hz))
    except OSError as error:
        serial.cleanup()
        raise ConnectionError(f"{device_path(port, device)}: {error}") from None


def device_path(port: int, device: int) -> str:
    """The file that spidev opens."""
    return f"/dev/spidev{port}.{device}"


def probe(*, port: int, device: int, speed_hz: int) -> None:
    """Opens the bus and closes it again, without a byte to the panel. Raises ConnectionError as `open_max7219`."""
    _open_bus(port, device, speed_hz).cleanup()


class _Bus(spi):  # type: ignore[misc] # luma ships no types
    """luma's SPI with the lock on its device file; both are given back together."""

    def __init__(self, port: int, device: int, speed_hz: int, lock: int | None) -> None:
        # A MAX7219 has neither a D/C nor a reset line; noop() keeps luma away from GPIO.
        super().__init__(port=port, device=device, bus_speed_hz=speed_hz, gpio=noop(), gpio_DC=None, gpio_RST=None)
        self._lock = lock

    def _write_bytes(self, data: bytes) -> None:
        """One transfer. `writebytes2` takes the bytes as they are and lets other threads run meanwhile."""
        try:
            self._spi.writebytes2(data)
        except (
            SystemError
        ):  # spidev 3.8 raises nothing at all when fewer bytes were taken (spidev_module.c, writebytes2)
            raise OSError(errno.EIO, "short write") from None

    def cleanup(self) -> None:
        super().cleanup()
        lock, self._lock = self._lock, None
        _unlock(lock)


def _open_bus(port: int, device: int, speed_hz: int) -> _Bus:
    where = device_path(port, device)
    lock = _lock(where)
    try:
        return _Bus(port, device, speed_hz, lock)
    except ImportError:
        problem = "the Python package spidev is not installed"
    except PermissionError:
        problem = "permission denied; the user must be in the group spi"
    except (OSError, LumaError) as error:
        problem = str(error)
    _unlock(lock)
    raise ConnectionError(f"{where}: {problem}")


def _lock(path: str) -> int | None:
    """The locked file; None when it does not open, which spidev will explain. Raises InUseError."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise InUseError(f"{path}: another process drives this panel (a running led-renderer?).") from None
    return file


def _unlock(file: int | None) -> None:
    if file is not None:
        os.close(file)


class Max7219:
    """Shows frames on the chain behind a luma serial interface (`data(bytes)` is one transfer, `cleanup()` closes it).

    What is to be shown is only noted by `brightness` and `power`; `show` sends what changed since the last time. Power
    off is blank digits and the shutdown register: a module that falls out of shutdown on its own stays dark too.
    """

    name: Final = "max7219"

    def __init__(
        self,
        geometry: Geometry,
        serial: Any,
        *,
        brightness: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
        reopen: Callable[[], Any] | None = None,
    ) -> None:
        """Initialises the chips; raises OSError when the bus does not take the bytes.

        `reopen` gives a new serial interface, or raises OSError, after the device has vanished.
        """
        self._wire = Wire(geometry)
        self._size = geometry.frame_size
        self._monotonic = monotonic
        self._serial = serial
        self._reopen = reopen
        self._gone = False
        # Geometry stays ours: luma only blanks the panel, and it cannot do even that on a reversed wall of two rows.
        self._device = max7219(serial, width=geometry.width, height=geometry.height, contrast=brightness << 4)
        self.spi_bytes = _INIT_TRANSFERS * 2 * geometry.modules
        self.spi_errors = 0
        self._blank: tuple[int, ...] = (0,) * self._size[1]
        self._rows: Sequence[int] = self._blank  # what the digit registers hold
        self._digits = self._wire.digits(self._blank)
        self._intensity = self._sent_intensity = brightness
        self._on = self._sent_on = True
        self._refresh_at = monotonic() + REFRESH_SECONDS
        self._pause = 0.0  # seconds until the next attempt after an error; 0: the last transfer went well

    def show(self, frame: Frame) -> None:
        """Sends the digit registers that differ from what the chips hold, or all registers when a refresh is due."""
        if (frame.width, frame.height) != self._size:
            raise ValueError(f"frame: {frame.width}x{frame.height} does not fit a panel of {self._size}")
        rows = frame.rows if self._on else self._blank
        now = self._monotonic()
        if self._pause and now < self._refresh_at:
            return
        try:
            if self._gone:
                self._open_again()
            if now >= self._refresh_at:
                self._send_everything(rows)
                self._refresh_at = now + REFRESH_SECONDS
            else:
                self._send_changes(rows)
        except OSError as error:
            self._failed(error, now)
        else:
            self._succeeded()

    def brightness(self, level: int) -> None:
        """The intensity from the next `show` on: 0 (dim, not dark) to 15."""
        self._intensity = level

    def power(self, *, on: bool) -> None:
        """Lit or dark from the next `show` on."""
        self._on = on

    def caption(self, text: str) -> None:
        """A panel has no place for one."""

    def refresh(self) -> None:
        """Has the next `show` send every register again."""
        self._refresh_at = self._monotonic()

    def close(self) -> None:
        """Leaves the panel dark, as far as the bus still takes bytes, and closes the bus."""
        self._device.persist = True  # luma's own exit hook has nothing left to do
        for _ in range(_DARK_ATTEMPTS):
            try:
                self._control(registers.SHUTDOWN, 0)
                self._send_digits(self._wire.digits(self._blank))
                break
            except OSError as error:
                self.spi_errors += 1
                _log.warning("the panel may stay lit: %s", error)
        self._serial.cleanup()

    def _send_everything(self, rows: Sequence[int]) -> None:
        """In luma's order: a module that lost its power gets its picture before it is lit."""
        self._control(registers.SCANLIMIT, _ALL_DIGITS)
        self._control(registers.DECODEMODE, 0)
        self._control(registers.DISPLAYTEST, 0)
        self._control(registers.INTENSITY, self._intensity)
        self._send_digits(self._wire.digits(rows))
        self._control(registers.SHUTDOWN, int(self._on))
        self._rows = rows
        self._sent_intensity, self._sent_on = self._intensity, self._on

    def _send_changes(self, rows: Sequence[int]) -> None:
        if self._intensity != self._sent_intensity:
            self._control(registers.INTENSITY, self._intensity)
            self._sent_intensity = self._intensity
        if not self._on and self._sent_on:  # dark at once, and only then blank
            self._control(registers.SHUTDOWN, 0)
        if rows != self._rows:
            self._send_digits(self._wire.digits(rows), self._digits)
            self._rows = rows
        if self._on and not self._sent_on:
            self._control(registers.SHUTDOWN, 1)
        self._sent_on = self._on

    def _send_digits(self, digits: list[bytes], held: list[bytes] | None = None) -> None:
        for digit, data in enumerate(digits):
            if held is None or data != held[digit]:
                self._send(self._wire.transfer(digit, data))
        self._digits = digits

    def _control(self, register: int, value: int) -> None:
        self._send(self._wire.control(register, value))

    def _send(self, transfer: bytes) -> None:
        self._serial.data(transfer)
        self.spi_bytes += len(transfer)

    def _open_again(self) -> None:
        """The device has vanished; it may be back."""
        if self._reopen is not None:
            with contextlib.suppress(OSError):
                self._serial.cleanup()
            self._serial = self._reopen()
        self._gone = False

    def _failed(self, error: OSError, now: float) -> None:
        """The chips may hold anything now: only a full refresh puts them right."""
        self.spi_errors += 1
        self._gone = self._gone or error.errno in _GONE
        if not self._pause:
            _log.warning("SPI error: %s; trying again until it works", error)
        first, longest = RETRY_SECONDS
        self._pause = min(self._pause * 2 or first, longest)
        self._refresh_at = now + self._pause

    def _succeeded(self) -> None:
        if self._pause:
            _log.info("SPI works again")
            self._pause = 0.0
