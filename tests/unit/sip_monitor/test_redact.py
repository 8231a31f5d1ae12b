"""What never leaves: every credential in every capture, and in the ways that senders write them."""

import time

import pytest

from sip_monitor import redact
from sip_monitor.hep import decode
from sip_monitor.redact import MAX_TEXT, REMOVED, Keeping, without_credentials
from sip_monitor.sip import parse
from support.sip import HEP_DATA, recorded, request

SDP = "v=0\r\no=FreeSWITCH 1795391507 1795391508 IN IP4 192.0.2.1\r\ns=+4930123456\r\nm=audio 30002 RTP/AVP 8\r\n"


def shown(payload: bytes, keeping: Keeping = "sdp", *, hide: bool = False) -> str:
    return redact.text(parse(payload), keeping, hide_numbers=hide)


def test_no_recorded_message_shows_a_digest_answer() -> None:
    for path in HEP_DATA.glob("*.hep"):
        for each in recorded(path.stem):
            payload = decode(each).payload
            text = shown(payload, "all")
            assert "response=" not in text
            assert "cnonce=" not in text
            if b"Authorization:" in payload:
                assert f"uthorization: {REMOVED}" in text
            assert text.split("\r\n")[0] == payload.decode().split("\r\n")[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Authorization: Digest a=1\r\nX: y", f"Authorization: {REMOVED}\r\nX: y"),
        (
            "proxy-authorization : Digest a,\r\n b=secret\r\n\tc=secret\r\nX: y",
            f"proxy-authorization : {REMOVED}\r\nX: y",
        ),
        ("X-Guest-Token: abc", f"X-Guest-Token: {REMOVED}"),
        ("X-Api-Key: abc", f"X-Api-Key: {REMOVED}"),
        ('Authentication-Info: rspauth="x"', f"Authentication-Info: {REMOVED}"),
        ('X: response="secret", cnonce=secret;z', f"X: response={REMOVED}, cnonce={REMOVED};z"),
        ("To: <sip:1000:secret@pbx>", f"To: <sip:1000:{REMOVED}@pbx>"),
        ("To: <sip:1000@pbx:5060>", "To: <sip:1000@pbx:5060>"),
        ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret", f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 {REMOVED}"),
        ("a=crypto:1\tAES_CM_128_HMAC_SHA1_80  inline:secret", f"a=crypto:1\tAES_CM_128_HMAC_SHA1_80  {REMOVED}"),
        ("a=ice-pwd:secret", f"a=ice-pwd:{REMOVED}"),
        ("k=clear:secret", f"k={REMOVED}"),
        ('WWW-Authenticate: Digest nonce="n"', 'WWW-Authenticate: Digest nonce="n"'),
    ],
)
def test_credentials_are_taken_out(written: str, read: str) -> None:
    assert without_credentials(written) == read
    assert without_credentials(read) == read


def test_which_contents_stay() -> None:
    sdp = request("INVITE", extra="Content-Type: application/sdp;charset=utf-8\r\n", content=SDP)
    keys = request("INFO", extra="Content-Type: application/dtmf-relay\r\n", content="Signal=5\r\n")
    fragment = request("NOTIFY", extra="Content-Type: message/sipfrag\r\n", content="SIP/2.0 200 OK")
    nameless = request("MESSAGE", content="hello")
    assert "m=audio 30002" in shown(sdp)
    assert "m=audio" not in shown(sdp, "none")
    assert shown(sdp, "none").endswith(f"\r\n\r\n(application/sdp, {len(SDP)} bytes)")
    assert "Signal" not in shown(keys)
    assert "Signal=5" in shown(keys, "all")
    assert shown(fragment).endswith("SIP/2.0 200 OK")
    assert shown(nameless).endswith("(unknown content, 5 bytes)")
    assert shown(request("BYE")).endswith("\r\n\r\n")


def test_a_quoted_message_s_credentials_go_too() -> None:
    quoted = "INVITE sip:x SIP/2.0\r\nAuthorization: Digest secret\r\n"
    assert "secret" not in shown(request("NOTIFY", extra="Content-Type: message/sipfrag\r\n", content=quoted))


def test_hidden_numbers_are_hidden_everywhere_but_where_none_can_be() -> None:
    extra = (
        "P-Asserted-Identity: <tel:+49-30-123-456>\r\nDiversion: <sip:030123456@x>\r\nRemote-Party-ID:\r\n"
        " <sip:0555123456@x>\r\nContact: <sip:+4930123456@192.0.2.7:40123>\r\nContent-Type: application/sdp\r\n"
    )
    text = shown(request("INVITE", call_id="1234567@192.0.2.7", extra=extra, content=SDP), hide=True)
    assert "30123456" not in text
    assert "0555123456" not in text
    assert "<tel:+**-**-***-*56>" in text
    assert "********56" in text
    assert "Call-ID: 1234567@192.0.2.7" in text
    assert "m=audio 30002" in text
    assert "1795391507" not in text  # an o= line may be made of a number


def test_a_long_message_is_cut_at_a_line_and_says_so() -> None:
    text = shown(
        request(
            "INVITE",
            extra="X-Long: "
            + "y" * 100
            + "\r\n"
            + "Z: z\r\n" * 900
            + "".join(f"W{n}: {'w' * 200}\r\n" for n in range(90)),
        )
    )
    assert len(text) <= MAX_TEXT + 10
    assert text.endswith("\r\n(cut)")
    assert not shown(request("INVITE", extra="Authorization: " + "s" * MAX_TEXT + "\r\n")).count("s" * 20)


@pytest.mark.parametrize(
    "line", ["token" * 3000, "sip:" * 4000, "a=crypto:1 " + " " * 15_000, "response=" * 1800, "x\r\n " * 4000]
)
def test_no_text_takes_longer_than_its_length(line: str) -> None:
    began = time.process_time()
    without_credentials(line)
    assert time.process_time() - began < 0.5
