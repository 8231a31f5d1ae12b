"""Debian's sngrep reads the pcap that we write, and what it sends on by HEP is the same call again."""

import shutil
import socket
import subprocess
from pathlib import Path

import msgspec
import pytest

from lampfield_bus.messages import SipLadder
from sip_monitor import ladder
from sip_monitor.capture import as_pcap
from sip_monitor.tracker import Rules, Tracker
from support.sip import T0, recorded

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]

CALL_ID = "902b765303f81823@127.0.0.1"


def told(tracker: Tracker) -> SipLadder:
    return msgspec.json.decode(tracker.records[CALL_ID].payload(), type=SipLadder)


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
