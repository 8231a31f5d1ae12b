"""Who may ask as FreeSWITCH."""

import base64
from ipaddress import ip_network

import pytest

from call_control.httapi.gate import Gate

NETWORKS = (ip_network("127.0.0.0/8"), ip_network("192.0.2.0/24"), ip_network("::1"))
SECRET = "a-secret-that-is-long"


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"lampfield:{password}".encode()).decode()


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.9", "::1", "::ffff:192.0.2.9"])
def test_an_address_that_is_allowed_may_ask(address: str) -> None:
    assert Gate(NETWORKS).refusal(address, "", "") is None


@pytest.mark.parametrize("address", ["192.0.3.1", "2001:db8::1", "", "testclient", "::ffff:10.0.0.1"])
def test_any_other_may_not(address: str) -> None:
    assert Gate(NETWORKS).refusal(address, "", "") is not None
    assert Gate(NETWORKS, SECRET).refusal(address, SECRET, "") is not None


@pytest.mark.parametrize(
    ("told", "authorization", "welcome"),
    [
        (SECRET, "", True),
        ("", basic(SECRET), True),
        ("", "", False),
        ("wrong", "", False),
        ("wrong", basic(SECRET), True),
        ("", basic("wrong"), False),
        ("", "Basic ???", False),
        ("", "Basic " + base64.b64encode(b"\xff").decode(), False),
        ("", f"Bearer {SECRET}", False),
        ("é", "", False),
    ],
)
def test_a_secret_is_told_in_the_url_or_as_a_password(told: str, authorization: str, *, welcome: bool) -> None:
    assert (Gate(NETWORKS, SECRET).refusal("127.0.0.1", told, authorization) is None) == welcome
