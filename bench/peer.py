"""A FreeSWITCH that sends one captured call over and over, as fast as it is read: the other end of the ingest bench.

Prints its port, serves one client. `python bench/peer.py json|plain CALLS`
"""

import re
import socket
import sys
import uuid

import msgspec

from demo_switch.wire import AUTH_REQUEST, encode_plain, event_frame, reply
from support.captures import events

_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def call(style: str) -> bytes:
    """The captured bridged call, as frames of `event json` or `event plain`."""
    bodies = events("call_bridged")
    if style == "plain":
        bodies = [encode_plain(msgspec.json.decode(body, type=dict[str, str | list[str]])) for body in bodies]
    return b"".join(event_frame(body, style) for body in bodies)


def legs(stream: bytes) -> list[bytes]:
    """The channels' uuids: each repetition gets new ones, or it would be the same call again."""
    core = msgspec.json.decode(events("call_bridged")[0], type=dict[str, str | list[str]])["Core-UUID"]
    return [found for found in sorted(set(_UUID.findall(stream))) if found.decode() != core]


def repeated(stream: bytes, calls: int) -> list[bytes]:
    """That many calls, made before anybody measures: a sender at work takes the reader's memory bandwidth away."""
    uuids = legs(stream)
    made = []
    for _ in range(calls):
        fresh = stream
        for known in uuids:
            fresh = fresh.replace(known, str(uuid.uuid4()).encode())
        made.append(fresh)
    return made


def main() -> None:
    """Serves one client and goes when it goes."""
    style, calls = sys.argv[1], int(sys.argv[2])
    made = repeated(call(style), calls)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        client, _ = listener.accept()
    with client:
        client.sendall(AUTH_REQUEST)
        client.recv(4096)
        client.sendall(reply("+OK accepted"))
        client.recv(65536)
        client.sendall(reply(f"+OK event listener enabled {style}"))
        for one in made:
            client.sendall(one)
        client.recv(1)


if __name__ == "__main__":
    main()
