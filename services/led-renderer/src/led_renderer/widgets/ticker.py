"""How the last calls ended, newest first: `1000>1001 486 BUSY`. Pure. Needs `view.recent`.

Each call has its turn, for `TURN_MS` or as long as it takes to scroll past once at `options.speed`, which rests at its
start; turns count from `options.since`. Walls of several rows show as many at once as they have rows.
"""

from functools import lru_cache
from typing import Final

from led_renderer import line
from led_renderer.frame import Frame
from led_renderer.view import Ended, View
from led_renderer.widgets.base import Drawn, Options, Size, soonest

__all__ = ["draw", "told"]

TURN_MS: Final = 3_000
ROW: Final = 8
UNKNOWN: Final = "?"  # a party of whom nothing is known

# Hangup causes in one word, where that is not the cause itself.
_WORDS: Final = {
    "NORMAL_CLEARING": "OK",
    "USER_BUSY": "BUSY",
    "NO_USER_RESPONSE": "NO RESPONSE",
    "ORIGINATOR_CANCEL": "CANCEL",
    "CALL_REJECTED": "REJECTED",
    "SUBSCRIBER_ABSENT": "ABSENT",
    "USER_NOT_REGISTERED": "ABSENT",
    "UNALLOCATED_NUMBER": "NO NUMBER",
    "NO_ROUTE_DESTINATION": "NO ROUTE",
    "DESTINATION_OUT_OF_ORDER": "OUT OF ORDER",
    "NORMAL_TEMPORARY_FAILURE": "FAILURE",
    "NORMAL_CIRCUIT_CONGESTION": "CONGESTION",
    "NETWORK_OUT_OF_ORDER": "NO NETWORK",
    "RECOVERY_ON_TIMER_EXPIRE": "TIMEOUT",
    "ATTENDED_TRANSFER": "TRANSFER",
    "NORMAL_UNSPECIFIED": "ENDED",
    "SWITCH_RESTARTED": "RESTART",
}


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """The call whose turn it is, or one in each row; a dash while none has ended."""
    wide, high = size
    rows = high // ROW
    texts = [told(call) for call in view.recent] or ["-"]
    groups = [tuple(texts[first : first + rows]) for first in range(0, len(texts), rows)]
    lengths = [_length(group, wide, options.speed) for group in groups]
    # One that is alone never ends: it scrolls on from where it began.
    begins, ends, group = options.since, None, groups[0]
    if len(groups) > 1:
        ends = now - (now - options.since) % sum(lengths)
        for group, length in zip(groups, lengths, strict=True):  # noqa: B007 - the turn that was found is used below
            begins, ends = ends, ends + length
            if now < ends:
                break
    frame = Frame(wide, high)
    changes = []
    top = (high - ROW * len(group)) // 2 if len(groups) == 1 else 0
    for row, text in enumerate(group):
        shown, change = line.drawn(text, (wide, ROW), begins, now, speed=options.speed)
        frame = frame.over(shown, 0, top + row * ROW)
        changes.append(change)
    return frame, soonest(ends, *changes)


@lru_cache(maxsize=128)
def _length(group: tuple[str, ...], wide: int, speed: int) -> int:
    return max(TURN_MS, *(line.pass_ms(text, (wide, ROW), speed=speed) for text in group))


def told(call: Ended) -> str:
    """One call, as few words as say it."""
    status = "" if call.sip_status is None else f" {call.sip_status}"
    word = _WORDS.get(call.cause) or call.cause.replace("_", " ")
    if call.outcome == "missed" and word == "OK":
        word = "MISSED"
    return f"{call.caller or UNKNOWN}>{call.callee or UNKNOWN}{status} {word}"
