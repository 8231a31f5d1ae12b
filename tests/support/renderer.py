"""A real led-renderer process for tests, and what a switch would have told it.

With `spi` its panel is the chain model behind a fake `spidev`, and what a person would see stands in a file.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from lampfield_bus import channels as c
from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import Calls, Publication, SwitchHealth, SwitchInfo
from support.broker import Broker, Bus
from support.waiting import now

__all__ = ["TESTS", "Renderer", "tell_calls", "tell_health", "tell_switch"]

TESTS = Path(__file__).parent.parent

# What `import spidev` finds in the renderer's process.
_SPIDEV = """
import errno, os, time
from pathlib import Path
from support.max7219_chain import Chain, FakeSpiDev, Mounting, SpiBus

class SpiDev(FakeSpiDev):
    def __init__(self):
        self.bus = SpiBus(Chain(Mounting(turned=-90)))
        super().__init__(self.bus)

    def writebytes(self, values):
        time.sleep(float(os.environ["SPI_SECONDS"]))
        if Path(os.environ["SPI_BROKEN"]).exists():
            raise OSError(errno.EIO, "Input/output error")
        super().writebytes(values)
        seen = Path(os.environ["SEEN"])
        seen.with_suffix(".new").write_text(self.bus.chain.visible())
        seen.with_suffix(".new").replace(seen)
"""


class Renderer:
    """One process, on this broker; `settings` are LAMPFIELD_ variables. Killed when the `with` ends."""

    def __init__(
        self,
        broker: Broker,
        directory: Path,
        display: str = "hall",
        *,
        spi: bool = False,
        spi_seconds: float = 0,
        **settings: str,
    ):
        """`spi_seconds`: how long each transfer takes. While `spi_broken` exists, none succeeds."""
        self.display = display
        self.spi_broken = directory / f"{display}.spi-broken"
        self.panel_file = directory / f"{display}.seen"
        self._log = directory / f"{display}.log"
        variables = {
            "MQTT_HOST": broker.host,
            "MQTT_PORT": str(broker.port),
            "DISPLAY": display,
            "DRIVER": "max7219" if spi else "none",
            "HEARTBEAT_FILE": str(directory / f"{display}.heartbeat"),
            "FRAME_HZ": "30",
            **settings,
        }
        self._directory = directory
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("LAMPFIELD_")}
        self._environment |= {f"LAMPFIELD_{key}": value for key, value in variables.items()}
        if spi:
            (directory / "spidev.py").write_text(_SPIDEV, encoding="utf-8")
            paths = [str(directory), str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
            self._environment |= {
                "PYTHONPATH": os.pathsep.join(paths),
                "SEEN": str(self.panel_file),
                "SPI_SECONDS": str(spi_seconds),
                "SPI_BROKEN": str(self.spi_broken),
            }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "led_renderer"], cwd=self._directory, env=self._environment, stderr=log
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(5)

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def seen(self) -> str:
        """What a person sees on its panel."""
        return self.panel_file.read_text(encoding="utf-8") if self.panel_file.exists() else ""

    def run(self, word: str) -> int:
        """Runs `led-renderer <word>` with the same settings; its exit status."""
        command = [sys.executable, "-m", "led_renderer", word]
        return subprocess.run(command, cwd=self._directory, env=self._environment, check=False).returncode

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Sends a signal; exit status and how many seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(60), time.monotonic() - began


def tell_health(bus: Bus, switch: str = "main", topics: int = 3) -> None:
    """The publisher of this switch lives."""
    health = SwitchHealth(
        at=rfc3339(now()), uptime=1.0, lag_ms=None, queue=0, dropped=0, resyncs=0, topics=topics, rss_bytes=1
    )
    _tell(bus, c.SWITCH_HEALTH.publication(c.SWITCH_HEALTH.topic(switch), health))


def tell_calls(bus: Bus, active: int, switch: str = "main") -> None:
    """So many calls."""
    calls = Calls(at=rfc3339(now()), ringing=0, waiting=0, active=active, held=0, total=active)
    _tell(bus, c.SWITCH_CALLS.publication(c.SWITCH_CALLS.topic(switch), calls))


def tell_switch(bus: Bus, active: int = 0, switch: str = "main") -> None:
    """Everything that makes a display believe in a switch with so many calls."""
    info = SwitchInfo(
        instance="i1", esl="connected", since=rfc3339(now()), hostname="pbx", version=None, core_uuid="u",
        domain="example", epoch=1,
    )  # fmt: skip
    bus.publish(c.SWITCH_AVAILABILITY.topic(switch), b"online", retain=True)
    _tell(bus, c.SWITCH_INFO.publication(c.SWITCH_INFO.topic(switch), info))
    tell_calls(bus, active, switch)
    tell_health(bus, switch)


def _tell(bus: Bus, publication: Publication) -> None:
    bus.publish(publication.topic, publication.payload, retain=publication.retain)
