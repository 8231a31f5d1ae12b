"""A FreeSWITCH that sends captured events over and over, as fast as it is read: the other end of the ingest bench.

Prints its port, serves one client. `python bench/peer.py json|plain bridged|all`
"""

import socket
import sys

import msgspec

from demo_switch.wire import AUTH_REQUEST, encode_plain, event_frame, reply
from support.captures import CAPTURES, events, others_like


def stream_of(name: str) -> list[bytes]:
    """The events that are looped: the captured bridged call's, or those of all captures in their order."""
    return [body for capture in (("call_bridged",) if name == "bridged" else CAPTURES) for body in events(capture)]


def loops(name: str) -> int:
    """How often, to be over 20 000 events."""
    return 20_500 // len(stream_of(name)) + 1


def framed(bodies: list[bytes], style: str) -> bytes:
    """As frames of `event json` or `event plain`."""
    if style == "plain":
        bodies = [encode_plain(msgspec.json.decode(body, type=dict[str, str | list[str]])) for body in bodies]
    return b"".join(event_frame(body, style) for body in bodies)


def repeated(stream: bytes, times: int) -> list[bytes]:
    """That often, made before anybody measures: a sender at work takes the reader's memory bandwidth away."""
    return list(others_like(stream, times))


def main() -> None:
    """Serves one client and goes when it goes."""
    style, name = sys.argv[1:]
    made = repeated(framed(stream_of(name), style), loops(name))
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
