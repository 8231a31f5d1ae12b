"""A real Kamailio with the lines of docs/sip-monitor.md sends HEP: a call that it refuses is a ladder, none missing."""

import re
import socket
from pathlib import Path

import msgspec

from lampfield_bus.messages import SipLadder
from sip_monitor import ladder
from sip_monitor.hep import decode
from sip_monitor.tracker import Rules, Tracker
from support.sip import T0, request, sip
from support.sip_server import SipServer

DOCUMENTED = Path(__file__).parents[2] / "docs" / "sip-monitor.md"


def documented(port: int) -> str:
    """The lines for kamailio.cfg that the document gives, sent to this port."""
    text = DOCUMENTED.read_text(encoding="utf-8")
    lines = re.findall(r"^    ((?:loadmodule|modparam).*siptrace.*)$", text, re.MULTILINE)
    assert len(lines) > 3
    return "\n".join(lines).replace("127.0.0.1:9060", f"127.0.0.1:{port}")


def test_the_documented_lines_tell_of_a_call_that_kamailio_refuses(tmp_path: Path) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as monitor,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as telephone,
    ):
        for each in (monitor, telephone):
            each.bind(("127.0.0.1", 0))
            each.settimeout(10)
        with SipServer(tmp_path / "sip", lines=documented(monitor.getsockname()[1])) as server:
            there = ("127.0.0.1", server.port)
            telephone.sendto(request("INVITE").replace(b";branch", b";rport;branch"), there)
            refusal = sip(telephone.recv(65_536))
            tag = refusal.to.partition("tag=")[2]
            telephone.sendto(request("ACK", to_tag=tag).replace(b";branch", b";rport;branch"), there)
            datagrams = [monitor.recv(65_536) for _ in range(3)]
        caller = f"127.0.0.1:{telephone.getsockname()[1]}"
    tracker = Tracker(Rules())
    for datagram in datagrams:
        tracker.datagram(datagram, T0)
    kamailio = f"127.0.0.1:{there[1]}"
    told = msgspec.json.decode(tracker.records["c1"].payload(), type=SipLadder)
    assert ladder.rows(told) == [
        (caller, kamailio, "INVITE"),
        (kamailio, caller, "603 Decline"),
        (caller, kamailio, "ACK"),
    ]
    (dialog,) = tracker.dialogs
    assert (dialog.state, dialog.status, dialog.cause) == ("rejected", 603, "CALL_REJECTED")
    assert {decode(each).transport for each in datagrams} == {"UDP"}
    assert all(decode(each).at for each in datagrams)
