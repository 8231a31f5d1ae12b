"""The FreeSWITCH that is not there, held to what a real one was seen asking and doing."""

from typing import Final

import pytest

from call_control.documents.permissions import EVERYTHING, Permissions, profiles
from call_control.pretend import Deed, Pretend, Wait, encoded
from support.httapi import DATA, SCENARIOS, exchanges, parameters

PROFILES: Final = profiles((DATA / "httapi.conf.xml").read_bytes())
# What the caller pressed, where the recording's parameters do not tell it.
KEYS: Final = {
    "htap-ivr-digits_regex": ["123#"],
    "htap-ivr-digits_literal_9": ["9"],
    "htap-ivr-digits_literal": ["9"],
    "htap-ivr-digits_fixed": ["12"],
    "htap-ivr-badinput_err": ["9"],
}
# What becomes of these is not this model's to know.
ELSEWHERE: Final = {
    "htap-ivr-e302": "a redirect is curl's business",
    "htap-ivr-httpfile": "FreeSWITCH asks for the file as well",
    "htap-ivr-httpfile404": "FreeSWITCH asks for the file as well",
    "htap-postvar-hang": "enable-post-var leaves all but a list out",
    "htap-full-dial_getvar_busy": "the far end decides",
    "htap-full-dial_getvar_cof_busy": "the far end decides",
    "htap-full-dial_getvar_noanswer": "the far end decides",
}
VOLATILE: Final = ("url", "hostname", "exiting")
DIALPLAN: Final = {  # where the recording says that the dialplan went on behind the application
    "htap-default-getvar", "htap-default-setvar", "htap-ivr-break", "htap-ivr-unknown_tag", "htap-ivr-getvar_denied",
    "htap-ivr-loop_empty", "htnp-ivr-answer_tag", "htnp-ivr-preanswer_tag", "htap-ivr-e500", "htap-ivr-e404",
    "htap-ivr-e204", "htap-ivr-ehtml", "htap-ivr-eappxml", "htap-ivr-ebroken", "htap-ivr-enotdoc", "htap-ivr-eempty",
    "htap-ivr-ejson", "htap-ivr-eclose", "htnp-ivr-e500",
}  # fmt: skip
OUT_OF_ORDER: Final = {
    "htap-ivr-denied_app", "htap-noperm-denied_app", "htap-off-exec_answer", "htap-ivr-denied_dollar", "htap-off-dial",
    "htap-off-conf",
}  # fmt: skip


def permissions(scenario: str) -> Permissions:
    profile = scenario.split("-")[1] if "-" in scenario else "default"
    return PROFILES[profile]


def begun(scenario: str) -> Pretend:
    """A call that begins as this one did."""
    fields, _ = parameters(exchanges(scenario)[0])
    own = [field for field in fields if field[0] in ("method", "httapi_profile", "app_param")]
    caller = [field for field in fields if field[0].startswith(("Caller-", "variable_"))]
    known = dict(fields)
    told = {"lab_ok": "from_dialplan", "sip_user_agent": "tinyua", "caller_id_number": "1000"}
    return Pretend(known["session_id"], known["url"], permissions(scenario), own=own, caller=caller, variables=told)


def pressed(scenario: str, number: int) -> str:
    """What the caller pressed at the prompt of this document."""
    if scenario in KEYS:
        return KEYS[scenario][0]
    later = exchanges(scenario)[number + 1 : number + 2]
    fields = dict(parameters(later[0])[0]) if later else {}
    return fields.get("choice", fields.get("pin", "")) if fields.get("input_type") == "dtmf" else ""


def perform(switch: Pretend, status: int, kind: str, body: str, keys: str = "") -> list[Deed | Wait]:
    done: list[Deed | Wait] = []
    performance = switch.perform(status, kind, body.encode())
    try:
        happening = next(performance)
        while True:
            done.append(happening)
            happening = performance.send(keys if isinstance(happening, Wait) else None)
    except StopIteration:
        return done


def named(file: str) -> str:
    """`record` has a uuid of its own in its file's name, which only FreeSWITCH knows."""
    return file.partition("_")[2] or file


def steady(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Without what FreeSWITCH alone knows."""
    return {name: value for name, value in fields if name not in VOLATILE and not name.startswith("variable_")}


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each not in ELSEWHERE])
def test_it_asks_what_freeswitch_asked(scenario: str) -> None:
    recorded = exchanges(scenario)
    switch = begun(scenario)
    for number, exchange in enumerate(recorded):
        fields, files = parameters(exchange)
        if dict(fields).get("exiting") == "true" and switch.state == "asks":
            switch.hang_up()  # the caller's own decision
        asked = switch.request()
        assert steady(asked) == steady(fields)
        assert (dict(asked).get("exiting") == "true") == (dict(fields).get("exiting") == "true")
        assert [named(each.filename) for each in switch.uploads] == [named(each) for each in files]
        switch.uploads.clear()
        if switch.state != "asks":
            break
        perform(switch, exchange.status, exchange.answer_type, exchange.answer, pressed(scenario, number))


@pytest.mark.parametrize("scenario", sorted(DIALPLAN | OUT_OF_ORDER))
def test_it_ends_as_freeswitch_did(scenario: str) -> None:
    first = exchanges(scenario)[0]
    switch = begun(scenario)
    switch.request()
    perform(switch, first.status, first.answer_type, first.answer)
    if scenario in DIALPLAN:
        assert switch.state == "dialplan"
    else:
        assert (switch.state, switch.cause) == ("over", "DESTINATION_OUT_OF_ORDER")


@pytest.mark.parametrize(
    ("scenario", "cause"),
    [
        ("htap-ivr-dial_str", "NO_ROUTE_DESTINATION"),
        ("htnp-ivr-hangup_cause", "USER_BUSY"),
        ("htnp-ivr-hangup_body", "CALL_REJECTED"),
        ("htap-ivr-dial", "transferred"),
    ],
)
def test_it_hangs_up_with_freeswitch_s_cause(scenario: str, cause: str) -> None:
    first = exchanges(scenario)[0]
    switch = begun(scenario)
    perform(switch, first.status, first.answer_type, first.answer)
    assert (switch.state, switch.cause) == ("over", cause)


@pytest.mark.parametrize(("loops", "plays"), [("", 1), ("0", 1), ("1", 2), ("2", 3), ("-1", 1)])
def test_loops_is_one_off(loops: str, plays: int) -> None:
    switch = Pretend("s", "u", EVERYTHING)
    attribute = f' loops="{loops}"' if loops else ""
    body = f'<document><work><playback file="a.wav"{attribute}><bind>1</bind></playback></work></document>'
    assert len(perform(switch, 200, "text/xml", body)) == plays


def test_it_spells_parameters_as_freeswitch_does() -> None:
    recorded = exchanges("htap-ivr-params")[1].body
    assert recorded.endswith(encoded([("state", "menu1"), ("tok", "a b&c=ü")]))
