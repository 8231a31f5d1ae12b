"""Settings of the monitor."""

from ipaddress import ip_address
from typing import Any

import pytest
from pydantic import ValidationError

from sip_monitor.settings import Settings as Whole
from sip_monitor.tracker import Rules

Settings: Any = Whole  # as the environment does, tests give text for everything


def test_defaults_let_only_this_host_in_and_show_no_texts() -> None:
    settings = Settings()
    assert (settings.hep_host, settings.hep_port, settings.node) == ("127.0.0.1", 9060, "main")
    assert settings.rules == Rules(frozenset({"OPTIONS"}), "sdp", hide_numbers=False)
    assert settings.networks == ()


def test_networks_and_methods_as_people_write_them() -> None:
    networks = "192.0.2.7, 10.0.0.0/8,2001:db8::/32"
    settings = Settings(hep_sources=networks, sip_ignore="options, register", sip_bodies="ALL")
    hosts = [ip_address(host) for host in ("192.0.2.7", "10.1.2.3", "2001:db8::1")]
    assert all(host in network for host, network in zip(hosts, settings.networks, strict=True))
    assert settings.rules.ignore == {"OPTIONS", "REGISTER"}
    assert settings.rules.keeping == "all"
    assert "INVITE" not in Settings(sip_ignore="none").rules.ignore


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"hep_sources": "192.0.2.7/8"}, "is no network"),
        ({"hep_sources": "freeswitch"}, "is no network"),
        ({"sip_ignore": "PING"}, "is no method of SIP"),
        ({"sip_bodies": "some"}, "none"),
        ({"hep_port": 0}, "greater than"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**values)
