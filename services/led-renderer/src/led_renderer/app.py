"""The renderer's loop: one thread, and the link's. It decides nothing about pictures.

Per turn: what came goes to the board, the board ticks, the scene is drawn, the driver shows it, what is to be told goes
to the link. It sleeps until the next change, a second at most: that bounds a stepped clock, a lost wake-up, a stop and
the heartbeat. A signal only sets a flag, so no SPI transfer is cut in half.
"""

import logging
import signal
import sys
import time
from collections.abc import Sequence
from typing import Final

from lampfield_bus.channels import DISPLAY_AVAILABILITY, DISPLAY_FENCE
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival
from lampfield_bus.node.exposition import expose
from lampfield_bus.node.health import rss_bytes
from lampfield_bus.node.inbox import COMMAND_BOUND, CRITICAL_BOUND, REFUSED_BOUND, Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.measures import Histogram, Measure
from lampfield_bus.node.outbox import Outbox
from lampfield_bus.node.pulse import Pulse
from lampfield_bus.node.run import BAD_SETTING, FAILED, OK, Clock, LogOnce, Now, Stop, configure_logging
from led_renderer import commands
from led_renderer.board import Board, ClockStepped, PagesRead
from led_renderer.config import Panel
from led_renderer.drivers import Driver, open_driver
from led_renderer.identity import display_name
from led_renderer.measures import TURN, Standing, measures
from led_renderer.report import FrameCount, FrameReport, HealthReport, Readings, caption
from led_renderer.scene import scene
from led_renderer.settings import PROGRAM, Settings, panel_of
from led_renderer.subscriptions import filters
from led_renderer.watch import Watch

__all__ = ["App", "run"]

LONGEST_SLEEP_MS: Final = 1_000
SHORTEST_SLEEP_MS: Final = 1  # whatever a scene asks for, the network thread gets its turn
STOP_SECONDS: Final = 2.0
RESULT_BOUND: Final = REFUSED_BOUND + COMMAND_BOUND + CRITICAL_BOUND  # each command of a flood gets its result

_log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status. The panel is dark afterwards, whatever happened."""
    configure_logging(settings.log_level, settings.log_format)
    inbox = Inbox(is_command=commands.is_command, is_critical=commands.is_critical, critical_key=commands.critical_key)
    stop = Stop(inbox.notify).install()
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # not under nohup: a closed SSH session leaves no LED lit
        signal.signal(signal.SIGHUP, lambda *_: stop.request())
    display = settings.display or display_name()
    try:
        pages = Watch(settings.pages_file)
    except ValueError as error:
        for fault in str(error).splitlines():
            sys.stderr.write(f"{PROGRAM}: {fault}\n")
        return BAD_SETTING
    try:
        driver = open_driver(settings.driver, settings.driver_options)
    except ConnectionError as error:
        _log.error("%s", error)
        return FAILED
    app = None
    try:
        try:
            app = App(settings, display, driver, inbox, stop, pages)
        except ValueError as error:  # files of TLS that are none
            _log.error("%s", error)
            return BAD_SETTING
        app.run()
    except Exception:  # noqa: BLE001 (whatever it is: it is logged, the panel goes dark, the supervisor starts us again)
        _log.exception("an error of our own ends this process")
        return FAILED
    finally:
        driver.close()  # dark first: the broker may take its time
        if app is not None:
            app.close()
    return OK


class App:
    """One display: board, driver and link, and the loop that turns them. The driver is its maker's to close."""

    def __init__(
        self,
        settings: Settings,
        display: str,
        driver: Driver,
        inbox: Inbox,
        stop: Stop,
        pages: Watch,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or Clock()
        self._pages = pages
        now = self._clock.read()
        self._driver = driver
        self._inbox = inbox
        self._stop = stop
        self._panel = panel_of(settings, display, driver.name, now.wall)
        self._board = Board(self._panel, pages.plan)
        self._link = _link(settings, self._panel, inbox)
        self._frames = FrameCount()
        self._frame_report = FrameReport(display, settings.frame_hz)
        self._health_report = HealthReport(display, now.monotonic)
        self._once = LogOnce(_log)
        self._pulse = Pulse(settings.heartbeat_path(PROGRAM, display), self._once, self._link)
        self._turns = Histogram(*TURN)
        self._standing: Standing | None = None
        self._standing_due = now.monotonic

    def run(self) -> None:
        """Turns until a stop is requested. Raises RuntimeError when the link's threads are gone."""
        panel = self._panel
        _log.info("display %s: driver %s, %dx%d pixels", panel.display, panel.driver, panel.width, panel.height)
        self._link.start()
        expose(self._settings, {"display": panel.display}, self._measures)
        sleep_ms = 0
        while not self._stop.requested:
            sleep_ms = self.turn(self._inbox.take(sleep_ms / 1000))

    def close(self) -> None:
        """Sends what waits, says `offline`, takes the heartbeat away; within two seconds."""
        self._link.stop(STOP_SECONDS)
        self._pulse.stop()

    def turn(self, arrivals: Sequence[Arrival]) -> int:
        """One turn of the loop; for how many ms it may sleep now."""
        now, began = self._clock.read(), time.perf_counter()
        publications = self._feed(arrivals, now)
        change_in = self._show(now, publications)
        if self._health_report.is_due(now.monotonic):
            publications += self._health_report.publications(self._readings(), now.wall, now.monotonic)
        self._link.send(publications)
        if self._board.wants_reading():
            self._link.read_again()
        for key, remark in self._board.notes():
            self._once.warning(key, "%s", remark)
        self._pulse.beat(now)
        self._stand(now)
        self._turns.observe(time.perf_counter() - began)
        return min(max(change_in, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS)

    def _feed(self, arrivals: Sequence[Arrival], now: Now) -> list[Publication]:
        """Everything that happened goes into the board, and then time."""
        board = self._board
        publications: list[Publication] = []
        if now.stepped:
            _log.warning("the clock was stepped by %.1f s", now.stepped / 1000)
            publications += board.receive(ClockStepped(now.stepped), now.wall)
        for arrival in arrivals:
            publications += board.receive(arrival, now.wall)
        publications += self._pages_read(now)
        for message in self._inbox.refused():
            publications += board.busy(message)
        publications += board.tick(now.wall)
        return publications

    def _pages_read(self, now: Now) -> list[Publication]:
        """A file of pages that has changed goes into the board too."""
        read = self._pages.look(now.monotonic)
        if read is None:
            return []
        for fault in read.faults:
            _log.warning("%s", fault)
        if read.plan is None:
            _log.warning("the old pages stay")
        else:
            _log.info("the new pages are in force")
        return self._board.receive(PagesRead(read), now.wall)

    def _show(self, now: Now, publications: list[Publication]) -> int:
        """Draws, shows and tells; in how many ms something changes on its own."""
        board, driver = self._board, self._driver
        frame, change = scene(board, self._panel, now.wall)
        driver.brightness(board.brightness)
        driver.power(on=board.power)
        driver.caption(caption(board, now.wall))
        driver.show(frame)
        self._frames.shown(frame, now.monotonic, None if change is None else change - now.wall)
        publications += self._frame_report.publications(frame, now.monotonic)
        waits = [instant - now.wall for instant in (change, board.due()) if instant is not None]
        frame_due = self._frame_report.due()
        if frame_due is not None:
            waits.append(int(frame_due - now.monotonic) + 1)
        return min(waits, default=LONGEST_SLEEP_MS)

    def _readings(self) -> Readings:
        return Readings(
            frames=self._frames.drawn,
            skipped_frames=self._frames.skipped,
            spi_bytes=self._driver.spi_bytes,
            spi_errors=self._driver.spi_errors,
            messages=self._link.messages,
            rejected=self._board.rejected,
            clock_skew=self._board.clock_skew,
            rss_bytes=rss_bytes(),
        )

    def _stand(self, now: Now) -> None:
        """Notes once a second what a scrape, in another thread, must not ask the board itself."""
        if self._settings.metrics_port is None or now.monotonic < self._standing_due:
            return
        self._standing_due = now.monotonic + LONGEST_SLEEP_MS
        board = self._board
        trouble = board.trouble(now.wall)
        self._standing = Standing(
            readings=self._readings(),
            notifications=len(board.attention),
            power=board.power,
            brightness=board.brightness,
            trouble=None if trouble is None else trouble.what,
            lost=len(board.lost(now.wall)),
            stale=board.stale(now.wall),
        )

    def _measures(self) -> list[Measure]:
        """For a scrape, in its thread: it reads numbers, and changes nothing."""
        return measures(self._standing, self._turns, self._link.counts)


def _link(settings: Settings, panel: Panel, inbox: Inbox) -> Link:
    state, orders, own = filters(panel)
    config = LinkConfig.of(
        settings,
        PROGRAM,
        panel.display,
        availability=DISPLAY_AVAILABILITY.topic(panel.display),
        fence=DISPLAY_FENCE.topic(panel.display),
    )
    subscriptions = [Subscription(each, "state") for each in state]
    subscriptions += [Subscription(each, "command") for each in orders]
    subscriptions += [Subscription(each, "own") for each in own]
    return Link(config, inbox, subscriptions, outbox=Outbox(event_bound=RESULT_BOUND))
