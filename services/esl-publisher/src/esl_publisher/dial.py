"""A connected TCP socket of gevent's, by IPv6 or IPv4, within a time limit. It knows nothing of protocols."""

import socket as _socket
import time
from collections.abc import Callable
from typing import Any, Final

import gevent
from gevent import socket

__all__ = ["dial"]

# A peer that vanished without a word is noticed by the kernel within half a minute (tcp(7)); Linux has them all.
_OPTIONS: Final = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 25_000))


def dial(host: str, port: int, seconds: float, opened: Callable[[Any], None]) -> Any:
    """Connects to the first of the host's addresses that answers. Raises OSError with a reason in words.

    Every socket is told to `opened` before it connects: closing it there is how another greenlet ends the attempt.
    """
    end = time.monotonic() + seconds
    try:
        with gevent.Timeout(seconds, TimeoutError("the name server does not answer")):
            addresses = socket.getaddrinfo(host, port, type=_socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OSError(f"{host}:{port}: {_why(error)}") from None
    failures = []
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            opened(sock)
            _tune(sock)
            # The last may take all the time that is left; one before it must leave some for the others.
            sock.settimeout(max(end - time.monotonic(), 0.1) / (len(addresses) - number))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failures.append(_why(error) if address[0] == host else f"{address[0]}: {_why(error)}")
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise OSError(f"{host}:{port}: {', '.join(dict.fromkeys(failures))}")


def _tune(sock: Any) -> None:
    sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS:
        if hasattr(_socket, name):
            sock.setsockopt(_socket.IPPROTO_TCP, getattr(_socket, name), value)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
