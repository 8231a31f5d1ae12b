"""The name of a display that was given none: readable, and the same again after a restart.

On a Pi that is the host's name. In a container the host's name is the container's id, new with every container, so the
engine's name server is asked for the name behind the container's own address: `<project>-<service>-<n>.<network>` in
compose. The system's resolver cannot be used for that: /etc/hosts answers first, with the id.
"""

import re
import secrets
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["ask_name_server", "display_name", "readable", "reverse_answer", "reverse_query"]

_CONTAINER_ID: Final = re.compile(r"[0-9a-f]{12}|[0-9a-f]{64}")
_PTR, _IN = 12, 1  # RFC 1035, sections 3.2.2 and 3.2.4
_MAX_LABELS: Final = 127  # 255 bytes hold no more (RFC 1035, section 2.3.4)
_TIMEOUT_SECONDS: Final = 1.0
_ATTEMPTS: Final = 3
_RESOLV_CONF: Final = Path("/etc/resolv.conf")


def display_name(
    hostname: Callable[[], str] = socket.gethostname,
    addresses: Callable[[str], list[str]] | None = None,
    name_behind: Callable[[str], str | None] | None = None,
) -> str:
    """The host's name, or in a container the container's own name without project and network."""
    host = hostname() or "display"
    if not _CONTAINER_ID.fullmatch(host):
        return host.partition(".")[0] or host
    for address in (addresses or _own_addresses)(host):
        name = (name_behind or ask_name_server)(address)
        if name is not None and not _CONTAINER_ID.fullmatch(name.partition(".")[0]):
            return readable(name)
    return host


def readable(name: str) -> str:
    """`lampfield-led-renderer-2.lampfield_default` → `led-renderer-2`.

    Compose calls the default network `<project>_default`; a network of another name leaves the project in front,
    unless the service is called as ours.
    """
    container, _, network = name.rstrip(".").partition(".")
    project = network.rpartition("_")[0]
    if project and container.startswith(f"{project}-"):
        return container.removeprefix(f"{project}-")
    ours = re.search(r"(?:^|[-_])(led-renderer[-_]\d+)$", container)
    return ours[1] if ours else container


def ask_name_server(address: str) -> str | None:
    """The name behind an IPv4 address, asked of the first name server of /etc/resolv.conf; None when it has none."""
    server = _name_server()
    if server is None:
        return None
    number = secrets.randbelow(1 << 16)
    query = reverse_query(address, number)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(_TIMEOUT_SECONDS)
        for _ in range(_ATTEMPTS):
            try:
                asking.connect(server)
                asking.send(query)
                return reverse_answer(asking.recv(4096), number)
            except (OSError, ValueError):
                continue
    return None


def reverse_query(address: str, number: int) -> bytes:
    """A DNS question for the name behind an IPv4 address (RFC 1035, sections 3.5 and 4.1)."""
    labels = [*reversed(address.split(".")), "in-addr", "arpa"]
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + name + struct.pack(">HH", _PTR, _IN)


def reverse_answer(message: bytes, number: int) -> str | None:
    """The name in an answer; None when there is none. Raises ValueError for what is no answer to this question."""
    try:
        got, flags, questions, answers = struct.unpack_from(">HHHH", message)
        if got != number or not flags & 0x8000:
            raise ValueError("dns: not an answer to our question")
        at = 12
        for _ in range(questions):
            at = _name(message, at)[1] + 4
        for _ in range(answers):
            at = _name(message, at)[1]
            kind, _, _, length = struct.unpack_from(">HHIH", message, at)
            at += 10
            if kind == _PTR:
                return _name(message, at)[0]
            at += length
    except (struct.error, IndexError, UnicodeDecodeError):
        raise ValueError("dns: the answer is cut off or garbled") from None
    return None


def _name(message: bytes, at: int) -> tuple[str, int]:
    """A domain name and where it ends; compression pointers (RFC 1035, section 4.1.4) may only point backwards."""
    labels: list[str] = []
    end = 0
    while length := message[at]:
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | message[at + 1]
            end = end or at + 2
            if target >= at:
                raise ValueError("dns: a name that points forward")
            at = target
            continue
        labels.append(message[at + 1 : at + 1 + length].decode())
        at += 1 + length
        if len(labels) > _MAX_LABELS:
            raise ValueError("dns: a name without end")
    return ".".join(labels), end or at + 1


def _own_addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _name_server(resolv_conf: Path = _RESOLV_CONF) -> tuple[str, int] | None:
    try:
        lines = resolv_conf.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        word, _, server = line.strip().partition(" ")
        if word == "nameserver" and "." in server:
            return server.strip(), 53
    return None
