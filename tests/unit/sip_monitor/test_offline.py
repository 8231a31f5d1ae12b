"""`sip-monitor read`, `export` and `explain` as people type them."""

import os
import subprocess
import sys
from pathlib import Path

from sip_monitor.capture import packets
from support.sip import HEP_DATA, datagram, request


def run(*words: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LAMPFIELD_")}
    given = {**clean, **{f"LAMPFIELD_{name}": value for name, value in settings.items()}, "TZ": "UTC"}
    command = [sys.executable, "-m", "sip_monitor", *map(str, words)]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=50, check=False)


def test_a_file_is_listed_and_one_of_its_ladders_drawn_and_saved(tmp_path: Path) -> None:
    listed = run("read", HEP_DATA / "call_busy_486.hep").stdout.splitlines()
    assert [line.split()[:7] for line in listed[1:3]] == [
        ["1", "INVITE", "1000", "71001", "busy", "486", "Busy"], ["2", "INVITE", "1000", "1001", "busy", "486", "Busy"],
    ]  # fmt: skip
    assert listed[-1] == "12 packets, 0 of them no SIP, 2 dialogs"
    saved = tmp_path / "two.pcap"
    drawn = run("read", HEP_DATA / "call_busy_486.hep", "2", "--bodies", "--pcap", saved)
    assert "◀──" in drawn.stdout
    assert "486 Busy Here" in drawn.stdout
    assert "Call-ID: 88218193" in drawn.stdout
    assert len(list(packets(saved.read_bytes()))) == 4
    assert run("read", saved).stdout.splitlines()[-1] == "4 packets, 0 of them no SIP, 1 dialogs"


def test_a_file_commands_no_terminal_and_may_be_cut_off(tmp_path: Path) -> None:
    said = request("INVITE", extra="Subject: \x1b]0;mine\x07\r\n").replace(b"sip:1000@", b"sip:%1b[2J@")
    file = tmp_path / "evil.hep"
    file.write_bytes(datagram(said) + datagram(request("BYE", cseq=2))[:-9])
    done = run("read", file, "1", "--bodies")
    assert done.returncode == 0, done.stderr
    assert "Subject: \ufffd]0;mine" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[-1] == "1 packets, 0 of them no SIP, 1 dialogs"


def test_settings_hold_for_files_too() -> None:
    assert "OPTIONS" not in run("read", HEP_DATA / "ws_register_options.hep").stdout
    assert "OPTIONS" in run("read", HEP_DATA / "ws_register_options.hep", "--every").stdout
    assert "***01" in run("read", HEP_DATA / "call_busy_486.hep", HIDE_NUMBERS="on").stdout


def test_what_cannot_be_read_or_is_not_there_is_said(tmp_path: Path) -> None:
    for words, said in [
        (("read", tmp_path / "none.pcap"), "No such file"),
        (("read", Path(__file__)), "is neither pcap, nor pcapng, nor HEP"),
        (("read", HEP_DATA / "call_busy_486.hep", "7"), "no such dialog"),
        (("export", "c1", tmp_path / "x.pcap"), "127.0.0.1:1"),
        (("explain", "nonsense"), "not known"),
    ]:
        done = run(*words, MQTT_HOST="127.0.0.1", MQTT_PORT="1")
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr


def test_explain_takes_several_words() -> None:
    assert run("explain", "Busy", "Here").stdout.startswith("486 Busy Here")
