"""Bytes to a typed event, against greenswitch's ESLEvent on the same events in `event plain`. Framing excluded."""

import msgspec
from greenswitch.esl import ESLEvent

from demo_switch.wire import encode_plain
from esl_publisher.decode import decode
from measure import Row, side_by_side
from support.captures import events

__all__ = ["rows"]

CALLS = {"lampfield": 200, "greenswitch": 10}  # of the whole call: turns of some 10 ms for either


def rows() -> list[Row]:
    """The captured bridged call: every event that the publisher subscribes to."""
    ours = events("call_bridged")
    theirs = [encode_plain(msgspec.json.decode(body, type=dict[str, str | list[str]])).decode() for body in ours]

    def lampfield() -> None:
        for body in ours:
            decode(body)

    def greenswitch() -> None:
        for text in theirs:
            ESLEvent(text)

    times = side_by_side({"lampfield": lampfield, "greenswitch": greenswitch}, calls=CALLS, rounds=101)
    each = {name: value.median / len(ours) * 1e6 for name, value in times.items()}
    ratios = sorted(times["greenswitch"].median / value for value in times["lampfield"])
    ratio = times["greenswitch"].median / times["lampfield"].median
    figure = (
        f"{ratio:.1f}x ({ratios[0]:.1f}-{ratios[-1]:.1f}): {each['lampfield']:.2f} µs an event"
        f" against {each['greenswitch']:.1f} µs"
    )
    return [Row("decode one event, against greenswitch's ESLEvent", figure, "≥ 20x", ratio >= 20)]
