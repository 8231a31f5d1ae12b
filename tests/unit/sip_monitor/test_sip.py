"""Reading SIP: every recorded message, the RFC's liberties, and what nobody sends on purpose."""

import contextlib
import re
import time

import pytest
import sipmessage
from hypothesis import given
from hypothesis import strategies as st

from sip_monitor.hep import decode
from sip_monitor.sip import MAX_CALL_ID, MAX_LINES, MAX_PIECES, MAX_WORD, is_keepalive, parse, pieces, tag, uri_of, user
from support.sip import HEP_DATA, answer, recorded, request

CAPTURED = [decode(each).payload for path in sorted(HEP_DATA.glob("*.hep")) for each in recorded(path.stem)]


def first_lines_and_call_ids() -> list[tuple[str, str]]:
    """As another program read them (DECODED.txt); it cut long first lines."""
    rows = (HEP_DATA / "DECODED.txt").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"  \d+\.\d+ p\d+ \S+ +\d+ (.*\S) +(\S+)", row) for row in rows]
    return [(row[1].strip(), row[2]) for row in found if row]


def test_every_recorded_message_is_read_as_another_program_reads_it() -> None:
    told = [parse(payload) for payload in CAPTURED]
    assert [(sip.first_line[: len(line)], sip.call_id) for sip, (line, _) in zip(told, TRUTH, strict=True)] == TRUTH
    assert all(sip.branch.startswith("z9hG4bK") for sip in told)
    assert all((sip.method or sip.cseq_method) == sip.cseq_method for sip in told)


TRUTH = first_lines_and_call_ids()


@pytest.mark.parametrize("payload", CAPTURED, ids=range(len(CAPTURED)))
def test_a_library_that_reads_by_the_grammar_reads_the_same(payload: bytes) -> None:
    ours, theirs = parse(payload), sipmessage.Message.parse(payload)
    assert ours.call_id == theirs.call_id
    assert (ours.cseq, ours.cseq_method) == (theirs.cseq.sequence, theirs.cseq.method)
    assert ours.branch == theirs.via[0].parameters["branch"]
    sender = theirs.from_address
    assert user(ours.from_).partition(":")[0] == (sender.uri.user or sender.uri.host)
    assert tag(ours.from_) == (sender.parameters.get("tag") or "")
    assert tag(ours.to) == (theirs.to_address.parameters.get("tag") or "")
    assert ours.content == theirs.body
    if isinstance(theirs, sipmessage.Request):
        assert (ours.method, ours.status) == (theirs.method, 0)
    else:
        assert (ours.method, ours.status, ours.reason) == ("", theirs.code, theirs.phrase)


def test_a_request_and_its_answer() -> None:
    sip = parse(request("INVITE", cseq=7, extra="Expires: 60\r\nContent-Type: application/sdp\r\n", content="v=0"))
    assert (sip.method, sip.status, sip.call_id, sip.cseq, sip.cseq_method) == ("INVITE", 0, "c1", 7, "INVITE")
    assert (sip.branch, sip.content, sip.headers["expires"]) == ("z9hG4bK1", b"v=0", "60")
    assert (user(sip.from_), tag(sip.from_), user(sip.to), tag(sip.to)) == ("1000", "a1", "1001", "")
    sip = parse(answer(486, "Busy Here"))
    assert (sip.method, sip.status, sip.reason, sip.cseq_method, tag(sip.to)) == ("", 486, "Busy Here", "INVITE", "b1")
    assert parse(b"SIP/2.0 200\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n").reason == ""


def test_compact_folded_and_spaced_headers_in_any_case_and_bare_line_feeds() -> None:
    text = (
        b"\r\n\r\ninvite tel:+49301 SIP/2.0\nv : SIP/2.0/TCP h\n ;branch = z9hG4bKx\nI:c9\nf: <sip:a@b>\n\t;TAG=t\n"
        b"cseq:\n 3 invite"
    )
    sip = parse(text)
    assert (sip.method, sip.call_id, sip.cseq, sip.branch, tag(sip.from_)) == ("INVITE", "c9", 3, "z9hG4bKx", "t")
    assert sip.content == b""


def test_of_several_headers_the_first_counts_and_what_is_no_text_is_shown_as_such() -> None:
    sip = parse(
        b"BYE sip:x SIP/2.0\r\nVia: a;branch=1, b;branch=2\r\nVia: c;branch=3\r\n"
        b"Call-ID: \xff\r\nCSeq: 1 BYE\r\n\r\n\xff"
    )
    assert (sip.branch, sip.call_id, sip.content) == ("1", "\N{REPLACEMENT CHARACTER}", b"\xff")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "begins with ''"),
        (b"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1"),
        (b"SIP/2.0 99 Low\r\n\r\n", "neither a request nor a response"),
        (b"SIP/2.0 700 High\r\n\r\n", "neither a request nor a response"),
        (b"BYE sip:x SIP/2.0\r\nCSeq: 1 BYE\r\n\r\n", "Call-ID of 0 characters"),
        (b"BYE sip:x SIP/2.0\r\nCall-ID: %b\r\nCSeq: 1 BYE\r\n\r\n" % (b"c" * (MAX_CALL_ID + 1)), "Call-ID of 256"),
        (b"BYE sip:x SIP/2.0\r\nCall-ID: c\r\n\r\n", "CSeq ''"),
        (b"BYE sip:x SIP/2.0\r\nCall-ID: c\r\nCSeq: one BYE\r\n\r\n", "CSeq 'one BYE'"),
        (b"BYE sip:x SIP/2.0\r\n" + b"X: y\r\n" * MAX_LINES + b"\r\n", "more than 1024 lines"),
    ],
)
def test_what_belongs_to_no_dialog_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=f"^sip: .*{said}"):
        parse(text)


@pytest.mark.parametrize("quiet", [b"", b"\r\n\r\n", b"\0\0\0\0", b"\r\n", b" "])
def test_keepalives_are_no_messages(quiet: bytes) -> None:
    assert is_keepalive(quiet)
    assert not is_keepalive(quiet + b"BYE")


@pytest.mark.parametrize(
    ("value", "uri", "who"),
    [
        ('"Alice <admin>" <sip:1000@pbx>;tag=1', "sip:1000@pbx", "1000"),
        ("<sips:1000:secret@pbx:5061;transport=tls>", "sips:1000:secret@pbx:5061;transport=tls", "1000"),
        ("sip:1000@pbx;tag=1", "sip:1000@pbx", "1000"),
        ("<tel:+4930123;phone-context=x>", "tel:+4930123;phone-context=x", "+4930123"),
        ("<sip:+4930;phone-context=x@pbx>", "sip:+4930;phone-context=x@pbx", "+4930"),
        ("<sip:%2B49%2030@pbx>", "sip:%2B49%2030@pbx", "+49 30"),
        ("<sip:pbx.example:5060>", "sip:pbx.example:5060", "pbx.example:5060"),
        ("<urn:service:sos>", "urn:service:sos", "urn:service:sos"),
        ('"unfinished', '"unfinished', '"unfinished'),
        ("", "", ""),
        ("<>", "", ""),
    ],
)
def test_who_is_meant(value: str, uri: str, who: str) -> None:
    assert (uri_of(value), user(value)) == (uri, who)


def test_a_tag_is_the_header_s_own_and_not_its_uri_s() -> None:
    assert tag("<sip:a;tag=uri@b>;tag=header") == "header"
    assert tag("<sip:a;tag=uri@b>") == ""


def test_what_a_dialog_keeps_of_a_message_has_a_bound() -> None:
    """Who sends SIP, or HEP, says how long each of them is, and 10 000 dialogs are kept."""
    long = "x" * 60_000
    sip = parse(answer(486, long, branch=long, to_tag=long).replace(b"sip:1000@", b"sip:" + long.encode() + b"@"))
    kept = (sip.reason, sip.branch, tag(sip.to), uri_of(sip.from_), user(sip.from_))
    assert max(map(len, kept)) <= MAX_WORD


def test_what_one_segment_of_a_stream_holds() -> None:
    one, two = request("INFO", content="a\r\n\r\nb"), answer(200, "OK", to="INFO")
    assert pieces(one + b"\r\n\r\n" + two) == [one, two]
    assert pieces(one) == [one]
    assert pieces(one + two[:50]) == [one, two[:50]]
    assert pieces(b"\r\n\r\n") == []
    assert pieces(b"no length\r\n\r\nand more") == [b"no length\r\n\r\nand more"]
    assert len(pieces(two * (MAX_PIECES + 5))) == MAX_PIECES + 1


@given(
    st.one_of(
        st.binary(max_size=300),
        st.sampled_from(CAPTURED).flatmap(
            lambda whole: st.integers(0, len(whole)).map(lambda n: whole[:n] + whole[n + 1 :])
        ),
    )
)
def test_noise_and_damage_raise_nothing_but_a_value_error(noise: bytes) -> None:
    with contextlib.suppress(ValueError):
        sip = parse(noise)
        assert sip.call_id
        assert user(sip.from_) is not None
    assert all(pieces(noise)) or not noise


@pytest.mark.parametrize(
    "header",
    [b"From: " + b" " * 60_000, b"From: " + b'"' * 60_000, b"From: " + b"<" * 60_000, b"To: a" + b"; tag" * 12_000,
     b"Via: a" + b";branch " * 8_000, b"Contact: " + b'"\\' * 30_000, b"X\r\n " * 300, b"From: sip:" + b":" * 60_000],
)  # fmt: skip
def test_no_header_takes_longer_than_its_length(header: bytes) -> None:
    """CPU time, so that a busy machine is no failure; a quadratic expression would take minutes."""
    began = time.process_time()
    sip = parse(b"BYE sip:x SIP/2.0\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n" + header + b"\r\n\r\n")
    user(sip.from_), tag(sip.to), uri_of(sip.headers.get("contact", ""))
    assert time.process_time() - began < 0.5
