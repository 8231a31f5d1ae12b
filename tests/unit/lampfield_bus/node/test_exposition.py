"""Whether there is an exposition: only where it is asked for, and can be had. What it tells: exposition_server."""

import socket
import subprocess
import sys

import pytest

from lampfield_bus.node.exposition import expose
from lampfield_bus.node.settings import NodeSettings


def test_without_a_port_nothing_is_opened_nor_even_imported() -> None:
    program = """
import sys
from lampfield_bus.node.exposition import expose
from lampfield_bus.node.settings import NodeSettings
assert expose(NodeSettings(_env_file=None), {}, list) is None
assert not {"prometheus_client", "wsgiref"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={})


def test_a_port_that_is_taken_is_told_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert expose(NodeSettings(metrics_port=port), {}, list) is None
    assert f"LAMPFIELD_METRICS_PORT: 127.0.0.1:{port}: Address already in use; going on without" in caplog.text
