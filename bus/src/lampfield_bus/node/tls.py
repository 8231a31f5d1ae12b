"""The files of TLS as Python's ssl takes them. Opens no connection."""

import ssl

__all__ = ["context"]


def context(ca_file: str | None, cert_file: str | None, key_file: str | None) -> ssl.SSLContext:
    """What a client trusts (`None`: the system's authorities) and who it is.

    Raises ValueError for what is no PEM or cannot be read, and for a key with a password.
    """
    try:
        made = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ValueError(f"LAMPFIELD_MQTT_CA_FILE: {ca_file}: {_why(error)}; allowed: certificates in PEM") from None
    if cert_file is not None:
        try:
            made.load_cert_chain(cert_file, key_file, password=_no_password)
        except OSError as error:
            raise ValueError(
                f"LAMPFIELD_MQTT_CERT_FILE: {cert_file}: {_why(error)}; allowed: PEM of certificate and key"
            ) from None
    return made


def _no_password() -> str:
    """Stands in for the question that OpenSSL would put to the terminal, and wait for, if the key has a password."""
    return ""


def _why(error: OSError) -> str:
    return (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or str(error)
