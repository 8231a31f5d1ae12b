"""A text that scrolls by one column, ours against luma's, on chains of 1 to 64 modules; and a whole picture pushed.

luma's are its own two ways: `viewport.set_position`, which shows the next column of a picture that was drawn once, and
`show_message`, which draws that picture and then does so for every column. Ours is what the display does for a column:
look up the cached strip, shift it, find the registers that differ, send those. Transfers are counted and dropped.

The protocol's minimum is what no sender can go below: a transfer carries one register of each module (MAX7219
datasheet, *Serial-Addressing Modes*), so there must be as many as the busiest module has changed registers.
"""

from collections.abc import Callable, Iterator
from itertools import count

from luma.core.legacy import show_message, text, textsize
from luma.core.legacy.font import CP437_FONT, proportional
from luma.core.render import canvas
from luma.core.virtual import viewport
from luma.led_matrix.device import max7219

from led_renderer.drivers.max7219 import Max7219
from led_renderer.frame import Frame
from led_renderer.line import drawn
from led_renderer.wire import Geometry, Orientation, Wire
from measure import Row, Spread, per_call, side_by_side, spread
from panel import Serial, alternating, picture

__all__ = ["rows"]

MODULES = (1, 4, 16, 64)
CALLS = {1: 1_000, 4: 500, 16: 200, 64: 100}
TEXT = "The quick brown fox jumps over the lazy dog. " * 14  # wider than 64 modules
MESSAGE = TEXT[:135]  # show_message takes it anew from its first column each time
FONT = proportional(CP437_FONT)
STEP_MS = 100 / 3  # 30 columns a second
BEGUN_MS = 2_000  # past the rest at the start
WATCHED = 300  # columns for which bytes are counted


def each(figure: Callable[[int], str]) -> str:
    """A figure for every length of chain."""
    return ", ".join(figure(modules) for modules in MODULES)


def ours(modules: int, orientation: Orientation) -> tuple[Callable[[], object], Serial]:
    """One more column at each call."""
    serial = Serial()
    driver = Max7219(Geometry(8 * modules, 8, orientation), serial)
    steps = count()

    def step() -> None:
        frame, _ = drawn(TEXT, (8 * modules, 8), 0, BEGUN_MS + int(next(steps) * STEP_MS))
        driver.show(frame)

    return step, serial


def device_of(modules: int, orientation: Orientation) -> max7219:
    """luma's own driver."""
    device = max7219(Serial(), width=8 * modules, height=8, block_orientation=orientation)
    device.persist = True  # nothing to put out at exit
    return device


def with_viewport(modules: int, orientation: Orientation) -> Callable[[], object]:
    """One more column at each call, over and over."""
    device = device_of(modules, orientation)
    wide = textsize(TEXT, FONT)[0]
    virtual = viewport(device, width=wide + 2 * device.width, height=8)
    with canvas(virtual) as draw:
        text(draw, (device.width, 0), TEXT, fill="white", font=FONT)
    steps = count()
    return lambda: virtual.set_position((next(steps) % (wide + device.width), 0))


def with_show_message(modules: int, orientation: Orientation) -> Spread:
    """Seconds of CPU for a column, the drawing of the text shared out among its columns."""
    device = device_of(modules, orientation)
    columns = textsize(MESSAGE, FONT)[0] + device.width + 1

    def work() -> None:
        show_message(device, MESSAGE, fill="white", font=FONT, scroll_delay=0)

    work()
    return spread([per_call(work, 1) / columns for _ in range(3)])


def scrolling(orientation: Orientation) -> Row:
    """One column, three ways."""
    mine, view, message = {}, {}, {}
    for modules in MODULES:
        contenders: dict[str, Callable[[], object]] = {
            "lampfield": ours(modules, orientation)[0], "viewport": with_viewport(modules, orientation)
        }  # fmt: skip
        times = side_by_side(contenders, calls=CALLS[modules], rounds=5)
        mine[modules], view[modules] = times["lampfield"].median, times["viewport"].median
        message[modules] = with_show_message(modules, orientation).median

    def over(of: dict[int, float]) -> str:
        return each(lambda n: f"{mine[n] / of[n]:.2f}")

    def micros(of: dict[int, float]) -> str:
        return each(lambda n: f"{of[n] * 1e6:.0f}")

    figure = (
        f"{over(view)} of viewport's, {over(message)} of show_message's;"
        f" {micros(mine)} µs against {micros(view)} and {micros(message)}"
    )
    return Row(f"scroll by one column at {orientation}°, 1, 4, 16, 64 modules", figure, "", None)


def pushing(orientation: Orientation) -> Row:
    """All rows changed; the row of four modules has its target in panel.py."""
    mine, luma = {}, {}
    for modules in MODULES:
        size = (8 * modules, 8)
        first = Frame(*size, [int("10" * (4 * modules), 2), int("01" * (4 * modules), 2)] * 4)
        frames = [first, first.inverted()]
        driver = Max7219(Geometry(*size, orientation), Serial())
        contenders: dict[str, Callable[[], object]] = {
            "lampfield": alternating(driver.show, frames),
            "luma": alternating(device_of(modules, orientation).display, [picture(frame) for frame in frames]),
        }
        times = side_by_side(contenders, calls=CALLS[modules], rounds=5)
        mine[modules], luma[modules] = times["lampfield"].median, times["luma"].median
    figure = (
        f"{each(lambda n: f'{mine[n] / luma[n]:.2f}')} of luma's display(): {each(lambda n: f'{mine[n] * 1e6:.0f}')} µs"
        f" against {each(lambda n: f'{luma[n] * 1e6:.0f}')}"
    )
    return Row(f"push a frame at {orientation}°, all rows changed, 1, 4, 16, 64 modules", figure, "", None)


def registers(modules: int) -> Iterator[list[bytes]]:
    """The digit registers of every column that is watched."""
    wire = Wire(Geometry(8 * modules, 8, -90))
    for step in range(WATCHED):
        frame, _ = drawn(TEXT, (8 * modules, 8), 0, BEGUN_MS + int(step * STEP_MS))
        yield wire.digits(frame.rows)


def least_bytes(modules: int) -> float:
    """The protocol's minimum, on average over the columns watched."""
    total, before = 0, None
    for digits in registers(modules):
        if before is not None:
            changed = [
                sum(new[at] != old[at] for new, old in zip(digits, before, strict=True)) for at in range(modules)
            ]
            total += max(changed) * 2 * modules
        before = digits
    return total / (WATCHED - 1)


def sent() -> Row:
    """Bytes for a column."""
    bytes_of: dict[int, float] = {}
    for modules in MODULES:
        step, serial = ours(modules, -90)
        step()
        before = serial.bytes
        for _ in range(WATCHED - 1):
            step()
        bytes_of[modules] = (serial.bytes - before) / (WATCHED - 1)
    figure = (
        f"{each(lambda n: f'{bytes_of[n]:.0f}')} a column; the protocol's minimum is"
        f" {each(lambda n: f'{least_bytes(n):.0f}')}; luma sends {each(lambda n: f'{16 * n}')}"
    )
    return Row("SPI bytes of a scrolling text, 1, 4, 16, 64 modules", figure, "", None)


def rows() -> list[Row]:
    """Every figure."""
    return [pushing(-90), pushing(0), scrolling(-90), scrolling(0), sent()]
