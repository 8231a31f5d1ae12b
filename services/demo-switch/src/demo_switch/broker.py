"""The demo's broker: mosquitto where there is one, else one from the package index, embedded (iotcore: rumqttd in a
wheel).

Good enough for a demo and for nothing else. The embedded one speaks MQTT 5 with retained messages, deletion, wills
and QoS 1, but
delivers at most 100 retained messages per subscription and ignores retain-as-published and retain-handling: a display
of more than
that many topics would be incomplete, and a stored command would be obeyed again. Both listen on the loopback only.

A mosquitto that was built without WebSocket cannot serve the wall in a browser: the stage starts the embedded one then.

`python -m demo_switch.broker --port N --web-port N` runs the embedded one until it is terminated.
"""

import argparse
import importlib.util
import shutil
import signal
import sys
import tempfile
from pathlib import Path

_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
# Small messages go out at once, and no display misses retained ones.
set_tcp_nodelay true
max_queued_messages 100000
persistence false
log_dest stderr
log_type error
log_type warning
"""

_FOR_THE_WALL = """\
# For the wall in a browser.
listener {web_port} 127.0.0.1
protocol websockets
"""

# What mosquitto says when it was built without (conda-forge's is).
NO_WEBSOCKET = "Websockets support not available"

_RUMQTTD = """\
id = 0
[router]
id = 0
max_connections = 64
max_outgoing_packet_count = 10000
max_segment_size = 10485760
max_segment_count = 10
[v5.1]
name = "demo"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 1000
dynamic_filters = true
# For the wall in a browser: 3.1.1, it has no other over WebSocket.
[ws.1]
name = "web"
listen = "127.0.0.1:{web_port}"
next_connection_delay_ms = 1
[ws.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 1000
dynamic_filters = true
"""


def mosquitto() -> str | None:
    """Where mosquitto is; Debian puts it in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def embedded() -> bool:
    """Whether the embedded broker's wheel is installed."""
    return importlib.util.find_spec("iotcore") is not None


def command(port: int, web_port: int | None, folder: Path) -> list[str]:
    """How to start the broker, on `port` and, for WebSocket, `web_port`; what it needs is put into `folder`.

    `web_port` None: mosquitto, without WebSocket.
    """
    found = mosquitto()
    if found is None:
        return embedded_command(port, web_port or 0)
    configuration = folder / "mosquitto.conf"
    text = _MOSQUITTO if web_port is None else _MOSQUITTO + _FOR_THE_WALL
    configuration.write_text(text.format(port=port, web_port=web_port), encoding="utf-8")
    return [found, "-c", str(configuration)]


def embedded_command(port: int, web_port: int) -> list[str]:
    """How to start the embedded one."""
    return [sys.executable, "-m", "demo_switch.broker", "--port", str(port), "--web-port", str(web_port)]


def main() -> None:
    """Run the embedded broker. Exit status 1 where its wheel is not installed."""
    parser = argparse.ArgumentParser(prog="python -m demo_switch.broker", description="An MQTT broker for the demo.")
    parser.add_argument("--port", type=int, required=True, help="for MQTT 5")
    parser.add_argument("--web-port", type=int, required=True, help="for MQTT 3.1.1 over WebSocket")
    arguments = parser.parse_args()
    try:
        from iotcore import IotCoreBroker  # noqa: PLC0415  # an extra: absent on platforms for which there is no wheel
    except ImportError:
        sys.exit("no broker: install mosquitto, or this package's extra `broker` where there is a wheel of iotcore")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # its loop is native code that never comes back to run a handler
    with tempfile.NamedTemporaryFile("w", suffix=".toml", delete=False) as file:
        file.write(_RUMQTTD.format(port=arguments.port, web_port=arguments.web_port))
    broker = IotCoreBroker(config_path=file.name)
    Path(file.name).unlink()
    broker.run_forever()


if __name__ == "__main__":
    main()
