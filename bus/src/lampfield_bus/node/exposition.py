"""`/metrics` for Prometheus, on a port of its own that is closed unless a setting opens it.

A web server and prometheus_client are imported only where it is asked for (exposition_server.py): they are more than a
megabyte, and few ask. A wall matters more than its metrics: a port that cannot be had is told, and everything else goes
on.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from lampfield_bus.node.measures import Measure
from lampfield_bus.node.settings import PREFIX, NodeSettings

if TYPE_CHECKING:
    from lampfield_bus.node.exposition_server import Exposition

__all__ = ["expose"]

_log = logging.getLogger(__name__)


def expose(
    settings: NodeSettings, labels: Mapping[str, str], collect: Callable[[], Iterable[Measure]]
) -> "Exposition | None":
    """Serves what `collect` tells at the moment of each scrape, every sample with these `labels`; None if it is off.

    `collect` runs in a thread of the server's. The server's threads end with the process.
    """
    if settings.metrics_port is None:
        return None
    from lampfield_bus.node.exposition_server import Exposition, application  # noqa: PLC0415 (see the head)

    where = f"{settings.metrics_host}:{settings.metrics_port}"
    try:
        server = Exposition(settings.metrics_host, settings.metrics_port, application(labels, collect))
    except OSError as error:
        _log.error("%sMETRICS_PORT: %s: %s; going on without metrics", PREFIX, where, error.strerror or error)
        return None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    _log.info("metrics on http://%s/metrics", where)
    return server
