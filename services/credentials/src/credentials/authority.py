"""Certificates: an authority of one's own and what it signs for the broker, made by openssl (decision 12).

Keys are ECDSA P-256. A client that trusts the authority's certificate knows the broker by its names and addresses.
"""

import ipaddress
import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["AUTHORITY_DAYS", "RENEW_DAYS", "SERVER_DAYS", "Pair", "fits", "issue", "make_authority", "names_of"]

AUTHORITY_DAYS: Final = 3650  # every display holds its certificate: renewing it means going to each of them
SERVER_DAYS: Final = 825  # the most that clients of Apple's take
RENEW_DAYS: Final = 90  # one that ends sooner is renewed when the broker is started

_CURVE: Final = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class Pair(NamedTuple):
    """A private key and its certificate, PEM."""

    key: bytes
    certificate: bytes


def make_authority() -> Pair:
    """A new authority. Raises ValueError with openssl's words."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        config = "[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\n"
        config += "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
        (at / "config").write_text(config, encoding="ascii")
        _openssl(at, "req", "-x509", *_CURVE, "-config", "config", "-subj", "/CN=Lampfield broker authority",
                 "-days", str(AUTHORITY_DAYS), "-keyout", "key", "-out", "certificate")  # fmt: skip
        return Pair((at / "key").read_bytes(), (at / "certificate").read_bytes())


def issue(authority: Pair, names: Iterable[str], days: int = SERVER_DAYS) -> Pair:
    """A certificate for a server of these host names and addresses. Raises ValueError for a name that is neither."""
    alternatives = [_alternative(name) for name in dict.fromkeys(names)]
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "ca.key").write_bytes(authority.key)
        (at / "ca.pem").write_bytes(authority.certificate)
        (at / "config").write_text("[req]\ndistinguished_name=dn\n[dn]\n", encoding="ascii")
        extensions = f"basicConstraints=critical,CA:FALSE\nsubjectAltName={','.join(alternatives)}\n"
        extensions += "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
        extensions += "authorityKeyIdentifier=keyid\n"
        (at / "extensions").write_text(extensions, encoding="ascii")
        _openssl(at, "req", "-new", *_CURVE, "-config", "config", "-subj", "/CN=Lampfield broker",
                 "-keyout", "key", "-out", "request")  # fmt: skip
        _openssl(at, "x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-extfile", "extensions", "-days", str(days), "-out", "certificate")  # fmt: skip
        return Pair((at / "key").read_bytes(), (at / "certificate").read_bytes())


def names_of(certificate: bytes) -> set[str]:
    """The host names and addresses that a certificate is for. Raises ValueError for what is no certificate."""
    told = _openssl(None, "x509", "-noout", "-ext", "subjectAltName", given=certificate)
    found = re.findall(r"(DNS|IP Address):([^,\s]+)", told)
    return {str(ipaddress.ip_address(value)) if kind != "DNS" else value for kind, value in found}


def fits(pair: Pair, days: int = 0) -> bool:
    """Whether the key is the certificate's and that is valid in so many days. Raises ValueError for what is neither."""
    if _openssl(None, "pkey", "-pubout", given=pair.key) != _openssl(
        None, "x509", "-noout", "-pubkey", given=pair.certificate
    ):
        return False
    seconds = str(days * 86_400)
    done = _run(None, pair.certificate, "x509", "-noout", "-checkend", seconds)
    return done.returncode == 0


def _alternative(name: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        pass
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no host; allowed: a name or an address")
    return f"DNS:{name.lower()}"


def _openssl(folder: Path | None, *arguments: str, given: bytes = b"") -> str:
    done = _run(folder, given, *arguments)
    if done.returncode != 0:
        raise ValueError(f"openssl {arguments[0]}: {' '.join(done.stderr.decode(errors='replace').split())[:300]}")
    return done.stdout.decode()


def _run(folder: Path | None, given: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    # Arguments are ours or were checked; keys go by files of this folder or by stdin, never by the command line.
    return subprocess.run(["openssl", *arguments], cwd=folder, input=given, capture_output=True, check=False)  # noqa: S603, S607 (the image's openssl, or the desk's)
