"""lampfield_bus.node.forget, with a real broker."""

from pathlib import Path

import pytest

from lampfield_bus.node import forget as module
from lampfield_bus.node.forget import forget, run
from lampfield_bus.node.settings import NodeSettings
from support.broker import Broker, retained


def settings(broker: Broker) -> NodeSettings:
    return NodeSettings(mqtt_host=broker.host, mqtt_port=broker.port)


@pytest.fixture
def two_displays(broker: Broker) -> Broker:
    with broker.bus() as bus:
        for name in ("hall", "hall%2F1"):
            for topic in ("availability", "state", "info", "page/lunch"):
                bus.publish(f"display/{name}/{topic}", b"offline", retain=True)
    return broker


def test_everything_of_the_name_goes_and_nothing_else(two_displays: Broker) -> None:
    assert forget(settings(two_displays), "display/hall") == 4
    assert sorted(retained(two_displays)) == [
        "display/hall%2F1/availability",
        "display/hall%2F1/info",
        "display/hall%2F1/page/lunch",
        "display/hall%2F1/state",
    ]


def test_many_topics_are_deleted_and_acknowledged(broker: Broker) -> None:
    with broker.bus() as bus:
        for number in range(500):
            bus.publish(f"switch/old/call/{number}", b"{}", retain=True, qos=0)
        bus.publish("switch/old/availability", b"offline", retain=True)
    assert forget(settings(broker), "switch/old") == 501
    assert retained(broker) == {}


def test_one_that_is_still_online_is_left_alone_unless_insisted(
    broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    with broker.bus() as bus:
        bus.publish("switch/main/availability", b"online", retain=True)
    assert run(settings(broker), "esl-publisher", "switch", "main", force=False) == 1
    assert "still online" in capsys.readouterr().err
    assert retained(broker) == {"switch/main/availability": b"online"}
    assert run(settings(broker), "esl-publisher", "switch", "main", force=True) == 0
    assert retained(broker) == {}


def test_what_the_broker_does_not_let_us_delete_is_not_called_deleted(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text(
        "topic read #\ntopic write lampfield/v1/display/hall/state\ntopic write lampfield/v1/display/hall/fence\n",
        encoding="ascii",
    )
    broker = Broker(tmp_path / "broker", settings=("allow_anonymous true",), persistent=True).start()
    with broker.bus() as bus:
        for topic in ("state", "page/lunch"):
            bus.publish(f"display/hall/{topic}", b"x", retain=True)
    broker.stop()
    guarded = Broker(
        tmp_path / "broker", settings=("allow_anonymous true", f"acl_file {tmp_path}/acl"), persistent=True
    ).start()
    try:
        with pytest.raises(ConnectionError, match="does not let this user delete display/hall/page/lunch"):
            forget(settings(guarded), "display/hall")
    finally:
        guarded.kill()


def test_the_count_is_told(two_displays: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(settings(two_displays), "led-renderer", "display", "hall/1", force=False) == 0
    assert capsys.readouterr().out == "led-renderer: 4 retained topics of display hall/1 deleted\n"
    assert run(settings(two_displays), "led-renderer", "display", "hall/1", force=False) == 0
    assert capsys.readouterr().out == "led-renderer: 0 retained topics of display hall/1 deleted\n"


def test_without_a_broker_it_says_so(broker: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    broker.kill()
    assert run(settings(broker), "led-renderer", "display", "hall", force=False) == 1
    assert capsys.readouterr().err.startswith(f"led-renderer: {broker.host}:{broker.port}: ")


def test_a_broker_that_stops_talking_is_not_waited_for_forever(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    broker.pause()
    with pytest.raises(ConnectionError):
        forget(settings(broker), "display/hall", limit=1.0)
    broker.resume()
    assert module.LIMIT_SECONDS > 1.0


def test_an_empty_name_is_refused(broker: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(settings(broker), "led-renderer", "display", "", force=True) == 1
    assert "empty" in capsys.readouterr().err
