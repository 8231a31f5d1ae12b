"""`led-renderer wiring`: walks a person through a new panel, and ends with the settings for it. Shell.

It asks what interview wants to know, shows its pictures and reads answers. The panel is dark afterwards, whatever ends
it. With LAMPFIELD_DRIVER=terminal it is a dry run: a panel that is mounted as the settings say, drawn in the terminal.
"""

import contextlib
import signal
import sys
import textwrap
from collections.abc import Callable
from typing import Final, Protocol

from lampfield_bus.node.run import FAILED, OK
from led_renderer import interview
from led_renderer.drivers import Driver, DriverOptions, InUseError, open_driver
from led_renderer.drivers.terminal import is_drawable
from led_renderer.frame import Frame
from led_renderer.interview import Advice, Known, Suggestion
from led_renderer.mounting import SIDE, hung
from led_renderer.settings import PROGRAM, Settings
from led_renderer.wire import MAX_MODULES, Geometry

__all__ = ["Panel", "walk"]

BRIGHTEST: Final = 1  # every LED of a long chain is lit at once, maybe from a Pi's own 5 V pin
COLUMNS: Final = 78
_RULE: Final = "-" * 40
_WELCOME: Final = (
    "This finds the settings for a panel of MAX7219 modules. Answer what you see. `back` takes the last answer back,"
    " `quit` or Ctrl-C ends it."
)


class Panel(Protocol):
    """What a chain picture can be shown on."""

    def show(self, chain: Frame) -> str | None:
        """Shows it; what went wrong, if anything."""

    def close(self) -> None:
        """Leaves it dark."""


class _Chain:
    """A real chain. Its length is not known yet: what is sent for more modules than there are falls out at its end."""

    def __init__(self, options: DriverOptions) -> None:
        geometry = Geometry(SIDE * MAX_MODULES, SIDE)
        brightness = min(options.brightness, BRIGHTEST)
        self._driver = open_driver(
            "max7219",
            DriverOptions(geometry, brightness, options.spi_port, options.spi_device, options.spi_speed_hz),
        )

    def show(self, chain: Frame) -> str | None:
        before = self._driver.spi_errors
        self._driver.refresh()  # all of it: a module that has just been plugged in knows nothing
        self._driver.show(Frame(SIDE * MAX_MODULES, SIDE).over(chain))
        return "the SPI bus did not take the picture" if self._driver.spi_errors > before else None

    def close(self) -> None:
        self._driver.close()


class _DryRun:
    """A panel that is mounted as the settings say, in the terminal."""

    def __init__(self, options: DriverOptions) -> None:
        self._geometry = options.geometry
        self._driver: Driver = open_driver("terminal", options)

    def show(self, chain: Frame) -> str | None:
        self._driver.caption("dry run: this is how a panel with the present settings would look")
        self._driver.show(hung(chain, self._geometry))
        sys.stdout.write("\x1b[?25h")  # the driver hides the cursor; here somebody types
        return None

    def close(self) -> None:
        self._driver.close()


def walk(settings: Settings) -> int:
    """Asks until there is a suggestion or the person has enough; returns the exit status."""
    if not sys.stdin.isatty():
        return _refuse("it asks questions, and stdin is no terminal; run it in one")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # as Ctrl-C: the panel goes dark first
    panel = None
    try:
        panel = _open(settings)
        return converse(panel, settings.geometry, _ask, _say)
    except ConnectionError as error:
        return _refuse(str(error))
    except (KeyboardInterrupt, EOFError, OSError):  # OSError: the terminal is gone
        with contextlib.suppress(OSError):
            _say("\nEnded; the panel is dark.")
        return OK
    finally:
        if panel is not None:
            panel.close()


def converse(panel: Panel, present: Geometry, ask: Callable[[str], str], say: Callable[[str], None]) -> int:
    """Question after question, then the outcome; `present` is the geometry of the settings in force.

    Raises what `ask` raises when the person ends it.
    """
    answers, asked = [Known()], None
    while (asking := interview.question(answers[-1])) is not None:
        problem = panel.show(asking.picture)  # every time: a module may have been plugged in meanwhile
        if asked is None:  # after the picture: the terminal's panel clears the screen
            say(_WELCOME)
        if asking != asked:
            say(f"\n{asking.text}")
        if problem:
            say(f"({problem}; see `{PROGRAM} doctor`)")
        asked = asking
        answer = ask(f"[{asking.allowed}] > ").strip()
        if answer in ("quit", "q", "exit"):
            say("Ended; the panel is dark.")
            return OK
        if answer == "back":
            del answers[max(len(answers) - 1, 1) :]
            continue
        try:
            answers.append(interview.answered(answers[-1], answer))
        except ValueError as error:
            say(str(error))
    return _end(interview.outcome(answers[-1]), present, say)


def _end(outcome: interview.Outcome | None, present: Geometry, say: Callable[[str], None]) -> int:
    if isinstance(outcome, Suggestion):
        lines = "\n".join(outcome.lines())
        known = "The settings in force say so already." if outcome.geometry == present else "Put these lines into .env:"
        say(f"\n{known}\n{_RULE}\n{lines}\n{_RULE}")
        return OK
    if isinstance(outcome, Advice):
        say(f"\n{outcome.text}")
    return FAILED


def _open(settings: Settings) -> Panel:
    """Raises ConnectionError, for the person, when there is nothing to walk through."""
    options = settings.driver_options
    if settings.driver == "terminal":
        if not is_drawable(sys.stdout):
            raise ConnectionError("LAMPFIELD_DRIVER is terminal, and stdout is no terminal that can be drawn on")
        return _DryRun(options)
    if settings.driver == "none":
        raise ConnectionError("LAMPFIELD_DRIVER is none; allowed: max7219, or terminal for a dry run")
    if not options.spi_path.exists():
        raise ConnectionError(
            f"no {options.spi_path}; enable SPI (raspi-config, or dtparam=spi=on) and restart."
            f" For a dry run: LAMPFIELD_DRIVER=terminal {PROGRAM} wiring"
        )
    try:
        return _Chain(options)
    except InUseError as error:
        raise ConnectionError(f"{error} Stop it first: sudo systemctl stop {PROGRAM}") from None


def _refuse(why: str) -> int:
    sys.stderr.write(f"{PROGRAM} wiring: {why}\n")
    return FAILED


def _say(text: str) -> None:
    """Each line folded at a width that every terminal has."""
    folded = "\n".join(textwrap.fill(line, COLUMNS) for line in text.split("\n"))
    sys.stdout.write(f"{folded}\n")
    sys.stdout.flush()


def _ask(prompt: str) -> str:
    return input(prompt)
