"""What to do about a broker that does not let us in: the words of a `doctor`. Pure."""

from typing import Final

__all__ = ["advice"]

# What stands in the reason that the link gives (paho's, Python's and OpenSSL's words) → what mends it.
_ADVICE: Final = (
    ("certificate has expired", "renew it on the broker's host: make certs; or this clock is ahead (date)"),
    ("certificate is not yet valid", "this clock is behind: set it (NTP), and see `date`"),
    ("ostname mismatch", "name this host's word for the broker in its certificate: make certs HOSTS=..."),
    ("IP address mismatch", "name that address in the broker's certificate: make certs HOSTS=..."),
    ("certificate is not trusted", "LAMPFIELD_MQTT_CA_FILE is not the broker's authority: make -s ca on its host"),
    ("WRONG_VERSION_NUMBER", "no TLS is spoken on that port: 8883 is the usual one (LAMPFIELD_MQTT_PORT)"),
    ("Not authorized", "see LAMPFIELD_MQTT_USERNAME and LAMPFIELD_MQTT_PASSWORD; make credentials shows who there is"),
    ("Bad user name or password", "see LAMPFIELD_MQTT_USERNAME and LAMPFIELD_MQTT_PASSWORD"),
    ("Name or service not known", "LAMPFIELD_MQTT_HOST is a name that this host cannot look up"),
    ("name resolution", "does this host reach its name server? LAMPFIELD_MQTT_HOST may be an address as well"),
    ("timed out", "is LAMPFIELD_MQTT_HOST right, and is no firewall between?"),
    ("nreachable", "are this host and the broker in one network?"),
    ("reset by peer", "is LAMPFIELD_MQTT_PORT a broker's, and does it speak TLS just as LAMPFIELD_MQTT_TLS says?"),
    ("connection lost", "is LAMPFIELD_MQTT_PORT a broker's, and does it speak TLS just as LAMPFIELD_MQTT_TLS says?"),
    (
        "refused",
        "is the broker running, and LAMPFIELD_MQTT_PORT its port? It answers other hosts only when it is told to",
    ),
)


def advice(reason: str) -> str:
    """What mends the connection that was lost, or never came to be, for this reason."""
    return next((words for sign, words in _ADVICE if sign in reason), "see LAMPFIELD_MQTT_*")
