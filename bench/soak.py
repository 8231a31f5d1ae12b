"""A long day in a short time: does the publisher stay flat in memory and exact in what it tells?

demo-switch at 50 calls a second of its day, hurried; publisher and mosquitto are real processes on loopback. The load
comes in rounds. After each the calls end, and at that quiet instant nothing may differ from `api demo truth`: no call
counted, none retained, no extension busy. In the end there must have been one `ended` for each call that began. The
switch waits for its listener when half its queue is full, so the load is what the line can take. The tables are read
every RESYNC seconds, as often in this short day as in a long one.

The first round is warm-up: each phone has its first call, and the first tables of a busy switch are read. Memory is
compared from then on: whatever grows with the calls or the tables that have been grows in the other rounds too. What it
held at most is what the kernel says, so that no moment between two samples is missed; the warm-up counts there.

`python bench/soak.py [--calls N] [--seconds S] [--speed X]` ends at N calls or after S seconds of load.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from lampfield_bus import instants
from measure import Row
from support.broker import STANDARD, Broker
from support.demo_switch import Phonebook, Running
from support.esl_server import EslServer, Obedient
from support.processes import peak, resident
from support.publisher import Publisher

__all__ = ["rows"]

RATE: Final = 50 * 60  # calls that begin in a minute of the day
PHONES: Final = 1_000
ROUND: Final = 20.0  # seconds of load before each quiet instant
QUIET: Final = 120.0  # seconds at most until the calls have ended
SETTLE: Final = 10.0  # seconds at most until the bus tells so
SAMPLE: Final = 0.25  # seconds between two samples
RESYNC: Final = 10  # seconds; 90 000 calls in 5 minutes then meet as many resyncs as in 30 minutes
FLAT: Final = 1.05  # last third to first third


class Sample(NamedTuple):
    """At one moment under load: seconds of load so far, bytes of the publisher, calls that live."""

    at: float
    rss: int
    live: int


class Soak:
    """One run and what it found."""

    def __init__(self, directory: Path, stack: contextlib.ExitStack, speed: float) -> None:
        self.broker = Broker(directory / "broker", settings=(*STANDARD, "sys_interval 1")).start()
        stack.callback(self.broker.kill)
        # No call before the publisher is there: then each of them must be told to have ended.
        words = ("--rate", "0", "--speed", str(speed), "--phones", str(PHONES))
        self.switch = stack.enter_context(Running(directory, *words))
        unused = EslServer(Obedient())  # never started: the setting names the demo switch
        settings = {"ESL_PORT": str(self.switch.port), "RESYNC_SECONDS": str(RESYNC)}
        self.publisher = Publisher(directory, self.broker, unused, **settings)
        stack.enter_context(self.publisher)
        self.bus = stack.enter_context(self.broker.bus()).subscribe("switch/#")
        self.broker_counts = stack.enter_context(self.broker.bus(root="$SYS/broker")).subscribe("publish/messages/#")
        self.phone = stack.enter_context(Phonebook(self.switch.port, timeout=60))
        self.samples: list[Sample] = []
        self.lags: list[float] = []  # ms from FreeSWITCH's instant to a subscriber's
        self.drifts: list[dict[str, Any]] = []  # what differed at quiet instants
        self.ended = 0  # calls that were told to be over
        self.quiet_instants = 0
        self.dropped = self.worst_lag = self.queue = 0
        self.loaded = 0.0  # seconds under load
        self.events = 0  # while loaded

    def load(self, seconds: float, calls: float) -> None:
        """Lets calls begin."""
        self.phone.api(f"demo rate {RATE}")
        before = self.phone.truth()["events"]
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            time.sleep(SAMPLE)
            truth = self.phone.truth()
            self.samples.append(Sample(self.loaded + passed, resident(self.publisher.pid), truth["calls"]["total"]))
            self.listen()
            if truth["totals"]["started"] >= calls:
                break
        self.loaded += time.monotonic() - began
        self.events += self.phone.truth()["events"] - before

    def quieten(self) -> None:
        """Lets no call begin, waits until all have ended, and compares."""
        self.phone.api("demo rate 0")
        end = time.monotonic() + QUIET
        while (truth := self.phone.truth())["calls"]["total"]:
            assert time.monotonic() < end, f"calls that do not end: {truth['calls']}"
            time.sleep(0.02)
            self.listen()
        end = time.monotonic() + SETTLE
        while (drift := self.drift(self.phone.truth())) and time.monotonic() < end:
            time.sleep(0.05)
            self.listen()
        self.quiet_instants += 1
        if drift:
            self.drifts.append(drift)

    def drift(self, truth: Any) -> dict[str, Any]:
        """What the bus tells that is not so."""
        latest = dict(self.bus.latest)
        calls = msgspec.json.decode(latest["switch/main/calls"])
        counts = {name: (calls[name], true) for name, true in truth["calls"].items() if calls[name] != true}
        retained = [topic for topic in latest if topic.startswith("switch/main/call/")]
        busy = [
            topic
            for topic, payload in latest.items()
            if topic.startswith("switch/main/extension/") and msgspec.json.decode(payload)["state"] != "idle"
        ]
        found: dict[str, Any] = {"counts": counts, "retained": retained, "busy": busy}
        if found != {"counts": {}, "retained": [], "busy": []}:
            found["esl"] = msgspec.json.decode(latest["switch/main/info"])["esl"]  # not `connected`: it says so itself
        return {name: what for name, what in found.items() if what}

    def listen(self) -> None:
        """Takes the messages that came: lags and losses; keeps none of them."""
        messages, self.bus.messages = self.bus.messages, []
        offset = time.time() - time.monotonic()
        for message in messages:
            if message.topic.endswith("/event/call/ended"):
                call = msgspec.json.decode(message.payload)
                self.lags.append((message.timestamp + offset) * 1000 - instants.parse(call["at"]))
                self.ended += call["merged_into"] is None
            elif message.topic.endswith("/switch/main/health"):
                health = msgspec.json.decode(message.payload)
                self.dropped = max(self.dropped, health["dropped"])
                self.queue = max(self.queue, health["queue"])
                self.worst_lag = max(self.worst_lag, health["lag_ms"] or 0)

    def lost(self) -> tuple[int, int]:
        """How often the publisher lost the switch and the broker: on a starved machine links time out."""
        return self.publisher.log.count("no FreeSWITCH:"), self.publisher.log.count("no broker:")

    def publications(self) -> int:
        """How many PUBLISH packets the broker has taken."""
        time.sleep(2)  # it says so once a second
        self.listen()  # what came between the last look at the truth and the quiet that ended the run
        return int(self.broker_counts.latest.get("publish/messages/received", b"0"))


class Outcome(NamedTuple):
    """What a run came to."""

    soak: Soak
    started: int
    publications: int
    lost: tuple[int, int]
    warm: float  # bytes at the end of the warm-up
    first: float
    last: float
    most: int  # at any moment, the warm-up's too


def run(calls: float, seconds: float, speed: float, say: Callable[[str], object] = lambda _: None) -> Outcome:
    """Rounds of load and quiet instants."""
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        soak = Soak(Path(directory), stack, speed)
        soak.bus.wait_for(lambda: "switch/main/calls" in soak.bus.latest, 30)
        started = 0
        while soak.loaded < seconds and started < calls:
            soak.load(min(ROUND, seconds - soak.loaded), calls)
            soak.quieten()
            started = soak.phone.truth()["totals"]["started"]
            say(
                f"{soak.loaded:.0f} s of load: {started} calls, {soak.events} events, {soak.samples[-1]}, {soak.drifts}"
            )
        counted = [sample.rss for sample in soak.samples if sample.at > ROUND] or [soak.samples[-1].rss]
        third = max(len(counted) // 3, 1)
        first, last = (sum(part) / len(part) for part in (counted[:third], counted[-third:]))
        most = peak(soak.publisher.pid)
        return Outcome(soak, started, soak.publications(), soak.lost(), counted[0], first, last, most)


def report(outcome: Outcome) -> list[Row]:
    """Its lines in a report."""
    soak, started, publications, lost, warm, first, last, most = outcome
    lags = sorted(soak.lags)
    p50, p99 = (lags[int(len(lags) * part)] for part in (0.5, 0.99))
    mib = 1024 * 1024
    live = max(sample.live for sample in soak.samples)
    load = (
        f"{started} calls (up to {live} at once), {soak.events / soak.loaded:.0f} events/s for {soak.loaded:.0f} s,"
        f" {publications} publications; {started / (RATE / 60) / 60:.1f} min of a day of 50 calls/s"
    )
    drift = f"{len(soak.drifts)} of {soak.quiet_instants} quiet instants differed {soak.drifts or ''}"
    memory = f"{warm / mib:.1f} MiB when it was warm; {first / mib:.1f} to {last / mib:.1f} MiB: {last / first:.3f}"
    lag = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(lags)}"
    lag += f"; `health`: `lag_ms` ≤ {soak.worst_lag}, `queue` ≤ {soak.queue}"
    exact = not soak.drifts and soak.quiet_instants > 0
    return [
        Row("soak: load", load, "", met=None),
        Row(
            "soak: the publisher's RSS after the warm-up, first third to last",
            memory,
            f"≤ {FLAT}",
            met=last / first <= FLAT,
        ),
        Row("soak: the publisher's RSS at most", f"{most / mib:.1f} MiB", "≤ 64 MiB", met=most <= 64 * mib),
        Row("soak: drift against the switch's truth", drift, "none", met=exact),
        Row("soak: calls told to have ended", f"{soak.ended} of {started}", "all", met=soak.ended == started),
        Row("soak: links lost, to the switch and to the broker", "{} and {}".format(*lost), "none", met=lost == (0, 0)),
        Row("soak: `dropped` in `health`", str(soak.dropped), "0", met=soak.dropped == 0),
        Row("soak: from FreeSWITCH's instant of `ended` to a subscriber", lag, "", met=None),
    ]


def rows() -> list[Row]:
    """The short one."""
    return report(run(float("inf"), 60, 1000))


def main() -> None:
    """The one that the arguments ask for, as the table of docs/resilience.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=float, default=float("inf"), help="end at so many calls")
    parser.add_argument("--seconds", type=float, default=60, help="end after so many seconds of load (default: 60)")
    parser.add_argument(
        "--speed", type=float, default=1000, help="how hurried the day is (default: as fast as it goes)"
    )
    wanted = parser.parse_args()
    found = report(
        run(wanted.calls, wanted.seconds, wanted.speed, lambda text: print(text, file=sys.stderr, flush=True))
    )
    print("| what | measured | target | met |\n|---|---|---|---|")
    says = {None: "-", True: "yes", False: "no"}
    for row in found:
        print(f"| {row.what} | {row.figure} | {row.target or '-'} | {says[row.met]} |")


if __name__ == "__main__":
    main()
