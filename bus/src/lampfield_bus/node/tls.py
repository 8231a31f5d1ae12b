"""The files of TLS as Python's ssl takes them. Opens no connection."""

import ssl

__all__ = ["context"]


def context(ca_file: str | None, cert_file: str | None, key_file: str | None) -> ssl.SSLContext:
    """What a client trusts (`None`: the system's authorities) and who it is. Raises ValueError for what is no PEM."""
    try:
        made = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise ValueError(f"LAMPFIELD_MQTT_CA_FILE: {ca_file}: {error.reason}; allowed: certificates in PEM") from None
    if cert_file is not None:
        try:
            made.load_cert_chain(cert_file, key_file)
        except ssl.SSLError as error:
            raise ValueError(
                f"LAMPFIELD_MQTT_CERT_FILE: {cert_file}: {error.reason}; allowed: PEM of certificate and key"
            ) from None
    return made
