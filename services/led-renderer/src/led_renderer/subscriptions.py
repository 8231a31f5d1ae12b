"""What a display subscribes to. Pure."""

from lampfield_bus import channels as c
from led_renderer import page_topics
from led_renderer.config import Panel

__all__ = ["filters"]


def filters(panel: Panel) -> tuple[list[str], list[str], list[str]]:
    """What to subscribe to: filters of state, of commands, and of the display's own state to restore."""
    retained = [channel for channel in c.CHANNELS if channel.writer == "switch" and channel.retained]
    state = [
        channel.filter(**({} if switch == "+" else {"switch": switch}))
        for switch in panel.switches
        for channel in retained
    ]
    state += page_topics.filters(panel.display, panel.all_groups)
    orders = [c.command_filter(display=panel.display), *(c.command_filter(group=group) for group in panel.all_groups)]
    return state, orders, [c.DISPLAY_STATE.topic(panel.display)]
