import pytest

from call_control.web.addresses import client, networks

TRUSTED = networks(["10.0.0.0/8", "192.0.2.1", "fd00::/8"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("198.51.100.1", "", "198.51.100.1"),
        ("198.51.100.1", "203.0.113.9", "198.51.100.1"),  # nobody whom we trust says so
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # what the visitor wrote himself
        ("10.1.2.3", "203.0.113.9, 192.0.2.1", "203.0.113.9"),  # two proxies
        ("10.1.2.3", "unknown", "unknown"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", ", ".join(["10.0.0.1"] * 1000), "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "", "198.51.100.1"),
        ("fd00::1", "2001:db8::1", "2001:db8::/64"),
        ("", "", ""),
    ],
)
def test_who_asks(peer: str, forwarded: str, found: str) -> None:
    assert found == client(peer, forwarded, TRUSTED)


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "proxy.example.org"])
def test_what_is_no_network_is_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: addresses and networks"):
        networks(["10.0.0.1", text])
