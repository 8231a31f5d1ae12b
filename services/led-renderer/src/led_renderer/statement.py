"""What a display tells of itself as retained state, `info` and `state`, and how it reads `state` back. Pure."""

from typing import Final

from lampfield_bus import channels as c
from lampfield_bus import instants
from lampfield_bus.messages import DisplayInfo, DisplayState, Publication, Result
from led_renderer.commands import Accepted, Refused
from led_renderer.config import Panel
from led_renderer.dimmer import Dimmer, Manual
from led_renderer.pages import Page
from led_renderer.programme import Programme

__all__ = ["Statement", "restore", "result"]


class Statement:
    """What was told last, so that only changes are."""

    def __init__(self, panel: Panel) -> None:
        self._panel: Final = panel
        self._info: tuple[list[str], int] | None = None
        self._state: DisplayState | None = None

    def info(self, pages: tuple[Page, ...], started_at: int) -> list[Publication]:
        """`info`, when the names of the pages changed, or the clock was stepped and with it when we started."""
        names = [page.name for page in pages]
        if (names, started_at) == self._info:
            return []
        self._info = names, started_at
        panel = self._panel
        info = DisplayInfo(
            version=panel.version,
            driver=panel.driver,
            width=panel.width,
            height=panel.height,
            groups=list(panel.all_groups),
            wall=panel.wall,
            pages=names,
            since=instants.rfc3339(started_at),
        )
        return [c.DISPLAY_INFO.publication(c.DISPLAY_INFO.topic(panel.display), info)]

    def state(
        self, dimmer: Dimmer, programme: Programme, page: str | None, notification: str | None, now: int
    ) -> list[Publication]:
        """`state`, when it changed. `page`: whose turn it is, `notification`: the id of the one showing."""
        brightness, power = dimmer.manual_brightness(now), dimmer.manual_power(now)
        state = DisplayState(
            power="on" if dimmer.power(now) else "off",
            brightness=dimmer.brightness(now),
            brightness_mode="auto" if brightness is None else "manual",
            page=programme.stay or page,
            page_mode="auto" if programme.stay is None else "manual",
            notification=notification,
            brightness_since=_since(brightness),
            power_mode="auto" if power is None else "manual",
            power_since=_since(power),
            levels=programme.levels,
        )
        if state == self._state:
            return []
        self._state = state
        return [c.DISPLAY_STATE.publication(c.DISPLAY_STATE.topic(self._panel.display), state)]


def restore(payload: bytes, dimmer: Dimmer, programme: Programme, now: int) -> None:
    """Manual settings and levels of an earlier run. ValueError for a payload that is no state."""
    state = c.DISPLAY_STATE.decode(payload)
    if not isinstance(state, DisplayState):
        return
    # An earlier version did not say since when, nor whether power was switched by hand: then off was.
    (set_at, set_here), (switched_at, switched_here) = (
        (now, True) if since is None else (instants.parse(since), False)
        for since in (state.brightness_since, state.power_since)
    )
    if state.brightness_mode == "manual":
        dimmer.set_brightness(state.brightness, set_at, here=set_here)
    if state.power_mode == "manual" or (state.power_mode is None and state.power == "off"):
        dimmer.set_power(state.power == "on", switched_at, here=switched_here)
    programme.stay = state.page if state.page_mode == "manual" else None
    programme.levels = dict(state.levels)


def result(panel: Panel, answer: Accepted | Refused | str) -> Publication:
    """The answer to a command; to what is none, by its name: done."""
    if isinstance(answer, str):
        told = Result(cmd=answer, ok=True)
    elif isinstance(answer, Accepted):
        told = Result(cmd=answer.verb, ok=True, transaction=answer.transaction)
    else:
        told = Result(cmd=answer.verb, ok=False, error=answer.error, field=answer.field, transaction=answer.transaction)
    return c.DISPLAY_RESULT.publication(c.DISPLAY_RESULT.topic(panel.display), told)


def _since(manual: Manual | None) -> str | None:
    return None if manual is None else instants.rfc3339(manual.since)
