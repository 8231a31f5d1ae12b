"""What comes by HEP from whoever reaches the port, held to libFuzzer: `make fuzz`, or `captures.py hep|sip SECONDS`.

Coverage leads it from the recorded captures to what no test has thought of. A ValueError is the answer to what is no
HEP or no SIP; anything else is a crash, and so is a table that grows. What it finds becomes a test of its own.
"""

import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sip_monitor"]):
    from sip_monitor import hep
    from sip_monitor.dialogs import Dialogs
    from sip_monitor.hep import Packet
    from sip_monitor.monitor import Monitor
    from sip_monitor.records import Records
    from sip_monitor.tracker import Rules, Tracker

from support.sip import HEP_DATA, T0, recorded

DIALOGS, TEXTS, DRAFTS = 40, 256 * 1024, 128 * 1024


class Bench:
    """One machine that lives through all inputs, as the service does."""

    def __init__(self) -> None:
        rules = Rules(frozenset({"OPTIONS"}), "all", hide_numbers=True)
        tracker = Tracker(rules, Dialogs(bound=DIALOGS, ended_bound=DIALOGS // 4), Records(TEXTS, DRAFTS))
        self.monitor = Monitor("main", rules, T0, tracker)
        self.monitor.ready = True
        self.now = T0
        self.inputs = 0

    def settle(self) -> None:
        """At times everything is told, and nothing has grown."""
        self.inputs += 1
        self.now += 20
        if self.inputs % 16:
            return
        self.now += 250
        for publication in self.monitor.tick(self.now):
            assert publication.content or publication.retain
        tracker = self.monitor.tracker
        list(tracker.faults())
        tracker.fresh.clear()
        assert len(tracker.dialogs) <= DIALOGS
        assert set(tracker.records) == {each.call_id for each in tracker.dialogs}
        assert tracker.records.size <= 2 * TEXTS
        assert len(tracker.touched) <= DIALOGS
        assert len(tracker.gone) == 0


def of_hep(bench: Bench, content: bytes) -> None:
    """A datagram of any content."""
    bench.monitor.tracker.datagram(content, bench.now)
    try:
        packet = hep.decode(content)
        again = hep.decode(hep.encode(packet))
    except ValueError:
        return
    assert again.payload == packet.payload


def of_sip(bench: Bench, content: bytes) -> None:
    """A message of any content, by UDP or within a stream."""
    for transport in ("UDP", "TCP"):
        packet = Packet("192.0.2.7:5060", "192.0.2.1:5060", transport, None, hep.SIP, 1, content)
        try:
            bench.monitor.tracker.packet(packet, bench.now)
        except ValueError:
            continue


def seeds(target: str, directory: Path) -> None:
    """What the captures hold, one file each."""
    for path in HEP_DATA.glob("*.hep"):
        for number, datagram in enumerate(recorded(path.stem)):
            content = datagram if target == "hep" else hep.decode(datagram).payload
            (directory / f"{path.stem}-{number}").write_bytes(content)


def main() -> None:
    """Never returns: libFuzzer ends the process, with 77 after a crash."""
    target, seconds = sys.argv[1], int(sys.argv[2])
    one, bench = {"hep": of_hep, "sip": of_sip}[target], Bench()

    def run(content: bytes) -> None:
        one(bench, content)
        bench.settle()

    corpus = Path(tempfile.mkdtemp(prefix=f"lampfield-fuzz-{target}-"))
    seeds(target, corpus)
    limits = [f"-max_total_time={seconds}", "-max_len=4096", "-rss_limit_mb=512", "-timeout=5"]
    where = f"-artifact_prefix={os.environ.get('FUZZ_ARTIFACTS', '.')}/"
    atheris.Setup([sys.argv[0], str(corpus), *limits, where, "-print_final_stats=1"], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
