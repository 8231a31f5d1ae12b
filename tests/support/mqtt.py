"""paho's client, with nothing of ours: the tests' end of the bus is independent of the product's."""

from paho.mqtt import client
from paho.mqtt.enums import MQTTErrorCode

__all__ = ["Client"]


class Client(client.Client):  # noqa: TID251 (this is the one that tests use)
    """paho's, whose sockets are closed when its thread has ended.

    paho leaves the pair that wakes its thread to `__del__`. A client and its callbacks are a cycle, whose parts the
    garbage collector ends in an order of its own: now and then the sockets first, a ResourceWarning in whatever test
    runs just then.
    """

    def loop_stop(self) -> MQTTErrorCode:
        ended = super().loop_stop()
        self._reset_sockets()
        return ended
