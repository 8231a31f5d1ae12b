"""lampfield_bus.node.advice."""

import pytest

from lampfield_bus.node.advice import advice


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("its certificate is not trusted: certificate has expired", "make certs"),
        ("its certificate is not trusted: certificate is not yet valid", "NTP"),
        ("its certificate is not trusted: Hostname mismatch, certificate is not valid for 'pbx'.", "HOSTS="),
        ("its certificate is not trusted: IP address mismatch, certificate is not valid for '1.2.3.4'.", "HOSTS="),
        ("its certificate is not trusted: unable to get local issuer certificate", "LAMPFIELD_MQTT_CA_FILE"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "8883"),
        ("refused: Not authorized", "LAMPFIELD_MQTT_PASSWORD"),
        ("refused: Bad user name or password", "LAMPFIELD_MQTT_PASSWORD"),
        ("[Errno -2] Name or service not known", "LAMPFIELD_MQTT_HOST"),
        ("[Errno 111] Connection refused", "LAMPFIELD_MQTT_PORT"),
        ("[Errno 110] Connection timed out", "firewall"),
        ("[Errno -3] Temporary failure in name resolution", "name server"),
        ("[Errno 101] Network is unreachable", "one network"),
        ("[Errno 104] Connection reset by peer", "LAMPFIELD_MQTT_TLS"),
        ("something new", "see LAMPFIELD_MQTT_*"),
    ],
)
def test_what_mends_it(reason: str, said: str) -> None:
    assert said in advice(reason)
