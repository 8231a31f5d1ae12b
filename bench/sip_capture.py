"""The SIP monitor: CPU a message beside a bare UDP sink and beside sngrep, and the memory of 10 000 live dialogs.

A process of its own sends the recorded bridged call and the refused one (tests/data/hep) over and over by UDP on the
loopback, each time with Call-IDs of its own, a window at a time, so that nothing is lost. Counted is the receiver's own
CPU time: of the listener alone (the limit), and of listener, machine and encoding up to what is handed to the link. Of
sngrep 1.6 (`-N -q -L`, where it is installed) it is what /proc says of its process for the same stream.

`PYTHONPATH=tests python bench/sip_capture.py` prints the rows.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from demo_switch.stage import free_port
from lampfield_bus.node.outbox import Outbox
from measure import Row, Spread, spread
from sip_monitor.dialogs import DIALOG_BOUND
from sip_monitor.listener import Listener
from sip_monitor.monitor import Datagram, Monitor
from sip_monitor.tracker import Rules
from support.sip import ALICE, PROXY, answer, datagram, recorded, request

__all__ = ["rows"]

MESSAGES: Final = 20_000
WINDOW: Final = 50  # datagrams under way
ROUNDS: Final = 5
LIVE: Final = 9_900  # beside the 100 that ended
MEMORY_TARGET: Final = 64 * 1024 * 1024
RULES: Final = Rules(frozenset({"OPTIONS"}))


def stream() -> Iterator[bytes]:
    """MESSAGES datagrams of calls that begin and end."""
    calls = [*recorded("call_bridged")[1:], *recorded("call_busy_486")[1:]]
    ids = [b"902b765303f81823", b"85265ed4-6172", b"1a45ba4fe124d9d5", b"88218193-6172"]
    made = 0
    while made < MESSAGES:
        fresh = [str(made + number).encode().zfill(len(old)) for number, old in enumerate(ids)]
        for each in calls:
            for old, new in zip(ids, fresh, strict=True):
                each = each.replace(old, new)  # noqa: PLW2901 (the same datagram, with ids of its own)
            yield each
            made += 1


def send(port: int, window: int) -> None:
    """The sender's process: a window, then a byte on stdin for the next."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        for number, each in enumerate(stream(), 1):
            sender.send(each)
            if number % window == 0:
                sys.stdin.read(1)


def received(work: Callable[[list[bytes]], None]) -> float:
    """Seconds of this process's CPU for one message of the stream."""
    with Listener("127.0.0.1", 0) as listener:
        command = [sys.executable, __file__, "send", str(listener.port), str(WINDOW)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as sender:
            assert sender.stdin is not None
            count, cpu = 0, 0.0
            while count < MESSAGES:
                taken = listener.take(10.0)
                assert taken, f"{count} of {MESSAGES} came"
                before, count = count, count + len(taken)
                begin = time.process_time()
                work(taken)
                cpu += time.process_time() - begin
                sender.stdin.write(b"." * (count // WINDOW - before // WINDOW))
                sender.stdin.flush()
            sender.kill()
    return cpu / MESSAGES


def sink() -> float:
    """The listener alone: what reading a datagram costs."""
    with Listener("127.0.0.1", 0) as listener, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", listener.port))
        batch, cpu = recorded("call_bridged") * 2, 0.0
        for _ in range(200):
            for each in batch:
                sender.send(each)
            begin, count = time.process_time(), 0
            while count < len(batch):
                count += len(listener.take(1.0))
            cpu += time.process_time() - begin
    return cpu / (200 * len(batch))


def monitored() -> float:
    """The machine and what it tells."""
    monitor, told = Monitor("main", RULES, 0), Outbox()
    monitor.ready = True

    def work(taken: list[bytes]) -> None:
        now = time.time_ns() // 1_000_000
        for each in taken:
            monitor.receive(Datagram(each), now)
        told.put(monitor.tick(now))

    return received(work)


def sngrep() -> float | None:
    """CPU of sngrep for a message of the same stream; None where it is not installed."""
    program = shutil.which("sngrep")
    if program is None:
        return None
    port = free_port(socket.SOCK_DGRAM)
    # No filter: with -L it ends.
    command = [program, "-N", "-q", "-l", "5000", "-R", "-d", "lo", "-L", f"udp:127.0.0.1:{port}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        time.sleep(2.0)
        before = cpu_seconds(process.pid)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number, each in enumerate(stream()):
                sender.sendto(each, ("127.0.0.1", port))
                if number % WINDOW == 0:
                    time.sleep(0.01)
        time.sleep(1.0)
        spent = cpu_seconds(process.pid) - before
        assert process.poll() is None, "sngrep has ended"
        process.kill()
    return spent / MESSAGES


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def held() -> None:
    """Its own process: LIVE dialogs, told while they ring and again when they are up; prints resident bytes."""
    import sip_monitor.app  # noqa: F401, PLC0415 (all that the service loads)
    from lampfield_bus.node.health import rss_bytes  # noqa: PLC0415

    monitor, told = Monitor("main", RULES, 0), Outbox(retained_bound=2 * DIALOG_BOUND + 100)
    told.connected()
    monitor.ready = True
    sdp = "Content-Type: application/sdp\r\n"
    content = (
        "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 0 101\r\n" * 2
    )
    now = 1_795_391_507_000
    for second_half in (False, True):
        for number in range(LIVE):
            call_id = f"{number:016x}@192.0.2.7"
            whole = [
                request("INVITE", call_id=call_id), answer(407, "Proxy Authentication Required", call_id=call_id),
                request("ACK", call_id=call_id),
                request("INVITE", call_id=call_id, cseq=2, branch="z9hG4bK2", extra=sdp, content=content),
                answer(180, "Ringing", call_id=call_id, cseq=2, branch="z9hG4bK2"),
                answer(200, "OK", call_id=call_id, cseq=2, branch="z9hG4bK2", extra=sdp, content=content),
                request("ACK", call_id=call_id, cseq=2, branch="z9hG4bK3"),
            ]  # fmt: skip
            for payload in whole[4:] if second_half else whole[:4]:
                ends = (PROXY, ALICE) if payload.startswith(b"SIP") else (ALICE, PROXY)
                monitor.receive(Datagram(datagram(payload, *ends, now)), now)
            now += 1
        while monitor.tracker.touched:
            now += 50
            told.put(monitor.tick(now))
            for ticket, _ in told.take(2 * DIALOG_BOUND):
                told.done(ticket)
    assert len(monitor.tracker.dialogs) == LIVE
    print(rss_bytes())


def rows() -> Iterator[Row]:
    """The lines of the report."""
    figures: dict[str, list[float]] = {"sink": [], "monitor": []}
    for _ in range(ROUNDS):
        figures["sink"].append(sink())
        figures["monitor"].append(monitored())
    bare, whole = spread(figures["sink"]), spread(figures["monitor"])
    figure = (
        f"{_micro(whole)} of CPU a message, {1 / whole.median:,.0f} a second and core; the sink alone {_micro(bare)}"
        f" ({whole.median / bare.median:.0f}x)"
    )
    yield Row("SIP by HEP, socket to publications, beside a bare UDP sink", figure, "", None)
    theirs = sngrep()
    if theirs is not None:
        figure = f"{whole.median / theirs:.1f}x: {whole.median * 1e6:.1f} µs against {theirs * 1e6:.1f} µs"
        yield Row("the same stream, against sngrep 1.6 -N -q -L", figure, "", None)
    done = subprocess.run([sys.executable, __file__, "held"], capture_output=True, text=True, check=True)
    size = int(done.stdout)
    what = f"memory of a sip-monitor with {LIVE:,} live dialogs of 7 messages, outbox included"
    yield Row(what, f"{size / 1048576:.0f} MiB", "≤ 64 MiB", size <= MEMORY_TARGET)


def _micro(found: Spread) -> str:
    return f"{found.median * 1e6:.1f} ({found.least * 1e6:.1f}-{found.most * 1e6:.1f}) µs"


if __name__ == "__main__":
    if sys.argv[1:2] == ["send"]:
        send(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] == ["held"]:
        held()
    else:
        for row in rows():
            print(f"{row.what}: {row.figure} {row.met}")
