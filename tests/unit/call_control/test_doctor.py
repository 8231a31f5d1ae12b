"""The doctor: the port; what it says of the broker is tested with a real one."""

from call_control.doctor import port
from call_control.server import listening
from call_control.settings import Settings


def test_a_free_port_is_free() -> None:
    assert port(Settings(http_port=0)).grade == "ok"


def test_a_port_that_answers_may_be_our_own_service() -> None:
    with listening("127.0.0.1", 0) as taken:
        found = port(Settings(http_port=taken.getsockname()[1]))
    assert found.grade == "note"
    assert "something answers there already" in found.text


def test_an_address_that_is_not_of_this_host_fails() -> None:
    found = port(Settings(http_host="nowhere.invalid", http_port=1))
    assert found.grade == "fail"
    assert "LAMPFIELD_HTTP_HOST" in found.text
