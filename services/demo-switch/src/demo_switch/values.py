"""What the «names» in a template stand for: a call's identities, and the instants of its sections.

May NOT read a clock: instants are arguments, in microseconds since the Unix epoch.
"""

from datetime import UTC, datetime

_DIVISORS = {"us": 1, "ms": 1_000, "s": 1_000_000}


def stamp(micro: int) -> str:
    """`2026-11-22 22:58:35`, as FreeSWITCH writes local times; the demo switch lives in UTC."""
    return datetime.fromtimestamp(micro // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def gmt(micro: int) -> str:
    """`Sun, 22 Nov 2026 22:58:35 GMT`."""
    return datetime.fromtimestamp(micro // 1_000_000, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def rfc2822(micro: int) -> str:
    """`Sun, 22 Nov 2026 22:58:35 +0000`."""
    return datetime.fromtimestamp(micro // 1_000_000, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


_WRITINGS = {"stamp": stamp, "gmt": gmt, "rfc2822": rfc2822}


class Values(dict[str, str]):
    """Names to texts. Instants are kept apart, by section, and written as the name asks:

    `ring.us`, `ring.ms`, `ring.s` (since the epoch), `ring.stamp`, `ring.gmt`, `ring.rfc2822`, `ring-answer.s` (from
    one to the other). A section that was never played is 0. Any other unknown name is a KeyError.
    """

    def __init__(self, texts: dict[str, str], instants: dict[str, int] | None = None) -> None:
        super().__init__(texts)
        self.instants = instants if instants is not None else {}

    def __missing__(self, name: str) -> str:
        section, _, unit = name.rpartition(".")
        if unit in _DIVISORS:
            return str(self._micro(section) // _DIVISORS[unit])
        if unit in _WRITINGS:
            return _WRITINGS[unit](self._micro(section))
        raise KeyError(name)

    def _micro(self, section: str) -> int:
        start, dash, end = section.partition("-")
        if dash:
            return max(self.instants.get(end, 0) - self.instants.get(start, 0), 0)
        return self.instants.get(section, 0)

    def at(self, micro: int, sequence: int) -> "Values":
        """A copy that stays, for one event: sent at this instant, with this Event-Sequence."""
        copy = Values(self, {**self.instants, "now": micro})
        copy["sequence"] = str(sequence)
        return copy
