"""The doctor: the port; what it says of the broker is tested with a real one."""

from pathlib import Path

from call_control.doctor import flows, port
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


def test_it_says_which_flows_are_served_and_what_the_others_lack(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("steps: {a: {}}")
    found = {each.text.partition(":")[0]: each for each in flows(Settings(flows_dir=tmp_path))}
    assert found["flow announcement"].grade == "ok"
    assert found["flow board"].text == "flow board: not served: LAMPFIELD_FLOW_VALUES sets no code"
    assert found["flow mine"].grade == "fail"
    assert "mine.yaml:1: steps.a: says nothing to do" in found["flow mine"].text
    assert "recordings are dropped" in found


def test_it_leaves_a_recording_that_comes_alone(tmp_path: Path) -> None:
    (tmp_path / "a.wav.part").touch()
    found = list(flows(Settings(recordings_dir=tmp_path)))
    assert (tmp_path / "a.wav.part").exists()
    assert not any("recordings are dropped" in each.text for each in found)


def test_a_file_of_permissions_that_is_none_fails(tmp_path: Path) -> None:
    path = tmp_path / "httapi.conf.xml"
    path.write_text("<a/>")
    failed = [each.text for each in flows(Settings(httapi_conf=path)) if each.grade == "fail"]
    assert len(failed) == 1
    assert failed[0].startswith("LAMPFIELD_HTTAPI_CONF: ")
