"""What happens when: stories, each a generator that acts and then yields how many seconds of the day it waits.

May NOT know what the stories do, or read a clock: whoever runs it tells how late it is.
"""

import heapq
from collections.abc import Iterator

Story = Iterator[float]


class Schedule:
    """Stories by the second of the day at which each goes on; those of one second in the order of their adding."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Story]] = []
        self._count = 0
        self.now = 0.0

    def add(self, story: Story, wait: float = 0.0) -> None:
        """Let a story begin after a wait."""
        self._count += 1
        heapq.heappush(self._heap, (self.now + wait, self._count, story))

    def due(self) -> float | None:
        """The second at which something happens next."""
        return self._heap[0][0] if self._heap else None

    def run(self, until: float, limit: int = 1_000) -> bool:
        """Let everything happen that is due, at most `limit` steps; True when nothing due is left."""
        for _ in range(limit):
            if not self._heap or self._heap[0][0] > until:
                self.now = max(self.now, until)
                return True
            self.now, _, story = heapq.heappop(self._heap)
            wait = next(story, None)
            if wait is not None:
                self.add(story, wait)
        return False
