"""TLS: what is no PEM is named by its setting."""

import ssl
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
