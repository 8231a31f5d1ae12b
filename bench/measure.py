"""What all benches share: rounds side by side, their spread, and a table row for docs/benchmarks.md."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["Row", "Spread", "per_call", "side_by_side", "spread"]


class Spread(NamedTuple):
    """Seconds: the smallest, the median and the largest of several rounds."""

    least: float
    median: float
    most: float


class Row(NamedTuple):
    """One line of the report. `met` is None where there is a figure but no target; `bars` are for a plot."""

    what: str
    figure: str
    target: str
    met: bool | None
    bars: dict[str, float] | None = None


def spread(rounds: Sequence[float]) -> Spread:
    """Of at least one round."""
    return Spread(min(rounds), statistics.median(rounds), max(rounds))


def per_call(work: Callable[[], object], calls: int) -> float:
    """Seconds of CPU for one call."""
    begin = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - begin) / calls


def side_by_side(
    contenders: dict[str, Callable[[], object]], *, calls: int | dict[str, int], rounds: int = 7
) -> dict[str, Spread]:
    """Each contender in turn, round after round, so that whatever disturbs the machine disturbs all of them.

    `calls` of each in a round, or so many by name: where one is far quicker than another, a turn as short would be
    measured on caches that the other has just filled.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    often = calls if isinstance(calls, dict) else dict.fromkeys(contenders, calls)
    for work in contenders.values():
        work()
    for _ in range(rounds):
        for name, work in contenders.items():
            times[name].append(per_call(work, often[name]))
    return {name: spread(values) for name, values in times.items()}
