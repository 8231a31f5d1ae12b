"""Every payload from anyone becomes an intent or a refusal that names the field; none an exception."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.channels import VERBS
from lampfield_bus.messages import LIMITS
from lampfield_bus.node.arrivals import Message
from led_renderer import commands as c

NOW = 1_795_388_313_341
ICONS = ("clock", "warning")


def parse(verb: str, payload: bytes | str, *, retained: bool = False) -> c.Accepted | c.Refused | c.Ignored:
    data = payload.encode() if isinstance(payload, str) else payload
    return c.parse(verb, data, retained=retained, fresh_id="n1", icons=ICONS, now=NOW)


def notification(verb: str, payload: bytes | str) -> c.Notification:
    parsed = parse(verb, payload)
    assert isinstance(parsed, c.Accepted), parsed
    assert isinstance(parsed.intent, c.ShowNotification)
    return parsed.intent.notification


def test_plain_text_is_shown_as_it_is() -> None:
    assert notification("text", "Grüße, Ω и €\n") == c.Notification(id="n1", text="Grüße, Ω и €", first=True)
    assert notification("notify", "hello").first is False


def test_a_byte_order_mark_says_nothing() -> None:
    mark = b"\xef\xbb\xbf"
    assert notification("notify", mark + b"hello").text == "hello"
    assert parse("brightness", mark + b" 7\n") == c.Accepted("brightness", c.SetBrightness(7))
    assert parse("power", mark + b'\n{"value": "off", "transaction": "t"}') == c.Accepted(
        "power", c.SetPower(False), "t"
    )
    asked = mark + b'{"text": "Fire", "id": "f", "priority": "critical"}'
    assert (notification("notify", asked).text, notification("notify", asked).priority) == ("Fire", "critical")
    assert c.critical_key(Message("display/hall/cmd/notify", asked)) == "f"
    refused = parse("notify", mark + b'{"text": "Fire", "colour": "red", "transaction": "t"}')
    assert isinstance(refused, c.Refused)
    assert (refused.field, refused.transaction) == ("colour", "t")


def test_a_notification_takes_every_field() -> None:
    asked = {
        "text": "Fire drill", "id": "drill", "priority": "critical", "seconds": 12, "repeat": 3, "hold": True,
        "icon": "warning", "effect": "blink", "at": "2026-11-22T23:00:00.500Z", "transaction": "t-1",
    }  # fmt: skip
    parsed = parse("notify", json.dumps(asked))
    assert isinstance(parsed, c.Accepted)
    assert parsed.transaction == "t-1"
    assert notification("notify", json.dumps(asked)) == c.Notification(
        id="drill", text="Fire drill", priority="critical", seconds=12, repeat=3, hold=True, icon="warning",
        effect="blink", at=1_795_388_400_500,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "payload", "field"),
    [
        ("notify", '{"text": "a", "colour": "red"}', "colour"),
        ("notify", '{"seconds": 3}', "text"),
        ("notify", '{"text": 3}', "text"),
        ("notify", '{"text": ""}', "text"),
        ("notify", '{"text": "\\u200b \\u0007"}', "text"),
        ("text", "", "text"),
        ("text", " \t\r\n", "text"),
        ("text", "x" * (LIMITS["text"] + 1), "text"),
        ("notify", json.dumps({"text": "x" * (LIMITS["text"] + 1)}), "text"),
        ("notify", '{"text": "a", "priority": "urgent"}', "priority"),
        ("text", '{"text": "a", "priority": "critical"}', "priority"),
        ("notify", '{"text": "a", "seconds": -1}', "seconds"),
        ("notify", '{"text": "a", "seconds": 1e999}', "seconds"),
        ("notify", '{"text": "a", "repeat": 0}', "repeat"),
        ("notify", '{"text": "a", "repeat": 1000000000000000000000000}', "repeat"),
        ("notify", '{"text": "a", "icon": "unicorn"}', "icon"),
        ("notify", '{"text": "a", "at": "tomorrow"}', "at"),
        ("notify", '{"text": "a", "at": "2026-02-30T00:00:00Z"}', "at"),
        ("notify", '{"text": "a", "at": "2036-01-01T00:00:00Z"}', "at"),
        ("notify", '{"text": "a", "id": ""}', "id"),
        ("brightness", "16", "value"),
        ("brightness", "-1", "value"),
        ("brightness", "٣", "value"),
        ("brightness", "", "value"),
        ("brightness", '{"value": true}', "value"),
        ("brightness", '{"level": 3}', "level"),
        ("power", "maybe", "value"),
        ("power", b"\xff", "value"),
        ("page", "", "value"),
        ("dismiss", "x" * 2000, "value"),
    ],
)
def test_a_refusal_names_the_field(verb: str, payload: bytes | str, field: str) -> None:
    parsed = parse(verb, payload)
    assert isinstance(parsed, c.Refused)
    assert parsed.field == field
    assert parsed.error


def test_an_icon_that_there_is_not_is_told_those_that_there_are() -> None:
    parsed = parse("notify", '{"text": "a", "icon": "unicorn"}')
    assert isinstance(parsed, c.Refused)
    assert parsed.error == "'unicorn' is no icon; allowed: clock, warning"


@pytest.mark.parametrize(
    ("field", "allowed"), [("priority", "info, warning, critical"), ("effect", "none, blink, invert")]
)
def test_a_word_that_there_is_not_is_told_those_that_there_are(field: str, allowed: str) -> None:
    parsed = parse("notify", json.dumps({"text": "a", field: "loud"}))
    assert isinstance(parsed, c.Refused)
    assert (parsed.field, parsed.error) == (field, f"is not one of them; allowed: {allowed}")


@pytest.mark.parametrize(
    ("verb", "payload", "intent"),
    [
        ("dismiss", "", c.Dismiss("")),
        ("dismiss", "*", c.Dismiss("*")),
        ("dismiss", '{"value": "a", "transaction": "t"}', c.Dismiss("a")),
        ("page", "clock", c.StayOn("clock")),
        ("page", "auto", c.StayOn(None)),
        ("brightness", "0", c.SetBrightness(0)),
        ("brightness", " 15\n", c.SetBrightness(15)),
        ("brightness", "auto", c.SetBrightness(None)),
        ("brightness", '{"value": 7}', c.SetBrightness(7)),
        ("brightness", '{"value": "7"}', c.SetBrightness(7)),
        ("power", "off", c.SetPower(False)),
        ("power", "on", c.SetPower(True)),
        ("identify", "", c.Identify()),
        ("identify", "whatever", c.Identify()),
        ("test", b"", c.Test()),
    ],
)
def test_single_valued_commands_take_both_forms(verb: str, payload: bytes | str, intent: c.Intent) -> None:
    parsed = parse(verb, payload)
    assert isinstance(parsed, c.Accepted), parsed
    assert parsed.intent == intent


def test_a_page_that_there_is_not_is_told_those_that_there_are_as_far_as_there_is_room() -> None:
    assert c.no_page("x", ["calls", "lamps"]) == "'x' is no page; allowed: auto, calls, lamps"
    names = [f"{number:064}" for number in range(128)]
    error = c.no_page("\x00" * 1000, names)
    assert len(error) < 400
    assert (error.startswith("'\\x00"), names[0] in error) == (True, False)
    assert c.no_page("x", names).endswith(f"{names[1]} and 126 more, which `info` tells")


def test_a_retained_command_is_refused_and_its_deletion_ignored() -> None:
    parsed = parse("power", "off", retained=True)
    assert isinstance(parsed, c.Refused)
    assert "retain" in parsed.error
    assert parse("power", "", retained=True) == c.Ignored()


def test_an_unknown_verb_is_refused_with_those_there_are() -> None:
    parsed = parse("reboot", "")
    assert isinstance(parsed, c.Refused)
    assert all(verb in parsed.error for verb in VERBS)


def test_a_refusal_still_tells_its_transaction() -> None:
    parsed = parse("notify", '{"text": "a", "foo": 1, "transaction": "t-9"}')
    assert isinstance(parsed, c.Refused)
    assert parsed.transaction == "t-9"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"text": ' + b"[" * 15_000,
        b'{"a":' * 3_000,
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
        b"{",
        b'{"text": "\xff"}',
    ],
    ids=["deep list", "deep object", "NaN", "lone surrogate", "torn", "invalid UTF-8"],
)
def test_broken_json_is_refused(payload: bytes) -> None:
    assert isinstance(parse("notify", payload), c.Refused)


def test_a_huge_payload_is_refused_unread() -> None:
    parsed = parse("text", b"x" * 1_000_000)
    assert isinstance(parsed, c.Refused)
    assert (parsed.error, parsed.field) == ("longer than 16384 bytes; allowed: 16384", "text")


def test_what_is_told_back_is_bounded() -> None:
    for payload in (b'{"text": "a", "' + b"x" * 9_000 + b'": 1}', b'{"text": "a", "icon": "' + b"x" * 60 + b'"}'):
        parsed = parse("notify", payload)
        assert isinstance(parsed, c.Refused)
        assert len(parsed.error) <= c.MAX_ERROR
        assert len(parsed.field or "") <= LIMITS["id"]
    assert len(c.verb_of(f"display/d/cmd/{'v' * 60_000}") or "") == LIMITS["id"]


def test_text_that_is_no_utf8_is_shown_with_replacements() -> None:
    assert notification("text", b"caf\xe9").text == "caf\ufffd"


_json_ish = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "id", "seconds", "at", "icon", "value", "transaction", "x"]), inner)
    ),
    max_leaves=8,
)


@given(
    verb=st.sampled_from([*VERBS, "reboot", ""]),
    payload=st.binary(max_size=300) | st.text().map(lambda text: text.encode(errors="surrogatepass"))
    | st.dictionaries(st.sampled_from(["text", "id", "seconds", "hold", "priority", "at", "value"]), _json_ish).map(
        lambda value: json.dumps(value).encode()
    ),
    retained=st.booleans(),
)  # fmt: skip
def test_no_payload_raises(verb: str, payload: bytes, retained: bool) -> None:
    parsed = parse(verb, payload, retained=retained)
    if isinstance(parsed, c.Refused):
        assert parsed.error
    c.is_critical(Message(f"display/d/cmd/{verb or 'x'}", payload))
    c.critical_key(Message("group/all/cmd/notify", payload))


def test_topics_of_commands_are_told_from_those_of_state() -> None:
    assert c.verb_of("display/lobby/cmd/text") == "text"
    assert c.verb_of("group/all/cmd/re%2Fboot") == "re/boot"
    assert c.verb_of("display/lobby/cmd/%zz") == "%zz"
    assert c.verb_of("display/lobby/state") is None
    assert c.is_command("group/all/cmd/anything")
    assert not c.is_command("switch/main/calls")


def test_critical_ones_are_known_before_they_are_queued() -> None:
    critical = Message("display/d/cmd/notify", b' {"text": "a", "priority": "critical", "id": "x"}')
    anonymous = Message("group/all/cmd/notify", b'{"text": "a", "priority": "critical"}')
    assert c.is_critical(critical)
    assert c.critical_key(critical) == "x"
    assert c.is_critical(anonymous)
    assert c.critical_key(anonymous) is None
    for payload in (
        b'{"text": "a"}',
        b"critical",
        b'{"priority": 3}',
        b'{"priority": "critical"' + b" " * 20_000 + b"}",
    ):
        assert not c.is_critical(Message("display/d/cmd/notify", payload))
    assert not c.is_critical(Message("display/d/cmd/text", critical.payload))
