"""Frame to SPI bytes, against luma's display() on the same pictures; and what a panel costs while it hangs there.

Pushing is measured on a serial interface that counts bytes and drops them: what SPI itself takes depends on its clock.
The still and the scrolling panel are a real led-renderer on a real broker, whose CPU time /proc tells.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from luma.led_matrix.device import max7219
from PIL import Image

from lampfield_bus.messages import DisplayHealth
from led_renderer.drivers.max7219 import Max7219
from led_renderer.frame import Frame
from led_renderer.wire import Geometry, Orientation
from measure import Row, side_by_side
from support.broker import Broker, Bus
from support.renderer import Renderer, tell_health, tell_switch

__all__ = ["rows"]

SIZE = (32, 8)
TICKS = os.sysconf("SC_CLK_TCK")


class Serial:
    """What luma and our driver send to; counts and drops."""

    def __init__(self) -> None:
        self.bytes = 0

    def command(self, *_: int) -> None:
        """A MAX7219 has no commands apart from data."""

    def data(self, transfer: Any) -> None:
        """One transfer."""
        self.bytes += len(transfer)

    def cleanup(self) -> None:
        """Nothing to give back."""


def picture(frame: Frame) -> Image.Image:
    """The same pixels as luma takes them."""
    lit = bytes(255 * frame.lit(x, y) for y in range(frame.height) for x in range(frame.width))
    return Image.frombytes("L", (frame.width, frame.height), lit).convert("1")


def alternating(show: Callable[[Any], None], shown: list[Any]) -> Callable[[], None]:
    """Shows one after the other, over and over."""
    state = 0

    def work() -> None:
        nonlocal state
        state = (state + 1) % len(shown)
        show(shown[state])

    return work


# One picture, and what follows on it: every row, one digit register (a column of one module at 0 degrees, a row of it
# at -90: one pixel is in one register, however the module is turned), nothing.
FIRST = Frame(*SIZE, [0xAAAAAAAA, 0x55555555] * 4)
CASES = {
    "all rows changed": [FIRST, FIRST.inverted()],
    "one digit register changed": [FIRST, FIRST.over(Frame(1, 1, [1]), 1, 0)],
    "nothing changed": [FIRST, Frame(*SIZE, FIRST.rows)],
}
LIMITS = {
    ("all rows changed", -90): ("≤ 1/3", 1 / 3),
    ("all rows changed", 0): ("≤ 0.8", 0.8),
    ("one digit register changed", -90): ("≤ 1/5", 0.2),
    ("one digit register changed", 0): ("≤ 1/5", 0.2),
}


def push(case: str, orientation: Orientation) -> Row:
    """One 32x8 frame, ours against luma's."""
    frames = CASES[case]
    ours, theirs = Serial(), Serial()
    driver = Max7219(Geometry(*SIZE, orientation), ours)
    device = max7219(theirs, width=SIZE[0], height=SIZE[1], block_orientation=orientation)
    device.persist = True  # nothing to put out at exit
    calls = 2_000
    contenders: dict[str, Callable[[], object]] = {
        "lampfield": alternating(driver.show, frames),
        "luma": alternating(device.display, [picture(frame) for frame in frames]),
    }
    driver.show(frames[0])
    before = ours.bytes
    times = side_by_side(contenders, calls=calls)
    sent = (ours.bytes - before) / (7 * calls + 1)
    ratios = sorted(times["lampfield"].median / value for value in times["luma"])
    ratio = times["lampfield"].median / times["luma"].median
    each = {name: f"{value.median * 1e6:.1f} µs" for name, value in times.items()}
    figure = (
        f"{ratio:.2f} of luma's ({ratios[0]:.2f}-{ratios[-1]:.2f}): {each['lampfield']} against {each['luma']};"
        f" {sent:.0f} bytes against 64"
    )
    what = f"push one 32x8 frame at {orientation}°, {case}"
    if case == "nothing changed":
        return Row(what, figure, "nothing is sent", sent == 0)
    target, limit = LIMITS[case, orientation]
    return Row(what, figure, target, ratio <= limit)


def cpu_seconds(pid: int) -> float:
    """What a process has used, its threads together (proc(5): utime and stime are fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Watch(NamedTuple):
    """A panel between two of its health messages, 15 s apart."""

    cpu: float  # share of a core
    wakes: int  # of the loop's thread
    frames: int
    skipped: int
    spi_bytes: int


def wakes(pid: int) -> int:
    """How often a process's main thread has waited for something (proc(5): voluntary_ctxt_switches)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


# What `import spidev` finds: a device that takes everything.
_SPIDEV = """
class SpiDev:
    max_speed_hz = mode = 0

    def open(self, port, device):
        pass

    def writebytes(self, values):
        pass

    writebytes2 = writebytes

    def close(self):
        pass
"""


def watch(modules: int, *commands: tuple[str, str]) -> Watch:
    """A renderer with so many modules that has been given these commands, while nothing else happens."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "spidev.py").write_text(_SPIDEV, encoding="utf-8")
        broker = Broker(directory / "broker").start()
        try:
            with (
                Bus(broker.host, broker.port) as bus,
                Renderer(
                    broker, directory, "bench", DRIVER="max7219", CASCADED=str(modules), FRAME_HZ="5", MAX_HIDE="3600"
                ) as renderer,
            ):
                tell_switch(bus, active=3)
                bus.subscribe("display/bench/#")
                bus.wait_for(lambda: bus.payloads("display/bench/info"))
                for verb, payload in commands:
                    bus.publish(f"display/bench/cmd/{verb}", payload)
                assert renderer.process is not None
                return between(bus, renderer.process.pid)
        finally:
            broker.kill()


def between(bus: Bus, pid: int) -> Watch:
    """From the next health message to the one after it. Those before are the start's."""
    readings: list[tuple[float, float, int, DisplayHealth]] = []
    known = len(bus.payloads("display/bench/health"))
    for number in (known + 1, known + 2):
        bus.wait_for(lambda number=number: len(bus.payloads("display/bench/health")) >= number, 20)  # type: ignore[misc] # mypy cannot tell a lambda's default
        tell_health(bus)  # or the switch is lost after 45 s, and stale after 30
        last = msgspec.json.decode(bus.payloads("display/bench/health")[-1], type=DisplayHealth)
        readings.append((time.monotonic(), cpu_seconds(pid), wakes(pid), last))
    (began, used, woke, first), (ended, used_then, woke_then, last) = readings
    return Watch(
        (used_then - used) / (ended - began),
        woke_then - woke,
        last.frames - first.frames,
        last.skipped_frames - first.skipped_frames,
        last.spi_bytes - first.spi_bytes,
    )


def still() -> list[Row]:
    """The calls page, and nothing happens."""
    seen = watch(4, ("page", "calls"))
    figure = (
        f"{seen.cpu:.2%} of a core; in 15 s {seen.frames} frames and {seen.spi_bytes} SPI bytes, and the loop's thread"
        f" woke {seen.wakes} times (once a second it looks at the clock)"
    )
    return [Row("a still page", figure, "< 1 %, none, none", seen.cpu < 0.01 and not seen.frames + seen.spi_bytes)]


def scrolling() -> list[Row]:
    """A text that is wider than 64 modules, at 30 columns a second."""
    text = "The quick brown fox jumps over the lazy dog. " * 12
    seen = watch(64, ("notify", f'{{"text": "{text}", "seconds": 600}}'))
    figure = (
        f"{seen.cpu:.1%} of a core; in 15 s {seen.frames} frames, {seen.skipped} skipped,"
        f" {seen.spi_bytes / max(seen.frames, 1):.0f} SPI bytes a frame (8 registers of 64 modules are 1024)"
    )
    return [Row("64 modules scrolling at 30 frames/s", figure, "≤ 10 % of a core", seen.cpu <= 0.1)]


def rows() -> list[Row]:
    """Every figure of the panel."""
    pushes = [push(case, orientation) for orientation in (-90, 0) for case in CASES]
    return [*pushes, *still(), *scrolling()]
