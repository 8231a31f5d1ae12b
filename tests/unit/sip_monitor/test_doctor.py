"""What the doctor says of the socket; what it says of the broker is tested with a real one."""

import socket
import threading

import pytest

from sip_monitor.doctor import broker, socket_findings
from sip_monitor.listener import Listener
from sip_monitor.settings import Settings
from support.sip import recorded


def findings(settings: Settings, seconds: float = 0.05) -> list[tuple[str, str]]:
    return [(finding.grade, finding.text) for finding in socket_findings(settings, seconds)]


@pytest.fixture
def port() -> int:
    with Listener("127.0.0.1", 0) as listener:
        return listener.port


def test_who_can_send(port: int) -> None:
    assert findings(Settings(hep_port=port))[0] == ("ok", f"HEP: 127.0.0.1:{port} takes this host alone")
    assert findings(Settings(hep_host="0.0.0.0", hep_port=port))[0][0] == "note"
    named = Settings(hep_host="0.0.0.0", hep_port=port, hep_sources=("192.0.2.7",))
    assert findings(named)[0] == ("ok", f"HEP: 0.0.0.0:{port} takes 192.0.2.7 alone")
    assert findings(Settings(hep_host="localhost", hep_port=port))[0][0] == "ok"


def test_an_address_that_is_taken_or_not_ours() -> None:
    with Listener("127.0.0.1", 0) as taken:
        assert findings(Settings(hep_port=taken.port))[-1][0] == "note"
    grade, text = findings(Settings(hep_host="198.51.100.255"))[-1]
    assert (grade, "assign" in text) == ("fail", True)


@pytest.mark.parametrize(
    ("sent", "grade", "said"),
    [(None, "note", "nothing came"), (b"junk", "fail", "is none"), (recorded("register")[0], "ok", "capture id 100")],
)
def test_whether_hep_comes(port: int, sent: bytes | None, grade: str, said: str) -> None:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(sent or b"", ("127.0.0.1", port))

    if sent is not None:
        threading.Timer(0.1, send).start()
    found = findings(Settings(hep_port=port), 0.05 if sent is None else 20.0)
    assert (found[-1][0], said in found[-1][1]) == (grade, True)
    assert "wait in the kernel" in found[1][1] or "the kernel keeps" in found[1][1]


def test_files_of_tls_that_are_none_are_told(tmp_path) -> None:  # type: ignore[no-untyped-def]  # pytest's
    wrong = tmp_path / "ca.pem"
    wrong.write_text("nonsense", encoding="utf-8")
    ((finding),) = list(broker(Settings(mqtt_tls=True, mqtt_ca_file=wrong)))
    assert finding.grade == "fail"
