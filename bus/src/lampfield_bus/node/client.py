"""paho's client with an end of its own. Adds nothing to what it says to a broker."""

import contextlib
import socket

from paho.mqtt.client import Client as PahoClient  # noqa: TID251 (this is the one that others use)

__all__ = ["Client"]


class Client(PahoClient):
    """paho's, which can be shut, let go and closed.

    paho leaves its sockets, among them the pair that wakes its loop, to `__del__`; and the garbage collector ends the
    parts of a cycle in an order of its own.
    """

    def shut(self) -> None:
        """Shuts the connection, from any thread; the loop notices at once."""
        sock = self.socket()
        if isinstance(sock, socket.socket):
            with contextlib.suppress(OSError):
                # SSLSocket's own shutdown() takes the TLS object away under a loop that reads.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Breaks the cycle with who listens, so that the sockets are closed as soon as nobody holds this."""
        self.on_connect = self.on_disconnect = self.on_subscribe = self.on_publish = self.on_message = None
        self.on_socket_open = self.on_socket_register_write = None

    def close(self) -> None:
        """Closes the sockets now, without a word to the broker. No thread may use this any more."""
        self._reset_sockets()
