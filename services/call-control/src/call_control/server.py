"""uvicorn, as a part of our process and not as its master: no signals, no logging and no command line of its own."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

__all__ = ["Server", "listening"]

BACKLOG = 2_048
KEEP_ALIVE_SECONDS = 30  # mod_httapi closes after each answer; browsers do not
GRACE_SECONDS = 1  # for answers under way when we stop; an event stream has no other end
CONCURRENT = 1_000  # requests at once; what is more is answered 503


def listening(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConnectionError that says why there is none."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConnectionError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None


class Server(uvicorn.Server):
    """Serves `app` on a socket until `should_exit` is set."""

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,  # a secret may stand in the URL
                proxy_headers=False,  # who asks is whom the socket names: an address is a right here
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
                limit_concurrency=CONCURRENT,
                backlog=BACKLOG,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's (node.run.Stop); uvicorn would raise them again and end with another status."""
        yield
