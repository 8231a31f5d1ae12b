"""Identity: a readable name that a restart keeps."""

import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer import identity
from led_renderer.identity import ask_name_server, display_name, readable, reverse_answer, reverse_query

CONTAINER = "f3c2a1b0c9d8"


def never(_: str) -> str | None:
    raise AssertionError("a host with a name of its own is not asked for another")


def test_on_a_host_it_is_the_hosts_name_without_its_domain() -> None:
    assert display_name(lambda: "reception.office.example", name_behind=never) == "reception"


def test_in_a_container_it_is_the_containers_name() -> None:
    name = display_name(
        lambda: CONTAINER, lambda _: ["172.18.0.4"], lambda _: "lampfield-led-renderer-2.lampfield_default"
    )
    assert name == "led-renderer-2"


def test_a_container_in_two_networks_is_asked_for_until_one_knows_it() -> None:
    names = {"10.0.0.4": None, "10.1.0.4": f"{CONTAINER}.other", "10.2.0.4": "site-wall-1.site_default"}
    assert display_name(lambda: CONTAINER, lambda _: list(names), names.__getitem__) == "wall-1"


def test_a_container_that_nobody_knows_is_its_host_name() -> None:
    assert display_name(lambda: CONTAINER, lambda _: ["172.18.0.4"], lambda _: None) == CONTAINER


def test_a_host_without_a_name_is_a_display() -> None:
    assert display_name(lambda: "", name_behind=never) == "display"


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ("lampfield-led-renderer-1.lampfield_default", "led-renderer-1"),
        ("lampfield-led-renderer-12.lampfield_default.", "led-renderer-12"),
        ("my-site-led-renderer-3.my-site_front", "led-renderer-3"),
        ("my_site-wall-3.my_site_default", "wall-3"),
        ("lampfield-led-renderer-1.bridge-of-mine", "led-renderer-1"),
        ("lampfield_led-renderer_1.lampfield_default", "led-renderer_1"),
        ("kitchen.panels", "kitchen"),
        ("kitchen", "kitchen"),
    ],
)
def test_project_and_network_are_left_out(container: str, expected: str) -> None:
    assert readable(container) == expected


def encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def answer(query: bytes, name: str | None, *, number: int | None = None) -> bytes:
    """An answer of a name server: a CNAME, then the PTR, the owner's name as a pointer to the question."""
    (asked,) = struct.unpack_from(">H", query)
    records = []
    if name is not None:
        for kind, target in ((5, "alias.example"), (12, name)):
            data = encoded(target)
            records.append(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 600, len(data)) + data)
    head = struct.pack(">HHHHHH", asked if number is None else number, 0x8180, 1, len(records), 0, 0)
    return head + query[12:] + b"".join(records)


def test_the_question_is_a_reverse_lookup() -> None:
    query = reverse_query("172.18.0.4", 0x1234)
    assert query == b"\x12\x34\x01\x00\x00\x01" + bytes(6) + encoded("4.0.18.172.in-addr.arpa") + b"\x00\x0c\x00\x01"


def test_the_name_is_read_from_the_answer() -> None:
    query = reverse_query("172.18.0.4", 7)
    assert reverse_answer(answer(query, "a-led-renderer-1.a_default"), 7) == "a-led-renderer-1.a_default"


def test_an_answer_without_a_name_is_none() -> None:
    assert reverse_answer(answer(reverse_query("10.0.0.1", 7), None), 7) is None


@pytest.mark.parametrize(
    "message",
    [
        b"",
        reverse_query("10.0.0.1", 7),
        answer(reverse_query("10.0.0.1", 7), "a.b", number=8),
        answer(reverse_query("10.0.0.1", 7), "a.b")[:-3],
        struct.pack(">HHHHHH", 7, 0x8180, 1, 0, 0, 0) + b"\xc0\x0c",
        struct.pack(">HHHHHH", 7, 0x8180, 1, 0, 0, 0) + b"\x01a\xc0\x0c",
    ],
    ids=["empty", "question", "another's", "cut off", "points at itself", "a loop"],
)
def test_what_is_no_answer_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="dns"):
        reverse_answer(message, 7)


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_no_name(tail: bytes) -> None:
    message = struct.pack(">HHHHHH", 7, 0x8180, 1, 1, 0, 0) + tail
    try:
        name = reverse_answer(message, 7)
    except ValueError:
        return
    assert name is None or isinstance(name, str)


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[bytes], bytes]], None]:
    """Starts a name server that answers each question with `reply(question)`."""

    def start(reply: Callable[[bytes], bytes]) -> None:
        serving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        serving.bind(("127.0.0.1", 0))

        def serve() -> None:
            with serving:
                question, asker = serving.recvfrom(4096)
                serving.sendto(reply(question), asker)

        threading.Thread(target=serve, daemon=True).start()
        monkeypatch.setattr(identity, "_name_server", serving.getsockname)

    return start


def test_the_name_server_is_asked(name_server: Callable[[Callable[[bytes], bytes]], None]) -> None:
    name_server(lambda question: answer(question, "a-led-renderer-1.a_default"))
    assert ask_name_server("172.18.0.4") == "a-led-renderer-1.a_default"


def test_a_name_server_that_is_gone_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        gone = probe.getsockname()
    monkeypatch.setattr(identity, "_name_server", lambda: gone)
    assert ask_name_server("172.18.0.4") is None


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("search x\nnameserver 127.0.0.11\nnameserver 9.9.9.9\n", ("127.0.0.11", 53)),
        ("nameserver ::1\nnameserver 10.0.0.1\n", ("10.0.0.1", 53)),
        ("options ndots:0\n", None),
    ],
)
def test_the_first_ipv4_name_server_counts(tmp_path: Path, text: str, server: tuple[str, int] | None) -> None:
    (tmp_path / "resolv.conf").write_text(text)
    assert identity._name_server(tmp_path / "resolv.conf") == server


def test_without_resolv_conf_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert identity._name_server(tmp_path / "missing") is None
    monkeypatch.setattr(identity, "_name_server", lambda: None)
    assert ask_name_server("172.18.0.4") is None
