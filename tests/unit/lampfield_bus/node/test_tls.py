"""TLS: what is no PEM is named by its setting."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from lampfield_bus.node import tls


def test_without_files_the_system_is_trusted_and_names_are_checked() -> None:
    made = tls.context(None, None, None)
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_what_is_no_pem_is_named_by_its_setting(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", encoding="ascii")
    with pytest.raises(ValueError, match=r"LAMPFIELD_MQTT_CA_FILE: .*bad\.pem"):
        tls.context(str(bad), None, None)
    with pytest.raises(ValueError, match=r"LAMPFIELD_MQTT_CERT_FILE: .*bad\.pem"):
        tls.context(None, str(bad), str(bad))


def test_a_file_that_cannot_be_read_is_named_too(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.pem")
    with pytest.raises(ValueError, match=r"LAMPFIELD_MQTT_CA_FILE: .*gone\.pem: No such file"):
        tls.context(gone, None, None)
    with pytest.raises(ValueError, match=r"LAMPFIELD_MQTT_CERT_FILE: .*gone\.pem: No such file"):
        tls.context(None, gone, gone)


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    openssl = ["openssl", "req", "-x509", "-newkey", "ed25519", "-subj", "/CN=display", "-passout", "pass:made-up"]
    subprocess.run([*openssl, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    master, slave = os.openpty()
    program = "import sys; from lampfield_bus.node import tls; tls.context(None, *sys.argv[1:])"
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program, certificate, key],
            stdin=slave, capture_output=True, text=True, timeout=30, start_new_session=True, check=False,
        )  # fmt: skip
    finally:
        os.close(master)
        os.close(slave)
    assert "ValueError: LAMPFIELD_MQTT_CERT_FILE: " in ended.stderr
    assert "pass phrase" not in ended.stderr + ended.stdout
