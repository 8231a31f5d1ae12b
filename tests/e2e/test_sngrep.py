"""Debian's sngrep beside us: it reads the pcap that we write, and of sipp's calls both show the same ladders."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from demo_switch.stage import free_port
from lampfield_bus.instants import parse
from lampfield_bus.messages import SipLadder
from sip_monitor import hep, ladder
from sip_monitor.capture import as_pcap, payload_of
from sip_monitor.hep import Packet
from sip_monitor.tracker import Rules, Tracker
from support.sip import T0, recorded
from support.sngrep import Sngrep

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]

CALL_ID = "902b765303f81823@127.0.0.1"
SIPP = Path(__file__).parents[1] / "data" / "sipp"


def told(tracker: Tracker, call_id: str = CALL_ID) -> SipLadder:
    return msgspec.json.decode(tracker.records[call_id].payload(), type=SipLadder)


def test_a_ladder_goes_through_sngrep_and_comes_back(tmp_path: Path) -> None:
    assert shutil.which("sngrep"), "`make e2e` installs it"
    ours = Tracker(Rules())
    for each in recorded("call_bridged"):
        ours.datagram(each, T0)
    path = tmp_path / "call.pcap"
    path.write_bytes(as_pcap(told(ours).messages, CALL_ID))
    theirs = Tracker(Rules())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(30)
        port = receiver.getsockname()[1]
        command = ["sngrep", "-N", "-q", "-I", str(path), "-H", f"udp:127.0.0.1:{port}"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as sngrep:
            for _ in told(ours).messages:
                theirs.datagram(receiver.recv(65_536), T0)
            sngrep.kill()
    assert theirs.bad_datagrams == 0
    assert ladder.rows(told(theirs)) == ladder.rows(told(ours))
    assert [d.state for d in theirs.dialogs] == ["completed"]


def test_what_we_write_as_hep_is_the_same_ladder_on_sngrep_s_screen() -> None:
    ours, port = Tracker(Rules()), free_port(socket.SOCK_DGRAM)
    for each in recorded("call_bridged"):
        ours.datagram(each, T0)
    with udp() as sender, Sngrep("-L", f"udp:127.0.0.1:{port}") as sngrep:  # alone: others call on the loopback
        sngrep.shows("Dialogs: 0")
        for arrow in told(ours).messages:
            payload = payload_of(arrow, CALL_ID)
            packet = Packet(arrow.from_, arrow.to, "UDP", parse(arrow.at), hep.SIP, 100, payload)
            sender.sendto(hep.encode(packet), ("127.0.0.1", port))
        sngrep.shows("COMPLETED")
        sngrep.press("Enter")
        sngrep.shows("Call flow for 902b765303f81823")
        caller = told(ours).hosts[0]
        # it cuts what is longer than its column
        expected = [(">" if source == caller else "<", text[:26]) for source, _, text in ladder.rows(told(ours))]
        assert [(way, text[:26]) for way, text in sngrep.ladder(len(expected))] == expected


@contextmanager
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        found.settimeout(30)
        yield found


def call(port: int, answerer: list[str], caller: list[str]) -> None:
    """One call of sipp to sipp."""
    assert shutil.which("sipp"), "`make e2e` installs it (sip-tester)"
    common = ["-i", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", "20s"]
    with subprocess.Popen(
        ["sipp", *answerer, "-p", str(port), *common], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as far:
        near = ["sipp", f"127.0.0.1:{port}", *caller, "-p", str(free_port(socket.SOCK_DGRAM)), *common]
        subprocess.run(near, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30, check=False)
        assert far.wait(20) == 0


def test_of_sipp_s_calls_nothing_is_missing_and_our_ladders_are_sngrep_s_own_screen() -> None:
    port = free_port(socket.SOCK_DGRAM)
    ours, scenario = Tracker(Rules()), {each.stem: ["-sf", str(each)] for each in SIPP.glob("*.xml")}
    with udp() as receiver:
        target = f"udp:127.0.0.1:{receiver.getsockname()[1]}"
        with Sngrep("-d", "lo", "-H", target, "port", str(port)) as sngrep:
            sngrep.shows("Dialogs: 0")
            call(port, ["-sn", "uas"], ["-sn", "uac", "-d", "200"])
            call(port, scenario["busy"], ["-sn", "uac"])
            call(port, scenario["rings"], scenario["cancels"])
            for _ in range(6 + 3 + 6):
                ours.datagram(receiver.recv(65_536), T0)
            sngrep.shows("CANCELLED")
            listed = sngrep.calls(6 + 3 + 6)
            screens = []
            for row in listed:
                sngrep.press("Enter")
                sngrep.shows("Call flow for")
                screens.append(sngrep.ladder(int(row[-4])))
                sngrep.press("Escape")
                sngrep.shows("Current Mode")
                sngrep.press("Down")
        receiver.settimeout(0.0)
        with pytest.raises(BlockingIOError):
            receiver.recv(1)
    dialogs = sorted(ours.dialogs, key=lambda each: each.started_at)
    assert ours.bad_datagrams == 0
    assert [(str(each.messages), each.state.upper()) for each in dialogs] == [(row[-4], row[-1]) for row in listed]
    for dialog, screen in zip(dialogs, screens, strict=True):
        drawn = told(ours, dialog.call_id)
        caller, _ = drawn.hosts
        assert [(">" if source == caller else "<", text) for source, _, text in ladder.rows(drawn)] == screen
        assert len(screen) == dialog.messages
