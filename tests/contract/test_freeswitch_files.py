"""freeswitch/: what is shipped for FreeSWITCH agrees with what call-control parses, serves and expects."""

import re
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from call_control.documents.permissions import SHIPPED, profiles
from call_control.httapi.library import SHIPPED as FLOWS
from call_control.settings import Settings

FREESWITCH = Path(__file__).parents[2] / "freeswitch"
CONF = (FREESWITCH / "httapi.conf.xml").read_text(encoding="utf-8")
DIALPLAN = (FREESWITCH / "lampfield_flows.xml").read_text(encoding="utf-8")


def calls() -> list[list[Element]]:
    """The actions of each extension."""
    return [list(extension.iter("action")) for extension in fromstring(DIALPLAN).iter("extension")]


def test_the_profile_is_the_one_that_flows_are_held_to_and_says_every_permission() -> None:
    assert profiles(CONF.encode()) == {"lampfield": SHIPPED}
    said = {each.get("name", "").replace("-", "_") for each in fromstring(CONF).iter("permission")}
    lists = {"settable", "gettable", "applications"}
    assert said == set(SHIPPED.__struct_fields__) - lists


def test_the_profile_has_a_gateway_url_which_freeswitch_needs() -> None:
    params = {each.get("name"): each.get("value") for each in fromstring(CONF).iter("param")}
    assert params["gateway-url"] == f"http://127.0.0.1:{Settings().http_port}/httapi/attendant"
    assert params["method"] == "POST"


@pytest.mark.parametrize("actions", calls(), ids=lambda actions: "-".join(each.get("application") for each in actions))
def test_every_call_is_hung_up_behind_the_application(actions: list[Element]) -> None:
    assert [each.get("application") for each in actions].count("httapi") == 1
    assert actions[-1].get("application") == "hangup"
    data = next(each.get("data", "") for each in actions if each.get("application") == "httapi")
    form = r"\{httapi_profile=(\w+),method=POST\}http://127\.0\.0\.1:8081/httapi/(?:\$\$\{\w+\}/)?(\w+)"
    found = re.fullmatch(form, data)
    assert found, data
    assert found[1] in profiles(CONF.encode())
    assert found[2] in FLOWS


def test_the_dialplan_answers_first_and_does_not() -> None:
    first = {actions[0].get("application") for actions in calls()}
    assert first == {"answer", "httapi"}


@pytest.mark.parametrize("text", [CONF, DIALPLAN], ids=["httapi.conf.xml", "lampfield_flows.xml"])
def test_no_line_that_freeswitch_drops_holds_anything_else(text: str) -> None:
    """FreeSWITCH leaves out every line with <include>, </include> or <? on it."""
    for line in text.splitlines():
        if re.search(r"</?include>|<\?", line):
            assert line.strip() in ("<include>", "</include>")
