"""uvicorn, as a part of our process and not as its master: no signals, no logging and no command line of its own."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

__all__ = ["Server", "listening"]

BACKLOG = 2_048
KEEP_ALIVE_SECONDS = 30  # mod_httapi closes after each answer; browsers do not
GRACE_SECONDS = 0.8  # for answers under way when we stop; an event stream has no other end
LAST_SECONDS = 0.1  # for the last bytes of what is cut short then
UVICORN_SECONDS = 1  # what is not even cut short by now is lost; uvicorn calls it an error
CONCURRENT = 1_000  # requests at once; what is more is answered 503

_log = logging.getLogger(__name__)


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
                _ending(app),
                lifespan="off",
                log_config=None,
                access_log=False,  # a secret may stand in the URL
                proxy_headers=False,  # who asks is whom the socket names: an address is a right here
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=UVICORN_SECONDS,
                limit_concurrency=CONCURRENT,
                backlog=BACKLOG,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Waits for answers under way, and cuts short what is left: a stop is no error."""
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._cut)
        await super().shutdown(sockets)

    def _cut(self) -> None:
        if self.server_state.tasks:
            _log.info("stopping: requests cut short: %d", len(self.server_state.tasks))
        for task in self.server_state.tasks:
            task.cancel()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's (node.run.Stop); uvicorn would raise them again and end with another status."""
        yield


def _ending(app: Any) -> Any:
    """`app`; when its task is cancelled it ends what it has begun to answer, and answers 503 otherwise.

    uvicorn would log a traceback and answer 500.
    """

    async def ending(scope: Any, receive: Any, send: Any) -> None:
        begun = False

        async def noting(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, noting)
        except asyncio.CancelledError:
            if not begun:
                await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
            with contextlib.suppress(TimeoutError):  # its peer does not read
                await asyncio.wait_for(send({"type": "http.response.body"}), LAST_SECONDS)

    return ending
