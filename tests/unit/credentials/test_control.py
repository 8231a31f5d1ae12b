"""A broker that is not there, or does not know us. One that does: tests/integration/test_credentials.py."""

import socket
import subprocess
from pathlib import Path

import pytest

from credentials import control
from credentials.control import LoginRefusedError, NotThereError
from support.broker import Broker


def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = control.Broker("127.0.0.1", probe.getsockname()[1], "keeper", "x")
        with pytest.raises(NotThereError, match=f"127.0.0.1:{nobody.port}: "):
            control.apply(nobody, [])


def test_a_broker_that_does_not_know_us(tmp_path: Path) -> None:
    (tmp_path / "passwords").write_text("other:secret\n", encoding="ascii")
    subprocess.run(["mosquitto_passwd", "-U", tmp_path / "passwords"], check=True)
    (tmp_path / "passwords").chmod(0o600)
    settings = ("allow_anonymous false", f"password_file {tmp_path}/passwords")
    broker = Broker(tmp_path / "broker", settings=settings).start()
    try:
        with pytest.raises(LoginRefusedError, match="Not authorized"):
            control.apply(control.Broker(broker.host, broker.port, "keeper", "x"), [])
    finally:
        broker.kill()
