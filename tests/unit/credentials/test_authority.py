"""Certificates that openssl itself verifies."""

import subprocess
from pathlib import Path

import pytest

from credentials import authority
from credentials.authority import Pair


@pytest.fixture(scope="module")
def ca() -> Pair:
    return authority.make_authority()


def verifies(tmp_path: Path, ca: Pair, server: Pair, *arguments: str) -> bool:
    (tmp_path / "ca.pem").write_bytes(ca.certificate)
    (tmp_path / "server.pem").write_bytes(server.certificate)
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.pem", *arguments]
    return subprocess.run([*command, "server.pem"], cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_a_server_is_known_by_its_names_and_addresses_and_no_other(tmp_path: Path, ca: Pair) -> None:
    server = authority.issue(ca, ["pbx.example", "192.0.2.7", "fd00::7", "pbx.example"])
    assert authority.names_of(server.certificate) == {"pbx.example", "192.0.2.7", "fd00::7"}
    assert verifies(tmp_path, ca, server, "-verify_hostname", "pbx.example")
    assert verifies(tmp_path, ca, server, "-verify_ip", "192.0.2.7")
    assert not verifies(tmp_path, ca, server, "-verify_hostname", "other.example")


def test_another_authority_does_not_vouch_for_it(tmp_path: Path, ca: Pair) -> None:
    assert not verifies(tmp_path, authority.make_authority(), authority.issue(ca, ["pbx"]))


def test_a_pair_fits_while_it_is_valid(ca: Pair) -> None:
    server, other = authority.issue(ca, ["pbx"], days=30), authority.issue(ca, ["pbx"])
    assert authority.fits(server)
    assert authority.fits(server, 29)
    assert not authority.fits(server, 31)
    assert not authority.fits(Pair(other.key, server.certificate))


@pytest.mark.parametrize("name", ["", "a b", "x,DNS:evil.example", "-x", "a\nb", "*"])
def test_a_name_that_is_none_is_refused_before_openssl_sees_it(ca: Pair, name: str) -> None:
    with pytest.raises(ValueError, match=r"is no host; allowed: a name or an address"):
        authority.issue(ca, [name])


def test_what_is_no_certificate_is_told_in_one_line(ca: Pair) -> None:
    with pytest.raises(ValueError, match=r"^openssl x509: [^\n]+$"):
        authority.names_of(b"nonsense")
    with pytest.raises(ValueError, match="openssl"):
        authority.fits(Pair(b"nonsense", ca.certificate))
