"""What answers Prometheus: a bounded web server. The one place that imports prometheus_client.

Imported by exposition.py alone, and only when it is asked for. Threads of its own read the process's numbers when
somebody scrapes; whoever counts never waits for whoever reads.
"""

import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from lampfield_bus.node.measures import Family, Histogram, Measure

__all__ = ["SCRAPES", "SLOW_SECONDS", "Exposition", "application"]

SCRAPES: Final = 4  # at once; who comes on top of them is turned away
SLOW_SECONDS: Final = 5.0  # that a scraper may let us wait for its next byte, or for room to write ours

_log = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Handler(WSGIRequestHandler):
    """One request. Nothing of it is logged: it comes every few seconds."""

    timeout = SLOW_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's signature)
        """Nothing."""


class Exposition(socketserver.ThreadingMixIn, WSGIServer):
    """A bounded HTTP server. Raises OSError when the address cannot be had."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, application: Application) -> None:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.address_family, _, _, _, address = found[0]
        self._free = threading.BoundedSemaphore(SCRAPES)
        super().__init__((str(address[0]), port), _Handler)
        self.set_app(application)

    def server_bind(self) -> None:
        """The base asks a name server who we are, and waits for it."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hands a connection to a thread, if there may be one more."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """A thread's body."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 (the base's signature)
        """A scraper that hangs up is its own affair; anything else may be a fault of ours."""
        _log.debug("a scrape ended early", exc_info=True)


def application(labels: Mapping[str, str], collect: Callable[[], Iterable[Measure]]) -> Application:
    """Serves what `collect` tells, every sample with these `labels`."""
    registry = CollectorRegistry()
    registry.register(_Collector(labels, collect))
    ProcessCollector(registry=registry)
    metrics: Application = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            return metrics(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"/metrics\n"]

    return answer


class _Collector:
    """Our measures in prometheus_client's words."""

    def __init__(self, labels: Mapping[str, str], collect: Callable[[], Iterable[Measure]]) -> None:
        self._names = tuple(labels)
        self._values = tuple(labels.values())
        self._collect = collect

    def describe(self) -> list[Any]:
        """Nothing is counted before the first scrape."""
        return []

    def collect(self) -> Iterator[Any]:
        """One scrape."""
        for measure in self._collect():
            yield self._histogram(measure) if isinstance(measure, Histogram) else self._family(measure)

    def _histogram(self, measure: Histogram) -> Any:
        family = HistogramMetricFamily(measure.name, measure.help, labels=self._names)
        buckets = [("+Inf" if end == float("inf") else str(end), count) for end, count in measure.buckets()]
        family.add_metric(self._values, buckets, measure.sum)
        return family

    def _family(self, measure: Family) -> Any:
        kind = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}[measure.kind]
        names = (*self._names, measure.label) if measure.label else self._names
        family = kind(measure.name, measure.help, labels=names)
        for value, number in measure.values.items():
            family.add_metric((*self._values, value) if measure.label else self._values, number)
        return family
